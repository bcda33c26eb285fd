package value

import (
	"math"
	"math/big"
	"strconv"
)

// trimSpace cuts the white space that MySQL skips around numbers.
func trimSpace(s string) string {
	for s != "" && isSpace(s[0]) {
		s = s[1:]
	}
	return trimRightSpace(s)
}

func trimRightSpace(s string) string {
	for s != "" && isSpace(s[len(s)-1]) {
		s = s[:len(s)-1]
	}
	return s
}

func isSpace(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// AsFloat returns v as a double. truncated is true when a string had a rest that is no number (warning 1292), or a
// number beyond the range of a double was clamped.
func (v Value) AsFloat() (f float64, truncated bool) {
	switch v.kind {
	case KindInt:
		return float64(int64(v.n)), false
	case KindUint, KindEnum, KindSet, KindBit:
		return float64(v.n), false
	case KindFloat:
		return v.Float64(), false
	case KindDecimal:
		return v.decimalFloat(), false
	case KindString, KindBytes:
		return parseFloatPrefix(v.s)
	case KindJSON:
		return parseFloatPrefix(jsonScalarText(v.s))
	case KindDate, KindDateTime, KindTime:
		n, _ := v.AsNumber()
		return n.AsFloat()
	}
	return 0, false
}

// decimalFloat returns the double nearest to the decimal.
func (v Value) decimalFloat() float64 {
	if v.flags&flagBig == 0 {
		n := int64(v.n)
		// Both operands are exact, so one division rounds once.
		if v.scale <= 18 && magnitude64(n) <= 1<<53 {
			return float64(n) / float64(pow10[v.scale])
		}
	}
	var buf [96]byte
	f, _ := strconv.ParseFloat(string(v.appendDecimal(buf[:0])), 64)
	return f
}

// parseFloatPrefix reads the number at the head of a string.
func parseFloatPrefix(s string) (f float64, truncated bool) {
	s = trimSpace(s)
	p := numberPrefix(s)
	if p.end == 0 {
		return 0, true
	}
	f, err := strconv.ParseFloat(s[:p.end], 64)
	if err != nil { // out of range: ±Inf
		f = math.Copysign(math.MaxFloat64, f)
		return f, true
	}
	return f, p.end != len(s)
}

// AsInt returns v as an int64, rounded and clamped; truncated as for AsFloat or when clamped. As in MySQL, decimals and
// strings round half away from zero, doubles half to even.
func (v Value) AsInt() (i int64, truncated bool) {
	switch v.kind {
	case KindInt:
		return int64(v.n), false
	case KindUint, KindEnum, KindSet, KindBit:
		if v.n > math.MaxInt64 {
			return math.MaxInt64, true
		}
		return int64(v.n), false
	case KindFloat:
		return floatToInt(v.Float64())
	case KindNull:
		return 0, false
	case KindDateTime, KindTime:
		// Rounded as a time: 03:04:59.6 is 30500.
		if r, ok := RoundFsp(v, 0); ok {
			v = r
		}
	}
	d, truncated := v.AsDecimal()
	d = Rescale(d, 0)
	if d.flags&flagBig != 0 {
		if d.flags&flagNeg != 0 {
			return math.MinInt64, true
		}
		return math.MaxInt64, true
	}
	return int64(d.n), truncated
}

// floatToInt rounds half to even and clamps. NaN gives 0.
func floatToInt(f float64) (int64, bool) {
	f = math.RoundToEven(f)
	switch {
	case math.IsNaN(f):
		return 0, true
	case f < -1<<63:
		return math.MinInt64, true
	case f >= 1<<63:
		return math.MaxInt64, true
	}
	return int64(f), false
}

// AsUint returns v as a uint64, rounded and clamped; negative values clamp to 0 with truncated.
func (v Value) AsUint() (u uint64, truncated bool) {
	switch v.kind {
	case KindInt:
		if int64(v.n) < 0 {
			return 0, true
		}
		return v.n, false
	case KindUint, KindEnum, KindSet, KindBit:
		return v.n, false
	case KindFloat:
		f := math.RoundToEven(v.Float64())
		switch {
		case math.IsNaN(f) || f < 0:
			return 0, true
		case f >= 1<<64:
			return math.MaxUint64, true
		}
		return uint64(f), false
	case KindNull:
		return 0, false
	}
	d, truncated := v.AsDecimal()
	return decimalToUint(d, truncated)
}

func decimalToUint(d Value, truncated bool) (uint64, bool) {
	d = Rescale(d, 0)
	switch {
	case DecimalSign(d) < 0:
		return 0, true
	case d.flags&flagBig == 0:
		return d.n, truncated
	}
	if c := d.bigCoef(); c.IsUint64() {
		return c.Uint64(), truncated
	}
	return math.MaxUint64, true
}

// AsDecimal returns v as a KindDecimal; NULL gives zero. Numbers beyond 65 digits are clamped with truncated.
func (v Value) AsDecimal() (d Value, truncated bool) {
	switch v.kind {
	case KindInt:
		return Decimal(int64(v.n), 0), false
	case KindUint, KindEnum, KindSet, KindBit:
		return DecimalFromUint(v.n), false
	case KindFloat:
		return decimalFromFloat(v.Float64())
	case KindDecimal:
		return v, false
	case KindString, KindBytes:
		return parseDecimalClamped(v.s)
	case KindJSON:
		return parseDecimalClamped(jsonScalarText(v.s))
	case KindDate, KindDateTime, KindTime:
		n, _ := v.AsNumber()
		return n.AsDecimal()
	}
	return Decimal(0, 0), false
}

func parseDecimalClamped(s string) (Value, bool) {
	s = trimSpace(s)
	d, rest, err := parseDecimalPrefix(s)
	if err != nil {
		return maxDecimal(MaxDecimalDigits, 0, s != "" && s[0] == '-'), true
	}
	return d, rest != 0 || s == ""
}

// maxDecimal returns the greatest DECIMAL(precision, scale), or the least when negative.
func maxDecimal(precision, scale int, negative bool) Value {
	c := new(big.Int).Sub(pow10Big(precision), bigPow10[0])
	if negative {
		c.Neg(c)
	}
	return DecimalBig(c, uint8(scale))
}

// decimalFromFloat converts by the shortest digits of the double, as MySQL does.
func decimalFromFloat(f float64) (Value, bool) {
	if math.IsNaN(f) {
		return Decimal(0, 0), true
	}
	if f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return Decimal(int64(f), 0), false
	}
	var buf [32]byte
	return parseDecimalClamped(string(strconv.AppendFloat(buf[:0], f, 'e', -1, 64)))
}

