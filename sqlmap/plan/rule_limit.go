package plan

import (
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// topN lets a sort below a LIMIT keep only the rows that can be asked for. Rows that a Lock in between may drop have to be
// replaced, so there it sorts everything.
func (o *optimizer) topN(n Node) (Node, error) {
	return each(n, func(n Node) Node {
		l, ok := n.(*Limit)
		if !ok || l.Count == nil || l.CountAll {
			return n
		}
		in := l.Input
		for {
			if p, ok := in.(*Project); ok {
				in = p.Input
				continue
			}
			break
		}
		if s, ok := in.(*Sort); ok {
			s.Top = l
		}
		return n
	}), nil
}

// minMax answers MIN or MAX of an indexed column by reading the first entry of the index in that direction that is
// not NULL.
func (o *optimizer) minMax(n Node) (Node, error) {
	if o.b.c.Options.DisableIndexes {
		return n, nil
	}
	return each(n, func(n Node) Node {
		a, ok := n.(*Aggregate)
		if !ok || a.Method != ScalarAggregate || len(a.Aggs) != 1 || a.Aggs[0].Call == nil {
			return n
		}
		call := a.Aggs[0].Call
		s, ok := a.Input.(*Scan)
		if !ok || call.Name != "min" && call.Name != "max" || !lockable(s.Table) {
			return n
		}
		id, ok := localColumn(call.Args[0])
		if !ok || s.Ord(id) < 0 {
			return n
		}
		if switchToEnd(s, s.Ord(id), call.Name == "max") {
			cond := &expr.IsNull{Arg: call.Args[0], Not: true}
			s.Filter = append(s.Filter[:len(s.Filter):len(s.Filter)], cond)
			a.Input = &Limit{unary: unary{s}, Count: &expr.Literal{Val: value.Int(1), Typ: intType(true)}}
		}
		return n
	}), nil
}

// switchToEnd makes the scan read an index whose first part that is not fixed is the column, from one of its ends.
func switchToEnd(s *Scan, ord int, last bool) bool {
	def := s.Table.Def()
	typ := def.Columns[ord].Type.ID
	if typ == value.TypeJSON || typ == value.TypeEnum || typ == value.TypeSet {
		return false // MIN and MAX go by label, the index by number
	}
	for i := range def.Indexes {
		if def.Indexes[i].Kind == schema.Hash {
			continue
		}
		if allowed, _ := s.mayUse(i, "order by"); !allowed {
			continue
		}
		p := &path{scan: s, keys: []orderKey{{ord: ord, desc: last}}}
		a, ok := p.provide(i)
		if !ok || s.Access.Kind == IndexScan && len(s.Access.Parts) > 0 && s.Access.Index != i {
			continue
		}
		parts := def.Indexes[i].Parts
		if at := fixedParts(&a); at < len(parts) && at == len(a.Parts) && def.ColumnByID(parts[at].Column) == ord {
			a.Parts = append(a.Parts, Domain{Op: DomainNotNull})
		}
		s.Access, s.Ordered = a, true
		return true
	}
	return false
}

func fixedParts(a *Access) int {
	for i := range a.Parts {
		if !a.Parts[i].single() {
			return i
		}
	}
	return len(a.Parts)
}

// tableCount answers COUNT(*) of a whole table from the engine's count.
func (o *optimizer) tableCount(n Node) (Node, error) {
	return each(n, func(n Node) Node {
		a, ok := n.(*Aggregate)
		if !ok || a.Method != ScalarAggregate || len(a.Aggs) == 0 {
			return n
		}
		s, ok := a.Input.(*Scan)
		if !ok || len(s.Filter) > 0 || s.Access.Kind != FullScan || !lockable(s.Table) {
			return n
		}
		for _, it := range a.Aggs {
			if it.Call == nil || it.Call.Name != "count" || it.Call.Distinct {
				return n
			}
			if it.Call.Star {
				continue
			}
			for _, e := range it.Call.Args {
				if !e.Type().NotNull || !isPlain(e) {
					return n
				}
			}
		}
		a.CountOnly = true
		return n
	}), nil
}

// isPlain reports whether evaluating e cannot fail: a column or a constant.
func isPlain(e expr.Expr) bool {
	switch e.(type) {
	case *expr.Column, *expr.Literal:
		return true
	}
	return false
}
