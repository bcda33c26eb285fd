package exec

import (
	"slices"

	"github.com/worktable-go/worktable/engine/value"
)

// interval is a range of values of one column in the column's order, NULL below all. A zero end is open: without a
// lower end it starts at NULL, without an upper one it has no end.
type interval struct {
	lo, hi         value.Value
	hasLo, hasHi   bool
	loOpen, hiOpen bool // the end itself is not part of it
}

// column is what ordering values of a column needs.
type column struct {
	typ *value.Type
}

func (c column) compare(a, b value.Value) int {
	switch {
	case a.IsNull():
		if b.IsNull() {
			return 0
		}
		return -1
	case b.IsNull():
		return 1
	}
	return value.Compare(a, b, c.typ.Collation)
}

var (
	everything = interval{}
	onlyNull   = interval{hasLo: true, hasHi: true}
	notNull    = interval{hasLo: true, loOpen: true}
)

func pointAt(v value.Value) interval { return interval{lo: v, hi: v, hasLo: true, hasHi: true} }

// point reports whether the interval is one value.
func (c column) point(i interval) bool {
	return i.hasLo && i.hasHi && !i.loOpen && !i.hiOpen && c.compare(i.lo, i.hi) == 0
}

// compareLo orders lower ends.
func (c column) compareLo(a, b interval) int {
	switch {
	case !a.hasLo:
		if !b.hasLo {
			return 0
		}
		return -1
	case !b.hasLo:
		return 1
	}
	if d := c.compare(a.lo, b.lo); d != 0 {
		return d
	}
	switch {
	case a.loOpen == b.loOpen:
		return 0
	case a.loOpen:
		return 1
	}
	return -1
}

// compareHi orders upper ends.
func (c column) compareHi(a, b interval) int {
	switch {
	case !a.hasHi:
		if !b.hasHi {
			return 0
		}
		return 1
	case !b.hasHi:
		return -1
	}
	if d := c.compare(a.hi, b.hi); d != 0 {
		return d
	}
	switch {
	case a.hiOpen == b.hiOpen:
		return 0
	case a.hiOpen:
		return -1
	}
	return 1
}

// none reports whether the interval has no values.
func (c column) none(i interval) bool {
	if !i.hasLo || !i.hasHi {
		return false
	}
	d := c.compare(i.lo, i.hi)
	return d > 0 || d == 0 && (i.loOpen || i.hiOpen)
}

// intersect returns the values in both sets. Sets are sorted and disjoint.
func (c column) intersect(a, b []interval) []interval {
	var out []interval
	for i, j := 0, 0; i < len(a) && j < len(b); {
		lo, hi := a[i], a[i]
		if c.compareLo(b[j], lo) > 0 {
			lo = b[j]
		}
		first := c.compareHi(a[i], b[j])
		if first > 0 {
			hi = b[j]
		}
		both := interval{lo: lo.lo, hasLo: lo.hasLo, loOpen: lo.loOpen, hi: hi.hi, hasHi: hi.hasHi, hiOpen: hi.hiOpen}
		if !c.none(both) {
			out = append(out, both)
		}
		if first < 0 {
			i++
		} else {
			j++
		}
	}
	return out
}

// union sorts intervals and merges those that overlap or touch.
func (c column) union(set []interval) []interval {
	kept := set[:0]
	for _, i := range set {
		if !c.none(i) {
			kept = append(kept, i)
		}
	}
	slices.SortFunc(kept, c.compareLo)
	out := kept[:0]
	for _, i := range kept {
		if n := len(out); n > 0 && c.touches(out[n-1], i) {
			if c.compareHi(i, out[n-1]) > 0 {
				out[n-1].hi, out[n-1].hasHi, out[n-1].hiOpen = i.hi, i.hasHi, i.hiOpen
			}
			continue
		}
		out = append(out, i)
	}
	return out
}

// touches reports whether b, which does not start before a, continues a without a gap.
func (c column) touches(a, b interval) bool {
	if !a.hasHi || !b.hasLo {
		return true
	}
	d := c.compare(b.lo, a.hi)
	return d < 0 || d == 0 && !(b.loOpen && a.hiOpen)
}
