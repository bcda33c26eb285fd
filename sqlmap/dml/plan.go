package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// Plan is a compiled INSERT, REPLACE, UPDATE or DELETE.
type Plan struct{}

// Options change an execution.
type Options struct {
	FoundRows bool // UPDATE reports the rows that it found instead of those that it changed
}

// Outcome is what an execution reports.
type Outcome struct {
	Affected uint64
	InsertID uint64          // the first generated AUTO_INCREMENT value, else the explicit one of the last row as MySQL's OK packet has it
	Info     string          // "Rows matched: 1  Changed: 1  Warnings: 0"
	Returned [][]value.Value // the rows of RETURNING
}

// Compile plans a statement; text is its source.
func Compile(stmt sqlparser.Statement, text string, c *plan.Context) (*Plan, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "DML")
}

// Columns describes the rows of RETURNING; none without it.
func (p *Plan) Columns() []plan.ResultColumn { return nil }

// Explain returns the plan as an indented tree.
func (p *Plan) Explain() string { return "" }

// Run executes the plan.
func (p *Plan) Run(rt *exec.Runtime, o Options) (Outcome, error) { return Outcome{}, nil }
