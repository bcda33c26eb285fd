package expr

import (
	"time"

	"github.com/worktable-go/worktable/engine/value"
)

// toUTC shifts a civil time of loc to UTC; ok is false for zero dates.
func toUTC(v value.Value, loc *time.Location) (value.Value, bool) {
	if loc == time.UTC {
		return v, true
	}
	return shiftZone(v, loc, time.UTC)
}

// shiftZone converts a civil time of from to one of to. In the gap of a clock change the time after it is taken.
func shiftZone(v value.Value, from, to *time.Location) (value.Value, bool) {
	if v.Raw64() == 0 {
		return v, true
	}
	t, ok := v.ToTime(from)
	if !ok {
		return v, false
	}
	out := value.DateTimeFromTime(t.In(to), 6)
	return value.DateTime(int64(out.Raw64()), v.Scale()), true
}

// zoned shows a TIMESTAMP column, which is stored in UTC, in the session's time zone. Bind puts it around such columns
// unless the time zone is UTC.
type zoned struct {
	arg Expr
	typ *Type
}

// ZonedColumn returns what stands for a TIMESTAMP column, whose stored values are UTC, in expressions and results of a
// session: col itself when the session's time zone is UTC.
func ZonedColumn(col *Column, s *SessionState) Expr {
	if col.Typ.ID != value.TypeTimestamp || s.Location() == time.UTC {
		return col
	}
	return &zoned{arg: col, typ: col.Typ}
}

// UnzonedColumn returns the column that e is, maybe within ZonedColumn; nil when e is none. Index bounds for it come
// from Comparison.IndexBound.
func UnzonedColumn(e Expr) *Column {
	if z, ok := e.(*zoned); ok {
		e = z.arg
	}
	c, _ := e.(*Column)
	return c
}

func (z *zoned) Type() *Type                   { return z.typ }
func (z *zoned) Children() []Expr              { return []Expr{z.arg} }
func (z *zoned) WithChildren(kids []Expr) Expr { return &zoned{kids[0], z.typ} }
func (z *zoned) Flags() Flags                  { return 0 }

func (z *zoned) Append(dst []byte, f Format) []byte {
	if f == KeyText {
		dst = append(dst, '@')
	}
	return z.arg.Append(dst, f)
}

func (z *zoned) Eval(env *Env) (value.Value, error) {
	v, err := z.arg.Eval(env)
	if err != nil || v.Kind() != value.KindDateTime {
		return v, err
	}
	out, _ := shiftZone(v, time.UTC, env.Run.Session.Location())
	return out, nil
}
