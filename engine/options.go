package engine

import (
	"context"
	"time"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/lock"
)

// Options configure a DB. The zero value is a memory-only database with defaults.
type Options struct {
	Journal         Journal       // nil: memory only
	LockWaitTimeout time.Duration // 0: 10 s
	PageSize        int           // default of new tables; 0: 4096
	MaxTxnMemory    int64         // bytes of deltas per transaction, 1038 beyond; 0: no limit
	HistoryBytes    int64         // change stream kept in memory for subscribers; 0: 64 MiB
	Clock           func() time.Time
	Logf            func(format string, args ...any)
	// NoBackground keeps pruning and vacuum to the committers and to explicit calls of Vacuum.
	NoBackground bool
}

// Isolation is a transaction's isolation level.
type Isolation uint8

// The isolation levels. RepeatableRead is snapshot isolation.
const (
	RepeatableRead Isolation = iota
	ReadCommitted
	Serializable // snapshot isolation for one transaction of this level at a time
)

// TxOptions configure a transaction.
type TxOptions struct {
	Isolation  Isolation
	ReadOnly   bool
	Autocommit bool          // the transaction is one statement: no 1213 for changes since its snapshot
	LockWait   time.Duration // 0: Options.LockWaitTimeout
	// Reuse is a transaction that is over and that nobody will use again: its memory serves the new one. May be nil.
	Reuse *Tx
	Party *lock.Owner // the session's owner of named locks, for the wait graph; may be nil
}

// DefineOptions configure a DDL transaction.
type DefineOptions struct {
	LockWait time.Duration // for each definition lock; 0: Options.LockWaitTimeout
	Party    *lock.Owner   // the session's owner of named locks, for the wait graph; may be nil
	// Progress is told now and then how many rows a rewrite or an index build has done; another run begins anew. May be nil.
	Progress func(table string, rows int64)
}

// StmtKind says what a statement will do.
type StmtKind uint8

// The statement kinds.
const (
	StmtRead  StmtKind = iota // reads the snapshot only
	StmtWrite                 // writes or locks rows
)

// Mark is a point in a transaction to which RollbackTo can return.
type Mark struct {
	step uint64
	lock lock.Mark
}

// Stats are the figures of a DB.
type Stats struct {
	VisibleCSN, InstalledCSN heap.CSN
	Commits, Rollbacks       uint64
	Deadlocks, LockWaits     uint64
	ActiveTx, Snapshots      int
	OldestSnapshot           heap.CSN // visible when none is active
	PruneQueue               int      // rows that may have dead versions
	Poisoned                 bool
	Tables                   []TableStats
}

// TableStats are the figures of one table.
type TableStats struct {
	Schema, Name string
	ID, Storage  uint32
	Rows         int64
	Pages        int64
	LiveBytes    int64
	DeadBytes    int64
	Indexes      []IndexStats
}

// IndexStats are the figures of one index.
type IndexStats struct {
	Name    string
	Entries int64
	Bytes   int64
}

// background is used where an outcome must not depend on the caller's context.
var background = context.Background()
