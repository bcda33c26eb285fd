package dml

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// subquery is a subquery in VALUES or ON DUPLICATE KEY UPDATE that reads nothing of the row. It is run each time it is
// evaluated, in the statement's transaction.
type subquery struct {
	plan   *exec.Plan
	exists bool
	typ    *expr.Type
}

func newSubquery(p *exec.Plan, exists bool) *subquery {
	q := &subquery{plan: p, exists: exists}
	if exists {
		q.typ = expr.ValueType(value.Int(1), 0)
	} else {
		t := *p.Columns()[0].Type
		t.NotNull = false
		q.typ = &t
	}
	return q
}

func (q *subquery) Type() *expr.Type { return q.typ }

func (q *subquery) Eval(env *expr.Env) (value.Value, error) {
	tx, ok := env.Run.Context().Value(txKey{}).(*engine.Tx)
	if !ok {
		return value.Null, sqlerr.New(sqlerr.Internal, "a subquery without a transaction")
	}
	if q.exists {
		found, err := hasRows(q.plan, &exec.Runtime{Tx: tx, Run: env.Run})
		return value.Bool(found), err
	}
	return scalar(q.plan, &exec.Runtime{Tx: tx, Run: env.Run})
}

// scalar runs a query of one column and at most one row. Error 1242.
func scalar(p *exec.Plan, rt *exec.Runtime) (value.Value, error) {
	rows, err := p.Open(rt)
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

func hasRows(p *exec.Plan, rt *exec.Runtime) (bool, error) {
	rows, err := p.Open(rt)
	if err != nil {
		return false, err
	}
	defer rows.Close()
	var b exec.Batch
	err = rows.Next(&b)
	return b.Len() > 0, err
}

func (q *subquery) Children() []expr.Expr              { return nil }
func (q *subquery) WithChildren([]expr.Expr) expr.Expr { return q }
func (q *subquery) Flags() expr.Flags                  { return expr.IsSubquery | expr.NonDeterministic }
func (q *subquery) Append(dst []byte, _ expr.Format) []byte {
	return append(dst, "(subquery)"...)
}

// txKey is where the context of an execution keeps its transaction for subqueries.
type txKey struct{}

// withTx lets the expressions of an execution that have subqueries find the transaction.
func withTx(rt *exec.Runtime) {
	rt.Run.Ctx = context.WithValue(rt.Run.Context(), txKey{}, rt.Tx)
}

// hasSubquery reports whether one of the parts of a statement contains a subquery.
func hasSubquery(parts ...sqlparser.SQLNode) bool {
	found := false
	for _, p := range parts {
		ast.Inspect(p, func(n sqlparser.SQLNode) bool {
			_, is := n.(*sqlparser.Subquery)
			found = found || is
			return !found
		})
	}
	return found
}

// subqueries reports whether an expression contains a subquery, and whether one of them reads the table db.name other
// than in a derived table, which MySQL refuses for the table that the statement changes. current is the schema in force.
func subqueries(e sqlparser.Expr, db, name, current string) (has, reads bool) {
	ast.Inspect(e, func(n sqlparser.SQLNode) bool {
		switch n := n.(type) {
		case *sqlparser.Subquery:
			has = true
		case *sqlparser.AliasedTableExpr:
			t, ok := n.Expr.(sqlparser.TableName)
			if !ok {
				return false // what a derived table reads is a copy
			}
			q := t.Qualifier.String()
			if q == "" {
				q = current
			}
			reads = reads || t.Name.String() == name && q == db
		}
		return true
	})
	return has, reads
}
