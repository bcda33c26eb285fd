package rowrule

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// scope binds names to the columns of one row: ordinal i is slot i. A nil table has no columns. What a stored text must
// not contain (parameters, subqueries, aggregates, variables) is an error.
type scope struct {
	table   *schema.Table
	session *expr.SessionState
	clause  string // for 1054: "check constraint X expression", "default value expression" …
}

var _ expr.Scope = (*scope)(nil)

func (s *scope) Session() *expr.SessionState { return s.session }

func (s *scope) ResolveColumn(name *sqlparser.ColName) (expr.Expr, error) {
	col := name.Name.String()
	if s.table != nil {
		if q := name.Qualifier.Name.String(); q == "" || q == s.table.Name {
			if at := s.table.ColumnIndex(col); at >= 0 {
				c := &s.table.Columns[at]
				return &expr.Column{Slot: at, Name: c.Name, Typ: expr.ColumnType(&c.Type, c.NotNull)}, nil
			}
		}
	}
	return nil, sqlerr.New(sqlerr.UnknownColumn, col, s.clause)
}

func (s *scope) Param(*ast.Param) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "a placeholder in "+s.clause)
}

func (s *scope) BindSubquery(expr.Subquery) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "a subquery in "+s.clause)
}

func (s *scope) BindAggregate(func(expr.Scope) (*expr.Aggregate, error)) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
}

func (s *scope) BindWindow(func(expr.Scope) (*expr.Window, error)) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "a window function in "+s.clause)
}

func (s *scope) Grouping([]expr.Expr) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
}

func (s *scope) Values(*sqlparser.ColName) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "VALUES() in "+s.clause)
}

func (s *scope) Default(*sqlparser.ColName) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "DEFAULT() in "+s.clause)
}

func (s *scope) SysVar(*ast.SysVar) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "a variable in "+s.clause)
}
