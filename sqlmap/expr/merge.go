package expr

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// MergeTypes returns the type of an expression that yields one of several (CASE, IF, COALESCE, UNION columns), by
// MySQL's rules: NULL adopts the other, numbers widen, temporal types join to DATETIME, everything else meets as a
// string. op names the operation in error 1267.
func MergeTypes(op string, connection collate.ID, types ...*Type) (*Type, error) {
	out := *types[0]
	for _, t := range types[1:] {
		out = mergeTwo(&out, t)
	}
	out.Hex, out.Guard = false, false
	for _, t := range types {
		out.Dynamic = out.Dynamic || t.Dynamic
		out.NotNull = out.NotNull && t.NotNull
	}
	if !isStringID(out.ID) {
		out.Coercibility = CoerceNumeric
		if out.ID == value.TypeNull {
			out.Coercibility = CoerceIgnorable
		}
		return &out, nil
	}
	coll, c, err := mergeCollations(op, connection, false, types...)
	if err != nil {
		return nil, err
	}
	out.Coercibility = c
	if out.ID != value.TypeJSON {
		n := textLength(&out)
		if out.ID == value.TypeVarChar || out.ID == value.TypeVarBinary || (coll == collate.Binary) != out.IsBinary() {
			if out.ID != value.TypeEnum && out.ID != value.TypeSet {
				out.Type = stringDecl(n, coll)
			}
		}
		out.Collation = coll
	}
	return &out, nil
}

func mergeTwo(a, b *Type) Type {
	switch {
	case a.ID == value.TypeNull:
		return *b
	case b.ID == value.TypeNull:
		return *a
	}
	ca, cb := staticClass(a), staticClass(b)
	switch {
	case ca.isNumber() && cb.isNumber():
		return mergeNumbers(a, b, ca, cb)
	case ca.isTemporal() && cb.isTemporal():
		t := Type{Type: value.Type{ID: value.TypeDateTime, Scale: max(a.Scale, b.Scale)}}
		if a.ID == b.ID {
			t.ID = a.ID
		}
		return t
	case ca == classJSON && cb == classJSON:
		return *a
	}
	n := max(textLength(a), textLength(b))
	switch {
	case ca == classLabel && cb == classLabel && a.Equal(&b.Type):
		return *a
	case ca == classString && cb == classString && a.ID == b.ID:
		t := *a
		t.Length = max(a.Length, b.Length)
		return t
	}
	return Type{Type: stringDecl(n, collate.Default)}
}

func staticClass(t *Type) class {
	s := *t
	s.Dynamic = false
	return classOf(&s)
}

var intWidth = map[value.TypeID]int{
	value.TypeYear: 2, value.TypeTinyInt: 1, value.TypeSmallInt: 2, value.TypeMediumInt: 3, value.TypeInt: 4, value.TypeBigInt: 8, value.TypeBit: 8,
}

func mergeNumbers(a, b *Type, ca, cb class) Type {
	switch {
	case ca == classFloat || cb == classFloat:
		t := Type{Type: value.Type{ID: value.TypeDouble}}
		if a.ID == value.TypeFloat && b.ID == value.TypeFloat {
			t.ID = value.TypeFloat
		}
		return t
	case ca == classDecimal || cb == classDecimal:
		return mergeDecimals(a, b)
	case a.ID == b.ID && a.Unsigned == b.Unsigned:
		t := *a
		t.Length = max(a.Length, b.Length)
		t.Digits = max(a.Digits, b.Digits)
		if a.Digits == 0 || b.Digits == 0 {
			t.Digits = 0
		}
		t.Zerofill = a.Zerofill && b.Zerofill
		return t
	}
	wide := a
	if intWidth[b.ID] > intWidth[a.ID] {
		wide = b
	}
	t := Type{Type: value.Type{ID: wide.ID, Unsigned: a.Unsigned && b.Unsigned}}
	if t.ID == value.TypeYear || t.ID == value.TypeBit {
		t.ID = value.TypeBigInt
	}
	if a.Unsigned == b.Unsigned {
		return t
	}
	u := a
	if b.Unsigned {
		u = b
	}
	switch {
	case intWidth[u.ID] < intWidth[wide.ID]:
	case u.ID == value.TypeBigInt || u.ID == value.TypeBit:
		if u.Digits > 0 && u.Digits < 19 {
			return t
		}
		return Type{Type: decimalDecl(20, 0)}
	default:
		t.ID = map[value.TypeID]value.TypeID{
			value.TypeTinyInt: value.TypeSmallInt, value.TypeSmallInt: value.TypeMediumInt, value.TypeMediumInt: value.TypeInt,
			value.TypeInt: value.TypeBigInt, value.TypeYear: value.TypeInt,
		}[u.ID]
	}
	return t
}

func mergeDecimals(a, b *Type) Type {
	wa, sa := numericShape(a)
	wb, sb := numericShape(b)
	scale := max(sa, sb)
	t := Type{Type: decimalDecl(max(wa, wb)+scale, scale)}
	t.Unsigned = a.Unsigned && b.Unsigned
	return t
}
