package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/heap"
)

// Count counts the rows that Scan would yield: at once when the snapshot is of the newest commit, else in O(slots).
func (tx *Tx) Count(ctx context.Context, t *Table) (n int64, err error) {
	if !tx.stmt.active {
		if err = tx.BeginStatement(StmtRead); err != nil {
			return 0, err
		}
		defer func() { err = tx.EndStatement(err) }()
	}
	v, err := tx.readView(ctx, t, false)
	if err != nil {
		return 0, err
	}
	if !v.holds() {
		if n, ok := t.newestRows(v.snap); ok {
			return n, nil
		}
	}
	c := tx.Scan(t, ScanOptions{})
	defer c.Close()
	for {
		_, payloads, ok, err := c.NextPayloads(ctx, cursorPoll)
		if err != nil {
			return n, err
		}
		if !ok {
			break
		}
		if len(payloads) == 0 {
			return n, nil
		}
		n += int64(len(payloads))
	}
	for {
		rows, err := c.NextBatch(ctx, cursorPoll)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		n += int64(len(rows))
	}
}

// newestRows returns the number of rows that snapshot sees, if it is of the newest commit. The commit section counts rows as
// it publishes them, so that outside of it the number is that of the newest installed commit.
func (t *Table) newestRows(snapshot heap.CSN) (n int64, ok bool) {
	c := &t.db.commits
	if !c.mu.TryLock() {
		return 0, false // a commit is about to make the snapshot an older one
	}
	defer c.mu.Unlock()
	return t.store.space.Rows(), c.installed.Load() == uint64(snapshot)
}
