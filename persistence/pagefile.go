package persistence

import (
	"encoding/binary"
	"fmt"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

const (
	pageHeader  = heap.HeaderSize
	pageVersion = 1
)

// The page types.
const (
	pageFree     = 0
	pageSpace    = 1 // the first page of a file
	pageData     = 2
	pageIndex    = 3
	pageOverflow = 4
)

// pageHead is the header of a page:
//
//	 0  u32  CRC-32C of storage id (u32), page number (u32) and the bytes 4 to the end of the page
//	 4  u16  format version: 1
//	 6  u16  page type
//	 8  u32  page number
//	12  u32  previous page
//	16  u32  next page
//	20  u32  space id: of the table
//	24  u32  storage id
//	28  u32  zero
//	32  u64  LSN: replay position of the checkpoint that wrote the page
//	40  u64  CSN of that checkpoint
//	48  u64  number of that checkpoint
//	56  u64  zero
type pageHead struct {
	kind       uint16
	page       uint32
	prev, next uint32
	space      uint32
	storage    uint32
	lsn        wal.LSN
	csn        heap.CSN
	number     uint64
}

// seal writes the header into a page whose body is in place, and returns the CRC.
func (h *pageHead) seal(b []byte) uint32 {
	clear(b[:pageHeader])
	le := binary.LittleEndian
	le.PutUint16(b[4:], pageVersion)
	le.PutUint16(b[6:], h.kind)
	le.PutUint32(b[8:], h.page)
	le.PutUint32(b[12:], h.prev)
	le.PutUint32(b[16:], h.next)
	le.PutUint32(b[20:], h.space)
	le.PutUint32(b[24:], h.storage)
	le.PutUint64(b[32:], uint64(h.lsn))
	le.PutUint64(b[40:], uint64(h.csn))
	le.PutUint64(b[48:], h.number)
	crc := pageCRC(b, h.storage, h.page)
	le.PutUint32(b[0:], crc)
	return crc
}

// pageCRC seeds the checksum with where the page belongs, so that a page written to a wrong place is not valid there.
func pageCRC(b []byte, storage, page uint32) uint32 {
	var seed [8]byte
	binary.LittleEndian.PutUint32(seed[0:], storage)
	binary.LittleEndian.PutUint32(seed[4:], page)
	return crcUpdate(crcOf(seed[:]), b[4:])
}

// openPage checks a page and returns its header and CRC. The error is a *CorruptError or wraps ErrNewerFormat.
func openPage(b []byte, file string, storage, page uint32) (pageHead, uint32, error) {
	le := binary.LittleEndian
	bad := func(off int64, format string, args ...any) (pageHead, uint32, error) {
		return pageHead{}, 0, &CorruptError{File: file, Page: int64(page), Offset: int64(page)*int64(len(b)) + off, Detail: fmt.Sprintf(format, args...)}
	}
	crc := le.Uint32(b)
	if pageCRC(b, storage, page) != crc {
		return bad(0, "the checksum of the page is wrong")
	}
	if v := le.Uint16(b[4:]); v > pageVersion {
		return pageHead{}, 0, fmt.Errorf("%w: %s, page %d has version %d", ErrNewerFormat, file, page, v)
	}
	h := pageHead{
		kind: le.Uint16(b[6:]), page: le.Uint32(b[8:]), prev: le.Uint32(b[12:]), next: le.Uint32(b[16:]), space: le.Uint32(b[20:]),
		storage: le.Uint32(b[24:]), lsn: wal.LSN(le.Uint64(b[32:])), csn: heap.CSN(le.Uint64(b[40:])), number: le.Uint64(b[48:]),
	}
	if h.page != page || h.storage != storage {
		return bad(8, "the page says that it is page %d of storage %d", h.page, h.storage)
	}
	if h.kind > pageOverflow {
		return bad(6, "unknown page type %d", h.kind)
	}
	return h, crc, nil
}

// mix spreads a page's number and checksum over 64 bits. The digest of a file is the sum over its pages: it tells a page
// that is valid by itself but older than it should be, because its last write was lost.
func mix(page, crc uint32) uint64 {
	x := uint64(page)<<32 | uint64(crc)
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

const (
	spaceMagic = "WTDATA\r\n"
	maxLabel   = 64 // bytes of a name in the space header; names are there for the reader's eye
)

// spacePage builds page 0 of a data file: the space header.
//
//	 64  8 B  "WTDATA\r\n"
//	 72  u16  incompatible, u16 read-only-compatible, u16 compatible features, u16 zero
//	 80  u32  page size
//	 84  u32  highest used page
//	 88  u32  highest allocated page
//	 92  u32  schema version
//	 96  u64  row slots
//	104  u32  highest generation of a row id
//	108  u32  flags: 1 catalogue table
//	112  16 B database id
//	128  u64  digest of pages 1 to the highest allocated
//	136       schema and table name, each u32 length and bytes, cut to 64 bytes
func (s *storage) spacePage(id [16]byte, h pageHead) []byte {
	e := encoder{b: make([]byte, pageHeader, s.info.PageSize)}
	e.raw([]byte(spaceMagic))
	e.u64(0)
	e.u32(uint32(s.info.PageSize))
	e.u32(s.info.Pages)
	e.u32(s.info.Pages)
	e.u32(s.info.SchemaVersion)
	e.u64(s.info.Slots)
	e.u32(s.info.Generation)
	e.u32(uint32(boolByte(s.info.Catalogue)))
	e.raw(id[:])
	e.u64(s.digest)
	e.str(cut(s.info.Schema, maxLabel))
	e.str(cut(s.info.Name, maxLabel))
	b := e.b[:s.info.PageSize]
	h.kind, h.page, h.space, h.storage = pageSpace, 0, s.info.Table, s.info.ID
	h.seal(b)
	return b
}

func cut(s string, n int) string {
	if len(s) > n {
		return s[:n]
	}
	return s
}

// checkSpacePage holds page 0 against the control file's entry.
func (s *storage) checkSpacePage(b []byte, file string, id [16]byte) error {
	h, _, err := openPage(b, file, s.info.ID, 0)
	if err != nil {
		return err
	}
	bad := func(off int64, format string, args ...any) error {
		return &CorruptError{File: file, Page: 0, Offset: off, Detail: fmt.Sprintf(format, args...)}
	}
	le := binary.LittleEndian
	switch {
	case h.kind != pageSpace || string(b[64:72]) != spaceMagic:
		return bad(64, "this is not a space header")
	case le.Uint16(b[72:]) != 0:
		return fmt.Errorf("%w: %s has features %#x", ErrNewerFormat, file, le.Uint16(b[72:]))
	case string(b[112:128]) != string(id[:]):
		return bad(112, "the file belongs to another database")
	case int(le.Uint32(b[80:])) != s.info.PageSize:
		return bad(80, "the page size is %d, the control file says %d", le.Uint32(b[80:]), s.info.PageSize)
	case le.Uint32(b[84:]) != s.info.Pages || le.Uint64(b[128:]) != s.digest || h.csn != s.at:
		return bad(84, "the file is of commit %d with %d pages, the control file says commit %d and %d pages", h.csn, le.Uint32(b[84:]), s.at, s.info.Pages)
	}
	return nil
}

// pageFile reads the pages of a file in order, many at a time.
type pageFile struct {
	f    vfs.File
	size int // of a page
	buf  []byte
	from uint32 // first page in buf
	n    uint32 // pages in buf
}

const readAhead = 256 << 10

// page returns a page. It is good until the next call.
func (p *pageFile) page(n, count uint32) ([]byte, error) {
	if n < p.from || n >= p.from+p.n {
		want := min(uint32(max(1, readAhead/p.size)), count-n)
		if p.buf == nil {
			p.buf = make([]byte, max(1, readAhead/p.size)*p.size)
		}
		if err := vfs.ReadFull(p.f, p.buf[:int(want)*p.size], int64(n)*int64(p.size)); err != nil {
			return nil, err
		}
		p.from, p.n = n, want
	}
	at := int(n-p.from) * p.size
	return p.buf[at : at+p.size : at+p.size], nil
}
