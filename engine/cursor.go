package engine

import (
	"context"
	"sync"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/key"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
)

// ScanOptions adjust a cursor.
type ScanOptions struct {
	// Current reads the newest committed versions instead of the snapshot's.
	Current bool
	// Reuse is a closed cursor whose memory the new one takes over; may be nil. Nobody may use it any more.
	Reuse *Cursor
}

// Bound is one end of a Range: a prefix of the key parts, of the columns' types. Nil Vals: no bound.
type Bound struct {
	Vals      []value.Value
	Inclusive bool
}

// Range is a range of an index: Lo is the end that comes first in the index's order (for a DESC part the greater value), NULLs
// come before all values. Reverse walks it from Hi to Lo.
type Range struct {
	Lo, Hi  Bound
	Reverse bool
}

// CursorRow is one row. Row aliases memory that is good until the cursor's next call.
type CursorRow struct {
	ID  heap.RowID
	Row row.Row
}

// Cursor walks rows in batches. It belongs to its transaction and must be closed. It sees the snapshot that the transaction has when
// the first batch is read, and the transaction's own writes up to its opening.
type Cursor struct {
	v       view
	ix      *Index // nil: a table scan
	current bool
	started bool
	ended   bool
	closed  bool
	pinned  bool
	guard   heap.Guard
	snap    *snapWord
	held    *snapWord // as of when held rows are seen
	err     error
	out     []CursorRow

	buf *cursorBuffers // from the first batch to Close

	// Of a table scan.
	next, end uint64
	ownNext   int
	asked     bool // for strangers
	strangers []heap.RowID

	// Of an index scan.
	rng     Range
	ids     []uint64 // of a hash index, which answers with one list
	hashKey index.Key
	moved   map[heap.RowID]struct{} // rows whose key may move under the cursor, already yielded
}

// cursorBuffers is the memory of a cursor's batches, which closed cursors leave to later ones.
type cursorBuffers struct {
	out      []CursorRow
	batch    []heap.ScanRow
	payloads [][]byte
	entries  []index.Entry
	iter     index.Iter
	lo, hi   []byte // keys of the bounds
	key      []byte
	scratch  []byte
}

var cursorPool = sync.Pool{New: func() any { return new(cursorBuffers) }}

// sized returns a slice of n elements, buf's if it is large enough.
func sized[T any](buf *[]T, n int) []T {
	if cap(*buf) < n {
		*buf = make([]T, n)
	}
	return (*buf)[:n]
}

// Scan returns a cursor over all rows in slot order, own inserts last.
func (tx *Tx) Scan(t *Table, o ScanOptions) *Cursor {
	c := o.cursor()
	c.v, c.current = view{tx: tx, t: t, step: tx.step}, o.Current
	return c
}

// ScanIndex returns a cursor over a range of an index in key order. Hash indexes answer only full equality.
func (tx *Tx) ScanIndex(ix *Index, r Range, o ScanOptions) *Cursor {
	c := o.cursor()
	c.v, c.current = view{tx: tx, t: ix.table, step: tx.step}, o.Current
	c.ix, c.rng = ix, r
	return c
}

func (o *ScanOptions) cursor() *Cursor {
	c := o.Reuse
	if c == nil || !c.closed {
		return &Cursor{}
	}
	*c = Cursor{ids: c.ids[:0]}
	return c
}

// start takes the snapshot and the definition lock.
func (c *Cursor) start(ctx context.Context) error {
	c.started = true
	tx := c.v.tx
	v, err := tx.readView(ctx, c.v.t, c.current)
	if err != nil {
		return err
	}
	v.step, v.scratch = c.v.step, c.v.scratch
	c.v = v
	if !c.current {
		c.snap = tx.snap
		c.snap.refs++
	}
	if err := c.freeze(); err != nil {
		return err
	}
	if c.ix == nil {
		c.end = c.v.t.store.space.SlotCount()
		return nil
	}
	return c.seek()
}

