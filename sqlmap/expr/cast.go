package expr

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Cast converts Arg to Typ: CAST and CONVERT, and the conversions that joining types needs (CASE, UNION).
type Cast struct {
	Arg      Expr
	Typ      *Type
	implicit bool // no CAST in the text: nothing is cut
	limit    int  // CHAR(n), BINARY(n); -1 without n
}

// Convert returns e with the type t that MergeTypes decided for several expressions; e itself when its values fit.
func Convert(e Expr, t *Type) Expr {
	from := e.Type()
	if t.ID == value.TypeNull || from.ID == value.TypeNull {
		return e
	}
	e = settled(e)
	cf, ct := staticClass(from), staticClass(t)
	same := !from.Dynamic && cf == ct
	switch ct {
	case classDecimal:
		same = same && from.Scale == t.Scale
	case classInt:
		same = same && from.Unsigned == t.Unsigned && from.ID != value.TypeBit && (from.ID == t.ID || from.ID != value.TypeYear)
	case classString:
		same = same && (from.Collation == collate.Binary) == (t.Collation == collate.Binary) && !from.Zerofill
	case classDateTime, classTime:
		same = same && from.Scale == t.Scale
	case classLabel:
		same = same && from.Equal(&t.Type)
	case classFloat:
		same = same && (from.ID == t.ID || from.ID != value.TypeFloat)
	}
	if same {
		return e
	}
	if t.Dynamic {
		return e
	}
	typ := *t
	typ.NotNull = from.NotNull
	return &Cast{Arg: e, Typ: &typ, implicit: true, limit: -1}
}

// Type implements Expr.
func (c *Cast) Type() *Type { return c.Typ }

// Children implements Expr.
func (c *Cast) Children() []Expr { return []Expr{c.Arg} }

// WithChildren implements Expr.
func (c *Cast) WithChildren(kids []Expr) Expr {
	n := *c
	n.Arg = kids[0]
	return &n
}

// Flags implements Expr.
func (c *Cast) Flags() Flags { return 0 }

// Append implements Expr.
func (c *Cast) Append(dst []byte, f Format) []byte {
	if c.implicit && f != KeyText {
		return c.Arg.Append(dst, f)
	}
	dst = c.Arg.Append(append(dst, "cast("...), f)
	dst = append(append(dst, " as "...), c.targetName()...)
	if f == KeyText {
		dst = append(dst, '/')
		dst = strconv.AppendUint(dst, uint64(c.Typ.Collation), 10)
		if c.implicit {
			dst = append(dst, 'i')
		}
	}
	return append(dst, ')')
}

func (c *Cast) targetName() string {
	t := c.Typ
	switch classOf(t) {
	case classInt:
		switch {
		case t.ID == value.TypeYear:
			return "year"
		case t.Unsigned:
			return "unsigned"
		}
		return "signed"
	case classString:
		name := "char"
		if t.Collation == collate.Binary {
			name = "binary"
		}
		if c.limit >= 0 {
			name = fmt.Sprintf("%s(%d)", name, c.limit)
		}
		return name
	}
	return t.Type.String()
}

// Eval implements Expr.
func (c *Cast) Eval(env *Env) (value.Value, error) {
	v, err := c.Arg.Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	return c.convert(env, v)
}

func (c *Cast) convert(env *Env, v value.Value) (value.Value, error) {
	t := c.Typ
	switch staticClass(t) {
	case classInt:
		return c.toInteger(env, v)
	case classDecimal:
		return c.toDecimal(env, v)
	case classFloat:
		f, err := toFloat(env, v)
		if t.ID == value.TypeFloat {
			return value.Float32(float32(f)), err
		}
		return value.Float(f), err
	case classString:
		if t.Collation == collate.Binary {
			return c.toBinary(env, v)
		}
		return c.toChar(env, v)
	case classDate:
		d, ok, err := toDateTime(env, v, env.castDates())
		if !ok || err != nil {
			return value.Null, err
		}
		return value.Date(value.DateOf(int64(d.Raw64()))), nil
	case classDateTime:
		d, ok, err := toDateTime(env, v, env.castDates())
		if !ok || err != nil {
			return value.Null, err
		}
		return c.fitTemporal(env, value.DateTime(int64(d.Raw64()), 6))
	case classTime:
		d, ok, err := toTime(env, v)
		if !ok || err != nil {
			return value.Null, err
		}
		return c.fitTemporal(env, value.Time(int64(d.Raw64()), 6))
	case classJSON:
		return castJSON(c, v)
	case classLabel:
		return c.toLabel(env, v)
	}
	return v, nil
}

// castDates returns the dates that conversion to a date accepts under the sql_mode.
func (env *Env) castDates() value.DateFlags { return env.Run.Session.Mode.DateFlags() }

func (c *Cast) fitTemporal(env *Env, v value.Value) (value.Value, error) {
	if env.Run.Session.Mode&ModeTimeTruncateFractional != 0 {
		return value.TruncateFsp(v, c.Typ.Scale), nil
	}
	out, ok := value.RoundFsp(v, c.Typ.Scale)
	if !ok {
		return value.Null, env.incorrect("datetime", v)
	}
	return out, nil
}

