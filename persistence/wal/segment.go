package wal

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"path/filepath"
	"sort"
	"strconv"
	"strings"

	"github.com/worktable-go/worktable/persistence/vfs"
)

const (
	segmentHeader  = 64
	segmentMagic   = "WTCDCLOG"
	segmentVersion = 1
	segmentSuffix  = ".wtlog"
	tempSuffix     = ".tmp"
)

// MinSegment and MaxSegment bound the size of a segment.
const (
	MinSegment = 4 << 10
	MaxSegment = 1 << 30
)

// ErrNewerFormat is below the error about a segment that a newer version wrote.
var ErrNewerFormat = errors.New("wal: newer format")

// Damage is an error about bytes that are not as they were written.
type Damage struct {
	File   string
	Offset int64 // in the file; -1: the file as a whole
	Detail string
}

func (d *Damage) Error() string {
	if d.Offset < 0 {
		return fmt.Sprintf("wal: %s: %s", d.File, d.Detail)
	}
	return fmt.Sprintf("wal: %s, offset %d: %s", d.File, d.Offset, d.Detail)
}

// segment is one segment file. start, capacity, salt and name never change.
//
//	 0  8 B  "WTCDCLOG"
//	 8  u16  format version: 1
//	10  u16  incompatible features: a reader that does not know a bit must refuse
//	12  u16  read-only-compatible features: one that does not know a bit must not write
//	14  u16  compatible features
//	16  16 B database id
//	32  u64  position of the first byte
//	40  u64  capacity: positions that belong to the segment
//	48  u64  salt
//	56  u32  zero
//	60  u32  CRC-32C of the bytes before
type segment struct {
	name     string // path
	start    LSN
	capacity int64
	salt     uint64
	size     int64  // of the file, when it was found; of recovered segments only
	readOnly uint16 // unknown read-only-compatible features

	// Guarded by Log.mu.
	file   vfs.File // nil once nothing will be written or synced
	dirty  bool     // written since the last sync
	full   bool     // nothing more will be written
	before uint64   // CSN of the last commit that ends before the segment's first byte; valid when known
	known  bool
}

func (s *segment) end() LSN   { return s.start + LSN(s.capacity) }
func (s *segment) first() LSN { return s.start + segmentHeader }

func segmentName(dir string, start LSN) string {
	return filepath.Join(dir, fmt.Sprintf("%016x%s", uint64(start), segmentSuffix))
}

// parseSegmentName returns the position in a segment's file name.
func parseSegmentName(base string) (LSN, bool) {
	hex, ok := strings.CutSuffix(base, segmentSuffix)
	if !ok || len(hex) != 16 || strings.ToLower(hex) != hex {
		return 0, false
	}
	n, err := strconv.ParseUint(hex, 16, 64)
	return LSN(n), err == nil
}

func (s *segment) encodeHeader(id [16]byte) []byte {
	b := make([]byte, segmentHeader)
	copy(b, segmentMagic)
	le := binary.LittleEndian
	le.PutUint16(b[8:], segmentVersion)
	copy(b[16:32], id[:])
	le.PutUint64(b[32:], uint64(s.start))
	le.PutUint64(b[40:], uint64(s.capacity))
	le.PutUint64(b[48:], s.salt)
	le.PutUint32(b[60:], crc32.Checksum(b[:60], castagnoli))
	return b
}

