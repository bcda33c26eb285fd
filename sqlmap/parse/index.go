package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// constraintName consumes CONSTRAINT [name] and returns the name; was tells whether the word stood there.
func (p *parser) constraintName() (name string, was bool) {
	if !p.word(kwConstraint) {
		return "", false
	}
	if isIdent(&p.tok) {
		return p.newName(), true
	}
	return "", true
}

// atKey reports whether a key or constraint definition starts here, and no column.
func (p *parser) atKey() bool {
	switch p.tok.kw {
	case kwConstraint, kwPrimary, kwUnique, kwIndex, kwKey, kwFulltext, kwSpatial, kwForeign, kwCheck:
		return true
	}
	return false
}

// keyDef is what a key or constraint definition turned out to be; one of the fields is set.
type keyDef struct {
	index   *ast.IndexDef
	foreign *ast.ForeignKeyDef
	check   *ast.CheckDef
}

// keyDefinition parses a key or constraint of CREATE TABLE or ALTER TABLE … ADD.
func (p *parser) keyDefinition() keyDef {
	start := p.tok.start
	name, constraint := p.constraintName()
	switch p.tok.kw {
	case kwForeign:
		return keyDef{foreign: p.foreignKey(name, start)}
	case kwCheck:
		return keyDef{check: p.checkDef(name)}
	}
	d := &ast.IndexDef{Constraint: name}
	kw := p.tok.kw
	switch kw {
	case kwPrimary:
		p.advance()
		p.expectWord(kwKey)
		d.Kind = ast.IndexPrimary
	case kwUnique:
		p.advance()
		p.indexWord()
		d.Kind = ast.IndexUnique
	case kwFulltext, kwSpatial:
		if constraint {
			p.failHere()
		}
		p.advance()
		p.indexWord()
		d.Kind = ast.IndexFulltext
		if kw == kwSpatial {
			d.Kind = ast.IndexSpatial
		}
	case kwIndex, kwKey:
		if constraint {
			p.failHere()
		}
		p.advance()
	default:
		p.failHere()
	}
	if isIdent(&p.tok) && !(p.at(kwType) && p.peek().kind != '(') {
		d.Name = p.newName()
	}
	if d.Kind == ast.IndexPrimary {
		d.Name = "" // MySQL ignores it: the name is PRIMARY
	}
	p.indexType(d)
	p.indexParts(d)
	p.indexOptions(d)
	d.Pos = p.pos(start)
	return keyDef{index: d}
}

// indexWord consumes INDEX or KEY.
func (p *parser) indexWord() bool { return p.word(kwIndex) || p.word(kwKey) }

// indexType parses USING BTREE and the like.
func (p *parser) indexType(d *ast.IndexDef) {
	if !p.word(kwUsing) && !p.word(kwType) {
		return
	}
	switch p.tok.kw {
	case kwBtree, kwHash, kwRtree:
		d.Using = strings.ToUpper(p.tokText(&p.tok))
		p.advance()
	default:
		p.failHere()
	}
}

// indexParts parses (part, …).
func (p *parser) indexParts(d *ast.IndexDef) {
	p.expect('(')
	for ok := true; ok; ok = p.accept(',') {
		start := p.tok.start
		var part ast.IndexPart
		if p.is('(') {
			part.Expr, part.Text, _ = p.parenText()
		} else {
			part.Column = p.colIdent()
			if p.accept('(') {
				at := p.tok.start
				if part.Length = p.unsigned(); part.Length == 0 {
					p.failAt(at)
				}
				p.expect(')')
			}
		}
		if part.Desc = p.word(kwDesc); !part.Desc {
			p.word(kwAsc)
		}
		part.Pos = p.pos(start)
		d.Parts = append(d.Parts, part)
	}
	p.expect(')')
}

