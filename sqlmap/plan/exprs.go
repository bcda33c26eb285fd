package plan

import "github.com/worktable-go/worktable/sqlmap/expr"

func visitList(list []expr.Expr, visit func(*expr.Expr)) {
	for i := range list {
		visit(&list[i])
	}
}

func visitOne(e *expr.Expr, visit func(*expr.Expr)) {
	if *e != nil {
		visit(e)
	}
}

func visitKeys(keys []SortKey, visit func(*expr.Expr)) {
	for i := range keys {
		visit(&keys[i].Expr)
	}
}

func visitItems(items []Item, visit func(*expr.Expr)) {
	for i := range items {
		visit(&items[i].Expr)
	}
}

func (s *Scan) exprs(visit func(*expr.Expr)) {
	visitList(s.Filter, visit)
	s.Access.exprs(visit)
}

func (v *Values) exprs(visit func(*expr.Expr)) {
	for _, row := range v.Rows {
		visitList(row, visit)
	}
}

func (f *Filter) exprs(visit func(*expr.Expr))  { visitList(f.Conds, visit) }
func (p *Project) exprs(visit func(*expr.Expr)) { visitItems(p.Items, visit) }

func (j *Join) exprs(visit func(*expr.Expr)) {
	visitList(j.On, visit)
	for i := range j.Keys {
		visit(&j.Keys[i].Left)
		visit(&j.Keys[i].Right)
	}
	visitList(j.Args, visit)
}

func (a *Aggregate) exprs(visit func(*expr.Expr)) {
	visitItems(a.Groups, visit)
	for i := range a.Aggs {
		it := &a.Aggs[i]
		if it.Call == nil {
			visit(&it.Any)
			continue
		}
		e := expr.Expr(it.Call)
		visit(&e)
		it.Call = e.(*expr.Aggregate)
	}
}

func (w *Window) exprs(visit func(*expr.Expr)) {
	for i := range w.Items {
		e := expr.Expr(w.Items[i].Call)
		visit(&e)
		w.Items[i].Call = e.(*expr.Window)
	}
}

func (d *Distinct) exprs(visit func(*expr.Expr)) { visitList(d.Keys, visit) }

func (s *Sort) exprs(visit func(*expr.Expr)) { visitKeys(s.Keys, visit) }

func (l *Limit) exprs(visit func(*expr.Expr)) {
	visitOne(&l.Count, visit)
	visitOne(&l.Offset, visit)
}

func (s *SetOp) exprs(func(*expr.Expr))   {}
func (c *CTEScan) exprs(func(*expr.Expr)) {}

func (l *Lock) exprs(visit func(*expr.Expr)) {
	visitList(l.Conds, visit)
	visitKeys(l.Keys, visit)
	visitItems(l.Compute, visit)
}

// WalkExprs calls visit for every expression of a tree of nodes, shared common table expressions and subqueries included.
func WalkExprs(n Node, visit func(expr.Expr)) {
	if n == nil {
		return
	}
	n.exprs(func(e *expr.Expr) {
		if *e == nil {
			return
		}
		visit(*e)
		expr.Walk(*e, func(k expr.Expr) bool {
			if s := asSubquery(k); s != nil {
				WalkExprs(s.Query.Root, visit)
			}
			return true
		})
	})
	for _, in := range n.Inputs() {
		WalkExprs(in, visit)
	}
}

// Volatile reports whether a plan calls what gives another value each time.
func Volatile(n Node) bool {
	found := false
	WalkExprs(n, func(e expr.Expr) {
		if !expr.Deterministic(e) {
			found = true
		}
	})
	return found
}
