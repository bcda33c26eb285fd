// Package plan turns a bound SELECT, or the row-finding half of an UPDATE or DELETE, into a plan: a tree of nodes
// that says how the rows are found, without any code that finds them. Package exec runs plans.
//
// # From syntax to plan
//
// Build walks the syntax tree clause by clause. Names are resolved in scopes; a query block's scope sees its tables,
// then the enclosing blocks'. Every column that a node makes gets a number of its own, a ColID, unique in the whole
// statement; expressions refer to columns by expr.Column{Depth: 0, Slot: ColID} and stay valid wherever in the tree
// they are moved, which is what lets rules be short. Package exec maps ColIDs to positions in tuples at the end.
//
// A subquery is a function of the outer columns that it reads: the node Subquery lists them as Args, and inside its
// plan they are expr.Column{Depth: 1, Slot: index in Args}. So moving a subquery needs no change inside it, and its
// result may be remembered by its arguments.
//
// Then the rules (see Rules) rewrite the tree in order; each has a name, by which EXPLAIN tests and Options.Disable
// refer to it.
//
// # Contract
//
// A Query is immutable and may be shared by all sessions whose parameters of binding agree (schema, sql_mode,
// collation, parameter classes) while the catalogue version that it was built from is current. Building keeps
// references to definitions, never to rows or sessions.
//
// Errors are *sqlerr.Error with MySQL's numbers. Depth of nesting and number of tables are bounded (1436, 1116).
package plan
