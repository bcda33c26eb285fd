package exec_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/parse"
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
				// A joined row may come twice.
				if ok, err := tx.ReadCurrent(ctx, t.Table.(*engine.Table), heap.RowID(id.Uint64()), new(row.Row)); err != nil || !ok {
					continue
				}
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

// deletes runs a DELETE given as text.
func (w *world) deletes(sql string) error {
	st, err := parse.One(sql, parse.Options{})
	require.NoError(w.t, err)
	del, _, ok := ast.DeleteOf(st.AST)
	require.True(w.t, ok)
	return w.del(del)
}

// found plans an UPDATE and returns, for each row it finds, its alias, id and the values of its assignments.
func (w *world) found(sql string) (out []string, err error) {
	st, err := parse.One(sql, parse.Options{})
	require.NoError(w.t, err)
	upd, _, ok := ast.UpdateOf(st.AST)
	require.True(w.t, ok)
	found, err := plan.FindTargets(&plan.TargetSpec{
		From: upd.TableExprs, Set: upd.Exprs, Where: upd.Where, OrderBy: upd.OrderBy, Limit: upd.Limit,
	}, w.context())
	if err != nil {
		return nil, err
	}
	p, err := exec.PrepareTargets(found)
	if err != nil {
		return nil, err
	}
	tx := w.begin()
	defer func() { _ = tx.Rollback() }()
	require.NoError(w.t, tx.BeginStatement(engine.StmtWrite))
	run := w.run(nil)
	rs, err := p.Open(&exec.Runtime{Tx: tx, Run: run})
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	var b exec.Batch
	for {
		if err := rs.Next(&b); err != nil || b.Len() == 0 {
			return out, err
		}
		for i := range b.Len() {
			env := expr.Env{Run: run, Row: b.Row(i)}
			line := ""
			for _, s := range found.Set {
				v, err := s.Value.Eval(&env)
				if err != nil {
					return nil, err
				}
				tg := found.Tables[s.Target]
				require.Equal(w.t, tg.First+s.Ord, s.Slot)
				require.False(w.t, env.Row[tg.RowID].IsNull())
				line += tg.Name + "." + env.Row[tg.First].Text() + "=" + text([]value.Value{v}) + " "
			}
			out = append(out, strings.TrimSpace(line))
		}
	}
}

func TestTargets(t *testing.T) {
	w := shop(t)
	check := func(sql string, want ...string) {
		t.Helper()
		got, err := w.found(sql)
		requireRows(t, got, err, want...)
	}
	check("UPDATE customer SET name = upper(name) WHERE id = 2", "customer.2=BOB")
	check("UPDATE customer c SET city = (SELECT count(*) FROM orders o WHERE o.customer = c.id) ORDER BY id DESC LIMIT 2", "c.4=0", "c.3=0")
	check("UPDATE customer c JOIN orders o ON o.customer = c.id SET c.city = o.day, o.total = c.id WHERE o.id = 12", "c.2=2024-01-02 o.12=2")
	check("UPDATE customer SET city = 'x' WHERE id IN (SELECT customer FROM orders WHERE total > 6)", "customer.1=x")
	for sql, number := range map[string]string{
		"UPDATE customer SET city = (SELECT max(city) FROM customer)":                 "1093",
		"UPDATE (SELECT 1 a) d SET a = 2":                                             "1288",
		"UPDATE customer SET nope = 1":                                                "1054",
		"UPDATE customer SET city = count(*)":                                         "1111",
		"UPDATE customer c JOIN orders o ON o.customer = c.id SET id = 1 WHERE 1 = 0": "1052",
	} {
		_, err := w.found(sql)
		require.ErrorContains(t, err, number, sql)
	}
	require.ErrorContains(t, w.deletes("DELETE x FROM customer c"), "1109")
	require.NoError(t, w.deletes("DELETE FROM orders WHERE customer IS NULL OR total < (SELECT 2)"))
	w.set("SELECT id FROM orders", "10", "11")
	require.NoError(t, w.deletes("DELETE c, o FROM customer c LEFT JOIN orders o ON o.customer = c.id WHERE c.id < 3"))
	w.set("SELECT id FROM orders")
	w.set("SELECT id FROM customer", "3", "4")
	require.NoError(t, w.deletes("DELETE FROM customer WHERE id = 3"))
	require.NoError(t, w.deletes("DELETE FROM customer ORDER BY id LIMIT 1"))
	w.query("SELECT count(*) FROM customer", "0")
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
