package heap

// alloc takes a range of at least so many units for a version: an empty link of that size, else the next bytes of the
// shard's open page, else the rest of a larger empty link, else a new page. The range may be up to two units longer
// than asked for, where the remainder could not hold a version.
func (s *Space) alloc(units uint32) (Link, error) {
	if units <= exactClasses {
		if l, ok := s.popRange(int(units), units); ok {
			return l, nil
		}
	}
	sh := s.shard()
	for {
		cur := sh.page.Load()
		page, at := uint32(cur>>32), uint32(cur)
		if page != 0 && at+units <= s.pageUnits {
			if sh.page.CompareAndSwap(cur, cur+uint64(units)) {
				return makeLink(page, at, units, 0), nil
			}
			s.collided()
			sh = s.shard()
			continue
		}
		if l, ok := s.popLarger(units); ok {
			return l, nil
		}
		if err := s.openPage(sh, cur); err != nil {
			return 0, err
		}
	}
}

// openPage gives the shard a new page in place of cur. When another goroutine did so first, its page is taken.
func (s *Space) openPage(sh *shard, cur uint64) error {
	page, _, err := s.takePages(1, pageIsOpen, s.pageUnits-firstUnit)
	if err != nil {
		return err
	}
	if !sh.page.CompareAndSwap(cur, uint64(page)<<32|firstUnit) {
		s.seal(page, firstUnit)
		return nil
	}
	if old := uint32(cur >> 32); old != 0 {
		s.seal(old, uint32(cur))
	}
	return nil
}

// popRange takes a range of at least so many units from the class, splitting off what is too much. When many pages
// were emptied there are many stale links on top; it drops some and leaves the others to later calls.
func (s *Space) popRange(class int, units uint32) (Link, bool) {
	for range 16 {
		what, incarnation, ok := s.free.pop(class)
		if !ok {
			return 0, false
		}
		l := Link(what)
		if l.units() < units {
			s.free.push(class, what, incarnation)
			return 0, false
		}
		if !s.reserve(l.Page(), l.units(), incarnation) {
			continue
		}
		rest := l.units() - units
		if rest < minUnits {
			return l, true
		}
		s.giveBack(l.Page(), l.unit()+units, rest)
		return makeLink(l.Page(), l.unit(), units, 0), true
	}
	return 0, false
}

// popLarger takes a range out of any class that may hold one long enough.
func (s *Space) popLarger(units uint32) (Link, bool) {
	for class := freeClass(units); ; class++ {
		if class = s.free.classFrom(class); class == 0 {
			return 0, false
		}
		if l, ok := s.popRange(class, units); ok {
			return l, true
		}
	}
}
