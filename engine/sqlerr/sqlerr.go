// Package sqlerr holds the errors that a MySQL client would see: a number, an SQLSTATE and a message.
//
// Every error that leaves the engine or the SQL layer for a reason that MySQL knows is an *Error, made by New
// from a Code. Programs branch on Number. Errors compare with errors.Is by Code.
package sqlerr

import "fmt"

// Error is one such error. It is immutable.
type Error struct {
	Code    *Code
	Message string
	Cause   error // what lies below, for errors.Is and errors.As; may be nil
}

// Code is a kind of error: MySQL's number, SQLSTATE and message format.
type Code struct {
	Number uint16
	State  string
	Format string
}

// New returns an error of the kind with its format filled in.
func New(c *Code, args ...any) *Error {
	return &Error{Code: c, Message: fmt.Sprintf(c.Format, args...)}
}

// Wrap is New with a cause.
func Wrap(cause error, c *Code, args ...any) *Error {
	e := New(c, args...)
	e.Cause = cause
	return e
}

// Number returns MySQL's number.
func (e *Error) Number() uint16 { return e.Code.Number }

// State returns the five-character SQLSTATE.
func (e *Error) State() string { return e.Code.State }

func (e *Error) Error() string {
	return fmt.Sprintf("Error %d (%s): %s", e.Code.Number, e.Code.State, e.Message)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is reports whether target is an *Error of the same Code, or the Code itself.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case *Error:
		return t.Code == e.Code
	case *Code:
		return t == e.Code
	}
	return false
}

// Error makes a Code usable as the target of errors.Is.
func (c *Code) Error() string { return fmt.Sprintf("MySQL error %d (%s)", c.Number, c.State) }
