package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// alter parses ALTER ….
func (p *parser) alter() sqlparser.Statement {
	start := p.tok.start
	p.advance()
	switch p.tok.kw {
	case kwTable:
		p.advance()
		return p.alterTable()
	case kwDatabase, kwSchema:
		p.advance()
		n := &ast.AlterDatabase{}
		n.Action = sqlparser.AlterStr
		if isIdent(&p.tok) && !p.at(kwCharset) && !p.at(kwEncryption) {
			n.DBName = p.ident()
		}
		at := p.tok.start
		n.Other = p.databaseOptions(&n.DBDDL)
		if p.end <= at {
			p.failHere()
		}
		return n
	case kwAlgorithm, kwDefiner, kwSql, kwView:
		v := &ast.CreateView{Alter: true}
		p.viewOptions(v)
		v.Action = sqlparser.AlterStr
		if p.at(kwEvent) {
			p.failNotSupported("ALTER EVENT", start)
		}
		p.expectWord(kwView)
		return p.view(v)
	}
	p.unsupportedObject("ALTER ", start)
	return nil
}

// alterTable parses ALTER TABLE after TABLE.
func (p *parser) alterTable() sqlparser.Statement {
	p.inAlter = true
	n := &ast.AlterTable{}
	n.Action, n.Table = sqlparser.AlterStr, p.tableName()
	n.NewName = n.Table
	if p.is(tkEOF) || p.is(';') {
		return n // MySQL takes an ALTER TABLE that changes nothing
	}
	for ok := true; ok; ok = p.accept(',') {
		switch p.tok.kw {
		case kwAlgorithm:
			n.Algorithm = p.algorithm()
		case kwLock:
			n.Lock = p.lock()
		case kwWith, kwWithout:
			p.advance()
			p.expectWord(kwValidation)
		default:
			n.Specs = p.alterSpec(n.Specs)
		}
	}
	if p.at(kwPartition) || p.at(kwRemove) {
		p.failNotSupported("partitions", p.tok.start)
	}
	return n
}

// alterSpec parses one clause and appends what it stands for to list.
func (p *parser) alterSpec(list []ast.AlterSpec) []ast.AlterSpec {
	start := p.tok.start
	var s ast.AlterSpec
	switch p.tok.kw {
	case kwAdd:
		p.advance()
		return p.alterAdd(list)
	case kwDrop:
		p.advance()
		s = p.alterDrop()
	case kwModify:
		p.advance()
		p.word(kwColumn)
		m := &ast.AlterModifyColumn{Def: p.columnDef()}
		m.Place = p.columnPlace()
		s = m
	case kwChange:
		p.advance()
		p.word(kwColumn)
		m := &ast.AlterModifyColumn{Old: p.ident()}
		m.Def = p.columnDef()
		m.Place = p.columnPlace()
		s = m
	case kwRename:
		p.advance()
		s = p.alterRename()
	case kwAlter:
		p.advance()
		s = p.alterAlter()
	case kwConvert:
		s = p.alterConvert()
	case kwOrder:
		s = &ast.AlterOrderBy{OrderBy: p.orderBy()}
	case kwEnable, kwDisable:
		s = &ast.AlterKeys{Enable: p.at(kwEnable)}
		p.advance()
		p.expectWord(kwKeys)
	case kwForce:
		p.advance()
		s = &ast.AlterForce{}
	case kwDiscard, kwImport, kwCoalesce, kwReorganize, kwExchange, kwTruncate, kwOptimize, kwAnalyze, kwCheck, kwRepair,
		kwRebuild, kwSecondaryLoad, kwSecondaryUnload, kwRemove, kwPartition:
		p.failNotSupported("ALTER TABLE … "+strings.ToUpper(p.tokText(&p.tok)), start)
	default:
		o := &ast.AlterOptions{}
		if !p.tableOptions(&o.Options) {
			p.failHere()
		}
		s = o
	}
	return append(list, s)
}

// columnPlace parses FIRST or AFTER column.
func (p *parser) columnPlace() ast.ColumnPlace {
	switch {
	case p.word(kwFirst):
		return ast.ColumnPlace{First: true}
	case p.word(kwAfter):
		return ast.ColumnPlace{After: p.ident()}
	}
	return ast.ColumnPlace{}
}

