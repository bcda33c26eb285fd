package value

import (
	"time"
)

// DateFlags relaxes the checks of dates; the zero value is MySQL 8's strict default.
type DateFlags uint8

// The date flags.
const (
	AllowZeroDate    DateFlags = 1 << iota // 0000-00-00 (sql_mode without NO_ZERO_DATE)
	AllowZeroInDate                        // 2024-00-15 (sql_mode without NO_ZERO_IN_DATE)
	AllowInvalidDate                       // 2024-02-31 (sql_mode with ALLOW_INVALID_DATES)
)

// check reports whether c is a date that the flags let pass.
func (f DateFlags) check(c *Civil) bool {
	switch {
	case c.Year == 0 && c.Month == 0 && c.Day == 0:
		return f&AllowZeroDate != 0
	case c.Month == 0 || c.Day == 0:
		return f&AllowZeroInDate != 0 && c.Month <= 12 && c.Day <= 31
	case f&AllowInvalidDate != 0:
		return c.Month <= 12 && c.Day <= 31
	}
	return c.Day <= DaysInMonth(c.Year, c.Month)
}

// fullYear gives two-digit years their century.
func fullYear(y int) int {
	if y < 70 {
		return y + 2000
	}
	return y + 1900
}

// dateScan reads the fields of a date or date and time literal.
type dateScan struct {
	s       string
	pos     int
	packed  bool // digits only, fields of fixed width
	field   [7]int
	width   [7]int // digits read per field
	fields  int    // number of fields
	parted  bool   // white space or T stood between date and time
	seventh byte   // the first digit behind the microseconds, for rounding
}

const (
	fieldDay    = 2
	fieldSecond = 5
	fieldMicro  = 6
)

// scan reads as many fields as there are. It reports whether the text can be a date: it starts with a digit and
// holds at least year, month and day.
func (d *dateScan) scan() bool {
	for d.pos < len(d.s) && isSpace(d.s[d.pos]) {
		d.pos++
	}
	if d.pos == len(d.s) || !isDigit(d.s[d.pos]) {
		return false
	}
	width := d.layout()
	for i := 0; i < 7; {
		if !d.number(i, width) {
			return false
		}
		i++
		d.fields = i
		if d.pos == len(d.s) || i == 7 {
			break
		}
		more, ok := d.separator(i - 1)
		if !ok {
			return false
		}
		if !more {
			break
		}
		width = 2
		if i == fieldMicro {
			width = 6
		}
	}
	return d.fields >= 3
}

// layout decides between the packed form and the one with delimiters, and returns the width of the year.
func (d *dateScan) layout() int {
	end := d.pos
	for end < len(d.s) && (isDigit(d.s[end]) || d.s[end] == 'T') {
		end++
	}
	n := end - d.pos
	if end == len(d.s) || d.s[end] == '.' {
		d.packed = true
		if n == 4 || n == 8 || n >= 14 {
			return 4
		}
		return 2
	}
	return 4
}

// number reads field i: up to width digits in the packed form and in the fraction, all digits otherwise.
func (d *dateScan) number(i, width int) bool {
	if d.pos == len(d.s) || !isDigit(d.s[d.pos]) {
		return d.finishShort(i)
	}
	limited := d.packed || i == fieldMicro
	n, start := 0, d.pos
	for d.pos < len(d.s) && isDigit(d.s[d.pos]) && (!limited || d.pos-start < width) {
		n = n*10 + int(d.s[d.pos]-'0')
		d.pos++
		if n > 999999 {
			return false
		}
	}
	d.field[i], d.width[i] = n, d.pos-start
	if i == fieldMicro {
		for w := d.width[i]; w < 6; w++ {
			d.field[i] *= 10
		}
		if d.pos < len(d.s) && isDigit(d.s[d.pos]) {
			d.seventh = d.s[d.pos] - '0'
			for d.pos < len(d.s) && isDigit(d.s[d.pos]) {
				d.pos++
			}
		}
	}
	return true
}

// finishShort ends the scan at a delimiter that no digit follows; what was read before counts.
func (d *dateScan) finishShort(i int) bool { return i >= 3 }

