package row

import (
	"encoding/binary"
	"slices"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// A delta record is
//
//	length     uvarint: bytes of the rest
//	mask size  uvarint, then that many bytes: bit i%8 of byte i/8 is set when column i is in the record
//	nulls      a bit per column of the record, in order, rounded up to bytes
//	values     of the columns that are not NULL, in order: a fixed column as in a row, a variable one behind its length as uvarint
//
// Large values are inside: a delta refers to nothing.

// AppendDelta appends a self-delimiting record of the columns of mask. vals has one value per column of mask, in
// order, or one per column of the table. For CDC.
func (l *Layout) AppendDelta(dst []byte, mask schema.ColSet, vals []value.Value) ([]byte, error) {
	byOrdinal, err := l.maskValues(mask, vals)
	if err != nil {
		return dst, err
	}
	if !l.direct {
		return dst, sqlerr.New(sqlerr.Internal, "deltas are written in the newest layout only")
	}
	start := len(dst)
	// The length comes first: write the record behind room for the longest uvarint, then close the gap.
	dst = append(dst, make([]byte, binary.MaxVarintLen64)...)
	body := len(dst)
	dst = appendMask(dst, mask)
	nulls := len(dst)
	for range (mask.Len() + 7) / 8 {
		dst = append(dst, 0)
	}
	k := 0
	for i := mask.Next(0); i >= 0; i = mask.Next(i + 1) {
		v := k
		if byOrdinal {
			v = i
		}
		if vals[v].IsNull() {
			dst[nulls+k/8] |= 1 << (k % 8)
		} else {
			c := &l.cols[i]
			if err := c.check(&vals[v]); err != nil {
				return dst[:start], err
			}
			dst = c.appendDelta(dst, &vals[v])
		}
		k++
	}
	var length [binary.MaxVarintLen64]byte
	n := binary.PutUvarint(length[:], uint64(len(dst)-body))
	copy(dst[start:], length[:n])
	copy(dst[start+n:], dst[body:])
	return dst[:len(dst)-(body-start-n)], nil
}

func (c *column) appendDelta(dst []byte, v *value.Value) []byte {
	if c.variable() {
		p := c.piece(v)
		dst = binary.AppendUvarint(dst, uint64(p.size()))
		return p.append(dst)
	}
	n := len(dst)
	dst = slices.Grow(dst, int(c.width))[:n+int(c.width)]
	c.putFixed(dst[n:], v)
	return dst
}

func appendMask(dst []byte, mask schema.ColSet) []byte {
	last := -1
	for i := mask.Next(0); i >= 0; i = mask.Next(i + 1) {
		last = i
	}
	dst = binary.AppendUvarint(dst, uint64(last/8+1))
	at := len(dst)
	for range last/8 + 1 {
		dst = append(dst, 0)
	}
	for i := mask.Next(0); i >= 0; i = mask.Next(i + 1) {
		dst[at+i/8] |= 1 << (i % 8)
	}
	return dst
}

// deltaReader walks over a record. Any read beyond the end marks it bad.
type deltaReader struct {
	b   []byte
	bad bool
}

func (d *deltaReader) uvarint() uint64 {
	u, n := binary.Uvarint(d.b)
	if n <= 0 {
		d.bad = true
		return 0
	}
	d.b = d.b[n:]
	return u
}

func (d *deltaReader) take(n uint64) []byte {
	if n > uint64(len(d.b)) {
		d.bad = true
		return nil
	}
	b := d.b[:n:n]
	d.b = d.b[n:]
	return b
}

// DecodeDelta decodes a record of AppendDelta from the head of data, appends its values to vals in order of the mask,
// and returns the rest of data. Values alias data. l must be of the version that wrote the record; projected to a
// newer definition it gives ordinals of that, without the columns dropped since. The record is checked as
// Validate checks a row.
func (l *Layout) DecodeDelta(data []byte, vals []value.Value) (mask schema.ColSet, out []value.Value, rest []byte, err error) {
	d := deltaReader{b: data}
	body := d.take(d.uvarint())
	rest = d.b
	if d.bad {
		return mask, vals, nil, l.corrupt("a change record is cut off")
	}
	d.b = body
	bits := d.take(d.uvarint())
	n := 0
	for i, b := range bits {
		for j := range 8 {
			if b>>j&1 != 0 {
				n++
				if i*8+j >= len(l.phys) {
					return mask, vals, nil, l.corrupt("a change record has column %d of %d", i*8+j, len(l.phys))
				}
			}
		}
	}
	nulls := d.take(uint64(n+7) / 8)
	if d.bad {
		return mask, vals, nil, l.corrupt("a change record is cut off")
	}
	var toNew []int
	if !l.direct {
		toNew = l.newOrdinals()
	}
	base, k, sorted, last := len(vals), 0, true, -1
	var ordinals []int
	for i := range len(l.phys) {
		if i/8 >= len(bits) || bits[i/8]>>(i%8)&1 == 0 {
			continue
		}
		v := value.Null
		to := i
		if toNew != nil {
			to = toNew[i]
		}
		c := &l.phys[i]
		if to >= 0 {
			c = &l.cols[to]
		}
		if nulls[k/8]>>(k%8)&1 == 0 {
			if v, err = l.decodeDeltaValue(&d, &l.phys[i], c); err != nil {
				return mask, vals[:base], nil, err
			}
		}
		k++
		if to < 0 {
			continue
		}
		sorted = sorted && to > last
		last = to
		mask = mask.With(to)
		vals = append(vals, v)
		if toNew != nil {
			ordinals = append(ordinals, to)
		}
	}
	if d.bad || len(d.b) != 0 {
		return mask, vals[:base], nil, l.corrupt("a change record has the wrong length")
	}
	if !sorted {
		sortByOrdinal(ordinals, vals[base:])
	}
	return mask, vals, rest, nil
}

// decodeDeltaValue reads a value of the stored column was, as column c of the definition in use.
func (l *Layout) decodeDeltaValue(d *deltaReader, was, c *column) (value.Value, error) {
	if !was.variable() {
		b := d.take(uint64(was.width))
		if d.bad {
			return value.Null, l.corrupt("a change record is cut off")
		}
		return l.fixedValue(c, b)
	}
	b := d.take(d.uvarint())
	if d.bad || c.dec == decBigDecimal && (len(b) < 1 || len(b) > 1+32 || b[0] > 1) {
		return value.Null, l.corrupt("column %s: bad value in a change record", c.name)
	}
	v := c.variableValue(b)
	if !c.inRange(&v) {
		return value.Null, l.corrupt("column %s: value out of range in a change record", c.name)
	}
	return v, nil
}

// fixedValue decodes and checks a fixed column from its own bytes.
func (l *Layout) fixedValue(c *column, b []byte) (value.Value, error) {
	one := *c
	one.off, one.nullByte, one.nullMask = 0, 0, 0
	r := Row{Layout: l, Data: b}
	if err := l.validateColumn(&r, &one); err != nil {
		return value.Null, err
	}
	if len(b) == 0 { // BINARY(0)
		return value.Bytes(""), nil
	}
	return r.decode(&one), nil
}

// newOrdinals maps positions in the payload to ordinals of the definition in use; -1 when dropped.
func (l *Layout) newOrdinals() []int {
	to := make([]int, len(l.phys))
	for i := range to {
		to[i] = -1
	}
	for i := range l.cols {
		if p := l.cols[i].phys; p >= 0 {
			to[p] = i
		}
	}
	return to
}

// sortByOrdinal puts values into the order of their ordinals: an ALTER may have moved columns.
func sortByOrdinal(ordinals []int, vals []value.Value) {
	for i := 1; i < len(ordinals); i++ {
		for j := i; j > 0 && ordinals[j] < ordinals[j-1]; j-- {
			ordinals[j], ordinals[j-1] = ordinals[j-1], ordinals[j]
			vals[j], vals[j-1] = vals[j-1], vals[j]
		}
	}
}
