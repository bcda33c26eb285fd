package engine

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Foreign keys are checked row by row as the statement goes, as InnoDB does, on the newest committed state plus own
// writes. A child's write takes S on the referenced columns of its parent row; a parent's delete or key change holds X on
// them, so the two exclude each other and what either has found stays true until it commits.

// foreignKey is a compiled foreign key of its child table. The parent is looked up by name when it is needed.
type foreignKey struct {
	def       *schema.ForeignKey
	child     *Table
	childCols []int
	childSet  schema.ColSet
	index     *Index // whose first parts are childCols; nil when there is none
}

// maxCascade is how deep referential actions may nest, as in InnoDB.
const maxCascade = 15

func equalName(a, b string) bool { return strings.EqualFold(a, b) }

func newForeignKey(t *Table, def *schema.ForeignKey) (*foreignKey, error) {
	fk := &foreignKey{def: def, child: t}
	for _, id := range def.Columns {
		c := t.def.ColumnByID(id)
		if c < 0 {
			return nil, internalf("foreign key %s names column id %d, which table %s has not", def.Name, id, t.def.Name)
		}
		fk.childCols = append(fk.childCols, c)
		fk.childSet = fk.childSet.With(c)
	}
	fk.index = t.leadingIndex(fk.childCols)
	return fk, nil
}

// leadingIndex returns an ordered index that starts with whole columns cols, or a hash or unique index on exactly
// them; nil when there is none.
func (t *Table) leadingIndex(cols []int) *Index {
	var best *Index
	for _, ix := range t.indexes {
		if len(ix.parts) < len(cols) || !slices.Equal(ix.parts[:len(cols)], cols) {
			continue
		}
		exact := len(ix.parts) == len(cols)
		whole := true
		for i := range cols {
			whole = whole && ix.def.Parts[i].Prefix == 0
		}
		if !whole || !exact && !ix.ordered() {
			continue
		}
		if best == nil || exact && ix.def.Unique && !best.def.Unique {
			best = ix
		}
	}
	return best
}

// parent returns the parent table, its referenced columns and an index that leads with them; t is nil when one of them is missing.
func (fk *foreignKey) parent(c *Catalog) (t *Table, cols []int, ix *Index) {
	t = c.Table(fk.def.RefSchema, fk.def.RefTable)
	if t == nil {
		return nil, nil, nil
	}
	for _, name := range fk.def.RefColumns {
		i := t.def.ColumnIndex(name)
		if i < 0 {
			return nil, nil, nil
		}
		cols = append(cols, i)
	}
	if ix = t.leadingIndex(cols); ix == nil {
		return nil, nil, nil
	}
	return t, cols, ix
}

var actionText = map[schema.Action]string{
	schema.Restrict: "RESTRICT", schema.Cascade: "CASCADE", schema.SetNull: "SET NULL", schema.SetDefault: "SET DEFAULT",
}

// describe returns the text in parentheses of 1451 and 1452.
func (fk *foreignKey) describe() string {
	var b strings.Builder
	quote := func(s string) string { return "`" + strings.ReplaceAll(s, "`", "``") + "`" }
	b.WriteString(quote(fk.child.def.Schema) + "." + quote(fk.child.def.Name) + ", CONSTRAINT " + quote(fk.def.Name) + " FOREIGN KEY (")
	for i, c := range fk.childCols {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(fk.child.def.Columns[c].Name))
	}
	b.WriteString(") REFERENCES ")
	if fk.def.RefSchema != fk.child.def.Schema {
		b.WriteString(quote(fk.def.RefSchema) + ".")
	}
	b.WriteString(quote(fk.def.RefTable) + " (")
	for i, c := range fk.def.RefColumns {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString(quote(c))
	}
	b.WriteString(")")
	if a := actionText[fk.def.OnDelete]; a != "" {
		b.WriteString(" ON DELETE " + a)
	}
	if a := actionText[fk.def.OnUpdate]; a != "" {
		b.WriteString(" ON UPDATE " + a)
	}
	return b.String()
}

