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
		s := p.commentText()
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
	case kwAvgRowLength, kwChecksum, kwCompression, kwConnection, kwDelayKeyWrite, kwEncryption, kwInsertMethod, kwKeyBlockSize,
		kwMaxRows, kwMinRows, kwPackKeys, kwPassword, kwRowFormat, kwStatsAutoRecalc, kwStatsPersistent, kwStatsSamplePages,
		kwSecondaryEngine, kwEngineAttribute, kwSecondaryEngineAttribute, kwAutoextendSize:
		name := strings.ToUpper(p.tokText(&p.tok))
		p.advance()
		p.accept('=')
		opt := ast.Option{Name: name, Value: p.optionValue(), Pos: p.pos(start)}
		if name == "ENCRYPTION" {
			p.noEncryption(opt)
		}
		o.Other = append(o.Other, opt)
	default:
		return false
	}
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

// optionValue consumes a word, a number or a string and returns it unquoted.
func (p *parser) optionValue() string {
	switch p.tok.kind {
	case tkString:
		return p.commentText()
	case tkInt, tkReserved, tkIdent, tkQuoted:
		s := p.tokText(&p.tok)
		if p.is(tkQuoted) {
			s = p.content(&p.tok)
		}
		p.advance()
		return s
	}
	p.failHere()
	return ""
}

// identOrText consumes an identifier or a string.
func (p *parser) identOrText() string {
	if p.is(tkString) {
		return p.commentText()
	}
	return p.ident()
}
