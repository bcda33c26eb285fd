package value

import (
	"time"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// CoerceOptions is the context of an assignment.
type CoerceOptions struct {
	Table     string              // for messages about JSON
	Column    string              // for messages
	Row       int                 // for messages, from 1; 0 counts as 1
	NonStrict bool                // adjust and warn, as with IGNORE or a non-strict sql_mode
	Warn      func(*sqlerr.Error) // gets warnings and notes; may be nil
	Dates     DateFlags
	TimeZone  *time.Location // of the session, for TIMESTAMP; nil is UTC
	Now       time.Time      // of the statement: the date of a TIME stored as DATETIME; the clock's when zero
}

// coercion is one call of Coerce.
type coercion struct {
	t   *Type
	opt *CoerceOptions
}

var noOptions CoerceOptions

// Coerce converts v for storing into a column of type t: the result is of exactly t's kind and range, or NULL
// when v is NULL. Dates and times are in the session's time zone; a TIMESTAMP comes out in UTC. Errors are
// *sqlerr.Error. Strings of the result may alias v's. opt may be nil.
//
// Strict (the default): what does not fit is an error, except what MySQL only notes: fraction digits that a DECIMAL
// rounds off, the time that a DATE drops, trailing spaces that a VARCHAR cuts. NonStrict: the nearest value is stored and
// the error becomes a warning.
func Coerce(v Value, t *Type, opt *CoerceOptions) (Value, error) {
	if v.kind == KindNull {
		return v, nil
	}
	if opt == nil {
		opt = &noOptions
	}
	c := coercion{t, opt}
	switch t.ID {
	case TypeTinyInt, TypeSmallInt, TypeMediumInt, TypeInt, TypeBigInt:
		return c.integer(v)
	case TypeFloat, TypeDouble:
		return c.float(v)
	case TypeDecimal:
		return c.decimal(v)
	case TypeYear:
		return c.year(v)
	case TypeDate, TypeDateTime, TypeTimestamp:
		return c.date(v)
	case TypeTime:
		return c.time(v)
	case TypeEnum:
		return c.enum(v)
	case TypeSet:
		return c.set(v)
	case TypeBit:
		return c.bit(v)
	case TypeJSON:
		return c.json(v)
	}
	if t.IsCharacter() {
		return c.text(v)
	}
	if t.IsBinary() {
		return c.binary(v)
	}
	return Null, sqlerr.New(sqlerr.Internal, "no values of type "+t.Name())
}

func (c *coercion) row() int { return max(c.opt.Row, 1) }

// fail is the error of a value that does not fit: an error when strict, a warning otherwise.
func (c *coercion) fail(e *sqlerr.Error) error {
	if c.opt.NonStrict {
		c.warn(e)
		return nil
	}
	return e
}

func (c *coercion) warn(e *sqlerr.Error) {
	if c.opt.Warn != nil {
		c.opt.Warn(e)
	}
}

func (c *coercion) outOfRange() error {
	return c.fail(sqlerr.New(sqlerr.OutOfRange, c.opt.Column, c.row()))
}

func (c *coercion) truncated() error {
	return c.fail(sqlerr.New(sqlerr.DataTruncated, c.opt.Column, c.row()))
}

// note reports a loss that is no error.
func (c *coercion) note() {
	if c.opt.Warn != nil {
		c.opt.Warn(sqlerr.New(sqlerr.DataTruncated, c.opt.Column, c.row()))
	}
}

// incorrect is 1366: the text is no value of the kind.
func (c *coercion) incorrect(kind, text string) error {
	return c.fail(sqlerr.New(sqlerr.IncorrectValue, kind, shorten(text), c.opt.Column, c.row()))
}

// shorten cuts the texts that messages quote, as MySQL does at 128 characters.
func shorten(s string) string {
	const limit = 128
	if len(s) <= limit {
		return printable(s)
	}
	n := limit
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return printable(s[:n])
}

// printable shows bytes that are no text as \xHH.
func printable(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var out []byte
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			out = appendHexByte(out, s[i])
		} else {
			out = append(out, s[i:i+n]...)
		}
		i += n
	}
	return string(out)
}

func appendHexByte(dst []byte, c byte) []byte {
	const hex = "0123456789ABCDEF"
	return append(dst, '\\', 'x', hex[c>>4], hex[c&15])
}

// ZeroOf returns the implicit default of a NOT NULL column: 0, the empty string, the zero date, the first ENUM member.
func ZeroOf(t *Type) Value {
	switch t.Kind() {
	case KindInt:
		if t.ID == TypeYear {
			return Year(0)
		}
		return Int(0)
	case KindUint:
		return Uint(0)
	case KindFloat:
		if t.ID == TypeFloat {
			return Float32(0)
		}
		return Float(0)
	case KindDecimal:
		return Decimal(0, t.Scale)
	case KindString:
		return String("")
	case KindBytes:
		if t.ID == TypeBinary {
			return Bytes(string(make([]byte, t.Length)))
		}
		return Bytes("")
	case KindDate:
		return Date(0)
	case KindDateTime:
		return DateTime(0, t.Scale)
	case KindTime:
		return Time(0, t.Scale)
	case KindJSON:
		return JSON("null")
	case KindEnum:
		v, _ := EnumByNumber(t, 1)
		return v
	case KindSet:
		return Set(0, "")
	case KindBit:
		return Bit(0, uint8(t.Length))
	}
	return Null
}
