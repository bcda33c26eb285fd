package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// bank has two rows: 1 with balance 50, 2 with balance 50.
func bank(t *testing.T) (*engine.DB, *engine.Table) {
	db := newDB(t, engine.Options{LockWaitTimeout: 5 * time.Second})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 50, nil), vals(2, "bob", 50, nil))
	return db, tab
}

func commitSet(t *testing.T, db *engine.DB, tab *engine.Table, id, col int, v any) {
	t.Helper()
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return set(tx, tab, id, col, v) }))
}

func levels(t *testing.T, f func(t *testing.T, iso engine.Isolation)) {
	t.Run("READ COMMITTED", func(t *testing.T) { f(t, engine.ReadCommitted) })
	t.Run("REPEATABLE READ", func(t *testing.T) { f(t, engine.RepeatableRead) })
}

func TestDirtyRead(t *testing.T) {
	levels(t, func(t *testing.T, iso engine.Isolation) {
		db, tab := bank(t)
		w := begin(t, db, iso)
		require.NoError(t, set(w, tab, 1, 2, 999))
		r := begin(t, db, iso)
		require.Equal(t, 50, get(t, r, tab, 1, 2))
		require.NoError(t, w.Rollback())
		require.Equal(t, 50, get(t, r, tab, 1, 2))
	})
}

func TestNonRepeatableRead(t *testing.T) {
	levels(t, func(t *testing.T, iso engine.Isolation) {
		db, tab := bank(t)
		r := begin(t, db, iso)
		require.Equal(t, 50, get(t, r, tab, 1, 2))
		commitSet(t, db, tab, 1, 2, 60)
		want := 50
		if iso == engine.ReadCommitted {
			want = 60
		}
		require.Equal(t, want, get(t, r, tab, 1, 2))
	})
}

func TestPhantom(t *testing.T) {
	levels(t, func(t *testing.T, iso engine.Isolation) {
		db, tab := bank(t)
		r := begin(t, db, iso)
		ann := engine.Bound{Vals: vals("ann"), Inclusive: true}
		read := func() []any {
			require.NoError(t, r.BeginStatement(engine.StmtRead))
			defer func() { require.NoError(t, r.EndStatement(nil)) }()
			return collect(t, r.ScanIndex(tab.Index(1), engine.Range{Lo: ann, Hi: ann}, engine.ScanOptions{}), 0)
		}
		require.Equal(t, []any{1}, read())
		insert(t, db, tab, vals(3, "ann", 1, nil))
		commitSet(t, db, tab, 2, 1, "ann")
		commitSet(t, db, tab, 1, 1, "zoe")
		if iso == engine.ReadCommitted {
			require.Equal(t, []any{2, 3}, read())
		} else {
			require.Equal(t, []any{1}, read())
		}
		require.NoError(t, r.Rollback())
		check(t, db)
	})
}

func TestReadSkew(t *testing.T) {
	db, tab := bank(t)
	r := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 50, get(t, r, tab, 1, 2))
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		if err := set(tx, tab, 1, 2, 0); err != nil {
			return err
		}
		return set(tx, tab, 2, 2, 100)
	}))
	require.Equal(t, 50, get(t, r, tab, 2, 2))
}

func TestLostUpdate(t *testing.T) {
	db, tab := bank(t)
	a := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 50, get(t, a, tab, 1, 2))
	commitSet(t, db, tab, 1, 2, 60)
	err := set(a, tab, 1, 2, 51)
	require.ErrorIs(t, err, sqlerr.Deadlock)
	// The transaction is over but for Rollback.
	_, _, err = a.Get(ctx, tab.Index(0), vals(1), &rowT{})
	require.ErrorIs(t, err, sqlerr.Deadlock)
	require.ErrorIs(t, a.Commit(ctx), sqlerr.Deadlock)

	// Another column that did not change since is fine, and keeps the other's change.
	b := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 60, get(t, b, tab, 1, 2))
	commitSet(t, db, tab, 1, 2, 70)
	require.NoError(t, set(b, tab, 1, 3, "note"))
	require.NoError(t, b.Commit(ctx))
	c := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 70, get(t, c, tab, 1, 2))
	require.Equal(t, "note", get(t, c, tab, 1, 3))

	// Locked explicitly, the row is read as it is now, and may be written.
	commitSet(t, db, tab, 1, 2, 80)
	rid := find(t, c, tab, 1)
	_, err = c.Lock(ctx, tab, rid, engine.LockSpec{X: schema.AllCols(4), Explicit: true})
	require.NoError(t, err)
	require.Equal(t, 80, get(t, c, tab, 1, 2))
	require.NoError(t, set(c, tab, 1, 2, 81))
	require.NoError(t, c.Commit(ctx))

	// READ COMMITTED and autocommit overwrite.
	d := begin(t, db, engine.ReadCommitted)
	require.Equal(t, 81, get(t, d, tab, 1, 2))
	commitSet(t, db, tab, 1, 2, 90)
	require.NoError(t, set(d, tab, 1, 2, 91))
	require.NoError(t, d.Commit(ctx))
	check(t, db)
}

