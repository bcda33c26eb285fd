package expr

import (
	"math"
	"math/bits"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// unit is an interval unit: its parts as a range of fields.
type unit struct {
	name        string
	first, last field
}

// field is a part of an interval, the largest first.
type field uint8

const (
	fieldYear field = iota
	fieldMonth
	fieldDay
	fieldHour
	fieldMinute
	fieldSecond
	fieldMicro
	fieldWeek    // of a simple unit only
	fieldQuarter // of a simple unit only
)

var units = map[string]unit{
	"microsecond": {"microsecond", fieldMicro, fieldMicro}, "second": {"second", fieldSecond, fieldSecond},
	"minute": {"minute", fieldMinute, fieldMinute}, "hour": {"hour", fieldHour, fieldHour}, "day": {"day", fieldDay, fieldDay},
	"week": {"week", fieldWeek, fieldWeek}, "month": {"month", fieldMonth, fieldMonth},
	"quarter": {"quarter", fieldQuarter, fieldQuarter}, "year": {"year", fieldYear, fieldYear},
	"second_microsecond": {"second_microsecond", fieldSecond, fieldMicro},
	"minute_microsecond": {"minute_microsecond", fieldMinute, fieldMicro},
	"minute_second":      {"minute_second", fieldMinute, fieldSecond},
	"hour_microsecond":   {"hour_microsecond", fieldHour, fieldMicro},
	"hour_second":        {"hour_second", fieldHour, fieldSecond}, "hour_minute": {"hour_minute", fieldHour, fieldMinute},
	"day_microsecond": {"day_microsecond", fieldDay, fieldMicro}, "day_second": {"day_second", fieldDay, fieldSecond},
	"day_minute": {"day_minute", fieldDay, fieldMinute}, "day_hour": {"day_hour", fieldDay, fieldHour},
	"year_month": {"year_month", fieldYear, fieldMonth},
}

func unitOf(word string) (unit, bool) {
	word = strings.ToLower(word)
	u, ok := units[strings.TrimPrefix(word, "sql_tsi_")]
	if !ok || strings.HasPrefix(word, "sql_tsi_") && u.first != u.last {
		return units[word], units[word].name != ""
	}
	return u, true
}

func (u unit) simple() bool { return u.first == u.last }

// hasTime reports units that touch the time of day.
func (u unit) hasTime() bool { return u.last >= fieldHour && u.last <= fieldMicro }

// onlyTime reports units that leave the date alone but for carries.
func (u unit) onlyTime() bool { return u.first >= fieldDay && u.first <= fieldMicro }

// interval is a span: months, and microseconds with days apart from them so that nothing overflows.
type interval struct {
	months, days, us int64
}

func (iv interval) negate() interval { return interval{-iv.months, -iv.days, -iv.us} }

var fieldMicros = [...]int64{fieldHour: 3600e6, fieldMinute: 60e6, fieldSecond: 1e6, fieldMicro: 1}

// add adds n of a field; ok is false on overflow.
func (iv *interval) add(f field, n int64) bool {
	const most = 1 << 40 // beyond any date
	switch f {
	case fieldYear, fieldQuarter, fieldMonth:
		if n > most || n < -most {
			return false
		}
		iv.months += n * [...]int64{fieldYear: 12, fieldMonth: 1, fieldQuarter: 3}[f]
	case fieldDay, fieldWeek:
		if n > most || n < -most {
			return false
		}
		if f == fieldWeek {
			n *= 7
		}
		iv.days += n
	default:
		neg := n < 0
		hi, lo := bits.Mul64(abs64(n), uint64(fieldMicros[f]))
		if hi != 0 || lo > 1<<62 {
			return false
		}
		us := int64(lo)
		if neg {
			us = -us
		}
		if s, ok := addSubMul(OpAdd, iv.us, us); ok {
			iv.us = s
		} else {
			return false
		}
	}
	return true
}

// intervalOf reads v as an interval of unit u; ok is false on overflow.
func intervalOf(env *Env, v value.Value, u unit) (iv interval, ok bool, err error) {
	if !u.simple() {
		iv, ok = compositeInterval(v.Text(), u)
		return iv, ok, nil
	}
	if u.first == fieldSecond && v.Kind() != value.KindInt {
		d, err := toDecimal(env, v)
		if err != nil {
			return iv, false, err
		}
		us, err := value.DecimalMul(d, value.Decimal(1e6, 0))
		if err != nil {
			return iv, false, nil
		}
		n, cut := us.AsInt()
		iv.us = n
		return iv, !cut, nil
	}
	n, unsigned, err := toInt(env, v)
	if err != nil || unsigned && n < 0 {
		return iv, false, err
	}
	return iv, iv.add(u.first, n), nil
}

// compositeInterval reads the numbers of a text such as '1 2:3:4'; when there are fewer than parts, the leading parts
// are left out.
func compositeInterval(text string, u unit) (iv interval, ok bool) {
	text = strings.TrimLeft(text, " \t\n")
	neg := strings.HasPrefix(text, "-")
	var nums []int64
	lastDigits := 0
	parts := int(u.last-u.first) + 1
	for i := 0; i < len(text) && len(nums) < parts; {
		if text[i]-'0' > 9 {
			i++
			continue
		}
		var n int64
		start := i
		for ; i < len(text) && text[i]-'0' <= 9; i++ {
			if n > (math.MaxInt64-9)/10 {
				return iv, false
			}
			n = n*10 + int64(text[i]-'0')
		}
		lastDigits = i - start
		nums = append(nums, n)
	}
	f := u.last - field(len(nums)) + 1
	for i, n := range nums {
		if f == fieldMicro && i == len(nums)-1 {
			for ; lastDigits < 6; lastDigits++ {
				n *= 10
			}
		}
		if neg {
			n = -n
		}
		if !iv.add(f, n) {
			return iv, false
		}
		f++
	}
	return iv, true
}

// apply adds iv to c; ok is false beyond the calendar.
func (iv interval) apply(c value.Civil) (value.Civil, bool) {
	if iv.months != 0 {
		if iv.months > 200000 || iv.months < -200000 {
			return c, false
		}
		var ok bool
		if c, ok = c.AddMonths(int(iv.months)); !ok {
			return c, false
		}
	}
	if iv.days == 0 && iv.us == 0 {
		return c, true
	}
	const day = 86400e6
	if iv.days > 1<<23 || iv.days < -(1<<23) {
		return c, false
	}
	us, ok := addSubMul(OpAdd, iv.days*day, iv.us)
	if !ok {
		return c, false
	}
	return c.AddMicros(us)
}

// overflow is warning 1441.
func overflow(env *Env) error { return env.Warn(sqlerr.New(errDateOverflow, "datetime")) }

// dateArithmetic is the aux of date + INTERVAL.
type dateArithmetic struct {
	unit unit
	sub  bool
}

func (d dateArithmetic) key() string {
	if d.sub {
		return "-" + d.unit.name
	}
	return d.unit.name
}

var dateAddFunc = &function{min: 2, max: 2, bind: bindDateAdd, f2: evalDateAdd}

func (b *binder) dateArith(date sqlparser.Expr, iv *sqlparser.IntervalExpr, sub bool) (Expr, error) {
	args, err := b.values(date, iv.Expr)
	if err != nil {
		return nil, err
	}
	return b.dateAdd(args[0], args[1], iv.Unit, sub)
}

func (b *binder) dateAdd(date, n Expr, word string, sub bool) (Expr, error) {
	u, ok := unitOf(word)
	if !ok {
		return nil, sqlerr.New(sqlerr.Parse, word, 1)
	}
	c := &Call{Name: "date_add", Args: settleAll([]Expr{date, n}), fn: dateAddFunc, aux: dateArithmetic{u, sub}}
	if sub {
		c.Name = "date_sub"
	}
	return c, bindDateAdd(b, c)
}

func bindDateAdd(b *binder, c *Call) error {
	u := c.aux.(dateArithmetic).unit
	t := c.Args[0].Type()
	fsp := temporalScale(c.Args[0])
	if u.last == fieldMicro {
		fsp = 6
	} else if u.first == fieldSecond {
		fsp = max(fsp, numberScale(c.Args[1]))
	}
	switch classOf(t) {
	case classDateTime:
		c.Typ = temporalType(value.TypeDateTime, fsp, false)
	case classDate:
		c.Typ = temporalType(value.TypeDateTime, fsp, false)
		if !u.hasTime() {
			c.Typ = temporalType(value.TypeDate, 0, false)
		}
	case classTime:
		c.Typ = temporalType(value.TypeDateTime, fsp, false)
		if u.onlyTime() && u.first >= fieldDay {
			c.Typ = temporalType(value.TypeTime, fsp, false)
		}
	default:
		c.Typ = stringType(29, b.conn, CoerceCoercible, false)
		c.Typ.Dynamic = t.Dynamic
	}
	return nil
}

func evalDateAdd(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	spec := c.aux.(dateArithmetic)
	iv, ok, err := intervalOf(env, y, spec.unit)
	if err != nil {
		return value.Null, err
	}
	if !ok {
		return value.Null, overflow(env)
	}
	if spec.sub {
		iv = iv.negate()
	}
	if x.Kind() == value.KindTime && spec.unit.onlyTime() {
		return c.addToTime(env, x, iv)
	}
	d, ok, err := toDateTime(env, x, value.AllowZeroInDate)
	if !ok || err != nil {
		return value.Null, err
	}
	from := d.Civil()
	if from.Month == 0 || from.Day == 0 {
		return value.Null, env.incorrect("datetime", x)
	}
	to, ok := iv.apply(from)
	if !ok {
		return value.Null, overflow(env)
	}
	return c.dateResult(x, to, spec.unit), nil
}

// dateResult gives the sum the type of the call; for text and numbers that of the text: a date stays a date unless the
// unit has a time.
func (c *Call) dateResult(x value.Value, to value.Civil, u unit) value.Value {
	switch {
	case c.Typ.ID == value.TypeDate:
		return value.Date(to.Pack())
	case c.Typ.ID == value.TypeDateTime:
		return value.DateTime(to.Pack(), c.Typ.Scale)
	}
	isDate := !hasTimePart(x) && !u.hasTime()
	out := value.DateTime(to.Pack(), 0)
	if to.Micro != 0 {
		out = value.DateTime(to.Pack(), 6)
	}
	if isDate {
		out = value.Date(value.DateOf(to.Pack()))
	}
	if c.Typ.Dynamic && x.Kind() != value.KindString {
		return out
	}
	return value.String(out.Text())
}

// hasTimePart reports whether a value given as a date has a time of day.
func hasTimePart(v value.Value) bool {
	switch v.Kind() {
	case value.KindDate:
		return false
	case value.KindString, value.KindBytes:
		s := strings.TrimSpace(v.Str())
		if i := strings.IndexAny(s, " T:"); i >= 0 {
			return true
		}
		digits := 0
		for digits < len(s) && s[digits]-'0' <= 9 {
			digits++
		}
		return digits == 12 || digits == 14
	case value.KindInt, value.KindUint, value.KindFloat, value.KindDecimal:
		f, _ := v.AsFloat()
		return f > 99991231
	}
	return true
}

func (c *Call) addToTime(env *Env, x value.Value, iv interval) (value.Value, error) {
	us := iv.us
	if iv.days > 1000 || iv.days < -1000 {
		return value.Null, env.Warn(sqlerr.New(errDateOverflow, "time"))
	}
	us += iv.days * 86400e6
	sum, ok := addSubMul(OpAdd, int64(x.Raw64()), us)
	if !ok || sum > maxTime || sum < -maxTime {
		return value.Null, env.Warn(sqlerr.New(errDateOverflow, "time"))
	}
	return value.Time(sum, c.Typ.Scale), nil
}

// maxTime is 838:59:59.999999.
const maxTime = (838*3600+59*60+59)*1e6 + 999999

// extractUnit is the aux of EXTRACT.
type extractUnit struct{ unit unit }

func (e extractUnit) key() string { return e.unit.name }

var extractFunc = &function{min: 1, max: 1, bind: returnsNullable(returnsInt), f1: evalExtract}

func (b *binder) extract(n *ast.Extract) (Expr, error) {
	x, err := b.value(n.Expr)
	if err != nil {
		return nil, err
	}
	u, ok := unitOf(n.Unit)
	if !ok {
		return nil, sqlerr.New(sqlerr.Parse, n.Unit, 1)
	}
	c := &Call{Name: "extract", Args: []Expr{settled(x)}, fn: extractFunc, aux: extractUnit{u}}
	return c, extractFunc.bind(b, c)
}

func evalExtract(env *Env, c *Call, x value.Value) (value.Value, error) {
	u := c.aux.(extractUnit).unit
	needsDate := u.first < fieldDay || u.first >= fieldWeek || u == units["day"]
	if !needsDate && (x.Kind() == value.KindTime || !looksLikeDate(x)) {
		t, ok, err := toTime(env, x)
		if !ok || err != nil {
			return value.Null, err
		}
		us := int64(t.Raw64())
		n := extractFields(value.Civil{}, max(us, -us), u)
		if us < 0 {
			n = -n
		}
		return value.Int(n), nil
	}
	d, ok, err := civil(env, x, fuzzy)
	if !ok || err != nil {
		return value.Null, err
	}
	switch u.first {
	case fieldWeek:
		if d.Month == 0 || d.Day == 0 {
			return value.Null, nil
		}
		week, _ := weekOf(d, weekMode(int64(env.Run.Session.DefaultWeekFormat)))
		return value.Int(int64(week)), nil
	case fieldQuarter:
		return value.Int(int64(d.Month+2) / 3), nil
	}
	return value.Int(extractFields(d, d.TimeMicros(), u)), nil
}

// looksLikeDate reports values that are a date where a time of day is expected as well: text is one only when it is
// long enough for both parts.
func looksLikeDate(v value.Value) bool {
	switch v.Kind() {
	case value.KindDate, value.KindDateTime:
		return true
	case value.KindString, value.KindBytes:
		s := strings.TrimSpace(v.Str())
		return len(s) >= 12 && (strings.Count(s, "-") >= 2 || strings.IndexByte(s, ':') < 0)
	case value.KindInt, value.KindUint, value.KindFloat, value.KindDecimal:
		f, _ := v.AsFloat()
		return f > 8385959.999999
	}
	return false
}

// extractFields joins the fields of u in decimal: DAY_MINUTE of 2 days 3:04 is 20304.
func extractFields(d value.Civil, us int64, u unit) int64 {
	var n int64
	for f := u.first; f <= u.last; f++ {
		part, width := int64(0), int64(100)
		switch f {
		case fieldYear:
			part = int64(d.Year)
		case fieldMonth:
			part = int64(d.Month)
		case fieldDay:
			part = int64(d.Day)
		case fieldHour:
			part = us / 3600e6
			if u.first == fieldDay && d == (value.Civil{}) {
				width = 100
			}
		case fieldMinute:
			part = us / 60e6 % 60
		case fieldSecond:
			part = us / 1e6 % 60
		case fieldMicro:
			part, width = us%1e6, 1e6
		}
		n = n*width + part
	}
	return n
}
