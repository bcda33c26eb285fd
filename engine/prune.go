package engine

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
)

// pruneItem is a row that may have dead versions since commit csn.
type pruneItem struct {
	store *storage
	id    heap.RowID
	csn   heap.CSN
}

// heldRow is a row that could not be cleaned up: a snapshot needs an old version, or entries of dropped
// versions could not go because the row was locked.
type heldRow struct {
	store *storage
	id    heap.RowID
	keys  []leftKey
}

// leftKey is an entry whose version is gone.
type leftKey struct {
	index uint32 // index id
	key   index.Key
}

// pruner holds the rows to prune. Committers put rows in and take some out; the background goroutine does what they leave.
type pruner struct {
	db     *DB
	gate   sync.RWMutex // held shared by whoever prunes, exclusively by Check
	mu     sync.Mutex
	queue  []pruneItem // roughly in CSN order, from head
	head   int
	rows   map[rowName]*heldRow
	queued atomic.Int64 // length of the queue
	held   atomic.Int64 // number of rows

	start   sync.Once
	oldest  heap.CSN // of the last look at held rows: while it stays, nothing can be done for them
	left    atomic.Int64
	wake    chan struct{}
	quit    chan struct{}
	done    chan struct{}
	started atomic.Bool
	pool    sync.Pool // of *pruneWork
}

func (p *pruner) init(db *DB) {
	p.db = db
	p.rows = make(map[rowName]*heldRow)
	p.wake, p.quit, p.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	p.pool.New = func() any {
		w := new(pruneWork)
		w.allowed = w.removal.allowed
		w.dropped = w.drop
		return w
	}
}

func (p *pruner) len() int { return int(p.queued.Load() + p.held.Load()) }

// pruneWork is the scratch of one pruning run.
type pruneWork struct {
	active  []heap.CSN
	horizon heap.CSN
	items   []pruneItem
	removal removal
	allowed func() bool
	dropped func(heap.Version)

	// Of one row.
	t     *Table
	mask  uint64 // columns in which its versions may differ
	keys  []leftKey
	left  []leftKey
	bytes []byte
	keyAt []int // per key its start in bytes
}

// spent are the rows whose former versions a commit has made superfluous: n of them, or, when they are many or others
// wait already, queued.
type spent struct {
	n      int
	few    [pruneShare]pruneItem
	queued int
}

// note takes over the rows of the transaction, which is installed.
func (s *spent) note(tx *Tx) {
	if tx.ws == nil {
		return
	}
	p := &tx.db.prune
	wait := p.queued.Load() > 0
	for _, tt := range tx.ws.tabs {
		for _, r := range tt.rows {
			if r.top.kind != opUpdate && r.top.kind != opDelete {
				continue
			}
			it := pruneItem{tt.t.store, r.id, tx.csn}
			if !wait && s.n < len(s.few) {
				s.few[s.n] = it
				s.n++
				continue
			}
			if s.queued == 0 {
				p.mu.Lock()
				p.queue = append(slices.Grow(p.queue, s.n+len(tt.rows)), s.few[:s.n]...)
				s.queued, s.n, wait = s.n, 0, true
			}
			p.queue = append(p.queue, it)
			s.queued++
		}
	}
	if s.queued > 0 {
		p.queued.Store(int64(len(p.queue) - p.head))
		p.mu.Unlock()
	}
}

// prune prunes them, as far as a commit does that itself. The commit is visible.
func (s *spent) prune(db *DB) {
	if s.n == 0 {
		db.pruneSome(s.queued)
		return
	}
	p := &db.prune
	if !p.gate.TryRLock() {
		p.mu.Lock()
		p.queue = append(p.queue, s.few[:s.n]...)
		p.queued.Store(int64(len(p.queue) - p.head))
		p.mu.Unlock()
		return
	}
	defer p.gate.RUnlock()
	w := p.pool.Get().(*pruneWork)
	w.look(db)
	for i := range s.few[:s.n] {
		p.row(w, s.few[i].store, s.few[i].id, nil)
	}
	w.t = nil
	p.pool.Put(w)
}

const (
	pruneShare   = 4    // rows that a commit prunes beyond its own
	pruneBatch   = 256  // rows that are pruned with one list of snapshots
	pruneBacklog = 4096 // queue length from which the background goroutine helps
)

// pruneSome prunes a bounded number of rows: n of them are the caller's own.
func (db *DB) pruneSome(n int) {
	p := &db.prune
	if p.queued.Load() == 0 {
		return
	}
	p.step(min(n+pruneShare, pruneBatch))
	switch left := p.queued.Load(); {
	case left > pruneBacklog:
		p.kick()
	case left > pruneBatch:
		p.ensure() // nobody may commit after this: its next tick takes what is left
	}
}

