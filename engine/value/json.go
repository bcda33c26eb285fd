package value

import (
	"math"
	"sort"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxJSONDepth is MySQL's limit on the nesting of a JSON document.
const maxJSONDepth = 100

// JSONError says where a JSON text is wrong, in MySQL's words.
type JSONError struct {
	Reason  string
	Pos     int  // byte position
	TooDeep bool // MySQL's error 3157
}

func (e *JSONError) Error() string { return e.Reason }

// NormalizeJSON returns text as MySQL prints it: object keys sorted by length and then bytes with the last of
// duplicates kept, ", " and ": " as separators, escapes reduced to what is needed. Integers are kept exactly, whatever
// their length; numbers with a point or exponent are doubles. Errors are *JSONError.
func NormalizeJSON(text string) (string, error) {
	p := jsonParser{s: text, out: make([]byte, 0, len(text)+len(text)/8)}
	p.space()
	if p.pos == len(p.s) {
		return "", p.fail("The document is empty.")
	}
	if err := p.value(0); err != nil {
		return "", err
	}
	p.space()
	if p.pos != len(p.s) {
		return "", p.fail("The document root must not be followed by other values.")
	}
	return string(p.out), nil
}

// jsonParser reads a text and writes its normalised form.
type jsonParser struct {
	s   string
	pos int
	out []byte
}

func (p *jsonParser) fail(reason string) error { return &JSONError{Reason: reason, Pos: p.pos} }

func (p *jsonParser) space() {
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

// peek returns the next byte, 0 at the end.
func (p *jsonParser) peek() byte {
	if p.pos < len(p.s) {
		return p.s[p.pos]
	}
	return 0
}

func (p *jsonParser) value(depth int) error {
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == '"':
		return p.str()
	case c == '-' || isDigit(c):
		return p.number()
	}
	for _, word := range [...]string{"null", "true", "false"} {
		if strings.HasPrefix(p.s[p.pos:], word) {
			p.pos += len(word)
			p.out = append(p.out, word...)
			return nil
		}
	}
	return p.fail("Invalid value.")
}

func (p *jsonParser) enter(depth int) error {
	if depth > maxJSONDepth {
		return &JSONError{Reason: "The JSON document exceeds the maximum depth.", Pos: p.pos, TooDeep: true}
	}
	p.pos++
	p.space()
	return nil
}

func (p *jsonParser) array(depth int) error {
	if err := p.enter(depth); err != nil {
		return err
	}
	p.out = append(p.out, '[')
	if p.peek() == ']' {
		p.pos++
		p.out = append(p.out, ']')
		return nil
	}
	for {
		if err := p.value(depth); err != nil {
			return err
		}
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
			p.space()
			p.out = append(p.out, ", "...)
		case ']':
			p.pos++
			p.out = append(p.out, ']')
			return nil
		default:
			return p.fail("Missing a comma or ] after an array element.")
		}
	}
}

// member is a key and its value within the output, before sorting.
type member struct {
	key        string // escaped, with quotes; for the order see less
	raw        string // unescaped
	start, end int    // of the value
	index      int
}

func (p *jsonParser) object(depth int) error {
	if err := p.enter(depth); err != nil {
		return err
	}
	start := len(p.out)
	var members []member
	if p.peek() == '}' {
		p.pos++
		p.out = append(p.out, "{}"...)
		return nil
	}
	for {
		if p.peek() != '"' {
			return p.fail("Missing a name for object member.")
		}
		keyStart := len(p.out)
		if err := p.str(); err != nil {
			return err
		}
		key := string(p.out[keyStart:])
		p.out = p.out[:keyStart]
		p.space()
		if p.peek() != ':' {
			return p.fail("Missing a colon after a name of object member.")
		}
		p.pos++
		p.space()
		valueStart := len(p.out)
		if err := p.value(depth); err != nil {
			return err
		}
		members = append(members, member{key: key, raw: unescapeKey(key), start: valueStart, end: len(p.out), index: len(members)})
		p.space()
		switch p.peek() {
		case ',':
			p.pos++
			p.space()
		case '}':
			p.pos++
			p.putObject(start, members)
			return nil
		default:
			return p.fail("Missing a comma or } after an object member.")
		}
	}
}

