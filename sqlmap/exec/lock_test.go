package exec_test

import (
	"context"
	"fmt"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// begin starts a transaction.
func (w *world) begin() *engine.Tx {
	tx, err := w.db.Begin(context.Background(), engine.TxOptions{})
	require.NoError(w.t, err)
	return tx
}

// in runs a query in a transaction.
func (w *world) in(tx *engine.Tx, sql string) ([]string, error) {
	v := *w
	v.tx = tx
	return v.rows(sql)
}

// change sets one column of the row with the id.
func (w *world) change(tx *engine.Tx, table string, id int64, col int, v value.Value) {
	w.t.Helper()
	ctx := context.Background()
	tab := w.db.Catalog().Table("d", table)
	vals := make([]value.Value, len(tab.Def().Columns))
	vals[col] = v
	cur := tx.ScanIndex(tab.Index(0), engine.Range{
		Lo: engine.Bound{Vals: []value.Value{value.Int(id)}, Inclusive: true}, Hi: engine.Bound{Vals: []value.Value{value.Int(id)}, Inclusive: true},
	}, engine.ScanOptions{})
	rows, err := cur.NextBatch(ctx, 1)
	require.NoError(w.t, err)
	require.Len(w.t, rows, 1)
	row := rows[0].ID
	cur.Close()
	require.NoError(w.t, tx.Update(ctx, tab, row, schema.ColSetOf(col), vals))
}

func queue(t testing.TB, n int) *world {
	w := newWorld(t)
	w.do("CREATE TABLE job (id INT PRIMARY KEY, state INT, prio INT, KEY state (state, prio))")
	for i := range n {
		w.do(fmt.Sprintf("INSERT INTO job VALUES (%d, 0, %d)", i, i%3))
	}
	return w
}

func TestForUpdate(t *testing.T) {
	w := queue(t, 6)
	a, b := w.begin(), w.begin()
	defer func() { _, _ = a.Rollback(), b.Rollback() }()
	got, err := w.in(a, "SELECT id FROM job WHERE state = 0 ORDER BY prio, id LIMIT 2 FOR UPDATE SKIP LOCKED")
	requireRows(t, got, err, "0", "3")
	got, err = w.in(b, "SELECT id FROM job WHERE state = 0 ORDER BY prio, id LIMIT 2 FOR UPDATE SKIP LOCKED")
	requireRows(t, got, err, "1", "4")
	_, err = w.in(b, "SELECT id FROM job WHERE id = 3 FOR UPDATE NOWAIT")
	require.ErrorContains(t, err, "3572")
	got, err = w.in(b, "SELECT id FROM job WHERE id = 3")
	requireRows(t, got, err, "3")
	got, err = w.in(b, "SELECT id FROM job WHERE id = 5 FOR SHARE")
	requireRows(t, got, err, "5")
	got, err = w.in(a, "SELECT id FROM job WHERE id = 5 LOCK IN SHARE MODE")
	requireRows(t, got, err, "5")
	got, err = w.in(a, "SELECT id FROM job ORDER BY id DESC FOR UPDATE SKIP LOCKED")
	requireRows(t, got, err, "3", "2", "0")
}

// TestLockReadsNewest changes rows between the snapshot of a transaction and its locking reads.
func TestLockReadsNewest(t *testing.T) {
	w := queue(t, 6)
	a := w.begin()
	defer func() { _ = a.Rollback() }()
	got, err := w.in(a, "SELECT count(*) FROM job WHERE state = 0")
	requireRows(t, got, err, "6")
	b := w.begin()
	w.change(b, "job", 0, 1, value.Int(7)) // no longer in state 0
	w.change(b, "job", 1, 2, value.Int(9)) // goes to the end
	w.change(b, "job", 4, 2, value.Int(-1))
	require.NoError(t, b.Commit(context.Background()))
	got, err = w.in(a, "SELECT id, prio FROM job WHERE state = 0 ORDER BY prio, id")
	requireRows(t, got, err, "0|0", "3|0", "1|1", "4|1", "2|2", "5|2")
	got, err = w.in(a, "SELECT id, prio FROM job WHERE state = 0 ORDER BY prio, id FOR UPDATE")
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"3|0", "4|-1", "2|2", "5|2", "1|9"}, got)
	require.Equal(t, "1|9", got[len(got)-1], "a row goes where its new key belongs")
	got, err = w.in(a, "SELECT j.id, k.prio FROM job j JOIN job k ON k.id = j.id + 1 WHERE j.state = 0 AND k.prio > 1 ORDER BY j.id FOR UPDATE OF k")
	requireRows(t, got, err, "1|2", "4|2") // row 0 is locked, so its newest state counts
}

// TestQueue lets workers take jobs: each job is taken once.
func TestQueue(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			testQueue(t)
		})
	}
}

func testQueue(t *testing.T) {
	const jobs, workers = 60, 4
	w := queue(t, jobs)
	ctx := context.Background()
	var mu sync.Mutex
	taken := map[string]int{}
	var wg sync.WaitGroup
	for range workers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				tx := w.begin()
				got, err := w.in(tx, "SELECT id FROM job WHERE state = 0 ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED")
				if err != nil || len(got) == 0 {
					_ = tx.Rollback()
					if err != nil {
						t.Error(err)
					}
					return
				}
				var id int64
				_, _ = fmt.Sscan(got[0], &id)
				w.change(tx, "job", id, 1, value.Int(1))
				if err := tx.Commit(ctx); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				taken[got[0]]++
				mu.Unlock()
			}
		}()
	}
	wg.Wait()
	require.Len(t, taken, jobs)
	for id, n := range taken {
		require.Equal(t, 1, n, id)
	}
}

// TestLockThroughView locks the rows of the table under a view.
func TestLockThroughView(t *testing.T) {
	w := queue(t, 4)
	w.view("open", "SELECT id, prio * 10 AS p FROM job WHERE state = 0")
	a, b := w.begin(), w.begin()
	defer func() { _, _ = a.Rollback(), b.Rollback() }()
	got, err := w.in(a, "SELECT id, p FROM open WHERE p > 10 FOR UPDATE")
	requireRows(t, got, err, "2|20")
	got, err = w.in(b, "SELECT id FROM open ORDER BY id FOR UPDATE SKIP LOCKED")
	requireRows(t, got, err, "0", "1", "3")
	_, err = w.in(b, "SELECT id FROM job WHERE id = 2 FOR SHARE NOWAIT")
	require.ErrorContains(t, err, "3572")
	require.NoError(t, a.Rollback())
	require.NoError(t, b.Rollback())

	// What the view computes is computed again from the newest row.
	a, b = w.begin(), w.begin()
	got, err = w.in(a, "SELECT id, p FROM open WHERE p > 0 ORDER BY id")
	requireRows(t, got, err, "1|10", "2|20")
	w.change(b, "job", 1, 2, value.Int(0))
	w.change(b, "job", 2, 2, value.Int(7))
	require.NoError(t, b.Commit(context.Background()))
	got, err = w.in(a, "SELECT id, p FROM open WHERE p > 0 ORDER BY id FOR UPDATE")
	requireRows(t, got, err, "2|70")
}
