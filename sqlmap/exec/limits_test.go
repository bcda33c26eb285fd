package exec_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
)

// numbers is a world with a table of n rows.
func numbers(t testing.TB, n int) *world {
	w := newWorld(t)
	w.do("CREATE TABLE n (id INT PRIMARY KEY, v INT, s VARCHAR(40))")
	var rows []string
	for i := range n {
		rows = append(rows, fmt.Sprintf("(%d,%d,'a string of some length %d')", i, i*7919%n, i))
	}
	w.do("INSERT INTO n VALUES " + strings.Join(rows, ","))
	return w
}

// open starts a query with a memory limit.
func (w *world) open(ctx context.Context, sql string, limit int64) (*exec.Rows, *engine.Tx, error) {
	p, err := w.compile(sql)
	require.NoError(w.t, err, sql)
	tx := w.begin()
	require.NoError(w.t, tx.BeginStatement(engine.StmtRead))
	run := w.run(nil)
	run.Ctx = ctx
	rows, err := p.Open(&exec.Runtime{Tx: tx, Run: run, MemoryLimit: limit})
	return rows, tx, err
}

func drainRows(rows *exec.Rows) (n int, err error) {
	var b exec.Batch
	for {
		if err := rows.Next(&b); err != nil || b.Len() == 0 {
			return n, err
		}
		n += b.Len()
	}
}

// blocking are queries that have to keep many rows.
var blocking = []string{
	"SELECT * FROM n ORDER BY v",
	"SELECT DISTINCT s FROM n",
	"SELECT s, count(*) FROM n GROUP BY s",
	"SELECT count(*) FROM n a JOIN n b ON a.v + 0 = b.v + 0",
	"SELECT count(*) FROM n a JOIN n b ON a.v > b.v + 1000000",
	"SELECT s FROM n UNION SELECT s FROM n",
	"SELECT s FROM n EXCEPT SELECT s FROM n",
	"SELECT id, sum(v) OVER (ORDER BY id) FROM n",
	"SELECT count(DISTINCT s) FROM n",
	"SELECT json_arrayagg(s) FROM n",
	"WITH c AS (SELECT s FROM n) SELECT a.s FROM c a JOIN c b ON a.s = b.s",
	"SELECT id FROM n WHERE s NOT IN (SELECT s FROM n WHERE id % 2 = 0)",
	"SELECT * FROM n ORDER BY v LIMIT 10000",
	"WITH RECURSIVE r(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM r WHERE i < 900) SELECT a.i FROM r a, r b ORDER BY 1",
}

func TestMemoryLimit(t *testing.T) {
	w := numbers(t, 3000)
	for _, sql := range blocking {
		rows, tx, err := w.open(context.Background(), sql, 1<<14)
		if err == nil {
			_, err = drainRows(rows)
			rows.Close()
		}
		require.ErrorIs(t, err, sqlerr.OutOfMemory, sql)
		_ = tx.Rollback()
		rows, tx, err = w.open(context.Background(), sql, 1<<28)
		require.NoError(t, err, sql)
		_, err = drainRows(rows)
		require.NoError(t, err, sql)
		rows.Close()
		rows.Close()
		_ = tx.Rollback()
	}
}

func TestCancel(t *testing.T) {
	w := numbers(t, 3000)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for _, sql := range append([]string{"SELECT * FROM n", "SELECT count(*) FROM n WHERE v > 3", "SELECT 1"}, blocking...) {
		rows, tx, err := w.open(ctx, sql, 0)
		if err == nil {
			_, err = drainRows(rows)
			rows.Close()
		}
		require.ErrorIs(t, err, sqlerr.QueryInterrupted, sql)
		require.ErrorIs(t, err, context.Canceled, sql)
		_ = tx.Rollback()
	}
}

// TestHostileShapes gives deep and wide statements: they fail or run, soon.
func TestHostileShapes(t *testing.T) {
	w := numbers(t, 10)
	repeat := func(s string, n int) string { return strings.Repeat(s, n) }
	w.fails("SELECT 1 FROM n a0"+func() string {
		var sb strings.Builder
		for i := 1; i < 200; i++ {
			fmt.Fprintf(&sb, ", n a%d", i)
		}
		return sb.String()
	}(), 1116)
	w.fails(repeat("SELECT (", 200)+"SELECT 1"+repeat(")", 200), 1436)
	w.fails("SELECT * FROM "+repeat("(SELECT * FROM ", 200)+"n"+repeat(") d", 200), 1436)
	w.query("SELECT count(*) FROM (SELECT 1 x"+repeat(" UNION ALL SELECT 1", 900)+") d", "901")
	w.query("SELECT count(*) FROM n WHERE id IN (0"+repeat(", 3", 5000)+")", "2")
	w.query("SELECT count(*) FROM n WHERE id = -1"+repeat(" OR id = 3", 900), "1")
	w.query("SELECT count(*) FROM n WHERE id >= 0"+repeat(" AND id <> 3", 900), "9")
	w.query("SELECT 1"+repeat(" + 1", 900), "901")
	w.query("SELECT " + repeat("1,", 2000) + "1 LIMIT 0")
	w.fails("SELECT "+repeat("1,", 5000)+"1", 1117)
	w.query("SELECT count(*) FROM n GROUP BY v"+repeat(", v + 1", 100)+" LIMIT 1", "1")
	w.query("WITH "+func() string {
		s := "c0 AS (SELECT 1 a)"
		for i := 1; i < 50; i++ {
			s += fmt.Sprintf(", c%d AS (SELECT a FROM c%d)", i, i-1)
		}
		return s
	}()+" SELECT a FROM c49", "1")
}

// TestStringsStay checks that what a batch holds does not change while the next operators work.
func TestStringsStay(t *testing.T) {
	w := numbers(t, 3000)
	for _, sql := range []string{
		"SELECT s FROM n", "SELECT a.s, b.s FROM n a JOIN n b ON b.id = a.v", "SELECT a.s, b.s FROM n a LEFT JOIN n b ON b.v = a.id",
		"SELECT s FROM n ORDER BY v", "SELECT DISTINCT s FROM n", "SELECT s, count(*) FROM n GROUP BY s",
		"SELECT concat(s, '!') FROM n WHERE s LIKE '%1%'", "SELECT s FROM n UNION ALL SELECT s FROM n",
		"SELECT a.s, d.s FROM n a, LATERAL (SELECT s FROM n WHERE id = a.v) d",
	} {
		rows, tx, err := w.open(context.Background(), sql, 0)
		require.NoError(t, err)
		var b exec.Batch
		for {
			require.NoError(t, rows.Next(&b))
			if b.Len() == 0 {
				break
			}
			for i := range b.Len() {
				for _, v := range b.Row(i) {
					if v.Kind() == value.KindString {
						require.True(t, strings.HasPrefix(v.Str(), "a string of some length "), "%s: %q", sql, v.Str())
					}
				}
			}
		}
		rows.Close()
		_ = tx.Rollback()
	}
}
