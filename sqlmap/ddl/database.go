package ddl

import (
	"context"
	"strings"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

func equalFold(a, b string) bool { return strings.EqualFold(a, b) }

// userName is the account as messages print it.
func userName(s *expr.SessionState) string {
	user, host, _ := strings.Cut(s.User, "@")
	return user + "'@'" + host
}

// createDatabase is CREATE DATABASE. 1007, or with IF NOT EXISTS a note of it.
func (env *Env) createDatabase(ctx context.Context, st *ast.CreateDatabase) error {
	if err := env.mayChange(st.DBName); err != nil {
		return err
	}
	if err := schema.CheckName(st.DBName, sqlerr.WrongDatabaseName); err != nil {
		return err
	}
	cs, err := defaultCharset(uint16(env.State.ServerCollation)).resolve(st.Charset, st.Collate)
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

// alterDatabase is ALTER DATABASE: the defaults of tables to come. 1046, 1049.
func (env *Env) alterDatabase(ctx context.Context, st *ast.AlterDatabase) error {
	name := st.DBName
	if name == "" {
		name = env.State.Database
	}
	if name == "" {
		return sqlerr.New(sqlerr.NoDatabase)
	}
	if err := env.mayChange(name); err != nil {
		return err
	}
	return env.define(ctx, func(d *engine.Definer) error {
		old := d.Catalog().Database(name)
		if old == nil {
			return sqlerr.New(sqlerr.UnknownDatabase, name)
		}
		cs, err := defaultCharset(old.Collation).resolve(st.Charset, st.Collate)
		if err != nil {
			return err
		}
		def := *old
		def.Charset, def.Collation = cs.name, uint16(cs.collation)
		return d.AlterDatabase(&def)
	})
}

// dropDatabase is DROP DATABASE; it returns the number of tables that went with it. 1008, or with IF EXISTS a note of
// it. The session is left without a schema when it was in use.
func (env *Env) dropDatabase(ctx context.Context, st *ast.DropDatabase) (tables uint64, err error) {
	if err := env.mayChange(st.DBName); err != nil {
		return 0, err
	}
	found := false
	err = env.define(ctx, func(d *engine.Definer) error {
		c := d.Catalog()
		tables = 0
		if found = c.Database(st.DBName) != nil; !found && st.IfExists {
			env.note(sqlerr.New(sqlerr.DropNoDatabase, st.DBName))
			return nil
		}
		tables = uint64(len(c.Tables(st.DBName)) + len(c.Views(st.DBName)))
		return d.DropDatabase(st.DBName)
	})
	if err != nil {
		return 0, err
	}
	if found && env.State.Database == st.DBName {
		env.State.Database = ""
	}
	return tables, nil
}
