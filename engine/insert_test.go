package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// TestInsertMeetsTheLockOfAnOldId: the slot of a new row may be locked by somebody who came with the id of the row before it. That is a wait
// like any other, with the errors of one.
func TestInsertMeetsTheLockOfAnOldId(t *testing.T) {
	db := newDB(t, engine.Options{NoBackground: true})
	tab := accounts(t, db)
	old := insert(t, db, tab, vals(1, "a", 1, nil))[0]
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return del(tx, tab, 1) }))
	require.NoError(t, db.Vacuum(ctx, nil))
	require.NoError(t, db.Vacuum(ctx, nil))
	holder := begin(t, db, engine.RepeatableRead)
	require.NoError(t, holder.BeginStatement(engine.StmtWrite))
	require.ErrorIs(t, holder.Update(ctx, tab, old, schema.ColSetOf(2), vals(nil, nil, 2, nil)), sqlerr.Internal)
	tx, err := db.Begin(ctx, engine.TxOptions{LockWait: 20 * time.Millisecond})
	require.NoError(t, err)
	id, err := tx.Insert(ctx, tab, vals(2, "b", 1, nil))
	if err == nil {
		require.NotEqual(t, old.Slot(), id.Slot())
		t.Skip("the slot was not reused")
	}
	require.ErrorIs(t, err, sqlerr.LockWaitTimeout)
	require.NoError(t, holder.Rollback())
	_, err = tx.Insert(ctx, tab, vals(2, "b", 1, nil))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
	require.Empty(t, db.Check(ctx))
}
