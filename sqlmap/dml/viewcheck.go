package dml

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// viewCheck is WITH CHECK OPTION of the view that a statement names: a row is written only when the view, and the views
// below that its option reaches, would show it.
type viewCheck struct {
	target *target
	view   *schema.View
	pred   expr.Predicate
	query  *exec.Plan // instead of pred, for a condition with subqueries on inserted rows; may be nil
	// generated says that the condition reads generated columns, which the engine computes only when it writes.
	generated bool
}

// newViewCheck compiles a condition over rows in which the table's columns begin at slot first.
func newViewCheck(t *target, v *schema.View, cond expr.Expr, first int) *viewCheck {
	c := &viewCheck{target: t, view: v, pred: expr.CompilePredicate(cond)}
	expr.Columns(cond, func(depth, slot int) {
		if at := slot - first; depth == 0 && at >= 0 && at < len(t.def.Columns) && t.def.Columns[at].Generated != "" {
			c.generated = true
		}
	})
	return c
}

func (c *viewCheck) holds(tx *engine.Tx, cols []value.Value, env *expr.Env) (bool, error) {
	if c.query == nil {
		return c.pred(env)
	}
	run := &expr.Run{Ctx: env.Run.Ctx, Params: cols, Session: env.Run.Session, Now: env.Run.Now, Strict: env.Run.Strict}
	return hasRows(c.query, &exec.Runtime{Tx: tx, Run: run})
}

// passes reports whether the row cols, which env.Row has, may be written. Error 1369, or with ignore a warning.
func (c *viewCheck) passes(tx *engine.Tx, cols []value.Value, env *expr.Env, ignore bool) (bool, error) {
	if c.generated {
		if err := c.target.rules.Generate(cols); err != nil {
			return false, err
		}
	}
	ok, err := c.holds(tx, cols, env)
	if err != nil || ok {
		return ok, err
	}
	err = sqlerr.New(sqlerr.ViewCheckFailed, c.view.Schema, c.view.Name)
	if ignore {
		warn(env.Run, err)
		return false, nil
	}
	return false, err
}
