// Package ddl runs data definition statements: it turns their trees into definitions and one engine.DB.Define each, so
// that a statement happens whole or not at all.
//
// Texts that a definition keeps (defaults, generated columns, CHECKs, views) are kept as written, with the sql_mode in
// force, and are compiled once when they are defined, so that what cannot run is refused there. Names that the statement
// leaves out are those that MySQL 8 gives.
//
// Errors are *sqlerr.Error with MySQL's numbers. IF EXISTS and IF NOT EXISTS turn one of them into a note.
//
// Concurrency: an Env belongs to one session; Temporary, too.
package ddl

import (
	"context"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/lock"
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
	Party            *lock.Owner // the session's, for the wait graph; may be nil
	Temporary        *Temporary
	// MarkWarnings remembers the warnings so far; back forgets those that came since. May be nil.
	MarkWarnings func() (back func())
	// Plan returns what a view or CREATE TABLE … SELECT is planned in, over the catalogue of the moment.
	Plan func() *plan.Context
	// Statement runs writes in a statement of the session.
	Statement func(ctx context.Context, run func(rt *exec.Runtime) error) error
	// Abort rolls back what a panic in Statement left open.
	Abort func()
}
