package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// The grammar of expressions is MySQL's, level by level: expr (OR, XOR, AND, NOT), comparison (=, IS NULL, …),
// predicate (IN, LIKE, BETWEEN, …), bit expression (| to ^, by precedence climbing), simple expression (unary
// operators, COLLATE and operands). What is refused between the levels, such as `a = NOT b`, is refused by MySQL.

// leftDeepChain is how many operands of one AND or OR chain make a left-deep tree, as sqlparser has it; longer
// chains are balanced, with the same order of evaluation.
const leftDeepChain = 64

// expr parses a whole expression.
func (p *parser) expr() sqlparser.Expr {
	p.enter()
	e := p.orExpr()
	p.leave()
	return e
}

func (p *parser) orExpr() sqlparser.Expr {
	left := p.xorExpr()
	if !p.atOr() {
		return left
	}
	base := len(p.exprs)
	p.exprs = append(p.exprs, left)
	h := p.height
	for p.atOr() {
		p.advance()
		p.exprs = append(p.exprs, p.xorExpr())
		h = max(h, p.height)
	}
	return p.chain(base, h, func(l, r sqlparser.Expr) sqlparser.Expr { return &sqlparser.OrExpr{Left: l, Right: r} })
}

func (p *parser) atOr() bool {
	return p.at(kwOr) || p.is(tkOrOr) && p.lex.mode&PipesAsConcat == 0
}

func (p *parser) xorExpr() sqlparser.Expr {
	left := p.andExpr()
	for p.at(kwXor) {
		h := p.height
		start := p.tok.start
		p.advance()
		right := p.andExpr()
		p.raise(h)
		left = &ast.Xor{BinaryExpr: sqlparser.BinaryExpr{Operator: ast.XorStr, Left: left, Right: right}, Pos: p.pos(start)}
	}
	return left
}

func (p *parser) andExpr() sqlparser.Expr {
	left := p.notExpr()
	if !p.at(kwAnd) && !p.is(tkAndAnd) {
		return left
	}
	base := len(p.exprs)
	p.exprs = append(p.exprs, left)
	h := p.height
	for p.at(kwAnd) || p.is(tkAndAnd) {
		p.advance()
		p.exprs = append(p.exprs, p.notExpr())
		h = max(h, p.height)
	}
	return p.chain(base, h, func(l, r sqlparser.Expr) sqlparser.Expr { return &sqlparser.AndExpr{Left: l, Right: r} })
}

// chain combines the operands that lie on the scratch stack from base on, whose trees are at most h high.
func (p *parser) chain(base, h int, combine func(l, r sqlparser.Expr) sqlparser.Expr) sqlparser.Expr {
	ops := p.exprs[base:]
	var e sqlparser.Expr
	levels := 0
	if len(ops) <= leftDeepChain {
		e = ops[0]
		for _, r := range ops[1:] {
			e = combine(e, r)
		}
		levels = len(ops) - 1
	} else {
		e = balance(ops, combine)
		for n := len(ops) - 1; n > 0; n >>= 1 {
			levels++
		}
	}
	clear(ops)
	p.exprs = p.exprs[:base]
	p.height = h + levels - 1
	p.raise(0)
	return e
}

// balance combines ops, in order, to a tree of the least height.
func balance(ops []sqlparser.Expr, combine func(l, r sqlparser.Expr) sqlparser.Expr) sqlparser.Expr {
	if len(ops) == 1 {
		return ops[0]
	}
	mid := len(ops) / 2
	return combine(balance(ops[:mid], combine), balance(ops[mid:], combine))
}

func (p *parser) notExpr() sqlparser.Expr {
	if p.given != nil || !p.at(kwNot) || p.lex.mode&HighNotPrecedence != 0 {
		return p.truthTest()
	}
	p.advance()
	p.enter()
	e := p.notExpr()
	p.leave()
	p.raise(0)
	return &sqlparser.NotExpr{Expr: e}
}

// truthTest parses a comparison, maybe with IS [NOT] TRUE, FALSE or UNKNOWN behind it.
func (p *parser) truthTest() sqlparser.Expr {
	e := p.comparison()
	if !p.at(kwIs) { // comparison took every IS [NOT] NULL
		return e
	}
	p.advance()
	not := p.word(kwNot)
	op := ""
	switch p.tok.kw {
	case kwTrue:
		op = choose(not, sqlparser.IsNotTrueStr, sqlparser.IsTrueStr)
	case kwFalse:
		op = choose(not, sqlparser.IsNotFalseStr, sqlparser.IsFalseStr)
	case kwUnknown:
		op = choose(not, sqlparser.IsNotNullStr, sqlparser.IsNullStr)
	default:
		p.failHere()
	}
	p.advance()
	p.raise(0)
	return &sqlparser.IsExpr{Operator: op, Expr: e}
}

func choose(cond bool, yes, no string) string {
	if cond {
		return yes
	}
	return no
}

// comparisonOperator returns the comparison that the token is, or "".
func comparisonOperator(t *token) string {
	switch t.kind {
	case '=':
		return sqlparser.EqualStr
	case '<':
		return sqlparser.LessThanStr
	case '>':
		return sqlparser.GreaterThanStr
	case tkLessEq:
		return sqlparser.LessEqualStr
	case tkGreaterEq:
		return sqlparser.GreaterEqualStr
	case tkNotEq:
		return sqlparser.NotEqualStr
	case tkNullSafeEq:
		return sqlparser.NullSafeEqualStr
	}
	return ""
}

