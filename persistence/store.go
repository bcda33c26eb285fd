package persistence

import (
	"context"
	"errors"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
)

var errStub = errors.New("persistence: not there yet")

// Store is one Open of a directory.
type Store struct{}

// Open opens the database in o.Dir, or makes one when the directory is empty or absent. ctx bounds the opening only.
//
// When the process has the directory open already, the Store shares that engine; options that differ are an error. When
// another process has it, Open waits up to o.LockTimeout; the error names the holder.
func Open(ctx context.Context, o Options) (*Store, error) { return nil, errStub }

// DB returns the engine. It must not be closed by the caller, and not used after the last Close.
func (s *Store) DB() *engine.DB { return nil }

// Checkpoint writes everything committed so far to the table files and drops log that nobody needs.
func (s *Store) Checkpoint(ctx context.Context) error { return errStub }

// Close ends this Open. The last Close of a directory waits for running commits, writes a final checkpoint and the index
// files, and releases the lock; when ctx ends before, it skips what is left, which only makes the next Open slower. Further
// calls return the first one's result.
func (s *Store) Close(ctx context.Context) error { return errStub }

// Stats returns figures.
func (s *Store) Stats() Stats { return Stats{} }

// ReadLog calls yield with each durable commit above after, in order, until yield returns false or the durable end is
// reached. The error wraps engine.ErrPositionGone when the log does not reach back that far.
func (s *Store) ReadLog(ctx context.Context, after heap.CSN, yield func(*cdc.Txn) bool) error {
	return errStub
}

// Stats are the figures of a Store.
type Stats struct {
	LogEnd            uint64   // position after the last commit
	LogDurable        uint64   // position up to which the log was synced
	LogStart          uint64   // position of the oldest segment kept
	LogSegments       int      //
	Syncs             uint64   // fsyncs of the log; fewer than commits under group commit
	Checkpoints       uint64   // since Open
	CheckpointCSN     heap.CSN // of the last checkpoint
	CheckpointError   error    // of the last attempt, when it failed
	CheckpointRunning bool
	Poisoned          error
}

// Verify checks the files of a database that no process has open for writing, without changing them, and reports every
// problem it finds. The error is non-nil only when the check itself could not be carried out.
func Verify(ctx context.Context, o Options) (*Report, error) { return nil, errStub }

// Report is what Verify found.
type Report struct {
	Problems []error // each a *CorruptError where a file is concerned; empty: all is well
	Notes    []string
	Files    int
	Pages    int64
	Commits  int64 // in the log above the checkpoint
}
