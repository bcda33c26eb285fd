package value

import "time"

// Civil is a date and time taken apart. Month and Day may be 0 (zero dates).
type Civil struct {
	Year, Month, Day, Hour, Minute, Second, Micro int
}

// The packed form is MySQL's: year×13+month (17 bits), day (5), hour (5), minute (6), second (6), microsecond
// (24). Order of the numbers is order in time, and zero dates sort before the dates of their month.
const (
	microBits = 24
	timeBits  = 17 // hour, minute, second
	dayBits   = 5
	dateShift = microBits + timeBits // packed >> dateShift is the date alone, 22 bits
)

// PackDateTime packs a date and time into an int64 whose order is the order of time. Zero dates pack too.
func PackDateTime(year, month, day, hour, minute, second, micro int) int64 {
	ymd := int64(year*13+month)<<dayBits | int64(day)
	hms := int64(hour)<<12 | int64(minute)<<6 | int64(second)
	return (ymd<<timeBits|hms)<<microBits | int64(micro)
}

// UnpackDateTime is the inverse of PackDateTime.
func UnpackDateTime(packed int64) Civil {
	hms := packed >> microBits
	ymd := packed >> dateShift
	ym := ymd >> dayBits
	return Civil{
		Year: int(ym / 13), Month: int(ym % 13), Day: int(ymd & 31),
		Hour: int(hms >> 12 & 31), Minute: int(hms >> 6 & 63), Second: int(hms & 63),
		Micro: int(packed & (1<<microBits - 1)),
	}
}

// PackDate packs a date; the time part is zero.
func PackDate(year, month, day int) int64 { return PackDateTime(year, month, day, 0, 0, 0, 0) }

// Pack packs c.
func (c Civil) Pack() int64 {
	return PackDateTime(c.Year, c.Month, c.Day, c.Hour, c.Minute, c.Second, c.Micro)
}

// PackedValid reports whether packed unpacks to fields in their ranges: a year up to 9999, a month up to 12, a
// time of day. It does not ask whether the date exists.
func PackedValid(packed int64) bool {
	if packed < 0 {
		return false
	}
	c := UnpackDateTime(packed)
	return c.Year <= 9999 && c.Hour <= 23 && c.Minute <= 59 && c.Second <= 59 && c.Micro <= 999999
}

// DateOf returns the packed date of a packed date and time.
func DateOf(packed int64) int64 { return packed >> dateShift << dateShift }

// Exists reports whether c's date is in the calendar.
func (c Civil) Exists() bool {
	return c.Month >= 1 && c.Day >= 1 && c.Day <= DaysInMonth(c.Year, c.Month)
}

// TimeMicros returns the time of day in microseconds.
func (c Civil) TimeMicros() int64 {
	return (int64(c.Hour)*3600+int64(c.Minute)*60+int64(c.Second))*1e6 + int64(c.Micro)
}

// SetTimeMicros sets the time of day from microseconds within a day.
func (c *Civil) SetTimeMicros(us int64) {
	c.Micro = int(us % 1e6)
	s := int(us / 1e6)
	c.Hour, c.Minute, c.Second = s/3600, s/60%60, s%60
}

// AddMicros moves c by us microseconds along the calendar; ok is false outside the years 0 to 9999, or when c's
// date does not exist.
func (c Civil) AddMicros(us int64) (out Civil, ok bool) {
	const day = 24 * 3600 * 1e6
	if !c.Exists() {
		return c, false
	}
	t := c.TimeMicros() + us%day
	days := us / day
	if t < 0 {
		t += day
		days--
	} else if t >= day {
		t -= day
		days++
	}
	if days > 4e6 || days < -4e6 {
		return c, false
	}
	c.SetTimeMicros(t)
	if days == 0 {
		return c, true
	}
	c.Year, c.Month, c.Day = CivilFromDays(DaysFromCivil(c.Year, c.Month, c.Day) + int(days))
	return c, c.Year >= 0 && c.Year <= 9999
}

