package exec_test

import (
	"context"
	"fmt"
	"math/rand"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
)

// Scans of payloads see what their transaction's snapshot sees, whatever was committed since.
func TestPayloadScanOfSnapshot(t *testing.T) {
	m := newMetaScan(t, rand.New(rand.NewSource(3)))
	ctx := context.Background()
	old, err := m.db.Begin(ctx, engine.TxOptions{Isolation: engine.RepeatableRead})
	require.NoError(t, err)
	require.NoError(t, old.TakeSnapshot())
	type query struct {
		sql, before string
		params      []any
	}
	var queries []query
	for range 60 {
		cond, params := m.condition()
		for _, list := range []string{"id, sv, ds", "count(*), sum(ds), avg(db IS NULL), max(d6), min(nn)"} {
			q := query{sql: "SELECT " + list + " FROM r WHERE " + cond, params: params}
			q.before = m.outcome(q.sql, params)
			queries = append(queries, q)
		}
	}
	tab := m.db.Catalog().Table("d", "r")
	require.NoError(t, m.db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		for id := 0; id < 300; id += 2 {
			var r row.Row
			rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), []value.Value{value.Int(int64(id))}, &r)
			require.NoError(t, err)
			require.True(t, ok)
			if id%3 == 0 {
				require.NoError(t, tx.Delete(ctx, tab, rid))
				continue
			}
			vals := make([]value.Value, len(tab.Def().Columns))
			for i := range vals {
				if tab.Def().Columns[i].NotNull {
					vals[i] = value.ZeroOf(&tab.Def().Columns[i].Type)
				}
			}
			vals[0] = value.Int(int64(id))
			all := schema.AllCols(len(vals))
			require.NoError(t, tx.Update(ctx, tab, rid, all, vals))
		}
		return nil
	}))
	changed := 0
	for _, q := range queries {
		if m.outcome(q.sql, q.params) != q.before {
			changed++
		}
		m.tx = old
		require.Equal(t, q.before, m.outcome(q.sql, q.params), "%s %v", q.sql, q.params)
		m.tx = nil
	}
	require.Greater(t, changed, 40, "the updates changed too few of the answers")
	require.NoError(t, old.Rollback())
}

// Rows of two layouts that lie mixed are read by payload at first and row by row then.
func TestPayloadScanOfMixedLayouts(t *testing.T) {
	m := newMetaScan(t, rand.New(rand.NewSource(4)))
	ctx := context.Background()
	tab := m.db.Catalog().Table("d", "r")
	require.NoError(t, m.db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		for id := 40; id < 150; id += 2 {
			var r row.Row
			rid, _, err := tx.GetCurrent(ctx, tab.Index(0), []value.Value{value.Int(int64(id))}, &r)
			require.NoError(t, err)
			vals := make([]value.Value, len(tab.Def().Columns))
			ord := len(vals) - len(addedColumns) // n2
			vals[ord] = value.Int(8)
			require.NoError(t, tx.Update(ctx, tab, rid, schema.ColSetOf(ord), vals))
		}
		return nil
	}))
	for range 200 {
		cond, params := m.condition()
		m.sameRows(cond, params)
		m.sameSums(cond, params)
	}
	m.query("SELECT count(*), sum(n2) FROM r WHERE id < 150", "150|1105") // 55 of 8, 95 of the initial 7
}

// A statement that is cancelled stops within a batch.
func TestPayloadScanStops(t *testing.T) {
	w := newWorld(t)
	w.do("CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(9), f DOUBLE)")
	for from := 0; from < 4000; from += 1000 {
		var rows []string
		for id := from; id < from+1000; id++ {
			rows = append(rows, fmt.Sprintf("(%d, 's%d', %d)", id, id, id))
		}
		w.do("INSERT INTO t VALUES " + strings.Join(rows, ","))
	}
	for _, sql := range []string{"SELECT sum(f) FROM t", "SELECT count(*) FROM t WHERE s LIKE '%x'", "SELECT f FROM t WHERE s = 'x'", "SELECT f, count(*) FROM t GROUP BY f"} {
		p, err := w.compile(sql)
		require.NoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		tx, err := w.db.Begin(ctx, engine.TxOptions{})
		require.NoError(t, err)
		require.NoError(t, tx.BeginStatement(engine.StmtRead))
		run := w.run(nil)
		run.Ctx = &countdown{ctx, 5, cancel}
		rs, err := p.Open(&exec.Runtime{Tx: tx, Run: run})
		require.NoError(t, err)
		var b exec.Batch
		err = rs.Next(&b)
		for err == nil && b.Len() > 0 {
			err = rs.Next(&b)
		}
		require.ErrorContains(t, err, "Error 1317 ", sql)
		rs.Close()
		_ = tx.EndStatement(err)
		require.NoError(t, tx.Rollback())
		cancel()
	}
}

// countdown is a context that is cancelled when it has been asked some times.
type countdown struct {
	context.Context
	left   int
	cancel func()
}

func (c *countdown) Err() error {
	if c.left--; c.left == 0 {
		c.cancel()
	}
	return c.Context.Err()
}
