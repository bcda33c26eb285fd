package sqlmap

import (
	"context"
	"fmt"
	"math"
	"strings"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// script is a text of several statements, read one statement at a time: a statement is parsed when the ones before it
// have run, since they may change the sql_mode it is parsed under.
type script struct {
	s       *Session
	text    string
	scanner *parse.Scanner
	args    Args
	dump    bool
	ahead   *parse.Statement // parsed, not run
	err     error
}

func newScript(s *Session, text string, args Args) *script {
	return &script{s: s, text: text, scanner: parse.NewScanner(text, sqlmode.ParserOptions(s.state.Mode, s.state.MaxAllowedPacket)), args: args}
}

// newDump is newScript for a text that no packet brings as a whole: max_allowed_packet bounds each statement.
func newDump(s *Session, text string) *script {
	p := &script{s: s, text: text, dump: true}
	p.scanner = parse.NewScanner(text, sqlmode.ParserOptions(s.state.Mode, math.MaxInt32))
	return p
}

// peek parses the next statement; nil at the end.
func (p *script) peek() (*parse.Statement, error) {
	if p.ahead == nil && p.err == nil {
		p.scanner.SetMode(sqlmode.ParserOptions(p.s.state.Mode, 0).SQLMode)
		if p.scanner.Next() {
			p.ahead = p.scanner.Statement()
		} else {
			p.err = p.scanner.Err()
		}
	}
	return p.ahead, p.err
}

// single reports whether st, the statement taken last, is all of the text, so that the text stands for it in the plan
// cache.
func (p *script) single(st *parse.Statement) bool {
	return st.Offset == 0 && strings.Trim(p.text[p.scanner.Offset():], " \t\r\n;") == ""
}

// done reports whether nothing follows. A text that does not parse counts as something.
func (p *script) done() bool {
	st, err := p.peek()
	return st == nil && err == nil
}

// next takes the next statement and its arguments; nil at the end. Arguments that are too many are told before the last
// statement runs: what fails for its arguments must not have had an effect.
func (p *script) next() (*parse.Statement, []value.Value, error) {
	st, err := p.peek()
	if err != nil {
		return nil, nil, err
	}
	if st == nil {
		return nil, nil, p.args.finish()
	}
	p.ahead = nil
	if p.dump {
		if err := p.s.state.CheckPacket(p.scanner.Offset() - st.Offset); err != nil {
			return nil, nil, err
		}
	}
	vals, err := p.args.take(st.NumParams, st.ParamNames)
	if err == nil && p.args.left() && p.last() {
		err = p.args.finish()
	}
	return st, vals, err
}

// last reports whether the statement taken last ends the text. Unlike done it leaves the rest unread, which is to be
// parsed in the sql_mode that the statement may set.
func (p *script) last() bool {
	rest := parse.NewScanner(p.text[p.scanner.Offset():], sqlmode.ParserOptions(p.s.state.Mode, 0))
	return !rest.Next() && rest.Err() == nil
}

// Exec runs all statements of text. Its outcome has the affected rows of all of them and the last one's insert id. The
// statements before a failing one have had their effect.
func (s *Session) Exec(ctx context.Context, text string, args Args) (Outcome, error) {
	r, err := s.Query(ctx, text, args)
	if err != nil {
		return Outcome{}, err
	}
	return r.drain(ctx)
}

// Query runs the first statement of text; NextStatement of the result runs the following ones. Its first rows are
// computed before it returns.
func (s *Session) Query(ctx context.Context, text string, args Args) (*Result, error) {
	r := &Result{s: s}
	if c := s.cached(text); c != nil {
		vals, err := args.Resolve(c.parsed.NumParams, c.parsed.ParamNames)
		if err != nil {
			return nil, err
		}
		if err := s.execute(ctx, r, c, vals, nil); err != nil {
			return nil, err
		}
		return r, nil
	}
	r.rest = newScript(s, text, args)
	ok, err := r.NextStatement(ctx)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, sqlerr.New(sqlerr.EmptyQuery)
	}
	return r, nil
}

// cached returns the compiled form of a text that is one statement.
func (s *Session) cached(text string) *compiled {
	if s.temp.Shadows() {
		return nil
	}
	return s.db.plans.get(text, s.planKey())
}

// NextStatement runs the next statement of the text; ok is false when there is none. The rows of the one before are
// given up.
func (r *Result) NextStatement(ctx context.Context) (ok bool, err error) {
	if r.live != nil {
		if err := r.endLive(nil); err != nil {
			return false, err
		}
	}
	r.cols, r.names, r.fixed, r.at, r.point, r.err = nil, nil, nil, 0, nil, nil
	if r.rest == nil {
		return false, nil
	}
	st, vals, err := r.rest.next()
	if err != nil {
		return false, r.s.refuse(err)
	}
	if st == nil {
		return false, nil
	}
	text, single := st.Text, r.rest.single(st)
	if single {
		text = r.rest.text
	}
	c, err := r.s.compileParsed(st, text, r.s.planKey())
	if err != nil {
		return false, r.s.refuse(err)
	}
	if single {
		r.s.share(c)
	}
	if err := r.s.execute(ctx, r, c, vals, nil); err != nil {
		return false, err
	}
	return true, nil
}

// ScriptProgress is how far a Script has come.
type ScriptProgress struct {
	Offset, Size int // bytes of the text
	Statements   int
	Rows         int64 // that INSERT, REPLACE, UPDATE and DELETE have affected
}

// Script runs a text of many statements, such as a dump, and calls progress (which may be nil) after each. It stops at
// the first error, which names the statement's place, and when ctx ends. max_allowed_packet bounds each statement, not the text.
func (s *Session) Script(ctx context.Context, text string, progress func(ScriptProgress)) error {
	r := &Result{s: s, rest: newDump(s, text)}
	p := ScriptProgress{Size: len(text)}
	for {
		ok, err := r.NextStatement(ctx)
		for err == nil && r.live != nil {
			err = r.fetch()
		}
		if err != nil {
			_ = r.Close()
			line := 1 + strings.Count(text[:p.Offset], "\n")
			return fmt.Errorf("statement %d, after line %d: %w", p.Statements+1, line, err)
		}
		if !ok {
			return r.Close()
		}
		p.Statements++
		p.Rows = int64(r.written)
		p.Offset = r.rest.scanner.Offset()
		if progress != nil {
			progress(p)
		}
	}
}
