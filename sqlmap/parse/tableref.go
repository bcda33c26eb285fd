package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// tableRefs parses a comma-separated list of table references.
func (p *parser) tableRefs() sqlparser.TableExprs {
	list := make(sqlparser.TableExprs, 0, 1)
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		list = append(list, p.tableRef())
		h = max(h, p.height)
	}
	p.height = h
	return list
}

// openJoin is a join whose ON or USING has not been read yet.
type openJoin struct {
	left  sqlparser.TableExpr
	join  string
	outer bool
	at    int32
}

// tableRef parses a table or a sequence of joins. ON and USING belong to the nearest join that has none: `a JOIN b
// JOIN c ON x ON y` is a JOIN (b JOIN c ON x) ON y. An inner join that never gets one is a cross join with the
// table after it: `a JOIN b JOIN c ON x` is (a JOIN b) JOIN c ON x.
func (p *parser) tableRef() sqlparser.TableExpr {
	cur := p.tableFactor()
	base := len(p.joins)
	h, n := p.height, 0
	for p.err == nil {
		at := p.tok.start
		join, outer, natural := p.joinType()
		switch {
		case natural:
			cur = &sqlparser.JoinTableExpr{LeftExpr: cur, Join: join, RightExpr: p.tableFactor()}
		case join != "":
			p.joins = append(p.joins, openJoin{left: cur, join: join, outer: outer, at: at})
			cur = p.tableFactor()
		case len(p.joins) > base && (p.at(kwOn) || p.at(kwUsing)):
			j := p.joins[len(p.joins)-1]
			p.joins = p.joins[:len(p.joins)-1]
			cur = &sqlparser.JoinTableExpr{LeftExpr: j.left, Join: j.join, RightExpr: cur, Condition: p.joinCondition()}
		default:
			cur = p.closeJoins(base, cur)
			p.height = h
			for ; n > 0; n-- {
				p.raise(0)
			}
			return cur
		}
		h = max(h, p.height)
		if n++; n > p.maxHeight {
			p.tooDeep()
		}
	}
	p.joins = p.joins[:min(base, len(p.joins))]
	return cur
}

// closeJoins makes cross joins of the joins that are still open.
func (p *parser) closeJoins(base int, cur sqlparser.TableExpr) sqlparser.TableExpr {
	for len(p.joins) > base {
		j := p.joins[len(p.joins)-1]
		p.joins = p.joins[:len(p.joins)-1]
		if j.outer {
			p.failHere()
			return cur
		}
		slot := &cur
		for {
			inner, ok := (*slot).(*sqlparser.JoinTableExpr)
			if !ok {
				break
			}
			slot = &inner.LeftExpr
		}
		*slot = &sqlparser.JoinTableExpr{LeftExpr: j.left, Join: j.join, RightExpr: *slot}
	}
	return cur
}

// joinType consumes the words of a join and returns sqlparser's name of it, or consumes nothing and returns "".
func (p *parser) joinType() (join string, outer, natural bool) {
	switch p.tok.kw {
	case kwJoin:
		p.advance()
		return sqlparser.JoinStr, false, false
	case kwInner, kwCross:
		p.advance()
		p.expectWord(kwJoin)
		return sqlparser.JoinStr, false, false
	case kwStraightJoin:
		p.advance()
		return sqlparser.StraightJoinStr, false, false
	case kwLeft, kwRight:
		join = choose(p.at(kwLeft), sqlparser.LeftJoinStr, sqlparser.RightJoinStr)
		p.advance()
		p.word(kwOuter)
		p.expectWord(kwJoin)
		return join, true, false
	case kwNatural:
		p.advance()
		switch p.tok.kw {
		case kwLeft, kwRight:
			join = choose(p.at(kwLeft), sqlparser.NaturalLeftJoinStr, sqlparser.NaturalRightJoinStr)
			p.advance()
			p.word(kwOuter)
		default:
			join = sqlparser.NaturalJoinStr
			p.word(kwInner)
		}
		p.expectWord(kwJoin)
		return join, false, true
	}
	return "", false, false
}

// joinCondition parses ON expr or USING (columns).
func (p *parser) joinCondition() sqlparser.JoinCondition {
	if p.word(kwOn) {
		return sqlparser.JoinCondition{On: p.expr()}
	}
	p.expectWord(kwUsing)
	return sqlparser.JoinCondition{Using: p.colIdents()}
}

// tableFactor parses a table, a derived table or a parenthesis.
func (p *parser) tableFactor() sqlparser.TableExpr {
	if t := p.givenTable; t != nil {
		p.givenTable = nil
		return t
	}
	p.height = 1
	start := p.tok.start
	switch {
	case p.is('('):
		p.enter()
		query, list := p.tableParens()
		p.leave()
		if query != nil {
			return p.derived(query, false, start)
		}
		p.raise(0)
		return &sqlparser.ParenTableExpr{Exprs: list}
	case p.at(kwLateral):
		p.advance()
		sub := p.subquery()
		if p.err != nil {
			return nil
		}
		return p.derived(sub.Select, true, start)
	case p.at(kwJsonTable):
		p.failNotSupported("JSON_TABLE", start)
	case p.is('{'):
		return p.odbcJoin()
	}
	return p.table()
}

