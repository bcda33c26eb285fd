package engine_test

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// payloads drains a cursor by payloads into column col; rest is what NextBatch had to bring.
func payloads(t testing.TB, c *engine.Cursor, col int) (fast, rest []any, layouts int) {
	t.Helper()
	var last *row.Layout
	for {
		l, rows, ok, err := c.NextPayloads(ctx, 3)
		require.NoError(t, err)
		if !ok {
			return fast, collect(t, c, col), layouts
		}
		if len(rows) == 0 {
			c.Close()
			return fast, nil, layouts
		}
		if l != last {
			last = l
			layouts++
		}
		for _, p := range rows {
			r := row.Row{Layout: l, Data: p}
			fast = append(fast, plain(r.Col(col)))
		}
	}
}

func scan(tx *engine.Tx, tab *engine.Table) *engine.Cursor { return tx.Scan(tab, engine.ScanOptions{}) }

func TestPayloadsOfSnapshots(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	for i := range 10 {
		insert(t, db, tab, vals(i, "o", i, nil))
	}
	old := begin(t, db, engine.RepeatableRead)
	require.NoError(t, old.TakeSnapshot())
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		require.NoError(t, tx.Delete(ctx, tab, find(t, tx, tab, 4)))
		return set(tx, tab, 7, 2, 70)
	}))
	fast, rest, _ := payloads(t, scan(old, tab), 2)
	require.Equal(t, []any{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}, fast)
	require.Empty(t, rest)
	fast, rest, _ = payloads(t, scan(begin(t, db, engine.RepeatableRead), tab), 2)
	require.Equal(t, []any{0, 1, 2, 3, 5, 6, 70, 8, 9}, fast)
	require.Empty(t, rest)
}

func TestPayloadsWithOwnWrites(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	for i := range 5 {
		insert(t, db, tab, vals(i, "o", i, nil))
	}
	tx := begin(t, db, engine.RepeatableRead)
	before := scan(tx, tab)
	_, first, ok, err := before.NextPayloads(ctx, 2)
	require.NoError(t, err)
	require.True(t, ok)
	require.Len(t, first, 2)
	_, err = tx.Insert(ctx, tab, vals(9, "o", 9, nil))
	require.NoError(t, err)
	require.NoError(t, set(tx, tab, 3, 2, 30))

	// What the transaction writes under a cursor does not change what it sees.
	fast, rest, _ := payloads(t, before, 2)
	require.Equal(t, []any{2, 3, 4}, append(fast, rest...))

	fast, rest, _ = payloads(t, scan(tx, tab), 2)
	require.Empty(t, fast)
	require.Equal(t, []any{0, 1, 2, 30, 4, 9}, rest)

	// An index has no order of payloads.
	_, _, ok, err = tx.ScanIndex(tab.Index(0), engine.Range{}, engine.ScanOptions{}).NextPayloads(ctx, 1)
	require.NoError(t, err)
	require.False(t, ok)
}

func TestPayloadsOfSeveralLayouts(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	for i := range 4 {
		insert(t, db, tab, vals(i, "o", i, nil))
	}
	def := *tab.Def()
	added := intCol("added", false)
	added.ID = def.NextColID
	def.Columns = append(append(def.Columns[:0:0], def.Columns...), added)
	def.NextColID++
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) (err error) {
		tab, err = d.AlterTable(tab, &def, nil)
		return err
	}))
	insert(t, db, tab, vals(4, "o", 4, nil, 44), vals(5, "o", 5, nil, 55))
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return set(tx, tab, 1, 4, 11) }))
	tx := begin(t, db, engine.RepeatableRead)
	fast, rest, layouts := payloads(t, scan(tx, tab), 4)
	require.Equal(t, []any{"NULL", 11, "NULL", "NULL", 44, 55}, fast)
	require.Empty(t, rest)
	require.Equal(t, 4, layouts, "runs of rows of one layout")
}

// A closed cursor's memory serves the next one, and the rows of both are right.
func TestReuseOfCursors(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	for i := range 8 {
		insert(t, db, tab, vals(i, "o", i, nil))
	}
	tx := begin(t, db, engine.RepeatableRead)
	c := scan(tx, tab)
	require.Len(t, collect(t, c, 0), 8)
	three := engine.Bound{Vals: vals(3), Inclusive: true}
	again := tx.ScanIndex(tab.Index(0), engine.Range{Lo: three}, engine.ScanOptions{Reuse: c})
	require.Same(t, c, again)
	require.Equal(t, []any{3, 4, 5, 6, 7}, collect(t, again, 0))
	open := scan(tx, tab)
	other := tx.Scan(tab, engine.ScanOptions{Reuse: open})
	require.NotSame(t, open, other, "an open cursor is not taken over")
	require.Len(t, collect(t, open, 0), 8)
	require.Len(t, collect(t, other, 0), 8)
}

// Transfers between accounts leave the sum alone; scans of payloads beside them must find it, while versions die and
// their memory is written again.
func TestPayloadsUnderUpdates(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		before := runtime.GOMAXPROCS(procs)
		sumUnderUpdates(t)
		runtime.GOMAXPROCS(before)
	}
}

func sumUnderUpdates(t *testing.T) {
	const n, transfers = 64, 400
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	for i := range n {
		insert(t, db, tab, vals(i, "o", 100, nil))
	}
	var writers, readers sync.WaitGroup
	var over atomic.Bool
	for w := range 2 {
		writers.Go(func() {
			for i := range transfers {
				from, to := (i*7+w)%n, (i*11+w+1)%n
				if from == to {
					continue
				}
				err := db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
					for id, by := range map[int]int{from: -1, to: 1} {
						if err := add(tx, tab, id, by); err != nil {
							return err
						}
					}
					return nil
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	readers.Go(func() {
		for rounds := 0; rounds == 0 || !over.Load(); rounds++ {
			tx, err := db.Begin(ctx, engine.TxOptions{Autocommit: true})
			if err != nil {
				t.Error(err)
				return
			}
			sum := 0
			fast, _, _ := payloads(t, scan(tx, tab), 2)
			for _, x := range fast {
				sum += x.(int)
			}
			if len(fast) != n || sum != n*100 {
				t.Errorf("%d rows with the sum %d", len(fast), sum)
			}
			_ = tx.Rollback()
		}
	})
	writers.Wait()
	over.Store(true)
	readers.Wait()
	check(t, db)
}

// add changes the balance of an account by what its newest version has, under its lock.
func add(tx *engine.Tx, tab *engine.Table, id, by int) error {
	var r row.Row
	rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(id), &r)
	if err != nil || !ok {
		return err
	}
	if _, err := tx.Lock(ctx, tab, rid, engine.LockSpec{X: tab.LockColumns(schema.ColSetOf(2))}); err != nil {
		return err
	}
	if ok, err = tx.ReadCurrent(ctx, tab, rid, &r); err != nil || !ok {
		return err
	}
	all := make([]value.Value, len(tab.Def().Columns))
	all[2] = value.Int(r.Col(2).Int64() + int64(by))
	return tx.Update(ctx, tab, rid, schema.ColSetOf(2), all)
}
