// Package key encodes index keys: byte strings whose memcmp order is the order of the index.
//
// A key is its parts one after the other. A part starts with 00 for NULL or 01, followed by:
//
//	integers          big-endian in the width of the type, the sign bit flipped
//	FLOAT, DOUBLE     the 8 bytes of the double, mapped so that their order is the order of numbers; -0 is 0
//	DECIMAL           the coefficient at the column's scale: 8 bytes sign-flipped up to 18 digits, else as many bytes
//	                  as the greatest coefficient and its sign need
//	strings           collate.AppendKey
//	BINARY(n)         its bytes
//	other binary      collate.AppendKey under the binary collation
//	DATE              the packed date, 4 bytes
//	DATETIME, TIMESTAMP, TIME   8 bytes, sign-flipped
//	YEAR, ENUM        2 bytes
//	SET, BIT          8 bytes
//
// A descending part has all its bytes complemented, the marker included, so that NULL comes last. No part is a prefix
// of another value of the same part, so order survives composition.
//
// A key of a single NOT NULL column of 8 bytes or less (Fixed8) is an integer instead: the same mapping to 8 bytes,
// without the marker.
//
// Concurrency: an Encoder is immutable and shared freely. Encoders keep nothing of what they are given.
package key

import (
	"encoding/binary"
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// EncodingVersion is stored by every index; another number means rebuild.
const EncodingVersion = 1

const (
	markNull  = 0x00
	markValue = 0x01
)

// form is how a part is encoded.
type form uint8

const (
	formInt     form = iota // sign-flipped, width bytes
	formUint                // width bytes
	formFloat               // 8 bytes
	formDecimal             // up to 18 digits: 8 bytes, sign-flipped
	formBig                 // more digits: width bytes, sign-flipped
	formDate                // 4 bytes
	formText                // by weights
	formBinary              // escaped bytes
	formFixed               // width bytes as they are: BINARY(n)
)

// part is the compiled form of a key part.
type part struct {
	col       int // ordinal
	form      form
	width     int
	kind      value.Kind
	scale     uint8
	desc      bool
	collation collate.ID
	prefix    int // characters (formText) or bytes; 0: all
	typ       *value.Type
	name      string
}

// Encoder encodes the keys of one index.
type Encoder struct {
	parts  []part
	cols   []int
	fixed8 bool
}

// New compiles the encoder of ix over t. JSON columns and whole TEXT or BLOB columns are errors. Neither t nor ix may
// change afterwards.
func New(t *schema.Table, ix *schema.Index) (*Encoder, error) {
	if len(ix.Parts) == 0 {
		return nil, sqlerr.New(sqlerr.Internal, "index "+ix.Name+" has no columns")
	}
	e := &Encoder{}
	for _, kp := range ix.Parts {
		i := t.ColumnByID(kp.Column)
		if i < 0 {
			return nil, sqlerr.New(sqlerr.KeyColumnMissing, fmt.Sprint("#", kp.Column))
		}
		p, err := compile(&t.Columns[i], kp)
		if err != nil {
			return nil, err
		}
		p.col = i
		e.parts = append(e.parts, p)
		e.cols = append(e.cols, i)
	}
	if len(e.parts) == 1 {
		p := &e.parts[0]
		def := &t.Columns[p.col]
		e.fixed8 = p.form <= formDate && p.form != formBig && (def.NotNull || ix.Primary)
	}
	return e, nil
}

// compile fills in how a column is encoded.
func compile(def *schema.Column, kp schema.KeyPart) (part, error) {
	t := &def.Type
	p := part{typ: t, name: def.Name, kind: t.Kind(), desc: kp.Desc, scale: t.Scale, prefix: int(kp.Prefix)}
	switch t.ID {
	case value.TypeJSON:
		return p, sqlerr.New(sqlerr.JSONKey, def.Name)
	case value.TypeFloat, value.TypeDouble:
		p.form, p.width = formFloat, 8
	case value.TypeDecimal:
		p.form, p.width = formDecimal, 8
		if t.Precision > 18 {
			// One bit more than the magnitude, for the sign.
			p.form, p.width = formBig, int(t.MaxBytes())+1
		}
	case value.TypeDate:
		p.form, p.width = formDate, 4
	case value.TypeTime, value.TypeDateTime, value.TypeTimestamp:
		p.form, p.width = formInt, 8
	case value.TypeYear, value.TypeEnum:
		p.form, p.width = formUint, 2
	case value.TypeSet, value.TypeBit:
		p.form, p.width = formUint, 8
	case value.TypeBinary:
		p.form, p.width = formFixed, int(t.Length)
		if p.prefix > 0 && p.prefix < p.width {
			p.width = p.prefix
		}
	default:
		if t.IsInteger() {
			p.form, p.width = formInt, intWidth(t.ID)
			if t.Unsigned {
				p.form = formUint
			}
			break
		}
		if t.IsLOB() && p.prefix == 0 {
			return p, sqlerr.New(sqlerr.BlobKeyNoLength, def.Name)
		}
		p.form = formBinary
		if t.IsCharacter() {
			p.form, p.collation = formText, t.Collation
			if p.collation == 0 {
				p.collation = collate.Default
			}
		}
	}
	if p.prefix > 0 && !t.HasPrefix() {
		return p, sqlerr.New(sqlerr.WrongPrefixKey)
	}
	return p, nil
}

func intWidth(id value.TypeID) int {
	switch id {
	case value.TypeTinyInt:
		return 1
	case value.TypeSmallInt:
		return 2
	case value.TypeBigInt:
		return 8
	}
	return 4
}

// Version combines EncodingVersion with the versions of the collations in use; an index stores it.
func (e *Encoder) Version() uint64 {
	h := uint32(2166136261)
	for i := range e.parts {
		if e.parts[i].form == formText {
			v := e.parts[i].collation.Version()
			for range 4 {
				h = (h ^ v&0xFF) * 16777619
				v >>= 8
			}
		}
	}
	return EncodingVersion<<32 | uint64(h)
}

// Parts returns the column ordinals of the key parts. The slice is the encoder's.
func (e *Encoder) Parts() []int { return e.cols }

// Desc reports whether key part i is descending.
func (e *Encoder) Desc(i int) bool { return e.parts[i].desc }

// Fixed8 reports whether keys are exactly 8 bytes without NULL marker: Uint64 gives them as an integer.
func (e *Encoder) Fixed8() bool { return e.fixed8 }

// Append appends the key of vals (already of the columns' types), the key parts in order; fewer make a prefix: the
// keys that start with it are those whose first parts equal vals.
func (e *Encoder) Append(dst []byte, vals []value.Value) ([]byte, error) {
	if len(vals) > len(e.parts) {
		return dst, sqlerr.New(sqlerr.Internal, "more values than key parts")
	}
	if e.fixed8 {
		if len(vals) == 0 {
			return dst, nil
		}
		u, err := e.Uint64(vals)
		if err != nil {
			return dst, err
		}
		return binary.BigEndian.AppendUint64(dst, u), nil
	}
	start := len(dst)
	for i := range vals {
		var err error
		if dst, err = e.parts[i].append(dst, vals[i]); err != nil {
			return dst[:start], err
		}
	}
	return dst, nil
}

// AppendRow appends the key of a row, whose layout must use the ordinals of the table that New got.
func (e *Encoder) AppendRow(dst []byte, r *row.Row) ([]byte, error) {
	start := len(dst)
	for i := range e.parts {
		p := &e.parts[i]
		v := r.Col(p.col)
		if e.fixed8 {
			if v.IsNull() {
				return dst, p.wrong(v)
			}
			return binary.BigEndian.AppendUint64(dst, p.uint64(v)), r.Err()
		}
		var err error
		if dst, err = p.append(dst, v); err != nil {
			return dst[:start], err
		}
	}
	if err := r.Err(); err != nil {
		return dst[:start], err
	}
	return dst, nil
}

// Uint64 returns the key of a Fixed8 encoder.
func (e *Encoder) Uint64(vals []value.Value) (uint64, error) {
	if !e.fixed8 || len(vals) != 1 {
		return 0, sqlerr.New(sqlerr.Internal, "the key is no single integer")
	}
	p := &e.parts[0]
	v, err := p.conform(vals[0])
	if err != nil {
		return 0, err
	}
	if v.IsNull() {
		return 0, p.wrong(v)
	}
	return p.uint64(v), nil
}

// RowUint64 returns the key of a row for a Fixed8 encoder.
func (e *Encoder) RowUint64(r *row.Row) uint64 {
	p := &e.parts[0]
	return p.uint64(r.Col(p.col))
}

// HasNull reports whether a key part is NULL: such keys never collide in a unique index.
func HasNull(vals []value.Value) bool {
	for i := range vals {
		if vals[i].IsNull() {
			return true
		}
	}
	return false
}

// RowHasNull is HasNull for the row's key parts.
func (e *Encoder) RowHasNull(r *row.Row) bool {
	for _, c := range e.cols {
		if r.IsNull(c) {
			return true
		}
	}
	return false
}

func (p *part) wrong(v value.Value) error {
	return sqlerr.New(sqlerr.Internal, fmt.Sprintf("key column %s: %s has no value of kind %d", p.name, p.typ, v.Kind()))
}

// conform checks that v is of the column's kind, and brings a decimal to the column's scale.
func (p *part) conform(v value.Value) (value.Value, error) {
	if v.IsNull() {
		return v, nil
	}
	if v.Kind() != p.kind {
		return v, p.wrong(v)
	}
	if p.kind == value.KindDecimal {
		if v.Scale() != p.scale {
			r := value.Rescale(v, p.scale)
			if value.DecimalCompare(r, v) != 0 {
				return v, p.wrong(v)
			}
			v = r
		}
		if value.DecimalDigits(v) > int(p.typ.Precision) {
			return v, p.wrong(v)
		}
	}
	return v, nil
}

// uint64 maps a value of a form of at most 8 bytes onto integers of the same order.
func (p *part) uint64(v value.Value) uint64 {
	u := v.Raw64()
	switch p.form {
	case formInt, formDecimal:
		u ^= 1 << 63
	case formFloat:
		u = floatBits(v.Float64())
	case formDate:
		u = uint64(value.DateBits(int64(u)))
	}
	if p.desc {
		return ^u
	}
	return u
}

// floatBits maps doubles onto integers of the same order.
func floatBits(f float64) uint64 {
	if f == 0 {
		f = 0 // -0 too
	}
	b := math.Float64bits(f)
	if b>>63 != 0 {
		return ^b
	}
	return b | 1<<63
}

// append encodes one part.
func (p *part) append(dst []byte, v value.Value) ([]byte, error) {
	v, err := p.conform(v)
	if err != nil {
		return dst, err
	}
	start := len(dst)
	if v.IsNull() {
		dst = append(dst, markNull)
	} else {
		dst = p.appendValue(append(dst, markValue), v)
	}
	if p.desc {
		for i := start; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst, nil
}

func (p *part) appendValue(dst []byte, v value.Value) []byte {
	switch p.form {
	case formInt:
		return appendLow(dst, v.Raw64()+1<<(8*p.width-1), p.width)
	case formUint:
		return appendLow(dst, v.Raw64(), p.width)
	case formFloat:
		return binary.BigEndian.AppendUint64(dst, floatBits(v.Float64()))
	case formDecimal:
		return binary.BigEndian.AppendUint64(dst, v.Raw64()^1<<63)
	case formDate:
		return binary.BigEndian.AppendUint32(dst, value.DateBits(int64(v.Raw64())))
	case formBig:
		return appendBig(dst, v, p.width)
	case formText:
		return collate.AppendKey(dst, p.collation, cutChars(v.Str(), p.prefix))
	case formFixed:
		return appendFixed(dst, v.Str(), p.width)
	}
	s := v.Str()
	if p.prefix > 0 && len(s) > p.prefix {
		s = s[:p.prefix]
	}
	return collate.AppendKey(dst, collate.Binary, s)
}

// appendLow appends the low bytes of u, big-endian.
func appendLow(dst []byte, u uint64, width int) []byte {
	for i := width - 1; i >= 0; i-- {
		dst = append(dst, byte(u>>(8*i)))
	}
	return dst
}

// appendFixed appends exactly width bytes: s cut, or filled up with zeros.
func appendFixed(dst []byte, s string, width int) []byte {
	dst = append(dst, s[:min(len(s), width)]...)
	for i := len(s); i < width; i++ {
		dst = append(dst, 0)
	}
	return dst
}

// appendBig appends a decimal as width bytes of two's complement with the sign flipped.
func appendBig(dst []byte, v value.Value, width int) []byte {
	start := len(dst)
	neg := value.DecimalSign(v) < 0
	if v.IsBigDecimal() {
		_, mag := v.DecimalMagnitude()
		for i := len(mag); i < width; i++ {
			dst = append(dst, 0)
		}
		dst = append(dst, mag...)
	} else {
		for i := 8; i < width; i++ {
			dst = append(dst, 0)
		}
		u := v.Raw64()
		if neg {
			u = -u
		}
		dst = binary.BigEndian.AppendUint64(dst, u)
	}
	if neg {
		// Complement and add one.
		carry := true
		for i := len(dst) - 1; i >= start; i-- {
			dst[i] = ^dst[i]
			if carry {
				dst[i]++
				carry = dst[i] == 0
			}
		}
	}
	dst[start] ^= 0x80
	return dst
}

// cutChars returns the first n characters of s; all when n is 0.
func cutChars(s string, n int) string {
	if n == 0 || len(s) <= n {
		return s
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	return s[:i]
}

// Successor returns the least byte string above every key that has the prefix, or nil when there is none.
func Successor(prefix []byte) []byte {
	for n := len(prefix); n > 0; n-- {
		if prefix[n-1] != 0xFF {
			s := append([]byte(nil), prefix[:n]...)
			s[n-1]++
			return s
		}
	}
	return nil
}
