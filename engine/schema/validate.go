package schema

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Limits of definitions, MySQL's.
const (
	MaxNameLength = 64 // characters
	MaxColumns    = 4096
	MaxIndexes    = 64
	MaxKeyParts   = 16
	MaxKeyBytes   = 3072
	MaxRowBytes   = 65535 // of declared lengths, TEXT and BLOB not counting
)

// PrimaryName is the name of every primary key.
const PrimaryName = "PRIMARY"

// Validate checks the definition as MySQL does for CREATE TABLE: names, types, defaults, keys, prefix lengths,
// autoincrement, limits, the child's side of foreign keys. Errors are *sqlerr.Error.
func (t *Table) Validate() error {
	if err := CheckName(t.Name, sqlerr.WrongTableName); err != nil {
		return err
	}
	if len(t.Columns) > MaxColumns {
		return sqlerr.New(sqlerr.TooManyColumns)
	}
	visible := false
	names := make(map[string]struct{}, len(t.Columns))
	ids := make(map[uint32]struct{}, len(t.Columns))
	for i := range t.Columns {
		c := &t.Columns[i]
		if err := CheckName(c.Name, sqlerr.WrongColumnName); err != nil {
			return err
		}
		if !add(names, strings.ToLower(c.Name)) {
			return sqlerr.New(sqlerr.DuplicateColumn, c.Name)
		}
		if !add(ids, c.ID) {
			return sqlerr.New(sqlerr.Internal, fmt.Sprintf("two columns of table %s have the id %d", t.Name, c.ID))
		}
		if err := c.validate(); err != nil {
			return err
		}
		visible = visible || !c.Invisible
	}
	if !visible {
		return sqlerr.New(sqlerr.NoColumns)
	}
	if t.rowBytes() > MaxRowBytes {
		return sqlerr.New(sqlerr.RowTooLarge, MaxRowBytes)
	}
	if err := t.validateIndexes(); err != nil {
		return err
	}
	if err := t.validateAuto(); err != nil {
		return err
	}
	return t.validateConstraints()
}

// add puts key into a set and reports whether it is new.
func add[K comparable](set map[K]struct{}, key K) bool {
	if _, dup := set[key]; dup {
		return false
	}
	set[key] = struct{}{}
	return true
}

// CheckName checks an identifier; wrong is the error for names that are empty or end in a space.
func CheckName(name string, wrong *sqlerr.Code) error {
	if name == "" || strings.HasSuffix(name, " ") || !utf8.ValidString(name) || strings.ContainsRune(name, 0) {
		return sqlerr.New(wrong, name)
	}
	if len(name) > MaxNameLength && utf8.RuneCountInString(name) > MaxNameLength {
		return sqlerr.New(sqlerr.TooLongName, name)
	}
	return nil
}

func (c *Column) validate() error {
	if err := c.Type.Validate(c.Name); err != nil {
		return err
	}
	if c.Generated != "" && (c.HasDefault || c.DefaultExpr != "" || c.AutoIncrement || c.OnUpdate != "") {
		return sqlerr.New(sqlerr.WrongUsage, "DEFAULT", "generated column")
	}
	if c.AutoIncrement {
		if !c.Type.IsInteger() && c.Type.ID != value.TypeFloat && c.Type.ID != value.TypeDouble {
			return sqlerr.New(sqlerr.WrongColumnSpec, c.Name)
		}
		if c.HasDefault && !c.Default.IsNull() || c.DefaultExpr != "" {
			return sqlerr.New(sqlerr.InvalidDefault, c.Name)
		}
	}
	if c.OnUpdate != "" && c.Type.ID != value.TypeTimestamp && c.Type.ID != value.TypeDateTime {
		return sqlerr.New(sqlerr.InvalidOnUpdate, c.Name)
	}
	if err := c.validateConstant(c.HasDefault, c.Default); err != nil {
		return err
	}
	if c.HasDefault && !c.Default.IsNull() && c.Type.IsLOB() {
		return sqlerr.New(sqlerr.LOBDefault, c.Name)
	}
	if c.HasDefault && c.Default.IsNull() && c.NotNull && c.DefaultExpr == "" {
		return sqlerr.New(sqlerr.InvalidDefault, c.Name)
	}
	return c.validateConstant(c.HasInitial, c.Initial)
}

// validateConstant checks that a constant of the definition is of the column's type.
func (c *Column) validateConstant(has bool, v value.Value) error {
	if !has || v.IsNull() {
		return nil
	}
	if v.Kind() != c.Type.Kind() {
		return sqlerr.New(sqlerr.InvalidDefault, c.Name)
	}
	return nil
}

// rowBytes sums the declared lengths as MySQL counts them.
func (t *Table) rowBytes() uint64 {
	n := uint64(len(t.Columns)+7) / 8
	for i := range t.Columns {
		ty := &t.Columns[i].Type
		b := ty.MaxBytes()
		switch {
		case ty.ID == value.TypeVarChar || ty.ID == value.TypeVarBinary:
			n += b + 1
			if b > 255 {
				n++
			}
		case ty.IsLOB():
			n += 8 + lengthBytes(b)
		default:
			n += b
		}
	}
	return n
}