// decodeHeader checks a segment header against the name of its file.
func decodeHeader(b []byte, name string, start LSN, id [16]byte) (*segment, error) {
	le := binary.LittleEndian
	bad := func(off int64, detail string) error { return &Damage{File: name, Offset: off, Detail: detail} }
	switch {
	case len(b) < segmentHeader:
		return nil, bad(int64(len(b)), "the segment ends inside its header")
	case string(b[:8]) != segmentMagic:
		return nil, bad(0, "this is not a log segment")
	case crc32.Checksum(b[:60], castagnoli) != le.Uint32(b[60:]):
		return nil, bad(0, "the checksum of the segment header is wrong")
	case le.Uint16(b[8:]) > segmentVersion || le.Uint16(b[10:]) != 0:
		return nil, fmt.Errorf("%w: %s has version %d, features %#x", ErrNewerFormat, name, le.Uint16(b[8:]), le.Uint16(b[10:]))
	case string(b[16:32]) != string(id[:]):
		return nil, bad(16, "the segment belongs to another database")
	}
	s := &segment{name: name, start: LSN(le.Uint64(b[32:])), capacity: int64(le.Uint64(b[40:])), salt: le.Uint64(b[48:]), readOnly: le.Uint16(b[12:])}
	if s.start != start {
		return nil, bad(32, fmt.Sprintf("the segment starts at position %d, its name says %d", s.start, start))
	}
	if s.capacity < MinSegment || s.capacity > MaxSegment || s.start%8 != 0 || s.start > 1<<62 {
		return nil, bad(32, "the segment's place in the stream is impossible")
	}
	return s, nil
}

// createSegment makes the file of a segment under its final name, with its first bytes allocated, durably. An existing file
// of the name is replaced.
func createSegment(fsys vfs.FS, dir string, s *segment, id [16]byte, allocate int64) (err error) {
	temp := s.name + tempSuffix
	if err := fsys.Remove(temp); err != nil && !vfs.IsNotExist(err) {
		return err
	}
	f, err := fsys.Create(temp)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = fsys.Remove(temp) // best effort; opening removes what is left
		}
	}()
	buf := make([]byte, allocate)
	copy(buf, s.encodeHeader(id))
	err = vfs.WriteFull(f, buf, 0)
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	if err = fsys.Rename(temp, s.name); err != nil {
		return err
	}
	if err = fsys.SyncDir(dir); err != nil {
		return err
	}
	s.file, err = fsys.Open(s.name)
	return err
}

// newSalt draws a salt. It need not be secret, only different from those before.
func newSalt() uint64 { return rand.Uint64() }

// listSegments reads the headers of all segments in dir, in order of position. Leftovers of a creation that was cut
// short are returned by name.
func listSegments(fsys vfs.FS, dir string, id [16]byte) (segs []*segment, temps []string, err error) {
	infos, err := fsys.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	for _, info := range infos {
		name := filepath.Join(dir, info.Name)
		if base, ok := strings.CutSuffix(info.Name, tempSuffix); ok {
			if _, ok := parseSegmentName(base); ok {
				temps = append(temps, name)
				continue
			}
		}
		start, ok := parseSegmentName(info.Name)
		if !ok || info.Dir {
			continue // not ours
		}
		s, err := readHeader(fsys, name, start, id)
		if err != nil {
			return nil, nil, err
		}
		segs = append(segs, s)
	}
	sort.Slice(segs, func(i, j int) bool { return segs[i].start < segs[j].start })
	return segs, temps, nil
}

func readHeader(fsys vfs.FS, name string, start LSN, id [16]byte) (s *segment, err error) {
	f, err := fsys.OpenRead(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	b := make([]byte, min(size, segmentHeader))
	if err := vfs.ReadFull(f, b, 0); err != nil {
		return nil, err
	}
	if s, err = decodeHeader(b, name, start, id); err != nil {
		return nil, err
	}
	s.size = size
	return s, nil
}

// Unused reports whether a segment file never held a frame: it is what Create leaves.
func Unused(fsys vfs.FS, name string) (bool, error) {
	start, ok := parseSegmentName(filepath.Base(name))
	if !ok || start != 0 {
		return false, nil
	}
	b, err := vfs.ReadFile(fsys, name, MaxSegment)
	if err != nil {
		return false, err
	}
	if len(b) < segmentHeader {
		return false, nil
	}
	for _, c := range b[segmentHeader:] {
		if c != 0 {
			return false, nil
		}
	}
	return true, nil
}