// comparison parses predicates joined by comparison operators and followed by IS [NOT] NULL, left to right.
func (p *parser) comparison() sqlparser.Expr {
	start := p.start()
	left := p.predicate()
	for {
		if op := comparisonOperator(&p.tok); op != "" {
			h := p.height
			p.advance()
			if q := p.quantifier(); q != 0 && op != sqlparser.NullSafeEqualStr {
				left = p.quantified(op, left, q, start)
			} else {
				left = &sqlparser.ComparisonExpr{Operator: op, Left: left, Right: p.predicate()}
			}
			p.raise(h)
			continue
		}
		op := p.isNull()
		if op == "" {
			return left
		}
		p.raise(0)
		left = &sqlparser.IsExpr{Operator: op, Expr: left}
	}
}

// isNull consumes IS [NOT] NULL and returns the operator, or consumes nothing and returns "".
func (p *parser) isNull() string {
	if !p.at(kwIs) {
		return ""
	}
	l := p.lex
	var t token
	l.next(&t)
	not := t.kw == kwNot
	if not {
		l.next(&t)
	}
	if t.kw != kwNull {
		return ""
	}
	p.advance()
	if not {
		p.advance()
	}
	p.advance()
	return choose(not, sqlparser.IsNotNullStr, sqlparser.IsNullStr)
}

// quantifier returns what stands before the subquery of a quantified comparison, or 0 if none does.
func (p *parser) quantifier() ast.Quantifier {
	switch p.tok.kw {
	case kwAll:
		return ast.All
	case kwAny, kwSome:
		if t := p.peek(); t.kind == '(' {
			return ast.Any
		}
	}
	return 0
}

// quantified parses ANY or ALL and the subquery after a comparison operator.
func (p *parser) quantified(op string, left sqlparser.Expr, q ast.Quantifier, start int32) sqlparser.Expr {
	p.advance()
	sub := p.subquery()
	return &ast.Quantified{
		ComparisonExpr: sqlparser.ComparisonExpr{Operator: op, Left: left, Right: sub},
		Quantifier:     q,
		Pos:            p.pos(start),
	}
}

// predicate parses a bit expression and what may stand once behind it: IN, LIKE, BETWEEN, REGEXP, ….
func (p *parser) predicate() sqlparser.Expr {
	start := p.start()
	left := p.bitExpr(1)
	if p.tok.kw == noKeyword {
		return left
	}
	h := p.height
	not := false
	if p.at(kwNot) {
		switch p.peek().kw {
		case kwIn, kwLike, kwBetween, kwRegexp, kwRlike:
			p.advance()
			not = true
		default:
			return left
		}
	}
	var e sqlparser.Expr
	switch p.tok.kw {
	case kwIn:
		p.advance()
		e = &sqlparser.ComparisonExpr{Operator: choose(not, sqlparser.NotInStr, sqlparser.InStr), Left: left, Right: p.inList()}
	case kwLike:
		e = p.like(left, not)
	case kwBetween:
		p.advance()
		r := &sqlparser.RangeCond{Operator: choose(not, sqlparser.NotBetweenStr, sqlparser.BetweenStr), Left: left, From: p.bitExpr(1)}
		h = max(h, p.height)
		p.expectWord(kwAnd)
		p.enter()
		r.To = p.predicate()
		p.leave()
		e = r
	case kwRegexp, kwRlike:
		p.advance()
		e = &sqlparser.ComparisonExpr{Operator: choose(not, sqlparser.NotRegexpStr, sqlparser.RegexpStr), Left: left, Right: p.bitExpr(1)}
	case kwSounds:
		if p.peek().kw != kwLike {
			return left
		}
		p.advance()
		p.advance()
		e = &sqlparser.ComparisonExpr{Operator: sqlparser.EqualStr, Left: funcCall("soundex", left), Right: funcCall("soundex", p.bitExpr(1))}
		p.height++
	case kwMember:
		if p.peek().kw != kwOf {
			return left
		}
		p.advance()
		p.advance()
		p.expect('(')
		right := p.simpleExpr()
		p.expect(')')
		e = &ast.MemberOf{BinaryExpr: sqlparser.BinaryExpr{Operator: "member of", Left: left, Right: right}, Pos: p.pos(start)}
	default:
		return left
	}
	p.raise(h)
	return e
}

// like parses LIKE and what follows it.
func (p *parser) like(left sqlparser.Expr, not bool) sqlparser.Expr {
	p.advance()
	c := &sqlparser.ComparisonExpr{Operator: choose(not, sqlparser.NotLikeStr, sqlparser.LikeStr), Left: left, Right: p.simpleExpr()}
	if p.at(kwEscape) {
		h := p.height
		p.advance()
		c.Escape = p.simpleExpr()
		p.height = max(p.height, h)
	}
	return c
}

// inList parses what stands to the right of IN: a list or a subquery.
func (p *parser) inList() sqlparser.Expr {
	if !p.is('(') {
		p.failHere()
		return nil
	}
	p.enter()
	q := p.parens()
	p.leave()
	if q.query != nil {
		return &sqlparser.Subquery{Select: q.query}
	}
	return q.list
}

// funcCall returns a call of the function name.
func funcCall(name string, args ...sqlparser.Expr) *sqlparser.FuncExpr {
	list := make(sqlparser.SelectExprs, len(args))
	for i, a := range args {
		list[i] = &sqlparser.AliasedExpr{Expr: a}
	}
	return &sqlparser.FuncExpr{Name: sqlparser.NewColIdent(name), Exprs: list}
}
