package engine

import (
	"context"
	"errors"
	"time"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Tx is a transaction. It is used by one goroutine at a time.
//
// Calls on rows outside of BeginStatement/EndStatement are each a statement of their own.
type Tx struct {
	db      *DB
	owner   *lock.Owner
	opts    TxOptions
	wait    lock.Wait
	ws      *writeSet // from the first write on
	spareWS *writeSet // a former one, for the next transaction that reuses the Tx
	step    uint64    // number of the latest state pushed
	builtOn heap.CSN  // newest version that a current read has seen

	snap  *snapWord // nil: none taken
	fixed bool      // REPEATABLE READ: the transaction's snapshot is taken

	serial bool // it has the turn of the SERIALIZABLE transactions

	stmt struct {
		active bool
		kind   StmtKind
		mark   Mark
	}
	used     [4]*Table // recently used tables, definition locked
	usedNext uint8
	explicit map[rowName]uint64 // rows locked by FOR UPDATE/SHARE → step at that time
	noFK     bool
	depth    int // of referential cascades
	failure  error
	done     bool
	csn      heap.CSN
	ddl      *Definer // of DB.Define: what to do in the commit section
	ids      [8]uint64
	key      []byte
	key2     []byte
}

// rowName names a row across tables.
type rowName struct {
	storage uint32
	id      heap.RowID
}

// Begin starts a transaction. Of SERIALIZABLE ones it waits for the one that is open, if need be until 1205.
func (db *DB) Begin(ctx context.Context, o TxOptions) (*Tx, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	inTurn := o.Isolation == Serializable
	if inTurn {
		o.Isolation = RepeatableRead // what is left to do once it is alone
	}
	tx := o.Reuse
	if tx != nil && tx.done {
		tx.reset()
	} else {
		tx = &Tx{}
	}
	o.Reuse = nil
	tx.db, tx.opts = db, o
	tx.owner = db.locks.Begin(db.txIDs.Add(1))
	if o.Party != nil {
		tx.owner.SetParty(o.Party)
	}
	tx.wait.Timeout = o.LockWait
	if tx.wait.Timeout == 0 {
		tx.wait.Timeout = db.opts.LockWaitTimeout
	}
	db.activeTx.Add(1)
	if inTurn {
		if err := tx.takeTurn(ctx); err != nil {
			_ = tx.Rollback()
			return nil, err
		}
	}
	return tx, nil
}

// reset makes a finished transaction as good as new but for its buffers. finish has cleared what it held, Begin sets the
// rest. (Assigning a whole Tx costs as much as the rest of Begin.)
func (tx *Tx) reset() {
	tx.step, tx.builtOn, tx.csn = 0, 0, 0
	tx.fixed, tx.noFK, tx.done = false, false, false
	tx.stmt.active, tx.stmt.kind, tx.stmt.mark = false, 0, Mark{}
	tx.usedNext, tx.depth = 0, 0
	tx.failure, tx.ddl = nil, nil
	tx.wait = lock.Wait{}
}

// maxRetryPause bounds the pause between the attempts of Run.
const maxRetryPause = 20 * time.Millisecond

// Run runs fn in a transaction and commits it; on 1213 it rolls back and runs fn again, until ctx ends.
func (db *DB) Run(ctx context.Context, o TxOptions, fn func(*Tx) error) error {
	pause := 100 * time.Microsecond
	for {
		tx, err := db.Begin(ctx, o)
		if err != nil {
			return err
		}
		err = fn(tx)
		if err == nil {
			err = tx.Commit(ctx)
		}
		if rerr := tx.Rollback(); err == nil && rerr != nil {
			err = rerr
		}
		if !errors.Is(err, sqlerr.Deadlock) {
			return err
		}
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return err
		case <-t.C:
		}
		pause = min(2*pause, maxRetryPause)
	}
}

// check returns why the transaction cannot go on.
func (tx *Tx) check() error {
	if tx.done {
		return sqlerr.Wrap(ErrTxDone, sqlerr.Internal, ErrTxDone.Error())
	}
	return tx.failure
}

