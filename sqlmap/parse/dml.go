package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// insert parses INSERT and REPLACE.
func (p *parser) insert() sqlparser.Statement {
	p.returning = true
	n := &sqlparser.Insert{Action: sqlparser.InsertStr}
	replace := p.at(kwReplace)
	if replace {
		n.Action = sqlparser.ReplaceStr
	}
	var ext ast.InsertExt
	n.Comments = p.verb()
	switch {
	case p.word(kwLowPriority):
		ext.Priority = ast.PriorityLow
	case p.word(kwDelayed):
		ext.Priority = ast.PriorityDelayed
	case !replace && p.word(kwHighPriority):
		ext.Priority = ast.PriorityHigh
	}
	if !replace && p.word(kwIgnore) {
		n.Ignore = "ignore "
	}
	p.word(kwInto)
	n.Table = p.tableName()
	if p.at(kwPartition) {
		p.failNotSupported("PARTITION", p.tok.start)
	}
	p.insertSource(n, &ext)
	if !replace && p.at(kwOn) {
		n.OnDup = p.onDuplicate()
	}
	ext.Returning = p.returningClause()
	if ext.Priority == 0 && ext.RowAlias.IsEmpty() && ext.Returning == nil && !ext.EmptyList {
		return n
	}
	return &ast.Insert{Insert: n, InsertExt: ext}
}

// insertSource parses what stands between the table and ON DUPLICATE KEY: columns and rows, SET or a query.
func (p *parser) insertSource(n *sqlparser.Insert, ext *ast.InsertExt) {
	if p.is('(') {
		if p.insertQueryInParens() {
			n.Rows = p.insertRows(p.queryExpression())
			return
		}
		n.Columns = p.insertColumns(n.Table)
		ext.EmptyList = n.Columns == nil
	}
	switch {
	case p.at(kwValues) && p.peek().kw == kwRow, p.at(kwSelect), p.at(kwWith), p.at(kwTable), p.is('('):
		n.Rows = p.insertRows(p.queryExpression())
	case p.word(kwValues), p.word(kwValue):
		n.Rows = p.rows(false)
		p.rowAlias(ext)
	case n.Columns == nil && !ext.EmptyList && p.word(kwSet):
		p.insertSet(n)
		p.rowAlias(ext)
	default:
		p.failHere()
	}
}

// insertQueryInParens reports whether the parenthesis here begins a query and no column list.
func (p *parser) insertQueryInParens() bool {
	l := p.lex
	var t token
	for l.next(&t); t.kind == '('; {
		l.next(&t)
	}
	switch t.kw {
	case kwSelect, kwWith, kwTable, kwValues:
		return true
	}
	return false
}

// insertRows makes a query the rows of an INSERT.
func (p *parser) insertRows(q sqlparser.SelectStatement) sqlparser.InsertRows {
	rows, ok := q.(sqlparser.InsertRows)
	if !ok {
		p.failHere()
	}
	return rows
}

// insertColumns parses a column list. A qualifier must be the table's own name.
func (p *parser) insertColumns(table sqlparser.TableName) sqlparser.Columns {
	p.expect('(')
	if p.accept(')') {
		return nil
	}
	var list sqlparser.Columns
	for ok := true; ok; ok = p.accept(',') {
		list = append(list, p.insertColumn(table))
	}
	p.expect(')')
	return list
}

func (p *parser) insertColumn(table sqlparser.TableName) sqlparser.ColIdent {
	at := p.tok.start
	c := p.columnName()
	if c == nil {
		return sqlparser.ColIdent{}
	}
	q := c.Qualifier
	if !q.IsEmpty() && (q.Name != table.Name || !q.Qualifier.IsEmpty() && !table.Qualifier.IsEmpty() && q.Qualifier != table.Qualifier) {
		name := q.Name.String() + "." + c.Name.String()
		if !q.Qualifier.IsEmpty() {
			name = q.Qualifier.String() + "." + name
		}
		p.failLater(sqlerr.New(sqlerr.UnknownColumn, name, "field list"), at)
	}
	return c.Name
}

// insertSet parses SET column = value, … into one row.
func (p *parser) insertSet(n *sqlparser.Insert) {
	r := &ast.Rows{}
	start := p.tok.start
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		n.Columns = append(n.Columns, p.insertColumn(n.Table))
		p.assignSign()
		r.AddExpr(p.exprOrDefault())
		h = max(h, p.height)
	}
	r.EndRow(start)
	p.height = h
	n.Rows = r
}

// assignSign consumes the = or := of an assignment.
func (p *parser) assignSign() {
	if !p.accept(tkAssign) {
		p.expect('=')
	}
}

// rowAlias parses AS new[(columns)] behind VALUES or SET.
func (p *parser) rowAlias(ext *ast.InsertExt) {
	if !p.word(kwAs) {
		return
	}
	ext.RowAlias = p.tableIdent()
	if p.is('(') {
		ext.RowColumns = p.colIdents()
	}
}

