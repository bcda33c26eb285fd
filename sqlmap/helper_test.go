package sqlmap_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

var background = context.Background()

// newDatabase returns a Database over an empty engine with the schema test.
func newDatabase(t testing.TB) *sqlmap.Database {
	t.Helper()
	db, err := engine.New(engine.Options{})
	require.NoError(t, err)
	d, err := sqlmap.Acquire(db)
	require.NoError(t, err)
	t.Cleanup(func() {
		d.Release()
		require.NoError(t, db.Close(background))
	})
	return d
}

// conn is a session that fails the test on unexpected errors.
type conn struct {
	t testing.TB
	s *sqlmap.Session
}

func newConn(t testing.TB, d *sqlmap.Database, opts ...func(*sqlmap.SessionOptions)) *conn {
	t.Helper()
	o := sqlmap.SessionOptions{Schema: "test", CreateSchema: true}
	for _, f := range opts {
		f(&o)
	}
	s, err := d.NewSession(background, o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return &conn{t, s}
}

// open returns a session on a database of its own, in which setup has run.
func open(t testing.TB, setup ...string) *conn {
	t.Helper()
	c := newConn(t, newDatabase(t))
	for _, text := range setup {
		c.exec(text)
	}
	return c
}

func positional(args []any) sqlmap.Args {
	var a sqlmap.Args
	for _, x := range args {
		switch x := x.(type) {
		case nil:
			a.Values = append(a.Values, value.Null)
		case int:
			a.Values = append(a.Values, value.Int(int64(x)))
		case float64:
			a.Values = append(a.Values, value.Float(x))
		case string:
			a.Values = append(a.Values, value.String(x))
		default:
			panic(fmt.Sprintf("argument of type %T", x))
		}
	}
	return a
}

func (c *conn) try(text string, args ...any) (sqlmap.Outcome, error) {
	return c.s.Exec(background, text, positional(args))
}

func (c *conn) exec(text string, args ...any) sqlmap.Outcome {
	c.t.Helper()
	out, err := c.try(text, args...)
	require.NoError(c.t, err, text)
	return out
}

// fails runs text and requires the error with MySQL's number.
func (c *conn) fails(number int, text string, args ...any) string {
	c.t.Helper()
	_, err := c.query(text, args...)
	return requireError(c.t, number, err, text)
}

func requireError(t testing.TB, number int, err error, text string) string {
	t.Helper()
	require.Error(t, err, text)
	var e *sqlerr.Error
	require.ErrorAs(t, err, &e, text)
	require.Equal(t, number, int(e.Number()), "%s: %v", text, err)
	return e.Message
}

// query returns the rows of text's first statement: columns with blanks between them, NULL as NULL.
func (c *conn) query(text string, args ...any) ([]string, error) {
	r, err := c.s.Query(background, text, positional(args))
	if err != nil {
		return nil, err
	}
	defer func() { _ = r.Close() }()
	return readAll(r)
}

func readAll(r *sqlmap.Result) ([]string, error) {
	dst := make([]value.Value, len(r.Columns()))
	var rows []string
	for {
		ok, err := r.Next(background, dst)
		if err != nil || !ok {
			return rows, err
		}
		rows = append(rows, line(dst))
	}
}

func line(vals []value.Value) string {
	words := make([]string, len(vals))
	for i, v := range vals {
		words[i] = "NULL"
		if !v.IsNull() {
			words[i] = v.Text()
		}
	}
	return strings.Join(words, " ")
}

// rows requires that text gives exactly these rows.
func (c *conn) rows(text string, want ...string) {
	c.t.Helper()
	got, err := c.query(text)
	require.NoError(c.t, err, text)
	if len(got) == 0 && len(want) == 0 {
		return
	}
	require.Equal(c.t, want, got, text)
}

// statement is one that runs in a goroutine.
type statement struct {
	rows []string
	err  error
	done chan struct{}
}

// start runs text in the background.
func (c *conn) start(text string) *statement {
	st := &statement{done: make(chan struct{})}
	go func() {
		defer close(st.done)
		st.rows, st.err = c.query(text)
	}()
	return st
}

// blocked runs text in the background and returns when it waits for a lock.
func (c *conn) blocked(d *sqlmap.Database, text string) *statement {
	c.t.Helper()
	before := d.Engine().Stats().LockWaits
	st := c.start(text)
	require.Eventually(c.t, func() bool {
		select {
		case <-st.done:
			c.t.Errorf("%s did not wait: %v", text, st.err)
			return true
		default:
			return d.Engine().Stats().LockWaits > before
		}
	}, 10*time.Second, time.Millisecond)
	return st
}

// wait returns what the statement gave.
func (st *statement) wait(t testing.TB) ([]string, error) {
	t.Helper()
	select {
	case <-st.done:
	case <-time.After(30 * time.Second):
		t.Fatal("a statement does not end")
	}
	return st.rows, st.err
}
