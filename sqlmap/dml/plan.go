package dml

import (
	"errors"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// Plan is a compiled INSERT, REPLACE, UPDATE or DELETE.
type Plan struct {
	run     func(rt *exec.Runtime, o Options) (Outcome, error)
	columns []plan.ResultColumn // of RETURNING
	tables  []plan.Table        // that the statement reads or writes
	explain func() string
	point   bool // finds its row by a full unique key, or inserts one row
}

// Options change an execution.
type Options struct {
	FoundRows bool // UPDATE reports the rows that it found instead of those that it changed
}

// Outcome is what an execution reports.
type Outcome struct {
	Affected uint64
	// Generated is the first AUTO_INCREMENT value that was generated and inserted, 0 when none: the new
	// LAST_INSERT_ID().
	Generated uint64
	// LastID is the AUTO_INCREMENT value of the last row written, given or generated. MySQL tells it to the client when
	// nothing was generated.
	LastID   uint64
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

// Tables lists the tables that the plan reads or writes.
func (p *Plan) Tables() []plan.Table { return p.tables }

// IsPoint reports whether the plan writes at most one row, which it finds without a search. Expressions in it may take
// their time all the same.
func (p *Plan) IsPoint() bool { return p.point }

// Explain returns the plan as an indented tree.
func (p *Plan) Explain() string { return p.explain() }

// Run executes the plan.
func (p *Plan) Run(rt *exec.Runtime, o Options) (Outcome, error) { return p.run(rt, o) }

// ignorable reports whether IGNORE turns the error into a warning.
func ignorable(err error) bool {
	var e *sqlerr.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlerr.DupEntry, sqlerr.NoReferencedRow, sqlerr.RowIsReferenced, sqlerr.CheckViolated, sqlerr.BadNull,
		sqlerr.SubqueryRows:
		return true
	}
	return false
}

// warn passes an error on as a warning.
func warn(run *expr.Run, err error) {
	var e *sqlerr.Error
	if run.Session.Warn != nil && errors.As(err, &e) {
		run.Session.Warn(expr.LevelWarning, e)
	}
}

// missingDefault is 1364, or a warning when not strict: the column then takes its type's zero.
func missingDefault(col *schema.Column, run *expr.Run) error {
	err := sqlerr.New(sqlerr.NoDefault, col.Name)
	if run.Strict {
		return err
	}
	warn(run, err)
	return nil
}

// indent puts a tree under a line of its own.
func indent(tree string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(tree, "\n"), "\n", "\n  ") + "\n"
}
