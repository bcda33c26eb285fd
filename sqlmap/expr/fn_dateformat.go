package expr

import (
	"strconv"
	"strings"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

func init() {
	register(map[string]*function{
		"date_format": {min: 2, max: 2, bind: returnsText(250), f2: evalDateFormat},
		"time_format": {min: 2, max: 2, bind: returnsText(250), f2: evalTimeFormat},
		"str_to_date": {min: 2, max: 2, bind: bindStrToDate, f2: evalStrToDate},
	})
}

func evalDateFormat(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	d, ok, err := civil(env, x, fuzzy)
	if !ok || err != nil {
		return value.Null, err
	}
	return c.format(env, d, textOf(y))
}

// format prints d by a format of DATE_FORMAT; NULL for an empty format.
func (c *Call) format(env *Env, d value.Civil, format string) (value.Value, error) {
	if format == "" {
		return value.Null, nil
	}
	var out []byte
	for i := 0; i < len(format); i++ {
		if format[i] != '%' || i+1 == len(format) {
			out = append(out, format[i])
			continue
		}
		i++
		var ok bool
		if out, ok = appendDatePart(out, d, format[i]); !ok {
			return value.Null, nil
		}
		if ok, err := c.room(env, int64(len(out))); !ok {
			return value.Null, err
		}
	}
	return c.str(env, string(out))
}

func pad(dst []byte, n, width int) []byte {
	s := strconv.Itoa(n)
	for i := len(s); i < width; i++ {
		dst = append(dst, '0')
	}
	return append(dst, s...)
}

// appendDatePart appends what a specifier stands for; ok is false when the date has no such part (a zero month).
func appendDatePart(dst []byte, d value.Civil, spec byte) (out []byte, ok bool) {
	hour12 := (d.Hour%24+11)%12 + 1
	ampm := [...]string{"AM", "PM"}[d.Hour%24/12]
	switch spec {
	case 'M', 'b':
		if d.Month == 0 {
			return dst, false
		}
		name := monthNames[d.Month-1]
		if spec == 'b' {
			name = name[:3]
		}
		return append(dst, name...), true
	case 'W', 'a':
		if d.Month == 0 && d.Year == 0 {
			return dst, false
		}
		name := dayNames[weekday(d)]
		if spec == 'a' {
			name = name[:3]
		}
		return append(dst, name...), true
	case 'D':
		return append(strconv.AppendInt(dst, int64(d.Day), 10), ordinal(d.Day)...), true
	case 'Y':
		return pad(dst, d.Year, 4), true
	case 'y':
		return pad(dst, d.Year%100, 2), true
	case 'm':
		return pad(dst, d.Month, 2), true
	case 'c':
		return pad(dst, d.Month, 1), true
	case 'd':
		return pad(dst, d.Day, 2), true
	case 'e':
		return pad(dst, d.Day, 1), true
	case 'f':
		return pad(dst, d.Micro, 6), true
	case 'H':
		return pad(dst, d.Hour, 2), true
	case 'k':
		return pad(dst, d.Hour, 1), true
	case 'h', 'I':
		return pad(dst, hour12, 2), true
	case 'l':
		return pad(dst, hour12, 1), true
	case 'i':
		return pad(dst, d.Minute, 2), true
	case 's', 'S':
		return pad(dst, d.Second, 2), true
	case 'p':
		return append(dst, ampm...), true
	case 'r':
		dst = append(pad(dst, hour12, 2), ':')
		dst = append(pad(dst, d.Minute, 2), ':')
		return append(append(pad(dst, d.Second, 2), ' '), ampm...), true
	case 'T':
		dst = append(pad(dst, d.Hour, 2), ':')
		dst = append(pad(dst, d.Minute, 2), ':')
		return pad(dst, d.Second, 2), true
	}
	return appendWeekPart(dst, d, spec)
}

func ordinal(n int) string {
	if n >= 10 && n <= 19 {
		return "th"
	}
	switch n % 10 {
	case 1:
		return "st"
	case 2:
		return "nd"
	case 3:
		return "rd"
	}
	return "th"
}

func appendWeekPart(dst []byte, d value.Civil, spec byte) ([]byte, bool) {
	switch spec {
	case 'j':
		if d.Month == 0 || d.Day == 0 {
			return dst, false
		}
		return pad(dst, int(dayNumber(d.Year, d.Month, d.Day)-dayNumber(d.Year, 1, 1)+1), 3), true
	case 'w':
		if d.Month == 0 && d.Year == 0 {
			return dst, false
		}
		return pad(dst, (weekday(d)+1)%7, 1), true
	case 'U', 'u', 'V', 'v', 'X', 'x':
		flags := map[byte]int{
			'U': weekFirstIs, 'u': weekMonday, 'V': weekYear | weekFirstIs, 'v': weekYear | weekMonday,
			'X': weekYear | weekFirstIs, 'x': weekYear | weekMonday,
		}[spec]
		week, year := weekOf(d, flags)
		if spec == 'X' || spec == 'x' {
			return pad(dst, year, 4), true
		}
		return pad(dst, week, 2), true
	}
	return append(dst, spec), true
}

func evalTimeFormat(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	t, ok, err := toTime(env, x)
	if !ok || err != nil {
		return value.Null, err
	}
	us := int64(t.Raw64())
	neg := us < 0
	us = max(us, -us)
	s := us / 1e6
	d := value.Civil{Hour: int(s / 3600), Minute: int(s / 60 % 60), Second: int(s % 60), Micro: int(us % 1e6)}
	format := textOf(y)
	if neg {
		// The sign belongs to the hours.
		for _, spec := range []string{"%H", "%k", "%T"} {
			format = strings.Replace(format, spec, "-"+spec, 1)
		}
	}
	return c.format(env, d, format)
}

// dateSpecs and timeSpecs are the specifiers of STR_TO_DATE that set a date or a time.
const (
	dateSpecs = "MVUXYWabcjmvuxywdeD"
	timeSpecs = "HISThiklprsf"
)

// bindStrToDate types STR_TO_DATE by a constant format.
func bindStrToDate(_ *binder, c *Call) error {
	c.Typ = temporalType(value.TypeDateTime, 6, false)
	l, ok := c.Args[1].(*Literal)
	if !ok || l.Val.IsNull() {
		return nil
	}
	hasDate, hasTime, hasMicro := formatParts(textOf(l.Val))
	fsp := 0
	if hasMicro {
		fsp = 6
	}
	switch {
	case hasDate && hasTime:
		c.Typ = temporalType(value.TypeDateTime, fsp, false)
	case hasTime:
		c.Typ = temporalType(value.TypeTime, fsp, false)
	default:
		c.Typ = temporalType(value.TypeDate, 0, false)
	}
	return nil
}

func formatParts(format string) (date, time, micro bool) {
	for i := 0; i+1 < len(format); i++ {
		if format[i] != '%' {
			continue
		}
		i++
		date = date || strings.IndexByte(dateSpecs, format[i]) >= 0
		time = time || strings.IndexByte(timeSpecs, format[i]) >= 0
		micro = micro || format[i] == 'f'
	}
	return date, time, micro
}

func evalStrToDate(env *Env, c *Call, x, y value.Value) (value.Value, error) {
	text, format := textOf(x), textOf(y)
	p := &dateParser{text: text, hour24: true}
	ok := p.run(format, 0) && p.finish()
	kind := map[value.TypeID]string{value.TypeDate: "date", value.TypeTime: "time"}[c.Typ.ID]
	if kind == "" {
		kind = "datetime"
	}
	if ok && c.Typ.ID != value.TypeTime {
		ok = validDate(p.c, env.Run.Session.Mode)
	}
	if !ok {
		return value.Null, env.Warn(sqlerr.New(errWrongForType, kind, shown(text), "str_to_date"))
	}
	var out value.Value
	switch c.Typ.ID {
	case value.TypeDate:
		out = value.Date(value.DateOf(p.c.Pack()))
	case value.TypeTime:
		out = value.Time(p.c.TimeMicros(), c.Typ.Scale)
	default:
		out = value.DateTime(p.c.Pack(), c.Typ.Scale)
	}
	if strings.TrimSpace(text[p.pos:]) != "" {
		return out, env.truncated(kind, text)
	}
	return out, nil
}

func validDate(c value.Civil, mode SQLMode) bool {
	flags := mode.DateFlags()
	switch {
	case c.Year == 0 && c.Month == 0 && c.Day == 0:
		return flags&value.AllowZeroDate != 0
	case c.Month == 0 || c.Day == 0:
		return flags&value.AllowZeroInDate != 0
	}
	return c.Month <= 12 && c.Day <= 31 // 04/31 is let through, as in MySQL
}

// dateParser reads a text by a format of STR_TO_DATE.
type dateParser struct {
	text           string
	pos            int
	c              value.Civil
	pm, hour24, am bool
	yearDay        int // %j
	week           int // %U %u %V %v, with weekKind
	weekSet        bool
	weekSpec       byte
	weekday        int // %W %a %w, from 1 Monday
	weekYear       int // %X %x
	weekYearSpec   byte
}

func (p *dateParser) space() {
	for p.pos < len(p.text) && (p.text[p.pos] == ' ' || p.text[p.pos] >= '\t' && p.text[p.pos] <= '\r') {
		p.pos++
	}
}

func (p *dateParser) number(width int) (int, bool) {
	start, n := p.pos, 0
	for p.pos < len(p.text) && p.pos-start < width && p.text[p.pos]-'0' <= 9 {
		n = n*10 + int(p.text[p.pos]-'0')
		p.pos++
	}
	return n, p.pos > start
}

// name reads one of names, whole or by its first three letters.
func (p *dateParser) name(names []string, short bool) (int, bool) {
	for i, n := range names {
		if short {
			n = n[:3]
		}
		if len(p.text)-p.pos >= len(n) && strings.EqualFold(p.text[p.pos:p.pos+len(n)], n) {
			p.pos += len(n)
			return i + 1, true
		}
	}
	return 0, false
}

// run matches the text against a format; the text may end before the format does.
func (p *dateParser) run(format string, depth int) bool {
	for i := 0; i < len(format); i++ {
		c := format[i]
		if c == ' ' {
			continue
		}
		p.space()
		if p.pos >= len(p.text) {
			return true
		}
		if c == '%' && i+1 < len(format) {
			i++
			if !p.spec(format[i], depth) {
				return false
			}
			continue
		}
		if p.text[p.pos] != c {
			return false
		}
		p.pos++
	}
	return true
}

func (p *dateParser) spec(spec byte, depth int) bool {
	set := func(dst *int, width, lo, hi int) bool {
		n, ok := p.number(width)
		*dst = n
		return ok && n >= lo && n <= hi
	}
	var ok bool
	switch spec {
	case 'Y':
		start := p.pos
		ok = set(&p.c.Year, 4, 0, 9999)
		if p.pos-start == 2 {
			p.c.Year = int(shortYear(int64(p.c.Year)))
		}
	case 'y':
		ok = set(&p.c.Year, 2, 0, 99)
		p.c.Year = int(shortYear(int64(p.c.Year)))
	case 'm', 'c':
		ok = set(&p.c.Month, 2, 0, 12)
	case 'M':
		p.c.Month, ok = p.name(monthNames[:], false)
	case 'b':
		p.c.Month, ok = p.name(monthNames[:], true)
	case 'd', 'e':
		ok = set(&p.c.Day, 2, 0, 31)
	case 'D':
		ok = set(&p.c.Day, 2, 0, 31)
		p.pos = min(p.pos+2, len(p.text))
	case 'h', 'I', 'l':
		ok = set(&p.c.Hour, 2, 1, 12)
		p.hour24 = false
	case 'H', 'k':
		ok = set(&p.c.Hour, 2, 0, 23)
	case 'i':
		ok = set(&p.c.Minute, 2, 0, 59)
	case 's', 'S':
		ok = set(&p.c.Second, 2, 0, 59)
	case 'f':
		ok = p.fraction()
	case 'p':
		ok = p.meridiem()
	case 'r':
		ok = depth == 0 && p.run("%I:%i:%S %p", depth+1)
	case 'T':
		ok = depth == 0 && p.run("%H:%i:%S", depth+1)
	default:
		return p.rareSpec(spec)
	}
	return ok
}

func (p *dateParser) fraction() bool {
	start := p.pos
	n, ok := p.number(6)
	for i := p.pos - start; i < 6; i++ {
		n *= 10
	}
	p.c.Micro = n
	return ok
}

func (p *dateParser) meridiem() bool {
	if len(p.text)-p.pos < 2 || p.hour24 {
		return false
	}
	word := p.text[p.pos : p.pos+2]
	p.pos += 2
	p.am, p.pm = strings.EqualFold(word, "AM"), strings.EqualFold(word, "PM")
	return p.am || p.pm
}

func (p *dateParser) rareSpec(spec byte) bool {
	var ok bool
	switch spec {
	case 'W':
		p.weekday, ok = p.name(dayNames[:], false)
	case 'a':
		p.weekday, ok = p.name(dayNames[:], true)
	case 'w':
		p.weekday, ok = p.number(1)
		ok = ok && p.weekday <= 6
		if p.weekday == 0 {
			p.weekday = 7
		}
	case 'j':
		p.yearDay, ok = p.number(3)
		ok = ok && p.yearDay >= 1 && p.yearDay <= 366
	case 'U', 'u', 'V', 'v':
		p.week, ok = p.number(2)
		p.weekSet, p.weekSpec = true, spec
		ok = ok && p.week <= 53 && (p.week > 0 || spec == 'U' || spec == 'u')
	case 'X', 'x':
		p.weekYear, ok = p.number(4)
		p.weekYearSpec = spec
	case '.', '@', '#':
		ok = p.skip(spec)
	case '%':
		ok = p.text[p.pos] == '%'
		p.pos++
	}
	return ok
}

// skip passes over punctuation, letters or digits.
func (p *dateParser) skip(spec byte) bool {
	for p.pos < len(p.text) {
		c := p.text[p.pos]
		alpha := c|0x20 >= 'a' && c|0x20 <= 'z'
		digit := c-'0' <= 9
		punct := c > ' ' && c < 127 && !alpha && !digit
		if spec == '.' && !punct || spec == '@' && !alpha || spec == '#' && !digit {
			break
		}
		p.pos++
	}
	return true
}

// finish completes the date from the hour of the day's half, the day of the year or the week.
func (p *dateParser) finish() bool {
	if !p.hour24 {
		p.c.Hour %= 12
		if p.pm {
			p.c.Hour += 12
		}
	}
	if p.yearDay > 0 {
		return p.setDay(dayNumber(p.c.Year, 1, 1) + int64(p.yearDay) - 1)
	}
	if !p.weekSet || p.weekday == 0 {
		return true
	}
	// %V needs %X and %v needs %x; %U and %u need %Y.
	iso := p.weekSpec == 'v' || p.weekSpec == 'u'
	year := p.c.Year
	strict := p.weekSpec == 'V' || p.weekSpec == 'v'
	if strict != (p.weekYearSpec != 0) || strict && (p.weekYearSpec == 'x') != iso {
		return false
	}
	if strict {
		year = p.weekYear
	}
	first := dayNumber(year, 1, 1)
	wd := int64(startWeekday(first, iso))
	var n int64
	if iso {
		n = first - wd + int64(p.week-1)*7 + int64(p.weekday-1)
		if wd > 3 {
			n += 7
		}
	} else {
		n = first - wd + int64(p.week-1)*7 + int64(p.weekday%7)
		if wd != 0 {
			n += 7
		}
	}
	return p.setDay(n)
}

func (p *dateParser) setDay(n int64) bool {
	y, m, d, ok := dateOfDayNumber(n)
	p.c.Year, p.c.Month, p.c.Day = y, m, d
	return ok
}
