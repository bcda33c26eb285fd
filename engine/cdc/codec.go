package cdc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
)

// The binary form of a Txn. Numbers are uvarints unless said otherwise:
//
//	u8        format, 1
//	          CSN
//	varint    time
//	          number of ops
//	per op:
//	  u8      kind
//	  u8      which of the following fields are there (has… below)
//	          table, schema version, storage
//	  u64     row id, little-endian                 hasRow
//	          number of 64-bit words of the mask    hasMask
//	  u64…    the words, little-endian
//	          length and bytes of After             hasAfter
//	          length and bytes of Before            hasBefore
//	          length and bytes of Key               hasKey
//	          value                                 hasValue

const formatVersion = 1

const (
	hasRow = 1 << iota
	hasMask
	hasAfter
	hasBefore
	hasKey
	hasValue
	hasAll = 1<<iota - 1
)

// Limits of what DecodeTxn accepts.
const (
	maxMaskWords = 1 << 10      // 65,536 columns
	minOpBytes   = 2 + 3        // kind, fields, three small numbers
	maxTxnBytes  = 1<<32 - 1<<8 // a commit beyond is damage
)

// ErrCorrupt is the cause of every error of DecodeTxn.
var ErrCorrupt = errors.New("cdc: corrupt transaction record")

// AppendTxn appends the binary form of t.
func AppendTxn(dst []byte, t *Txn) []byte {
	dst = append(dst, formatVersion)
	dst = binary.AppendUvarint(dst, uint64(t.CSN))
	dst = binary.AppendVarint(dst, t.Time)
	dst = binary.AppendUvarint(dst, uint64(len(t.Ops)))
	for i := range t.Ops {
		dst = appendOp(dst, &t.Ops[i])
	}
	return dst
}

func appendOp(dst []byte, op *Op) []byte {
	var has byte
	if op.Row != 0 {
		has |= hasRow
	}
	if !op.Mask.Empty() {
		has |= hasMask
	}
	if op.After != nil {
		has |= hasAfter
	}
	if op.Before != nil {
		has |= hasBefore
	}
	if op.Key != nil {
		has |= hasKey
	}
	if op.Value != 0 {
		has |= hasValue
	}
	dst = append(dst, byte(op.Kind), has)
	dst = binary.AppendUvarint(dst, uint64(op.Table))
	dst = binary.AppendUvarint(dst, uint64(op.SchemaVersion))
	dst = binary.AppendUvarint(dst, uint64(op.Storage))
	if has&hasRow != 0 {
		dst = binary.LittleEndian.AppendUint64(dst, uint64(op.Row))
	}
	if has&hasMask != 0 {
		dst = appendMask(dst, op.Mask)
	}
	for _, f := range []struct {
		bit  byte
		data []byte
	}{{hasAfter, op.After}, {hasBefore, op.Before}, {hasKey, op.Key}} {
		if has&f.bit != 0 {
			dst = binary.AppendUvarint(dst, uint64(len(f.data)))
			dst = append(dst, f.data...)
		}
	}
	if has&hasValue != 0 {
		dst = binary.AppendUvarint(dst, op.Value)
	}
	return dst
}

func appendMask(dst []byte, set schema.ColSet) []byte {
	var room [4]uint64
	words := room[:0]
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		for len(words) <= c/64 {
			words = append(words, 0)
		}
		words[c/64] |= 1 << uint(c%64)
	}
	dst = binary.AppendUvarint(dst, uint64(len(words)))
	for _, w := range words {
		dst = binary.LittleEndian.AppendUint64(dst, w)
	}
	return dst
}

