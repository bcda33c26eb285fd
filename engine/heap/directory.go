package heap

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

// directory maps an element's number to the chunk that holds it, without a lock. Chunks never move. Chunk 0 holds
// 1<<min elements, the next doubles what is there, and from 1<<max elements on all chunks have that size: small tables
// stay small and large ones grow by equal steps. An element's place in its chunk is number & (len(chunk)-1).
//
// The table of pointers is replaced when it grows; entries are stored under mu. A number that reached the reader over
// an atomic was given out after its chunk was stored, so the reader's load of the table sees the chunk.
type directory[T any] struct {
	min, max uint
	mu       sync.Mutex
	table    atomic.Pointer[[]atomic.Pointer[T]]
}

func (d *directory[T]) init(min, max uint) { d.min, d.max = min, max }

func (d *directory[T]) chunkOf(n uint64) uint64 {
	if q := n >> (d.max & 63); q != 0 {
		return q + uint64(d.max-d.min)
	}
	return uint64(bits.Len64(n >> (d.min & 63)))
}

// first returns the number of the chunk's first element.
func (d *directory[T]) first(chunk uint64) uint64 {
	if big := uint64(d.max - d.min); chunk > big {
		return (chunk - big) << d.max
	}
	if chunk == 0 {
		return 0
	}
	return 1 << (uint64(d.min) + chunk - 1)
}

// size returns the number of elements of the chunk.
func (d *directory[T]) size(chunk uint64) uint64 { return d.first(chunk+1) - d.first(chunk) }

// get returns the chunk that holds element n, nil when it was not made.
func (d *directory[T]) get(n uint64) *T {
	t := d.table.Load()
	if t == nil {
		return nil
	}
	if c := d.chunkOf(n); c < uint64(len(*t)) {
		return (*t)[c].Load()
	}
	return nil
}

// ensure is get that makes the chunk when it is missing.
func (d *directory[T]) ensure(n uint64, make func(size uint64) *T) *T {
	if c := d.get(n); c != nil {
		return c
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if c := d.get(n); c != nil {
		return c
	}
	chunk := d.chunkOf(n)
	c := make(d.size(chunk))
	d.entry(chunk).Store(c)
	return c
}

// entry returns the chunk's place in the table, which it grows when needed. mu is held.
func (d *directory[T]) entry(chunk uint64) *atomic.Pointer[T] {
	t := d.table.Load()
	if t == nil || chunk >= uint64(len(*t)) {
		size := uint64(4)
		for size <= chunk {
			size += size/2 + 1
		}
		grown := make([]atomic.Pointer[T], size)
		if t != nil {
			for i := range *t {
				grown[i].Store((*t)[i].Load())
			}
		}
		t = &grown
		d.table.Store(t)
	}
	return &(*t)[chunk]
}

// drop forgets the chunk. Nobody may be able to reach its elements.
func (d *directory[T]) drop(chunk uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if t := d.table.Load(); t != nil && chunk < uint64(len(*t)) {
		(*t)[chunk].Store(nil)
	}
}

// chunks calls f for every chunk that was made, in order.
func (d *directory[T]) chunks(f func(chunk uint64, c *T)) {
	if t := d.table.Load(); t != nil {
		for i := range *t {
			if c := (*t)[i].Load(); c != nil {
				f(uint64(i), c)
			}
		}
	}
}