// separator skips what stands between field i and the next. more is false when no further field follows.
func (d *dateScan) separator(i int) (more, ok bool) {
	c := d.s[d.pos]
	switch {
	case i == fieldDay && c == 'T':
		d.parted = true
		d.pos++
		return d.nextIsDigit(), true
	case i == fieldSecond:
		if c == '.' {
			d.pos++
			return d.nextIsDigit(), true
		}
		return false, true
	case d.packed && isDigit(c):
		return true, true
	}
	start, space := d.pos, false
	for d.pos < len(d.s) && (isPunct(d.s[d.pos]) || isSpace(d.s[d.pos])) {
		if isSpace(d.s[d.pos]) {
			// White space may only stand between date and time, or at the end.
			space = true
		}
		d.pos++
	}
	if space && i != fieldDay {
		if trimSpace(d.s[start:]) == "" {
			return false, true
		}
		d.pos = start
		return false, i > fieldDay
	}
	if !d.nextIsDigit() {
		d.pos = start
		return false, true
	}
	d.parted = d.parted || space
	return d.pos > start, true
}

func (d *dateScan) nextIsDigit() bool { return d.pos < len(d.s) && isDigit(d.s[d.pos]) }

func isPunct(c byte) bool {
	return c > ' ' && c < 0x7f && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z')
}

// offset reads a time zone displacement (+hh:mm, -13:59 to +14:00) at the end of a literal.
func (d *dateScan) offset() (seconds int, found, ok bool) {
	s := d.s[d.pos:]
	if d.fields < 6 || len(s) < 6 || s[0] != '+' && s[0] != '-' {
		return 0, false, true
	}
	if !isDigit(s[1]) || !isDigit(s[2]) || s[3] != ':' || !isDigit(s[4]) || !isDigit(s[5]) {
		return 0, false, true
	}
	h := int(s[1]-'0')*10 + int(s[2]-'0')
	m := int(s[4]-'0')*10 + int(s[5]-'0')
	seconds = h*3600 + m*60
	if m > 59 || len(s) > 6 && trimSpace(s[6:]) != "" {
		return 0, false, false
	}
	if s[0] == '-' {
		if seconds == 0 || seconds > 13*3600+59*60 {
			return 0, false, false
		}
		seconds = -seconds
	} else if seconds > 14*3600 {
		return 0, false, false
	}
	d.pos = len(d.s)
	return seconds, true, true
}

// parseCivil parses a literal into fields with the fraction still unrounded: roundUp says that the digit behind the
// microseconds was 5 or more. hasTime is true for what can only be a date with a time, not a time alone.
func parseCivil(text string, flags DateFlags, loc *time.Location) (c Civil, roundUp, hasTime, truncated, ok bool) {
	d := dateScan{s: text}
	if !d.scan() {
		return c, false, false, false, false
	}
	f := &d.field
	c = Civil{f[0], f[1], f[2], f[3], f[4], f[5], f[6]}
	zero := c == Civil{}
	if d.width[0] == 2 && !zero {
		c.Year = fullYear(c.Year)
	}
	if c.Year > 9999 || c.Month > 12 || c.Day > 31 || c.Hour > 23 || c.Minute > 59 || c.Second > 59 {
		return c, false, false, false, false
	}
	if !flags.check(&c) {
		return c, false, false, false, false
	}
	offset, found, valid := d.offset()
	if !valid {
		return c, false, false, false, false
	}
	if found {
		if c, valid = shiftZone(c, offset, loc); !valid {
			return c, false, false, false, false
		}
	}
	truncated = trimSpace(text[d.pos:]) != ""
	return c, d.seventh >= 5, d.fields > 3 && (d.packed || d.parted), truncated, true
}

// shiftZone takes a civil time at an offset from UTC to loc.
func shiftZone(c Civil, offset int, loc *time.Location) (Civil, bool) {
	if !c.Exists() {
		return c, false
	}
	if loc == nil {
		loc = time.UTC
	}
	t := time.Date(c.Year, time.Month(c.Month), c.Day, c.Hour, c.Minute, c.Second, c.Micro*1000,
		time.FixedZone("", offset)).In(loc)
	c = civilFromTime(t)
	return c, c.Year >= 0 && c.Year <= 9999
}