// fail makes a deadlock the transaction's end: its writes are undone and its locks released.
func (tx *Tx) fail(err error) error {
	if tx.failure == nil && errors.Is(err, sqlerr.Deadlock) {
		tx.failure = err
		tx.undoTo(0)
		tx.db.locks.ReleaseAll(tx.owner)
		tx.explicit = nil
		clear(tx.used[:])
	}
	return err
}

// interrupted turns the end of a context into 1317.
func interrupted(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return sqlerr.Wrap(context.Cause(ctx), sqlerr.QueryInterrupted)
	}
	return nil
}

// Use takes the shared definition lock on t until the transaction ends; 1412 with ErrStaleTable when t is not
// current. Every call on rows does so itself.
func (tx *Tx) Use(ctx context.Context, t *Table) error {
	if err := tx.check(); err != nil {
		return err
	}
	return tx.use(ctx, t)
}

func (tx *Tx) use(ctx context.Context, t *Table) error {
	for _, u := range tx.used {
		if u == t {
			return nil
		}
	}
	if tx.ddl == nil && !t.store.temporary {
		if _, err := tx.db.locks.AcquireShared(ctx, tx.owner, &t.state.lock, tx.wait); err != nil {
			return tx.fail(err)
		}
	}
	if t.gone.Load() {
		return t.staleError()
	}
	tx.used[tx.usedNext&3] = t
	tx.usedNext++
	return nil
}

// writable prepares a write to t.
func (tx *Tx) writable(ctx context.Context, t *Table) error {
	if err := tx.check(); err != nil {
		return err
	}
	if tx.opts.ReadOnly && !t.store.temporary {
		return sqlerr.New(sqlerr.ReadOnlyTx)
	}
	if err := tx.use(ctx, t); err != nil {
		return err
	}
	if tx.ws == nil {
		if tx.ws = tx.spareWS; tx.ws == nil {
			tx.ws = writeSets.Get().(*writeSet)
		}
		tx.spareWS = nil
	}
	if limit := tx.db.opts.MaxTxnMemory; limit > 0 && tx.ws.bytes.size > limit {
		return sqlerr.New(sqlerr.OutOfMemory, "the transaction", limit)
	}
	return nil
}

// BeginStatement starts a statement. Under READ COMMITTED it takes a new snapshot; under REPEATABLE READ the first
// reading statement takes the transaction's; a writing statement before that uses one of its own.
func (tx *Tx) BeginStatement(kind StmtKind) error {
	if err := tx.check(); err != nil {
		return err
	}
	if tx.stmt.active {
		return internalf("BeginStatement inside a statement")
	}
	if tx.opts.Isolation == ReadCommitted || !tx.fixed {
		tx.dropSnapshot()
	}
	tx.stmt.active, tx.stmt.kind, tx.stmt.mark = true, kind, tx.Mark()
	return nil
}

// EndStatement ends the statement. With a non-nil err its writes are undone alone and err is returned (or a graver one).
// Without, it waits until everything the statement built on is durable.
func (tx *Tx) EndStatement(err error) error {
	if !tx.stmt.active {
		if err != nil {
			return err
		}
		return tx.check()
	}
	tx.stmt.active = false
	if tx.done || tx.failure != nil {
		if err == nil {
			err = tx.check()
		}
		return err
	}
	if err != nil {
		tx.rollbackTo(tx.stmt.mark)
		// The error, too, may tell of a version that is not durable yet. When that fails err stays the graver news.
		_ = tx.awaitBuiltOn()
		if !tx.fixed {
			tx.dropSnapshot()
		}
		return err
	}
	return tx.settle(tx.stmt.kind)
}

// settle ends a successful statement.
func (tx *Tx) settle(kind StmtKind) error {
	if !tx.opts.Autocommit || tx.ws == nil || len(tx.ws.undo) == 0 {
		if err := tx.awaitBuiltOn(); err != nil {
			return err
		}
	}
	tx.endSnapshot(kind)
	return nil
}

// endSnapshot gives up a statement's snapshot and fixes the transaction's after a writing first statement.
func (tx *Tx) endSnapshot(kind StmtKind) {
	if tx.opts.Autocommit || tx.opts.Isolation == ReadCommitted {
		tx.dropSnapshot()
		return
	}
	if tx.fixed || kind == StmtRead {
		return
	}
	tx.dropSnapshot()
	tx.snap = tx.db.snaps.acquire(&tx.db.visible)
	tx.fixed = true
}

