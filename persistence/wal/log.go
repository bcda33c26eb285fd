package wal

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// Mode says what Sync waits for.
type Mode uint8

// The modes.
const (
	Full   Mode = iota // written and synced
	Normal             // written; synced within Options.Interval
	Off                // written
)

var (
	// ErrPoisoned is below every error after the first failed write or sync.
	ErrPoisoned = errors.New("wal: the log failed")
	// ErrClosed is returned after Close.
	ErrClosed = errors.New("wal: the log is closed")
	// ErrGone is returned when commits that are asked for are no longer kept.
	ErrGone = errors.New("wal: the position is no longer kept")
	// ErrTooLarge is returned for a record that no log could hold.
	ErrTooLarge = errors.New("wal: the record is too large")
)

// Options configure Open.
type Options struct {
	FS       vfs.FS
	Dir      string
	ID       [16]byte
	Segment  int64 // size of new segments
	Mode     Mode
	Interval time.Duration // of Normal

	// MarkDelay is how long after the last write a mark is written that tells a later reader what was durable; below
	// 0: never. 0: 50 ms.
	MarkDelay time.Duration
	// OnPoison is called once, with the error, when the log fails. It must not call the Log.
	OnPoison func(error)
}

const (
	defaultMarkDelay = 50 * time.Millisecond
	allocateChunk    = 1 << 20  // bytes allocated at a time
	indexEvery       = 64 << 10 // bytes of log between entries of the index
	maxRecord        = 1 << 40
)

// indexEntry says that commit csn ends at a position.
type indexEntry struct {
	csn uint64
	end LSN
}

// round is one pass of the writer; done is closed when it is over.
type round struct{ done chan struct{} }

func newRound() *round { return &round{done: make(chan struct{})} }

// Log is an open log. Open makes one.
//
// Locks, in the order in which they are taken: flushMu (whoever writes), syncMu (whoever syncs), allocMu (whoever
// allocates), mu (state; never held during I/O).
type Log struct {
	o       Options
	pool    sync.Pool // *Record
	written atomic.Uint64
	durable atomic.Uint64
	syncs   atomic.Uint64
	broken  chan struct{} // closed when poisoned
	kick    chan struct{}
	quit    chan struct{}
	wg      sync.WaitGroup

	flushMu  sync.Mutex
	w        writer
	crowd    int64         // committers that waited when the last sync ended; guarded by flushMu
	syncTime time.Duration // of recent syncs; guarded by flushMu
	waiters  atomic.Int64

	syncMu  sync.Mutex
	allocMu sync.Mutex

	mu        sync.Mutex
	err       error // sticky
	closed    bool
	queue     []*Record
	spare     []*Record
	next      LSN // where the next frame is placed, before a change of segment
	segStart  LSN // of the segment that next is in
	lastCSN   uint64
	markAt    LSN // end of the last mark
	allocated LSN // space exists up to here
	segs      []*segment
	index     []indexEntry
	waiting   *round // the pass that will take the queue
	flying    *round // the pass under way, nil when none
	flyingEnd LSN
	kept      map[*pin]struct{}
	markTimer *time.Timer
	syncTimer *time.Timer
	syncArmed atomic.Bool
}

// pin keeps segments from being dropped.
type pin struct{ from LSN }

// Create makes the first segment of a new log, durably. Scan and Open follow.
func Create(fsys vfs.FS, dir string, id [16]byte, size int64) error {
	s := &segment{name: segmentName(dir, 0), capacity: size, salt: newSalt()}
	if err := createSegment(fsys, dir, s, id, min(size, segmentHeader)); err != nil {
		return err
	}
	return s.file.Close()
}

