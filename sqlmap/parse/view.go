package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// viewOptions parses [ALGORITHM = …] [DEFINER = …] [SQL SECURITY …] into v.
func (p *parser) viewOptions(v *ast.CreateView) {
	if p.word(kwAlgorithm) {
		p.expect('=')
		v.Algorithm = p.oneOf(kwUndefined, kwMerge, kwTemptable)
	}
	if p.word(kwDefiner) {
		p.expect('=')
		v.Definer = p.account()
	}
	if p.word(kwSql) {
		p.expectWord(kwSecurity)
		switch {
		case p.word(kwDefiner):
			v.Security = "DEFINER"
		default:
			p.expectWord(kwInvoker)
			v.Security = "INVOKER"
		}
	}
}

// account consumes the name of an account, user[@host] or CURRENT_USER, and returns it as written.
func (p *parser) account() string {
	start := p.tok.start
	if p.word(kwCurrentUser) {
		if p.accept('(') {
			p.expect(')')
		}
		return p.text(start)
	}
	p.identOrText()
	p.accept(tkAt)
	return p.text(start)
}

// view parses what follows VIEW into v.
func (p *parser) view(v *ast.CreateView) sqlparser.Statement {
	p.noParams = false // error 1351 says it better
	v.Table = p.newTableName()
	v.NewName = v.Table
	if p.is('(') {
		v.Columns = p.colIdents()
	}
	p.expectWord(kwAs)
	start := p.tok.start
	v.Select = p.queryExpression()
	v.SelectText, v.Pos = p.text(start), p.pos(start)
	if p.params > 0 {
		p.failLater(sqlerr.New(sqlerr.ViewSelectVariable), start)
	}
	if p.word(kwWith) {
		v.CheckOption = "CASCADED"
		if p.at(kwLocal) || p.at(kwCascaded) {
			v.CheckOption = strings.ToUpper(p.tokText(&p.tok))
			p.advance()
		}
		p.expectWord(kwCheck)
		p.expectWord(kwOption)
	}
	return v
}
