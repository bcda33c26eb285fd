package bench

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"io"
)

// The driver "nothing" answers every query with rows of constants and every statement with one affected row: its cost
// is what database/sql costs.
func init() { sql.Register("nothing", nothingDriver{}) }

type nothingDriver struct{}

func (nothingDriver) Open(string) (driver.Conn, error) { return &nothingConn{}, nil }

type nothingConn struct{}

func (*nothingConn) Prepare(q string) (driver.Stmt, error) { return newNothingStmt(q), nil }
func (*nothingConn) Close() error                          { return nil }
func (*nothingConn) Begin() (driver.Tx, error)             { return nothingTx{}, nil }

type nothingTx struct{}

func (nothingTx) Commit() error   { return nil }
func (nothingTx) Rollback() error { return nil }

type nothingStmt struct {
	columns []string
	rows    int
	args    int
}

// newNothingStmt gives the shape of the answer to each statement of this package.
func newNothingStmt(q string) *nothingStmt {
	s := &nothingStmt{}
	for i := range len(q) {
		if q[i] == '?' {
			s.args++
		}
	}
	switch q {
	case selectPoint:
		s.columns, s.rows = []string{"id", "owner", "name", "amount"}, 1
	case selectOwner:
		s.columns, s.rows = []string{"id", "owner", "name", "amount"}, rowsPerOwner
	case selectRange:
		s.columns, s.rows = []string{"id", "owner", "name", "amount"}, rangeRows
	case selectSum:
		s.columns, s.rows = []string{"count", "sum"}, 1
	}
	return s
}

func (s *nothingStmt) Close() error  { return nil }
func (s *nothingStmt) NumInput() int { return s.args }

func (s *nothingStmt) Exec([]driver.Value) (driver.Result, error) { return driver.RowsAffected(1), nil }
func (s *nothingStmt) Query([]driver.Value) (driver.Rows, error) {
	return &nothingRows{columns: s.columns, left: s.rows}, nil
}
func (s *nothingStmt) ExecContext(context.Context, []driver.NamedValue) (driver.Result, error) {
	return driver.RowsAffected(1), nil
}
func (s *nothingStmt) QueryContext(context.Context, []driver.NamedValue) (driver.Rows, error) {
	return &nothingRows{columns: s.columns, left: s.rows}, nil
}

type nothingRows struct {
	columns []string
	left    int
}

func (r *nothingRows) Columns() []string { return r.columns }
func (r *nothingRows) Close() error      { return nil }
func (r *nothingRows) Next(dest []driver.Value) error {
	if r.left == 0 {
		return io.EOF
	}
	r.left--
	for i := range dest {
		if r.columns[i] == "name" {
			dest[i] = []byte("name of row")
		} else {
			dest[i] = int64(1 << 20)
		}
	}
	return nil
}
