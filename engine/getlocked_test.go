package engine_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

var wholeRow = engine.LockSpec{X: schema.ColSetOf(0, 1, 2, 3)}

// locked is what a GetLocked in another goroutine came to.
type locked struct {
	id  heap.RowID
	res engine.LockResult
	row row.Row
	err error
}

func lockLater(tx *engine.Tx, tab *engine.Table, key int) <-chan locked {
	done := make(chan locked, 1)
	go func() {
		var l locked
		l.id, l.res, l.err = tx.GetLocked(ctx, tab.Index(0), vals(key), wholeRow, &l.row)
		done <- l
	}()
	return done
}

func waitsForLock(t *testing.T, db *engine.DB, done <-chan locked) {
	t.Helper()
	require.Eventually(t, func() bool { return db.Locks().Stats().Waiting > 0 }, 10*time.Second, time.Millisecond)
	require.Empty(t, done)
}

// modes are the transactions that look for the newest row, and the one that looks for the snapshot's.
var modes = map[string]engine.TxOptions{
	"autocommit":      {Autocommit: true},
	"read committed":  {Isolation: engine.ReadCommitted},
	"repeatable read": {Isolation: engine.RepeatableRead},
}

func TestGetLocked_free(t *testing.T) {
	for name, o := range modes {
		t.Run(name, func(t *testing.T) {
			db := newDB(t, engine.Options{})
			tab := accounts(t, db)
			ids := insert(t, db, tab, vals(1, "ann", 10, "x"), vals(2, "bob", 20, "y"))
			tx, err := db.Begin(ctx, o)
			require.NoError(t, err)
			var r row.Row
			id, res, err := tx.GetLocked(ctx, tab.Index(0), vals(2), wholeRow, &r)
			require.NoError(t, err)
			require.Equal(t, engine.Locked, res)
			require.Equal(t, ids[1], id)
			require.Equal(t, 20, plain(r.Col(2)))
			_, res, err = tx.GetLocked(ctx, tab.Index(0), vals(3), wholeRow, &r)
			require.NoError(t, err)
			require.Equal(t, engine.Gone, res)

			// Whoever wants it waits until the end, and then has the newest version.
			other := begin(t, db, engine.ReadCommitted)
			done := lockLater(other, tab, 2)
			waitsForLock(t, db, done)
			require.NoError(t, set(tx, tab, 2, 2, 21))
			require.NoError(t, tx.Commit(ctx))
			l := <-done
			require.NoError(t, l.err)
			require.Equal(t, engine.Locked, l.res)
			require.Equal(t, 21, plain(l.row.Col(2)))
		})
	}
}

// TestGetLocked_own: rows that the transaction has written are found as it has left them.
func TestGetLocked_own(t *testing.T) {
	for name, o := range modes {
		if o.Autocommit {
			continue
		}
		t.Run(name, func(t *testing.T) {
			db := newDB(t, engine.Options{})
			tab := accounts(t, db)
			insert(t, db, tab, vals(1, "ann", 10, "x"), vals(2, "bob", 20, "y"))
			tx, err := db.Begin(ctx, o)
			require.NoError(t, err)
			require.NoError(t, set(tx, tab, 1, 0, 5))
			require.NoError(t, set(tx, tab, 5, 2, 11))
			require.NoError(t, tx.Delete(ctx, tab, find(t, tx, tab, 2)))
			var r row.Row
			for key, want := range map[int]any{1: nil, 2: nil, 5: 11} {
				_, res, err := tx.GetLocked(ctx, tab.Index(0), vals(key), wholeRow, &r)
				require.NoError(t, err)
				if want == nil {
					require.Equal(t, engine.Gone, res, key)
					continue
				}
				require.Equal(t, engine.Locked, res, key)
				require.Equal(t, want, plain(r.Col(2)))
			}
			require.NoError(t, tx.Commit(ctx))
		})
	}
}

// TestGetLocked_moves: while the lock is waited for the row goes, or its key moves to another row.
func TestGetLocked_moves(t *testing.T) {
	moves := map[string]struct {
		change func(t *testing.T, tx *engine.Tx, tab *engine.Table)
		newest any // balance of the row found among the newest, nil for none
	}{
		"deleted": {func(t *testing.T, tx *engine.Tx, tab *engine.Table) {
			require.NoError(t, tx.Delete(ctx, tab, find(t, tx, tab, 1)))
		}, nil},
		"renamed": {func(t *testing.T, tx *engine.Tx, tab *engine.Table) {
			require.NoError(t, set(tx, tab, 1, 0, 7))
		}, nil},
		"replaced": {func(t *testing.T, tx *engine.Tx, tab *engine.Table) {
			require.NoError(t, tx.Delete(ctx, tab, find(t, tx, tab, 1)))
			_, err := tx.Insert(ctx, tab, vals(1, "eve", 99, "z"))
			require.NoError(t, err)
		}, 99},
		"swapped": {func(t *testing.T, tx *engine.Tx, tab *engine.Table) {
			require.NoError(t, set(tx, tab, 1, 0, 3))
			require.NoError(t, set(tx, tab, 2, 0, 1))
			require.NoError(t, set(tx, tab, 3, 0, 2))
		}, 20},
		"changed": {func(t *testing.T, tx *engine.Tx, tab *engine.Table) {
			require.NoError(t, set(tx, tab, 1, 2, 12))
		}, 12},
	}
	for name, o := range modes {
		for move, m := range moves {
			t.Run(name+"/"+move, func(t *testing.T) {
				db := newDB(t, engine.Options{})
				tab := accounts(t, db)
				insert(t, db, tab, vals(1, "ann", 10, "x"), vals(2, "bob", 20, "y"))
				holder := begin(t, db, engine.RepeatableRead)
				_, _, err := holder.GetLocked(ctx, tab.Index(0), vals(1), wholeRow, new(row.Row))
				require.NoError(t, err)
				tx, err := db.Begin(ctx, o)
				require.NoError(t, err)
				defer tx.Rollback()
				done := lockLater(tx, tab, 1)
				waitsForLock(t, db, done)
				m.change(t, holder, tab)
				require.NoError(t, holder.Commit(ctx))
				l := <-done
				require.NoError(t, l.err)
				want := m.newest
				if o.Isolation == engine.RepeatableRead && !o.Autocommit && move != "changed" {
					want = nil // the snapshot's row is not there any more under its key
				}
				if want == nil {
					require.Equal(t, engine.Gone, l.res)
					return
				}
				require.Equal(t, engine.Locked, l.res)
				require.Equal(t, want, plain(l.row.Col(2)))
			})
		}
	}
}

