package plan

import (
	"slices"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// checkSubqueries refuses a subquery that reads a table which the statement changes, as MySQL does; one inside a derived
// table is allowed. Errors 1093, and 1443 where a view stands between the two.
func (t *targetBuilder) checkSubqueries() error {
	for _, q := range t.b.plans {
		for _, tg := range t.tables {
			s := scanOfTable(q.Root, tg.scan.Table)
			switch {
			case s == nil:
			case s.through == tg.scan.through:
				return sqlerr.New(sqlerr.UpdateTableUsed, tg.st.name)
			case s.through != "":
				return sqlerr.New(sqlerr.ViewPreventsUpdate, s.through, t.verb(), tg.st.name)
			default:
				return sqlerr.New(sqlerr.ViewPreventsUpdate, tg.st.name, t.verb(), tg.st.name)
			}
		}
	}
	return nil
}

func scansTable(n Node, t Table) bool { return scanOfTable(n, t) != nil }

// scanOfTable returns a scan of t below n that is not inside a derived table.
func scanOfTable(n Node, t Table) *Scan {
	if s, ok := n.(*Scan); ok {
		if s.Table == t && !s.derived {
			return s
		}
		return nil
	}
	for _, in := range n.Inputs() {
		if s := scanOfTable(in, t); s != nil {
			return s
		}
	}
	return nil
}

// point recognises a statement that finds its row by a full unique key.
func (t *targetBuilder) point(q *Query) {
	n := q.Root
	if l, ok := n.(*Limit); ok {
		c, ok := l.Count.(*expr.Literal)
		if !ok || l.Offset != nil || c.Val.Kind() != value.KindInt || c.Val.Int64() < 1 {
			return
		}
		n = l.Input
	}
	lock, ok := n.(*Lock)
	if !ok || len(t.tables) != 1 || t.b.c.Options.DisableIndexes {
		return
	}
	in := lock.Input
	if s, ok := in.(*Sort); ok {
		in = s.Input
	}
	s, ok := in.(*Scan)
	if !ok || s != t.tables[0].scan {
		return
	}
	if slices.ContainsFunc(slices.Concat(t.values, t.out.Returning, t.checkExprs()), expr.HasSubquery) {
		return
	}
	p := newPoint(s, nil, nil)
	if p == nil {
		return
	}
	ords := make([]int, len(s.Table.Def().Columns))
	for i := range ords {
		ords[i] = i
	}
	p.Need = ords
	p.Filter = nil
	for _, e := range lock.Conds {
		if expr.HasSubquery(e) || expr.MaxColumnDepth(e) > 0 {
			return
		}
	}
	if len(lock.Conds) > 0 {
		p.Filter = expr.Shift(expr.JoinAnd(lock.Conds), func(id int) int { return s.Ord(ColID(id)) })
	}
	q.Point = p
}
