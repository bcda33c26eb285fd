package expr

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// maxQuoted is how many bytes of a value a message shows.
const maxQuoted = 128

// shown cuts s for a message.
func shown(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	s = s[:maxQuoted]
	for s != "" && !utf8.RuneStart(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	if s != "" && s[len(s)-1] >= utf8.RuneSelf {
		s = s[:len(s)-1]
	}
	return s
}

// truncated warns that text was no whole number.
func (env *Env) truncated(what, text string) error {
	return env.Warn(sqlerr.New(sqlerr.TruncatedWrong, what, shown(text)))
}

// incorrect warns that text is no date or time.
func (env *Env) incorrect(what string, v value.Value) error {
	return env.Warn(sqlerr.New(errIncorrectValue, what, shown(v.Text())))
}

// toFloat returns v, which is not NULL, as a double.
func toFloat(env *Env, v value.Value) (float64, error) {
	switch v.Kind() {
	case value.KindFloat:
		return v.Float64(), nil
	case value.KindInt:
		return float64(v.Int64()), nil
	}
	f, cut := v.AsFloat()
	if cut {
		return f, env.truncated("DOUBLE", v.Text())
	}
	return f, nil
}

// toNumber returns v, which is not NULL, as Int, Uint, Decimal or Float.
func toNumber(env *Env, v value.Value) (value.Value, error) {
	switch v.Kind() {
	case value.KindInt, value.KindUint, value.KindFloat, value.KindDecimal:
		return v, nil
	case value.KindEnum, value.KindSet:
		return value.Float(float64(v.Raw64())), nil
	}
	n, cut := v.AsNumber()
	if cut {
		return n, env.truncated("DOUBLE", v.Text())
	}
	return n, nil
}

// toInt returns v, which is not NULL, as MySQL's val_int does: numbers round, strings give the integer they start with,
// values beyond the range clamp. unsigned says that the bits are those of a uint64.
func toInt(env *Env, v value.Value) (n int64, unsigned bool, err error) {
	switch v.Kind() {
	case value.KindInt:
		return v.Int64(), false, nil
	case value.KindUint, value.KindEnum, value.KindSet, value.KindBit:
		return int64(v.Raw64()), true, nil
	case value.KindFloat:
		return floatToInt(env, v.Float64())
	case value.KindString, value.KindBytes:
		n, unsigned, ok := parseInt(v.Str())
		if !ok {
			return n, unsigned, env.truncated("INTEGER", v.Str())
		}
		return n, unsigned, nil
	case value.KindJSON:
		return jsonToInt(env, v)
	}
	d, _ := v.AsDecimal()
	d = value.Rescale(d, 0)
	if value.DecimalSign(d) >= 0 {
		u, cut := d.AsUint()
		if cut {
			return -1, true, env.truncated("DECIMAL", v.Text())
		}
		return int64(u), u > math.MaxInt64, nil
	}
	n, cut := d.AsInt()
	if cut {
		return n, false, env.truncated("DECIMAL", v.Text())
	}
	return n, false, nil
}

// floatToInt rounds to even, as val_int of a double does, and clamps.
func floatToInt(env *Env, f float64) (int64, bool, error) {
	r := math.RoundToEven(f)
	switch {
	case r >= -1<<63 && r < 1<<63:
		return int64(r), false, nil
	case r > 0 && r < 1<<64:
		return int64(uint64(r)), true, nil
	case r < 0:
		return math.MinInt64, false, env.truncated("INTEGER", value.Float(f).Text())
	}
	return math.MaxInt64, false, env.truncated("INTEGER", value.Float(f).Text())
}

// parseInt reads the integer at the head of s. ok is false when more than blanks follow, or when it was clamped.
func parseInt(s string) (n int64, unsigned, ok bool) {
	t := strings.TrimLeft(s, " \t\n\v\f\r")
	neg := false
	if t != "" && (t[0] == '-' || t[0] == '+') {
		neg = t[0] == '-'
		t = t[1:]
	}
	i := 0
	for i < len(t) && t[i]-'0' <= 9 {
		i++
	}
	rest := strings.TrimRight(t[i:], " \t\n\v\f\r")
	u, err := strconv.ParseUint(t[:i], 10, 64)
	if i == 0 {
		return 0, false, false
	}
	switch {
	case neg && (err != nil || u > 1<<63):
		return math.MinInt64, false, false
	case neg:
		return -int64(u), false, rest == ""
	case err != nil:
		return -1, true, false
	}
	return int64(u), u > math.MaxInt64, rest == ""
}

// toIndex is toInt for lengths and positions: unsigned values beyond int64 clamp.
func toIndex(env *Env, v value.Value) (int64, error) {
	if v.Kind() == value.KindInt {
		return v.Int64(), nil
	}
	n, unsigned, err := toInt(env, v)
	if unsigned && n < 0 {
		n = math.MaxInt64
	}
	return n, err
}

// toBits returns v as the operand of a bit operation: 64 bits, negative numbers in two's complement.
func toBits(env *Env, v value.Value) (uint64, error) {
	switch v.Kind() {
	case value.KindInt, value.KindUint, value.KindEnum, value.KindSet, value.KindBit:
		return v.Raw64(), nil
	}
	n, _, err := toInt(env, v)
	return uint64(n), err
}

// toDecimal returns v, which is not NULL, as a decimal.
func toDecimal(env *Env, v value.Value) (value.Value, error) {
	if v.Kind() == value.KindDecimal {
		return v, nil
	}
	d, cut := v.AsDecimal()
	if cut {
		return d, env.truncated("DECIMAL", v.Text())
	}
	return d, nil
}

// toDateTime returns v, which is not NULL, as a KindDateTime or KindDate; ok is false when it is no date that flags
// allow, with a warning. A TIME is taken on the current date.
func toDateTime(env *Env, v value.Value, flags value.DateFlags) (out value.Value, ok bool, err error) {
	switch v.Kind() {
	case value.KindDate, value.KindDateTime:
		if flags&value.AllowZeroDate == 0 && v.Raw64() == 0 {
			return v, false, env.incorrect("datetime", v)
		}
		return v, true, nil
	case value.KindTime:
		return timeToDateTime(env, v), true, nil
	case value.KindInt:
		out, ok = value.DateTimeFromNumber(v.Int64(), flags)
	case value.KindUint, value.KindFloat, value.KindDecimal, value.KindEnum, value.KindSet, value.KindBit:
		out, ok = numberToDateTime(v, flags)
	case value.KindString, value.KindBytes, value.KindJSON:
		text := textOf(v)
		var cut bool
		out, cut, ok = value.ParseDateTime(text, 6, flags, env.Run.Session.Location())
		if ok {
			out = fitFsp(out, text)
			if cut {
				return out, true, env.truncated("datetime", text)
			}
		}
	}
	if !ok {
		return value.Null, false, env.incorrect("datetime", v)
	}
	return out, true, nil
}

// fitFsp gives a parsed temporal value the digits that its text has.
func fitFsp(v value.Value, text string) value.Value {
	n := 0
	if i := strings.LastIndexByte(text, '.'); i >= 0 {
		for i++; i < len(text) && n < 6 && text[i]-'0' <= 9; i++ {
			n++
		}
	}
	if v.Kind() == value.KindTime {
		return value.Time(int64(v.Raw64()), uint8(n))
	}
	return value.DateTime(int64(v.Raw64()), uint8(n))
}

func numberToDateTime(v value.Value, flags value.DateFlags) (value.Value, bool) {
	d, cut := v.AsDecimal()
	if cut {
		return value.Null, false
	}
	whole := value.DecimalTruncate(d, 0)
	n, cut := whole.AsInt()
	if cut {
		return value.Null, false
	}
	out, ok := value.DateTimeFromNumber(n, flags)
	scale := min(d.Scale(), 6)
	if !ok || scale == 0 {
		return out, ok
	}
	frac, err := value.DecimalSub(d, whole)
	if err != nil {
		return value.Null, false
	}
	small, _, _ := value.Rescale(frac, 6).DecimalParts()
	c, ok := out.Civil().AddMicros(small)
	return value.DateTime(c.Pack(), scale), ok
}

// timeToDateTime puts a TIME on the current date of the session.
func timeToDateTime(env *Env, v value.Value) value.Value {
	today := value.DateFromTime(env.Run.localNow()).Civil()
	c, _ := today.AddMicros(int64(v.Raw64()))
	return value.DateTime(c.Pack(), v.Scale())
}

// toTime returns v, which is not NULL, as a KindTime; ok is false, with a warning, when it is none.
func toTime(env *Env, v value.Value) (out value.Value, ok bool, err error) {
	switch v.Kind() {
	case value.KindTime:
		return v, true, nil
	case value.KindDate, value.KindDateTime:
		return value.Time(v.Civil().TimeMicros(), v.Scale()), true, nil
	case value.KindString, value.KindBytes, value.KindJSON:
		text := textOf(v)
		out, cut, ok := value.ParseTime(text, 6)
		if !ok {
			return value.Null, false, env.truncated("time", text)
		}
		out = fitFsp(out, text)
		if cut {
			return out, true, env.truncated("time", text)
		}
		return out, true, nil
	}
	out, ok = numberToTime(v)
	if !ok {
		return value.Null, false, env.truncated("time", v.Text())
	}
	return out, true, nil
}

func numberToTime(v value.Value) (value.Value, bool) {
	d, cut := v.AsDecimal()
	if cut {
		return value.Null, false
	}
	whole := value.DecimalTruncate(d, 0)
	n, cut := whole.AsInt()
	if cut {
		return value.Null, false
	}
	out, ok := value.TimeFromNumber(n)
	scale := min(d.Scale(), 6)
	if !ok || scale == 0 {
		return out, ok
	}
	frac, err := value.DecimalSub(d, whole)
	if err != nil {
		return value.Null, false
	}
	small, _, _ := value.Rescale(frac, 6).DecimalParts()
	return value.Time(int64(out.Raw64())+small, scale), true
}

// textOf returns v as a string; JSON strings lose their quotes.
func textOf(v value.Value) string {
	if v.Kind() == value.KindJSON {
		return jsonText(v.Str())
	}
	return v.Text()
}

// truth returns the truth of v with the warning that a string which is no number gives.
func truth(env *Env, v value.Value) (Tri, error) {
	switch v.Kind() {
	case value.KindNull:
		return Null, nil
	case value.KindInt:
		if v.Int64() != 0 {
			return True, nil
		}
		return False, nil
	case value.KindString, value.KindBytes:
		f, err := toFloat(env, v)
		if err != nil {
			return Null, err
		}
		return triOf(f != 0), nil
	}
	return triOf(v.Truth()), nil
}

func triOf(b bool) Tri {
	if b {
		return True
	}
	return False
}
