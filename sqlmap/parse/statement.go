package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// parseStatement parses any statement by its first word.
func (p *parser) parseStatement() sqlparser.Statement {
	if p.is('(') {
		return p.selectStatement()
	}
	if p.is(tkQuoted) || p.tok.kw == noKeyword {
		p.failHere()
		return nil
	}
	switch p.tok.kw {
	case kwSelect, kwValues, kwTable:
		return p.selectStatement()
	case kwWith:
		return p.withStatement()
	case kwInsert, kwReplace:
		return p.insert()
	case kwUpdate:
		return p.update(nil)
	case kwDelete:
		return p.delete(nil)
	case kwCreate, kwAlter, kwDrop, kwTruncate, kwRename:
		return p.definition()
	case kwBegin, kwStart, kwCommit, kwRollback, kwSavepoint, kwRelease:
		return p.transaction()
	case kwSet:
		return p.set()
	case kwShow:
		return p.show()
	case kwUse:
		p.advance()
		return &sqlparser.Use{DBName: p.tableIdent()}
	case kwDescribe, kwDesc, kwExplain:
		return p.explain()
	}
	return p.adminStatement()
}

// selectStatement parses a query as a statement.
func (p *parser) selectStatement() sqlparser.Statement {
	p.intoOK = true
	return p.queryExpression()
}

// withStatement parses WITH … and the SELECT, UPDATE or DELETE behind it.
func (p *parser) withStatement() sqlparser.Statement {
	ctes := p.withClause()
	h := p.height
	switch p.tok.kw {
	case kwUpdate:
		return p.update(ctes)
	case kwDelete:
		return p.delete(ctes)
	}
	p.intoOK = true
	body := p.queryExpressionFrom(nil)
	p.raise(h)
	return &ast.With{Union: &sqlparser.Union{Type: "with", Left: ctes, Right: body}}
}

// definition parses a statement that changes definitions; it has no parameters.
func (p *parser) definition() sqlparser.Statement {
	p.noParams = true
	switch p.tok.kw {
	case kwCreate:
		return p.create()
	case kwAlter:
		return p.alter()
	case kwDrop:
		return p.drop()
	case kwTruncate:
		p.advance()
		p.word(kwTable)
		n := &ast.TruncateTable{}
		n.Action, n.Table = sqlparser.TruncateStr, p.tableName()
		return n
	}
	return p.renameTable()
}

// renameTable parses RENAME TABLE a TO b, ….
func (p *parser) renameTable() sqlparser.Statement {
	p.advance()
	if p.at(kwUser) {
		p.failNotSupported("RENAME USER", p.tok.start)
	}
	if !p.word(kwTable) {
		p.expectWord(kwTables)
	}
	n := &ast.RenameTable{}
	for ok := true; ok; ok = p.accept(',') {
		from := p.tableName()
		p.expectWord(kwTo)
		n.Pairs = append(n.Pairs, ast.RenamePair{From: from, To: p.tableName()})
	}
	n.Action, n.Table, n.NewName = sqlparser.RenameStr, n.Pairs[0].From, n.Pairs[0].To
	return n
}

// adminStatement parses what is left: maintenance, locks, prepared statements and what is not supported.
func (p *parser) adminStatement() sqlparser.Statement {
	start := p.tok.start
	switch p.tok.kw {
	case kwAnalyze, kwOptimize, kwCheck, kwRepair, kwChecksum:
		return p.adminTable()
	case kwLock:
		return p.lockTables()
	case kwUnlock:
		p.advance()
		if p.at(kwInstance) {
			p.failNotSupported("UNLOCK INSTANCE", start)
		}
		if !p.word(kwTables) {
			p.expectWord(kwTable)
		}
		return &ast.UnlockTables{}
	case kwFlush:
		return p.flush()
	case kwDo:
		return p.do()
	case kwKill:
		return p.kill()
	case kwPrepare:
		return p.prepare()
	case kwExecute:
		return p.execute()
	case kwDeallocate:
		p.advance()
		return p.deallocate(start)
	}
	if unsupportedVerbs[p.tok.kw] {
		p.failNotSupported(strings.ToUpper(p.tokText(&p.tok)), start)
		return nil
	}
	p.failHere()
	return nil
}

// unsupportedVerbs begin statements of MySQL that this database does not have.
var unsupportedVerbs = map[keyword]bool{
	kwBinlog: true, kwCache: true, kwCall: true, kwChange: true, kwClone: true, kwGet: true, kwGrant: true, kwHandler: true,
	kwHelp: true, kwImport: true, kwInstall: true, kwLoad: true, kwPurge: true, kwReset: true, kwResignal: true,
	kwRestart: true, kwRevoke: true, kwShutdown: true, kwSignal: true, kwStop: true, kwUninstall: true, kwXa: true,
}

// ifExists consumes IF EXISTS.
func (p *parser) ifExists() bool {
	if !p.at(kwIf) {
		return false
	}
	p.advance()
	p.expectWord(kwExists)
	return true
}

// ifNotExists consumes IF NOT EXISTS.
func (p *parser) ifNotExists() bool {
	if !p.at(kwIf) {
		return false
	}
	p.advance()
	p.expectWord(kwNot)
	p.expectWord(kwExists)
	return true
}

// restrict consumes RESTRICT or CASCADE, which mean nothing in MySQL.
func (p *parser) restrict() {
	if !p.word(kwRestrict) {
		p.word(kwCascade)
	}
}
