package value

import (
	"errors"
	"math"
	"math/big"
	"math/bits"
)

// Limits of DECIMAL.
const (
	MaxDecimalDigits      = 65
	MaxDecimalScale       = 30
	DivPrecisionIncrement = 4 // MySQL's default of div_precision_increment
)

// Errors of decimal arithmetic; the caller turns them into MySQL's 1690 and 1365 with its own context.
var (
	ErrDecimalRange   = errors.New("value: DECIMAL out of range")
	ErrDivisionByZero = errors.New("value: division by zero")
)

// A decimal is coefficient × 10^-scale. The coefficient lives in n while it fits an int64, which is the canonical
// form then; otherwise s holds its magnitude, big-endian without leading zeros, and flagNeg its sign. So a
// decimal can be decoded from a page without an allocation, whatever its size.

// pow10 holds the powers of ten that fit an int64.
var pow10 = [19]int64{1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18}

// bigPow10 holds the powers that decimal arithmetic needs; larger ones are computed.
var bigPow10 = func() (p [160]*big.Int) {
	p[0] = big.NewInt(1)
	for i := 1; i < len(p); i++ {
		p[i] = new(big.Int).Mul(p[i-1], big.NewInt(10))
	}
	return p
}()

// pow10Big returns 10^n. The result is shared: it must not be changed.
func pow10Big(n int) *big.Int {
	if n < len(bigPow10) {
		return bigPow10[n]
	}
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}

// Decimal returns coef × 10^-scale. scale is 0 to 30 in stored values; intermediate results may have more.
func Decimal(coef int64, scale uint8) Value {
	return Value{n: uint64(coef), meta: meta{kind: KindDecimal, scale: scale}}
}

// DecimalBig returns coef × 10^-scale in canonical form. coef is not kept.
func DecimalBig(coef *big.Int, scale uint8) Value {
	if coef.IsInt64() {
		return Decimal(coef.Int64(), scale)
	}
	v := Value{s: string(coef.Bytes()), meta: meta{kind: KindDecimal, scale: scale, flags: flagBig}}
	if coef.Sign() < 0 {
		v.flags |= flagNeg
	}
	return v
}

// DecimalBytes returns the decimal whose coefficient has the given big-endian magnitude, without copying it when
// it exceeds an int64. It is the decoder's way to build a decimal in place.
func DecimalBytes(negative bool, magnitude string, scale uint8) Value {
	for magnitude != "" && magnitude[0] == 0 {
		magnitude = magnitude[1:]
	}
	if len(magnitude) <= 8 {
		var u uint64
		for i := 0; i < len(magnitude); i++ {
			u = u<<8 | uint64(magnitude[i])
		}
		if !negative && u <= math.MaxInt64 {
			return Decimal(int64(u), scale)
		}
		if negative && u <= 1<<63 {
			return Decimal(-int64(u), scale)
		}
	}
	v := Value{s: magnitude, meta: meta{kind: KindDecimal, scale: scale, flags: flagBig}}
	if negative {
		v.flags |= flagNeg
	}
	return v
}

// DecimalFromUint returns u as a decimal of scale 0.
func DecimalFromUint(u uint64) Value {
	if u <= math.MaxInt64 {
		return Decimal(int64(u), 0)
	}
	return DecimalBig(new(big.Int).SetUint64(u), 0)
}

// IsBigDecimal reports whether the coefficient of a KindDecimal exceeds an int64. Otherwise Raw64 is it.
func (v Value) IsBigDecimal() bool { return v.flags&flagBig != 0 }

// DecimalParts returns the coefficient and the scale of a KindDecimal; coef is nil when small holds it.
func (v Value) DecimalParts() (small int64, coef *big.Int, scale uint8) {
	if v.flags&flagBig == 0 {
		return int64(v.n), nil, v.scale
	}
	return 0, v.bigCoef(), v.scale
}

// DecimalMagnitude returns the sign and the big-endian magnitude of a coefficient that exceeds an int64
// (IsBigDecimal), without copying.
func (v Value) DecimalMagnitude() (negative bool, magnitude string) {
	return v.flags&flagNeg != 0, v.s
}

