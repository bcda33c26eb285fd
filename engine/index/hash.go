package index

import (
	"bytes"
	"hash/maphash"
	"slices"
	"unsafe"
)

// hash is an index for equality: extendible hashing. A directory of 2^depth pointers, addressed by the top bits of a
// key's hash, leads to segments, small open-addressed tables addressed by the low bits. A full segment splits in two by
// one more top bit, and the directory doubles when it must: no operation rebuilds the whole index. Each slot keeps the
// hash, so that key bytes are looked at only when they are very likely equal. The hash is seeded per index.
//
// All entries of one key have the same hash. When a key gets many row ids, as NULL does in a unique index, they move to a
// set of their own and one marked slot stands for them; see spill.go.
type hash struct {
	kind  Kind
	lock  rwlock
	seed  maphash.Seed
	dir   []*segment
	depth uint8
	segs  int
	n     int
	arena arena
	sets  map[uint64]*rowSet // by the key of the marked slot

	compacting bool
	compactAt  uint64 // hash from which segments are still to be moved
}

const (
	minSegment = 8
	maxSegment = 512 // slots; more only when the hashes do not differ
	maxDepth   = 32
)

// segment holds the entries whose hash has its first depth bits in common.
type segment struct {
	depth uint8
	n     int
	slots []slot
}

// slot is an entry; row 0 means empty, row spilled that the key's row ids are in a set. key is the 8-byte key, or the
// arena ref of the bytes (0: the empty key).
type slot struct{ hash, key, row uint64 }

func newHash(k Kind) *hash {
	h := &hash{kind: k, seed: maphash.MakeSeed()}
	h.clear()
	return h
}

func (h *hash) clear() {
	h.dir = []*segment{{slots: make([]slot, minSegment)}}
	h.depth, h.segs, h.n, h.arena = 0, 1, 0, arena{}
	h.sets = map[uint64]*rowSet{}
	h.compacting = false
}

func (h *hash) Kind() Kind { return h.kind }

// hashOf returns a key's hash, or an error for one that is too long.
func (h *hash) hashOf(k Key) (uint64, error) {
	if h.kind == Hash8 {
		return maphash.Comparable(h.seed, k.Int), nil
	}
	if len(k.Bytes) > MaxKeyLen {
		return 0, errKeyLen(len(k.Bytes))
	}
	return maphash.Bytes(h.seed, k.Bytes), nil
}

func (h *hash) segmentOf(x uint64) *segment { return h.dir[x>>(64-h.depth)] }

// is reports whether s has the key.
func (h *hash) is(s *slot, x uint64, k Key) bool {
	if s.hash != x {
		return false
	}
	if h.kind == Hash8 {
		return s.key == k.Int
	}
	if len(k.Bytes) == 0 || s.key == 0 {
		return len(k.Bytes) == 0 && s.key == 0
	}
	return bytes.Equal(h.arena.at(s.key), k.Bytes)
}

// each calls f with the position of each slot of the key until it returns false.
func (h *hash) each(x uint64, k Key, f func(g *segment, i uint64) bool) {
	g := h.segmentOf(x)
	mask := uint64(len(g.slots) - 1)
	for i := x & mask; g.slots[i].row != 0; i = (i + 1) & mask {
		if h.is(&g.slots[i], x, k) && !f(g, i) {
			return
		}
	}
}

// place is the answer of a lookup: the slot of an entry, or of its key's mark with the set.
type place struct {
	g     *segment
	i     uint64
	set   *rowSet
	found bool
	same  int // slots of the key that were passed
}

func (h *hash) lookup(x uint64, k Key, row uint64) (p place) {
	h.each(x, k, func(g *segment, i uint64) bool {
		p.same++
		switch g.slots[i].row {
		case row:
			p.g, p.i, p.found = g, i, true
		case spilled:
			p.g, p.i, p.set = g, i, h.sets[g.slots[i].key]
			p.found = p.set.has(row)
		default:
			return true
		}
		return false
	})
	return p
}

