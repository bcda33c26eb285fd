package wal

import (
	"context"
	"errors"
	"fmt"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// Tail is what Scan found: where the stream ends and what Open needs to go on from there.
type Tail struct {
	End      LSN    // behind the last valid frame
	LastCSN  uint64 // of the last commit read; 0: none
	Commits  int64
	Segments int
	Torn     bool // something unusable lies behind End

	durable LSN // known to have been synced
	chain   uint32
	segs    []*segment
	last    int  // segs[last] holds End
	empty   bool // segs[last] has no valid frame
	temps   []string
	index   []indexEntry
}

// ScanOptions say what to read.
type ScanOptions struct {
	FS      vfs.FS
	Dir     string
	ID      [16]byte
	From    LSN    // a position that Start or End of a commit gave; commits before are not read
	CSN     uint64 // the last commit before From, for the order of CSNs
	Durable LSN    // a position known to have been synced
	// Progress is told the bytes read now and then; may be nil.
	Progress func(done, total int64)
}

// Scan reads the log from a position on and calls yield with each commit in order. It changes nothing. The error is a
// *Damage when the files are damaged, wraps ErrNewerFormat when they are too new, or is that of yield or of reading.
func Scan(ctx context.Context, o ScanOptions, yield func(Commit) error) (*Tail, error) {
	segs, temps, err := listSegments(o.FS, o.Dir, o.ID)
	if err != nil {
		return nil, err
	}
	if len(segs) == 0 {
		return nil, &Damage{File: o.Dir, Offset: -1, Detail: "there is no log segment"}
	}
	sc, err := newScanner(o.FS, segs, o.From, 0)
	if err != nil {
		return nil, err
	}
	sc.durable = o.Durable
	t := &Tail{LastCSN: o.CSN, segs: segs, temps: temps, Segments: len(segs)}
	err = t.read(ctx, sc, o, yield)
	if err = errors.Join(err, sc.close()); err != nil {
		return nil, err
	}
	return t, nil
}

func (t *Tail) read(ctx context.Context, sc *scanner, o ScanOptions, yield func(Commit) error) error {
	total := int64(0)
	for _, s := range t.segs {
		total += max(0, int64(min(s.end(), s.start+LSN(s.size)))-int64(max(s.start, o.From)))
	}
	for n := 0; ; n++ {
		if n%1024 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
			if o.Progress != nil {
				o.Progress(int64(sc.pos-min(o.From, sc.pos)), total)
			}
		}
		f, payload, pos, err := sc.next()
		if err != nil {
			var bad *invalid
			if errors.As(err, &bad) {
				return t.finish(sc, bad)
			}
			return err
		}
		c, ok, err := sc.commit(f, payload)
		if err == nil && ok && c.CSN <= t.LastCSN {
			err = fmt.Errorf("commit %d comes after commit %d", c.CSN, t.LastCSN)
		}
		if err != nil {
			return sc.damage(pos, err.Error())
		}
		if !ok {
			continue
		}
		t.LastCSN = c.CSN
		t.Commits++
		if len(t.index) == 0 || c.End-t.index[len(t.index)-1].end >= indexEvery {
			t.index = append(t.index, indexEntry{csn: c.CSN, end: c.End})
		}
		if err := yield(c); err != nil {
			return err
		}
	}
}

// finish decides whether the invalid frame at sc.pos is the end of the log or damage in it.
func (t *Tail) finish(sc *scanner, bad *invalid) error {
	s := sc.segs[sc.at]
	t.End, t.chain, t.last, t.empty = sc.pos, sc.chain, sc.at, sc.frames == 0 && sc.pos == s.first()
	rest, err := sc.bytes(sc.pos, frameHeader)
	if err != nil {
		return err
	}
	for _, b := range rest {
		t.Torn = t.Torn || b != 0
	}
	t.durable = min(sc.durable, t.End)
	beyond, err := sc.durableBeyond()
	if err != nil {
		return err
	}
	beyond = max(beyond, sc.durable)
	if bad.sure || beyond > t.End {
		return &Damage{File: s.name, Offset: int64(t.End - s.start),
			Detail: fmt.Sprintf("%s, though the log was durable up to position %d", bad.detail, beyond)}
	}
	return nil
}

// repair makes the log end where it was found to end: what lies behind is removed, and what was read beyond the known
// durable position is written again and synced. It may be interrupted and repeated.
func (t *Tail) repair(fsys vfs.FS, dir string) error {
	for _, name := range t.temps {
		if err := fsys.Remove(name); err != nil {
			return err
		}
	}
	removed := len(t.temps) > 0
	for i := len(t.segs) - 1; i > t.last; i-- {
		if err := fsys.Remove(t.segs[i].name); err != nil {
			return err
		}
		removed = true
	}
	if removed {
		if err := fsys.SyncDir(dir); err != nil {
			return err
		}
	}
	t.segs = t.segs[:t.last+1]
	for i, s := range t.segs {
		if err := t.rewrite(fsys, s, i == t.last); err != nil {
			return err
		}
	}
	t.durable = t.End
	return nil
}

// rewrite writes the uncertain part of a segment once more with the same bytes: the kernel may hold pages whose
// writing failed and that it takes for clean.
func (t *Tail) rewrite(fsys vfs.FS, s *segment, last bool) (err error) {
	end := s.start + LSN(s.size)
	if last {
		end = t.End
	}
	if end <= t.durable && !last {
		return nil
	}
	f, err := fsys.Open(s.name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if last && !t.empty {
		if err := f.Truncate(int64(end - s.start)); err != nil {
			return err
		}
	}
	buf := make([]byte, min(readWindow, s.capacity))
	for pos := max(s.first(), min(t.durable, end)); pos < end; {
		b := buf[:min(LSN(len(buf)), end-pos)]
		if err := vfs.ReadFull(f, b, int64(pos-s.start)); err != nil {
			return err
		}
		if err := vfs.WriteFull(f, b, int64(pos-s.start)); err != nil {
			return err
		}
		pos += LSN(len(b))
	}
	return f.Sync()
}
