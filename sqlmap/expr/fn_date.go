package expr

import (
	"time"

	"github.com/worktable-go/worktable/engine/value"
)

// fuzzy accepts dates with zero parts: functions that take a date apart do.
const fuzzy = value.AllowZeroDate | value.AllowZeroInDate

func init() {
	register(map[string]*function{
		"now|current_timestamp|localtime|localtimestamp": {min: 0, max: 1, flags: PerStatement, bind: bindClock(value.TypeDateTime), eval: evalNow},
		"sysdate":              {min: 0, max: 1, flags: NonDeterministic, bind: bindClock(value.TypeDateTime), eval: evalSysdate},
		"utc_timestamp":        {min: 0, max: 1, flags: PerStatement, bind: bindClock(value.TypeDateTime), eval: evalUTC},
		"utc_date":             {min: 0, max: 0, flags: PerStatement, bind: bindClock(value.TypeDate), eval: evalUTC},
		"utc_time":             {min: 0, max: 1, flags: PerStatement, bind: bindClock(value.TypeTime), eval: evalUTC},
		"curdate|current_date": {min: 0, max: 0, flags: PerStatement, bind: bindClock(value.TypeDate), eval: evalNow},
		"curtime|current_time": {min: 0, max: 1, flags: PerStatement, bind: bindClock(value.TypeTime), eval: evalNow},
		"date":                 {min: 1, max: 1, bind: returnsTemporal(value.TypeDate, nil), f1: evalDate},
		"time":                 {min: 1, max: 1, bind: returnsTemporal(value.TypeTime, argFsp(0)), f1: evalTime},
		"timestamp":            {min: 1, max: 2, bind: returnsTemporal(value.TypeDateTime, argFsp(0, 1)), f2: evalTimestamp},
		"year":                 {min: 1, max: 1, bind: bindYear, f1: part(anyDate, func(c value.Civil) int64 { return int64(c.Year) })},
		"month":                partFunc(anyDate, func(c value.Civil) int64 { return int64(c.Month) }),
		"day|dayofmonth":       partFunc(anyDate, func(c value.Civil) int64 { return int64(c.Day) }),
		"quarter":              partFunc(anyDate, func(c value.Civil) int64 { return int64(c.Month+2) / 3 }),
		"hour":                 partFunc(anyTime, func(us int64) int64 { return us / 3600e6 }),
		"minute":               partFunc(anyTime, func(us int64) int64 { return us / 60e6 % 60 }),
		"second":               partFunc(anyTime, func(us int64) int64 { return us / 1e6 % 60 }),
		"microsecond":          partFunc(anyTime, func(us int64) int64 { return us % 1e6 }),
		"dayofweek":            partFunc(realDate, func(c value.Civil) int64 { return int64(weekday(c)+1)%7 + 1 }),
		"weekday":              partFunc(realDate, func(c value.Civil) int64 { return int64(weekday(c)) }),
		"dayofyear":            partFunc(realDate, func(c value.Civil) int64 { return daysOf(c) - dayNumber(c.Year, 1, 1) + 1 }),
		"to_days":              partFunc(realDate, daysOf),
		"to_seconds":           partFunc(realDate, func(c value.Civil) int64 { return daysOf(c)*86400 + c.TimeMicros()/1e6 }),
		"dayname":              {min: 1, max: 1, bind: returnsText(9), f1: evalDayName},
		"monthname":            {min: 1, max: 1, bind: returnsText(9), f1: evalMonthName},
		"week":                 {min: 1, max: 2, bind: returnsNullable(returnsInt), f2: evalWeek},
		"weekofyear":           partFunc(realDate, weekOfYear),
		"yearweek":             {min: 1, max: 2, bind: returnsNullable(returnsInt), f2: evalYearWeek},
		"last_day":             {min: 1, max: 1, bind: returnsTemporal(value.TypeDate, nil), f1: evalLastDay},
		"from_days":            {numeric: true, min: 1, max: 1, bind: returnsTemporal(value.TypeDate, nil), f1: evalFromDays},
		"datediff":             {min: 2, max: 2, bind: returnsNullable(returnsInt), f2: evalDateDiff},
		"makedate":             {numeric: true, min: 2, max: 2, bind: returnsTemporal(value.TypeDate, nil), f2: evalMakeDate},
		"period_add":           {numeric: true, min: 2, max: 2, bind: returnsNullable(returnsInt), f2: evalPeriodAdd},
		"period_diff":          {numeric: true, min: 2, max: 2, bind: returnsNullable(returnsInt), f2: evalPeriodDiff},
	})
}

