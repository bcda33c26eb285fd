package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Select plans a query expression: a SELECT, VALUES, TABLE, set operation or WITH.
func Select(stmt sqlparser.SelectStatement, c *Context) (*Query, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "SELECT")
}

// FindTargets plans the row-finding half of an UPDATE or DELETE.
func FindTargets(spec *TargetSpec, c *Context) (*Targets, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "UPDATE")
}