// checkParents checks the references of a new row, one value per column, of those foreign keys that set touches.
func (tx *Tx) checkParents(ctx context.Context, t *Table, set schema.ColSet, vals []value.Value) error {
	for _, fk := range t.fks {
		if !fk.childSet.Intersects(set) {
			continue
		}
		ref := make([]value.Value, len(fk.childCols))
		null := false
		for i, c := range fk.childCols {
			ref[i] = vals[c]
			null = null || vals[c].IsNull()
		}
		if null {
			continue // MATCH SIMPLE
		}
		if err := tx.checkParent(ctx, fk, ref, vals); err != nil {
			return err
		}
	}
	return nil
}

// checkParentsOf is checkParents for an encoded row.
func (tx *Tx) checkParentsOf(ctx context.Context, t *Table, set schema.ColSet, full []byte) error {
	r := row.Row{Layout: t.layout, Data: full, Overflow: t.store.space}
	vals := make([]value.Value, len(t.def.Columns))
	g := tx.db.epochs.Pin() // for spilled values
	for _, fk := range t.fks {
		if !fk.childSet.Intersects(set) {
			continue
		}
		for _, c := range fk.childCols {
			vals[c] = r.Col(c)
		}
		if fk.def.RefTable == t.def.Name && fk.def.RefSchema == t.def.Schema {
			// A row may refer to itself.
			for _, name := range fk.def.RefColumns {
				if c := t.def.ColumnIndex(name); c >= 0 {
					vals[c] = r.Col(c)
				}
			}
		}
	}
	g.Unpin()
	if err := r.Err(); err != nil {
		return err
	}
	return tx.checkParents(ctx, t, set, vals)
}

// checkParent finds a parent row of ref and locks what is referenced of it.
func (tx *Tx) checkParent(ctx context.Context, fk *foreignKey, ref, vals []value.Value) error {
	parent, cols, ix := fk.parent(tx.db.catalogFor(tx))
	if parent == nil {
		return sqlerr.New(sqlerr.NoReferencedRow, fk.describe())
	}
	if err := tx.use(ctx, parent); err != nil {
		if errors.Is(err, ErrStaleTable) && tx.db.catalogFor(tx).TableByID(parent.def.ID) != parent {
			// A DDL has just replaced the handle; the definition is locked now.
			return tx.checkParent(ctx, fk, ref, vals)
		}
		return err
	}
	k, _, err := ix.keyOfParts(nil, ref)
	if err != nil {
		return err
	}
	if parent.def.ID == fk.child.def.ID {
		self := make([]value.Value, len(cols))
		for i, c := range cols {
			self[i] = vals[c]
		}
		if own, _, err := ix.keyOfParts(nil, self); err == nil && ix.equalKeys(own, k) {
			return nil
		}
	}
	var set schema.ColSet
	for _, c := range cols {
		set = set.With(c)
	}
	for {
		found, again, err := tx.lockMatch(ctx, ix, k, ref, lock.Mode{S: set.Fold64()})
		if err != nil {
			return err
		}
		if found {
			return nil
		}
		if !again {
			return sqlerr.New(sqlerr.NoReferencedRow, fk.describe())
		}
	}
}

// lockMatch looks for one row whose key in ix starts with ref and locks it. again: somebody's outcome had to be waited for.
func (tx *Tx) lockMatch(ctx context.Context, ix *Index, k index.Key, ref []value.Value, mode lock.Mode) (found, again bool, err error) {
	installed := tx.db.commits.installed.Load()
	ids, err := ix.matches(k, ref, nil)
	if err != nil {
		return false, false, err
	}
	t := ix.table
	for _, raw := range ids {
		id := heap.RowID(raw)
		res := t.resource(id)
		if res.Word == nil {
			continue
		}
		has, err := tx.currentHas(ix, id, k, len(ref))
		if err != nil {
			return false, false, err
		}
		if !has {
			// Another transaction may be about to give the row this key.
			if lock.Locked(res.Word) && tx.db.locks.LockedByOther(tx.owner, res, lock.Mode{S: ix.mask}) {
				if err := tx.awaitRow(ctx, ix, id); err != nil {
					return false, false, err
				}
				again = true
			}
			continue
		}
		mark := tx.owner.Mark()
		if _, err := tx.db.locks.Acquire(ctx, tx.owner, res, mode, tx.wait); err != nil {
			return false, false, tx.fail(err)
		}
		if has, err = tx.currentHas(ix, id, k, len(ref)); has || err != nil {
			return has, false, err
		}
		tx.db.locks.ReleaseTo(tx.owner, mark)
		again = true
	}
	// The key may have moved from a row not yet looked at to one that was.
	again = again || len(ids) > 0 && tx.db.commits.installed.Load() != installed
	return false, again, nil
}

