package index

import "math/bits"

// arena holds key bytes in chunks without Go pointers. A ref names a piece of it:
//
//	chunk 28 | offset in 8-byte units 20 | length in bytes 16
//
// Space is taken in units. Freed pieces are reused by pieces of their size class. When much of the arena is dead a
// compaction starts: a new generation of chunks takes all further keys, the owner of the refs moves the live ones over
// step by step, and an old chunk goes when nothing in it is alive. The caller's lock guards an arena.
type arena struct {
	chunks []chunk
	free   [arenaClasses][]uint64 // refs with class capacity, length 0
	gen    uint32                 // of the chunk that is filled
	cur    int                    // chunk that is filled, valid if chunks has it
	vacant []int                  // positions in chunks that hold nothing
	live   int64                  // units in use
	size   int64                  // units held
}

type chunk struct {
	data []byte
	used int // units handed out, in order
	live int // units in use
	gen  uint32
}

const (
	unit           = 8
	refLenBits     = 16
	refOffBits     = 20
	minChunk       = 4 << 10
	maxChunk       = 1 << 20
	exactClasses   = 32 // pieces of 1 … 32 units have a class each, then one per quarter of a power of two
	arenaClasses   = exactClasses + 4*9
	compactAtLeast = 1 << 20 / unit
)

func refOf(chunk, off, n int) uint64 {
	return uint64(chunk)<<(refOffBits+refLenBits) | uint64(off)<<refLenBits | uint64(n)
}

func refLen(ref uint64) int { return int(ref & (1<<refLenBits - 1)) }

func refChunk(ref uint64) int { return int(ref >> (refOffBits + refLenBits)) }

func refOff(ref uint64) int { return int(ref >> refLenBits & (1<<refOffBits - 1)) }

// class returns the size class of n bytes and the units that a piece of the class has.
func class(n int) (c, units int) {
	u := (n + unit - 1) / unit
	if u <= exactClasses {
		return u - 1, u
	}
	top := bits.Len(uint(u - 1)) // u-1 in [2^(top-1), 2^top)
	step := 1 << (top - 3)
	up := (u + step - 1) &^ (step - 1)
	return exactClasses + 4*(top-6) + (up-1<<(top-1))/step - 1, up
}

// at returns the bytes of ref.
func (a *arena) at(ref uint64) []byte {
	off := refOff(ref) * unit
	n := refLen(ref)
	return a.chunks[refChunk(ref)].data[off : off+n : off+n]
}

// put copies b, which is not empty, and returns its ref.
func (a *arena) put(b []byte) uint64 {
	c, units := class(len(b))
	var ref uint64
	if n := len(a.free[c]); n > 0 {
		ref = a.free[c][n-1] | uint64(len(b))
		a.free[c] = a.free[c][:n-1]
	} else {
		if len(a.chunks) == 0 || a.chunks[a.cur].gen != a.gen || len(a.chunks[a.cur].data) < (a.chunks[a.cur].used+units)*unit {
			a.grow(units)
		}
		k := &a.chunks[a.cur]
		ref = refOf(a.cur, k.used, len(b))
		k.used += units
	}
	a.chunks[refChunk(ref)].live += units
	a.live += int64(units)
	copy(a.at(ref), b)
	return ref
}

// grow starts a chunk with room for units.
func (a *arena) grow(units int) {
	size := minChunk
	for size < maxChunk && int64(size) < a.size*unit/4 {
		size *= 2
	}
	size = max(size, units*unit)
	k := chunk{data: make([]byte, size), gen: a.gen}
	if n := len(a.vacant); n > 0 {
		a.cur = a.vacant[n-1]
		a.vacant = a.vacant[:n-1]
		a.chunks[a.cur] = k
	} else {
		a.cur = len(a.chunks)
		a.chunks = append(a.chunks, k)
	}
	a.size += int64(size / unit)
}

// drop frees the piece of ref.
func (a *arena) drop(ref uint64) {
	c, units := class(refLen(ref))
	i := refChunk(ref)
	k := &a.chunks[i]
	k.live -= units
	a.live -= int64(units)
	switch {
	case k.gen == a.gen:
		a.free[c] = append(a.free[c], ref&^(1<<refLenBits-1))
	case k.live == 0:
		a.release(i)
	}
}

func (a *arena) release(i int) {
	a.size -= int64(len(a.chunks[i].data) / unit)
	a.chunks[i] = chunk{}
	a.vacant = append(a.vacant, i)
}

// sparse reports whether a compaction would pay.
func (a *arena) sparse() bool { return a.size >= compactAtLeast && a.live < a.size/3 }

// begin starts a compaction: from now on, moved is what every live ref must go through once.
func (a *arena) begin() {
	a.gen++
	for c := range a.free {
		a.free[c] = nil
	}
	for i := range a.chunks {
		if k := &a.chunks[i]; k.data != nil && k.live == 0 {
			a.release(i)
		}
	}
}

// moved returns a ref to the same bytes in the present generation.
func (a *arena) moved(ref uint64) uint64 {
	if a.chunks[refChunk(ref)].gen == a.gen {
		return ref
	}
	next := a.put(a.at(ref))
	a.drop(ref)
	return next
}

// bytes returns the memory held and the part of it that is live.
func (a *arena) bytes() (held, live int64) {
	held = a.size*unit + int64(cap(a.chunks))*48
	for c := range a.free {
		held += int64(cap(a.free[c])) * 8
	}
	return held, a.live * unit
}
