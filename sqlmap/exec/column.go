package exec

import (
	"encoding/binary"
	"math"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// columnClass is what the 64 bits of a fixed column mean.
type columnClass uint8

const (
	classInt      columnClass = iota // an integer that fits 64 bits with sign; YEAR too
	classUint                        // BIGINT UNSIGNED
	classFloat                       // the bits of a double; a FLOAT is widened
	classDecimal                     // the coefficient at the column's scale
	classDate                        // packed
	classDateTime                    // packed
	classTime                        // microseconds
	classEnum                        // the number of a member
	classOther                       // of which only NULL matters here
)

// fixedColumn is where a column of fixed width lies in a row, and how its bytes become 64 bits.
type fixedColumn struct {
	ord            int
	offset, nullAt int
	nullMask       byte // 0 when it is never NULL
	// Eight bytes are read; the column's are moved to the top by shift and down again by back, with sign or without.
	shift, back uint8
	unsigned    bool
	single      bool // a FLOAT
	class       columnClass
	typ         *value.Type
}

// dateBits is how far a stored DATE is moved to be a packed one. The bits of its neighbours in the row leave at the top.
const dateBits = 41

// fixedColumnOf returns where a column lies in the rows of the table's newest layout; ok is false for the row's id.
func fixedColumnOf(t *engine.Table, ord int) (c fixedColumn, ok bool) {
	if ord < 0 {
		return c, false
	}
	return placeOf(t.Layout(), &t.Def().Columns[ord], ord), true
}

func placeOf(l *row.Layout, def *schema.Column, ord int) (c fixedColumn) {
	offset, form := l.FixedOffset(ord)
	c = fixedColumn{ord: ord, offset: offset, typ: &def.Type, class: classOf(&def.Type)}
	if !def.NotNull {
		c.nullAt, c.nullMask = l.NullBit(ord)
	}
	switch form {
	case row.StoredInt8, row.StoredUint8:
		c.shift = 56
	case row.StoredInt16, row.StoredUint16:
		c.shift = 48
	case row.StoredInt32, row.StoredUint32:
		c.shift = 32
	case row.StoredFloat32:
		c.single = true
	case row.StoredInt64, row.StoredUint64, row.StoredFloat64:
	default:
		c.class = classOther
	}
	c.back = c.shift
	c.unsigned = form == row.StoredUint8 || form == row.StoredUint16 || form == row.StoredUint32
	if c.class == classDate {
		c.shift, c.back = dateBits, 0
	}
	return c
}

func classOf(t *value.Type) columnClass {
	switch t.ID {
	case value.TypeBigInt:
		if t.Unsigned {
			return classUint
		}
		return classInt
	case value.TypeTinyInt, value.TypeSmallInt, value.TypeMediumInt, value.TypeInt, value.TypeYear:
		return classInt
	case value.TypeFloat, value.TypeDouble:
		return classFloat
	case value.TypeDecimal:
		return classDecimal
	case value.TypeDate:
		return classDate
	case value.TypeDateTime, value.TypeTimestamp:
		return classDateTime
	case value.TypeTime:
		return classTime
	case value.TypeEnum:
		return classEnum
	}
	return classOther
}

// load reads the column; ok is false for NULL.
func (c *fixedColumn) load(data []byte) (v int64, ok bool) {
	if data[c.nullAt]&c.nullMask != 0 {
		return 0, false
	}
	x := eight(data, c.offset)
	switch {
	case c.single:
		return widened(x), true
	case c.unsigned:
		return int64(x << c.shift >> c.back), true
	}
	return int64(x<<c.shift) >> c.back, true
}

// loadRow is load for a row of any layout.
func (c *fixedColumn) loadRow(r *row.Row) (v int64, ok bool) {
	x := r.Col(c.ord)
	return int64(x.Raw64()), !x.IsNull()
}

// value makes the value of the column that load gave the bits of.
func (c *fixedColumn) value(v int64) value.Value {
	switch c.class {
	case classUint:
		return value.Uint(uint64(v))
	case classFloat:
		f := math.Float64frombits(uint64(v))
		if c.single {
			return value.Float32(float32(f))
		}
		return value.Float(f)
	case classDecimal:
		return value.Decimal(v, c.typ.Scale)
	case classDate:
		return value.Date(v)
	case classDateTime:
		return value.DateTime(v, c.typ.Scale)
	case classTime:
		return value.Time(v, c.typ.Scale)
	}
	switch {
	case c.typ.ID == value.TypeYear:
		return value.Year(int(v))
	case c.typ.Unsigned:
		return value.Uint(uint64(v))
	}
	return value.Int(v)
}

// ordered maps the bits of the column to integers in the order of its values; -0 and 0 are one.
func (c *fixedColumn) ordered(v int64) int64 {
	switch {
	case c.class == classUint:
		return v ^ math.MinInt64
	case c.class == classFloat && v < 0:
		return math.MinInt64 - v
	}
	return v
}

// eight reads eight bytes at a column, of which those behind the row are 0.
func eight(data []byte, at int) uint64 {
	if at+8 <= len(data) {
		return binary.LittleEndian.Uint64(data[at:])
	}
	return endOf(data[at:])
}

func endOf(b []byte) uint64 {
	var buf [8]byte
	copy(buf[:], b)
	return binary.LittleEndian.Uint64(buf[:])
}

// widened returns the bits of a double that is the FLOAT in the low half of x.
func widened(x uint64) int64 {
	return int64(math.Float64bits(float64(math.Float32frombits(uint32(x)))))
}

// present leaves in sel the rows in which the column is not NULL.
func (c *fixedColumn) present(rows [][]byte, sel []uint16) []uint16 {
	if c.nullMask == 0 {
		return sel
	}
	n := 0
	for _, s := range sel {
		sel[n] = s
		if rows[s][c.nullAt]&c.nullMask == 0 {
			n++
		}
	}
	return sel[:n]
}

// gather loads the column of the selected rows, in which it is not NULL.
func (c *fixedColumn) gather(rows [][]byte, sel []uint16, dst []int64) {
	at, shift, back := c.offset, c.shift&63, c.back&63
	switch {
	case c.single:
		for i, s := range sel {
			dst[i] = widened(eight(rows[s], at))
		}
	case c.unsigned:
		for i, s := range sel {
			dst[i] = int64(eight(rows[s], at) << shift >> back)
		}
	default:
		for i, s := range sel {
			dst[i] = int64(eight(rows[s], at)<<shift) >> back
		}
	}
}

// order applies ordered to gathered values.
func (c *fixedColumn) order(vals []int64) {
	switch c.class {
	case classUint:
		for i := range vals {
			vals[i] ^= math.MinInt64
		}
	case classFloat:
		for i, v := range vals {
			if v < 0 {
				vals[i] = math.MinInt64 - v
			}
		}
	}
}
