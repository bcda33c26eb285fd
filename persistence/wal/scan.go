package wal

import (
	"errors"
	"fmt"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// Commit is one record as read back.
type Commit struct {
	CSN  uint64
	Time int64 // Unix microseconds
	Ops  uint32
	Data []byte // good until the callback returns
	End  LSN    // position behind it
}

// readWindow is how much of a segment is read at a time.
const readWindow = 256 << 10

// maxOpenRecords bounds how many interleaved records a damaged log can make the reader keep.
const maxOpenRecords = 1 << 16

// scanner reads frames in order. The caller must close it.
type scanner struct {
	fsys vfs.FS
	segs []*segment
	at   int // segs[at] is being read
	pos  LSN // of the next frame
	from LSN // where reading began
	stop LSN // frames at or beyond are not looked at; 0: no such bound
	file vfs.File
	size int64 // of file

	window []byte // bytes of the segment from base on
	buf    []byte
	base   LSN

	chain  uint32 // CRC of the frame before pos; 0: not known
	open   map[uint64]*partial
	frames int // valid frames read in the present segment

	durable LSN // highest durable-up-to seen
}

// partial is a record whose commit frame has not come yet.
type partial struct {
	next uint32
	data []byte
}

// invalid is why reading stopped: the frame at scanner.pos is not valid.
type invalid struct {
	detail string
	sure   bool // no crash can have caused it
}

func (e *invalid) Error() string { return e.detail }

// errStop is the end of a bounded scan.
var errStop = errors.New("wal: stop position reached")

// newScanner starts at position from, which must be the start of a frame, or of a segment.
func newScanner(fsys vfs.FS, segs []*segment, from, stop LSN) (*scanner, error) {
	sc := &scanner{fsys: fsys, segs: segs, at: -1, from: from, stop: stop, open: map[uint64]*partial{}}
	window := int64(MinSegment)
	for i, s := range segs {
		window = max(window, min(readWindow, s.capacity))
		if s.start <= from {
			sc.at = i
		}
	}
	if sc.at < 0 || from >= segs[sc.at].end() {
		return nil, &Damage{File: fmt.Sprintf("segment with position %d", from), Offset: -1, Detail: "the log segment is missing"}
	}
	sc.buf = make([]byte, window)
	if err := sc.enter(sc.at); err != nil {
		return nil, err
	}
	sc.pos = max(from, sc.segs[sc.at].first())
	return sc, nil
}

func (sc *scanner) enter(i int) error {
	if err := sc.close(); err != nil {
		return err
	}
	s := sc.segs[i]
	f, err := sc.fsys.OpenRead(s.name)
	if err != nil {
		return err
	}
	sc.file, sc.at, sc.window, sc.frames = f, i, nil, 0
	if sc.size, err = f.Size(); err != nil {
		return err
	}
	sc.pos = s.first()
	return nil
}

func (sc *scanner) close() error {
	if sc.file == nil {
		return nil
	}
	f := sc.file
	sc.file = nil
	return f.Close()
}

// bytes returns the n bytes at pos of the present segment, or fewer where the segment ends.
func (sc *scanner) bytes(pos LSN, n int) ([]byte, error) {
	s := sc.segs[sc.at]
	limit := min(s.end(), s.start+LSN(sc.size))
	if sc.stop != 0 {
		limit = min(limit, sc.stop)
	}
	if pos >= limit {
		return nil, nil
	}
	n = int(min(LSN(n), limit-pos))
	if pos < sc.base || pos+LSN(n) > sc.base+LSN(len(sc.window)) {
		want := int(min(LSN(len(sc.buf)), limit-pos))
		if err := vfs.ReadFull(sc.file, sc.buf[:want], int64(pos-s.start)); err != nil {
			return nil, err
		}
		sc.window, sc.base = sc.buf[:want], pos
	}
	off := int(pos - sc.base)
	return sc.window[off : off+n], nil
}

// look returns the frame at pos, judged by itself. ok is false when there is no valid one.
func (sc *scanner) look(pos LSN) (f frame, payload []byte, ok bool, err error) {
	b, err := sc.bytes(pos, frameHeader)
	if err != nil {
		return f, nil, false, err
	}
	if f, ok = headerOf(b); !ok {
		return f, nil, false, nil
	}
	if b, err = sc.bytes(pos, f.size()); err != nil || len(b) < f.size() {
		return f, nil, false, err
	}
	return f, b[frameHeader : frameHeader+f.length], f.valid(b, sc.segs[sc.at].salt, pos), nil
}

// next reads one frame and steps over it. It follows end frames itself. The error is an *invalid where the readable
// part ends, errStop at the bound, a *Damage when a whole segment is missing, or of reading.
func (sc *scanner) next() (f frame, payload []byte, pos LSN, err error) {
	for {
		if sc.stop != 0 && sc.pos >= sc.stop {
			return f, nil, 0, errStop
		}
		f, payload, ok, err := sc.look(sc.pos)
		if err != nil {
			return f, nil, 0, err
		}
		if !ok {
			return f, nil, 0, &invalid{detail: "the frame is not valid"}
		}
		if f.chain != 0 && sc.chain != 0 && f.chain != sc.chain {
			return f, nil, 0, &invalid{detail: "the frame does not follow the one before it", sure: true}
		}
		pos := sc.pos
		sc.chain = f.crc
		sc.frames++
		sc.durable = max(sc.durable, f.durable)
		sc.pos += LSN(f.size())
		if f.kind != typeEnd {
			return f, payload, pos, nil
		}
		if err := sc.follow(pos, LSN(le64(payload))); err != nil {
			return f, nil, 0, err
		}
	}
}

// follow enters the segment that an end frame names.
func (sc *scanner) follow(at, next LSN) error {
	if sc.stop != 0 && next >= sc.stop {
		return errStop
	}
	for i := sc.at + 1; i < len(sc.segs); i++ {
		if sc.segs[i].start == next {
			return sc.enter(i)
		}
	}
	return sc.damage(at, fmt.Sprintf("the log goes on at position %d, but that segment is missing", next))
}

// damage returns a *Damage at a position of the present segment.
func (sc *scanner) damage(pos LSN, detail string) *Damage {
	s := sc.segs[sc.at]
	return &Damage{File: s.name, Offset: int64(pos - s.start), Detail: detail}
}

// commit takes one frame and returns the record that it completes, if any. data is good until the next call.
func (sc *scanner) commit(f frame, payload []byte) (c Commit, ok bool, err error) {
	if f.kind != typePart && f.kind != typeCommit {
		return c, false, nil
	}
	p := sc.open[f.record]
	if p == nil && f.seq != 0 {
		if LSN(f.record) < sc.from {
			return c, false, nil // it began before the part that is read
		}
		return c, false, errors.New("a record lacks its beginning")
	}
	if p != nil && f.seq != p.next {
		return c, false, errors.New("a record lacks a part")
	}
	if f.kind == typePart {
		if p == nil {
			if len(sc.open) >= maxOpenRecords {
				return c, false, errors.New("too many records are under way")
			}
			p = &partial{}
			sc.open[f.record] = p
		}
		p.next++
		p.data = append(p.data, payload...)
		return c, false, nil
	}
	info, data := readCommitInfo(payload), payload[commitHeader:]
	if p != nil {
		data = append(p.data, data...)
		delete(sc.open, f.record)
	}
	if info.frames != f.seq+1 || info.length != uint64(len(data)) {
		return c, false, errors.New("a record's length differs from that of its parts")
	}
	return Commit{CSN: info.csn, Time: info.time, Ops: info.ops, Data: data, End: sc.pos}, true, nil
}

// durableBeyond looks at everything behind pos for a valid frame, and returns the highest durable-up-to.
func (sc *scanner) durableBeyond() (LSN, error) {
	found := LSN(0)
	pos := sc.pos
	for i := sc.at; i < len(sc.segs); i++ {
		if i > sc.at {
			if err := sc.enter(i); err != nil {
				return 0, err
			}
			pos = sc.pos
		}
		s := sc.segs[i]
		limit := min(s.end(), s.start+LSN(sc.size))
		for pos+frameHeader <= limit {
			f, _, ok, err := sc.look(pos)
			if err != nil {
				return 0, err
			}
			if ok {
				found = max(found, f.durable)
				pos += LSN(f.size())
			} else {
				pos += 8
			}
		}
	}
	return found, nil
}

func le64(b []byte) uint64 {
	var n uint64
	for i := range 8 {
		n |= uint64(b[i]) << (8 * i)
	}
	return n
}
