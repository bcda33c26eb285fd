package persistence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// An index file holds the entries of a table's indexes as sorted runs, so that opening need not build them again. It
// says which state of the data file it belongs to; with another one it is of no use. Losing it loses nothing.
//
// Pages are of 16 KiB with the header of data files, type index. Page 0:
//
//	 64  8 B  "WTINDEX\n"
//	 72  u16  incompatible, u16 read-only-compatible, u16 compatible features, u16 zero
//	 80  u64  CSN of the checkpoint that last changed the data file
//	 88  u64  digest of the data file
//	 96  16 B database id
//	112  u32  table id
//	116  u32  number of indexes; then for each
//	     u32  index id, u32 first page, u64 key encoding version, u64 entries, u64 bytes of its run
//
// A run is a stream of entries, cut into the bodies of pages that are linked by previous and next:
//
//	uvarint  bytes of the key that are the same as in the entry before
//	uvarint  length of the rest of the key, and the rest
//	u64      row id
const (
	idxPage     = 16 << 10
	idxMagic    = "WTINDEX\n"
	idxBody     = idxPage - pageHeader
	idxRunEntry = 32
	maxRuns     = (idxBody - 56) / idxRunEntry
	maxKey      = 64 << 10
)

// run describes one index in an index file.
type run struct {
	index    uint32
	first    uint32
	encoding uint64
	entries  uint64
	bytes    uint64
}

// idxWriter writes an index file.
type idxWriter struct {
	f    vfs.File
	s    *storage
	head pageHead
	runs []run

	page  uint32 // number of buf
	buf   []byte // the page being filled, header included; empty: none
	start bool   // buf is the first page of its run
	last  []byte // key of the entry before
	tmp   []byte
}

func createIdx(fsys vfs.FS, name string, s *storage, number uint64) (*idxWriter, error) {
	f, err := fsys.Create(name)
	if err != nil {
		return nil, err
	}
	return &idxWriter{f: f, s: s, page: 1, head: pageHead{kind: pageIndex, space: s.info.Table, storage: s.info.ID, csn: s.at, number: number}}, nil
}

// begin starts the run of an index.
func (w *idxWriter) begin(index uint32, encoding uint64) error {
	if len(w.runs) == maxRuns {
		return errors.New("too many indexes for an index file")
	}
	w.runs = append(w.runs, run{index: index, first: w.page, encoding: encoding})
	w.last, w.start = w.last[:0], true
	return nil
}

// add appends an entry to the run.
func (w *idxWriter) add(key []byte, id heap.RowID) error {
	shared := 0
	for shared < len(key) && shared < len(w.last) && key[shared] == w.last[shared] {
		shared++
	}
	b := binary.AppendUvarint(w.tmp[:0], uint64(shared))
	b = binary.AppendUvarint(b, uint64(len(key)-shared))
	b = append(b, key[shared:]...)
	b = binary.LittleEndian.AppendUint64(b, uint64(id))
	w.tmp = b
	w.last = append(w.last[:0], key...)
	r := &w.runs[len(w.runs)-1]
	r.entries++
	r.bytes += uint64(len(b))
	for len(b) > 0 {
		if len(w.buf) == 0 {
			w.buf = append(w.buf, make([]byte, pageHeader)...)
		}
		n := min(idxPage-len(w.buf), len(b))
		w.buf = append(w.buf, b[:n]...)
		b = b[n:]
		if len(w.buf) == idxPage && len(b) > 0 {
			if err := w.out(w.page + 1); err != nil {
				return err
			}
		}
	}
	return nil
}

// end ends the run.
func (w *idxWriter) end() error {
	if len(w.buf) == 0 {
		w.runs[len(w.runs)-1].first = 0
		return nil
	}
	return w.out(0)
}

// out writes the page being filled.
func (w *idxWriter) out(next uint32) error {
	w.buf = append(w.buf, make([]byte, idxPage-len(w.buf))...)
	h := w.head
	h.page, h.next = w.page, next
	if !w.start {
		h.prev = w.page - 1
	}
	h.seal(w.buf)
	err := vfs.WriteFull(w.f, w.buf, int64(w.page)*idxPage)
	w.page++
	w.start = false
	w.buf = w.buf[:0]
	return err
}

// finish writes the first page and makes the file durable.
func (w *idxWriter) finish(id [16]byte) error {
	e := encoder{b: make([]byte, pageHeader, idxPage)}
	e.raw([]byte(idxMagic))
	e.u64(0)
	e.u64(uint64(w.s.at))
	e.u64(w.s.digest)
	e.raw(id[:])
	e.u32(w.s.info.Table)
	e.u32(uint32(len(w.runs)))
	for _, r := range w.runs {
		e.u32(r.index)
		e.u32(r.first)
		e.u64(r.encoding)
		e.u64(r.entries)
		e.u64(r.bytes)
	}
	b := e.b[:idxPage]
	h := w.head
	h.seal(b)
	if err := vfs.WriteFull(w.f, b, 0); err != nil {
		return err
	}
	return w.f.Sync()
}

// idxFile is an index file open for reading.
type idxFile struct {
	f     vfs.File
	s     *storage
	count uint32 // pages
	runs  []run
	pages pageFile
}

// errStale says that an index file belongs to another state of the data file.
var errStale = errors.New("the index file is of another checkpoint")

