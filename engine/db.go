package engine

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// DB is one database: a catalogue and its tables in memory.
type DB struct {
	opts    Options
	epochs  *heap.Epochs
	locks   *lock.Manager
	snaps   snapshots
	_       [64]byte
	visible atomic.Uint64 // read by everyone, written by each commit: alone on its line
	_       [64]byte
	commits commits
	_       [64]byte
	catalog atomic.Pointer[Catalog]
	prune   pruner
	stream  stream

	ddl    chan struct{} // one DDL, and the start of a checkpoint, at a time
	hooks  func(*schema.Table) (*RowHook, error)
	nextID atomic.Uint32 // storages and ids of temporary tables, which the catalogue does not count
	system struct{ objects, versions, counters *Table }
	defs   definitions

	checkpoint sync.Mutex
	closed     atomic.Bool
	inFlight   atomic.Int64 // commits between Commit and its return
	poisoned   atomic.Pointer[poison]
	serial     serial

	_                           [64]byte
	txIDs, committed, rollbacks atomic.Uint64
	activeTx                    atomic.Int64
}

// commits is the commit section and who waits for what it installed.
type commits struct {
	mu        sync.Mutex
	installed atomic.Uint64
	lastPos   uint64   // journal position after the newest record
	recorded  heap.CSN // newest commit that is in the journal; without one the newest

	waitMu  sync.Mutex
	cond    *sync.Cond
	waiters atomic.Int64
}

// poison is the failure of a Journal.Sync.
type poison struct {
	csn heap.CSN
	err error
}

// New returns an empty database with the catalogue tables.
func New(o Options) (*DB, error) {
	db := newDB(o)
	if err := db.createSystem(); err != nil {
		return nil, err
	}
	return db, nil
}