func TestWriteSkewIsAllowed(t *testing.T) {
	db, tab := bank(t)
	a, b := begin(t, db, engine.RepeatableRead), begin(t, db, engine.RepeatableRead)
	require.Equal(t, 50, get(t, a, tab, 1, 2))
	require.Equal(t, 50, get(t, b, tab, 2, 2))
	require.NoError(t, set(a, tab, 2, 2, 0))
	require.NoError(t, set(b, tab, 1, 2, 0))
	require.NoError(t, a.Commit(ctx))
	require.NoError(t, b.Commit(ctx))
}

func TestFirstWriteFixesTheSnapshotAfterIt(t *testing.T) {
	db, tab := bank(t)
	a := begin(t, db, engine.RepeatableRead)
	commitSet(t, db, tab, 2, 2, 70)
	require.NoError(t, set(a, tab, 1, 2, 1))
	commitSet(t, db, tab, 2, 2, 80)
	require.Equal(t, 70, get(t, a, tab, 2, 2))
	require.Equal(t, 1, get(t, a, tab, 1, 2))
}

func TestColumnMerge(t *testing.T) {
	db, tab := bank(t)
	a, b := begin(t, db, engine.RepeatableRead), begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(a, tab, 1, 2, 51))
	require.NoError(t, set(b, tab, 1, 3, "b was here"))
	require.NoError(t, set(b, tab, 1, 1, "anna"))
	require.NoError(t, a.Commit(ctx))
	require.Equal(t, 51, get(t, b, tab, 1, 2), "an own row is the newest plus the delta")
	require.NoError(t, b.Commit(ctx))
	c := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 51, get(t, c, tab, 1, 2))
	require.Equal(t, "b was here", get(t, c, tab, 1, 3))
	require.Equal(t, "anna", get(t, c, tab, 1, 1))
	require.NoError(t, c.Rollback())
	check(t, db)
}

func TestUniqueKeyRace(t *testing.T) {
	db, tab := bank(t)
	for _, commit := range []bool{true, false} {
		id := 10
		if !commit {
			id = 11
		}
		a := begin(t, db, engine.RepeatableRead)
		_, err := a.Insert(ctx, tab, vals(id, "a", 1, nil))
		require.NoError(t, err)
		result := make(chan error, 1)
		go func() {
			result <- db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
				_, err := tx.Insert(ctx, tab, vals(id, "b", 1, nil))
				return err
			})
		}()
		require.Eventually(t, func() bool { return db.Locks().Stats().Waiting > 0 }, 10*time.Second, time.Millisecond)
		if commit {
			require.NoError(t, a.Commit(ctx))
			require.ErrorIs(t, <-result, sqlerr.DupEntry)
		} else {
			require.NoError(t, a.Rollback())
			require.NoError(t, <-result)
		}
	}
	check(t, db)
}

func TestKeyMovesAwayAndBack(t *testing.T) {
	db, tab := bank(t)
	old := begin(t, db, engine.RepeatableRead)
	require.Equal(t, "ann", get(t, old, tab, 1, 1))
	commitSet(t, db, tab, 1, 0, 100)
	commitSet(t, db, tab, 1, 0, 1)
	require.Equal(t, "NULL", get(t, old, tab, 1, 3))
	commitSet(t, db, tab, 100, 0, 1)
	require.Equal(t, "ann", get(t, old, tab, 1, 1))
	// Back in one transaction, and rolled back.
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(tx, tab, 1, 0, 7))
	require.NoError(t, set(tx, tab, 7, 0, 8))
	require.NoError(t, set(tx, tab, 8, 0, 1))
	require.NoError(t, tx.Commit(ctx))
	tx = begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(tx, tab, 1, 0, 7))
	require.NoError(t, set(tx, tab, 7, 0, 1))
	require.NoError(t, set(tx, tab, 1, 0, 9))
	require.NoError(t, tx.Rollback())
	require.Equal(t, "ann", get(t, old, tab, 1, 1))
	require.NoError(t, old.Rollback())
	check(t, db)
	now := begin(t, db, engine.RepeatableRead)
	require.Equal(t, "ann", get(t, now, tab, 1, 1))
	require.Nil(t, get(t, now, tab, 7, 1))
}

