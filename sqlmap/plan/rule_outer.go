package plan

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// simplifyOuterJoins turns LEFT JOIN into an inner join where a condition above it cannot be true for the rows that
// found no match.
func (o *optimizer) simplifyOuterJoins(n Node) (Node, error) {
	o.innerize(n, nil)
	return n, nil
}

func (o *optimizer) innerize(n Node, conds []expr.Expr) {
	switch n := n.(type) {
	case *Filter:
		o.innerize(n.Input, append(conds[:len(conds):len(conds)], n.Conds...))
	case *Project:
		by := itemsByID(n.Items)
		below := make([]expr.Expr, len(conds))
		for i, c := range conds {
			below[i] = substitute(c, by)
		}
		o.innerize(n.Input, below)
	case *Sort:
		o.innerize(n.Input, conds)
	case *Lock:
		o.innerize(n.Input, nil)
	case *Join:
		o.innerizeJoin(n, conds)
	default:
		for _, in := range n.Inputs() {
			o.innerize(in, nil)
		}
	}
}

func (o *optimizer) innerizeJoin(j *Join, conds []expr.Expr) {
	if j.Kind == LeftJoin {
		right := produced(j.Right)
		for _, c := range conds {
			if o.rejectsNulls(c, right) {
				j.Kind = InnerJoin
				break
			}
		}
	}
	all := append(conds[:len(conds):len(conds)], j.On...)
	switch j.Kind {
	case InnerJoin:
		o.innerize(j.Left, all)
		o.innerize(j.Right, all)
	case LeftJoin, AntiJoin:
		o.innerize(j.Left, conds)
		o.innerize(j.Right, j.On)
	default:
		o.innerize(j.Left, all)
		o.innerize(j.Right, j.On)
	}
}

// rejectsNulls reports whether e cannot be true when all columns of cols are NULL.
func (o *optimizer) rejectsNulls(e expr.Expr, cols colSet) bool {
	if r := reads(e); !r.intersects(cols) {
		return false
	}
	if v, ok := o.onNulls(e, cols); ok {
		return expr.Truth(v) != expr.True
	}
	switch n := e.(type) {
	case *expr.Compare:
		return n.Op != expr.CompareNullSafe && (o.nullOnNulls(n.Left, cols) || o.nullOnNulls(n.Right, cols))
	case *expr.Between:
		return o.nullOnNulls(n.Arg, cols)
	case *expr.InList:
		return o.nullOnNulls(n.Arg, cols)
	case *expr.Like:
		return o.nullOnNulls(n.Arg, cols)
	case *expr.IsNull:
		return n.Not && o.nullOnNulls(n.Arg, cols)
	case *expr.Logic:
		return o.logicRejects(n, cols)
	}
	return false
}

func (o *optimizer) logicRejects(n *expr.Logic, cols colSet) bool {
	switch n.Op {
	case expr.OpAnd:
		for _, a := range n.Args {
			if o.rejectsNulls(a, cols) {
				return true
			}
		}
	case expr.OpOr:
		for _, a := range n.Args {
			if !o.rejectsNulls(a, cols) {
				return false
			}
		}
		return true
	}
	return false
}

// nullOnNulls reports whether e is NULL when all columns of cols are.
func (o *optimizer) nullOnNulls(e expr.Expr, cols colSet) bool {
	v, ok := o.onNulls(e, cols)
	return ok && v.IsNull()
}

// onNulls evaluates e with the columns of cols NULL; ok is false when e depends on more than these columns.
func (o *optimizer) onNulls(e expr.Expr, cols colSet) (v value.Value, ok bool) {
	flags := expr.AllFlags(e)
	const unknown = expr.NonDeterministic | expr.PerStatement | expr.SideEffect | expr.IsParam | expr.IsAggregate |
		expr.IsWindow | expr.IsSubquery
	if flags&unknown != 0 {
		return value.Null, false
	}
	ok = true
	expr.Columns(e, func(depth, slot int) {
		if depth != 0 || !cols.has(ColID(slot)) {
			ok = false
		}
	})
	if !ok {
		return value.Null, false
	}
	sess := *o.b.session()
	sess.Warn = nil
	env := expr.NewEnv(&expr.Run{Session: &sess})
	env.Row = make([]value.Value, o.b.lastCol+1)
	v, err := e.Eval(env)
	return v, err == nil
}
