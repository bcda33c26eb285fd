package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// atQuery reports whether a query without parentheses starts here.
func (p *parser) atQuery() bool {
	switch p.tok.kw {
	case kwSelect, kwWith, kwTable:
		return true
	case kwValues:
		return p.peek().kw == kwRow
	}
	return false
}

// atQueryTail reports whether what may follow a parenthesised query inside a query stands here.
func (p *parser) atQueryTail() bool {
	switch p.tok.kw {
	case kwUnion, kwExcept, kwIntersect, kwOrder, kwLimit, kwFor, kwLock, kwInto:
		return true
	}
	return false
}

// queryExpression parses [WITH …] query [ORDER BY …] [LIMIT …] [locks].
func (p *parser) queryExpression() sqlparser.SelectStatement {
	if !p.at(kwWith) {
		return p.queryExpressionFrom(nil)
	}
	ctes := p.withClause()
	h := p.height
	body := p.queryExpressionFrom(nil)
	p.raise(h)
	return &ast.With{Union: &sqlparser.Union{Type: "with", Left: ctes, Right: body}}
}

// queryExpressionFrom is queryExpression without WITH; first is its first operand when that has been parsed.
func (p *parser) queryExpressionFrom(first sqlparser.SelectStatement) sqlparser.SelectStatement {
	p.enter()
	p.queries++
	base := len(p.windows)
	body := p.unionChain(first, base)
	body = p.queryTail(body)
	p.closeBlock(body, base)
	p.queries--
	p.leave()
	return body
}

// closeBlock resolves the windows of a query block that is complete.
func (p *parser) closeBlock(s sqlparser.SelectStatement, base int) {
	if len(p.windows) == base && p.err == nil {
		return
	}
	var defs []*ast.WindowSpec
	if _, ext, ok := ast.SelectOf(s); ok && ext != nil {
		defs = ext.Windows
	}
	p.resolveWindows(base, defs)
}

// unionChain parses operands of UNION and EXCEPT, left to right.
func (p *parser) unionChain(first sqlparser.SelectStatement, base int) sqlparser.SelectStatement {
	left := p.intersectChain(first, base)
	for {
		kw := p.tok.kw
		if kw != kwUnion && kw != kwExcept {
			return left
		}
		p.closeBlock(left, base)
		h := p.height
		p.advance()
		all, distinct := p.word(kwAll), p.distinct()
		right := p.intersectChain(nil, base)
		p.closeBlock(right, base)
		p.raise(h)
		if kw == kwExcept {
			left = &ast.SetOp{Union: &sqlparser.Union{Type: "except", Left: left, Right: right}, Kind: ast.Except, All: all}
			continue
		}
		u := &sqlparser.Union{Type: sqlparser.UnionStr, Left: left, Right: right}
		switch {
		case all:
			u.Type = sqlparser.UnionAllStr
		case distinct:
			u.Type = sqlparser.UnionDistinctStr
		}
		left = u
	}
}

// intersectChain parses operands of INTERSECT, which binds tighter.
func (p *parser) intersectChain(first sqlparser.SelectStatement, base int) sqlparser.SelectStatement {
	left := first
	if left == nil {
		left = p.queryTerm()
	}
	for p.at(kwIntersect) {
		p.closeBlock(left, base)
		h := p.height
		p.advance()
		all := p.word(kwAll)
		if !all {
			p.distinct()
		}
		right := p.queryTerm()
		p.closeBlock(right, base)
		p.raise(h)
		left = &ast.SetOp{Union: &sqlparser.Union{Type: "intersect", Left: left, Right: right}, Kind: ast.Intersect, All: all}
	}
	return left
}

// queryTerm parses an operand of a set operation.
func (p *parser) queryTerm() sqlparser.SelectStatement {
	switch {
	case p.at(kwSelect):
		return p.querySpec()
	case p.at(kwValues):
		return p.valuesStatement()
	case p.at(kwTable):
		start := p.tok.start
		p.advance()
		p.height = 1
		t := &ast.TableStmt{Select: &sqlparser.Select{
			SelectExprs: sqlparser.SelectExprs{&sqlparser.StarExpr{}},
			From:        sqlparser.TableExprs{&sqlparser.AliasedTableExpr{Expr: p.tableName()}},
		}}
		t.Pos = p.pos(start)
		return t
	case p.is('('):
		p.enter()
		p.advance()
		inner := p.queryExpression()
		p.expect(')')
		p.leave()
		p.raise(0)
		return &sqlparser.ParenSelect{Select: inner}
	}
	p.failHere()
	return nil
}

// tail is what follows the body of a query expression.
type tail struct {
	order sqlparser.OrderBy
	limit *sqlparser.Limit
	locks []ast.LockClause
	into  []*ast.UserVar
}

