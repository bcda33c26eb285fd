package expr

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

var compareOps = map[string]CompareOp{
	sqlparser.EqualStr: CompareEqual, sqlparser.NotEqualStr: CompareNotEqual, "<>": CompareNotEqual,
	sqlparser.LessThanStr: CompareLess, sqlparser.LessEqualStr: CompareLessEqual,
	sqlparser.GreaterThanStr: CompareGreater, sqlparser.GreaterEqualStr: CompareGreaterEqual,
	sqlparser.NullSafeEqualStr: CompareNullSafe,
}

func (b *binder) comparison(n *sqlparser.ComparisonExpr) (Expr, error) {
	if op, ok := compareOps[n.Operator]; ok {
		l, r, err := b.operands(n.Left, n.Right)
		if err != nil {
			return nil, err
		}
		return b.compare(op, l, r)
	}
	switch n.Operator {
	case sqlparser.InStr, sqlparser.NotInStr:
		return b.in(n)
	case sqlparser.LikeStr, sqlparser.NotLikeStr:
		return b.like(n)
	case sqlparser.RegexpStr, sqlparser.NotRegexpStr:
		args, err := b.values(n.Left, n.Right)
		if err != nil {
			return nil, err
		}
		c, err := b.newCall("regexp_like", args)
		if err != nil || n.Operator == sqlparser.RegexpStr {
			return c, err
		}
		return &Not{Arg: b.fold(c)}, nil
	case sqlparser.JSONExtractOp, sqlparser.JSONUnquoteExtractOp:
		return b.jsonArrow(n.Left, n.Right, n.Operator == sqlparser.JSONUnquoteExtractOp)
	}
	return nil, sqlerr.New(sqlerr.NotSupported, n.Operator)
}

// operands binds both sides of a comparison; a subquery opposite to a row is a row subquery of its width.
func (b *binder) operands(left, right sqlparser.Expr) (l, r Expr, err error) {
	left, right = unparen(left), unparen(right)
	ls, lsub := left.(*sqlparser.Subquery)
	rs, rsub := right.(*sqlparser.Subquery)
	if !lsub {
		if l, err = b.bind(left); err != nil {
			return nil, nil, err
		}
	}
	if !rsub {
		if r, err = b.bind(right); err != nil {
			return nil, nil, err
		}
	}
	if lsub {
		width := 1
		if r != nil {
			width = WidthOf(r)
		}
		if l, err = b.rowSubquery(ls, width); err != nil {
			return nil, nil, err
		}
	}
	if rsub {
		r, err = b.rowSubquery(rs, WidthOf(l))
	}
	return l, r, err
}

func unparen(e sqlparser.Expr) sqlparser.Expr {
	for {
		p, ok := e.(*sqlparser.ParenExpr)
		if !ok {
			return e
		}
		e = p.Expr
	}
}

func (b *binder) rowSubquery(s *sqlparser.Subquery, width int) (Expr, error) {
	if width == 1 {
		return b.scope.BindSubquery(Subquery{Kind: ScalarSubquery, Select: s.Select})
	}
	return b.scope.BindSubquery(Subquery{Kind: RowSubquery, Select: s.Select, Columns: width})
}

// compare makes l op r.
func (b *binder) compare(op CompareOp, l, r Expr) (Expr, error) {
	wl, wr := WidthOf(l), WidthOf(r)
	if wl != wr {
		return nil, sqlerr.New(sqlerr.OperandColumns, wl)
	}
	if wl > 1 {
		return b.compareRows(op, l.(RowExpr), r.(RowExpr))
	}
	l, r, cmp, err := b.pair(op.String(), l, r)
	if err != nil {
		return nil, err
	}
	return &Compare{Op: op, Left: l, Right: r, Cmp: cmp}, nil
}

