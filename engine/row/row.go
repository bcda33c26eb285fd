// Package row is the codec of row payloads: how the column values of one version lie in a page.
//
// Columns are read in place. Fixed columns lie at fixed offsets, variable ones behind a table of end offsets, NULLs
// in a bitmap; reading two columns of a wide row touches two. See Layout for the bytes.
//
// Concurrency: a Layout is immutable and shared freely. A Row is a view of its owner.
//
// Ownership: strings of decoded values alias Row.Data, and are good as long as those bytes are; Value.Clone detaches.
package row

import (
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// Layout is the compiled form of one version of a table's columns.
type Layout struct{}

// NewLayout compiles the layout of t's rows. t must have passed Validate and must not change.
func NewLayout(t *schema.Table) *Layout { return &Layout{} }

// Project returns a Layout that reads payloads written under l but by newest's ordinals: dropped columns vanish,
// columns added since read as their Column.Initial. newest may not have changed a column's stored form (CanProject).
func (l *Layout) Project(newest *schema.Table) (*Layout, error) { return l, nil }

// NumColumns returns the number of columns.
func (l *Layout) NumColumns() int { return 0 }

// Table returns the definition whose ordinals the Layout uses.
func (l *Layout) Table() *schema.Table { return nil }

// Version returns the schema version of the payloads that the Layout reads and writes.
func (l *Layout) Version() uint32 { return 0 }

// Stored is the stored form of a column at a fixed offset.
type Stored uint8

// The stored forms of fixed columns; all little-endian.
const (
	NotFixed      Stored = iota
	StoredInt8           // int8
	StoredInt16          // int16
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

// FixedOffset returns where column i lies in the payload and its stored form; NotFixed when it has no fixed place.
func (l *Layout) FixedOffset(i int) (offset int, form Stored) { return 0, NotFixed }

// NullBit returns the byte and the mask of column i's NULL bit in the payload. Projected-away columns have mask 0.
func (l *Layout) NullBit(i int) (offset int, mask byte) { return 0, 0 }

// Append appends the payload of vals, one value per column, all inline. Values must have been coerced; a value of
// another kind or out of range is an error.
func (l *Layout) Append(dst []byte, vals []value.Value) ([]byte, error) { return dst, nil }

// Spill stores the bytes of a large value elsewhere and returns a reference to it. It must not keep data.
type Spill func(data []byte) (ref uint64, err error)

// AppendWithOverflow is Append for a payload of at most maxInline bytes: the largest variable values go through
// spill until it fits. 1118 when that is not enough.
func (l *Layout) AppendWithOverflow(dst []byte, vals []value.Value, maxInline int, spill Spill) ([]byte, error) {
	return dst, nil
}

// AppendMerged appends the payload (in l) of base with the columns of mask replaced: vals[k] is the value of the
// k-th column of mask. base may be in an older, projected layout. References to spilled values of other columns
// are carried over. spill may be nil when maxInline is 0: no limit.
func (l *Layout) AppendMerged(dst []byte, base *Row, mask schema.ColSet, vals []value.Value, maxInline int, spill Spill) ([]byte, error) {
	return dst, nil
}

// AppendDelta appends a self-delimiting record of the columns of mask: vals[k] is the k-th column's value. For CDC.
func (l *Layout) AppendDelta(dst []byte, mask schema.ColSet, vals []value.Value) ([]byte, error) {
	return dst, nil
}

// DecodeDelta decodes a record of AppendDelta from the head of data and returns the rest. Values alias data;
// vals is appended to and returned.
func (l *Layout) DecodeDelta(data []byte, vals []value.Value) (mask schema.ColSet, out []value.Value, rest []byte, err error) {
	return mask, nil, nil, nil
}

// Validate checks a payload from an untrusted source; after that Row cannot go out of range on it.
func (l *Layout) Validate(data []byte) error { return nil }

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

// Col decodes column i. When a spilled value cannot be read it returns NULL and Err tells.
func (r *Row) Col(i int) value.Value { return value.Null }

// IsNull reports whether column i is NULL.
func (r *Row) IsNull(i int) bool { return false }

// Err returns the first failure of reading a spilled value.
func (r *Row) Err() error { return r.err }

// Columns appends the values of the columns of set to dst in order.
func (r *Row) Columns(set schema.ColSet, dst []value.Value) ([]value.Value, error) { return dst, nil }

// HasOverflow reports whether any value was spilled.
func (r *Row) HasOverflow() bool { return false }

// OverflowRef is a reference to a spilled value.
type OverflowRef struct {
	Ref    uint64
	Length uint32
	Sum    uint32 // CRC-32C of the value
}

// OverflowRefs appends the references in the payload, of all columns including those dropped since.
func (r *Row) OverflowRefs(dst []OverflowRef) []OverflowRef { return dst }
