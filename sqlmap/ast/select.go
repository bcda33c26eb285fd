package ast

import "github.com/xwb1989/sqlparser"

// SelectItem is an expression of a select list with the label its result column gets.
type SelectItem struct {
	sqlparser.AliasedExpr
	// Label is the alias, else what MySQL shows: the name of a column, the text of a string, the bytes as written
	// (in the text given to the parser, comments included) of anything else.
	Label   string
	Aliased bool // an alias was given; As may still be empty (AS ”)
	Pos          // of the expression, without the alias
}

// Select is a query block with what sqlparser.Select has no room for.
type Select struct {
	*sqlparser.Select
	SelectExt
}

// SelectExt is what a query block has beyond sqlparser.Select. In Lock of the plain node stand
// sqlparser.ForUpdateStr and sqlparser.ShareModeStr for the first locking clause (FOR SHARE counts as the latter).
type SelectExt struct {
	Modifiers Modifier
	Rollup    bool          // GROUP BY … WITH ROLLUP
	Windows   []*WindowSpec // WINDOW clause
	Locks     []LockClause  // all locking clauses, when one has OF, NOWAIT or SKIP LOCKED or there are several
	Into      []*UserVar    // SELECT … INTO @a, @b
}

// Modifier is a set of select modifiers. DISTINCT, STRAIGHT_JOIN and SQL_NO_CACHE have their fields in
// sqlparser.Select; optimizer hints (/*+ … */) are in its Comments.
type Modifier uint8

// The modifiers.
const (
	HighPriority Modifier = 1 << iota
	SmallResult
	BigResult
	BufferResult
	CalcFoundRows
)

// LockClause is FOR UPDATE or FOR SHARE with its options.
type LockClause struct {
	Share      bool
	Of         []sqlparser.TableName
	NoWait     bool
	SkipLocked bool
	Pos
}

// SelectOf returns the query block s and its extension (nil for a plain one); ok is false when s is none.
func SelectOf(s sqlparser.SQLNode) (sel *sqlparser.Select, ext *SelectExt, ok bool) {
	switch n := s.(type) {
	case *sqlparser.Select:
		return n, nil, true
	case *Select:
		return n.Select, &n.SelectExt, true
	}
	return nil, nil, false
}

// SetOpKind is EXCEPT or INTERSECT.
type SetOpKind uint8

// The set operations that are no UNION.
const (
	Except SetOpKind = iota + 1
	Intersect
)

// SetOp is `Left EXCEPT|INTERSECT [ALL] Right`. A UNION is a *sqlparser.Union. OrderBy, Limit and Lock of the
// embedded node are the set operation's own.
type SetOp struct {
	*sqlparser.Union
	Kind SetOpKind
	All  bool
}

// Nested is a parenthesised query expression that has ORDER BY, LIMIT or a lock of its own although the inner one
// already has some: `(SELECT … LIMIT 5) LIMIT 2`. Left is the inner one, Right is nil.
// (`(SELECT 1) LIMIT 1` puts the clause into the inner SELECT, as MySQL does, and is a *sqlparser.ParenSelect.)
type Nested struct {
	*sqlparser.Union
}

// With is a query expression with common table expressions. Left is the *CTEs, Right the query expression.
type With struct {
	*sqlparser.Union
}

// CTEs returns the common table expressions.
func (w *With) CTEs() *CTEs { return w.Left.(*CTEs) }

// Body returns the query expression they belong to.
func (w *With) Body() sqlparser.SelectStatement { return w.Right }

// CTEs is a WITH clause. From of the embedded node holds the *CTE, each a table expression, for Walk; it is no
// query.
type CTEs struct {
	*sqlparser.Select
	Recursive bool
	List      []*CTE
	Pos
}

// CTE is one common table expression; the embedded node's As is its name and Expr the *sqlparser.Subquery.
type CTE struct {
	sqlparser.AliasedTableExpr
	Columns []sqlparser.ColIdent
	Text    string // source of the query, without the parentheses
	Pos
}

// Query returns the query of the common table expression.
func (c *CTE) Query() sqlparser.SelectStatement { return c.Expr.(*sqlparser.Subquery).Select }

// ValuesStmt is the table value constructor VALUES ROW(…), ROW(…). OrderBy and Limit are in the embedded node,
// whose other fields are empty.
type ValuesStmt struct {
	*sqlparser.Select
	Rows *Rows
	Pos
}

// TableStmt is TABLE t: all rows of one table. The embedded node is SELECT * FROM t with its ORDER BY and LIMIT.
type TableStmt struct {
	*sqlparser.Select
	Pos
}

// TableRef is a table with several index hints, or one that says more than sqlparser.IndexHints can.
type TableRef struct {
	sqlparser.AliasedTableExpr
	Hints []IndexHint
}

// IndexHint is one USE, IGNORE or FORCE INDEX.
type IndexHint struct {
	Kind    string // sqlparser.UseStr, IgnoreStr, ForceStr
	For     string // "", "join", "order by", "group by"
	Indexes []sqlparser.ColIdent
}

// Derived is a derived table with a column list, or LATERAL. Expr is the *sqlparser.Subquery.
type Derived struct {
	sqlparser.AliasedTableExpr
	Columns []sqlparser.ColIdent
	Lateral bool
	Pos
}

// TableOf returns the table or derived table t, with its index hints, column list and LATERAL; ok is false for
// joins and parentheses.
func TableOf(t sqlparser.TableExpr) (tab *sqlparser.AliasedTableExpr, hints []IndexHint, cols []sqlparser.ColIdent, lateral, ok bool) {
	switch n := t.(type) {
	case *sqlparser.AliasedTableExpr:
		if n.Hints != nil {
			hints = []IndexHint{{Kind: n.Hints.Type, Indexes: n.Hints.Indexes}}
		}
		return n, hints, nil, false, true
	case *TableRef:
		return &n.AliasedTableExpr, n.Hints, nil, false, true
	case *Derived:
		return &n.AliasedTableExpr, nil, n.Columns, n.Lateral, true
	}
	return nil, nil, nil, false, false
}
