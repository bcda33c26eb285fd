package conformance

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

// subject is what statements run on.
type subject interface {
	run(s *statement) *answer
}

// sessionSubject runs statements on a session.
type sessionSubject struct {
	s        *sqlmap.Session
	prepared bool
}

// newSession returns a session in the schema test of an engine of its own, which is checked at the end.
func newSession(t testing.TB) *sqlmap.Session {
	t.Helper()
	ctx := context.Background()
	db, err := engine.New(engine.Options{})
	require.NoError(t, err)
	d, err := sqlmap.Acquire(db)
	require.NoError(t, err)
	s, err := d.NewSession(ctx, sqlmap.SessionOptions{Schema: "test", CreateSchema: true})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		require.Empty(t, db.Check(ctx))
		d.Release()
		require.NoError(t, db.Close(ctx))
	})
	return s
}

func (d *sessionSubject) run(s *statement) (out *answer) {
	defer func() {
		if p := recover(); p != nil {
			out = failed(fmt.Errorf("panic: %v", p))
		}
	}()
	ctx := context.Background()
	if !d.prepared {
		r, err := d.s.Query(ctx, s.text, sqlmap.Args{})
		if err != nil {
			return failed(err)
		}
		return readResult(ctx, r)
	}
	return runPrepared(ctx, d.s, s.text, nil, s.query() && !strings.Contains(s.text, "ROW_COUNT"))
}

// runPrepared prepares and runs a statement; a query runs twice and must say the same.
func runPrepared(ctx context.Context, session *sqlmap.Session, text string, args []value.Value, twice bool) *answer {
	st, err := session.Prepare(ctx, text)
	if err != nil {
		return failed(err)
	}
	defer func() { _ = st.Close() }()
	var first *answer
	for {
		var a *answer
		r, err := st.Query(ctx, args)
		if err != nil {
			a = failed(err)
		} else {
			a = readResult(ctx, r)
		}
		if !twice {
			return a
		}
		if first != nil {
			if !a.equal(first, false) {
				return failed(fmt.Errorf("the second execution gave\n%s\nafter\n%s", a.text(true), first.text(true)))
			}
			return first
		}
		first = a
	}
}

// readResult reads a result to its end.
func readResult(ctx context.Context, r *sqlmap.Result) *answer {
	a := &answer{}
	cols := r.Columns()
	for _, n := range r.Names() {
		a.columns = append(a.columns, escapes.Replace(n))
	}
	row := make([]value.Value, len(cols))
	for len(cols) > 0 {
		ok, err := r.Next(ctx, row)
		if err != nil {
			_ = r.Close()
			return failed(err)
		}
		if !ok {
			break
		}
		line := make([]byte, 0, 64)
		for i, v := range row {
			if i > 0 {
				line = append(line, '\t')
			}
			text := ""
			if !v.IsNull() {
				text = string(cols[i].Type.AppendText(nil, v))
			}
			line = append(line, render(text, v.IsNull())...)
		}
		a.rows = append(a.rows, string(line))
	}
	a.affected, a.insertID = r.Outcome().Affected, r.Outcome().LastInsertID
	if err := r.Close(); err != nil {
		return failed(err)
	}
	return a
}

// failed is the answer of an error. One that has no MySQL number never equals a recorded one.
func failed(err error) *answer {
	a := &answer{number: -1, message: err.Error()}
	var e *sqlerr.Error
	if errors.As(err, &e) {
		a.number = int(e.Number())
	}
	return a
}