// openIdx opens the index file of a storage. fs.ErrNotExist: there is none; errStale: it is of no use.
func openIdx(fsys vfs.FS, dir string, s *storage, id [16]byte) (x *idxFile, err error) {
	name := filePath(dir, s.path, idxSuffix)
	f, err := fsys.OpenRead(name)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, f.Close())
		}
	}()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size < idxPage || size/idxPage >= 1<<32 {
		return nil, corrupt(name, size, "the index file has no whole page")
	}
	x = &idxFile{f: f, s: s, count: uint32(size / idxPage), pages: pageFile{f: f, size: idxPage}}
	b, err := x.page(0)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	switch {
	case string(b[64:72]) != idxMagic:
		return nil, corrupt(name, 64, "this is not an index file")
	case le.Uint16(b[72:]) != 0:
		return nil, fmt.Errorf("%w: %s has features %#x", ErrNewerFormat, name, le.Uint16(b[72:]))
	case le.Uint64(b[80:]) != uint64(s.at) || le.Uint64(b[88:]) != s.digest || [16]byte(b[96:112]) != id || le.Uint32(b[112:]) != s.info.Table:
		return nil, errStale
	}
	d := decoder{b: b[116:]}
	x.runs = make([]run, d.count(idxRunEntry))
	for i := range x.runs {
		x.runs[i] = run{index: d.u32(), first: d.u32(), encoding: d.u64(), entries: d.u64(), bytes: d.u64()}
	}
	if d.err != nil {
		return nil, corrupt(name, 116, "the list of indexes is impossible")
	}
	return x, nil
}

// page returns a checked page, good until the next call.
func (x *idxFile) page(n uint32) ([]byte, error) {
	if n >= x.count {
		return nil, &CorruptError{File: x.f.Name(), Page: int64(n), Offset: int64(n) * idxPage, Detail: "the index file ends before the page"}
	}
	b, err := x.pages.page(n, x.count)
	if err != nil {
		return nil, err
	}
	h, _, err := openPage(b, x.f.Name(), x.s.info.ID, n)
	if err == nil && h.kind != pageIndex {
		err = &CorruptError{File: x.f.Name(), Page: int64(n), Offset: int64(n)*idxPage + 6, Detail: "this is not an index page"}
	}
	return b, err
}

// reader returns a function that yields the entries of a run. The key is good until the next call.
func (x *idxFile) reader(r run) func() (key []byte, id heap.RowID, ok bool, err error) {
	br := &runReader{x: x, next: r.first, left: r.bytes}
	var key []byte
	left := r.entries
	bad := func(what string) error {
		return &CorruptError{File: x.f.Name(), Page: int64(br.at), Offset: int64(br.at) * idxPage, Detail: what}
	}
	return func() ([]byte, heap.RowID, bool, error) {
		if left == 0 {
			if br.left != 0 {
				return nil, 0, false, bad("the run is longer than its entries")
			}
			return nil, 0, false, nil
		}
		left--
		shared, err := binary.ReadUvarint(br)
		if err != nil {
			return nil, 0, false, err
		}
		rest, err := binary.ReadUvarint(br)
		if err != nil {
			return nil, 0, false, err
		}
		if shared > uint64(len(key)) || rest > maxKey || shared+rest > maxKey {
			return nil, 0, false, bad("an entry's key is impossible")
		}
		key = append(key[:shared], make([]byte, rest)...)
		if _, err := io.ReadFull(br, key[shared:]); err != nil {
			return nil, 0, false, err
		}
		var id [8]byte
		if _, err := io.ReadFull(br, id[:]); err != nil {
			return nil, 0, false, err
		}
		return key, heap.RowID(binary.LittleEndian.Uint64(id[:])), true, nil
	}
}

// runReader reads the stream of a run across its pages.
type runReader struct {
	x    *idxFile
	next uint32 // page to read next; 0: none
	at   uint32 // page in buf
	buf  []byte // what is left of the page
	left uint64 // bytes of the run that are left
}

func (r *runReader) fill() error {
	if r.left == 0 || r.next == 0 {
		return &CorruptError{File: r.x.f.Name(), Page: int64(r.at), Offset: int64(r.at) * idxPage, Detail: "the run ends too early"}
	}
	b, err := r.x.page(r.next)
	if err != nil {
		return err
	}
	le := binary.LittleEndian
	if following := le.Uint32(b[16:]); following != 0 && following != r.next+1 {
		return &CorruptError{File: r.x.f.Name(), Page: int64(r.next), Offset: int64(r.next)*idxPage + 16, Detail: "the run's pages are not in order"}
	}
	r.at, r.next = r.next, le.Uint32(b[16:])
	r.buf = b[pageHeader:]
	return nil
}

func (r *runReader) Read(p []byte) (int, error) {
	if len(p) == 0 {
		return 0, nil
	}
	if len(r.buf) == 0 {
		if err := r.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p[:min(uint64(len(p)), r.left)], r.buf)
	if n == 0 {
		return 0, r.fill()
	}
	r.buf = r.buf[n:]
	r.left -= uint64(n)
	return n, nil
}

func (r *runReader) ReadByte() (byte, error) {
	if len(r.buf) > 0 && r.left > 0 {
		b := r.buf[0]
		r.buf = r.buf[1:]
		r.left--
		return b, nil
	}
	var b [1]byte
	_, err := r.Read(b[:])
	return b[0], err
}
