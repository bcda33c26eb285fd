package ddl

import (
	"context"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// createView is CREATE VIEW and ALTER VIEW. The SELECT is planned once, so that it is known to run; it is kept as text,
// so that the columns of SELECT * are those that the tables have when the view is read (MySQL fixes them here).
// Errors 1050, 1347, 1351, 1353, 1060, 1368, and those of planning.
func (env *Env) createView(ctx context.Context, st *ast.CreateView) error {
	db, name, err := env.tableName(st.Table)
	if err != nil {
		return err
	}
	if err := schema.CheckName(name, sqlerr.WrongTableName); err != nil {
		return err
	}
	if err := env.checkViewSelect(st, db, name); err != nil {
		return err
	}
	v := &schema.View{Schema: db, Name: name, Select: st.SelectText, InUse: env.State.Database, SQLMode: env.SQLMode}
	v.CheckOption = strings.ToUpper(st.CheckOption)
	switch a := strings.ToUpper(st.Algorithm); {
	case a == "MERGE" && !plan.IsMergeable(st.Select):
		env.warn(expr.LevelWarning, sqlerr.New(sqlerr.ViewNoMerge))
	case a != "UNDEFINED":
		v.Algorithm = a
	}
	for _, c := range st.Columns {
		v.Columns = append(v.Columns, c.String())
	}
	if v.CheckOption != "" && !plan.IsUpdatable(v, env.Plan()) {
		return sqlerr.New(sqlerr.ViewNonUpdatable, db, name)
	}
	return env.define(ctx, func(d *engine.Definer) error {
		if st.Alter && d.Catalog().View(db, name) == nil {
			if d.Catalog().Table(db, name) != nil {
				return sqlerr.New(sqlerr.NotAView, db, name, "VIEW")
			}
			return noTable(d, db, name)
		}
		return d.CreateView(v, st.OrReplace || st.Alter)
	})
}

// checkViewSelect plans the SELECT of a view. It must not have variables nor read temporary tables or the view itself.
func (env *Env) checkViewSelect(st *ast.CreateView, db, name string) error {
	err := sqlparser.Walk(func(n sqlparser.SQLNode) (bool, error) {
		switch n.(type) {
		case *ast.UserVar, *ast.SysVar, *ast.Param:
			return false, sqlerr.New(sqlerr.ViewSelectVariable)
		}
		return true, nil
	}, st.Select)
	if err != nil {
		return err
	}
	c := env.Plan()
	q, err := plan.Select(st.Select, c)
	if err != nil {
		return err
	}
	for _, t := range q.Tables {
		if t.Def().Temporary {
			return sqlerr.New(sqlerr.ViewTemporary, t.Def().Name)
		}
	}
	for _, v := range q.Views {
		if v.Schema == db && v.Name == name && (st.OrReplace || st.Alter) {
			return sqlerr.New(sqlerr.NoSuchTable, db, name)
		}
	}
	names := make([]string, len(q.Columns))
	for i := range q.Columns {
		names[i] = q.Columns[i].Label
	}
	if len(st.Columns) > 0 {
		if len(st.Columns) != len(names) {
			return sqlerr.New(sqlerr.ViewColumnCount)
		}
		for i := range names {
			names[i] = st.Columns[i].String()
		}
	}
	seen := map[string]bool{}
	for _, n := range names {
		if seen[strings.ToLower(n)] {
			return sqlerr.New(sqlerr.DuplicateColumn, n)
		}
		seen[strings.ToLower(n)] = true
	}
	return nil
}

// dropView is DROP VIEW: all of the views or none. Errors 1051, 1347.
func (env *Env) dropView(ctx context.Context, st *ast.DropView) error {
	return env.define(ctx, func(d *engine.Definer) error {
		var missing []string
		for _, n := range st.Views {
			db, name, err := env.tableName(n)
			if err != nil {
				return err
			}
			switch {
			case d.Catalog().View(db, name) != nil:
				if err := d.DropView(db, name); err != nil {
					return err
				}
			case d.Catalog().Table(db, name) != nil:
				return sqlerr.New(sqlerr.NotAView, db, name, "VIEW")
			default:
				missing = append(missing, db+"."+name)
			}
		}
		if len(missing) > 0 && !st.IfExists {
			return sqlerr.New(sqlerr.UnknownTable, strings.Join(missing, ","))
		}
		for _, m := range missing {
			env.note(sqlerr.New(sqlerr.UnknownTable, m))
		}
		return nil
	})
}