// putObject replaces the values in p.out[start:] by the sorted object.
func (p *jsonParser) putObject(start int, members []member) {
	sort.Slice(members, func(i, j int) bool {
		a, b := &members[i], &members[j]
		if len(a.raw) != len(b.raw) {
			return len(a.raw) < len(b.raw)
		}
		if a.raw != b.raw {
			return a.raw < b.raw
		}
		return a.index < b.index
	})
	values := string(p.out[start:])
	p.out = append(p.out[:start], '{')
	first := true
	for i := range members {
		m := &members[i]
		if i+1 < len(members) && members[i+1].raw == m.raw {
			continue // a later one of the same name wins
		}
		if !first {
			p.out = append(p.out, ", "...)
		}
		first = false
		p.out = append(p.out, m.key...)
		p.out = append(p.out, ": "...)
		p.out = append(p.out, values[m.start-start:m.end-start]...)
	}
	p.out = append(p.out, '}')
}

// unescapeKey returns the text of a string that str wrote.
func unescapeKey(quoted string) string {
	s := quoted[1 : len(quoted)-1]
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	u, err := UnquoteJSON(quoted)
	if err != nil {
		return s
	}
	return u
}

// str reads a string and writes it with the escapes that MySQL writes.
func (p *jsonParser) str() error {
	p.pos++
	p.out = append(p.out, '"')
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; {
		case c == '"':
			p.pos++
			p.out = append(p.out, '"')
			return nil
		case c == '\\':
			if err := p.escape(); err != nil {
				return err
			}
		case c < ' ':
			return p.fail("Invalid encoding in string.")
		case c < utf8.RuneSelf:
			p.out = append(p.out, c)
			p.pos++
		default:
			r, n := utf8.DecodeRuneInString(p.s[p.pos:])
			if r == utf8.RuneError && n == 1 {
				return p.fail("Invalid encoding in string.")
			}
			p.out = append(p.out, p.s[p.pos:p.pos+n]...)
			p.pos += n
		}
	}
	return p.fail("Missing a closing quotation mark in string.")
}

// escape reads one escape sequence.
func (p *jsonParser) escape() error {
	if p.pos+1 >= len(p.s) {
		p.pos++
		return p.fail("Missing a closing quotation mark in string.")
	}
	c := p.s[p.pos+1]
	switch c {
	case '"', '\\', '/':
		p.out = appendJSONRune(p.out, rune(c))
	case 'b':
		p.out = appendJSONRune(p.out, '\b')
	case 'f':
		p.out = appendJSONRune(p.out, '\f')
	case 'n':
		p.out = appendJSONRune(p.out, '\n')
	case 'r':
		p.out = appendJSONRune(p.out, '\r')
	case 't':
		p.out = appendJSONRune(p.out, '\t')
	case 'u':
		return p.unicodeEscape()
	default:
		return p.fail("Invalid escape character in string.")
	}
	p.pos += 2
	return nil
}

func (p *jsonParser) unicodeEscape() error {
	r, ok := p.hex4(p.pos + 2)
	if !ok {
		return p.fail("Incorrect hex digit after \\u escape in string.")
	}
	n := 6
	if utf16.IsSurrogate(r) {
		low, ok := rune(0), false
		if strings.HasPrefix(p.s[min(p.pos+6, len(p.s)):], "\\u") {
			low, ok = p.hex4(p.pos + 8)
		}
		if r = utf16.DecodeRune(r, low); !ok || r == utf8.RuneError {
			return p.fail("The surrogate pair in string is invalid.")
		}
		n = 12
	}
	p.out = appendJSONRune(p.out, r)
	p.pos += n
	return nil
}

// hex4 reads four hexadecimal digits at position i.
func (p *jsonParser) hex4(i int) (r rune, ok bool) {
	if i+4 > len(p.s) {
		return 0, false
	}
	for _, c := range []byte(p.s[i : i+4]) {
		switch {
		case isDigit(c):
			r = r<<4 | rune(c-'0')
		case c|0x20 >= 'a' && c|0x20 <= 'f':
			r = r<<4 | rune(c|0x20-'a'+10)
		default:
			return 0, false
		}
	}
	return r, true
}

