package schema

import (
	"slices"

	"github.com/worktable-go/worktable/engine/value"
)

// InitialValue returns what rows written before the column was added read as: Initial when the ADD COLUMN recorded
// it, else the constant default, else NULL or the type's implicit default.
func (c *Column) InitialValue() value.Value {
	switch {
	case c.HasInitial && !(c.NotNull && c.Initial.IsNull()):
		return c.Initial
	case c.HasDefault && !c.Default.IsNull():
		return c.Default
	case c.NotNull:
		return value.ZeroOf(&c.Type)
	}
	return value.Null
}

// Clone returns a deep copy, to be changed into the next version.
func (t *Table) Clone() *Table {
	n := *t
	n.Columns = slices.Clone(t.Columns)
	for i := range n.Columns {
		n.Columns[i].Type.Elements = slices.Clone(t.Columns[i].Type.Elements)
	}
	n.Indexes = slices.Clone(t.Indexes)
	for i := range n.Indexes {
		n.Indexes[i].Parts = slices.Clone(t.Indexes[i].Parts)
	}
	n.Foreign = slices.Clone(t.Foreign)
	for i := range n.Foreign {
		n.Foreign[i].Columns = slices.Clone(t.Foreign[i].Columns)
		n.Foreign[i].RefColumns = slices.Clone(t.Foreign[i].RefColumns)
	}
	n.Checks = slices.Clone(t.Checks)
	return &n
}

// AutoColumn returns the ordinal of the AUTO_INCREMENT column, or -1.
func (t *Table) AutoColumn() int {
	return slices.IndexFunc(t.Columns, func(c Column) bool { return c.AutoIncrement })
}

// Ordinals returns the ordinals of the columns with the ids; nil when one of them is not in the table.
func (t *Table) Ordinals(ids []uint32) []int {
	out := make([]int, len(ids))
	for i, id := range ids {
		if out[i] = t.ColumnByID(id); out[i] < 0 {
			return nil
		}
	}
	return out
}

// ColumnNames returns the names of the columns with the ids, leaving out those that are not in the table.
func (t *Table) ColumnNames(ids []uint32) []string {
	out := make([]string, 0, len(ids))
	for _, id := range ids {
		if i := t.ColumnByID(id); i >= 0 {
			out = append(out, t.Columns[i].Name)
		}
	}
	return out
}

// ColumnSet returns the ordinals of the index's columns in t.
func (ix *Index) ColumnSet(t *Table) ColSet {
	var s ColSet
	for _, p := range ix.Parts {
		if i := t.ColumnByID(p.Column); i >= 0 {
			s = s.With(i)
		}
	}
	return s
}

// ColumnIDs returns the ids of the index's columns in order.
func (ix *Index) ColumnIDs() []uint32 {
	out := make([]uint32, len(ix.Parts))
	for i, p := range ix.Parts {
		out[i] = p.Column
	}
	return out
}

// StartsWith reports whether the first columns of the index are those with the ids, in their order and whole: such
// an index serves a foreign key.
func (ix *Index) StartsWith(ids []uint32) bool {
	if len(ids) > len(ix.Parts) {
		return false
	}
	for i, id := range ids {
		if ix.Parts[i].Column != id || ix.Parts[i].Prefix != 0 {
			return false
		}
	}
	return true
}

// IndexFor returns the position of the first index that starts with the columns (see Index.StartsWith) and is not
// USING HASH on more columns, or -1. With unique it looks for a unique index on exactly these columns first.
func (t *Table) IndexFor(ids []uint32, unique bool) int {
	found := -1
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if !ix.StartsWith(ids) || ix.Kind == Hash && len(ix.Parts) != len(ids) {
			continue
		}
		if !unique || ix.Unique && len(ix.Parts) == len(ids) {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

// ForeignByName returns the position in Foreign of the foreign key called name (case-insensitive), or -1.
func (t *Table) ForeignByName(name string) int {
	return slices.IndexFunc(t.Foreign, func(f ForeignKey) bool { return equalFold(f.Name, name) })
}

// CheckByName returns the position in Checks of the constraint called name (case-insensitive), or -1.
func (t *Table) CheckByName(name string) int {
	return slices.IndexFunc(t.Checks, func(c Check) bool { return equalFold(c.Name, name) })
}

// String returns the action as SHOW CREATE TABLE prints it.
func (a Action) String() string {
	switch a {
	case Restrict:
		return "RESTRICT"
	case Cascade:
		return "CASCADE"
	case SetNull:
		return "SET NULL"
	case SetDefault:
		return "SET DEFAULT"
	}
	return "NO ACTION"
}

// String returns BTREE or HASH.
func (k IndexKind) String() string {
	if k == Hash {
		return "HASH"
	}
	return "BTREE"
}
