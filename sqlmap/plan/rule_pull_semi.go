package plan

import "github.com/worktable-go/worktable/sqlmap/expr"

// pullSemiJoins turns a semi join into an inner join with the different keys of its right side, where the right side has
// few and the left side has an index for them: then the join order can start with the keys and look the left rows up,
// instead of testing every left row. The keys must be all that the join compares, and of the left columns' types, so
// that each left row finds at most one of them.
func (o *optimizer) pullSemiJoins(n Node) (Node, error) {
	if o.b.c.Options.DisableIndexes {
		return n, nil
	}
	return each(n, func(n Node) Node {
		j, ok := n.(*Join)
		if !ok || j.Kind != SemiJoin || j.Fixed || len(j.On) == 0 {
			return n
		}
		right := produced(j.Right)
		keys := make([]expr.Expr, len(j.On))
		var scan *Scan
		for i, e := range j.On {
			l, r, _, ok := columnEquality(e)
			if !ok {
				return n
			}
			if right.has(ColID(l.Slot)) {
				l, r = r, l
			}
			if !right.has(ColID(r.Slot)) || right.has(ColID(l.Slot)) {
				return n
			}
			keys[i] = r
			if s := scanOf(j.Left, ColID(l.Slot)); s != nil {
				scan = s
			}
		}
		if scan == nil || estimate(j.Right)*rowsPerKey > tableRows(scan.Table) {
			return n
		}
		if a, _, ok := bestAccess(scan, j.On, right); !ok || !a.reads(right) {
			return n
		}
		return &Join{Kind: InnerJoin, Left: j.Left, Right: &Distinct{unary: unary{j.Right}, Keys: keys}, On: j.On}
	}), nil
}

// scanOf returns the scan among the inner joins under n that has the column.
func scanOf(n Node, id ColID) *Scan {
	switch n := n.(type) {
	case *Scan:
		if n.Ord(id) >= 0 {
			return n
		}
	case *Filter:
		return scanOf(n.Input, id)
	case *Join:
		if n.Kind == InnerJoin {
			if s := scanOf(n.Left, id); s != nil {
				return s
			}
			return scanOf(n.Right, id)
		}
	}
	return nil
}
