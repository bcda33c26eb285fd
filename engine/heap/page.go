package heap

import (
	"math/bits"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// HeaderSize is the part at the start of a page image that belongs to persistence.
const HeaderSize = 64

// bodyHeader is the space behind it that describes the body in an image. Versions start after both; in memory the two
// headers of a data page are unused.
const (
	bodyHeader = 16
	firstUnit  = (HeaderSize + bodyHeader) / unit
)

// slab is the memory of a run of pages.
type slab struct{ b []byte }

// pageMetas are the side words of a run of pages.
type pageMetas struct {
	m    []pageMeta
	bits []atomic.Uint64 // per page: a bit per unit, set while a published version starts there
}

// pageMeta is what is known of one page, beside its bytes.
type pageMeta struct {
	word  atomic.Uint64             // used units 16 | state 8 | 8 spare | incarnation 32
	dirty atomic.Uint64             // the highest CSN that changed the page's image; 0 when clean
	prevs atomic.Pointer[prevTable] // prev words of the versions in the page
	words atomic.Int32              // blocks of them; counted before they are there

	// Of overflow pages.
	head  atomic.Uint32 // the first page of the chain
	fresh atomic.Uint32 // not 0 while the page was not imaged since it was written; tells chains apart
	refs  atomic.Int32  // of a first page: versions and holds that refer to the chain
	born  atomic.Uint64 // of a first page: the first commit that referred to it
}

// The states of a page. "used" counts the units that someone owns: an open page's all belong to its shard, a sealed
// page's to versions, published or not, and to versions in limbo.
//
//	free → open       takePages, by the shard that installs it as its page
//	open → sealed     when the shard goes on to another page; the rest is given back
//	sealed → draining vacuum: nothing is allocated in it any more
//	sealed, draining → free   by whoever brings used to 0; the incarnation grows, so that its free links are stale
//	free ↔ overflow   a part of an overflow chain
const (
	pageIsFree = iota
	pageIsOpen
	pageIsSealed
	pageIsDraining
	pageIsOverflow
)

func wordUsed(w uint64) uint32        { return uint32(w & 0xffff) }
func wordState(w uint64) uint32       { return uint32(w >> 16 & 0xff) }
func wordIncarnation(w uint64) uint32 { return uint32(w >> 32) }

func makeWord(used, state, incarnation uint32) uint64 {
	return uint64(used) | uint64(state)<<16 | uint64(incarnation)<<32
}

// pageTable hands out whole pages. Everything in it is under mu.
type pageTable struct {
	mu     sync.Mutex
	free   []uint64 // a bit per page up to high
	nfree  uint32
	lowest uint32 // no free page is below
	high   uint32 // highest page in use or free; pages count from 1
}

func (t *pageTable) isFree(p uint32) bool {
	return int(p/64) < len(t.free) && t.free[p/64]>>(p%64)&1 != 0
}

func (t *pageTable) setFree(p uint32) {
	for int(p/64) >= len(t.free) {
		t.free = append(t.free, 0)
	}
	t.free[p/64] |= 1 << (p % 64)
	t.nfree++
	if p < t.lowest {
		t.lowest = p
	}
}

func (t *pageTable) clearFree(p uint32) {
	t.free[p/64] &^= 1 << (p % 64)
	t.nfree--
}

// nextFree returns the lowest free page from p on, 0 when there is none.
func (t *pageTable) nextFree(p uint32) uint32 {
	for w := int(p / 64); w < len(t.free); w++ {
		m := t.free[w]
		if w == int(p/64) {
			m &= ^uint64(0) << (p % 64)
		}
		if m != 0 {
			return uint32(w*64 + bits.TrailingZeros64(m))
		}
	}
	return 0
}

// freeRun returns the lowest run of want free pages, or else the longest of the runs there are.
func (t *pageTable) freeRun(want uint32) (first, n uint32) {
	for p := t.nextFree(t.lowest); p != 0 && n < want; {
		if n == 0 {
			t.lowest = p
		}
		end := p + 1
		for end-p < want && t.isFree(end) {
			end++
		}
		if end-p > n {
			first, n = p, end-p
		}
		p = t.nextFree(end)
	}
	return first, n
}

// takePages takes a run of up to want contiguous pages out of the free ones and gives them the state. Only
// when there is no free page it takes new ones. used is the number of units each is taken with.
func (s *Space) takePages(want uint32, state, used uint32) (first, n uint32, err error) {
	t := &s.pages
	t.mu.Lock()
	defer t.mu.Unlock()
	dirty := CSN(0)
	if t.nfree > 0 {
		first, n = t.freeRun(want)
		for p := first; p < first+n; p++ {
			t.clearFree(p)
		}
		if first == t.lowest {
			t.lowest = first + n
		}
	} else {
		if t.high >= s.maxPages {
			return 0, 0, sqlerr.New(sqlerr.TableFull, s.name)
		}
		first, n = t.high+1, min(want, s.maxPages-t.high)
		t.high += n
		dirty = 1 // so that each page of a file was written once
	}
	for p := first; p < first+n; p++ {
		s.mem.ensure(uint64(p), s.makeSlab)
		m := s.ensureMeta(p)
		m.markDirty(dirty)
		m.word.Store(makeWord(used, state, wordIncarnation(m.word.Load())))
	}
	return first, n, nil
}

func (s *Space) makeSlab(pages uint64) *slab {
	s.slabBytes.Add(int64(pages) * int64(s.pageSize))
	return &slab{make([]byte, pages*uint64(s.pageSize))}
}

func (s *Space) ensureMeta(p uint32) *pageMeta {
	c := s.metas.ensure(uint64(p), func(size uint64) *pageMetas {
		return &pageMetas{make([]pageMeta, size), make([]atomic.Uint64, size*uint64(s.bitWords))}
	})
	return &c.m[uint64(p)&uint64(len(c.m)-1)]
}

// meta returns the side words of a page that was in use once.
func (s *Space) meta(p uint32) *pageMeta {
	c := s.metas.get(uint64(p))
	return &c.m[uint64(p)&uint64(len(c.m)-1)]
}

// bytes returns the memory of a page in use.
func (s *Space) bytes(p uint32) []byte {
	c := s.mem.get(uint64(p))
	i := (int(p) * s.pageSize) & (len(c.b) - 1)
	return c.b[i : i+s.pageSize]
}

// publishedBits returns the published bits of a page.
func (s *Space) publishedBits(p uint32) []atomic.Uint64 {
	c := s.metas.get(uint64(p))
	i := int(uint64(p)&uint64(len(c.m)-1)) * s.bitWords
	return c.bits[i : i+s.bitWords]
}

func (s *Space) setPublished(l Link) {
	s.publishedBits(l.Page())[l.unit()/64].Or(1 << (l.unit() % 64))
}

func (s *Space) clearPublished(l Link) {
	s.publishedBits(l.Page())[l.unit()/64].And(^uint64(1 << (l.unit() % 64)))
}

// markDirty notes that the commit changed what an image of the page holds.
func (m *pageMeta) markDirty(csn CSN) {
	for {
		d := m.dirty.Load()
		if d >= uint64(csn) || m.dirty.CompareAndSwap(d, uint64(csn)) {
			return
		}
	}
}

// reserve takes a range off the empty-link stack into use. False when the page has moved on since it was pushed.
func (s *Space) reserve(page, units, incarnation uint32) bool {
	m := s.meta(page)
	for {
		w := m.word.Load()
		if st := wordState(w); st != pageIsSealed && st != pageIsOpen || wordIncarnation(w) != incarnation {
			return false
		}
		if m.word.CompareAndSwap(w, w+uint64(units)) {
			return true
		}
	}
}

// giveBack returns a range that nobody can see any more. It must not be touched afterwards.
func (s *Space) giveBack(page, at, units uint32) {
	w := s.meta(page).word.Add(-uint64(units))
	switch wordState(w) {
	case pageIsOpen:
		s.pushRange(page, at, units, wordIncarnation(w))
	case pageIsSealed:
		if wordUsed(w) == 0 {
			s.releasePage(page, w)
		} else {
			s.pushRange(page, at, units, wordIncarnation(w))
		}
	case pageIsDraining:
		if wordUsed(w) == 0 {
			s.releasePage(page, w)
		}
	}
}

func (s *Space) pushRange(page, at, units, incarnation uint32) {
	if units >= minUnits {
		s.free.push(freeClass(units), uint64(makeLink(page, at, units, 0)), incarnation)
	}
}

// releasePage frees a page with nothing in use. w is its word as seen; when it changed, somebody reserved a range in it
// or released it already.
func (s *Space) releasePage(page uint32, w uint64) {
	m := s.meta(page)
	if !m.word.CompareAndSwap(w, makeWord(0, pageIsFree, wordIncarnation(w)+1)) {
		return
	}
	s.released.Add(1)
	s.pages.mu.Lock()
	s.pages.setFree(page)
	s.pages.mu.Unlock()
}

// seal ends the bumping of an open page: units from at on were never handed out.
func (s *Space) seal(page, at uint32) {
	m := s.meta(page)
	rest := s.pageUnits - at
	for {
		w := m.word.Load()
		sealed := makeWord(wordUsed(w)-rest, pageIsSealed, wordIncarnation(w))
		if !m.word.CompareAndSwap(w, sealed) {
			continue
		}
		if wordUsed(sealed) == 0 {
			s.releasePage(page, sealed)
		} else {
			s.pushRange(page, at, rest, wordIncarnation(sealed))
		}
		return
	}
}
