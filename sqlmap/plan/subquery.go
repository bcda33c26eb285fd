package plan

import (
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Subquery is a subquery in an expression. Package exec replaces it by a node that can be evaluated.
type Subquery struct {
	Kind expr.SubqueryKind
	// Query yields the rows. Its depth-1 columns are Args, by index.
	Query *Query
	Args  []expr.Expr
	// Left is compared with the rows by Op, column by column in Cmp (IN and quantified ones).
	Left expr.Expr
	Op   expr.CompareOp
	All  bool
	Not  bool
	Cmp  []expr.Comparison
	Typ  *expr.Type
	ID   int // within the statement
	// prepared evaluates it, once package exec has prepared the plan.
	prepared expr.Expr
}

// Prepare gives the subquery what evaluates it. It is for expressions over the tuples of Targets, which leave the plan.
func (s *Subquery) Prepare(e expr.Expr) { s.prepared = e }

// RowSubquery is a Subquery with several columns, as an operand of a comparison of rows.
type RowSubquery struct{ Subquery }

// Type implements expr.Expr.
func (s *Subquery) Type() *expr.Type { return s.Typ }

// Eval implements expr.Expr.
func (s *Subquery) Eval(env *expr.Env) (value.Value, error) {
	if s.prepared != nil {
		return s.prepared.Eval(env)
	}
	return value.Null, sqlerr.New(sqlerr.Internal, "a subquery was not prepared")
}

// Children implements expr.Expr.
func (s *Subquery) Children() []expr.Expr {
	if s.Left == nil {
		return s.Args
	}
	return append([]expr.Expr{s.Left}, s.Args...)
}

func (s *Subquery) with(kids []expr.Expr) Subquery {
	c := *s
	if s.Left != nil {
		c.Left, kids = kids[0], kids[1:]
	}
	c.Args = kids
	return c
}

// WithChildren implements expr.Expr.
func (s *Subquery) WithChildren(kids []expr.Expr) expr.Expr {
	c := s.with(kids)
	return &c
}

// WithChildren implements expr.Expr.
func (s *RowSubquery) WithChildren(kids []expr.Expr) expr.Expr {
	return &RowSubquery{s.with(kids)}
}

// Flags implements expr.Expr.
func (s *Subquery) Flags() expr.Flags { return expr.IsSubquery }

// Append implements expr.Expr.
func (s *Subquery) Append(dst []byte, f expr.Format) []byte {
	switch s.Kind {
	case expr.ExistsSubquery:
		dst = append(dst, "exists "...)
	case expr.InSubquery:
		if s.Left == nil {
			break
		}
		dst = s.Left.Append(dst, f)
		if s.Not {
			dst = append(dst, " not"...)
		}
		dst = append(dst, " in "...)
	case expr.QuantifiedSubquery:
		dst = s.Left.Append(dst, f)
		dst = append(dst, ' ')
		dst = append(dst, s.Op.String()...)
		if s.All {
			dst = append(dst, " all "...)
		} else {
			dst = append(dst, " any "...)
		}
	}
	dst = append(dst, "(subquery #"...)
	dst = append(dst, itoa(s.ID)...)
	if f == expr.KeyText {
		for _, a := range s.Args {
			dst = append(dst, ' ')
			dst = a.Append(dst, f)
		}
	}
	return append(dst, ')')
}

// Width implements expr.RowExpr.
func (s *RowSubquery) Width() int { return len(s.Query.Output) }

// ColumnTypes implements expr.RowExpr.
func (s *RowSubquery) ColumnTypes() []*expr.Type {
	out := make([]*expr.Type, len(s.Query.Columns))
	for i := range out {
		t := *s.Query.Columns[i].Type
		t.NotNull = false
		out[i] = &t
	}
	return out
}

// EvalRow implements expr.RowExpr.
func (s *RowSubquery) EvalRow(env *expr.Env, dst []value.Value) ([]value.Value, bool, error) {
	if r, ok := s.prepared.(expr.RowExpr); ok {
		return r.EvalRow(env, dst)
	}
	return nil, false, sqlerr.New(sqlerr.Internal, "a subquery was not prepared")
}

// bindSubquery plans a subquery of an expression in the scope.
func (s *scope) bindSubquery(q expr.Subquery) (expr.Expr, error) {
	b := s.blk.b
	if err := b.enter(); err != nil {
		return nil, err
	}
	defer b.leave()
	in := &block{b: b, outer: s, ctes: s.blk.ctes}
	res, err := b.queryIn(q.Select, in)
	if err != nil {
		return nil, err
	}
	b.subs++
	dropUnused(in.args, res.node)
	sub := Subquery{Kind: q.Kind, Args: in.args, Left: q.Left, Op: q.Op, All: q.All, Not: q.Not, ID: b.subs}
	sub.Query = b.newQuery(res)
	sub.Query.ArgCount, sub.Query.sub = len(in.args), true
	b.plans = append(b.plans, sub.Query)
	n := len(res.cols)
	switch q.Kind {
	case expr.ScalarSubquery:
		if n != 1 {
			return nil, sqlerr.New(sqlerr.OperandColumns, 1)
		}
		typ := *res.cols[0].col.Typ
		typ.NotNull = false
		sub.Typ = &typ
	case expr.RowSubquery:
		if n != q.Columns {
			return nil, sqlerr.New(sqlerr.OperandColumns, q.Columns)
		}
		typ := *res.cols[0].col.Typ
		typ.NotNull = false
		sub.Typ = &typ
		return &RowSubquery{sub}, nil
	case expr.ExistsSubquery:
		sub.Typ = boolType(true)
	default:
		if err := s.bindLeft(&sub, res); err != nil {
			return nil, err
		}
	}
	return &sub, nil
}

// dropUnused replaces arguments that the plan does not read after all: those of an aggregate that turned out to belong
// to the outer block.
func dropUnused(args []expr.Expr, n Node) {
	if len(args) == 0 {
		return
	}
	used := make([]bool, len(args))
	markArgs(n, used)
	for i := range args {
		if !used[i] {
			args[i] = &expr.Literal{Val: value.Null, Typ: &expr.Type{Coercibility: expr.CoerceIgnorable}}
		}
	}
}

func markArgs(n Node, used []bool) {
	n.exprs(func(e *expr.Expr) {
		if *e == nil {
			return
		}
		expr.Columns(*e, func(depth, slot int) {
			if depth == 1 {
				used[slot] = true
			}
		})
	})
	if c, ok := n.(*CTEScan); ok && !c.Working && c.Shared != nil {
		markArgs(c.Shared.Plan, used)
	}
	for _, in := range n.Inputs() {
		markArgs(in, used)
	}
}

// bindLeft decides how the left side of IN and of a quantified comparison compares with the rows.
func (s *scope) bindLeft(sub *Subquery, res *result) error {
	types := []*expr.Type{sub.Left.Type()}
	if r, ok := sub.Left.(expr.RowExpr); ok {
		types = r.ColumnTypes()
	}
	if len(types) != len(res.cols) {
		return sqlerr.New(sqlerr.OperandColumns, len(types))
	}
	if len(types) > 1 && sub.Kind == expr.QuantifiedSubquery && sub.Op != expr.CompareEqual && sub.Op != expr.CompareNotEqual {
		return sqlerr.New(sqlerr.OperandColumns, 1)
	}
	notNull := true
	for i, t := range types {
		c, err := expr.TypeComparison(sub.Op.String(), s.Session().ConnectionCollation(), t, res.cols[i].col.Typ)
		if err != nil {
			return err
		}
		sub.Cmp = append(sub.Cmp, c)
		notNull = notNull && t.NotNull && res.cols[i].col.Typ.NotNull
	}
	sub.Typ = boolType(notNull)
	return nil
}
