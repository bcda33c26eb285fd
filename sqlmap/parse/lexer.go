package parse

import "strings"

// lexer cuts a text into tokens, one at a time and without copying. It is a value: a copy is a place to come
// back to.
type lexer struct {
	src     string
	pos     int32 // of the next byte
	version int32
	mode    Mode
	// dotState follows an identifier right before a dot (dotNext), and a dot or @@ right before an identifier byte
	// (dotIdent): `a.1` is column 1 of a, and after a dot no word is a keyword.
	dotState   dotState
	inVersion  bool // inside /*! … */
	sawVersion bool // has been
	hint       bool // /*+ … */ is a token here
}

type dotState uint8

const (
	dotNone dotState = iota
	dotNext
	dotIdent
)

// at returns the byte at i, or 0 beyond the text.
func (l *lexer) at(i int32) byte {
	if int(i) < len(l.src) {
		return l.src[i]
	}
	return 0
}

// next reads one token.
func (l *lexer) next(t *token) {
	t.kw, t.escaped = noKeyword, false
	if l.dotState != dotNone {
		l.nextAfterDot(t)
		return
	}
	if !l.skipBlanks(t) {
		return
	}
	if int(l.pos) >= len(l.src) {
		t.start, t.end, t.kind = l.pos, l.pos, tkEOF
		if l.inVersion {
			t.kind = tkBad
		}
		return
	}
	t.start = l.pos
	c := l.src[l.pos]
	switch {
	case isDigit(c):
		l.number(t)
	case isIdentByte(c):
		l.word(t)
	default:
		l.operator(t, c)
	}
	t.end = l.pos
}

// nextAfterDot reads the dot that follows an identifier, or the identifier that follows a dot.
func (l *lexer) nextAfterDot(t *token) {
	t.start = l.pos
	if l.dotState == dotNext {
		l.pos++
		t.kind, t.end = '.', l.pos
		l.dotState = dotIdent // the lexer looked: an identifier byte follows
		return
	}
	l.dotState = dotNone
	l.identBytes()
	t.kind, t.end = tkIdent, l.pos
}

// identBytes skips identifier bytes and notes a dot that continues the name.
func (l *lexer) identBytes() {
	i := l.pos
	for int(i) < len(l.src) && isIdentByte(l.src[i]) {
		i++
	}
	l.pos = i
	if l.at(i) == '.' && int(i)+1 < len(l.src) && isIdentByte(l.src[i+1]) {
		l.dotState = dotNext
	}
}

// skipBlanks skips white space and comments. It returns false when it made t a token: a hint, or an unclosed comment.
func (l *lexer) skipBlanks(t *token) bool {
	for int(l.pos) < len(l.src) {
		c := l.src[l.pos]
		switch {
		case isSpace(c):
			l.pos++
		case c == '#':
			l.skipLine()
		case c == '-' && l.at(l.pos+1) == '-' && l.endsDashes(l.pos+2):
			l.skipLine()
		case c == '/' && l.at(l.pos+1) == '*':
			if !l.comment(t) {
				return false
			}
		case c == '*' && l.inVersion && l.at(l.pos+1) == '/':
			l.inVersion = false
			l.pos += 2
		default:
			return true
		}
	}
	return true
}

// endsDashes reports whether `--` before i starts a comment: white space, a control character or the end follows.
func (l *lexer) endsDashes(i int32) bool {
	if int(i) >= len(l.src) {
		return true
	}
	c := l.src[i]
	return c <= ' ' || c == 0x7f
}

func (l *lexer) skipLine() {
	if n := strings.IndexByte(l.src[l.pos:], '\n'); n >= 0 {
		l.pos += int32(n) + 1
	} else {
		l.pos = int32(len(l.src))
	}
}

// comment skips a /* comment, or enters one whose content is code. It returns false when it made t a token.
func (l *lexer) comment(t *token) bool {
	start := l.pos
	switch l.at(start + 2) {
	case '!':
		if l.inVersion {
			break // inside another one it is an ordinary comment
		}
		l.pos += 3
		digits := int32(0)
		for digits < 6 && isDigit(l.at(l.pos+digits)) {
			digits++
		}
		if digits < 5 {
			l.inVersion, l.sawVersion = true, true
			return true
		}
		n := int32(0)
		for i := int32(0); i < digits; i++ {
			n = n*10 + int32(l.src[l.pos+i]-'0')
		}
		l.pos += digits
		if n <= l.version {
			l.inVersion, l.sawVersion = true, true
			return true
		}
		if l.skipComment(true) {
			return true
		}
		return l.bad(t, start)
	case '+':
		if l.hint {
			l.pos += 3
			if !l.skipComment(false) {
				return l.bad(t, start)
			}
			t.kind, t.start, t.end = tkHint, start, l.pos
			return false
		}
	}
	l.pos += 2
	if l.skipComment(false) {
		return true
	}
	return l.bad(t, start)
}

// skipComment skips to the end of a comment whose start has been read; with nest, comments inside it too.
func (l *lexer) skipComment(nest bool) bool {
	for {
		n := strings.IndexAny(l.src[l.pos:], "*/")
		if n < 0 {
			l.pos = int32(len(l.src))
			return false
		}
		l.pos += int32(n)
		c, d := l.src[l.pos], l.at(l.pos+1)
		l.pos++
		switch {
		case c == '*' && d == '/':
			l.pos++
			return true
		case c == '/' && d == '*' && nest:
			l.pos++
			if !l.skipComment(false) {
				return false
			}
		}
	}
}

