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
			n := rowName{storage, heap.RowID(row)}
			if step, is := tx.explicit[n]; is && step > from.step {
				delete(tx.explicit, n)
			}
		})
	}
	tx.db.locks.ReleaseTo(tx.owner, from.lock)
}

// unlockRow gives back what Lock took of one row since from.
func (tx *Tx) unlockRow(t *Table, id heap.RowID, from Mark) {
	n := rowName{t.store.id, id}
	if step, is := tx.explicit[n]; is && step > from.step {
		delete(tx.explicit, n)
	}
	tx.db.locks.ReleaseTo(tx.owner, from.lock)
}