// add puts the entry and reports whether it was absent.
func (h *hash) add(x uint64, k Key, row uint64) bool {
	p := h.lookup(x, k, row)
	if p.found {
		return false
	}
	h.n++
	if p.set == nil && p.same >= spillAt {
		p.set = h.spill(x, k)
	}
	if p.set != nil {
		p.set.add(row)
	} else {
		h.insert(x, k, row)
	}
	return true
}

func (h *hash) Put(k Key, row uint64) (bool, error) {
	x, err := h.hashOf(k)
	if err != nil {
		return false, err
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	added := h.add(x, k, row)
	if added {
		h.compactStep()
	}
	return added, nil
}

func (h *hash) PutUnique(k Key, row uint64, judge func(uint64) Verdict) (uint64, Verdict, error) {
	x, err := h.hashOf(k)
	if err != nil {
		return 0, NoConflict, err
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	conflict, v := uint64(0), NoConflict
	ask := func(id uint64) bool {
		if id != row {
			if v = judge(id); v != NoConflict {
				conflict = id
			}
		}
		return v == NoConflict
	}
	h.each(x, k, func(g *segment, i uint64) bool {
		if s := &g.slots[i]; s.row == spilled {
			return h.sets[s.key].each(ask)
		} else {
			return ask(s.row)
		}
	})
	if v == NoConflict && h.add(x, k, row) {
		h.compactStep()
	}
	return conflict, v, nil
}

// insert puts a slot for an entry that is absent, or a mark.
func (h *hash) insert(x uint64, k Key, row uint64) uint64 {
	s := slot{hash: x, key: k.Int, row: row}
	if h.kind == HashBytes {
		s.key = 0
		if len(k.Bytes) > 0 {
			s.key = h.arena.put(k.Bytes)
		}
	}
	g := h.segmentOf(x)
	for (g.n+1)*4 > len(g.slots)*3 {
		if len(g.slots) < maxSegment || !h.split(g) {
			g.resize(2 * len(g.slots))
		}
		g = h.segmentOf(x)
	}
	g.put(s)
	return s.key
}

func (g *segment) put(s slot) {
	mask := uint64(len(g.slots) - 1)
	i := s.hash & mask
	for g.slots[i].row != 0 {
		i = (i + 1) & mask
	}
	g.slots[i] = s
	g.n++
}

func (g *segment) resize(n int) {
	old := g.slots
	g.slots, g.n = make([]slot, n), 0
	for _, s := range old {
		if s.row != 0 {
			g.put(s)
		}
	}
}

// split divides g by the next bit of the hash. It reports false when that would not help.
func (h *hash) split(g *segment) bool {
	bit := uint64(1) << (63 - g.depth)
	if g.depth == maxDepth || !g.differ() {
		return false
	}
	if g.depth == h.depth {
		dir := make([]*segment, 2*len(h.dir))
		for i, s := range h.dir {
			dir[2*i], dir[2*i+1] = s, s
		}
		h.dir = dir
		h.depth++
	}
	old := g.slots
	one := &segment{depth: g.depth + 1, slots: make([]slot, len(old))}
	g.depth, g.slots, g.n = g.depth+1, make([]slot, len(old)), 0
	for _, s := range old {
		switch {
		case s.row == 0:
		case s.hash&bit != 0:
			one.put(s)
		default:
			g.put(s)
		}
	}
	h.segs++
	// The directory's entries for g are neighbours; the upper half of them is now for the set bit.
	some := g.slots
	if g.n == 0 {
		some = one.slots
	}
	var prefix uint64
	for _, s := range some {
		if s.row != 0 {
			prefix = s.hash&^(bit<<1-1) | bit
			break
		}
	}
	from := prefix >> (64 - h.depth)
	for i := range uint64(1) << (h.depth - g.depth) {
		h.dir[from+i] = one
	}
	return true
}

// differ reports whether more top bits would tell entries of g apart.
func (g *segment) differ() bool {
	var first uint64
	seen := false
	for _, s := range g.slots {
		if s.row == 0 {
			continue
		}
		if top := s.hash >> (64 - maxDepth); !seen {
			first, seen = top, true
		} else if top != first {
			return true
		}
	}
	return false
}

func (h *hash) Delete(k Key, row uint64) bool { return h.DeleteIf(k, row, nil) }

func (h *hash) DeleteIf(k Key, row uint64, ok func() bool) bool {
	x, err := h.hashOf(k)
	if err != nil {
		return false
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	p := h.lookup(x, k, row)
	if !p.found || ok != nil && !ok() {
		return false
	}
	h.n--
	if p.set != nil {
		p.set.remove(row)
		if p.set.len() > 0 {
			return true
		}
		delete(h.sets, p.g.slots[p.i].key)
	}
	h.removeSlot(p.g, p.i)
	if p.g.n < len(p.g.slots)/8 && len(p.g.slots) > minSegment {
		p.g.resize(len(p.g.slots) / 2)
	}
	h.compactStep()
	return true
}

// removeSlot removes a slot and the key bytes that are its own.
func (h *hash) removeSlot(g *segment, i uint64) {
	if h.kind == HashBytes && g.slots[i].key != 0 {
		h.arena.drop(g.slots[i].key)
	}
	g.remove(i)
}

// remove empties slot i and moves later entries of its run up, so that no search ends early.
func (g *segment) remove(i uint64) {
	mask := uint64(len(g.slots) - 1)
	g.n--
	for j := i; ; {
		j = (j + 1) & mask
		s := g.slots[j]
		if s.row == 0 {
			break
		}
		// s may go to i unless its home lies behind i on the way to j.
		if home := s.hash & mask; (j-home)&mask >= (j-i)&mask {
			g.slots[i] = s
			i = j
		}
	}
	g.slots[i] = slot{}
}

func (h *hash) Has(k Key, row uint64) bool {
	x, err := h.hashOf(k)
	if err != nil {
		return false
	}
	c := h.lock.RLock()
	defer h.lock.RUnlock(c)
	return h.lookup(x, k, row).found
}

func (h *hash) Get(k Key, dst []uint64) []uint64 {
	x, err := h.hashOf(k)
	if err != nil {
		return dst
	}
	c := h.lock.RLock()
	defer h.lock.RUnlock(c)
	from := len(dst)
	g := h.segmentOf(x)
	mask := uint64(len(g.slots) - 1)
	for i := x & mask; g.slots[i].row != 0; i = (i + 1) & mask {
		if !h.is(&g.slots[i], x, k) {
			continue
		}
		if g.slots[i].row == spilled {
			return h.sets[g.slots[i].key].appendTo(dst)
		}
		dst = append(dst, g.slots[i].row)
	}
	if len(dst)-from > 1 {
		slices.Sort(dst[from:])
	}
	return dst
}

func (h *hash) Scan(*Iter, []Entry) (int, error) { return 0, errHashRange() }

func (h *hash) Len() int {
	c := h.lock.RLock()
	defer h.lock.RUnlock(c)
	return h.n
}

func (h *hash) Stats() Stats {
	c := h.lock.RLock()
	defer h.lock.RUnlock(c)
	st := Stats{Entries: h.n, Leaves: h.segs, Bytes: int64(cap(h.dir)) * 8}
	h.eachSegment(0, func(g *segment, _ uint64) bool {
		st.Bytes += int64(unsafe.Sizeof(*g)) + int64(len(g.slots))*int64(unsafe.Sizeof(slot{}))
		return true
	})
	for _, set := range h.sets {
		st.Bytes += set.bytes()
	}
	held, live := h.arena.bytes()
	st.Bytes += held
	st.KeyBytes, st.DeadBytes = live, held-live
	return st
}

// eachSegment calls f with the segments from the one that has hash x on, and with the hash at which the next begins (0
// after the last), until it returns false.
func (h *hash) eachSegment(x uint64, f func(g *segment, next uint64) bool) {
	for {
		g := h.segmentOf(x)
		width := uint64(1) << (63 - g.depth) << 1 // 0 for the only one
		next := x&^(width-1) + width
		if width == 0 {
			next = 0
		}
		if !f(g, next) || next == 0 {
			return
		}
		x = next
	}
}
