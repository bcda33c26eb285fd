package value

import (
	"math"
	"math/big"
)

// intRange returns the limits of an integer type.
func (t *Type) intRange() (lo int64, hi uint64) {
	bits := 8 * t.info().bytes
	if t.Unsigned {
		return 0, math.MaxUint64 >> (64 - bits)
	}
	return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
}

// makeInt returns an integer of type t that is known to be in range.
func (t *Type) makeInt(n int64) Value {
	if t.Unsigned {
		return Uint(uint64(n))
	}
	return Int(n)
}

func (c *coercion) integer(v Value) (Value, error) {
	lo, hi := c.t.intRange()
	switch v.kind {
	case KindInt:
		n := int64(v.n)
		if n >= lo && (n < 0 || uint64(n) <= hi) {
			return c.t.makeInt(n), nil
		}
		if n < 0 {
			return c.t.makeInt(lo), c.outOfRange()
		}
		return c.t.makeInt(int64(hi)), c.outOfRange()
	case KindUint, KindEnum, KindSet, KindBit:
		if v.n <= hi {
			return c.t.makeInt(int64(v.n)), nil
		}
		return c.t.makeInt(int64(hi)), c.outOfRange()
	case KindFloat:
		return c.integerFromFloat(v.Float64())
	case KindString, KindBytes, KindJSON:
		return c.integerFromText(v)
	}
	if v.kind == KindDecimal {
		if c.t.Unsigned && DecimalSign(v) < 0 { // also where it would round to 0, unlike text and floats
			return c.t.makeInt(0), c.outOfRange()
		}
		return c.integerFromDecimal(v)
	}
	n, _ := v.AsInt() // temporal
	return c.integer(Int(n))
}

func (c *coercion) integerFromFloat(f float64) (Value, error) {
	lo, hi := c.t.intRange()
	f = math.RoundToEven(f)
	switch {
	case math.IsNaN(f):
		return c.t.makeInt(0), c.outOfRange()
	case f < float64(lo):
		return c.t.makeInt(lo), c.outOfRange()
	case f >= float64(hi)+1 || hi >= 1<<53 && f >= float64(hi):
		// The second condition: the greatest BIGINT is no double, and the next double above it is out of range.
		return c.t.makeInt(int64(hi)), c.outOfRange()
	case f < 0:
		return c.t.makeInt(int64(f)), nil
	}
	return c.t.makeInt(int64(uint64(f))), nil
}

func (c *coercion) integerFromDecimal(d Value) (Value, error) {
	lo, hi := c.t.intRange()
	d = Rescale(d, 0)
	if d.flags&flagBig == 0 {
		return c.integer(Int(int64(d.n)))
	}
	if d.flags&flagNeg != 0 {
		return c.t.makeInt(lo), c.outOfRange()
	}
	if u, cut := decimalToUint(d, false); !cut {
		return c.integer(Uint(u))
	}
	return c.t.makeInt(int64(hi)), c.outOfRange()
}

func (c *coercion) integerFromText(v Value) (Value, error) {
	text := v.s
	if v.kind == KindJSON {
		text = jsonScalarText(text)
	}
	s := trimSpace(text)
	d, rest, err := parseDecimalPrefix(s)
	if err != nil {
		lo, hi := c.t.intRange()
		if s[0] == '-' {
			return c.t.makeInt(lo), c.outOfRange()
		}
		return c.t.makeInt(int64(hi)), c.outOfRange()
	}
	if rest == len(s) {
		return c.t.makeInt(0), c.incorrect("integer", v.s)
	}
	out, err := c.integerFromDecimal(d)
	if err == nil && rest != 0 {
		err = c.truncated()
	}
	return out, err
}

func (c *coercion) float(v Value) (Value, error) {
	var f float64
	var err error
	switch v.kind {
	case KindFloat:
		f = v.Float64()
	case KindString, KindBytes, KindJSON:
		var cut bool
		f, cut = v.AsFloat()
		if cut {
			if math.Abs(f) == math.MaxFloat64 {
				err = c.outOfRange()
			} else {
				err = c.truncated()
			}
		}
	default:
		f, _ = v.AsFloat()
	}
	if err != nil {
		return Null, err
	}
	if math.IsNaN(f) {
		return c.makeFloat(0), c.outOfRange()
	}
	limit := math.MaxFloat64
	if c.t.ID == TypeFloat {
		limit = math.MaxFloat32
		if r := math.Abs(float64(float32(f))); r <= limit {
			limit = math.Max(limit, math.Abs(f)) // rounds down to the greatest FLOAT
		}
	}
	if c.t.Precision != 0 {
		p := math.Pow10(int(c.t.Scale))
		if r := math.RoundToEven(f*p) / p; !math.IsInf(r, 0) && math.Abs(f) < 1<<53/p {
			f = r
		}
		limit = math.Min(limit, math.Pow10(int(c.t.Precision)-int(c.t.Scale))-1/p)
	}
	switch {
	case f > limit:
		return c.makeFloat(limit), c.outOfRange()
	case f < 0 && c.t.Unsigned:
		return c.makeFloat(0), c.outOfRange()
	case f < -limit:
		return c.makeFloat(-limit), c.outOfRange()
	}
	return c.makeFloat(f), nil
}

