package engine

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// SubscribeOptions say where a subscription starts.
type SubscribeOptions struct {
	// After is the CSN after which commits are delivered. One that the database has not come to is another database's, or
	// that of a state before a restore: the error wraps ErrPositionGone. With FromNow it is ignored.
	After   heap.CSN
	FromNow bool
	// Bootstrap, when set, is called with a read-only transaction at CSN c before Subscribe returns; the stream goes on
	// from c + 1. After and FromNow are ignored.
	Bootstrap func(tx *Tx) error
}

// stream keeps the latest commits in memory while there are subscribers.
type stream struct {
	db   *DB
	subs atomic.Int32 // number of subscriptions: commits build records for them

	mu     sync.Mutex
	ring   []*cdc.Txn // in CSN order; every commit above floor that has a record
	floor  heap.CSN
	bytes  int64
	list   map[*Subscription]struct{}
	closed bool
}

func (s *stream) init(db *DB) { s.db, s.list = db, make(map[*Subscription]struct{}) }

func (s *stream) wanted() bool { return s.subs.Load() > 0 }

// append adds a commit; called in the commit section. The oldest commits make room: who has not read them by then
// reads them from the journal or has lost its position.
func (s *stream) append(t *cdc.Txn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ring = append(s.ring, t)
	s.bytes += txnBytes(t)
	n := 0
	for s.bytes > s.db.opts.HistoryBytes && n < len(s.ring)-1 {
		s.bytes -= txnBytes(s.ring[n])
		s.floor = s.ring[n].CSN
		s.ring[n] = nil
		n++
	}
	s.ring = s.ring[n:]
}

// opOverhead is what an op takes beside its byte strings.
const opOverhead = 160

func txnBytes(t *cdc.Txn) int64 {
	n := int64(64)
	for i := range t.Ops {
		op := &t.Ops[i]
		n += int64(opOverhead + len(op.After) + len(op.Before) + len(op.Key))
	}
	return n
}

// wake tells all subscribers to look again.
func (s *stream) wake() {
	if !s.wanted() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.list {
		sub.poke()
	}
}

func (s *stream) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for sub := range s.list {
		sub.poke()
	}
}

// Subscription is a position in the change stream. One goroutine uses it at a time; Close may come from another.
type Subscription struct {
	s       *stream
	pos     heap.CSN
	pending []*cdc.Txn // read from the journal
	notify  chan struct{}
	closed  atomic.Bool
}

func (sub *Subscription) poke() {
	select {
	case sub.notify <- struct{}{}:
	default:
	}
}

// Subscribe returns a subscription to durable commits in commit order.
func (db *DB) Subscribe(ctx context.Context, o SubscribeOptions) (*Subscription, error) {
	if err := db.usable(); err != nil {
		return nil, err
	}
	// No DDL runs while the first subscriber comes: a rewrite that has begun without logging its rows would be lost.
	if err := db.lockDDL(ctx); err != nil {
		return nil, err
	}
	if at := heap.CSN(db.commits.installed.Load()); !o.FromNow && o.Bootstrap == nil && o.After > at {
		db.unlockDDL()
		return nil, sqlerr.Wrap(ErrPositionGone, sqlerr.Internal, fmt.Sprintf("the change stream after CSN %d does not exist: the newest commit is %d", o.After, at))
	}
	s := &db.stream
	sub := &Subscription{s: s, notify: make(chan struct{}, 1)}
	db.commits.mu.Lock()
	s.mu.Lock()
	installed, recorded := heap.CSN(db.commits.installed.Load()), db.commits.recorded
	if s.subs.Add(1) == 1 {
		s.ring, s.bytes, s.floor = nil, 0, recorded
	}
	s.list[sub] = struct{}{}
	s.mu.Unlock()
	db.commits.mu.Unlock()
	db.unlockDDL()
	sub.pos = o.After
	if o.FromNow {
		sub.pos = recorded
	}
	if o.Bootstrap != nil {
		if err := sub.bootstrap(ctx, installed, o.Bootstrap); err != nil {
			sub.Close()
			return nil, err
		}
	}
	return sub, nil
}

