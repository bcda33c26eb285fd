package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// drop parses DROP ….
func (p *parser) drop() sqlparser.Statement {
	start := p.tok.start
	p.advance()
	switch p.tok.kw {
	case kwTable, kwTables, kwTemporary:
		n := &ast.DropTable{Temporary: p.word(kwTemporary)}
		if !p.word(kwTables) {
			p.expectWord(kwTable)
		}
		n.Action = sqlparser.DropStr
		n.IfExists = p.ifExists()
		n.Tables = p.tableNames()
		n.Table = n.Tables[0]
		p.restrict()
		return n
	case kwView:
		p.advance()
		n := &ast.DropView{}
		n.Action = sqlparser.DropStr
		n.IfExists = p.ifExists()
		n.Views = p.tableNames()
		n.Table = n.Views[0]
		p.restrict()
		return n
	case kwIndex:
		p.advance()
		n := &ast.DropIndex{Name: p.indexName()}
		p.expectWord(kwOn)
		n.Action, n.Table = sqlparser.AlterStr, p.tableName()
		n.NewName = n.Table
		n.Algorithm, n.Lock = p.algorithmAndLock()
		return n
	case kwDatabase, kwSchema:
		p.advance()
		n := &ast.DropDatabase{}
		n.Action = sqlparser.DropStr
		n.IfExists = p.ifExists()
		n.DBName = p.ident()
		return n
	case kwTrigger:
		p.advance()
		n := &ast.DropTrigger{}
		n.Action = sqlparser.DropStr
		n.IfExists = p.ifExists()
		n.Name = p.tableName()
		return n
	case kwPrepare:
		return p.deallocate(start)
	}
	p.unsupportedObject("DROP ", start)
	return nil
}
