package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

func TestInsertReadUpdateDelete(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	ids := insert(t, db, tab, vals(1, "ann", 10, nil), vals(2, "bob", 20, "x"), vals(3, "ann", 30, nil))
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 20, get(t, tx, tab, 2, 2))
	require.Nil(t, get(t, tx, tab, 9, 2))
	require.Equal(t, []any{1, 2, 3}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 0))
	ann := engine.Bound{Vals: vals("ann"), Inclusive: true}
	require.Equal(t, []any{1, 3}, collect(t, tx.ScanIndex(tab.Index(1), engine.Range{Lo: ann, Hi: ann}, engine.ScanOptions{}), 0))
	require.Equal(t, []any{3, 2, 1}, collect(t, tx.ScanIndex(tab.Index(0), engine.Range{Reverse: true}, engine.ScanOptions{}), 0))
	require.Equal(t, []any{2, 3}, collect(t, tx.ScanIndex(tab.Index(0), engine.Range{Lo: engine.Bound{Vals: vals(1)}}, engine.ScanOptions{}), 0))

	require.NoError(t, tx.Update(ctx, tab, ids[1], schema.ColSetOf(1, 2), vals(nil, "zoe", 21, nil)))
	require.NoError(t, tx.Delete(ctx, tab, ids[0]))
	_, err := tx.Insert(ctx, tab, vals(4, "ann", 40, nil))
	require.NoError(t, err)
	require.Equal(t, []any{3, 4}, collect(t, tx.ScanIndex(tab.Index(1), engine.Range{Lo: ann, Hi: ann}, engine.ScanOptions{}), 0))
	require.Equal(t, []any{"zoe", "ann", "ann"}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 1))

	// Nobody else sees it before the commit.
	other := begin(t, db, engine.RepeatableRead)
	require.Equal(t, []any{1, 3}, collect(t, other.ScanIndex(tab.Index(1), engine.Range{Lo: ann, Hi: ann}, engine.ScanOptions{}), 0))
	require.NoError(t, tx.Commit(ctx))
	require.Equal(t, []any{1, 3}, collect(t, other.ScanIndex(tab.Index(1), engine.Range{Lo: ann, Hi: ann}, engine.ScanOptions{}), 0))
	require.NoError(t, other.Rollback())
	after := begin(t, db, engine.RepeatableRead)
	require.Equal(t, []any{3, 4}, collect(t, after.ScanIndex(tab.Index(1), engine.Range{Lo: ann, Hi: ann}, engine.ScanOptions{}), 0))
	require.Equal(t, 21, get(t, after, tab, 2, 2))
	var r row.Row
	_, ok, err := db.Get(ctx, tab.Index(0), vals(4), &r)
	require.NoError(t, err)
	require.True(t, ok)
	require.Equal(t, 40, plain(r.Col(2)))
	_, ok, err = db.Get(ctx, tab.Index(0), vals(1), &r)
	require.NoError(t, err)
	require.False(t, ok)
	require.NoError(t, after.Rollback())
	check(t, db)
	require.EqualValues(t, 3, tab.RowEstimate())
}

func TestDuplicateKey(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	ids := insert(t, db, tab, vals(1, "ann", 10, nil))
	tx := begin(t, db, engine.RepeatableRead)
	_, err := tx.Insert(ctx, tab, vals(1, "bob", 0, nil))
	var dup *engine.DuplicateKeyError
	require.ErrorAs(t, err, &dup)
	require.Equal(t, ids[0], dup.Row)
	require.Equal(t, 0, dup.Index)
	require.ErrorIs(t, err, sqlerr.DupEntry)
	require.Equal(t, "Error 1062 (23000): Duplicate entry '1' for key 'accounts.PRIMARY'", err.Error())
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

func TestSavepointsAndStatementRollback(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 10, nil), vals(2, "bob", 20, nil))
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(tx, tab, 1, 1, "a1"))
	m := tx.Mark()
	require.NoError(t, set(tx, tab, 1, 1, "a2"))
	require.NoError(t, set(tx, tab, 1, 1, "a1"))
	require.NoError(t, set(tx, tab, 1, 1, "a3"))
	_, err := tx.Insert(ctx, tab, vals(3, "carl", 1, nil))
	require.NoError(t, err)
	require.NoError(t, tx.Delete(ctx, tab, find(t, tx, tab, 2)))
	require.Equal(t, []any{"a3", "carl"}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 1))
	require.NoError(t, tx.RollbackTo(m))
	require.Equal(t, []any{"a1", "bob"}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 1))

	// A failing statement leaves what was before it.
	require.NoError(t, tx.BeginStatement(engine.StmtWrite))
	_, err = tx.Insert(ctx, tab, vals(5, "eve", 1, nil))
	require.NoError(t, err)
	_, err = tx.Insert(ctx, tab, vals(1, "dup", 1, nil))
	require.Error(t, tx.EndStatement(err))
	require.Equal(t, []any{"a1", "bob"}, collect(t, tx.ScanIndex(tab.Index(1), engine.Range{}, engine.ScanOptions{}), 1))
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

func TestOwnOutputIsNotMet(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	for i := range 20 {
		insert(t, db, tab, vals(i, "o", i, nil))
	}
	// UPDATE … SET id = id + 100 by the primary key, in small batches.
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, tx.BeginStatement(engine.StmtWrite))
	c := tx.ScanIndex(tab.Index(0), engine.Range{}, engine.ScanOptions{})
	n := 0
	for {
		rows, err := c.NextBatch(ctx, 2)
		require.NoError(t, err)
		if len(rows) == 0 {
			break
		}
		for _, r := range rows {
			n++
			next := append([]value.Value{value.Int(r.Row.Col(0).Int64() + 100)}, vals(nil, nil, nil)...)
			require.NoError(t, tx.Update(ctx, tab, r.ID, schema.ColSetOf(0), next))
		}
	}
	c.Close()
	require.NoError(t, tx.EndStatement(nil))
	require.Equal(t, 20, n)
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
	after := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 119, collect(t, after.ScanIndex(tab.Index(0), engine.Range{Reverse: true}, engine.ScanOptions{}), 0)[0])
}

func TestLargeValues(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := create(t, db, tableDef("b", []schema.Column{intCol("id", true), blobCol("data"), intCol("n", false)}, primary(1)))[0]
	big := make([]byte, 100_000)
	for i := range big {
		big[i] = byte(i * 7)
	}
	insert(t, db, tab, vals(1, big, 5))
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(tx, tab, 1, 2, 6))
	require.Equal(t, string(big), get(t, tx, tab, 1, 1))
	require.NoError(t, tx.Commit(ctx))
	tx = begin(t, db, engine.RepeatableRead)
	require.Equal(t, string(big), get(t, tx, tab, 1, 1))
	require.Equal(t, 6, get(t, tx, tab, 1, 2))
	require.NoError(t, set(tx, tab, 1, 1, []byte("small")))
	require.NoError(t, tx.Commit(ctx))
	tx = begin(t, db, engine.RepeatableRead)
	require.Equal(t, "small", get(t, tx, tab, 1, 1))
	require.NoError(t, tx.Rollback())
	check(t, db)
}