func (c *coercion) makeFloat(f float64) Value {
	if c.t.ID == TypeFloat {
		return Float32(float32(f))
	}
	return Float(f)
}

func (c *coercion) decimal(v Value) (Value, error) {
	var d Value
	switch v.kind {
	case KindDecimal:
		d = v
	case KindString, KindBytes, KindJSON:
		var err error
		if d, err = c.decimalFromText(v); err != nil {
			return Null, err
		}
	default:
		var cut bool
		if d, cut = v.AsDecimal(); cut {
			return c.t.maxDecimal(DecimalSign(d) < 0), c.outOfRange()
		}
	}
	out := d
	if d.scale != c.t.Scale {
		out = Rescale(d, c.t.Scale)
		if d.scale > c.t.Scale && v.kind != KindFloat && c.opt.Warn != nil && DecimalCompare(out, d) != 0 {
			c.note()
		}
	}
	if DecimalDigits(out) > int(c.t.Precision) {
		return c.t.maxDecimal(DecimalSign(out) < 0), c.outOfRange()
	}
	if c.t.Unsigned && DecimalSign(out) < 0 {
		return Decimal(0, c.t.Scale), c.outOfRange()
	}
	return out, nil
}

// maxDecimal returns the greatest value of a DECIMAL type, or the least.
func (t *Type) maxDecimal(negative bool) Value {
	if negative && t.Unsigned {
		return Decimal(0, t.Scale)
	}
	return maxDecimal(int(t.Precision), int(t.Scale), negative)
}

func (c *coercion) decimalFromText(v Value) (Value, error) {
	text := v.s
	if v.kind == KindJSON {
		text = jsonScalarText(text)
	}
	s := trimSpace(text)
	d, rest, err := parseDecimalPrefix(s)
	switch {
	case err != nil:
		return maxDecimal(MaxDecimalDigits, 0, s[0] == '-'), c.outOfRange()
	case rest == len(s):
		return d, c.incorrect("decimal", v.s)
	case rest != 0:
		if c.opt.NonStrict {
			return d, c.truncated()
		}
		return d, c.incorrect("decimal", v.s)
	}
	return d, nil
}

func (c *coercion) year(v Value) (Value, error) {
	var n int64
	text := false
	switch v.kind {
	case KindDate, KindDateTime:
		n = int64(v.Civil().Year)
	case KindString, KindBytes, KindJSON:
		s := trimSpace(v.s)
		d, rest, err := parseDecimalPrefix(s)
		if err != nil {
			return Year(0), c.outOfRange()
		}
		if rest == len(s) {
			return Year(0), c.incorrect("integer", v.s)
		}
		if rest != 0 {
			if err := c.truncated(); err != nil {
				return Null, err
			}
		}
		n, _ = d.AsInt()
		text = len(v.s) != 4 // '0000' is the zero year, '0' is 2000
	case KindTime:
		now := c.opt.Now
		if now.IsZero() {
			return Year(0), c.outOfRange()
		}
		n = int64(now.Year())
	case KindFloat:
		n, _ = floatToInt(math.Trunc(v.Float64()))
	default:
		n, _ = v.AsInt()
	}
	switch {
	case n == 0 && !text:
		return Year(0), nil
	case n >= 0 && n <= 99:
		return Year(fullYear(int(n))), nil
	case n < 1901 || n > 2155:
		return Year(0), c.outOfRange()
	}
	return Year(int(n)), nil
}

func (c *coercion) bit(v Value) (Value, error) {
	width := uint8(c.t.Length)
	full := uint64(math.MaxUint64) >> (64 - width)
	var u uint64
	over := false
	switch v.kind {
	case KindInt, KindUint, KindEnum, KindSet, KindBit:
		u = v.n
	case KindString, KindBytes, KindJSON:
		s := v.s
		for s != "" && s[0] == 0 {
			s = s[1:]
		}
		over = len(s) > 8
		if !over {
			for i := 0; i < len(s); i++ {
				u = u<<8 | uint64(s[i])
			}
		}
	case KindDecimal:
		d := Rescale(v, 0)
		var b *big.Int
		var neg bool
		u, b, neg = d.bits()
		if neg {
			return Bit(0, width), c.outOfRange()
		}
		over = b != nil
	case KindFloat:
		n, cut := floatToInt(math.Trunc(v.Float64()))
		u, over = uint64(n), cut
	default:
		n, cut := v.AsInt()
		u, over = uint64(n), cut
	}
	if over || u > full {
		err := c.tooLong()
		return Bit(full, width), err
	}
	return Bit(u, width), nil
}

// bits returns the coefficient as 64 bits, or as b when it has more.
func (v Value) bits() (u uint64, b *big.Int, neg bool) {
	if v.flags&flagBig == 0 {
		return v.n, nil, int64(v.n) < 0
	}
	b = v.bigCoef()
	if b.IsUint64() {
		return b.Uint64(), nil, false
	}
	return 0, b, b.Sign() < 0
}
