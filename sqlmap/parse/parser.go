package parse

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// parser is one recursive descent over one statement. The first error sticks: from then on the current token is
// the end of the text, so that every loop ends, and what is returned is thrown away.
type parser struct {
	lex   lexer
	tok   token // current token, not yet consumed
	end   int32 // end of the last consumed token
	err   *sqlerr.Error
	late  *sqlerr.Error // an error of meaning, which an error of syntax further on comes before
	base  int32         // offset of lex.src in the caller's text
	lines int           // newlines of the caller's text before lex.src

	depth, maxDepth   int // nesting of the descent
	height, maxHeight int // of the tree returned last, and its limit
	tokens, maxTokens int

	params     int
	paramNames []string
	paramMap   map[string]int // index of each name
	arena      []byte         // where the bytes of literals go

	exprs   []sqlparser.Expr // scratch stack of operand lists
	windows []*ast.Window    // windows whose names are not resolved yet

	// given is an operand that was parsed before it was known to begin an expression: the next operand is it. It starts
	// at givenStart.
	given      sqlparser.Expr
	givenStart int32
	givenTable sqlparser.TableExpr // likewise a table reference

	joins   []openJoin // scratch stack
	queries int        // nesting of query expressions
	intoOK  bool       // SELECT … INTO may stand in the outermost one

	noParams bool // the statement defines something: it has no parameters
	inAlter  bool // inside ALTER TABLE, where commas separate clauses

	// returning is set inside statements that can end with RETURNING: there the word is no implicit alias.
	returning bool
}

// advance consumes the current token.
func (p *parser) advance() {
	p.end = p.tok.end
	if p.tokens++; p.tokens > p.maxTokens {
		p.failNotSupported("statement of more than "+strconv.Itoa(p.maxTokens)+" tokens", p.tok.start)
		return
	}
	if p.err == nil {
		p.lex.next(&p.tok)
	}
}

// peek returns the token after the current one.
func (p *parser) peek() token {
	l := p.lex
	var t token
	l.next(&t)
	return t
}

// is reports whether the current token is of the kind.
func (p *parser) is(kind tokenKind) bool { return p.tok.kind == kind }

// at reports whether the current token is the word kw.
func (p *parser) at(kw keyword) bool { return p.tok.kw == kw }

// accept consumes the current token if it is of the kind.
func (p *parser) accept(kind tokenKind) bool {
	if p.tok.kind != kind {
		return false
	}
	p.advance()
	return true
}

// word consumes the current token if it is the word kw.
func (p *parser) word(kw keyword) bool {
	if p.tok.kw != kw {
		return false
	}
	p.advance()
	return true
}

// words consumes the current and the next token if they are the words a b.
func (p *parser) words(a, b keyword) bool {
	if p.tok.kw != a || p.peek().kw != b {
		return false
	}
	p.advance()
	p.advance()
	return true
}

// expect consumes a token of the kind or fails.
func (p *parser) expect(kind tokenKind) {
	if !p.accept(kind) {
		p.failHere()
	}
}

// expectWord consumes the word kw or fails.
func (p *parser) expectWord(kw keyword) {
	if !p.word(kw) {
		p.failHere()
	}
}

// fail makes e, found at offset of the text, the statement's error, unless there is one already.
func (p *parser) fail(e *sqlerr.Error, offset int32) {
	if p.err == nil {
		e.Cause = &Position{Offset: int(p.base + offset), Line: p.line(offset)}
		p.err = e
	}
	p.tok = token{kind: tkEOF, start: p.tok.start, end: p.tok.start}
	p.lex.pos, p.lex.dotState, p.lex.inVersion = int32(len(p.lex.src)), dotNone, false
}

// failLater makes e the statement's error if its syntax turns out to be right.
func (p *parser) failLater(e *sqlerr.Error, offset int32) {
	if p.err == nil && p.late == nil {
		e.Cause = &Position{Offset: int(p.base + offset), Line: p.line(offset)}
		p.late = e
	}
}

// finish ends the parse of a whole text: an error of meaning counts now.
func (p *parser) finish() {
	if p.err == nil && p.late != nil {
		p.err = p.late
	}
}

// failAt reports a syntax error at offset.
func (p *parser) failAt(offset int32) {
	if p.err == nil {
		p.fail(sqlerr.New(sqlerr.Parse, nearText(p.lex.src[offset:]), p.line(offset)), offset)
	}
}

