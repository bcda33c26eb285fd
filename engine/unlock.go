package engine

import "github.com/worktable-go/worktable/engine/heap"

// Unlock gives back the row locks taken between two marks, of rows that a statement has locked and then found not to
// qualify. What was held at from stays, an upgraded lock in its former mode. So it is under READ COMMITTED only, and only
// while nothing was written since from and nothing locked since to: else it does nothing.
func (tx *Tx) Unlock(from, to Mark) {
	if tx.opts.Isolation != ReadCommitted || from == to || tx.check() != nil || tx.Mark() != to {
		return
	}
	if ws := tx.ws; ws != nil && len(ws.undo) > 0 && ws.undo[len(ws.undo)-1].top.step > from.step {
		return
	}
	if tx.explicit != nil {
		tx.owner.RowsSince(from.lock, func(storage uint32, row uint64) {
			tx.unmark(rowName{storage, heap.RowID(row)}, from)
		})
	}
	tx.db.locks.ReleaseTo(tx.owner, from.lock)
}

// unlockRow gives back what Lock took of one row since from.
func (tx *Tx) unlockRow(t *Table, id heap.RowID, from Mark) {
	tx.unmark(rowName{t.store.id, id}, from)
	tx.db.locks.ReleaseTo(tx.owner, from.lock)
}

// unmark forgets that a row was locked by FOR UPDATE or FOR SHARE since from.
func (tx *Tx) unmark(n rowName, from Mark) {
	if step, is := tx.explicit[n]; is && step > from.step {
		delete(tx.explicit, n)
	}
}
