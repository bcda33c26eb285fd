package value

import (
	"math"
	"strconv"
	"strings"
)

// floatDigits returns the significant digits of f > 0 without trailing zeros, at most n of them (all that are
// needed when n is 0), and where the point stands: the value is 0.digits × 10^point.
func floatDigits(f float64, n int) (digits string, point int) {
	prec := -1
	if n > 0 {
		prec = n - 1
	}
	s := strconv.FormatFloat(f, 'e', prec, 64)
	mantissa, exp, _ := strings.Cut(s, "e")
	point, _ = strconv.Atoi(exp)
	return strings.TrimRight(strings.Replace(mantissa, ".", "", 1), "0"), point + 1
}

// fitFloat prints f for a column of width characters as MySQL does: with as many digits as fit, plainly or with an
// exponent, whichever keeps more of them. ok is false when not even one digit fits.
func fitFloat(f float64, width int) (s string, ok bool) {
	sign := ""
	if f < 0 {
		sign, f = "-", -f
		width--
	}
	if width <= 0 || math.IsInf(f, 0) || math.IsNaN(f) {
		return "", false
	}
	if f == 0 {
		return sign + "0", true
	}
	digits, point := floatDigits(f, 0)
	if len(digits) > width {
		digits, point = floatDigits(f, width)
	}
	expLen := 1 // digits of the exponent
	if point >= 11 || point <= -9 {
		expLen++
	}
	if point >= 101 || point <= -99 {
		expLen++
	}
	if plainFloat(len(digits), point, width, expLen) {
		s, ok = fitPlain(f, digits, point, width)
	} else {
		s, ok = fitExponent(f, digits, point, width, expLen)
	}
	if s == "0" {
		sign = "" // no digit was left of it
	}
	return sign + s, ok
}

// plainFloat decides for the form without exponent: when all digits fit and the point is not far off, or when it
// keeps at least as many digits as the form with an exponent.
func plainFloat(n, point, width, expLen int) bool {
	length := point
	switch {
	case point <= 0:
		length = n - point + 2
	case point < n:
		length = n + 1
	}
	if length <= width {
		return point >= minPlainPoint && (point <= maxPlainPoint || n > point)
	}
	// Only zeros would be left of it, while a digit with an exponent fits.
	if point <= 0 && width <= 2-point && width >= 3+expLen {
		return false
	}
	return point <= width && point >= -2
}

func fitPlain(f float64, digits string, point, width int) (string, bool) {
	ok := true
	room := width
	if point < len(digits) {
		room-- // the point
	}
	if point <= 0 {
		room -= 1 - point // zeros
	}
	if room >= len(digits) {
		return string(appendPointed(nil, []byte(digits), point)), true
	}
	if room < point {
		ok, room = false, point
	}
	s := strconv.FormatFloat(f, 'f', max(room-point, 0), 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s, ok
}

func fitExponent(f float64, digits string, point, width, expLen int) (string, bool) {
	room := width - 1 - expLen
	if point-1 < 0 {
		room--
	}
	if len(digits) > 1 {
		room-- // the point
	}
	ok := room > 0
	if room < len(digits) {
		digits, point = floatDigits(f, max(room, 1))
	}
	s := digits[:1]
	if len(digits) > 1 {
		s += "." + digits[1:]
	}
	return s + "e" + strconv.Itoa(point-1), ok
}
