package row

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// check reports whether v, not NULL, may be stored in the column.
func (c *column) check(v *value.Value) error {
	if v.Kind() != c.kind {
		return sqlerr.New(sqlerr.Internal, fmt.Sprintf("column %s: %s holds no value of kind %s", c.name, c.typ, v.Kind()))
	}
	if c.ranged {
		if v.Raw64()-c.lo <= c.span {
			return nil
		}
	} else if c.inRange(v) {
		return nil
	}
	return sqlerr.New(sqlerr.OutOfRange, c.name, 1)
}

// inRange checks the types without a simple range.
func (c *column) inRange(v *value.Value) bool {
	switch c.dec {
	case decString, decBytes:
		return fits(v.Str(), c.typ)
	case decDecimal, decBigDecimal:
		return v.Scale() == c.typ.Scale && value.DecimalDigits(*v) <= int(c.typ.Precision)
	case decDate:
		n := int64(v.Raw64())
		return value.PackedValid(n) && value.DateOf(n) == n
	case decDateTime:
		return value.PackedValid(int64(v.Raw64()))
	case decFloat32:
		return math.Abs(v.Float64()) <= math.MaxFloat32
	case decFloat64:
		return math.Abs(v.Float64()) <= math.MaxFloat64
	case decYear:
		n := int64(v.Raw64())
		return n == 0 || n >= 1901 && n <= 2155
	case decBinary:
		return len(v.Str()) == int(c.width)
	}
	return true
}

// fits checks the declared length of a string.
func fits(s string, t *value.Type) bool {
	switch t.ID {
	case value.TypeChar, value.TypeVarChar:
		return len(s) <= int(t.Length) || utf8.RuneCountInString(s) <= int(t.Length)
	}
	return uint64(len(s)) <= t.MaxBytes()
}

// corrupt is the error of Validate.
func (l *Layout) corrupt(format string, args ...any) error {
	return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("row of table %s: ", l.table.Name)+fmt.Sprintf(format, args...))
}

// Validate checks a payload from an untrusted source; after that Row cannot go out of range on it, and every value
// that is not spilled is one that Append would accept. The content of strings is not looked at.
func (l *Layout) Validate(data []byte) error {
	if len(data) < int(l.ends) {
		return l.corrupt("%d bytes are too short", len(data))
	}
	flags := data[0]
	if flags&^knownFlags != 0 {
		return l.corrupt("unknown flags %#x", flags)
	}
	if n := len(l.phys) % 8; n != 0 && data[l.fixed-1]>>n != 0 {
		return l.corrupt("NULL bits beyond the last column")
	}
	if err := l.validateEnds(data); err != nil {
		return err
	}
	r := Row{Layout: l, Data: data}
	for i := range l.phys {
		c := &l.phys[i]
		if data[c.nullByte]&c.nullMask != 0 {
			continue
		}
		if err := l.validateColumn(&r, c); err != nil {
			return err
		}
	}
	return nil
}

// validateEnds checks the offset table.
func (l *Layout) validateEnds(data []byte) error {
	flags := data[0]
	width := 2
	if flags&flagWide != 0 {
		width = 4
	}
	if l.vars == 0 {
		if flags != 0 || len(data) != int(l.ends) {
			return l.corrupt("bytes beyond the last column")
		}
		return nil
	}
	base := int(l.ends) + width*l.vars
	if flags&flagSpilled != 0 {
		base += (l.vars + 7) / 8
	}
	if base > len(data) {
		return l.corrupt("the offset table is cut off")
	}
	prev, room := uint64(0), uint64(len(data)-base)
	for i := range l.vars {
		p := int(l.ends) + width*i
		var end uint64
		if width == 2 {
			end = uint64(le.Uint16(data[p:]))
		} else {
			end = uint64(le.Uint32(data[p:]))
		}
		if end < prev || end > room {
			return l.corrupt("offset %d of a variable column is out of order", end)
		}
		prev = end
	}
	if prev != room {
		return l.corrupt("bytes beyond the last column")
	}
	return nil
}

// validateColumn checks the content of a column that is not NULL.
func (l *Layout) validateColumn(r *Row, c *column) error {
	if c.variable() {
		b, spilled := r.variable(c)
		if spilled {
			if len(b) != refSize {
				return l.corrupt("column %s: a reference has %d bytes", c.name, len(b))
			}
			return nil
		}
		if c.dec == decBigDecimal {
			if len(b) < 1 || b[0] > 1 || len(b) > 1+32 {
				return l.corrupt("column %s: bad DECIMAL", c.name)
			}
		}
		if v := c.variableValue(b); !c.inRange(&v) {
			return l.corrupt("column %s: value out of range", c.name)
		}
		return nil
	}
	d := r.Data[c.off:]
	switch c.dec {
	case decEnum:
		if int(le.Uint16(d)) > len(c.typ.Elements) {
			return l.corrupt("column %s: no such ENUM member", c.name)
		}
	case decSet:
		if le.Uint64(d)>>len(c.typ.Elements) != 0 {
			return l.corrupt("column %s: no such SET member", c.name)
		}
	case decDate:
		if le.Uint32(d)>>22 != 0 || !value.PackedValid(value.DateFromBits(le.Uint32(d))) {
			return l.corrupt("column %s: value out of range", c.name)
		}
	default:
		if v := r.decode(c); c.check(&v) != nil {
			return l.corrupt("column %s: value out of range", c.name)
		}
	}
	return nil
}
