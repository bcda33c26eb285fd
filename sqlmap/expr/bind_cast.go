package expr

import (
	"strconv"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// newCast casts x to t; limit is -1 without a length.
func newCast(x Expr, t value.Type, limit int) *Cast {
	typ := &Type{Type: t, NotNull: x.Type().NotNull, Coercibility: CoerceNumeric}
	switch classOf(typ) {
	case classString, classJSON:
		typ.Coercibility = CoerceImplicit
	case classDate, classDateTime, classTime:
		typ.NotNull = false
	}
	return &Cast{Arg: x, Typ: typ, limit: limit}
}

func (b *binder) convert(n *sqlparser.ConvertExpr) (Expr, error) {
	x, err := b.value(n.Expr)
	if err != nil {
		return nil, err
	}
	length, hasLength := sqlValInt(n.Type.Length)
	scale, _ := sqlValInt(n.Type.Scale)
	name := strings.Fields(strings.ToLower(n.Type.Type))
	if len(name) == 0 {
		return nil, sqlerr.New(sqlerr.NotSupported, "CAST without a type")
	}
	t := value.Type{}
	limit := -1
	switch name[0] {
	case "signed":
		t.ID = value.TypeBigInt
	case "unsigned":
		t.ID, t.Unsigned = value.TypeBigInt, true
	case "binary", "char", "nchar", "character", "varchar":
		return b.castToString(settled(x), n.Type, name[0], length, hasLength)
	case "date":
		t.ID = value.TypeDate
	case "datetime", "timestamp", "time":
		if length > 6 {
			return nil, sqlerr.New(errTooBigFsp, length, "CAST", 6)
		}
		t.ID, t.Scale = value.TypeDateTime, uint8(length)
		if name[0] == "time" {
			t.ID = value.TypeTime
		}
	case "year":
		t.ID = value.TypeYear
	case "decimal", "dec", "numeric":
		if t, err = castDecimal(length, hasLength, scale); err != nil {
			return nil, err
		}
	case "double", "real":
		t.ID = value.TypeDouble
	case "float":
		t.ID = value.TypeFloat
		if length > 53 {
			return nil, sqlerr.New(errTooBigPrecision, length, "CAST", 53)
		}
		if length > 24 {
			t.ID = value.TypeDouble
		}
	case "json":
		t.ID, t.Collation = value.TypeJSON, collate.UTF8MB4Bin
	default:
		return nil, sqlerr.New(sqlerr.NotSupported, "CAST AS "+n.Type.Type)
	}
	return newCast(numericCast(x, t.ID), t, limit), nil
}

// numericCast prepares the operand of a CAST: hexadecimal literals are integers for SIGNED and UNSIGNED, and quotients
// keep their guard digits for numbers.
func numericCast(x Expr, id value.TypeID) Expr {
	switch id {
	case value.TypeBigInt:
		return numeric(x)
	case value.TypeDecimal, value.TypeDouble, value.TypeFloat:
		return x
	}
	return settled(x)
}

func sqlValInt(v *sqlparser.SQLVal) (int, bool) {
	if v == nil {
		return 0, false
	}
	n, err := strconv.Atoi(string(v.Val))
	if err != nil {
		return 1 << 31, true
	}
	return n, true
}

func castDecimal(precision int, given bool, scale int) (value.Type, error) {
	if !given || precision == 0 {
		precision = max(10, scale)
	}
	switch {
	case precision > value.MaxDecimalDigits:
		return value.Type{}, sqlerr.New(errTooBigPrecision, precision, "CAST", value.MaxDecimalDigits)
	case scale > value.MaxDecimalScale:
		return value.Type{}, sqlerr.New(errTooBigScale, scale, "CAST", value.MaxDecimalScale)
	case scale > precision:
		return value.Type{}, sqlerr.New(errScaleOverPrecision, "CAST")
	}
	return decimalDecl(precision, scale), nil
}

func (b *binder) castToString(x Expr, n *sqlparser.ConvertType, name string, length int, hasLength bool) (Expr, error) {
	coll := b.conn
	switch {
	case name == "binary":
		coll = collate.Binary
	case n.Charset != "":
		id, ok := collate.CharsetDefault(n.Charset)
		if !ok {
			return nil, sqlerr.New(sqlerr.UnknownCharset, n.Charset)
		}
		if id == collate.Binary || id.Charset() != coll.Charset() {
			coll = id
		}
	}
	limit, size := -1, textLength(x.Type())
	if hasLength {
		limit, size = length, length
	}
	return newCast(x, stringDecl(size, coll), limit), nil
}

// convertUsing is CONVERT(x USING charset).
func (b *binder) convertUsing(n *sqlparser.ConvertUsingExpr) (Expr, error) {
	x, err := b.value(n.Expr)
	if err != nil {
		return nil, err
	}
	id, ok := collate.CharsetDefault(n.Type)
	if !ok {
		return nil, sqlerr.New(sqlerr.UnknownCharset, n.Type)
	}
	coll := id
	if id.Charset() == b.conn.Charset() {
		coll = b.conn
	}
	return newCast(settled(x), stringDecl(textLength(x.Type()), coll), -1), nil
}
