package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"
)

// cast parses CAST(expr AS type).
func (p *parser) cast() sqlparser.Expr {
	p.funcName()
	e := p.expr()
	if p.at(kwAt) {
		p.failNotSupported("CAST … AT TIME ZONE", p.tok.start)
	}
	p.expectWord(kwAs)
	c := &sqlparser.ConvertExpr{Expr: e, Type: p.castType()}
	if p.at(kwArray) {
		p.failNotSupported("CAST … AS ARRAY", p.tok.start)
	}
	p.expect(')')
	p.raise(0)
	return c
}

// convert parses CONVERT(expr, type) and CONVERT(expr USING charset).
func (p *parser) convert() sqlparser.Expr {
	p.funcName()
	e := p.expr()
	if p.word(kwUsing) {
		c := &sqlparser.ConvertUsingExpr{Expr: e, Type: p.charsetName()}
		p.expect(')')
		p.raise(0)
		return c
	}
	p.expect(',')
	c := &sqlparser.ConvertExpr{Expr: e, Type: p.castType()}
	p.expect(')')
	p.raise(0)
	return c
}

// castType parses the type of CAST and CONVERT. The names are in lower case.
func (p *parser) castType() *sqlparser.ConvertType {
	t := &sqlparser.ConvertType{Type: strings.ToLower(p.tokText(&p.tok))}
	kw := p.tok.kw
	switch kw {
	case kwBinary, kwTime, kwDatetime, kwFloat:
		p.advance()
		t.Length = p.castLength()
	case kwChar, kwCharacter, kwNchar:
		p.advance()
		p.castChar(t, kw)
	case kwNational:
		p.advance()
		if !p.word(kwChar) && !p.word(kwCharacter) {
			p.failHere()
		}
		p.castChar(t, kwNchar)
	case kwSigned, kwUnsigned:
		p.advance()
		if !p.word(kwInteger) {
			p.word(kwInt)
		}
	case kwDecimal, kwDec:
		t.Type = "decimal"
		p.advance()
		if p.accept('(') {
			t.Length = p.intVal()
			if p.accept(',') {
				t.Scale = p.intVal()
			}
			p.expect(')')
		}
	case kwDouble:
		p.advance()
		p.word(kwPrecision)
	case kwDate, kwJson, kwYear, kwReal:
		p.advance()
	case kwPoint, kwLinestring, kwPolygon, kwMultipoint, kwMultilinestring, kwMultipolygon, kwGeometrycollection, kwGeomcollection:
		p.failNotSupported("CAST to "+t.Type, p.tok.start)
	default:
		p.failHere()
	}
	return t
}

// castChar parses what follows CHAR or NCHAR in a CAST.
func (p *parser) castChar(t *sqlparser.ConvertType, kw keyword) {
	t.Type = "char"
	t.Length = p.castLength()
	if kw == kwNchar {
		t.Type = "nchar"
		return
	}
	switch {
	case p.words(kwCharacter, kwSet), p.words(kwChar, kwSet), p.word(kwCharset):
		t.Operator = sqlparser.CharacterSetStr
		t.Charset = p.charsetName()
	case p.word(kwAscii):
		t.Operator = sqlparser.CharacterSetStr
		t.Charset = "latin1"
	case p.word(kwUnicode):
		t.Operator = sqlparser.CharacterSetStr
		t.Charset = "ucs2"
	case p.word(kwByte):
		t.Type = "binary"
	}
}

// castLength parses (n), if it stands there.
func (p *parser) castLength() *sqlparser.SQLVal {
	if !p.accept('(') {
		return nil
	}
	n := p.intVal()
	p.expect(')')
	return n
}

// intVal consumes an integer.
func (p *parser) intVal() *sqlparser.SQLVal {
	if !p.is(tkInt) {
		p.failHere()
		return nil
	}
	v := sqlparser.NewIntVal(p.byteSlice(p.tokText(&p.tok)))
	p.advance()
	return v
}
