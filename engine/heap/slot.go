package heap

import (
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// slotChunk is a run of slots: 20 bytes each, in three arrays so that a scan reads only the heads.
type slotChunk struct {
	head []atomic.Uint64 // Link of the newest installed version
	lock []atomic.Uint64 // for engine/lock
	gen  []atomic.Uint32 // generation << 8 | state
}

// The states of a slot. Only a live one's generation is that of a row.
const (
	slotIsFree    = 0 // never used, or on the free stack
	slotIsLive    = 1
	slotIsRetired = 2 // in limbo
)

func liveWord(id RowID) uint32 { return id.Generation()<<8 | slotIsLive }

func makeSlotChunk(size uint64) *slotChunk {
	return &slotChunk{make([]atomic.Uint64, size), make([]atomic.Uint64, size), make([]atomic.Uint32, size)}
}

// slot returns the chunk of the row's slot and the place in it; nil when there is no such slot.
func (s *Space) slot(id RowID) (*slotChunk, uint64) {
	c := s.slots.get(id.Slot())
	if c == nil {
		return nil, 0
	}
	return c, id.Slot() & uint64(len(c.head)-1)
}

// slotRanges are slots below the high-water mark that were never given a chunk.
type slotRanges struct {
	mu     sync.Mutex
	ranges [][2]uint64 // from, end
	left   atomic.Int64
}

// add puts a range behind those that are there.
func (r *slotRanges) add(from, end uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.left.Add(int64(end - from))
	if n := len(r.ranges); n > 0 && r.ranges[n-1][1] == from {
		r.ranges[n-1][1] = end
		return
	}
	r.ranges = append(r.ranges, [2]uint64{from, end})
}

func (r *slotRanges) take(n uint64) (from, got uint64) {
	if r.left.Load() == 0 {
		return 0, 0
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.ranges) == 0 {
		return 0, 0
	}
	first := &r.ranges[0]
	from, got = first[0], min(n, first[1]-first[0])
	if first[0] += got; first[0] == first[1] {
		r.ranges = r.ranges[1:]
	}
	r.left.Add(-int64(got))
	return from, got
}

// NewSlot takes a slot for a new row. It has no version, and nobody who knows its id holds its lock word. 1114 when the
// table is full.
func (s *Space) NewSlot() (RowID, error) {
	for {
		n, ok := s.popSlot()
		if !ok {
			var err error
			if n, err = s.freshSlot(); err != nil {
				return 0, err
			}
		}
		c := s.slots.ensure(n, makeSlotChunk)
		i := n & uint64(len(c.head)-1)
		gen := max(c.gen[i].Load()>>8, s.baseGen.Load()) + 1
		if gen > generationMask {
			continue // its generations are used up: the slot is given up for good
		}
		for m := s.maxGen.Load(); m < gen && !s.maxGen.CompareAndSwap(m, gen); m = s.maxGen.Load() {
		}
		id := MakeRowID(n, gen)
		c.gen[i].Store(liveWord(id))
		return id, nil
	}
}

func (s *Space) popSlot() (uint64, bool) {
	n, _, ok := s.free.pop(slotClass)
	if ok {
		s.freeSlots.Add(-1)
	}
	return n, ok
}

func (s *Space) pushSlot(n uint64) {
	s.freeSlots.Add(1)
	s.free.push(slotClass, n, 0)
}

// freshSlot takes a slot that was never used, from the shard's batch.
func (s *Space) freshSlot() (uint64, error) {
	sh := s.shard()
	for {
		cur := sh.slots.Load()
		if cur&generationMask != 0 {
			if sh.slots.CompareAndSwap(cur, cur+1<<generationBits-1) {
				return cur >> generationBits, nil
			}
			s.collided()
			sh = s.shard()
			continue
		}
		from, n, err := s.slotBatch()
		if err != nil {
			return 0, err
		}
		if !sh.slots.CompareAndSwap(cur, from<<generationBits|n) {
			for ; n > 0; n-- { // another goroutine brought a batch first
				s.pushSlot(from + n - 1)
			}
		}
	}
}

// slotBatch reserves slots for a shard: few while the table is small or has one writer less to contend with.
func (s *Space) slotBatch() (from, n uint64, err error) {
	for {
		high := s.slotHigh.Load()
		n = min(64, 1+high/32)
		if from, got := s.unused.take(n); got != 0 {
			return from, got, nil
		}
		if n = min(n, s.maxSlots-high); n == 0 {
			return 0, 0, sqlerr.New(sqlerr.TableFull, s.name)
		}
		if s.slotHigh.CompareAndSwap(high, high+n) {
			return high, n, nil
		}
	}
}

// RetireSlot ends a row: Head fails from now on, every version of the chain is unlinked and reclaimed after an epoch,
// and then the slot is reused with the next generation (not before its lock word is zero). Called when no index entry
// leads to the row any more: after a rolled-back insert, or when PruneChain said Dead. False when id was retired before.
func (s *Space) RetireSlot(id RowID) bool {
	c, i := s.slot(id)
	if c == nil {
		return false
	}
	mu := &s.chainMu[id.Slot()%chainStripes]
	mu.Lock()
	if !c.gen[i].CompareAndSwap(liveWord(id), id.Generation()<<8|slotIsRetired) {
		mu.Unlock()
		return false
	}
	head := Link(c.head[i].Swap(0))
	mu.Unlock()
	if head != 0 {
		if !head.IsTombstone() {
			s.rows.Add(-1)
		}
		s.meta(head.Page()).markDirty(s.LastCSN())
	}
	g := s.epochs.Pin()
	for l := head; l != 0; {
		next, _ := s.Prev(l)
		s.retireVersion(l, false)
		l = next
	}
	g.Unpin()
	s.retire(uint64(id), limboSlot)
	return true
}

// freeSlot makes a retired slot available. False while somebody still holds its lock word.
func (s *Space) freeSlot(id RowID) bool {
	c, i := s.slot(id)
	if c.lock[i].Load() != 0 && s.load == nil {
		return false
	}
	c.gen[i].Store(id.Generation()<<8 | slotIsFree)
	if s.load == nil {
		s.pushSlot(id.Slot())
	}
	return true
}

// Head returns the newest installed version of the row: 0, true when none was installed yet; false when the row is
// gone (the generation does not match).
func (s *Space) Head(id RowID) (Link, bool) {
	c, i := s.slot(id)
	if c == nil || c.gen[i].Load() != liveWord(id) {
		return 0, false
	}
	return Link(c.head[i].Load()), true
}

// LockWord returns the lock word of the row's slot, nil when there is no such slot. It stays valid for the Space's
// life; heap itself only checks that it is zero before the slot is freed. A holder must check Head afterwards: the slot
// may belong to another generation. For the same reason a new row's word may be held for a moment by somebody who came
// with an old id.
func (s *Space) LockWord(id RowID) *atomic.Uint64 {
	c, i := s.slot(id)
	if c == nil {
		return nil
	}
	return &c.lock[i]
}

// SlotCount returns one more than the highest slot number in use: the end of a scan.
func (s *Space) SlotCount() uint64 { return s.slotHigh.Load() }

// Rows returns the number of rows whose newest installed version is no tombstone.
func (s *Space) Rows() int64 { return s.rows.Load() }