// matches appends the ids of all entries whose key starts with the encoded prefix ref.
func (ix *Index) matches(k index.Key, ref []value.Value, dst []uint64) ([]uint64, error) {
	if len(ref) == len(ix.parts) {
		return ix.tree.Get(k, dst), nil
	}
	b := Bound{Vals: ref, Inclusive: true}
	lo, _, err := ix.bound(b, true)
	if err != nil {
		return dst, err
	}
	hi, _, err := ix.bound(b, false)
	if err != nil {
		return dst, err
	}
	var it index.Iter
	it.Reset(lo, hi, false)
	entries := make([]index.Entry, 128)
	for {
		n, err := ix.tree.Scan(&it, entries)
		if err != nil || n == 0 {
			return dst, err
		}
		for _, e := range entries[:n] {
			dst = append(dst, e.Row)
		}
	}
}

// currentHas reports whether the row, as newest version plus own delta, has a key whose first parts are k.
func (tx *Tx) currentHas(ix *Index, id heap.RowID, k index.Key, parts int) (bool, error) {
	g := tx.db.epochs.Pin()
	defer g.Unpin()
	v := view{tx: tx, t: ix.table, tt: tx.ws.table(ix.table), snap: heap.MaxCSN, step: tx.step}
	var r row.Row
	ok, _, err := v.look(id, &r)
	if !ok || err != nil {
		return false, err
	}
	if parts == len(ix.parts) {
		return ix.rowHasKey(&tx.key2, &r, k)
	}
	have := make([]value.Value, parts)
	for i := range have {
		have[i] = r.Col(ix.parts[i])
	}
	h, _, err := ix.keyOfParts(nil, have)
	return err == nil && ix.equalKeys(h, k), err
}

// deleteReferences applies the foreign keys to t after a row of it was deleted. old is the row.
func (tx *Tx) deleteReferences(ctx context.Context, t *Table, old *row.Row) error {
	for _, ref := range tx.db.catalogFor(tx).ForeignKeysTo(t) {
		if err := tx.applyReference(ctx, t, ref.fk, ref.fk.def.OnDelete, old, nil); err != nil {
			return err
		}
	}
	return nil
}

// updateReferences applies the foreign keys to t after the columns of set of a row changed from old to full.
func (tx *Tx) updateReferences(ctx context.Context, t *Table, set schema.ColSet, old *row.Row, full []byte) error {
	now := row.Row{Layout: t.layout, Data: full, Overflow: t.store.space}
	for _, ref := range tx.db.catalogFor(tx).ForeignKeysTo(t) {
		if err := tx.applyReference(ctx, t, ref.fk, ref.fk.def.OnUpdate, old, &now); err != nil {
			return err
		}
	}
	return nil
}

