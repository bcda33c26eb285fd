package heap

import (
	"cmp"
	"math/bits"
	"slices"
)

// VacuumResult tells what a Vacuum call did.
type VacuumResult struct {
	Moved    int // versions moved
	Drained  int // pages chosen to be emptied; they are free once an epoch has passed
	Kept     int // versions that stay where they are: frozen, or no memory
	Returned int // bytes of slabs given back
}

// Vacuum moves the versions out of pages that are filled less than fill (0 to 1), and out of pages at the end that fit
// into free ones below, at most about budget versions, in slot order into fresh pages, and gives back free slabs and the
// free pages at the end. It comes to its goal in several calls: what a call emptied is free when an epoch has passed.
// Readers and writers go on beside it; nothing moves while frozen. Not pinned: it pins in batches. Pages of overflow
// values stay where they are.
//
// A page is emptied by marking it as draining, so that nothing new is put there, copying each published version and
// exchanging the one word that leads to it: the slot head by compare-and-swap, which Publish may win and then leads to
// the old copy by its prev word, or the prev word of the newer version, which only pruners and movers write, under the
// chain's mutex. The old copy stays readable for an epoch. Versions that are not published yet, or already unlinked,
// leave by themselves; when the last one is reclaimed the page is free.
func (s *Space) Vacuum(fill float64, budget int) (r VacuumResult) {
	s.vacuums.Lock()
	defer s.vacuums.Unlock()
	s.Reclaim()
	if s.isFrozen() {
		return r
	}
	var list []moveItem
	for _, page := range s.victims(fill, budget) {
		if s.drainPage(page) {
			r.Drained++
			list = s.published(page, list)
		}
	}
	slices.SortFunc(list, func(a, b moveItem) int { return cmp.Compare(a.row, b.row) })
	for len(list) > 0 {
		g := s.epochs.Pin()
		n := min(len(list), moveBatch)
		for _, it := range list[:n] {
			switch s.move(it) {
			case moveDone:
				r.Moved++
			case moveRefused:
				r.Kept++
			}
		}
		list = list[n:]
		g.Unpin()
	}
	if cur := s.vacuum.page.Swap(0); cur != 0 {
		s.seal(uint32(cur>>32), uint32(cur))
	}
	s.Reclaim()
	if s.released.Swap(0) > 0 {
		s.sweepFree()
	}
	r.Returned = s.trim()
	return r
}

// sweepFree drops the free links of pages that have moved on.
func (s *Space) sweepFree() {
	for class := minUnits; class < freeClasses; class++ {
		s.free.sweep(class, func(what uint64, incarnation uint32) bool {
			w := s.meta(Link(what).Page()).word.Load()
			return wordIncarnation(w) == incarnation && (wordState(w) == pageIsSealed || wordState(w) == pageIsOpen)
		})
	}
}

// moveItem is a version to move. Its link may be dead by the time of the move; it is only compared then.
type moveItem struct {
	row  RowID
	link Link
}

const moveBatch = 64

// victims chooses pages to empty: those left over from before, then the emptiest, as many as the budget allows if that
// frees at least one page, then, when a quarter of all pages is free, those at the end that fit below.
func (s *Space) victims(fill float64, budget int) []uint32 {
	type sparse struct{ page, used uint32 }
	var chosen, tail []uint32
	var found []sparse
	limit := uint32(fill * float64(s.pageUnits-firstUnit))
	s.pages.mu.Lock()
	high, nfree := s.pages.high, s.pages.nfree
	s.pages.mu.Unlock()
	inUse := high - nfree
	if nfree > 0 && nfree >= high/4 {
		s.closePages(inUse)
	}
	for p := uint32(1); p <= high; p++ {
		w := s.meta(p).word.Load()
		switch {
		case wordState(w) == pageIsDraining:
			chosen = append(chosen, p)
		case wordState(w) != pageIsSealed:
		case wordUsed(w) < limit:
			found = append(found, sparse{p, wordUsed(w)})
		case nfree > 0 && nfree >= high/4 && p > inUse+inUse/8:
			tail = append(tail, p)
		}
	}
	slices.SortFunc(found, func(a, b sparse) int { return cmp.Compare(a.used, b.used) })
	used, n, per := uint32(0), 0, s.pageUnits-firstUnit
	frees := func() bool { return (used+per-1)/per < uint32(n) }
	for ; n < len(found) && (budget > 0 || !frees()); n++ {
		used += found[n].used
		budget -= s.countPublished(found[n].page)
	}
	if frees() {
		for _, f := range found[:n] {
			chosen = append(chosen, f.page)
		}
	}
	for i := len(tail) - 1; i >= 0 && budget > 0; i-- {
		chosen = append(chosen, tail[i])
		budget -= s.countPublished(tail[i])
	}
	return chosen
}

// closePages seals the open pages beyond a page, so that they can be emptied too. Their shards take others.
func (s *Space) closePages(beyond uint32) {
	for i := range s.shards {
		if sh := s.shards[i].Load(); sh != nil {
			if cur := sh.page.Load(); uint32(cur>>32) > beyond && sh.page.CompareAndSwap(cur, 0) {
				s.seal(uint32(cur>>32), uint32(cur))
			}
		}
	}
}

func (s *Space) countPublished(page uint32) (n int) {
	words := s.publishedBits(page)
	for i := range words {
		n += bits.OnesCount64(words[i].Load())
	}
	return n
}

// drainPage forbids allocation in a sealed page; its free links become stale.
func (s *Space) drainPage(page uint32) bool {
	m := s.meta(page)
	for {
		w := m.word.Load()
		if wordState(w) == pageIsDraining {
			return true
		}
		if wordState(w) != pageIsSealed {
			return false
		}
		if m.word.CompareAndSwap(w, makeWord(wordUsed(w), pageIsDraining, wordIncarnation(w)+1)) {
			return true
		}
	}
}

