package engine

import (
	"fmt"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// replayScratch is the scratch of Replay.
type replayScratch struct {
	vals    []value.Value
	payload []byte
	key     []byte
	ws      writeSet
	changed map[heap.RowID]bool // rows of the objects table, whether they are there afterwards
}

// maxSlotGap bounds how far a row id may lie beyond those before it: a gap comes from rows of other transactions that were open at the
// time. Beyond, it is damage, and would cost memory.
const maxSlotGap = 1 << 32

// Replay applies one commit above the checkpoint. Commits at or below it, or replayed before, are ignored.
func (ld *Loader) Replay(t *cdc.Txn) error {
	if !ld.opened {
		return internalf("Replay before OpenCatalog")
	}
	if t.CSN <= ld.last {
		return nil
	}
	g := ld.db.epochs.Pin()
	defer g.Unpin()
	ld.vals.changed = nil
	for i := range t.Ops {
		op := &t.Ops[i]
		if op.Table >= firstUserTable {
			// Definitions come first in a commit: what follows is about tables as they are after it.
			if err := ld.applyDefinitions(); err != nil {
				return err
			}
		}
		if err := ld.apply(op, t.CSN); err != nil {
			return err
		}
	}
	if err := ld.applyDefinitions(); err != nil {
		return err
	}
	ld.last = t.CSN
	return nil
}

// corrupt is the error of an op that does not fit the state.
func corruptOp(op *cdc.Op, what string) error {
	return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("change log: table %d row %d: %s", op.Table, uint64(op.Row), what))
}

// apply applies one op.
func (ld *Loader) apply(op *cdc.Op, csn heap.CSN) error {
	t := ld.table(op.Table)
	if t == nil {
		return corruptOp(op, "the table does not exist")
	}
	switch op.Kind {
	case cdc.AutoIncrement:
		if op.Value > t.state.auto.Load() {
			t.state.auto.Store(op.Value)
		}
		return nil
	case cdc.AutoReset:
		t.state.auto.Store(op.Value)
		return nil
	case cdc.Truncate:
		return nil
	}
	if op.Storage != t.store.id {
		return corruptOp(op, fmt.Sprintf("storage %d is not the table's storage %d", op.Storage, t.store.id))
	}
	if err := ld.replayable(op.Storage); err != nil {
		return err
	}
	var err error
	switch op.Kind {
	case cdc.Insert:
		err = ld.applyInsert(t, op, csn)
	case cdc.Update:
		err = ld.applyUpdate(t, op, csn)
	case cdc.Delete:
		err = ld.applyDelete(t, op)
	default:
		return corruptOp(op, fmt.Sprintf("unknown kind %d", op.Kind))
	}
	if err == nil && op.Table == objectsTable {
		if ld.vals.changed == nil {
			ld.vals.changed = map[heap.RowID]bool{}
		}
		ld.vals.changed[op.Row] = op.Kind != cdc.Delete
	}
	if err == nil && op.Table == versionsTable && op.Kind == cdc.Insert {
		if ver, ok := t.store.space.Visible(op.Row, heap.MaxCSN); ok {
			var r row.Row
			if err = t.rowOf(ver, &r); err == nil {
				err = ld.addVersion(&r)
			}
		}
	}
	return err
}

// native returns the definition that the op's row was written under. It is the table's, unless an insert comes from a DDL that went on to
// give the table yet another definition over the same storage, such as ALTER TABLE … MODIFY …, RENAME TO ….
func (ld *Loader) native(t *Table, op *cdc.Op) (definition, error) {
	if op.SchemaVersion == t.def.Version {
		return definition{t.def, t.layout}, nil
	}
	d := ld.db.defs.get(op.Table, op.SchemaVersion)
	if op.Kind != cdc.Insert || d == nil || d.def.Storage != t.store.id || t.layoutOf(op.SchemaVersion) == nil {
		return definition{}, corruptOp(op, fmt.Sprintf("schema version %d, the table has %d", op.SchemaVersion, t.def.Version))
	}
	return *d, nil
}

// image decodes an image by the ordinals of l.
func (ld *Loader) image(l *row.Layout, image []byte) (schema.ColSet, []value.Value, error) {
	set, vals, _, err := l.DecodeDelta(image, ld.vals.vals[:0])
	ld.vals.vals = vals
	if err != nil {
		return set, nil, sqlerr.Wrap(err, sqlerr.CorruptTable, err.Error())
	}
	return set, vals, nil
}

func (ld *Loader) applyInsert(t *Table, op *cdc.Op, csn heap.CSN) error {
	sp := t.store.space
	d, err := ld.native(t, op)
	if err != nil {
		return err
	}
	set, vals, err := ld.image(d.layout, op.After)
	if err != nil {
		return err
	}
	if set.Len() != len(d.def.Columns) || set.Next(len(d.def.Columns)) >= 0 {
		return corruptOp(op, "an insert without all columns")
	}
	if op.Row.Slot() > sp.SlotCount()+maxSlotGap {
		return corruptOp(op, "a row id far beyond the others")
	}
	if err := sp.AdoptSlot(op.Row); err != nil {
		return err
	}
	s := &ld.vals
	s.payload, err = d.layout.AppendWithOverflow(s.payload[:0], vals, sp.MaxPayload(), s.ws.spillTo(sp))
	if err == nil {
		err = ld.publish(t, op, d.layout, csn, false)
	}
	s.ws.releaseSpilled(sp)
	return err
}

