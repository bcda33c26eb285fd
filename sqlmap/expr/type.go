package expr

import (
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// Coercibility says how strongly an expression insists on its collation; the lower wins.
type Coercibility uint8

// MySQL's coercibilities, in its numbers.
const (
	CoerceExplicit  Coercibility = iota // COLLATE
	CoerceNone                          // a concatenation of different collations
	CoerceImplicit                      // columns
	CoerceSysConst                      // USER(), VERSION()
	CoerceCoercible                     // literals
	CoerceNumeric                       // numbers and temporal values
	CoerceIgnorable                     // NULL
)

// Type is the static type of an expression: the declared type that its values have as a result column, and
// what comparison needs beside it.
type Type struct {
	value.Type
	NotNull      bool
	Coercibility Coercibility
	// Digits is the most digits an integer expression has, when that is less than its type allows; 0 says nothing.
	Digits uint8
	// Dynamic says that the class is known only at execution (a parameter of unknown class, a user variable);
	// operators then look at the values.
	Dynamic bool
	// Guard says that the values of a DECIMAL column (a slot that holds AVG or a sum of quotients) may have more decimals
	// than declared, as they do within arithmetic; Bind rounds them where they leave it.
	Guard bool
	// Hex says that the expression is a hexadecimal or bit literal: a binary string that is a number in a numeric
	// context.
	Hex bool
}

// ColumnType returns the expression type of a column declared as t.
func ColumnType(t *value.Type, notNull bool) *Type {
	c := CoerceNumeric
	if isStringID(t.ID) {
		c = CoerceImplicit
	}
	out := &Type{Type: *t, NotNull: notNull, Coercibility: c}
	if c == CoerceImplicit && (out.IsBinary() || out.Collation == 0) {
		out.Collation = collate.Binary
		if out.ID == value.TypeJSON || !out.IsBinary() {
			out.Collation = collate.UTF8MB4Bin
		}
	}
	return out
}

// ValueType returns the type a value has by itself, as a literal or a parameter. coll is the collation of the
// connection; 0 is the default.
func ValueType(v value.Value, coll collate.ID) *Type {
	if coll == 0 {
		coll = collate.Default
	}
	t := &Type{NotNull: true, Coercibility: CoerceNumeric}
	switch v.Kind() {
	case value.KindNull:
		return &Type{Coercibility: CoerceIgnorable}
	case value.KindInt, value.KindUint:
		t.ID, t.Unsigned = value.TypeBigInt, v.Kind() == value.KindUint
		t.Digits = uint8(len(v.Text()))
		if v.Kind() == value.KindInt && v.Int64() < 0 {
			t.Digits--
		}
	case value.KindFloat:
		t.ID = value.TypeDouble
	case value.KindDecimal:
		t.Type = decimalDecl(value.DecimalDigits(v), int(v.Scale()))
	case value.KindDate:
		t.ID = value.TypeDate
	case value.KindDateTime:
		t.ID, t.Scale = value.TypeDateTime, v.Scale()
	case value.KindTime:
		t.ID, t.Scale = value.TypeTime, v.Scale()
	case value.KindJSON:
		t.ID, t.Collation, t.Coercibility = value.TypeJSON, collate.UTF8MB4Bin, CoerceCoercible
	case value.KindBit:
		t.ID, t.Length, t.Unsigned = value.TypeBit, uint32(v.Scale()), true
	case value.KindBytes:
		t.Type, t.Coercibility = stringDecl(len(v.Str()), collate.Binary), CoerceCoercible
	default: // strings, and the labels of ENUM and SET
		t.Type, t.Coercibility = stringDecl(utf8.RuneCountInString(v.Str()), coll), CoerceCoercible
	}
	return t
}

// DynamicType is the type of an expression whose class is known only at execution.
func DynamicType(coll collate.ID) *Type {
	if coll == 0 {
		coll = collate.Default
	}
	return &Type{Type: stringDecl(maxVarChar, coll), Coercibility: CoerceCoercible, Dynamic: true}
}

// maxVarChar is the most characters of a result that is VARCHAR and not LONGTEXT.
const maxVarChar = 16383

// stringDecl returns VARCHAR(n), VARBINARY(n), or the LOB types for long ones.
func stringDecl(n int, coll collate.ID) value.Type {
	binary := coll == collate.Binary
	t := value.Type{ID: value.TypeVarChar, Collation: coll}
	switch {
	case n < 0 || n > maxVarChar*4 || !binary && n > maxVarChar:
		t.ID, t.Length = value.TypeLongText, 1<<32-1
		if binary {
			t.ID = value.TypeLongBlob
		}
	default:
		t.Length = uint32(n)
		if binary {
			t.ID = value.TypeVarBinary
		}
	}
	return t
}

func decimalDecl(precision, scale int) value.Type {
	scale = min(scale, value.MaxDecimalScale)
	precision = max(min(precision, value.MaxDecimalDigits), scale, 1)
	return value.Type{ID: value.TypeDecimal, Precision: uint8(precision), Scale: uint8(scale)}
}

func intType(notNull bool) *Type {
	return &Type{Type: value.Type{ID: value.TypeBigInt}, NotNull: notNull, Coercibility: CoerceNumeric}
}

func uintType(notNull bool) *Type {
	return &Type{Type: value.Type{ID: value.TypeBigInt, Unsigned: true}, NotNull: notNull, Coercibility: CoerceNumeric}
}

func doubleType(notNull bool) *Type {
	return &Type{Type: value.Type{ID: value.TypeDouble}, NotNull: notNull, Coercibility: CoerceNumeric}
}

func decimalType(precision, scale int, notNull bool) *Type {
	return &Type{Type: decimalDecl(precision, scale), NotNull: notNull, Coercibility: CoerceNumeric}
}

func temporalType(id value.TypeID, fsp int, notNull bool) *Type {
	return &Type{Type: value.Type{ID: id, Scale: uint8(min(fsp, 6))}, NotNull: notNull, Coercibility: CoerceNumeric}
}

func stringType(n int, coll collate.ID, c Coercibility, notNull bool) *Type {
	return &Type{Type: stringDecl(n, coll), NotNull: notNull, Coercibility: c}
}

func jsonType() *Type {
	return &Type{Type: value.Type{ID: value.TypeJSON, Collation: collate.UTF8MB4Bin}, Coercibility: CoerceImplicit}
}

// class groups the types by how operators treat them.
type class uint8

const (
	classNull     class = iota
	classInt            // integers, YEAR, BIT
	classDecimal        //
	classFloat          //
	classString         // character and binary strings
	classLabel          // ENUM, SET: strings that are integers in a numeric context
	classDate           //
	classDateTime       // DATETIME, TIMESTAMP
	classTime           //
	classJSON           //
	classDynamic        //
)

func classOf(t *Type) class {
	if t.Dynamic {
		return classDynamic
	}
	switch t.ID {
	case value.TypeNull:
		return classNull
	case value.TypeTinyInt, value.TypeSmallInt, value.TypeMediumInt, value.TypeInt, value.TypeBigInt, value.TypeYear, value.TypeBit:
		return classInt
	case value.TypeDecimal:
		return classDecimal
	case value.TypeFloat, value.TypeDouble:
		return classFloat
	case value.TypeEnum, value.TypeSet:
		return classLabel
	case value.TypeDate:
		return classDate
	case value.TypeDateTime, value.TypeTimestamp:
		return classDateTime
	case value.TypeTime:
		return classTime
	case value.TypeJSON:
		return classJSON
	}
	return classString
}

var kindClass = [...]class{
	value.KindNull: classNull, value.KindInt: classInt, value.KindUint: classInt, value.KindFloat: classFloat,
	value.KindDecimal: classDecimal, value.KindString: classString, value.KindBytes: classString,
	value.KindDate: classDate, value.KindDateTime: classDateTime, value.KindTime: classTime,
	value.KindJSON: classJSON, value.KindEnum: classLabel, value.KindSet: classLabel, value.KindBit: classInt,
}

func isStringID(id value.TypeID) bool {
	switch id {
	case value.TypeChar, value.TypeVarChar, value.TypeTinyText, value.TypeText, value.TypeMediumText, value.TypeLongText,
		value.TypeEnum, value.TypeSet, value.TypeBinary, value.TypeVarBinary, value.TypeTinyBlob, value.TypeBlob,
		value.TypeMediumBlob, value.TypeLongBlob, value.TypeJSON:
		return true
	}
	return false
}

// isStringResult reports what MySQL calls STRING_RESULT: strings, labels and temporal types.
func (c class) isStringResult() bool {
	switch c {
	case classString, classLabel, classDate, classDateTime, classTime:
		return true
	}
	return false
}

func (c class) isTemporal() bool { return c == classDate || c == classDateTime || c == classTime }

func (c class) hasDate() bool { return c == classDate || c == classDateTime }

func (c class) isNumber() bool { return c == classInt || c == classDecimal || c == classFloat }

// isBinary reports a binary string.
func isBinaryString(t *Type) bool { return classOf(t) == classString && t.Collation == collate.Binary }

// numericShape returns the digits before and behind the point that t's values have as decimals.
func numericShape(t *Type) (whole, scale int) {
	switch t.ID {
	case value.TypeTinyInt:
		whole = 3
	case value.TypeSmallInt:
		whole = 5
	case value.TypeMediumInt:
		whole = 8
	case value.TypeInt:
		whole = 10
	case value.TypeYear:
		whole = 4
	case value.TypeBigInt, value.TypeBit:
		whole = 19
		if t.Unsigned {
			whole = 20
		}
	case value.TypeDecimal:
		return int(t.Precision) - int(t.Scale), int(t.Scale)
	case value.TypeDate:
		whole = 8
	case value.TypeTime:
		return 7, int(t.Scale)
	case value.TypeDateTime, value.TypeTimestamp:
		return 14, int(t.Scale)
	case value.TypeNull:
		return 0, 0
	default:
		return 20, 0
	}
	if t.Digits > 0 && int(t.Digits) < whole {
		whole = int(t.Digits)
	}
	return whole, 0
}

// textLength returns the most characters t's values have as text.
func textLength(t *Type) int {
	switch t.ID {
	case value.TypeNull:
		return 0
	case value.TypeFloat:
		return 12
	case value.TypeDouble:
		return 23
	case value.TypeDate:
		return 10
	case value.TypeTime:
		return withPoint(10, int(t.Scale))
	case value.TypeDateTime, value.TypeTimestamp:
		return withPoint(19, int(t.Scale))
	case value.TypeBit:
		return int(t.Length+7) / 8
	case value.TypeEnum, value.TypeSet:
		return labelLength(t)
	case value.TypeChar, value.TypeVarChar, value.TypeBinary, value.TypeVarBinary:
		return int(t.Length)
	case value.TypeTinyText, value.TypeTinyBlob:
		return 255
	case value.TypeText, value.TypeBlob:
		return 65535
	case value.TypeMediumText, value.TypeMediumBlob:
		return 1<<24 - 1
	case value.TypeLongText, value.TypeLongBlob, value.TypeJSON:
		return 1<<32 - 1
	}
	whole, scale := numericShape(t)
	n := withPoint(max(whole, 1), scale)
	if !t.Unsigned {
		n++
	}
	return n
}

func withPoint(n, scale int) int {
	if scale > 0 {
		return n + 1 + scale
	}
	return n
}

func labelLength(t *Type) int {
	longest, all := 0, 0
	for _, e := range t.Elements {
		n := utf8.RuneCountInString(e)
		longest = max(longest, n)
		all += n + 1
	}
	if t.ID == value.TypeSet {
		return max(all-1, 0)
	}
	return longest
}
