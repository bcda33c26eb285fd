package expr

import (
	"encoding/binary"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// Hashable reports whether equality in this comparison can be decided by comparing AppendKey's bytes.
func (c Comparison) Hashable() bool {
	switch c.Domain {
	case DomainJSON, DomainDynamic, DomainNull:
		return false
	}
	return true
}

// AppendKey appends bytes that are equal for values that compare equal in c, and differ for others; no key is a prefix
// of another. v is not NULL. ok is false when v has no value in the domain: it equals nothing.
func (c Comparison) AppendKey(env *Env, dst []byte, v value.Value) (key []byte, ok bool, err error) {
	switch c.Domain {
	case DomainInt:
		return appendNumberKey(dst, bitAsUint(v)), true, nil
	case DomainDecimal:
		n, err := toNumber(env, v)
		return appendNumberKey(dst, n), true, err
	case DomainFloat:
		f, err := toFloat(env, v)
		return appendFloatKey(dst, f), true, err
	case DomainString:
		return collate.AppendKey(dst, c.Collation, v.Text()), true, nil
	case DomainBytes:
		return collate.AppendKey(dst, collate.Binary, v.Text()), true, nil
	case DomainDate, DomainDateTime:
		d, ok, err := c.asDateTime(env, v)
		return binary.BigEndian.AppendUint64(dst, d.Raw64()), ok, err
	case DomainTime:
		d, ok, err := toTime(env, v)
		return binary.BigEndian.AppendUint64(dst, d.Raw64()), ok, err
	}
	return dst, false, nil
}

// Tags of AppendGroupKey and of number keys.
const (
	keyNull     = 0
	keyInt      = 1 // an integer that fits int64
	keyUint     = 2 // an integer above that
	keyDecimal  = 3 // digits of a number that is no such integer
	keyFloat    = 4
	keyString   = 5
	keyTemporal = 6
	keyLabel    = 7
	keyJSON     = 8
)

// appendNumberKey appends a key of an exact number: equal numbers have equal keys whatever their kind and scale.
func appendNumberKey(dst []byte, n value.Value) []byte {
	switch n.Kind() {
	case value.KindInt:
		return binary.BigEndian.AppendUint64(append(dst, keyInt), n.Raw64())
	case value.KindUint:
		if n.Uint64() <= math.MaxInt64 {
			return binary.BigEndian.AppendUint64(append(dst, keyInt), n.Raw64())
		}
		return binary.BigEndian.AppendUint64(append(dst, keyUint), n.Raw64())
	case value.KindFloat:
		return appendFloatKey(dst, n.Float64())
	}
	return appendDecimalKey(dst, n)
}

func appendDecimalKey(dst []byte, n value.Value) []byte {
	small, big, scale := n.DecimalParts()
	if big == nil {
		for scale > 0 && small%10 == 0 {
			small /= 10
			scale--
		}
		if scale == 0 {
			return binary.BigEndian.AppendUint64(append(dst, keyInt), uint64(small))
		}
	} else if t := value.DecimalTruncate(n, 0); value.DecimalCompare(t, n) == 0 {
		if u, cut := t.AsUint(); !cut {
			return binary.BigEndian.AppendUint64(append(dst, keyUint), u)
		}
	}
	text := n.DecimalString()
	if strings.IndexByte(text, '.') >= 0 {
		text = strings.TrimRight(text, "0")
		text = strings.TrimSuffix(text, ".")
	}
	return append(append(append(dst, keyDecimal), text...), 0)
}

func appendFloatKey(dst []byte, f float64) []byte {
	if f == 0 {
		f = 0 // folds -0
	}
	return binary.BigEndian.AppendUint64(append(dst, keyFloat), math.Float64bits(f))
}

// AppendGroupKey appends bytes that are equal for values that GROUP BY, DISTINCT and set operations take as equal; t is
// the type of the expression they come from. NULLs are equal. No key is a prefix of another.
func AppendGroupKey(dst []byte, v value.Value, t *Type) []byte {
	switch v.Kind() {
	case value.KindNull:
		return append(dst, keyNull)
	case value.KindInt, value.KindUint, value.KindFloat, value.KindDecimal:
		return appendNumberKey(dst, v)
	case value.KindBit:
		return appendNumberKey(dst, value.Uint(v.Raw64()))
	case value.KindString:
		return collate.AppendKey(append(dst, keyString), t.Collation, v.Str())
	case value.KindBytes:
		return collate.AppendKey(append(dst, keyString), collate.Binary, v.Str())
	case value.KindEnum, value.KindSet:
		return binary.BigEndian.AppendUint64(append(dst, keyLabel), v.Raw64())
	case value.KindJSON:
		return appendJSONGroupKey(append(dst, keyJSON), v)
	}
	return binary.BigEndian.AppendUint64(append(dst, keyTemporal), v.Raw64())
}

// CompareSort orders two values of an expression of type t as ORDER BY does: NULL first.
func CompareSort(a, b value.Value, t *Type) int {
	if a.Kind() == value.KindJSON && b.Kind() == value.KindJSON {
		if cmp, err := compareJSON(a, b); err == nil {
			return cmp
		}
	}
	return value.Compare(a, b, t.Collation)
}

// exactDouble is the magnitude up to which every integer is a double.
const exactDouble = 1 << 53

// IndexBound converts v, the constant that a column of type col is compared with by op in c, to the column's type for
// use as an index bound. value.Incomparable says that the index must not be used: the comparison does not follow the
// column's order, or the constant has no place in it. TIMESTAMP columns hold UTC, so v is shifted from the session's
// time zone. A constant that makes the comparison fail or warn gives Incomparable too, so that the filter reports it.
func (c Comparison) IndexBound(env *Env, op CompareOp, col *value.Type, v value.Value) (value.Value, value.Exactness) {
	if v.IsNull() || v.Kind() == value.KindInt && col.ID == value.TypeBigInt && !col.Unsigned &&
		(c.Domain == DomainDynamic || c.Domain == DomainInt) {
		return v, value.Exact
	}
	colClass := classOf(&Type{Type: *col})
	d := c.Domain
	if d == DomainDynamic {
		d = domainOf(colClass, kindClass[v.Kind()])
	}
	switch d {
	case DomainInt, DomainDecimal, DomainFloat:
		return numericBound(d, col, colClass, bitAsUint(v))
	case DomainString, DomainBytes:
		return c.stringBound(op, d, col, colClass, v)
	case DomainDate, DomainDateTime:
		return c.dateBound(env, col, colClass, v)
	case DomainTime:
		if colClass == classTime {
			quiet := env.quiet()
			if t, ok, err := toTime(quiet, v); ok && err == nil && !quiet.warned() {
				return value.CoerceExact(t, col)
			}
		}
	}
	return v, value.Incomparable
}

func numericBound(d Domain, col *value.Type, colClass class, v value.Value) (value.Value, value.Exactness) {
	if !colClass.isNumber() || col.ID == value.TypeBit && d != DomainInt {
		return v, value.Incomparable
	}
	switch v.Kind() {
	case value.KindString, value.KindBytes, value.KindJSON, value.KindDate, value.KindDateTime, value.KindTime:
		n, cut := v.AsNumber()
		if cut {
			return v, value.Incomparable
		}
		v = n
	}
	if d == DomainFloat && colClass != classFloat {
		// Doubles blur large integers and long decimals: several values of the column may equal the constant.
		f, _ := v.AsFloat()
		if math.Abs(f) >= exactDouble || colClass == classDecimal && col.Precision > 15 {
			return v, value.Incomparable
		}
	}
	return value.CoerceExact(v, col)
}

func (c Comparison) stringBound(op CompareOp, d Domain, col *value.Type, colClass class, v value.Value) (value.Value, value.Exactness) {
	coll := c.Collation
	if d == DomainBytes {
		coll = collate.Binary
	}
	switch v.Kind() {
	case value.KindString, value.KindBytes, value.KindEnum, value.KindSet:
	default:
		return v, value.Incomparable
	}
	text := v.Text()
	if col.IsBinary() {
		if coll != collate.Binary || !col.IsBinary() {
			return v, value.Incomparable
		}
		return value.CoerceExact(value.Bytes(text), col)
	}
	if col.Collation != coll || v.Kind() == value.KindBytes && !utf8.ValidString(text) {
		return v, value.Incomparable
	}
	if colClass == classLabel {
		// Members are stored in the order of their numbers, not of their labels.
		if (op != CompareEqual && op != CompareNullSafe) || col.ID != value.TypeEnum {
			return v, value.Incomparable
		}
		if e, ok := value.EnumByLabel(col, text); ok {
			return e, value.Exact
		}
		return v, value.Incomparable
	}
	if colClass != classString {
		return v, value.Incomparable
	}
	return value.CoerceExact(value.String(text), col)
}

func (c Comparison) dateBound(env *Env, col *value.Type, colClass class, v value.Value) (value.Value, value.Exactness) {
	if !colClass.hasDate() {
		return v, value.Incomparable
	}
	quiet := env.quiet()
	d, ok, err := c.asDateTime(quiet, v)
	if !ok || err != nil || quiet.warned() {
		return v, value.Incomparable
	}
	if col.ID == value.TypeTimestamp {
		loc := env.Run.Session.Location()
		utc, ok := toUTC(d, loc)
		if !ok {
			return v, value.Incomparable
		}
		d = utc
	}
	return value.CoerceExact(d, col)
}
