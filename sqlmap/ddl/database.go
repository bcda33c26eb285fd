package ddl

import (
	"context"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// createDatabase is CREATE DATABASE. 1007, or with IF NOT EXISTS a note of it.
func (env *Env) createDatabase(ctx context.Context, st *ast.CreateDatabase) error {
	base := charset{"utf8mb4", collate.Default}
	cs, err := base.resolve(st.Charset, st.Collate)
	if err != nil {
		return err
	}
	return env.define(ctx, func(d *engine.Definer) error {
		if st.IfNotExists && d.Catalog().Database(st.DBName) != nil {
			env.note(sqlerr.New(sqlerr.DatabaseExists, st.DBName))
			return nil
		}
		return d.CreateDatabase(&schema.Database{Name: st.DBName, Charset: cs.name, Collation: uint16(cs.collation)})
	})
}

// dropDatabase is DROP DATABASE. 1008, or with IF EXISTS a note of it. The session is left without a schema when it
// was in use.
func (env *Env) dropDatabase(ctx context.Context, st *ast.DropDatabase) error {
	err := env.define(ctx, func(d *engine.Definer) error {
		if st.IfExists && d.Catalog().Database(st.DBName) == nil {
			env.note(sqlerr.New(sqlerr.DropNoDatabase, st.DBName))
			return nil
		}
		return d.DropDatabase(st.DBName)
	})
	if err == nil && env.State.Database == st.DBName {
		env.State.Database = ""
	}
	return err
}

// note records a note, as IF EXISTS and IF NOT EXISTS do.
func (env *Env) note(err *sqlerr.Error) {
	if env.State.Warn != nil {
		env.State.Warn(expr.LevelNote, err)
	}
}
