package expr

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
)

// Scope gives names their meaning; the planner implements it. Every method may return an *sqlerr.Error that Bind
// passes on.
type Scope interface {
	// Session returns the state that binding depends on: sql_mode, connection collation, time zone,
	// div_precision_increment. A plan is good only for sessions that agree in these.
	Session() *SessionState

	// ResolveColumn resolves db.table.column (db and table may be empty). It returns a *Column, or any other expression
	// that stands for the name (an alias in HAVING, a view's column). Errors 1054, 1052.
	ResolveColumn(name *sqlparser.ColName) (Expr, error)

	// Param returns the expression of a placeholder: a *Param.
	Param(p *ast.Param) (Expr, error)

	// BindSubquery returns the node for a subquery in an expression.
	BindSubquery(s Subquery) (Expr, error)

	// BindAggregate is called for an aggregate call. bind binds its arguments in the scope of the rows that are
	// aggregated and returns the call, which is itself an Expr. The planner returns that, or what stands for its result.
	// Error 1111 where aggregates are not allowed.
	BindAggregate(bind func(args Scope) (*Aggregate, error)) (Expr, error)

	// BindWindow is the same for a function with an OVER clause.
	BindWindow(bind func(args Scope) (*Window, error)) (Expr, error)

	// Grouping returns the node for GROUPING(args…) under WITH ROLLUP.
	Grouping(args []Expr) (Expr, error)

	// Values returns the node for VALUES(col) in ON DUPLICATE KEY UPDATE; elsewhere a NULL literal.
	Values(col *sqlparser.ColName) (Expr, error)

	// Default returns the node for DEFAULT(col), and for a bare DEFAULT when col is nil.
	Default(col *sqlparser.ColName) (Expr, error)

	// SysVar returns the node for @@name, for instance by SysVarExpr.
	SysVar(v *ast.SysVar) (Expr, error)
}

// SubqueryKind says what a subquery is used for.
type SubqueryKind uint8

// The kinds.
const (
	ScalarSubquery     SubqueryKind = iota // a value: one column, at most one row (1241, 1242)
	RowSubquery                            // an operand of a row comparison: a RowExpr with Columns columns, at most one row
	ExistsSubquery                         // EXISTS (…)
	InSubquery                             // Left [NOT] IN (…)
	QuantifiedSubquery                     // Left Op ANY|ALL (…)
)

// Subquery is a subquery in an expression.
type Subquery struct {
	Kind    SubqueryKind
	Select  sqlparser.SelectStatement
	Columns int       // RowSubquery: how many columns it must have
	Left    Expr      // InSubquery, QuantifiedSubquery: bound in this scope; maybe a RowExpr
	Op      CompareOp // QuantifiedSubquery; InSubquery: CompareEqual
	All     bool      // QuantifiedSubquery: ALL, otherwise ANY
	Not     bool      // InSubquery: NOT IN
}
