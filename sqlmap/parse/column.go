package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// maxNameLen is how many characters a name may have.
const maxNameLen = 64

// newName consumes the name of something that the statement defines.
func (p *parser) newName() string {
	at := p.tok.start
	s := p.ident()
	if len(s) > maxNameLen && len([]rune(s)) > maxNameLen {
		p.fail(sqlerr.New(sqlerr.TooLongName, s), at)
	}
	return s
}

// newTableName consumes the name of a table or view that the statement defines.
func (p *parser) newTableName() sqlparser.TableName {
	name := p.newName()
	if p.accept('.') {
		return sqlparser.TableName{Qualifier: sqlparser.NewTableIdent(name), Name: sqlparser.NewTableIdent(p.newName())}
	}
	return sqlparser.TableName{Name: sqlparser.NewTableIdent(name)}
}

// columnDef parses a column definition.
func (p *parser) columnDef() *ast.ColumnDef {
	c := &ast.ColumnDef{}
	start := p.tok.start
	c.Name = sqlparser.NewColIdent(p.newName())
	c.Type = p.columnType()
	if c.Type.Serial {
		p.serial(c)
	}
	for p.columnAttribute(c) {
	}
	c.Pos = p.pos(start)
	return c
}

// serial gives c what SERIAL stands for.
func (p *parser) serial(c *ast.ColumnDef) {
	c.Null, c.AutoIncrement, c.Unique = ast.NullForbidden, true, true
}

// columnAttribute parses one attribute of c. It returns false when none stands here.
func (p *parser) columnAttribute(c *ast.ColumnDef) bool {
	switch p.tok.kw {
	case kwNull:
		p.advance()
		c.Null = ast.NullAllowed
	case kwNot:
		p.advance()
		p.expectWord(kwNull)
		c.Null = ast.NullForbidden
	case kwDefault:
		p.advance()
		c.Default = p.defaultDef()
	case kwOn:
		p.advance()
		p.expectWord(kwUpdate)
		c.OnUpdate = p.nowDef()
	case kwAutoIncrement:
		p.advance()
		c.AutoIncrement = true
	case kwSerial:
		p.advance()
		p.expectWord(kwDefault)
		p.expectWord(kwValue)
		p.serial(c)
	case kwPrimary:
		p.advance()
		p.expectWord(kwKey)
		c.PrimaryKey = true
	case kwKey:
		p.advance()
		c.PrimaryKey = true
	case kwUnique:
		p.advance()
		p.word(kwKey)
		c.Unique = true
	case kwComment:
		p.advance()
		c.Comment, c.HasComment = p.textString(), true
	case kwCollate:
		p.advance()
		c.Type.Collate = p.charsetName()
	case kwConstraint, kwCheck:
		c.Checks = append(c.Checks, p.columnCheck())
	case kwReferences:
		c.References = p.reference()
	case kwGenerated, kwAs:
		if p.word(kwGenerated) {
			p.expectWord(kwAlways)
		}
		c.Generated = p.generatedDef()
	default:
		return p.storageAttribute(c)
	}
	return true
}

// storageAttribute parses the attributes that say how a column is kept or shown.
func (p *parser) storageAttribute(c *ast.ColumnDef) bool {
	switch p.tok.kw {
	case kwVisible:
		p.advance()
		c.Visibility = ast.Visible
	case kwInvisible:
		p.advance()
		c.Visibility = ast.Invisible
	case kwColumnFormat:
		p.advance()
		if !p.word(kwFixed) && !p.word(kwDynamic) {
			p.expectWord(kwDefault)
		}
	case kwStorage:
		p.advance()
		if !p.word(kwDisk) && !p.word(kwMemory) {
			p.expectWord(kwDefault)
		}
	case kwEngineAttribute, kwSecondaryEngineAttribute:
		p.advance()
		p.accept('=')
		p.stringText()
	case kwSrid:
		p.failNotSupported("SRID", p.tok.start)
	default:
		return false
	}
	return true
}

// textString consumes one string.
func (p *parser) textString() string {
	if !p.is(tkString) {
		p.failHere()
		return ""
	}
	s := p.content(&p.tok)
	p.advance()
	return s
}

