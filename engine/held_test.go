package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
)

// TestLockedReplacement locks a row that took the place of one that the snapshot still sees, and a row that is new since. Each way to
// read finds both, and no key twice.
func TestLockedReplacement(t *testing.T) {
	db, tab := bank(t)
	r := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 50, get(t, r, tab, 1, 2)) // the snapshot
	replace := func(tx *engine.Tx, id, balance int) error {
		if err := tx.Delete(ctx, tab, find(t, tx, tab, id)); err != nil {
			return err
		}
		_, err := tx.Insert(ctx, tab, vals(id, "ann", balance, nil))
		return err
	}
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return replace(tx, 1, 60) }))
	insert(t, db, tab, vals(3, "cat", 70, nil))
	mark := r.Mark()
	for _, id := range []int{1, 3} {
		res, err := r.Lock(ctx, tab, find(t, r, tab, id), engine.LockSpec{X: schema.AllCols(4), Explicit: true})
		require.NoError(t, err)
		require.Equal(t, engine.Locked, res)
	}
	sees := func(balance int, ids ...any) {
		t.Helper()
		require.Equal(t, balance, get(t, r, tab, 1, 2))
		require.Equal(t, ids, collect(t, r.ScanIndex(tab.Index(0), engine.Range{}, engine.ScanOptions{}), 0))
		require.ElementsMatch(t, ids, collect(t, r.ScanIndex(tab.Index(1), engine.Range{}, engine.ScanOptions{}), 0))
		require.ElementsMatch(t, ids, collect(t, r.Scan(tab, engine.ScanOptions{}), 0))
		n, err := r.Count(ctx, tab)
		require.NoError(t, err)
		require.EqualValues(t, len(ids), n)
	}
	sees(60, 1, 2, 3)
	require.NoError(t, set(r, tab, 1, 2, 61))
	sees(61, 1, 2, 3)
	require.NoError(t, replace(r, 1, 62))
	sees(62, 1, 2, 3)
	require.NoError(t, r.RollbackTo(mark))
	sees(50, 1, 2)
	require.NoError(t, r.Commit(ctx))
	check(t, db)
}

// TestCursorFindsOwnRowThatMoves moves a row in an index against the direction of a cursor whose transaction has written another column
// of it.
func TestCursorFindsOwnRowThatMoves(t *testing.T) {
	levels(t, func(t *testing.T, iso engine.Isolation) {
		db := newDB(t, engine.Options{})
		def := accountsDef()
		def.Indexes = append(def.Indexes, secondary("balance", 3))
		def.Indexes[2].ID, def.NextIdxID = 3, 4
		tab := create(t, db, def)[0]
		insert(t, db, tab, vals(1, "ann", 50, nil), vals(2, "bob", 10, nil))
		r := begin(t, db, iso)
		require.Equal(t, 50, get(t, r, tab, 1, 2))
		require.NoError(t, set(r, tab, 1, 3, "mine"))
		require.NoError(t, r.BeginStatement(engine.StmtRead))
		c := r.ScanIndex(tab.Index(2), engine.Range{}, engine.ScanOptions{})
		rows, err := c.NextBatch(ctx, 1)
		require.NoError(t, err)
		require.Len(t, rows, 1) // row 2, balance 10
		commitSet(t, db, tab, 1, 2, 5)
		require.Equal(t, []any{1}, collect(t, c, 0))
		require.NoError(t, r.EndStatement(nil))
		require.Equal(t, 5, get(t, r, tab, 1, 2))
		require.NoError(t, r.Commit(ctx))
		check(t, db)
	})
}

// TestGoneIsToldWhenDurable: that a row is gone is told only when the commit that deleted it is durable.
func TestGoneIsToldWhenDurable(t *testing.T) {
	release, inSync := make(chan struct{}), make(chan struct{}, 8)
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 50, nil))
	j.onSync = func(uint64) error { inSync <- struct{}{}; <-release; return nil }
	deleted := make(chan error, 1)
	go func() {
		deleted <- db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return del(tx, tab, 1) })
	}()
	<-inSync
	told := make(chan bool, 1)
	go func() {
		tx, err := db.Begin(ctx, engine.TxOptions{})
		if err == nil {
			_, ok, gerr := tx.GetCurrent(ctx, tab.Index(0), vals(1), &rowT{})
			err = gerr
			told <- ok
			_ = tx.Rollback()
		}
		assertNoError(t, err)
	}()
	var r rowT
	_, ok, err := db.Get(ctx, tab.Index(0), vals(1), &r)
	require.NoError(t, err)
	require.True(t, ok)
	select {
	case <-told:
		t.Error("told before it is durable")
	default:
	}
	close(release)
	require.NoError(t, <-deleted)
	require.False(t, <-told)
}