// Open makes the log writable behind its tail: it removes what lies there and begins a new segment.
func Open(o Options, t *Tail) (l *Log, err error) {
	if o.Segment < MinSegment || o.Segment > MaxSegment {
		return nil, fmt.Errorf("wal: segment size %d is not between %d and %d", o.Segment, MinSegment, MaxSegment)
	}
	o.Segment &^= 7
	if o.MarkDelay == 0 {
		o.MarkDelay = defaultMarkDelay
	}
	for _, s := range t.segs {
		if s.readOnly != 0 {
			return nil, fmt.Errorf("%w: %s has features %#x; it can only be read", ErrNewerFormat, s.name, s.readOnly)
		}
	}
	if err := t.repair(o.FS, o.Dir); err != nil {
		return nil, err
	}
	l = &Log{o: o, broken: make(chan struct{}), kick: make(chan struct{}, 1), quit: make(chan struct{}),
		waiting: newRound(), kept: map[*pin]struct{}{}, lastCSN: t.LastCSN, index: t.index}
	l.pool.New = func() any { return new(Record) }
	l.segs = t.segs
	start := t.End + endFrame
	if t.empty {
		start = t.segs[t.last].start
		l.segs = t.segs[:t.last]
	}
	s := &segment{name: segmentName(o.Dir, start), start: start, capacity: o.Segment, salt: newSalt(), before: t.LastCSN, known: true}
	first := min(s.capacity, l.chunk())
	if err := createSegment(o.FS, o.Dir, s, o.ID, first); err != nil {
		return nil, err
	}
	chain := t.chain
	if !t.empty {
		if chain, err = t.leadOn(o.FS, start); err != nil {
			return nil, errors.Join(err, s.file.Close())
		}
	}
	l.segs = append(l.segs, s)
	l.next, l.segStart, l.allocated = s.first(), start, start+LSN(first)
	l.index = append(l.index, indexEntry{csn: t.LastCSN, end: l.next})
	l.w = writer{l: l, seg: s, pos: l.next, base: l.next, chain: chain}
	l.written.Store(uint64(l.next))
	l.durable.Store(uint64(l.next))
	l.markAt = l.next
	l.startTimers()
	l.wg.Add(1)
	go l.run()
	return l, nil
}

// leadOn writes the end frame that leads from the recovered end to the segment at next.
func (t *Tail) leadOn(fsys vfs.FS, next LSN) (chain uint32, err error) {
	s := t.segs[t.last]
	f, err := fsys.Open(s.name)
	if err != nil {
		return 0, err
	}
	b := make([]byte, endFrame)
	chain = putEnd(b, s.salt, t.End, next, t.End, t.chain)
	err = vfs.WriteFull(f, b, int64(t.End-s.start))
	if err == nil {
		err = f.Sync()
	}
	return chain, errors.Join(err, f.Close())
}

// NewRecord returns an empty record. Append takes it over; one that is dropped is left to the garbage collector.
func (l *Log) NewRecord() *Record {
	r := l.pool.Get().(*Record)
	*r = Record{Data: r.Data[:0]}
	return r
}

// Reserve makes room for a record, with I/O if need be, so that Append need not. It fails like Append.
func (l *Log) Reserve(r *Record) error {
	l.mu.Lock()
	err := l.usable()
	need, allocated := l.endOf(r)+l.slack(), l.allocated
	l.mu.Unlock()
	if err != nil || need <= allocated {
		return err
	}
	return l.allocate(need)
}

// slack is what Reserve keeps free beyond its own record, for those that reserve at the same time.
func (l *Log) slack() LSN { return LSN(l.chunk() / 4) }

// Append gives the record its place in the stream. It allocates space only when others took what Reserve had found.
// The position is that behind the record. An error means that nothing was appended; vfs.IsNoSpace tells a full disk.
func (l *Log) Append(r *Record, csn uint64, unixMicros int64) (LSN, error) {
	for {
		l.mu.Lock()
		if err := l.usable(); err != nil {
			l.mu.Unlock()
			return 0, err
		}
		if len(r.Data) > maxRecord {
			l.mu.Unlock()
			return 0, ErrTooLarge
		}
		end := l.endOf(r)
		if end+endFrame > l.allocated {
			l.mu.Unlock()
			if err := l.allocate(end + endFrame); err != nil {
				return 0, err
			}
			continue
		}
		r.csn, r.time = csn, unixMicros
		l.enqueue(r, end)
		l.lastCSN = csn
		if end-l.index[len(l.index)-1].end >= indexEvery {
			l.index = append(l.index, indexEntry{csn: csn, end: end})
		}
		low := l.allocated-end < l.slack()*2
		l.mu.Unlock()
		if low {
			l.wake()
		}
		return end, nil
	}
}

