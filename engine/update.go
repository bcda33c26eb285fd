package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// Update changes the columns of set to vals[ordinal] in the newest version of the row. It takes the locks it needs.
// A row that does not exist is 1815: lock it and look first.
func (tx *Tx) Update(ctx context.Context, t *Table, id heap.RowID, set schema.ColSet, vals []value.Value) error {
	if !tx.stmt.active {
		if err := tx.BeginStatement(StmtWrite); err != nil {
			return err
		}
		return tx.EndStatement(tx.update(ctx, t, id, set, vals))
	}
	return tx.update(ctx, t, id, set, vals)
}

func (tx *Tx) update(ctx context.Context, t *Table, id heap.RowID, set schema.ColSet, vals []value.Value) error {
	if err := tx.writable(ctx, t); err != nil {
		return err
	}
	if len(vals) != len(t.def.Columns) {
		return internalf("table %s has %d columns, not %d", t.def.Name, len(t.def.Columns), len(vals))
	}
	if set.Empty() {
		return nil
	}
	if err := tx.lockForWrite(ctx, t, id, t.lockMask(set)); err != nil {
		return err
	}
	mark := tx.Mark()
	if err := tx.updateLocked(ctx, t, id, set, vals); err != nil {
		if tx.failure == nil {
			tx.rollbackTo(mark)
			tx.fail(err)
		}
		return err
	}
	return nil
}

// updateLocked writes the delta of a row whose columns are locked.
func (tx *Tx) updateLocked(ctx context.Context, t *Table, id heap.RowID, set schema.ColSet, vals []value.Value) error {
	ws := tx.ws
	g := tx.db.epochs.Pin()
	defer func() { g.Unpin() }()
	base, r, err := tx.currentForWrite(t, id, &ws.base)
	if err != nil {
		return err
	}
	if err := tx.firstUpdater(t, id, set.Fold64()); err != nil {
		return err
	}
	if t.hook != nil && t.hook.Run != nil {
		if set, vals, err = tx.runHook(t, set, vals); err != nil {
			return err
		}
	}
	if err := t.checkNotNull(set, vals); err != nil {
		return err
	}
	ws.vals = ws.vals[:0]
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		ws.vals = append(ws.vals, vals[c])
	}
	ws.payload, err = t.layout.AppendMerged(ws.payload[:0], &ws.base, set, ws.vals, 0, nil)
	if err != nil {
		return err
	}
	full := ws.bytes.copy(ws.payload)
	child, parent := t.concerns(tx, set)
	keys := set.Fold64()&t.keyMask != 0
	old := ws.base
	if child || parent || keys {
		// Unique keys and references may wait, and no pin is held then. The key columns are locked, so the keys of the base
		// stay as they are; a copy keeps them.
		old.Data = ws.bytes.copy(old.Data)
	}
	if child {
		g.Unpin()
		err := tx.checkParentsOf(ctx, t, set, full)
		g = tx.db.epochs.Pin()
		if err != nil {
			return err
		}
	}
	s := state{kind: opUpdate, mask: set, full: full, base: base}
	tt := ws.open(t)
	if r != nil && r.top != nil {
		s.kind = r.top.kind
		s.mask = s.mask.Union(r.top.mask)
	}
	tx.push(tt, r, id, s)
	if keys {
		if err := tx.putChanged(ctx, t, tt, id, set, old, full, &g); err != nil {
			return err
		}
	}
	if parent {
		g.Unpin()
		err := tx.updateReferences(ctx, t, set, &old, full)
		g = tx.db.epochs.Pin()
		return err
	}
	return nil
}

// concerns reports whether changing set can concern a foreign key of t, or one to t.
func (t *Table) concerns(tx *Tx, set schema.ColSet) (child, parent bool) {
	if tx.noFK {
		return false, false
	}
	for _, fk := range t.fks {
		child = child || fk.childSet.Intersects(set)
	}
	return child, set.Fold64()&t.keyMask != 0 && len(t.db.catalogFor(tx).ForeignKeysTo(t)) > 0
}

