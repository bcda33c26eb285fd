package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// parenthesised is what stood between parentheses: a query, or a list of at least one expression.
type parenthesised struct {
	query sqlparser.SelectStatement
	list  sqlparser.ValTuple
}

// parens parses a parenthesis that holds a query or expressions. Which of the two `((` begins is known only further
// in: `((SELECT 1))` and `((SELECT 1) UNION (SELECT 2))` are queries, `((SELECT 1) + 1)` is an expression. The
// caller counts the nesting.
func (p *parser) parens() parenthesised {
	p.expect('(')
	if p.atQuery() {
		q := p.queryExpression()
		p.expect(')')
		return parenthesised{query: q}
	}
	if p.is('(') {
		start := p.tok.start
		p.enter()
		inner := p.parens()
		p.leave()
		if inner.query != nil && (p.is(')') || p.atQueryTail()) {
			if !p.is(')') {
				inner.query = p.queryExpressionFrom(&sqlparser.ParenSelect{Select: inner.query})
			}
			p.expect(')')
			return parenthesised{query: inner.query}
		}
		p.give(inner, start)
	}
	return parenthesised{list: p.exprList()}
}

// exprList parses expressions up to a closing parenthesis.
func (p *parser) exprList() sqlparser.ValTuple {
	first := p.expr()
	if p.is(')') {
		p.advance()
		p.raise(0)
		return sqlparser.ValTuple{first}
	}
	base := len(p.exprs)
	p.exprs = append(p.exprs, first)
	h := p.height
	for p.accept(',') {
		p.exprs = append(p.exprs, p.expr())
		h = max(h, p.height)
	}
	p.expect(')')
	list := append(make(sqlparser.ValTuple, 0, len(p.exprs)-base), p.exprs[base:]...)
	clear(p.exprs[base:])
	p.exprs = p.exprs[:base]
	p.raise(h)
	return list
}

// give makes a parenthesis that has been parsed the first operand of the expression that is parsed next.
func (p *parser) give(q parenthesised, start int32) {
	if p.err != nil {
		return
	}
	p.given, p.givenStart = parenExpr(q), start
}

// parenExpr returns a parenthesis as an expression.
func parenExpr(q parenthesised) sqlparser.Expr {
	switch {
	case q.query != nil:
		return &sqlparser.Subquery{Select: q.query}
	case len(q.list) == 1:
		return &sqlparser.ParenExpr{Expr: q.list[0]}
	}
	return q.list
}

// start returns where the expression that is parsed next starts.
func (p *parser) start() int32 {
	if p.given != nil {
		return p.givenStart
	}
	return p.tok.start
}

// subquery parses a parenthesised query.
func (p *parser) subquery() *sqlparser.Subquery {
	if !p.is('(') {
		p.failHere()
		return nil
	}
	at := p.tok.start
	p.enter()
	q := p.parens()
	p.leave()
	if q.query == nil {
		p.failAt(at)
	}
	return &sqlparser.Subquery{Select: q.query}
}

// primary parses an operand without operators.
func (p *parser) primary() sqlparser.Expr {
	if e := p.given; e != nil {
		p.given = nil
		return e
	}
	switch p.tok.kind {
	case tkIdent, tkQuoted:
		return p.identPrimary()
	case tkReserved:
		return p.reservedPrimary()
	case tkParam, tkNamed:
		return p.param()
	case tkInt, tkDecimal, tkFloat:
		return p.numberLiteral()
	case tkString, tkNational:
		return p.stringLiteral()
	case tkHex, tkBit:
		return p.digitLiteral()
	case tkCharset:
		return p.introducedLiteral()
	case tkAt:
		return p.userVariable()
	case tkAtAt:
		return p.systemVariable()
	case '(':
		p.enter()
		q := p.parens()
		p.leave()
		return parenExpr(q)
	case '{':
		return p.odbcEscape()
	}
	p.failHere()
	return nil
}

// identPrimary parses a column, a function call or a temporal literal.
func (p *parser) identPrimary() sqlparser.Expr {
	if p.beforeParen() && p.namesFunction() {
		return p.call()
	}
	switch p.tok.kw {
	case kwDate, kwTime, kwTimestamp:
		if p.peek().kind == tkString {
			return p.temporalLiteral()
		}
	}
	return p.column()
}

// beforeParen reports whether an opening parenthesis follows the current token.
func (p *parser) beforeParen() bool {
	for i := int(p.lex.pos); i < len(p.lex.src); i++ {
		switch c := p.lex.src[i]; {
		case c == '(':
			return true
		case isSpace(c):
		case c == '/' || c == '-' || c == '#' || c == '*': // maybe a comment
			return p.peek().kind == '('
		default:
			return false
		}
	}
	return false
}

// colNode is a column with its position in one allocation.
type colNode struct {
	sqlparser.ColName
	pos ast.Pos
}

// newColumn returns a column that spans from start to the last token.
func (p *parser) newColumn(qualifier sqlparser.TableName, name string, start int32) *sqlparser.ColName {
	n := &colNode{ColName: sqlparser.ColName{Name: sqlparser.NewColIdent(name), Qualifier: qualifier}, pos: p.pos(start)}
	n.Metadata = &n.pos
	return &n.ColName
}

// column parses [[db.]table.]column, or db.function(…).
func (p *parser) column() sqlparser.Expr {
	p.height = 1
	start := p.tok.start
	a := p.ident()
	if !p.accept('.') {
		return p.newColumn(sqlparser.TableName{}, a, start)
	}
	if p.beforeParen() && isIdent(&p.tok) {
		return p.storedCall(a)
	}
	b := p.ident()
	if !p.accept('.') {
		return p.newColumn(sqlparser.TableName{Name: sqlparser.NewTableIdent(a)}, b, start)
	}
	c := p.ident()
	return p.newColumn(sqlparser.TableName{Qualifier: sqlparser.NewTableIdent(a), Name: sqlparser.NewTableIdent(b)}, c, start)
}

