// Package ddl runs data definition statements: it turns their trees into definitions and one engine.DB.Define each.
package ddl

import (
	"context"
	"time"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// Env is what a statement runs in.
type Env struct {
	DB               *engine.DB
	State            *expr.SessionState // current schema, sql_mode, collation, warnings
	SQLMode          string             // as text, for definitions that keep it
	ForeignKeyChecks bool
	LockWait         time.Duration
	Temporary        *Temporary
	Plan             *plan.Context // for views and CREATE TABLE … SELECT
	// Statement runs writes in a statement of the session.
	Statement func(ctx context.Context, run func(rt *exec.Runtime) error) error
}

// Handles reports whether Run runs the statement.
func Handles(stmt sqlparser.Statement) bool { return false }

// IsTemporary reports whether the statement concerns temporary tables only, so that it does not end the open
// transaction.
func IsTemporary(stmt sqlparser.Statement) bool { return false }

// Run executes one statement and returns the number of affected rows (of CREATE TABLE … SELECT and rewriting ALTERs).
func Run(ctx context.Context, env *Env, stmt sqlparser.Statement) (affected uint64, err error) {
	return 0, sqlerr.New(sqlerr.NotSupported, "DDL")
}

// Temporary holds a session's temporary tables.
type Temporary struct{}

// NewTemporary returns an empty set.
func NewTemporary() *Temporary { return &Temporary{} }

// Table returns the temporary table, or nil.
func (t *Temporary) Table(schema, name string) *engine.Table { return nil }

// Shadows reports whether there are any: plans of such a session are not shared.
func (t *Temporary) Shadows() bool { return false }

// DropAll drops them at the end of the session.
func (t *Temporary) DropAll(ctx context.Context, db *engine.DB) error { return nil }
