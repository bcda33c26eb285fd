package index

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// probe is an entry to look for: the key in the form that items have, and the row id.
type probe struct {
	key   uint64 // Key.Int, or the first 8 bytes
	bytes []byte // the whole key of a bytes index
	row   uint64
}

// order is what a tree needs to know of its items. Its methods run under the tree's lock; make, drop and move need it
// exclusively.
type order[T any] interface {
	probe(k Key, row uint64) (probe, error)
	search(items []T, p probe) (pos int, found bool)   // the first item not below p
	get(d *directory[T], k Key, dst []uint64) []uint64 // the whole lookup, free of indirect calls
	sameKey(it T, p probe) bool
	make(p probe) T
	drop(it T)
	row(it T) uint64
	key(it T, buf []byte) (Key, []byte) // key bytes are appended to buf
	topTree() topTree[T]
	searchFences(b *block[T], p probe) int // the number of fences not above p
	move(items []T)                        // into the arena's present generation
	store() *arena                         // nil: none
	fresh() order[T]                       // an order with an empty arena
	adopt(o order[T])                      // take over the arena of o, which fresh made
}

// item8 is an entry of an 8-byte index.
type item8 struct{ key, id uint64 }

type order8 struct{}

func (order8) probe(k Key, row uint64) (probe, error) { return probe{key: k.Int, row: row}, nil }

