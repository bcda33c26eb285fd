package parse

// operator reads a token that starts with c, which is no digit and no letter.
func (l *lexer) operator(t *token, c byte) {
	d := l.at(l.pos + 1)
	n := int32(1)
	t.kind = tokenKind(c)
	switch c {
	case '\'':
		l.quoted(t, c, tkString)
		return
	case '"':
		if l.mode&ANSIQuotes != 0 {
			l.quoted(t, c, tkQuoted)
		} else {
			l.quoted(t, c, tkString)
		}
		return
	case '`':
		l.quoted(t, c, tkQuoted)
		return
	case '.':
		if isDigit(d) {
			l.pos++
			l.fraction(t)
			return
		}
		if int(l.pos)+1 < len(l.src) && isIdentByte(d) {
			l.dotState = dotIdent
		}
	case '@':
		l.variable(t, d)
		return
	case ':':
		switch {
		case d == '=':
			t.kind, n = tkAssign, 2
		case isIdentByte(d) && !isDigit(d):
			l.pos++
			for int(l.pos) < len(l.src) && isIdentByte(l.src[l.pos]) {
				l.pos++
			}
			t.kind = tkNamed
			return
		}
	case '?':
		t.kind = tkParam
		if int(l.pos)+1 < len(l.src) && isIdentByte(d) {
			t.kind = tkBad
		}
	default:
		if kind, width := compound(c, d, l.at(l.pos+2)); width > 0 {
			t.kind, n = kind, width
		} else if !singleOperator(c) {
			t.kind = tkBad
		}
	}
	l.pos += n
}

// compound recognises the operators of two and three bytes.
func compound(c, d, e byte) (tokenKind, int32) {
	switch c {
	case '<':
		switch {
		case d == '=' && e == '>':
			return tkNullSafeEq, 3
		case d == '=':
			return tkLessEq, 2
		case d == '>':
			return tkNotEq, 2
		case d == '<':
			return tkShiftLeft, 2
		}
	case '>':
		switch d {
		case '=':
			return tkGreaterEq, 2
		case '>':
			return tkShiftRight, 2
		}
	case '!':
		if d == '=' {
			return tkNotEq, 2
		}
	case '&':
		if d == '&' {
			return tkAndAnd, 2
		}
	case '|':
		if d == '|' {
			return tkOrOr, 2
		}
	case '-':
		switch {
		case d == '>' && e == '>':
			return tkArrowText, 3
		case d == '>':
			return tkArrow, 2
		}
	}
	return 0, 0
}

// singleOperator reports whether c alone is a token of the grammar.
func singleOperator(c byte) bool {
	switch c {
	case '(', ')', ',', ';', '=', '<', '>', '!', '+', '-', '*', '/', '%', '^', '~', '&', '|', '{', '}':
		return true
	}
	return false
}

// variable reads @name, @'name' and @`name`, or the @@ before a system variable.
func (l *lexer) variable(t *token, d byte) {
	l.pos++
	switch d {
	case '@':
		l.pos++
		t.kind = tkAtAt
		switch {
		case int(l.pos) < len(l.src) && isIdentByte(l.src[l.pos]):
			l.dotState = dotIdent // the name, whatever it spells
		case l.at(l.pos) != '`':
			l.bad(t, t.start)
		}
		return
	case '\'', '"', '`':
		kind := tkString
		if d == '`' || l.mode&ANSIQuotes != 0 && d == '"' {
			kind = tkQuoted
		}
		l.quoted(t, d, kind)
		if t.kind == kind {
			t.kind = tkAt
		}
		return
	}
	from := l.pos
	for int(l.pos) < len(l.src) && (isIdentByte(l.src[l.pos]) || l.src[l.pos] == '.') {
		l.pos++
	}
	t.kind = tkAt
	if l.pos == from {
		t.kind = tkBad
	}
}

// charsetNames are the character sets that may stand after an underscore before a string.
var charsetNames = map[string]bool{
	"armscii8": true, "ascii": true, "big5": true, "binary": true, "cp1250": true, "cp1251": true, "cp1256": true,
	"cp1257": true, "cp850": true, "cp852": true, "cp866": true, "cp932": true, "dec8": true, "eucjpms": true,
	"euckr": true, "gb18030": true, "gb2312": true, "gbk": true, "geostd8": true, "greek": true, "hebrew": true,
	"hp8": true, "keybcs2": true, "koi8r": true, "koi8u": true, "latin1": true, "latin2": true, "latin5": true,
	"latin7": true, "macce": true, "macroman": true, "sjis": true, "swe7": true, "tis620": true, "ucs2": true,
	"ujis": true, "utf16": true, "utf16le": true, "utf32": true, "utf8": true, "utf8mb3": true, "utf8mb4": true,
}

// isCharset reports whether name, in any case, is a character set.
func isCharset(name string) bool {
	if len(name) < 3 || len(name) > 8 {
		return false
	}
	var low [8]byte
	for i := 0; i < len(name); i++ {
		c := name[i]
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		low[i] = c
	}
	return charsetNames[string(low[:len(name)])]
}
