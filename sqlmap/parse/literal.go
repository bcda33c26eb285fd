package parse

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// content returns what stands between the quotes of t: a string, a quoted identifier or a quoted variable name.
func (p *parser) content(t *token) string {
	s := p.lex.src[t.start:t.end]
	switch t.kind {
	case tkNational, tkAt:
		s = s[1:]
	}
	q := s[0]
	s = s[1 : len(s)-1]
	if !t.escaped {
		return s
	}
	identifier := q == '`' || q == '"' && p.lex.mode&ANSIQuotes != 0
	return unescape(s, q, !identifier && p.lex.mode&NoBackslashEscapes == 0)
}

// unescape resolves doubled quotes and, with backslash, escapes. \% and \_ stay as they are, for LIKE.
func unescape(s string, q byte, backslash bool) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == q:
			i++ // the second of two
		case c == '\\' && backslash && i+1 < len(s):
			i++
			switch c = s[i]; c {
			case 'n':
				c = '\n'
			case 't':
				c = '\t'
			case 'r':
				c = '\r'
			case 'b':
				c = '\b'
			case '0':
				c = 0
			case 'Z':
				c = 26
			case '%', '_':
				b = append(b, '\\')
			}
		}
		b = append(b, c)
	}
	return string(b)
}

// byteSlice returns s as bytes in the parser's arena.
func (p *parser) byteSlice(s string) []byte {
	if len(s) > cap(p.arena)-len(p.arena) {
		p.arena = make([]byte, 0, max(64, min(2*cap(p.arena), 4096), len(s)))
	}
	n := len(p.arena)
	p.arena = append(p.arena, s...)
	return p.arena[n:len(p.arena):len(p.arena)]
}

// newLiteral returns a literal whose text is s and which spans from start to the last token.
func (p *parser) newLiteral(kind ast.LiteralKind, typ sqlparser.ValType, s string, v value.Value, start int32) *ast.Literal {
	p.height = 1
	l := &ast.Literal{Value: v, Kind: kind, Pos: p.pos(start)}
	l.Type, l.Val = typ, p.byteSlice(s)
	return l
}

// stringValue returns the value of a string literal. Bytes that are no UTF-8 make a binary string: a BLOB takes
// them as they are, and a character column refuses them.
func stringValue(s string) value.Value {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			if !utf8.ValidString(s[i:]) {
				return value.Bytes(s)
			}
			break
		}
	}
	return value.String(s)
}

// stringText consumes adjacent strings and returns their concatenation.
func (p *parser) stringText() string {
	if !p.is(tkString) {
		p.failHere()
		return ""
	}
	s := p.content(&p.tok)
	p.advance()
	if !p.is(tkString) {
		return s
	}
	parts := []string{s}
	for p.is(tkString) {
		parts = append(parts, p.content(&p.tok))
		p.advance()
	}
	return strings.Join(parts, "")
}

// stringLiteral consumes a string, N'…' included, and the strings that follow it.
func (p *parser) stringLiteral() sqlparser.Expr {
	start := p.tok.start
	introducer := ""
	var s string
	if p.is(tkNational) {
		introducer = "utf8mb3"
		s = p.content(&p.tok)
		p.advance()
		if p.is(tkString) {
			s += p.stringText()
		}
	} else {
		s = p.stringText()
	}
	l := p.newLiteral(ast.LitString, sqlparser.StrVal, s, stringValue(s), start)
	l.Introducer = introducer
	return l
}

// introducedLiteral consumes _charset'…', _charset x'…' or _charset b'…'.
func (p *parser) introducedLiteral() sqlparser.Expr {
	start := p.tok.start
	introducer := strings.ToLower(p.tokText(&p.tok)[1:])
	p.advance()
	var s string
	switch p.tok.kind {
	case tkString:
		s = p.stringText()
	case tkHex, tkBit:
		s = p.digits()
		p.advance()
	default:
		p.failHere()
		return nil
	}
	v := stringValue(s)
	switch introducer {
	case "binary":
		v = value.Bytes(s)
	case "utf8", "utf8mb3", "utf8mb4", "ascii", "latin1":
		if introducer == "latin1" {
			v = value.String(latin1ToUTF8(s))
		} else if v.Kind() == value.KindBytes && s != "" {
			p.fail(sqlerr.New(sqlerr.InvalidCharacter, introducer, hexPrefix(s)), start)
		}
	default:
		p.failNotSupported("character set "+introducer+" of a literal", start)
	}
	l := p.newLiteral(ast.LitString, sqlparser.StrVal, s, v, start)
	l.Introducer = introducer
	return l
}