// DecodeTxn decodes the binary form of a Txn, which must be all of data. The byte slices of the result alias data. Errors wrap
// ErrCorrupt.
func DecodeTxn(data []byte) (*Txn, error) {
	if int64(len(data)) > maxTxnBytes {
		return nil, fmt.Errorf("%w: %d bytes", ErrCorrupt, len(data))
	}
	d := decoder{data: data}
	if v := d.byte(); d.err == nil && v != formatVersion {
		return nil, fmt.Errorf("%w: format %d", ErrCorrupt, v)
	}
	t := &Txn{CSN: heap.CSN(d.uvarint()), Time: d.varint()}
	n := d.uvarint()
	if d.err == nil && n > uint64(len(d.data)-d.at)/minOpBytes {
		d.fail("more ops than bytes")
	}
	if d.err == nil && n > 0 {
		t.Ops = make([]Op, n)
	}
	for i := range t.Ops {
		d.op(&t.Ops[i])
		if d.err != nil {
			break
		}
	}
	if d.err == nil && d.at != len(data) {
		d.fail("bytes after the last op")
	}
	if d.err != nil {
		return nil, d.err
	}
	return t, nil
}

// decoder reads from data; after the first failure everything is zero.
type decoder struct {
	data []byte
	at   int
	err  error
}

func (d *decoder) fail(what string) {
	if d.err == nil {
		d.err = fmt.Errorf("%w: %s at byte %d", ErrCorrupt, what, d.at)
		d.data = d.data[:d.at]
	}
}

func (d *decoder) byte() byte {
	if d.at >= len(d.data) {
		d.fail("cut short")
		return 0
	}
	d.at++
	return d.data[d.at-1]
}

func (d *decoder) uvarint() uint64 {
	u, n := binary.Uvarint(d.data[d.at:])
	if n <= 0 {
		d.fail("bad number")
		return 0
	}
	d.at += n
	return u
}

func (d *decoder) varint() int64 {
	v, n := binary.Varint(d.data[d.at:])
	if n <= 0 {
		d.fail("bad number")
		return 0
	}
	d.at += n
	return v
}

func (d *decoder) uint32() uint32 {
	u := d.uvarint()
	if u > 1<<32-1 {
		d.fail("number too large")
	}
	return uint32(u)
}

func (d *decoder) uint64() uint64 {
	if len(d.data)-d.at < 8 {
		d.fail("cut short")
		return 0
	}
	d.at += 8
	return binary.LittleEndian.Uint64(d.data[d.at-8:])
}

func (d *decoder) bytes() []byte {
	n := d.uvarint()
	if n > uint64(len(d.data)-d.at) {
		d.fail("cut short")
		return nil
	}
	b := d.data[d.at : d.at+int(n) : d.at+int(n)]
	d.at += int(n)
	return b
}

func (d *decoder) mask() schema.ColSet {
	n := d.uvarint()
	if n > maxMaskWords || n*8 > uint64(len(d.data)-d.at) {
		d.fail("column mask too large")
		return schema.ColSet{}
	}
	var set schema.ColSet
	// From the top down, so that a large set is allocated once.
	start := d.at
	for i := int(n) - 1; i >= 0; i-- {
		w := binary.LittleEndian.Uint64(d.data[start+8*i:])
		if i == 0 {
			set = set.Union(lowWord(w))
			break
		}
		for b := 63; b >= 0; b-- {
			if w>>uint(b)&1 != 0 {
				set = set.With(64*i + b)
			}
		}
	}
	d.at = start + 8*int(n)
	return set
}

// lowWord returns the set of the first 64 ordinals that w names.
func lowWord(w uint64) schema.ColSet {
	var set schema.ColSet
	for ; w != 0; w &= w - 1 {
		set = set.With(bits.TrailingZeros64(w))
	}
	return set
}

func (d *decoder) op(op *Op) {
	op.Kind = Kind(d.byte())
	if op.Kind < Insert || op.Kind > AutoReset {
		d.fail(fmt.Sprintf("kind %d", op.Kind))
	}
	has := d.byte()
	if has&^hasAll != 0 {
		d.fail("unknown fields")
	}
	op.Table, op.SchemaVersion, op.Storage = d.uint32(), d.uint32(), d.uint32()
	if has&hasRow != 0 {
		op.Row = heap.RowID(d.uint64())
	}
	if has&hasMask != 0 {
		op.Mask = d.mask()
	}
	if has&hasAfter != 0 {
		op.After = d.bytes()
	}
	if has&hasBefore != 0 {
		op.Before = d.bytes()
	}
	if has&hasKey != 0 {
		op.Key = d.bytes()
	}
	if has&hasValue != 0 {
		op.Value = d.uvarint()
	}
}