// published appends the published versions of the page.
func (s *Space) published(page uint32, list []moveItem) []moveItem {
	g := s.epochs.Pin()
	defer g.Unpin()
	s.eachPublished(page, func(at uint32, v Version) {
		flags := Link(0)
		if v.IsTombstone() {
			flags = LinkTombstone
		}
		list = append(list, moveItem{v.Row(), makeLink(page, at, 0, flags)})
	})
	return list
}

// eachPublished calls f for the published versions of the page in ascending order. v is the version with everything in
// the page that follows it. Pinned.
func (s *Space) eachPublished(page uint32, f func(at uint32, v Version)) {
	words := s.publishedBits(page)
	for w := range words {
		for m := words[w].Load(); m != 0; m &= m - 1 {
			at := uint32(w*64 + bits.TrailingZeros64(m))
			f(at, Version{s.bytes(page)[at*unit:]})
		}
	}
}

type moveOutcome int

const (
	moveDone    moveOutcome = iota
	moveRefused             // frozen or full
	moveDead                // no longer linked
)

// move copies one version elsewhere and links the copy in its place. Pinned.
func (s *Space) move(it moveItem) moveOutcome {
	s.moving.Lock()
	defer s.moving.Unlock()
	if s.frozen > 0 {
		return moveRefused
	}
	mu := &s.chainMu[it.row.Slot()%chainStripes]
	mu.Lock()
	defer mu.Unlock()
	newer, from := s.findInChain(it)
	if from == 0 {
		return moveDead
	}
	to, err := s.copyVersion(from)
	if err != nil {
		return moveRefused
	}
	if newer == 0 {
		c, i := s.slot(it.row)
		if !c.head[i].CompareAndSwap(uint64(from), uint64(to)) {
			newer, _ = s.findInChain(it) // a commit put a newer version above it
		}
	}
	if newer != 0 {
		s.prevWord(newer).link.Store(uint64(to))
	}
	s.retireVersion(from, false)
	return moveDone
}

// findInChain returns the link of the version at the item's place and of the next newer one, 0 when it is the head.
func (s *Space) findInChain(it moveItem) (newer, l Link) {
	for l, _ = s.Head(it.row); l != 0; {
		if l.Page() == it.link.Page() && l.unit() == it.link.unit() {
			return newer, l
		}
		newer = l
		l, _ = s.Prev(l)
	}
	return 0, 0
}

// copyVersion writes a published copy of the version that nothing leads to yet.
func (s *Space) copyVersion(from Link) (Link, error) {
	v := s.Version(from)
	units := uint32(VersionHeaderSize+len(v.Payload())+unit-1) / unit
	to, err := s.allocVacuum(units)
	if err != nil {
		return 0, err
	}
	if v.Flags()&FlagOverflow != 0 {
		if err := s.retainRefs(v.SchemaVersion(), v.Payload()); err != nil {
			s.giveBack(to.Page(), to.unit(), to.units())
			return 0, err
		}
	}
	to |= from & LinkTombstone
	copy(s.Version(to).b, v.b)
	if prev, mask := s.Prev(from); prev != 0 {
		w := s.reservePrev(to)
		w.mask.Store(mask)
		w.link.Store(uint64(prev))
	}
	s.setPublished(to)
	s.meta(to.Page()).markDirty(v.CSN())
	s.meta(from.Page()).markDirty(v.CSN())
	return to, nil
}

// allocVacuum takes a range from vacuum's own open page, so that versions come to lie in the order of the moves. Only
// the one Vacuum that runs takes from it.
func (s *Space) allocVacuum(units uint32) (Link, error) {
	for {
		cur := s.vacuum.page.Load()
		if page, at := uint32(cur>>32), uint32(cur); page != 0 && at+units <= s.pageUnits {
			s.vacuum.page.Store(cur + uint64(units))
			return makeLink(page, at, units, 0), nil
		}
		if err := s.openPage(&s.vacuum, cur); err != nil {
			return 0, err
		}
	}
}

// trim lowers the highest page to one in use and gives slabs without a page in use back to the garbage collector. It
// returns their bytes.
func (s *Space) trim() (bytes int) {
	s.moving.Lock()
	defer s.moving.Unlock()
	if s.frozen > 0 {
		return 0
	}
	t := &s.pages
	t.mu.Lock()
	defer t.mu.Unlock()
	for t.high > 0 && t.isFree(t.high) {
		t.clearFree(t.high)
		t.high--
	}
	t.lowest = min(t.lowest, t.high+1)
	var idle []uint64
	s.mem.chunks(func(chunk uint64, sl *slab) {
		first, end := s.mem.first(chunk), s.mem.first(chunk+1)
		for p := first; p < end && p <= uint64(t.high); p++ {
			if !t.isFree(uint32(p)) {
				return
			}
		}
		idle = append(idle, chunk)
		bytes += len(sl.b)
	})
	for _, chunk := range idle {
		s.mem.drop(chunk)
	}
	s.slabBytes.Add(-int64(bytes))
	return bytes
}

// Freeze forbids moves, and that Counters.Pages shrinks, until Thaw, for a checkpoint. It waits for a move that is under way. Freezes nest.
func (s *Space) Freeze() {
	s.moving.Lock()
	s.frozen++
	s.moving.Unlock()
}

// Thaw ends one Freeze.
func (s *Space) Thaw() {
	s.moving.Lock()
	s.frozen--
	s.moving.Unlock()
}

func (s *Space) isFrozen() bool {
	s.moving.Lock()
	defer s.moving.Unlock()
	return s.frozen > 0
}
