// Package row is the codec of row payloads: how the column values of one version lie in a page.
//
// Columns are read in place. Fixed columns lie at fixed offsets, variable ones behind a table of end offsets, NULLs
// in a bitmap; reading two columns of a wide row touches two. See Layout for the bytes.
//
// Every column of the definition is stored, generated ones too.
//
// Concurrency: a Layout is immutable and shared freely. A Row is a view for one goroutine.
//
// Ownership: strings of decoded values alias Row.Data, and are good as long as those bytes are; Value.Clone
// detaches. Values that were spilled to overflow pages are read into memory of their own.
//
// Trust: Append writes only what Validate accepts. Bytes from elsewhere must pass Validate before a Row looks at
// them; on others Col may go out of range, which Go turns into a panic.
package row

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"unsafe"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// OverflowReader reads values that were spilled. It appends the length bytes of the value to dst.
type OverflowReader interface {
	ReadOverflow(ref uint64, length uint32, dst []byte) ([]byte, error)
}

// Row is a view of one payload. Overflow may be nil when the payload has no spilled values.
type Row struct {
	Layout   *Layout
	Data     []byte
	Overflow OverflowReader
	err      error
}

// OverflowRef is a reference to a spilled value.
type OverflowRef struct {
	Ref    uint64
	Length uint32
	Sum    uint32 // CRC-32C of the value
}

const (
	flagWide    = 1 << iota // offsets are u32
	flagSpilled             // there is a bitmap of spilled values
	knownFlags  = flagWide | flagSpilled
)

const refSize = 16

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

var le = binary.LittleEndian