func TestDeadlockEndsTheTransaction(t *testing.T) {
	db, tab := bank(t)
	a, b := begin(t, db, engine.RepeatableRead), begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(a, tab, 1, 2, 1))
	require.NoError(t, set(b, tab, 2, 2, 2))
	var wg sync.WaitGroup
	errs := make([]error, 2)
	wg.Add(2)
	end := func(i int, tx *engine.Tx, id int) {
		defer wg.Done()
		if errs[i] = set(tx, tab, id, 2, 10+i); errs[i] == nil {
			errs[i] = tx.Commit(ctx)
		}
	}
	go end(0, a, 2)
	go end(1, b, 1)
	wg.Wait()
	failed := 0
	for _, err := range errs {
		if err != nil {
			require.ErrorIs(t, err, sqlerr.Deadlock)
			failed++
		}
	}
	require.Equal(t, 1, failed)
	check(t, db)
}

func TestLockTimeoutKeepsTheTransaction(t *testing.T) {
	db, tab := bank(t)
	a := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(a, tab, 1, 2, 1))
	b, err := db.Begin(ctx, engine.TxOptions{LockWait: time.Millisecond})
	require.NoError(t, err)
	require.NoError(t, set(b, tab, 2, 2, 7))
	require.ErrorIs(t, set(b, tab, 1, 2, 2), sqlerr.LockWaitTimeout)
	require.NoError(t, b.Commit(ctx))
	require.NoError(t, a.Commit(ctx))
	c := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 7, get(t, c, tab, 2, 2))
	require.Equal(t, 1, get(t, c, tab, 1, 2))
}

func TestNoWaitAndSkipLocked(t *testing.T) {
	db, tab := bank(t)
	a, b := begin(t, db, engine.RepeatableRead), begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(a, tab, 1, 2, 1))
	rid := find(t, b, tab, 1)
	_, err := b.Lock(ctx, tab, rid, engine.LockSpec{X: schema.AllCols(4), NoWait: true})
	require.ErrorIs(t, err, sqlerr.LockNowait)
	res, err := b.Lock(ctx, tab, rid, engine.LockSpec{X: schema.AllCols(4), Skip: true})
	require.NoError(t, err)
	require.Equal(t, engine.Skipped, res)
	short, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err = b.Lock(short, tab, rid, engine.LockSpec{X: schema.AllCols(4)})
	require.ErrorIs(t, err, sqlerr.QueryInterrupted)
	require.NoError(t, a.Commit(ctx))
	require.NoError(t, b.Commit(ctx))
}

func TestReadOnlyTransaction(t *testing.T) {
	db, tab := bank(t)
	tx, err := db.Begin(ctx, engine.TxOptions{ReadOnly: true})
	require.NoError(t, err)
	_, err = tx.Insert(ctx, tab, vals(9, "x", 1, nil))
	require.ErrorIs(t, err, sqlerr.ReadOnlyTx)
	require.Equal(t, 50, get(t, tx, tab, 1, 2))
	require.NoError(t, tx.Commit(ctx))
}

func TestDefinitionLocks(t *testing.T) {
	db, tab := bank(t)
	r := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 50, get(t, r, tab, 1, 2))
	truncate := func(wait time.Duration) error {
		return db.Define(ctx, engine.DefineOptions{LockWait: wait}, func(d *engine.Definer) error {
			_, err := d.TruncateTable(db.Catalog().Table("d", "accounts"))
			return err
		})
	}
	require.ErrorIs(t, truncate(time.Millisecond), sqlerr.LockWaitTimeout)
	require.Equal(t, 50, get(t, r, tab, 1, 2))
	require.NoError(t, r.Rollback())

	// A snapshot from before, that has not touched the table, gets 1412; so does the old handle.
	other := create(t, db, tableDef("other", []schema.Column{intCol("id", true)}, primary(1)))[0]
	r = begin(t, db, engine.RepeatableRead)
	require.Nil(t, get(t, r, other, 1, 0))
	require.NoError(t, truncate(0))
	_, _, err := r.Get(ctx, tab.Index(0), vals(1), &rowT{})
	require.ErrorIs(t, err, sqlerr.TableDefChanged)
	require.ErrorIs(t, err, engine.ErrStaleTable)
	now := db.Catalog().Table("d", "accounts")
	_, _, err = r.Get(ctx, now.Index(0), vals(1), &rowT{})
	require.ErrorIs(t, err, sqlerr.TableDefChanged)
	require.NotErrorIs(t, err, engine.ErrStaleTable)
	_, _, err = db.Get(ctx, tab.Index(0), vals(1), &rowT{})
	require.ErrorIs(t, err, engine.ErrStaleTable)
	require.NoError(t, r.Rollback())
	check(t, db)
}

func TestCursorKeepsItsSnapshot(t *testing.T) {
	db, tab := bank(t)
	tx := begin(t, db, engine.ReadCommitted)
	c := tx.Scan(tab, engine.ScanOptions{})
	rows, err := c.NextBatch(ctx, 1)
	require.NoError(t, err)
	require.Len(t, rows, 1)
	c.Unpin()
	commitSet(t, db, tab, 2, 2, 77)
	require.Equal(t, 77, get(t, tx, tab, 2, 2))
	require.Equal(t, []any{50}, collect(t, c, 2))
}
