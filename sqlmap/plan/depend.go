package plan

import (
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// determined returns the columns of n's tuples that have one value for each combination of values of given: the
// functional dependencies by keys, equalities and computation.
func determined(n Node, given colSet) colSet {
	set := given.clone()
	for {
		before := set.len()
		spread(n, &set)
		if set.len() == before {
			return set
		}
	}
}

// spread adds to set what follows from it in one pass over the tree.
func spread(n Node, set *colSet) {
	for _, in := range n.Inputs() {
		spread(in, set)
	}
	switch n := n.(type) {
	case *Scan:
		spreadKeys(n, set)
		spreadEqualities(n.Filter, set)
	case *Filter:
		spreadEqualities(n.Conds, set)
	case *Join:
		// A LEFT JOIN's equality determines the right column too: where it holds they are equal, elsewhere the right
		// one is NULL, and which is the case is decided by the row.
		spreadEqualities(n.On, set)
	case *Project:
		for i := range n.Items {
			if follows(n.Items[i].Expr, set) {
				set.add(n.Items[i].ID)
			}
		}
	case *Aggregate:
		all := true
		for i := range n.Groups {
			if follows(n.Groups[i].Expr, set) {
				set.add(n.Groups[i].ID)
			}
			all = all && set.has(n.Groups[i].ID)
		}
		if all {
			set.addAll(n.Produces())
		}
	}
}

// spreadKeys adds all columns of a table when a key without NULLs is in the set.
func spreadKeys(s *Scan, set *colSet) {
	def := s.Table.Def()
	for i := range def.Indexes {
		if ix := &def.Indexes[i]; ix.Unique && keyWithin(s, def, ix, set) {
			for o := range def.Columns {
				set.add(s.Col(o))
			}
			return
		}
	}
}

func keyWithin(s *Scan, def *schema.Table, ix *schema.Index, set *colSet) bool {
	for _, p := range ix.Parts {
		o := def.ColumnByID(p.Column)
		if o < 0 || p.Prefix != 0 || !def.Columns[o].NotNull || !set.has(s.Col(o)) {
			return false
		}
	}
	return true
}

// spreadEqualities adds columns that are equal to something in the set or to a constant.
func spreadEqualities(conds []expr.Expr, set *colSet) {
	for _, e := range conds {
		c, ok := e.(*expr.Compare)
		if !ok || c.Op != expr.CompareEqual {
			continue
		}
		l, lok := localColumn(c.Left)
		r, rok := localColumn(c.Right)
		if lok && follows(c.Right, set) && followsOrder(c.Cmp, &c.Left.Type().Type) {
			set.add(l)
		}
		if rok && follows(c.Left, set) && followsOrder(c.Cmp, &c.Right.Type().Type) {
			set.add(r)
		}
	}
}

// follows reports whether e's value is fixed by the columns in the set.
func follows(e expr.Expr, set *colSet) bool {
	if !expr.Deterministic(e) {
		return false
	}
	ok := true
	expr.Columns(e, func(depth, slot int) {
		if depth == 0 && !set.has(ColID(slot)) {
			ok = false
		}
	})
	return ok
}

// localColumn returns the column of the block's tuples that e is.
func localColumn(e expr.Expr) (ColID, bool) {
	c, ok := e.(*expr.Column)
	if !ok || c.Depth != 0 {
		return 0, false
	}
	return ColID(c.Slot), true
}