// defaultDef parses what follows DEFAULT: a signed literal, CURRENT_TIMESTAMP, or an expression in parentheses.
func (p *parser) defaultDef() *ast.DefaultDef {
	if p.is('(') {
		e, text, pos := p.parenText()
		return &ast.DefaultDef{Expr: e, Paren: true, Text: text, Pos: pos}
	}
	if p.atNow() {
		return p.nowDef()
	}
	start := p.tok.start
	d := &ast.DefaultDef{}
	switch p.tok.kind {
	case '-', '+':
		op := choose(p.is('-'), sqlparser.UMinusStr, sqlparser.UPlusStr)
		p.advance()
		switch p.tok.kind {
		case tkInt, tkDecimal, tkFloat:
			d.Expr = &sqlparser.UnaryExpr{Operator: op, Expr: p.numberLiteral()}
		default:
			p.failHere()
		}
	case tkInt, tkDecimal, tkFloat, tkString, tkNational, tkHex, tkBit, tkCharset:
		d.Expr = p.primary()
	default:
		switch p.tok.kw {
		case kwNull, kwTrue, kwFalse:
			d.Expr = p.primary()
		case kwDate, kwTime, kwTimestamp:
			if p.peek().kind != tkString {
				p.failHere()
			} else {
				d.Expr = p.temporalLiteral()
			}
		default:
			p.failHere()
		}
	}
	d.Text, d.Pos = p.text(start), p.pos(start)
	return d
}

// atNow reports whether CURRENT_TIMESTAMP or a synonym stands here.
func (p *parser) atNow() bool {
	switch p.tok.kw {
	case kwCurrentTimestamp, kwLocaltime, kwLocaltimestamp, kwNow:
		return true
	}
	return false
}

// nowDef parses CURRENT_TIMESTAMP[(n)] or a synonym.
func (p *parser) nowDef() *ast.DefaultDef {
	if !p.atNow() {
		p.failHere()
		return nil
	}
	start := p.tok.start
	d := &ast.DefaultDef{Expr: p.currentFunction()}
	d.Text, d.Pos = p.text(start), p.pos(start)
	return d
}

// parenText parses (expr) and returns the expression with its source.
func (p *parser) parenText() (e sqlparser.Expr, text string, pos ast.Pos) {
	p.expect('(')
	start := p.tok.start
	e = p.expr()
	text, pos = p.text(start), p.pos(start)
	p.expect(')')
	return e, text, pos
}

// generatedDef parses AS (expr) [VIRTUAL|STORED].
func (p *parser) generatedDef() *ast.GeneratedDef {
	p.expectWord(kwAs)
	g := &ast.GeneratedDef{}
	g.Expr, g.Text, g.Pos = p.parenText()
	if !p.word(kwVirtual) {
		g.Stored = p.word(kwStored)
	}
	return g
}

// columnCheck parses [CONSTRAINT [name]] CHECK (expr) ….
func (p *parser) columnCheck() *ast.CheckDef {
	name := ""
	if p.word(kwConstraint) && !p.at(kwCheck) {
		name = p.newName()
	}
	return p.checkDef(name)
}

// checkDef parses CHECK (expr) [[NOT] ENFORCED].
func (p *parser) checkDef(name string) *ast.CheckDef {
	c := &ast.CheckDef{Name: name}
	p.expectWord(kwCheck)
	c.Expr, c.Text, c.Pos = p.parenText()
	if p.words(kwNot, kwEnforced) {
		c.NotEnforced = true
	} else {
		p.word(kwEnforced)
	}
	return c
}

// reference parses REFERENCES t [(columns)] [MATCH …] [ON DELETE …] [ON UPDATE …].
func (p *parser) reference() *ast.ReferenceDef {
	r := &ast.ReferenceDef{}
	start := p.tok.start
	p.expectWord(kwReferences)
	r.Table = p.tableName()
	if p.is('(') {
		r.Columns = p.colIdents()
	}
	if p.word(kwMatch) {
		switch {
		case p.word(kwFull):
			r.Match = "full"
		case p.word(kwPartial):
			r.Match = "partial"
		default:
			p.expectWord(kwSimple)
			r.Match = "simple"
		}
	}
	for p.at(kwOn) {
		p.advance()
		action := &r.OnUpdate
		if p.word(kwDelete) {
			action = &r.OnDelete
		} else {
			p.expectWord(kwUpdate)
		}
		if *action != ast.RefUnspecified {
			p.failHere()
		}
		*action = p.refAction()
	}
	r.Pos = p.pos(start)
	return r
}

func (p *parser) refAction() ast.RefAction {
	switch {
	case p.word(kwRestrict):
		return ast.RefRestrict
	case p.word(kwCascade):
		return ast.RefCascade
	case p.words(kwSet, kwNull):
		return ast.RefSetNull
	case p.words(kwSet, kwDefault):
		return ast.RefSetDefault
	case p.words(kwNo, kwAction):
		return ast.RefNoAction
	}
	p.failHere()
	return ast.RefUnspecified
}