// awaitBuiltOn waits until what current reads have seen is durable.
func (tx *Tx) awaitBuiltOn() error {
	if uint64(tx.builtOn) <= tx.db.visible.Load() {
		return nil
	}
	return tx.db.awaitVisible(tx.builtOn)
}

// dropSnapshot gives up the transaction's hold on its snapshot; cursors keep theirs.
func (tx *Tx) dropSnapshot() {
	if tx.snap == nil {
		return
	}
	w := tx.snap
	tx.snap = nil
	tx.db.releaseSnapshot(w)
}

// snapshot returns the CSN to read t at, taking a snapshot when there is none.
func (tx *Tx) snapshot(t *Table) (heap.CSN, error) {
	if tx.snap == nil {
		tx.snap = tx.db.snaps.acquire(&tx.db.visible)
		if tx.opts.Isolation == RepeatableRead && !tx.opts.Autocommit && (!tx.stmt.active || tx.stmt.kind == StmtRead) {
			tx.fixed = true
		}
	}
	if t.since > tx.snap.csn {
		return 0, sqlerr.New(sqlerr.TableDefChanged)
	}
	return tx.snap.csn, nil
}

// TakeSnapshot takes the transaction's snapshot now (START TRANSACTION WITH CONSISTENT SNAPSHOT). Under READ COMMITTED and
// when there is one it does nothing.
func (tx *Tx) TakeSnapshot() error {
	if err := tx.check(); err != nil {
		return err
	}
	if tx.opts.Isolation == RepeatableRead && !tx.fixed {
		tx.dropSnapshot()
		tx.snap, tx.fixed = tx.db.snaps.acquire(&tx.db.visible), true
	}
	return nil
}

// Mark returns the current point.
func (tx *Tx) Mark() Mark {
	if tx.done {
		return Mark{}
	}
	return Mark{step: tx.step, lock: tx.owner.Mark()}
}

// RollbackTo undoes everything since m, and releases the row locks taken since.
func (tx *Tx) RollbackTo(m Mark) error {
	if err := tx.check(); err != nil {
		return err
	}
	tx.rollbackTo(m)
	return nil
}

func (tx *Tx) rollbackTo(m Mark) {
	tx.undoTo(m.step)
	tx.db.locks.ReleaseTo(tx.owner, m.lock)
	for n, step := range tx.explicit {
		if step > m.step {
			delete(tx.explicit, n)
		}
	}
	// The step goes on: marks and open cursors compare with it.
	tx.step++
}

// Rollback undoes everything. It may be called at any time, also after Commit and twice.
func (tx *Tx) Rollback() error {
	if tx.done {
		return nil
	}
	tx.undoTo(0)
	tx.db.rollbacks.Add(1)
	tx.finish()
	return nil
}

// finish ends the transaction: locks, snapshot, buffers.
func (tx *Tx) finish() {
	tx.done = true
	tx.passTurn()
	tx.db.locks.End(tx.owner)
	tx.owner = nil
	tx.dropSnapshot()
	if ws := tx.ws; ws != nil {
		ws.recycle()
		if tx.ws = nil; tx.opts.Autocommit && ws.small() {
			tx.spareWS = ws // a session runs one statement after another by one Tx
		} else {
			writeSets.Put(ws)
		}
	}
	tx.explicit = nil
	clear(tx.used[:])
	tx.db.activeTx.Add(-1)
}

// SetForeignKeyChecks switches the checks of foreign keys; on by default.
func (tx *Tx) SetForeignKeyChecks(on bool) { tx.noFK = !on }

// Snapshot returns the CSN of the snapshot, 0 when none is taken yet.
func (tx *Tx) Snapshot() heap.CSN {
	if tx.snap == nil {
		return 0
	}
	return tx.snap.csn
}

// Done reports whether the transaction is over.
func (tx *Tx) Done() bool { return tx.done }

// ReadOnly reports whether writes give 1792.
func (tx *Tx) ReadOnly() bool { return tx.opts.ReadOnly }

// CommitCSN returns the CSN of the commit; 0 before it and when nothing was written.
func (tx *Tx) CommitCSN() heap.CSN { return tx.csn }
