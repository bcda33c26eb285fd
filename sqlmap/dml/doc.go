// Package dml runs INSERT, REPLACE, UPDATE and DELETE: it compiles them into plans whose row-finding half is package
// plan's and whose writes are engine operations.
//
// A Plan is immutable and may be shared by sessions under the same conditions as a plan.Query. Run executes it inside a
// statement that the caller has begun; when it fails the caller ends the statement with the error, which undoes its
// writes. Errors are *sqlerr.Error with MySQL's numbers; strict mode and IGNORE are honoured as in MySQL 8.
//
// Rows are written while they are found where that is safe: a cursor of the engine never shows what its own transaction
// wrote after it was opened, so that an UPDATE of one table or an INSERT … SELECT from other tables needs no memory.
// Joined statements, and an INSERT that reads its own table, collect their rows first.
//
// A statement on an updatable view is one on the table below it: UPDATE and DELETE find rows as the view's body does, with
// its columns in terms of the table's; INSERT gives the table's columns the view's names. WITH CHECK OPTION is tested on
// the new row before it is written.
//
// Cost: a single-row INSERT, and an UPDATE or DELETE by a full unique key, run without operators and allocate nothing
// here; their buffers are shared by all sessions through pools.
package dml
