package persistence

import (
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// The checkpoint journal holds, while a checkpoint is put in place, everything that has to be put in place: the pages
// that overwrite pages of the last checkpoint, the files that replace files, and the new control file. Once it is synced
// whole the checkpoint has happened; until then the last one stands untouched.
const (
	ckptName    = "worktable.ckpt"
	ckptMagic   = "WTCKPT\r\n"
	ckptVersion = 1
	ckptHeader  = 64
	entryHeader = 32
	maxEntry    = maxControl
	ckptBuffer  = 1 << 20
)

// The entry types.
const (
	entryPage    = 1 // payload: a whole page
	entryReplace = 2 // payload: path; "<path>.wt.data.new" becomes "<path>.wt.data"
	entryEnd     = 3 // payload: the new control file's image, once
)

// ckptEntry is one entry:
//
//	 0  u32  CRC-32C of the preceding entry's CRC (u32; of the first: the header's) and bytes 4 to the end
//	 4  u32  type
//	 8  u32  payload length, a multiple of 8
//	12  u32  storage id
//	16  u32  page number
//	20  u32  zero
//	24  u64  index of the entry, from 0
//	32  payload, padded with zeros
type ckptEntry struct {
	crc, kind, storage, page uint32
	payload                  []byte
}

// ckptWriter writes a checkpoint journal.
type ckptWriter struct {
	f     vfs.File
	buf   []byte
	off   int64
	chain uint32
	n     uint64
}

// createCkpt begins a journal:
//
//	 0  8 B  "WTCKPT\r\n"
//	 8  u16  version: 1
//	10  u16  incompatible, u16 read-only-compatible, u16 compatible features
//	16  16 B database id
//	32  u64  number of the checkpoint
//	40  u64  its CSN
//	48  u64  salt
//	56  u32  zero
//	60  u32  CRC-32C of the bytes before
func createCkpt(fsys vfs.FS, dir string, c *control, salt uint64) (*ckptWriter, error) {
	f, err := fsys.Create(filepath.Join(dir, ckptName))
	if err != nil {
		return nil, err
	}
	var e encoder
	e.raw([]byte(ckptMagic))
	e.u16(ckptVersion)
	e.u16(0)
	e.u16(0)
	e.u16(0)
	e.raw(c.id[:])
	e.u64(c.number)
	e.u64(uint64(c.at))
	e.u64(salt)
	e.u32(0)
	crc := crcOf(e.b)
	e.u32(crc)
	return &ckptWriter{f: f, buf: e.b, chain: crc}, nil
}

func (w *ckptWriter) add(kind, storage, page uint32, payload []byte) error {
	at := len(w.buf)
	e := encoder{b: w.buf}
	e.u32(0)
	e.u32(kind)
	e.u32(uint32(len(payload)+7) &^ 7)
	e.u32(storage)
	e.u32(page)
	e.u32(0)
	e.u64(w.n)
	e.raw(payload)
	for (len(e.b)-at)%8 != 0 {
		e.u8(0)
	}
	w.chain = entryCRC(w.chain, e.b[at:])
	binary.LittleEndian.PutUint32(e.b[at:], w.chain)
	w.buf = e.b
	w.n++
	if len(w.buf) >= ckptBuffer {
		return w.flush()
	}
	return nil
}

func entryCRC(chain uint32, entry []byte) uint32 {
	var seed [4]byte
	binary.LittleEndian.PutUint32(seed[:], chain)
	return crcUpdate(crcOf(seed[:]), entry[4:])
}

func (w *ckptWriter) flush() error {
	err := vfs.WriteFull(w.f, w.buf, w.off)
	w.off += int64(len(w.buf))
	w.buf = w.buf[:0]
	return err
}

// finish writes the end entry and makes the journal durable as a whole.
func (w *ckptWriter) finish(c *control) error {
	image := c.encode()
	if err := w.add(entryEnd, 0, 0, image[:len(image)/2]); err != nil {
		return err
	}
	if err := w.flush(); err != nil {
		return err
	}
	return w.f.Sync()
}

// ckpt is a whole journal, found at opening.
type ckpt struct {
	f       vfs.File
	name    string
	number  uint64
	control *control
	pages   map[pageKey]int64 // where the payload of each page entry lies
	replace []string          // paths

	readOnly uint16 // unknown read-only-compatible features
}

type pageKey struct{ storage, page uint32 }

// openCkpt opens the journal in dir. It is nil when there is none, or none that is whole: note says so then.
func openCkpt(fsys vfs.FS, dir string, id [16]byte) (c *ckpt, note string, err error) {
	name := filepath.Join(dir, ckptName)
	f, err := fsys.OpenRead(name)
	if vfs.IsNotExist(err) {
		return nil, "", nil
	}
	if err != nil {
		return nil, "", err
	}
	defer func() {
		if c == nil {
			err = errors.Join(err, f.Close())
		}
	}()
	size, err := f.Size()
	if err != nil {
		return nil, "", err
	}
	found := &ckpt{f: f, name: name, pages: map[pageKey]int64{}}
	whole, detail, err := found.read(size, id)
	if err != nil {
		return nil, "", err
	}
	if !whole {
		return nil, fmt.Sprintf("%s: the checkpoint was not finished (%s)", name, detail), nil
	}
	return found, "", nil
}

// read walks the entries. whole is false when the journal ends before its end entry or is not valid.
func (c *ckpt) read(size int64, id [16]byte) (whole bool, detail string, err error) {
	le := binary.LittleEndian
	if size < ckptHeader {
		return false, "no header", nil
	}
	b := make([]byte, ckptHeader)
	if err := vfs.ReadFull(c.f, b, 0); err != nil {
		return false, "", err
	}
	crc := le.Uint32(b[60:])
	if string(b[:8]) != ckptMagic || crcOf(b[:60]) != crc {
		return false, "the header is not valid", nil
	}
	if v, features := le.Uint16(b[8:]), le.Uint16(b[10:]); v > ckptVersion || features != 0 {
		return false, "", fmt.Errorf("%w: %s has version %d, features %#x", ErrNewerFormat, c.name, v, features)
	}
	if [16]byte(b[16:32]) != id {
		return false, "it belongs to another database", nil
	}
	c.number, c.readOnly = le.Uint64(b[32:]), le.Uint16(b[12:])
	chain, off := crc, int64(ckptHeader)
	for n := uint64(0); ; n++ {
		e, next, err := c.entry(off, size, chain, n)
		if err != nil || next == 0 {
			return false, fmt.Sprintf("entry %d is not valid", n), err
		}
		switch e.kind {
		case entryPage:
			c.pages[pageKey{e.storage, e.page}] = off + entryHeader
		case entryReplace:
			c.replace = append(c.replace, string(trimZeros(e.payload)))
		case entryEnd:
			c.control, err = decodeControlImage(e.payload, c.name, off+entryHeader)
			if errors.Is(err, ErrNewerFormat) {
				return false, "", err
			}
			if err != nil || c.control.number != c.number || c.control.id != id {
				return false, "the control file in it is not valid", nil
			}
			return true, "", nil
		default:
			return false, "unknown entry", nil
		}
		chain, off = e.crc, next
	}
}

func trimZeros(b []byte) []byte {
	for len(b) > 0 && b[len(b)-1] == 0 {
		b = b[:len(b)-1]
	}
	return b
}

// entry reads and checks one entry; next is 0 when it is not valid.
func (c *ckpt) entry(off, size int64, chain uint32, n uint64) (e ckptEntry, next int64, err error) {
	le := binary.LittleEndian
	if off+entryHeader > size {
		return e, 0, nil
	}
	head := make([]byte, entryHeader)
	if err := vfs.ReadFull(c.f, head, off); err != nil {
		return e, 0, err
	}
	length := int64(le.Uint32(head[8:]))
	if length > maxEntry || length%8 != 0 || off+entryHeader+length > size || le.Uint64(head[24:]) != n {
		return e, 0, nil
	}
	b := append(head, make([]byte, length)...)
	if err := vfs.ReadFull(c.f, b[entryHeader:], off+entryHeader); err != nil {
		return e, 0, err
	}
	crc := le.Uint32(b)
	if entryCRC(chain, b) != crc {
		return e, 0, nil
	}
	e = ckptEntry{crc: crc, kind: le.Uint32(b[4:]), storage: le.Uint32(b[12:]), page: le.Uint32(b[16:]), payload: b[entryHeader:]}
	return e, off + entryHeader + length, nil
}

// page reads the page of an entry.
func (c *ckpt) page(off int64, size int) ([]byte, error) {
	b := make([]byte, size)
	return b, vfs.ReadFull(c.f, b, off)
}

func (c *ckpt) close() error { return c.f.Close() }
