package value

import (
	"math"
	"time"

	"github.com/worktable-go/worktable/engine/collate"
)

// Exactness says how the result of CoerceExact relates to the value that went in.
type Exactness uint8

// The cases of Exactness. For a column c and a constant k with the result r:
//
//	Exact         c = k ⇔ c = r, c < k ⇔ c < r, c > k ⇔ c > r
//	RoundedDown   r < k: c = k never; c < k ⇔ c ≤ k ⇔ c ≤ r; c > k ⇔ c ≥ k ⇔ c > r
//	RoundedUp     r > k: c = k never; c < k ⇔ c ≤ k ⇔ c < r; c > k ⇔ c ≥ k ⇔ c ≥ r
//	EqualityOnly  c = k ⇔ c = r; the order of the column is another one
const (
	Incomparable Exactness = iota // no order-keeping conversion exists: do not use the index
	Exact
	RoundedDown // also when k is above every value of the type: then r is the greatest
	RoundedUp   // also when k is below every value of the type: then r is the least
	EqualityOnly
)

// CoerceExact converts a comparison constant to the type of an indexed column, for index bounds, as MySQL's
// comparison would see it. NULL is Incomparable. TIMESTAMP columns take the constant as UTC; see CoerceExactIn.
func CoerceExact(v Value, t *Type) (Value, Exactness) { return CoerceExactIn(v, t, nil) }

// CoerceExactIn is CoerceExact for a session in the time zone loc.
func CoerceExactIn(v Value, t *Type, loc *time.Location) (Value, Exactness) {
	if v.kind == KindNull {
		return v, Incomparable
	}
	switch t.ID {
	case TypeTinyInt, TypeSmallInt, TypeMediumInt, TypeInt, TypeBigInt:
		return exactInteger(v, t)
	case TypeFloat, TypeDouble:
		return exactFloat(v, t)
	case TypeDecimal:
		return exactDecimal(v, t)
	case TypeYear:
		if n := int64(v.n); v.kind == KindInt && (n >= 1901 && n <= 2155 || v.flags&flagYear != 0) {
			return Year(int(n)), Exact
		}
	case TypeDate, TypeDateTime:
		return exactDate(v, t)
	case TypeTimestamp:
		return exactTimestamp(v, t, loc)
	case TypeTime:
		return exactTime(v, t)
	case TypeEnum, TypeSet:
		return exactLabel(v, t)
	case TypeBit:
		if v.kind == KindInt || v.kind == KindUint || v.kind == KindBit {
			return exactBit(v, t)
		}
	}
	switch {
	case t.IsCharacter():
		if v.kind == KindString || v.kind == KindEnum || v.kind == KindSet {
			return String(v.s), Exact
		}
	case t.IsBinary():
		if v.kind == KindString || v.kind == KindBytes {
			return exactBinary(v.s, t)
		}
	}
	return v, Incomparable
}

// exactInteger floors the constant and clamps it to the type.
func exactInteger(v Value, t *Type) (Value, Exactness) {
	switch v.kind {
	case KindInt, KindUint, KindEnum, KindSet, KindBit:
		return clampInteger(v, t, Exact)
	case KindDecimal:
		floor := DecimalFloor(v)
		how := Exact
		if DecimalCompare(floor, v) != 0 {
			how = RoundedDown
		}
		if floor.flags&flagBig == 0 {
			return clampInteger(Int(int64(floor.n)), t, how)
		}
		if floor.flags&flagNeg != 0 {
			return clampInteger(Int(math.MinInt64), t, RoundedUp)
		}
		u, over := decimalToUint(floor, false)
		if over {
			how = RoundedDown
		}
		return clampInteger(Uint(u), t, how)
	case KindFloat, KindString:
		f, cut := v.AsFloat()
		if cut || math.IsNaN(f) {
			return v, Incomparable
		}
		if math.Abs(f) >= 1<<53 {
			// Comparison is by doubles, and several BIGINTs share one there.
			if t.ID == TypeBigInt {
				return v, Incomparable
			}
			f = math.Copysign(1<<53, f)
		}
		floor := math.Floor(f)
		how := Exact
		if floor != f {
			how = RoundedDown
		}
		return clampInteger(Int(int64(floor)), t, how)
	}
	return v, Incomparable
}

