package driver

import (
	"errors"

	"github.com/go-sql-driver/mysql"

	"github.com/worktable-go/worktable/engine/sqlerr"
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
	return m
}