// AddMonths moves c by n months; a day beyond the end of the month becomes its last day.
func (c Civil) AddMonths(n int) (out Civil, ok bool) {
	m := c.Year*12 + c.Month - 1 + n
	if m < 0 || m/12 > 9999 {
		return c, false
	}
	c.Year, c.Month = m/12, m%12+1
	c.Day = min(c.Day, DaysInMonth(c.Year, c.Month))
	return c, true
}

func (c Civil) dateNumber() int64 { return int64(c.Year)*10000 + int64(c.Month)*100 + int64(c.Day) }
func (c Civil) timeNumber() int64 { return int64(c.Hour)*10000 + int64(c.Minute)*100 + int64(c.Second) }

// daysBeforeYear0 is the day number of 0000-03-01, from which the era arithmetic below counts.
const daysBeforeYear0 = -719468

// DaysFromCivil returns the day number of a date of the proleptic Gregorian calendar; 1970-01-01 is 0.
func DaysFromCivil(year, month, day int) int {
	// Years start in March here, so that the leap day is the last of its year; an era is 400 years.
	if month <= 2 {
		year--
		month += 12
	}
	era := floorDiv(year, 400)
	yearOfEra := year - era*400
	dayOfYear := (153*(month-3)+2)/5 + day - 1
	return era*146097 + yearOfEra*365 + yearOfEra/4 - yearOfEra/100 + dayOfYear + daysBeforeYear0
}

// CivilFromDays is the inverse of DaysFromCivil.
func CivilFromDays(days int) (year, month, day int) {
	days -= daysBeforeYear0
	era := floorDiv(days, 146097)
	dayOfEra := days - era*146097
	yearOfEra := (dayOfEra - dayOfEra/1460 + dayOfEra/36524 - dayOfEra/146096) / 365
	dayOfYear := dayOfEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100)
	m := (5*dayOfYear + 2) / 153
	day = dayOfYear - (153*m+2)/5 + 1
	year, month = yearOfEra+era*400, m+3
	if month > 12 {
		year++
		month -= 12
	}
	return year, month, day
}