// applyReference finds the children of the old key and does to them what the action says; now is nil for a delete.
func (tx *Tx) applyReference(ctx context.Context, t *Table, fk *foreignKey, action schema.Action, old, now *row.Row) error {
	_, cols, pix := fk.parent(tx.db.catalogFor(tx))
	if pix == nil {
		return nil
	}
	was, err := tx.copyColumns(old, cols)
	if err != nil || slices.ContainsFunc(was, value.Value.IsNull) {
		return err
	}
	var to []value.Value
	if now != nil {
		if to, err = tx.copyColumns(now, cols); err != nil {
			return err
		}
		a, _, err := pix.keyOfParts(nil, was)
		if err != nil {
			return err
		}
		b, _, err := pix.keyOfParts(nil, to)
		if err != nil {
			return err
		}
		if pix.equalKeys(a, b) {
			return nil
		}
	}
	// Another row of the parent may have the same key when the parent's index is not unique.
	if !pix.def.Unique || len(pix.parts) != len(cols) {
		k, _, err := pix.keyOfParts(nil, was)
		if err != nil {
			return err
		}
		if other, _, err := tx.lockMatch(ctx, pix, k, was, lock.Mode{S: pix.mask}); other || err != nil {
			return err
		}
	}
	fk, err = tx.useChild(ctx, fk)
	if fk == nil || err != nil {
		return err
	}
	ix := fk.index
	if ix == nil {
		return internalf("foreign key %s has no index on its columns", fk.def.Name)
	}
	k, _, err := ix.keyOfParts(nil, was)
	if err != nil {
		return err
	}
	ids, err := ix.matches(k, was, nil)
	if err != nil {
		return err
	}
	for _, raw := range ids {
		if err := tx.applyToChild(ctx, fk, heap.RowID(raw), k, len(was), action, to); err != nil {
			return err
		}
	}
	return nil
}

// copyColumns returns the values of columns in memory of their own.
func (tx *Tx) copyColumns(r *row.Row, cols []int) ([]value.Value, error) {
	g := tx.db.epochs.Pin() // for spilled values
	defer g.Unpin()
	vals := make([]value.Value, len(cols))
	for i, c := range cols {
		vals[i] = r.Col(c).Clone()
	}
	return vals, r.Err()
}

// useChild locks the definition of a foreign key's child and returns the key as it is now; nil when it was dropped just before.
func (tx *Tx) useChild(ctx context.Context, fk *foreignKey) (*foreignKey, error) {
	for {
		err := tx.use(ctx, fk.child)
		if err == nil {
			return fk, nil
		}
		if !errors.Is(err, ErrStaleTable) {
			return nil, err
		}
		now := tx.db.catalogFor(tx).TableByID(fk.child.def.ID)
		if now == fk.child {
			return nil, err
		}
		if now == nil {
			return nil, nil
		}
		i := slices.IndexFunc(now.fks, func(o *foreignKey) bool { return o.def.ID == fk.def.ID })
		if i < 0 {
			return nil, nil
		}
		fk = now.fks[i]
	}
}

// applyToChild locks a child row, looks whether it still refers to the old key and applies the action.
func (tx *Tx) applyToChild(ctx context.Context, fk *foreignKey, id heap.RowID, k index.Key, parts int, action schema.Action, to []value.Value) error {
	child := fk.child
	spec := LockSpec{S: fk.childSet}
	switch {
	case action == schema.Cascade && to == nil:
		spec = LockSpec{X: child.all}
	case action == schema.Cascade, action == schema.SetNull:
		spec = LockSpec{X: fk.childSet}
	}
	res, err := tx.Lock(ctx, child, id, spec)
	if err != nil || res == Gone {
		return err
	}
	has, err := tx.currentHas(fk.index, id, k, parts)
	if err != nil || !has {
		return err
	}
	if spec.X.Empty() {
		return sqlerr.New(sqlerr.RowIsReferenced, fk.describe())
	}
	if tx.depth >= maxCascade {
		return sqlerr.New(sqlerr.FKDepthExceeded, maxCascade)
	}
	tx.depth++
	defer func() { tx.depth-- }()
	if action == schema.Cascade && to == nil {
		return tx.delete(ctx, child, id)
	}
	vals := make([]value.Value, len(child.def.Columns))
	for i, c := range fk.childCols {
		if to != nil && action == schema.Cascade {
			vals[c] = to[i]
		}
	}
	return tx.update(ctx, child, id, fk.childSet, vals)
}

// checkForeignKeys checks the foreign keys of t that old, the former handle, has not: parents, types, indexes, rows.
func (d *Definer) checkForeignKeys(t, old *Table) error {
	for _, fk := range t.fks {
		if fk.index == nil {
			return sqlerr.New(sqlerr.FKNeedsIndex, fk.def.Name)
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
