package expr

import (
	"github.com/worktable-go/worktable/engine/value"
)

var (
	boolType     = &Type{Type: value.Type{ID: value.TypeBigInt, Length: 1}, Coercibility: CoerceNumeric}
	boolTypeSure = &Type{Type: value.Type{ID: value.TypeBigInt, Length: 1}, Coercibility: CoerceNumeric, NotNull: true}
)

func boolTypeOf(args ...Expr) *Type {
	for _, a := range args {
		if !a.Type().NotNull {
			return boolType
		}
	}
	return boolTypeSure
}

// Type implements Expr.
func (l *Logic) Type() *Type { return boolTypeOf(l.Args...) }

// Children implements Expr.
func (l *Logic) Children() []Expr { return l.Args }

// WithChildren implements Expr.
func (l *Logic) WithChildren(kids []Expr) Expr { return &Logic{Op: l.Op, Args: kids} }

// Flags implements Expr.
func (l *Logic) Flags() Flags { return 0 }

// Append implements Expr.
func (l *Logic) Append(dst []byte, f Format) []byte {
	dst = append(dst, '(')
	for i, a := range l.Args {
		if i > 0 {
			dst = append(dst, [...]string{" and ", " or ", " xor "}[l.Op]...)
		}
		dst = a.Append(dst, f)
	}
	return append(dst, ')')
}

// Type implements Expr.
func (n *Not) Type() *Type { return boolTypeOf(n.Arg) }

// Children implements Expr.
func (n *Not) Children() []Expr { return []Expr{n.Arg} }

// WithChildren implements Expr.
func (n *Not) WithChildren(kids []Expr) Expr { return &Not{kids[0]} }

// Flags implements Expr.
func (n *Not) Flags() Flags { return 0 }

// Append implements Expr.
func (n *Not) Append(dst []byte, f Format) []byte {
	return append(n.Arg.Append(append(dst, "(not "...), f), ')')
}

// Type implements Expr.
func (c *Compare) Type() *Type {
	if c.Op == CompareNullSafe {
		return boolTypeSure
	}
	return boolTypeOf(c.Left, c.Right)
}

// Children implements Expr.
func (c *Compare) Children() []Expr { return []Expr{c.Left, c.Right} }

// WithChildren implements Expr.
func (c *Compare) WithChildren(kids []Expr) Expr {
	return &Compare{Op: c.Op, Left: kids[0], Right: kids[1], Cmp: c.Cmp}
}

// Flags implements Expr.
func (c *Compare) Flags() Flags { return 0 }

// Append implements Expr.
func (c *Compare) Append(dst []byte, f Format) []byte {
	return appendBinary(dst, c.Left, c.Op.String(), c.Right, f)
}

func appendBinary(dst []byte, l Expr, op string, r Expr, f Format) []byte {
	dst = l.Append(append(dst, '('), f)
	dst = append(append(append(dst, ' '), op...), ' ')
	return append(r.Append(dst, f), ')')
}

// Type implements Expr.
func (c *RowCompare) Type() *Type {
	if c.Op == CompareNullSafe {
		return boolTypeSure
	}
	return boolType
}

// Children implements Expr.
func (c *RowCompare) Children() []Expr { return []Expr{c.Left, c.Right} }

// WithChildren implements Expr.
func (c *RowCompare) WithChildren(kids []Expr) Expr {
	return &RowCompare{Op: c.Op, Left: kids[0].(RowExpr), Right: kids[1].(RowExpr), Cmp: c.Cmp}
}

// Flags implements Expr.
func (c *RowCompare) Flags() Flags { return 0 }

// Append implements Expr.
func (c *RowCompare) Append(dst []byte, f Format) []byte {
	return appendBinary(dst, c.Left, c.Op.String(), c.Right, f)
}

// Type implements Expr.
func (b *Between) Type() *Type { return boolTypeOf(b.Arg, b.Lo, b.Hi) }

// Children implements Expr.
func (b *Between) Children() []Expr { return []Expr{b.Arg, b.Lo, b.Hi} }

// WithChildren implements Expr.
func (b *Between) WithChildren(kids []Expr) Expr {
	n := *b
	n.Arg, n.Lo, n.Hi = kids[0], kids[1], kids[2]
	return &n
}

// Flags implements Expr.
func (b *Between) Flags() Flags { return 0 }

// Append implements Expr.
func (b *Between) Append(dst []byte, f Format) []byte {
	dst = b.Arg.Append(append(dst, '('), f)
	if b.Not {
		dst = append(dst, " not"...)
	}
	dst = b.Lo.Append(append(dst, " between "...), f)
	return append(b.Hi.Append(append(dst, " and "...), f), ')')
}

