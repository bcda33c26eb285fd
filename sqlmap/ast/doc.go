// Package ast holds the syntax nodes that sqlparser's AST lacks.
//
// The output of package parse is the AST of github.com/xwb1989/sqlparser: its node types, its Walk and its
// visitors are the contract between the front end and the planner. Where those types can say what a MySQL 8
// statement says, they are used as they are; where they cannot, a node of this package stands in, embedding a
// sqlparser node so that it belongs to the same sealed interfaces (Expr, SelectStatement, TableExpr, Statement).
//
// # Which node when
//
// A plain construct has the plain sqlparser node; the node of this package appears only when the construct
// needs it. Helpers read both: SelectOf, InsertOf, UpdateOf, DeleteOf and TableOf return the sqlparser node and
// the extension, which is nil for a plain one. Three things are always nodes of this package, because
// everyone needs their positions, labels or typing: select-list items (*SelectItem; `*` is *sqlparser.StarExpr),
// literals (*Literal, but NULL is *sqlparser.NullVal and TRUE and FALSE are sqlparser.BoolVal) and parameters
// (*Param). VALUES lists of INSERT are always *Rows.
//
// Constructs without a node because they are rewritten by the parser: `a || b` under PIPES_AS_CONCAT is
// CONCAT(a, b); SOUNDS LIKE compares SOUNDEX() of both sides; POSITION(a IN b) is LOCATE(a, b);
// SUBSTRING(a FROM b FOR c) is SUBSTRING(a, b, c); IS UNKNOWN is IS NULL; ROW(a, b) and (a, b) are
// sqlparser.ValTuple; x RLIKE y is REGEXP. CAST and CONVERT are *sqlparser.ConvertExpr with lower-case type
// names. Function names keep their spelling; CURRENT_TIMESTAMP without parentheses is a FuncExpr too.
//
// A SELECT without FROM, and one FROM DUAL, have no table expressions (From is empty).
//
// # Positions and texts
//
// Pos is a byte range in the text given to the parser. Nodes of this package carry one; a *sqlparser.ColName
// made by the parser carries one in Metadata (PosOf reads it). Texts that the catalogue stores (view bodies,
// CHECKs, defaults, generated columns) are kept as written beside their trees.
//
// # Walking
//
// sqlparser.Walk reaches the children of expressions, table expressions and set operations of this package. It
// does not reach what sqlparser's own statements skip (ORDER BY of a UNION, for one) nor clauses their structs
// have no room for (WITH of an UPDATE, window definitions). Inspect visits everything.
//
// Nodes are made once and never changed by anyone: statements are shared between connections by the plan
// cache. String prints a tree for tests and debugging; sqlparser.String is no serialiser and must not be used
// to make SQL.
package ast

// Pos is a byte range [Start, End) in the statement's text. The zero Pos says nothing.
type Pos struct {
	Start, End int32
}

// IsZero reports whether p says nothing.
func (p Pos) IsZero() bool { return p.End == 0 }

// Text returns the bytes of src that p covers, or "" when they are not there.
func (p Pos) Text(src string) string {
	if p.Start < 0 || p.Start > p.End || int(p.End) > len(src) {
		return ""
	}
	return src[p.Start:p.End]
}
