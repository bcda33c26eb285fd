package expr

import (
	"errors"
	"math"
	"math/bits"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// ArithOp is an arithmetic operator.
type ArithOp uint8

// The arithmetic operators.
const (
	OpAdd ArithOp = iota
	OpSub
	OpMul
	OpDiv
	OpIntDiv
	OpMod
)

var arithText = [...]string{"+", "-", "*", "/", "DIV", "%"}

func (op ArithOp) String() string { return arithText[op] }

// Arith is Left Op Right. The values decide how it computes: integers exactly within 64 bits, decimals exactly, doubles
// when one operand is a double or a string.
type Arith struct {
	Op          ArithOp
	Left, Right Expr
	Typ         *Type
	divScale    uint8 // div_precision_increment
	signedSub   bool  // NO_UNSIGNED_SUBTRACTION
}

// newArith types an arithmetic operation.
func newArith(op ArithOp, l, r Expr, s *SessionState) *Arith {
	a := &Arith{Op: op, Left: l, Right: r, divScale: uint8(s.divPrecision()), signedSub: s.Mode&ModeNoUnsignedSubtraction != 0}
	a.Typ = arithType(op, l.Type(), r.Type(), int(a.divScale), a.signedSub)
	return a
}

// arithClass is the class an operand computes in.
func arithClass(t *Type) class {
	switch c := classOf(t); c {
	case classNull, classInt, classDecimal, classDynamic, classFloat:
		return c
	case classDate:
		return classInt
	case classTime, classDateTime:
		if t.Scale == 0 {
			return classInt
		}
		return classDecimal
	}
	return classFloat
}

func arithType(op ArithOp, l, r *Type, divScale int, signedSub bool) *Type {
	cl, cr := arithClass(l), arithClass(r)
	notNull := l.NotNull && r.NotNull && op != OpDiv && op != OpIntDiv && op != OpMod
	dynamic := cl == classDynamic || cr == classDynamic
	unsigned := isUnsigned(l) || isUnsigned(r)
	wl, sl := numericShape(l)
	wr, sr := numericShape(r)
	var t *Type
	switch {
	case op == OpIntDiv:
		t = intType(false)
		t.Unsigned = unsigned
	case cl == classFloat || cr == classFloat || dynamic:
		t = doubleType(notNull)
	case op == OpDiv:
		t = decimalType(wl+sl+sr+divScale, sl+divScale, false)
	case cl == classDecimal || cr == classDecimal:
		t = decimalArithType(op, wl, sl, wr, sr, notNull)
	case op == OpMod:
		t = intType(false)
		t.Unsigned = isUnsigned(l)
	default:
		t = intType(notNull)
		t.Unsigned = unsigned && (op != OpSub || !signedSub)
		switch {
		case op == OpMul && wl+wr < 19:
			t.Digits = uint8(wl + wr)
		case op != OpMul && max(wl, wr)+1 < 19:
			t.Digits = uint8(max(wl, wr) + 1)
		}
	}
	t.Dynamic = dynamic && op != OpIntDiv
	return t
}

func decimalArithType(op ArithOp, wl, sl, wr, sr int, notNull bool) *Type {
	switch op {
	case OpMul:
		return decimalType(wl+wr+sl+sr, sl+sr, notNull)
	case OpMod:
		s := max(sl, sr)
		return decimalType(max(wl, wr)+s, s, false)
	}
	s := max(sl, sr)
	return decimalType(max(wl, wr)+1+s, s, notNull)
}

func isUnsigned(t *Type) bool {
	c := classOf(t)
	return (c == classInt || c == classDecimal) && (t.Unsigned || t.ID == value.TypeYear || t.ID == value.TypeBit)
}

// Type implements Expr.
func (a *Arith) Type() *Type { return a.Typ }

// Children implements Expr.
func (a *Arith) Children() []Expr { return []Expr{a.Left, a.Right} }

// WithChildren implements Expr.
func (a *Arith) WithChildren(kids []Expr) Expr {
	c := *a
	c.Left, c.Right = kids[0], kids[1]
	return &c
}

// Flags implements Expr.
func (a *Arith) Flags() Flags { return 0 }

// Append implements Expr.
func (a *Arith) Append(dst []byte, f Format) []byte {
	return appendBinary(dst, a.Left, a.Op.String(), a.Right, f)
}

// Eval implements Expr.
func (a *Arith) Eval(env *Env) (value.Value, error) {
	l, err := a.Left.Eval(env)
	if err != nil || l.IsNull() {
		return value.Null, err
	}
	r, err := a.Right.Eval(env)
	if err != nil || r.IsNull() {
		return value.Null, err
	}
	return a.apply(env, l, r)
}

func (a *Arith) apply(env *Env, l, r value.Value) (value.Value, error) {
	if l.Kind() == value.KindInt && r.Kind() == value.KindInt && a.Op <= OpMul {
		if v, ok := addSubMul(a.Op, l.Int64(), r.Int64()); ok {
			return value.Int(v), nil
		}
		return value.Null, a.outOfRange("BIGINT")
	}
	l, err := toNumber(env, l)
	if err != nil {
		return value.Null, err
	}
	if r, err = toNumber(env, r); err != nil {
		return value.Null, err
	}
	switch {
	case a.Op == OpIntDiv:
		return a.intDiv(env, l, r)
	case l.Kind() == value.KindFloat || r.Kind() == value.KindFloat:
		return a.floats(env, l, r)
	case a.Op == OpDiv || l.Kind() == value.KindDecimal || r.Kind() == value.KindDecimal:
		return a.decimals(env, l, r)
	case a.Op == OpMod:
		return a.intMod(env, l, r)
	}
	return a.integers(l, r)
}

// outOfRange is error 1690 with the expression's text.
func (a *Arith) outOfRange(what string) error { return outOfRange(what, a) }

func outOfRange(what string, e Expr) error {
	return sqlerr.New(sqlerr.NumericOutOfRange, what, string(e.Append(nil, ErrorMsg)))
}

func addSubMul(op ArithOp, x, y int64) (int64, bool) {
	switch op {
	case OpAdd:
		s := x + y
		return s, (s > x) == (y > 0)
	case OpSub:
		d := x - y
		return d, (d < x) == (y > 0)
	}
	hi, lo := bits.Mul64(abs64(x), abs64(y))
	neg := (x < 0) != (y < 0)
	switch {
	case hi != 0 || lo > 1<<63 || lo == 1<<63 && !neg:
		return 0, false
	case neg:
		return -int64(lo), true
	}
	return int64(lo), true
}

func abs64(x int64) uint64 {
	if x < 0 {
		return -uint64(x)
	}
	return uint64(x)
}

// magnitude splits an integer value into sign and magnitude.
func magnitude(v value.Value) (neg bool, m uint64) {
	if v.Kind() == value.KindInt && v.Int64() < 0 {
		return true, abs64(v.Int64())
	}
	return false, v.Raw64()
}

// signedMagnitude makes the integer value of a sign and magnitude: BIGINT UNSIGNED when unsigned is set. ok is false
// when it does not fit.
func signedMagnitude(neg bool, m uint64, unsigned bool) (value.Value, bool) {
	switch {
	case unsigned:
		return value.Uint(m), !neg || m == 0
	case neg:
		return value.Int(-int64(m)), m <= 1<<63
	}
	return value.Int(int64(m)), m <= math.MaxInt64
}

// integers computes + - * when at least one operand is unsigned: the result is unsigned and must not be negative.
func (a *Arith) integers(l, r value.Value) (value.Value, error) {
	ln, lm := magnitude(l)
	rn, rm := magnitude(r)
	unsigned := l.Kind() == value.KindUint || r.Kind() == value.KindUint
	op := a.Op
	if op == OpSub {
		unsigned = unsigned && !a.signedSub
		op, rn = OpAdd, !rn
	}
	var neg, over bool
	var m uint64
	switch {
	case op == OpMul:
		var hi uint64
		hi, m = bits.Mul64(lm, rm)
		neg, over = ln != rn, hi != 0
	case ln == rn:
		var carry uint64
		m, carry = bits.Add64(lm, rm, 0)
		neg, over = ln, carry != 0
	case lm >= rm:
		m, neg = lm-rm, ln
	default:
		m, neg = rm-lm, rn
	}
	v, ok := signedMagnitude(neg && m != 0, m, unsigned)
	if over || !ok {
		if unsigned {
			return value.Null, a.outOfRange("BIGINT UNSIGNED")
		}
		return value.Null, a.outOfRange("BIGINT")
	}
	return v, nil
}

// divisionByZero is NULL, with warning or error 1365 under ERROR_FOR_DIVISION_BY_ZERO.
func divisionByZero(env *Env) (value.Value, error) {
	if env.Run.Session.Mode&ModeErrorForDivision == 0 {
		return value.Null, nil
	}
	return value.Null, env.Warn(sqlerr.New(sqlerr.DivisionByZero))
}

func (a *Arith) intMod(env *Env, l, r value.Value) (value.Value, error) {
	ln, lm := magnitude(l)
	_, rm := magnitude(r)
	if rm == 0 {
		return divisionByZero(env)
	}
	v, _ := signedMagnitude(ln, lm%rm, l.Kind() == value.KindUint)
	return v, nil
}

func (a *Arith) intDiv(env *Env, l, r value.Value) (value.Value, error) {
	unsigned := l.Kind() == value.KindUint || r.Kind() == value.KindUint
	name := "BIGINT"
	if unsigned {
		name = "BIGINT UNSIGNED"
	}
	if l.Kind() > value.KindUint || r.Kind() > value.KindUint {
		return a.exactIntDiv(env, l, r, unsigned, name)
	}
	ln, lm := magnitude(l)
	rn, rm := magnitude(r)
	if rm == 0 {
		return divisionByZero(env)
	}
	q := lm / rm
	v, ok := signedMagnitude(ln != rn && q != 0, q, unsigned)
	if !ok {
		return value.Null, a.outOfRange(name)
	}
	return v, nil
}

// exactIntDiv is DIV with an operand that is no integer: a decimal quotient, cut.
func (a *Arith) exactIntDiv(env *Env, l, r value.Value, unsigned bool, name string) (value.Value, error) {
	dl, err := toDecimal(env, l)
	if err != nil {
		return value.Null, err
	}
	dr, err := toDecimal(env, r)
	if err != nil {
		return value.Null, err
	}
	q, err := value.DecimalIntDiv(dl, dr)
	if errors.Is(err, value.ErrDivisionByZero) {
		return divisionByZero(env)
	}
	if err != nil {
		return value.Null, a.outOfRange(name)
	}
	if unsigned {
		u, cut := q.AsUint()
		if cut {
			return value.Null, a.outOfRange(name)
		}
		return value.Uint(u), nil
	}
	n, cut := q.AsInt()
	if cut {
		return value.Null, a.outOfRange(name)
	}
	return value.Int(n), nil
}

func (a *Arith) floats(env *Env, l, r value.Value) (value.Value, error) {
	x, _ := l.AsFloat()
	y, _ := r.AsFloat()
	var f float64
	switch a.Op {
	case OpAdd:
		f = x + y
	case OpSub:
		f = x - y
	case OpMul:
		f = x * y
	case OpDiv, OpMod:
		if y == 0 {
			return divisionByZero(env)
		}
		if a.Op == OpMod {
			return value.Float(math.Mod(x, y)), nil
		}
		f = x / y
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return value.Null, a.outOfRange("DOUBLE")
	}
	return value.Float(f), nil
}

func (a *Arith) decimals(env *Env, l, r value.Value) (value.Value, error) {
	l, err := toDecimal(env, l)
	if err != nil {
		return value.Null, err
	}
	if r, err = toDecimal(env, r); err != nil {
		return value.Null, err
	}
	var v value.Value
	switch a.Op {
	case OpAdd:
		v, err = value.DecimalAdd(l, r)
	case OpSub:
		v, err = value.DecimalSub(l, r)
	case OpMul:
		v, err = value.DecimalMul(l, r)
	case OpMod:
		v, err = value.DecimalMod(l, r)
	case OpDiv:
		v, err = a.divide(l, r)
	}
	switch {
	case errors.Is(err, value.ErrDivisionByZero):
		return divisionByZero(env)
	case err != nil:
		return value.Null, a.outOfRange("DECIMAL")
	}
	return v, nil
}

// divide keeps guard digits as MySQL does: the quotient is rounded to the declared scale only
// where it leaves arithmetic (see guarded), so that 1/3*3 is 1.0000.
func (a *Arith) divide(l, r value.Value) (value.Value, error) {
	if a.Typ.Dynamic || a.Typ.ID != value.TypeDecimal {
		return value.DecimalDiv(l, r, a.divScale)
	}
	return value.DecimalQuotient(l, r, a.divScale)
}

// guarded reports whether e may yield more decimals than its type declares.
func guarded(e Expr) bool {
	if e.Type().ID != value.TypeDecimal || e.Type().Dynamic {
		return false
	}
	switch n := e.(type) {
	case *Arith:
		return n.Op == OpDiv || n.Op != OpIntDiv && (guarded(n.Left) || guarded(n.Right))
	case *Neg:
		return guarded(n.Arg)
	case *Column:
		return n.Typ.Guard
	case *Aggregate:
		return n.Typ.Guard
	case *Literal: // a folded quotient
		return n.Val.Kind() == value.KindDecimal && n.Val.Scale() > n.Typ.Scale
	}
	return false
}

// settled returns e rounded to its declared scale when e keeps guard digits.
func settled(e Expr) Expr {
	if !guarded(e) {
		return e
	}
	t := *e.Type()
	t.Guard = false
	return &rounded{arg: e, typ: &t}
}

// rounded rounds a decimal to the scale of its type.
type rounded struct {
	arg Expr
	typ *Type
}

func (r *rounded) Type() *Type                        { return r.typ }
func (r *rounded) Children() []Expr                   { return []Expr{r.arg} }
func (r *rounded) WithChildren(kids []Expr) Expr      { return &rounded{kids[0], r.typ} }
func (r *rounded) Flags() Flags                       { return 0 }
func (r *rounded) Append(dst []byte, f Format) []byte { return r.arg.Append(dst, f) }
func (r *rounded) Eval(env *Env) (value.Value, error) {
	v, err := r.arg.Eval(env)
	if err != nil || v.Kind() != value.KindDecimal {
		return v, err
	}
	return value.Rescale(v, r.typ.Scale), nil
}