func (t *tail) empty() bool {
	return t.order == nil && t.limit == nil && t.locks == nil && t.into == nil
}

// queryTail parses ORDER BY, LIMIT, locks and INTO and attaches them to body.
func (p *parser) queryTail(body sqlparser.SelectStatement) sqlparser.SelectStatement {
	var t tail
	h := p.height
	if p.at(kwOrder) {
		t.order = p.orderBy()
		h = max(h, p.height)
	}
	if p.at(kwLimit) {
		t.limit = p.limit()
	}
	if p.at(kwInto) {
		t.into = p.into()
	}
	t.locks = p.locks()
	if p.at(kwInto) && t.into == nil {
		t.into = p.into()
	}
	p.height = h
	if t.empty() || p.err != nil {
		return body
	}
	return p.attach(body, &t)
}

// attach puts t where it belongs: into the query block or set operation, also into a parenthesised one that has
// none, or on a node of its own above a parenthesis that has.
func (p *parser) attach(body sqlparser.SelectStatement, t *tail) sqlparser.SelectStatement {
	lock := lockString(t.locks)
	union := func(u *sqlparser.Union) {
		u.OrderBy, u.Limit, u.Lock = t.order, t.limit, lock
		if complexLocks(t.locks) {
			p.failNotSupported("OF, NOWAIT or SKIP LOCKED behind a set operation", t.locks[0].Start)
		}
		if t.into != nil {
			p.failNotSupported("INTO behind a set operation", t.into[0].Start)
		}
	}
	switch body.(type) {
	case *ast.ValuesStmt, *ast.TableStmt:
		if t.into != nil {
			p.failNotSupported("INTO behind VALUES and TABLE", t.into[0].Start)
		}
	}
	switch b := body.(type) {
	case *sqlparser.Select:
		b.OrderBy, b.Limit, b.Lock = t.order, t.limit, lock
		if !complexLocks(t.locks) && t.into == nil {
			return b
		}
		return &ast.Select{Select: b, SelectExt: ast.SelectExt{Locks: t.locks, Into: t.into}}
	case *ast.Select:
		b.OrderBy, b.Limit, b.Lock = t.order, t.limit, lock
		if complexLocks(t.locks) {
			b.Locks = t.locks
		}
		if t.into != nil && b.Into != nil {
			p.failAt(t.into[0].Start)
		}
		if t.into != nil {
			b.Into = t.into
		}
	case *ast.ValuesStmt:
		b.OrderBy, b.Limit = t.order, t.limit
	case *ast.TableStmt:
		b.OrderBy, b.Limit, b.Lock = t.order, t.limit, lock
	case *sqlparser.Union:
		union(b)
	case *ast.SetOp:
		union(b.Union)
	case *sqlparser.ParenSelect:
		if mergeable(b.Select) {
			b.Select = p.attach(b.Select, t)
			return b
		}
		n := &ast.Nested{Union: &sqlparser.Union{Type: "nested", Left: b}}
		union(n.Union)
		p.raise(0)
		return n
	}
	return body
}

// mergeable reports whether ORDER BY and LIMIT behind the parenthesis around s mean the same inside it.
func mergeable(s sqlparser.SelectStatement) bool {
	switch n := s.(type) {
	case *sqlparser.Select:
		return n.OrderBy == nil && n.Limit == nil && n.Lock == ""
	case *ast.Select:
		return n.OrderBy == nil && n.Limit == nil && n.Lock == "" && n.Into == nil
	case *sqlparser.Union:
		return n.OrderBy == nil && n.Limit == nil && n.Lock == ""
	case *ast.SetOp:
		return n.OrderBy == nil && n.Limit == nil && n.Lock == ""
	case *sqlparser.ParenSelect:
		return mergeable(n.Select)
	}
	return false
}

// lockString returns the Lock of sqlparser's nodes.
func lockString(locks []ast.LockClause) string {
	s := ""
	for _, l := range locks {
		if !l.Share {
			return sqlparser.ForUpdateStr
		}
		s = sqlparser.ShareModeStr
	}
	return s
}

// complexLocks reports whether locks say more than lockString does.
func complexLocks(locks []ast.LockClause) bool {
	return len(locks) > 1 || len(locks) == 1 && (locks[0].Of != nil || locks[0].NoWait || locks[0].SkipLocked)
}

