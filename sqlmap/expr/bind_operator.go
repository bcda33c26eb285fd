package expr

import (
	"math"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

var arithOps = map[string]ArithOp{
	sqlparser.PlusStr: OpAdd, sqlparser.MinusStr: OpSub, sqlparser.MultStr: OpMul, sqlparser.DivStr: OpDiv,
	sqlparser.IntDivStr: OpIntDiv, sqlparser.ModStr: OpMod, "mod": OpMod,
}

var bitOps = map[string]BitOp{
	sqlparser.BitAndStr: OpBitAnd, sqlparser.BitOrStr: OpBitOr, sqlparser.BitXorStr: OpBitXor,
	sqlparser.ShiftLeftStr: OpShiftLeft, sqlparser.ShiftRightStr: OpShiftRight,
}

func (b *binder) binary(n *sqlparser.BinaryExpr) (Expr, error) {
	switch n.Operator {
	case sqlparser.JSONExtractOp, sqlparser.JSONUnquoteExtractOp:
		return b.jsonArrow(n.Left, n.Right, n.Operator == sqlparser.JSONUnquoteExtractOp)
	}
	op, isArith := arithOps[strings.ToLower(n.Operator)]
	if isArith && op <= OpSub {
		if iv, ok := unparen(n.Right).(*sqlparser.IntervalExpr); ok {
			return b.dateArith(n.Left, iv, op == OpSub)
		}
		if iv, ok := unparen(n.Left).(*sqlparser.IntervalExpr); ok && op == OpAdd {
			return b.dateArith(n.Right, iv, false)
		}
	}
	args, err := b.values(n.Left, n.Right)
	if err != nil {
		return nil, err
	}
	if isArith {
		return newArith(op, numeric(args[0]), numeric(args[1]), b.s), nil
	}
	bit, ok := bitOps[n.Operator]
	if !ok {
		return nil, sqlerr.New(sqlerr.NotSupported, n.Operator)
	}
	return newBits(bit, settled(args[0]), settled(args[1])), nil
}

func (b *binder) unary(n *sqlparser.UnaryExpr) (Expr, error) {
	x, err := b.value(n.Expr)
	if err != nil {
		return nil, err
	}
	switch n.Operator {
	case sqlparser.UPlusStr:
		return x, nil
	case sqlparser.UMinusStr:
		return b.negate(numeric(x)), nil
	case sqlparser.TildaStr:
		return newBits(OpBitNot, settled(x), nil), nil
	case sqlparser.BangStr:
		return b.not(x), nil
	case sqlparser.BinaryStr, "binary":
		return newCast(settled(x), stringDecl(textLength(x.Type()), collate.Binary), -1), nil
	case sqlparser.UBinaryStr:
		return newCast(settled(x), stringDecl(textLength(x.Type()), collate.Binary), -1), nil
	}
	return nil, sqlerr.New(sqlerr.NotSupported, n.Operator)
}

// negate makes -x; a literal that only fits when negative, or only as a decimal, is typed so.
func (b *binder) negate(x Expr) Expr {
	l, ok := x.(*Literal)
	if ok && (l.Val.Kind() == value.KindUint || l.Val.Kind() == value.KindInt && l.Val.Int64() == math.MinInt64) {
		v := value.Int(math.MinInt64)
		if l.Val.Raw64() != 1<<63 || l.Val.Kind() == value.KindInt {
			d, _ := l.Val.AsDecimal()
			v = value.DecimalNeg(d)
		}
		return &Literal{Val: v, Typ: ValueType(v, b.conn)}
	}
	return newNeg(x)
}

// withCollation is x COLLATE c.
type withCollation struct {
	arg Expr
	typ *Type
}

func (c *withCollation) Type() *Type                        { return c.typ }
func (c *withCollation) Eval(env *Env) (value.Value, error) { return c.arg.Eval(env) }
func (c *withCollation) Children() []Expr                   { return []Expr{c.arg} }
func (c *withCollation) WithChildren(kids []Expr) Expr      { return &withCollation{kids[0], c.typ} }
func (c *withCollation) Flags() Flags                       { return 0 }
func (c *withCollation) Append(dst []byte, f Format) []byte {
	return append(append(c.arg.Append(dst, f), " collate "...), c.typ.Collation.Name()...)
}

func (b *binder) collate(n *sqlparser.CollateExpr) (Expr, error) {
	x, err := b.value(n.Expr)
	if err != nil {
		return nil, err
	}
	id, ok := collate.ByName(n.Charset)
	if !ok {
		return nil, sqlerr.New(sqlerr.UnknownCollation, n.Charset)
	}
	return b.withCollation(settled(x), id)
}

func (b *binder) withCollation(x Expr, id collate.ID) (Expr, error) {
	t := x.Type()
	have := b.conn
	if isStringID(t.ID) && t.ID != value.TypeJSON {
		have = t.Collation
	}
	if have.Charset() != id.Charset() && t.ID != value.TypeNull {
		return nil, sqlerr.New(sqlerr.CollationMismatch, id.Name(), have.Charset())
	}
	typ := *t
	if !isStringID(t.ID) || t.ID == value.TypeJSON {
		typ.Type = stringDecl(textLength(t), id)
		typ.Digits, typ.Dynamic = 0, t.Dynamic
		if !t.Dynamic && t.ID != value.TypeNull {
			x = Convert(x, &typ)
		}
	}
	typ.Collation, typ.Coercibility = id, CoerceExplicit
	return &withCollation{x, &typ}, nil
}

func (b *binder) subquery(e sqlparser.Expr) (Expr, error) {
	switch n := e.(type) {
	case *sqlparser.Subquery:
		return b.scope.BindSubquery(Subquery{Kind: ScalarSubquery, Select: n.Select})
	case *sqlparser.ExistsExpr:
		return b.scope.BindSubquery(Subquery{Kind: ExistsSubquery, Select: n.Subquery.Select})
	}
	n := e.(*ast.Quantified)
	left, err := b.bind(n.Left)
	if err != nil {
		return nil, err
	}
	left = settled(left)
	sub, ok := unparen(n.Right).(*sqlparser.Subquery)
	op, known := compareOps[n.Operator]
	if !ok || !known {
		return nil, sqlerr.New(sqlerr.NotSupported, "this quantified comparison")
	}
	all := n.Quantifier == ast.All
	if WidthOf(left) > 1 && !(op == CompareEqual && !all || op == CompareNotEqual && all) {
		return nil, sqlerr.New(sqlerr.OperandColumns, 1)
	}
	switch {
	case op == CompareEqual && !all:
		return b.scope.BindSubquery(Subquery{Kind: InSubquery, Select: sub.Select, Left: left})
	case op == CompareNotEqual && all:
		return b.scope.BindSubquery(Subquery{Kind: InSubquery, Select: sub.Select, Left: left, Not: true})
	}
	return b.scope.BindSubquery(Subquery{Kind: QuantifiedSubquery, Select: sub.Select, Left: left, Op: op, All: all})
}

// Case is CASE in both forms: the conditions of CASE x WHEN v are comparisons x = v.
type Case struct {
	Whens []Expr // conditions
	Thens []Expr
	Else  Expr // nil for NULL
	Typ   *Type
}

func (b *binder) caseOf(n *sqlparser.CaseExpr) (Expr, error) {
	c := &Case{}
	var subject Expr
	var err error
	if n.Expr != nil {
		if subject, err = b.value(n.Expr); err != nil {
			return nil, err
		}
	}
	for _, w := range n.Whens {
		cond, err := b.value(w.Cond)
		if err != nil {
			return nil, err
		}
		if subject != nil {
			if cond, err = b.compare(CompareEqual, subject, cond); err != nil {
				return nil, err
			}
			cond = b.fold(cond)
		}
		then, err := b.value(w.Val)
		if err != nil {
			return nil, err
		}
		c.Whens, c.Thens = append(c.Whens, condition(cond)), append(c.Thens, then)
	}
	all := append([]Expr(nil), c.Thens...)
	if n.Else != nil {
		e, err := b.value(n.Else)
		if err != nil {
			return nil, err
		}
		all = append(all, e)
	}
	if c.Typ, err = b.mergeInto("case", all); err != nil {
		return nil, err
	}
	copy(c.Thens, all)
	if n.Else != nil {
		c.Else = all[len(all)-1]
	} else if c.Typ.NotNull {
		t := *c.Typ
		t.NotNull = false
		c.Typ = &t
	}
	return c, nil
}

// mergeInto finds the common type of list and converts its elements to it in place.
func (b *binder) mergeInto(op string, list []Expr) (*Type, error) {
	types := make([]*Type, len(list))
	for i, e := range list {
		types[i] = e.Type()
	}
	t, err := MergeTypes(op, b.conn, types...)
	if err != nil {
		return nil, err
	}
	for i, e := range list {
		list[i] = b.fold(Convert(e, t))
	}
	return t, nil
}

// Type implements Expr.
func (c *Case) Type() *Type { return c.Typ }

// Children implements Expr: conditions and results alternate, the ELSE comes last.
func (c *Case) Children() []Expr {
	out := make([]Expr, 0, 2*len(c.Whens)+1)
	for i := range c.Whens {
		out = append(out, c.Whens[i], c.Thens[i])
	}
	if c.Else != nil {
		out = append(out, c.Else)
	}
	return out
}

// WithChildren implements Expr.
func (c *Case) WithChildren(kids []Expr) Expr {
	n := &Case{Typ: c.Typ, Whens: make([]Expr, len(c.Whens)), Thens: make([]Expr, len(c.Whens))}
	for i := range n.Whens {
		n.Whens[i], n.Thens[i] = kids[2*i], kids[2*i+1]
	}
	if c.Else != nil {
		n.Else = kids[len(kids)-1]
	}
	return n
}

// Flags implements Expr.
func (c *Case) Flags() Flags { return 0 }

// Append implements Expr.
func (c *Case) Append(dst []byte, f Format) []byte {
	dst = append(dst, "(case"...)
	for i := range c.Whens {
		dst = c.Whens[i].Append(append(dst, " when "...), f)
		dst = c.Thens[i].Append(append(dst, " then "...), f)
	}
	if c.Else != nil {
		dst = c.Else.Append(append(dst, " else "...), f)
	}
	return append(dst, " end)"...)
}

// Eval implements Expr.
func (c *Case) Eval(env *Env) (value.Value, error) {
	for i, w := range c.Whens {
		t, err := EvalTruth(w, env)
		if err != nil {
			return value.Null, err
		}
		if t == True {
			return c.Thens[i].Eval(env)
		}
	}
	if c.Else == nil {
		return value.Null, nil
	}
	return c.Else.Eval(env)
}
