package infoschema

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// filter applies LIKE, on column like, or WHERE, whose names are the result's labels.
func (env *Env) filter(ctx context.Context, set *rowset.Set, st *ast.Show, like int) (*rowset.Set, error) {
	cond := st.Where
	if st.Like != nil {
		cond = likeExpr(set.Columns[like].Name, *st.Like)
	}
	if cond == nil {
		return set, nil
	}
	e, err := expr.Bind(cond, &labels{set: set, session: env.Run.Session})
	if err != nil {
		return nil, err
	}
	run := *env.Run
	run.Ctx = ctx
	at := expr.NewEnv(&run)
	kept := set.Rows[:0]
	for _, row := range set.Rows {
		at.Row = row
		v, err := e.Eval(at)
		if err != nil {
			return nil, err
		}
		if expr.Truth(v) == expr.True {
			kept = append(kept, row)
		}
	}
	set.Rows = kept
	return set, nil
}

// likeExpr is column LIKE 'pattern'.
func likeExpr(column, pattern string) sqlparser.Expr {
	return &sqlparser.ComparisonExpr{
		Operator: sqlparser.LikeStr,
		Left:     &sqlparser.ColName{Name: sqlparser.NewColIdent(column)},
		Right: &ast.Literal{
			SQLVal: sqlparser.SQLVal{Type: sqlparser.StrVal, Val: []byte(pattern)},
			Value:  value.String(pattern),
			Kind:   ast.LitString,
		},
	}
}

// labels binds names to the columns of a result.
type labels struct {
	set     *rowset.Set
	session *expr.SessionState
}

var _ expr.Scope = (*labels)(nil)

func (s *labels) Session() *expr.SessionState { return s.session }

func (s *labels) ResolveColumn(name *sqlparser.ColName) (expr.Expr, error) {
	for i := range s.set.Columns {
		if c := &s.set.Columns[i]; name.Name.EqualString(c.Name) {
			return &expr.Column{Slot: i, Name: c.Name, Typ: expr.ColumnType(&c.Type, c.NotNull)}, nil
		}
	}
	return nil, sqlerr.New(sqlerr.UnknownColumn, name.Name.String(), "where clause")
}

func (s *labels) Param(p *ast.Param) (expr.Expr, error) {
	return &expr.Param{Index: p.Index, Typ: expr.DynamicType(s.session.ConnectionCollation())}, nil
}

func (s *labels) BindSubquery(expr.Subquery) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "a subquery in SHOW … WHERE")
}

func (s *labels) BindAggregate(func(expr.Scope) (*expr.Aggregate, error)) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
}

func (s *labels) BindWindow(func(expr.Scope) (*expr.Window, error)) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "a window function in SHOW … WHERE")
}

func (s *labels) Grouping([]expr.Expr) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
}

func (s *labels) Values(*sqlparser.ColName) (expr.Expr, error) {
	return expr.NewLiteral(value.Null), nil
}

func (s *labels) Default(*sqlparser.ColName) (expr.Expr, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "DEFAULT() in SHOW … WHERE")
}

func (s *labels) SysVar(v *ast.SysVar) (expr.Expr, error) {
	if s.session.SysVar == nil {
		return nil, sqlerr.New(sqlerr.UnknownVariable, v.Name)
	}
	sample, err := s.session.SysVar(v.Scope.String(), v.Name)
	if err != nil {
		return nil, err
	}
	return expr.SysVarExpr(v, sample, s.session.ConnectionCollation()), nil
}
