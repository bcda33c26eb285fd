package plan

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// foldConditions drops conditions that are always true and replaces what can have no rows by nothing. What binding
// could not fold yet, because a derived column stood there, is folded now; NOW(), variables and parameters never are.
func (o *optimizer) foldConditions(n Node) (Node, error) {
	return each(n, func(n Node) Node {
		switch n := n.(type) {
		case *Filter:
			var never bool
			n.Conds, never = o.fold(n.Conds)
			if never {
				return empty(n, "impossible condition")
			}
			if len(n.Conds) == 0 {
				return n.Input
			}
			if isEmpty(n.Input) {
				return empty(n, n.Input.(*Values).Why)
			}
		case *Scan:
			var never bool
			n.Filter, never = o.fold(n.Filter)
			if never {
				return empty(n, "impossible condition")
			}
		case *Join:
			return o.foldJoin(n)
		case *Limit:
			if l, ok := n.Count.(*expr.Literal); ok && l.Val.Kind() == value.KindInt && l.Val.Int64() == 0 && !n.CountAll {
				return empty(n, "limit 0")
			}
		case *Sort, *Distinct, *Project:
			if isEmpty(n.Inputs()[0]) {
				return empty(n, n.Inputs()[0].(*Values).Why)
			}
		}
		return n
	}), nil
}

func (o *optimizer) foldJoin(j *Join) Node {
	var never bool
	j.On, never = o.fold(j.On)
	switch j.Kind {
	case InnerJoin, SemiJoin:
		if never {
			return empty(j, "impossible condition")
		}
		for _, in := range j.Inputs() {
			if isEmpty(in) {
				return empty(j, in.(*Values).Why)
			}
		}
	case LeftJoin, AntiJoin:
		if isEmpty(j.Left) {
			return empty(j, j.Left.(*Values).Why)
		}
		if j.Kind == AntiJoin && (never || isEmpty(j.Right)) {
			return j.Left
		}
		if never {
			j.On = []expr.Expr{&expr.Literal{Val: value.Int(0), Typ: boolType(true)}}
		}
	}
	return j
}

// fold removes conditions that are true; never reports one that is not.
func (o *optimizer) fold(conds []expr.Expr) (out []expr.Expr, never bool) {
	for _, e := range conds {
		if expr.IsFoldable(e) {
			if v, ok := o.onNulls(e, colSet{}); ok {
				if expr.Truth(v) != expr.True {
					return nil, true
				}
				continue
			}
		}
		out = append(out, e)
	}
	return out, false
}

func isEmpty(n Node) bool {
	v, ok := n.(*Values)
	return ok && len(v.Rows) == 0
}

// empty returns a node without rows that produces what n could.
func empty(n Node, why string) Node {
	p := produced(n)
	return &Values{Cols: p.list(), Why: why}
}
