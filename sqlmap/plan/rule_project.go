package plan

import "github.com/worktable-go/worktable/sqlmap/expr"

// mergeDerived moves computed columns of derived tables, views and common table expressions above the joins that
// these stand in, so that their tables take part in the join as if they had been written there. Columns that are only
// passed on need no such move: they keep their numbers.
func (o *optimizer) mergeDerived(n Node) (Node, error) {
	return each(n, func(n Node) Node {
		j, ok := n.(*Join)
		if !ok {
			return n
		}
		var items []Item
		for {
			p, ok := j.Left.(*Project)
			if !ok || !liftable(p, j) {
				break
			}
			j.Left, items = p.Input, append(p.Items[:len(p.Items):len(p.Items)], items...)
		}
		for j.Kind == InnerJoin && j.Method != ApplyJoin {
			p, ok := j.Right.(*Project)
			if !ok || !liftable(p, j) {
				break
			}
			j.Right, items = p.Input, append(p.Items[:len(p.Items):len(p.Items)], items...)
		}
		if len(items) == 0 {
			return n
		}
		return &Project{unary: unary{j}, Items: items}
	}), nil
}

// liftable moves the items of p out of the join's own expressions; it reports whether p may go above the join.
func liftable(p *Project, j *Join) bool {
	var used colSet
	ownExprs(j, &used)
	if j.Method == ApplyJoin {
		readAll(j.Args, &used)
	}
	for _, it := range p.Items {
		if !expr.Deterministic(it.Expr) {
			return false
		}
		if used.has(it.ID) && expr.HasSubquery(it.Expr) {
			return false
		}
	}
	by := itemsByID(p.Items)
	j.exprs(func(e *expr.Expr) { *e = substitute(*e, by) })
	return true
}

// itemsByID returns the items' expressions in terms of what is below all of them: an item may read an earlier one.
func itemsByID(items []Item) map[ColID]expr.Expr {
	by := make(map[ColID]expr.Expr, len(items))
	for _, it := range items {
		by[it.ID] = substitute(it.Expr, by)
	}
	return by
}

// substitute replaces columns of e by expressions.
func substitute(e expr.Expr, by map[ColID]expr.Expr) expr.Expr {
	if len(by) == 0 || e == nil {
		return e
	}
	return expr.Map(e, func(n expr.Expr) expr.Expr {
		if c, ok := n.(*expr.Column); ok && c.Depth == 0 {
			if r, ok := by[ColID(c.Slot)]; ok {
				return r
			}
		}
		return n
	})
}
