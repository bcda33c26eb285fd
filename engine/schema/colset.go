package schema

import "math/bits"

// ColSet is a set of column ordinals. The zero ColSet is empty. The first 64 columns need no allocation.
// A ColSet shares memory with its copies once it holds an ordinal of 64 or more: use With, which copies.
type ColSet struct {
	low  uint64
	high []uint64
}

// ColSetOf returns the set of the given ordinals.
func ColSetOf(cols ...int) ColSet {
	var s ColSet
	for _, c := range cols {
		s = s.With(c)
	}
	return s
}

// AllCols returns {0 … n-1}.
func AllCols(n int) ColSet {
	if n <= 64 {
		return ColSet{low: 1<<uint(n) - 1}
	}
	s := ColSet{low: ^uint64(0)}
	for n -= 64; n > 0; n -= 64 {
		if n >= 64 {
			s.high = append(s.high, ^uint64(0))
		} else {
			s.high = append(s.high, 1<<uint(n)-1)
		}
	}
	return s
}

// With returns s ∪ {c}.
func (s ColSet) With(c int) ColSet {
	if c < 64 {
		s.low |= 1 << uint(c)
		return s
	}
	w := c/64 - 1
	high := make([]uint64, max(w+1, len(s.high)))
	copy(high, s.high)
	high[w] |= 1 << uint(c%64)
	s.high = high
	return s
}

// Has reports whether c is in s.
func (s ColSet) Has(c int) bool {
	if c < 64 {
		return s.low>>uint(c)&1 != 0
	}
	w := c/64 - 1
	return w < len(s.high) && s.high[w]>>uint(c%64)&1 != 0
}

// Union returns s ∪ t.
func (s ColSet) Union(t ColSet) ColSet {
	s.low |= t.low
	if len(t.high) == 0 {
		return s
	}
	high := make([]uint64, max(len(s.high), len(t.high)))
	copy(high, s.high)
	for i, w := range t.high {
		high[i] |= w
	}
	s.high = high
	return s
}

// Intersects reports whether s and t share a column.
func (s ColSet) Intersects(t ColSet) bool {
	if s.low&t.low != 0 {
		return true
	}
	for i := 0; i < len(s.high) && i < len(t.high); i++ {
		if s.high[i]&t.high[i] != 0 {
			return true
		}
	}
	return false
}

// Empty reports whether s has no column.
func (s ColSet) Empty() bool {
	if s.low != 0 {
		return false
	}
	for _, w := range s.high {
		if w != 0 {
			return false
		}
	}
	return true
}

// Len returns the number of columns in s.
func (s ColSet) Len() int {
	n := bits.OnesCount64(s.low)
	for _, w := range s.high {
		n += bits.OnesCount64(w)
	}
	return n
}

// Next returns the least ordinal in s that is at least c, or -1. Iterate with
// for c := s.Next(0); c >= 0; c = s.Next(c + 1).
func (s ColSet) Next(c int) int {
	if c < 64 {
		if w := s.low >> uint(c); w != 0 {
			return c + bits.TrailingZeros64(w)
		}
		c = 64
	}
	for i := c/64 - 1; i < len(s.high); i++ {
		w := s.high[i]
		if i == c/64-1 {
			w = w >> uint(c%64) << uint(c%64)
		}
		if w != 0 {
			return (i+1)*64 + bits.TrailingZeros64(w)
		}
	}
	return -1
}

// Fold64 maps s onto 64 bits for lock masks: columns beyond 63 share bits with those below.
func (s ColSet) Fold64() uint64 {
	w := s.low
	for _, h := range s.high {
		w |= h
	}
	return w
}
