package wal

import (
	"fmt"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// allocateStep is the least that is allocated when the disk is nearly full.
const allocateStep = 4 << 10

// allocate makes space up to need. The error is clean when the disk is full or a file could not be made: the log goes on,
// and a later call tries again. Any other failure poisons.
func (l *Log) allocate(need LSN) error {
	l.allocMu.Lock()
	defer l.allocMu.Unlock()
	for {
		l.mu.Lock()
		if err := l.usable(); err != nil {
			l.mu.Unlock()
			return err
		}
		last, allocated := l.segs[len(l.segs)-1], l.allocated
		l.mu.Unlock()
		if allocated >= need {
			return nil
		}
		var err error
		if allocated < last.end() {
			err = l.extend(last, allocated, need)
		} else {
			err = l.addSegment(last.end())
		}
		if err != nil {
			err = fmt.Errorf("wal: allocating space for the log: %w", err)
			if !vfs.IsNoSpace(err) && !vfs.IsHarmless(err) {
				err = l.poison(err)
			}
			return err
		}
	}
}

// extend writes zeros behind what is allocated. Near the end of the disk's space it is content with less.
func (l *Log) extend(s *segment, from, need LSN) error {
	size := min(l.chunk(), int64(s.end()-from))
	least := min(size, max(allocateStep, int64(need-from)))
	for {
		err := vfs.WriteFull(s.file, make([]byte, size), int64(from-s.start))
		if err == nil {
			l.mu.Lock()
			l.allocated = from + LSN(size)
			l.mu.Unlock()
			return nil
		}
		if !vfs.IsNoSpace(err) || size == least {
			return err
		}
		size = max(least, size/2&^7)
	}
}

func (l *Log) addSegment(start LSN) error {
	s := &segment{name: segmentName(l.o.Dir, start), start: start, capacity: l.o.Segment, salt: newSalt()}
	size := l.chunk()
	for {
		err := createSegment(l.o.FS, l.o.Dir, s, l.o.ID, size)
		if err == nil {
			break
		}
		least := min(l.chunk(), allocateStep)
		if !vfs.IsNoSpace(err) || size <= least {
			return err
		}
		size = max(least, size/2&^7)
	}
	l.mu.Lock()
	l.segs = append(l.segs, s)
	l.allocated = start + LSN(size)
	l.mu.Unlock()
	return nil
}

// allocateAhead keeps space ahead of the appenders. A full disk is their concern, when they run out.
func (l *Log) allocateAhead() {
	l.mu.Lock()
	need := l.next + 2*l.slack()
	low := need > l.allocated && !l.closed
	l.mu.Unlock()
	if low {
		_ = l.allocate(need)
	}
}
