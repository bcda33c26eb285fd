package parse

import (
	"strconv"
	"strings"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// typeShape says what may follow a type's name.
type typeShape uint8

const (
	shapePlain    typeShape = iota
	shapeInteger            // [(width)] and UNSIGNED, ZEROFILL
	shapeReal               // [(precision[, scale])] and UNSIGNED, ZEROFILL
	shapeLength             // [(n)]
	shapeChar               // [(n)] and a character set
	shapeVarChar            // (n) and a character set
	shapeVarBin             // (n)
	shapeText               // a character set
	shapeTextLen            // [(n)] and a character set
	shapeElements           // ('a', 'b', …) and a character set
)

// typeNames are the types whose name is one word.
var typeNames = map[keyword]struct {
	id    value.TypeID
	shape typeShape
}{
	kwTinyint: {value.TypeTinyInt, shapeInteger}, kwInt1: {value.TypeTinyInt, shapeInteger},
	kwSmallint: {value.TypeSmallInt, shapeInteger}, kwInt2: {value.TypeSmallInt, shapeInteger},
	kwMediumint: {value.TypeMediumInt, shapeInteger}, kwInt3: {value.TypeMediumInt, shapeInteger},
	kwMiddleint: {value.TypeMediumInt, shapeInteger},
	kwInt:       {value.TypeInt, shapeInteger}, kwInteger: {value.TypeInt, shapeInteger}, kwInt4: {value.TypeInt, shapeInteger},
	kwBigint: {value.TypeBigInt, shapeInteger}, kwInt8: {value.TypeBigInt, shapeInteger},
	kwFloat: {value.TypeFloat, shapeReal}, kwFloat4: {value.TypeFloat, shapeReal},
	kwFloat8: {value.TypeDouble, shapeReal}, kwReal: {value.TypeDouble, shapeReal},
	kwDecimal: {value.TypeDecimal, shapeReal}, kwDec: {value.TypeDecimal, shapeReal},
	kwNumeric: {value.TypeDecimal, shapeReal}, kwFixed: {value.TypeDecimal, shapeReal},
	kwBit:  {value.TypeBit, shapeLength},
	kwDate: {value.TypeDate, shapePlain}, kwTime: {value.TypeTime, shapeLength}, kwDatetime: {value.TypeDateTime, shapeLength},
	kwTimestamp: {value.TypeTimestamp, shapeLength}, kwYear: {value.TypeYear, shapeLength},
	kwVarchar: {value.TypeVarChar, shapeVarChar}, kwVarcharacter: {value.TypeVarChar, shapeVarChar},
	kwBinary: {value.TypeBinary, shapeLength}, kwVarbinary: {value.TypeVarBinary, shapeVarBin},
	kwTinytext: {value.TypeTinyText, shapeText}, kwText: {value.TypeText, shapeTextLen},
	kwMediumtext: {value.TypeMediumText, shapeText}, kwLongtext: {value.TypeLongText, shapeText},
	kwTinyblob: {value.TypeTinyBlob, shapePlain}, kwBlob: {value.TypeBlob, shapeLength},
	kwMediumblob: {value.TypeMediumBlob, shapePlain}, kwLongblob: {value.TypeLongBlob, shapePlain},
	kwEnum: {value.TypeEnum, shapeElements}, kwSet: {value.TypeSet, shapeElements},
	kwJson: {value.TypeJSON, shapePlain},
}

// columnType parses a column type.
func (p *parser) columnType() ast.TypeSpec {
	t := ast.TypeSpec{}
	start := p.tok.start
	kw := p.tok.kw
	if p.is(tkQuoted) {
		p.failHere()
	}
	shape := shapePlain
	if d, ok := typeNames[kw]; ok {
		t.ID, shape = d.id, d.shape
		p.advance()
	} else {
		shape = p.wordyType(&t)
	}
	t.Name = strings.ToLower(p.text(start))
	p.typeShape(&t, shape)
	if kw == kwFloat && !t.HasScale && t.Length > 24 {
		t.ID = value.TypeDouble
	}
	t.Pos = p.pos(start)
	return t
}

// wordyType parses the types whose names are several words, or that are more than a type.
func (p *parser) wordyType(t *ast.TypeSpec) typeShape {
	kw := p.tok.kw
	start := p.tok.start
	p.advance()
	switch kw {
	case kwBool, kwBoolean:
		t.ID, t.HasLength, t.Length = value.TypeTinyInt, true, 1
		return shapePlain
	case kwDouble:
		p.word(kwPrecision)
		t.ID = value.TypeDouble
		return shapeReal
	case kwChar, kwCharacter:
		return p.charType(t)
	case kwNchar, kwNational:
		t.National = true
		if kw == kwNational {
			if p.word(kwVarchar) || p.word(kwVarcharacter) {
				t.ID = value.TypeVarChar
				return shapeVarChar
			}
			if !p.word(kwChar) {
				p.expectWord(kwCharacter)
			}
		}
		if p.word(kwVarchar) || p.word(kwVarcharacter) {
			t.ID = value.TypeVarChar
			return shapeVarChar
		}
		return p.charType(t)
	case kwNvarchar:
		t.ID, t.National = value.TypeVarChar, true
		return shapeVarChar
	case kwLong:
		t.ID = value.TypeMediumText
		switch {
		case p.word(kwVarbinary):
			t.ID = value.TypeMediumBlob
			return shapePlain
		case p.word(kwVarchar), p.word(kwVarcharacter):
		case p.word(kwChar), p.word(kwCharacter):
			p.expectWord(kwVarying)
		}
		return shapeText
	case kwSerial:
		t.ID, t.Unsigned, t.Serial = value.TypeBigInt, true, true
		return shapePlain
	case kwUuid:
		t.ID, t.UUID, t.HasLength, t.Length = value.TypeChar, true, true, 36
		t.Charset = "ascii"
		return shapePlain
	case kwGeometry, kwPoint, kwLinestring, kwPolygon, kwMultipoint, kwMultilinestring, kwMultipolygon, kwGeometrycollection,
		kwGeomcollection:
		p.failNotSupported("type "+strings.ToUpper(p.text(start)), start)
		return shapePlain
	}
	p.failAt(start)
	return shapePlain
}

// charType parses what follows CHAR: VARYING makes it a VARCHAR.
func (p *parser) charType(t *ast.TypeSpec) typeShape {
	if p.word(kwVarying) {
		t.ID = value.TypeVarChar
		return shapeVarChar
	}
	t.ID = value.TypeChar
	return shapeChar
}

// typeShape parses what follows a type's name.
func (p *parser) typeShape(t *ast.TypeSpec, shape typeShape) {
	switch shape {
	case shapeInteger, shapeLength, shapeChar, shapeTextLen:
		p.typeLength(t, false)
	case shapeReal:
		p.typeLength(t, true)
	case shapeVarChar, shapeVarBin:
		if !p.is('(') {
			p.failHere()
		}
		p.typeLength(t, false)
	case shapeElements:
		p.expect('(')
		for ok := true; ok; ok = p.accept(',') {
			t.Elements = append(t.Elements, p.element())
		}
		p.expect(')')
	}
	switch shape {
	case shapeInteger, shapeReal:
		p.numericAttributes(t)
	case shapeChar, shapeVarChar, shapeText, shapeTextLen, shapeElements:
		p.charAttributes(t)
	}
}

// element consumes a member of ENUM or SET.
func (p *parser) element() string {
	switch p.tok.kind {
	case tkString, tkNational:
		s := p.content(&p.tok)
		p.advance()
		return s
	case tkHex, tkBit:
		s := p.digits()
		p.advance()
		return s
	}
	p.failHere()
	return ""
}

// typeLength parses [(n)], or [(n, m)] with scale.
func (p *parser) typeLength(t *ast.TypeSpec, scale bool) {
	if !p.accept('(') {
		return
	}
	t.Length, t.HasLength = p.unsigned(), true
	if scale && p.accept(',') {
		t.Scale, t.HasScale = p.unsigned(), true
	}
	p.expect(')')
}

// unsigned consumes an unsigned integer.
func (p *parser) unsigned() uint64 {
	if !p.is(tkInt) {
		p.failHere()
		return 0
	}
	n, err := strconv.ParseUint(p.tokText(&p.tok), 10, 64)
	if err != nil {
		p.failHere()
	}
	p.advance()
	return n
}

func (p *parser) numericAttributes(t *ast.TypeSpec) {
	for {
		switch {
		case p.word(kwUnsigned):
			t.Unsigned = true
		case p.word(kwSigned):
		case p.word(kwZerofill):
			t.Zerofill, t.Unsigned = true, true
		default:
			return
		}
	}
}

func (p *parser) charAttributes(t *ast.TypeSpec) {
	for {
		switch {
		case p.words(kwCharacter, kwSet), p.words(kwChar, kwSet), p.word(kwCharset):
			t.Charset = p.charsetName()
		case p.word(kwAscii):
			t.Charset = "latin1"
		case p.word(kwUnicode):
			t.Charset = "ucs2"
		case p.word(kwByte):
			t.Charset = "binary"
		case p.word(kwBinary):
			t.BinaryColl = true
		default:
			return
		}
	}
}
