package persistence

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

// journal is the engine's view of the log.
type journal struct {
	dir string
	log *wal.Log // nil: the store is read-only

	last   atomic.Uint64 // CSN of the newest commit
	end    atomic.Uint64 // position behind it
	due    atomic.Uint64 // position at which a checkpoint is wanted; 0: never
	wanted chan struct{} // told when it is passed
}

var (
	_ engine.Journal       = (*journal)(nil)
	_ engine.HistoryReader = (*journal)(nil)
)

// Encode makes the record and its room in the log.
func (j *journal) Encode(t *cdc.Txn) (engine.Record, error) {
	if j.log == nil {
		return nil, sqlerr.New(sqlerr.ReadOnlyStore, "the database was opened read-only")
	}
	r := j.log.NewRecord()
	r.Data = cdc.AppendTxn(r.Data, t)
	r.Ops = uint32(len(t.Ops))
	if err := j.log.Reserve(r); err != nil {
		return nil, j.failure(err)
	}
	return r, nil
}

// Append gives the record its place.
func (j *journal) Append(r engine.Record, csn heap.CSN, unixMicros int64) (uint64, error) {
	rec, ok := r.(*wal.Record)
	if !ok {
		return 0, sqlerr.New(sqlerr.Internal, "a record of another journal")
	}
	pos, err := j.log.Append(rec, uint64(csn), unixMicros)
	if err != nil {
		return 0, j.failure(err)
	}
	j.last.Store(uint64(csn))
	j.end.Store(uint64(pos))
	if due := j.due.Load(); due != 0 && uint64(pos) >= due {
		select {
		case j.wanted <- struct{}{}:
		default:
		}
	}
	return uint64(pos), nil
}

// Sync waits as the mode says.
func (j *journal) Sync(ctx context.Context, pos uint64) error {
	if err := j.log.Sync(ctx, wal.LSN(pos)); err != nil {
		return j.failure(err)
	}
	return nil
}

// Close does nothing: the store closes the log, after its last checkpoint.
func (j *journal) Close() error { return nil }

// failure turns an error of the log into what the engine's users see.
func (j *journal) failure(err error) error {
	switch {
	case vfs.IsNoSpace(err) && !errors.Is(err, wal.ErrPoisoned):
		return sqlerr.Wrap(err, sqlerr.DiskFull, j.dir)
	case errors.Is(err, wal.ErrPoisoned):
		return poisoned(err)
	case errors.Is(err, wal.ErrClosed):
		return sqlerr.Wrap(err, sqlerr.Closed)
	case errors.Is(err, wal.ErrTooLarge):
		return sqlerr.Wrap(err, sqlerr.OutOfMemory, "a transaction", int64(1)<<40)
	}
	return err
}

// poisoned is the sticky error of a failed store: MySQL's 1836, with ErrPoisoned and the first failure below.
func poisoned(err error) error {
	return sqlerr.Wrap(fmt.Errorf("%w: %w", ErrPoisoned, err), sqlerr.ReadOnlyStore, "the store failed: "+err.Error())
}

// History reads commits back.
func (j *journal) History(ctx context.Context, after, to heap.CSN, yield func(*cdc.Txn) bool) error {
	if j.log == nil {
		return fmt.Errorf("the database was opened read-only: %w", engine.ErrPositionGone)
	}
	err := j.log.History(ctx, uint64(after), uint64(to), func(c wal.Commit) (bool, error) {
		t, err := decodeCommit(c)
		return err == nil && yield(t), err
	})
	if errors.Is(err, wal.ErrGone) {
		err = fmt.Errorf("commits after %d: %w", after, engine.ErrPositionGone)
	}
	return damaged(err)
}

// decodeCommit decodes a record into a transaction that owns its memory.
func decodeCommit(c wal.Commit) (*cdc.Txn, error) {
	t, err := cdc.DecodeTxn(append([]byte(nil), c.Data...))
	if err != nil {
		return nil, &CorruptError{File: fmt.Sprintf("log record that ends at position %d", c.End), Page: -1, Offset: -1,
			Detail: fmt.Sprintf("commit %d cannot be decoded", c.CSN), Cause: err}
	}
	if len(t.Ops) != int(c.Ops) {
		return nil, &CorruptError{File: fmt.Sprintf("log record that ends at position %d", c.End), Page: -1, Offset: -1,
			Detail: fmt.Sprintf("commit %d has %d operations instead of %d", c.CSN, len(t.Ops), c.Ops)}
	}
	t.CSN, t.Time = heap.CSN(c.CSN), c.Time
	return t, nil
}

// damaged gives the log's errors the types of this package.
func damaged(err error) error {
	var d *wal.Damage
	switch {
	case errors.As(err, &d):
		return &CorruptError{File: d.File, Page: -1, Offset: d.Offset, Detail: d.Detail}
	case errors.Is(err, wal.ErrNewerFormat):
		return fmt.Errorf("%w: %w", ErrNewerFormat, err)
	}
	return err
}
