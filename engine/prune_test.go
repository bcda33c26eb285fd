package engine_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
)

// TestDeletedRowsGoWithoutFurtherCommits: a commit prunes a bounded number of rows itself, and nobody may come after it.
func TestDeletedRowsGoWithoutFurtherCommits(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	const n = 3000
	tx := begin(t, db, engine.RepeatableRead)
	for i := range n {
		_, err := tx.Insert(ctx, tab, vals(i, "o", i, nil))
		require.NoError(t, err)
	}
	require.NoError(t, tx.Commit(ctx))
	tx = begin(t, db, engine.RepeatableRead)
	for i := range n {
		require.NoError(t, del(tx, tab, i))
	}
	require.NoError(t, tx.Commit(ctx))
	require.Eventually(t, func() bool { return db.Stats().PruneQueue < 300 }, 10*time.Second, 5*time.Millisecond)
}
