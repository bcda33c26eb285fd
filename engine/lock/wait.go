package lock

import (
	"context"
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Wait says what to do when a lock is not free.
type Wait struct {
	Timeout    time.Duration // 0: Options.WaitTimeout; negative: no limit
	NoWait     bool          // fail with sqlerr.LockNowait
	SkipLocked bool          // give up with Skipped
}

// request is what an owner queues for.
type request struct {
	mode    Mode
	upgrade bool
	probe   bool
	slot    defSlot
}

// outcome is how a wait ended.
type outcome uint8

const (
	granted outcome = iota
	timedOut
	cancelled
	deadlocked
)

// block queues o for r and waits until the request is granted or the wait fails. The latch of r's stripe is held on
// entry and released on return. A failed wait leaves nothing behind.
func (m *Manager) block(ctx context.Context, o *Owner, r *record, q request, timeout time.Duration) error {
	s := r.stripe // r itself may be recycled as soon as a probe is answered
	if err := ctx.Err(); err != nil {
		if r.kind == kindDefinition && q.mode.X != 0 {
			r.def.unclaim() // as withdraw does
			r.serve()
		}
		m.deflate(r)
		s.latch.Unlock()
		return sqlerr.Wrap(err, sqlerr.QueryInterrupted)
	}
	w := &o.w
	began := time.Now()
	w.party = o.party.Load()
	w.mode, w.upgrade, w.probe, w.slot = q.mode, q.upgrade, q.probe, q.slot
	w.since = began.UnixNano()
	w.party.wait.Store(w)
	r.enqueue(w)
	s.latch.Unlock()

	m.stats.waiting.Add(1)
	how := m.await(ctx, w, s, timeout)
	m.stats.waiting.Add(-1)
	m.stats.waitTime.Add(int64(time.Since(began)))
	w.slot = nil
	switch how {
	case deadlocked:
		m.stats.deadlocks.Add(1)
		return sqlerr.New(sqlerr.Deadlock)
	case timedOut:
		m.stats.timeouts.Add(1)
		return sqlerr.New(sqlerr.LockWaitTimeout)
	case cancelled:
		m.stats.cancelled.Add(1)
		return sqlerr.Wrap(ctx.Err(), sqlerr.QueryInterrupted)
	}
	return nil
}

// await waits for the queued w.
func (m *Manager) await(ctx context.Context, w *waiter, s *stripe, timeout time.Duration) outcome {
	o := w.owner
	dead := m.inCycle(w, false) && m.breakCycle(w)
	m.stats.waits.Add(1) // after the search: tests rely on it
	if dead {
		return deadlocked
	}
	var expired <-chan time.Time
	if timeout == 0 {
		timeout = m.timeout
	}
	if timeout > 0 {
		if o.timer == nil {
			o.timer = time.NewTimer(timeout)
		} else {
			o.timer.Reset(timeout)
		}
		defer o.timer.Stop()
		expired = o.timer.C
	}
	how := timedOut
	select {
	case <-o.wake:
		return granted
	case <-expired:
	case <-ctx.Done():
		how = cancelled
	}
	s.latch.Lock()
	defer s.latch.Unlock()
	if !m.withdraw(w) {
		return granted
	}
	return how
}

// withdraw takes w out of its queue and reports true, or consumes its wake-up when it has been granted already. The
// latch of the stripe where it queued is held.
func (m *Manager) withdraw(w *waiter) bool {
	if w.stripe.Load() == nil {
		<-w.owner.wake // sent under the latch, before it cleared stripe's holder
		return false
	}
	r := w.rec
	r.unlink(w)
	if r.kind == kindDefinition && w.mode.X != 0 {
		r.def.unclaim()
	}
	r.serve()
	m.deflate(r)
	return true
}
