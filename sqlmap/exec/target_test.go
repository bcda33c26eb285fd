package exec_test

import (
	"context"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// del runs a DELETE of one table.
func (w *world) del(del *sqlparser.Delete) error {
	found, err := plan.FindTargets(&plan.TargetSpec{
		From: del.TableExprs, Delete: del.Targets, Where: del.Where, OrderBy: del.OrderBy, Limit: del.Limit,
	}, w.context())
	if err != nil {
		return err
	}
	p, err := exec.PrepareTargets(found)
	if err != nil {
		return err
	}
	ctx := context.Background()
	tx, err := w.db.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	if err := tx.BeginStatement(engine.StmtWrite); err != nil {
		return err
	}
	err = w.each(p, tx, func(tuple []value.Value) error {
		for _, t := range found.Tables {
			if id := tuple[t.RowID]; !id.IsNull() {
				if err := tx.Delete(ctx, t.Table.(*engine.Table), heap.RowID(id.Uint64())); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err = tx.EndStatement(err); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// each finds and locks rows and calls f with their tuples.
func (w *world) each(p *exec.TargetPlan, tx *engine.Tx, f func(tuple []value.Value) error) error {
	rt := &exec.Runtime{Tx: tx, Run: w.run(nil)}
	if pt := p.PointTarget(); pt != nil {
		var st exec.PointState
		_, tuple, ok, err := pt.Get(rt, &st)
		if err != nil || !ok {
			return err
		}
		return f(tuple)
	}
	rs, err := p.Open(rt)
	if err != nil {
		return err
	}
	defer rs.Close()
	var b exec.Batch
	for {
		if err := rs.Next(&b); err != nil || b.Len() == 0 {
			return err
		}
		for i := range b.Len() {
			if err := f(b.Row(i)); err != nil {
				return err
			}
		}
	}
}
