package index

import (
	"bytes"
	"encoding/binary"
	"unsafe"
)

// itemB is an entry of a bytes index: 8 bytes of the key, zero-padded; where the whole key is, with its length; the row
// id. Keys of up to 8 bytes use no arena space.
//
// The 8 bytes are those behind the leaf's common prefix, which all keys of the leaf begin with. So the comparisons of a
// search seldom have to look at the arena, even when all keys begin alike, as those of a composite or nullable index
// do. The common prefix becomes shorter when a key comes that does not have it, and is found anew when a leaf splits.
// Blocks do the same with the fences of their leaves but the first.
type itemB struct{ prefix, ref, id uint64 }

const prefixLen = 8

// maxCommon bounds a common prefix, so that long keys cost no memory twice.
const maxCommon = 256

// orderB compares keys that have the common prefix by the 8 bytes behind it and then, if both keys are longer, by the
// rest. Equal padded bytes with a key that ends in them are decided by length.
type orderB struct{ arena arena }

// prefixAt returns the 8 bytes of b from i on.
func prefixAt(b []byte, i int) uint64 {
	if len(b) >= i+prefixLen {
		return binary.BigEndian.Uint64(b[i:])
	}
	var x uint64
	for j := i; j < len(b); j++ {
		x |= uint64(b[j]) << (56 - 8*(j-i))
	}
	return x
}

