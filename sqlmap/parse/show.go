package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// show parses SHOW ….
func (p *parser) show() sqlparser.Statement {
	start := p.tok.start
	p.noParams = true // SHOW is no statement that can be prepared with parameters
	p.advance()
	n := &ast.Show{}
	from := p.tok.start
	n.Extended = p.word(kwExtended)
	n.Full = p.word(kwFull)
	switch p.tok.kw {
	case kwGlobal:
		n.Scope = ast.ScopeGlobal
		p.advance()
	case kwSession, kwLocal:
		n.Scope = ast.ScopeSession
		p.advance()
	}
	switch {
	case n.Extended || n.Full:
		p.showTables(n)
	case n.Scope != ast.ScopeNone:
		p.showVariables(n)
	case !p.showTables(n) && !p.showVariables(n) && !p.showCreate(n) && !p.showLists(n):
		p.showUnsupported(start)
	}
	if n.Kind == 0 {
		p.failHere()
	}
	if n.Type == "" {
		n.Type = strings.ToLower(p.text(from))
	}
	n.Pos = p.pos(start)
	return n
}

// kind consumes the current word and notes what SHOW shows.
func (p *parser) kind(n *ast.Show, k ast.ShowKind) bool {
	n.Kind = k
	n.Type = strings.ToLower(p.tokText(&p.tok))
	p.advance()
	return true
}

// showTables parses the forms about tables, columns and indexes, and PROCESSLIST, which FULL may stand before.
func (p *parser) showTables(n *ast.Show) bool {
	switch p.tok.kw {
	case kwTables:
		p.kind(n, ast.ShowTables)
		p.fromDB(n)
		p.filter(n)
	case kwColumns, kwFields:
		p.kind(n, ast.ShowColumns)
		p.fromTable(n)
		p.filter(n)
	case kwIndex, kwIndexes, kwKeys:
		p.kind(n, ast.ShowIndex)
		p.fromTable(n)
		p.where(n)
	case kwProcesslist:
		p.kind(n, ast.ShowProcesslist)
	case kwTable, kwOpen:
		kind := ast.ShowTableStatus
		if p.at(kwOpen) {
			kind = ast.ShowOpenTables
		}
		p.kind(n, kind)
		if kind == ast.ShowTableStatus {
			p.expectWord(kwStatus)
		} else {
			p.expectWord(kwTables)
		}
		p.fromDB(n)
		p.filter(n)
	case kwTriggers:
		p.kind(n, ast.ShowTriggers)
		p.fromDB(n)
		p.filter(n)
	case kwEvents:
		p.kind(n, ast.ShowEvents)
		p.fromDB(n)
		p.filter(n)
	default:
		return false
	}
	return true
}

// showVariables parses VARIABLES and STATUS.
func (p *parser) showVariables(n *ast.Show) bool {
	switch p.tok.kw {
	case kwVariables:
		p.kind(n, ast.ShowVariables)
	case kwStatus:
		p.kind(n, ast.ShowStatus)
	default:
		return false
	}
	p.filter(n)
	return true
}

// showCreate parses SHOW CREATE ….
func (p *parser) showCreate(n *ast.Show) bool {
	if !p.at(kwCreate) {
		return false
	}
	start := p.tok.start
	p.advance()
	switch p.tok.kw {
	case kwTable:
		p.kind(n, ast.ShowCreateTable)
		n.Table = p.tableName()
	case kwView:
		p.kind(n, ast.ShowCreateView)
		n.Table = p.tableName()
	case kwTrigger:
		p.kind(n, ast.ShowCreateTrigger)
		n.Table = p.tableName()
	case kwDatabase, kwSchema:
		p.kind(n, ast.ShowCreateDatabase)
		n.IfNotExists = p.ifNotExists()
		n.DB = p.ident()
	default:
		p.unsupportedObject("SHOW CREATE ", start)
	}
	n.Type = "create " + n.Type
	return true
}

