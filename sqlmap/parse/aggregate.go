package parse

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// count parses COUNT(*), COUNT([ALL] expr) and COUNT(DISTINCT expr, …).
func (p *parser) count() sqlparser.Expr {
	start := p.tok.start
	f := p.funcName()
	switch {
	case p.is('*'):
		p.advance()
		p.height = 1
		f.Exprs = sqlparser.SelectExprs{&sqlparser.StarExpr{}}
		p.expect(')')
		p.raise(0)
	case p.distinct():
		f.Distinct = true
		if p.is(')') {
			p.failHere()
		}
		p.args(f)
	default:
		p.word(kwAll)
		p.oneArg(f)
	}
	return p.over(f, start)
}

// distinct consumes DISTINCT or its synonym.
func (p *parser) distinct() bool { return p.word(kwDistinct) || p.word(kwDistinctrow) }

// oneArg parses one expression and the closing parenthesis.
func (p *parser) oneArg(f *sqlparser.FuncExpr) {
	f.Exprs = sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: p.expr()}}
	p.expect(')')
	p.raise(0)
}

// aggregate parses an aggregate of one argument with ALL and maybe DISTINCT before it.
func (p *parser) aggregate(distinct bool) sqlparser.Expr {
	start := p.tok.start
	f := p.funcName()
	if distinct && p.distinct() {
		f.Distinct = true
	} else {
		p.word(kwAll)
	}
	p.oneArg(f)
	return p.over(f, start)
}

// jsonAggregate parses JSON_ARRAYAGG(value) and JSON_OBJECTAGG(key, value).
func (p *parser) jsonAggregate() sqlparser.Expr {
	start := p.tok.start
	n := 1
	if p.at(kwJsonObjectagg) {
		n = 2
	}
	f := p.funcName()
	p.args(f)
	if len(f.Exprs) != n {
		p.failAt(p.end - 1)
	}
	return p.over(f, start)
}

// groupConcat parses GROUP_CONCAT([DISTINCT] exprs [ORDER BY …] [SEPARATOR '…']). The separator is the string
// itself, a comma when none is given.
func (p *parser) groupConcat() sqlparser.Expr {
	start := p.tok.start
	p.funcName()
	g := &sqlparser.GroupConcatExpr{Separator: ","}
	if p.distinct() {
		g.Distinct = sqlparser.DistinctStr
	}
	h := 0
	for ok := true; ok; ok = p.accept(',') {
		g.Exprs = append(g.Exprs, &sqlparser.AliasedExpr{Expr: p.expr()})
		h = max(h, p.height)
	}
	if p.at(kwOrder) {
		g.OrderBy = p.orderBy()
		h = max(h, p.height)
	}
	if p.word(kwSeparator) {
		if !p.is(tkString) {
			p.failHere()
		} else {
			g.Separator = p.content(&p.tok)
			p.advance()
		}
	}
	p.expect(')')
	p.raise(h)
	return p.over(g, start)
}

// windowFunction parses a function that is nothing without OVER.
func (p *parser) windowFunction() sqlparser.Expr {
	start := p.tok.start
	kw := p.tok.kw
	least, most := 0, 0
	switch kw {
	case kwNtile, kwFirstValue, kwLastValue:
		least, most = 1, 1
	case kwNthValue:
		least, most = 2, 2
	case kwLead, kwLag:
		least, most = 1, 3
	}
	f := p.funcName()
	p.args(f)
	if n := len(f.Exprs); n < least || n > most {
		p.failAt(p.end - 1)
	}
	w := &ast.Window{}
	if kw == kwNthValue && p.word(kwFrom) {
		if w.FromLast = p.word(kwLast); !w.FromLast {
			p.expectWord(kwFirst)
		}
	}
	if least > 0 && kw != kwNtile {
		if p.words(kwRespect, kwNulls) {
		} else if p.words(kwIgnore, kwNulls) {
			w.IgnoreNulls = true
		}
	}
	if !p.at(kwOver) {
		p.failHere()
	}
	return p.windowed(w, f, start)
}

// over parses the OVER clause that may follow an aggregate.
func (p *parser) over(call sqlparser.Expr, start int32) sqlparser.Expr {
	if !p.at(kwOver) {
		return call
	}
	return p.windowed(&ast.Window{}, call, start)
}

// windowed parses OVER name or OVER (…) into w.
func (p *parser) windowed(w *ast.Window, call sqlparser.Expr, start int32) sqlparser.Expr {
	h := p.height
	p.advance()
	if p.is('(') {
		w.Spec = p.windowSpec()
	} else {
		at := p.tok.start
		w.Spec = &ast.WindowSpec{Name: p.ident()}
		w.Spec.Pos = p.pos(at)
	}
	w.ValTuple = sqlparser.ValTuple{call}
	w.Pos = p.pos(start)
	p.raise(h)
	p.windows = append(p.windows, w)
	return w
}

// windowSpec parses ([name] [PARTITION BY …] [ORDER BY …] [frame]).
func (p *parser) windowSpec() *ast.WindowSpec {
	s := &ast.WindowSpec{}
	start := p.tok.start
	p.expect('(')
	h := 0
	if isIdent(&p.tok) {
		s.Base = p.ident()
	}
	if p.word(kwPartition) {
		p.expectWord(kwBy)
		for ok := true; ok; ok = p.accept(',') {
			s.PartitionBy = append(s.PartitionBy, p.expr())
			h = max(h, p.height)
		}
	}
	if p.at(kwOrder) {
		s.OrderBy = p.orderBy()
		h = max(h, p.height)
	}
	if p.at(kwRows) || p.at(kwRange) || p.at(kwGroups) {
		s.Frame = p.frame()
		h = max(h, p.height)
	}
	p.expect(')')
	p.height = h
	p.raise(0)
	s.Pos = p.pos(start)
	return s
}

