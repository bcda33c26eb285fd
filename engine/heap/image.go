package heap

import "encoding/binary"

// Counters are what a checkpoint stores beside the pages, and BeginLoad takes.
type Counters struct {
	Pages      uint32 // highest page number in use
	Slots      uint64 // SlotCount
	Generation uint32 // highest generation given out
}

// Counters returns the present counters. A checkpoint takes them after its snapshot.
func (s *Space) Counters() Counters {
	return Counters{Pages: s.highPage(), Slots: s.SlotCount(), Generation: s.maxGen.Load()}
}

func (s *Space) highPage() uint32 {
	s.pages.mu.Lock()
	defer s.pages.mu.Unlock()
	return s.pages.high
}

// PageKind is the kind of a page image.
type PageKind uint8

// The kinds.
const (
	PageFree     PageKind = 0
	PageData     PageKind = 1
	PageOverflow PageKind = 2
)

// PageInfo describes a page image.
type PageInfo struct {
	Kind       PageKind
	Versions   int
	Prev, Next uint32 // of an overflow chain
}

// A page image is the page's bytes from HeaderSize on, little-endian. Of a free page they are zero. Of a data page:
//
//	 0  u8   PageData        4  u32  0
//	 1  u8   0               8  u64  0
//	 2  u16  versions
//	16  versions and holes, back to back, to the end of the page
//
// A version is as in memory: header, payload, zeros up to a multiple of 8. A hole is a u64 with the top bit set, which no
// CSN has, whose other bits are its length in bytes (a multiple of 8, itself included), and zeros. An overflow page's
// body is as in memory (overflow.go).
const holeBit = 1 << 63

// DirtyPages yields the numbers, up to pages, of the pages whose image at t may differ from their last one that was
// cleared, or all when all is set, in ascending order. The order of a checkpoint is: Freeze, take and register the
// snapshot t, Counters, DirtyPages with their Pages, PageImage of each, ClearDirty of each when they are safe, Thaw.
// Pages beyond hold nothing that t sees.
func (s *Space) DirtyPages(t CSN, pages uint32, all bool, yield func(page uint32) bool) {
	for p := uint32(1); p <= pages; p++ {
		m := s.meta(p)
		if all || m.dirty.Load() != 0 || s.unsavedOverflow(m, t) {
			if !yield(p) {
				return
			}
		}
	}
}

// unsavedOverflow reports whether the page belongs to a value that a commit up to t referred to and no image holds.
func (s *Space) unsavedOverflow(m *pageMeta, t CSN) bool {
	if m.fresh.Load() == 0 || wordState(m.word.Load()) != pageIsOverflow {
		return false
	}
	head := m.head.Load()
	if head == 0 {
		return false
	}
	born := s.meta(head).born.Load()
	return born != 0 && born <= uint64(t)
}

// PageImage writes the page as of snapshot t into dst[HeaderSize:PageSize()]: only versions that t sees, no tombstones,
// everything else zero or marked as a hole. Meanwhile t must be registered as an active snapshot and the Space frozen;
// readers and commits go on. It pins itself.
//
// The versions of a page are found by the published bits. A bit is set after the CSN was stamped and cleared before
// the version enters limbo, so under a Pin the bytes behind a bit that was seen are whole and stay.
func (s *Space) PageImage(page uint32, t CSN, dst []byte) PageInfo {
	body := dst[HeaderSize:s.pageSize]
	clear(body)
	g := s.epochs.Pin()
	defer g.Unpin()
	m := s.meta(page)
	switch w := m.word.Load(); wordState(w) {
	case pageIsOpen, pageIsSealed, pageIsDraining:
		return s.dataImage(page, t, dst[:s.pageSize])
	case pageIsOverflow:
		return s.overflowImage(page, m, w, t, body)
	}
	return PageInfo{}
}

func (s *Space) dataImage(page uint32, t CSN, dst []byte) PageInfo {
	at, n := firstUnit*unit, 0
	hole := func(end int) {
		if end > at {
			binary.LittleEndian.PutUint64(dst[at:], holeBit|uint64(end-at))
		}
	}
	s.eachPublished(page, func(u uint32, v Version) {
		if v.CSN() > t || v.IsTombstone() {
			return
		}
		seen := s.VisibleLink(v.Row(), t)
		if seen.Page() != page || seen.unit() != u {
			return
		}
		hole(int(u) * unit)
		at = int(u) * unit
		at += (copy(dst[at:], v.b[:VersionHeaderSize+len(v.Payload())]) + unit - 1) &^ (unit - 1)
		n++
	})
	if n == 0 {
		clear(dst[HeaderSize:])
		return PageInfo{}
	}
	hole(len(dst))
	dst[HeaderSize] = byte(PageData)
	binary.LittleEndian.PutUint16(dst[HeaderSize+2:], uint16(n))
	return PageInfo{Kind: PageData, Versions: n}
}

// overflowImage images a page of a value that a commit up to t referred to. The value may be dying, so it is held.
func (s *Space) overflowImage(page uint32, m *pageMeta, w uint64, t CSN, body []byte) PageInfo {
	head := m.head.Load()
	if head == 0 {
		return PageInfo{}
	}
	hm := s.meta(head)
	for {
		n := hm.refs.Load()
		if n <= 0 {
			return PageInfo{}
		}
		if hm.refs.CompareAndSwap(n, n+1) {
			break
		}
	}
	ref := uint64(head)<<32 | uint64(wordIncarnation(hm.word.Load()))
	defer s.ReleaseOverflow(ref)
	born := hm.born.Load()
	if m.word.Load() != w || m.head.Load() != head || born == 0 || born > uint64(t) {
		return PageInfo{} // meanwhile freed, and perhaps part of another value
	}
	h := readOverflowPage(s.bytes(page)[HeaderSize:])
	copy(body, s.bytes(page)[HeaderSize:HeaderSize+overflowHeader+int(h.used)])
	return PageInfo{Kind: PageOverflow, Prev: h.prev, Next: h.next}
}

// ClearDirty forgets that the page was dirty, unless a commit after t changed it. Called when the image as of t is safe.
func (s *Space) ClearDirty(page uint32, t CSN) {
	m := s.meta(page)
	if fresh := m.fresh.Load(); s.unsavedOverflow(m, t) {
		m.fresh.CompareAndSwap(fresh, 0) // fails when the page went over to another value
	}
	if d := m.dirty.Load(); d != 0 && d <= uint64(t) {
		m.dirty.CompareAndSwap(d, 0)
	}
}
