package value

import (
	"math"
	"strings"

	"github.com/worktable-go/worktable/engine/collate"
)

// Compare orders two values of one family: numbers by number, strings under id, temporals by time (a DATE
// compares as its midnight), ENUM, SET and BIT by number, JSON by its text. NULL sorts first. Values of different
// families order by kind, so that Compare is a total order; the SQL layer converts before it comes to that.
func Compare(a, b Value, id collate.ID) int {
	if a.kind == b.kind {
		switch a.kind {
		case KindInt, KindDate, KindDateTime, KindTime:
			return cmpInt(int64(a.n), int64(b.n))
		case KindString:
			return collate.Compare(id, a.s, b.s)
		}
	}
	if a.kind == KindNull || b.kind == KindNull {
		return cmpInt(int64(min(a.kind, 1)), int64(min(b.kind, 1)))
	}
	fa, fb := familyOf[a.kind], familyOf[b.kind]
	if fa != fb {
		return cmpInt(int64(fa), int64(fb))
	}
	switch fa {
	case familyNumber:
		return CompareNumeric(a, b)
	case familyString:
		if a.kind == KindBytes || b.kind == KindBytes {
			return strings.Compare(a.s, b.s)
		}
		return collate.Compare(id, a.s, b.s)
	case familyDate, familyTime:
		return cmpInt(int64(a.n), int64(b.n))
	case familyLabel:
		return cmpUint(a.n, b.n)
	}
	return strings.Compare(a.s, b.s)
}

// family groups the kinds that compare with each other.
type family uint8

const (
	familyNull family = iota
	familyNumber
	familyString
	familyDate
	familyTime
	familyLabel
	familyJSON
)

var familyOf = [...]family{
	KindNull: familyNull, KindInt: familyNumber, KindUint: familyNumber, KindFloat: familyNumber,
	KindDecimal: familyNumber, KindString: familyString, KindBytes: familyString, KindDate: familyDate,
	KindDateTime: familyDate, KindTime: familyTime, KindJSON: familyJSON, KindEnum: familyLabel,
	KindSet: familyLabel, KindBit: familyLabel,
}

func cmpUint(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// CompareNumeric orders Int, Uint, Decimal and Float. Exact kinds compare exactly with each other; against a
// Float both compare as doubles, as in MySQL. NaN, which no column holds, sorts first.
func CompareNumeric(a, b Value) int {
	if a.kind == b.kind {
		switch a.kind {
		case KindInt:
			return cmpInt(int64(a.n), int64(b.n))
		case KindUint:
			return cmpUint(a.n, b.n)
		case KindDecimal:
			return DecimalCompare(a, b)
		}
	}
	if a.kind == KindFloat || b.kind == KindFloat {
		fa, _ := a.AsFloat()
		fb, _ := b.AsFloat()
		return CompareFloat(fa, fb)
	}
	if a.kind != KindDecimal && b.kind != KindDecimal {
		// One Int, one Uint.
		if a.kind == KindInt {
			if int64(a.n) < 0 {
				return -1
			}
		} else if int64(b.n) < 0 {
			return 1
		}
		return cmpUint(a.n, b.n)
	}
	da, _ := a.AsDecimal()
	db, _ := b.AsDecimal()
	return DecimalCompare(da, db)
}

// CompareFloat orders doubles; -0 equals 0 and NaN sorts first.
func CompareFloat(a, b float64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	case a == b:
		return 0
	}
	an, bn := math.IsNaN(a), math.IsNaN(b)
	switch {
	case an && bn:
		return 0
	case an:
		return -1
	}
	return 1
}
