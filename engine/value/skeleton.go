package value

import (
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// CoerceOptions is the context of an assignment.
type CoerceOptions struct {
	Column    string              // for messages
	Row       int                 // for messages, from 1; 0 counts as 1
	NonStrict bool                // adjust and warn, as with IGNORE or a non-strict sql_mode
	Warn      func(*sqlerr.Error) // gets warnings and notes; may be nil
	Dates     DateFlags
	TimeZone  *time.Location // of the session, for TIMESTAMP; nil is UTC
}

// Coerce converts v for storing into a column of type t: the result is of exactly t's kind and range, or NULL
// when v is NULL. Errors are *sqlerr.Error. Strings of the result may alias v's.
func Coerce(v Value, t *Type, opt *CoerceOptions) (Value, error) { return v, nil }

// Exactness says how the result of CoerceExact relates to the value that went in.
type Exactness uint8

// The cases of Exactness.
const (
	Incomparable Exactness = iota // no order-keeping conversion exists: do not use the index
	Exact                         // equal
	RoundedDown                   // the result is the greatest value of the type below v
	RoundedUp                     // the result is the least value of the type above v
)

// CoerceExact converts a comparison constant to the type of an indexed column, for index bounds.
func CoerceExact(v Value, t *Type) (Value, Exactness) { return v, Incomparable }

// ZeroOf returns the implicit default of a NOT NULL column: 0, ”, the zero date, the first ENUM member.
func ZeroOf(t *Type) Value { return Value{} }

// EnumByNumber returns member n (from 1) of the ENUM type t; 0 is the error value ”.
func EnumByNumber(t *Type, n uint64) (Value, bool) { return Value{}, false }

// EnumByLabel finds a member by its label under the column's collation.
func EnumByLabel(t *Type, label string) (Value, bool) { return Value{}, false }

// SetByMask returns the SET value of the mask.
func SetByMask(t *Type, mask uint64) (Value, bool) { return Value{}, false }

// SetByLabels builds a SET value from comma-separated labels.
func SetByLabels(t *Type, labels string) (Value, bool) { return Value{}, false }

// JSONError says where a JSON text is wrong.
type JSONError struct {
	Reason string
	Pos    int // byte position
}

func (e *JSONError) Error() string { return e.Reason }

// NormalizeJSON returns text as MySQL prints it: object keys sorted by length and bytes with the last of
// duplicates kept, ", " and ": " as separators, numbers kept exactly.
func NormalizeJSON(text string) (string, error) { return "", nil }

// FromGo converts a Go value: nil, bool, integers, floats, string, []byte (as binary string), time.Time, time.Duration (TIME),
// *big.Int, json.RawMessage, Value, pointers to these, and named types of these kinds.
func FromGo(x any) (Value, error) { return Value{}, nil }

// ToGo returns nil, int64, uint64, float64, string (DECIMAL, JSON, ENUM, SET, TIME), []byte, or time.Time in loc.
func (v Value) ToGo(loc *time.Location) any { return nil }

func runeCount(s string) int { return len(s) }

func jsonScalarText(s string) string { return s }
