package plan

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Table is what a name in FROM may stand for: a table of the engine (*engine.Table) or a VirtualTable.
type Table interface {
	// Def returns the definition.
	Def() *schema.Table
}

// RowEstimator is implemented by tables that know about how many rows they have. *engine.Table does.
type RowEstimator interface {
	RowEstimate() int64
}

// VirtualTable is a table whose rows are computed, as those of information_schema.
type VirtualTable interface {
	Table
	// Rows returns the rows. eq holds what WHERE demands of columns (ordinal → value) and may be used to compute fewer
	// rows; all of them are filtered again.
	Rows(ctx context.Context, run *expr.Run, eq map[int]value.Value) (VirtualRows, error)
}

// VirtualRows iterates over a virtual table.
type VirtualRows interface {
	// Next returns the next row, one value per column, or nil at the end. The row is good until the next call.
	Next() ([]value.Value, error)
	Close()
}

// Catalog is what names are looked up in. The session implements it over the engine's catalogue snapshot, with its
// temporary tables in front and information_schema beside.
type Catalog interface {
	// Table returns the base or virtual table, or nil.
	Table(schema, name string) Table
	// View returns the view, or nil. It is asked after Table.
	View(schema, name string) *schema.View
	// HasDatabase tells an unknown schema (1049) from an unknown table (1146).
	HasDatabase(schema string) bool
}

// Context is what a plan is built in.
type Context struct {
	Catalog  Catalog
	Database string             // schema in force; "" for none (1046)
	Session  *expr.SessionState // binding depends on its sql_mode, collation, time zone

	// Param returns the expression of a placeholder; nil makes placeholders of unknown class.
	Param func(p *ast.Param) (expr.Expr, error)
	// SysVar returns the expression of @@name; nil is expr's default.
	SysVar func(v *ast.SysVar) (expr.Expr, error)
	// ParseView returns the syntax tree of a view's body, parsed under the view's sql_mode.
	ParseView func(v *schema.View) (sqlparser.SelectStatement, error)

	Options Options
}

// Options changes planning, for tests and diagnosis.
type Options struct {
	DisableIndexes bool            // full scans only
	DisableRules   bool            // no rule but those that execution needs
	Disable        map[string]bool // rules by name
}
