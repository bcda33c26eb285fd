// Package expr turns expression syntax into bound, typed, evaluable trees with MySQL 8 semantics: types,
// comparison, conversion, arithmetic, NULL, collation coercibility, strictness.
//
// Bind resolves a syntax tree (sqlparser's nodes and those of sqlmap/ast) against a Scope that the planner
// implements; the result is a tree of Expr. Trees are evaluated as they are (Eval) or turned into closures that
// are specialised for the shapes that queries spend their time in (Compile, CompilePredicate). The package knows
// nothing of plans: columns are slots of rows of values, subqueries, aggregates and windows are nodes that the
// planner makes when Bind calls back.
//
// # Concurrency and ownership
//
// An Expr and a compiled closure are immutable and may be shared by any number of goroutines; everything that
// changes while a statement runs (parameters, warnings, caches of regular expressions, row buffers) lives in the
// Env and its Run, which belong to one execution of one statement. Strings in a result may alias the row, the
// parameters or the tree; Clone detaches.
//
// # Errors
//
// Errors are *sqlerr.Error with MySQL's number. A conversion that loses something warns (Run.Session.Warn) when
// Run.Strict is false (SELECT) and fails when it is true (INSERT, UPDATE, DELETE under a strict sql_mode).
//
// # Bounds
//
// A string result longer than max_allowed_packet is NULL with warning 1301. Trees deeper than MaxDepth are refused
// by Bind with 1436, JSON documents deeper than 100 with 3157.
package expr
