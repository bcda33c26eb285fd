package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// createTrigger parses CREATE TRIGGER after TRIGGER. The body is delimited and not parsed.
func (p *parser) createTrigger(definer string) sqlparser.Statement {
	n := &ast.CreateTrigger{Definer: definer}
	n.Action = sqlparser.CreateStr
	n.IfNotExists = p.ifNotExists()
	n.Name = p.newTableName()
	if n.Before = p.word(kwBefore); !n.Before {
		p.expectWord(kwAfter)
	}
	switch p.tok.kw {
	case kwInsert, kwUpdate, kwDelete:
		n.Event = strings.ToUpper(p.tokText(&p.tok))
		p.advance()
	default:
		p.failHere()
	}
	p.expectWord(kwOn)
	n.Table = p.tableName()
	n.NewName = n.Table
	p.expectWord(kwFor)
	p.expectWord(kwEach)
	p.expectWord(kwRow)
	switch p.tok.kw {
	case kwFollows, kwPrecedes:
		n.Order = strings.ToUpper(p.tokText(&p.tok))
		p.advance()
		n.Other = p.ident()
	}
	start := p.tok.start
	n.EmptyBody = p.at(kwBegin) && p.peek().kw == kwEnd
	p.programBody()
	n.Body, n.Pos = p.text(start), p.pos(start)
	return n
}

// programBody skips the body of a stored program: one statement, or a block up to the END that closes it.
func (p *parser) programBody() {
	if p.is(tkEOF) || p.is(';') {
		p.failHere()
	}
	depth := 0
	starts := true // a statement can start at the current token
	for !p.is(tkEOF) {
		kw := p.tok.kw
		switch {
		case p.is(tkBad):
			p.failHere()
			return
		case p.is(';'):
			if depth == 0 {
				return
			}
			starts = true
			p.advance()
			continue
		case kw == kwEnd:
			p.advance()
			switch p.tok.kw {
			case kwIf, kwCase, kwLoop, kwWhile, kwRepeat:
				p.advance()
			}
			if depth--; depth < 0 {
				p.failHere()
			}
			starts = false
			continue
		case kw == kwCase:
			depth++
		case starts && (kw == kwBegin || kw == kwIf || kw == kwLoop || kw == kwWhile || kw == kwRepeat):
			depth++
		}
		starts = kw == kwBegin || kw == kwThen || kw == kwElse || kw == kwDo || kw == kwLoop || kw == kwRepeat || p.is(':')
		p.advance()
	}
	if depth > 0 {
		p.failHere()
	}
}