// onDuplicate parses ON DUPLICATE KEY UPDATE ….
func (p *parser) onDuplicate() sqlparser.OnDup {
	p.advance()
	p.expectWord(kwDuplicate)
	p.expectWord(kwKey)
	p.expectWord(kwUpdate)
	return sqlparser.OnDup(p.assignments())
}

// assignments parses column = expr|DEFAULT, ….
func (p *parser) assignments() sqlparser.UpdateExprs {
	var list sqlparser.UpdateExprs
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		u := &sqlparser.UpdateExpr{Name: p.columnName()}
		p.assignSign()
		u.Expr = p.exprOrDefault()
		h = max(h, p.height)
		list = append(list, u)
	}
	p.height = h
	return list
}

// returningClause parses RETURNING select list.
func (p *parser) returningClause() sqlparser.SelectExprs {
	if !p.word(kwReturning) {
		return nil
	}
	return p.selectList()
}

// update parses UPDATE; with is the WITH clause before it, or nil.
func (p *parser) update(with *ast.CTEs) sqlparser.Statement {
	n := &sqlparser.Update{}
	ext := ast.UpdateExt{With: with}
	n.Comments = p.verb()
	ext.LowPriority = p.word(kwLowPriority)
	ext.Ignore = p.word(kwIgnore)
	n.TableExprs = p.tableRefs()
	p.expectWord(kwSet)
	n.Exprs = p.assignments()
	if p.word(kwWhere) {
		n.Where = &sqlparser.Where{Type: sqlparser.WhereStr, Expr: p.expr()}
	}
	several := len(n.TableExprs) > 1
	if !several && p.err == nil {
		_, _, _, _, single := ast.TableOf(n.TableExprs[0])
		several = !single
	}
	if at := p.tok.start; p.at(kwOrder) {
		if n.OrderBy = p.orderBy(); several {
			p.failLater(sqlerr.New(sqlerr.WrongUsage, "UPDATE", "ORDER BY"), at)
		}
	}
	if at := p.tok.start; p.at(kwLimit) {
		if n.Limit = p.rowLimit(); several {
			p.failLater(sqlerr.New(sqlerr.WrongUsage, "UPDATE", "LIMIT"), at)
		}
	}
	if ext == (ast.UpdateExt{}) {
		return n
	}
	return &ast.Update{Update: n, UpdateExt: ext}
}

// rowLimit parses LIMIT n.
func (p *parser) rowLimit() *sqlparser.Limit {
	p.advance()
	return &sqlparser.Limit{Rowcount: p.limitOption()}
}

// delete parses DELETE; with is the WITH clause before it, or nil.
func (p *parser) delete(with *ast.CTEs) sqlparser.Statement {
	p.returning = true
	n := &sqlparser.Delete{}
	ext := ast.DeleteExt{With: with}
	n.Comments = p.verb()
	ext.LowPriority = p.word(kwLowPriority)
	if p.at(kwQuick) {
		p.advance()
		ext.Quick = true
	}
	ext.Ignore = p.word(kwIgnore)
	if p.word(kwFrom) {
		p.deleteFrom(n)
	} else {
		n.Targets = p.deleteTargets()
		p.expectWord(kwFrom)
		n.TableExprs = p.tableRefs()
	}
	if p.word(kwWhere) {
		n.Where = &sqlparser.Where{Type: sqlparser.WhereStr, Expr: p.expr()}
	}
	if n.Targets == nil {
		if p.at(kwOrder) {
			n.OrderBy = p.orderBy()
		}
		if p.at(kwLimit) {
			n.Limit = p.rowLimit()
		}
		ext.Returning = p.returningClause()
	}
	if with == nil && !ext.LowPriority && !ext.Quick && !ext.Ignore && ext.Returning == nil {
		return n
	}
	return &ast.Delete{Delete: n, DeleteExt: ext}
}

// deleteFrom parses what follows DELETE FROM: one table, or targets USING table references.
func (p *parser) deleteFrom(n *sqlparser.Delete) {
	mark := p.lex
	tok, end, tokens := p.tok, p.end, p.tokens
	targets := p.deleteTargets()
	if p.word(kwUsing) {
		n.Targets = targets
		n.TableExprs = p.tableRefs()
		return
	}
	if p.err != nil {
		return
	}
	// No USING: it was one table, which may have an alias.
	p.lex, p.tok, p.end, p.tokens = mark, tok, end, tokens
	t := &sqlparser.AliasedTableExpr{Expr: p.tableName()}
	t.As = p.tableAlias()
	if p.at(kwPartition) {
		p.failNotSupported("PARTITION", p.tok.start)
	}
	n.TableExprs = sqlparser.TableExprs{t}
}

// deleteTargets parses t[.*], ….
func (p *parser) deleteTargets() sqlparser.TableNames {
	var list sqlparser.TableNames
	for ok := true; ok; ok = p.accept(',') {
		t := sqlparser.TableName{Name: p.tableIdent()}
		for p.accept('.') {
			if p.accept('*') {
				break
			}
			if !t.Qualifier.IsEmpty() {
				p.failHere()
			}
			t.Qualifier, t.Name = t.Name, p.tableIdent()
		}
		list = append(list, t)
	}
	return list
}
