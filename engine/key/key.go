// Package key encodes index keys: byte strings whose memcmp order is the order of the index.
//
// Concurrency: an Encoder is immutable and shared freely. Encoders keep nothing of what they are given.
package key

import (
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// EncodingVersion is stored by every index; another number means rebuild.
const EncodingVersion = 1

// Encoder encodes the keys of one index.
type Encoder struct{}

// New compiles the encoder of ix over t. JSON columns and whole TEXT or BLOB columns are errors.
func New(t *schema.Table, ix *schema.Index) (*Encoder, error) { return &Encoder{}, nil }

// Version combines EncodingVersion with the versions of the collations in use; an index stores it.
func (e *Encoder) Version() uint64 { return 0 }

// Parts returns the column ordinals of the key parts.
func (e *Encoder) Parts() []int { return nil }

// Fixed8 reports whether keys are exactly 8 bytes without NULL marker: Uint64 gives them as an integer.
func (e *Encoder) Fixed8() bool { return false }

// Append appends the key of vals (already of the columns' types), the key parts in order; fewer make a prefix.
func (e *Encoder) Append(dst []byte, vals []value.Value) ([]byte, error) { return dst, nil }

// AppendRow appends the key of a row.
func (e *Encoder) AppendRow(dst []byte, r *row.Row) ([]byte, error) { return dst, nil }

// Uint64 returns the key of a Fixed8 encoder.
func (e *Encoder) Uint64(vals []value.Value) (uint64, error) { return 0, nil }

// RowUint64 returns the key of a row for a Fixed8 encoder.
func (e *Encoder) RowUint64(r *row.Row) uint64 { return 0 }

// HasNull reports whether a key part is NULL: such keys never collide in a unique index.
func HasNull(vals []value.Value) bool { return false }

// RowHasNull is HasNull for the row's key parts.
func (e *Encoder) RowHasNull(r *row.Row) bool { return false }

// DescribeKey returns the text that MySQL's error 1062 has for the key: "1-abc".
func (e *Encoder) DescribeKey(vals []value.Value) string { return "" }

// Successor returns the least byte string above every key that has the prefix, or nil when there is none.
func Successor(prefix []byte) []byte { return nil }
