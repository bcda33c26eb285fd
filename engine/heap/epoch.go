package heap

import (
	"sync"
	"sync/atomic"
	"unsafe"
)

// Epochs tells when memory that readers might still see may be reused. One serves a whole database.
//
// The global epoch e only grows. A Pin counts itself in its stripe under e and then looks whether e is still the
// epoch; if not it takes the count back and tries again. The epoch goes from e to e+1 only when no stripe counts a Pin
// under e-1. So while a Pin of epoch e is held the epoch is at most e+1.
//
// Something is retired after it was unlinked, under the epoch r read then. Whoever may still see it pinned before
// the unlinking, so under r or r-1. When the epoch has reached r+2 those are gone, and it is ripe.
//
// Counters are three per stripe, taken modulo three: of epochs e and e-1, and of e+1, which is also e-2 and holds only
// the passing counts of Pins that were late and retry.
type Epochs struct {
	global  atomic.Uint64
	stripes [epochStripes]epochStripe
	pools   [blockPools]blockPool // here because blocks of all Spaces ripen alike

	mu      sync.Mutex
	retired []retiredFunc // in ascending epoch
	next    int           // the first that has not run
}

const epochStripes = 64

type epochStripe struct {
	pins [3]atomic.Int64
	_    [128 - 24]byte // two lines: the adjacent-line prefetcher pairs them
}

type retiredFunc struct {
	epoch uint64
	run   func()
}

// NewEpochs returns an Epochs.
func NewEpochs() *Epochs {
	e := &Epochs{}
	e.global.Store(3) // so that epoch-2 never wraps
	return e
}

// Guard is one Pin. Copying is fine; Unpin exactly once.
type Guard struct{ count *atomic.Int64 }

// Pin keeps all memory reachable from now on as it is until Unpin. Pins nest and cost about ten nanoseconds. They must
// be short: a batch of rows, never a wait.
func (e *Epochs) Pin() Guard {
	s := &e.stripes[stackHint()%epochStripes]
	for {
		epoch := e.global.Load()
		c := &s.pins[epoch%3]
		c.Add(1)
		if e.global.Load() == epoch {
			return Guard{c}
		}
		c.Add(-1)
	}
}

// Unpin ends the Pin.
func (g Guard) Unpin() { g.count.Add(-1) }

// now is the epoch under which something unlinked before the call is retired.
func (e *Epochs) now() uint64 { return e.global.Load() }

// ripe reports whether what was retired under epoch can be reused.
func (e *Epochs) ripe(epoch uint64) bool { return e.global.Load() >= epoch+2 }

// tryAdvance moves the epoch on by one if no Pin of the epoch before is left.
func (e *Epochs) tryAdvance() bool {
	epoch := e.global.Load()
	before := (epoch + 2) % 3 // epoch-1
	for i := range e.stripes {
		if e.stripes[i].pins[before].Load() != 0 {
			return false
		}
	}
	return e.global.CompareAndSwap(epoch, epoch+1)
}

// advance moves the epoch on far enough to make everything retired before the call ripe, as far as Pins allow.
func (e *Epochs) advance() {
	for target := e.now() + 2; e.now() < target; {
		before := e.now()
		if !e.tryAdvance() && e.now() == before {
			return
		}
	}
}

// Retire calls f once after every Pin from before is gone. f runs in some goroutine that retires or reclaims, without
// locks held, and must be short.
func (e *Epochs) Retire(f func()) {
	e.mu.Lock()
	e.retired = append(e.retired, retiredFunc{e.now(), f})
	crowded := len(e.retired)-e.next >= 64
	e.mu.Unlock()
	if crowded {
		e.Reclaim()
	}
}

// Reclaim advances the epoch as far as the Pins allow and runs what became ripe. It never waits. For the background
// worker.
func (e *Epochs) Reclaim() {
	e.advance()
	for {
		f := e.takeRipe()
		if f == nil {
			return
		}
		f()
	}
}

func (e *Epochs) takeRipe() func() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.next == len(e.retired) || !e.ripe(e.retired[e.next].epoch) {
		return nil
	}
	f := e.retired[e.next].run
	e.retired[e.next].run = nil
	e.next++
	if e.next == len(e.retired) {
		e.retired, e.next = e.retired[:0], 0
	} else if e.next >= 1024 && e.next*2 >= len(e.retired) {
		n := copy(e.retired, e.retired[e.next:])
		clear(e.retired[n:])
		e.retired, e.next = e.retired[:n], 0
	}
	return f
}

// stackHint spreads goroutines: each has its own stack, so the address of a local variable tells them apart well
// enough to pick a stripe or a shard. A collision costs speed, nothing else.
func stackHint() uint64 {
	var here byte
	return uint64(uintptr(unsafe.Pointer(&here))>>11) * 0x9e3779b97f4a7c15 >> 40
}