// bootstrap runs f on a snapshot at or above from and starts behind it.
func (sub *Subscription) bootstrap(ctx context.Context, from heap.CSN, f func(*Tx) error) error {
	db := sub.s.db
	if err := db.awaitVisible(from); err != nil {
		return err
	}
	tx, err := db.Begin(ctx, TxOptions{Isolation: RepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	// A later commit may make a DDL visible just before its catalogue is published. Nobody is there while no DDL runs: what the snapshot
	// sees, the catalogue names.
	if err := db.lockDDL(ctx); err != nil {
		return err
	}
	err = tx.TakeSnapshot()
	db.unlockDDL()
	if err != nil {
		return err
	}
	sub.pos = sub.s.recordedAt(tx.snap.csn)
	return f(tx)
}

// recordedAt returns the newest commit at or below csn that has a record; csn itself when that is not known any more. CSNs without one
// are given out again after a restart, so a position that a subscriber may keep is not among them.
func (s *stream) recordedAt(csn heap.CSN) heap.CSN {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.ring) - 1; i >= 0; i-- {
		if s.ring[i].CSN <= csn {
			return s.ring[i].CSN
		}
	}
	return min(s.floor, csn)
}

// historyBatch is the number of commits read from the journal at a time; fewer when they are large (Options.HistoryBytes).
const historyBatch = 256

// errStop ends a look at the ring without a result.
var errStop = errors.New("engine: nothing in the ring")

// Next waits for the next commit. An error that wraps ErrPositionGone: the subscriber was too slow.
func (sub *Subscription) Next(ctx context.Context) (*cdc.Txn, error) {
	for {
		if sub.closed.Load() {
			return nil, sqlerr.New(sqlerr.Closed)
		}
		if len(sub.pending) > 0 {
			t := sub.pending[0]
			sub.pending = sub.pending[1:]
			sub.pos = t.CSN
			return t, nil
		}
		t, err := sub.fromRing()
		if err == nil {
			sub.pos = t.CSN
			return t, nil
		}
		if !errors.Is(err, errStop) {
			return nil, err
		}
		if len(sub.pending) > 0 {
			continue
		}
		if err := interrupted(ctx); err != nil {
			return nil, err
		}
		select {
		case <-ctx.Done():
			return nil, interrupted(ctx)
		case <-sub.notify:
		}
	}
}

// fromRing returns the next visible commit from memory, or fills pending from the journal; errStop when there is none.
func (sub *Subscription) fromRing() (*cdc.Txn, error) {
	s := sub.s
	visible := heap.CSN(s.db.visible.Load())
	s.mu.Lock()
	floor, closed := s.floor, s.closed
	if sub.pos >= floor {
		defer s.mu.Unlock()
		// The ring is in order; look from the end of what has been read.
		lo, hi := 0, len(s.ring)
		for lo < hi {
			if mid := (lo + hi) / 2; s.ring[mid].CSN <= sub.pos {
				lo = mid + 1
			} else {
				hi = mid
			}
		}
		if lo < len(s.ring) && s.ring[lo].CSN <= visible {
			return s.ring[lo], nil
		}
		if closed {
			return nil, sqlerr.New(sqlerr.Closed)
		}
		if p := s.db.poisoned.Load(); p != nil {
			return nil, poisonError(p.err)
		}
		return nil, errStop
	}
	s.mu.Unlock()
	return nil, sub.fromJournal(min(floor, visible), floor, closed)
}

// fromJournal reads the next commits up to and including to, which is at most floor.
func (sub *Subscription) fromJournal(to, floor heap.CSN, closed bool) error {
	if closed {
		return sqlerr.New(sqlerr.Closed)
	}
	h, ok := sub.s.db.opts.Journal.(HistoryReader)
	if !ok {
		return positionGone(sub.pos)
	}
	db := sub.s.db
	n, bytes := 0, int64(0)
	err := h.History(background, sub.pos, to, func(t *cdc.Txn) bool {
		sub.pending = append(sub.pending, t)
		n++
		bytes += txnBytes(t)
		return n < historyBatch && bytes < db.opts.HistoryBytes
	})
	if err != nil {
		sub.pending = nil
		return err
	}
	if n == 0 {
		if to <= sub.pos || to < floor {
			if p := db.poisoned.Load(); p != nil {
				return poisonError(p.err)
			}
			return errStop
		}
		// No record lies between: go on behind. The floor is a commit that has one, or that a checkpoint holds.
		sub.pos = to
	}
	sub.poke()
	return errStop
}

func positionGone(pos heap.CSN) error {
	return sqlerr.Wrap(ErrPositionGone, sqlerr.Internal, fmt.Sprintf("the change stream after CSN %d is no longer kept", pos))
}

// Position returns the CSN of the last commit that Next returned.
func (sub *Subscription) Position() heap.CSN { return sub.pos }

// Close ends the subscription; a waiting Next returns.
func (sub *Subscription) Close() {
	if sub.closed.Swap(true) {
		return
	}
	s := sub.s
	s.mu.Lock()
	delete(s.list, sub)
	if s.subs.Add(-1) == 0 {
		s.ring, s.bytes = nil, 0
	}
	s.mu.Unlock()
	sub.poke()
}

// Change is an op with names and values.
type Change struct {
	Kind          cdc.Kind
	Schema, Table string
	Row           heap.RowID
	Columns       []string      // names, parallel to After
	After         []value.Value // Insert: all columns; Update: the changed ones
	BeforeColumns []string
	Before        []value.Value // Delete: all columns; Update: changed and indexed ones
	KeyColumns    []string
	Key           []value.Value
	Value         uint64 // of AutoIncrement and AutoReset
}

// Changes decodes the changes of t; ops on the catalogue are left out.
func (db *DB) Changes(t *cdc.Txn) ([]Change, error) {
	var out []Change
	for i := range t.Ops {
		op := &t.Ops[i]
		if op.Table < firstUserTable {
			continue
		}
		d := db.defs.get(op.Table, op.SchemaVersion)
		if d == nil {
			return nil, internalf("the definition of table %d, version %d is not known", op.Table, op.SchemaVersion)
		}
		c := Change{Kind: op.Kind, Schema: d.def.Schema, Table: d.def.Name, Row: op.Row, Value: op.Value}
		var err error
		if c.Columns, c.After, err = d.decode(op.After); err == nil {
			if c.BeforeColumns, c.Before, err = d.decode(op.Before); err == nil {
				c.KeyColumns, c.Key, err = d.decode(op.Key)
			}
		}
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// decode decodes an image into names and values of its own memory.
func (d *definition) decode(image []byte) ([]string, []value.Value, error) {
	if len(image) == 0 {
		return nil, nil, nil
	}
	set, vals, _, err := d.layout.DecodeDelta(image, nil)
	if err != nil {
		return nil, nil, err
	}
	var names []string
	i := 0
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		names = append(names, d.def.Columns[c].Name)
		vals[i] = vals[i].Clone()
		i++
	}
	return names, vals, nil
}