func (b *binder) compareRows(op CompareOp, l, r RowExpr) (Expr, error) {
	lr, lok := l.(*Row)
	rr, rok := r.(*Row)
	if lok && rok {
		return b.compareItems(op, lr, rr)
	}
	lt, rt := l.ColumnTypes(), r.ColumnTypes()
	cmps := make([]Comparison, len(lt))
	for i := range lt {
		c, err := TypeComparison(op.String(), b.conn, lt[i], rt[i])
		if err != nil {
			return nil, err
		}
		cmps[i] = c
	}
	return &RowCompare{Op: op, Left: l, Right: r, Cmp: cmps}, nil
}

// compareItems compares two row constructors; equality is the conjunction of the columns, which the planner can use.
func (b *binder) compareItems(op CompareOp, l, r *Row) (Expr, error) {
	ls, rs := make([]Expr, len(l.Items)), make([]Expr, len(l.Items))
	cmps := make([]Comparison, len(l.Items))
	parts := make([]Expr, len(l.Items))
	for i := range l.Items {
		x, y, c, err := b.pair(op.String(), l.Items[i], r.Items[i])
		if err != nil {
			return nil, err
		}
		ls[i], rs[i], cmps[i] = x, y, c
		parts[i] = b.fold(&Compare{Op: op, Left: x, Right: y, Cmp: c})
	}
	if op == CompareEqual || op == CompareNullSafe {
		return &Logic{Op: OpAnd, Args: parts}, nil
	}
	return &RowCompare{Op: op, Left: &Row{Items: ls}, Right: &Row{Items: rs}, Cmp: cmps}, nil
}

// pair settles two operands of a comparison: constants are converted to what the other side asks for.
func (b *binder) pair(op string, l, r Expr) (Expr, Expr, Comparison, error) {
	l, r = settled(l), settled(r)
	r, err := b.adapt(l, r)
	if err != nil {
		return nil, nil, Comparison{}, err
	}
	if l, err = b.adapt(r, l); err != nil {
		return nil, nil, Comparison{}, err
	}
	c, err := ComparisonDomain(op, b.conn, l, r)
	return l, r, c, err
}

func (b *binder) between(n *sqlparser.RangeCond) (Expr, error) {
	args, err := b.values(n.Left, n.From, n.To)
	if err != nil {
		return nil, err
	}
	args = settleAll(args)
	out := &Between{Not: n.Operator == sqlparser.NotBetweenStr}
	x, lo, cl, err := b.pair("between", args[0], args[1])
	if err != nil {
		return nil, err
	}
	y, hi, ch, err := b.pair("between", args[0], args[2])
	if err != nil {
		return nil, err
	}
	if Key(x) == Key(y) {
		args[0] = x
	} else { // the argument is a literal that the two bounds see differently
		if cl, err = ComparisonDomain("between", b.conn, args[0], lo); err != nil {
			return nil, err
		}
		if ch, err = ComparisonDomain("between", b.conn, args[0], hi); err != nil {
			return nil, err
		}
	}
	out.Arg, out.Lo, out.Hi = args[0], lo, hi
	out.CmpLo, out.CmpHi = joinDomains(cl, ch)
	return out, nil
}

// joinDomains makes both halves of a BETWEEN compare in one domain.
func joinDomains(a, b Comparison) (Comparison, Comparison) {
	plain := func(d Domain) bool { return d >= DomainInt && d <= DomainBytes }
	if a.Domain == b.Domain || !plain(a.Domain) || !plain(b.Domain) {
		return a, b
	}
	d := DomainFloat
	if a.Domain <= DomainDecimal && b.Domain <= DomainDecimal {
		d = DomainDecimal
	}
	if a.Domain >= DomainString && b.Domain >= DomainString {
		d = DomainBytes
	}
	c := Comparison{Domain: d}
	return c, c
}

