package plan

import "math/bits"

// ColID numbers the columns of a statement's nodes, from 1. 0 is none.
type ColID int

// colSet is a set of ColIDs. The zero colSet is empty; it is changed in place by add and union.
type colSet struct {
	words []uint64
}

func (s *colSet) add(c ColID) {
	w := int(c) / 64
	if w >= len(s.words) {
		words := make([]uint64, w+1, w+4)
		copy(words, s.words)
		s.words = words
	}
	s.words[w] |= 1 << (uint(c) % 64)
}

func (s *colSet) addAll(cols []ColID) {
	for _, c := range cols {
		s.add(c)
	}
}

func (s *colSet) union(t colSet) {
	for len(s.words) < len(t.words) {
		s.words = append(s.words, 0)
	}
	for i, w := range t.words {
		s.words[i] |= w
	}
}

func (s colSet) has(c ColID) bool {
	w := int(c) / 64
	return w < len(s.words) && s.words[w]>>(uint(c)%64)&1 != 0
}

func (s colSet) subsetOf(t colSet) bool {
	for i, w := range s.words {
		var o uint64
		if i < len(t.words) {
			o = t.words[i]
		}
		if w&^o != 0 {
			return false
		}
	}
	return true
}

func (s colSet) intersects(t colSet) bool {
	for i := 0; i < len(s.words) && i < len(t.words); i++ {
		if s.words[i]&t.words[i] != 0 {
			return true
		}
	}
	return false
}

func (s colSet) empty() bool {
	for _, w := range s.words {
		if w != 0 {
			return false
		}
	}
	return true
}

func (s colSet) clone() colSet {
	return colSet{words: append([]uint64(nil), s.words...)}
}

func (s colSet) len() int {
	n := 0
	for _, w := range s.words {
		n += bits.OnesCount64(w)
	}
	return n
}

func (s colSet) list() []ColID {
	out := make([]ColID, 0, s.len())
	for i, w := range s.words {
		for ; w != 0; w &= w - 1 {
			out = append(out, ColID(i*64+bits.TrailingZeros64(w)))
		}
	}
	return out
}

func setOf(cols ...ColID) colSet {
	var s colSet
	s.addAll(cols)
	return s
}
