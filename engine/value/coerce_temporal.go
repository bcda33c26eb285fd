package value

import (
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// temporalName is what messages call the type.
func (t *Type) temporalName() string {
	switch t.ID {
	case TypeDate:
		return "date"
	case TypeTime:
		return "time"
	}
	return "datetime"
}

// badTemporal is 1292 when strict. Otherwise the zero value is stored with a warning: 1265 for text that is no date,
// 1264 for dates that do not exist.
func (c *coercion) badTemporal(v Value, garbage bool) error {
	if c.opt.NonStrict {
		if garbage {
			return c.truncated()
		}
		return c.outOfRange()
	}
	return sqlerr.New(sqlerr.WrongTemporal, c.t.temporalName(), shorten(v.Text()), c.opt.Column, c.row())
}

// date stores into DATE, DATETIME and TIMESTAMP.
func (c *coercion) date(v Value) (Value, error) {
	var dt Value // a DATETIME of six digits, not yet rounded
	var err error
	switch v.kind {
	case KindDate, KindDateTime:
		civil := v.Civil()
		if !c.opt.Dates.check(&civil) {
			return ZeroOf(c.t), c.badTemporal(v, false)
		}
		dt = DateTime(int64(v.n), 6)
	case KindTime:
		dt = c.onToday(v)
	case KindString, KindBytes, KindJSON, KindEnum, KindSet:
		return c.dateFromText(v)
	default:
		if dt, err = c.dateFromNumber(v); err != nil || dt.IsNull() {
			return ZeroOf(c.t), err
		}
	}
	return c.finishDate(v, dt, false)
}

// onToday puts a TIME on the statement's date.
func (c *coercion) onToday(v Value) Value {
	now := c.opt.Now
	if now.IsZero() {
		now = time.Now()
	}
	if c.opt.TimeZone != nil {
		now = now.In(c.opt.TimeZone)
	}
	midnight := DateFromTime(now).Civil()
	civil, _ := midnight.AddMicros(int64(v.n))
	return DateTime(civil.Pack(), 6)
}

func (c *coercion) dateFromText(v Value) (Value, error) {
	text := v.s
	if v.kind == KindJSON {
		text = jsonScalarText(text)
	}
	civil, up, _, cut, ok := parseCivil(text, c.opt.Dates, c.opt.TimeZone)
	if !ok {
		_, _, _, _, readable := parseCivil(text, AllowInvalidDate|AllowZeroDate|AllowZeroInDate, c.opt.TimeZone)
		return ZeroOf(c.t), c.badTemporal(v, !readable)
	}
	if cut {
		if err := c.badTemporal(v, true); err != nil {
			return Null, err
		}
	}
	return c.finishDate(v, DateTime(civil.Pack(), 6), up)
}

// dateFromNumber reads a number as a date; NULL when it stored the zero date with a warning.
func (c *coercion) dateFromNumber(v Value) (Value, error) {
	d, cut := v.AsDecimal()
	whole := DecimalTruncate(d, 0)
	if cut || whole.flags&flagBig != 0 {
		return Null, c.badTemporal(v, true)
	}
	dt, ok := DateTimeFromNumber(int64(whole.n), c.opt.Dates)
	if !ok {
		_, readable := DateTimeFromNumber(int64(whole.n), AllowInvalidDate|AllowZeroDate|AllowZeroInDate)
		return Null, c.badTemporal(v, !readable)
	}
	if us := decimalMicros(d, whole); us != 0 {
		if civil, ok := dt.Civil().AddMicros(us); ok {
			dt = DateTime(civil.Pack(), 6)
		}
	}
	return dt, nil
}

// decimalMicros returns the fraction of d, whose integer part is whole, in microseconds.
func decimalMicros(d, whole Value) int64 {
	if d.scale == 0 {
		return 0
	}
	frac, err := DecimalSub(d, whole)
	if err != nil {
		return 0
	}
	return int64(Rescale(frac, 6).n)
}

// finishDate brings a date and time of six digits to the column's type; up is the rounding of a seventh digit.
func (c *coercion) finishDate(v, dt Value, up bool) (Value, error) {
	if c.t.ID == TypeDate {
		packed := DateOf(int64(dt.n))
		if packed != int64(dt.n) {
			c.note()
		}
		return Date(packed), nil
	}
	out, ok := roundCivil(dt.Civil(), up, c.t.Scale)
	if !ok {
		return ZeroOf(c.t), c.badTemporal(v, false)
	}
	if c.t.ID == TypeTimestamp {
		return c.timestamp(v, out)
	}
	return out, nil
}

// The range of TIMESTAMP in seconds.
const (
	minTimestamp = 1
	maxTimestamp = 1<<31 - 1
)

// timestamp converts a civil time of the session's zone to UTC.
func (c *coercion) timestamp(v, dt Value) (Value, error) {
	if dt.n == 0 {
		return dt, nil // the zero date, which the flags let pass
	}
	utc, ok := TimestampToUTC(dt, c.opt.TimeZone)
	if !ok {
		if c.opt.NonStrict && dt.Civil().Exists() && utc.kind == KindDateTime {
			// A time that the clocks skipped: MySQL takes the first one after it.
			return utc, c.outOfRange()
		}
		return ZeroOf(c.t), c.badTemporal(v, false)
	}
	return utc, nil
}

// TimestampToUTC converts a civil date and time of a zone (UTC when nil) to the UTC form of a TIMESTAMP. ok is false
// for dates out of TIMESTAMP's range, and for a time that the clocks of the zone skipped: then utc is the first
// one after it.
func TimestampToUTC(v Value, loc *time.Location) (utc Value, ok bool) {
	t, exists := v.ToTime(loc)
	if !exists || t.Unix() < minTimestamp || t.Unix() > maxTimestamp {
		return Value{}, false
	}
	if loc == nil || loc == time.UTC {
		return v, true
	}
	skipped := DateTimeFromTime(t, 6).n != v.n
	if skipped {
		// time.Date answers with a time on one side of the gap: go to its end.
		_, end := t.ZoneBounds()
		if start, _ := t.ZoneBounds(); civilFromTime(t).Pack() > int64(v.n) {
			t = start
		} else {
			t = end
		}
	}
	return DateTimeFromTime(t.UTC(), 6).withScale(v.scale), !skipped
}

// TimestampFromUTC converts a stored TIMESTAMP to the civil date and time of a zone (UTC when nil). The zero date stays.
func TimestampFromUTC(v Value, loc *time.Location) Value {
	if loc == nil || loc == time.UTC {
		return v
	}
	t, ok := v.ToTime(time.UTC)
	if !ok {
		return v
	}
	return DateTimeFromTime(t.In(loc), 6).withScale(v.scale)
}

func (v Value) withScale(scale uint8) Value {
	v.scale = scale
	return v
}

// time stores into TIME.
func (c *coercion) time(v Value) (Value, error) {
	switch v.kind {
	case KindTime:
		out, _ := RoundFsp(v, c.t.Scale)
		return out, nil
	case KindDate:
		c.note()
		return Time(0, c.t.Scale), nil
	case KindDateTime:
		civil := v.Civil()
		if civil.Year != 0 || civil.Month != 0 || civil.Day != 0 {
			c.note()
		}
		out, _ := RoundFsp(Time(civil.TimeMicros(), 6), c.t.Scale)
		return out, nil
	case KindString, KindBytes, KindJSON, KindEnum, KindSet:
		text := v.s
		if v.kind == KindJSON {
			text = jsonScalarText(text)
		}
		out, cut, ok := ParseTime(text, c.t.Scale)
		if !ok {
			return ZeroOf(c.t), c.badTemporal(v, true)
		}
		if cut {
			return out, c.badTemporal(v, out.n != uint64(MaxTimeMicros) && int64(out.n) != -MaxTimeMicros)
		}
		return out, nil
	}
	return c.timeFromNumber(v)
}

func (c *coercion) timeFromNumber(v Value) (Value, error) {
	d, cut := v.AsDecimal()
	whole := DecimalTruncate(d, 0)
	if cut || whole.flags&flagBig != 0 {
		return ZeroOf(c.t), c.badTemporal(v, true)
	}
	out, ok := TimeFromNumber(int64(whole.n))
	if !ok {
		if n := int64(whole.n); n <= 8385959 && n >= -8385959 { // minutes or seconds beyond 59
			return ZeroOf(c.t), c.badTemporal(v, false)
		}
		limit := int64(MaxTimeMicros)
		if DecimalSign(d) < 0 {
			limit = -limit
		}
		return Time(limit, c.t.Scale), c.badTemporal(v, false)
	}
	out, _ = RoundFsp(Time(int64(out.n)+decimalMicros(d, whole), 6), c.t.Scale)
	return out, nil
}
