package driver

import (
	"database/sql"
	"math"
	"reflect"
	"strings"

	"github.com/worktable-go/worktable/engine/value"
)

var (
	scanInt64       = reflect.TypeFor[int64]()
	scanUint64      = reflect.TypeFor[uint64]()
	scanFloat64     = reflect.TypeFor[float64]()
	scanFloat32     = reflect.TypeFor[float32]()
	scanString      = reflect.TypeFor[string]()
	scanRaw         = reflect.TypeFor[[]byte]()
	scanTime        = reflect.TypeFor[sql.NullTime]()
	scanNullInt64   = reflect.TypeFor[sql.NullInt64]()
	scanNullFloat64 = reflect.TypeFor[sql.NullFloat64]()
	scanNullString  = reflect.TypeFor[sql.NullString]()
	scanAny         = reflect.TypeFor[any]()
)

// ColumnTypeScanType returns a Go type that every value of the column can be scanned into.
func (r *rows) ColumnTypeScanType(i int) reflect.Type {
	c := &r.cols[i]
	t := &c.Type
	null := !c.NotNull
	switch {
	case t.ID == value.TypeNull:
		return scanAny
	case t.ID == value.TypeBit:
		return scanRaw
	case t.IsInteger() || t.ID == value.TypeYear:
		switch {
		case null && t.Unsigned && t.ID == value.TypeBigInt:
			return reflect.TypeFor[sql.Null[uint64]]()
		case null:
			return scanNullInt64
		case t.Unsigned:
			return scanUint64
		}
		return scanInt64
	case t.ID == value.TypeFloat && !null:
		return scanFloat32
	case t.ID == value.TypeDouble && !null:
		return scanFloat64
	case t.ID == value.TypeFloat || t.ID == value.TypeDouble:
		return scanNullFloat64
	case t.IsTemporal() && t.ID != value.TypeTime && r.conn.cfg.ParseTime:
		return scanTime
	case t.IsBinary():
		return scanRaw
	case null:
		return scanNullString
	}
	return scanString
}

// ColumnTypeDatabaseTypeName returns MySQL's name without length: "BIGINT", "UNSIGNED INT", "VARCHAR", "TEXT" …
func (r *rows) ColumnTypeDatabaseTypeName(i int) string {
	t := &r.cols[i].Type
	name := strings.ToUpper(t.Name())
	if t.Unsigned && t.IsInteger() {
		return "UNSIGNED " + name
	}
	return name
}

// ColumnTypeLength returns the longest length of a variable-length column, in characters or bytes.
func (r *rows) ColumnTypeLength(i int) (length int64, ok bool) {
	t := &r.cols[i].Type
	switch {
	case t.IsLOB() || t.ID == value.TypeJSON:
		if n := t.MaxBytes(); n < math.MaxInt64 {
			return int64(n), true
		}
		return math.MaxInt64, true
	case t.ID == value.TypeVarChar || t.ID == value.TypeChar || t.ID == value.TypeVarBinary || t.ID == value.TypeBinary:
		return int64(t.Length), true
	}
	return 0, false
}

// ColumnTypeNullable reports whether the column may be NULL.
func (r *rows) ColumnTypeNullable(i int) (nullable, ok bool) { return !r.cols[i].NotNull, true }

// ColumnTypePrecisionScale returns DECIMAL's digits, or the fractional digits of a temporal column.
func (r *rows) ColumnTypePrecisionScale(i int) (precision, scale int64, ok bool) {
	t := &r.cols[i].Type
	switch t.ID {
	case value.TypeDecimal:
		return int64(t.Precision), int64(t.Scale), true
	case value.TypeTime, value.TypeDateTime, value.TypeTimestamp:
		return int64(t.Scale), int64(t.Scale), true
	case value.TypeFloat, value.TypeDouble:
		return math.MaxInt64, math.MaxInt64, true
	}
	return 0, 0, false
}
