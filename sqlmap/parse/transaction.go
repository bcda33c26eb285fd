package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// transaction parses the statements that begin and end transactions and savepoints.
func (p *parser) transaction() sqlparser.Statement {
	start := p.tok.start
	kw := p.tok.kw
	p.advance()
	switch kw {
	case kwBegin:
		p.word(kwWork)
		return &sqlparser.Begin{}
	case kwStart:
		if !p.at(kwTransaction) {
			switch p.tok.kw {
			case kwReplica, kwSlave:
				p.failNotSupported("START REPLICA", start)
			}
			p.failHere()
		}
		p.advance()
		return p.startTransaction()
	case kwSavepoint:
		return &ast.Savepoint{Name: p.newName()}
	case kwRelease:
		p.expectWord(kwSavepoint)
		return &ast.ReleaseSavepoint{Name: p.ident()}
	}
	p.word(kwWork)
	if kw == kwRollback && p.word(kwTo) {
		if p.at(kwSavepoint) {
			if t := p.peek(); isIdent(&t) {
				p.advance() // else it is the name
			}
		}
		return &ast.RollbackTo{Name: p.ident()}
	}
	e := &ast.EndTransaction{Rollback: kw == kwRollback}
	if p.word(kwAnd) {
		no := p.word(kwNo)
		p.expectWord(kwChain)
		e.Chain = !no
	}
	at := p.tok.start
	if p.word(kwNo) {
		p.expectWord(kwRelease)
	} else if p.word(kwRelease) {
		if e.Release = true; e.Chain {
			p.failAt(at)
		}
	}
	switch {
	case e.Chain || e.Release:
		return e
	case e.Rollback:
		return &sqlparser.Rollback{}
	}
	return &sqlparser.Commit{}
}

// startTransaction parses the characteristics behind START TRANSACTION.
func (p *parser) startTransaction() sqlparser.Statement {
	n := &ast.StartTransaction{}
	if p.at(kwWith) || p.at(kwRead) {
		for ok := true; ok; ok = p.accept(',') {
			at := p.tok.start
			switch {
			case p.word(kwWith):
				p.expectWord(kwConsistent)
				p.expectWord(kwSnapshot)
				n.Snapshot = true
			case p.words(kwRead, kwOnly):
				n.ReadOnly = true
			case p.words(kwRead, kwWrite):
				n.ReadWrite = true
			default:
				p.failHere()
			}
			if n.ReadOnly && n.ReadWrite {
				p.failAt(at)
			}
		}
	}
	if !n.ReadOnly && !n.ReadWrite && !n.Snapshot {
		return &n.Begin
	}
	return n
}