// usable returns why nothing can be appended. l.mu is held.
func (l *Log) usable() error {
	switch {
	case l.err != nil:
		return l.err
	case l.closed:
		return ErrClosed
	}
	return nil
}

// enqueue places the record at l.next. l.mu is held and space is there.
func (l *Log) enqueue(r *Record, end LSN) {
	p := l.placer()
	p.place(r.frameSize(0, p.part()))
	r.start = p.pos
	p = l.placer()
	if p.record(r) {
		for _, s := range l.segs {
			if s.start <= l.segStart || s.start > p.start || s.known {
				continue
			}
			s.before, s.known = l.lastCSN, true
			if r.start < s.start {
				s.before = r.csn // whoever begins to read in s misses the beginning of r
			}
		}
	}
	l.segStart, l.next = p.start, end
	l.queue = append(l.queue, r)
}

// endOf returns the position behind r if it were appended now. l.mu is held.
func (l *Log) endOf(r *Record) LSN {
	p := l.placer()
	p.record(r)
	return p.pos
}

func (l *Log) placer() placer {
	return placer{start: l.segStart, pos: l.next, capacity: LSN(l.o.Segment)}
}

// chunk is how much is allocated at a time.
func (l *Log) chunk() int64 { return min(allocateChunk, l.o.Segment) }

// wake tells the writer goroutine that there is something to write or allocate.
func (l *Log) wake() {
	select {
	case l.kick <- struct{}{}:
	default:
	}
}

// poison makes err sticky. It returns the error that callers get.
func (l *Log) poison(err error) error {
	l.mu.Lock()
	if l.err == nil {
		l.err = fmt.Errorf("%w: %w", ErrPoisoned, err)
		close(l.broken)
		if l.o.OnPoison != nil {
			defer l.o.OnPoison(l.err)
		}
	}
	err = l.err
	l.mu.Unlock()
	return err
}

// Poison makes the log fail from outside: another file of the store has failed.
func (l *Log) Poison(err error) { _ = l.poison(err) }

// Err returns the sticky error, nil while the log works.
func (l *Log) Err() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.err
}

// Sync waits until everything before pos is as durable as the mode says. A context that ends first ends the wait only.
func (l *Log) Sync(ctx context.Context, pos LSN) error {
	if l.o.Mode == Full {
		return l.wait(ctx, pos, &l.durable)
	}
	return l.wait(ctx, pos, &l.written)
}

// Force waits until everything before pos is synced, in any mode.
func (l *Log) Force(ctx context.Context, pos LSN) error {
	if err := l.wait(ctx, pos, &l.written); err != nil {
		return err
	}
	if LSN(l.durable.Load()) >= pos {
		return nil
	}
	return l.sync()
}

// wait waits until reached is at or beyond pos.
func (l *Log) wait(ctx context.Context, pos LSN, reached *atomic.Uint64) error {
	if LSN(reached.Load()) >= pos {
		return nil
	}
	l.waiters.Add(1)
	defer l.waiters.Add(-1)
	for LSN(reached.Load()) < pos {
		if l.flushMu.TryLock() {
			err := l.flush()
			if err == nil && reached == &l.durable && LSN(reached.Load()) < pos && LSN(l.written.Load()) >= pos {
				err = l.sync() // a mark is written without
			}
			l.flushMu.Unlock()
			if err != nil && LSN(reached.Load()) < pos {
				return err
			}
			continue
		}
		l.mu.Lock()
		if l.err != nil {
			err := l.err
			l.mu.Unlock()
			return err
		}
		r := l.waiting
		if l.flying != nil && pos <= l.flyingEnd {
			r = l.flying
		}
		if LSN(reached.Load()) >= pos {
			l.mu.Unlock()
			return nil
		}
		l.mu.Unlock()
		l.wake()
		select {
		case <-r.done:
		case <-l.broken:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// Positions returns the end of what was appended, what is synced, and the start of the oldest segment.
func (l *Log) Positions() (end, durable, start LSN) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next, LSN(l.durable.Load()), l.segs[0].start
}

// Segments returns how many segment files there are, and Syncs how often they were synced.
func (l *Log) Segments() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.segs)
}

// Syncs returns how often the log was synced.
func (l *Log) Syncs() uint64 { return l.syncs.Load() }