// dayNumber is TO_DAYS: days since the year 0, in which MySQL counts 365 days.
func dayNumber(year, month, day int) int64 {
	if year == 0 && month == 0 {
		return 0
	}
	n := int64(365*year + 31*(month-1) + day)
	y := year
	if month <= 2 {
		y--
	} else {
		n -= int64((month*4 + 23) / 10)
	}
	return n + int64(y/4) - int64((y/100+1)*3/4)
}

// daysOf is the dayNumber of a date.
func daysOf(c value.Civil) int64 { return dayNumber(c.Year, c.Month, c.Day) }

// dateOfDayNumber is the inverse of dayNumber; ok is false outside the years 1 to 9999.
func dateOfDayNumber(n int64) (year, month, day int, ok bool) {
	if n <= 365 || n >= 3652500 {
		return 0, 0, 0, false
	}
	year, month, day = value.CivilFromDays(int(n - 719528))
	return year, month, day, year <= 9999
}

// weekday returns 0 for Monday to 6 for Sunday.
func weekday(c value.Civil) int { return int((daysOf(c) + 5) % 7) }

// argFsp is the most fractional digits of the arguments.
func argFsp(at ...int) func(c *Call) int {
	return func(c *Call) int {
		n := 0
		for _, i := range at {
			if i < len(c.Args) {
				n = max(n, temporalScale(c.Args[i]))
			}
		}
		return n
	}
}

// temporalScale returns the fractional second digits of e in a temporal context: those of a literal's text, 6 for other
// strings.
func temporalScale(e Expr) int {
	t := e.Type()
	switch cl := classOf(t); {
	case cl == classInt || cl == classDate || cl == classNull:
		return 0
	case cl.isTemporal() || cl == classDecimal:
		return min(int(t.Scale), 6)
	}
	if l, ok := e.(*Literal); ok && l.Val.Kind() == value.KindString {
		return int(fitFsp(value.Time(0, 0), l.Val.Str()).Scale())
	}
	return 6
}

// numberScale returns the fractional digits of e where it is a number of seconds: text may have six.
func numberScale(e Expr) int {
	if c := classOf(e.Type()); c == classString || c == classLabel {
		return 6
	}
	return temporalScale(e)
}

func bindClock(id value.TypeID) func(*binder, *Call) error {
	return func(b *binder, c *Call) error {
		fsp := int64(0)
		if len(c.Args) == 1 {
			n, ok := c.constInt(0)
			if !ok || n < 0 || n > 6 {
				return tooBigFsp(n, c.Name)
			}
			fsp = n
		}
		c.Typ = temporalType(id, int(fsp), true)
		return nil
	}
}

func evalNow(env *Env, c *Call) (value.Value, error) { return c.clock(env.Run.localNow()), nil }

func evalUTC(env *Env, c *Call) (value.Value, error) { return c.clock(env.Run.Time().UTC()), nil }

func evalSysdate(env *Env, c *Call) (value.Value, error) {
	return c.clock(time.Now().In(env.Run.Session.Location())), nil
}

// clock returns t as the call's type, cut to its digits.
func (c *Call) clock(t time.Time) value.Value {
	switch c.Typ.ID {
	case value.TypeDate:
		return value.DateFromTime(t)
	case value.TypeTime:
		us := (int64(t.Hour())*3600+int64(t.Minute())*60+int64(t.Second()))*1e6 + int64(t.Nanosecond()/1000)
		return value.TruncateFsp(value.Time(us, 6), c.Typ.Scale)
	}
	packed := value.PackDateTime(t.Year(), int(t.Month()), t.Day(), t.Hour(), t.Minute(), t.Second(), t.Nanosecond()/1000)
	return value.TruncateFsp(value.DateTime(packed, 6), c.Typ.Scale)
}

// civil returns v as a date and time that flags allow.
func civil(env *Env, v value.Value, flags value.DateFlags) (value.Civil, bool, error) {
	d, ok, err := toDateTime(env, v, flags)
	if !ok || err != nil {
		return value.Civil{}, false, err
	}
	return d.Civil(), true, nil
}

// anyDate is civil for functions that take a date apart: zero parts are parts.
func anyDate(env *Env, v value.Value) (value.Civil, bool, error) { return civil(env, v, fuzzy) }

// realDate is civil for functions that need a date which exists: zero parts give NULL.
func realDate(env *Env, v value.Value) (value.Civil, bool, error) {
	c, ok, err := civil(env, v, fuzzy)
	if ok && (c.Month == 0 || c.Day == 0) {
		return c, false, nil
	}
	return c, ok, err
}