// ParseDateTime parses text as MySQL parses a DATETIME literal and rounds to fsp digits. Trailing rubbish gives
// truncated; text that is no date at all, or none the flags allow, gives ok false. A literal with an offset
// (+hh:mm) is converted to loc (UTC when nil).
func ParseDateTime(text string, fsp uint8, flags DateFlags, loc *time.Location) (v Value, truncated, ok bool) {
	c, up, _, truncated, ok := parseCivil(text, flags, loc)
	if !ok {
		return Value{}, false, false
	}
	v, ok = roundCivil(c, up, fsp)
	return v, truncated, ok
}

// roundCivil rounds c to fsp digits; up is the rounding of the seventh digit, which only matters when six are kept.
func roundCivil(c Civil, up bool, fsp uint8) (Value, bool) {
	if up && fsp >= 6 {
		if c.Micro < 999999 {
			c.Micro++
		} else {
			var ok bool
			if c, ok = c.AddMicros(1); !ok {
				return Value{}, false
			}
		}
	}
	return RoundFsp(DateTime(c.Pack(), 6), fsp)
}

// ParseDate parses text as a DATE; a time part is dropped and gives truncated unless it is zero.
func ParseDate(text string, flags DateFlags) (v Value, truncated, ok bool) {
	c, _, _, truncated, ok := parseCivil(text, flags, nil)
	if !ok {
		return Value{}, false, false
	}
	return Date(PackDate(c.Year, c.Month, c.Day)), truncated || c.TimeMicros() != 0, true
}

// DateTimeFromNumber reads YYYYMMDD, YYYYMMDDhhmmss, YYMMDD or YYMMDDhhmmss.
func DateTimeFromNumber(n int64, flags DateFlags) (v Value, ok bool) {
	switch {
	case n == 0:
	case n < 101:
		return Value{}, false
	case n <= 691231: // YYMMDD, 2000 to 2069
		n = (n + 20000000) * 1e6
	case n < 700101:
		return Value{}, false
	case n <= 991231: // YYMMDD, 1970 to 1999
		n = (n + 19000000) * 1e6
	case n < 10000101 && flags&AllowZeroInDate == 0:
		return Value{}, false
	case n <= 99991231: // YYYYMMDD
		n *= 1e6
	case n < 101000000:
		return Value{}, false
	case n <= 691231235959: // YYMMDDhhmmss, 2000 to 2069
		n += 20000000000000
	case n < 700101000000:
		return Value{}, false
	case n <= 991231235959:
		n += 19000000000000
	}
	date, clock := n/1e6, n%1e6
	c := Civil{
		Year: int(date / 10000), Month: int(date / 100 % 100), Day: int(date % 100),
		Hour: int(clock / 10000), Minute: int(clock / 100 % 100), Second: int(clock % 100),
	}
	if n < 0 || c.Year > 9999 || c.Month > 12 || c.Day > 31 || c.Hour > 23 || c.Minute > 59 || c.Second > 59 || !flags.check(&c) {
		return Value{}, false
	}
	return DateTime(c.Pack(), 0), true
}

// TimeFromNumber reads [-]hhmmss; numbers from 10000000000 on are dates with a time (YYYYMMDDhhmmss). ok is false for
// minutes or seconds beyond 59 and beyond ±838:59:59.
func TimeFromNumber(n int64) (v Value, ok bool) {
	if n > 8385959 {
		if n >= 10000000000 {
			if dt, ok := DateTimeFromNumber(n, AllowZeroDate|AllowZeroInDate); ok {
				return Time(dt.Civil().TimeMicros(), 0), true
			}
		}
		return Value{}, false
	}
	if n < -8385959 {
		return Value{}, false
	}
	neg := n < 0
	if neg {
		n = -n
	}
	if n%100 > 59 || n/100%100 > 59 {
		return Value{}, false
	}
	us := (n/10000*3600 + n/100%100*60 + n%100) * 1e6
	if neg {
		us = -us
	}
	return Time(us, 0), true
}