// newDB returns a database without catalogue tables.
func newDB(o Options) *DB {
	if o.LockWaitTimeout == 0 {
		o.LockWaitTimeout = 10 * time.Second
	}
	if o.PageSize == 0 {
		o.PageSize = 4096
	}
	if o.HistoryBytes == 0 {
		o.HistoryBytes = 64 << 20
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	db := &DB{opts: o, epochs: heap.NewEpochs(), ddl: make(chan struct{}, 1), locks: lock.New(lock.Options{WaitTimeout: o.LockWaitTimeout})}
	db.snaps.init()
	db.commits.cond = sync.NewCond(&db.commits.waitMu)
	db.prune.init(db)
	db.stream.init(db)
	db.defs.init()
	return db
}

// SetJournal attaches the journal. It must come before the first transaction.
func (db *DB) SetJournal(j Journal) { db.opts.Journal = j }

// Catalog returns the newest definitions.
func (db *DB) Catalog() *Catalog { return db.catalog.Load() }

// catalogFor returns the definitions that a transaction works with.
func (db *DB) catalogFor(tx *Tx) *Catalog {
	if tx.ddl != nil {
		return tx.ddl.catalog
	}
	return db.catalog.Load()
}

// Locks returns the lock manager: for named locks (GET_LOCK) and for listing locks.
func (db *DB) Locks() *lock.Manager { return db.locks }

// RowHook is what the SQL layer adds to a table: generated columns and CHECKs.
type RowHook struct {
	// Run runs on each full new row, one value per column, before it is written (also for rows changed by cascades): it
	// fills generated columns in vals and checks CHECKs (3819). It is called concurrently and must not keep vals.
	Run func(vals []value.Value) error
	// Generated are the columns that Run fills.
	Generated schema.ColSet
	// Groups ties columns together that one CHECK or generated expression reads or writes: they are locked together.
	Groups []schema.ColSet
}

// SetRowHooks installs the source of row hooks: hooks is called once per table definition, when its handle is made, and at once
// for the tables that exist, whose handles are replaced; a nil hook: none needed. Call it before the first transaction.
func (db *DB) SetRowHooks(hooks func(*schema.Table) (*RowHook, error)) error {
	if err := db.lockDDL(background); err != nil {
		return err
	}
	defer db.unlockDDL()
	db.hooks = hooks
	return db.rehook()
}

// logf reports what nobody asked for.
func (db *DB) logf(format string, args ...any) {
	if db.opts.Logf != nil {
		db.opts.Logf(format, args...)
	}
}

// usable gives 1053 after Close.
func (db *DB) usable() error {
	if db.closed.Load() {
		return sqlerr.New(sqlerr.Closed)
	}
	return nil
}

// writable gives the reason why nothing can be committed any more.
func (db *DB) writable() error {
	if p := db.poisoned.Load(); p != nil {
		return poisonError(p.err)
	}
	return db.usable()
}

func poisonError(cause error) error {
	return sqlerr.Wrap(fmt.Errorf("%w: %w", ErrPoisoned, cause), sqlerr.ReadOnlyStore, "the journal failed: "+cause.Error())
}

// poison stops the visible CSN for good.
func (db *DB) poison(csn heap.CSN, cause error) error {
	db.commits.waitMu.Lock()
	// The earliest failed commit bounds what may still become visible.
	if p := db.poisoned.Load(); p == nil || csn < p.csn {
		db.poisoned.Store(&poison{csn, cause})
	}
	db.commits.waitMu.Unlock()
	db.commits.cond.Broadcast()
	db.stream.wake()
	db.logf("engine: the journal failed, commits are refused from now on: %v", cause)
	return poisonError(cause)
}

// captures reports whether commits must build change records.
func (db *DB) captures() bool { return db.opts.Journal != nil || db.stream.wanted() }

// advance moves the visible CSN up to csn and tells those who wait. Every earlier commit is durable, too (C4).
func (db *DB) advance(csn heap.CSN) {
	for {
		now := db.visible.Load()
		if now >= uint64(csn) {
			break
		}
		if p := db.poisoned.Load(); p != nil && csn >= p.csn {
			return
		}
		if db.visible.CompareAndSwap(now, uint64(csn)) {
			break
		}
	}
	c := &db.commits
	if c.waiters.Load() > 0 {
		// Under the mutex: a waiter that has looked at visible is in Wait by now.
		c.waitMu.Lock()
		c.cond.Broadcast()
		c.waitMu.Unlock()
	}
	db.stream.wake()
}

// awaitVisible waits until csn is visible.
func (db *DB) awaitVisible(csn heap.CSN) error {
	c := &db.commits
	c.waiters.Add(1)
	defer c.waiters.Add(-1)
	c.waitMu.Lock()
	defer c.waitMu.Unlock()
	for db.visible.Load() < uint64(csn) {
		if p := db.poisoned.Load(); p != nil && csn >= p.csn {
			return poisonError(p.err)
		}
		c.cond.Wait()
	}
	return nil
}

// releaseSnapshot drops a reference to a snapshot; the last one may make versions prunable.
func (db *DB) releaseSnapshot(w *snapWord) {
	if db.snaps.release(w) && db.prune.held.Load() > 0 {
		db.prune.kick()
	}
}

// closePoll is how often Close looks whether commits are still running.
const closePoll = time.Millisecond

// Close stops background work, waits for running commits, closes the journal. Further calls give 1053.
func (db *DB) Close(ctx context.Context) error {
	if db.closed.Swap(true) {
		return nil
	}
	for db.inFlight.Load() > 0 {
		if err := interrupted(ctx); err != nil {
			db.closed.Store(false)
			return err
		}
		time.Sleep(closePoll)
	}
	db.prune.stop()
	db.stream.close()
	if db.opts.Journal != nil {
		return db.opts.Journal.Close()
	}
	return nil
}

// Stats returns figures.
func (db *DB) Stats() Stats {
	ls := db.locks.Stats()
	s := Stats{
		VisibleCSN:   heap.CSN(db.visible.Load()),
		InstalledCSN: heap.CSN(db.commits.installed.Load()),
		Commits:      db.committed.Load(),
		Rollbacks:    db.rollbacks.Load(),
		Deadlocks:    ls.Deadlocks,
		LockWaits:    ls.Waits,
		ActiveTx:     int(db.activeTx.Load()),
		PruneQueue:   db.prune.len(),
		Poisoned:     db.poisoned.Load() != nil,
	}
	s.OldestSnapshot = s.VisibleCSN
	active := db.snaps.collect(nil)
	s.Snapshots = len(active)
	if len(active) > 0 {
		s.OldestSnapshot = min(s.OldestSnapshot, active[0])
	}
	for _, d := range db.Catalog().Databases() {
		for _, t := range db.Catalog().Tables(d.Name) {
			s.Tables = append(s.Tables, t.Stats())
		}
	}
	return s
}

// Stats returns the table's figures.
func (t *Table) Stats() TableStats {
	hs := t.store.space.Stats()
	s := TableStats{
		Schema: t.def.Schema, Name: t.def.Name, ID: t.def.ID, Storage: t.store.id,
		Rows: hs.Rows, Pages: int64(hs.Pages), LiveBytes: hs.UsedBytes, DeadBytes: max(hs.PageBytes-hs.UsedBytes, 0),
	}
	for _, ix := range t.indexes {
		is := ix.tree.Stats()
		s.Indexes = append(s.Indexes, IndexStats{Name: ix.def.Name, Entries: int64(is.Entries), Bytes: is.Bytes})
	}
	return s
}
