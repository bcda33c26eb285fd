package expr

import "github.com/worktable-go/worktable/engine/sqlerr"

// Errors that only expressions raise.
var (
	errWindowMisplaced = &sqlerr.Code{Number: 3593, State: "HY000", Format: "You cannot use the window function '%s' in this context.'"}
)
