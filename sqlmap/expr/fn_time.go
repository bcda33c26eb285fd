package expr

import (
	"math"
	"strings"
	"time"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

func init() {
	register(map[string]*function{
		"addtime":        {min: 2, max: 2, bind: bindAddTime, f2: evalAddTime},
		"subtime":        {min: 2, max: 2, bind: bindAddTime, f2: evalAddTime},
		"timediff":       {min: 2, max: 2, bind: returnsTemporal(value.TypeTime, argFsp(0, 1)), f2: evalTimeDiff},
		"sec_to_time":    {numeric: true, min: 1, max: 1, bind: returnsTemporal(value.TypeTime, func(c *Call) int { return numberScale(c.Args[0]) }), f1: evalSecToTime},
		"time_to_sec":    partFunc(timeMicros, func(us int64) int64 { return us / 1e6 }),
		"maketime":       {numeric: true, min: 3, max: 3, bind: returnsTemporal(value.TypeTime, func(c *Call) int { return numberScale(c.Args[2]) }), f3: evalMakeTime},
		"from_unixtime":  {min: 1, max: 2, bind: bindFromUnix, f2: evalFromUnix},
		"unix_timestamp": {min: 0, max: 1, flags: PerStatement, bind: bindUnix, eval: evalUnix},
		"convert_tz":     {min: 3, max: 3, bind: returnsTemporal(value.TypeDateTime, argFsp(0)), f3: evalConvertTZ},
	})
}

func tooBigFsp(n int64, name string) error {
	return sqlerr.New(errTooBigFsp, n, name, 6)
}

func wrongArguments(name string) error { return sqlerr.New(sqlerr.WrongArguments, name) }

// bindAddTime types ADDTIME and SUBTIME by the first argument: DATETIME, TIME, or text for text.
func bindAddTime(b *binder, c *Call) error {
	fsp := max(temporalScale(c.Args[0]), temporalScale(c.Args[1]))
	switch cl := classOf(c.Args[0].Type()); {
	case cl.hasDate():
		c.Typ = temporalType(value.TypeDateTime, fsp, false)
	case cl == classTime:
		c.Typ = temporalType(value.TypeTime, fsp, false)
	default:
		c.Typ = stringType(29, b.conn, CoerceCoercible, false)
	}
	return nil
}

func evalAddTime(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	if isDateValue(y) || y.Kind() == value.KindString && strings.Count(y.Str(), "-") >= 2 {
		return value.Null, nil
	}
	us, ok, err := timeMicros(env, y)
	if !ok || err != nil {
		return value.Null, err
	}
	if c.Name == "subtime" {
		us = -us
	}
	var out value.Value
	if c.Typ.ID == value.TypeDateTime || c.Typ.ID != value.TypeTime && looksLikeDate(x) {
		d, ok, err := toDateTime(env, x, value.AllowZeroInDate)
		if !ok || err != nil {
			return value.Null, err
		}
		sum, ok := d.Civil().AddMicros(us)
		if !ok {
			return value.Null, overflow(env)
		}
		out = value.DateTime(sum.Pack(), c.scaleFor(sum.TimeMicros()))
	} else {
		a, ok, err := timeMicros(env, x)
		if !ok || err != nil {
			return value.Null, err
		}
		sum := a + us
		if out, err = clampedTime(env, sum, c.scaleFor(sum)); err != nil {
			return value.Null, err
		}
	}
	if c.Typ.ID != value.TypeDateTime && c.Typ.ID != value.TypeTime {
		return value.String(out.Text()), nil
	}
	return out, nil
}

// scaleFor is the declared scale of temporal results; text shows six digits when there is a fraction.
func (c *Call) scaleFor(us int64) uint8 {
	switch {
	case c.Typ.ID == value.TypeDateTime || c.Typ.ID == value.TypeTime:
		return c.Typ.Scale
	case us%1e6 != 0:
		return 6
	}
	return 0
}

// longestTime is what a longer TIME is cut to: 838:59:59.
const longestTime = maxTime - 999999

// clampedTime is a TIME, cut to its range with warning 1292.
func clampedTime(env *Env, us int64, scale uint8) (value.Value, error) {
	if us > maxTime || us < -maxTime {
		cut := int64(longestTime)
		if us < 0 {
			cut = -cut
		}
		return value.Time(cut, scale), env.truncated("time", time.Duration(us*1000).String())
	}
	return value.Time(us, scale), nil
}

func evalTimeDiff(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	if xd, yd := isDateValue(x), isDateValue(y); xd != yd {
		return value.Null, nil
	} else if xd {
		a, b, ok, err := realDates(env, x, y)
		if !ok || err != nil {
			return value.Null, err
		}
		return clampedTime(env, microsBetween(a, b), c.Typ.Scale)
	}
	a, ok, err := timeMicros(env, x)
	if !ok || err != nil {
		return value.Null, err
	}
	b, ok, err := timeMicros(env, y)
	if !ok || err != nil {
		return value.Null, err
	}
	return clampedTime(env, a-b, c.Typ.Scale)
}

// microsBetween is a less b in microseconds.
func microsBetween(a, b value.Civil) int64 {
	return (daysOf(a)-daysOf(b))*86400e6 + a.TimeMicros() - b.TimeMicros()
}

func isDateValue(v value.Value) bool {
	return v.Kind() == value.KindDate || v.Kind() == value.KindDateTime || looksLikeDate(v)
}

func evalSecToTime(env *Env, c *Call, x value.Value) (value.Value, error) {
	d, err := toDecimal(env, x)
	if err != nil {
		return value.Null, err
	}
	us, err := value.DecimalMul(d, value.Decimal(1e6, 0))
	if err != nil {
		return value.Null, nil
	}
	n, cut := us.AsInt()
	if cut {
		n = math.MaxInt64
		if value.DecimalSign(d) < 0 {
			n = math.MinInt64 + 1
		}
	}
	if n > maxTime || n < -maxTime {
		err = env.truncated("time", x.Text())
		if n = longestTime; value.DecimalSign(d) < 0 {
			n = -longestTime
		}
	}
	return value.Time(n, c.Typ.Scale), err
}

func evalMakeTime(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	h, err := toIndex(env, x)
	if err != nil {
		return value.Null, err
	}
	m, err := toIndex(env, y)
	if err != nil {
		return value.Null, err
	}
	s, err := toDecimal(env, z)
	if err != nil {
		return value.Null, err
	}
	if m < 0 || m > 59 || value.DecimalSign(s) < 0 || value.DecimalCompare(s, value.Decimal(60, 0)) >= 0 {
		return value.Null, nil
	}
	sec, err := value.DecimalMul(s, value.Decimal(1e6, 0))
	if err != nil {
		return value.Null, nil
	}
	us, _ := sec.AsInt()
	if h > 838 || h < -838 {
		if h < 0 {
			return value.Time(-longestTime, c.Typ.Scale), env.truncated("time", x.Text())
		}
		return value.Time(longestTime, c.Typ.Scale), env.truncated("time", x.Text())
	}
	us += m * 60e6
	if h < 0 {
		return value.Time(h*3600e6-us, c.Typ.Scale), nil
	}
	return value.Time(h*3600e6+us, c.Typ.Scale), nil
}

// maxUnix is the last second that FROM_UNIXTIME accepts.
const maxUnix = 32536771199

func bindFromUnix(b *binder, c *Call) error {
	if len(c.Args) == 2 {
		return returnsText(250)(b, c)
	}
	c.Typ = temporalType(value.TypeDateTime, numberScale(c.Args[0]), false)
	return nil
}

func evalFromUnix(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	d, err := toDecimal(env, x)
	if err != nil {
		return value.Null, err
	}
	us, err := value.DecimalMul(value.DecimalRound(d, 6), value.Decimal(1e6, 0))
	if err != nil {
		return value.Null, nil
	}
	n, cut := us.AsInt()
	if cut || n < 0 || n > maxUnix*1e6+999999 {
		return value.Null, nil
	}
	t := time.UnixMicro(n).In(env.Run.Session.Location())
	out := value.DateTimeFromTime(t, 6)
	if len(c.Args) == 1 {
		return value.DateTime(int64(out.Raw64()), c.Typ.Scale), nil
	}
	return c.format(env, out.Civil(), textOf(y))
}

func bindUnix(b *binder, c *Call) error {
	scale := 0
	if len(c.Args) == 1 {
		scale = temporalScale(c.Args[0])
	}
	c.Typ = intType(false)
	if scale > 0 {
		c.Typ = decimalType(11+scale, scale, false)
	}
	return nil
}

func evalUnix(env *Env, c *Call) (value.Value, error) {
	if len(c.Args) == 0 {
		return value.Int(env.Run.Time().Unix()), nil
	}
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	d, ok, err := toDateTime(env, v, fuzzy)
	if err != nil {
		return value.Null, err
	}
	us := int64(0)
	if ok {
		if t, real := value.DateTime(int64(d.Raw64()), 6).ToTime(env.Run.Session.Location()); real {
			us = t.UnixMicro()
		}
	}
	if us < 0 || us > maxUnix*1e6+999999 {
		us = 0
	}
	if c.Typ.ID != value.TypeDecimal {
		return value.Int(us / 1e6), nil
	}
	return value.DecimalTruncate(value.Decimal(us, 6), c.Typ.Scale), nil
}

// LookupZone returns the time zone with a MySQL name: SYSTEM, +hh:mm, or a name of the tz database.
func LookupZone(name string) (*time.Location, bool) {
	switch {
	case strings.EqualFold(name, "SYSTEM"):
		return time.Local, true
	case strings.EqualFold(name, "UTC"):
		return time.UTC, true
	case name == "" || strings.EqualFold(name, "local"):
		return nil, false
	case name[0] == '+' || name[0] == '-':
		return offsetZone(name)
	}
	loc, err := time.LoadLocation(name)
	return loc, err == nil
}

// offsetZone reads +h:mm and +hh:mm, from -13:59 to +14:00.
func offsetZone(name string) (*time.Location, bool) {
	hh, mm, ok := strings.Cut(name[1:], ":")
	if !ok || len(hh) < 1 || len(hh) > 2 || len(mm) != 2 {
		return nil, false
	}
	n := 0
	for _, d := range hh + mm {
		if d < '0' || d > '9' {
			return nil, false
		}
		n = n*10 + int(d-'0')
	}
	h, m := n/100, n%100
	sec := h*3600 + m*60
	if m > 59 || sec > 14*3600 || name[0] == '-' && sec >= 14*3600 {
		return nil, false
	}
	if name[0] == '-' {
		sec = -sec
	}
	if sec == 0 {
		return time.UTC, true
	}
	return time.FixedZone(name, sec), true
}

func evalConvertTZ(env *Env, c *Call, x, y, z value.Value) (value.Value, error) {
	d, ok, err := toDateTime(env, x, value.AllowZeroInDate)
	if !ok || err != nil {
		return value.Null, err
	}
	from, ok := LookupZone(textOf(y))
	to, ok2 := LookupZone(textOf(z))
	if !ok || !ok2 {
		return value.Null, nil
	}
	t, ok := value.DateTime(int64(d.Raw64()), 6).ToTime(from)
	if !ok {
		return value.Null, nil
	}
	out := value.DateTimeFromTime(t.In(to), 6)
	if us := t.UnixMicro(); us < 0 || us > maxUnix*1e6 {
		out = d // outside the range of TIMESTAMP nothing is converted
	}
	return value.DateTime(int64(out.Raw64()), c.Typ.Scale), nil
}

func init() {
	syntaxForms = map[string]func(b *binder, name string, args []sqlparser.Expr) (Expr, error){
		"date_add": bindDateAddCall, "date_sub": bindDateAddCall, "adddate": bindDateAddCall, "subdate": bindDateAddCall,
		"timestampadd": bindTimestampAdd, "timestampdiff": bindTimestampDiff, "get_format": bindGetFormat,
		"grouping": bindGrouping,
	}
}

// bindDateAddCall binds DATE_ADD(d, INTERVAL n unit) and ADDDATE(d, days).
func bindDateAddCall(b *binder, name string, args []sqlparser.Expr) (Expr, error) {
	if len(args) != 2 {
		return nil, wrongCount(name)
	}
	sub := name == "date_sub" || name == "subdate"
	if iv, ok := args[1].(*sqlparser.IntervalExpr); ok {
		return b.dateArith(args[0], iv, sub)
	}
	if name == "date_add" || name == "date_sub" {
		return nil, sqlerr.New(sqlerr.Parse, ")", 1)
	}
	list, err := b.values(args...)
	if err != nil {
		return nil, err
	}
	return b.dateAdd(list[0], list[1], "day", sub)
}

// word returns the bare word that an argument is.
func word(e sqlparser.Expr) (string, bool) {
	switch n := e.(type) {
	case *ast.Keyword:
		return n.Word, true
	case *sqlparser.ColName:
		return n.Name.String(), n.Qualifier.IsEmpty()
	}
	return "", false
}

func simpleUnit(e sqlparser.Expr) (unit, error) {
	w, ok := word(e)
	u, known := unitOf(w)
	if !ok || !known || !u.simple() {
		return unit{}, sqlerr.New(sqlerr.Parse, w, 1)
	}
	return u, nil
}

func bindTimestampAdd(b *binder, name string, args []sqlparser.Expr) (Expr, error) {
	if len(args) != 3 {
		return nil, wrongCount(name)
	}
	u, err := simpleUnit(args[0])
	if err != nil {
		return nil, err
	}
	list, err := b.values(args[1:]...)
	if err != nil {
		return nil, err
	}
	return b.dateAdd(list[1], list[0], u.name, false)
}

var timestampDiffFunc = &function{min: 2, max: 2, bind: returnsNullable(returnsInt), f2: evalTimestampDiff}

func bindTimestampDiff(b *binder, name string, args []sqlparser.Expr) (Expr, error) {
	if len(args) != 3 {
		return nil, wrongCount(name)
	}
	u, err := simpleUnit(args[0])
	if err != nil {
		return nil, err
	}
	list, err := b.values(args[1:]...)
	if err != nil {
		return nil, err
	}
	c := &Call{Name: "timestampdiff", Args: settleAll(list), fn: timestampDiffFunc, aux: extractUnit{u}}
	return c, timestampDiffFunc.bind(b, c)
}

func evalTimestampDiff(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	from, to, ok, err := realDates(env, x, y)
	if !ok || err != nil {
		return value.Null, err
	}
	neg := from.Pack() > to.Pack()
	if neg {
		from, to = to, from
	}
	us := microsBetween(to, from)
	months := int64(to.Year-from.Year)*12 + int64(to.Month-from.Month)
	if to.Day < from.Day || to.Day == from.Day && to.TimeMicros() < from.TimeMicros() {
		months--
	}
	var n int64
	switch c.aux.(extractUnit).unit.first {
	case fieldYear:
		n = months / 12
	case fieldQuarter:
		n = months / 3
	case fieldMonth:
		n = months
	case fieldWeek:
		n = us / (7 * 86400e6)
	case fieldDay:
		n = us / 86400e6
	default:
		n = us / fieldMicros[c.aux.(extractUnit).unit.first]
	}
	if neg {
		n = -n
	}
	return value.Int(n), nil
}

var getFormats = map[string]map[string]string{
	"date":     {"usa": "%m.%d.%Y", "jis": "%Y-%m-%d", "iso": "%Y-%m-%d", "eur": "%d.%m.%Y", "internal": "%Y%m%d"},
	"datetime": {"usa": "%Y-%m-%d %H.%i.%s", "jis": "%Y-%m-%d %H:%i:%s", "iso": "%Y-%m-%d %H:%i:%s", "eur": "%Y-%m-%d %H.%i.%s", "internal": "%Y%m%d%H%i%s"},
	"time":     {"usa": "%h:%i:%s %p", "jis": "%H:%i:%s", "iso": "%H:%i:%s", "eur": "%H.%i.%s", "internal": "%H%i%s"},
}

var getFormatFunc = &function{min: 1, max: 1, bind: returnsText(17), f1: evalGetFormat}

// formatKind is the aux of GET_FORMAT.
type formatKind string

func (k formatKind) key() string { return string(k) }

func bindGetFormat(b *binder, name string, args []sqlparser.Expr) (Expr, error) {
	if len(args) != 2 {
		return nil, wrongCount(name)
	}
	w, ok := word(args[0])
	kind := strings.ToLower(w)
	if kind == "timestamp" {
		kind = "datetime"
	}
	if !ok || getFormats[kind] == nil {
		return nil, sqlerr.New(sqlerr.Parse, w, 1)
	}
	x, err := b.value(args[1])
	if err != nil {
		return nil, err
	}
	c := &Call{Name: "get_format", Args: []Expr{settled(x)}, fn: getFormatFunc, aux: formatKind(kind)}
	return c, getFormatFunc.bind(b, c)
}

func evalGetFormat(env *Env, c *Call, x value.Value) (value.Value, error) {
	f, ok := getFormats[string(c.aux.(formatKind))][strings.ToLower(textOf(x))]
	if !ok {
		return value.Null, nil
	}
	return c.str(env, f)
}

func bindGrouping(b *binder, name string, args []sqlparser.Expr) (Expr, error) {
	list, err := b.values(args...)
	if err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, wrongCount(name)
	}
	return b.scope.Grouping(list)
}
