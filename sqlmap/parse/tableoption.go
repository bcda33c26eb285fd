package parse

import (
	"strings"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// tableOptions parses table options, which commas may separate, into o. It returns whether there was one.
func (p *parser) tableOptions(o *ast.TableOptions) bool {
	any := false
	for p.tableOption(o) {
		any = true
		if p.is(',') {
			if !p.atOptionAfterComma() {
				return true
			}
			p.advance()
		}
	}
	return any
}

// atOptionAfterComma reports whether the comma here separates table options. In ALTER TABLE it may also separate clauses,
// which is the same to the caller.
func (p *parser) atOptionAfterComma() bool {
	t := p.peek()
	if t.kw == kwDefault || t.kw == kwCharacter || t.kw == kwCollate || t.kw == kwIndex {
		return !p.inAlter
	}
	return !p.inAlter && (t.kind == tkIdent || t.kind == tkReserved)
}

// tableOption parses one option. It returns false when none stands here.
func (p *parser) tableOption(o *ast.TableOptions) bool {
	start := p.tok.start
	switch p.tok.kw {
	case kwEngine:
		p.advance()
		p.accept('=')
		o.Engine = p.identOrText()
	case kwAutoIncrement:
		p.advance()
		p.accept('=')
		n := p.unsigned()
		o.AutoIncrement = &n
	case kwComment:
		p.advance()
		p.accept('=')
		s := p.textString()
		o.Comment = &s
	case kwDefault, kwCharacter, kwChar, kwCharset, kwCollate:
		return p.charsetOption(o)
	case kwUnion:
		if !p.inAlter && p.peek().kind != '=' && p.peek().kind != '(' {
			return false
		}
		p.failNotSupported("UNION of tables", start)
	case kwTablespace:
		p.failNotSupported("TABLESPACE", start)
	case kwData, kwIndex:
		if p.peek().kw != kwDirectory {
			return false
		}
		p.failNotSupported(strings.ToUpper(p.tokText(&p.tok))+" DIRECTORY", start)
	default:
		return p.otherOption(o)
	}
	return true
}

// optionShape says what may be the value of a table option.
type optionShape uint8

const (
	optionNumber          optionShape = iota + 1
	optionNumberOrDefault             // a number, or DEFAULT
	optionSize                        // a number, maybe with a unit: 64M
	optionText
	optionName // an identifier, or a word of the grammar
	optionNameOrText
)

// otherOptions are the options that are accepted and have no effect.
var otherOptions = map[keyword]optionShape{
	kwAvgRowLength: optionNumber, kwKeyBlockSize: optionNumber, kwMaxRows: optionNumber, kwMinRows: optionNumber,
	kwChecksum: optionNumber, kwDelayKeyWrite: optionNumber, kwPackKeys: optionNumberOrDefault,
	kwStatsAutoRecalc: optionNumberOrDefault, kwStatsPersistent: optionNumberOrDefault, kwStatsSamplePages: optionNumberOrDefault,
	kwAutoextendSize: optionSize, kwCompression: optionText, kwConnection: optionText, kwEncryption: optionText,
	kwPassword: optionText, kwEngineAttribute: optionText, kwSecondaryEngineAttribute: optionText,
	kwInsertMethod: optionName, kwRowFormat: optionName, kwSecondaryEngine: optionNameOrText,
}

// otherOption parses one of otherOptions into o.Other.
func (p *parser) otherOption(o *ast.TableOptions) bool {
	shape := otherOptions[p.tok.kw]
	if shape == 0 || p.is(tkQuoted) {
		return false
	}
	start := p.tok.start
	opt := ast.Option{Name: strings.ToUpper(p.tokText(&p.tok))}
	p.advance()
	p.accept('=')
	opt.Value = p.optionValue(shape)
	opt.Pos = p.pos(start)
	if opt.Name == "ENCRYPTION" {
		p.noEncryption(opt)
	}
	o.Other = append(o.Other, opt)
	return true
}

// charsetOption parses [DEFAULT] CHARACTER SET [=] … and [DEFAULT] COLLATE [=] ….
func (p *parser) charsetOption(o *ast.TableOptions) bool {
	isDefault := p.word(kwDefault)
	switch {
	case p.words(kwCharacter, kwSet), p.words(kwChar, kwSet), p.word(kwCharset):
		p.accept('=')
		o.Charset = p.charsetOrDefault()
	case p.word(kwCollate):
		p.accept('=')
		o.Collate = p.charsetOrDefault()
	default:
		if isDefault {
			p.failHere()
		}
		return false
	}
	return true
}

// optionValue consumes the value of an option and returns it unquoted.
func (p *parser) optionValue(shape optionShape) string {
	ok := false
	switch shape {
	case optionText:
		return p.textString()
	case optionNameOrText:
		return p.identOrText()
	case optionName:
		ok = p.is(tkIdent) || p.at(kwDefault)
	case optionNumber:
		ok = p.is(tkInt) || p.is(tkHex)
	case optionNumberOrDefault:
		ok = p.is(tkInt) || p.is(tkHex) || p.at(kwDefault)
	case optionSize:
		ok = p.is(tkInt) || p.is(tkIdent) && isDigit(p.lex.src[p.tok.start])
	}
	if !ok {
		p.failHere()
		return ""
	}
	s := p.tokText(&p.tok)
	p.advance()
	return s
}

// identOrText consumes an identifier or a string.
func (p *parser) identOrText() string {
	if p.is(tkString) {
		return p.textString()
	}
	return p.ident()
}