// TestGetLocked_left: a row that lost the key while its lock was waited for is neither locked nor held afterwards, if the
// newest row with the key was asked for.
func TestGetLocked_left(t *testing.T) {
	for name, o := range modes {
		if name == "repeatable read" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			db := newDB(t, engine.Options{})
			tab := accounts(t, db)
			ids := insert(t, db, tab, vals(1, "ann", 10, "x"), vals(2, "bob", 20, "y"))
			holder := begin(t, db, engine.RepeatableRead)
			require.NoError(t, set(holder, tab, 1, 0, 7))
			tx, err := db.Begin(ctx, o)
			require.NoError(t, err)
			defer tx.Rollback()
			spec := wholeRow
			spec.Explicit = true
			done := make(chan locked, 1)
			go func() {
				var l locked
				l.id, l.res, l.err = tx.GetLocked(ctx, tab.Index(0), vals(1), spec, &l.row)
				done <- l
			}()
			waitsForLock(t, db, done)
			require.NoError(t, holder.Commit(ctx))
			l := <-done
			require.NoError(t, l.err)
			require.Equal(t, engine.Gone, l.res)

			other := begin(t, db, engine.ReadCommitted)
			spec.NoWait = true
			res, err := other.Lock(ctx, tab, ids[0], spec)
			require.NoError(t, err, "the row that lost the key is still locked")
			require.Equal(t, engine.Locked, res)
			require.NoError(t, other.Commit(ctx))

			require.NoError(t, tx.BeginStatement(engine.StmtRead))
			before := get(t, tx, tab, 7, 2)
			require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(w *engine.Tx) error { return set(w, tab, 7, 2, 99) }))
			require.Equal(t, before, get(t, tx, tab, 7, 2), "the row is read as if it were locked")
			require.NoError(t, tx.EndStatement(nil))
		})
	}
}

// TestLockedIsToldWhenDurable: what a row is when it is locked may be a version that is not durable yet. The statement that read it
// succeeds only when that is.
func TestLockedIsToldWhenDurable(t *testing.T) {
	ways := map[string]func(tx *engine.Tx, tab *engine.Table, id heap.RowID, dst *row.Row) (engine.LockResult, error){
		"GetLocked": func(tx *engine.Tx, tab *engine.Table, _ heap.RowID, dst *row.Row) (engine.LockResult, error) {
			_, res, err := tx.GetLocked(ctx, tab.Index(0), vals(1), wholeRow, dst)
			return res, err
		},
		"LockRead": func(tx *engine.Tx, tab *engine.Table, id heap.RowID, dst *row.Row) (engine.LockResult, error) {
			return tx.LockRead(ctx, tab, id, wholeRow, dst)
		},
	}
	for name, o := range modes {
		for way, lock := range ways {
			t.Run(name+"/"+way, func(t *testing.T) {
				j := &memJournal{}
				db := newDB(t, engine.Options{Journal: j})
				tab := accounts(t, db)
				id := insert(t, db, tab, vals(1, "ann", 10, "x"))[0]
				gate, inSync := make(chan struct{}), make(chan struct{}, 1)
				j.onSync = func(uint64) error { inSync <- struct{}{}; <-gate; return errors.New("input/output error") }
				done := make(chan error, 1)
				go func() {
					done <- db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return set(tx, tab, 1, 2, 11) })
				}()
				<-inSync
				tx, err := db.Begin(ctx, o)
				require.NoError(t, err)
				defer tx.Rollback()
				require.NoError(t, tx.BeginStatement(engine.StmtWrite))
				var r row.Row
				res, err := lock(tx, tab, id, &r)
				require.NoError(t, err)
				require.Equal(t, engine.Locked, res)
				require.Equal(t, 11, plain(r.Col(2)))
				close(gate)
				require.ErrorIs(t, tx.EndStatement(nil), engine.ErrPoisoned)
				require.ErrorIs(t, <-done, engine.ErrPoisoned)
			})
		}
	}
}

func TestGetLocked_readOnly(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 10, "x"))
	tx, err := db.Begin(ctx, engine.TxOptions{Autocommit: true, ReadOnly: true})
	require.NoError(t, err)
	defer tx.Rollback()
	_, _, err = tx.GetLocked(ctx, tab.Index(0), vals(1), wholeRow, new(row.Row))
	require.ErrorIs(t, err, sqlerr.ReadOnlyTx)
}
