// Package plan turns a query, or the row-finding half of an UPDATE or DELETE, into a plan: a tree of nodes that says how
// the rows are found, without any code that finds them. Package exec runs plans.
//
// # From syntax to plan
//
// Select and FindTargets walk the syntax tree clause by clause. Names are resolved in scopes: a query block's scope sees
// its tables, then the enclosing blocks'. Every column that a node makes gets a number of its own, a ColID, unique in
// the whole statement; expressions refer to columns by expr.Column{Depth: 0, Slot: ColID} and stay valid wherever in the
// tree they are moved, which is what keeps rules short. A derived table, view or common table expression needs no node
// of its own: its columns are those of the nodes below, under other names. Package exec maps ColIDs to positions in
// tuples at the end.
//
// A subquery is a function of the outer columns that it reads: the node Subquery lists them as Args, and inside its
// plan they are expr.Column{Depth: 1, Slot: index in Args}. So moving a subquery needs no change inside it, and its
// result may be remembered by its arguments.
//
//	SELECT c.name, (SELECT count(*) FROM orders o WHERE o.customer = c.id) FROM customer c
//
//	compute (subquery #1)                      c.id is column #1, passed as the argument
//	  scan customer as c (id, name)
//	subquery #1 of c.id:
//	  scalar aggregate count(*)
//	    index orders as o using customer [customer = c.id]     here c.id is argument 0
//
// # Rules
//
// Rules (see Rules for the order) rewrite the tree one after the other; each has a name, by which Options.Disable and
// the tests in testdata refer to it. What an index can do for a condition is written down in sarg.go: the condition's
// demand on one column becomes a Domain, a formula that is evaluated to intervals when the scan is opened, so that
// parameters, values of the outer row and constants are treated alike. A constant that does not convert to the column's
// type in its order widens the intervals; the condition stays in the filter and decides.
//
// # Contract
//
// A Query is immutable and may be shared by all sessions whose parameters of binding agree (schema, sql_mode,
// collation, time zone) while the catalogue version that it was built from is current. Building keeps references to
// definitions, never to rows or sessions. It takes time about linear in the text and at most quadratic in the number of
// joined tables.
//
// Errors are *sqlerr.Error with MySQL's numbers. Depth of nesting and number of tables are bounded (1436, 1116).
package plan
