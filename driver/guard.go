package driver

import (
	"database/sql/driver"
	"fmt"
	"runtime/debug"

	"github.com/go-sql-driver/mysql"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// guardedText bounds how much of a statement the error of a panic quotes.
const guardedText = 1 << 10

// guard is deferred by every entry of the driver that runs a statement: no panic below crosses it. A panic is a bug, and
// nobody knows what it left behind: the statement named by text fails with error 1815, and the connection is broken.
// database/sql then closes it, which rolls its transaction back and gives its locks up.
func (c *conn) guard(err *error, text string) {
	p := recover()
	if p == nil {
		return
	}
	c.broken = true
	*err = panicked(p, text)
}

// PanicError is a panic that the driver caught: a bug of WorkTable, or of a context or argument of the caller's.
// errors.As finds the *mysql.MySQLError with number 1815 in it.
type PanicError struct {
	Value     any
	Statement string
	Stack     []byte
	err       *mysql.MySQLError
}

// Error implements error.
func (e *PanicError) Error() string { return e.err.Error() }

// Unwrap returns the *mysql.MySQLError with number 1815.
func (e *PanicError) Unwrap() error { return e.err }

func panicked(p any, text string) error {
	if len(text) > guardedText {
		text = text[:guardedText] + "…"
	}
	m := &mysql.MySQLError{
		Number:  sqlerr.Internal.Number,
		Message: sqlerr.New(sqlerr.Internal, fmt.Sprintf("panic: %v; statement: %s", p, text)).Message,
	}
	copy(m.SQLState[:], sqlerr.Internal.State)
	return &PanicError{Value: p, Statement: text, Stack: debug.Stack(), err: m}
}

// usable is driver.ErrBadConn once a panic has broken the connection or it is closed.
func (c *conn) usable() error {
	if c.bad || c.broken {
		return driver.ErrBadConn
	}
	return nil
}
