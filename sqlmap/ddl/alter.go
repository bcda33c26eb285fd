package ddl

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// alterTable is ALTER TABLE.
func (env *Env) alterTable(ctx context.Context, st *ast.AlterTable) (affected uint64, err error) {
	return env.alter(ctx, st.Table, st.Specs)
}

// alter applies the clauses, left to right, to a copy of the definition and gives it to the engine in one step.
func (env *Env) alter(ctx context.Context, table sqlparser.TableName, specs []ast.AlterSpec) (affected uint64, err error) {
	db, name, err := env.tableName(table)
	if err != nil {
		return 0, err
	}
	return 0, env.define(ctx, func(d *engine.Definer) error {
		t := d.Catalog().Table(db, name)
		if t == nil {
			return sqlerr.New(sqlerr.NoSuchTable, db, name)
		}
		b := newBuilder(env, t.Def().Clone())
		for _, s := range specs {
			if err := b.apply(s); err != nil {
				return err
			}
		}
		if err := b.finish(); err != nil {
			return err
		}
		_, err := d.AlterTable(t, b.def, nil)
		return err
	})
}

// apply is one clause.
func (b *builder) apply(spec ast.AlterSpec) error {
	switch s := spec.(type) {
	case *ast.AlterAddIndex:
		return b.addIndex(s.Def)
	case *ast.AlterAddForeignKey:
		return b.addForeign(s.Def)
	case *ast.AlterAddCheck:
		return b.addCheck(s.Def)
	}
	return sqlerr.New(sqlerr.NotSupported, "this clause of ALTER TABLE")
}