// step takes up to max rows from the queue, whose commits are visible, and prunes them. It returns how many.
func (p *pruner) step(max int) int {
	if !p.gate.TryRLock() {
		return 0
	}
	defer p.gate.RUnlock()
	return p.stepGated(max)
}

// stepGated is step for the holder of the gate.
func (p *pruner) stepGated(max int) int {
	w := p.pool.Get().(*pruneWork)
	defer p.pool.Put(w)
	w.look(p.db)
	w.items = w.items[:0]
	p.mu.Lock()
	for len(w.items) < max && p.head < len(p.queue) && p.queue[p.head].csn <= w.horizon {
		w.items = append(w.items, p.queue[p.head])
		p.queue[p.head] = pruneItem{}
		p.head++
	}
	switch {
	case p.head == len(p.queue):
		p.queue, p.head = p.queue[:0], 0
		if cap(p.queue) > 1<<16 {
			p.queue = nil
		}
	case p.head > 1024 && p.head > len(p.queue)/2:
		n := copy(p.queue, p.queue[p.head:])
		clear(p.queue[n:])
		p.queue, p.head = p.queue[:n], 0
	}
	p.queued.Store(int64(len(p.queue) - p.head))
	p.mu.Unlock()
	for _, it := range w.items {
		p.row(w, it.store, it.id, nil)
	}
	clear(w.items)
	w.t = nil
	return len(w.items)
}

// look takes the horizon and then the active snapshots, in this order (S1).
func (w *pruneWork) look(db *DB) {
	w.horizon = heap.CSN(db.visible.Load())
	w.active = db.snaps.collect(w.active[:0])
}

// row prunes one row and keeps it when something is left to do. keys are entries left from before.
func (p *pruner) row(w *pruneWork, st *storage, id heap.RowID, keys []leftKey) {
	t := st.current.Load()
	if t == nil || st.building.Load() > 0 {
		p.hold(st, id, keys)
		return
	}
	g := p.db.epochs.Pin()
	w.t, w.keys, w.left, w.bytes, w.keyAt = t, w.keys[:0], w.left[:0], w.bytes[:0], w.keyAt[:0]
	w.mask = t.chainMask(id) & t.keyMask
	var dropped func(heap.Version)
	if w.mask != 0 {
		dropped = w.dropped
	}
	res := st.space.PruneChain(id, w.active, w.horizon, dropped)
	for i := range w.keys {
		if at := w.keyAt[i]; at >= 0 {
			k := &w.keys[i].key
			k.Bytes = w.bytes[at : at+int(k.Int)]
			k.Int = 0
		}
	}
	for _, k := range append(w.keys, keys...) {
		ix := t.indexByID(k.index)
		if ix != nil && !p.db.removeEntry(&w.removal, w.allowed, ix, id, k.key, nil) && !w.needed(ix, id, k.key) {
			w.left = append(w.left, leftKey{k.index, index.Key{Int: k.key.Int, Bytes: slices.Clone(k.key.Bytes)}})
		}
	}
	g.Unpin()
	if res.Dead && len(w.left) == 0 {
		p.bury(st, id)
		return
	}
	if res.Retained > 1 || res.Dead || len(w.left) > 0 {
		p.hold(st, id, slices.Clone(w.left))
	}
}

// needed reports whether a retained version has the key: then the entry is right where it is.
func (w *pruneWork) needed(ix *Index, id heap.RowID, k index.Key) bool {
	return ix.retained(id, k, &w.removal.buf)
}

// bury retires the slot of a deleted row. Its lock is free or in the hands of somebody who will find no row; nobody
// publishes to a row whose newest version is a tombstone.
func (p *pruner) bury(st *storage, id heap.RowID) { st.space.RetireSlot(id) }

// chainMask returns the columns, folded, in which the versions of a row may differ. Under a pin.
func (t *Table) chainMask(id heap.RowID) uint64 {
	sp := t.store.space
	var m uint64
	l, ok := sp.Head(id)
	for ok && l != 0 {
		// A mask is of the ordinals of the schema version that its version was written under.
		if !l.IsTombstone() && sp.Version(l).SchemaVersion() != t.layout.Version() {
			return ^uint64(0)
		}
		var changed uint64
		l, changed = sp.Prev(l)
		if l != 0 {
			m |= changed
		}
	}
	return m
}

