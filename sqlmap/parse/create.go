package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// create parses CREATE ….
func (p *parser) create() sqlparser.Statement {
	start := p.tok.start
	p.advance()
	switch p.tok.kw {
	case kwTable:
		p.advance()
		return p.createTable(false)
	case kwTemporary:
		p.advance()
		p.expectWord(kwTable)
		return p.createTable(true)
	case kwUnique, kwFulltext, kwSpatial, kwIndex:
		return p.createIndex()
	case kwDatabase, kwSchema:
		p.advance()
		return p.createDatabase()
	case kwOr, kwAlgorithm, kwDefiner, kwSql, kwView, kwTrigger:
		return p.createStored()
	}
	p.unsupportedObject("CREATE ", start)
	return nil
}

// unsupportedObject fails at what follows verb: 1235 for a kind of object that MySQL has, else 1064.
func (p *parser) unsupportedObject(verb string, start int32) {
	switch p.tok.kw {
	case kwUser, kwRole, kwEvent, kwFunction, kwProcedure, kwServer, kwTablespace, kwUndo, kwLogfile, kwResource, kwInstance:
		p.failNotSupported(verb+strings.ToUpper(p.tokText(&p.tok)), start)
	default:
		if p.is(tkIdent) && equalFold(p.tokText(&p.tok), "aggregate") {
			p.failNotSupported(verb+"FUNCTION", start)
		}
		p.failHere()
	}
}

// createStored parses CREATE [OR REPLACE] [ALGORITHM …] [DEFINER …] [SQL SECURITY …] VIEW or TRIGGER.
func (p *parser) createStored() sqlparser.Statement {
	start := p.tok.start
	v := &ast.CreateView{}
	if p.word(kwOr) {
		p.expectWord(kwReplace)
		v.OrReplace = true
	}
	p.viewOptions(v)
	switch {
	case p.word(kwView):
		v.Action = sqlparser.CreateStr
		return p.view(v)
	case p.at(kwTrigger) && !v.OrReplace && v.Algorithm == "" && v.Security == "":
		p.advance()
		return p.createTrigger(v.Definer)
	}
	p.unsupportedObject("CREATE ", start)
	return nil
}

// createTable parses CREATE TABLE after TABLE.
func (p *parser) createTable(temporary bool) sqlparser.Statement {
	n := &ast.CreateTable{Temporary: temporary}
	n.Action = sqlparser.CreateStr
	n.IfNotExists = p.ifNotExists()
	n.Table = p.newTableName()
	n.NewName = n.Table
	if p.word(kwLike) {
		like := p.tableName()
		n.Like = &like
		return n
	}
	if p.is('(') && !p.insertQueryInParens() {
		p.advance()
		if p.word(kwLike) {
			like := p.tableName()
			n.Like = &like
			p.expect(')')
			return n
		}
		p.tableElements(n)
	}
	p.tableOptions(&n.Options)
	if p.at(kwPartition) {
		p.failNotSupported("PARTITION BY", p.tok.start)
	}
	p.createSelect(n)
	if n.Columns == nil && n.Select == nil {
		p.failLater(sqlerr.New(sqlerr.TableNeedsColumns), p.tok.start)
	}
	return n
}

// createSelect parses [IGNORE|REPLACE] [AS] query at the end of CREATE TABLE.
func (p *parser) createSelect(n *ast.CreateTable) {
	switch {
	case p.word(kwIgnore):
		n.OnDuplicate = "ignore"
	case p.word(kwReplace):
		n.OnDuplicate = "replace"
	}
	if !p.word(kwAs) && n.OnDuplicate == "" && !p.atQuery() && !p.is('(') {
		return
	}
	start := p.tok.start
	n.Select = p.queryExpression()
	n.SelectText = p.text(start)
}

// tableElements parses the columns, keys and constraints of CREATE TABLE and the closing parenthesis.
func (p *parser) tableElements(n *ast.CreateTable) {
	for ok := true; ok; ok = p.accept(',') {
		if !p.atKey() {
			n.Columns = append(n.Columns, p.columnDef())
			continue
		}
		switch d := p.keyDefinition(); {
		case d.index != nil:
			n.Indexes = append(n.Indexes, d.index)
		case d.foreign != nil:
			n.ForeignKeys = append(n.ForeignKeys, d.foreign)
		case d.check != nil:
			n.Checks = append(n.Checks, d.check)
		}
	}
	p.expect(')')
}

// createDatabase parses CREATE DATABASE after DATABASE.
func (p *parser) createDatabase() sqlparser.Statement {
	n := &ast.CreateDatabase{}
	n.Action = sqlparser.CreateStr
	n.IfNotExists = p.ifNotExists()
	n.DBName = p.newName()
	n.Other = p.databaseOptions(&n.DBDDL)
	return n
}

// databaseOptions parses the options of CREATE and ALTER DATABASE into d and returns those it has no field for.
func (p *parser) databaseOptions(d *sqlparser.DBDDL) []ast.Option {
	var other []ast.Option
	for {
		start := p.tok.start
		isDefault := p.word(kwDefault)
		switch {
		case p.words(kwCharacter, kwSet), p.words(kwChar, kwSet), p.word(kwCharset):
			p.accept('=')
			d.Charset = p.charsetOrDefault()
		case p.word(kwCollate):
			p.accept('=')
			d.Collate = p.charsetOrDefault()
		case p.word(kwEncryption):
			p.accept('=')
			o := ast.Option{Name: "ENCRYPTION", Value: p.stringText(), Pos: p.pos(start)}
			p.noEncryption(o)
			other = append(other, o)
		case !isDefault && p.words(kwRead, kwOnly):
			p.failNotSupported("READ ONLY of a database", start)
		default:
			if isDefault {
				p.failHere()
			}
			return other
		}
	}
}

// noEncryption fails when o asks for encryption.
func (p *parser) noEncryption(o ast.Option) {
	if !equalFold(o.Value, "n") && o.Value != "" {
		p.failNotSupported("ENCRYPTION", o.Start)
	}
}

// charsetOrDefault consumes a character set or collation, or DEFAULT, which it returns as "".
func (p *parser) charsetOrDefault() string {
	if p.word(kwDefault) {
		return ""
	}
	return p.charsetName()
}
