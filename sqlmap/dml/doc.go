// Package dml runs INSERT, REPLACE, UPDATE and DELETE: it compiles them into plans whose row-finding half is package
// plan's and whose writes are engine operations.
//
// A Plan is immutable and may be shared by sessions under the same conditions as a plan.Query. Run executes it inside a
// statement that the caller has begun; when it fails the caller ends the statement with the error, which undoes its
// writes. Errors are *sqlerr.Error with MySQL's numbers; strict mode and IGNORE are honoured as in MySQL 8.
package dml