// AsNumber returns v as the numeric value it has in arithmetic: Int, Uint, Decimal and Float as they are,
// strings as Float, temporal values as Int or Decimal (20240131123456.5), ENUM, SET, BIT as integers. NULL stays.
func (v Value) AsNumber() (n Value, truncated bool) {
	switch v.kind {
	case KindString, KindBytes, KindJSON:
		f, truncated := v.AsFloat()
		return Float(f), truncated
	case KindEnum, KindSet, KindBit:
		return Uint(v.n), false
	case KindDate:
		c := UnpackDateTime(int64(v.n))
		return Int(c.dateNumber()), false
	case KindDateTime:
		c := UnpackDateTime(int64(v.n))
		n := c.dateNumber()*1e6 + c.timeNumber()
		return withFraction(n, int64(c.Micro), v.scale), false
	case KindTime:
		us := int64(v.n)
		neg := us < 0
		if neg {
			us = -us
		}
		s := us / 1e6
		n := s/3600*10000 + s/60%60*100 + s%60
		us %= 1e6
		if neg {
			n, us = -n, -us
		}
		return withFraction(n, us, v.scale), false
	}
	return v, false
}

// withFraction returns whole + us/10^6 with fsp digits, an Int when there are none.
func withFraction(whole, us int64, fsp uint8) Value {
	if fsp == 0 {
		return Int(whole)
	}
	d, err := DecimalAdd(Decimal(whole, 0), Decimal(us, 6))
	if err != nil {
		return Int(whole) // cannot be: 20 digits
	}
	return DecimalTruncate(d, fsp)
}

// Truth reports whether v is true in a condition; NULL is not.
func (v Value) Truth() bool {
	switch v.kind {
	case KindNull:
		return false
	case KindInt, KindUint, KindEnum, KindSet, KindBit, KindDate, KindDateTime, KindTime:
		return v.n != 0
	case KindDecimal:
		return DecimalSign(v) != 0
	}
	f, _ := v.AsFloat()
	return f != 0
}