// seek encodes the range.
func (c *Cursor) seek() error {
	ix := c.ix
	if !ix.ordered() {
		if !c.rng.Lo.Inclusive || !c.rng.Hi.Inclusive || len(c.rng.Lo.Vals) != len(ix.parts) || len(c.rng.Hi.Vals) != len(ix.parts) {
			return internalf("a range scan of hash index %s", ix.def.Name)
		}
		k, room, err := ix.keyOfParts(c.buf.lo, c.rng.Lo.Vals)
		c.buf.lo = room
		if err != nil {
			return err
		}
		c.hashKey = k
		c.ids = ix.tree.Get(k, c.ids[:0])
		return nil
	}
	lo, empty, err := ix.bound(&c.buf.lo, c.rng.Lo, true)
	if err != nil {
		return err
	}
	hi, _, err := ix.bound(&c.buf.hi, c.rng.Hi, false)
	if err != nil {
		return err
	}
	c.ended = empty
	c.buf.iter.Reset(lo, hi, c.rng.Reverse)
	return nil
}

// bound turns a prefix bound into a key bound, whose bytes are in buf. empty: nothing lies behind a lower bound.
func (ix *Index) bound(buf *[]byte, b Bound, lower bool) (out index.Bound, empty bool, err error) {
	if len(b.Vals) == 0 {
		return index.Bound{}, false, nil
	}
	if len(b.Vals) > len(ix.parts) {
		return out, false, internalf("index %s has %d key parts, not %d", ix.def.Name, len(ix.parts), len(b.Vals))
	}
	k, room, err := ix.keyOfParts(*buf, b.Vals)
	*buf = room
	if err != nil {
		return out, false, err
	}
	full := len(b.Vals) == len(ix.parts)
	switch {
	case full && b.Inclusive || b.Inclusive && lower:
		return index.Including(k), false, nil
	case full || !b.Inclusive && !lower:
		return index.Excluding(k), false, nil
	}
	// Behind every key with the prefix.
	next := key.Successor(k.Bytes)
	if next == nil {
		return index.Bound{}, lower, nil
	}
	if lower {
		return index.Including(index.BytesKey(next)), false, nil
	}
	return index.Excluding(index.BytesKey(next)), false, nil
}

// cursorPoll is the number of rows looked at between two looks at the context.
const cursorPoll = 1024

// NextBatch returns up to max rows; none at the end. The slice and the rows are good until the next NextBatch, Unpin or
// Close.
func (c *Cursor) NextBatch(ctx context.Context, max int) ([]CursorRow, error) {
	if err := c.enter(ctx); err != nil {
		return nil, err
	}
	if max <= 0 {
		max = 1
	}
	c.out, c.v.scratch = c.out[:0], c.v.scratch[:0]
	c.guard, c.pinned = c.v.tx.db.epochs.Pin(), true
	looked := 0
	for len(c.out) == 0 && !c.ended {
		if looked >= cursorPoll {
			// Rounds without a row hold no memory back for long.
			c.Unpin()
			if err := interrupted(ctx); err != nil {
				return nil, err
			}
			c.guard, c.pinned = c.v.tx.db.epochs.Pin(), true
			looked = 0
		}
		n, err := c.fill(max)
		if err != nil {
			c.Unpin()
			c.err = err
			return nil, err
		}
		looked += n
	}
	if len(c.out) == 0 {
		c.Unpin()
	}
	return c.out, nil
}

// enter gives up the last batch and makes the cursor ready to read the next one.
func (c *Cursor) enter(ctx context.Context) error {
	if c.closed {
		return internalf("a read from a closed cursor")
	}
	if c.err != nil {
		return c.err
	}
	c.Unpin()
	if err := c.v.tx.check(); err != nil {
		return err
	}
	if err := interrupted(ctx); err != nil {
		return err
	}
	if c.started {
		return nil
	}
	c.buf = cursorPool.Get().(*cursorBuffers)
	c.out, c.v.scratch = c.buf.out, c.buf.scratch
	c.err = c.start(ctx)
	return c.err
}

// fill looks at up to max rows and returns how many.
func (c *Cursor) fill(max int) (int, error) {
	switch {
	case c.ix == nil && c.next < c.end:
		return c.fillScan(max)
	case c.ix == nil:
		return c.fillOwn(max)
	case !c.ix.ordered():
		return c.fillHash(max)
	}
	return c.fillIndex(max)
}

// fillScan takes the next rows by slot.
func (c *Cursor) fillScan(max int) (int, error) {
	batch := sized(&c.buf.batch, max)
	n, next := c.v.t.store.space.ScanVisible(c.next, c.end, c.v.snap, batch)
	c.next = next
	plain := c.v.tt == nil && c.v.tx.explicit == nil
	for i := range batch[:n] {
		s := &batch[i]
		c.out = append(c.out, CursorRow{ID: s.ID})
		o := &c.out[len(c.out)-1]
		if plain && !c.current {
			if err := c.v.t.rowOf(s.V, &o.Row); err != nil {
				return n, err
			}
			continue
		}
		ok, _, err := c.v.look(s.ID, &o.Row)
		if err != nil {
			return n, err
		}
		if !ok {
			c.out = c.out[:len(c.out)-1]
		}
	}
	if n == 0 {
		n = max // an empty stretch of slots counts as work
	}
	return n, nil
}

