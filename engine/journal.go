package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
)

// Record is what a Journal made of a transaction. It belongs to the commit that asked for it.
type Record any

// Journal receives each commit. Package persistence implements it; a DB without one is memory only.
//
// Encode runs concurrently. Append runs inside the commit section: one at a time, in CSN order. Sync runs concurrently.
type Journal interface {
	// Encode prepares t for the log. CSN and time are not known yet. t and what it refers to may not be kept
	// after the call returns. A commit may encode again when rows changed under it; a Record may be dropped.
	Encode(t *cdc.Txn) (Record, error)
	// Append is called with ascending CSNs. A commit without a record (temporary tables only, or rows that were inserted and
	// deleted again) leaves a gap.
	//
	// Append gives the record its place in the stream and returns the position after it. No I/O, no waiting: it
	// reserves bytes. An error is a clean failure: nothing was appended, nothing will be installed (1021).
	Append(r Record, csn heap.CSN, unixMicros int64) (pos uint64, err error)
	// Sync waits until the stream up to pos is as durable as the mode promises; nil covers every earlier position
	// too. An error poisons the DB: the outcome of the commit is unknown.
	Sync(ctx context.Context, pos uint64) error
	// Close flushes and closes.
	Close() error
}

// HistoryReader is a Journal that can give back commits of the past to subscribers.
type HistoryReader interface {
	// History calls yield with each durable commit above after, in order, up to and including to; it stops when yield
	// returns false. When the commits just above after are no longer kept the error wraps ErrPositionGone.
	History(ctx context.Context, after, to heap.CSN, yield func(*cdc.Txn) bool) error
}
