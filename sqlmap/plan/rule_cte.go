package plan

import "github.com/worktable-go/worktable/sqlmap/expr"

// inlined reports whether the only reference takes the plan over.
func (s *Shared) inlined() bool { return s.Step == nil && s.refs == 1 }

// inlineCTEs puts the plan of a common table expression that is referenced once in the place of the reference, so that
// it is planned together with what is around it.
func (o *optimizer) inlineCTEs(n Node) (Node, error) {
	return each(n, func(n Node) Node {
		c, ok := n.(*CTEScan)
		if !ok || c.Working || !c.Shared.inlined() {
			return n
		}
		items := make([]Item, len(c.Cols))
		for i, id := range c.Cols {
			items[i] = Item{ID: id, Expr: &expr.Column{
				Slot: int(c.Shared.From[i]), Table: c.Name, Name: o.nameOf(c.Shared, i), Typ: c.Shared.Typ[i],
			}}
		}
		// The body may itself read common table expressions.
		body, _ := o.inlineCTEs(c.Shared.Plan)
		return &Project{unary: unary{body}, Items: items}
	}), nil
}

func (o *optimizer) nameOf(s *Shared, i int) string {
	if i < len(s.Names) {
		return s.Names[i]
	}
	return ""
}
