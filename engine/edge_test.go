package engine_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// TestChainsStayShort updates one row many times while an old and a younger snapshot are open, and many rows once.
func TestChainsStayShort(t *testing.T) {
	db := newDB(t, engine.Options{NoBackground: true})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "a", 0, nil))
	old := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 0, get(t, old, tab, 1, 2))
	for i := 1; i <= 2000; i++ {
		commitSet(t, db, tab, 1, 2, i)
		if i == 1000 {
			mid := begin(t, db, engine.RepeatableRead)
			require.Equal(t, 1000, get(t, mid, tab, 1, 2))
			defer func() { require.Equal(t, 1000, get(t, mid, tab, 1, 2)) }()
		}
		commitSet(t, db, tab, 1, 1, fmt.Sprint("o", i))
	}
	require.Equal(t, 0, get(t, old, tab, 1, 2))
	require.LessOrEqual(t, tab.Stats().LiveBytes, int64(64<<10))
	require.LessOrEqual(t, tab.Index(1).Len(), int64(5))
	require.LessOrEqual(t, db.Stats().PruneQueue, 2)
	check(t, db)
	// A queue: insert and delete grows nothing.
	for i := 10; i < 3000; i++ {
		insert(t, db, tab, vals(i, "q", i, nil))
		require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return del(tx, tab, i) }))
	}
	require.NoError(t, old.Rollback())
}

func TestQueueDoesNotGrow(t *testing.T) {
	db := newDB(t, engine.Options{NoBackground: true})
	tab := accounts(t, db)
	for i := range 20_000 {
		insert(t, db, tab, vals(i, "q", i, "some bytes to carry"))
		if i >= 10 {
			require.NoError(t, db.Run(ctx, engine.TxOptions{Autocommit: true}, func(tx *engine.Tx) error { return del(tx, tab, i-10) }))
		}
	}
	require.NoError(t, db.Vacuum(ctx, nil))
	s := tab.Stats()
	require.LessOrEqual(t, s.Pages, int64(64))
	require.EqualValues(t, 10, tab.Index(0).Len())
	check(t, db)
}

func TestWideTable(t *testing.T) {
	db := newDB(t, engine.Options{})
	cols := []schema.Column{intCol("id", true)}
	for i := 1; i < 150; i++ {
		cols = append(cols, intCol(fmt.Sprint("c", i), false))
	}
	tab := create(t, db, tableDef("wide", cols, primary(1), secondary("far", 141, 71)))[0]
	row := make([]value.Value, 150)
	row[0], row[140], row[70], row[101] = value.Int(1), value.Int(5), value.Int(6), value.Int(7)
	insert(t, db, tab, row)
	require.Equal(t, schema.ColSetOf(70, 140), tab.LockColumns(schema.ColSetOf(140)))
	// Wide tables share bits of the lock word: 101 shares none with 70 and 140.
	a, b := begin(t, db, engine.RepeatableRead), begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(a, tab, 1, 140, 50))
	require.NoError(t, set(b, tab, 1, 101, 70))
	require.NoError(t, a.Commit(ctx))
	require.NoError(t, b.Commit(ctx))
	c := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 50, get(t, c, tab, 1, 140))
	require.Equal(t, 70, get(t, c, tab, 1, 101))
	five := engine.Bound{Vals: vals(50), Inclusive: true}
	require.Equal(t, []any{1}, collect(t, c.ScanIndex(tab.Index(1), engine.Range{Lo: five, Hi: five}, engine.ScanOptions{}), 0))
	require.NoError(t, c.Rollback())
	check(t, db)
}

func TestIndexKinds(t *testing.T) {
	db := newDB(t, engine.Options{})
	hash := unique("h", 2)
	hash.Kind = schema.Hash
	desc := secondary("desc", 3, 1)
	desc.Parts[0].Desc = true
	prefix := secondary("prefix", 4)
	prefix.Parts[0].Prefix = 2
	ci := textCol("ci")
	ci.Type.Collation = collate.GeneralCI
	tab := create(t, db, tableDef("k", []schema.Column{intCol("id", true), textCol("h"), intCol("n", false), textCol("p"), ci},
		primary(1), hash, desc, prefix, unique("ci", 5)))[0]
	insert(t, db, tab,
		vals(1, "a", 10, "abc", "Straw"), vals(2, "b", 20, "abd", nil), vals(3, nil, nil, "b", nil), vals(4, nil, 20, nil, "other"))
	tx := begin(t, db, engine.RepeatableRead)
	_, err := tx.Insert(ctx, tab, vals(5, "a", 1, nil, nil))
	require.ErrorIs(t, err, sqlerr.DupEntry)
	_, err = tx.Insert(ctx, tab, vals(5, "c", 1, nil, "STRAW"))
	require.ErrorIs(t, err, sqlerr.DupEntry)
	var r rowT
	_, ok, err := tx.Get(ctx, tab.Index(1), vals("b"), &r)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 2, plain(r.Col(0)))
	all := func(i int, rg engine.Range) []any {
		return collect(t, tx.ScanIndex(tab.Index(i), rg, engine.ScanOptions{}), 0)
	}
	eq := func(vs ...any) engine.Range {
		b := engine.Bound{Vals: vals(vs...), Inclusive: true}
		return engine.Range{Lo: b, Hi: b}
	}
	require.Equal(t, []any{1}, all(1, eq("a")))
	require.Equal(t, []any{2, 4, 1, 3}, all(2, engine.Range{}))
	require.Equal(t, []any{3, 1, 4, 2}, all(2, engine.Range{Reverse: true}))
	require.Equal(t, []any{2, 4}, all(2, eq(20)))
	require.Equal(t, []any{4}, all(2, eq(20, 4)))
	require.Equal(t, []any{1, 3}, all(2, engine.Range{Lo: engine.Bound{Vals: vals(20)}}))
	require.Equal(t, []any{2, 4, 1}, all(2, engine.Range{Hi: engine.Bound{Vals: vals(nil)}}))
	require.Equal(t, []any{1, 2}, all(3, eq("ab")))
	require.EqualValues(t, 2, tab.Index(2).EstimateRange(eq(20)))
	require.EqualValues(t, 4, tab.Index(2).EstimateRange(engine.Range{}))
	c := tx.ScanIndex(tab.Index(1), engine.Range{}, engine.ScanOptions{})
	_, err = c.NextBatch(ctx, 1)
	require.ErrorIs(t, err, sqlerr.Internal)
	c.Close()
	_, _, err = tx.Get(ctx, tab.Index(2), vals(1, 1), &r)
	require.ErrorIs(t, err, sqlerr.Internal)
	require.NoError(t, tx.Rollback())
	check(t, db)
}