// locks parses locking clauses.
func (p *parser) locks() []ast.LockClause {
	var list []ast.LockClause
	for {
		l := ast.LockClause{}
		start := p.tok.start
		switch p.tok.kw {
		case kwFor:
			p.advance()
			if l.Share = p.word(kwShare); !l.Share {
				p.expectWord(kwUpdate)
			}
			if p.word(kwOf) {
				l.Of = p.tableNames()
			}
			if p.word(kwNowait) {
				l.NoWait = true
			} else if p.word(kwSkip) {
				p.expectWord(kwLocked)
				l.SkipLocked = true
			}
		case kwLock:
			p.advance()
			p.expectWord(kwIn)
			p.expectWord(kwShare)
			p.expectWord(kwMode)
			l.Share = true
		default:
			return list
		}
		l.Pos = p.pos(start)
		list = append(list, l)
	}
}

// into parses INTO @a, @b, which only the outermost query of a SELECT may have.
func (p *parser) into() []*ast.UserVar {
	if p.queries != 1 || !p.intoOK {
		p.failHere()
		return nil
	}
	p.advance()
	switch word := p.tokText(&p.tok); {
	case p.at(kwOutfile), p.is(tkIdent) && equalFold(word, "dumpfile"):
		p.failNotSupported("SELECT … INTO "+strings.ToUpper(word), p.tok.start)
	case isIdent(&p.tok):
		p.fail(sqlerr.New(sqlerr.UndeclaredVariable, p.ident()), p.tok.start)
	}
	var list []*ast.UserVar
	for ok := true; ok; ok = p.accept(',') {
		if !p.is(tkAt) {
			p.failHere()
			return nil
		}
		start := p.tok.start
		name := p.variableName()
		p.advance()
		list = append(list, &ast.UserVar{Name: name, Pos: p.pos(start)})
	}
	return list
}

// orderBy parses ORDER BY expr [ASC|DESC], ….
func (p *parser) orderBy() sqlparser.OrderBy {
	p.expectWord(kwOrder)
	p.expectWord(kwBy)
	var list sqlparser.OrderBy
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		o := &sqlparser.Order{Expr: p.expr(), Direction: sqlparser.AscScr}
		h = max(h, p.height)
		if p.word(kwDesc) {
			o.Direction = sqlparser.DescScr
		} else {
			p.word(kwAsc)
		}
		list = append(list, o)
	}
	p.height = h
	return list
}

// limit parses LIMIT n, LIMIT offset, n and LIMIT n OFFSET offset.
func (p *parser) limit() *sqlparser.Limit {
	p.advance()
	l := &sqlparser.Limit{Rowcount: p.limitOption()}
	switch {
	case p.accept(','):
		l.Offset, l.Rowcount = l.Rowcount, p.limitOption()
	case p.word(kwOffset):
		l.Offset = p.limitOption()
	}
	return l
}

// limitOption parses a number of rows: digits or a placeholder.
func (p *parser) limitOption() sqlparser.Expr {
	switch p.tok.kind {
	case tkInt:
		at := p.tok.start
		e := p.numberLiteral()
		if l := e.(*ast.Literal); l.Kind == ast.LitDecimal {
			p.failAt(at)
		}
		return e
	case tkParam, tkNamed:
		return p.param()
	}
	p.failHere()
	return nil
}

// withClause parses WITH [RECURSIVE] name [(columns)] AS (query), ….
func (p *parser) withClause() *ast.CTEs {
	start := p.tok.start
	p.advance()
	w := &ast.CTEs{Select: &sqlparser.Select{}}
	w.Recursive = p.word(kwRecursive)
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		c := &ast.CTE{}
		at := p.tok.start
		c.As = p.tableIdent()
		if p.is('(') {
			c.Columns = p.colIdents()
		}
		p.expectWord(kwAs)
		open := p.tok.end
		sub := p.subquery()
		c.Expr = sub
		if p.err == nil {
			c.Text = trimSpace(p.lex.src[open : p.end-1])
		}
		c.Pos = p.pos(at)
		h = max(h, p.height)
		for _, o := range w.List {
			if equalFold(o.As.String(), c.As.String()) {
				p.failLater(sqlerr.New(sqlerr.NonUniqueTable, c.As.String()), at)
			}
		}
		w.List = append(w.List, c)
		w.From = append(w.From, c)
		if len(w.List) > maxCTEs {
			p.failNotSupported("WITH of more than 1000 tables", at)
		}
	}
	w.Pos = p.pos(start)
	p.height = h
	p.raise(0)
	return w
}

// maxCTEs bounds a WITH clause, whose names are compared with each other.
const maxCTEs = 1000

// valuesStatement parses VALUES ROW(…), ROW(…).
func (p *parser) valuesStatement() sqlparser.SelectStatement {
	start := p.tok.start
	p.expectWord(kwValues)
	v := &ast.ValuesStmt{Select: &sqlparser.Select{}}
	v.Rows = p.rows(true)
	v.Pos = p.pos(start)
	return v
}
