package row

import (
	"fmt"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Stored is the stored form of a column at a fixed offset. The forms are part of the file format.
type Stored uint8

// The stored forms of fixed columns; all little-endian.
const (
	NotFixed      Stored = iota
	StoredInt8           // int8: TINYINT
	StoredInt16          // int16: SMALLINT
	StoredInt32          // int32: MEDIUMINT, INT
	StoredInt64          // int64: BIGINT, packed DATETIME and TIMESTAMP, TIME in microseconds, DECIMAL of up to 18 digits (coefficient at the column's scale)
	StoredUint8          // uint8
	StoredUint16         // uint16: SMALLINT UNSIGNED, YEAR, ENUM
	StoredUint32         // uint32: MEDIUMINT/INT UNSIGNED; DATE as packed >> 41
	StoredUint64         // uint64: BIGINT UNSIGNED, SET, BIT
	StoredFloat32        // FLOAT
	StoredFloat64        // DOUBLE
	StoredBytes          // BINARY(n), n ≤ 64
)

// storedWidth is the number of bytes of each form; StoredBytes has the column's length.
var storedWidth = [...]int{
	StoredInt8: 1, StoredInt16: 2, StoredInt32: 4, StoredInt64: 8, StoredUint8: 1, StoredUint16: 2,
	StoredUint32: 4, StoredUint64: 8, StoredFloat32: 4, StoredFloat64: 8, StoredBytes: 0,
}

const (
	maxFixedBinary = 64 // longer BINARY(n) columns are variable
	maxFixedDigits = 18 // DECIMALs with more digits are variable
)

// decoder selects how bytes become a value: the stored form together with the column's type.
type decoder uint8

const (
	decInt8 decoder = iota
	decInt16
	decInt32
	decInt64
	decUint8
	decUint16
	decUint32
	decUint64
	decFloat32
	decFloat64
	decDecimal
	decDate
	decDateTime
	decTime
	decYear
	decEnum
	decSet
	decBit
	decBinary     // fixed
	decAbsent     // no bytes: the column's initial value
	decString     // from here on: variable
	decBytes      //
	decJSON       //
	decBigDecimal // sign byte, magnitude
)

// column is the compiled form of one column of a Layout.
type column struct {
	off      uint32 // fixed: offset in the payload; variable: position in the offset table
	width    uint32 // fixed: bytes
	endAt    uint32 // variable: where its u16 end lies
	base     uint32 // variable: where the variable bytes start when there are no flags
	nullByte uint32
	nullMask byte
	dec      decoder
	form     Stored
	scale    uint8
	typ      *value.Type
	name     string
	notNull  bool
	ranged   bool // the 64-bit payload minus lo is at most span
	kind     value.Kind
	lo, span uint64
	phys     int // position among the payload's columns; -1 when absent
	initial  value.Value
	sets     []string // labels of every mask of a small SET
}

func (c *column) variable() bool { return c.dec >= decString }

// Layout is the compiled form of one version of a table's columns. It is immutable.
//
// A payload is, in this order:
//
//	flags      1 byte: bit 0 wide offsets, bit 1 spilled values; the others are 0
//	nulls      ⌈columns/8⌉ bytes: bit i%8 of byte i/8 is set when column i is NULL
//	fixed      the fixed columns in column order, little-endian, without padding; zeros when NULL
//	ends       for each variable column, where its bytes end, counted from the first variable byte: u16, or u32 when wide
//	spilled    only with flag bit 1: ⌈variable columns/8⌉ bytes, a bit per variable column whose bytes are a reference
//	variable   the bytes of the variable columns
//
// A reference is 16 bytes: reference u64, length of the value u32, CRC-32C of the value u32.
type Layout struct {
	table   *schema.Table
	version uint32
	cols    []column // by ordinal of table
	phys    []column // by position in the payload; the same as cols unless projected
	fixed   uint32   // where the fixed area starts
	ends    uint32   // where the fixed area ends and the offset table starts
	vars    int      // number of variable columns in the payload
	direct  bool     // cols and phys are the same
	varying schema.ColSet
}

// NewLayout compiles the layout of t's rows. t must have passed Validate and must not change.
func NewLayout(t *schema.Table) *Layout {
	l := &Layout{table: t, version: t.Version, direct: true}
	l.cols = make([]column, len(t.Columns))
	l.fixed = 1 + uint32(len(t.Columns)+7)/8
	off := l.fixed
	for i := range t.Columns {
		def := &t.Columns[i]
		c := &l.cols[i]
		c.compile(def)
		c.phys = i
		c.nullByte, c.nullMask = 1+uint32(i)/8, 1<<(i%8)
		if c.variable() {
			c.off = uint32(l.vars)
			l.vars++
			l.varying = l.varying.With(i)
		} else {
			c.off = off
			off += c.width
		}
	}
	l.ends = off
	for i := range l.cols {
		if c := &l.cols[i]; c.variable() {
			c.endAt, c.base = l.ends+2*c.off, l.ends+2*uint32(l.vars)
		}
	}
	l.phys = l.cols
	return l
}

// compile fills in what follows from the column's definition alone.
func (c *column) compile(def *schema.Column) {
	t := &def.Type
	c.typ, c.name, c.notNull = t, def.Name, def.NotNull
	c.dec, c.form = storedForm(t)
	c.width = uint32(storedWidth[c.form])
	if c.form == StoredBytes {
		c.width = t.Length
	}
	c.kind = t.Kind()
	c.lo, c.span, c.ranged = payloadRange(t)
	switch c.dec {
	case decDecimal, decBigDecimal, decDateTime, decTime:
		c.scale = t.Scale
	case decBit:
		c.scale = uint8(t.Length)
	case decSet:
		c.sets = setLabels(t)
	}
}

// storedForm maps a type to its stored form. Changing it changes the file format.
func storedForm(t *value.Type) (decoder, Stored) {
	switch t.ID {
	case value.TypeTinyInt:
		if t.Unsigned {
			return decUint8, StoredUint8
		}
		return decInt8, StoredInt8
	case value.TypeSmallInt:
		if t.Unsigned {
			return decUint16, StoredUint16
		}
		return decInt16, StoredInt16
	case value.TypeMediumInt, value.TypeInt:
		if t.Unsigned {
			return decUint32, StoredUint32
		}
		return decInt32, StoredInt32
	case value.TypeBigInt:
		if t.Unsigned {
			return decUint64, StoredUint64
		}
		return decInt64, StoredInt64
	case value.TypeFloat:
		return decFloat32, StoredFloat32
	case value.TypeDouble:
		return decFloat64, StoredFloat64
	case value.TypeDecimal:
		if t.Precision <= maxFixedDigits {
			return decDecimal, StoredInt64
		}
		return decBigDecimal, NotFixed
	case value.TypeBinary:
		if t.Length <= maxFixedBinary {
			return decBinary, StoredBytes
		}
	case value.TypeDate:
		return decDate, StoredUint32
	case value.TypeTime:
		return decTime, StoredInt64
	case value.TypeDateTime, value.TypeTimestamp:
		return decDateTime, StoredInt64
	case value.TypeYear:
		return decYear, StoredUint16
	case value.TypeEnum:
		return decEnum, StoredUint16
	case value.TypeSet:
		return decSet, StoredUint64
	case value.TypeBit:
		return decBit, StoredUint64
	case value.TypeJSON:
		return decJSON, NotFixed
	}
	if t.IsBinary() {
		return decBytes, NotFixed
	}
	return decString, NotFixed
}

// payloadRange returns the range of the 64-bit payloads of the types that fill one: they are from lo to lo+span, as
// unsigned or two's complement numbers.
func payloadRange(t *value.Type) (lo, span uint64, ranged bool) {
	const all = ^uint64(0)
	bits := map[value.TypeID]int{value.TypeTinyInt: 8, value.TypeSmallInt: 16, value.TypeMediumInt: 24, value.TypeInt: 32, value.TypeBigInt: 64}
	switch t.ID {
	case value.TypeTinyInt, value.TypeSmallInt, value.TypeMediumInt, value.TypeInt, value.TypeBigInt:
		n := bits[t.ID]
		if !t.Unsigned {
			lo = -(uint64(1) << (n - 1))
		}
		return lo, all >> (64 - n), true
	case value.TypeTime:
		low := int64(-value.MaxTimeMicros)
		return uint64(low), 2 * value.MaxTimeMicros, true
	case value.TypeEnum:
		return 0, uint64(len(t.Elements)), true
	case value.TypeSet:
		return 0, all >> (64 - len(t.Elements)), true
	case value.TypeBit:
		return 0, all >> (64 - t.Length), true
	}
	return 0, 0, false
}

// maxSetTable bounds the SETs whose labels are kept for every mask, so that decoding them needs no allocation.
const maxSetTable = 5

func setLabels(t *value.Type) []string {
	if len(t.Elements) > maxSetTable {
		return nil
	}
	labels := make([]string, 1<<len(t.Elements))
	for m := range labels {
		v, _ := value.SetByMask(t, uint64(m))
		labels[m] = v.Str()
	}
	return labels
}

// Project returns a Layout that reads payloads written under l but by newest's ordinals: dropped columns vanish,
// columns added since read as their Column.InitialValue. newest may not have changed the stored form of a column
// (see SameStored); then the rows have to be rewritten and Project fails.
func (l *Layout) Project(newest *schema.Table) (*Layout, error) {
	p := &Layout{
		table: newest, version: l.version, phys: l.phys, fixed: l.fixed, ends: l.ends, vars: l.vars,
		cols: make([]column, len(newest.Columns)),
	}
	old := make(map[uint32]int, len(l.phys))
	for i := range l.table.Columns {
		if phys := l.cols[i].phys; phys >= 0 {
			old[l.table.Columns[i].ID] = phys
		}
	}
	for i := range newest.Columns {
		def := &newest.Columns[i]
		c := &p.cols[i]
		c.compile(def)
		phys, ok := old[def.ID]
		if !ok {
			c.dec, c.form, c.phys = decAbsent, NotFixed, -1
			c.initial = def.InitialValue()
			continue
		}
		was := &l.phys[phys]
		if !SameStored(was.typ, c.typ) {
			return nil, sqlerr.New(sqlerr.Internal, fmt.Sprintf("column %s: rows of type %s cannot be read as %s",
				def.Name, was.typ, c.typ))
		}
		c.phys, c.off, c.nullByte, c.nullMask = phys, was.off, was.nullByte, was.nullMask
		c.endAt, c.base = was.endAt, was.base
	}
	return p, nil
}

// SameStored reports whether stored values of type old can be read in place as type new, so that an ALTER between
// them need not rewrite rows: the stored form is the same, and every old value is a value of the new type.
func SameStored(old, new *value.Type) bool {
	od, of := storedForm(old)
	nd, nf := storedForm(new)
	if od != nd || of != nf {
		return false
	}
	switch od {
	case decString, decBytes, decBinary:
		// CHAR comes back without trailing spaces, which VARCHAR keeps.
		return old.MaxChars() <= new.MaxChars() && old.MaxBytes() <= new.MaxBytes() &&
			(of != StoredBytes || old.Length == new.Length) &&
			(old.ID == new.ID || new.ID != value.TypeChar && new.ID != value.TypeBinary)
	case decDecimal, decBigDecimal:
		return old.Scale == new.Scale && old.Precision <= new.Precision && (old.Unsigned || !new.Unsigned)
	case decFloat32, decFloat64:
		return old.Unsigned || !new.Unsigned
	case decDateTime, decTime:
		return old.ID == new.ID && old.Scale <= new.Scale
	case decBit:
		return old.Length <= new.Length
	case decEnum, decSet:
		if len(old.Elements) > len(new.Elements) {
			return false
		}
		for i, e := range old.Elements {
			if new.Elements[i] != e {
				return false
			}
		}
	case decInt32, decUint32:
		return old.ID == new.ID || new.ID == value.TypeInt
	}
	return true
}

// NumColumns returns the number of columns.
func (l *Layout) NumColumns() int { return len(l.cols) }

// Table returns the definition whose ordinals the Layout uses.
func (l *Layout) Table() *schema.Table { return l.table }

// Version returns the schema version of the payloads that the Layout reads and writes.
func (l *Layout) Version() uint32 { return l.version }

// FixedOffset returns where column i lies in the payload and its stored form; NotFixed when it has no fixed place.
func (l *Layout) FixedOffset(i int) (offset int, form Stored) {
	c := &l.cols[i]
	if c.form == NotFixed {
		return 0, NotFixed
	}
	return int(c.off), c.form
}

// NullBit returns the byte and the mask of column i's NULL bit in the payload: the column is NULL when
// payload[offset]&mask != 0. The mask is 0 for a column added since the payload was written; IsNull knows.
func (l *Layout) NullBit(i int) (offset int, mask byte) {
	return int(l.cols[i].nullByte), l.cols[i].nullMask
}

// MinSize returns the length of the payload of a row whose variable columns are empty.
func (l *Layout) MinSize() int { return int(l.ends) + 2*l.vars }
