package wal

import (
	"errors"
	"runtime"
	"time"

	"github.com/worktable-go/worktable/persistence/vfs"
)

const (
	writeBuffer = 1 << 20
	maxUnsynced = 4 // full segments that are kept open until the operating system has written them
)

// writer turns records into bytes in segments. It belongs to whoever holds Log.flushMu.
type writer struct {
	l     *Log
	seg   *segment
	pos   LSN // of the next frame
	base  LSN // position of buf[0]
	buf   []byte
	chain uint32
}

// write writes the records.
func (w *writer) write(records []*Record) error {
	for _, r := range records {
		p := placer{capacity: LSN(w.seg.capacity)}
		part := p.part()
		for i := range r.frames(part) {
			size := r.frameSize(i, part)
			if w.pos+LSN(size)+endFrame > w.seg.end() {
				if err := w.cross(); err != nil {
					return err
				}
			}
			b := w.grow(size)
			w.chain = r.put(b, i, part, w.seg.salt, w.pos, LSN(w.l.durable.Load()), w.chain)
			w.pos += LSN(size)
			if len(w.buf) >= writeBuffer {
				if err := w.out(); err != nil {
					return err
				}
			}
		}
	}
	return w.out()
}

// grow extends the buffer by n bytes and returns them.
func (w *writer) grow(n int) []byte {
	have := len(w.buf)
	if have+n > cap(w.buf) {
		bigger := make([]byte, have, max(2*cap(w.buf), have+n, 64<<10))
		copy(bigger, w.buf)
		w.buf = bigger
	}
	w.buf = w.buf[:have+n]
	return w.buf[have:]
}

// out writes the buffer to the segment.
func (w *writer) out() error {
	if len(w.buf) == 0 {
		return nil
	}
	if err := vfs.WriteFull(w.seg.file, w.buf, int64(w.base-w.seg.start)); err != nil {
		return err
	}
	w.base = w.pos
	w.buf = w.buf[:0]
	w.l.mu.Lock()
	w.seg.dirty = true
	w.l.mu.Unlock()
	return nil
}

// cross ends the segment and goes on in the next one, which was allocated before anything was placed in it.
func (w *writer) cross() error {
	next := w.seg.end()
	b := w.grow(endFrame)
	w.chain = putEnd(b, w.seg.salt, w.pos, next, LSN(w.l.durable.Load()), w.chain)
	w.pos += endFrame
	if err := w.out(); err != nil {
		return err
	}
	w.l.mu.Lock()
	defer w.l.mu.Unlock()
	w.seg.full = true
	for _, s := range w.l.segs {
		if s.start == next {
			w.seg, w.pos, w.base = s, s.first(), s.first()
			return nil
		}
	}
	return errors.New("wal: the next segment was not made")
}

// gather waits a little before a sync for the committers that the last sync has just released: they are about to come
// with their next commits, and would otherwise always miss the sync that the others begin. It waits an eighth of a sync's
// time at most, and not at all for a single committer. l.flushMu is held.
func (l *Log) gather() {
	limit := l.syncTime / 8
	if l.o.Mode != Full || l.crowd < 2 || limit < 5*time.Microsecond {
		return
	}
	for start := time.Now(); time.Since(start) < limit; runtime.Gosched() {
		l.mu.Lock()
		n := int64(len(l.queue))
		l.mu.Unlock()
		if n == 0 || n >= l.crowd {
			return
		}
	}
}

// syncBatch is sync for a batch of commits. l.flushMu is held.
func (l *Log) syncBatch() error {
	start := time.Now()
	err := l.sync()
	l.syncTime += (time.Since(start) - l.syncTime) / 4
	l.crowd = l.waiters.Load()
	return err
}

// flush writes the queue, and syncs in mode Full. l.flushMu is held.
func (l *Log) flush() error {
	l.gather()
	l.mu.Lock()
	if l.err != nil || len(l.queue) == 0 {
		err := l.err
		l.mu.Unlock()
		return err
	}
	q, end := l.queue, l.next
	l.queue = l.spare[:0]
	l.spare = nil
	r := l.waiting
	l.waiting = newRound()
	l.flying, l.flyingEnd = r, end
	l.mu.Unlock()

	err := l.w.write(q)
	if err == nil {
		l.written.Store(uint64(end))
		if l.o.Mode == Full && !(len(q) == 1 && q[0].mark) {
			err = l.syncBatch()
		}
	}
	if err != nil {
		err = l.poison(err)
	}
	for i, rec := range q {
		if cap(rec.Data) <= writeBuffer {
			l.pool.Put(rec)
		}
		q[i] = nil
	}
	l.mu.Lock()
	l.spare = q[:0]
	l.flying = nil
	l.mu.Unlock()
	close(r.done)
	l.arm()
	return err
}

