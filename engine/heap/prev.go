package heap

import (
	"sync/atomic"
	"unsafe"
)

// prevTable is the first of the blocks of one page's prev words: the way from a version to the next older one and the
// mask of the columns between them. Versions are at least 24 bytes apart, so offset/24 tells them apart. The words come
// in blocks that exist only while one of their versions needs them, and a little longer (blockpool.go). A page's side
// words point at the first of Space.prevBlocks blocks, not at a slice of them, and count the blocks there are: most looks
// at old versions find none, and each step is a cache miss.
//
// A chained version reserves its word in Append, so that Publish does not allocate, and keeps it until it is cut as the
// last of its chain, discarded or reclaimed. Blocks are used again for other pages once an epoch has passed, so whoever
// looks one up is pinned.
type prevTable = atomic.Pointer[prevBlock]

type prevBlock struct {
	state atomic.Int32 // reserved words | prevListed; prevDropped once the block is out of its table
	home  *prevTable   // where it is, and in which page: of whoever took it or dropped it
	page  *pageMeta
	w     [prevsPerBlock]prevWord
}

type prevWord struct {
	link atomic.Uint64 // 0: not reserved; prevReserved; else the older version
	mask atomic.Uint64
}

const (
	prevsPerBlock = 16
	prevListed    = 1 << 16 // among the idle blocks of a pool
	prevDropped   = -1
	prevReserved  = 1 // no link: it has page 0
)

// prevWord returns the word of the version, nil when its block does not exist.
func (s *Space) prevWord(l Link) *prevWord {
	_, w := s.prevBlock(l)
	return w
}

// blockAt returns the place of a page's i-th block.
func blockAt(first *prevTable, i uint32) *prevTable {
	return (*prevTable)(unsafe.Add(unsafe.Pointer(first), uintptr(i)*unsafe.Sizeof(*first)))
}

// prevBlocks returns the number of blocks of a page.
func (s *Space) prevBlocks() uint32 { return s.pageUnits/minUnits/prevsPerBlock + 1 }

func (s *Space) prevBlock(l Link) (*prevBlock, *prevWord) {
	m := s.meta(l.Page())
	if m.words.Load() == 0 {
		return nil, nil
	}
	i := l.unit() / minUnits
	b := blockAt(m.prevs.Load(), i/prevsPerBlock).Load()
	if b == nil {
		return nil, nil
	}
	return b, &b.w[i%prevsPerBlock]
}

// older returns the link to the older version, 0 when there is none. w may be nil.
func (w *prevWord) older() Link {
	if w == nil {
		return 0
	}
	if l := Link(w.link.Load()); l.Page() != 0 {
		return l
	}
	return 0
}

// Prev returns the next older version and a superset of the columns in which l differs from it. 0 at the end.
func (s *Space) Prev(l Link) (prev Link, changed uint64) {
	_, w := s.prevBlock(l)
	// The mask only gains bits before the link is replaced, so reading it last gives a superset.
	if prev = w.older(); prev == 0 {
		return 0, 0
	}
	return prev, w.mask.Load()
}

// reservePrev makes sure that the unpublished version has a word.
func (s *Space) reservePrev(l Link) *prevWord {
	m := s.meta(l.Page())
	t := m.prevs.Load()
	if t == nil {
		m.prevs.CompareAndSwap(nil, &make([]prevTable, s.prevBlocks())[0])
		t = m.prevs.Load()
	}
	i := l.unit() / minUnits
	p := blockAt(t, i/prevsPerBlock)
	for {
		b := p.Load()
		if b == nil {
			b = s.epochs.blocks().take(s.epochs)
			b.home, b.page = p, m
			m.words.Add(1)
			b.state.Store(0)
			if !p.CompareAndSwap(nil, b) {
				m.words.Add(-1)
				continue // b was seen by nobody: the garbage collector takes it
			}
		}
		n := b.state.Load()
		if n == prevDropped {
			b.leave() // help whoever drops it
			continue
		}
		if b.state.CompareAndSwap(n, n+1) {
			w := &b.w[i%prevsPerBlock]
			w.link.Store(prevReserved)
			return w
		}
	}
}

// releasePrev gives up the version's word, if it has one. Only its owner may: whoever discards or reclaims the version,
// or the pruner that cuts the chain behind it. Pinned.
func (s *Space) releasePrev(l Link) {
	if b, w := s.prevBlock(l); b != nil && w.link.Load() != 0 {
		s.releaseWord(b, w)
	}
}

// releaseWord is releasePrev for a reserved word that was looked up.
func (s *Space) releaseWord(b *prevBlock, w *prevWord) {
	w.link.Store(0)
	if b.state.Add(-1) == 0 && b.state.CompareAndSwap(0, prevListed) {
		s.epochs.blocks().idle(s.epochs, b)
	}
}

// leave takes a dropped block out of its table.
func (b *prevBlock) leave() {
	if b.home.CompareAndSwap(b, nil) {
		b.page.words.Add(-1)
	}
}

// countBlocks counts the blocks that a page has.
func (s *Space) countBlocks(m *pageMeta) (n int64) {
	t := m.prevs.Load()
	if t == nil {
		return 0
	}
	for i := range s.prevBlocks() {
		if blockAt(t, i).Load() != nil {
			n++
		}
	}
	return n
}
