package ddl

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// charset is the default character set and collation that a definition inherits. The character set is the one that
// stores the text: utf8mb4 also for utf8mb3, latin1 and ascii.
type charset struct {
	name      string
	collation collate.ID
}

// defaultCharset is the charset of a stored collation; 0 is the default.
func defaultCharset(collation uint16) charset {
	id := collate.ID(collation)
	if id == 0 {
		id = collate.Default
	}
	return charset{id.Charset(), id}
}

// resolve applies CHARACTER SET and COLLATE clauses (either may be empty) to an inherited default. Errors 1115, 1253,
// 1273.
func (c charset) resolve(name, collation string) (charset, error) {
	if name != "" {
		id, ok := collate.CharsetDefault(name)
		if !ok {
			return c, sqlerr.New(sqlerr.UnknownCharset, name)
		}
		c = charset{id.Charset(), id}
	}
	if collation == "" {
		return c, nil
	}
	id, ok := collate.ByName(collation)
	if !ok {
		return c, sqlerr.New(sqlerr.UnknownCollation, collation)
	}
	if name != "" && !collate.Fits(collation, name) {
		return c, sqlerr.New(sqlerr.CollationMismatch, collation, name)
	}
	return charset{id.Charset(), id}, nil
}

// columnType turns a declared type into a column's, with the character set of the table where it names none.
func columnType(spec *ast.TypeSpec, column string, table charset) (value.Type, error) {
	t := value.Type{ID: spec.ID, Unsigned: spec.Unsigned, Zerofill: spec.Zerofill, Elements: spec.Elements}
	if t.Zerofill {
		t.Unsigned = true
	}
	if spec.Length > 1<<32-1 {
		return t, sqlerr.New(sqlerr.TooLongColumn, column, uint64(value.MaxVarCharLength))
	}
	if err := setLength(&t, spec, column); err != nil {
		return t, err
	}
	if t.HasCollation() {
		cs, err := characterSet(spec, table)
		if err != nil {
			return t, err
		}
		if cs.name == "binary" && t.IsCharacter() {
			return binaryOf(t), nil
		}
		t.Collation = cs.collation
	}
	return t, t.Validate(column)
}

func characterSet(spec *ast.TypeSpec, table charset) (charset, error) {
	name := spec.Charset
	if spec.National {
		name = "utf8mb3"
	}
	cs, err := table.resolve(name, spec.Collate)
	if err != nil {
		return cs, err
	}
	if spec.BinaryColl && spec.Collate == "" {
		cs.collation = collate.UTF8MB4Bin
	}
	return cs, nil
}

// binaryOf is the type that MySQL makes of a character type with CHARACTER SET binary.
func binaryOf(t value.Type) value.Type {
	switch t.ID {
	case value.TypeChar:
		t.ID = value.TypeBinary
	case value.TypeVarChar:
		t.ID = value.TypeVarBinary
	case value.TypeTinyText:
		t.ID = value.TypeTinyBlob
	case value.TypeText:
		t.ID = value.TypeBlob
	case value.TypeMediumText:
		t.ID = value.TypeMediumBlob
	case value.TypeLongText:
		t.ID = value.TypeLongBlob
	}
	t.Collation = 0
	return t
}

// maxDisplayWidth bounds the width in INT(width).
const maxDisplayWidth = 255

// setLength distributes the numbers in parentheses, or their defaults, over the type's attributes.
func setLength(t *value.Type, spec *ast.TypeSpec, column string) error {
	n := uint32(spec.Length)
	switch {
	case t.IsInteger() && spec.Length > maxDisplayWidth:
		return sqlerr.New(sqlerr.TooBigDisplayWidth, column, maxDisplayWidth)
	case t.IsInteger():
		// Display widths mean nothing but TINYINT(1), which tools read as a boolean, and ZEROFILL's padding.
		if spec.HasLength && (t.Zerofill || t.ID == value.TypeTinyInt && n == 1 && !t.Unsigned) {
			t.Length = n
		}
	case t.ID == value.TypeDecimal:
		t.Precision = 10
		if spec.HasLength && spec.Length > 0 {
			t.Precision = uint8(min(spec.Length, 255))
		}
		t.Scale = uint8(min(spec.Scale, 255))
	case t.ID == value.TypeFloat || t.ID == value.TypeDouble:
		return setFloat(t, spec, column)
	case t.HasFsp():
		t.Scale = uint8(min(spec.Length, 255))
	case t.ID == value.TypeChar || t.ID == value.TypeBinary:
		t.Length = n
		if !spec.HasLength {
			t.Length = 1
		}
	case t.ID == value.TypeBit:
		t.Length = n
		if !spec.HasLength {
			t.Length = 1
		}
	case t.ID == value.TypeVarChar || t.ID == value.TypeVarBinary:
		t.Length = n
	case t.ID == value.TypeText || t.ID == value.TypeBlob:
		if spec.HasLength {
			t.ID = lobFor(t.ID, spec.Length)
		}
	}
	return nil
}

// setFloat reads FLOAT(p): up to 24 bits it is single precision, up to 53 double.
func setFloat(t *value.Type, spec *ast.TypeSpec, column string) error {
	if !spec.HasLength || spec.HasScale {
		return nil // FLOAT(m, d) only changes how MySQL rounds for display, and is deprecated there
	}
	switch {
	case spec.Length > 53:
		return sqlerr.New(sqlerr.WrongColumnSpec, column)
	case t.ID == value.TypeFloat && spec.Length > 24:
		t.ID = value.TypeDouble
	}
	return nil
}

// lobFor returns the smallest TEXT or BLOB that holds n characters or bytes.
func lobFor(id value.TypeID, n uint64) value.TypeID {
	sizes := []value.TypeID{value.TypeTinyText, value.TypeText, value.TypeMediumText, value.TypeLongText}
	if id == value.TypeBlob {
		sizes = []value.TypeID{value.TypeTinyBlob, value.TypeBlob, value.TypeMediumBlob, value.TypeLongBlob}
	} else {
		n *= 4 // bytes of a character, at most
	}
	switch {
	case n < 1<<8:
		return sizes[0]
	case n < 1<<16:
		return sizes[1]
	case n < 1<<24:
		return sizes[2]
	}
	return sizes[3]
}
