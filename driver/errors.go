package driver

import (
	"errors"

	"github.com/go-sql-driver/mysql"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/persistence"
)

// mysqlError turns what MySQL would report into a bare *mysql.MySQLError, which is what tools assert; other errors
// pass as they are. nil stays nil.
func mysqlError(err error) error {
	if err == nil {
		return nil
	}
	var e *sqlerr.Error
	if !errors.As(err, &e) {
		return err
	}
	// A cancelled statement is reported as its context's error, as database/sql's users expect.
	if e.Code == sqlerr.QueryInterrupted && e.Cause != nil {
		return e.Cause
	}
	m := &mysql.MySQLError{Number: e.Code.Number, Message: e.Message}
	copy(m.SQLState[:], e.Code.State)
	if errors.Is(err, persistence.ErrCorrupt) {
		return &damageError{err, m}
	}
	return m
}

// damageError is damage of a file: MySQL's number for those who look for it, file and page for the operator.
type damageError struct {
	err   error
	mysql *mysql.MySQLError
}

// Error implements error: unlike the message for a number it names the file.
func (e *damageError) Error() string { return e.err.Error() }

// Unwrap returns the *mysql.MySQLError with number 1712 and what wraps the *persistence.CorruptError.
func (e *damageError) Unwrap() []error { return []error{e.mysql, e.err} }
