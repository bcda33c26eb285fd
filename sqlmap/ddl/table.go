package ddl

import (
	"context"
	"strings"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// createTable is CREATE TABLE.
func (env *Env) createTable(ctx context.Context, st *ast.CreateTable) (affected uint64, err error) {
	db, name, err := env.tableName(st.Table)
	if err != nil {
		return 0, err
	}
	if st.Like != nil || st.Select != nil || st.Temporary {
		return 0, sqlerr.New(sqlerr.NotSupported, "CREATE TABLE … LIKE, … SELECT and TEMPORARY")
	}
	return 0, env.define(ctx, func(d *engine.Definer) error {
		cat := d.Catalog()
		if cat.Table(db, name) != nil || cat.View(db, name) != nil {
			exists := sqlerr.New(sqlerr.TableExists, name)
			if !st.IfNotExists {
				return exists
			}
			env.note(exists)
			return nil
		}
		def, err := env.definition(cat, db, name, st)
		if err != nil {
			return err
		}
		_, err = d.CreateTable(def)
		return err
	})
}

// definition builds the definition that a CREATE TABLE declares.
func (env *Env) definition(cat *engine.Catalog, db, name string, st *ast.CreateTable) (*schema.Table, error) {
	def := &schema.Table{Schema: db, Name: name, SQLMode: env.SQLMode}
	if base := cat.Database(db); base != nil {
		def.Charset, def.Collation = base.Charset, base.Collation
	}
	b := newBuilder(env, def)
	if err := b.setOptions(&st.Options); err != nil {
		return nil, err
	}
	for _, c := range st.Columns {
		if err := b.addColumn(c); err != nil {
			return nil, err
		}
	}
	for _, ix := range st.Indexes {
		if err := b.addIndex(ix); err != nil {
			return nil, err
		}
	}
	for _, ck := range st.Checks {
		if err := b.addCheck(ck); err != nil {
			return nil, err
		}
	}
	for _, fk := range st.ForeignKeys {
		if err := b.addForeign(fk); err != nil {
			return nil, err
		}
	}
	return def, b.finish()
}

// dropTable is DROP TABLE: all of the tables or none. 1051 names those that are not there.
func (env *Env) dropTable(ctx context.Context, st *ast.DropTable) error {
	return env.define(ctx, func(d *engine.Definer) error {
		var tables []*engine.Table
		var missing []string
		for _, n := range st.Tables {
			db, name, err := env.tableName(n)
			if err != nil {
				return err
			}
			if t := d.Catalog().Table(db, name); t != nil {
				tables = append(tables, t)
				continue
			}
			missing = append(missing, db+"."+name)
		}
		if len(missing) > 0 {
			unknown := sqlerr.New(sqlerr.UnknownTable, strings.Join(missing, ","))
			if !st.IfExists {
				return unknown
			}
			env.note(unknown)
		}
		return d.DropTables(tables)
	})
}

// createIndex is CREATE INDEX.
func (env *Env) createIndex(ctx context.Context, st *ast.CreateIndex) error {
	_, err := env.alter(ctx, st.Table, []ast.AlterSpec{&ast.AlterAddIndex{Def: st.Index, IfNotExists: st.IfNotExists}})
	return err
}
