package parse

import (
	"math"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// cellsPerToken says how many constants the rows of a statement may have for each token that it may have.
const cellsPerToken = 4

// rows parses the rows of VALUES: (…), (…), or ROW(…), ROW(…) with word.
func (p *parser) rows(word bool) *ast.Rows {
	r := &ast.Rows{}
	h, cells := 0, 0
	for ok := true; ok; ok = p.accept(',') {
		start := p.tok.start
		if word {
			p.expectWord(kwRow)
		}
		p.expect('(')
		used := p.tokens
		n, plain := 0, true
		if !p.is(')') {
			for more := true; more; more = p.accept(',') {
				if !p.constantCell(r) {
					plain = false
					r.AddExpr(p.cell(!word))
					h = max(h, p.height)
				}
				n++
			}
		}
		p.expect(')')
		r.EndRow(start)
		if plain {
			p.tokens = min(used, p.tokens)
		}
		if cells += n; cells > p.maxTokens*cellsPerToken || n == 0 && word {
			if n == 0 {
				p.failAt(p.end - 1)
			}
			p.failNotSupported("VALUES of so many rows in one statement", start)
		}
		if p.err != nil {
			return r
		}
	}
	p.height = h
	p.raise(0)
	return r
}

// cell parses a cell that is an expression; of INSERT it may be DEFAULT.
func (p *parser) cell(insert bool) sqlparser.Expr {
	if insert {
		return p.exprOrDefault()
	}
	return p.expr()
}

// exprOrDefault parses an expression or the word DEFAULT.
func (p *parser) exprOrDefault() sqlparser.Expr {
	if p.at(kwDefault) && !p.beforeParen() {
		p.advance()
		p.height = 1
		return &sqlparser.Default{}
	}
	return p.expr()
}

// constantCell consumes a cell that is a plain constant and adds its value to r. It consumes nothing and returns false
// when the cell is anything else.
func (p *parser) constantCell(r *ast.Rows) bool {
	var v value.Value
	used := p.tokens
	switch p.tok.kind {
	case tkInt, tkDecimal, tkFloat:
		if !p.endsCell(p.lex.pos) {
			return false
		}
		v, _ = p.number()
	case tkString, tkNational:
		if !p.endsCell(p.lex.pos) {
			return false
		}
		v = stringValue(p.content(&p.tok))
	case '-':
		l := p.lex
		t := p.tok
		l.next(&p.tok)
		ok := false
		switch p.tok.kind {
		case tkInt, tkDecimal, tkFloat:
			if ok = p.endsCell(l.pos); ok {
				v, _ = p.number()
			}
		}
		if !ok || p.err != nil {
			if p.err == nil {
				p.tok = t
			}
			return p.err != nil
		}
		p.lex = l
		v = negate(v, p.tokText(&p.tok))
	case tkReserved:
		switch p.tok.kw {
		case kwNull:
		case kwTrue:
			v = value.Bool(true)
		case kwFalse:
			v = value.Bool(false)
		default:
			return false
		}
		if !p.endsCell(p.lex.pos) {
			return false
		}
	default:
		return false
	}
	r.AddValue(v)
	p.advance()
	p.tokens = used
	return true
}

// endsCell reports whether a comma or a closing parenthesis stands at i, after blanks.
func (p *parser) endsCell(i int32) bool {
	src := p.lex.src
	for int(i) < len(src) && isSpace(src[i]) {
		i++
	}
	return int(i) < len(src) && (src[i] == ',' || src[i] == ')')
}

// negate returns -v; text is how v was written.
func negate(v value.Value, text string) value.Value {
	switch v.Kind() {
	case value.KindInt:
		return value.Int(-v.Int64())
	case value.KindUint:
		if v.Uint64() == 1<<63 {
			return value.Int(math.MinInt64)
		}
	case value.KindFloat:
		return value.Float(-v.Float64())
	}
	d, err := value.ParseDecimal("-" + text)
	if err != nil {
		d, _ = value.ParseDecimal("-" + maxDecimal)
	}
	return d
}