// textOf returns b as a string without copying it.
func textOf(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// bytesOf returns s as bytes, which must not be changed.
func bytesOf(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// shared returns the length of the common prefix.
func shared(a, b string) int {
	n := min(len(a), len(b))
	for i := range n {
		if a[i] != b[i] {
			return i
		}
	}
	return n
}

// beside reports on which side of all keys with the common prefix b is: 0 when it has the prefix itself.
func beside(b []byte, common string) int {
	s := textOf(b)
	if len(s) >= len(common) && s[:len(common)] == common {
		return 0
	}
	if s < common {
		return -1
	}
	return 1
}

func (o *orderB) probe(k Key, row uint64) (probe, error) {
	if len(k.Bytes) > MaxKeyLen {
		return probe{}, errKeyLen(len(k.Bytes))
	}
	return probe{prefixAt(k.Bytes, 0), k.Bytes, row}, nil
}

// compare orders the key of it against p, which has the common prefix of length skip and at its 8 bytes there.
func (o *orderB) compare(it *itemB, p []byte, at uint64, skip int) int {
	if it.prefix != at {
		if it.prefix < at {
			return -1
		}
		return 1
	}
	n, end := refLen(it.ref), skip+prefixLen
	if n <= end || len(p) <= end {
		return n - len(p)
	}
	return bytes.Compare(o.arena.at(it.ref)[end:], p[end:])
}

func (o *orderB) search(l *leaf[itemB], p probe) (int, bool) {
	skip := len(l.common)
	if skip > 0 {
		if c := beside(p.bytes, l.common); c != 0 {
			return (c + 1) / 2 * len(l.items), false
		}
	}
	at := prefixAt(p.bytes, skip)
	lo, hi := 0, len(l.items)
	found := false
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		it := &l.items[mid]
		c := o.compare(it, p.bytes, at, skip)
		if c < 0 || c == 0 && it.id < p.row {
			lo = mid + 1
		} else {
			hi = mid
			found = c == 0 && it.id == p.row
		}
	}
	return lo, found
}

func (o *orderB) ends(l *leaf[itemB], p probe) bool {
	if c := beside(p.bytes, l.common); c != 0 {
		return c > 0
	}
	last, skip := &l.items[len(l.items)-1], len(l.common)
	c := o.compare(last, p.bytes, prefixAt(p.bytes, skip), skip)
	return c < 0 || c == 0 && last.id < p.row
}

func (o *orderB) sameKey(l *leaf[itemB], i int, p probe) bool {
	skip := len(l.common)
	return beside(p.bytes, l.common) == 0 && o.compare(&l.items[i], p.bytes, prefixAt(p.bytes, skip), skip) == 0
}

func (o *orderB) get(d *directory[itemB], k Key, dst []uint64) []uint64 {
	if len(k.Bytes) > MaxKeyLen {
		return dst
	}
	p := probe{prefixAt(k.Bytes, 0), k.Bytes, 0}
	b := d.first
	if d.blocks > 1 {
		b = d.top.find(p)
	}
	l := b.leaves[o.searchFences(b, p)-1]
	pos, _ := o.search(l, p)
	for ; l != nil; l, pos = l.next, 0 {
		if len(l.items) == pos {
			continue
		}
		skip := len(l.common)
		if beside(p.bytes, l.common) != 0 {
			return dst
		}
		at := prefixAt(p.bytes, skip)
		for ; pos < len(l.items); pos++ {
			if o.compare(&l.items[pos], p.bytes, at, skip) != 0 {
				return dst
			}
			dst = append(dst, l.items[pos].id)
		}
	}
	return dst
}

func (o *orderB) row(it itemB) uint64 { return it.id }

func (o *orderB) key(l *leaf[itemB], i int, buf []byte) (Key, []byte) {
	from := len(buf)
	buf = o.appendKey(buf, &l.items[i], l.common)
	return Key{Bytes: buf[from:len(buf):len(buf)]}, buf
}

// appendKey appends the key of an item of a leaf with the common prefix.
func (o *orderB) appendKey(buf []byte, it *itemB, common string) []byte {
	n := refLen(it.ref)
	if n > prefixLen {
		return append(buf, o.arena.at(it.ref)...)
	}
	from := len(buf)
	buf = append(buf, common...)
	buf = binary.BigEndian.AppendUint64(buf, it.prefix)
	return buf[:from+n]
}

func (o *orderB) item(l *leaf[itemB], p probe) itemB {
	if len(l.items) == 0 {
		l.common = commonOf(p.bytes, &l.fence)
	} else if beside(p.bytes, l.common) != 0 {
		o.rebase(l, shared(l.common, textOf(p.bytes)))
	}
	it := itemB{prefixAt(p.bytes, len(l.common)), uint64(len(p.bytes)), p.row}
	if len(p.bytes) > prefixLen {
		it.ref = o.arena.put(p.bytes)
	}
	return it
}

// commonOf returns the key as a common prefix; the fence may have a copy of it already.
func commonOf(key []byte, f *fence) string {
	if n := min(len(key), maxCommon); len(f.str) < n || f.str[:n] != textOf(key[:n]) {
		return string(key[:n])
	} else {
		return f.str[:n]
	}
}

// rebase shortens the common prefix of l to n bytes.
func (o *orderB) rebase(l *leaf[itemB], n int) {
	var buf [2 * prefixLen]byte // a key without arena space has at most 8 bytes
	for i := range l.items {
		it := &l.items[i]
		if refLen(it.ref) > prefixLen {
			it.prefix = prefixAt(o.arena.at(it.ref), n)
		} else {
			it.prefix = prefixAt(o.appendKey(buf[:0], it, l.common), n)
		}
	}
	l.common = l.common[:n]
}

func (o *orderB) settle(l *leaf[itemB]) {
	if len(l.items) == 0 {
		return
	}
	var b1, b2 [maxCommon + prefixLen]byte
	last := len(l.items) - 1
	first := o.appendKey(b1[:0], &l.items[0], l.common)
	n := shared(textOf(first), textOf(o.appendKey(b2[:0], &l.items[last], l.common)))
	if n = min(n, maxCommon); n <= len(l.common) {
		return
	}
	var buf [2 * prefixLen]byte
	for i := range l.items {
		it := &l.items[i]
		if refLen(it.ref) > prefixLen {
			it.prefix = prefixAt(o.arena.at(it.ref), n)
		} else {
			it.prefix = prefixAt(o.appendKey(buf[:0], it, l.common), n)
		}
	}
	l.common = string(first[:n])
}

func (o *orderB) unite(l, r *leaf[itemB]) {
	switch {
	case len(l.items) == 0:
		l.common = r.common
	case len(r.items) > 0:
		n := shared(l.common, r.common)
		if n < len(l.common) {
			o.rebase(l, n)
		}
		if n < len(r.common) {
			o.rebase(r, n)
		}
	}
}

func (o *orderB) drop(it itemB) {
	if refLen(it.ref) > prefixLen {
		o.arena.drop(it.ref)
	}
}

func (o *orderB) move(items []itemB) {
	for i := range items {
		if it := &items[i]; refLen(it.ref) > prefixLen {
			it.ref = o.arena.moved(it.ref)
		}
	}
}

func (o *orderB) store() *arena           { return &o.arena }
func (o *orderB) fresh() order[itemB]     { return &orderB{} }
func (o *orderB) adopt(from order[itemB]) { o.arena = from.(*orderB).arena }
func (o *orderB) topTree() topTree[itemB] { return newTopB() }

func (o *orderB) searchFences(b *block[itemB], p probe) int {
	if len(b.marks) == 1 {
		return 1
	}
	skip := len(b.common)
	if skip > 0 {
		if c := beside(p.bytes, b.common); c != 0 {
			return max((c+1)/2*len(b.marks), 1)
		}
	}
	at := prefixAt(p.bytes, skip)
	lo, hi := 1, len(b.marks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		m := &b.marks[mid]
		below := m.key < at
		if m.key == at {
			if f := b.leaves[mid].fence.str; f == textOf(p.bytes) {
				below = m.row <= p.row
			} else {
				below = f < textOf(p.bytes)
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

func (o *orderB) mark(b *block[itemB], r *leaf[itemB]) mark {
	s := r.fence.str
	if len(b.leaves) <= 1 {
		b.common = s[:min(len(s), maxCommon)]
	} else if n := shared(b.common, s); n < len(b.common) {
		b.common = b.common[:n]
		o.remark(b)
	}
	return mark{prefixAt(bytesOf(s), len(b.common)), r.fence.row}
}

// remark recomputes the marks.
func (o *orderB) remark(b *block[itemB]) {
	for i, l := range b.leaves {
		b.marks[i].key = prefixAt(bytesOf(l.fence.str), len(b.common))
	}
}

func (o *orderB) settleBlock(b *block[itemB]) {
	b.common = ""
	if n := len(b.leaves); n > 1 {
		s := b.leaves[1].fence.str
		b.common = s[:min(shared(s, b.leaves[n-1].fence.str), maxCommon)]
	}
	o.remark(b)
}
