package expr

import (
	"math"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Neg is -x.
type Neg struct {
	Arg Expr
	Typ *Type
}

func newNeg(arg Expr) *Neg {
	t := arg.Type()
	n := &Neg{Arg: arg}
	whole, scale := numericShape(t)
	switch c := arithClass(t); c {
	case classInt, classNull:
		n.Typ = intType(t.NotNull)
		n.Typ.Digits = t.Digits
	case classDecimal:
		n.Typ = decimalType(whole+scale, scale, t.NotNull)
	default:
		n.Typ = doubleType(t.NotNull)
		n.Typ.Dynamic = c == classDynamic
	}
	return n
}

// Type implements Expr.
func (n *Neg) Type() *Type { return n.Typ }

// Children implements Expr.
func (n *Neg) Children() []Expr { return []Expr{n.Arg} }

// WithChildren implements Expr.
func (n *Neg) WithChildren(kids []Expr) Expr { return &Neg{Arg: kids[0], Typ: n.Typ} }

// Flags implements Expr.
func (n *Neg) Flags() Flags { return 0 }

// Append implements Expr.
func (n *Neg) Append(dst []byte, f Format) []byte {
	return append(n.Arg.Append(append(dst, "-("...), f), ')')
}

// Eval implements Expr.
func (n *Neg) Eval(env *Env) (value.Value, error) {
	v, err := n.Arg.Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	if v, err = toNumber(env, v); err != nil {
		return value.Null, err
	}
	switch v.Kind() {
	case value.KindInt:
		if v.Int64() == math.MinInt64 {
			return value.Null, outOfRange("BIGINT", n)
		}
		return value.Int(-v.Int64()), nil
	case value.KindUint:
		if v.Uint64() > 1<<63 {
			return value.Null, outOfRange("BIGINT", n)
		}
		return value.Int(-int64(v.Uint64())), nil
	case value.KindDecimal:
		return value.DecimalNeg(v), nil
	}
	return value.Float(-v.Float64()), nil
}

// BitOp is a bit operator.
type BitOp uint8

// The bit operators.
const (
	OpBitAnd BitOp = iota
	OpBitOr
	OpBitXor
	OpShiftLeft
	OpShiftRight
	OpBitNot // unary
)

var bitText = [...]string{"&", "|", "^", "<<", ">>", "~"}

// Bits is a bit operation. The result is BIGINT UNSIGNED, or a binary string when the operands are binary strings and
// not both hexadecimal literals (for shifts and ~: when the left one is a binary string and no literal).
type Bits struct {
	Op          BitOp
	Left, Right Expr // Right is nil for ~
	Typ         *Type
	binary      bool
}

func newBits(op BitOp, l, r Expr) *Bits {
	b := &Bits{Op: op, Left: l, Right: r}
	notNull := l.Type().NotNull
	pure := isBinaryString(l.Type()) && !l.Type().Hex
	if r != nil {
		notNull = notNull && r.Type().NotNull
		if op <= OpBitXor {
			pure = isBinaryString(l.Type()) && isBinaryString(r.Type()) && !(l.Type().Hex && r.Type().Hex)
		}
	}
	b.binary = pure
	if !pure {
		b.Left = numeric(l)
		if r != nil {
			b.Right = numeric(r)
		}
	}
	if pure {
		t := *l.Type()
		t.NotNull, t.Hex = notNull, false
		b.Typ = &t
	} else {
		b.Typ = uintType(notNull)
	}
	return b
}

// Type implements Expr.
func (b *Bits) Type() *Type { return b.Typ }

// Children implements Expr.
func (b *Bits) Children() []Expr {
	if b.Right == nil {
		return []Expr{b.Left}
	}
	return []Expr{b.Left, b.Right}
}

// WithChildren implements Expr.
func (b *Bits) WithChildren(kids []Expr) Expr {
	c := *b
	c.Left = kids[0]
	if b.Right != nil {
		c.Right = kids[1]
	}
	return &c
}

// Flags implements Expr.
func (b *Bits) Flags() Flags { return 0 }

// Append implements Expr.
func (b *Bits) Append(dst []byte, f Format) []byte {
	if b.Right == nil {
		return append(b.Left.Append(append(dst, "~("...), f), ')')
	}
	return appendBinary(dst, b.Left, bitText[b.Op], b.Right, f)
}

// Eval implements Expr.
func (b *Bits) Eval(env *Env) (value.Value, error) {
	l, err := b.Left.Eval(env)
	if err != nil || l.IsNull() {
		return value.Null, err
	}
	var r value.Value
	if b.Right != nil {
		if r, err = b.Right.Eval(env); err != nil || r.IsNull() {
			return value.Null, err
		}
	}
	if b.binary && l.Kind() == value.KindBytes {
		return b.bytes(env, l.Str(), r)
	}
	x, err := toBits(env, l)
	if err != nil {
		return value.Null, err
	}
	if b.Right == nil {
		return value.Uint(^x), nil
	}
	y, err := toBits(env, r)
	if err != nil {
		return value.Null, err
	}
	return value.Uint(bitApply(b.Op, x, y)), nil
}

func bitApply(op BitOp, x, y uint64) uint64 {
	switch op {
	case OpBitAnd:
		return x & y
	case OpBitOr:
		return x | y
	case OpBitXor:
		return x ^ y
	case OpShiftLeft:
		return x << min(y, 64)
	}
	return x >> min(y, 64)
}

func (b *Bits) bytes(env *Env, x string, r value.Value) (value.Value, error) {
	out := []byte(x)
	switch b.Op {
	case OpBitNot:
		for i := range out {
			out[i] = ^out[i]
		}
	case OpShiftLeft, OpShiftRight:
		n, err := toBits(env, r)
		if err != nil {
			return value.Null, err
		}
		shiftBytes(out, n, b.Op == OpShiftLeft)
	default:
		y := r.Text()
		if len(y) != len(x) {
			return value.Null, sqlerr.New(errBitLength)
		}
		for i := range out {
			out[i] = byte(bitApply(b.Op, uint64(out[i]), uint64(y[i])))
		}
	}
	return value.Bytes(string(out)), nil
}

// shiftBytes shifts b, taken as one big-endian number of fixed width, by n bits.
func shiftBytes(b []byte, n uint64, left bool) {
	if n >= uint64(len(b))*8 {
		clear(b)
		return
	}
	whole, part := int(n/8), uint(n%8)
	at := func(i int) uint16 {
		if i < 0 || i >= len(b) {
			return 0
		}
		return uint16(b[i])
	}
	if left {
		for i := range b {
			b[i] = byte((at(i+whole)<<8 | at(i+whole+1)) << part >> 8)
		}
		return
	}
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte((at(i-whole-1)<<8 | at(i-whole)) >> part)
	}
}