// publish writes the scratch payload, of a layout, as the newest version of the op's row and keeps the loaded indexes in step.
func (ld *Loader) publish(t *Table, op *cdc.Op, native *row.Layout, csn heap.CSN, chained bool) error {
	s, sp := &ld.vals, t.store.space
	r := row.Row{Layout: native, Data: s.payload, Overflow: sp}
	var flags uint8
	if r.HasOverflow() {
		flags = heap.FlagOverflow
	}
	l, err := sp.Append(op.Row, native.Version(), flags, s.payload, chained)
	if err != nil {
		return err
	}
	sp.Publish(op.Row, l, csn, ^uint64(0))
	r.Layout = t.layoutOf(native.Version())
	return ld.eachLoaded(t, &r, func(ix *Index) error {
		k, b, err := ix.keyOfRow(s.key, &r)
		s.key = b
		if err == nil {
			_, err = ix.tree.Put(k, uint64(op.Row))
		}
		return err
	})
}

// eachLoaded calls f for the indexes that came from dumps; the others are rebuilt anyway.
func (ld *Loader) eachLoaded(t *Table, _ *row.Row, f func(*Index) error) error {
	for _, ix := range t.indexes {
		if ld.loaded[ix] {
			if err := f(ix); err != nil {
				return err
			}
		}
	}
	return nil
}

// unindex removes a row's entries from the loaded indexes.
func (ld *Loader) unindex(t *Table, id heap.RowID, r *row.Row) error {
	return ld.eachLoaded(t, r, func(ix *Index) error {
		k, b, err := ix.keyOfRow(ld.vals.key, r)
		ld.vals.key = b
		if err == nil {
			ix.tree.Delete(k, uint64(id))
		}
		return err
	})
}

func (ld *Loader) applyUpdate(t *Table, op *cdc.Op, csn heap.CSN) error {
	sp := t.store.space
	if _, err := ld.native(t, op); err != nil {
		return err
	}
	set, vals, err := ld.image(t.layout, op.After)
	if err != nil {
		return err
	}
	if set.Next(len(t.def.Columns)) >= 0 {
		return corruptOp(op, "an update of a column that does not exist")
	}
	ver, ok := sp.Visible(op.Row, heap.MaxCSN)
	if !ok {
		return corruptOp(op, "an update of a row that does not exist")
	}
	var base row.Row
	if err := t.rowOf(ver, &base); err != nil {
		return err
	}
	s := &ld.vals
	s.payload, err = t.layout.AppendMerged(s.payload[:0], &base, set, vals, sp.MaxPayload(), s.ws.spillTo(sp))
	if err == nil {
		if err = ld.unindex(t, op.Row, &base); err == nil {
			err = ld.publish(t, op, t.layout, csn, true)
		}
	}
	s.ws.releaseSpilled(sp)
	if err != nil {
		return err
	}
	sp.PruneChain(op.Row, nil, csn, nil)
	return nil
}

func (ld *Loader) applyDelete(t *Table, op *cdc.Op) error {
	sp := t.store.space
	ver, ok := sp.Visible(op.Row, heap.MaxCSN)
	if !ok {
		return corruptOp(op, "a delete of a row that does not exist")
	}
	var base row.Row
	if err := t.rowOf(ver, &base); err != nil {
		return err
	}
	if err := ld.unindex(t, op.Row, &base); err != nil {
		return err
	}
	sp.RetireSlot(op.Row)
	return nil
}

// applyDefinitions brings the catalogue in line with the rows of the objects table that the commit changed.
func (ld *Loader) applyDefinitions() error {
	changed := ld.vals.changed
	if len(changed) == 0 {
		return nil
	}
	ld.vals.changed = nil
	db := ld.db
	cat := db.catalog.Load().clone()
	objects := db.system.objects
	// What goes makes room for what comes under the same name.
	for rid, there := range changed {
		if there {
			continue
		}
		o := ld.objects[rid]
		delete(ld.objects, rid)
		switch o.kind {
		case objectDatabase:
			delete(cat.databases, o.schema)
		case objectView:
			delete(cat.views, objectName{o.schema, o.name})
		case objectTable:
			if t := cat.tables[o.id]; t != nil {
				cat.drop(t)
				ld.dropStorage(t.store.id)
			}
		}
	}
	for rid, there := range changed {
		if !there {
			continue
		}
		ver, ok := objects.store.space.Visible(rid, heap.MaxCSN)
		if !ok {
			return internalf("row %d of the catalogue is gone", uint64(rid))
		}
		var r row.Row
		if err := objects.rowOf(ver, &r); err != nil {
			return err
		}
		before := cat.tables[ld.objects[rid].id]
		if err := ld.addObject(cat, rid, &r); err != nil {
			return err
		}
		if before != nil {
			if now := cat.tables[before.def.ID]; now != nil && now.store != before.store {
				ld.dropStorage(before.store.id)
			}
		}
	}
	cat.link()
	db.catalog.Store(cat)
	return nil
}

// dropStorage forgets a storage that no table uses any more.
func (ld *Loader) dropStorage(id uint32) {
	ld.mu.Lock()
	delete(ld.stores, id)
	ld.mu.Unlock()
}