// lengthBytes returns how many bytes a length up to n takes.
func lengthBytes(n uint64) uint64 {
	b := uint64(1)
	for n > 255 {
		n >>= 8
		b++
	}
	return b
}

func (t *Table) validateIndexes() error {
	if len(t.Indexes) > MaxIndexes {
		return sqlerr.New(sqlerr.TooManyKeys, MaxIndexes)
	}
	names := make(map[string]struct{}, len(t.Indexes))
	primary := false
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if err := CheckName(ix.Name, sqlerr.WrongIndexName); err != nil {
			return err
		}
		if ix.Primary {
			if primary {
				return sqlerr.New(sqlerr.MultiplePrimaryKeys)
			}
			primary = true
		}
		if ix.Primary != equalFold(ix.Name, PrimaryName) {
			return sqlerr.New(sqlerr.WrongIndexName, ix.Name)
		}
		if !add(names, strings.ToLower(ix.Name)) {
			return sqlerr.New(sqlerr.DuplicateKeyName, ix.Name)
		}
		if err := t.validateParts(ix); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) validateParts(ix *Index) error {
	if len(ix.Parts) == 0 || len(ix.Parts) > MaxKeyParts {
		return sqlerr.New(sqlerr.TooManyKeyParts, MaxKeyParts)
	}
	seen := make(map[uint32]struct{}, len(ix.Parts))
	total := uint64(0)
	for _, p := range ix.Parts {
		i := t.ColumnByID(p.Column)
		if i < 0 {
			return sqlerr.New(sqlerr.KeyColumnMissing, fmt.Sprintf("#%d", p.Column))
		}
		c := &t.Columns[i]
		if !add(seen, p.Column) {
			return sqlerr.New(sqlerr.DuplicateColumn, c.Name)
		}
		if ix.Primary && !c.NotNull {
			return sqlerr.New(sqlerr.PrimaryNull)
		}
		n, err := c.keyBytes(p)
		if err != nil {
			return err
		}
		total += n
	}
	if total > MaxKeyBytes {
		return sqlerr.New(sqlerr.TooLongKey, MaxKeyBytes)
	}
	return nil
}

// keyBytes checks a key part and returns its length as MySQL counts it.
func (c *Column) keyBytes(p KeyPart) (uint64, error) {
	t := &c.Type
	switch {
	case t.ID == value.TypeJSON:
		return 0, sqlerr.New(sqlerr.JSONKey, c.Name)
	case p.Prefix == 0 && t.IsLOB():
		return 0, sqlerr.New(sqlerr.BlobKeyNoLength, c.Name)
	case p.Prefix == 0:
		return t.MaxBytes(), nil
	case !t.HasPrefix():
		return 0, sqlerr.New(sqlerr.WrongPrefixKey)
	case !t.IsLOB() && uint64(p.Prefix) > t.MaxChars():
		return 0, sqlerr.New(sqlerr.WrongPrefixKey)
	case t.IsCharacter():
		return uint64(p.Prefix) * 4, nil
	}
	return uint64(p.Prefix), nil
}

// validateAuto checks that at most one column is AUTO_INCREMENT, and first in some index.
func (t *Table) validateAuto() error {
	auto := t.AutoColumn()
	if auto < 0 {
		return nil
	}
	for i := auto + 1; i < len(t.Columns); i++ {
		if t.Columns[i].AutoIncrement {
			return sqlerr.New(sqlerr.WrongAutoKey)
		}
	}
	for i := range t.Indexes {
		if t.Indexes[i].Parts[0].Column == t.Columns[auto].ID {
			return nil
		}
	}
	return sqlerr.New(sqlerr.WrongAutoKey)
}

func (t *Table) validateConstraints() error {
	names := make(map[string]struct{})
	for i := range t.Foreign {
		fk := &t.Foreign[i]
		if err := CheckName(fk.Name, sqlerr.WrongIndexName); err != nil {
			return err
		}
		if !add(names, strings.ToLower(fk.Name)) {
			return sqlerr.New(sqlerr.FKDuplicateName, fk.Name)
		}
		if len(fk.Columns) == 0 || len(fk.Columns) != len(fk.RefColumns) {
			return sqlerr.New(sqlerr.FKWrongDefinition, fk.Name, "Key reference and table reference don't match")
		}
		for _, id := range fk.Columns {
			c := t.ColumnByID(id)
			if c < 0 {
				return sqlerr.New(sqlerr.KeyColumnMissing, fmt.Sprintf("#%d", id))
			}
			if t.Columns[c].NotNull && (fk.OnDelete == SetNull || fk.OnUpdate == SetNull) {
				return sqlerr.New(sqlerr.FKSetNullNotNull, t.Columns[c].Name, fk.Name)
			}
		}
	}
	clear(names)
	for i := range t.Checks {
		if !add(names, strings.ToLower(t.Checks[i].Name)) {
			return sqlerr.New(sqlerr.CheckDuplicateName, t.Checks[i].Name)
		}
	}
	return nil
}
