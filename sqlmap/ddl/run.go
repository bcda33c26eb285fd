package ddl

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
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
	case *ast.CreateIndex:
		return 0, env.createIndex(ctx, st)
	case *ast.CreateDatabase:
		return 1, env.createDatabase(ctx, st)
	case *ast.DropDatabase:
		return 0, env.dropDatabase(ctx, st)
	case *ast.AlterTable:
		return env.alterTable(ctx, st)
	}
	return 0, sqlerr.New(sqlerr.NotSupported, "this statement")
}

// define runs one DDL transaction with the session's settings.
func (env *Env) define(ctx context.Context, fn func(d *engine.Definer) error) error {
	return env.DB.Define(ctx, engine.DefineOptions{LockWait: env.LockWait}, func(d *engine.Definer) error {
		d.SetForeignKeyChecks(env.ForeignKeyChecks)
		return fn(d)
	})
}
