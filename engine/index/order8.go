package index

// item8 is an entry of an 8-byte index.
type item8 struct{ key, id uint64 }

// order8 has no state: items say everything themselves.
type order8 struct{}

func (order8) probe(k Key, row uint64) (probe, error) { return probe{key: k.Int, row: row}, nil }

func (order8) search(l *leaf[item8], p probe) (int, bool) {
	lo, hi := 0, len(l.items)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		it := &l.items[mid]
		if it.key < p.key || it.key == p.key && it.id < p.row {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo, lo < len(l.items) && l.items[lo] == item8{p.key, p.row}
}

func (order8) searchFences(b *block[item8], p probe) int {
	lo, hi := 1, len(b.marks)
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

func (order8) get(d *directory[item8], k Key, dst []uint64) []uint64 {
	b := d.first
	if d.blocks > 1 {
		b = d.top.find(probe{key: k.Int})
	}
	// The last leaf whose fence is not above (k, 0), for no row id is 0; and there the first item not below it.
	at := lastBelow(b.marks, k.Int)
	l := b.leaves[at]
	lo := firstFrom(l.items, k.Int, b.marks, at)
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

// lastBelow returns the last place but the first whose key is below k, or 0: the first fence may be of another kind than
// the keys.
func lastBelow(marks []mark, k uint64) int {
	lo, hi := 1, len(marks)
	if hi > 2 {
		g := 1 + spread(k, marks[1].key, marks[hi-1].key, hi-1)
		if marks[g].key < k {
			if lo = g + 1; lo == hi || marks[lo].key >= k {
				return g
			}
		} else if hi = g; marks[g-1].key < k {
			return g - 1
		}
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if marks[mid].key < k {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo - 1
}

// firstFrom returns the first place whose key is not below k, or the length. The items are those of the leaf at a place of
// marks: its fences tell between what its keys lie without a look at both ends, which are cache misses.
func firstFrom(items []item8, k uint64, marks []mark, at int) int {
	lo, hi := 0, len(items)
	if hi > 1 {
		var least, most uint64
		if at > 0 {
			least = marks[at].key
		} else {
			least = items[0].key
		}
		if at+1 < len(marks) {
			most = marks[at+1].key - 1 // a fence but the first is above something
		} else {
			most = items[hi-1].key
		}
		g := spread(k, least, most, hi)
		if items[g].key < k {
			if lo = g + 1; lo == hi || items[lo].key >= k {
				return lo
			}
		} else if hi = g; g == 0 || items[g-1].key < k {
			return g
		}
	}
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if items[mid].key < k {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// spread returns the place of k among n keys from lo to hi if they are spread evenly, as the keys that counters give are:
// a binary search costs a mispredicted branch or a cache miss for most of its steps.
func spread(k, lo, hi uint64, n int) int {
	switch {
	case k <= lo:
		return 0
	case k >= hi:
		return n - 1
	}
	return int(float64(k-lo) / float64(hi-lo) * float64(n-1))
}

func (order8) ends(l *leaf[item8], p probe) bool {
	last := l.items[len(l.items)-1]
	return last.key < p.key || last.key == p.key && last.id < p.row
}

func (order8) sameKey(l *leaf[item8], i int, p probe) bool { return l.items[i].key == p.key }
func (order8) row(it item8) uint64                         { return it.id }

func (order8) key(l *leaf[item8], i int, buf []byte) (Key, []byte) {
	return Key{Int: l.items[i].key}, buf
}

func (order8) item(_ *leaf[item8], p probe) item8        { return item8{p.key, p.row} }
func (order8) drop(item8)                                {}
func (order8) settle(*leaf[item8])                       {}
func (order8) unite(l, r *leaf[item8])                   {}
func (order8) move([]item8)                              {}
func (order8) store() *arena                             { return nil }
func (order8) fresh() order[item8]                       { return order8{} }
func (order8) adopt(order[item8])                        {}
func (order8) topTree() topTree[item8]                   { return newTop8() }
func (order8) mark(_ *block[item8], r *leaf[item8]) mark { return mark{r.fence.key, r.fence.row} }
func (order8) settleBlock(*block[item8])                 {}
