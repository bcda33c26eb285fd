package ddl

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Handles reports whether Run runs the statement.
func Handles(stmt sqlparser.Statement) bool {
	switch stmt.(type) {
	case *ast.CreateTable, *ast.DropTable, *ast.TruncateTable, *ast.RenameTable, *ast.AlterTable,
		*ast.CreateIndex, *ast.DropIndex, *ast.CreateDatabase, *ast.AlterDatabase, *ast.DropDatabase,
		*ast.CreateView, *ast.DropView, *ast.CreateTrigger, *ast.DropTrigger:
		return true
	}
	return false
}

// IsTemporary reports whether the statement concerns temporary tables only, so that it does not end the open
// transaction.
func IsTemporary(stmt sqlparser.Statement) bool {
	switch st := stmt.(type) {
	case *ast.CreateTable:
		return st.Temporary
	case *ast.DropTable:
		return st.Temporary
	}
	return false
}

// Run executes one statement and returns the number of affected rows (of CREATE TABLE … SELECT and rewriting ALTERs).
func Run(ctx context.Context, env *Env, stmt sqlparser.Statement) (affected uint64, err error) {
	switch st := stmt.(type) {
	case *ast.CreateTable:
		return env.createTable(ctx, st)
	case *ast.DropTable:
		return 0, env.dropTable(ctx, st)
	case *ast.TruncateTable:
		return 0, env.truncateTable(ctx, st)
	case *ast.RenameTable:
		return 0, env.renameTables(ctx, st)
	case *ast.AlterTable:
		return env.alterTable(ctx, st)
	case *ast.CreateIndex:
		return env.createIndex(ctx, st)
	case *ast.DropIndex:
		return env.dropIndex(ctx, st)
	case *ast.CreateDatabase:
		return 1, env.createDatabase(ctx, st)
	case *ast.AlterDatabase:
		return 1, env.alterDatabase(ctx, st)
	case *ast.DropDatabase:
		return env.dropDatabase(ctx, st)
	case *ast.CreateView:
		return 0, env.createView(ctx, st)
	case *ast.DropView:
		return 0, env.dropView(ctx, st)
	case *ast.CreateTrigger:
		return 0, env.createTrigger(ctx, st)
	case *ast.DropTrigger:
		return 0, env.dropTrigger(ctx, st)
	}
	return 0, sqlerr.New(sqlerr.NotSupported, "this statement")
}

// define runs one DDL transaction with the session's settings. fn may run more than once, see engine.DB.Define: it sets
// what it hands out anew in each run, and what it warned of in a run that came to nothing is forgotten.
func (env *Env) define(ctx context.Context, fn func(d *engine.Definer) error) error {
	back := func() {}
	if env.MarkWarnings != nil {
		back = env.MarkWarnings()
	}
	return env.DB.Define(ctx, engine.DefineOptions{LockWait: env.LockWait, Party: env.Party}, func(d *engine.Definer) error {
		back()
		d.SetForeignKeyChecks(env.ForeignKeyChecks)
		return fn(d)
	})
}

// tableName returns the schema and name of a table name in a statement that changes it. Errors 1046, 1044.
func (env *Env) tableName(n sqlparser.TableName) (db, name string, err error) {
	db = n.Qualifier.String()
	if db == "" {
		db = env.State.Database
	}
	if db == "" {
		return "", "", sqlerr.New(sqlerr.NoDatabase)
	}
	return db, n.Name.String(), env.mayChange(db)
}

// mayChange refuses changes to information_schema: 1044.
func (env *Env) mayChange(db string) error {
	if equalFold(db, "information_schema") {
		return sqlerr.New(sqlerr.AccessDenied, userName(env.State), "information_schema")
	}
	return nil
}

// baseTable finds a table that the statement may change: a temporary one first. Errors 1049, 1146, 1347.
func (env *Env) baseTable(d *engine.Definer, db, name string) (*engine.Table, error) {
	if t := env.Temporary.Table(db, name); t != nil {
		return t, nil
	}
	if t := d.Catalog().Table(db, name); t != nil {
		return t, nil
	}
	if d.Catalog().View(db, name) != nil {
		return nil, sqlerr.New(sqlerr.NotAView, db, name, "BASE TABLE")
	}
	return nil, noTable(d, db, name)
}

// noTable is 1049 when the schema is not there either, else 1146.
func noTable(d *engine.Definer, db, name string) error {
	if d.Catalog().Database(db) == nil {
		return sqlerr.New(sqlerr.UnknownDatabase, db)
	}
	return sqlerr.New(sqlerr.NoSuchTable, db, name)
}

// note records a note, as IF EXISTS and IF NOT EXISTS do.
func (env *Env) note(err *sqlerr.Error) { env.warn(expr.LevelNote, err) }

func (env *Env) warn(level expr.Level, err *sqlerr.Error) {
	if env.State.Warn != nil {
		env.State.Warn(level, err)
	}
}