// latin1ToUTF8 converts a string whose bytes are MySQL's latin1 (Windows-1252).
func latin1ToUTF8(s string) string {
	ascii := true
	for i := 0; i < len(s); i++ {
		ascii = ascii && s[i] < utf8.RuneSelf
	}
	if ascii {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 0x80 <= c && c < 0xa0 {
			b.WriteRune(windows1252[c-0x80])
		} else {
			b.WriteRune(rune(c))
		}
	}
	return b.String()
}

// windows1252 is the code points of the bytes 0x80 to 0x9f.
var windows1252 = [32]rune{
	0x20ac, 0x81, 0x201a, 0x0192, 0x201e, 0x2026, 0x2020, 0x2021, 0x02c6, 0x2030, 0x0160, 0x2039, 0x0152, 0x8d, 0x017d, 0x8f,
	0x90, 0x2018, 0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x02dc, 0x2122, 0x0161, 0x203a, 0x0153, 0x9d, 0x017e, 0x0178,
}

// digits returns the bytes that the current token, a hexadecimal or bit literal, stands for.
func (p *parser) digits() string {
	s := digitsOf(p.tokText(&p.tok))
	if p.is(tkHex) {
		return hexBytes(s)
	}
	return bitBytes(s)
}

// digitsOf strips x'…', 0x, b'…' or 0b.
func digitsOf(s string) string {
	if s[len(s)-1] == '\'' {
		return s[2 : len(s)-1]
	}
	return s[2:]
}

func hexBytes(s string) string {
	b := make([]byte, (len(s)+1)/2)
	at := len(s) % 2 // an odd number of digits of 0x… has a 0 before them
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c >= 'a':
			c -= 'a' - 10
		case c >= 'A':
			c -= 'A' - 10
		default:
			c -= '0'
		}
		b[(i+at)/2] = b[(i+at)/2]<<4 | c
	}
	return string(b)
}

func bitBytes(s string) string {
	b := make([]byte, (len(s)+7)/8)
	at := len(b)*8 - len(s)
	for i := 0; i < len(s); i++ {
		b[(i+at)/8] = b[(i+at)/8]<<1 | (s[i] - '0')
	}
	return string(b)
}

// digitLiteral consumes a hexadecimal or bit literal.
func (p *parser) digitLiteral() sqlparser.Expr {
	start := p.tok.start
	text := p.tokText(&p.tok)
	kind, typ := ast.LitHex, sqlparser.HexVal
	shown := digitsOf(text)
	switch {
	case p.is(tkBit):
		kind, typ = ast.LitBit, sqlparser.BitVal
	case text[0] == '0':
		typ, shown = sqlparser.HexNum, text
	}
	v := value.Bytes(p.digits())
	p.advance()
	return p.newLiteral(kind, typ, shown, v, start)
}

// numberLiteral consumes a number.
func (p *parser) numberLiteral() sqlparser.Expr {
	start := p.tok.start
	text := p.tokText(&p.tok)
	v, kind := p.number()
	typ := sqlparser.IntVal
	if kind == ast.LitFloat || p.is(tkDecimal) {
		typ = sqlparser.FloatVal
	}
	p.advance()
	return p.newLiteral(kind, typ, text, v, start)
}

// number returns the value of the current token, a number, without consuming it.
func (p *parser) number() (value.Value, ast.LiteralKind) {
	text := p.tokText(&p.tok)
	switch p.tok.kind {
	case tkInt:
		if len(text) <= 18 {
			n := int64(0)
			for i := 0; i < len(text); i++ {
				n = n*10 + int64(text[i]-'0')
			}
			return value.Int(n), ast.LitInt
		}
		if n, err := strconv.ParseUint(text, 10, 64); err == nil {
			if n <= 1<<63-1 {
				return value.Int(int64(n)), ast.LitInt
			}
			return value.Uint(n), ast.LitUint
		}
	case tkFloat:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil { // the syntax is right, so the value is too large
			p.fail(sqlerr.New(sqlerr.IllegalDouble, text), p.tok.start)
		}
		return value.Float(f), ast.LitFloat
	}
	v, err := value.ParseDecimal(text)
	if err != nil { // more digits than DECIMAL has: MySQL takes the greatest value
		v, _ = value.ParseDecimal(maxDecimal)
	}
	return v, ast.LitDecimal
}

// temporalLiteral consumes DATE '…', TIME '…' or TIMESTAMP '…'; the string is the next token.
func (p *parser) temporalLiteral() sqlparser.Expr {
	start := p.tok.start
	kind := ast.LitTimestamp
	switch p.tok.kw {
	case kwDate:
		kind = ast.LitDate
	case kwTime:
		kind = ast.LitTime
	}
	p.advance()
	s := p.content(&p.tok)
	p.advance()
	return p.newLiteral(kind, sqlparser.StrVal, s, stringValue(s), start)
}

// maxDecimal is the greatest DECIMAL.
var maxDecimal = strings.Repeat("9", value.MaxDecimalDigits)
