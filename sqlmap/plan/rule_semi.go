package plan

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// joinSubqueries turns EXISTS and IN conditions into semi joins, NOT EXISTS into anti joins, and NOT IN where no NULL
// can take part. The conditions inside a correlated subquery that read the outer row become conditions of the join. A
// subquery whose outer references lie deeper, or that groups or limits, stays an expression. So do all subqueries of a
// statement that locks rows: it evaluates its conditions again on the newest row.
func (o *optimizer) joinSubqueries(n Node) (Node, error) {
	if o.b.locking {
		return n, nil
	}
	return each(n, func(n Node) Node {
		f, ok := n.(*Filter)
		if !ok {
			return n
		}
		in := f.Input
		var rest []expr.Expr
		for _, c := range f.Conds {
			if j := o.asJoin(in, c); j != nil {
				in = j
				continue
			}
			rest = append(rest, c)
		}
		if in == f.Input {
			return n
		}
		return filter(in, rest)
	}), nil
}

// asJoin returns the join of in with the subquery that the condition c tests, or nil.
func (o *optimizer) asJoin(in Node, c expr.Expr) Node {
	anti := false
	if not, ok := c.(*expr.Not); ok {
		c, anti = not.Arg, true
	}
	s, ok := c.(*Subquery)
	if !ok {
		return nil
	}
	kind := SemiJoin
	var on []expr.Expr
	switch s.Kind {
	case expr.ExistsSubquery:
		if anti {
			kind = AntiJoin
		}
	case expr.InSubquery:
		if s.Not != anti { // exactly one negation
			if !s.Typ.NotNull {
				return nil
			}
			kind = AntiJoin
		}
		if on = o.inConditions(s); on == nil {
			return nil
		}
	default:
		return nil
	}
	if s.Query.absorbed {
		return nil
	}
	body, lifted := o.detach(s)
	if body == nil {
		return nil
	}
	s.Query.absorbed = true
	on = append(on, lifted...)
	if len(on) == 0 {
		one := &expr.Literal{Val: value.Int(1), Typ: intType(true)}
		body = &Limit{unary: unary{body}, Count: one}
	}
	return &Join{Kind: kind, Left: in, Right: body, On: on}
}

// inConditions returns the equalities that IN stands for; nil when its left side is a row subquery or not certain to be the same
// each time.
func (o *optimizer) inConditions(s *Subquery) []expr.Expr {
	left := []expr.Expr{s.Left}
	if r, ok := s.Left.(*expr.Row); ok {
		left = r.Items
	} else if _, ok := s.Left.(expr.RowExpr); ok {
		return nil
	}
	on := make([]expr.Expr, len(left))
	for i, l := range left {
		if !movable(l) {
			return nil
		}
		r := &expr.Column{Slot: int(s.Query.Output[i]), Name: s.Query.Columns[i].Label, Typ: s.Query.Columns[i].Type}
		if org := s.Query.Columns[i].OrgName; org != "" {
			r.Table, r.Name = s.Query.Columns[i].Table, org
		}
		on[i] = &expr.Compare{Op: expr.CompareEqual, Left: l, Right: r, Cmp: s.Cmp[i]}
	}
	return on
}

// detach takes the subquery's plan apart: its body without the conditions that read the outer row, and those conditions in
// terms of the outer row. body is nil when that is not possible.
func (o *optimizer) detach(s *Subquery) (body Node, lifted []expr.Expr) {
	// The rule that inlines has not seen the subquery yet: outer trees come first.
	n, _ := o.inlineCTEs(s.Query.Root)
	s.Query.Root = n
	exists := s.Kind == expr.ExistsSubquery
	for {
		if p, ok := n.(*Project); ok && exists {
			n = p.Input // EXISTS does not look at the select list
			continue
		}
		if d, ok := n.(*Distinct); ok {
			n = d.Input
			continue
		}
		if srt, ok := n.(*Sort); ok {
			n = srt.Input
			continue
		}
		if l, ok := n.(*Limit); ok && exists && atLeastOne(l) {
			n = l.Input
			continue
		}
		break
	}
	if len(s.Args) == 0 {
		return n, nil
	}
	var items []Item
	if p, ok := n.(*Project); ok {
		items, n = p.Items, p.Input
	}
	// The conditions that read the outer row are lifted out of copies of the nodes: when lifting turns out to be
	// impossible the subquery stays as it is.
	n, conds := liftFilters(n)
	if readsOuter(n) || len(items) > 0 && readsOuter(&Project{unary: unary{&Values{}}, Items: items}) {
		return nil, nil
	}
	for _, c := range conds {
		if !movable(c) {
			return nil, nil
		}
		c = substitute(c, itemsByID(items))
		lifted = append(lifted, bringOut(c, s.Args))
	}
	if len(items) > 0 {
		n = &Project{unary: unary{n}, Items: items}
	}
	return n, lifted
}

// atLeastOne reports whether a LIMIT lets at least one row through and skips none.
func atLeastOne(l *Limit) bool {
	c, ok := l.Count.(*expr.Literal)
	return l.Offset == nil && ok && !l.CountAll && c.Val.Kind() == value.KindInt && c.Val.Int64() > 0
}

// liftFilters returns n without the conditions that read enclosing blocks, and these, from filters and inner joins
// at the top of the tree.
func liftFilters(n Node) (Node, []expr.Expr) {
	outer := func(e expr.Expr) bool { return expr.MaxColumnDepth(e) > 0 }
	switch n := n.(type) {
	case *Filter:
		in, lifted := liftFilters(n.Input)
		out, keep := split(n.Conds, outer)
		return filter(shallow(in), keep), append(lifted, out...)
	case *Scan:
		out, keep := split(n.Filter, outer)
		if len(out) == 0 {
			return n, nil
		}
		c := *n
		c.Filter = keep
		return &c, out
	case *Join:
		if n.Kind != InnerJoin || n.Method == ApplyJoin {
			return n, nil
		}
		l, ll := liftFilters(n.Left)
		r, rl := liftFilters(n.Right)
		out, keep := split(n.On, outer)
		c := *n
		c.Left, c.Right, c.On = l, r, keep
		return &c, append(append(ll, rl...), out...)
	}
	return n, nil
}

// shallow copies a Filter, so that adding to it leaves the original alone.
func shallow(n Node) Node {
	if f, ok := n.(*Filter); ok {
		c := *f
		return &c
	}
	return n
}

// bringOut replaces the subquery's references to outer columns by these columns.
func bringOut(e expr.Expr, args []expr.Expr) expr.Expr {
	return expr.Map(e, func(n expr.Expr) expr.Expr {
		if c, ok := n.(*expr.Column); ok && c.Depth == 1 {
			return args[c.Slot]
		}
		return n
	})
}