// clampInteger brings an integer into the range of t; how is what is known so far.
func clampInteger(v Value, t *Type, how Exactness) (Value, Exactness) {
	lo, hi := t.intRange()
	if v.kind == KindInt {
		n := int64(v.n)
		if n < lo {
			return t.makeInt(lo), RoundedUp
		}
		if n < 0 {
			return t.makeInt(n), how
		}
	}
	if v.n > hi {
		return t.makeInt(int64(hi)), RoundedDown
	}
	return t.makeInt(int64(v.n)), how
}

func exactFloat(v Value, t *Type) (Value, Exactness) {
	switch v.kind {
	case KindInt, KindUint, KindFloat, KindDecimal, KindString, KindEnum, KindSet, KindBit:
	default:
		return v, Incomparable
	}
	f, cut := v.AsFloat()
	if cut || math.IsNaN(f) {
		return v, Incomparable
	}
	if t.Unsigned && f < 0 {
		return (&coercion{t: t}).makeFloat(0), RoundedUp
	}
	if t.ID == TypeDouble {
		switch {
		case f > math.MaxFloat64:
			return Float(math.MaxFloat64), RoundedDown
		case f < -math.MaxFloat64:
			return Float(-math.MaxFloat64), RoundedUp
		}
		return Float(f), Exact
	}
	switch {
	case f > math.MaxFloat32:
		return Float32(math.MaxFloat32), RoundedDown
	case f < -math.MaxFloat32:
		return Float32(-math.MaxFloat32), RoundedUp
	}
	single := float32(f)
	switch r := float64(single); {
	case r < f:
		return Float32(single), RoundedDown
	case r > f:
		return Float32(single), RoundedUp
	}
	return Float32(single), Exact
}

// maxDoubleDigits is how many decimal digits every double keeps apart.
const maxDoubleDigits = 15

func exactDecimal(v Value, t *Type) (Value, Exactness) {
	var d Value
	switch v.kind {
	case KindInt, KindUint, KindDecimal, KindEnum, KindSet, KindBit:
		d, _ = v.AsDecimal()
	case KindFloat, KindString:
		// Comparison is by doubles. Up to 15 digits no two values of the column share one.
		f, cut := v.AsFloat()
		if cut || t.Precision > maxDoubleDigits || math.IsNaN(f) {
			return v, Incomparable
		}
		if math.Abs(f) > 1e20 {
			f = math.Copysign(1e20, f)
		}
		if math.Abs(f) < 1e-35 && f != 0 {
			return v, Incomparable // its digits are beyond any scale
		}
		d, _ = decimalFromFloat(f)
	default:
		return v, Incomparable
	}
	floor := rescale(d, int(t.Scale), towardsFloor)
	how := Exact
	if DecimalCompare(floor, d) != 0 {
		how = RoundedDown
	}
	if t.Unsigned && DecimalSign(floor) < 0 {
		return Decimal(0, t.Scale), RoundedUp
	}
	if DecimalDigits(floor) > int(t.Precision) {
		if DecimalSign(floor) < 0 {
			return t.maxDecimal(true), RoundedUp
		}
		return t.maxDecimal(false), RoundedDown
	}
	return floor, how
}

// anyDate lets pass every date that can stand in a comparison.
const anyDate = AllowZeroDate | AllowZeroInDate

// comparedDate reads a constant that is compared with a date as a DATETIME of six digits.
func comparedDate(v Value) (Value, bool) {
	switch v.kind {
	case KindDate, KindDateTime:
		return DateTime(int64(v.n), 6), true
	case KindString:
		dt, cut, ok := ParseDateTime(v.s, 6, anyDate, nil)
		return dt, ok && !cut && !hasOffset(v.s)
	case KindInt:
		return DateTimeFromNumber(int64(v.n), anyDate)
	}
	return v, false
}