// bigCoef returns the coefficient as a big.Int of its own.
func (v Value) bigCoef() *big.Int {
	if v.flags&flagBig == 0 {
		return big.NewInt(int64(v.n))
	}
	c := new(big.Int).SetBytes([]byte(v.s))
	if v.flags&flagNeg != 0 {
		c.Neg(c)
	}
	return c
}

// DecimalSign returns -1, 0 or 1.
func DecimalSign(v Value) int {
	if v.flags&flagBig != 0 {
		if v.flags&flagNeg != 0 {
			return -1
		}
		return 1
	}
	switch n := int64(v.n); {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// DecimalNeg returns -v.
func DecimalNeg(v Value) Value {
	if v.flags&flagBig == 0 && int64(v.n) != math.MinInt64 {
		v.n = uint64(-int64(v.n))
		return v
	}
	c := v.bigCoef()
	return DecimalBig(c.Neg(c), v.scale)
}

// DecimalAbs returns |v|.
func DecimalAbs(v Value) Value {
	if DecimalSign(v) < 0 {
		return DecimalNeg(v)
	}
	return v
}

// DecimalDigits returns the number of digits of the coefficient without leading zeros (at least 1).
func DecimalDigits(v Value) int {
	if v.flags&flagBig == 0 {
		return digits64(magnitude64(int64(v.n)))
	}
	return digitsMagnitude(v.s)
}

// magnitude64 returns |n|, which is exact for the least int64 too.
func magnitude64(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

// digits64 counts decimal digits; 0 has one.
func digits64(u uint64) int {
	if u >= 1e19 {
		return 20
	}
	d := 1
	for d < 19 && u >= uint64(pow10[d]) {
		d++
	}
	return d
}

// pow10Magnitude holds the big-endian magnitudes of bigPow10, to compare with without allocating.
var pow10Magnitude = func() (m [len(bigPow10)]string) {
	for i, p := range bigPow10 {
		m[i] = string(p.Bytes())
	}
	return m
}()

// digitsMagnitude counts the decimal digits of a big-endian magnitude without leading zeros.
func digitsMagnitude(mag string) int {
	if mag == "" {
		return 1
	}
	bitLen := 8*(len(mag)-1) + bits.Len8(mag[0])
	// log10(2) bounds the count from below by at most one.
	d := int(float64(bitLen-1)*math.Log10(2)) + 1
	if d >= len(pow10Magnitude) {
		return d
	}
	if p := pow10Magnitude[d]; len(mag) > len(p) || len(mag) == len(p) && mag >= p {
		d++
	}
	return d
}

// rounding says what happens to digits that are cut off.
type rounding uint8

const (
	halfAwayFromZero rounding = iota
	towardsZero
	towardsFloor
	towardsCeil
)

// Rescale returns the decimal v at the given scale, rounded half away from zero.
func Rescale(v Value, scale uint8) Value { return rescale(v, int(scale), halfAwayFromZero) }

// DecimalTruncate returns the decimal v at the given scale, cut towards zero.
func DecimalTruncate(v Value, scale uint8) Value { return rescale(v, int(scale), towardsZero) }

// DecimalFloor returns the greatest integer decimal not above v.
func DecimalFloor(v Value) Value { return rescale(v, 0, towardsFloor) }

// DecimalCeil returns the least integer decimal not below v.
func DecimalCeil(v Value) Value { return rescale(v, 0, towardsCeil) }

// DecimalRound is ROUND(v, places): places may be negative, and digits after the point are not added.
func DecimalRound(v Value, places int) Value { return decimalPlaces(v, places, halfAwayFromZero) }

// DecimalCut is TRUNCATE(v, places).
func DecimalCut(v Value, places int) Value { return decimalPlaces(v, places, towardsZero) }

func decimalPlaces(v Value, places int, how rounding) Value {
	if places >= 0 {
		if places >= int(v.scale) {
			return v
		}
		return rescale(v, places, how)
	}
	if places < -MaxDecimalDigits-1 {
		return Decimal(0, 0)
	}
	// Shift the point left, round to an integer, and put the zeros back.
	c := divRound(v.bigCoef(), int(v.scale)-places, how)
	return DecimalBig(c.Mul(c, pow10Big(-places)), 0)
}

func rescale(v Value, scale int, how rounding) Value {
	d := scale - int(v.scale)
	if d == 0 {
		return v
	}
	if v.flags&flagBig == 0 {
		n := int64(v.n)
		if d > 0 {
			if n == 0 {
				return Decimal(0, uint8(scale))
			}
			if d < len(pow10) {
				if p, ok := mul64(n, pow10[d]); ok {
					return Decimal(p, uint8(scale))
				}
			}
		} else if -d < len(pow10) {
			return Decimal(divRound64(n, pow10[-d], how), uint8(scale))
		}
	}
	c := v.bigCoef()
	if d > 0 {
		return DecimalBig(c.Mul(c, pow10Big(d)), uint8(scale))
	}
	return DecimalBig(divRound(c, -d, how), uint8(scale))
}

// mul64 multiplies and reports whether the product fits.
func mul64(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(magnitude64(a), magnitude64(b))
	if hi != 0 {
		return 0, false
	}
	if (a < 0) != (b < 0) {
		if lo > 1<<63 {
			return 0, false
		}
		return -int64(lo), true
	}
	if lo > math.MaxInt64 {
		return 0, false
	}
	return int64(lo), true
}

// divRound64 divides n by the positive p.
func divRound64(n, p int64, how rounding) int64 {
	q, r := n/p, n%p
	if r == 0 {
		return q
	}
	switch how {
	case halfAwayFromZero:
		// |r| < p ≤ 10^18, so doubling it cannot overflow.
		if 2*magnitude64(r) >= uint64(p) {
			if n < 0 {
				return q - 1
			}
			return q + 1
		}
	case towardsFloor:
		if n < 0 {
			return q - 1
		}
	case towardsCeil:
		if n > 0 {
			return q + 1
		}
	}
	return q
}

// divRound divides c by 10^d in place and returns it.
func divRound(c *big.Int, d int, how rounding) *big.Int {
	if d <= 0 {
		return c.Mul(c, pow10Big(-d))
	}
	return quoRound(c, pow10Big(d), how)
}

// quoRound divides c by the positive p in place and returns it.
func quoRound(c, p *big.Int, how rounding) *big.Int {
	neg := c.Sign() < 0
	var r big.Int
	c.QuoRem(c, p, &r)
	if r.Sign() == 0 {
		return c
	}
	away := false
	switch how {
	case halfAwayFromZero:
		away = r.Lsh(r.Abs(&r), 1).Cmp(p) >= 0
	case towardsFloor:
		away = neg
	case towardsCeil:
		away = !neg
	}
	if away {
		if neg {
			return c.Sub(c, bigPow10[0])
		}
		return c.Add(c, bigPow10[0])
	}
	return c
}

// DecimalCompare orders two decimals by number; 1.0 equals 1.00.
func DecimalCompare(a, b Value) int {
	if a.flags&flagBig == 0 && b.flags&flagBig == 0 {
		an, bn := int64(a.n), int64(b.n)
		if a.scale == b.scale {
			return cmpInt(an, bn)
		}
		if a.scale < b.scale {
			if d := int(b.scale - a.scale); d < len(pow10) {
				if p, ok := mul64(an, pow10[d]); ok {
					return cmpInt(p, bn)
				}
			}
		} else if d := int(a.scale - b.scale); d < len(pow10) {
			if p, ok := mul64(bn, pow10[d]); ok {
				return cmpInt(an, p)
			}
		}
	}
	if sa, sb := DecimalSign(a), DecimalSign(b); sa != sb {
		return cmpInt(int64(sa), int64(sb))
	}
	s := max(a.scale, b.scale)
	return Rescale(a, s).bigCoef().Cmp(Rescale(b, s).bigCoef())
}

func cmpInt(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
