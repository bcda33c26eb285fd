package engine

import (
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
)

// undoTo pops every state above step, takes back its index entries and retires the slots of undone inserts. The row locks
// are still held.
func (tx *Tx) undoTo(step uint64) {
	ws := tx.ws
	if ws == nil {
		return
	}
	for n := len(ws.undo); n > 0; n-- {
		r := ws.undo[n-1]
		if r.top.step <= step {
			break
		}
		ws.undo[n-1] = nil
		ws.undo = ws.undo[:n-1]
		tx.pop(r)
	}
}

// pop undoes the newest state of a row.
func (tx *Tx) pop(r *txRow) {
	s := r.top
	r.top = s.prev
	t := r.tab.t
	if s.kind == opInsert || s.kind == opUpdate {
		tx.removeKeys(r, s, r.top)
	}
	if r.top == nil {
		if s.kind == opInsert {
			t.store.space.RetireSlot(r.id)
		}
		r.tab.removeLast()
	}
}

// removeKeys removes the entries of state s that no state from rest down and no retained version needs.
func (tx *Tx) removeKeys(r *txRow, s, rest *state) {
	ws, t := tx.ws, r.tab.t
	if len(t.indexes) == 0 || s.mask.Fold64()&t.keyMask == 0 {
		return
	}
	g := tx.db.epochs.Pin()
	defer g.Unpin()
	view := row.Row{Layout: t.layout, Data: s.full, Overflow: t.store.space}
	for _, ix := range t.indexes {
		if s.kind == opUpdate && !ix.cols.Intersects(s.mask) {
			continue
		}
		k, b, err := ix.keyOfRow(ws.key, &view)
		ws.key = b
		if err != nil {
			tx.db.logf("engine: table %s: an entry of index %s stays behind: %v", t.def.Name, ix.def.Name, err)
			continue
		}
		if tx.neededBelow(ix, rest, k) {
			continue
		}
		tx.db.removeEntry(&ws.removal, ws.removalFn, ix, r.id, k, tx.owner)
	}
}

// neededBelow reports whether one of the states from s down has key k. A state that changed none of the index's columns has no key of its
// own: the row's version has it, which may be another by now than the one that the state was merged with.
func (tx *Tx) neededBelow(ix *Index, s *state, k index.Key) bool {
	t := ix.table
	for ; s != nil; s = s.prev {
		if s.kind != opInsert && (s.kind != opUpdate || !ix.cols.Intersects(s.mask)) {
			continue
		}
		view := row.Row{Layout: t.layout, Data: s.full, Overflow: t.store.space}
		same, err := ix.rowHasKey(&tx.ws.key2, &view, k)
		if same || err != nil {
			return true
		}
	}
	return false
}

// removal is the condition under which an entry may go. It runs with the index lock held and under a pin.
type removal struct {
	db    *DB
	ix    *Index
	id    heap.RowID
	key   index.Key
	owner *lock.Owner
	buf   []byte
}

// allowed applies rule I3: nobody else has a lock on the key columns and no retained version has the key.
func (m *removal) allowed() bool {
	res := m.ix.table.resource(m.id)
	if res.Word != nil && lock.Locked(res.Word) && m.db.locks.LockedByOther(m.owner, res, lock.Mode{S: m.ix.mask}) {
		return false
	}
	return !m.ix.retained(m.id, m.key, &m.buf)
}

// removeEntry removes (k, id) when rule I3 allows it. owner is the caller's, whose own pending states do not need the
// entry; nil for the pruner. It reports whether the entry is gone.
func (db *DB) removeEntry(m *removal, allowed func() bool, ix *Index, id heap.RowID, k index.Key, owner *lock.Owner) bool {
	m.db, m.ix, m.id, m.key, m.owner = db, ix, id, k, owner
	return ix.tree.DeleteIf(k, uint64(id), allowed) || !ix.tree.Has(k, uint64(id))
}
