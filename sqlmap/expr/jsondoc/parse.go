package jsondoc

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// SyntaxError says where a text is no JSON.
type SyntaxError struct {
	Reason string
	Pos    int
	Deep   bool // nested deeper than MaxDepth
	Large  bool // more than MaxNodes values
}

func (e *SyntaxError) Error() string { return e.Reason }

type parser struct {
	s     string
	pos   int
	nodes int
}

// Parse parses all of text.
func Parse(text string) (*Node, error) {
	p := &parser{s: text}
	p.space()
	if p.pos == len(p.s) {
		return nil, p.fail("The document is empty.")
	}
	n, err := p.value(1)
	if err != nil {
		return nil, err
	}
	p.space()
	if p.pos != len(p.s) {
		return nil, p.fail("The document root must not be followed by other values.")
	}
	return n, nil
}

func (p *parser) fail(reason string) error { return &SyntaxError{Reason: reason, Pos: p.pos} }

func (p *parser) space() {
	for p.pos < len(p.s) {
		switch p.s[p.pos] {
		case ' ', '\t', '\n', '\r':
			p.pos++
		default:
			return
		}
	}
}

func (p *parser) value(depth int) (*Node, error) {
	if p.pos >= len(p.s) {
		return nil, p.fail("Invalid value.")
	}
	if p.nodes++; p.nodes > MaxNodes {
		return nil, &SyntaxError{Reason: "The JSON document has too many values.", Pos: p.pos, Large: true}
	}
	switch c := p.s[p.pos]; {
	case c == '{' || c == '[':
		if depth > MaxDepth {
			return nil, &SyntaxError{Reason: "The JSON document exceeds the maximum depth.", Pos: p.pos, Deep: true}
		}
		p.pos++
		if c == '{' {
			return p.object(depth)
		}
		return p.array(depth)
	case c == '"':
		s, err := p.str()
		return &Node{Kind: String, Text: s}, err
	case c == '-' || c-'0' <= 9:
		return p.number()
	}
	for word, n := range map[string]Node{"null": {}, "true": {Kind: Bool, Bool: true}, "false": {Kind: Bool}} {
		if strings.HasPrefix(p.s[p.pos:], word) {
			p.pos += len(word)
			return &n, nil
		}
	}
	return nil, p.fail("Invalid value.")
}

func (p *parser) object(depth int) (*Node, error) {
	n := NewObject()
	p.space()
	if p.take('}') {
		return n, nil
	}
	for {
		p.space()
		if p.pos >= len(p.s) || p.s[p.pos] != '"' {
			return nil, p.fail("Missing a name for object member.")
		}
		key, err := p.str()
		if err != nil {
			return nil, err
		}
		p.space()
		if !p.take(':') {
			return nil, p.fail("Missing a colon after a name of object member.")
		}
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.AddMember(key, v)
		p.space()
		if p.take('}') {
			n.Normalize()
			return n, nil
		}
		if !p.take(',') {
			return nil, p.fail("Missing a comma or '}' after an object member.")
		}
	}
}

func (p *parser) array(depth int) (*Node, error) {
	n := NewArray()
	p.space()
	if p.take(']') {
		return n, nil
	}
	for {
		p.space()
		v, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		n.Items = append(n.Items, v)
		p.space()
		if p.take(']') {
			return n, nil
		}
		if !p.take(',') {
			return nil, p.fail("Missing a comma or ']' after an array element.")
		}
	}
}

func (p *parser) take(c byte) bool {
	if p.pos < len(p.s) && p.s[p.pos] == c {
		p.pos++
		return true
	}
	return false
}

func (p *parser) digits() int {
	start := p.pos
	for p.pos < len(p.s) && p.s[p.pos]-'0' <= 9 {
		p.pos++
	}
	return p.pos - start
}

func (p *parser) number() (*Node, error) {
	start := p.pos
	p.take('-')
	first := p.pos
	n := p.digits()
	if n == 0 || n > 1 && p.s[first] == '0' {
		return nil, p.fail("Invalid value.")
	}
	if p.take('.') && p.digits() == 0 {
		return nil, p.fail("Miss fraction part in number.")
	}
	if p.pos < len(p.s) && p.s[p.pos]|0x20 == 'e' {
		p.pos++
		if !p.take('+') {
			p.take('-')
		}
		if p.digits() == 0 {
			return nil, p.fail("Miss exponent in number.")
		}
	}
	return NewNumber(p.s[start:p.pos]), nil
}

// str parses a string whose quote is at pos.
func (p *parser) str() (string, error) {
	p.pos++
	start := p.pos
	for i := start; i < len(p.s); i++ {
		switch c := p.s[i]; {
		case c == '"':
			p.pos = i + 1
			if s := p.s[start:i]; utf8.ValidString(s) {
				return s, nil
			}
			p.pos = start
			return "", p.fail("Invalid encoding in string.")
		case c == '\\':
			return p.escaped(start)
		case c < 0x20:
			p.pos = i
			return "", p.fail("Invalid encoding in string.")
		}
	}
	p.pos = len(p.s)
	return "", p.fail("Missing a closing quotation mark in string.")
}

func (p *parser) escaped(start int) (string, error) {
	var b []byte
	p.pos = start
	for p.pos < len(p.s) {
		c := p.s[p.pos]
		switch {
		case c == '"':
			p.pos++
			if !utf8.Valid(b) {
				return "", p.fail("Invalid encoding in string.")
			}
			return string(b), nil
		case c < 0x20:
			return "", p.fail("Invalid encoding in string.")
		case c != '\\':
			b = append(b, c)
			p.pos++
			continue
		}
		p.pos++
		if p.pos >= len(p.s) {
			break
		}
		c = p.s[p.pos]
		p.pos++
		if c == 'u' {
			r, ok := p.unicode()
			if !ok {
				return "", p.fail("Incorrect hex digit after \\u escape in string.")
			}
			b = utf8.AppendRune(b, r)
			continue
		}
		i := strings.IndexByte(`"\/bfnrt`, c)
		if i < 0 {
			p.pos--
			return "", p.fail("Invalid escape character in string.")
		}
		b = append(b, "\"\\/\b\f\n\r\t"[i])
	}
	return "", p.fail("Missing a closing quotation mark in string.")
}

// unicode reads the digits of \uXXXX, and a second escape when they are half of a surrogate pair.
func (p *parser) unicode() (rune, bool) {
	r, ok := p.hex4()
	if !ok || !utf16.IsSurrogate(r) {
		return r, ok
	}
	if !strings.HasPrefix(p.s[p.pos:], `\u`) {
		return 0, false
	}
	p.pos += 2
	low, ok := p.hex4()
	if !ok {
		return 0, false
	}
	r = utf16.DecodeRune(r, low)
	return r, r != utf8.RuneError
}

func (p *parser) hex4() (rune, bool) {
	if p.pos+4 > len(p.s) {
		return 0, false
	}
	var r rune
	for i := 0; i < 4; i++ {
		d := strings.IndexByte(hexDigits, p.s[p.pos+i]|0x20)
		if p.s[p.pos+i] < '0' || d < 0 {
			return 0, false
		}
		r = r<<4 | rune(d)
	}
	p.pos += 4
	return r, true
}
