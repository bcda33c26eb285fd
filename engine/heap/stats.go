package heap

// Stats are counts at one moment, not consistent with each other.
type Stats struct {
	Pages, FreePages, OverflowPages uint32
	PageBytes                       int64 // bytes of slabs held
	UsedBytes                       int64 // bytes of data pages that versions occupy, those in limbo included
	Slots, FreeSlots                uint64
	Rows                            int64
	Limbo                           int64 // versions and slots that wait for an epoch
	PrevBlocks                      int64 // blocks of prev words held
	FreeNodes                       int64 // nodes made for the empty-link stacks and free slots
}

// Stats returns the present counts. It visits every page's side words.
func (s *Space) Stats() Stats {
	st := Stats{
		OverflowPages: uint32(s.overflow.Load()), PageBytes: s.slabBytes.Load(),
		Slots: s.SlotCount(), FreeSlots: uint64(max(0, s.freeSlots.Load()) + s.unused.left.Load()),
		Rows: s.rows.Load(), FreeNodes: int64(s.free.made.Load()),
	}
	for i := range s.limbo {
		s.limbo[i].mu.Lock()
		st.Limbo += int64(s.limbo[i].n)
		s.limbo[i].mu.Unlock()
	}
	s.pages.mu.Lock()
	st.Pages, st.FreePages = s.pages.high, s.pages.nfree
	s.pages.mu.Unlock()
	for p := uint32(1); p <= st.Pages; p++ {
		m := s.meta(p)
		st.PrevBlocks += s.countBlocks(m)
		if w := m.word.Load(); wordState(w) != pageIsFree && wordState(w) != pageIsOverflow {
			st.UsedBytes += int64(wordUsed(w)) * unit
		}
	}
	s.openPages(func(_, at uint32) { st.UsedBytes -= int64(s.pageUnits-at) * unit })
	return st
}

// openPages calls f for the open pages with the first unit that was not handed out.
func (s *Space) openPages(f func(page, at uint32)) {
	visit := func(sh *shard) {
		if sh == nil {
			return
		}
		if cur := sh.page.Load(); cur != 0 {
			f(uint32(cur>>32), uint32(cur))
		}
	}
	for i := range s.shards {
		visit(s.shards[i].Load())
	}
	visit(&s.vacuum)
}
