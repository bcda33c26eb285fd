package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Insert adds a row: one value per column, coerced to the columns' types. 1048, 1062 (*DuplicateKeyError), 1452, 3819.
func (tx *Tx) Insert(ctx context.Context, t *Table, vals []value.Value) (heap.RowID, error) {
	if !tx.stmt.active {
		if err := tx.BeginStatement(StmtWrite); err != nil {
			return 0, err
		}
		id, err := tx.insert(ctx, t, vals)
		return id, tx.EndStatement(err)
	}
	return tx.insert(ctx, t, vals)
}

func (tx *Tx) insert(ctx context.Context, t *Table, vals []value.Value) (heap.RowID, error) {
	if err := tx.writable(ctx, t); err != nil {
		return 0, err
	}
	if len(vals) != len(t.def.Columns) {
		return 0, internalf("table %s has %d columns, not %d", t.def.Name, len(t.def.Columns), len(vals))
	}
	if t.hook != nil && t.hook.Run != nil {
		tx.ws.vals2 = append(tx.ws.vals2[:0], vals...)
		vals = tx.ws.vals2
		if err := t.hook.Run(vals); err != nil {
			return 0, err
		}
	}
	if err := t.checkNotNull(t.all, vals); err != nil {
		return 0, err
	}
	if len(t.fks) > 0 && !tx.noFK {
		if err := tx.checkParents(ctx, t, t.all, vals); err != nil {
			return 0, err
		}
	}
	payload, err := t.layout.Append(tx.ws.payload[:0], vals)
	if err != nil {
		return 0, err
	}
	tx.ws.payload = payload
	return tx.insertPayload(ctx, t, payload, vals)
}

// insertPayload takes a slot, locks it and puts the entries of a new row.
func (tx *Tx) insertPayload(ctx context.Context, t *Table, payload []byte, vals []value.Value) (heap.RowID, error) {
	id, err := t.store.space.NewSlot()
	if err != nil {
		return 0, err
	}
	mark := tx.Mark()
	if _, err := tx.db.locks.Acquire(ctx, tx.owner, t.resource(id), lock.Exclusive, tx.wait); err != nil {
		// Somebody who came with the id of the slot's former row has its word for a moment. The slot comes back when it is free.
		t.store.space.RetireSlot(id)
		return 0, tx.fail(err)
	}
	tt := tx.ws.open(t)
	full := tx.ws.bytes.copy(payload)
	tx.push(tt, nil, id, state{kind: opInsert, mask: t.all, full: full})
	if err := tx.putAll(ctx, t, tt, id, vals, full); err != nil {
		if tx.failure == nil {
			tx.rollbackTo(mark)
		}
		return 0, err
	}
	if t.autoCol >= 0 {
		tx.noteAuto(t, tt, vals[t.autoCol])
	}
	return id, nil
}

// putAll puts all entries of a new row.
func (tx *Tx) putAll(ctx context.Context, t *Table, tt *txTable, id heap.RowID, vals []value.Value, full []byte) error {
	if len(t.indexes) == 0 {
		return nil
	}
	ws := tx.ws
	g := tx.db.epochs.Pin()
	defer func() { g.Unpin() }()
	ws.full = row.Row{Layout: t.layout, Data: full, Overflow: t.store.space}
	for _, ix := range t.indexes {
		ws.vals = ws.vals[:0]
		for _, c := range ix.parts {
			ws.vals = append(ws.vals, vals[c])
		}
		k, b, err := ix.keyOfParts(ws.key, ws.vals)
		ws.key = b
		if err != nil {
			return err
		}
		if err := tx.putEntry(ctx, ix, tt, id, k, &ws.full, &g); err != nil {
			return err
		}
	}
	return nil
}

// checkNotNull gives 1048 for a NULL in a NOT NULL column of set.
func (t *Table) checkNotNull(set schema.ColSet, vals []value.Value) error {
	for _, c := range t.notNull {
		if vals[c].IsNull() && set.Has(c) {
			return sqlerr.New(sqlerr.BadNull, t.def.Columns[c].Name)
		}
	}
	return nil
}