// putChanged puts the entries of those keys that differ between the old and the new row.
func (tx *Tx) putChanged(ctx context.Context, t *Table, tt *txTable, id heap.RowID, set schema.ColSet, old row.Row, full []byte, g *heap.Guard) error {
	ws := tx.ws
	ws.full = row.Row{Layout: t.layout, Data: full, Overflow: t.store.space}
	was := old
	for _, ix := range t.indexes {
		if !ix.cols.Intersects(set) {
			continue
		}
		k, b, err := ix.keyOfRow(ws.key, &ws.full)
		ws.key = b
		if err != nil {
			return err
		}
		same, err := ix.rowHasKey(&ws.key2, &was, k)
		if err != nil {
			return err
		}
		if same {
			continue
		}
		if err := tx.putEntry(ctx, ix, tt, id, k, &ws.full, g); err != nil {
			return err
		}
	}
	return nil
}

// currentForWrite makes out the row as newest version plus own delta. base is the CSN of that version, r the delta, if
// any. Under a pin.
func (tx *Tx) currentForWrite(t *Table, id heap.RowID, out *row.Row) (base heap.CSN, r *txRow, err error) {
	tt := tx.ws.table(t)
	r = tt.find(id)
	ver, ok := t.store.space.Visible(id, heap.MaxCSN)
	if ok {
		base = ver.CSN()
		tx.builtOn = max(tx.builtOn, base)
	}
	if r != nil && r.top != nil {
		v := view{tx: tx, t: t, tt: tt, snap: heap.MaxCSN, now: heap.MaxCSN, step: tx.step, scratch: tx.ws.key3[:0]}
		ok, err = v.own(id, r.top, out)
		tx.ws.key3 = v.scratch
	} else if ok {
		err = t.rowOf(ver, out)
	}
	if err == nil && !ok {
		err = t.goneError(id)
	}
	return base, r, err
}

// runHook computes generated columns and checks of the row after the change; set grows by what the hook changed.
func (tx *Tx) runHook(t *Table, set schema.ColSet, vals []value.Value) (schema.ColSet, []value.Value, error) {
	ws := tx.ws
	after, err := ws.base.Columns(t.all, ws.vals2[:0])
	if err != nil {
		return set, nil, err
	}
	ws.vals2 = after
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		after[c] = vals[c]
	}
	if err := t.hook.Run(after); err != nil {
		return set, nil, err
	}
	locked := t.lockMask(set)
	gen := t.hook.Generated
	for c := gen.Next(0); c >= 0; c = gen.Next(c + 1) {
		if set.Has(c) || after[c] == ws.base.Col(c) {
			continue
		}
		if t.closeBy[c]&^locked != 0 {
			return set, nil, internalf("table %s: generated column %s depends on a column that its groups do not tie to it", t.def.Name, t.def.Columns[c].Name)
		}
		set = set.With(c)
	}
	return set, after, ws.base.Err()
}

// Delete removes the row. It takes the locks it needs. A row that does not exist is 1815.
func (tx *Tx) Delete(ctx context.Context, t *Table, id heap.RowID) error {
	if !tx.stmt.active {
		if err := tx.BeginStatement(StmtWrite); err != nil {
			return err
		}
		return tx.EndStatement(tx.delete(ctx, t, id))
	}
	return tx.delete(ctx, t, id)
}

func (tx *Tx) delete(ctx context.Context, t *Table, id heap.RowID) error {
	if err := tx.writable(ctx, t); err != nil {
		return err
	}
	if err := tx.lockForWrite(ctx, t, id, ^uint64(0)); err != nil {
		return err
	}
	mark := tx.Mark()
	if err := tx.deleteLocked(ctx, t, id); err != nil {
		if tx.failure == nil {
			tx.rollbackTo(mark)
			tx.fail(err)
		}
		return err
	}
	return nil
}

func (tx *Tx) deleteLocked(ctx context.Context, t *Table, id heap.RowID) error {
	ws := tx.ws
	g := tx.db.epochs.Pin()
	base, r, err := tx.currentForWrite(t, id, &ws.base)
	if err == nil {
		err = tx.firstUpdater(t, id, ^uint64(0))
	}
	var old row.Row
	refs := !tx.noFK && len(t.db.catalogFor(tx).ForeignKeysTo(t)) > 0
	if err == nil && refs {
		// All columns are locked: the copy stays right while the references are followed without a pin.
		err = t.copyInto(&old, &ws.base)
	}
	g.Unpin()
	if err != nil {
		return err
	}
	kind := opDelete
	if r != nil && r.top != nil && r.top.kind == opInsert {
		kind = opNone
	}
	tx.push(ws.open(t), r, id, state{kind: kind, mask: t.all, base: base})
	if refs {
		return tx.deleteReferences(ctx, t, &old)
	}
	return nil
}