func (b *binder) in(n *sqlparser.ComparisonExpr) (Expr, error) {
	not := n.Operator == sqlparser.NotInStr
	arg, err := b.bind(n.Left)
	if err != nil {
		return nil, err
	}
	arg = settled(arg)
	if s, ok := unparen(n.Right).(*sqlparser.Subquery); ok {
		return b.scope.BindSubquery(Subquery{Kind: InSubquery, Select: s.Select, Left: arg, Not: not})
	}
	tuple, ok := n.Right.(sqlparser.ValTuple)
	if !ok {
		return nil, sqlerr.New(sqlerr.NotSupported, "this form of IN")
	}
	if row, ok := arg.(RowExpr); ok && row.Width() > 1 {
		return b.inRows(row, tuple, not)
	}
	list := make([]Expr, len(tuple))
	cmps := make([]Comparison, len(tuple))
	for i, it := range tuple {
		x, err := b.value(it)
		if err != nil {
			return nil, err
		}
		if x, err = b.adapt(arg, settled(x)); err != nil {
			return nil, err
		}
		if cmps[i], err = ComparisonDomain(" IN ", b.conn, arg, x); err != nil {
			return nil, err
		}
		list[i] = x
	}
	arg = numericArg(arg, cmps)
	if len(list) == 1 {
		op := CompareEqual
		if not {
			op = CompareNotEqual
		}
		return b.compare(op, arg, list[0])
	}
	return newInList(b.foldEnv(), arg, list, not, cmps), nil
}

// numericArg makes a hexadecimal literal on the left of IN an integer when the list has numbers.
func numericArg(arg Expr, cmps []Comparison) Expr {
	for _, c := range cmps {
		if c.Domain == DomainFloat {
			return numeric(arg)
		}
	}
	return arg
}

func (b *binder) inRows(arg RowExpr, tuple sqlparser.ValTuple, not bool) (Expr, error) {
	out := &InRows{Arg: arg, Not: not}
	types := arg.ColumnTypes()
	for _, it := range tuple {
		x, err := b.bind(it)
		if err != nil {
			return nil, err
		}
		row, ok := x.(RowExpr)
		if !ok || row.Width() != arg.Width() {
			return nil, sqlerr.New(sqlerr.OperandColumns, arg.Width())
		}
		cmps := make([]Comparison, len(types))
		left, isRow := arg.(*Row)
		if r, ok := row.(*Row); ok && isRow {
			items := make([]Expr, len(r.Items))
			for i := range r.Items {
				if items[i], err = b.adapt(left.Items[i], settled(r.Items[i])); err != nil {
					return nil, err
				}
				if cmps[i], err = ComparisonDomain(" IN ", b.conn, left.Items[i], items[i]); err != nil {
					return nil, err
				}
			}
			row = &Row{Items: items}
		} else {
			for i, t := range row.ColumnTypes() {
				if cmps[i], err = TypeComparison(" IN ", b.conn, types[i], t); err != nil {
					return nil, err
				}
			}
		}
		out.List = append(out.List, row)
		out.cmp = append(out.cmp, cmps)
	}
	return out, nil
}

func (b *binder) like(n *sqlparser.ComparisonExpr) (Expr, error) {
	args, err := b.values(n.Left, n.Right)
	if err != nil {
		return nil, err
	}
	args = settleAll(args)
	out := &Like{Arg: args[0], Pattern: args[1], Not: n.Operator == sqlparser.NotLikeStr, escape: '\\'}
	if b.s.Mode&ModeNoBackslashEscapes != 0 {
		out.escape = -1
	}
	coll, _, err := mergeCollations("like", b.conn, true, args[0].Type(), args[1].Type())
	if err != nil {
		return nil, err
	}
	out.Cmp = Comparison{Domain: DomainString, Collation: coll}
	if n.Escape != nil {
		esc, err := b.value(n.Escape)
		if err != nil {
			return nil, err
		}
		if !IsConst(esc) {
			return nil, sqlerr.New(sqlerr.WrongArguments, "ESCAPE")
		}
		out.Escape = esc
	}
	return out, out.prepare(b.foldEnv())
}
