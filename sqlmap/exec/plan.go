package exec

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// DefaultMemoryLimit bounds what one execution keeps in sorts, hash tables and materialised inputs.
const DefaultMemoryLimit = 1 << 30

// Runtime is what one execution runs on. The caller has begun the statement on Tx.
type Runtime struct {
	Tx          *engine.Tx
	Run         *expr.Run // Run.Ctx is the context of the execution
	MemoryLimit int64     // bytes; 0 is DefaultMemoryLimit
}

// Plan is an executable plan. It is immutable.
type Plan struct {
	query *plan.Query
}

// Compile plans and prepares a query expression.
func Compile(stmt sqlparser.SelectStatement, c *plan.Context) (*Plan, error) {
	q, err := plan.Select(stmt, c)
	if err != nil {
		return nil, err
	}
	return Prepare(q)
}

// Prepare makes an executable plan of a query.
func Prepare(q *plan.Query) (*Plan, error) { return &Plan{query: q}, nil }

// Query returns the plan's description: tables, EXPLAIN text, whether it locks.
func (p *Plan) Query() *plan.Query { return p.query }

// Columns describes the result columns.
func (p *Plan) Columns() []plan.ResultColumn { return p.query.Columns }

// Open starts an execution. The Rows must be closed.
func (p *Plan) Open(rt *Runtime) (*Rows, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "SELECT")
}

// Rows is one execution.
type Rows struct{}

// Next fills b with result rows; b is empty at the end.
func (r *Rows) Next(b *Batch) error { return nil }

// FoundRows returns FOUND_ROWS(): the rows returned so far, or with SQL_CALC_FOUND_ROWS those there would be without
// LIMIT (known at the end).
func (r *Rows) FoundRows() uint64 { return 0 }

// Close ends the execution. It may be called twice.
func (r *Rows) Close() {}

// Point returns the direct form of a plan that reads at most one row by a full unique key, or nil.
func (p *Plan) Point() *Point { return nil }

// Point is a point select. It is immutable.
type Point struct{}

// PointState is the memory that executions of a Point reuse: one per prepared statement.
type PointState struct {
	row  row.Row
	key  []value.Value
	cols []value.Value
}

// Get appends the result row to dst; ok is false when there is none. Strings alias the state until its next use.
func (p *Point) Get(rt *Runtime, st *PointState, dst []value.Value) (out []value.Value, ok bool, err error) {
	return dst, false, nil
}

// TargetPlan is the executable row-finding half of an UPDATE or DELETE. It is immutable.
type TargetPlan struct {
	targets *plan.Targets
}

// PrepareTargets makes an executable plan of targets.
func PrepareTargets(t *plan.Targets) (*TargetPlan, error) { return &TargetPlan{targets: t}, nil }

// Targets returns the description: target tables, positions in the tuple, assignments.
func (p *TargetPlan) Targets() *plan.Targets { return p.targets }

// Open starts an execution. Every row that comes out is locked and its columns are those of the newest version.
func (p *TargetPlan) Open(rt *Runtime) (*Rows, error) {
	return nil, sqlerr.New(sqlerr.NotSupported, "UPDATE")
}

// PointTarget is set when the statement finds at most one row by a full unique key of its only table.
func (p *TargetPlan) PointTarget() *PointTarget { return nil }

// PointTarget finds and locks the one row without operators.
type PointTarget struct{}

// Get finds, locks and reads the row. tuple holds all columns in order of ordinals and aliases the state.
func (p *PointTarget) Get(rt *Runtime, st *PointState) (id heap.RowID, tuple []value.Value, ok bool, err error) {
	return 0, nil, false, nil
}
