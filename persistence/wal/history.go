package wal

import (
	"context"
	"errors"
	"sort"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// Find returns a position from which the commits above csn can be read, as near to them as is known, and the CSN of the
// last commit before it. The error is ErrGone when the log does not reach back that far.
func (l *Log) Find(csn uint64) (LSN, uint64, error) {
	l.mu.Lock()
	i := sort.Search(len(l.index), func(i int) bool { return l.index[i].csn > csn })
	if i > 0 && l.index[i-1].end >= l.segs[0].start {
		e := l.index[i-1]
		l.mu.Unlock()
		return e.end, e.csn, nil
	}
	segs := append([]*segment(nil), l.segs...)
	l.mu.Unlock()
	for i := len(segs) - 1; i >= 0; i-- {
		before, ok, err := l.before(segs[i])
		if err != nil {
			return 0, 0, err
		}
		if ok && before <= csn {
			return segs[i].start, before, nil
		}
	}
	return 0, 0, ErrGone
}

// before returns the CSN of the last commit that reading from the start of s does not yield.
func (l *Log) before(s *segment) (uint64, bool, error) {
	l.mu.Lock()
	known, before := s.known, s.before
	l.mu.Unlock()
	if known {
		return before, true, nil
	}
	sc, err := newScanner(l.o.FS, []*segment{s}, s.start, min(s.end(), LSN(l.written.Load())))
	if err != nil {
		return 0, false, err
	}
	defer func() { _ = sc.close() }()
	for {
		f, payload, _, err := sc.next()
		if err != nil {
			return 0, false, nil // no commit ends in this segment
		}
		if f.kind != typeCommit {
			continue
		}
		before = readCommitInfo(payload).csn
		if LSN(f.record) >= s.start {
			before--
		}
		l.mu.Lock()
		s.before, s.known = before, true
		l.mu.Unlock()
		return before, true, nil
	}
}

// History calls yield with each commit above after and up to to, in order, until it returns false. Only what Sync has
// promised is read. ErrGone: the log does not reach back that far.
func (l *Log) History(ctx context.Context, after, to uint64, yield func(Commit) (bool, error)) error {
	p := &pin{}
	l.mu.Lock()
	l.kept[p] = struct{}{} // position 0: nothing is dropped
	l.mu.Unlock()
	defer func() {
		l.mu.Lock()
		delete(l.kept, p)
		l.mu.Unlock()
	}()
	from, _, err := l.Find(after)
	if err != nil {
		return err
	}
	l.mu.Lock()
	segs := append([]*segment(nil), l.segs...)
	p.from = from
	stop := LSN(l.written.Load())
	if l.o.Mode == Full {
		stop = LSN(l.durable.Load())
	}
	l.mu.Unlock()
	if from >= stop {
		return nil
	}
	sc, err := newScanner(l.o.FS, segs, from, stop)
	if err != nil {
		return err
	}
	err = l.yieldCommits(ctx, sc, after, to, yield)
	return errors.Join(err, sc.close())
}

func (l *Log) yieldCommits(ctx context.Context, sc *scanner, after, to uint64, yield func(Commit) (bool, error)) error {
	for n := 0; ; n++ {
		if n%256 == 0 {
			if err := ctx.Err(); err != nil {
				return err
			}
		}
		f, payload, pos, err := sc.next()
		if errors.Is(err, errStop) {
			return nil
		}
		var bad *invalid
		if errors.As(err, &bad) {
			return sc.damage(sc.pos, bad.detail)
		}
		if err != nil {
			return err
		}
		c, ok, err := sc.commit(f, payload)
		if err != nil {
			return sc.damage(pos, err.Error())
		}
		if !ok || c.CSN <= after {
			continue
		}
		if c.CSN > to {
			return nil
		}
		if more, err := yield(c); !more || err != nil {
			return err
		}
	}
}

// Drop removes the segments that hold nothing at or behind keep, except those that a running History reads. A segment that
// cannot be removed stays until the next call; only a failed sync of the directory is an error, besides the sticky one.
func (l *Log) Drop(keep LSN) (removed int, err error) {
	l.allocMu.Lock() // one at a time, and not while segments are added
	defer l.allocMu.Unlock()
	l.mu.Lock()
	if l.err != nil {
		err := l.err
		l.mu.Unlock()
		return 0, err
	}
	for p := range l.kept {
		keep = min(keep, p.from)
	}
	keep = min(keep, LSN(l.durable.Load()))
	n := 0
	for n+1 < len(l.segs) && l.segs[n+1].start <= keep && l.segs[n].file == nil {
		n++
	}
	gone := append([]*segment(nil), l.segs[:n]...)
	l.mu.Unlock()
	if n == 0 {
		return 0, nil
	}
	for i, s := range gone {
		if err := l.o.FS.Remove(s.name); err != nil && !vfs.IsNotExist(err) {
			n = i
			break
		}
	}
	l.mu.Lock()
	l.segs = append([]*segment(nil), l.segs[n:]...)
	cut := sort.Search(len(l.index), func(i int) bool { return l.index[i].end >= l.segs[0].start })
	cut = min(cut, len(l.index)-1) // Append compares with the last one
	l.index = append([]indexEntry(nil), l.index[cut:]...)
	l.mu.Unlock()
	return n, l.o.FS.SyncDir(l.o.Dir)
}

// Extent is a part of a segment file, from its beginning. The file may be shorter, when a recovery cut it.
type Extent struct {
	Name string
	Size int64
}

// Extents returns what must be copied of which segment files, in order, to have the stream from one position to another; to
// must be the end of a record that is written.
func (l *Log) Extents(from, to LSN) []Extent {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []Extent
	for i, s := range l.segs {
		if s.start >= to || i+1 < len(l.segs) && l.segs[i+1].start <= from {
			continue
		}
		out = append(out, Extent{Name: s.name, Size: min(s.capacity, int64(to-s.start))})
	}
	return out
}