// Type implements Expr.
func (n *InList) Type() *Type {
	if !n.Arg.Type().NotNull {
		return boolType
	}
	return boolTypeOf(n.List...)
}

// Children implements Expr.
func (n *InList) Children() []Expr {
	return append(append(make([]Expr, 0, len(n.List)+1), n.Arg), n.List...)
}

// WithChildren implements Expr.
func (n *InList) WithChildren(kids []Expr) Expr {
	c := *n
	c.Arg, c.List = kids[0], kids[1:]
	return &c
}

// Flags implements Expr.
func (n *InList) Flags() Flags { return 0 }

// Append implements Expr.
func (n *InList) Append(dst []byte, f Format) []byte {
	return appendIn(dst, n.Arg, n.Not, n.List, f)
}

func appendIn(dst []byte, arg Expr, not bool, list []Expr, f Format) []byte {
	dst = arg.Append(append(dst, '('), f)
	if not {
		dst = append(dst, " not"...)
	}
	return append(appendList(append(dst, " in "...), list, f), ')')
}

// Type implements Expr.
func (n *InRows) Type() *Type { return boolType }

// Children implements Expr.
func (n *InRows) Children() []Expr {
	out := append(make([]Expr, 0, len(n.List)+1), n.Arg)
	for _, r := range n.List {
		out = append(out, r)
	}
	return out
}

// WithChildren implements Expr.
func (n *InRows) WithChildren(kids []Expr) Expr {
	c := *n
	c.Arg = kids[0].(RowExpr)
	c.List = make([]RowExpr, len(kids)-1)
	for i, k := range kids[1:] {
		c.List[i] = k.(RowExpr)
	}
	return &c
}

// Flags implements Expr.
func (n *InRows) Flags() Flags { return 0 }

// Append implements Expr.
func (n *InRows) Append(dst []byte, f Format) []byte {
	return appendIn(dst, n.Arg, n.Not, n.Children()[1:], f)
}

// Type implements Expr.
func (n *IsNull) Type() *Type { return boolTypeSure }

// Children implements Expr.
func (n *IsNull) Children() []Expr { return []Expr{n.Arg} }

// WithChildren implements Expr.
func (n *IsNull) WithChildren(kids []Expr) Expr { return &IsNull{Arg: kids[0], Not: n.Not} }

// Flags implements Expr.
func (n *IsNull) Flags() Flags { return 0 }

// Append implements Expr.
func (n *IsNull) Append(dst []byte, f Format) []byte {
	dst = n.Arg.Append(append(dst, '('), f)
	if n.Not {
		return append(dst, " is not null)"...)
	}
	return append(dst, " is null)"...)
}

// Type implements Expr.
func (n *IsTruth) Type() *Type { return boolTypeSure }

// Children implements Expr.
func (n *IsTruth) Children() []Expr { return []Expr{n.Arg} }

// WithChildren implements Expr.
func (n *IsTruth) WithChildren(kids []Expr) Expr {
	return &IsTruth{Arg: kids[0], Want: n.Want, Not: n.Not}
}

// Flags implements Expr.
func (n *IsTruth) Flags() Flags { return 0 }

// Append implements Expr.
func (n *IsTruth) Append(dst []byte, f Format) []byte {
	dst = append(n.Arg.Append(append(dst, '('), f), " is "...)
	if n.Not {
		dst = append(dst, "not "...)
	}
	if n.Want {
		return append(dst, "true)"...)
	}
	return append(dst, "false)"...)
}

// Type implements Expr.
func (n *Like) Type() *Type { return boolTypeOf(n.Children()...) }

// Children implements Expr.
func (n *Like) Children() []Expr {
	if n.Escape != nil {
		return []Expr{n.Arg, n.Pattern, n.Escape}
	}
	return []Expr{n.Arg, n.Pattern}
}

// WithChildren implements Expr.
func (n *Like) WithChildren(kids []Expr) Expr {
	c := *n
	c.Arg, c.Pattern = kids[0], kids[1]
	if n.Escape != nil {
		c.Escape = kids[2]
	}
	return &c
}

// Flags implements Expr.
func (n *Like) Flags() Flags { return 0 }

// Append implements Expr.
func (n *Like) Append(dst []byte, f Format) []byte {
	dst = n.Arg.Append(append(dst, '('), f)
	if n.Not {
		dst = append(dst, " not"...)
	}
	dst = n.Pattern.Append(append(dst, " like "...), f)
	if n.Escape != nil {
		dst = n.Escape.Append(append(dst, " escape "...), f)
	}
	return append(dst, ')')
}
