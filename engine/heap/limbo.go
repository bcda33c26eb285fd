package heap

import "sync"

// limbo is a queue of what was unlinked and waits for an epoch. Entering costs no allocation once the ring has its
// size; whoever enters also takes out a few that are ripe, so that no background work is needed to stay level.
type limbo struct {
	mu    sync.Mutex
	ring  []limboItem // capacity a power of two
	first uint64
	n     uint64
	since int // entries since this shard last tried to advance the epoch
	_     [64]byte
}

type limboItem struct {
	what uint64 // Link or RowID
	tag  uint64 // epoch << 2 | kind
}

const (
	limboVersion = 0
	limboSlot    = 1
	limboBare    = 2 // a version that holds nothing but its bytes: nobody need look at them again

	limboShards  = 4
	limboBatch   = 32 // taken out at a time
	advanceEvery = 32
)

// retireVersion puts an unlinked version into limbo. bare says that it has no prev word.
func (s *Space) retireVersion(l Link, bare bool) {
	s.clearPublished(l)
	kind := uint64(limboVersion)
	if bare && s.Version(l).Flags()&FlagOverflow == 0 {
		kind = limboBare
	}
	s.retire(uint64(l), kind)
}

func (s *Space) retire(what, kind uint64) {
	if s.load != nil { // nobody reads while loading
		g := s.epochs.Pin()
		s.reclaimItem(limboItem{what, kind})
		g.Unpin()
		return
	}
	if q := s.enterLimbo(what, kind); q != nil {
		s.epochs.advance()
		s.drain(q, 2*advanceEvery)
	}
}

// enterLimbo puts an item into a shard's queue. It returns the queue when it is time to take some out.
func (s *Space) enterLimbo(what, kind uint64) *limbo {
	q := &s.limbo[stackHint()%limboShards]
	q.mu.Lock()
	defer q.mu.Unlock()
	q.push(limboItem{what, s.epochs.now()<<2 | kind})
	if q.since++; q.since < advanceEvery {
		return nil
	}
	q.since = 0
	return q
}

func (q *limbo) push(it limboItem) {
	if q.n == uint64(len(q.ring)) {
		grown := make([]limboItem, max(16, 2*len(q.ring)))
		for i := uint64(0); i < q.n; i++ {
			grown[i] = q.ring[(q.first+i)&(q.n-1)]
		}
		q.ring, q.first = grown, 0
	}
	q.ring[(q.first+q.n)&uint64(len(q.ring)-1)] = it
	q.n++
}

// take moves up to len(dst) ripe items out.
func (q *limbo) take(e *Epochs, dst []limboItem) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := 0
	for n < len(dst) && q.n > 0 {
		it := q.ring[q.first&uint64(len(q.ring)-1)]
		if !e.ripe(it.tag >> 2) {
			break
		}
		dst[n] = it
		n++
		q.first++
		q.n--
	}
	if q.n == 0 && len(q.ring) > 1<<12 {
		q.ring = nil
	}
	return n
}

// drain reclaims up to most ripe items of q.
func (s *Space) drain(q *limbo, most int) {
	var batch [limboBatch]limboItem
	for most > 0 {
		n := q.take(s.epochs, batch[:])
		g := s.epochs.Pin() // for the prev words
		for _, it := range batch[:n] {
			s.reclaimItem(it)
		}
		g.Unpin()
		if n < len(batch) {
			return
		}
		most -= n
	}
}

func (s *Space) reclaimItem(it limboItem) {
	switch it.tag & 3 {
	case limboVersion:
		s.reclaimVersion(Link(it.what))
	case limboBare:
		l := Link(it.what)
		s.giveBack(l.Page(), l.unit(), l.units())
	default:
		if id := RowID(it.what); !s.freeSlot(id) {
			s.enterLimbo(uint64(id), limboSlot)
		}
	}
}

// reclaimVersion gives back what a version holds that nobody can see any more. Pinned.
func (s *Space) reclaimVersion(l Link) {
	s.releasePrev(l)
	if v := s.Version(l); v.Flags()&FlagOverflow != 0 {
		s.releaseRefs(v.SchemaVersion(), v.Payload())
	}
	s.giveBack(l.Page(), l.unit(), l.units())
}

// Reclaim moves what became ripe to the free lists and drops unused blocks of prev words. It never waits. For the
// background worker.
func (s *Space) Reclaim() {
	s.epochs.advance()
	for i := range s.limbo {
		s.drain(&s.limbo[i], 1<<30)
	}
	s.epochs.dropIdle()
}
