package parse

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// reservedPrimary parses an operand that starts with a reserved word.
func (p *parser) reservedPrimary() sqlparser.Expr {
	p.height = 1
	switch p.tok.kw {
	case kwNull:
		p.advance()
		return &sqlparser.NullVal{}
	case kwTrue:
		p.advance()
		return sqlparser.BoolVal(true)
	case kwFalse:
		p.advance()
		return sqlparser.BoolVal(false)
	case kwCase:
		return p.caseExpr()
	case kwExists:
		p.advance()
		sub := p.subquery()
		p.raise(0)
		return &sqlparser.ExistsExpr{Subquery: sub}
	case kwInterval:
		return p.leadingInterval()
	case kwMatch:
		return p.match()
	case kwCurrentDate, kwCurrentTime, kwCurrentTimestamp, kwCurrentUser, kwLocaltime, kwLocaltimestamp,
		kwUtcDate, kwUtcTime, kwUtcTimestamp:
		return p.currentFunction()
	case kwRow:
		return p.rowConstructor()
	case kwDefault:
		return p.defaultOf()
	case kwValues:
		return p.valuesOf()
	}
	if p.beforeParen() {
		return p.call()
	}
	p.failHere()
	return nil
}

// caseExpr parses CASE … END.
func (p *parser) caseExpr() sqlparser.Expr {
	p.enter()
	p.advance()
	c := &sqlparser.CaseExpr{}
	h := 0
	if !p.at(kwWhen) {
		c.Expr = p.expr()
		h = p.height
	}
	for ok := true; ok; ok = p.at(kwWhen) {
		p.expectWord(kwWhen)
		w := &sqlparser.When{Cond: p.expr()}
		h = max(h, p.height)
		p.expectWord(kwThen)
		w.Val = p.expr()
		h = max(h, p.height)
		c.Whens = append(c.Whens, w)
	}
	if p.word(kwElse) {
		c.Else = p.expr()
		h = max(h, p.height)
	}
	p.expectWord(kwEnd)
	p.leave()
	p.raise(h)
	return c
}

// leadingInterval parses `INTERVAL expr unit + expr`, or the function INTERVAL(a, b, …).
func (p *parser) leadingInterval() sqlparser.Expr {
	p.enter()
	defer p.leave()
	e, isInterval := p.interval()
	if !isInterval {
		return e
	}
	h := p.height
	p.expect('+')
	right := p.truthTest()
	p.raise(h)
	return &sqlparser.BinaryExpr{Operator: sqlparser.PlusStr, Left: e, Right: right}
}

// match parses MATCH (columns) AGAINST (expr [mode]).
func (p *parser) match() sqlparser.Expr {
	p.advance()
	m := &sqlparser.MatchExpr{}
	paren := p.accept('(')
	for ok := true; ok; ok = p.accept(',') {
		m.Columns = append(m.Columns, &sqlparser.AliasedExpr{Expr: p.columnName()})
	}
	if paren {
		p.expect(')')
	}
	p.expectWord(kwAgainst)
	p.expect('(')
	m.Expr = p.bitExpr(1)
	switch {
	case p.words(kwIn, kwBoolean):
		p.expectWord(kwMode)
		m.Option = sqlparser.BooleanModeStr
	case p.words(kwIn, kwNatural):
		p.expectWord(kwLanguage)
		p.expectWord(kwMode)
		m.Option = sqlparser.NaturalLanguageModeStr
		if p.words(kwWith, kwQuery) {
			p.expectWord(kwExpansion)
			m.Option = sqlparser.NaturalLanguageModeWithQueryExpansionStr
		}
	case p.words(kwWith, kwQuery):
		p.expectWord(kwExpansion)
		m.Option = sqlparser.QueryExpansionStr
	}
	p.expect(')')
	p.raise(0)
	return m
}

// currentFunction parses a function whose parentheses may be missing. Only times take a precision in them.
func (p *parser) currentFunction() sqlparser.Expr {
	kw := p.tok.kw
	f := &sqlparser.FuncExpr{Name: sqlparser.NewColIdent(p.tokText(&p.tok))}
	p.advance()
	if !p.accept('(') {
		return f
	}
	if p.is(tkInt) && kw != kwCurrentDate && kw != kwUtcDate && kw != kwCurrentUser {
		f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: p.numberLiteral()}}
		p.raise(0)
	}
	p.expect(')')
	return f
}

// rowConstructor parses ROW(a, b, …).
func (p *parser) rowConstructor() sqlparser.Expr {
	p.advance()
	at := p.tok.start
	p.enter()
	q := p.parens()
	p.leave()
	if len(q.list) < 2 {
		p.failAt(max(at, p.end-1))
	}
	return q.list
}

// defaultOf parses DEFAULT(column).
func (p *parser) defaultOf() sqlparser.Expr {
	start := p.tok.start
	p.advance()
	p.expect('(')
	c := p.columnName()
	p.expect(')')
	p.raise(0)
	if c == nil || c.Qualifier.IsEmpty() {
		return &sqlparser.Default{ColName: columnText(c)}
	}
	return &ast.DefaultOf{ValTuple: sqlparser.ValTuple{c}, Pos: p.pos(start)}
}

func columnText(c *sqlparser.ColName) string {
	if c == nil {
		return ""
	}
	return c.Name.String()
}

// valuesOf parses VALUES(column).
func (p *parser) valuesOf() sqlparser.Expr {
	p.advance()
	p.expect('(')
	c := p.columnName()
	p.expect(')')
	p.raise(0)
	return &sqlparser.ValuesFuncExpr{Name: c}
}

// charsetName consumes the name of a character set or collation, which may be quoted, and returns it in lower case.
func (p *parser) charsetName() string {
	switch {
	case p.is(tkString):
		return strings.ToLower(p.stringText())
	case p.at(kwBinary):
		p.advance()
		return "binary"
	case p.is(tkCharset): // COLLATE _utf8mb4 is an identifier to the grammar, and no collation
		p.failHere()
		return ""
	}
	return strings.ToLower(p.ident())
}
