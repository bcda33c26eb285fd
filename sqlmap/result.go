package sqlmap

import (
	"context"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
)

// Result is the outcome of a text of one or more statements, one statement at a time. It must be closed.
type Result struct {
	s       *Session
	cols    []Column
	names   []string
	outcome Outcome
	affects uint64 // sum over the statements so far
	written uint64 // of it, the part of INSERT, REPLACE, UPDATE and DELETE

	// The rows of the current statement come from exactly one of these.
	live  *liveRows
	fixed [][]value.Value // rows that are in memory
	at    int
	point []value.Value // the one row of a point select, while it has not been read
	err   error         // what Next reports when the rows ended early

	rest   *script // statements that have not run yet; nil for a prepared statement
	stmt   *Stmt   // the prepared statement whose buffers point uses
	closed bool
}

// liveRows are rows that are still being read from the engine.
type liveRows struct {
	ctx   context.Context
	tx    *engine.Tx
	rows  *exec.Rows
	batch exec.Batch
	next  int
	// opening is set until execute has the first rows: it ends the execution itself when they fail or are all.
	opening bool
	done    context.CancelFunc // of max_execution_time; may be nil
}

// Columns describes the columns of the current statement; none when it has no result set.
func (r *Result) Columns() []Column { return r.cols }

// Names returns the columns' labels.
func (r *Result) Names() []string { return r.names }

// Outcome returns what the current statement reports.
func (r *Result) Outcome() Outcome { return r.outcome }

// Pending reports whether statements have not run yet.
func (r *Result) Pending() bool { return r.rest != nil && !r.rest.done() }

// Next writes the next row's values to dst; ok is false at the end. They are good until the next call.
func (r *Result) Next(ctx context.Context, dst []value.Value) (ok bool, err error) {
	row, err := r.Row(ctx)
	copy(dst, row)
	return row != nil, err
}

// Row returns the next row, nil at the end. It is good, and must not be changed, until the next call of the session.
func (r *Result) Row(context.Context) (row []value.Value, err error) {
	switch {
	case r.err != nil:
		return nil, r.err
	case r.point != nil:
		row, r.point = r.point, nil
		return row, nil
	case r.live != nil:
		return r.liveRow()
	case r.at < len(r.fixed):
		r.at++
		return r.fixed[r.at-1], nil
	}
	return nil, nil
}

func (r *Result) liveRow() ([]value.Value, error) {
	l := r.live
	if l.next >= l.batch.Len() {
		if err := r.fetch(); err != nil {
			r.err = err
			return nil, err
		}
		if r.live == nil {
			return nil, nil
		}
	}
	l.next++
	return l.batch.Row(l.next - 1), nil
}

// fetch reads the next batch. At the end, and on an error, it ends the statement and clears live.
func (r *Result) fetch() error {
	l := r.live
	err := l.rows.Next(&l.batch)
	l.next = 0
	if err == nil && l.batch.Len() > 0 {
		return nil
	}
	return r.endLive(err)
}

// endLive ends the statement that the rows are of.
func (r *Result) endLive(err error) error {
	l := r.live
	r.live = nil
	r.s.state.FoundRows, r.s.state.RowCount = l.rows.FoundRows(), -1
	l.rows.Close()
	if r.s.open == r {
		r.s.open = nil
	}
	if r.stmt != nil {
		r.stmt.spare = l.rows
		l.batch.Recycle()
	}
	err = r.s.finishStatement(l.ctx, l.tx, err)
	if l.opening {
		return err
	}
	return r.s.endExecution(l.done, err)
}

// buffer reads the remaining rows into memory, so that another statement may run. Their memory is bounded as that of
// a sort is.
func (r *Result) buffer() error {
	l := r.live
	var kept [][]value.Value
	var bytes int64
	for r.live != nil {
		for ; l.next < l.batch.Len(); l.next++ {
			row := append([]value.Value(nil), l.batch.Row(l.next)...)
			for i := range row {
				row[i] = row[i].Clone()
				bytes += 32 + int64(len(row[i].Str()))
			}
			kept = append(kept, row)
			if bytes > exec.DefaultMemoryLimit {
				r.err = r.endLive(sqlerr.New(sqlerr.OutOfMemory, "an open result set", int64(exec.DefaultMemoryLimit)))
				return r.err
			}
		}
		if err := r.fetch(); err != nil {
			r.err = err
			break
		}
	}
	r.fixed, r.at = kept, 0
	return r.err
}

// Close ends the result. Statements that have not run do not run. It may be called twice.
func (r *Result) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.point, r.fixed = nil, nil
	var err error
	if r.live != nil {
		err = r.endLive(nil)
	}
	if r.stmt != nil {
		r.stmt.recycle(r)
	}
	return err
}

// settle makes the session's open result independent of the engine before another statement runs.
func (s *Session) settle() error {
	if s.open == nil {
		return nil
	}
	r := s.open
	s.open = nil
	return r.buffer()
}

// abandon ends the open result without reading it.
func (s *Session) abandon() {
	if s.open == nil {
		return
	}
	r := s.open
	s.open = nil
	if r.live != nil {
		r.err = sqlerr.New(sqlerr.QueryInterrupted)
		_ = r.endLive(r.err)
	}
}