// realDates is realDate for both arguments of a function.
func realDates(env *Env, x, y value.Value) (a, b value.Civil, ok bool, err error) {
	if a, ok, err = realDate(env, x); !ok || err != nil {
		return a, b, false, err
	}
	b, ok, err = realDate(env, y)
	return a, b, ok, err
}

// timeMicros returns v as a duration in microseconds.
func timeMicros(env *Env, v value.Value) (us int64, ok bool, err error) {
	t, ok, err := toTime(env, v)
	return int64(t.Raw64()), ok, err
}

// anyTime is timeMicros without the sign, for functions that take a time apart.
func anyTime(env *Env, v value.Value) (us int64, ok bool, err error) {
	us, ok, err = timeMicros(env, v)
	return max(us, -us), ok, err
}

// part evaluates a function that reads its argument as a T and returns a number that follows from it; NULL when the
// argument is no T.
func part[T any](read func(*Env, value.Value) (T, bool, error), number func(T) int64) func(*Env, *Call, value.Value) (value.Value, error) {
	return func(env *Env, _ *Call, x value.Value) (value.Value, error) {
		v, ok, err := read(env, x)
		if !ok || err != nil {
			return value.Null, err
		}
		return value.Int(number(v)), nil
	}
}

func partFunc[T any](read func(*Env, value.Value) (T, bool, error), number func(T) int64) *function {
	return &function{min: 1, max: 1, bind: returnsNullable(returnsInt), f1: part(read, number)}
}

func bindYear(b *binder, c *Call) error {
	c.Typ = intType(false)
	c.Typ.ID = value.TypeYear
	return nil
}

func evalDate(env *Env, c *Call, x value.Value) (value.Value, error) {
	d, ok, err := toDateTime(env, x, env.castDates())
	if !ok || err != nil {
		return value.Null, err
	}
	return value.Date(value.DateOf(int64(d.Raw64()))), nil
}

func evalTime(env *Env, c *Call, x value.Value) (value.Value, error) {
	us, ok, err := timeMicros(env, x)
	if !ok || err != nil {
		return value.Null, err
	}
	return value.Time(us, c.Typ.Scale), nil
}

func evalTimestamp(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	d, ok, err := toDateTime(env, x, fuzzy)
	if !ok || err != nil {
		return value.Null, err
	}
	if len(c.Args) == 1 {
		return value.DateTime(int64(d.Raw64()), c.Typ.Scale), nil
	}
	us, ok, err := timeMicros(env, y)
	if !ok || err != nil {
		return value.Null, err
	}
	return c.shifted(env, d.Civil(), us)
}

// shifted is a date and time moved by microseconds, in the call's digits; beyond the calendar it is NULL with warning
// 1441.
func (c *Call) shifted(env *Env, d value.Civil, us int64) (value.Value, error) {
	out, ok := d.AddMicros(us)
	if !ok {
		return value.Null, overflow(env)
	}
	return value.DateTime(out.Pack(), c.Typ.Scale), nil
}

var dayNames = [...]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

var monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"}

func evalDayName(env *Env, c *Call, x value.Value) (value.Value, error) {
	d, ok, err := realDate(env, x)
	if !ok || err != nil {
		return value.Null, err
	}
	return c.str(env, dayNames[weekday(d)])
}

func evalMonthName(env *Env, c *Call, x value.Value) (value.Value, error) {
	d, ok, err := civil(env, x, fuzzy)
	if !ok || err != nil || d.Month == 0 {
		return value.Null, err
	}
	return c.str(env, monthNames[d.Month-1])
}

// Flags of week numbering.
const (
	weekMonday  = 1 << iota // weeks begin on Monday
	weekYear                // week 1 to 53, the year may be another
	weekFirstIs             // the first week is the one that has its first weekday in the year
)

// weekMode turns a mode of WEEK() into flags.
func weekMode(mode int64) int {
	f := int(mode & 7)
	if f&weekMonday == 0 {
		f ^= weekFirstIs
	}
	return f
}

// weekOf returns the week number and its year.
func weekOf(c value.Civil, flags int) (week, year int) {
	days := daysOf(c)
	first := dayNumber(c.Year, 1, 1)
	monday, wholeYear, firstWeekday := flags&weekMonday != 0, flags&weekYear != 0, flags&weekFirstIs != 0
	year = c.Year
	wd := startWeekday(first, monday)
	if c.Month == 1 && c.Day <= 7-wd {
		if !wholeYear && (firstWeekday && wd != 0 || !firstWeekday && wd >= 4) {
			return 0, year
		}
		wholeYear = true
		year--
		n := daysInYear(year)
		first -= int64(n)
		wd = (wd + 53*7 - n) % 7
	}
	var n int64
	if firstWeekday && wd != 0 || !firstWeekday && wd >= 4 {
		n = days - (first + int64(7-wd))
	} else {
		n = days - (first - int64(wd))
	}
	if wholeYear && n >= 52*7 {
		wd = (wd + daysInYear(year)) % 7
		if !firstWeekday && wd < 4 || firstWeekday && wd == 0 {
			return 1, year + 1
		}
	}
	return int(n/7) + 1, year
}

