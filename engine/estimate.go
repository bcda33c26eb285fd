package engine

// EstimateRange estimates the number of entries in a range, stale ones included; up to a thousand or two it is exact. A
// range that cannot be encoded counts as the whole index.
func (ix *Index) EstimateRange(r Range) int64 {
	total := int64(ix.tree.Len())
	if !ix.ordered() {
		return min(total, 1)
	}
	var room, room2 []byte
	lo, empty, err := ix.bound(&room, r.Lo, true)
	if err != nil {
		return total
	}
	hi, _, err := ix.bound(&room2, r.Hi, false)
	if err != nil {
		return total
	}
	if empty {
		return 0
	}
	n, err := ix.tree.Estimate(lo, hi)
	if err != nil {
		return total
	}
	return int64(n)
}
