package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
)

// GetLocked finds a row by a full unique key, locks it as Lock does, and copies its newest version with own writes into
// dst: for an UPDATE or DELETE of one row. ix and vals are as for Get.
//
// Under REPEATABLE READ within a transaction the row is one that the snapshot has; otherwise it is the one that has the
// key now. Gone says that there is none; a row of the snapshot that has lost the key stays locked, though. What else the
// statement asks of the row must be checked on dst: the lock may have been waited for.
func (tx *Tx) GetLocked(ctx context.Context, ix *Index, vals []value.Value, spec LockSpec, dst *row.Row) (heap.RowID, LockResult, error) {
	newest := tx.opts.Autocommit || tx.opts.Isolation == ReadCommitted
	if newest && !spec.Explicit {
		if id, ok, err := tx.getFree(ctx, ix, vals, spec, dst); ok || err != nil {
			return id, Locked, err
		}
	}
	for {
		id, ok, err := tx.get(ctx, ix, vals, dst, newest)
		if err != nil || !ok {
			return 0, Gone, err
		}
		mark := tx.Mark()
		res, err := tx.Lock(ctx, ix.table, id, spec)
		if err != nil || res == Skipped {
			return 0, res, err
		}
		if res == Locked {
			ok, err := tx.readKeyed(ctx, ix, vals, id, dst)
			if err != nil || ok {
				return id, Locked, err
			}
		}
		if !newest {
			return 0, Gone, nil
		}
		// While the lock was waited for the key left the row. Another one may have it now.
		tx.unlockRow(ix.table, id, mark)
	}
}

// readKeyed is ReadCurrent for a row that may have lost its key.
func (tx *Tx) readKeyed(ctx context.Context, ix *Index, vals []value.Value, id heap.RowID, dst *row.Row) (bool, error) {
	ok, err := tx.ReadCurrent(ctx, ix.table, id, dst)
	if err != nil || !ok {
		return false, err
	}
	k, ok, err := ix.lookupKey(&tx.key, vals)
	if err != nil || !ok {
		return false, err
	}
	return ix.rowHasKey(&tx.key2, dst, k)
}

// getFree is GetLocked for a row that nobody has locked or changes meanwhile, the common case, under one pin. ok is
// false, and nothing is locked, when it is another case.
func (tx *Tx) getFree(ctx context.Context, ix *Index, vals []value.Value, spec LockSpec, dst *row.Row) (_ heap.RowID, ok bool, err error) {
	t := ix.table
	if err := tx.lockable(ctx, t, spec); err != nil {
		return 0, false, err
	}
	if tx.explicit != nil || tx.ws.table(t) != nil {
		return 0, false, nil // the row may be held, see held.go
	}
	k, ok, err := ix.lookupKey(&tx.key, vals)
	if err != nil || !ok {
		return 0, false, err
	}
	g := tx.db.epochs.Pin()
	defer g.Unpin()
	for _, cand := range ix.tree.Get(k, tx.ids[:0]) {
		id := heap.RowID(cand)
		var r row.Row
		csn, found, err := tx.newestWithKey(ix, id, k, &r)
		if err != nil {
			return 0, false, err
		}
		if !found {
			continue
		}
		mark := tx.owner.Mark()
		ver, ok := tx.lockFree(t, id, spec)
		if !ok {
			return 0, false, nil
		}
		if ver.CSN() != csn {
			tx.db.locks.ReleaseTo(tx.owner, mark) // it was changed between the look and the lock
			return 0, false, nil
		}
		return id, true, t.copyInto(dst, &r)
	}
	return 0, false, nil
}

// newestWithKey makes out the newest version of a row if it has the key. Under a pin.
func (tx *Tx) newestWithKey(ix *Index, id heap.RowID, k index.Key, out *row.Row) (csn heap.CSN, ok bool, err error) {
	sp := ix.table.store.space
	if w := sp.LockWord(id); w == nil || w.Load() != 0 { // loads the word's cache line beside the head's
		return 0, false, nil
	}
	l, _ := sp.Head(id)
	if l == 0 || l.IsTombstone() {
		return 0, false, nil
	}
	ver := sp.Version(l)
	if err := ix.table.rowOf(ver, out); err != nil {
		return 0, false, err
	}
	ok, err = ix.rowHasKey(&tx.key2, out, k)
	return ver.CSN(), ok, err
}