// startWeekday returns the weekday of a day number, counted from the first day of the week.
func startWeekday(days int64, monday bool) int {
	if monday {
		return int((days + 5) % 7)
	}
	return int((days + 6) % 7)
}

func daysInYear(y int) int {
	if y%4 == 0 && (y%100 != 0 || y%400 == 0 && y != 0) {
		return 366
	}
	return 365
}

func evalWeek(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	mode := int64(env.Run.Session.DefaultWeekFormat)
	if len(c.Args) == 2 {
		n, err := toIndex(env, y)
		if err != nil {
			return value.Null, err
		}
		mode = n
	}
	d, ok, err := realDate(env, x)
	if !ok || err != nil {
		return value.Null, err
	}
	week, _ := weekOf(d, weekMode(mode))
	return value.Int(int64(week)), nil
}

func weekOfYear(c value.Civil) int64 {
	week, _ := weekOf(c, weekMode(3))
	return int64(week)
}

func evalYearWeek(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	mode := int64(0)
	if len(c.Args) == 2 {
		n, err := toIndex(env, y)
		if err != nil {
			return value.Null, err
		}
		mode = n
	}
	d, ok, err := realDate(env, x)
	if !ok || err != nil {
		return value.Null, err
	}
	week, year := weekOf(d, weekMode(mode)|weekYear)
	return value.Int(int64(year*100 + week)), nil
}

func evalLastDay(env *Env, c *Call, x value.Value) (value.Value, error) {
	d, ok, err := realDate(env, x)
	if !ok || err != nil {
		return value.Null, err
	}
	return value.Date(value.PackDate(d.Year, d.Month, value.DaysInMonth(d.Year, d.Month))), nil
}

func evalFromDays(env *Env, c *Call, x value.Value) (value.Value, error) {
	n, err := toIndex(env, x)
	if err != nil {
		return value.Null, err
	}
	y, m, d, ok := dateOfDayNumber(n)
	if !ok {
		return value.Date(0), nil
	}
	return value.Date(value.PackDate(y, m, d)), nil
}

func evalDateDiff(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	a, b, ok, err := realDates(env, x, y)
	if !ok || err != nil {
		return value.Null, err
	}
	return value.Int(daysOf(a) - daysOf(b)), nil
}

// shortYear completes a year of two digits.
func shortYear(y int64) int64 {
	switch {
	case y < 0 || y > 99:
		return y
	case y < 70:
		return y + 2000
	}
	return y + 1900
}

func evalMakeDate(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	year, err := toIndex(env, x)
	if err != nil {
		return value.Null, err
	}
	day, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	if day <= 0 || day > 3652500 || year < 0 || year > 9999 {
		return value.Null, nil
	}
	yy, m, d, ok := dateOfDayNumber(dayNumber(int(shortYear(year)), 1, 1) + day - 1)
	if !ok {
		return value.Null, nil
	}
	return value.Date(value.PackDate(yy, m, d)), nil
}

// periodMonths reads a period YYYYMM or YYMM as months.
func periodMonths(p int64) (int64, bool) {
	if p < 0 || p%100 > 12 || p%100 == 0 || p > 999912 {
		return 0, false
	}
	return shortYear(p/100)*12 + p%100 - 1, true
}

func evalPeriodAdd(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	p, err := toIndex(env, x)
	if err != nil {
		return value.Null, err
	}
	n, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	m, ok := periodMonths(p)
	if !ok {
		return value.Null, wrongArguments("period_add")
	}
	m += min(max(n, -1<<40), 1<<40)
	if m < 0 {
		return value.Int(0), nil
	}
	return value.Int(shortYear(m/12)*100 + m%12 + 1), nil
}

func evalPeriodDiff(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	p, err := toIndex(env, x)
	if err != nil {
		return value.Null, err
	}
	q, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	a, ok := periodMonths(p)
	b, ok2 := periodMonths(q)
	if !ok || !ok2 {
		return value.Null, wrongArguments("period_diff")
	}
	return value.Int(a - b), nil
}
