package engine

import (
	"slices"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// checkForeignKeys checks the foreign keys of t that old, the former handle, has not: parents, types, indexes, rows.
func (d *Definer) checkForeignKeys(t, old *Table) error {
	for _, fk := range t.fks {
		if fk.index == nil {
			return sqlerr.New(sqlerr.FKNeedsIndex, formerIndex(old, fk))
		}
		if fk.def.OnDelete == schema.SetDefault || fk.def.OnUpdate == schema.SetDefault {
			return sqlerr.New(sqlerr.NotSupported, "SET DEFAULT in a foreign key")
		}
		if old != nil && slices.ContainsFunc(old.fks, func(o *foreignKey) bool { return o.def.ID == fk.def.ID }) {
			continue
		}
		if err := d.checkForeignKey(t, fk); err != nil {
			return err
		}
	}
	return nil
}

// formerIndex names the index that a foreign key used before the change; the key itself when there was none.
func formerIndex(old *Table, fk *foreignKey) string {
	if old != nil {
		for _, o := range old.fks {
			if o.def.ID == fk.def.ID && o.index != nil {
				return o.index.def.Name
			}
		}
	}
	return fk.def.Name
}

// newParents returns the tables that foreign keys of def refer to which t has not.
func (d *Definer) newParents(t *Table, def *schema.Table) []*Table {
	var parents []*Table
	for i := range def.Foreign {
		fk := &def.Foreign[i]
		if slices.ContainsFunc(t.def.Foreign, func(o schema.ForeignKey) bool { return o.ID == fk.ID }) {
			continue
		}
		if p := d.catalog.Table(fk.RefSchema, fk.RefTable); p != nil && p != t {
			parents = append(parents, p)
		}
	}
	return parents
}

// children returns the tables that refer to t; none when t only hides the table that they refer to.
func (d *Definer) children(t *Table) []*Table {
	if t.store.temporary {
		return nil
	}
	var out []*Table
	for _, ref := range d.catalog.ForeignKeysTo(t) {
		out = append(out, ref.Child)
	}
	return out
}

func (d *Definer) checkForeignKey(t *Table, fk *foreignKey) error {
	var parent *Table
	if fk.def.RefSchema == t.def.Schema && fk.def.RefTable == t.def.Name {
		parent = t
	} else if parent = d.catalog.Table(fk.def.RefSchema, fk.def.RefTable); parent == nil {
		if d.noFK {
			return nil
		}
		return sqlerr.New(sqlerr.FKCannotOpenParent, fk.def.RefTable)
	} else if err := d.exclusive(parent); err != nil {
		return err
	}
	var cols []int
	for i, name := range fk.def.RefColumns {
		c := parent.def.ColumnIndex(name)
		if c < 0 {
			return sqlerr.New(sqlerr.FKMissingColumn, name, fk.def.Name, fk.def.RefTable)
		}
		child := &t.def.Columns[fk.childCols[i]]
		if !compatible(&child.Type, &parent.def.Columns[c].Type) {
			return sqlerr.New(sqlerr.FKIncompatible, child.Name, parent.def.Columns[c].Name, fk.def.Name)
		}
		cols = append(cols, c)
	}
	pix := parent.leadingIndex(cols)
	if pix == nil {
		return sqlerr.New(sqlerr.FKNoIndexParent, fk.def.Name, fk.def.RefTable)
	}
	if d.noFK {
		return nil
	}
	return d.checkChildren(t, fk, pix)
}

// compatible reports whether a column of type a may refer to one of type b.
func compatible(a, b *value.Type) bool {
	switch {
	case a.IsCharacter() && b.IsCharacter():
		return a.Collation == b.Collation
	case a.IsBinary() && b.IsBinary():
		return true
	}
	return a.ID == b.ID && a.Unsigned == b.Unsigned && a.Precision == b.Precision && a.Scale == b.Scale
}

// checkChildren gives 1452 when an existing row of t has no parent. Both definitions are locked.
func (d *Definer) checkChildren(t *Table, fk *foreignKey, pix *Index) error {
	c := d.tx.Scan(t, ScanOptions{Current: true})
	defer c.Close()
	ref := make([]value.Value, len(fk.childCols))
	for {
		rows, err := c.NextBatch(d.ctx, 256)
		if err != nil || len(rows) == 0 {
			return err
		}
	next:
		for i := range rows {
			for j, col := range fk.childCols {
				if ref[j] = rows[i].Row.Col(col); ref[j].IsNull() {
					continue next
				}
			}
			k, _, err := pix.keyOfParts(nil, ref)
			if err != nil {
				return err
			}
			ids, err := pix.matches(k, ref, nil)
			if err != nil {
				return err
			}
			found := false
			for _, id := range ids {
				if found, err = d.tx.currentHas(pix, heap.RowID(id), k, len(ref)); err != nil {
					return err
				} else if found {
					break
				}
			}
			if !found {
				return sqlerr.New(sqlerr.NoReferencedRow, fk.describe())
			}
		}
	}
}

// checkStillReferenced refuses a definition that takes columns or indexes from under a foreign key of or to t.
func (d *Definer) checkStillReferenced(t *Table, def *schema.Table) error {
	if d.noFK || t.store.temporary {
		return nil
	}
	for i := range def.Foreign {
		for _, id := range def.Foreign[i].Columns {
			if def.ColumnByID(id) < 0 {
				name := ""
				if o := t.def.ColumnByID(id); o >= 0 {
					name = t.def.Columns[o].Name
				}
				return sqlerr.New(sqlerr.FKColumnNeeded, name, def.Foreign[i].Name)
			}
		}
	}
	for _, ref := range d.catalog.ForeignKeysTo(t) {
		parts := make([]uint32, 0, len(ref.Key.RefColumns))
		for _, name := range ref.Key.RefColumns {
			c := t.def.ColumnIndex(name)
			if c < 0 {
				continue
			}
			id := t.def.Columns[c].ID
			if def.ColumnByID(id) < 0 {
				return sqlerr.New(sqlerr.FKColumnNeeded, name, ref.Key.Name)
			}
			parts = append(parts, id)
		}
		if !leads(def, parts) {
			_, _, ix := ref.fk.parent(d.catalog)
			name := ref.Key.Name
			if ix != nil {
				name = ix.def.Name
			}
			return sqlerr.New(sqlerr.FKNeedsIndex, name)
		}
	}
	return nil
}

// leads reports whether an index of def starts with the columns.
func leads(def *schema.Table, ids []uint32) bool {
	return slices.ContainsFunc(def.Indexes, func(ix schema.Index) bool {
		if len(ix.Parts) < len(ids) {
			return false
		}
		for i, id := range ids {
			if ix.Parts[i].Column != id || ix.Parts[i].Prefix != 0 {
				return false
			}
		}
		return true
	})
}
