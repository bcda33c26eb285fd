package heap

import (
	"encoding/binary"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// loading is the state of a Space between BeginLoad and FinishLoad.
type loading struct {
	counters Counters
	mu       sync.Mutex
	refs     []uint64 // of the versions loaded

	pagesDone bool
}

// BeginLoad prepares an empty Space for LoadPage. Row ids and page numbers beyond the counters are corruption; the
// counters themselves must be plausible (the caller compares Pages with the file's size).
func (s *Space) BeginLoad(c Counters) error {
	if s.load != nil || s.highPage() != 0 || s.SlotCount() != 0 {
		return sqlerr.New(sqlerr.Internal, "heap: loading into a Space in use")
	}
	if c.Pages > s.maxPages || c.Slots > s.maxSlots || c.Generation > generationMask {
		return s.corrupt(0, 0, "counters out of range")
	}
	s.load = &loading{counters: c}
	s.pages.high = c.Pages
	s.slotHigh.Store(c.Slots)
	s.maxGen.Store(c.Generation)
	return nil
}

func (s *Space) corrupt(page uint32, offset int, what string) error {
	return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("storage %d, page %d, offset %d: %s", s.storage, page, offset, what))
}

// LoadPage adopts a page image (PageSize bytes; the first HeaderSize are ignored). It trusts nothing in it: an error is
// sqlerr.CorruptTable naming page and offset, or what visit returned, and then the Space must be given up. visit, if not
// nil, is called for each version, before Options.OverflowRefs sees its payload: it should validate that. Calls for
// different pages may run in parallel.
func (s *Space) LoadPage(page uint32, image []byte, visit func(Link, Version) error) error {
	if s.load == nil || s.load.pagesDone || page == 0 || page > s.load.counters.Pages || len(image) != s.pageSize {
		return s.corrupt(page, 0, "unexpected page")
	}
	switch kind := PageKind(image[HeaderSize]); kind {
	case PageFree:
		for i, b := range image[HeaderSize:] {
			if b != 0 {
				return s.corrupt(page, HeaderSize+i, "free page with content")
			}
		}
		return nil
	case PageData:
		return s.loadData(page, image, visit)
	case PageOverflow:
		return s.loadOverflow(page, image)
	default:
		return s.corrupt(page, HeaderSize, "unknown kind of page")
	}
}

// adopt takes the page for the image's bytes.
func (s *Space) adopt(page uint32, image []byte, state, used uint32) (*pageMeta, error) {
	m := s.ensureMeta(page)
	if !m.word.CompareAndSwap(0, makeWord(used, state, 0)) {
		return nil, s.corrupt(page, 0, "page occurs twice")
	}
	s.mem.ensure(uint64(page), s.makeSlab)
	copy(s.bytes(page)[HeaderSize:], image[HeaderSize:])
	return m, nil
}

// loadData adopts a data page. The layout is checked whole before anything is taken over.
func (s *Space) loadData(page uint32, image []byte, visit func(Link, Version) error) error {
	links, holes, err := s.parseData(page, image)
	if err != nil {
		return err
	}
	used := uint32(0)
	for _, l := range links {
		used += l.units()
	}
	if _, err := s.adopt(page, image, pageIsSealed, used); err != nil {
		return err
	}
	var newest CSN
	for _, l := range links {
		v := s.Version(l)
		if visit != nil {
			if err := visit(l, v); err != nil {
				return err
			}
		}
		if err := s.loadVersion(l, v); err != nil {
			return err
		}
		newest = max(newest, v.CSN())
	}
	raise(&s.lastCSN, uint64(newest))
	s.rows.Add(int64(len(links)))
	for _, h := range holes {
		s.pushRange(page, h.unit(), h.units(), 0)
	}
	return nil
}

// raise lifts a to at least v.
func raise(a *atomic.Uint64, v uint64) {
	for {
		old := a.Load()
		if old >= v || a.CompareAndSwap(old, v) {
			return
		}
	}
}