// indexOptions parses the options behind the parts of a key.
func (p *parser) indexOptions(d *ast.IndexDef) {
	for {
		start := p.tok.start
		switch p.tok.kw {
		case kwUsing, kwType:
			p.indexType(d)
		case kwComment:
			p.advance()
			d.Comment = p.textString()
		case kwVisible, kwInvisible:
			d.Visibility = p.visibility()
		case kwKeyBlockSize:
			p.advance()
			p.accept('=')
			at := p.tok
			p.unsigned()
			d.Options = append(d.Options, ast.Option{Name: "KEY_BLOCK_SIZE", Value: p.tokText(&at), Pos: p.pos(start)})
		case kwEngineAttribute, kwSecondaryEngineAttribute:
			name := strings.ToUpper(p.tokText(&p.tok))
			p.advance()
			p.accept('=')
			d.Options = append(d.Options, ast.Option{Name: name, Value: p.stringText(), Pos: p.pos(start)})
		case kwWith:
			if p.peek().kw != kwParser {
				return
			}
			p.advance()
			p.advance()
			d.Options = append(d.Options, ast.Option{Name: "PARSER", Value: p.ident(), Pos: p.pos(start)})
		default:
			return
		}
	}
}

// visibility consumes VISIBLE or INVISIBLE.
func (p *parser) visibility() ast.Visibility {
	if p.word(kwVisible) {
		return ast.Visible
	}
	p.expectWord(kwInvisible)
	return ast.Invisible
}

// foreignKey parses FOREIGN KEY [name] (columns) REFERENCES …; start is where the definition starts.
func (p *parser) foreignKey(name string, start int32) *ast.ForeignKeyDef {
	f := &ast.ForeignKeyDef{Name: name}
	p.advance()
	p.expectWord(kwKey)
	if isIdent(&p.tok) {
		f.IndexName = p.newName()
	}
	f.Columns = p.foreignColumns()
	if r := p.reference(); r != nil {
		f.Ref = *r
	}
	f.Pos = p.pos(start)
	return f
}

// foreignColumns parses the columns of a foreign key: key parts whose order and length mean nothing.
func (p *parser) foreignColumns() []sqlparser.ColIdent {
	var d ast.IndexDef
	at := p.tok.start
	p.indexParts(&d)
	cols := make([]sqlparser.ColIdent, len(d.Parts))
	for i := range d.Parts {
		if d.Parts[i].Expr != nil {
			p.failAt(at)
		}
		cols[i] = d.Parts[i].Column
	}
	return cols
}

// createIndex parses CREATE [UNIQUE|FULLTEXT|SPATIAL] INDEX after CREATE.
func (p *parser) createIndex() sqlparser.Statement {
	start := p.tok.start
	d := &ast.IndexDef{}
	switch {
	case p.word(kwUnique):
		d.Kind = ast.IndexUnique
	case p.word(kwFulltext):
		d.Kind = ast.IndexFulltext
	case p.word(kwSpatial):
		if p.at(kwReferences) {
			p.failNotSupported("CREATE SPATIAL REFERENCE SYSTEM", start)
		}
		d.Kind = ast.IndexSpatial
	}
	p.expectWord(kwIndex)
	n := &ast.CreateIndex{Index: d}
	d.Name = p.newName()
	p.indexType(d)
	p.expectWord(kwOn)
	n.Action, n.Table = sqlparser.AlterStr, p.tableName()
	n.NewName = n.Table
	p.indexParts(d)
	p.indexOptions(d)
	n.Algorithm, n.Lock = p.algorithmAndLock()
	d.Pos = p.pos(start)
	return n
}

// algorithmAndLock parses ALGORITHM [=] … and LOCK [=] … in any order.
func (p *parser) algorithmAndLock() (algorithm, lock string) {
	for {
		switch {
		case p.at(kwAlgorithm):
			algorithm = p.algorithm()
		case p.at(kwLock):
			lock = p.lock()
		default:
			return algorithm, lock
		}
	}
}

// algorithm parses ALGORITHM [=] word.
func (p *parser) algorithm() string {
	p.advance()
	return p.oneOf(kwDefault, kwInstant, kwInplace, kwCopy)
}

// lock parses LOCK [=] word.
func (p *parser) lock() string {
	p.advance()
	return p.oneOf(kwDefault, kwNone, kwShared, kwExclusive)
}

// oneOf consumes [=] and one of the words, which it returns in upper case.
func (p *parser) oneOf(kws ...keyword) string {
	p.accept('=')
	for _, kw := range kws {
		if p.at(kw) {
			s := strings.ToUpper(p.tokText(&p.tok))
			p.advance()
			return s
		}
	}
	p.failHere()
	return ""
}