func floorDiv(a, b int) int {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

// DaysInMonth returns 28 to 31, or 0 for a month that is not 1 to 12.
func DaysInMonth(year, month int) int {
	switch month {
	case 1, 3, 5, 7, 8, 10, 12:
		return 31
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 0
}

// civilFromTime takes t's civil fields in its own location, cut to microseconds.
func civilFromTime(t time.Time) Civil {
	y, mo, d := t.Date()
	h, mi, s := t.Clock()
	return Civil{y, int(mo), d, h, mi, s, t.Nanosecond() / 1000}
}

// DateTimeFromTime returns t's civil date and time in t's own location, rounded to fsp digits. Years outside 0 to
// 9999 give the zero date.
func DateTimeFromTime(t time.Time, fsp uint8) Value {
	if fsp > 6 {
		fsp = 6
	}
	unit := time.Second
	for range fsp {
		unit /= 10
	}
	// Rounding in civil time: time.Round works on absolute time, the same thing for units below a minute.
	t = t.Round(unit)
	c := civilFromTime(t)
	if c.Year < 0 || c.Year > 9999 {
		return DateTime(0, fsp)
	}
	return DateTime(c.Pack(), fsp)
}

// DateFromTime returns t's civil date in t's own location.
func DateFromTime(t time.Time) Value {
	y, m, d := t.Date()
	if y < 0 || y > 9999 {
		return Date(0)
	}
	return Date(PackDate(y, int(m), d))
}

// Civil returns the fields of a KindDate or KindDateTime.
func (v Value) Civil() Civil { return UnpackDateTime(int64(v.n)) }

// ToTime returns a KindDate or KindDateTime as a time in loc (UTC when nil); ok is false for dates that do not
// exist (zero dates) and other kinds.
func (v Value) ToTime(loc *time.Location) (t time.Time, ok bool) {
	if v.kind != KindDate && v.kind != KindDateTime {
		return time.Time{}, false
	}
	c := v.Civil()
	if !c.Exists() {
		return time.Time{}, false
	}
	if loc == nil {
		loc = time.UTC
	}
	return time.Date(c.Year, time.Month(c.Month), c.Day, c.Hour, c.Minute, c.Second, c.Micro*1000, loc), true
}

// MaxTimeMicros is the greatest TIME, 838:59:59, in microseconds.
const MaxTimeMicros = (838*3600 + 59*60 + 59) * 1e6

// fspUnit is the number of microseconds in the last of fsp digits.
var fspUnit = [7]int64{1e6, 1e5, 1e4, 1e3, 100, 10, 1}

// RoundFsp rounds a KindDateTime or KindTime to fsp digits, half away from zero; ok is false when the result is beyond
// year 9999. Other kinds come back as they are.
func RoundFsp(v Value, fsp uint8) (out Value, ok bool) {
	if fsp > 6 {
		fsp = 6
	}
	unit := fspUnit[fsp]
	switch v.kind {
	case KindTime:
		us := int64(v.n)
		r := us % unit
		us -= r
		if 2*r >= unit {
			us += unit
		} else if 2*r <= -unit {
			us -= unit
		}
		return Time(max(min(us, MaxTimeMicros), -MaxTimeMicros), fsp), true
	case KindDateTime:
		us := int64(v.n) & (1<<microBits - 1)
		r := us % unit
		p := int64(v.n) - r
		if 2*r < unit {
			return DateTime(p, fsp), true
		}
		if us-r+unit < 1e6 {
			return DateTime(p+unit, fsp), true
		}
		c := UnpackDateTime(p - (us - r))
		if c.Second < 59 {
			c.Second++
			return DateTime(c.Pack(), fsp), true
		}
		c, ok := c.AddMicros(1e6)
		return DateTime(c.Pack(), fsp), ok
	}
	return v, true
}

// TruncateFsp cuts a KindDateTime or KindTime to fsp digits.
func TruncateFsp(v Value, fsp uint8) Value {
	if fsp > 6 {
		fsp = 6
	}
	switch v.kind {
	case KindTime:
		us := int64(v.n)
		return Time(us-us%fspUnit[fsp], fsp)
	case KindDateTime:
		us := int64(v.n) & (1<<microBits - 1)
		return DateTime(int64(v.n)-us%fspUnit[fsp], fsp)
	}
	return v
}

func append2(dst []byte, n int) []byte { return append(dst, byte('0'+n/10%10), byte('0'+n%10)) }

func appendDate(dst []byte, c Civil) []byte {
	dst = append2(append2(dst, c.Year/100), c.Year)
	dst = append2(append(dst, '-'), c.Month)
	return append2(append(dst, '-'), c.Day)
}

func appendDateTime(dst []byte, c Civil, fsp uint8) []byte {
	dst = append2(append(appendDate(dst, c), ' '), c.Hour)
	dst = append2(append(dst, ':'), c.Minute)
	dst = append2(append(dst, ':'), c.Second)
	return appendFraction(dst, int64(c.Micro), fsp)
}

func appendTime(dst []byte, us int64, fsp uint8) []byte {
	if us < 0 {
		dst = append(dst, '-')
		us = -us
	}
	s := us / 1e6
	dst = appendPadded(dst, uint64(s/3600), 2)
	dst = append2(append(dst, ':'), int(s/60%60))
	dst = append2(append(dst, ':'), int(s%60))
	return appendFraction(dst, us%1e6, fsp)
}

func appendFraction(dst []byte, us int64, fsp uint8) []byte {
	if fsp == 0 {
		return dst
	}
	if fsp > 6 {
		fsp = 6
	}
	dst = append(dst, '.')
	return appendPadded(dst, uint64(us/fspUnit[fsp]), int(fsp))
}

// DateBits returns the 22 bits of a packed date, as rows store it.
func DateBits(packed int64) uint32 { return uint32(packed >> dateShift) }

// DateFromBits is the inverse of DateBits.
func DateFromBits(bits uint32) int64 { return int64(bits) << dateShift }
