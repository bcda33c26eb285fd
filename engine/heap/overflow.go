package heap

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// A value too large for its row lies in a chain of overflow pages. Its pages are taken in runs, so that a large value
// is contiguous where the free pages allow. Each page's body starts, little-endian, with
//
//	0  u8   PageOverflow         12  u32  next page, 0 at the end
//	1  u8   1 in the first page  16  u32  previous page, 0 in the first
//	2  u16  0                    20  u32  first page of the chain
//	4  u32  bytes in this page   24  u32  nonce
//	8  u32  place in the chain   28  u32  length of the value
//
// and the value's bytes follow. A reference is the first page's number and the nonce, which is the page's incarnation
// when the chain was written: a reference that outlived its chain is found out.
//
// Everything in the pages is written before the reference is handed out and never changes. The first page's refs count
// the versions that carry the reference and the holds. A chain is freed by whoever brings refs to 0; since a version
// lets go only when an epoch has passed since it was unlinked, no reader is left then.
const (
	overflowHeader = 32
	maxOverflow    = math.MaxUint32
)

// WriteOverflow stores a large value and returns a reference, held once by the caller: Append retains it for its
// version, and the caller then drops its hold by ReleaseOverflow, whatever the outcome. data is copied.
func (s *Space) WriteOverflow(data []byte) (ref uint64, err error) {
	if uint64(len(data)) > maxOverflow {
		return 0, sqlerr.New(sqlerr.OutOfMemory, "a value", uint64(maxOverflow))
	}
	per := s.pageSize - HeaderSize - overflowHeader
	pages := make([]uint32, 0, len(data)/per+1)
	for need := max(1, (len(data)+per-1)/per); len(pages) < need; {
		first, n, err := s.takePages(uint32(need-len(pages)), pageIsOverflow, 0)
		if err != nil {
			s.pages.mu.Lock()
			for _, p := range pages {
				s.releaseOverflowPage(p, 0)
			}
			s.pages.mu.Unlock()
			return 0, err
		}
		for i := uint32(0); i < n; i++ {
			s.meta(first + i).head.Store(0) // not part of a chain until it is whole
			pages = append(pages, first+i)
		}
		s.overflow.Add(int64(n))
	}
	first := s.meta(pages[0])
	nonce := wordIncarnation(first.word.Load())
	rest := data
	for i, p := range pages {
		body := s.bytes(p)[HeaderSize:]
		n := copy(body[overflowHeader:], rest)
		rest = rest[n:]
		h := overflowPage{place: uint32(i), used: uint32(n), head: pages[0], nonce: nonce, total: uint32(len(data))}
		if i > 0 {
			h.prev = pages[i-1]
		}
		if i+1 < len(pages) {
			h.next = pages[i+1]
		}
		h.put(body)
	}
	first.born.Store(0)
	first.refs.Store(1)
	for _, p := range pages {
		m := s.meta(p)
		m.fresh.Store(max(1, wordIncarnation(m.word.Load())+1))
		m.head.Store(pages[0])
	}
	return uint64(pages[0])<<32 | uint64(nonce), nil
}

// overflowPage is the header of an overflow page's body.
type overflowPage struct{ used, place, next, prev, head, nonce, total uint32 }

func (h *overflowPage) put(body []byte) {
	clear(body[:overflowHeader])
	body[0] = byte(PageOverflow)
	if h.place == 0 {
		body[1] = 1
	}
	for i, v := range [...]uint32{h.used, h.place, h.next, h.prev, h.head, h.nonce, h.total} {
		binary.LittleEndian.PutUint32(body[4+4*i:], v)
	}
}

func readOverflowPage(body []byte) (h overflowPage) {
	for i, v := range [...]*uint32{&h.used, &h.place, &h.next, &h.prev, &h.head, &h.nonce, &h.total} {
		*v = binary.LittleEndian.Uint32(body[4+4*i:])
	}
	return h
}

// overflowHead returns the side words of the chain's first page if there is such a page and its chain was not freed.
func (s *Space) overflowHead(ref uint64) *pageMeta {
	page := uint32(ref >> 32)
	c := s.metas.get(uint64(page))
	if c == nil || page == 0 {
		return nil
	}
	m := &c.m[uint64(page)&uint64(len(c.m)-1)]
	if wordState(m.word.Load()) != pageIsOverflow || m.head.Load() != page || m.refs.Load() <= 0 {
		return nil
	}
	return m
}