// text returns b as a string without copying.
func text(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// raw returns s as bytes without copying; they must not be written.
func raw(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// IsNull reports whether column i is NULL.
func (r *Row) IsNull(i int) bool {
	c := &r.Layout.cols[i]
	if c.dec == decAbsent {
		return c.initial.IsNull()
	}
	return r.Data[c.nullByte]&c.nullMask != 0
}

// Col decodes column i. When a spilled value cannot be read it returns NULL and Err tells.
func (r *Row) Col(i int) value.Value { return r.decode(&r.Layout.cols[i]) }

// Text returns the bytes of a string column as they are; ok is false when it is NULL, and as for Col when a spilled value
// cannot be read.
func (r *Row) Text(i int) (s string, ok bool) {
	c, d := &r.Layout.cols[i], r.Data
	if (c.dec == decString || c.dec == decBytes) && d[0] == 0 {
		if d[c.nullByte]&c.nullMask != 0 {
			return "", false
		}
		return text(c.narrow(d)), true
	}
	v := r.decode(c)
	return v.Str(), !v.IsNull()
}

func (r *Row) decode(c *column) value.Value {
	d := r.Data
	if d[c.nullByte]&c.nullMask != 0 {
		return value.Null
	}
	switch c.dec {
	case decInt8:
		return value.Int(int64(int8(d[c.off])))
	case decInt16:
		return value.Int(int64(int16(le.Uint16(d[c.off:]))))
	case decInt32:
		return value.Int(int64(int32(le.Uint32(d[c.off:]))))
	case decInt64:
		return value.Int(int64(le.Uint64(d[c.off:])))
	case decUint8:
		return value.Uint(uint64(d[c.off]))
	case decUint16:
		return value.Uint(uint64(le.Uint16(d[c.off:])))
	case decUint32:
		return value.Uint(uint64(le.Uint32(d[c.off:])))
	case decUint64:
		return value.Uint(le.Uint64(d[c.off:]))
	case decFloat32:
		return value.Float32(math.Float32frombits(le.Uint32(d[c.off:])))
	case decFloat64:
		return value.Float(math.Float64frombits(le.Uint64(d[c.off:])))
	case decDecimal:
		return value.Decimal(int64(le.Uint64(d[c.off:])), c.scale)
	case decDate:
		return value.Date(value.DateFromBits(le.Uint32(d[c.off:])))
	case decDateTime:
		return value.DateTime(int64(le.Uint64(d[c.off:])), c.scale)
	case decTime:
		return value.Time(int64(le.Uint64(d[c.off:])), c.scale)
	case decString:
		if d[0] == 0 {
			return value.String(text(c.narrow(d)))
		}
	case decAbsent:
		return c.initial
	}
	return r.colSlow(c)
}

// narrow returns the bytes of a variable column of a payload without flags.
func (c *column) narrow(d []byte) []byte {
	start := uint32(0)
	if c.off > 0 {
		start = uint32(le.Uint16(d[c.endAt-2:]))
	}
	end := uint32(le.Uint16(d[c.endAt:]))
	return d[c.base+start : c.base+end]
}

// colSlow decodes the less frequent types and the variable ones.
func (r *Row) colSlow(c *column) value.Value {
	d := r.Data
	switch c.dec {
	case decYear:
		return value.Year(int(le.Uint16(d[c.off:])))
	case decEnum:
		n := le.Uint16(d[c.off:])
		if n == 0 {
			return value.Enum(0, "")
		}
		return value.Enum(n, c.typ.Elements[n-1])
	case decSet:
		m := le.Uint64(d[c.off:])
		if c.sets != nil {
			return value.Set(m, c.sets[m])
		}
		v, _ := value.SetByMask(c.typ, m)
		return v
	case decBit:
		return value.Bit(le.Uint64(d[c.off:]), c.scale)
	case decBinary:
		return value.Bytes(text(d[c.off : c.off+c.width]))
	}
	b, spilled := r.variable(c)
	if spilled {
		if b = r.readSpilled(b); b == nil {
			return value.Null
		}
	}
	return c.variableValue(b)
}

// variableValue makes the value of a variable column from its bytes.
func (c *column) variableValue(b []byte) value.Value {
	switch c.dec {
	case decString:
		return value.String(text(b))
	case decBytes:
		return value.Bytes(text(b))
	case decJSON:
		return value.JSON(text(b))
	}
	return value.DecimalBytes(b[0] != 0, text(b[1:]), c.scale)
}

// variable returns the bytes of a variable column, which are a reference when spilled.
func (r *Row) variable(c *column) (b []byte, spilled bool) {
	d := r.Data
	l := r.Layout
	flags := d[0]
	var start, end uint32
	base := l.ends
	if flags&flagWide == 0 {
		p := l.ends + 2*c.off
		end = uint32(le.Uint16(d[p:]))
		if c.off > 0 {
			start = uint32(le.Uint16(d[p-2:]))
		}
		base += 2 * uint32(l.vars)
	} else {
		p := l.ends + 4*c.off
		end = le.Uint32(d[p:])
		if c.off > 0 {
			start = le.Uint32(d[p-4:])
		}
		base += 4 * uint32(l.vars)
	}
	if flags&flagSpilled != 0 {
		spilled = d[base+c.off/8]>>(c.off%8)&1 != 0
		base += uint32(l.vars+7) / 8
	}
	return d[base+start : base+end : base+end], spilled
}

// parseRef takes a reference apart.
func parseRef(b []byte) OverflowRef {
	return OverflowRef{Ref: le.Uint64(b), Length: le.Uint32(b[8:]), Sum: le.Uint32(b[12:])}
}

// readSpilled fetches a spilled value and checks it; nil after a failure, which it keeps in r.err.
func (r *Row) readSpilled(ref []byte) []byte {
	o := parseRef(ref)
	if r.Overflow == nil {
		r.fail(sqlerr.New(sqlerr.Internal, "a row with a large value was opened without access to it"))
		return nil
	}
	b, err := r.Overflow.ReadOverflow(o.Ref, o.Length, nil)
	switch {
	case err != nil:
		r.fail(err)
		return nil
	case uint32(len(b)) != o.Length || crc32.Checksum(b, castagnoli) != o.Sum:
		r.fail(sqlerr.New(sqlerr.CorruptTable, "a large value does not match its checksum"))
		return nil
	case b == nil:
		b = []byte{}
	}
	return b
}

func (r *Row) fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

// Err returns the first failure of reading a spilled value.
func (r *Row) Err() error { return r.err }

// Columns appends the values of the columns of set to dst in order of ordinal.
func (r *Row) Columns(set schema.ColSet, dst []value.Value) ([]value.Value, error) {
	for i := set.Next(0); i >= 0; i = set.Next(i + 1) {
		dst = append(dst, r.Col(i))
	}
	return dst, r.err
}

// Values appends the values of all columns to dst.
func (r *Row) Values(dst []value.Value) ([]value.Value, error) {
	for i := range r.Layout.cols {
		dst = append(dst, r.Col(i))
	}
	return dst, r.err
}

// HasOverflow reports whether any value was spilled.
func (r *Row) HasOverflow() bool { return r.Data[0]&flagSpilled != 0 }

// OverflowRefs appends the references in the payload, of all columns including those dropped since.
func (r *Row) OverflowRefs(dst []OverflowRef) []OverflowRef {
	if r.Data[0]&flagSpilled == 0 {
		return dst
	}
	for i := range r.Layout.phys {
		c := &r.Layout.phys[i]
		if !c.variable() {
			continue
		}
		if b, spilled := r.variable(c); spilled {
			dst = append(dst, parseRef(b))
		}
	}
	return dst
}
