package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// scope binds expressions over one full row of a table: ordinal i is slot i.
type scope struct {
	def    *schema.Table
	c      *plan.Context
	clause string
	// values is set in ON DUPLICATE KEY UPDATE: VALUES(col), and the row alias, mean the proposed row.
	values     bool
	alias      string // of VALUES … AS alias
	aliasNames []sqlparser.ColIdent
	aliasCols  []int // the ordinals that aliasNames rename
}

func newScope(def *schema.Table, c *plan.Context) *scope {
	return &scope{def: def, c: c, clause: "field list"}
}

var _ expr.Scope = (*scope)(nil)

func (s *scope) Session() *expr.SessionState { return s.c.Session }

func (s *scope) ResolveColumn(name *sqlparser.ColName) (expr.Expr, error) {
	col, q := name.Name.String(), name.Qualifier.Name.String()
	if s.alias != "" && (q == s.alias || q == "" && s.def.ColumnIndex(col) < 0) {
		if ord := s.aliased(col); ord >= 0 {
			return s.proposed(ord), nil
		}
	}
	if q == "" || q == s.def.Name {
		if ord := s.def.ColumnIndex(col); ord >= 0 {
			c := &s.def.Columns[ord]
			return &expr.Column{Slot: ord, Table: s.def.Name, Name: c.Name, Typ: expr.ColumnType(&c.Type, c.NotNull)}, nil
		}
	}
	if q != "" {
		col = q + "." + col
	}
	return nil, sqlerr.New(sqlerr.UnknownColumn, col, s.clause)
}

// aliased returns the ordinal that the row alias gives a name, or -1.
func (s *scope) aliased(col string) int {
	for i, n := range s.aliasNames {
		if n.EqualString(col) {
			return s.aliasCols[i]
		}
	}
	if len(s.aliasNames) > 0 {
		return -1
	}
	return s.def.ColumnIndex(col)
}

func (s *scope) proposed(ord int) expr.Expr {
	c := &s.def.Columns[ord]
	return &proposedColumn{ord: ord, name: c.Name, typ: expr.ColumnType(&c.Type, c.NotNull)}
}

func (s *scope) Param(p *ast.Param) (expr.Expr, error) {
	if s.c.Param != nil {
		return s.c.Param(p)
	}
	return &expr.Param{Index: p.Index, Typ: expr.DynamicType(s.c.Session.ConnectionCollation())}, nil
}

// BindSubquery plans a subquery that reads nothing of the row. Only scalar ones are met in VALUES.
func (s *scope) BindSubquery(q expr.Subquery) (expr.Expr, error) {
	if q.Kind != expr.ScalarSubquery {
		return nil, sqlerr.New(sqlerr.NotSupported, "a subquery of this kind in VALUES")
	}
	p, err := exec.Compile(q.Select, s.c)
	if err != nil {
		return nil, err
	}
	if len(p.Columns()) != 1 {
		return nil, sqlerr.New(sqlerr.OperandColumns, 1)
	}
	return &subquery{plan: p}, nil
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

// Values is VALUES(col): the proposed value in ON DUPLICATE KEY UPDATE, NULL elsewhere.
func (s *scope) Values(col *sqlparser.ColName) (expr.Expr, error) {
	ord := s.def.ColumnIndex(col.Name.String())
	if ord < 0 {
		return nil, sqlerr.New(sqlerr.UnknownColumn, col.Name.String(), s.clause)
	}
	if !s.values {
		c := &s.def.Columns[ord]
		return &expr.Literal{Val: value.Null, Typ: expr.ColumnType(&c.Type, false)}, nil
	}
	return s.proposed(ord), nil
}

// Default is DEFAULT(col).
func (s *scope) Default(col *sqlparser.ColName) (expr.Expr, error) {
	if col == nil {
		return nil, sqlerr.New(sqlerr.NotSupported, "DEFAULT inside an expression")
	}
	ord := s.def.ColumnIndex(col.Name.String())
	if ord < 0 {
		return nil, sqlerr.New(sqlerr.UnknownColumn, col.Name.String(), s.clause)
	}
	return defaultExpr(s.def, ord)
}

func (s *scope) SysVar(v *ast.SysVar) (expr.Expr, error) {
	if s.c.SysVar != nil {
		return s.c.SysVar(v)
	}
	return nil, sqlerr.New(sqlerr.UnknownVariable, v.Name)
}

// defaultExpr returns DEFAULT(col) as a literal.
func defaultExpr(def *schema.Table, ord int) (expr.Expr, error) {
	c := &def.Columns[ord]
	switch {
	case c.DefaultExpr != "":
		return nil, sqlerr.New(sqlerr.NotSupported, "DEFAULT() of a column with an expression default")
	case c.HasDefault:
		return &expr.Literal{Val: c.Default, Typ: expr.ColumnType(&c.Type, c.NotNull)}, nil
	case !c.NotNull:
		return &expr.Literal{Val: value.Null, Typ: expr.ColumnType(&c.Type, false)}, nil
	}
	return nil, sqlerr.New(sqlerr.NoDefault, c.Name)
}
