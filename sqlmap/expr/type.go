package expr

import (
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
	// ASCII says that a string has only ASCII characters: it converts to any character set without loss.
	ASCII bool
	// Dynamic says that the class is known only at execution (a parameter of unknown class, a user variable);
	// operators then look at the values.
	Dynamic bool
	// Hex says that the expression is a hexadecimal or bit literal: a binary string that is a number in a numeric
	// context.
	Hex bool
}

// ColumnType returns the expression type of a column declared as t.
func ColumnType(t *value.Type, notNull bool) *Type {
	c := CoerceNumeric
	if hasCollation(t.ID) {
		c = CoerceImplicit
	}
	return &Type{Type: *t, NotNull: notNull, Coercibility: c}
}

// ValueType returns the type a value has by itself, as a literal or a parameter. coll is the collation of the
// connection.
func ValueType(v value.Value, coll collate.ID) *Type {
	return valueType(v, coll)
}

func hasCollation(id value.TypeID) bool {
	switch id {
	case value.TypeChar, value.TypeVarChar, value.TypeTinyText, value.TypeText, value.TypeMediumText, value.TypeLongText,
		value.TypeEnum, value.TypeSet, value.TypeBinary, value.TypeVarBinary, value.TypeTinyBlob, value.TypeBlob,
		value.TypeMediumBlob, value.TypeLongBlob, value.TypeJSON:
		return true
	}
	return false
}
