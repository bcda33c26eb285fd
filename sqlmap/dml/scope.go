package dml

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// scope binds expressions over one row of a table: ordinal i is slot i. In ON DUPLICATE KEY UPDATE the row that is there
// is followed by the row that the INSERT proposes, and that by the row of its SELECT.
type scope struct {
	naming
	c      *plan.Context
	clause string

	upsert     bool   // ON DUPLICATE KEY UPDATE: VALUES(col) and the row alias mean the proposed row
	alias      string // of VALUES … AS alias
	aliasNames []sqlparser.ColIdent
	aliasCols  []int               // the ordinals that aliasNames rename
	source     []plan.ResultColumn // of the SELECT
}

func newScope(n naming, c *plan.Context) *scope {
	return &scope{naming: n, c: c, clause: "field list"}
}

var _ expr.Scope = (*scope)(nil)

func (s *scope) Session() *expr.SessionState { return s.c.Session }

func (s *scope) ResolveColumn(name *sqlparser.ColName) (expr.Expr, error) {
	col, q, db := name.Name.String(), name.Qualifier.Name.String(), name.Qualifier.Qualifier.String()
	if s.alias != "" && db == "" && (q == s.alias || q == "" && s.ordinal(col) < 0) {
		if ord := s.aliased(col); ord >= 0 {
			return s.proposed(ord), nil
		}
	}
	if (q == "" || q == s.called) && (db == "" || db == s.schema) {
		if ord := s.ordinal(col); ord >= 0 {
			return s.column(ord, 0), nil
		}
		if s.beside(col) {
			return nil, sqlerr.New(sqlerr.NotSupported, "INSERT that reads another table of a join view")
		}
	}
	if db == "" {
		if e, err := s.sourceColumn(q, col); e != nil || err != nil {
			return e, err
		}
	}
	for _, part := range []string{q, db} {
		if part != "" {
			col = part + "." + col
		}
	}
	return nil, sqlerr.New(sqlerr.UnknownColumn, col, s.clause)
}

// column returns the node of a column of the table's row that begins at slot first.
func (s *scope) column(ord, first int) expr.Expr {
	c := &s.def.Columns[ord]
	return expr.ZonedColumn(&expr.Column{
		Slot: first + ord, Table: s.called, Name: c.Name, Typ: expr.ColumnType(&c.Type, c.NotNull),
	}, s.c.Session)
}

func (s *scope) proposed(ord int) expr.Expr { return s.column(ord, len(s.def.Columns)) }

// sourceColumn finds a column of the INSERT's SELECT by its label, or by its own name within a table of FROM.
func (s *scope) sourceColumn(q, col string) (expr.Expr, error) {
	at := -1
	for i := range s.source {
		src := &s.source[i]
		if q != "" && src.Table != q || !strings.EqualFold(src.Label, col) && (q == "" || !strings.EqualFold(src.OrgName, col)) {
			continue
		}
		if at >= 0 {
			return nil, sqlerr.New(sqlerr.AmbiguousColumn, col, s.clause)
		}
		at = i
	}
	if at < 0 {
		return nil, nil
	}
	return &expr.Column{Slot: 2*len(s.def.Columns) + at, Table: q, Name: col, Typ: s.source[at].Type}, nil
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
	return s.ordinal(col)
}

func (s *scope) Param(p *ast.Param) (expr.Expr, error) {
	if s.c.Param != nil {
		return s.c.Param(p)
	}
	return &expr.Param{Index: p.Index, Typ: expr.DynamicType(s.c.Session.ConnectionCollation())}, nil
}

// BindSubquery plans a subquery that reads nothing of the row.
func (s *scope) BindSubquery(q expr.Subquery) (expr.Expr, error) {
	if q.Kind != expr.ScalarSubquery && q.Kind != expr.ExistsSubquery {
		return nil, sqlerr.New(sqlerr.NotSupported, "this kind of subquery beside columns of the row")
	}
	p, err := exec.Compile(q.Select, s.c)
	if err != nil {
		return nil, err
	}
	if q.Kind == expr.ScalarSubquery && len(p.Columns()) != 1 {
		return nil, sqlerr.New(sqlerr.OperandColumns, 1)
	}
	return newSubquery(p, q.Kind == expr.ExistsSubquery), nil
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
	ord := s.ordinal(col.Name.String())
	if ord < 0 {
		return nil, sqlerr.New(sqlerr.UnknownColumn, col.Name.String(), s.clause)
	}
	if !s.upsert {
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
	ord := s.ordinal(col.Name.String())
	if ord < 0 {
		return nil, sqlerr.New(sqlerr.UnknownColumn, col.Name.String(), s.clause)
	}
	return defaultExpr(s.def, ord, s.c.Session)
}

func (s *scope) SysVar(v *ast.SysVar) (expr.Expr, error) {
	if s.c.SysVar != nil {
		return s.c.SysVar(v)
	}
	return nil, sqlerr.New(sqlerr.UnknownVariable, v.Name)
}

// defaultExpr returns DEFAULT(col) as a literal. Errors 1364, 3773.
func defaultExpr(def *schema.Table, ord int, s *expr.SessionState) (expr.Expr, error) {
	c := &def.Columns[ord]
	switch {
	case c.DefaultExpr != "":
		return nil, sqlerr.New(sqlerr.DefaultOfExpr)
	case c.HasDefault:
		v := c.Default
		if c.Type.ID == value.TypeTimestamp && v.Kind() == value.KindDateTime {
			v = value.TimestampFromUTC(v, s.Location())
		}
		return &expr.Literal{Val: v, Typ: expr.ColumnType(&c.Type, c.NotNull)}, nil
	case !c.NotNull:
		return &expr.Literal{Val: value.Null, Typ: expr.ColumnType(&c.Type, false)}, nil
	}
	return nil, sqlerr.New(sqlerr.NoDefault, c.Name)
}