func (order8) search(items []item8, p probe) (int, bool) {
	lo, hi := 0, len(items)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		it := &items[mid]
		if it.key < p.key || it.key == p.key && it.id < p.row {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(items) && items[lo] == item8{p.key, p.row}
}

func (order8) searchFences(b *block[item8], p probe) int {
	lo, hi := 0, len(b.marks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		m := &b.marks[mid]
		if m.key < p.key || m.key == p.key && m.row <= p.row {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (o order8) get(d *directory[item8], k Key, dst []uint64) []uint64 {
	p := probe{key: k.Int}
	b := d.first
	if d.blocks > 1 {
		b = d.top.find(p)
	}
	// Fences and items at or behind (key, 0); no row id is 0.
	lo, hi := 0, len(b.marks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if b.marks[mid].key < k.Int {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	// The item may be in the leaf before the first fence found. In a block found by (key, 0) there is one, except
	// that the fence of all is (0, 0).
	l := b.leaves[max(lo-1, 0)]
	lo, hi = 0, len(l.items)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if l.items[mid].key < k.Int {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	for ; l != nil; l, lo = l.next, 0 {
		for ; lo < len(l.items); lo++ {
			if l.items[lo].key != k.Int {
				return dst
			}
			dst = append(dst, l.items[lo].id)
		}
	}
	return dst
}

func (order8) sameKey(it item8, p probe) bool         { return it.key == p.key }
func (order8) make(p probe) item8                     { return item8{p.key, p.row} }
func (order8) drop(item8)                             {}
func (order8) row(it item8) uint64                    { return it.id }
func (order8) key(it item8, buf []byte) (Key, []byte) { return Key{Int: it.key}, buf }
func (order8) topTree() topTree[item8]                { return newTop8() }
func (order8) move([]item8)                           {}
func (order8) store() *arena                          { return nil }
func (order8) fresh() order[item8]                    { return order8{} }
func (order8) adopt(order[item8])                     {}

// itemB is an entry of a bytes index: the first 8 bytes of the key, zero-padded; where the rest is, with the length of
// the whole key in ref's length; the row id. Keys of up to 8 bytes use no arena space.
type itemB struct{ prefix, ref, id uint64 }

// orderB compares by prefix and then, if both keys are longer, by the rest; equal padded prefixes with a key of at most
// 8 bytes are decided by length.
type orderB struct{ arena arena }

const prefixLen = 8

func prefixOf(b []byte) uint64 {
	if len(b) >= prefixLen {
		return binary.BigEndian.Uint64(b)
	}
	var x uint64
	for i, c := range b {
		x |= uint64(c) << (56 - 8*i)
	}
	return x
}

func (o *orderB) probe(k Key, row uint64) (probe, error) {
	if len(k.Bytes) > MaxKeyLen {
		return probe{}, errKeyLen(len(k.Bytes))
	}
	return probe{prefixOf(k.Bytes), k.Bytes, row}, nil
}

// compareKey orders the key of it against p.
func (o *orderB) compareKey(it *itemB, p *probe) int {
	if it.prefix != p.key {
		if it.prefix < p.key {
			return -1
		}
		return 1
	}
	n := refLen(it.ref)
	if n <= prefixLen || len(p.bytes) <= prefixLen {
		return n - len(p.bytes)
	}
	return bytes.Compare(o.rest(it.ref), p.bytes[prefixLen:])
}

// rest returns the bytes of a key behind the prefix.
func (o *orderB) rest(ref uint64) []byte {
	off := refOff(ref) * unit
	return o.arena.chunks[refChunk(ref)].data[off : off+refLen(ref)-prefixLen]
}

func (o *orderB) search(items []itemB, p probe) (int, bool) {
	lo, hi := 0, len(items)
	found := false
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		it := &items[mid]
		c := o.compareKey(it, &p)
		if c < 0 || c == 0 && it.id < p.row {
			lo = mid + 1
		} else {
			hi = mid
			found = c == 0 && it.id == p.row
		}
	}
	return lo, found
}

func (o *orderB) sameKey(it itemB, p probe) bool { return o.compareKey(&it, &p) == 0 }

func (o *orderB) get(d *directory[itemB], k Key, dst []uint64) []uint64 {
	if len(k.Bytes) > MaxKeyLen {
		return dst
	}
	p := probe{prefixOf(k.Bytes), k.Bytes, 0}
	b := d.first
	if d.blocks > 1 {
		b = d.top.find(p)
	}
	l := b.leaves[o.searchFences(b, p)-1]
	pos, _ := o.search(l.items, p)
	for ; l != nil; l, pos = l.next, 0 {
		for ; pos < len(l.items); pos++ {
			if o.compareKey(&l.items[pos], &p) != 0 {
				return dst
			}
			dst = append(dst, l.items[pos].id)
		}
	}
	return dst
}

func (o *orderB) make(p probe) itemB {
	it := itemB{p.key, uint64(len(p.bytes)), p.row}
	if len(p.bytes) > prefixLen {
		// The arena's length is that of the piece; the item's is that of the key.
		it.ref = o.arena.put(p.bytes[prefixLen:]) + prefixLen
	}
	return it
}

func (o *orderB) drop(it itemB) {
	if refLen(it.ref) > prefixLen {
		o.arena.drop(it.ref - prefixLen)
	}
}

func (o *orderB) row(it itemB) uint64 { return it.id }

func (o *orderB) key(it itemB, buf []byte) (Key, []byte) {
	at := len(buf)
	n := refLen(it.ref)
	buf = binary.BigEndian.AppendUint64(buf, it.prefix)
	if n <= prefixLen {
		buf = buf[:at+n]
	} else {
		buf = append(buf, o.rest(it.ref)...)
	}
	return Key{Bytes: buf[at : at+n : at+n]}, buf
}

func (o *orderB) topTree() topTree[itemB] { return newTopB() }

func (o *orderB) searchFences(b *block[itemB], p probe) int {
	str := unsafe.String(unsafe.SliceData(p.bytes), len(p.bytes))
	lo, hi := 0, len(b.marks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		m := &b.marks[mid]
		below := m.key < p.key
		if m.key == p.key {
			if f := b.leaves[mid].fence.str; f == str {
				below = m.row <= p.row
			} else {
				below = f < str
			}
		}
		if below {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

func (o *orderB) move(items []itemB) {
	for i := range items {
		if it := &items[i]; refLen(it.ref) > prefixLen {
			it.ref = o.arena.moved(it.ref-prefixLen) + prefixLen
		}
	}
}

func (o *orderB) store() *arena { return &o.arena }

func (o *orderB) fresh() order[itemB] { return &orderB{} }

func (o *orderB) adopt(from order[itemB]) { o.arena = from.(*orderB).arena }
