package ddl

import (
	"context"
	"slices"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// createTrigger is CREATE TRIGGER. Only a trigger that does nothing can be kept, which tools make to find out whether
// they may: others are 1235. Errors 1359, 1361, 1435, 1146.
func (env *Env) createTrigger(ctx context.Context, st *ast.CreateTrigger) error {
	if !st.EmptyBody {
		return sqlerr.New(sqlerr.NotSupported, "CREATE TRIGGER with a body that does something")
	}
	db, table, err := env.tableName(st.Table)
	if err != nil {
		return err
	}
	if q := st.Name.Qualifier.String(); q != "" && q != db {
		return sqlerr.New(sqlerr.TriggerWrongSchema)
	}
	name := st.Name.Name.String()
	if err := schema.CheckName(name, sqlerr.WrongIndexName); err != nil {
		return err
	}
	timing := "AFTER"
	if st.Before {
		timing = "BEFORE"
	}
	return env.define(ctx, func(d *engine.Definer) error {
		if env.Temporary.Table(db, table) != nil || d.Catalog().View(db, table) != nil {
			return sqlerr.New(sqlerr.TriggerOnView, table)
		}
		t, err := env.baseTable(d, db, table)
		if err != nil {
			return err
		}
		if owner, _ := findTrigger(d, db, name); owner != nil {
			exists := sqlerr.New(sqlerr.TriggerExists)
			if !st.IfNotExists {
				return exists
			}
			env.note(exists)
			return nil
		}
		def := t.Def().Clone()
		def.Triggers = append(slices.Clone(def.Triggers), schema.Trigger{Name: name, Timing: timing, Event: st.Event, Body: st.Body})
		_, err = d.AlterTable(t, def, nil)
		return err
	})
}

// dropTrigger is DROP TRIGGER. 1360, or with IF EXISTS a note of it.
func (env *Env) dropTrigger(ctx context.Context, st *ast.DropTrigger) error {
	db, name, err := env.tableName(st.Name)
	if err != nil {
		return err
	}
	return env.define(ctx, func(d *engine.Definer) error {
		t, at := findTrigger(d, db, name)
		if t == nil {
			missing := sqlerr.New(sqlerr.NoTrigger)
			if !st.IfExists {
				return missing
			}
			env.note(missing)
			return nil
		}
		def := t.Def().Clone()
		def.Triggers = slices.Delete(slices.Clone(def.Triggers), at, at+1)
		_, err := d.AlterTable(t, def, nil)
		return err
	})
}

// findTrigger returns the table that has the trigger and its position, or nil.
func findTrigger(d *engine.Definer, db, name string) (t *engine.Table, at int) {
	for _, t := range d.Catalog().Tables(db) {
		at := slices.IndexFunc(t.Def().Triggers, func(g schema.Trigger) bool { return equalFold(g.Name, name) })
		if at >= 0 {
			return t, at
		}
	}
	return nil, -1
}