// alterAdd parses what follows ADD.
func (p *parser) alterAdd(list []ast.AlterSpec) []ast.AlterSpec {
	if p.at(kwPartition) {
		p.failNotSupported("ADD PARTITION", p.tok.start)
	}
	if p.atKey() {
		return append(list, p.addedKey())
	}
	p.word(kwColumn)
	if !p.accept('(') {
		a := &ast.AlterAddColumn{Def: p.columnDef()}
		a.Place = p.columnPlace()
		return append(list, a)
	}
	for ok := true; ok; ok = p.accept(',') {
		if p.atKey() {
			list = append(list, p.addedKey())
		} else {
			list = append(list, &ast.AlterAddColumn{Def: p.columnDef()})
		}
	}
	p.expect(')')
	return list
}

// addedKey parses a key or constraint behind ADD.
func (p *parser) addedKey() ast.AlterSpec {
	switch d := p.keyDefinition(); {
	case d.foreign != nil:
		return &ast.AlterAddForeignKey{Def: d.foreign}
	case d.check != nil:
		return &ast.AlterAddCheck{Def: d.check}
	default:
		return &ast.AlterAddIndex{Def: d.index}
	}
}

// alterDrop parses what follows DROP.
func (p *parser) alterDrop() ast.AlterSpec {
	switch p.tok.kw {
	case kwPrimary:
		p.advance()
		p.expectWord(kwKey)
		return &ast.AlterDropPrimaryKey{}
	case kwIndex, kwKey:
		p.advance()
		return &ast.AlterDropIndex{Name: p.indexName()}
	case kwForeign:
		p.advance()
		p.expectWord(kwKey)
		return &ast.AlterDropForeignKey{Name: p.ident()}
	case kwCheck:
		p.advance()
		return &ast.AlterDropCheck{Name: p.ident()}
	case kwConstraint:
		p.advance()
		return &ast.AlterDropConstraint{Name: p.indexName()}
	case kwPartition:
		p.failNotSupported("DROP PARTITION", p.tok.start)
	}
	p.word(kwColumn)
	d := &ast.AlterDropColumn{Name: p.ident()}
	p.restrict()
	return d
}

// indexName consumes the name of an index; PRIMARY is one.
func (p *parser) indexName() string {
	if p.word(kwPrimary) {
		return "PRIMARY"
	}
	return p.ident()
}

// alterRename parses what follows RENAME.
func (p *parser) alterRename() ast.AlterSpec {
	switch p.tok.kw {
	case kwColumn:
		p.advance()
		r := &ast.AlterRenameColumn{Old: p.ident()}
		p.expectWord(kwTo)
		r.New = p.newName()
		return r
	case kwIndex, kwKey:
		p.advance()
		r := &ast.AlterRenameIndex{Old: p.ident()}
		p.expectWord(kwTo)
		r.New = p.newName()
		return r
	}
	if !p.word(kwTo) && !p.word(kwAs) {
		p.accept('=')
	}
	return &ast.AlterRenameTable{Name: p.newTableName()}
}

// alterAlter parses what follows ALTER inside ALTER TABLE.
func (p *parser) alterAlter() ast.AlterSpec {
	switch p.tok.kw {
	case kwIndex:
		p.advance()
		return &ast.AlterIndexVisibility{Name: p.indexName(), Visibility: p.visibility()}
	case kwCheck, kwConstraint:
		c := &ast.AlterCheckEnforced{Constraint: p.at(kwConstraint)}
		p.advance()
		c.Name = p.ident()
		c.Enforced = !p.word(kwNot)
		p.expectWord(kwEnforced)
		return c
	}
	p.word(kwColumn)
	name := p.ident()
	if p.word(kwDrop) {
		p.expectWord(kwDefault)
		return &ast.AlterColumnDefault{Name: name}
	}
	p.expectWord(kwSet)
	if p.at(kwVisible) || p.at(kwInvisible) {
		return &ast.AlterColumnVisibility{Name: name, Visibility: p.visibility()}
	}
	p.expectWord(kwDefault)
	return &ast.AlterColumnDefault{Name: name, Default: p.defaultDef()}
}

// alterConvert parses CONVERT TO CHARACTER SET … [COLLATE …].
func (p *parser) alterConvert() ast.AlterSpec {
	p.advance()
	p.expectWord(kwTo)
	if !p.words(kwCharacter, kwSet) && !p.words(kwChar, kwSet) {
		p.expectWord(kwCharset)
	}
	c := &ast.AlterConvertCharset{Charset: p.charsetOrDefault()}
	if p.word(kwCollate) {
		p.accept('=')
		c.Collate = p.charsetOrDefault()
	}
	return c
}
