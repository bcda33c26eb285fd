package heap

import "sync/atomic"

// prevTable holds the prev words of one page's versions: the way from a version to the next older one and the mask of
// the columns between them. Versions are at least 24 bytes apart, so offset/24 tells them apart. The words come in
// blocks that exist only while one of their versions needs them.
//
// A chained version reserves its word in Append, so that Publish does not allocate, and keeps it until it is cut as the
// last of its chain, discarded or reclaimed. The blocks are garbage-collected memory: a reader that holds one that was
// dropped is safe, and can only be one that has no use for it.
type prevTable struct{ blocks []atomic.Pointer[prevBlock] }

type prevBlock struct {
	n atomic.Int32 // reserved words; prevDropped once the block is out of its table
	w [prevsPerBlock]prevWord
}

type prevWord struct {
	link atomic.Uint64 // 0: not reserved; prevReserved; else the older version
	mask atomic.Uint64
}

const (
	prevsPerBlock = 16
	prevDropped   = -1 << 30
	prevReserved  = 1 // no link: it has page 0
	sweepPages    = 1 << 14
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

// Prev returns the next older version and a superset of the columns in which l differs from it. 0 at the end.
func (s *Space) Prev(l Link) (prev Link, changed uint64) {
	w := s.prevWord(l)
	if w == nil {
		return 0, 0
	}
	// The mask only gains bits before the link is replaced, so reading it last gives a superset.
	prev = Link(w.link.Load())
	if prev.Page() == 0 {
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
			if b = new(prevBlock); p.CompareAndSwap(nil, b) {
				s.prevBlocks.Add(1)
			}
			continue
		}
		n := b.n.Load()
		if n < 0 {
			p.CompareAndSwap(b, nil) // help the sweep that drops it
			continue
		}
		if b.n.CompareAndSwap(n, n+1) {
			w := &b.w[i%prevsPerBlock]
			w.mask.Store(0)
			w.link.Store(prevReserved)
			return w
		}
	}
}

// releasePrev gives up the version's word, if it has one. Only its owner may: whoever discards or reclaims the version,
// or the pruner that cuts the chain behind it.
func (s *Space) releasePrev(l Link) {
	b, w := s.prevBlock(l)
	if b == nil || w.link.Load() == 0 {
		return
	}
	w.link.Store(0)
	b.n.Add(-1)
}

// sweepPrevs drops the blocks without reserved words in the next pages.
func (s *Space) sweepPrevs(pages uint32) {
	high := s.highPage()
	for n := min(pages, high); n > 0 && s.prevBlocks.Load() > 0; n-- {
		p := s.sweepAt.Add(1)
		if p > high {
			p = 1
			s.sweepAt.Store(1)
		}
		c := s.metas.get(uint64(p))
		if c == nil {
			continue
		}
		if t := c.m[uint64(p)&uint64(len(c.m)-1)].prevs.Load(); t != nil {
			for i := range t.blocks {
				b := t.blocks[i].Load()
				if b != nil && b.n.Load() == 0 && b.n.CompareAndSwap(0, prevDropped) {
					s.prevBlocks.Add(-1)
					t.blocks[i].CompareAndSwap(b, nil)
				}
			}
		}
	}
}

// dropPrevs forgets the words of a page that holds nothing any more. A sweep or nobody is at them.
func (s *Space) dropPrevs(m *pageMeta) {
	t := m.prevs.Load()
	if t == nil {
		return
	}
	for i := range t.blocks {
		b := t.blocks[i].Load()
		if b != nil && b.n.CompareAndSwap(0, prevDropped) {
			s.prevBlocks.Add(-1)
			t.blocks[i].CompareAndSwap(b, nil)
		}
	}
}
