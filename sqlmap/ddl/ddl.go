// Package ddl runs data definition statements: it turns their trees into definitions and one engine.DB.Define each.
package ddl

import (
	"context"
	"time"

	"github.com/worktable-go/worktable/engine"
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
