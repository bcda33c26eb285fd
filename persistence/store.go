package persistence

import (
	"context"
	"sync"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/wal"
)

// Store is one Open of a directory.
type Store struct {
	share  *share
	d      *database
	once   sync.Once
	closed chan struct{}
	err    error
}

// Open opens the database in o.Dir, or makes one when there is no directory, or no file of a
// database in it. ctx bounds the opening only.
//
// When the process has the directory open already, the Store shares that engine; options that differ are an error. When
// another process has it, Open waits up to o.LockTimeout; the error names the holder.
func Open(ctx context.Context, o Options) (*Store, error) {
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	s, err := acquire(ctx, o)
	if err != nil {
		return nil, err
	}
	return &Store{share: s, d: s.d, closed: make(chan struct{})}, nil
}

// DB returns the engine. It must not be closed by the caller, and not used after the last Close.
func (s *Store) DB() *engine.DB { return s.d.db }

// Dir returns the canonical path of the directory.
func (s *Store) Dir() string { return s.d.dir }

// Checkpoint writes everything committed so far to the table files and drops log that nobody needs. In a read-only
// database it does nothing.
func (s *Store) Checkpoint(ctx context.Context) error {
	select {
	case <-s.closed:
		return ErrClosed
	default:
		return s.d.checkpoint(ctx)
	}
}

// Close ends this Open. The last Close of a directory waits for running commits, writes a final checkpoint and the index
// files, and releases the lock; when ctx ends before, it skips what is left, which only makes the next Open slower. Further
// calls return the first one's result.
func (s *Store) Close(ctx context.Context) error {
	s.once.Do(func() {
		close(s.closed)
		s.err = s.share.release(ctx)
	})
	return s.err
}

// ReadLog calls yield with each durable commit above after, in order, until yield returns false or the durable end is
// reached. The error wraps engine.ErrPositionGone when the log does not reach back that far.
func (s *Store) ReadLog(ctx context.Context, after heap.CSN, yield func(*cdc.Txn) bool) error {
	return s.d.j.History(ctx, after, heap.MaxCSN, yield)
}

// Retain keeps the log above a commit for a named subscriber, also across restarts: its position becomes durable with the
// next checkpoint. Call it again as the subscriber moves on. RetainedFrom tells where it stands.
func (s *Store) Retain(name string, after heap.CSN) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	s.d.kept[name] = after
}

// RetainedFrom returns the position of a named subscriber.
func (s *Store) RetainedFrom(name string) (heap.CSN, bool) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	csn, ok := s.d.kept[name]
	return csn, ok
}

// Forget ends what Retain began.
func (s *Store) Forget(name string) {
	s.d.mu.Lock()
	defer s.d.mu.Unlock()
	delete(s.d.kept, name)
}

// Stats are the figures of a Store.
type Stats struct {
	LogEnd            uint64   // position after the last commit
	LogDurable        uint64   // position up to which the log was synced
	LogStart          uint64   // position of the oldest segment kept
	LogSegments       int      // segment files
	Syncs             uint64   // fsyncs of the log; fewer than commits under group commit
	Checkpoints       uint64   // since Open
	CheckpointCSN     heap.CSN // of the last checkpoint
	CheckpointError   error    // of the last attempt, when it failed
	CheckpointRunning bool
	Poisoned          error
}

// Stats returns figures.
func (s *Store) Stats() Stats {
	d := s.d
	st := Stats{Checkpoints: d.completed.Load(), CheckpointCSN: heap.CSN(d.csn.Load()), CheckpointRunning: d.running.Load()}
	d.mu.Lock()
	st.CheckpointError = d.lastErr
	d.mu.Unlock()
	if d.log == nil {
		return st
	}
	var end, durable, start wal.LSN
	end, durable, start = d.log.Positions()
	st.LogEnd, st.LogDurable, st.LogStart = uint64(end), uint64(durable), uint64(start)
	st.LogSegments, st.Syncs = d.log.Segments(), d.log.Syncs()
	if err := d.log.Err(); err != nil {
		st.Poisoned = poisoned(err)
	}
	return st
}
