package expr

import (
	"math"

	"github.com/worktable-go/worktable/engine/value"
)

// adapt converts the constant k, compared with e, as the table in Domain's comment says: a literal now, a parameter at
// execution. Anything else, and constants whose conversion would warn, stay.
func (b *binder) adapt(e, k Expr) (Expr, error) {
	t := e.Type()
	switch k := k.(type) {
	case *Literal:
		if _, both := e.(*Literal); k.Val.IsNull() || both && !k.Typ.Hex {
			return k, nil
		}
		if k.Typ.Hex && classOf(t).isNumber() {
			return uintLiteral(hexNumber(k.Val.Str())), nil
		}
		env := b.foldEnv()
		v, err := adaptation{t, UnzonedColumn(e) != nil}.convert(env, k.Val)
		if err != nil || v == k.Val {
			return k, err
		}
		return &Literal{Val: v, Typ: ValueType(v, b.conn)}, nil
	case *Param:
		how := adaptation{t, UnzonedColumn(e) != nil}
		if how.wanted(k.Typ) {
			return &adapted{arg: k, how: how, typ: DynamicType(b.conn)}, nil
		}
	}
	return k, nil
}

// adaptation is the conversion of constants that are compared with an operand of type t.
type adaptation struct {
	t      *Type
	column bool // the operand is a column
}

// wanted reports whether parameters of type p may need the conversion.
func (a adaptation) wanted(p *Type) bool {
	cp := classOf(p)
	if cp != classString && cp != classDynamic && !(cp.isNumber() && a.column) {
		return false
	}
	switch c := classOf(a.t); c {
	case classDate, classDateTime, classTime:
		return true
	case classInt, classDecimal, classFloat:
		return !cp.isNumber() || a.t.ID == value.TypeYear
	}
	return false
}

// convert returns what v, which is not NULL, is compared as; v itself when it stays.
func (a adaptation) convert(env *Env, v value.Value) (value.Value, error) {
	c, k := classOf(a.t), kindClass[v.Kind()]
	switch {
	case a.column && a.t.ID == value.TypeYear:
		return adaptYear(v), nil
	case c.hasDate() && k == classString:
		return adaptDate(env, a.t, v)
	case c.hasDate() && k.isNumber() && a.column:
		if d, ok := numberToDateTime(v, value.AllowZeroDate|value.AllowZeroInDate); ok {
			return d, nil
		}
	case c == classTime && (k == classString || k.isNumber() && a.column):
		return adaptTime(env, v), nil
	case c == classInt && k == classString:
		return adaptInt(v), nil
	case (c == classDecimal || c == classFloat) && k == classString:
		if f, cut := v.AsFloat(); !cut {
			return value.Float(f), nil
		}
	}
	return v, nil
}

// adaptInt turns a string that is exactly an integer into one, any other number into a double.
func adaptInt(v value.Value) value.Value {
	n, unsigned, ok := parseInt(v.Str())
	switch {
	case ok && unsigned:
		return value.Uint(uint64(n))
	case ok:
		return value.Int(n)
	}
	if f, cut := v.AsFloat(); !cut {
		return value.Float(f)
	}
	return v
}

// adaptYear completes years of two digits.
func adaptYear(v value.Value) value.Value {
	var n int64
	switch v.Kind() {
	case value.KindInt:
		n = v.Int64()
	case value.KindString:
		i, _, ok := parseInt(v.Str())
		if !ok {
			return v
		}
		n = i
	default:
		return v
	}
	switch {
	case n >= 1 && n <= 69 || n == 0 && v.Kind() == value.KindString && len(v.Str()) < 4:
		n += 2000
	case n >= 70 && n <= 99:
		n += 1900
	}
	return value.Int(n)
}

// adaptDate parses a string that is compared with a date; one that is no date is error 1525.
func adaptDate(env *Env, t *Type, v value.Value) (value.Value, error) {
	text := v.Str()
	s := env.Run.Session
	flags := s.Mode.DateFlags() | value.AllowZeroDate | value.AllowZeroInDate
	d, cut, ok := value.ParseDateTime(text, 6, flags, s.Location())
	switch {
	case !ok:
		return v, wrongDate(t.ID, text)
	case cut:
		return v, nil
	case t.ID == value.TypeDate && value.DateOf(int64(d.Raw64())) == int64(d.Raw64()):
		return value.Date(int64(d.Raw64())), nil
	}
	return d, nil
}

func adaptTime(env *Env, v value.Value) value.Value {
	if v.Kind() != value.KindString && v.Kind() != value.KindBytes {
		if n, cut := v.AsInt(); cut || n > math.MaxInt32 || n < math.MinInt32 {
			return v
		}
	}
	quiet := env.quiet()
	d, ok, err := toTime(quiet, v)
	if !ok || err != nil || quiet.warned() {
		return v
	}
	return d
}

// adapted is a parameter that is converted once per execution for the operand that it is compared with.
type adapted struct {
	arg *Param
	how adaptation
	typ *Type
}

func (a *adapted) Type() *Type                        { return a.typ }
func (a *adapted) Children() []Expr                   { return nil }
func (a *adapted) WithChildren([]Expr) Expr           { return a }
func (a *adapted) Flags() Flags                       { return IsParam }
func (a *adapted) Append(dst []byte, f Format) []byte { return a.arg.Append(dst, f) }

// IsQuiet reports whether evaluating e, a literal or a parameter, gives no warning.
func IsQuiet(e Expr) bool {
	switch e.(type) {
	case *Literal, *Param, *adapted:
		return true
	}
	return false
}

// adaptedValue is the value of an adapted parameter in one execution.
type adaptedValue struct {
	val value.Value
	err error
}

func (a *adapted) Eval(env *Env) (value.Value, error) {
	v, err := a.arg.Eval(env)
	if err != nil || !a.needs(v) {
		return v, err
	}
	r := state(env.Run, a, func() adaptedValue {
		v, err := a.how.convert(env, v)
		return adaptedValue{v, err}
	})
	return r.val, r.err
}

// needs reports whether v is of a kind that the conversion changes.
func (a *adapted) needs(v value.Value) bool {
	switch kindClass[v.Kind()] {
	case classString:
		return true
	case classInt, classDecimal, classFloat:
		return a.how.column && (classOf(a.how.t).isTemporal() || a.how.t.ID == value.TypeYear)
	}
	return false
}
