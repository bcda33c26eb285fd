package index

import (
	"runtime"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// rwlock is a reader-writer lock for short critical sections. Readers count themselves in one of several cells, so that
// readers on different processors do not write the same cache line; a writer raises a flag and waits until every cell
// is empty. A reader that sees the flag takes back its count and queues for the writers' mutex, so that neither side
// starves.
//
// Invariant: while writing is set by the holder of mu and every cell has been seen 0 after that, no reader is inside.
// A reader first adds and then looks at writing; a writer first sets writing and then looks at the cells: one of them
// sees the other.
type rwlock struct {
	mu      sync.Mutex
	writing atomic.Bool
	_       [64]byte
	cells   [lockCells]lockCell
}

const lockCells = 8

type lockCell struct {
	n atomic.Int64
	_ [56]byte
}

// RLock returns what RUnlock needs.
func (l *rwlock) RLock() *lockCell {
	// Goroutines have different stacks: the address of a local spreads them well enough.
	var here byte
	c := &l.cells[uintptr(unsafe.Pointer(&here))>>11*0x9E3779B1>>16%lockCells]
	c.n.Add(1)
	if !l.writing.Load() {
		return c
	}
	return l.rlockSlow(c)
}

func (l *rwlock) rlockSlow(c *lockCell) *lockCell {
	c.n.Add(-1)
	l.mu.Lock() // no writer is inside, and none gets in before Unlock
	c.n.Add(1)
	l.mu.Unlock()
	return c
}

func (l *rwlock) RUnlock(c *lockCell) { c.n.Add(-1) }

func (l *rwlock) Lock() {
	l.mu.Lock()
	l.writing.Store(true)
	for i := range l.cells {
		for spins := 0; l.cells[i].n.Load() != 0; spins++ {
			switch {
			case spins > 200: // a reader that the operating system has put aside
				time.Sleep(20 * time.Microsecond)
			case spins > 16:
				runtime.Gosched()
			}
		}
	}
}

func (l *rwlock) Unlock() {
	l.writing.Store(false)
	l.mu.Unlock()
}
