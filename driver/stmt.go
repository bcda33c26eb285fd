package driver

import (
	"context"
	"database/sql/driver"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

// stmt is a prepared statement.
type stmt struct {
	conn *conn
	s    *sqlmap.Stmt
	text string
	vals []value.Value // argument buffer: a statement runs one execution at a time
	free *rows         // closed rows, whose memory the next ones take over
	open int           // results that have not been closed: they may still read vals
}

var (
	_ driver.Stmt              = &stmt{}
	_ driver.StmtExecContext   = &stmt{}
	_ driver.StmtQueryContext  = &stmt{}
	_ driver.NamedValueChecker = &stmt{}
)

// NumInput returns the number of placeholders; with named ones -1, since one argument may serve several.
func (s *stmt) NumInput() int {
	if len(s.s.ParamNames()) > 0 {
		return -1
	}
	return s.s.NumParams()
}

// CheckNamedValue implements driver.NamedValueChecker.
func (s *stmt) CheckNamedValue(nv *driver.NamedValue) error { return s.conn.CheckNamedValue(nv) }

// ExecContext implements driver.StmtExecContext.
func (s *stmt) ExecContext(ctx context.Context, args []driver.NamedValue) (_ driver.Result, err error) {
	if err := s.conn.usable(); err != nil {
		return nil, err
	}
	defer s.conn.guard(&err, s.text)
	bound, err := s.bind(args)
	if err != nil {
		return nil, err
	}
	out, err := s.s.Exec(ctx, bound)
	if err != nil {
		return nil, mysqlError(err)
	}
	return result{affected: out.Affected, insertID: out.LastInsertID}, nil
}

// QueryContext implements driver.StmtQueryContext.
func (s *stmt) QueryContext(ctx context.Context, args []driver.NamedValue) (_ driver.Rows, err error) {
	if err := s.conn.usable(); err != nil {
		return nil, err
	}
	defer s.conn.guard(&err, s.text)
	bound, err := s.bind(args)
	if err != nil {
		return nil, err
	}
	ownBytes(bound)
	r, err := s.s.Query(ctx, bound)
	if err != nil {
		return nil, mysqlError(err)
	}
	return newRows(ctx, s.conn, r, s, s.text), nil
}

func (s *stmt) bind(args []driver.NamedValue) ([]value.Value, error) {
	if names := s.s.ParamNames(); len(names) > 0 || (len(args) > 0 && args[0].Name != "") {
		a, err := s.conn.arguments(args)
		if err != nil {
			return nil, err
		}
		vals, err := a.Resolve(s.s.NumParams(), names)
		return vals, mysqlError(err)
	}
	if cap(s.vals) < len(args) || s.open > 0 {
		s.vals = make([]value.Value, len(args))
	}
	s.vals = s.vals[:len(args)]
	for i := range args {
		v, err := s.conn.toValue(args[i].Value)
		if err != nil {
			return nil, err
		}
		s.vals[i] = v
	}
	return s.vals, nil
}

// Exec implements driver.Stmt; database/sql calls ExecContext.
func (s *stmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), named(args))
}

// Query implements driver.Stmt; database/sql calls QueryContext.
func (s *stmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), named(args))
}

// Close implements driver.Stmt.
func (s *stmt) Close() (err error) {
	defer s.conn.guard(&err, s.text)
	return mysqlError(s.s.Close())
}

func named(args []driver.Value) []driver.NamedValue {
	out := make([]driver.NamedValue, len(args))
	for i, a := range args {
		out[i] = driver.NamedValue{Ordinal: i + 1, Value: a}
	}
	return out
}
