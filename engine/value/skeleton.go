package value

import (
	"errors"
	"math/big"
	"time"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Limits of DECIMAL.
const (
	MaxDecimalDigits      = 65
	MaxDecimalScale       = 30
	DivPrecisionIncrement = 4 // MySQL's default of div_precision_increment
)

// Errors of decimal arithmetic; the caller turns them into MySQL's 1690 and 1365 with its own context.
var (
	ErrDecimalRange   = errors.New("value: DECIMAL out of range")
	ErrDivisionByZero = errors.New("value: division by zero")
)

// DecimalBig returns coef × 10^-scale in canonical form. coef is not kept.
func DecimalBig(coef *big.Int, scale uint8) Value { return Value{} }

// DecimalFromUint returns u as a decimal of scale 0.
func DecimalFromUint(u uint64) Value { return Value{} }

// ParseDecimal parses all of text ([+-]digits[.digits][e[+-]digits]) as an exact decimal.
func ParseDecimal(text string) (Value, error) { return Value{}, nil }

// DecimalParts returns the coefficient and the scale of a KindDecimal; coef is nil when small holds it.
func (v Value) DecimalParts() (small int64, coef *big.Int, scale uint8) { return 0, nil, 0 }

// DecimalString returns the decimal as MySQL prints it.
func (v Value) DecimalString() string { return "" }

// Rescale returns the decimal v at the given scale, rounded half away from zero.
func Rescale(v Value, scale uint8) Value { return v }

// DecimalTruncate returns the decimal v at the given scale, cut towards zero.
func DecimalTruncate(v Value, scale uint8) Value { return v }

// DecimalNeg returns -v.
func DecimalNeg(v Value) Value { return v }

// DecimalSign returns -1, 0 or 1.
func DecimalSign(v Value) int { return 0 }

// DecimalCompare orders two decimals by number; 1.0 equals 1.00.
func DecimalCompare(a, b Value) int { return 0 }

// DecimalDigits returns the number of digits of the coefficient without leading zeros (at least 1).
func DecimalDigits(v Value) int { return 0 }

// DecimalAdd returns a + b with scale max(scale a, scale b).
func DecimalAdd(a, b Value) (Value, error) { return Value{}, nil }

// DecimalSub returns a - b with scale max(scale a, scale b).
func DecimalSub(a, b Value) (Value, error) { return Value{}, nil }

// DecimalMul returns a × b with scale min(30, scale a + scale b).
func DecimalMul(a, b Value) (Value, error) { return Value{}, nil }

// DecimalDiv returns a ÷ b with scale min(30, scale a + incr), rounded as MySQL does; ErrDivisionByZero.
func DecimalDiv(a, b Value, incr uint8) (Value, error) { return Value{}, nil }

// DecimalIntDiv returns a DIV b: the quotient cut towards zero, scale 0.
func DecimalIntDiv(a, b Value) (Value, error) { return Value{}, nil }

// DecimalMod returns a % b, with the sign of a and scale max(scale a, scale b); ErrDivisionByZero.
func DecimalMod(a, b Value) (Value, error) { return Value{}, nil }

// DecimalFloor returns the greatest integer decimal not above v.
func DecimalFloor(v Value) Value { return v }

// DecimalCeil returns the least integer decimal not below v.
func DecimalCeil(v Value) Value { return v }

// Civil is a date and time taken apart. Month and Day may be 0 (zero dates).
type Civil struct {
	Year, Month, Day, Hour, Minute, Second, Micro int
}

// PackDateTime packs a date and time into an int64 whose order is the order of time. Zero dates pack too.
func PackDateTime(year, month, day, hour, minute, second, micro int) int64 { return 0 }

// UnpackDateTime is the inverse of PackDateTime.
func UnpackDateTime(packed int64) Civil { return Civil{} }

// Pack packs c.
func (c Civil) Pack() int64 { return 0 }

// DateFlags relaxes the checks of dates; the zero value is MySQL 8's strict default.
type DateFlags uint8

// The date flags.
const (
	AllowZeroDate    DateFlags = 1 << iota // 0000-00-00 (sql_mode without NO_ZERO_DATE)
	AllowZeroInDate                        // 2024-00-15 (sql_mode without NO_ZERO_IN_DATE)
	AllowInvalidDate                       // 2024-02-31 (sql_mode with ALLOW_INVALID_DATES)
)

// DateTimeFromTime returns t's civil date and time in t's own location, rounded to fsp digits.
func DateTimeFromTime(t time.Time, fsp uint8) Value { return Value{} }

// DateFromTime returns t's civil date in t's own location.
func DateFromTime(t time.Time) Value { return Value{} }

// ToTime returns a KindDate or KindDateTime as a time in loc; ok is false for dates that do not exist (zero dates).
func (v Value) ToTime(loc *time.Location) (t time.Time, ok bool) { return time.Time{}, false }

// ParseDateTime parses text as MySQL parses a DATETIME literal and rounds to fsp digits. Trailing rubbish gives
// truncated; text that is no date at all, or none the flags allow, gives ok false. A literal with an offset
// (+hh:mm) is converted to loc (UTC when nil).
func ParseDateTime(text string, fsp uint8, flags DateFlags, loc *time.Location) (v Value, truncated, ok bool) {
	return Value{}, false, false
}

// ParseDate parses text as a DATE; a time part is dropped and gives truncated unless it is zero.
func ParseDate(text string, flags DateFlags) (v Value, truncated, ok bool) {
	return Value{}, false, false
}

// ParseTime parses text as a TIME: [-][D ]hh:mm:ss[.f], hhmmss, ss, or a full datetime. Values beyond
// ±838:59:59 are clamped and give truncated.
func ParseTime(text string, fsp uint8) (v Value, truncated, ok bool) { return Value{}, false, false }

// DateTimeFromNumber reads YYYYMMDD, YYYYMMDDhhmmss, YYMMDD or YYMMDDhhmmss.
func DateTimeFromNumber(n int64, flags DateFlags) (v Value, ok bool) { return Value{}, false }

// TimeFromNumber reads [-]hhmmss.
func TimeFromNumber(n int64) (v Value, ok bool) { return Value{}, false }

// DaysFromCivil returns the day number of a date of the proleptic Gregorian calendar; 1970-01-01 is 0.
func DaysFromCivil(year, month, day int) int { return 0 }

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int) (year, month, day int) { return 0, 0, 0 }