func (c *Cast) toInteger(env *Env, v value.Value) (value.Value, error) {
	if c.Typ.ID == value.TypeYear {
		return castYear(env, v)
	}
	if v.Kind() == value.KindDecimal && c.Typ.Unsigned && value.DecimalSign(v) < 0 {
		return value.Uint(0), c.outOfRange(env)
	}
	n, unsigned, err := toInt(env, v)
	if err != nil {
		return value.Null, err
	}
	if c.Typ.Unsigned {
		isText := v.Kind() == value.KindString || v.Kind() == value.KindBytes
		if n < 0 && !unsigned && isText {
			err = env.Warn(sqlerr.New(errNegativeToUnsigned))
		}
		return value.Uint(uint64(n)), err
	}
	if n < 0 && unsigned && !c.implicit && v.Kind() == value.KindDecimal {
		return value.Int(math.MaxInt64), c.outOfRange(env)
	}
	return value.Int(n), nil
}

func (c *Cast) outOfRange(env *Env) error {
	return env.Warn(sqlerr.New(sqlerr.OutOfRange, string(c.Append(nil, ErrorMsg)), 1))
}

func castYear(env *Env, v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindDate, value.KindDateTime:
		return value.Year(v.Civil().Year), nil
	case value.KindTime:
		return value.Year(env.Run.localNow().Year()), nil
	}
	n, err := toIndex(env, v)
	if err != nil {
		return value.Null, err
	}
	switch {
	case n == 0 && (v.Kind() == value.KindString || v.Kind() == value.KindBytes) && len(strings.TrimSpace(v.Str())) < 4:
		return value.Year(2000), nil
	case n == 0:
		return value.Year(0), nil
	case n >= 1 && n <= 69:
		return value.Year(int(n) + 2000), nil
	case n >= 70 && n <= 99:
		return value.Year(int(n) + 1900), nil
	case n >= 1901 && n <= 2155:
		return value.Year(int(n)), nil
	}
	return value.Null, env.truncated("YEAR", v.Text())
}

func (c *Cast) toDecimal(env *Env, v value.Value) (value.Value, error) {
	d, err := toDecimal(env, v)
	if err != nil {
		return value.Null, err
	}
	d = value.Rescale(d, c.Typ.Scale)
	if value.DecimalDigits(d) <= int(c.Typ.Precision) {
		return d, nil
	}
	most := strings.Repeat("9", int(c.Typ.Precision-c.Typ.Scale)) + "." + strings.Repeat("9", int(c.Typ.Scale))
	limit, err := value.ParseDecimal("0" + strings.TrimSuffix(most, "."))
	if err != nil {
		return value.Null, err
	}
	if value.DecimalSign(d) < 0 {
		limit = value.DecimalNeg(limit)
	}
	return limit, c.outOfRange(env)
}

func (c *Cast) toChar(env *Env, v value.Value) (value.Value, error) {
	s := textOf(v)
	if c.Arg.Type().Zerofill {
		s = zeroFilled(c.Arg.Type(), v)
	}
	if v.Kind() == value.KindJSON && !c.implicit {
		s = v.Str()
	}
	if (v.Kind() == value.KindBytes || v.Kind() == value.KindBit) && !utf8.ValidString(s) {
		return value.Null, env.Warn(sqlerr.New(errInvalidString, "utf8mb4", hexOf(s)))
	}
	if c.limit >= 0 {
		if cut, ok := cutChars(s, c.limit); ok {
			if err := env.truncated(fmt.Sprintf("CHAR(%d)", c.limit), s); err != nil {
				return value.Null, err
			}
			s = cut
		}
	}
	return value.String(s), nil
}

func (c *Cast) toBinary(env *Env, v value.Value) (value.Value, error) {
	s := textOf(v)
	if v.Kind() == value.KindJSON && !c.implicit {
		s = v.Str()
	}
	switch {
	case c.limit >= 0 && len(s) > c.limit:
		if err := env.truncated(fmt.Sprintf("BINARY(%d)", c.limit), s); err != nil {
			return value.Null, err
		}
		s = s[:c.limit]
	case len(s) < c.limit:
		if c.limit > env.Run.Session.maxPacket() {
			return value.Null, env.packetTooLarge("cast_as_binary")
		}
		s += strings.Repeat("\x00", c.limit-len(s))
	}
	return value.Bytes(s), nil
}

func (c *Cast) toLabel(env *Env, v value.Value) (value.Value, error) {
	if v.Kind() == value.KindEnum || v.Kind() == value.KindSet {
		return v, nil
	}
	return value.Coerce(v, &c.Typ.Type, &value.CoerceOptions{NonStrict: true})
}

// cutChars returns the first n characters of s; ok is false when s has no more.
func cutChars(s string, n int) (cut string, ok bool) {
	if len(s) <= n {
		return s, false
	}
	for i := range s {
		if n == 0 {
			return s[:i], true
		}
		n--
	}
	return s, false
}

func hexOf(s string) string {
	var b []byte
	for i := 0; i < len(s) && i < 6; i++ {
		b = append(b, hexDigits[s[i]>>4], hexDigits[s[i]&15])
	}
	return string(b)
}

// zeroFilled prints an integer of a ZEROFILL column.
func zeroFilled(t *Type, v value.Value) string { return string(t.Type.AppendText(nil, v)) }

// packetTooLarge is warning 1301.
func (env *Env) packetTooLarge(function string) error {
	return env.Warn(sqlerr.New(sqlerr.PacketTooLarge, function, env.Run.Session.maxPacket()))
}
