package engine

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// serialTurn names the lock that the open SERIALIZABLE transaction holds. It is a named lock of the lock manager, so that
// waits for it are in the wait graph; users cannot name it, since the empty name is none for GET_LOCK.
const serialTurn = ""

// serial orders the SERIALIZABLE transactions: they run one at a time, as snapshot transactions.
//
// Invariant: the transaction that has the turn takes its snapshots at or above last, which is the commit of the newest
// one that had it before. So each sees all that its predecessors did, and their order is the order of the turns. Row
// locks and the first-updater rule hold against transactions of the lower levels, as for REPEATABLE READ.
type serial struct{ last atomic.Uint64 }

// takeTurn waits until tx is the only SERIALIZABLE transaction. Error 1205 when that takes longer than a lock may.
func (tx *Tx) takeTurn(ctx context.Context) error {
	db := tx.db
	got, err := db.locks.AcquireNamed(ctx, tx.owner, serialTurn, tx.wait.Timeout)
	switch {
	case errors.Is(err, sqlerr.UserLockDeadlock):
		return sqlerr.Wrap(err, sqlerr.Deadlock)
	case err != nil:
		return err
	case !got:
		return sqlerr.New(sqlerr.LockWaitTimeout)
	}
	tx.serial = true
	// A predecessor releases its locks before its commit is visible. When that fails to become durable it never will be, nor
	// any later commit: what can be read is complete without it.
	_ = db.awaitVisible(heap.CSN(db.serial.last.Load()))
	return nil
}

// passTurn notes what the next one must see, before the locks of tx, and the turn with them, are released.
func (tx *Tx) passTurn() {
	if tx.serial && tx.csn > 0 {
		tx.db.serial.last.Store(uint64(tx.csn))
	}
	tx.serial = false
}
