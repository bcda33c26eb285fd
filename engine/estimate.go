package engine

import (
	"encoding/binary"

	"github.com/worktable-go/worktable/engine/index"
)

// estimateExact is the number of entries up to which EstimateRange counts.
const estimateExact = 128

// EstimateRange estimates the number of entries in a range. Small ranges are counted; of larger ones the share in the index is
// guessed from where the bounds lie between the least and the greatest key. A range that cannot be encoded counts whole.
func (ix *Index) EstimateRange(r Range) int64 {
	total := int64(ix.tree.Len())
	if !ix.ordered() {
		return min(total, 1)
	}
	lo, empty, err := ix.bound(r.Lo, true)
	if err != nil {
		return total
	}
	hi, _, err := ix.bound(r.Hi, false)
	if err != nil {
		return total
	}
	if empty {
		return 0
	}
	if !lo.Set && !hi.Set {
		return total
	}
	var it index.Iter
	it.Reset(lo, hi, false)
	var room [estimateExact]index.Entry
	n, err := ix.tree.Scan(&it, room[:])
	if err != nil || n < estimateExact {
		return int64(n)
	}
	first, ok := ix.edge(false)
	last, ok2 := ix.edge(true)
	if !ok || !ok2 {
		return estimateExact
	}
	skip := commonPrefix(first, last)
	a, b := fraction(first, skip), fraction(last, skip)
	from, to := a, b
	if lo.Set {
		from = max(a, fraction(ix.keyBytes(lo.Key), skip))
	}
	if hi.Set {
		to = min(b, fraction(ix.keyBytes(hi.Key), skip))
	}
	if b <= a || to <= from {
		return estimateExact
	}
	return max(int64((to-from)/(b-a)*float64(total)), estimateExact)
}

// edge returns the least or the greatest key.
func (ix *Index) edge(last bool) ([]byte, bool) {
	var it index.Iter
	it.Reset(index.Bound{}, index.Bound{}, last)
	var room [1]index.Entry
	n, err := ix.tree.Scan(&it, room[:])
	if n == 0 || err != nil {
		return nil, false
	}
	return append([]byte(nil), ix.keyBytes(room[0].Key)...), true
}

// keyBytes returns a key in the byte form of its order.
func (ix *Index) keyBytes(k index.Key) []byte {
	if ix.fixed8 {
		return binary.BigEndian.AppendUint64(nil, k.Int)
	}
	return k.Bytes
}

func commonPrefix(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// fraction maps the eight bytes of a key behind the prefix that all keys share to a number that keeps their order.
func fraction(k []byte, skip int) float64 {
	var room [8]byte
	if skip < len(k) {
		copy(room[:], k[skip:])
	}
	return float64(binary.BigEndian.Uint64(room[:]))
}
