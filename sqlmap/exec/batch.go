package exec

import (
	"unsafe"

	"github.com/worktable-go/worktable/engine/value"
)

// Sizes of batches. The first batch of an execution is small, so that a query that wants few rows pays for few;
// each further batch doubles up to the largest.
const (
	firstBatchRows = 16
	maxBatchRows   = 1024
)

// Batch is a run of tuples of one width. Tuples are windows of one flat slab; their strings live in the batch's
// own arena or in memory that nobody writes again (constants, the stores of blocking operators).
//
// Ownership: the consumer of Next owns the Batch object and passes it in again; its content is good until then.
type Batch struct {
	width int
	n     int
	slab  []value.Value
	arena arena
	// want bounds the tuples that the consumer can use of the next batch; 0 is no bound. It saves work that a LIMIT
	// would throw away, and locks that it would not need.
	want int
}

// Len returns the number of tuples.
func (b *Batch) Len() int { return b.n }

// Width returns the number of values of a tuple.
func (b *Batch) Width() int { return b.width }

// Row returns tuple i. It aliases the batch.
func (b *Batch) Row(i int) []value.Value {
	at := i * b.width
	return b.slab[at : at+b.width : at+b.width]
}

// Batches that hold more than this are not kept for another execution.
const (
	keptValues = 4 << 10
	keptBytes  = 64 << 10
)

// Recycle empties the batch when nobody needs its tuples any more. It keeps some memory for the next user.
func (b *Batch) Recycle() {
	if len(b.slab) > keptValues {
		b.slab = nil
	}
	if cap(b.arena.buf) > keptBytes {
		b.arena.buf = nil
	}
	clear(b.slab) // strings may be of memory that somebody else gives up
	b.width, b.n, b.want = 0, 0, 0
	b.arena.reset()
}

// reset empties the batch for tuples of the given width. The slab and the arena are kept.
func (b *Batch) reset(width int) {
	b.width, b.n = width, 0
	b.arena.reset()
}

// room returns how many tuples of a batch of size the consumer can use.
func (b *Batch) room(size int) int {
	if b.want > 0 && b.want < size {
		return b.want
	}
	return size
}

// grow appends a tuple and returns it; its values are whatever the slab held before.
func (b *Batch) grow() []value.Value {
	need := (b.n + 1) * b.width
	if need > len(b.slab) {
		b.enlarge(need)
	}
	row := b.slab[b.n*b.width : need : need]
	b.n++
	return row
}

// drop takes the last tuple back.
func (b *Batch) drop() { b.n-- }

func (b *Batch) enlarge(need int) {
	rows := max(firstBatchRows, 2*b.n)
	slab := make([]value.Value, max(need, rows*b.width))
	copy(slab, b.slab[:b.n*b.width])
	b.slab = slab
}

// keep moves tuple i to position at, for compaction by filters.
func (b *Batch) keep(at, i int) {
	if at != i {
		copy(b.Row(at), b.Row(i))
	}
}

// truncate keeps the first n tuples.
func (b *Batch) truncate(n int) { b.n = n }

// skip drops the first n tuples.
func (b *Batch) skip(n int) {
	copy(b.slab, b.slab[n*b.width:b.n*b.width])
	b.n -= n
}

// arena is a bump allocator for string bytes. Strings that were handed out keep their chunk alive, but reset lets the
// last chunk be written again: it must only be called when their owner's promise ends.
type arena struct {
	buf []byte
}

// Arena chunks: small at first, doubling with use.
const (
	arenaFirst = 1 << 10
	arenaMax   = 1 << 18
)

func (a *arena) reset() { a.buf = a.buf[:0] }

// copy returns s in the arena's memory.
func (a *arena) copy(s string) string {
	if len(s) == 0 {
		return ""
	}
	if len(s) > cap(a.buf)-len(a.buf) {
		size := min(max(arenaFirst, 2*cap(a.buf)), arenaMax)
		a.buf = make([]byte, 0, max(size, len(s)))
	}
	at := len(a.buf)
	a.buf = append(a.buf, s...)
	return unsafe.String(&a.buf[at], len(s))
}

// detach returns v with its string in the arena.
func (a *arena) detach(v value.Value) value.Value {
	switch v.Kind() {
	case value.KindString:
		return value.String(a.copy(v.Str()))
	case value.KindBytes:
		return value.Bytes(a.copy(v.Str()))
	case value.KindJSON:
		return value.JSON(a.copy(v.Str()))
	case value.KindDecimal:
		return v.Clone()
	}
	// Labels of ENUM and SET belong to the column's type, or to the value alone.
	return v
}
