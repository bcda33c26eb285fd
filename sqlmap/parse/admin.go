package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// explain parses DESCRIBE table [column] and EXPLAIN [ANALYZE] [FORMAT = …] statement, which share their verbs.
func (p *parser) explain() sqlparser.Statement {
	p.advance()
	n := &ast.Explain{}
	if isIdent(&p.tok) && !p.at(kwFormat) || p.at(kwFormat) && p.peek().kind != '=' {
		return p.describe()
	}
	n.Analyze = p.word(kwAnalyze)
	if p.word(kwFormat) {
		p.expect('=')
		n.Output = strings.ToUpper(p.identOrText())
	}
	if p.at(kwFor) {
		p.failNotSupported("EXPLAIN FOR CONNECTION", p.tok.start)
	}
	start := p.tok.start
	switch {
	case p.is('('):
		n.Statement = p.selectStatement()
	case p.at(kwSelect), p.at(kwValues), p.at(kwTable), p.at(kwWith), p.at(kwInsert), p.at(kwReplace), p.at(kwUpdate), p.at(kwDelete):
		n.Statement = p.parseStatement()
	default:
		p.failHere()
	}
	n.Text, n.Pos = p.text(start), p.pos(start)
	return n
}

// describe parses a table and maybe a column.
func (p *parser) describe() sqlparser.Statement {
	d := &ast.Describe{Table: p.tableName()}
	switch {
	case isIdent(&p.tok), p.is(tkString):
		d.Column = p.identOrText()
	}
	return d
}

// adminTable parses ANALYZE, OPTIMIZE, CHECK, REPAIR and CHECKSUM TABLE.
func (p *parser) adminTable() sqlparser.Statement {
	n := &ast.AdminTable{}
	start := p.tok.start
	switch p.tok.kw {
	case kwAnalyze:
		n.Op = ast.AnalyzeTable
	case kwOptimize:
		n.Op = ast.OptimizeTable
	case kwCheck:
		n.Op = ast.CheckTable
	case kwRepair:
		n.Op = ast.RepairTable
	case kwChecksum:
		n.Op = ast.ChecksumTable
	}
	p.advance()
	if p.at(kwNoWriteToBinlog) || p.at(kwLocal) {
		p.advance()
	}
	if !p.word(kwTable) {
		p.expectWord(kwTables)
	}
	n.Tables = p.tableNames()
	for {
		at := p.tok.start
		switch p.tok.kw {
		case kwQuick, kwFast, kwMedium, kwExtended, kwChanged:
			p.advance()
		case kwFor:
			p.advance()
			p.expectWord(kwUpgrade)
		case kwUpdate, kwDrop:
			if n.Op == ast.AnalyzeTable {
				p.failNotSupported("ANALYZE TABLE … HISTOGRAM", start)
			}
			return n
		default:
			return n
		}
		if n.Op == ast.AnalyzeTable || n.Op == ast.OptimizeTable {
			p.failAt(at)
		}
		n.Options = append(n.Options, strings.ToUpper(p.text(at)))
	}
}

// lockTables parses LOCK TABLES.
func (p *parser) lockTables() sqlparser.Statement {
	n := &ast.LockTables{}
	start := p.tok.start
	p.advance()
	if p.at(kwInstance) {
		p.failNotSupported("LOCK INSTANCE", start)
	}
	if !p.word(kwTables) {
		p.expectWord(kwTable)
	}
	for ok := true; ok; ok = p.accept(',') {
		l := ast.TableLock{Table: p.tableName()}
		if p.word(kwAs) || isIdent(&p.tok) {
			l.As = p.tableIdent()
		}
		switch {
		case p.word(kwRead):
			l.Local = p.word(kwLocal)
		default:
			p.word(kwLowPriority)
			p.expectWord(kwWrite)
			l.Write = true
		}
		n.Tables = append(n.Tables, l)
	}
	n.Pos = p.pos(start)
	return n
}

// flush parses FLUSH.
func (p *parser) flush() sqlparser.Statement {
	n := &ast.Flush{}
	start := p.tok.start
	p.advance()
	if p.at(kwNoWriteToBinlog) || p.at(kwLocal) {
		p.advance()
	}
	for ok := true; ok; ok = p.accept(',') {
		at := p.tok.start
		switch p.tok.kw {
		case kwTables, kwTable:
			p.advance()
			n.Options = append(n.Options, "TABLES")
			if isIdent(&p.tok) {
				n.Tables = p.tableNames()
			}
			switch {
			case p.words(kwWith, kwRead):
				p.expectWord(kwLock)
				n.WithReadLock = true
			case p.words(kwFor, kwExport):
				n.ForExport = true
			}
			continue
		case kwPrivileges, kwStatus, kwLogs, kwHosts, kwUserResources, kwOptimizerCosts:
			p.advance()
		case kwBinary, kwEngine, kwError, kwGeneral, kwSlow:
			p.advance()
			p.expectWord(kwLogs)
		default:
			p.failHere()
		}
		n.Options = append(n.Options, strings.ToUpper(p.text(at)))
	}
	n.Pos = p.pos(start)
	return n
}

// do parses DO expr, ….
func (p *parser) do() sqlparser.Statement {
	start := p.tok.start
	p.advance()
	n := &ast.Do{Select: &sqlparser.Select{SelectExprs: p.selectList()}}
	for _, e := range n.SelectExprs {
		if _, ok := e.(*ast.SelectItem); !ok {
			p.failAt(start)
		}
	}
	n.Pos = p.pos(start)
	return n
}

// kill parses KILL [CONNECTION|QUERY] expr.
func (p *parser) kill() sqlparser.Statement {
	n := &ast.Kill{}
	start := p.tok.start
	p.advance()
	if n.Query = p.word(kwQuery); !n.Query {
		p.word(kwConnection)
	}
	n.ID = p.expr()
	n.Pos = p.pos(start)
	return n
}

// prepare parses PREPARE name FROM 'text'|@variable.
func (p *parser) prepare() sqlparser.Statement {
	n := &ast.Prepare{}
	start := p.tok.start
	p.advance()
	n.Name = p.ident()
	p.expectWord(kwFrom)
	if p.is(tkAt) {
		n.Var = p.variableName()
		p.advance()
	} else {
		n.Text = p.textString()
	}
	n.Pos = p.pos(start)
	return n
}

// execute parses EXECUTE name [USING @a, …].
func (p *parser) execute() sqlparser.Statement {
	n := &ast.Execute{}
	start := p.tok.start
	p.advance()
	n.Name = p.ident()
	if p.word(kwUsing) {
		for ok := true; ok; ok = p.accept(',') {
			if !p.is(tkAt) {
				p.failHere()
				break
			}
			n.Using = append(n.Using, p.variableName())
			p.advance()
		}
	}
	n.Pos = p.pos(start)
	return n
}

// deallocate parses PREPARE name behind DEALLOCATE or DROP; start is where the statement starts.
func (p *parser) deallocate(start int32) sqlparser.Statement {
	p.expectWord(kwPrepare)
	n := &ast.Deallocate{Name: p.ident()}
	n.Pos = p.pos(start)
	return n
}