// showLists parses the forms that list what the server has.
func (p *parser) showLists(n *ast.Show) bool {
	switch p.tok.kw {
	case kwDatabases, kwSchemas:
		p.kind(n, ast.ShowDatabases)
		p.filter(n)
	case kwCollation:
		p.kind(n, ast.ShowCollation)
		p.filter(n)
	case kwCharset:
		p.kind(n, ast.ShowCharset)
		p.filter(n)
	case kwCharacter, kwChar:
		p.kind(n, ast.ShowCharset)
		p.expectWord(kwSet)
		p.filter(n)
	case kwWarnings, kwErrors:
		kind := ast.ShowWarnings
		if p.at(kwErrors) {
			kind = ast.ShowErrors
		}
		p.kind(n, kind)
		if p.at(kwLimit) {
			n.Limit = p.limit()
		}
	case kwCount:
		p.showCount(n)
	case kwEngine:
		p.kind(n, ast.ShowEngineStatus)
		n.Name = p.identOrText()
		if !p.word(kwStatus) && !p.word(kwMutex) {
			p.expectWord(kwLogs)
		}
	case kwEngines:
		p.kind(n, ast.ShowEngines)
	case kwStorage:
		p.kind(n, ast.ShowEngines)
		p.expectWord(kwEngines)
	default:
		return p.showServer(n)
	}
	return true
}

// showServer parses the forms about the server's programs, accounts and logs.
func (p *parser) showServer(n *ast.Show) bool {
	switch p.tok.kw {
	case kwPlugins:
		p.kind(n, ast.ShowPlugins)
	case kwPrivileges:
		p.kind(n, ast.ShowPrivileges)
	case kwProfiles:
		p.kind(n, ast.ShowProfiles)
	case kwGrants:
		p.kind(n, ast.ShowGrants)
		if p.word(kwFor) {
			n.Name = p.account()
		}
	case kwProcedure, kwFunction:
		kind := ast.ShowProcedureStatus
		if p.at(kwFunction) {
			kind = ast.ShowFunctionStatus
		}
		p.kind(n, kind)
		if p.at(kwCode) {
			p.failNotSupported("SHOW … CODE", p.tok.start)
		}
		p.expectWord(kwStatus)
		p.filter(n)
	case kwBinary:
		p.kind(n, ast.ShowBinaryLogs)
		if p.is(tkIdent) && equalFold(p.tokText(&p.tok), "log") {
			p.advance()
			p.expectWord(kwStatus)
			n.Kind = ast.ShowMasterStatus
		} else {
			p.expectWord(kwLogs)
		}
	case kwMaster:
		p.kind(n, ast.ShowBinaryLogs)
		if p.word(kwStatus) {
			n.Kind = ast.ShowMasterStatus
		} else {
			p.expectWord(kwLogs)
		}
	case kwReplica, kwSlave:
		p.kind(n, ast.ShowReplicaStatus)
		p.expectWord(kwStatus)
	default:
		return false
	}
	return true
}

// showCount parses COUNT(*) WARNINGS and COUNT(*) ERRORS.
func (p *parser) showCount(n *ast.Show) {
	p.kind(n, ast.ShowCountWarnings)
	p.expect('(')
	p.expect('*')
	p.expect(')')
	if p.word(kwErrors) {
		n.Kind = ast.ShowCountErrors
	} else {
		p.expectWord(kwWarnings)
	}
}

// showUnsupported fails for the forms of SHOW that MySQL has and this database has not, and for all others.
func (p *parser) showUnsupported(start int32) {
	switch p.tok.kw {
	case kwBinlog, kwRelaylog, kwReplicas, kwProfile, kwPassword:
		p.failNotSupported("SHOW "+strings.ToUpper(p.tokText(&p.tok)), start)
	}
	p.failHere()
}

// fromDB parses [FROM|IN db].
func (p *parser) fromDB(n *ast.Show) {
	if p.word(kwFrom) || p.word(kwIn) {
		n.DB = p.ident()
	}
}

// fromTable parses FROM|IN table [FROM|IN db].
func (p *parser) fromTable(n *ast.Show) {
	if !p.word(kwFrom) {
		p.expectWord(kwIn)
	}
	n.Table = p.tableName()
	if p.at(kwFrom) || p.at(kwIn) {
		p.fromDB(n)
		n.Table.Qualifier = sqlparser.NewTableIdent(n.DB)
	}
}

// filter parses [LIKE 'pattern' | WHERE expr].
func (p *parser) filter(n *ast.Show) {
	if !p.word(kwLike) {
		p.where(n)
		return
	}
	s := p.textString()
	n.Like = &s
}

// where parses [WHERE expr].
func (p *parser) where(n *ast.Show) {
	if p.word(kwWhere) {
		p.noParams = false
		n.Where = p.expr()
	}
}