// odbcJoin parses {OJ table references}.
func (p *parser) odbcJoin() sqlparser.TableExpr {
	p.advance()
	if word := p.ident(); !equalFold(word, "oj") {
		p.failAt(p.end)
	}
	p.enter()
	t := p.tableRef()
	p.leave()
	p.expect('}')
	p.raise(0)
	return &sqlparser.ParenTableExpr{Exprs: sqlparser.TableExprs{t}}
}

// tableParens parses a parenthesis that holds a query or table references. As in parens, which of the two shows late.
func (p *parser) tableParens() (query sqlparser.SelectStatement, list sqlparser.TableExprs) {
	p.expect('(')
	if p.atQuery() {
		query = p.queryExpression()
		p.expect(')')
		return query, nil
	}
	if p.is('(') {
		start := p.tok.start
		p.enter()
		query, list = p.tableParens()
		p.leave()
		switch {
		case p.err != nil:
			return nil, nil
		case query != nil && (p.is(')') || p.atQueryTail()):
			if !p.is(')') {
				query = p.queryExpressionFrom(&sqlparser.ParenSelect{Select: query})
			}
			p.expect(')')
			return query, nil
		case query != nil:
			p.givenTable = p.derived(query, false, start)
		default:
			p.raise(0)
			p.givenTable = &sqlparser.ParenTableExpr{Exprs: list}
		}
	}
	list = p.tableRefs()
	p.expect(')')
	return nil, list
}

// derived parses what follows the query of a derived table, which starts at start.
func (p *parser) derived(query sqlparser.SelectStatement, lateral bool, start int32) sqlparser.TableExpr {
	d := &ast.Derived{Lateral: lateral}
	d.Expr = &sqlparser.Subquery{Select: query}
	d.As = p.tableAlias()
	if d.As.IsEmpty() && p.err == nil {
		p.fail(sqlerr.New(sqlerr.DerivedNeedsAlias), start)
	}
	if p.is('(') {
		d.Columns = p.colIdents()
	}
	d.Pos = p.pos(start)
	p.raise(0)
	if !lateral && d.Columns == nil {
		return &d.AliasedTableExpr
	}
	return d
}

// table parses a table name with its alias and index hints.
func (p *parser) table() sqlparser.TableExpr {
	t := &ast.TableRef{}
	t.Expr = p.tableName()
	if p.at(kwPartition) {
		p.failNotSupported("PARTITION", p.tok.start)
	}
	t.As = p.tableAlias()
	t.Hints = p.indexHints()
	switch {
	case len(t.Hints) == 0:
		return &sqlparser.AliasedTableExpr{Expr: t.Expr, As: t.As}
	case len(t.Hints) == 1 && t.Hints[0].For == "" && len(t.Hints[0].Indexes) > 0:
		h := &sqlparser.IndexHints{Type: t.Hints[0].Kind, Indexes: t.Hints[0].Indexes}
		return &sqlparser.AliasedTableExpr{Expr: t.Expr, As: t.As, Hints: h}
	}
	return t
}

// tableAlias parses [AS] name.
func (p *parser) tableAlias() sqlparser.TableIdent {
	if p.word(kwAs) || isIdent(&p.tok) && !(p.returning && p.at(kwReturning)) {
		return p.tableIdent()
	}
	return sqlparser.TableIdent{}
}

// indexHints parses USE, IGNORE and FORCE INDEX.
func (p *parser) indexHints() []ast.IndexHint {
	var list []ast.IndexHint
	for {
		var h ast.IndexHint
		switch p.tok.kw {
		case kwUse:
			h.Kind = sqlparser.UseStr
		case kwIgnore:
			h.Kind = sqlparser.IgnoreStr
		case kwForce:
			h.Kind = sqlparser.ForceStr
		default:
			return list
		}
		p.advance()
		if !p.word(kwIndex) {
			p.expectWord(kwKey)
		}
		if p.word(kwFor) {
			switch {
			case p.word(kwJoin):
				h.For = "join"
			case p.words(kwOrder, kwBy):
				h.For = "order by"
			case p.words(kwGroup, kwBy):
				h.For = "group by"
			default:
				p.failHere()
			}
		}
		p.expect('(')
		if !(p.is(')') && h.Kind == sqlparser.UseStr) {
			for ok := true; ok; ok = p.accept(',') {
				if p.word(kwPrimary) {
					h.Indexes = append(h.Indexes, sqlparser.NewColIdent("PRIMARY"))
				} else {
					h.Indexes = append(h.Indexes, p.colIdent())
				}
			}
		}
		p.expect(')')
		list = append(list, h)
	}
}