// hasOffset reports whether a date literal may end in a time zone displacement, whose meaning depends on the session.
func hasOffset(s string) bool {
	s = trimRightSpace(s)
	n := len(s)
	return n > 6 && s[n-3] == ':' && (s[n-6] == '+' || s[n-6] == '-')
}

func exactDate(v Value, t *Type) (Value, Exactness) {
	dt, ok := comparedDate(v)
	if !ok {
		return v, Incomparable
	}
	if t.ID == TypeDate {
		packed := DateOf(int64(dt.n))
		if packed != int64(dt.n) {
			return Date(packed), RoundedDown
		}
		return Date(packed), Exact
	}
	return cutFsp(dt, t.Scale)
}

// cutFsp cuts a DATETIME or TIME to fsp digits, downwards.
func cutFsp(v Value, fsp uint8) (Value, Exactness) {
	out := TruncateFsp(v, fsp)
	switch {
	case out.n == v.n:
		return out, Exact
	case int64(out.n) > int64(v.n): // a negative TIME was cut towards zero
		return out, RoundedUp
	}
	return out, RoundedDown
}

func exactTimestamp(v Value, t *Type, loc *time.Location) (Value, Exactness) {
	dt, ok := comparedDate(v)
	if !ok || !dt.Civil().Exists() {
		return v, Incomparable
	}
	if loc != nil && loc != time.UTC {
		at, _ := dt.ToTime(loc)
		// Around a change of the clocks civil time does not follow UTC: leave it to the filter.
		_, before := at.Add(-24 * time.Hour).Zone()
		_, after := at.Add(24 * time.Hour).Zone()
		if before != after {
			return v, Incomparable
		}
		dt = DateTimeFromTime(at.UTC(), 6)
	}
	return cutFsp(dt, t.Scale)
}

func exactTime(v Value, t *Type) (Value, Exactness) {
	switch v.kind {
	case KindTime:
		return cutFsp(v, t.Scale)
	case KindString:
		if _, _, hasTime, _, isDate := parseCivil(v.s, anyDate, nil); isDate && hasTime {
			return v, Incomparable
		}
		if out, cut, ok := ParseTime(v.s, 6); ok && !cut {
			return cutFsp(out, t.Scale)
		}
	case KindInt:
		if out, ok := TimeFromNumber(int64(v.n)); ok && int64(v.n) <= 8385959 {
			return out.withScale(t.Scale), Exact
		}
	}
	return v, Incomparable
}

// exactLabel: against a string ENUM and SET compare as strings, against a number by number; the index is by number.
func exactLabel(v Value, t *Type) (Value, Exactness) {
	byNumber := EnumByNumber
	if t.ID == TypeSet {
		byNumber = SetByMask
	}
	switch v.kind {
	case KindInt, KindUint:
		if v.kind == KindInt && int64(v.n) < 0 {
			out, _ := byNumber(t, 0)
			return out, RoundedUp
		}
		if out, ok := byNumber(t, v.n); ok {
			return out, Exact
		}
	case KindString, KindEnum, KindSet:
		out, ok := EnumByLabel(t, v.s)
		if t.ID == TypeSet {
			out, ok = SetByLabels(t, v.s)
		}
		if ok && collate.Equal(t.collation(), out.s, v.s) {
			return out, EqualityOnly
		}
	}
	return v, Incomparable
}

func exactBit(v Value, t *Type) (Value, Exactness) {
	width := uint8(t.Length)
	full := uint64(math.MaxUint64) >> (64 - width)
	switch {
	case v.kind == KindInt && int64(v.n) < 0:
		return Bit(0, width), RoundedUp
	case v.n > full:
		return Bit(full, width), RoundedDown
	}
	return Bit(v.n, width), Exact
}

// exactBinary: values of BINARY(n) have exactly n bytes.
func exactBinary(s string, t *Type) (Value, Exactness) {
	if t.ID != TypeBinary || len(s) == int(t.Length) {
		return Bytes(s), Exact
	}
	if len(s) > int(t.Length) {
		return Bytes(s[:t.Length]), RoundedDown
	}
	return Bytes(s + string(make([]byte, int(t.Length)-len(s)))), RoundedUp
}
