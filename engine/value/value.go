// Package value holds the SQL values that cross every layer: what a column stores, what an expression
// yields and what a parameter carries.
//
// A Value is a small immutable struct (32 bytes) passed by copy. It holds no collation and no declared
// type: those are static properties of the column or the expression (see Type).
//
// Ownership: the string inside a Value may alias memory that its producer reuses (a page, a cursor's
// buffer). A producer that does so says how long it is good for; Clone detaches.
//
// Concurrency: values are read-only and may be shared.
package value

import (
	"math"
	"strings"
)

// Kind says which payload a Value carries.
type Kind uint8

// The kinds. Their order is not significant and they are never stored.
const (
	KindNull     Kind = iota
	KindInt           // int64: TINYINT to BIGINT, YEAR, booleans
	KindUint          // uint64: the unsigned integers
	KindFloat         // float64: DOUBLE, and FLOAT with the single-precision flag
	KindDecimal       // exact decimal: coefficient and scale
	KindString        // character string, UTF-8
	KindBytes         // binary string
	KindDate          // calendar date, packed (see PackDateTime), time part zero
	KindDateTime      // date and time with microseconds, packed; DATETIME and TIMESTAMP (which is UTC)
	KindTime          // signed microseconds, within ±838:59:59.999999
	KindJSON          // JSON text in normalised form
	KindEnum          // ENUM: number (from 1, 0 is the error value '') and label
	KindSet           // SET: bit mask and comma-joined labels
	KindBit           // BIT(n): the bits as an integer, n in Scale
)

const (
	flagBig    = 1 << iota // decimal: the coefficient is in s, not in n
	flagNeg                // decimal with flagBig: negative
	flagSingle             // float: single precision (FLOAT)
	flagYear               // int: a YEAR, printed with four digits
)

// Value is one SQL value. The zero Value is NULL.
type Value struct {
	s string
	n uint64
	meta
}

// meta is apart from Value because the compiler keeps structs of at most four fields in registers: with its fields in
// Value itself, every value that a function returned went through memory, and a column took 11 ns to read instead of 3.
type meta struct {
	kind  Kind
	scale uint8 // decimal scale; fractional seconds digits; BIT width
	flags uint8
}

// Null is the SQL NULL.
var Null = Value{}

// Int returns a signed integer.
func Int(v int64) Value { return Value{n: uint64(v), meta: meta{kind: KindInt}} }

// Uint returns an unsigned integer.
func Uint(v uint64) Value { return Value{n: v, meta: meta{kind: KindUint}} }

// Year returns a YEAR value: a KindInt that prints as four digits.
func Year(y int) Value { return Value{n: uint64(int64(y)), meta: meta{kind: KindInt, flags: flagYear}} }

// Bool returns 1 or 0, MySQL's booleans.
func Bool(b bool) Value {
	if b {
		return Value{n: 1, meta: meta{kind: KindInt}}
	}
	return Value{meta: meta{kind: KindInt}}
}

// Float returns a double.
func Float(v float64) Value { return Value{n: math.Float64bits(v), meta: meta{kind: KindFloat}} }

// Float32 returns a single-precision value: it is printed with the digits a float32 has.
func Float32(v float32) Value {
	return Value{n: math.Float64bits(float64(v)), meta: meta{kind: KindFloat, flags: flagSingle}}
}

// String returns a character string. It must be valid UTF-8; the caller checks.
func String(s string) Value { return Value{s: s, meta: meta{kind: KindString}} }

// Bytes returns a binary string; b's content is given as a string so that no copy is forced.
func Bytes(b string) Value { return Value{s: b, meta: meta{kind: KindBytes}} }

// Date returns a packed date (PackDateTime with zero time).
func Date(packed int64) Value { return Value{n: uint64(packed), meta: meta{kind: KindDate}} }

// DateTime returns a packed date and time that shows fsp (0 to 6) fractional digits.
func DateTime(packed int64, fsp uint8) Value {
	return Value{n: uint64(packed), meta: meta{kind: KindDateTime, scale: fsp}}
}

// Time returns a duration of us microseconds that shows fsp (0 to 6) fractional digits.
func Time(us int64, fsp uint8) Value {
	return Value{n: uint64(us), meta: meta{kind: KindTime, scale: fsp}}
}

// JSON returns a JSON value from its normalised text.
func JSON(text string) Value { return Value{s: text, meta: meta{kind: KindJSON}} }

// Enum returns an ENUM member: its number (from 1) and label.
func Enum(n uint16, label string) Value {
	return Value{n: uint64(n), s: label, meta: meta{kind: KindEnum}}
}

// Set returns a SET value: bit i stands for member i, labels is their comma-joined text.
func Set(mask uint64, labels string) Value {
	return Value{n: mask, s: labels, meta: meta{kind: KindSet}}
}

// Bit returns a BIT(width) value.
func Bit(v uint64, width uint8) Value { return Value{n: v, meta: meta{kind: KindBit, scale: width}} }

// Kind returns the kind.
func (v Value) Kind() Kind { return v.kind }

// IsNull reports whether v is NULL.
func (v Value) IsNull() bool { return v.kind == KindNull }

// Raw64 returns the 64-bit payload as it is: the int64 or uint64 of an integer, the bits of a float, a
// packed date, microseconds, an ENUM number, a SET or BIT mask, the coefficient of a small decimal.
func (v Value) Raw64() uint64 { return v.n }

// Int64 returns the payload of a KindInt as int64.
func (v Value) Int64() int64 { return int64(v.n) }

// Uint64 returns the payload of a KindUint as uint64.
func (v Value) Uint64() uint64 { return v.n }

// Float64 returns the payload of a KindFloat.
func (v Value) Float64() float64 { return math.Float64frombits(v.n) }

// IsSingle reports whether a KindFloat is single precision.
func (v Value) IsSingle() bool { return v.flags&flagSingle != 0 }

// Str returns the text of a KindString, KindBytes, KindJSON, KindEnum or KindSet without copying.
func (v Value) Str() string { return v.s }

// Scale returns the decimal scale, the fractional-second digits or the BIT width.
func (v Value) Scale() uint8 { return v.scale }

// Clone returns v with its string in memory of its own.
func (v Value) Clone() Value {
	if v.s != "" {
		v.s = strings.Clone(v.s)
	}
	return v
}
