package sqlmap

import (
	"context"
	"errors"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/dml"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// replans bounds how often a statement is planned again because definitions keep changing under it, replanPause the
// pause before the next attempt: a definition may be on its way from one version to the next.
const (
	replans     = 100
	replanPause = 5 * time.Millisecond
)

// execute runs one compiled statement into r. st is the prepared statement it is of, or nil.
func (s *Session) execute(ctx context.Context, r *Result, c *compiled, args []value.Value, st *Stmt) error {
	if s.closed {
		return sqlerr.New(sqlerr.Closed)
	}
	if ctx.Err() != nil {
		return interrupted(ctx)
	}
	if err := s.state.CheckPackets(args); err != nil {
		return err
	}
	if err := s.settle(); err != nil {
		return err
	}
	if !keepsDiagnostics(c.parsed.AST) {
		s.clearWarnings()
	}
	var done context.CancelFunc
	if s.maxExecution > 0 && s.isTimed(c) {
		ctx, done = context.WithTimeoutCause(ctx, s.maxExecution, sqlerr.New(sqlerr.QueryTimeout))
	}
	s.activity.show(c.info)
	s.current.begin(ctx)
	err := s.runFresh(&s.current, r, c, args, st)
	if err == nil && r.live != nil {
		r.live.done = done
		return nil
	}
	err = s.endExecution(done, err)
	if err != nil {
		s.state.RowCount = -1
	}
	return err
}

// endExecution ends what execute began, when no more rows are read. It returns the error that the client gets.
func (s *Session) endExecution(done context.CancelFunc, err error) error {
	err = s.explain(err)
	s.current.end()
	s.activity.clearStart()
	if done != nil {
		done()
	}
	return s.diagnose(err)
}

// runFresh runs a statement, and again with a new plan when a definition changed under the old one.
func (s *Session) runFresh(ctx context.Context, r *Result, c *compiled, args []value.Value, st *Stmt) error {
	err := s.dispatch(ctx, r, c, args, st)
	for i := 0; s.replan(err) && i < replans && c.class != classOther; i++ {
		if i > 0 {
			time.Sleep(min(time.Duration(i)*50*time.Microsecond, replanPause))
		}
		if ctx.Err() != nil {
			return err
		}
		if c, err = s.compile(c.text); err == nil {
			err = s.dispatch(ctx, r, c, args, st)
		}
	}
	return err
}

// explain turns the end of the statement's context into the error that MySQL has for it.
func (s *Session) explain(err error) error {
	if err == nil || s.current.Err() == nil {
		return err
	}
	var e *sqlerr.Error
	if errors.As(err, &e) && e.Code != sqlerr.QueryInterrupted {
		return err
	}
	return s.current.cause()
}

// interrupted is the error of a statement whose context has ended.
func interrupted(ctx context.Context) error {
	var cause *sqlerr.Error
	if errors.As(context.Cause(ctx), &cause) {
		return cause
	}
	return sqlerr.Wrap(ctx.Err(), sqlerr.QueryInterrupted)
}

func (s *Session) dispatch(ctx context.Context, r *Result, c *compiled, args []value.Value, st *Stmt) error {
	r.cols, r.names = c.cols, c.names
	switch c.class {
	case classQuery:
		if c.into != nil {
			return s.runInto(ctx, r, c, args)
		}
		return s.runQuery(ctx, r, c, args, st)
	case classChange:
		return s.runChange(ctx, r, c, args, st)
	}
	return s.runOther(ctx, r, c, args)
}

// begin readies the Run of an execution. A prepared statement's own is reused, since it has one execution at a time.
func (s *Session) newRun(ctx context.Context, args []value.Value, st *Stmt) *expr.Run {
	var run *expr.Run
	if st != nil {
		run = &st.run
	} else {
		run = new(expr.Run)
	}
	*run = expr.Run{Ctx: ctx, Params: args, Session: &s.state}
	return run
}

// runQuery runs a SELECT. A point select ends its statement at once; other rows are read as they are asked for.
func (s *Session) runQuery(ctx context.Context, r *Result, c *compiled, args []value.Value, st *Stmt) error {
	if s.tx == nil && s.autocommit && c.query.Point() != nil {
		if done, err := s.readAlone(ctx, r, c.query.Point(), args, st); done {
			return err
		}
	}
	kind := engine.StmtRead
	if c.query.Query().Locking {
		kind = engine.StmtWrite
	}
	tx, err := s.startStatement(ctx, kind)
	if err != nil {
		return err
	}
	rt := exec.Runtime{Tx: tx, Run: s.newRun(ctx, args, st)}
	if p := c.query.Point(); p != nil && p.Fits(&rt) {
		err := s.readPoint(r, p, &rt, st)
		s.state.RowCount = -1
		return s.finishStatement(ctx, tx, err)
	}
	s.activity.noteStart()
	var l *liveRows
	if st != nil {
		l = &st.live
		rt.Spare, st.spare = st.spare, nil
	} else {
		l = new(liveRows)
	}
	rows, err := c.query.Open(&rt)
	if err != nil {
		return s.finishStatement(ctx, tx, err)
	}
	*l = liveRows{ctx: ctx, tx: tx, rows: rows, batch: l.batch, opening: true}
	r.live = l
	if err := r.fetch(); err != nil {
		return err
	}
	if r.live != nil {
		r.live.opening = false
		s.open = r
	}
	return nil
}

// readAlone is readPoint without a transaction; done is false when it needs one after all.
func (s *Session) readAlone(ctx context.Context, r *Result, p *exec.Point, args []value.Value, st *Stmt) (done bool, err error) {
	if st == nil {
		st = &Stmt{}
	}
	row, ok, done, err := p.GetAlone(s.newRun(ctx, args, st), &st.point, st.row[:0])
	if !done {
		return false, nil
	}
	s.next, s.state.RowCount = nil, -1
	if err != nil {
		return true, err
	}
	s.pointRow(r, st, row, ok)
	return true, nil
}

// readPoint reads the row of a point select into memory that outlives the statement.
func (s *Session) readPoint(r *Result, p *exec.Point, rt *exec.Runtime, st *Stmt) error {
	if st == nil {
		st = &Stmt{}
	}
	row, ok, err := p.Get(rt, &st.point, st.row[:0])
	if err != nil {
		return err
	}
	s.pointRow(r, st, row, ok)
	return nil
}

// pointRow makes row, if ok, the result.
func (s *Session) pointRow(r *Result, st *Stmt, row []value.Value, ok bool) {
	st.row = row
	s.state.FoundRows = 0
	if ok {
		r.point = row
		s.state.FoundRows = 1
	}
}

// runChange runs an INSERT, REPLACE, UPDATE or DELETE.
func (s *Session) runChange(ctx context.Context, r *Result, c *compiled, args []value.Value, st *Stmt) error {
	s.state.LastInsertIDSet = false
	tx, err := s.startStatement(ctx, engine.StmtWrite)
	if err != nil {
		return err
	}
	if !c.change.IsPoint() {
		s.activity.noteStart()
	}
	s.changing = exec.Runtime{Tx: tx, Run: s.newRun(ctx, args, st)}
	out, err := c.change.Run(&s.changing, dml.Options{FoundRows: s.foundRows})
	s.changing = exec.Runtime{}
	if err := s.finishStatement(ctx, tx, err); err != nil {
		return err
	}
	if out.Generated != 0 {
		s.state.LastInsertID = out.Generated
	}
	r.outcome = Outcome{Affected: out.Affected, LastInsertID: s.insertID(&out)}
	r.affects += out.Affected
	r.written += out.Affected
	s.state.RowCount = int64(out.Affected)
	r.fixed = out.Returned
	return nil
}

// insertID is what MySQL tells the client: the first generated value, else the argument of LAST_INSERT_ID(expr), else
// the value of the last row written.
func (s *Session) insertID(out *dml.Outcome) uint64 {
	switch {
	case out.Generated != 0:
		return out.Generated
	case s.state.LastInsertIDSet:
		return s.state.LastInsertID
	}
	return out.LastID
}