// arm starts the timers that follow a write.
func (l *Log) arm() {
	if l.o.MarkDelay > 0 {
		l.markTimer.Reset(l.o.MarkDelay)
	}
	if l.o.Mode == Normal && l.durable.Load() < l.written.Load() && l.syncArmed.CompareAndSwap(false, true) {
		l.syncTimer.Reset(l.o.Interval)
	}
}

func (l *Log) startTimers() {
	l.markTimer = time.NewTimer(time.Hour)
	l.markTimer.Stop()
	l.syncTimer = time.NewTimer(time.Hour)
	l.syncTimer.Stop()
}

// sync makes what is written durable.
func (l *Log) sync() error {
	l.syncMu.Lock()
	defer l.syncMu.Unlock()
	end := l.written.Load()
	var dirty []*segment
	l.mu.Lock()
	if l.err != nil {
		err := l.err
		l.mu.Unlock()
		return err
	}
	for _, s := range l.segs {
		if s.dirty {
			s.dirty = false
			dirty = append(dirty, s)
		}
	}
	l.mu.Unlock()
	for _, s := range dirty {
		if err := s.file.SyncData(); err != nil {
			return l.poison(err)
		}
	}
	l.syncs.Add(1)
	if end > l.durable.Load() {
		l.durable.Store(end)
	}
	return l.closeFull()
}

// closeFull closes the segments that are written and synced. l.syncMu is held.
func (l *Log) closeFull() error {
	var done []vfs.File
	l.mu.Lock()
	for _, s := range l.segs {
		if s.full && !s.dirty && s.file != nil {
			done = append(done, s.file)
			s.file = nil
		}
	}
	l.mu.Unlock()
	for _, f := range done {
		if err := f.Close(); err != nil {
			return l.poison(err)
		}
	}
	return nil
}

// run is the writer goroutine.
func (l *Log) run() {
	defer l.wg.Done()
	for {
		select {
		case <-l.quit:
			return
		case <-l.kick:
			l.flushMu.Lock()
			_ = l.flush() // sticky, and told to those who wait
			l.flushMu.Unlock()
			l.allocateAhead()
			if l.fullSegments() > maxUnsynced {
				_ = l.sync()
			}
		case <-l.syncTimer.C:
			l.syncArmed.Store(false) // before: what is written from now on arms it again
			_ = l.sync()
			if l.o.MarkDelay > 0 {
				l.markTimer.Reset(l.o.MarkDelay)
			}
		case <-l.markTimer.C:
			l.mark()
		}
	}
}

// fullSegments returns how many segments are written to their end and still open: unsynced, in mode Off.
func (l *Log) fullSegments() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segs {
		if s.full && s.file != nil {
			n++
		}
	}
	return n
}

// mark writes a mark when the log is idle and everything is durable, so that damage at the end can be told from an
// end that was never written. Nobody waits for it.
func (l *Log) mark() {
	l.flushMu.Lock()
	defer l.flushMu.Unlock()
	if l.enqueueMark() {
		_ = l.flush()
	}
}

func (l *Log) enqueueMark() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	end := l.next + frameHeader
	if l.err != nil || len(l.queue) > 0 || l.markAt == l.next || LSN(l.durable.Load()) != l.next ||
		end+endFrame > min(l.allocated, l.segStart+LSN(l.o.Segment)) {
		return false
	}
	l.enqueue(&Record{mark: true}, end)
	l.markAt = end
	return true
}

// Close writes and syncs what was appended and ends with a mark. It returns the sticky error, if there is one.
func (l *Log) Close() error {
	l.mu.Lock()
	if l.closed {
		l.mu.Unlock()
		return nil
	}
	l.closed = true
	l.mu.Unlock()
	close(l.quit)
	l.wg.Wait()

	l.flushMu.Lock()
	defer l.flushMu.Unlock()
	err := l.flush()
	if err == nil {
		err = l.sync()
	}
	if err == nil && l.enqueueMark() {
		if err = l.flush(); err == nil {
			err = l.sync()
		}
	}
	l.markTimer.Stop()
	l.syncTimer.Stop()
	l.allocMu.Lock() // nobody allocates any more
	defer l.allocMu.Unlock()
	l.syncMu.Lock()
	defer l.syncMu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.segs {
		if s.file != nil {
			closeErr := s.file.Close()
			s.file = nil
			if err == nil && closeErr != nil {
				err = closeErr
			}
		}
	}
	return err
}
