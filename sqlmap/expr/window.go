package expr

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// Window is a function with an OVER clause. As an Expr it has the result's type; its Eval is an error.
type Window struct {
	Name        string     // lower case: row_number, rank, lag, …; of Agg for aggregates
	Args        []Expr     // without those of Agg
	Agg         *Aggregate // an aggregate over a frame, else nil
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *WindowFrame // nil for the default
	FromLast    bool
	IgnoreNulls bool
	Typ         *Type
}

// WindowFrame is a bound frame clause.
type WindowFrame struct {
	Unit       ast.FrameUnit
	Start, End WindowBound
}

// WindowBound is a frame boundary; Offset is nil unless Kind is Preceding or Following.
type WindowBound struct {
	Kind   ast.FrameBoundKind
	Offset Expr
	Unit   string // RANGE INTERVAL offset unit
}

// EvalPartition computes the function for every row of one partition. rows are sorted by OrderBy; env is the operator's,
// its Row is overwritten. out has len(rows) elements.
func (w *Window) EvalPartition(env *Env, rows [][]value.Value, out []value.Value) error { return nil }

func (w *Window) appendFrame(dst []byte, f Format) []byte { return dst }
