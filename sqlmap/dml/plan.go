package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// Plan is a compiled INSERT, REPLACE, UPDATE or DELETE.
type Plan struct {
	run     func(rt *exec.Runtime, o Options) (Outcome, error)
	columns []plan.ResultColumn // of RETURNING
	explain func() string
}

// Options change an execution.
type Options struct {
	FoundRows bool // UPDATE reports the rows that it found instead of those that it changed
}

// Outcome is what an execution reports.
type Outcome struct {
	Affected uint64
	InsertID uint64          // the first generated AUTO_INCREMENT value, 0 when none
	Info     string          // as MySQL's client prints it: "Records: 3  Duplicates: 0  Warnings: 0"
	Returned [][]value.Value // the rows of RETURNING
}

// Compile plans a statement; text is its source.
func Compile(stmt sqlparser.Statement, text string, c *plan.Context) (*Plan, error) {
	if ins, ext, ok := ast.InsertOf(stmt); ok {
		return compileInsert(ins, ext, c)
	}
	if upd, ext, ok := ast.UpdateOf(stmt); ok {
		return compileUpdate(upd, ext, c)
	}
	if del, ext, ok := ast.DeleteOf(stmt); ok {
		return compileDelete(del, ext, c)
	}
	return nil, sqlerr.New(sqlerr.Internal, "the statement changes no rows")
}

// Columns describes the rows of RETURNING; none without it.
func (p *Plan) Columns() []plan.ResultColumn { return p.columns }

// Explain returns the plan as an indented tree.
func (p *Plan) Explain() string { return p.explain() }

// Run executes the plan.
func (p *Plan) Run(rt *exec.Runtime, o Options) (Outcome, error) { return p.run(rt, o) }
