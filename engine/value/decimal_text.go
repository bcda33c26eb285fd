package value

import (
	"math/big"
	"strconv"
)

// DecimalString returns the decimal as MySQL prints it.
func (v Value) DecimalString() string { return string(v.appendDecimal(nil)) }

func (v Value) appendDecimal(dst []byte) []byte {
	var buf [96]byte
	digits := buf[:0]
	neg := DecimalSign(v) < 0
	if v.flags&flagBig == 0 {
		digits = strconv.AppendUint(digits, magnitude64(int64(v.n)), 10)
	} else {
		digits = new(big.Int).SetBytes([]byte(v.s)).Append(digits, 10)
	}
	if neg {
		dst = append(dst, '-')
	}
	scale := int(v.scale)
	if scale == 0 {
		return append(dst, digits...)
	}
	if len(digits) <= scale {
		dst = append(dst, '0', '.')
		for i := len(digits); i < scale; i++ {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	}
	dst = append(dst, digits[:len(digits)-scale]...)
	dst = append(dst, '.')
	return append(dst, digits[len(digits)-scale:]...)
}

// ParseDecimal parses all of text ([+-]digits[.digits][e[+-]digits]) as an exact decimal. More than 30 fraction
// digits are rounded off; more than 65 digits before the point are ErrDecimalRange.
func ParseDecimal(text string) (Value, error) {
	v, rest, err := parseDecimalPrefix(text)
	if err != nil {
		return Value{}, err
	}
	if rest != 0 || text == "" {
		return Value{}, errNotDecimal
	}
	return v, nil
}

var errNotDecimal = strconv.ErrSyntax

// parseDecimalPrefix parses the longest number at the head of text and returns how many bytes follow it. No
// number at all gives zero and rest = len(text).
func parseDecimalPrefix(text string) (v Value, rest int, err error) {
	p := numberPrefix(text)
	if p.end == 0 {
		return Decimal(0, 0), len(text), nil
	}
	v, err = p.decimal(text)
	return v, len(text) - p.end, err
}

// numberParts locates the parts of a number literal in a text.
type numberParts struct {
	neg                bool
	intStart, intEnd   int
	fracStart, fracEnd int
	exp                int // value of the exponent, clamped
	end                int // end of the number; 0: none
	point, hasExp      bool
}

// maxExponent bounds an exponent while it is read; beyond it every number is zero or out of range.
const maxExponent = 1 << 20

// numberPrefix finds the longest number at the head of text: [+-]digits[.digits][e[+-]digits], where one of the digit groups
// around the point may be missing.
func numberPrefix(text string) (p numberParts) {
	i := 0
	if i < len(text) && (text[i] == '+' || text[i] == '-') {
		p.neg = text[i] == '-'
		i++
	}
	p.intStart = i
	for i < len(text) && isDigit(text[i]) {
		i++
	}
	p.intEnd, p.fracStart, p.fracEnd = i, i, i
	if i < len(text) && text[i] == '.' {
		j := i + 1
		for j < len(text) && isDigit(text[j]) {
			j++
		}
		if j > i+1 || p.intEnd > p.intStart {
			p.point = true
			p.fracStart, p.fracEnd = i+1, j
			i = j
		}
	}
	if p.intEnd == p.intStart && p.fracEnd == p.fracStart {
		return numberParts{}
	}
	p.end = i
	if i < len(text) && (text[i] == 'e' || text[i] == 'E') {
		i++
		neg := false
		if i < len(text) && (text[i] == '+' || text[i] == '-') {
			neg = text[i] == '-'
			i++
		}
		start := i
		for i < len(text) && isDigit(text[i]) {
			if p.exp < maxExponent {
				p.exp = p.exp*10 + int(text[i]-'0')
			}
			i++
		}
		if i == start {
			p.exp = 0
			return p
		}
		if neg {
			p.exp = -p.exp
		}
		p.hasExp = true
		p.end = i
	}
	return p
}

// decimal converts the parts of text into a decimal.
func (p *numberParts) decimal(text string) (Value, error) {
	whole, frac := text[p.intStart:p.intEnd], text[p.fracStart:p.fracEnd]
	for whole != "" && whole[0] == '0' {
		whole = whole[1:]
	}
	if len(whole)+len(frac) <= 18 && p.exp == 0 {
		var n int64
		for i := 0; i < len(whole); i++ {
			n = n*10 + int64(whole[i]-'0')
		}
		for i := 0; i < len(frac); i++ {
			n = n*10 + int64(frac[i]-'0')
		}
		if p.neg {
			n = -n
		}
		return Decimal(n, uint8(len(frac))), nil
	}
	return p.bigDecimal(whole, frac)
}

// bigDecimal handles numbers of any length. Digits that cannot matter are dropped before any big arithmetic, so
// the cost is linear in the text.
func (p *numberParts) bigDecimal(whole, frac string) (Value, error) {
	if whole == "" {
		// Leading zeros of the fraction become a smaller exponent.
		z := 0
		for z < len(frac) && frac[z] == '0' {
			z++
		}
		if z == len(frac) {
			return Decimal(0, uint8(min(max(len(frac)-p.exp, 0), MaxDecimalScale))), nil
		}
		if p.exp-z < -MaxDecimalScale {
			return Decimal(0, MaxDecimalScale), nil
		}
	}
	if len(whole)+p.exp > MaxDecimalDigits {
		return Value{}, ErrDecimalRange
	}
	if len(whole)+p.exp < -MaxDecimalScale {
		return Decimal(0, MaxDecimalScale), nil
	}
	// Digits further behind the point than the scale, and one for rounding, make no difference: rounding is half
	// away from zero, which the first cut digit decides.
	if keep := MaxDecimalScale + 1 + p.exp; keep < len(frac) {
		frac = frac[:max(keep, 0)]
	}
	c, ok := new(big.Int).SetString("0"+whole+frac, 10)
	if !ok {
		return Value{}, errNotDecimal
	}
	scale := len(frac) - p.exp
	if scale < 0 {
		c.Mul(c, pow10Big(-scale))
		scale = 0
	}
	if scale > MaxDecimalScale {
		c = divRound(c, scale-MaxDecimalScale, halfAwayFromZero)
		scale = MaxDecimalScale
	}
	if p.neg {
		c.Neg(c)
	}
	return capDigits(DecimalBig(c, uint8(scale)))
}

func isDigit(c byte) bool { return c-'0' <= 9 }
