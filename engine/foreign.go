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
	again = again || len(ids) > 0 && tx.db.commits.since(installed)
	return false, again, nil
}

// matches appends the ids of all entries whose key starts with the encoded prefix ref.
func (ix *Index) matches(k index.Key, ref []value.Value, dst []uint64) ([]uint64, error) {
	if len(ref) == len(ix.parts) {
		return ix.tree.Get(k, dst), nil
	}
	b := Bound{Vals: ref, Inclusive: true}
	var room, room2 []byte
	lo, _, err := ix.bound(&room, b, true)
	if err != nil {
		return dst, err
	}
	hi, _, err := ix.bound(&room2, b, false)
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
	v := view{tx: tx, t: ix.table, tt: tx.ws.table(ix.table), snap: heap.MaxCSN, now: heap.MaxCSN, step: tx.step}
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
