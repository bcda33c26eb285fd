package ddl_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

// client is a session of a database of its own.
type client struct {
	t  *testing.T
	db *sqlmap.Database
	s  *sqlmap.Session
}

func open(t *testing.T) *client {
	ctx := context.Background()
	db, err := engine.New(engine.Options{})
	require.NoError(t, err)
	d, err := sqlmap.Acquire(db)
	require.NoError(t, err)
	t.Cleanup(func() {
		require.Empty(t, db.Check(ctx))
		d.Release()
		require.NoError(t, db.Close(ctx))
	})
	c := &client{t: t, db: d}
	c.s = c.session()
	return c
}

// session opens one more session of the same database.
func (c *client) session() *sqlmap.Session {
	s, err := c.db.NewSession(context.Background(), sqlmap.SessionOptions{Schema: "d", CreateSchema: true})
	require.NoError(c.t, err)
	c.t.Cleanup(func() { require.NoError(c.t, s.Close()) })
	return s
}

// run executes statements and returns the affected rows of the last.
func (c *client) run(texts ...string) uint64 {
	c.t.Helper()
	var n uint64
	for _, text := range texts {
		out, err := c.s.Exec(context.Background(), text, sqlmap.Args{})
		require.NoError(c.t, err, text)
		n = out.Affected
	}
	return n
}

// fails executes a statement that must fail with MySQL's number.
func (c *client) fails(number int, text string) {
	c.t.Helper()
	_, err := c.s.Exec(context.Background(), text, sqlmap.Args{})
	require.Error(c.t, err, text)
	var e *sqlerr.Error
	require.True(c.t, errors.As(err, &e), "%s: %v", text, err)
	require.Equal(c.t, number, int(e.Number()), "%s: %v", text, err)
}

// rows returns a result, a row per line, values separated by |.
func (c *client) rows(text string) string {
	c.t.Helper()
	return strings.Join(query(c.t, c.s, text), "\n")
}

func query(t *testing.T, s *sqlmap.Session, text string) []string {
	t.Helper()
	ctx := context.Background()
	r, err := s.Query(ctx, text, sqlmap.Args{})
	require.NoError(t, err, text)
	defer r.Close()
	var out []string
	row := make([]value.Value, len(r.Columns()))
	for {
		ok, err := r.Next(ctx, row)
		require.NoError(t, err, text)
		if !ok {
			return out
		}
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = "NULL"
			if !v.IsNull() {
				cells[i] = v.Text()
			}
		}
		out = append(out, strings.Join(cells, "|"))
	}
}

// created is the text of SHOW CREATE TABLE.
func (c *client) created(table string) string {
	c.t.Helper()
	_, text, _ := strings.Cut(c.rows("SHOW CREATE TABLE "+table), "|")
	return text
}

// notes returns the warnings of the last statement as "Level number".
func (c *client) notes() []string {
	var out []string
	for _, w := range c.s.Warnings() {
		out = append(out, w.Level+" "+w.Message)
	}
	return out
}
