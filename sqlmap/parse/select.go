package parse

import (
	"strconv"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// trimSpace cuts SQL's blanks from both ends.
func trimSpace(s string) string { return strings.Trim(s, " \t\n\v\f\r") }

// verb consumes the statement's verb and returns the optimizer hint that may follow it.
func (p *parser) verb() sqlparser.Comments {
	p.lex.hint = true
	p.advance()
	p.lex.hint = false
	if !p.is(tkHint) {
		return nil
	}
	c := sqlparser.Comments{[]byte(p.tokText(&p.tok))}
	p.advance()
	return c
}

// querySpec parses SELECT … up to the WINDOW clause.
func (p *parser) querySpec() sqlparser.SelectStatement {
	s := &sqlparser.Select{}
	var ext ast.SelectExt
	s.Comments = p.verb()
	p.selectOptions(s, &ext)
	s.SelectExprs = p.selectList()
	h := p.height
	note := func() { h = max(h, p.height) }
	if p.at(kwInto) && p.intoOK {
		ext.Into = p.into()
	}
	if p.word(kwFrom) {
		if !p.word(kwDual) {
			s.From = p.tableRefs()
			note()
		}
	}
	if p.word(kwWhere) {
		s.Where = &sqlparser.Where{Type: sqlparser.WhereStr, Expr: p.expr()}
		note()
	}
	if p.word(kwGroup) {
		p.expectWord(kwBy)
		for ok := true; ok; ok = p.accept(',') {
			s.GroupBy = append(s.GroupBy, p.expr())
			note()
		}
		if p.words(kwWith, kwRollup) {
			ext.Rollup = true
		}
	}
	if p.word(kwHaving) {
		s.Having = &sqlparser.Where{Type: sqlparser.HavingStr, Expr: p.expr()}
		note()
	}
	if p.word(kwWindow) {
		ext.Windows = p.windowClause()
		note()
	}
	p.height = h
	p.raise(0)
	if ext.Modifiers == 0 && !ext.Rollup && ext.Windows == nil && ext.Into == nil {
		return s
	}
	return &ast.Select{Select: s, SelectExt: ext}
}

// selectOptions parses the words between SELECT and the select list.
func (p *parser) selectOptions(s *sqlparser.Select, ext *ast.SelectExt) {
	all := false
	for {
		switch p.tok.kw {
		case kwAll:
			all = true
		case kwDistinct, kwDistinctrow:
			s.Distinct = sqlparser.DistinctStr
		case kwStraightJoin:
			s.Hints = sqlparser.StraightJoinHint
		case kwSqlNoCache:
			s.Cache = sqlparser.SQLNoCacheStr
		case kwHighPriority:
			ext.Modifiers |= ast.HighPriority
		case kwSqlSmallResult:
			ext.Modifiers |= ast.SmallResult
		case kwSqlBigResult:
			ext.Modifiers |= ast.BigResult
		case kwSqlBufferResult:
			ext.Modifiers |= ast.BufferResult
		case kwSqlCalcFoundRows:
			ext.Modifiers |= ast.CalcFoundRows
		default:
			return
		}
		if all && s.Distinct != "" {
			p.failLater(sqlerr.New(sqlerr.WrongUsage, "ALL", "DISTINCT"), p.tok.start)
		}
		p.advance()
	}
}

// selectList parses the items of a select list. A bare * is the first one or none.
func (p *parser) selectList() sqlparser.SelectExprs {
	list := make(sqlparser.SelectExprs, 0, 1)
	h := 1
	if p.accept('*') {
		list = append(list, &sqlparser.StarExpr{})
		if !p.accept(',') {
			p.height = h
			return list
		}
	}
	for ok := true; ok; ok = p.accept(',') {
		list = append(list, p.selectItem())
		h = max(h, p.height)
	}
	p.height = h
	return list
}

// selectItem parses t.*, or an expression with its alias.
func (p *parser) selectItem() sqlparser.SelectExpr {
	if star := p.qualifiedStar(); star != nil {
		return star
	}
	start := p.tok.start
	item := &ast.SelectItem{}
	item.Expr = p.expr()
	item.Pos = p.pos(start)
	if name, ok := p.alias(); ok {
		item.As = sqlparser.NewColIdent(name)
		item.Label, item.Aliased = name, true
	} else {
		item.Label = p.label(item.Expr, item.Pos)
	}
	return item
}

// qualifiedStar parses t.* and db.t.*, or consumes nothing and returns nil.
func (p *parser) qualifiedStar() sqlparser.SelectExpr {
	if !isIdent(&p.tok) || p.lex.at(p.lex.pos) != '.' && p.peek().kind != '.' {
		return nil
	}
	l := p.lex
	var dot, name, dot2, star token
	l.next(&dot)
	l.next(&name)
	qualified := isIdent(&name)
	if qualified {
		l.next(&dot2)
		l.next(&star)
	}
	if name.kind != '*' && !(qualified && dot2.kind == '.' && star.kind == '*') {
		return nil
	}
	t := sqlparser.TableName{Name: p.tableIdent()}
	p.advance()
	if qualified {
		t.Qualifier, t.Name = t.Name, p.tableIdent()
		p.advance()
	}
	p.advance()
	p.height = 1
	return &sqlparser.StarExpr{TableName: t}
}

// alias parses [AS] name, where the name may be a string.
func (p *parser) alias() (name string, ok bool) {
	as := p.word(kwAs)
	switch {
	case p.is(tkString):
		name = p.content(&p.tok)
		p.advance()
	case as || isIdent(&p.tok) && !(p.returning && p.at(kwReturning)):
		name = p.ident()
	default:
		return "", false
	}
	return strings.TrimLeft(name, " \t\n\v\f\r"), true
}

// label returns the name of an unaliased result column.
func (p *parser) label(e sqlparser.Expr, pos ast.Pos) string {
	if name, ok := p.plainLabel(e); ok {
		return name
	}
	text := pos.Text(p.lex.src)
	if p.lex.sawVersion {
		text = p.withoutVersionMarks(text)
	}
	return text
}

// withoutVersionMarks drops the marks of comments that are run (their text stays) and the comments that are not.
func (p *parser) withoutVersionMarks(text string) string {
	var b strings.Builder
	for i := 0; i < len(text); {
		rest := text[i:]
		n := 1
		switch {
		case rest[0] == '\'' || rest[0] == '"' || rest[0] == '`':
			for n < len(rest) && rest[n] != rest[0] {
				if rest[n] == '\\' && rest[0] != '`' {
					n++
				}
				n++
			}
			n = min(n+1, len(rest))
		case strings.HasPrefix(rest, "*/"):
			i += 2
			continue
		case strings.HasPrefix(rest, "/*!"):
			digits := 3
			for digits < len(rest) && digits < 9 && isDigit(rest[digits]) {
				digits++
			}
			version, _ := strconv.Atoi(rest[3:digits])
			if digits-3 < 5 {
				digits, version = 3, 0
			}
			if version > int(p.lex.version) {
				_, after, _ := strings.Cut(rest, "*/")
				i = len(text) - len(after)
			} else {
				i += digits
			}
			continue
		case strings.HasPrefix(rest, "/*"):
			before, _, _ := strings.Cut(rest, "*/")
			n = min(len(before)+2, len(rest))
		}
		b.WriteString(rest[:n])
		i += n
	}
	return b.String()
}

// plainLabel returns the label of a column, a literal or a placeholder. Parentheses and a plus before them are no
// items of their own in MySQL.
func (p *parser) plainLabel(e sqlparser.Expr) (label string, ok bool) {
	switch n := e.(type) {
	case *sqlparser.ParenExpr:
		return p.plainLabel(n.Expr)
	case *sqlparser.UnaryExpr:
		if n.Operator == sqlparser.UPlusStr {
			return p.plainLabel(n.Expr)
		}
	case *sqlparser.ColName:
		return n.Name.String(), true
	case *sqlparser.NullVal:
		return "NULL", true
	case *ast.Literal:
		if n.Kind == ast.LitString {
			return p.stringLabel(n), true
		}
		return n.Pos.Text(p.lex.src), true
	case *ast.Param:
		return n.Pos.Text(p.lex.src), true
	}
	return "", false
}

// stringLabel returns the label of a string: of several adjacent ones, the first.
func (p *parser) stringLabel(n *ast.Literal) string {
	l := p.lex
	l.pos, l.dotState = n.Start, dotNone
	var t token
	l.next(&t)
	if t.kind == tkCharset {
		l.next(&t)
	}
	s := n.Text()
	if t.kind == tkString || t.kind == tkNational {
		s = p.content(&t)
	}
	return strings.TrimLeft(s, " \t\n\v\f\r\x00")
}

// windowClause parses WINDOW name AS (…), ….
func (p *parser) windowClause() []*ast.WindowSpec {
	var list []*ast.WindowSpec
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		at := p.tok.start
		name := p.ident()
		p.expectWord(kwAs)
		if !p.is('(') {
			p.failHere()
			return nil
		}
		w := p.windowSpec()
		h = max(h, p.height)
		w.Name = name
		for _, o := range list {
			if equalFold(o.Name, name) {
				p.failLater(sqlerr.New(sqlerr.WindowDuplicate, name), at)
			}
		}
		if len(list) >= maxWindows {
			p.failNotSupported("WINDOW clause of more than 127 windows", at)
		}
		list = append(list, w)
	}
	p.height = h
	return list
}

// maxWindows is MySQL's limit.
const maxWindows = 127
