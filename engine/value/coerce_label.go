package value

import (
	"errors"
	"math"
	"strconv"
	"strings"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// EnumByNumber returns member n (from 1) of the ENUM type t; 0 is the error value with an empty label.
func EnumByNumber(t *Type, n uint64) (Value, bool) {
	switch {
	case n == 0:
		return Enum(0, ""), true
	case n <= uint64(len(t.Elements)):
		return Enum(uint16(n), t.Elements[n-1]), true
	}
	return Value{}, false
}

// EnumByLabel finds a member by its label under the column's collation; trailing spaces do not count.
func EnumByLabel(t *Type, label string) (Value, bool) {
	i := t.element(label)
	if i < 0 {
		return Value{}, false
	}
	return Enum(uint16(i+1), t.Elements[i]), true
}

// element finds a member, first as it is written.
func (t *Type) element(label string) int {
	for i := range t.Elements {
		if t.Elements[i] == label {
			return i
		}
	}
	label = strings.TrimRight(label, " ")
	id := t.collation()
	for i := range t.Elements {
		if collate.Equal(id, strings.TrimRight(t.Elements[i], " "), label) {
			return i
		}
	}
	return -1
}

// SetByMask returns the SET value of the mask; ok is false for bits without a member.
func SetByMask(t *Type, mask uint64) (v Value, ok bool) {
	if mask>>len(t.Elements) != 0 && len(t.Elements) < 64 {
		return Value{}, false
	}
	if mask&(mask-1) == 0 { // at most one member: no need to join
		for i := range t.Elements {
			if mask == 1<<i {
				return Set(mask, t.Elements[i]), true
			}
		}
		return Set(0, ""), true
	}
	var b strings.Builder
	for i := range t.Elements {
		if mask>>i&1 != 0 {
			if b.Len() > 0 {
				b.WriteByte(',')
			}
			b.WriteString(t.Elements[i])
		}
	}
	return Set(mask, b.String()), true
}

// SetByLabels builds a SET value from comma-separated labels; ok is false when one of them is no member, and v has
// the others.
func SetByLabels(t *Type, labels string) (v Value, ok bool) {
	var mask uint64
	ok = true
	if labels != "" {
		for label := range strings.SplitSeq(labels, ",") {
			if i := t.element(label); i >= 0 {
				mask |= 1 << i
			} else {
				ok = false
			}
		}
	}
	v, _ = SetByMask(t, mask)
	return v, ok
}

// labelNumber reads a text that is a member's number: digits only.
func labelNumber(s string) (uint64, bool) {
	n, err := strconv.ParseUint(strings.TrimRight(s, " "), 10, 64)
	return n, err == nil
}

// labelIndex takes a number as a member's: fractions are cut off, not rounded.
func labelIndex(v Value) (n uint64, ok bool) {
	var i int64
	cut := false
	switch v.kind {
	case KindFloat:
		i, cut = floatToInt(math.Trunc(v.Float64()))
	case KindDecimal:
		i, cut = DecimalTruncate(v, 0).AsInt()
	case KindInt:
		i = int64(v.n)
	default:
		n, cut = v.AsUint()
		return n, !cut
	}
	return uint64(i), !cut && i >= 0
}

func (c *coercion) enum(v Value) (Value, error) {
	if v.kind == KindString || v.kind == KindBytes || v.kind == KindEnum || v.kind == KindSet || v.kind == KindJSON {
		s := v.s
		if v.kind == KindJSON {
			s = jsonScalarText(s)
		}
		if out, ok := EnumByLabel(c.t, s); ok {
			return out, nil
		}
		if n, ok := labelNumber(s); ok && n > 0 {
			if out, ok := EnumByNumber(c.t, n); ok {
				return out, nil
			}
		}
		return Enum(0, ""), c.truncated()
	}
	if v.kind == KindDate || v.kind == KindDateTime || v.kind == KindTime {
		return c.enum(String(v.Text()))
	}
	n, ok := labelIndex(v)
	out, found := EnumByNumber(c.t, n)
	if !ok || !found || n == 0 {
		return Enum(0, ""), c.truncated()
	}
	return out, nil
}

func (c *coercion) set(v Value) (Value, error) {
	if v.kind == KindString || v.kind == KindBytes || v.kind == KindEnum || v.kind == KindSet || v.kind == KindJSON {
		s := v.s
		if v.kind == KindJSON {
			s = jsonScalarText(s)
		}
		out, ok := SetByLabels(c.t, s)
		if ok {
			return out, nil
		}
		if n, isNumber := labelNumber(s); isNumber && n > 0 {
			if byMask, ok := SetByMask(c.t, n); ok {
				return byMask, nil
			}
		}
		return out, c.truncated()
	}
	if v.kind == KindDate || v.kind == KindDateTime || v.kind == KindTime {
		return c.set(String(v.Text()))
	}
	n, ok := labelIndex(v)
	out, found := SetByMask(c.t, n)
	if !ok || !found {
		full := uint64(1)<<len(c.t.Elements) - 1
		out, _ = SetByMask(c.t, n&full)
		return out, c.truncated()
	}
	return out, nil
}

func (c *coercion) json(v Value) (Value, error) {
	column := c.opt.Column
	if c.opt.Table != "" {
		column = c.opt.Table + "." + column
	}
	switch v.kind {
	case KindJSON:
		return v, nil
	case KindString, KindEnum, KindSet:
		text, err := NormalizeJSON(v.s)
		if err == nil {
			return JSON(text), nil
		}
		var je *JSONError
		if errors.As(err, &je) {
			if je.TooDeep {
				return Null, sqlerr.New(sqlerr.JSONTooDeep)
			}
			return Null, sqlerr.New(sqlerr.InvalidJSON, je.Reason, je.Pos, column)
		}
		return Null, err
	case KindBytes:
		return Null, sqlerr.New(sqlerr.JSONCharset, "binary")
	}
	return Null, sqlerr.New(sqlerr.InvalidJSON, "not a JSON text, may need CAST", 0, column)
}