// ReadOverflow appends the value, which has length bytes, to dst. It implements row.OverflowReader. Pinned, with a ref
// from a version read under the same Pin, or held.
func (s *Space) ReadOverflow(ref uint64, length uint32, dst []byte) ([]byte, error) {
	if s.overflowHead(ref) == nil {
		return dst, s.badRef(ref, "names no value")
	}
	page, rest := uint32(ref>>32), length
	for place := uint32(0); ; place++ {
		body := s.bytes(page)[HeaderSize:]
		h := readOverflowPage(body)
		if h.head != uint32(ref>>32) || h.nonce != uint32(ref) || h.total != length || h.place != place ||
			h.used > rest || int(h.used) > len(body)-overflowHeader || h.used == 0 && rest > 0 {
			return dst, s.badRef(ref, "leads to another value")
		}
		dst = append(dst, body[overflowHeader:overflowHeader+h.used]...)
		if rest -= h.used; rest == 0 {
			return dst, nil
		}
		if page = h.next; !s.inChain(page, uint32(ref>>32)) {
			return dst, s.badRef(ref, "is cut short")
		}
	}
}

// inChain reports whether the page is an overflow page of the chain.
func (s *Space) inChain(page, head uint32) bool {
	c := s.metas.get(uint64(page))
	if c == nil || page == 0 {
		return false
	}
	m := &c.m[uint64(page)&uint64(len(c.m)-1)]
	return wordState(m.word.Load()) == pageIsOverflow && m.head.Load() == head
}

func (s *Space) badRef(ref uint64, what string) error {
	return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("storage %d: overflow reference %d.%d %s", s.storage, ref>>32, uint32(ref), what))
}

// RetainOverflow adds a hold to a value that is held, or carried by a version read under the same Pin.
func (s *Space) RetainOverflow(ref uint64) error {
	m := s.overflowHead(ref)
	for m != nil {
		n := m.refs.Load()
		if n <= 0 {
			break
		}
		if m.refs.CompareAndSwap(n, n+1) {
			return nil
		}
	}
	return s.badRef(ref, "names no value")
}

// ReleaseOverflow drops a hold; the pages are free when the last hold and version are gone.
func (s *Space) ReleaseOverflow(ref uint64) {
	m := s.overflowHead(ref)
	if m == nil || m.refs.Add(-1) != 0 {
		return
	}
	dirty := CSN(0)
	if m.born.Load() != 0 { // else no image holds it
		dirty = s.LastCSN()
	}
	head := uint32(ref >> 32)
	for page := head; page != 0; {
		page = s.releaseChain(page, head, dirty)
	}
}

// releaseChain frees the pages of a chain from page on, many under one lock, and returns where to go on.
func (s *Space) releaseChain(page, head uint32, dirty CSN) uint32 {
	s.pages.mu.Lock()
	defer s.pages.mu.Unlock()
	for range 256 {
		if !s.inChain(page, head) {
			return 0
		}
		next := readOverflowPage(s.bytes(page)[HeaderSize:]).next
		s.releaseOverflowPage(page, dirty)
		page = next
	}
	return page
}

// releaseOverflowPage frees a page. The page table is locked.
func (s *Space) releaseOverflowPage(page uint32, dirty CSN) {
	m := s.meta(page)
	m.markDirty(dirty)
	m.fresh.Store(0)
	m.word.Store(makeWord(0, pageIsFree, wordIncarnation(m.word.Load())+1))
	s.overflow.Add(-1)
	s.pages.setFree(page)
}

// payloadRefs calls f for the references in a payload until one fails.
func (s *Space) payloadRefs(schemaVersion uint32, payload []byte, f func(ref uint64) error) error {
	if s.refsOf == nil {
		return sqlerr.New(sqlerr.Internal, "heap: overflow without Options.OverflowRefs")
	}
	buf := s.refBufs.Get().(*[]uint64)
	defer s.refBufs.Put(buf)
	*buf = s.refsOf(schemaVersion, payload, (*buf)[:0])
	for _, ref := range *buf {
		if err := f(ref); err != nil {
			return err
		}
	}
	return nil
}

// retainRefs retains every reference of a payload, or none.
func (s *Space) retainRefs(schemaVersion uint32, payload []byte) error {
	done := 0
	err := s.payloadRefs(schemaVersion, payload, func(ref uint64) error {
		err := s.RetainOverflow(ref)
		if err == nil {
			done++
		}
		return err
	})
	if err != nil && done > 0 {
		s.payloadRefs(schemaVersion, payload, func(ref uint64) error {
			if done > 0 {
				done--
				s.ReleaseOverflow(ref)
			}
			return nil
		})
	}
	return err
}

func (s *Space) releaseRefs(schemaVersion uint32, payload []byte) {
	s.payloadRefs(schemaVersion, payload, func(ref uint64) error {
		s.ReleaseOverflow(ref)
		return nil
	})
}

// bearRefs notes the first commit that refers to the values, which decides from which checkpoint on they are imaged.
func (s *Space) bearRefs(v Version, csn CSN) {
	s.payloadRefs(v.SchemaVersion(), v.Payload(), func(ref uint64) error {
		if m := s.overflowHead(ref); m != nil {
			m.born.CompareAndSwap(0, uint64(csn))
		}
		return nil
	})
}
