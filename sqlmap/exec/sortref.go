package exec

import (
	"cmp"
	"encoding/binary"
	"math"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// sortRef stands for a stored tuple in a sort: its number, and the beginning of its first key as a number. Where the
// numbers of two differ the tuples are in their order, so that most comparisons touch neither tuple.
type sortRef struct {
	prefix uint64
	n      int32
}

const sortRefBytes = 16

// prefixer makes the numbers for a sort key. Values of several kinds, and of kinds without a simple order, have none: then
// all numbers are 0.
type prefixer struct {
	key  *sortKey
	kind value.Kind // of the values so far; Null at first
	none bool
}

// see takes over the kind of one more value.
func (p *prefixer) see(v value.Value) {
	k := v.Kind()
	if k == value.KindNull || p.none {
		return
	}
	if p.kind == value.KindNull {
		p.kind = k
		switch k {
		case value.KindInt, value.KindUint, value.KindFloat, value.KindDate, value.KindDateTime, value.KindTime,
			value.KindEnum, value.KindSet, value.KindBit, value.KindBytes:
		case value.KindString:
			c := collate.Get(p.key.typ.Collation)
			p.none = !c.Bytewise || c.PadSpace
		default:
			p.none = true
		}
	}
	p.none = p.none || k != p.kind
}

// exact reports whether values of one number are equal, but for NULL and the least value, which share the number blur.
func (p *prefixer) exact() bool {
	return !p.none && p.kind != value.KindString && p.kind != value.KindBytes && p.kind != value.KindFloat
}

// blur is the number of NULL.
func (p *prefixer) blur() uint64 { return p.turn(0) }

// turn turns the order of numbers round for a descending key.
func (p *prefixer) turn(u uint64) uint64 {
	if p.key.desc {
		return ^u
	}
	return u
}

// prefix returns the number of a value.
func (p *prefixer) prefix(v value.Value) uint64 {
	if p.none {
		return 0
	}
	var u uint64
	switch v.Kind() {
	case value.KindNull:
	case value.KindString, value.KindBytes:
		var b [8]byte
		copy(b[:], v.Str())
		u = binary.BigEndian.Uint64(b[:])
	case value.KindFloat:
		u = math.Float64bits(v.Float64() + 0) // -0 equals 0
		if u>>63 != 0 {
			u = ^u
		} else {
			u |= 1 << 63
		}
	case value.KindUint, value.KindEnum, value.KindSet, value.KindBit:
		u = v.Raw64()
	default:
		u = v.Raw64() ^ 1<<63
	}
	return p.turn(u)
}

// refs makes a sortRef for each stored tuple, as they came.
func (o *sortOp) refs() {
	o.order = make([]sortRef, o.store.rows)
	p := &o.prefixer
	*p = prefixer{key: &o.spec.keys[0]}
	for i := range o.order {
		p.see(o.store.row(i)[p.key.pos])
	}
	for i := range o.order {
		o.order[i] = sortRef{p.prefix(o.store.row(i)[p.key.pos]), int32(i)}
	}
}

// compareRefs orders two stored tuples; equal ones stay in the order in which they came.
func (o *sortOp) compareRefs(a, b sortRef) int {
	if a.prefix != b.prefix {
		return cmp.Compare(a.prefix, b.prefix)
	}
	keys := o.spec.keys
	if o.prefixer.exact() && a.prefix != o.prefixer.blur() {
		keys = keys[1:]
	}
	if len(keys) > 0 {
		if c := compareRows(keys, o.store.row(int(a.n)), o.store.row(int(b.n))); c != 0 {
			return c
		}
	}
	return cmp.Compare(a.n, b.n)
}