// appendJSONRune writes a character inside a JSON string.
func appendJSONRune(dst []byte, r rune) []byte {
	switch r {
	case '"', '\\':
		return append(dst, '\\', byte(r))
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	if r < ' ' {
		const hex = "0123456789abcdef"
		return append(dst, '\\', 'u', '0', '0', hex[r>>4], hex[r&15])
	}
	return utf8.AppendRune(dst, r)
}

// AppendJSONString appends s as a JSON string.
func AppendJSONString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		dst = appendJSONRune(dst, r)
	}
	return append(dst, '"')
}

// UnquoteJSON returns the text of a JSON string literal.
func UnquoteJSON(quoted string) (string, error) {
	if len(quoted) < 2 || quoted[0] != '"' {
		return "", &JSONError{Reason: "Invalid value."}
	}
	if s := quoted[1 : len(quoted)-1]; quoted[len(quoted)-1] == '"' && !strings.ContainsAny(s, "\\\"") {
		return s, nil
	}
	out := make([]byte, 0, len(quoted))
	p := jsonParser{s: quoted, pos: 1}
	for p.pos < len(p.s) {
		switch c := p.s[p.pos]; c {
		case '"':
			if p.pos+1 != len(p.s) {
				return "", p.fail("The document root must not be followed by other values.")
			}
			return string(out), nil
		case '\\':
			p.out = p.out[:0]
			if err := p.escape(); err != nil {
				return "", err
			}
			out = append(out, plainJSONRune(p.out)...)
		default:
			out = append(out, c)
			p.pos++
		}
	}
	return "", p.fail("Missing a closing quotation mark in string.")
}

// plainJSONRune undoes appendJSONRune.
func plainJSONRune(b []byte) []byte {
	if b[0] != '\\' {
		return b
	}
	switch b[1] {
	case 'b':
		return []byte{'\b'}
	case 'f':
		return []byte{'\f'}
	case 'n':
		return []byte{'\n'}
	case 'r':
		return []byte{'\r'}
	case 't':
		return []byte{'\t'}
	case 'u':
		n, _ := strconv.ParseUint(string(b[2:]), 16, 8)
		return []byte{byte(n)}
	}
	return b[1:]
}

// number reads a number.
func (p *jsonParser) number() error {
	start := p.pos
	if p.peek() == '-' {
		p.pos++
	}
	switch {
	case p.peek() == '0':
		p.pos++
	case isDigit(p.peek()):
		p.digits()
	default:
		return p.fail("Invalid value.")
	}
	isFloat := false
	if p.peek() == '.' {
		isFloat = true
		p.pos++
		if !p.digits() {
			return p.fail("Miss fraction part in number.")
		}
	}
	if c := p.peek(); c == 'e' || c == 'E' {
		isFloat = true
		p.pos++
		if c := p.peek(); c == '+' || c == '-' {
			p.pos++
		}
		if !p.digits() {
			return p.fail("Miss exponent in number.")
		}
	}
	text := p.s[start:p.pos]
	if !isFloat && len(text) < 300 { // longer ones may be beyond any double, which MySQL refuses
		if text == "-0" {
			text = "0"
		}
		p.out = append(p.out, text...)
		return nil
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && math.IsInf(f, 0) {
		p.pos = start
		return p.fail("Number too big to be stored in double.")
	}
	if isFloat {
		p.out = AppendJSONFloat(p.out, f)
	} else {
		p.out = append(p.out, text...)
	}
	return nil
}

func (p *jsonParser) digits() bool {
	start := p.pos
	for isDigit(p.peek()) {
		p.pos++
	}
	return p.pos > start
}

// AppendJSONFloat appends a double as MySQL prints it inside JSON: 1.0, 2.5, 1e20.
func AppendJSONFloat(dst []byte, f float64) []byte {
	start := len(dst)
	dst = AppendFloat(dst, f, false)
	for _, c := range dst[start:] {
		if c == '.' || c == 'e' {
			return dst
		}
	}
	return append(dst, '.', '0')
}

// jsonScalarText returns what a JSON scalar is in numeric context: the text of a string, 1 and 0 for booleans.
func jsonScalarText(s string) string {
	switch {
	case s == "true":
		return "1"
	case s == "false":
		return "0"
	case s != "" && s[0] == '"':
		if u, err := UnquoteJSON(s); err == nil {
			return u
		}
	}
	return s
}
