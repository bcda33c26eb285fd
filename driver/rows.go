package driver

import (
	"context"
	"database/sql/driver"
	"io"

	"github.com/worktable-go/worktable/sqlmap"
)

// rows is a result, or the results of several statements. It pins a snapshot while open, never memory of the engine:
// every value is copied out before Next returns.
type rows struct {
	ctx    context.Context
	conn   *conn
	result *sqlmap.Result
	cols   []sqlmap.Column
	names  []string
	text   []byte // bytes of the current row's strings; database/sql copies them unless asked for RawBytes
	owner  *stmt  // the prepared statement that takes the memory back at Close, or nil
	more   bool   // another statement is known to follow
	atEnd  bool   // no statement follows
	err    error
	query  string // names the statement in the error of a panic
}

var (
	_ driver.Rows                           = &rows{}
	_ driver.RowsNextResultSet              = &rows{}
	_ driver.RowsColumnTypeScanType         = &rows{}
	_ driver.RowsColumnTypeDatabaseTypeName = &rows{}
	_ driver.RowsColumnTypeLength           = &rows{}
	_ driver.RowsColumnTypeNullable         = &rows{}
	_ driver.RowsColumnTypePrecisionScale   = &rows{}
)

// newRows wraps a result. st is the prepared statement it is of, or nil: a statement has one result at a time as a
// rule, so the memory of the last one serves the next.
func newRows(ctx context.Context, c *conn, r *sqlmap.Result, st *stmt, query string) *rows {
	var out *rows
	if st != nil && st.free != nil {
		out, st.free = st.free, nil
		*out = rows{text: out.text}
	} else {
		out = &rows{}
	}
	out.ctx, out.conn, out.result, out.owner, out.query = ctx, c, r, st, query
	if st != nil {
		st.open++
	}
	out.describe()
	return out
}

// describe takes over the columns of the current result set.
func (r *rows) describe() {
	r.cols = r.result.Columns()
	r.names = r.result.Names()
}

// Columns implements driver.Rows. The names are the source text's, as MySQL labels them.
func (r *rows) Columns() []string { return r.names }

// Next implements driver.Rows.
func (r *rows) Next(dest []driver.Value) (err error) {
	defer r.conn.guard(&err, r.query)
	row, err := r.result.Row(r.ctx)
	if err != nil {
		r.atEnd = true // the statements after a failing one do not run, not even in Close
		return mysqlError(err)
	}
	if row == nil {
		return io.EOF
	}
	r.text = r.text[:0]
	for i := range row {
		r.put(&dest[i], row[i], &r.cols[i].Type)
	}
	return nil
}

// HasNextResultSet implements driver.RowsNextResultSet: it runs the statements up to the next one with columns.
func (r *rows) HasNextResultSet() bool {
	if !r.more && !r.atEnd {
		r.advance()
	}
	return r.more || r.err != nil
}

// NextResultSet implements driver.RowsNextResultSet.
func (r *rows) NextResultSet() error {
	if !r.HasNextResultSet() {
		return io.EOF
	}
	if r.err != nil {
		err := r.err
		r.err, r.more = nil, false
		return mysqlError(err)
	}
	r.more = false
	r.describe()
	return nil
}

func (r *rows) advance() {
	defer func() { r.atEnd = r.atEnd || r.err != nil }()
	defer r.conn.guard(&r.err, r.query)
	for {
		ok, err := r.result.NextStatement(r.ctx)
		if err != nil || !ok {
			r.err, r.atEnd = err, true
			return
		}
		if len(r.result.Columns()) > 0 {
			r.more = true
			return
		}
	}
}

// Close implements driver.Rows. Statements of the text that no NextResultSet reached run now, so that a script does
// not stop halfway because its reader did.
func (r *rows) Close() (err error) {
	defer r.conn.guard(&err, r.query)
	if r.owner != nil {
		// database/sql does not call a Rows again after Close.
		owner := r.owner
		r.owner = nil
		owner.open--
		defer func() { owner.free = r }()
	}
	if r.conn.broken {
		return nil // closing the connection ends what is left
	}
	if r.result.Pending() {
		for !r.atEnd && err == nil {
			r.more = false
			r.advance()
			err = r.err
		}
	}
	if e := r.result.Close(); err == nil {
		err = e
	}
	return mysqlError(err)
}