// drop collects the keys of a version that is being unlinked.
func (w *pruneWork) drop(v heap.Version) {
	if v.IsTombstone() {
		return
	}
	l := w.t.layoutOf(v.SchemaVersion())
	if l == nil {
		return
	}
	r := row.Row{Layout: l, Data: v.Payload(), Overflow: w.t.store.space}
	for _, ix := range w.t.indexes {
		if ix.mask&w.mask == 0 {
			continue
		}
		if ix.fixed8 {
			w.keys = append(w.keys, leftKey{ix.def.ID, index.IntKey(ix.enc.RowUint64(&r))})
			w.keyAt = append(w.keyAt, -1)
			continue
		}
		at := len(w.bytes)
		b, err := ix.enc.AppendRow(w.bytes, &r)
		if err != nil {
			w.t.db.logf("engine: table %s: an entry of index %s stays behind: %v", w.t.def.Name, ix.def.Name, err)
			continue
		}
		w.bytes = b
		w.keys = append(w.keys, leftKey{ix.def.ID, index.IntKey(uint64(len(b) - at))})
		w.keyAt = append(w.keyAt, at)
	}
}

func (t *Table) indexByID(id uint32) *Index {
	for _, ix := range t.indexes {
		if ix.def.ID == id {
			return ix
		}
	}
	return nil
}

// hold keeps a row for later.
func (p *pruner) hold(st *storage, id heap.RowID, keys []leftKey) {
	if len(keys) > 0 || st.building.Load() > 0 {
		p.left.Add(1)
	}
	p.mu.Lock()
	n := rowName{st.id, id}
	if h := p.rows[n]; h != nil {
		h.keys = append(h.keys, keys...)
	} else {
		p.rows[n] = &heldRow{st, id, keys}
	}
	p.held.Store(int64(len(p.rows)))
	p.mu.Unlock()
	p.ensure()
}

// again prunes every held row once and returns how many there were.
func (p *pruner) again() int {
	if !p.gate.TryRLock() {
		return 0
	}
	defer p.gate.RUnlock()
	return p.againGated()
}

// againGated is again for the holder of the gate.
func (p *pruner) againGated() int {
	p.mu.Lock()
	rows := make([]*heldRow, 0, len(p.rows))
	for n, h := range p.rows {
		rows = append(rows, h)
		delete(p.rows, n)
	}
	p.held.Store(0)
	p.mu.Unlock()
	w := p.pool.Get().(*pruneWork)
	defer p.pool.Put(w)
	for i, h := range rows {
		if i%pruneBatch == 0 {
			w.look(p.db)
		}
		p.row(w, h.store, h.id, h.keys)
	}
	w.t = nil
	return len(rows)
}

// hopeful reports whether held rows may be cleaned up now: the oldest snapshot has moved since the last look, or some wait for
// locks. Without it a long snapshot would have all of them looked at again and again.
func (p *pruner) hopeful() bool {
	oldest := heap.CSN(p.db.visible.Load())
	if active := p.db.snaps.collect(nil); len(active) > 0 {
		oldest = min(oldest, active[0])
	}
	moved := oldest != p.oldest
	p.oldest = oldest
	return moved || p.left.Swap(0) > 0
}

// ensure starts the background goroutine.
func (p *pruner) ensure() {
	if p.db.opts.NoBackground || p.started.Load() {
		return
	}
	p.start.Do(func() {
		p.started.Store(true)
		go p.run()
	})
}

// kick asks the background goroutine to look now.
func (p *pruner) kick() {
	p.ensure()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

const (
	prunePause  = 5 * time.Millisecond   // between two rounds of the background goroutine
	pruneTick   = 200 * time.Millisecond // it looks at held rows at least so often
	vacuumEvery = 50                     // ticks between two looks for sparse pages
)

// run is the background goroutine.
func (p *pruner) run() {
	defer close(p.done)
	tick := time.NewTicker(pruneTick)
	defer tick.Stop()
	ticks := 0
	for {
		select {
		case <-p.quit:
			return
		case <-p.wake:
		case <-tick.C:
			ticks++
		}
		for p.step(pruneBatch) == pruneBatch {
			select {
			case <-p.quit:
				return
			default:
			}
		}
		if p.held.Load() > 0 && p.hopeful() {
			p.again()
		}
		p.db.epochs.Reclaim()
		if ticks >= vacuumEvery {
			ticks = 0
			p.db.vacuumStep()
		}
		select {
		case <-p.quit:
			return
		case <-time.After(prunePause):
		}
	}
}

// stop ends the background goroutine and waits for it.
func (p *pruner) stop() {
	p.start.Do(func() {}) // never start from now on
	close(p.quit)
	if p.started.Load() {
		<-p.done
	}
}
