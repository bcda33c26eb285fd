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
	lo, hi := 1, len(b.marks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if b.marks[mid].key < k.Int {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	l := b.leaves[lo-1]
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
