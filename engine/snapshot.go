package engine

import (
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/heap"
)

// snapWord is one place of the registry: 0 free, otherwise an active snapshot's CSN plus one. The one who claimed it
// owns csn and refs.
type snapWord struct {
	v    atomic.Uint64
	csn  heap.CSN
	refs int
	_    [40]byte
}

const snapChunk = 32

// snapshots is the registry of active snapshots (see S1 in the package comment).
type snapshots struct {
	active atomic.Int64 // claimed words; raised before a word is claimed
	chunks atomic.Pointer[[]*[snapChunk]snapWord]
	grow   sync.Mutex
}

func (s *snapshots) init() {
	first := []*[snapChunk]snapWord{new([snapChunk]snapWord)}
	s.chunks.Store(&first)
}

// acquire registers the visible CSN.
func (s *snapshots) acquire(visible *atomic.Uint64) *snapWord {
	s.active.Add(1)
	start := rand.Uint32()
	for {
		chunks := *s.chunks.Load()
		n := uint32(len(chunks) * snapChunk)
		for i := range n {
			at := (start + i) % n
			w := &chunks[at/snapChunk][at%snapChunk]
			if w.v.Load() != 0 {
				continue
			}
			c := visible.Load()
			if !w.v.CompareAndSwap(0, c+1) {
				continue
			}
			for {
				now := visible.Load()
				if now == c {
					break
				}
				c = now
				w.v.Store(c + 1)
			}
			w.csn, w.refs = heap.CSN(c), 1
			return w
		}
		s.extend(len(chunks))
	}
}

// extend adds a chunk unless somebody has done so since there were had.
func (s *snapshots) extend(had int) {
	s.grow.Lock()
	defer s.grow.Unlock()
	chunks := *s.chunks.Load()
	if len(chunks) != had {
		return
	}
	more := append(slices.Clone(chunks), new([snapChunk]snapWord))
	s.chunks.Store(&more)
}

// release drops one reference and reports whether it was the last.
func (s *snapshots) release(w *snapWord) bool {
	w.refs--
	if w.refs > 0 {
		return false
	}
	w.v.Store(0)
	s.active.Add(-1)
	return true
}

// collect appends the active snapshots to dst in ascending order. The caller has loaded visible before.
func (s *snapshots) collect(dst []heap.CSN) []heap.CSN {
	if s.active.Load() == 0 {
		return dst
	}
	for _, c := range *s.chunks.Load() {
		for i := range c {
			if v := c[i].v.Load(); v != 0 {
				dst = append(dst, heap.CSN(v-1))
			}
		}
	}
	slices.Sort(dst)
	return slices.Compact(dst)
}
