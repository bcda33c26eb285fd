package row

import (
	"hash/crc32"
	"math"
	"slices"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Spill stores the bytes of a large value elsewhere and returns a reference to it. It must not keep data.
type Spill func(data []byte) (ref uint64, err error)

// piece is the content of one variable column on its way into a payload.
type piece struct {
	s       string
	small   uint64 // magnitude of a decimal that fits 64 bits
	mode    pieceMode
	neg     bool
	spilled bool // s is a reference
}

type pieceMode uint8

const (
	pieceBytes   pieceMode = iota
	pieceSmall             // sign byte and small
	pieceDecimal           // sign byte and s
)

func (p *piece) size() int {
	switch p.mode {
	case pieceSmall:
		return 1 + smallBytes(p.small)
	case pieceDecimal:
		return 1 + len(p.s)
	}
	return len(p.s)
}

// smallBytes returns the number of bytes of u without leading zeros.
func smallBytes(u uint64) (n int) {
	for ; u != 0; u >>= 8 {
		n++
	}
	return n
}

func (p *piece) append(dst []byte) []byte {
	if p.mode == pieceBytes {
		return append(dst, p.s...)
	}
	sign := byte(0)
	if p.neg {
		sign = 1
	}
	dst = append(dst, sign)
	if p.mode == pieceDecimal {
		return append(dst, p.s...)
	}
	for i := smallBytes(p.small); i > 0; i-- {
		dst = append(dst, byte(p.small>>(8*(i-1))))
	}
	return dst
}

// stackPieces is how many variable columns an encoder handles without an allocation.
const stackPieces = 16

// Append appends the payload of vals, one value per column, all inline. Values must have been coerced; a value of
// another kind or out of range is an error. l must not be projected.
func (l *Layout) Append(dst []byte, vals []value.Value) ([]byte, error) {
	return l.AppendWithOverflow(dst, vals, 0, nil)
}

// AppendWithOverflow is Append for a payload of at most maxInline bytes: the largest variable values go through
// spill until it fits. Error 1118 when that is not enough. maxInline 0 is no limit. On an error dst is returned as it
// was, and what was spilled is the caller's to free.
func (l *Layout) AppendWithOverflow(dst []byte, vals []value.Value, maxInline int, spill Spill) ([]byte, error) {
	if err := l.writable(len(vals), len(l.cols)); err != nil {
		return dst, err
	}
	var buf [stackPieces]piece
	pieces := buf[:0]
	if l.vars > stackPieces {
		pieces = make([]piece, 0, l.vars)
	}
	pieces = pieces[:l.vars]
	start := len(dst)
	dst = l.grow(dst)
	head := dst[start:]
	for i := range l.cols {
		c := &l.cols[i]
		if err := c.encode(head, pieces, &vals[i]); err != nil {
			return dst[:start], err
		}
	}
	return l.finish(dst, start, pieces, maxInline, spill)
}

// writable checks the arguments of the encoders.
func (l *Layout) writable(have, want int) error {
	if !l.direct {
		return sqlerr.New(sqlerr.Internal, "rows are written in the newest layout only")
	}
	if have != want {
		return sqlerr.New(sqlerr.WrongValueCount, 1)
	}
	return nil
}

// grow extends dst by the flags, the NULL bitmap and the fixed area, all zero.
func (l *Layout) grow(dst []byte) []byte {
	n := len(dst)
	dst = slices.Grow(dst, int(l.ends)+64)[:n+int(l.ends)]
	clear(dst[n:])
	return dst
}

// encode puts a value into the fixed area head, or into pieces.
func (c *column) encode(head []byte, pieces []piece, v *value.Value) error {
	if v.IsNull() {
		if c.notNull {
			return sqlerr.New(sqlerr.BadNull, c.name)
		}
		head[c.nullByte] |= c.nullMask
		if c.variable() {
			pieces[c.off] = piece{}
		} else {
			clear(head[c.off : c.off+c.width])
		}
		return nil
	}
	if err := c.check(v); err != nil {
		return err
	}
	head[c.nullByte] &^= c.nullMask
	if c.variable() {
		pieces[c.off] = c.piece(v)
	} else {
		c.putFixed(head[c.off:], v)
	}
	return nil
}

// putFixed writes a checked value of a fixed column.
func (c *column) putFixed(b []byte, v *value.Value) {
	switch c.form {
	case StoredInt8, StoredUint8:
		b[0] = byte(v.Raw64())
	case StoredInt16, StoredUint16:
		le.PutUint16(b, uint16(v.Raw64()))
	case StoredInt32:
		le.PutUint32(b, uint32(v.Raw64()))
	case StoredUint32:
		if c.dec == decDate {
			le.PutUint32(b, value.DateBits(int64(v.Raw64())))
		} else {
			le.PutUint32(b, uint32(v.Raw64()))
		}
	case StoredInt64, StoredUint64, StoredFloat64:
		le.PutUint64(b, v.Raw64())
	case StoredFloat32:
		le.PutUint32(b, math.Float32bits(float32(v.Float64())))
	case StoredBytes:
		copy(b, v.Str())
	}
}

// piece returns the content of a checked value of a variable column.
func (c *column) piece(v *value.Value) piece {
	if c.dec != decBigDecimal {
		return piece{s: v.Str()}
	}
	if v.IsBigDecimal() {
		neg, mag := v.DecimalMagnitude()
		return piece{s: mag, neg: neg, mode: pieceDecimal}
	}
	n := int64(v.Raw64())
	if n < 0 {
		return piece{small: -uint64(n), neg: true, mode: pieceSmall}
	}
	return piece{small: uint64(n), mode: pieceSmall}
}

// finish appends the offset table and the variable bytes behind the head at dst[start:].
func (l *Layout) finish(dst []byte, start int, pieces []piece, maxInline int, spill Spill) ([]byte, error) {
	total, spilled := 0, false
	for i := range pieces {
		total += pieces[i].size()
		spilled = spilled || pieces[i].spilled
	}
	if maxInline > 0 && l.size(total, spilled) > maxInline {
		var err error
		if total, err = l.spillLargest(pieces, total, maxInline, spill); err != nil {
			return dst[:start], err
		}
		spilled = true
	}
	if l.vars == 0 {
		return dst, nil
	}
	if total > math.MaxUint32 {
		return dst[:start], sqlerr.New(sqlerr.RowTooLarge, math.MaxUint32)
	}
	dst = slices.Grow(dst, l.size(total, spilled)-int(l.ends))
	end := 0
	if total <= math.MaxUint16 {
		for i := range pieces {
			end += pieces[i].size()
			dst = le.AppendUint16(dst, uint16(end))
		}
	} else {
		dst[start] |= flagWide
		for i := range pieces {
			end += pieces[i].size()
			dst = le.AppendUint32(dst, uint32(end))
		}
	}
	if spilled {
		dst[start] |= flagSpilled
		at := len(dst)
		for range (l.vars + 7) / 8 {
			dst = append(dst, 0)
		}
		for i := range pieces {
			if pieces[i].spilled {
				dst[at+i/8] |= 1 << (i % 8)
			}
		}
	}
	for i := range pieces {
		dst = pieces[i].append(dst)
	}
	return dst, nil
}

// size returns the length of a payload with total variable bytes.
func (l *Layout) size(total int, spilled bool) int {
	n := int(l.ends) + 2*l.vars + total
	if total > math.MaxUint16 {
		n += 2 * l.vars
	}
	if spilled {
		n += (l.vars + 7) / 8
	}
	return n
}

// spillLargest replaces the largest pieces by references until the payload fits, and returns the new total.
func (l *Layout) spillLargest(pieces []piece, total, maxInline int, spill Spill) (int, error) {
	order := make([]int, 0, len(pieces))
	for i := range pieces {
		if !pieces[i].spilled && pieces[i].size() > refSize {
			order = append(order, i)
		}
	}
	slices.SortFunc(order, func(a, b int) int { return pieces[b].size() - pieces[a].size() })
	// See first whether it can be done at all, so that nothing is spilled in vain.
	n := 0
	for rest := total; l.size(rest, true) > maxInline; n++ {
		if n == len(order) || spill == nil {
			return 0, sqlerr.New(sqlerr.RowTooLarge, maxInline)
		}
		rest += refSize - pieces[order[n]].size()
	}
	for _, i := range order[:n] {
		p := &pieces[i]
		data := raw(p.s)
		if p.mode != pieceBytes {
			data = p.append(nil)
		}
		if len(data) > math.MaxUint32 {
			return 0, sqlerr.New(sqlerr.RowTooLarge, math.MaxUint32)
		}
		ref, err := spill(data)
		if err != nil {
			return 0, err
		}
		b := make([]byte, 0, refSize)
		b = le.AppendUint64(b, ref)
		b = le.AppendUint32(b, uint32(len(data)))
		b = le.AppendUint32(b, crc32.Checksum(data, castagnoli))
		total += refSize - len(data)
		*p = piece{s: text(b), spilled: true}
	}
	return total, nil
}

// AppendMerged appends the payload (in l) of base with the columns of mask replaced. vals has one value per column
// of mask, in order, or one per column of the table. base may be in an older, projected layout. References to
// spilled values of the other columns are carried over (compare Row.OverflowRefs before and after to see which
// died). maxInline and spill are as for AppendWithOverflow.
func (l *Layout) AppendMerged(dst []byte, base *Row, mask schema.ColSet, vals []value.Value, maxInline int, spill Spill) ([]byte, error) {
	if err := l.writable(len(base.Layout.cols), len(l.cols)); err != nil {
		return dst, err
	}
	if base.Layout.table != l.table && base.Layout.table.Version != l.table.Version {
		return dst, sqlerr.New(sqlerr.Internal, "merge of rows with different ordinals")
	}
	byOrdinal, err := l.maskValues(mask, vals)
	if err != nil {
		return dst, err
	}
	same := base.Layout.version == l.version && base.Layout.direct
	if same && !mask.Intersects(l.varying) && (maxInline == 0 || len(base.Data) <= maxInline) {
		return l.appendPatched(dst, base.Data, mask, vals, byOrdinal)
	}
	var buf [stackPieces]piece
	pieces := buf[:0]
	if l.vars > stackPieces {
		pieces = make([]piece, 0, l.vars)
	}
	pieces = pieces[:l.vars]
	start := len(dst)
	dst = l.grow(dst)
	head := dst[start:]
	if same {
		copy(head[1:], base.Data[1:l.ends])
	}
	k := 0
	for i := range l.cols {
		c := &l.cols[i]
		if mask.Has(i) {
			v := i
			if !byOrdinal {
				v = k
			}
			k++
			if err := c.encode(head, pieces, &vals[v]); err != nil {
				return dst[:start], err
			}
			continue
		}
		if same && !c.variable() {
			continue
		}
		if err := c.carry(head, pieces, base, &base.Layout.cols[i]); err != nil {
			return dst[:start], err
		}
	}
	return l.finish(dst, start, pieces, maxInline, spill)
}

// appendPatched is AppendMerged for fixed columns and a base of the same version: nothing moves.
func (l *Layout) appendPatched(dst, base []byte, mask schema.ColSet, vals []value.Value, byOrdinal bool) ([]byte, error) {
	start, k := len(dst), 0
	dst = append(dst, base...)
	for i := mask.Next(0); i >= 0; i = mask.Next(i + 1) {
		v := &vals[k]
		if byOrdinal {
			v = &vals[i]
		}
		if err := l.cols[i].encode(dst[start:], nil, v); err != nil {
			return dst[:start], err
		}
		k++
	}
	return dst, nil
}

// maskValues tells how vals go with mask: one per column of the table (true) or one per column of mask.
func (l *Layout) maskValues(mask schema.ColSet, vals []value.Value) (byOrdinal bool, err error) {
	n := mask.Len()
	if mask.Next(len(l.cols)) >= 0 {
		return false, sqlerr.New(sqlerr.Internal, "column mask beyond the table's columns")
	}
	switch len(vals) {
	case n:
		return false, nil
	case len(l.cols):
		return true, nil
	}
	return false, sqlerr.New(sqlerr.WrongValueCount, 1)
}

// carry copies a column that does not change from base, where it is was, without decoding it.
func (c *column) carry(head []byte, pieces []piece, base *Row, was *column) error {
	if was.dec == decAbsent {
		return c.encode(head, pieces, &was.initial)
	}
	if base.Data[was.nullByte]&was.nullMask != 0 {
		// Not through encode: a column that has become NOT NULL since may only be checked by the ALTER itself.
		head[c.nullByte] |= c.nullMask
		return nil
	}
	if !c.variable() {
		copy(head[c.off:c.off+c.width], base.Data[was.off:])
		return nil
	}
	b, spilled := base.variable(was)
	pieces[c.off] = piece{s: text(b), spilled: spilled}
	return nil
}
