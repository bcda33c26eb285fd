package value

import "math/big"

// fitDecimal brings an arithmetic result within MySQL's limits: scale at most MaxDecimalScale, at most
// MaxDecimalDigits digits, giving up fraction digits first.
func fitDecimal(v Value) (Value, error) {
	if v.scale > MaxDecimalScale {
		v = Rescale(v, MaxDecimalScale)
	}
	return capDigits(v)
}

// capDigits drops fraction digits until at most MaxDecimalDigits are left.
func capDigits(v Value) (Value, error) {
	if v.flags&flagBig == 0 {
		return v, nil
	}
	for range 2 { // rounding up may add a digit
		over := DecimalDigits(v) - MaxDecimalDigits
		if over <= 0 {
			return v, nil
		}
		if over > int(v.scale) {
			return Value{}, ErrDecimalRange
		}
		v = Rescale(v, v.scale-uint8(over))
	}
	return v, nil
}

// DecimalAdd returns a + b with scale max(scale a, scale b).
func DecimalAdd(a, b Value) (Value, error) {
	s := max(a.scale, b.scale)
	a, b = Rescale(a, s), Rescale(b, s)
	if (a.flags|b.flags)&flagBig == 0 {
		x, y := int64(a.n), int64(b.n)
		if z := x + y; (z > x) == (y > 0) {
			return Decimal(z, s), nil
		}
	}
	c := a.bigCoef()
	return fitDecimal(DecimalBig(c.Add(c, b.bigCoef()), s))
}

// DecimalSub returns a - b with scale max(scale a, scale b).
func DecimalSub(a, b Value) (Value, error) { return DecimalAdd(a, DecimalNeg(b)) }

// DecimalMul returns a × b with scale min(30, scale a + scale b).
func DecimalMul(a, b Value) (Value, error) {
	s := int(a.scale) + int(b.scale)
	if (a.flags|b.flags)&flagBig == 0 && s <= MaxDecimalScale {
		if p, ok := mul64(int64(a.n), int64(b.n)); ok {
			return Decimal(p, uint8(s)), nil
		}
	}
	c := a.bigCoef()
	c.Mul(c, b.bigCoef())
	if s > MaxDecimalScale {
		c = divRound(c, s-MaxDecimalScale, halfAwayFromZero)
		s = MaxDecimalScale
	}
	return fitDecimal(DecimalBig(c, uint8(s)))
}

// DecimalDiv returns a ÷ b with scale min(30, scale a + incr), rounded half away from zero; ErrDivisionByZero.
func DecimalDiv(a, b Value, incr uint8) (Value, error) {
	s := min(int(a.scale)+int(incr), MaxDecimalScale)
	return decimalQuotient(a, b, s, halfAwayFromZero)
}

// DecimalQuotient returns a ÷ b with the digits that MySQL keeps between operations: whole groups of nine
// after the point, cut and not rounded, at least as many as DecimalDiv has. MySQL rounds to DecimalDiv's scale only when the
// value is printed or stored, which is why 1/3*3 prints 1.0000.
func DecimalQuotient(a, b Value, incr uint8) (Value, error) {
	const group = 9
	up := func(n int) int { return (n + group - 1) / group * group }
	fa, fb := up(int(a.scale)), up(int(b.scale))
	extra := max(int(incr)-(fa-int(a.scale))-(fb-int(b.scale)), 0)
	s := min(up(fa+fb+extra), 9*group)
	q, err := decimalQuotient(a, b, s, towardsZero)
	if err != nil {
		return q, err
	}
	// MySQL's buffer holds nine groups in all.
	if whole := up(max(DecimalDigits(q)-s, 1)); whole+s > 9*group {
		if whole > 9*group {
			return Value{}, ErrDecimalRange
		}
		q = DecimalTruncate(q, uint8(9*group-whole))
	}
	return q, nil
}

func decimalQuotient(a, b Value, scale int, how rounding) (Value, error) {
	if DecimalSign(b) == 0 {
		return Value{}, ErrDivisionByZero
	}
	// a/10^sa ÷ b/10^sb = a × 10^(sb-sa) / b; the result is to be scaled by 10^scale.
	shift := scale + int(b.scale) - int(a.scale)
	if (a.flags|b.flags)&flagBig == 0 && shift >= 0 && shift < len(pow10) && int64(b.n) != -1<<63 {
		if n, ok := mul64(int64(a.n), pow10[shift]); ok && n != -1<<63 {
			p := int64(b.n)
			if p < 0 {
				n, p = -n, -p
			}
			if p < 1<<62 {
				return Decimal(divRound64(n, p, how), uint8(scale)), nil
			}
		}
	}
	n, p := a.bigCoef(), b.bigCoef()
	if p.Sign() < 0 {
		n.Neg(n)
		p.Neg(p)
	}
	if shift >= 0 {
		n.Mul(n, pow10Big(shift))
	} else {
		p.Mul(p, pow10Big(-shift))
	}
	q := DecimalBig(quoRound(n, p, how), uint8(scale))
	if how == halfAwayFromZero {
		return fitDecimal(q)
	}
	return q, nil
}

// DecimalIntDiv returns a DIV b: the quotient cut towards zero, scale 0.
func DecimalIntDiv(a, b Value) (Value, error) {
	q, err := decimalQuotient(a, b, 0, towardsZero)
	if err != nil {
		return q, err
	}
	return fitDecimal(q)
}

// DecimalMod returns a % b, with the sign of a and scale max(scale a, scale b); ErrDivisionByZero.
func DecimalMod(a, b Value) (Value, error) {
	if DecimalSign(b) == 0 {
		return Value{}, ErrDivisionByZero
	}
	s := max(a.scale, b.scale)
	a, b = Rescale(a, s), Rescale(b, s)
	if (a.flags|b.flags)&flagBig == 0 {
		if int64(b.n) == -1 {
			return Decimal(0, s), nil
		}
		return Decimal(int64(a.n)%int64(b.n), s), nil
	}
	c := new(big.Int)
	c.Rem(a.bigCoef(), b.bigCoef())
	return fitDecimal(DecimalBig(c, s))
}
