package plan

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// followsOrder reports whether a comparison can agree with the order of a column of type col, as far as types tell; the
// value decides at execution (expr.Comparison.IndexBound). A string column against a number never does.
func followsOrder(c expr.Comparison, col *value.Type) bool {
	switch c.Domain {
	case expr.DomainInt, expr.DomainDecimal, expr.DomainFloat:
		return col.IsNumeric() || col.ID == value.TypeYear || col.ID == value.TypeBit || col.ID == value.TypeEnum
	case expr.DomainString:
		return (col.IsCharacter() || col.ID == value.TypeEnum) && col.Collation == c.Collation
	case expr.DomainBytes:
		return col.IsBinary() || col.IsCharacter() && col.Collation == collate.Binary
	case expr.DomainDate, expr.DomainDateTime:
		return col.ID == value.TypeDate || col.ID == value.TypeDateTime || col.ID == value.TypeTimestamp
	case expr.DomainTime:
		return col.ID == value.TypeTime
	case expr.DomainDynamic:
		if col.IsCharacter() || col.ID == value.TypeEnum {
			return col.Collation == c.Collation
		}
		return col.ID != value.TypeJSON && col.ID != value.TypeSet
	}
	return false
}

// sarg derives from a condition what it demands of one column of a scan, as a Domain. Operands may read columns of
// given (the left side of a lookup join) but none of the scan.
type sarg struct {
	scan  *Scan
	ord   int
	given colSet
}

// column reports whether e is the column.
func (s *sarg) column(e expr.Expr) bool {
	c := expr.UnzonedColumn(e)
	return c != nil && c.Depth == 0 && ColID(c.Slot) == s.scan.Col(s.ord)
}

// operand reports whether e has one value while the scan is open.
func (s *sarg) operand(e expr.Expr) bool {
	return expr.Deterministic(e) && within(e, s.given) && !correlated(e) && expr.WidthOf(e) == 1
}

func (s *sarg) typ() *value.Type { return &s.scan.Table.Def().Columns[s.ord].Type }

// domain returns what e demands; ok is false when it demands nothing that an index could use.
func (s *sarg) domain(e expr.Expr) (d Domain, ok bool) {
	switch n := e.(type) {
	case *expr.Compare:
		return s.compare(n)
	case *expr.Between:
		if n.Not || !s.column(n.Arg) || !s.operand(n.Lo) || !s.operand(n.Hi) {
			return d, false
		}
		if !followsOrder(n.CmpLo, s.typ()) || !followsOrder(n.CmpHi, s.typ()) {
			return d, false
		}
		dynamic := n.CmpLo.Domain == expr.DomainDynamic || n.CmpHi.Domain == expr.DomainDynamic
		return Domain{Op: DomainAnd, Between: dynamic, Args: []Domain{
			{Op: DomainGreaterEqual, Cmp: n.CmpLo, Exprs: []expr.Expr{n.Lo}},
			{Op: DomainLessEqual, Cmp: n.CmpHi, Exprs: []expr.Expr{n.Hi}},
		}}, true
	case *expr.InList:
		return s.inList(n)
	case *expr.InRows:
		return s.inRows(n)
	case *Subquery:
		return s.inQuery(n)
	case *expr.RowCompare:
		return s.rowCompare(n)
	case *expr.IsNull:
		if !s.column(n.Arg) {
			return d, false
		}
		if n.Not {
			return Domain{Op: DomainNotNull}, true
		}
		return Domain{Op: DomainIsNull}, true
	case *expr.Like:
		if n.Not || !s.column(n.Arg) || !s.operand(n.Pattern) || n.Escape != nil && !s.operand(n.Escape) {
			return d, false
		}
		if !s.typ().IsCharacter() || s.typ().Collation != n.Cmp.Collation {
			return d, false
		}
		return Domain{Op: DomainLike, Cmp: n.Cmp, Exprs: []expr.Expr{n.Pattern}, Escape: n.Escape}, true
	case *expr.Logic:
		return s.logic(n)
	}
	return d, false
}

var domainOps = map[expr.CompareOp]DomainOp{
	expr.CompareEqual: DomainEqual, expr.CompareNullSafe: DomainNullSafe, expr.CompareLess: DomainLess,
	expr.CompareLessEqual: DomainLessEqual, expr.CompareGreater: DomainGreater,
	expr.CompareGreaterEqual: DomainGreaterEqual,
}

func (s *sarg) compare(n *expr.Compare) (d Domain, ok bool) {
	op, arg := n.Op, n.Right
	switch {
	case s.column(n.Left):
	case s.column(n.Right):
		op, arg = n.Op.Swap(), n.Left
	default:
		return d, false
	}
	dop, ok := domainOps[op]
	if !ok || !s.operand(arg) || !followsOrder(n.Cmp, s.typ()) {
		return d, false
	}
	return Domain{Op: dop, Cmp: n.Cmp, Exprs: []expr.Expr{arg}}, true
}

