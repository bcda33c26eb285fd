package dml

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// naming is how an INSERT names a table and its columns: by their own names, or by those of the view that it writes to.
type naming struct {
	schema, called string
	def            *schema.Table
	view           *plan.View // nil for the table itself
	at             int        // position of the table in view.Tables
}

func ownNames(def *schema.Table) naming {
	return naming{schema: def.Schema, called: def.Name, def: def}
}

// ordinal returns the ordinal of the column called name, or -1.
func (n *naming) ordinal(name string) int {
	if n.view == nil {
		return n.def.ColumnIndex(name)
	}
	if c := viewColumn(n.view, name); c != nil && c.Table == n.at {
		return c.Ord
	}
	return -1
}

// beside reports whether name is a column of another table of a join view.
func (n *naming) beside(name string) bool {
	if n.view == nil {
		return false
	}
	c := viewColumn(n.view, name)
	return c != nil && c.Table != n.at
}

// visible returns the ordinals of the columns that * and a missing column list mean.
func (n *naming) visible() []int {
	var out []int
	if n.view != nil {
		for i := range n.view.Columns {
			if c := &n.view.Columns[i]; c.Table == n.at {
				out = append(out, c.Ord)
			}
		}
		return out
	}
	for i := range n.def.Columns {
		if !n.def.Columns[i].Invisible {
			out = append(out, i)
		}
	}
	return out
}

// label returns the name of a visible column.
func (n *naming) label(ord int) string {
	if n.view != nil {
		for i := range n.view.Columns {
			if c := &n.view.Columns[i]; c.Table == n.at && c.Ord == ord {
				return c.Label
			}
		}
	}
	return n.def.Columns[ord].Name
}

func viewColumn(v *plan.View, name string) *plan.ViewColumn {
	for i := range v.Columns {
		if strings.EqualFold(v.Columns[i].Label, name) {
			return &v.Columns[i]
		}
	}
	return nil
}

// viewTarget finds the table that an INSERT into a view writes to. Errors 1054, 1348, 1393, 1394, 1471.
func viewTarget(v *schema.View, columns sqlparser.Columns, verb string, c *plan.Context) (*target, error) {
	view, err := plan.OpenView(v, c)
	if err != nil {
		return nil, err
	}
	refuse := sqlerr.New(sqlerr.NonInsertableTable, v.Name, "INSERT")
	if view == nil {
		return nil, refuse
	}
	if len(columns) == 0 && len(view.Tables) > 1 {
		return nil, sqlerr.New(sqlerr.ViewNoFieldList, v.Schema, v.Name)
	}
	at := 0
	for i, name := range columns {
		col := viewColumn(view, name.String())
		switch {
		case col == nil:
			return nil, sqlerr.New(sqlerr.UnknownColumn, name.String(), "field list")
		case col.Ord < 0:
			return nil, sqlerr.New(sqlerr.NonUpdatableColumn, col.Label)
		case i > 0 && col.Table != at:
			return nil, sqlerr.New(sqlerr.ViewManyTables, v.Schema, v.Name)
		}
		at = col.Table
	}
	var seen schema.ColSet
	for i := range view.Columns {
		col := &view.Columns[i]
		if col.Ord < 0 || col.Table == at && seen.Has(col.Ord) {
			return nil, refuse
		}
		if col.Table == at {
			seen = seen.With(col.Ord)
		}
	}
	t, err := newTarget(view.Tables[at], c)
	if err != nil {
		return nil, err
	}
	t.naming = naming{schema: v.Schema, called: v.Name, def: t.def, view: view, at: at}
	return t, t.checkView(view)
}

// checkView compiles the check option for inserted rows, which are checked before they are written.
func (t *target) checkView(v *plan.View) error {
	switch {
	case v.Check == nil:
		return nil
	case len(v.Tables) > 1:
		return sqlerr.New(sqlerr.NotSupported, "INSERT into a join view WITH CHECK OPTION")
	}
	t.check = newViewCheck(t, v.Def, v.Check, 0)
	if v.CheckQuery == nil {
		return nil
	}
	var err error
	t.check.query, err = exec.Prepare(v.CheckQuery)
	return err
}

// checkSubqueries reports whether an expression contains a subquery, and refuses one that reads what the statement writes
// to. Errors 1093, 1443.
func (t *target) checkSubqueries(e sqlparser.Expr, current string) (has bool, err error) {
	has, reads := subqueries(e, t.schema, t.called, current)
	if reads {
		return has, sqlerr.New(sqlerr.UpdateTableUsed, t.called)
	}
	if has && t.view != nil {
		if _, below := subqueries(e, t.def.Schema, t.def.Name, current); below {
			return has, sqlerr.New(sqlerr.ViewPreventsUpdate, t.called, "INSERT", t.called)
		}
	}
	return has, nil
}
