package dml

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// proposedColumn is a column of the row that an INSERT proposes: VALUES(col).
type proposedColumn struct {
	ord  int
	name string
	typ  *expr.Type
}

func (p *proposedColumn) Type() *expr.Type { return p.typ }
func (p *proposedColumn) Eval(env *expr.Env) (value.Value, error) {
	return env.Run.Proposed[p.ord], nil
}
func (p *proposedColumn) Children() []expr.Expr              { return nil }
func (p *proposedColumn) WithChildren([]expr.Expr) expr.Expr { return p }
func (p *proposedColumn) Flags() expr.Flags                  { return expr.NonDeterministic }
func (p *proposedColumn) Append(dst []byte, _ expr.Format) []byte {
	return append(append(append(dst, "values("...), p.name...), ')')
}

// subquery is a scalar subquery in VALUES. It is run each time it is evaluated, in the statement's transaction.
type subquery struct{ plan *exec.Plan }

func (q *subquery) Type() *expr.Type { return q.plan.Columns()[0].Type }

func (q *subquery) Eval(env *expr.Env) (value.Value, error) {
	tx, ok := transactionOf(env.Run)
	if !ok {
		return value.Null, sqlerr.New(sqlerr.Internal, "a subquery without a transaction")
	}
	rows, err := q.plan.Open(&exec.Runtime{Tx: tx, Run: env.Run})
	if err != nil {
		return value.Null, err
	}
	defer rows.Close()
	var b exec.Batch
	out, n := value.Null, 0
	for {
		if err := rows.Next(&b); err != nil {
			return value.Null, err
		}
		if b.Len() == 0 {
			return out, nil
		}
		if n += b.Len(); n > 1 {
			return value.Null, sqlerr.New(sqlerr.SubqueryRows)
		}
		out = b.Row(0)[0].Clone()
	}
}

func (q *subquery) Children() []expr.Expr              { return nil }
func (q *subquery) WithChildren([]expr.Expr) expr.Expr { return q }
func (q *subquery) Flags() expr.Flags                  { return expr.IsSubquery | expr.NonDeterministic }
func (q *subquery) Append(dst []byte, _ expr.Format) []byte {
	return append(dst, "(subquery)"...)
}

// txKey is where the context of an execution keeps its transaction for subqueries.
type txKey struct{}

func transactionOf(run *expr.Run) (*engine.Tx, bool) {
	tx, ok := run.Context().Value(txKey{}).(*engine.Tx)
	return tx, ok
}
