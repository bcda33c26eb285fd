// Package parse turns MySQL 8 text into syntax trees: the AST of github.com/xwb1989/sqlparser, with the nodes of
// package ast where that AST cannot say what the text says.
//
// One parses exactly one statement; a Scanner walks a script statement by statement; Expr parses the expressions
// that the catalogue stores. All three read bytes once, left to right, with a lexer that makes tokens on demand.
//
// Nothing is dropped silently. A text that MySQL 8 refuses is error 1064 with MySQL's wording; a construct that
// MySQL 8 has and this database does not is error 1235 with its name. Either is a *sqlerr.Error, and errors.As
// finds a *Position in it. Extensions to MySQL: `:name` parameters, RETURNING of INSERT, REPLACE and DELETE, `->`
// after any operand and not only columns.
//
// Limits apply while parsing, so that hostile text fails fast and in little memory: bytes of the text, tokens,
// and nesting (parentheses, prefix operators, CASE, functions, subqueries). Trees are never higher than eight times
// the nesting limit: long chains of AND and OR are balanced, other chains are refused beyond it. Code that walks a
// tree recursively is safe.
//
// Functions are safe for concurrent use; a Scanner belongs to one goroutine. Trees share memory with the text and
// are immutable. Cost is linear in the text.
package parse

import (
	"fmt"
	"math"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Default limits.
const (
	DefaultVersion   = 80036
	DefaultMaxBytes  = 64 << 20
	DefaultMaxTokens = 4 << 20
	DefaultMaxDepth  = 1000
	maxParams        = 65535
	heightFactor     = 8
)

// Options says how to read a text. The zero Options is right for the default sql_mode.
type Options struct {
	SQLMode Mode
	Version int // reported server version: /*!NNNNN … */ runs up to it; 0 is DefaultVersion
	// MaxBytes, MaxTokens and MaxDepth bound a statement; 0 is the default. Literals in rows of VALUES do not count as
	// tokens. MaxBytes never exceeds what an int32 holds.
	MaxBytes, MaxTokens, MaxDepth int
}

func (o Options) withDefaults() Options {
	if o.Version == 0 {
		o.Version = DefaultVersion
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	o.MaxBytes = min(o.MaxBytes, math.MaxInt32-1)
	if o.MaxTokens <= 0 {
		o.MaxTokens = DefaultMaxTokens
	}
	if o.MaxDepth <= 0 {
		o.MaxDepth = DefaultMaxDepth
	}
	return o
}

// Statement is one parsed statement.
type Statement struct {
	AST sqlparser.Statement
	// Text is the statement's source from its first to its last token (when parts of it are in /*! … */ comments,
	// whatever surrounds these too, so that it can be parsed again). Positions in AST are offsets in the text
	// given to One, and offsets in Text for a Scanner's statements; Offset is where in the given text Text starts.
	Text   string
	Offset int
	// NumParams counts the `?` parameters, or the distinct names in ParamNames, which are the `:name` ones in the order
	// they first appear.
	NumParams  int
	ParamNames []string
}

// Position is where in the text an error is; errors.As finds it in the errors of this package.
type Position struct {
	Offset int // in bytes, in the text given to the parser
	Line   int // from 1
}

func (p *Position) Error() string { return fmt.Sprintf("at offset %d, line %d", p.Offset, p.Line) }

// One parses a text that is exactly one statement, with comments and a semicolon around it at will. An empty text is
// error 1065.
func One(sql string, o Options) (*Statement, error) {
	o = o.withDefaults()
	if len(sql) > o.MaxBytes {
		return nil, sqlerr.New(sqlerr.PacketTooBig)
	}
	var p parser
	p.init(sql, o)
	st := p.statement()
	for p.accept(';') {
	}
	if !p.is(tkEOF) {
		p.failHere()
	}
	if p.err != nil {
		return nil, p.err
	}
	return st, nil
}

// Expr parses a text that is exactly one expression, such as a stored default or CHECK.
func Expr(src string, o Options) (sqlparser.Expr, error) {
	o = o.withDefaults()
	if len(src) > o.MaxBytes {
		return nil, sqlerr.New(sqlerr.PacketTooBig)
	}
	var p parser
	p.init(src, o)
	e := p.expr()
	if !p.is(tkEOF) {
		p.failHere()
	}
	if p.finish(); p.err != nil {
		return nil, p.err
	}
	return e, nil
}

// init makes p a parser of sql; o has its defaults.
func (p *parser) init(sql string, o Options) {
	*p = parser{
		lex:       lexer{src: sql, mode: o.SQLMode, version: int32(o.Version)},
		maxDepth:  o.MaxDepth,
		maxHeight: o.MaxDepth * heightFactor,
		maxTokens: o.MaxTokens,
		exprs:     p.exprs[:0],
	}
	p.lex.next(&p.tok)
}

// statement parses one statement up to its semicolon or the end.
func (p *parser) statement() *Statement {
	for p.accept(';') {
	}
	start := p.tok.start
	if p.lex.sawVersion {
		start = 0
	}
	if p.is(tkEOF) {
		p.fail(sqlerr.New(sqlerr.EmptyQuery), start)
		return nil
	}
	tree := p.parseStatement()
	if !p.is(tkEOF) && !p.is(';') {
		p.failHere()
	}
	if p.finish(); p.err != nil {
		return nil
	}
	end := p.end
	if p.lex.sawVersion {
		end = p.tok.start // whatever of /*! … */ the last token stands in belongs to the text
	}
	return &Statement{
		AST:        tree,
		Text:       strings.TrimRight(p.lex.src[start:end], " \t\n\v\f\r"),
		Offset:     int(p.base + start),
		NumParams:  p.params,
		ParamNames: p.paramNames,
	}
}

// Scanner parses a script of statements separated by semicolons, each when it is asked for.
//
//	s := parse.NewScanner(script, options)
//	for s.Next() {
//		run(s.Statement())
//	}
//	err := s.Err()
type Scanner struct {
	src  string
	o    Options
	off  int // of what is left to parse
	line int // newlines before off
	st   *Statement
	err  error
	p    parser
}

// NewScanner returns a Scanner over script.
func NewScanner(script string, o Options) *Scanner {
	s := &Scanner{src: script, o: o.withDefaults()}
	if len(script) > s.o.MaxBytes {
		s.err = sqlerr.New(sqlerr.PacketTooBig)
	}
	return s
}

// SetMode changes how the statements to come are read, after the script itself has set sql_mode.
func (s *Scanner) SetMode(m Mode) { s.o.SQLMode = m }

// Next parses the next statement. It returns false at the end of the script and at the first error.
func (s *Scanner) Next() bool {
	if s.err != nil {
		return false
	}
	s.st = nil
	if !s.skip() {
		return false
	}
	p := &s.p
	p.init(s.src[s.off:], s.o)
	p.base, p.lines = int32(s.off), s.line
	st := p.statement()
	if p.err != nil {
		s.err = p.err
		return false
	}
	s.st = st
	s.move(int(p.tok.end))
	return true
}

// skip moves over blanks, comments and empty statements. It returns false at the end.
func (s *Scanner) skip() bool {
	l := lexer{src: s.src[s.off:], mode: s.o.SQLMode, version: int32(s.o.Version)}
	var t token
	for {
		before := l.pos
		l.next(&t)
		switch t.kind {
		case tkEOF:
			return false
		case ';':
			l.sawVersion = false
			continue
		}
		if l.sawVersion {
			// A statement that begins inside /*! … */ is read from before the comment.
			for isSpace(l.at(before)) {
				before++
			}
			s.move(int(before))
		} else {
			s.move(int(t.start))
		}
		return true
	}
}

// move goes n bytes on in the script.
func (s *Scanner) move(n int) {
	s.line += strings.Count(s.src[s.off:s.off+n], "\n")
	s.off += n
}

// Statement returns the statement that the last Next parsed. It stays valid.
func (s *Scanner) Statement() *Statement { return s.st }

// Offset returns where in the script the next statement will be looked for.
func (s *Scanner) Offset() int { return s.off }

// Err returns the error that ended the scan, or nil.
func (s *Scanner) Err() error { return s.err }

// Split is NewScanner as an iterator: it yields each statement, or the error that ends the script.
func Split(script string, o Options) func(yield func(*Statement, error) bool) {
	return func(yield func(*Statement, error) bool) {
		s := NewScanner(script, o)
		for s.Next() {
			if !yield(s.Statement(), nil) {
				return
			}
		}
		if s.err != nil {
			yield(nil, s.err)
		}
	}
}