func TestUseAfterTheEnd(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "a", 0, nil))
	tx := begin(t, db, engine.RepeatableRead)
	c := tx.Scan(tab, engine.ScanOptions{})
	_, err := c.NextBatch(ctx, 1)
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
	_, err = c.NextBatch(ctx, 1)
	require.ErrorIs(t, err, engine.ErrTxDone)
	c.Close()
	c.Close()
	_, err = c.NextBatch(ctx, 1)
	require.Error(t, err)
	require.ErrorIs(t, tx.Commit(ctx), engine.ErrTxDone)
	require.NoError(t, tx.Rollback())
	_, err = tx.Insert(ctx, tab, vals(2, "a", 0, nil))
	require.ErrorIs(t, err, engine.ErrTxDone)
	require.ErrorIs(t, tx.RollbackTo(engine.Mark{}), engine.ErrTxDone)
	require.Zero(t, db.Stats().Snapshots)

	// The end of a context ends scans, and a commit that has not begun.
	ended, cancel := context.WithCancel(ctx)
	cancel()
	tx = begin(t, db, engine.RepeatableRead)
	c = tx.Scan(tab, engine.ScanOptions{})
	_, err = c.NextBatch(ended, 1)
	require.ErrorIs(t, err, sqlerr.QueryInterrupted)
	require.ErrorIs(t, err, context.Canceled)
	c.Close()
	_, err = tx.Insert(ctx, tab, vals(3, "a", 0, nil))
	require.NoError(t, err)
	require.ErrorIs(t, tx.Commit(ended), sqlerr.QueryInterrupted)
	require.True(t, tx.Done())
	check(t, db)
}

func TestAutocommitNeverFailsForItsSnapshot(t *testing.T) {
	db, tab := bank(t)
	tx, err := db.Begin(ctx, engine.TxOptions{Autocommit: true})
	require.NoError(t, err)
	require.NoError(t, tx.BeginStatement(engine.StmtWrite))
	rows := tx.Scan(tab, engine.ScanOptions{})
	batch, err := rows.NextBatch(ctx, 10)
	require.NoError(t, err)
	ids := []engine.CursorRow{batch[0], batch[1]}
	commitSet(t, db, tab, 1, 2, 77)
	for _, r := range ids {
		require.NoError(t, tx.Update(ctx, tab, r.ID, schema.ColSetOf(2), vals(nil, nil, 5, nil)))
	}
	rows.Close()
	require.NoError(t, tx.EndStatement(nil))
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

func TestMemoryLimit(t *testing.T) {
	db := newDB(t, engine.Options{MaxTxnMemory: 10_000})
	tab := accounts(t, db)
	tx := begin(t, db, engine.RepeatableRead)
	var err error
	for i := 0; err == nil; i++ {
		_, err = tx.Insert(ctx, tab, vals(i, "a", 0, "some bytes"))
		require.Less(t, i, 10_000)
	}
	require.ErrorIs(t, err, sqlerr.OutOfMemory)
	require.NoError(t, tx.Rollback())
	check(t, db)
}

func TestRunRetriesDeadlocks(t *testing.T) {
	db, tab := bank(t)
	n := 0
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		n++
		balance := get(t, tx, tab, 1, 2).(int)
		if n == 1 {
			commitSet(t, db, tab, 1, 2, 60)
		}
		return set(tx, tab, 1, 2, balance+1)
	}))
	require.Equal(t, 2, n)
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 61, get(t, tx, tab, 1, 2))
	short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	err := db.Run(short, engine.TxOptions{}, func(*engine.Tx) error { return sqlerr.New(sqlerr.Deadlock) })
	require.ErrorIs(t, err, sqlerr.Deadlock)
}

func TestForUpdateThenSnapshotReads(t *testing.T) {
	db, tab := bank(t)
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 50, get(t, tx, tab, 1, 2))
	commitSet(t, db, tab, 1, 2, 60)
	commitSet(t, db, tab, 2, 2, 60)
	m := tx.Mark()
	res, err := tx.Lock(ctx, tab, find(t, tx, tab, 1), engine.LockSpec{S: schema.AllCols(4), Explicit: true})
	require.NoError(t, err)
	require.Equal(t, engine.Locked, res)
	require.Equal(t, []any{60, 50}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 2))
	require.Equal(t, []any{60, 60}, collect(t, tx.Scan(tab, engine.ScanOptions{Current: true}), 2))
	require.NoError(t, tx.RollbackTo(m))
	require.Equal(t, []any{50, 50}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 2))
	require.NoError(t, tx.Rollback())
}
