package index

// spilled is the row id of a slot that marks a key whose row ids are in a set.
const spilled = ^uint64(0)

// spillAt is the number of slots of one key from which they become a set. A set stays until it is empty.
const spillAt = 16

// rowSet is the set of the row ids of one key: a tree, used under the hash's lock, whose keys are the row ids.
type rowSet struct{ tree[item8] }

// spill moves the slots of k to a set and leaves a mark.
func (h *hash) spill(x uint64, k Key) *rowSet {
	set := &rowSet{tree[item8]{kind: Tree8, ord: order8{}}}
	set.clear()
	for {
		var at *segment
		var pos uint64
		h.each(x, k, func(g *segment, i uint64) bool {
			at, pos = g, i
			return false
		})
		if at == nil {
			break
		}
		set.add(at.slots[pos].row)
		h.removeSlot(at, pos) // moves other slots of the key up
	}
	h.sets[h.insert(x, k, spilled)] = set
	return set
}

func (s *rowSet) len() int { return s.n }

func (s *rowSet) has(row uint64) bool {
	_, _, found := s.find(probe{key: row, row: 1})
	return found
}

func (s *rowSet) add(row uint64) {
	p := probe{key: row, row: 1}
	if l, pos, found := s.find(p); !found {
		s.insertAt(l, pos, p)
	}
}

func (s *rowSet) remove(row uint64) {
	if l, pos, found := s.find(probe{key: row, row: 1}); found {
		s.removeAt(l, pos)
	}
}

// each calls f with the row ids, ascending, until it returns false, and reports whether it never did.
func (s *rowSet) each(f func(uint64) bool) bool {
	for l := s.head; l != nil; l = l.next {
		for _, it := range l.items {
			if !f(it.key) {
				return false
			}
		}
	}
	return true
}

func (s *rowSet) appendTo(dst []uint64) []uint64 {
	for l := s.head; l != nil; l = l.next {
		for _, it := range l.items {
			dst = append(dst, it.key)
		}
	}
	return dst
}

func (s *rowSet) bytes() int64 { return s.Stats().Bytes }

func (s *rowSet) check() []error { return s.Check() }