// parseData checks the body of a data page and returns its versions and the holes between them.
func (s *Space) parseData(page uint32, image []byte) (links, holes []Link, err error) {
	le := binary.LittleEndian
	if image[HeaderSize+1] != 0 || le.Uint32(image[HeaderSize+4:]) != 0 || le.Uint64(image[HeaderSize+8:]) != 0 {
		return nil, nil, s.corrupt(page, HeaderSize, "malformed page body")
	}
	for at := firstUnit * unit; at < len(image); {
		first := le.Uint64(image[at:])
		if first&holeBit != 0 {
			n := first &^ holeBit
			if n == 0 || n%unit != 0 || n > uint64(len(image)-at) {
				return nil, nil, s.corrupt(page, at, "hole of impossible length")
			}
			units := uint32(n / unit)
			if units >= minUnits {
				holes = append(holes, makeLink(page, uint32(at/unit), min(units, 1<<13-1), 0))
			} else if len(links) > 0 { // too small to be used: it stays with the version before it
				if last := &links[len(links)-1]; int(last.unit()+last.units()) == at/unit {
					*last = makeLink(page, last.unit(), last.units()+units, 0)
				}
			}
			at += int(n)
			continue
		}
		l, err := s.parseVersion(page, at, image)
		if err != nil {
			return nil, nil, err
		}
		links = append(links, l)
		at += l.Len()
	}
	if n := int(le.Uint16(image[HeaderSize+2:])); n == 0 || n != len(links) {
		return nil, nil, s.corrupt(page, HeaderSize+2, "wrong number of versions")
	}
	return links, holes, nil
}

func (s *Space) parseVersion(page uint32, at int, image []byte) (Link, error) {
	if len(image)-at < VersionHeaderSize {
		return 0, s.corrupt(page, at, "version beyond the end of the page")
	}
	v := Version{image[at:]}
	n := VersionHeaderSize + int(binary.LittleEndian.Uint32(v.b[16:])&0xffffff)
	id := v.Row()
	switch {
	case v.CSN() == 0 || v.CSN() > MaxCSN:
		return 0, s.corrupt(page, at, "version without a commit")
	case n > len(v.b) || n > s.MaxPayload()+VersionHeaderSize:
		return 0, s.corrupt(page, at, "version beyond the end of the page")
	case v.Flags()&^FlagOverflow != 0:
		return 0, s.corrupt(page, at, "version with unknown flags")
	case v.Flags()&FlagOverflow != 0 && s.refsOf == nil:
		return 0, s.corrupt(page, at, "version with unexpected overflow values")
	case id.Generation() == 0 || id.Slot() >= s.load.counters.Slots || id.Generation() > s.load.counters.Generation:
		return 0, s.corrupt(page, at, "row id out of range")
	}
	return makeLink(page, uint32(at/unit), uint32(n+unit-1)/unit, 0), nil
}

// loadVersion makes the version the head of its row.
func (s *Space) loadVersion(l Link, v Version) error {
	id := v.Row()
	c := s.slots.ensure(id.Slot(), makeSlotChunk)
	i := id.Slot() & uint64(len(c.head)-1)
	if !c.gen[i].CompareAndSwap(0, liveWord(id)) {
		return s.corrupt(l.Page(), l.Offset(), fmt.Sprintf("row %d.%d occurs twice", id.Slot(), id.Generation()))
	}
	c.head[i].Store(uint64(l))
	s.setPublished(l)
	if v.Flags()&FlagOverflow != 0 {
		s.load.mu.Lock()
		s.load.refs = s.refsOf(v.SchemaVersion(), v.Payload(), s.load.refs)
		s.load.mu.Unlock()
	}
	return nil
}

func (s *Space) loadOverflow(page uint32, image []byte) error {
	body := image[HeaderSize:]
	h := readOverflowPage(body)
	high := s.load.counters.Pages
	switch {
	case int64(h.used) > int64(len(body)-overflowHeader):
		return s.corrupt(page, HeaderSize+4, "overflow page too full")
	case h.head == 0 || h.head > high || h.next > high || h.prev > high:
		return s.corrupt(page, HeaderSize, "overflow chain out of range")
	case (body[1] == 1) != (h.place == 0) || body[1] > 1 || (h.place == 0) != (h.head == page) || h.used > h.total:
		return s.corrupt(page, HeaderSize, "malformed overflow page")
	}
	m, err := s.adopt(page, image, pageIsOverflow, 0)
	if err != nil {
		return err
	}
	m.head.Store(h.head)
	s.overflow.Add(1)
	return nil
}

// AdoptSlot makes the slot for a row id that a replayed insert names. Only between EndPages and FinishLoad, by one
// goroutine. An error when the slot holds another row, or the id was used before.
func (s *Space) AdoptSlot(id RowID) error {
	if s.load == nil || !s.load.pagesDone || id.Generation() == 0 || id.Slot() >= s.maxSlots {
		return sqlerr.New(sqlerr.Internal, "heap: row id cannot be adopted")
	}
	c := s.slots.ensure(id.Slot(), makeSlotChunk)
	i := id.Slot() & uint64(len(c.head)-1)
	if g := c.gen[i].Load(); g&0xff != slotIsFree || g>>8 >= id.Generation() {
		return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("storage %d: row %d.%d is inserted where another is",
			s.storage, id.Slot(), id.Generation()))
	}
	c.gen[i].Store(liveWord(id))
	s.slotHigh.Store(max(s.slotHigh.Load(), id.Slot()+1))
	s.maxGen.Store(max(s.maxGen.Load(), id.Generation()))
	return nil
}

