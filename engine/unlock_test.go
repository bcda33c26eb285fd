package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// TestUnlock: locks between two marks go, unless something rests on them.
func TestUnlock(t *testing.T) {
	for _, iso := range []engine.Isolation{engine.ReadCommitted, engine.RepeatableRead} {
		db, tab := bank(t)
		b := begin(t, db, engine.ReadCommitted)
		tx := begin(t, db, iso)
		rid := find(t, tx, tab, 1)
		lock := func(tx *engine.Tx, spec engine.LockSpec) error {
			spec.NoWait = true
			_, err := tx.Lock(ctx, tab, rid, spec)
			return err
		}
		// locked reports whether b, which keeps nothing, cannot have the columns.
		locked := func(set schema.ColSet) bool {
			m := b.Mark()
			err := lock(b, engine.LockSpec{X: set})
			require.NoError(t, b.RollbackTo(m))
			if err != nil {
				require.ErrorIs(t, err, sqlerr.LockNowait)
			}
			return err != nil
		}
		all, balance := schema.AllCols(4), schema.ColSetOf(2)
		keeps := iso == engine.RepeatableRead

		from := tx.Mark()
		require.NoError(t, lock(tx, engine.LockSpec{X: all, Explicit: true}))
		to := tx.Mark()
		require.NoError(t, lock(tx, engine.LockSpec{X: all}))
		require.True(t, locked(all))
		tx.Unlock(from, to)
		require.Equal(t, keeps, locked(all))
		require.NoError(t, tx.RollbackTo(from))

		// An upgrade goes, what was held before stays.
		from = tx.Mark()
		require.NoError(t, lock(tx, engine.LockSpec{X: balance}))
		mid := tx.Mark()
		require.NoError(t, lock(tx, engine.LockSpec{X: all, Explicit: true}))
		tx.Unlock(mid, tx.Mark())
		require.True(t, locked(balance))
		require.Equal(t, keeps, locked(schema.ColSetOf(3)))

		// Something was locked since: its order in the list is not the statement's.
		to = tx.Mark()
		_, err := tx.Lock(ctx, tab, find(t, tx, tab, 2), engine.LockSpec{X: all})
		require.NoError(t, err)
		tx.Unlock(from, to)
		require.True(t, locked(balance))

		// The row was written: the lock is the change's.
		require.NoError(t, set(tx, tab, 1, 2, 7))
		tx.Unlock(from, tx.Mark())
		require.True(t, locked(balance))
		require.NoError(t, tx.Commit(ctx))
		tx.Unlock(from, to) // over: nothing to do
		require.False(t, locked(all))
		check(t, db)
	}
}

// TestUnlockedRowIsNotHeld: what the transaction has unlocked it reads by its statement's snapshot again.
func TestUnlockedRowIsNotHeld(t *testing.T) {
	db, tab := bank(t)
	tx := begin(t, db, engine.ReadCommitted)
	from := tx.Mark()
	rid := find(t, tx, tab, 1)
	_, err := tx.Lock(ctx, tab, rid, engine.LockSpec{X: schema.AllCols(4), Explicit: true})
	require.NoError(t, err)
	tx.Unlock(from, tx.Mark())
	require.NoError(t, tx.BeginStatement(engine.StmtRead))
	require.Equal(t, 50, get(t, tx, tab, 1, 2))
	commitSet(t, db, tab, 1, 2, 60)
	require.Equal(t, 50, get(t, tx, tab, 1, 2))
	require.NoError(t, tx.EndStatement(nil))
	require.NoError(t, tx.BeginStatement(engine.StmtRead))
	require.Equal(t, 60, get(t, tx, tab, 1, 2))
	require.NoError(t, tx.EndStatement(nil))
}
