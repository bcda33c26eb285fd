// Package sqlmap runs SQL over the tables of an engine: it turns statement text into plans and plans into
// engine operations.
//
// A Database wraps one engine.DB and is shared by all sessions: it holds the plan cache and the compiled row
// hooks (CHECK constraints, generated columns). A Session is what MySQL calls a connection: current schema,
// variables, transaction, temporary tables, user locks. A Stmt is a prepared statement of one session.
//
// Concurrency: a Database may be used from any number of goroutines. A Session, its statements and its results
// belong to one goroutine at a time, as with database/sql's driver.Conn; Interrupt is the exception.
//
// Ownership: values that Result.Next writes alias the result's buffers and are good until the next call of
// Next, NextStatement or Close.
//
// Errors are *sqlerr.Error with MySQL's number. A failed statement leaves nothing behind: its writes are
// undone, its locks on rows that it added are gone. Error 1213 has rolled back the whole transaction.
package sqlmap