// failHere reports a syntax error at the current token.
func (p *parser) failHere() { p.failAt(p.tok.start) }

// failNotSupported reports a construct that is valid in MySQL and not here.
func (p *parser) failNotSupported(construct string, offset int32) {
	p.fail(sqlerr.New(sqlerr.NotSupported, construct), offset)
}

// line returns the line of offset, from 1.
func (p *parser) line(offset int32) int {
	return 1 + p.lines + strings.Count(p.lex.src[:offset], "\n")
}

// maxNear is how much of the text an error message shows.
const maxNear = 80

// nearText returns the start of s that an error message shows.
func nearText(s string) string {
	if len(s) <= maxNear {
		return s
	}
	n := 0
	for i := range s {
		if n == maxNear {
			return s[:i]
		}
		n++
	}
	return s
}

// enter notes one more level of nesting; every enter has its leave.
func (p *parser) enter() {
	if p.depth++; p.depth > p.maxDepth {
		p.tooDeep()
	}
}

func (p *parser) leave() { p.depth-- }

func (p *parser) tooDeep() {
	p.fail(sqlerr.New(sqlerr.StackTooDeep, p.maxDepth), p.tok.start)
}

// raise notes that a node stands above trees of the heights h and p.height.
func (p *parser) raise(h int) {
	if h > p.height {
		p.height = h
	}
	if p.height++; p.height > p.maxHeight {
		p.fail(sqlerr.New(sqlerr.StackTooDeep, p.maxHeight), p.tok.start)
	}
}

// text returns the bytes from start to the last consumed token.
func (p *parser) text(start int32) string {
	if p.end <= start {
		return ""
	}
	return p.lex.src[start:p.end]
}

// pos returns the byte range from start to the last consumed token.
func (p *parser) pos(start int32) ast.Pos { return ast.Pos{Start: start, End: p.end} }

// tokText returns the bytes of t.
func (p *parser) tokText(t *token) string { return p.lex.src[t.start:t.end] }

// isIdent reports whether t can be an identifier.
func isIdent(t *token) bool { return t.kind == tkIdent || t.kind == tkQuoted }

// ident consumes an identifier and returns its name.
func (p *parser) ident() string {
	switch p.tok.kind {
	case tkIdent:
		s := p.tokText(&p.tok)
		p.checkUTF8(s)
		p.advance()
		return s
	case tkQuoted:
		s := p.content(&p.tok)
		p.checkUTF8(s)
		p.advance()
		return s
	}
	p.failHere()
	return ""
}

// colIdent consumes an identifier.
func (p *parser) colIdent() sqlparser.ColIdent { return sqlparser.NewColIdent(p.ident()) }

// tableIdent consumes an identifier.
func (p *parser) tableIdent() sqlparser.TableIdent { return sqlparser.NewTableIdent(p.ident()) }

// checkUTF8 fails when an identifier is no UTF-8.
func (p *parser) checkUTF8(s string) {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			if !utf8.ValidString(s) {
				p.fail(sqlerr.New(sqlerr.InvalidCharacter, "utf8mb4", hexPrefix(s[i:])), p.tok.start)
			}
			return
		}
	}
}

// hexPrefix returns the first bytes of s in hexadecimal, as error 1300 shows them.
func hexPrefix(s string) string {
	const digits = "0123456789ABCDEF"
	var b []byte
	for i := 0; i < len(s) && i < 6; i++ {
		b = append(b, digits[s[i]>>4], digits[s[i]&15])
	}
	return string(b)
}

// tableName consumes a table name, which may be qualified.
func (p *parser) tableName() sqlparser.TableName {
	name := p.ident()
	if p.accept('.') {
		return sqlparser.TableName{Qualifier: sqlparser.NewTableIdent(name), Name: p.tableIdent()}
	}
	return sqlparser.TableName{Name: sqlparser.NewTableIdent(name)}
}

// tableNames consumes a comma-separated list of table names.
func (p *parser) tableNames() []sqlparser.TableName {
	list := []sqlparser.TableName{p.tableName()}
	for p.accept(',') {
		list = append(list, p.tableName())
	}
	return list
}

// colIdents consumes a parenthesised list of identifiers.
func (p *parser) colIdents() []sqlparser.ColIdent {
	p.expect('(')
	list := []sqlparser.ColIdent{p.colIdent()}
	for p.accept(',') {
		list = append(list, p.colIdent())
	}
	p.expect(')')
	return list
}