// EndPages ends the pages: it checks that every overflow reference leads to its value and frees what nothing refers to.
// Replay comes after it.
func (s *Space) EndPages() error {
	if s.load == nil || s.load.pagesDone {
		return sqlerr.New(sqlerr.Internal, "heap: no pages are being loaded")
	}
	c := s.load.counters
	inChain := make([]uint64, c.Pages/64+1)
	for _, ref := range s.load.refs {
		if err := s.loadRef(ref, inChain); err != nil {
			return err
		}
	}
	t := &s.pages
	t.mu.Lock()
	for p := uint32(1); p <= c.Pages; p++ {
		m := s.ensureMeta(p)
		w := m.word.Load()
		if wordState(w) == pageIsOverflow && inChain[p/64]>>(p%64)&1 == 0 {
			m.word.Store(makeWord(0, pageIsFree, wordIncarnation(w)+1))
			m.markDirty(max(1, s.LastCSN()))
			s.overflow.Add(-1)
			t.setFree(p)
		} else if wordState(w) == pageIsFree {
			t.setFree(p)
		}
	}
	t.mu.Unlock()
	s.trim()
	s.load.refs, s.load.pagesDone = nil, true
	return nil
}

// loadRef counts a reference. The first one to a chain walks it.
func (s *Space) loadRef(ref uint64, inChain []uint64) error {
	page, head := uint32(ref>>32), uint32(ref>>32)
	if page == 0 || page > s.load.counters.Pages || !s.inChain(page, head) {
		return s.badRef(ref, "names no value")
	}
	h := readOverflowPage(s.bytes(page)[HeaderSize:])
	if h.nonce != uint32(ref) {
		return s.badRef(ref, "leads to another value")
	}
	m := s.meta(head)
	m.born.Store(1)
	if m.refs.Add(1) > 1 {
		return nil
	}
	total, place := h.total, uint32(0)
	for rest := total; ; place++ {
		if h.place != place || h.nonce != uint32(ref) || h.total != total || h.used > rest ||
			h.used == 0 && total > 0 || inChain[page/64]>>(page%64)&1 != 0 {
			return s.corrupt(page, HeaderSize, "broken overflow chain")
		}
		inChain[page/64] |= 1 << (page % 64)
		rest -= h.used
		if rest == 0 && h.next == 0 {
			return nil
		}
		prev := page
		if page = h.next; rest == 0 || !s.inChain(page, head) {
			return s.corrupt(prev, HeaderSize, "broken overflow chain")
		}
		if h = readOverflowPage(s.bytes(page)[HeaderSize:]); h.prev != prev {
			return s.corrupt(page, HeaderSize, "broken overflow chain")
		}
	}
}

// FinishLoad ends loading and replay: it builds the lists of free slots. After it the Space is as if built by commits.
// It calls EndPages if that was not done.
func (s *Space) FinishLoad() error {
	if s.load == nil {
		return sqlerr.New(sqlerr.Internal, "heap: not loading")
	}
	if !s.load.pagesDone {
		if err := s.EndPages(); err != nil {
			return err
		}
	}
	s.loadFreeSlots()
	s.load = nil
	return nil
}

// loadFreeSlots makes the slots without a row available, with generations that were never given out. What generations
// they had is not known, so theirs go on above the highest of all. When half of the generations are used up so, free
// slots are given up instead, and new rows take slot numbers never used.
func (s *Space) loadFreeSlots() {
	high := s.slotHigh.Load()
	if s.maxGen.Load() > generationMask/2 {
		s.maxGen.Store(s.highestGeneration(high))
		return
	}
	s.baseGen.Store(s.maxGen.Load())
	for from := uint64(0); from < high; {
		c := s.slots.get(from)
		chunk := s.slots.chunkOf(from)
		end := min(s.slots.first(chunk+1), high)
		if c == nil {
			s.unused.add(from, end)
		} else {
			for n := end; n > from; n-- { // the lowest is taken first
				if c.gen[(n-1)&uint64(len(c.gen)-1)].Load()&0xff == slotIsFree {
					s.pushSlot(n - 1)
				}
			}
		}
		from = end
	}
}

// highestGeneration returns the highest generation of a row.
func (s *Space) highestGeneration(high uint64) (highest uint32) {
	s.slots.chunks(func(_ uint64, c *slotChunk) {
		for i := range c.gen {
			if g := c.gen[i].Load(); g&0xff != slotIsFree {
				highest = max(highest, g>>8)
			}
		}
	})
	return highest
}