// DaysInMonth returns 28 to 31, or 0 for a month that is not 1 to 12.
func DaysInMonth(year, month int) int { return 0 }

// RoundFsp rounds a KindDateTime or KindTime to fsp digits, half away from zero; ok is false beyond year 9999.
func RoundFsp(v Value, fsp uint8) (out Value, ok bool) { return v, true }

// AppendText appends what MySQL prints for v; nothing for NULL.
func (v Value) AppendText(dst []byte) []byte { return dst }

// Text returns what MySQL prints for v; "" for NULL. Strings are not copied.
func (v Value) Text() string { return "" }

// AppendFloat appends a DOUBLE (or FLOAT when single) as MySQL prints it.
func AppendFloat(dst []byte, f float64, single bool) []byte { return dst }

// AsFloat returns v as a double. truncated is true when a string had a rest that is no number (warning 1292).
func (v Value) AsFloat() (f float64, truncated bool) { return 0, false }

// AsInt returns v as an int64, rounded half away from zero and clamped; truncated as for AsFloat or when clamped.
func (v Value) AsInt() (i int64, truncated bool) { return 0, false }

// AsUint returns v as a uint64, rounded and clamped; negative values clamp to 0 with truncated.
func (v Value) AsUint() (u uint64, truncated bool) { return 0, false }

// AsDecimal returns v as a KindDecimal.
func (v Value) AsDecimal() (d Value, truncated bool) { return v, false }

// AsNumber returns v as the numeric value it has in arithmetic: Int, Uint, Decimal and Float as they are,
// strings as Float, temporal values as Int or Decimal (20240131123456.5), ENUM, SET, BIT as integers.
func (v Value) AsNumber() (n Value, truncated bool) { return v, false }

// Truth reports whether v is true in a condition; NULL is not.
func (v Value) Truth() bool { return false }

// Compare orders two values of one family: numbers by number, strings under id, temporals by time (a DATE
// compares as its midnight), ENUM, SET and BIT by number, JSON by its text. NULL sorts first.
func Compare(a, b Value, id collate.ID) int { return 0 }

// CompareNumeric orders Int, Uint, Decimal and Float exactly; against a Float both compare as doubles.
func CompareNumeric(a, b Value) int { return 0 }

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

// Year returns a YEAR value: a KindInt that prints as four digits.
func Year(y int) Value { return Value{} }

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

// String returns the type as MySQL prints COLUMN_TYPE: "int unsigned", "decimal(10,2)", "enum('a','b')".
func (t *Type) String() string { return "" }

// Name returns DATA_TYPE: "int", "varchar", …
func (t *Type) Name() string { return "" }

// Equal reports whether t and o declare the same.
func (t *Type) Equal(o *Type) bool { return false }

// Kind returns the kind of the values a column of this type yields.
func (t *Type) Kind() Kind { return KindNull }

// IsCharacter reports CHAR, VARCHAR and the TEXTs.
func (t *Type) IsCharacter() bool { return false }

// IsBinary reports BINARY, VARBINARY and the BLOBs.
func (t *Type) IsBinary() bool { return false }

// IsLOB reports the TEXTs, BLOBs and JSON.
func (t *Type) IsLOB() bool { return false }

// IsInteger reports TINYINT to BIGINT.
func (t *Type) IsInteger() bool { return false }

// IsNumeric reports integers, FLOAT, DOUBLE and DECIMAL.
func (t *Type) IsNumeric() bool { return false }

// IsTemporal reports DATE, TIME, DATETIME, TIMESTAMP and YEAR.
func (t *Type) IsTemporal() bool { return false }

// MaxBytes returns the most bytes a value's content takes.
func (t *Type) MaxBytes() uint64 { return 0 }

// AppendText appends v as a column of this type prints it (ZEROFILL).
func (t *Type) AppendText(dst []byte, v Value) []byte { return dst }

// Validate checks that the attributes make sense.
func (t *Type) Validate(column string) error { return nil }
