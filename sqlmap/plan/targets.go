package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// TargetSpec describes the row-finding half of an UPDATE or DELETE.
type TargetSpec struct {
	With *ast.CTEs
	From sqlparser.TableExprs
	// Delete names the tables to delete from; empty with one table in From. For UPDATE the targets are the tables of
	// the assigned columns.
	Delete  []sqlparser.TableName
	Set     sqlparser.UpdateExprs // UPDATE
	Where   *sqlparser.Where
	OrderBy sqlparser.OrderBy
	Limit   *sqlparser.Limit
	// Returning is bound over the tuple (an extension of single-table DELETE).
	Returning sqlparser.SelectExprs

	// Assignable checks an assigned column (generated columns: 3105); nil allows all.
	Assignable func(t Table, ord int, e sqlparser.Expr) error
	// Default returns the expression of DEFAULT for a column; nil is an error where it is used.
	Default func(t Table, ord int) (expr.Expr, error)
	// LockColumns returns the X set for changing cols of t; nil is cols itself.
	LockColumns func(t Table, cols schema.ColSet) schema.ColSet
}

// Targets is the compiled row-finding half of an UPDATE or DELETE. Tuples have, for each target, the row's id and all
// its columns as of the newest version, locked.
type Targets struct {
	Query  *Query
	Tables []Target
	// Set is in the order of the statement. Value is over the tuple.
	Set []Assignment
	// Checks are the check options of views, over the tuple with the new values.
	Checks []ViewCheck
	// Returning is over the tuple.
	Returning []expr.Expr
	RetCols   []ResultColumn
	// Joined says that the rows are joined of several, so that one may be found more than once.
	Joined bool
}

// ViewCheck is WITH CHECK OPTION of a view that the statement changes rows through. A row passes when Expr is true.
type ViewCheck struct {
	Target int // position in Tables
	View   *schema.View
	Expr   expr.Expr
}

// Target is a table whose rows are changed.
type Target struct {
	Table Table
	Name  string // alias
	RowID int    // position of the row id in the tuple; the id is NULL where an outer join found no row
	First int    // position of ordinal 0; the columns follow in order
	X, S  schema.ColSet
	Set   schema.ColSet // assigned columns
}

// Assignment is one assignment of an UPDATE.
type Assignment struct {
	Target int // position in Tables
	Ord    int // ordinal of the column
	Slot   int // position of the column in the tuple
	Value  expr.Expr
}
