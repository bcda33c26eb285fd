package sqlmap

import (
	"context"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Stmt is a prepared statement of a session. Its executions reuse its buffers.
type Stmt struct {
	s      *Session
	text   string
	c      *compiled
	basis  basis // when c was found to be right
	point  exec.PointState
	row    []value.Value
	result *Result // free for the next execution, or nil
	lent   *Result // the latest execution's, while its row may still be in row
	run    expr.Run
	live   liveRows   // of the execution that is being read
	spare  *exec.Rows // of an earlier one
	closed bool
}

// Prepare parses and plans one statement.
func (s *Session) Prepare(ctx context.Context, text string) (*Stmt, error) {
	if err := ctx.Err(); err != nil {
		return nil, interrupted(ctx)
	}
	c, err := s.compile(text)
	if err != nil {
		return nil, s.refuse(err)
	}
	return &Stmt{s: s, text: text, c: c}, nil
}

// NumParams returns the number of placeholders; distinct names when they are named.
func (st *Stmt) NumParams() int { return st.c.parsed.NumParams }

// ParamNames returns the names of named placeholders, each once, in order of first appearance.
func (st *Stmt) ParamNames() []string { return st.c.parsed.ParamNames }

// Columns describes the result columns; none when the statement has no result set.
func (st *Stmt) Columns() []Column { return st.c.cols }

// Exec runs the statement and reads its rows, if any, to the end.
func (st *Stmt) Exec(ctx context.Context, args []value.Value) (Outcome, error) {
	r, err := st.Query(ctx, args)
	if err != nil {
		return Outcome{}, err
	}
	return r.drain(ctx)
}

// Query runs the statement. The first rows are computed before it returns.
func (st *Stmt) Query(ctx context.Context, args []value.Value) (*Result, error) {
	if st.closed {
		return nil, sqlerr.New(sqlerr.UnknownStatement, "", "EXECUTE")
	}
	if len(args) != st.c.parsed.NumParams {
		_, err := Args{Values: args}.Resolve(st.c.parsed.NumParams, nil)
		return nil, err
	}
	if err := st.refresh(); err != nil {
		return nil, err
	}
	st.detach()
	r := st.result
	if r == nil {
		r = &Result{}
	}
	st.result = nil
	*r = Result{s: st.s, stmt: st}
	st.lent = r
	if st.querySolo(ctx, r, args) {
		return r, nil
	}
	if err := st.s.execute(ctx, r, st.c, args, st); err != nil {
		st.recycle(r)
		return nil, err
	}
	return r, nil
}

// detach gives an open result its own copy of a row in the statement's buffers, which the next execution overwrites.
func (st *Stmt) detach() {
	if st.lent == nil || st.lent.point == nil {
		return
	}
	row := make([]value.Value, len(st.lent.point))
	for i, v := range st.lent.point {
		row[i] = v.Clone()
	}
	st.lent.point = row
}

// basis is what a plan rests on, as numbers that change with it.
type basis struct{ catalog, settings, temporary uint64 }

// refresh compiles the statement again when what it depends on has changed.
func (st *Stmt) refresh() error {
	s := st.s
	now := basis{s.db.engine.Catalog().Version(), s.settingsVersion, s.temporaryVersion()}
	if now == st.basis {
		return nil
	}
	if s.stale(st.c) {
		c, err := s.compile(st.text)
		if err != nil {
			return s.refuse(err)
		}
		st.c = c
	}
	st.basis = now
	return nil
}

// recycle takes a closed result back. One that read live rows keeps its batch's memory.
func (st *Stmt) recycle(r *Result) {
	if st.lent == r {
		st.lent = nil
	}
	if st.result == nil {
		st.result = r
	}
	r.stmt = nil
}

// Close releases the statement. It may be called twice.
func (st *Stmt) Close() error {
	st.closed = true
	return nil
}

// drain reads the rows of r to the end, runs the statements that follow, and closes it.
func (r *Result) drain(ctx context.Context) (Outcome, error) {
	for {
		for r.live != nil {
			if err := r.fetch(); err != nil {
				_ = r.Close()
				return Outcome{}, err
			}
		}
		more, err := r.NextStatement(ctx)
		if err != nil {
			_ = r.Close()
			return Outcome{}, err
		}
		if !more {
			break
		}
	}
	out := Outcome{Affected: r.affects, LastInsertID: r.outcome.LastInsertID}
	return out, r.Close()
}