// columnName parses a column where nothing else may stand.
func (p *parser) columnName() *sqlparser.ColName {
	if !isIdent(&p.tok) {
		p.failHere()
		return nil
	}
	at := p.tok.start
	c, ok := p.column().(*sqlparser.ColName)
	if !ok {
		p.failAt(at)
	}
	return c
}

// param consumes a placeholder.
func (p *parser) param() sqlparser.Expr {
	p.height = 1
	start := p.tok.start
	if p.noParams {
		p.failHere()
		return nil
	}
	n := &ast.Param{Pos: ast.Pos{Start: start, End: p.tok.end}}
	n.Type = sqlparser.ValArg
	if p.is(tkParam) {
		if len(p.paramNames) > 0 {
			p.failHere()
		}
		n.Index = p.params
		p.params++
		n.Val = paramVal(p.params)
	} else {
		if p.params > len(p.paramNames) {
			p.failHere()
			return nil
		}
		n.Val = p.byteSlice(p.tokText(&p.tok))
		n.Name = p.tokText(&p.tok)[1:]
		n.Index = p.paramIndex(n.Name)
		p.params = len(p.paramNames)
	}
	if p.params > maxParams {
		p.fail(sqlerr.New(sqlerr.MaxPreparedParams), start)
	}
	p.advance()
	return n
}

// paramIndex returns the index of the named parameter and adds it when it is new.
func (p *parser) paramIndex(name string) int {
	if p.paramMap == nil {
		p.paramMap = make(map[string]int)
	}
	if i, ok := p.paramMap[name]; ok {
		return i
	}
	p.paramMap[name] = len(p.paramNames)
	p.paramNames = append(p.paramNames, name)
	return len(p.paramNames) - 1
}

// paramVals are the texts of the first parameters; they are shared and read only.
var paramVals = func() (vals [64][]byte) {
	for i := range vals {
		vals[i] = makeParamVal(i)
	}
	return vals
}()

// paramVal returns ":v1" for 1.
func paramVal(n int) []byte {
	if n < len(paramVals) {
		return paramVals[n]
	}
	return makeParamVal(n)
}

func makeParamVal(n int) []byte {
	b := append(make([]byte, 0, 8), ":v"...)
	var d [8]byte
	i := len(d)
	for i--; n > 9; i-- {
		d[i] = byte('0' + n%10)
		n /= 10
	}
	d[i] = byte('0' + n)
	return append(b, d[i:]...)
}

// variableName returns the name of the user variable that the current token is.
func (p *parser) variableName() string {
	s := p.tokText(&p.tok)
	switch s[1] {
	case '\'', '"', '`':
		return p.content(&p.tok)
	}
	return s[1:]
}

// userVariable consumes @name, or `@name := expr`.
func (p *parser) userVariable() sqlparser.Expr {
	p.height = 1
	start := p.tok.start
	name := p.variableName()
	p.checkUTF8(name)
	p.advance()
	if !p.accept(tkAssign) {
		return &ast.UserVar{Name: name, Pos: p.pos(start)}
	}
	e := p.expr()
	p.raise(0)
	return &ast.Assign{UnaryExpr: sqlparser.UnaryExpr{Operator: ":=", Expr: e}, Name: name, Pos: p.pos(start)}
}

// systemVariable consumes @@[scope.]name.
func (p *parser) systemVariable() sqlparser.Expr {
	p.height = 1
	start := p.tok.start
	scope, name := p.systemName()
	if scope == ast.ScopePersist || scope == ast.ScopePersistOnly {
		p.failAt(start)
	}
	return &ast.SysVar{Scope: scope, Name: name, Pos: p.pos(start)}
}

// systemName consumes @@[scope.]name.
func (p *parser) systemName() (ast.Scope, string) {
	p.advance()
	scope := ast.ScopeNone
	if p.is(tkIdent) {
		if s, ok := scopes[strings.ToLower(p.tokText(&p.tok))]; ok && p.peek().kind == '.' {
			scope = s
			p.advance()
			p.advance()
		}
	}
	return scope, p.systemVariableName()
}

var scopes = map[string]ast.Scope{
	"global": ast.ScopeGlobal, "session": ast.ScopeSession, "local": ast.ScopeSession,
	"persist": ast.ScopePersist, "persist_only": ast.ScopePersistOnly,
}

// systemVariableName consumes name or component.name and returns it in lower case.
func (p *parser) systemVariableName() string {
	name := p.ident()
	if p.is('.') {
		p.advance()
		name += "." + p.ident()
	}
	return strings.ToLower(name)
}

// odbcEscape parses {d '…'}, {t '…'}, {ts '…'} and {fn …}.
func (p *parser) odbcEscape() sqlparser.Expr {
	start := p.tok.start
	p.advance()
	what := strings.ToLower(p.ident())
	kind := ast.LitString
	switch what {
	case "d":
		kind = ast.LitDate
	case "t":
		kind = ast.LitTime
	case "ts":
		kind = ast.LitTimestamp
	}
	e := p.expr()
	p.expect('}')
	l, ok := e.(*ast.Literal)
	if !ok || l.Kind != ast.LitString || kind == ast.LitString {
		return e
	}
	return p.newLiteral(kind, sqlparser.StrVal, l.Text(), l.Value, start)
}