// bad makes t the token that no grammar rule takes, from start; the lexer stands at the end of the text.
func (l *lexer) bad(t *token, start int32) bool {
	l.pos = int32(len(l.src))
	t.kind, t.start, t.end = tkBad, start, l.pos
	return false
}

// word reads an identifier, a keyword, or what starts like one: N'x', x'4d', b'1', _charset.
func (l *lexer) word(t *token) {
	if l.at(l.pos+1) == '\'' {
		switch l.src[l.pos] {
		case 'n', 'N':
			l.pos++
			l.quoted(t, '\'', tkNational)
			return
		case 'x', 'X':
			l.digitString(t, tkHex)
			return
		case 'b', 'B':
			l.digitString(t, tkBit)
			return
		}
	}
	l.identBytes()
	t.kind = tkIdent
	text := l.src[t.start:l.pos]
	if text[0] == '_' && isCharset(text[1:]) {
		t.kind = tkCharset
		return
	}
	kw := lookupKeyword(text)
	if kw == noKeyword || l.dotState == dotNext {
		return // before a dot only a qualifier makes sense; the parser sees to reserved ones
	}
	switch attr := keywordAttr[kw]; {
	case attr&attrReserved != 0:
		t.kind = tkReserved
	case attr&attrFunction != 0 && !l.beforeParen():
		return
	}
	t.kw = kw
}

// beforeParen reports whether a parenthesis follows, blanks before it only under IGNORE_SPACE.
func (l *lexer) beforeParen() bool {
	i := l.pos
	if l.mode&IgnoreSpace != 0 {
		for int(i) < len(l.src) && isSpace(l.src[i]) {
			i++
		}
	}
	return l.at(i) == '('
}

// number reads a number, or an identifier that starts with digits.
func (l *lexer) number(t *token) {
	i := l.pos
	if l.src[i] == '0' {
		if n := l.prefixed(i+2, l.at(i+1)); n > 0 {
			l.pos = n
			t.kind = tkHex
			if l.src[i+1] == 'b' {
				t.kind = tkBit
			}
			return
		}
	}
	for isDigit(l.at(i)) {
		i++
	}
	switch c := l.at(i); {
	case int(i) >= len(l.src) || !isIdentByte(c):
		l.pos = i
		if c == '.' {
			l.pos++
			l.fraction(t)
			return
		}
		t.kind = tkInt
		return
	case c == 'e' || c == 'E':
		j := i + 1
		if d := l.at(j); d == '+' || d == '-' {
			j++
		}
		if isDigit(l.at(j)) {
			for isDigit(l.at(j)) {
				j++
			}
			l.pos = j
			t.kind = tkFloat
			return
		}
	}
	l.identBytes()
	t.kind = tkIdent
}

// prefixed returns the end of the digits of 0x or 0b (marker) at i, or 0 when what stands there is no such number.
func (l *lexer) prefixed(i int32, marker byte) int32 {
	j := i
	switch marker {
	case 'x':
		for isHexDigit(l.at(j)) {
			j++
		}
	case 'b':
		for l.at(j) == '0' || l.at(j) == '1' {
			j++
		}
	}
	if j == i || int(j) < len(l.src) && isIdentByte(l.src[j]) {
		return 0
	}
	return j
}

// fraction reads on after the point of a number.
func (l *lexer) fraction(t *token) {
	i := l.pos
	for isDigit(l.at(i)) {
		i++
	}
	t.kind = tkDecimal
	if c := l.at(i); c == 'e' || c == 'E' {
		i++
		if d := l.at(i); d == '+' || d == '-' {
			i++
		}
		if !isDigit(l.at(i)) {
			l.bad(t, t.start)
			return
		}
		for isDigit(l.at(i)) {
			i++
		}
		t.kind = tkFloat
	}
	l.pos = i
}

// digitString reads x'…' and b'…'; t.start is at the letter.
func (l *lexer) digitString(t *token, kind tokenKind) {
	i := l.pos + 2
	from := i
	if kind == tkHex {
		for isHexDigit(l.at(i)) {
			i++
		}
	} else {
		for l.at(i) == '0' || l.at(i) == '1' {
			i++
		}
	}
	if l.at(i) != '\'' || kind == tkHex && (i-from)%2 != 0 {
		l.bad(t, t.start)
		return
	}
	l.pos = i + 1
	t.kind = kind
}

// quoted reads a string or quoted identifier whose opening quote q stands at the position.
func (l *lexer) quoted(t *token, q byte, kind tokenKind) {
	i := l.pos + 1
	escapes := kind != tkQuoted && l.mode&NoBackslashEscapes == 0
	for int(i) < len(l.src) {
		switch c := l.src[i]; {
		case c == q:
			if l.at(i+1) != q {
				l.pos = i + 1
				t.kind = kind
				return
			}
			t.escaped = true
			i += 2
		case c == '\\' && escapes:
			t.escaped = true
			i += 2
		case c == 0 && kind == tkQuoted:
			l.bad(t, t.start)
			return
		default:
			i++
		}
	}
	l.bad(t, t.start)
}
