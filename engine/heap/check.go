package heap

import (
	"cmp"
	"fmt"
	"slices"
)

// Check verifies the invariants of a Space that nobody uses meanwhile and returns every problem found: chains lead
// through published versions of their row in falling CSN order; versions do not overlap; what pages count as used is
// there; overflow references lead to values; free pages are in the list. Versions that were appended and neither
// published nor discarded are allowed for.
func (s *Space) Check() []error {
	c := &checker{s: s, units: map[uint32][]Link{}, refs: map[uint64]int32{}}
	c.slots()
	c.limbo()
	c.pages()
	c.overflow()
	return c.errs
}

type checker struct {
	s     *Space
	errs  []error
	units map[uint32][]Link // versions per page
	live  int64
	refs  map[uint64]int32
}

func (c *checker) bad(format string, args ...any) {
	c.errs = append(c.errs, fmt.Errorf("storage %d: "+format, append([]any{c.s.storage}, args...)...))
}

func (c *checker) slots() {
	rows := int64(0)
	c.s.slots.chunks(func(chunk uint64, sc *slotChunk) {
		for i := range sc.head {
			n := c.s.slots.first(chunk) + uint64(i)
			g := sc.gen[i].Load()
			head := Link(sc.head[i].Load())
			if g&0xff != slotIsLive {
				if head != 0 {
					c.bad("slot %d: free with a version", n)
				}
				continue
			}
			if head != 0 && !head.IsTombstone() {
				rows++
			}
			c.chain(MakeRowID(n, g>>8), head)
		}
	})
	if rows != c.s.Rows() {
		c.bad("%d rows counted as %d", rows, c.s.Rows())
	}
}

func (c *checker) chain(id RowID, l Link) {
	last := MaxCSN + 1
	for l != 0 {
		if !c.within(l) {
			c.bad("row %x: link %x out of range", uint64(id), uint64(l))
			return
		}
		v := c.s.Version(l)
		if v.Row() != id {
			c.bad("row %x: version of row %x at %d:%d", uint64(id), uint64(v.Row()), l.Page(), l.Offset())
			return
		}
		if v.CSN() == 0 || v.CSN() >= last {
			c.bad("row %x: version %d after %d at %d:%d", uint64(id), v.CSN(), last, l.Page(), l.Offset())
			return
		}
		if v.IsTombstone() != l.IsTombstone() {
			c.bad("row %x: tombstone flags differ at %d:%d", uint64(id), l.Page(), l.Offset())
		}
		if c.s.publishedBits(l.Page())[l.unit()/64].Load()>>(l.unit()%64)&1 == 0 {
			c.bad("row %x: version not marked at %d:%d", uint64(id), l.Page(), l.Offset())
		}
		c.live++
		c.version(l, v)
		last = v.CSN()
		l, _ = c.s.Prev(l)
	}
}

func (c *checker) within(l Link) bool {
	return l.Page() != 0 && l.Page() <= c.s.highPage() && c.s.mem.get(uint64(l.Page())) != nil &&
		l.unit() >= firstUnit && l.unit()+l.units() <= c.s.pageUnits && l.units() >= minUnits &&
		VersionHeaderSize+len(c.s.Version(l).Payload()) <= l.Len()
}

func (c *checker) version(l Link, v Version) {
	c.units[l.Page()] = append(c.units[l.Page()], l)
	if v.Flags()&FlagOverflow != 0 {
		c.s.payloadRefs(v.SchemaVersion(), v.Payload(), func(ref uint64) error {
			c.refs[ref]++
			return nil
		})
	}
}

func (c *checker) limbo() {
	for i := range c.s.limbo {
		q := &c.s.limbo[i]
		q.mu.Lock()
		for k := uint64(0); k < q.n; k++ {
			it := q.ring[(q.first+k)&uint64(len(q.ring)-1)]
			if it.tag&3 != limboSlot {
				c.version(Link(it.what), c.s.Version(Link(it.what)))
			}
		}
		q.mu.Unlock()
	}
}

func (c *checker) pages() {
	s, marked := c.s, int64(0)
	open := map[uint32]uint32{}
	s.openPages(func(page, at uint32) { open[page] = at })
	free := uint32(0)
	for p := uint32(1); p <= s.highPage(); p++ {
		w := s.meta(p).word.Load()
		s.eachPublished(p, func(uint32, Version) { marked++ })
		if s.pages.isFree(p) != (wordState(w) == pageIsFree) {
			c.bad("page %d: state %d but free list says %v", p, wordState(w), s.pages.isFree(p))
		}
		switch wordState(w) {
		case pageIsFree:
			free++
			if len(c.units[p]) > 0 {
				c.bad("page %d: free with versions", p)
			}
			continue
		case pageIsOverflow:
			continue
		}
		links := c.units[p]
		slices.SortFunc(links, cmp.Compare[Link])
		used, end := uint32(0), uint32(firstUnit)
		for _, l := range links {
			if l.unit() < end {
				c.bad("page %d: versions overlap at %d", p, l.Offset())
			}
			end = l.unit() + l.units()
			used += l.units()
		}
		if at, ok := open[p]; ok {
			if end > at {
				c.bad("page %d: a version beyond the open end", p)
			}
			used += s.pageUnits - at
		} else if wordState(w) == pageIsOpen {
			c.bad("page %d: open without a shard", p)
		}
		if used > wordUsed(w) {
			c.bad("page %d: %d units counted as %d", p, used, wordUsed(w))
		}
	}
	if free != s.pages.nfree {
		c.bad("%d free pages counted as %d", free, s.pages.nfree)
	}
	if marked != c.live {
		c.bad("%d versions marked, %d reached", marked, c.live)
	}
}

func (c *checker) overflow() {
	for ref, n := range c.refs {
		m := c.s.overflowHead(ref)
		if m == nil {
			c.bad("overflow reference %d.%d names no value", ref>>32, uint32(ref))
			continue
		}
		if m.refs.Load() < n {
			c.bad("overflow reference %d.%d: counted %d, found %d", ref>>32, uint32(ref), m.refs.Load(), n)
		}
		total := readOverflowPage(c.s.bytes(uint32(ref >> 32))[HeaderSize:]).total
		if _, err := c.s.ReadOverflow(ref, total, nil); err != nil {
			c.errs = append(c.errs, err)
		}
	}
}
