package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// returning is a RETURNING list over full rows of a table.
type returning struct {
	exprs []expr.Func
	cols  []plan.ResultColumn
}

func compileReturning(n naming, list sqlparser.SelectExprs, c *plan.Context) (*returning, error) {
	r, s := &returning{}, newScope(n, c)
	for _, item := range list {
		switch it := item.(type) {
		case *sqlparser.StarExpr:
			for _, ord := range n.visible() {
				r.add(s.column(ord, 0), resultColumn(&n, ord, n.label(ord)))
			}
		case *ast.SelectItem:
			e, err := expr.Bind(it.Expr, s)
			if err != nil {
				return nil, err
			}
			rc := plan.ResultColumn{Label: it.Label, Type: e.Type()}
			if col := expr.UnzonedColumn(e); col != nil {
				rc = resultColumn(&n, col.Slot, it.Label)
			}
			r.add(e, rc)
		default:
			return nil, sqlerr.New(sqlerr.NotSupported, "this item in RETURNING")
		}
	}
	return r, nil
}

func (r *returning) add(e expr.Expr, col plan.ResultColumn) {
	r.exprs, r.cols = append(r.exprs, expr.Compile(e)), append(r.cols, col)
}

func resultColumn(n *naming, ord int, label string) plan.ResultColumn {
	def, col := n.def, &n.def.Columns[ord]
	return plan.ResultColumn{
		Label: label, Table: n.called, OrgTable: def.Name, OrgName: col.Name, Schema: def.Schema,
		Type: expr.ColumnType(&col.Type, col.NotNull), Column: col,
	}
}

// evaluate computes the list on a row. The result owns its memory.
func evaluate(list []expr.Func, vals []value.Value, run *expr.Run) ([]value.Value, error) {
	env := expr.Env{Row: vals, Run: run}
	out := make([]value.Value, len(list))
	for i, f := range list {
		v, err := f(&env)
		if err != nil {
			return nil, err
		}
		out[i] = v.Clone()
	}
	return out, nil
}