// fillOwn takes the held rows that the scan by slot could not see.
func (c *Cursor) fillOwn(max int) (int, error) {
	n := 0
	for ; n < max && c.v.tt != nil && c.ownNext < len(c.v.tt.rows); c.ownNext++ {
		r := c.v.tt.rows[c.ownNext]
		n++
		s := r.at(c.v.step)
		if s == nil || s.kind == opNone || s.kind == opDelete {
			continue
		}
		if s.kind == opUpdate {
			if _, seen := c.v.t.store.space.Visible(r.id, c.v.snap); seen {
				continue
			}
		}
		if err := c.takeHeld(r.id); err != nil {
			return n, err
		}
	}
	if n < max && !c.current && c.v.tx.explicit != nil {
		if !c.asked {
			c.asked, c.strangers = true, c.v.strangers()
		}
		for ; n < max && len(c.strangers) > 0; n++ {
			if err := c.takeHeld(c.strangers[0]); err != nil {
				return n, err
			}
			c.strangers = c.strangers[1:]
		}
	}
	c.ended = n < max
	return n, nil
}

// takeHeld yields a held row.
func (c *Cursor) takeHeld(id heap.RowID) error {
	c.out = append(c.out, CursorRow{ID: id})
	_, ok, _, err := c.v.lookHeld(id, &c.out[len(c.out)-1].Row)
	if !ok || err != nil {
		c.out = c.out[:len(c.out)-1]
	}
	return err
}

// fillIndex takes the next entries of the range.
func (c *Cursor) fillIndex(max int) (int, error) {
	entries := sized(&c.buf.entries, max)
	n, err := c.ix.tree.Scan(&c.buf.iter, entries)
	if err != nil {
		return n, err
	}
	if n == 0 {
		c.ended = true
	}
	for i := range entries[:n] {
		if err := c.take(heap.RowID(entries[i].Row), entries[i].Key); err != nil {
			return n, err
		}
	}
	return n, nil
}

// fillHash takes the next row ids of a hash lookup.
func (c *Cursor) fillHash(max int) (int, error) {
	n := 0
	for ; n < max && len(c.ids) > 0; n++ {
		id := c.ids[0]
		c.ids = c.ids[1:]
		if err := c.take(heap.RowID(id), c.hashKey); err != nil {
			return n, err
		}
	}
	c.ended = len(c.ids) == 0
	return n, nil
}

// take yields the row of an entry when its key is the entry's.
func (c *Cursor) take(id heap.RowID, k index.Key) error {
	c.out = append(c.out, CursorRow{ID: id})
	r := &c.out[len(c.out)-1].Row
	ok, moving, err := c.v.look(id, r)
	if ok && err == nil {
		ok, err = c.ix.rowHasKey(&c.buf.key, r, k)
	}
	if ok && err == nil && (moving || c.current) {
		if _, was := c.moved[id]; was {
			ok = false
		} else {
			if c.moved == nil {
				c.moved = make(map[heap.RowID]struct{})
			}
			c.moved[id] = struct{}{}
		}
	}
	if !ok || err != nil {
		c.out = c.out[:len(c.out)-1]
	}
	return err
}

// Unpin gives up the rows of the last batch, so that a waiting cursor holds no memory back.
func (c *Cursor) Unpin() {
	if c.pinned {
		c.pinned = false
		c.guard.Unpin()
	}
}

// Close ends the cursor. It may be called twice.
func (c *Cursor) Close() {
	if c.closed {
		return
	}
	c.closed = true
	c.Unpin()
	if c.snap != nil {
		c.v.tx.db.releaseSnapshot(c.snap)
		c.snap = nil
	}
	if c.held != nil {
		c.v.tx.db.releaseSnapshot(c.held)
		c.held = nil
	}
	if b := c.buf; b != nil {
		b.out, b.scratch = c.out[:0], c.v.scratch[:0]
		c.buf, c.out, c.v.scratch = nil, nil, nil
		cursorPool.Put(b)
	}
}