func (s *sarg) inList(n *expr.InList) (d Domain, ok bool) {
	if n.Not || !s.column(n.Arg) || len(n.List) == 0 {
		return d, false
	}
	for i, e := range n.List {
		if !s.operand(e) || !followsOrder(n.Cmp[i], s.typ()) || n.Cmp[i] != n.Cmp[0] {
			return d, false
		}
	}
	return Domain{Op: DomainIn, Cmp: n.Cmp[0], Exprs: n.List}, true
}

// inQuery takes IN with a subquery that has the same rows for the whole statement: they become points of the index.
func (s *sarg) inQuery(n *Subquery) (d Domain, ok bool) {
	if n.Kind != expr.InSubquery || n.Not || len(n.Args) > 0 || len(n.Cmp) != 1 || !s.column(n.Left) {
		return d, false
	}
	if !followsOrder(n.Cmp[0], s.typ()) || Volatile(n.Query.Root) {
		return d, false
	}
	rows := *n
	rows.Left = nil
	return Domain{Op: DomainInQuery, Cmp: n.Cmp[0], Exprs: []expr.Expr{&rows}}, true
}

// inRows takes the column's share of (a, b) IN ((1, 2), (3, 4)).
func (s *sarg) inRows(n *expr.InRows) (d Domain, ok bool) {
	arg, isRow := n.Arg.(*expr.Row)
	if !isRow || n.Not {
		return d, false
	}
	for k, a := range arg.Items {
		if !s.column(a) {
			continue
		}
		d = Domain{Op: DomainIn}
		for i, r := range n.List {
			row, isRow := r.(*expr.Row)
			if !isRow || !s.operand(row.Items[k]) {
				return d, false
			}
			c, err := expr.TypeComparison("=", s.typ().Collation, a.Type(), row.Items[k].Type())
			if err != nil || !followsOrder(c, s.typ()) || i > 0 && c != d.Cmp {
				return d, false
			}
			d.Cmp = c
			d.Exprs = append(d.Exprs, row.Items[k])
		}
		return d, len(d.Exprs) > 0
	}
	return d, false
}

// rowCompare takes the column's share of (a, b) = (1, 2), and of (a, b) > (1, 2) for the first column.
func (s *sarg) rowCompare(n *expr.RowCompare) (d Domain, ok bool) {
	l, lok := n.Left.(*expr.Row)
	r, rok := n.Right.(*expr.Row)
	if !lok || !rok {
		return d, false
	}
	for k := range l.Items {
		op, col, arg := n.Op, l.Items[k], r.Items[k]
		if s.column(arg) {
			op, col, arg = op.Swap(), arg, col
		}
		if !s.column(col) || !s.operand(arg) || !followsOrder(n.Cmp[k], s.typ()) {
			continue
		}
		switch op {
		case expr.CompareEqual, expr.CompareNullSafe:
		case expr.CompareLess, expr.CompareLessEqual:
			op = expr.CompareLessEqual
		case expr.CompareGreater, expr.CompareGreaterEqual:
			op = expr.CompareGreaterEqual
		default:
			return d, false
		}
		if k > 0 && op != expr.CompareEqual && op != expr.CompareNullSafe {
			return d, false
		}
		return Domain{Op: domainOps[op], Cmp: n.Cmp[k], Exprs: []expr.Expr{arg}}, true
	}
	return d, false
}

func (s *sarg) logic(n *expr.Logic) (d Domain, ok bool) {
	switch n.Op {
	case expr.OpAnd:
		for _, a := range n.Args {
			if in, ok := s.domain(a); ok {
				d.Args = append(d.Args, in)
			}
		}
		d.Op = DomainAnd
		return d, len(d.Args) > 0
	case expr.OpOr:
		d.Op = DomainOr
		for _, a := range n.Args {
			in, ok := s.domain(a)
			if !ok {
				return d, false
			}
			d.Args = append(d.Args, in)
		}
		return d, true
	}
	return d, false
}

// ofColumn returns what all conditions together demand of a column.
func (s *sarg) ofColumn(conds []expr.Expr) (d Domain, ok bool) {
	for _, e := range conds {
		if in, ok := s.domain(e); ok {
			d.Args = append(d.Args, in)
		}
	}
	switch len(d.Args) {
	case 0:
		return d, false
	case 1:
		return d.Args[0], true
	}
	// A single value is all that needs looking up; the other conditions filter.
	for _, a := range d.Args {
		if a.Op == DomainEqual || a.Op == DomainIsNull {
			return a, true
		}
	}
	d.Op = DomainAnd
	return d, true
}
