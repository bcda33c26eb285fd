package heap

import (
	"math/bits"
	"sync/atomic"
)

// freeLinks holds the ranges of pages that can be written again, by size class, and the slots that can be reused.
//
// Each class is a lock-free stack. Its nodes lie in side arrays, never in page bytes, so that a pop may read a node
// that another pop has just taken. A stack's head carries a tag that every change increments: a pop that was overtaken
// by pop, push, pop of the same node fails its compare-and-swap. A node belongs to whoever popped it, from its stack or
// from the stack of spare nodes, until he pushes it again; its fields are atomics because a late pop may still look.
//
// A page that is emptied leaves its nodes behind: a node remembers the page's incarnation, and who pops it finds that
// the page has moved on (Space.reserve) and drops it.
type freeLinks struct {
	heads    [freeClasses]atomic.Uint64 // tag 32 | node 32; node 0 is the end
	nonempty [2]atomic.Uint64           // a bit per class, a hint: set after a push, cleared by a pop that found nothing
	_        [64]byte
	spare    [spareStripes]spareNodes
	made     atomic.Uint32 // nodes made so far
	_        [60]byte
	nodes    directory[freeNodes]
}

// spareNodes is a stack of nodes without content. There are several, as every push and pop needs one of them.
type spareNodes struct {
	head atomic.Uint64
	_    [56]byte
}

type freeNodes struct{ n []freeNode }

type freeNode struct {
	next        atomic.Uint32
	incarnation atomic.Uint32 // of the page
	what        atomic.Uint64 // a Link without flags, or a slot number
}

const (
	exactClasses = 66 // classes 3..66 hold ranges of exactly that many units
	slotClass    = 0  // class 0 holds slots
	freeClasses  = 96
	spareStripes = 4
	minUnits     = VersionHeaderSize / unit
	unit         = 8 // bytes; everything in a page is a multiple of it
)

// freeClass returns the class that a range of so many units is kept in. Above the exact classes there are four to a
// doubling.
func freeClass(units uint32) int {
	if units <= exactClasses {
		return int(units)
	}
	log := uint(bits.Len32(units) - 1) // ≥ 6
	return exactClasses + 1 + int(log-6)*4 + int(units>>(log-2)&3)
}

func (f *freeLinks) init() { f.nodes.init(4, 12) }

func (f *freeLinks) node(i uint32) *freeNode {
	c := f.nodes.get(uint64(i))
	return &c.n[uint64(i)&uint64(len(c.n)-1)]
}

func (f *freeLinks) pushNode(head *atomic.Uint64, i uint32) {
	n := f.node(i)
	for {
		h := head.Load()
		n.next.Store(uint32(h))
		if head.CompareAndSwap(h, (h>>32+1)<<32|uint64(i)) {
			return
		}
	}
}

func (f *freeLinks) popNode(head *atomic.Uint64) uint32 {
	for {
		h := head.Load()
		i := uint32(h)
		if i == 0 {
			return 0
		}
		next := f.node(i).next.Load()
		if head.CompareAndSwap(h, (h>>32+1)<<32|uint64(next)) {
			return i
		}
	}
}

// push puts what onto the stack of the class. It is lost, until its page is emptied, when there are almost 2³² nodes already.
func (f *freeLinks) push(class int, what uint64, incarnation uint32) {
	i := f.takeSpare()
	if i == 0 {
		if f.made.Load() >= 1<<32-1<<16 {
			return
		}
		i = f.made.Add(1)
		f.nodes.ensure(uint64(i), func(size uint64) *freeNodes { return &freeNodes{make([]freeNode, size)} })
	}
	n := f.node(i)
	n.what.Store(what)
	n.incarnation.Store(incarnation)
	f.pushNode(&f.heads[class], i)
	if word, bit := &f.nonempty[class/64], uint64(1)<<(class%64); word.Load()&bit == 0 {
		word.Or(bit)
	}
}

// takeSpare takes a node without content from the goroutine's stripe, or else from any: a goroutine's pushes and pops
// need not meet on one stripe.
func (f *freeLinks) takeSpare() uint32 {
	for i, h := uint64(0), stackHint(); i < spareStripes; i++ {
		if head := &f.spare[(h+i)%spareStripes].head; uint32(head.Load()) != 0 {
			if n := f.popNode(head); n != 0 {
				return n
			}
		}
	}
	return 0
}

// pop takes something from the stack of the class.
func (f *freeLinks) pop(class int) (what uint64, incarnation uint32, ok bool) {
	word, bit := &f.nonempty[class/64], uint64(1)<<(class%64)
	if word.Load()&bit == 0 {
		return 0, 0, false
	}
	i := f.popNode(&f.heads[class])
	if i == 0 {
		word.And(^bit)
		if uint32(f.heads[class].Load()) != 0 { // a push came between and may have seen the bit still set
			word.Or(bit)
		}
		return 0, 0, false
	}
	n := f.node(i)
	what, incarnation = n.what.Load(), n.incarnation.Load()
	f.pushNode(&f.spare[stackHint()%spareStripes].head, i)
	return what, incarnation, true
}

// classFrom returns the first class at or above class that seems not empty, 0 when there is none.
func (f *freeLinks) classFrom(class int) int {
	for w := class / 64; w < len(f.nonempty); w++ {
		m := f.nonempty[w].Load()
		if w == class/64 {
			m &= ^uint64(0) << (class % 64)
		}
		if m != 0 {
			return w*64 + bits.TrailingZeros64(m)
		}
	}
	return 0
}

// sweep takes the whole stack of the class and puts back what keep says. Meanwhile others find it empty or shorter.
func (f *freeLinks) sweep(class int, keep func(what uint64, incarnation uint32) bool) {
	head := &f.heads[class]
	h := head.Load()
	for !head.CompareAndSwap(h, (h>>32+1)<<32) {
		h = head.Load()
	}
	for i := uint32(h); i != 0; {
		n := f.node(i)
		next := n.next.Load()
		if keep(n.what.Load(), n.incarnation.Load()) {
			f.pushNode(head, i)
		} else {
			f.pushNode(&f.spare[uint64(i)%spareStripes].head, i)
		}
		i = next
	}
	if word, bit := &f.nonempty[class/64], uint64(1)<<(class%64); uint32(head.Load()) != 0 && word.Load()&bit == 0 {
		word.Or(bit)
	}
}