// frame parses ROWS|RANGE start, or ROWS|RANGE BETWEEN start AND end.
func (p *parser) frame() *ast.Frame {
	f := &ast.Frame{}
	p.height = 1
	if p.at(kwGroups) {
		p.failNotSupported("GROUPS", p.tok.start)
	}
	if p.at(kwRange) {
		f.Unit = ast.FrameRange
	}
	p.advance()
	at := p.tok.start
	if p.word(kwBetween) {
		f.Start = p.frameBound()
		h := p.height
		p.expectWord(kwAnd)
		f.End = p.frameBound()
		p.height = max(h, p.height)
	} else {
		f.Start = p.frameBound()
		f.End = ast.FrameBound{Kind: ast.CurrentRow}
	}
	if p.at(kwExclude) {
		p.failNotSupported("EXCLUDE", p.tok.start)
	}
	var code *sqlerr.Code
	switch {
	case f.Start.Kind == ast.UnboundedFollowing:
		code = sqlerr.WindowFrameStart
	case f.End.Kind == ast.UnboundedPreceding:
		code = sqlerr.WindowFrameEnd
	case f.Start.Kind > f.End.Kind:
		code = sqlerr.WindowFrameIllegal
	default:
		return f
	}
	p.failLater(sqlerr.New(code, "<unnamed window>"), at)
	return f
}

// frameBound parses one boundary of a frame.
func (p *parser) frameBound() ast.FrameBound {
	switch {
	case p.words(kwUnbounded, kwPreceding):
		return ast.FrameBound{Kind: ast.UnboundedPreceding}
	case p.words(kwUnbounded, kwFollowing):
		return ast.FrameBound{Kind: ast.UnboundedFollowing}
	case p.words(kwCurrent, kwRow):
		return ast.FrameBound{Kind: ast.CurrentRow}
	}
	var b ast.FrameBound
	switch {
	case p.is(tkInt), p.is(tkDecimal), p.is(tkFloat):
		b.Expr = p.numberLiteral()
	case p.is(tkParam), p.is(tkNamed):
		b.Expr = p.param()
	case p.at(kwInterval):
		e, isInterval := p.interval()
		if !isInterval {
			p.failHere()
		}
		b.Expr = e
	default:
		p.failHere()
	}
	if p.word(kwPreceding) {
		b.Kind = ast.Preceding
	} else {
		p.expectWord(kwFollowing)
		b.Kind = ast.Following
	}
	return b
}

// resolveWindows gives the windows noted since base what the WINDOW clause defs says about the names they use.
func (p *parser) resolveWindows(base int, defs []*ast.WindowSpec) {
	if p.err == nil {
		for _, d := range defs {
			p.inherit(d, defs, 0)
		}
		for _, w := range p.windows[base:] {
			if w.Spec.Name != "" {
				name, pos := w.Spec.Name, w.Spec.Pos
				w.Spec = &ast.WindowSpec{Base: name, Pos: pos}
			}
			name := w.Spec.Base
			p.inherit(w.Spec, defs, 0)
			w.Spec.Name = name
			for _, e := range w.Spec.PartitionBy {
				w.ValTuple = append(w.ValTuple, e)
			}
			for _, o := range w.Spec.OrderBy {
				w.ValTuple = append(w.ValTuple, o.Expr)
			}
		}
	}
	clear(p.windows[base:])
	p.windows = p.windows[:base]
}

// inherit fills s from the window it is based on.
func (p *parser) inherit(s *ast.WindowSpec, defs []*ast.WindowSpec, depth int) {
	if s.Base == "" || p.err != nil || p.late != nil {
		return
	}
	var base *ast.WindowSpec
	for _, d := range defs {
		if equalFold(d.Name, s.Base) {
			base = d
		}
	}
	switch {
	case base == nil:
		p.failLater(sqlerr.New(sqlerr.WindowUndefined, s.Base), s.Start)
		return
	case depth > len(defs):
		p.failLater(sqlerr.New(sqlerr.WindowCircular), s.Start)
		return
	}
	p.inherit(base, defs, depth+1)
	switch {
	case p.err != nil || p.late != nil:
	case len(s.PartitionBy) > 0:
		p.failLater(sqlerr.New(sqlerr.WindowNoPartition), s.Start)
	case len(s.OrderBy) > 0 && len(base.OrderBy) > 0:
		p.failLater(sqlerr.New(sqlerr.WindowNoOrder, windowName(s), base.Name), s.Start)
	case base.Frame != nil && (s.Frame != nil || len(s.OrderBy) > 0):
		p.failLater(sqlerr.New(sqlerr.WindowNoFrame, base.Name), s.Start)
	default:
		s.PartitionBy = base.PartitionBy
		if len(base.OrderBy) > 0 {
			s.OrderBy = base.OrderBy
		}
		if s.Frame == nil {
			s.Frame = base.Frame
		}
		s.Base = ""
	}
}

func windowName(s *ast.WindowSpec) string {
	if s.Name == "" {
		return "<unnamed window>"
	}
	return s.Name
}

// equalFold compares names without regard to ASCII case.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		x, y := a[i], b[i]
		if 'A' <= x && x <= 'Z' {
			x += 'a' - 'A'
		}
		if 'A' <= y && y <= 'Z' {
			y += 'a' - 'A'
		}
		if x != y {
			return false
		}
	}
	return true
}
