package value

// timeScan reads the fields of a TIME literal.
type timeScan struct {
	s   string
	pos int
}

// number reads digits; ok is false beyond 32 bits.
func (t *timeScan) number() (n int64, ok bool) {
	for t.pos < len(t.s) && isDigit(t.s[t.pos]) {
		n = n*10 + int64(t.s[t.pos]-'0')
		t.pos++
		if n > 1<<32-1 {
			return 0, false
		}
	}
	return n, true
}

// colon steps over a ':' that a digit follows.
func (t *timeScan) colon() bool {
	if t.pos+1 < len(t.s) && t.s[t.pos] == ':' && isDigit(t.s[t.pos+1]) {
		t.pos++
		return true
	}
	return false
}

// clock reads [D ]h[:m[:s]] or hhmmss and returns hours, minutes and seconds.
func (t *timeScan) clock() (h, m, s int64, ok bool) {
	n, ok := t.number()
	if !ok {
		return 0, 0, 0, false
	}
	afterNumber := t.pos
	for t.pos < len(t.s) && isSpace(t.s[t.pos]) {
		t.pos++
	}
	var days int64
	switch {
	case t.pos > afterNumber && t.pos < len(t.s) && isDigit(t.s[t.pos]):
		days = n
		if h, ok = t.number(); !ok {
			return 0, 0, 0, false
		}
	case t.pos == afterNumber && t.pos+1 < len(t.s) && t.s[t.pos] == ':' && isDigit(t.s[t.pos+1]):
		h = n
	default:
		t.pos = afterNumber
		return n / 10000, n / 100 % 100, n % 100, true
	}
	if t.colon() {
		if m, ok = t.number(); !ok {
			return 0, 0, 0, false
		}
		if t.colon() {
			if s, ok = t.number(); !ok {
				return 0, 0, 0, false
			}
		}
	}
	return days*24 + h, m, s, true
}

// fraction reads .digits as microseconds; up is the rounding of the seventh digit.
func (t *timeScan) fraction() (us int64, up bool) {
	if t.pos == len(t.s) || t.s[t.pos] != '.' {
		return 0, false
	}
	t.pos++
	for i := 0; i < 6; i++ {
		us *= 10
		if t.pos < len(t.s) && isDigit(t.s[t.pos]) {
			us += int64(t.s[t.pos] - '0')
			t.pos++
		}
	}
	if t.pos < len(t.s) && isDigit(t.s[t.pos]) {
		up = t.s[t.pos] >= '5'
		for t.pos < len(t.s) && isDigit(t.s[t.pos]) {
			t.pos++
		}
	}
	return us, up
}

// ParseTime parses text as a TIME: [-][D ]hh:mm:ss[.f], hh:mm, hhmmss, ss, or a date and time, of which it takes
// the time. Values beyond ±838:59:59 are clamped and give truncated, as does trailing rubbish.
func ParseTime(text string, fsp uint8) (v Value, truncated, ok bool) {
	t := timeScan{s: text}
	for t.pos < len(text) && isSpace(text[t.pos]) {
		t.pos++
	}
	neg := false
	if t.pos < len(text) && text[t.pos] == '-' {
		neg = true
		t.pos++
	}
	if t.pos == len(text) || !isDigit(text[t.pos]) && text[t.pos] != '.' {
		return Value{}, false, false
	}
	if !neg && len(text)-t.pos >= 12 {
		// Long enough for a date and time.
		const flags = AllowZeroDate | AllowZeroInDate
		if c, up, hasTime, cut, ok := parseCivil(text[t.pos:], flags, nil); ok && hasTime {
			return clampTime(c.TimeMicros(), up, fsp, cut)
		}
	}
	h, m, s, ok := t.clock()
	if !ok || m > 59 || s > 59 {
		return Value{}, false, false
	}
	frac, up := t.fraction()
	if t.pos < len(text) && (text[t.pos] == 'e' || text[t.pos] == 'E') && t.pos+1 < len(text) &&
		(isDigit(text[t.pos+1]) || text[t.pos+1] == '-' || text[t.pos+1] == '+') {
		return Value{}, false, false
	}
	truncated = trimSpace(text[t.pos:]) != ""
	h = min(h, 10000) // far beyond the range, and far from overflow
	us := (h*3600+m*60+s)*1e6 + frac
	if neg {
		us = -us
	}
	return clampTime(us, up, fsp, truncated)
}

// clampTime rounds us to fsp digits and clamps it.
func clampTime(us int64, up bool, fsp uint8, truncated bool) (Value, bool, bool) {
	if up && fsp >= 6 {
		if us < 0 {
			us--
		} else {
			us++
		}
	}
	if us > MaxTimeMicros || us < -MaxTimeMicros {
		us = max(min(us, MaxTimeMicros), -MaxTimeMicros)
		truncated = true
	}
	v, _ := RoundFsp(Time(us, 6), fsp)
	return v, truncated, true
}
