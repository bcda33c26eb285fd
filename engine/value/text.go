package value

import (
	"math"
	"strconv"
)

// AppendText appends what MySQL prints for v; nothing for NULL.
func (v Value) AppendText(dst []byte) []byte {
	switch v.kind {
	case KindInt:
		if v.flags&flagYear != 0 {
			return appendPadded(dst, uint64(v.n), 4)
		}
		return strconv.AppendInt(dst, int64(v.n), 10)
	case KindUint:
		return strconv.AppendUint(dst, v.n, 10)
	case KindFloat:
		return AppendFloat(dst, v.Float64(), v.IsSingle())
	case KindDecimal:
		return v.appendDecimal(dst)
	case KindString, KindBytes, KindJSON, KindEnum, KindSet:
		return append(dst, v.s...)
	case KindDate:
		return appendDate(dst, UnpackDateTime(int64(v.n)))
	case KindDateTime:
		return appendDateTime(dst, UnpackDateTime(int64(v.n)), v.scale)
	case KindTime:
		return appendTime(dst, int64(v.n), v.scale)
	case KindBit:
		return appendBit(dst, v.n, v.scale)
	}
	return dst
}

// Text returns what MySQL prints for v; "" for NULL. Strings are not copied.
func (v Value) Text() string {
	switch v.kind {
	case KindNull:
		return ""
	case KindString, KindBytes, KindJSON, KindEnum, KindSet:
		return v.s
	}
	var buf [96]byte
	return string(v.AppendText(buf[:0]))
}

// appendPadded appends u with at least width digits.
func appendPadded(dst []byte, u uint64, width int) []byte {
	for p := digits64(u); p < width; p++ {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, u, 10)
}

// appendBit appends the ⌈width/8⌉ bytes of a BIT value, the most significant first.
func appendBit(dst []byte, bits uint64, width uint8) []byte {
	for i := (int(width) + 7) / 8; i > 0; i-- {
		dst = append(dst, byte(bits>>(8*(i-1))))
	}
	return dst
}

// Exponents at which MySQL changes from 0.00ddd and ddd000 to the form with an exponent: it writes the digits
// plainly while the point lies from 14 zeros before the first digit to 15 digits behind it.
const (
	minPlainPoint = -14
	maxPlainPoint = 15
)

// AppendFloat appends a DOUBLE as MySQL prints it: the shortest digits that read back to f, 1e20 without a plus
// sign. A FLOAT (single) has six significant digits.
func AppendFloat(dst []byte, f float64, single bool) []byte {
	if f == 0 {
		if math.Signbit(f) {
			return append(dst, '-', '0')
		}
		return append(dst, '0')
	}
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return strconv.AppendFloat(dst, f, 'g', -1, 64)
	}
	prec := -1
	if single {
		prec = 5
	}
	var buf [32]byte
	sci := strconv.AppendFloat(buf[:0], f, 'e', prec, 64)
	if sci[0] == '-' {
		dst = append(dst, '-')
		sci = sci[1:]
	}
	// sci is d[.ddd]e±xx: take the digits together and the exponent apart.
	e := len(sci) - 1
	for sci[e] != 'e' {
		e--
	}
	exp, _ := strconv.Atoi(string(sci[e+1:]))
	digits := sci[:1]
	if e > 1 {
		copy(sci[1:], sci[2:e])
		digits = sci[:e-1]
	}
	for len(digits) > 1 && digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return appendPointed(dst, digits, exp+1)
}

// appendPointed writes digits with the point behind the first point of them.
func appendPointed(dst, digits []byte, point int) []byte {
	switch {
	case point < minPlainPoint || point > maxPlainPoint:
		dst = append(dst, digits[0])
		if len(digits) > 1 {
			dst = append(dst, '.')
			dst = append(dst, digits[1:]...)
		}
		dst = append(dst, 'e')
		return strconv.AppendInt(dst, int64(point-1), 10)
	case point <= 0:
		dst = append(dst, '0', '.')
		for ; point < 0; point++ {
			dst = append(dst, '0')
		}
		return append(dst, digits...)
	case point >= len(digits):
		dst = append(dst, digits...)
		for i := len(digits); i < point; i++ {
			dst = append(dst, '0')
		}
		return dst
	}
	dst = append(dst, digits[:point]...)
	dst = append(dst, '.')
	return append(dst, digits[point:]...)
}
