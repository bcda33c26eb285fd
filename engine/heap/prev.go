package heap

import "sync/atomic"

// prevTable holds the prev words of one page's versions: the way from a version to the next older one and the mask of
// the columns between them. Versions are at least 24 bytes apart, so offset/24 tells them apart. The words come in
// blocks that exist only while one of their versions needs them, and a little longer (blockpool.go).
//
// A chained version reserves its word in Append, so that Publish does not allocate, and keeps it until it is cut as the
// last of its chain, discarded or reclaimed. Blocks are used again for other pages once an epoch has passed, so whoever
// looks one up is pinned.
type prevTable struct{ blocks []atomic.Pointer[prevBlock] }

type prevBlock struct {
	n      atomic.Int32 // reserved words; prevDropped once the block is out of its table
	listed atomic.Bool  // among the idle blocks of a pool
	home   *atomic.Pointer[prevBlock]
	w      [prevsPerBlock]prevWord
}

type prevWord struct {
	link atomic.Uint64 // 0: not reserved; prevReserved; else the older version
	mask atomic.Uint64
}

const (
	prevsPerBlock = 16
	prevDropped   = -1 << 30
	prevReserved  = 1 // no link: it has page 0
)

// prevWord returns the word of the version, nil when its block does not exist.
func (s *Space) prevWord(l Link) *prevWord {
	_, w := s.prevBlock(l)
	return w
}

func (s *Space) prevBlock(l Link) (*prevBlock, *prevWord) {
	t := s.meta(l.Page()).prevs.Load()
	if t == nil {
		return nil, nil
	}
	i := l.unit() / minUnits
	b := t.blocks[i/prevsPerBlock].Load()
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
		blocks := (s.pageUnits/minUnits)/prevsPerBlock + 1
		m.prevs.CompareAndSwap(nil, &prevTable{make([]atomic.Pointer[prevBlock], blocks)})
		t = m.prevs.Load()
	}
	i := l.unit() / minUnits
	p := &t.blocks[i/prevsPerBlock]
	for {
		b := p.Load()
		if b == nil {
			if b = s.epochs.blocks().take(s.epochs, p); !p.CompareAndSwap(nil, b) {
				continue // b was seen by nobody: the garbage collector takes it
			}
		}
		n := b.n.Load()
		if n < 0 {
			p.CompareAndSwap(b, nil) // help whoever drops it
			continue
		}
		if b.n.CompareAndSwap(n, n+1) {
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
	if b.n.Add(-1) == 0 {
		s.epochs.blocks().idle(s.epochs, b)
	}
}

// prevBlocks counts the blocks in a page's table.
func (m *pageMeta) prevBlocks() (n int64) {
	t := m.prevs.Load()
	if t == nil {
		return 0
	}
	for i := range t.blocks {
		if t.blocks[i].Load() != nil {
			n++
		}
	}
	return n
}
