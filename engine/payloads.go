package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/row"
)

// NextPayloads is NextBatch for those who read the columns of many rows from their bytes: it returns up to max payloads of
// one layout, none at the end. They are good until the next NextPayloads, NextBatch, Unpin or Close; the slice may be reordered.
//
// ok is false when rows are not to be had that way: the cursor is on an index, or the transaction has own writes or locked
// rows. Nothing is read then, and NextBatch goes on where NextPayloads stopped.
func (c *Cursor) NextPayloads(ctx context.Context, max int) (l *row.Layout, payloads [][]byte, ok bool, err error) {
	if err := c.enter(ctx); err != nil {
		return nil, nil, false, err
	}
	if c.ix != nil || c.current || c.v.tt != nil || c.v.tx.explicit != nil {
		return nil, nil, false, nil
	}
	t, space := c.v.t, c.v.t.store.space
	c.guard, c.pinned = t.db.epochs.Pin(), true
	payloads = sized(&c.buf.payloads, max)
	for looked := c.next; c.next < c.end; {
		n, next, version := space.ScanPayloads(c.next, min(c.end, c.next+cursorPoll), c.v.snap, payloads)
		c.next = next
		if n > 0 {
			if l = t.layoutOf(version); l == nil {
				c.Unpin()
				c.err = t.unknownVersion(version)
				return nil, nil, false, c.err
			}
			return l, payloads[:n], true, nil
		}
		if next-looked >= 64*cursorPoll {
			// A long stretch of empty slots holds no memory back.
			looked = next
			c.Unpin()
			if err := interrupted(ctx); err != nil {
				return nil, nil, false, err
			}
			c.guard, c.pinned = t.db.epochs.Pin(), true
		}
	}
	c.Unpin()
	return t.layout, nil, true, nil
}

// Overflow reads the spilled values of the rows that NextPayloads gave; it is for row.Row.Overflow. Like the payloads it
// is good until the next call.
func (c *Cursor) Overflow() row.OverflowReader { return c.v.t.store.space }
