package heap

import "sort"

// Publish installs l as the head of its row at commit csn: it stamps the version, points it back to the former head
// with the mask of changed columns (64-bit fold), marks both pages dirty and swings the slot. It returns the former
// head. Only in the commit section, in CSN order. It allocates nothing if l was appended as chained.
func (s *Space) Publish(id RowID, l Link, csn CSN, changed uint64) (old Link) {
	v := s.Version(l)
	v.stamp(csn)
	s.setPublished(l)
	s.meta(l.Page()).markDirty(csn)
	s.lastCSN.Store(uint64(csn))
	if v.Flags()&FlagOverflow != 0 {
		s.bearRefs(v, csn)
	}
	c, i := s.slot(id)
	head := &c.head[i]
	for {
		old = Link(head.Load())
		if old != 0 {
			w := s.prevWord(l)
			if w == nil || w.link.Load() == 0 {
				w = s.reservePrev(l)
			}
			w.mask.Store(changed)
			w.link.Store(uint64(old))
		}
		if head.CompareAndSwap(uint64(old), uint64(l)) { // fails only when vacuum moved the former head
			break
		}
	}
	had, has := old != 0 && !old.IsTombstone(), !l.IsTombstone()
	if old != 0 {
		s.meta(old.Page()).markDirty(csn)
	}
	if has && !had {
		s.rows.Add(1)
	} else if had && !has {
		s.rows.Add(-1)
	}
	return old
}

// VisibleLink is Visible for the Link; it returns tombstones as well. 0 when snapshot sees nothing.
func (s *Space) VisibleLink(id RowID, snapshot CSN) Link {
	l, _ := s.Head(id)
	for l != 0 && s.Version(l).CSN() > snapshot {
		l, _ = s.Prev(l)
	}
	return l
}

// Visible returns the version of the row that snapshot sees; false when there is none or it is deleted.
func (s *Space) Visible(id RowID, snapshot CSN) (Version, bool) {
	l, _ := s.Head(id)
	if l == 0 {
		return Version{}, false
	}
	v := s.Version(l)
	if v.CSN() > snapshot {
		return s.older(l, snapshot)
	}
	return v, !l.IsTombstone()
}

// older returns what snapshot sees behind l.
func (s *Space) older(l Link, snapshot CSN) (Version, bool) {
	for {
		if l, _ = s.Prev(l); l == 0 {
			return Version{}, false
		}
		if v := s.Version(l); v.CSN() <= snapshot {
			return v, !l.IsTombstone()
		}
	}
}

// ChangedSince returns a superset of the columns of the row that commits after snapshot changed, all bits if one
// deleted or inserted it or the row is gone; 0 when none touched it. snapshot must be registered.
func (s *Space) ChangedSince(id RowID, snapshot CSN) uint64 {
	l, ok := s.Head(id)
	if !ok {
		return ^uint64(0)
	}
	if l == 0 {
		return 0
	}
	changed := uint64(0)
	for s.Version(l).CSN() > snapshot {
		if l.IsTombstone() {
			return ^uint64(0)
		}
		prev, mask := s.Prev(l)
		if prev == 0 {
			return ^uint64(0)
		}
		changed |= mask
		l = prev
	}
	return changed
}

// Versions calls f for the versions of the row from the newest on, tombstones included, until f returns false.
func (s *Space) Versions(id RowID, f func(Link, Version) bool) {
	l, _ := s.Head(id)
	for l != 0 && f(l, s.Version(l)) {
		l, _ = s.Prev(l)
	}
}

// Pruned is the outcome of PruneChain.
type Pruned struct {
	Removed  int  // versions unlinked by this call
	Retained int  // versions still linked
	Dead     bool // only a tombstone is left, and every snapshot sees it: drop index entries and RetireSlot
}

// PruneChain unlinks every version of the row that nobody sees: not the newest, not one that a snapshot of active (in
// ascending order) sees, not one that a snapshot at or above horizon may see. horizon is the visible CSN at or before
// the moment when active was read: every snapshot registered later must be at or above it. dropped, when not nil, is
// called for each unlinked version while it can still be read; it may read this row and values, no more.
//
// At most len(active)+1 versions that are not newer than horizon stay. Pinned.
func (s *Space) PruneChain(id RowID, active []CSN, horizon CSN, dropped func(Version)) Pruned {
	mu := &s.chainMu[id.Slot()%chainStripes]
	mu.Lock()
	defer mu.Unlock()
	head, _ := s.Head(id)
	if head == 0 {
		return Pruned{}
	}
	p := Pruned{Retained: 1}
	newer, newerCSN := head, s.Version(head).CSN()
	headCSN := newerCSN
	block, word := s.prevBlock(newer)
	cur := word.older()
	for cur != 0 {
		v := s.Version(cur)
		if newerCSN > horizon || seen(active, v.CSN(), newerCSN) {
			newer, newerCSN = cur, v.CSN()
			p.Retained++
			block, word = s.prevBlock(cur)
			cur = word.older()
			continue
		}
		// Unlink cur. Its own prev word stays for readers that stand on it. The mask grows before the link changes:
		// whoever reads between gets a superset.
		_, own := s.prevBlock(cur)
		next := own.older()
		if next == 0 {
			s.releaseWord(block, word)
		} else {
			word.mask.Or(own.mask.Load())
			word.link.Store(uint64(next))
		}
		if dropped != nil {
			dropped(v)
		}
		s.retireVersion(cur, own == nil || own.link.Load() == 0)
		p.Removed++
		cur = next
	}
	p.Dead = head.IsTombstone() && p.Retained == 1 && headCSN <= horizon
	return p
}

// seen reports whether a snapshot of active sees a version made at csn and replaced at until.
func seen(active []CSN, csn, until CSN) bool {
	i := sort.Search(len(active), func(i int) bool { return active[i] >= csn })
	return i < len(active) && active[i] < until
}
