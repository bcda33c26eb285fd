package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
)

// TestUndoTakesBackEntriesThatAnEarlierStateOnlyInherited: an earlier delta of the row, of other columns, was merged with a version that had
// the key then. That version is gone, so the key belongs to the undone change alone.
func TestUndoTakesBackEntriesThatAnEarlierStateOnlyInherited(t *testing.T) {
	db := newDB(t, engine.Options{NoBackground: true})
	tab := create(t, db, tableDef("t", []schema.Column{intCol("id", true), intCol("a", false), intCol("b", false)},
		primary(1), secondary("a", 2), secondary("b", 3)))[0]
	insert(t, db, tab, vals(1, 1, 7))
	tx := begin(t, db, engine.ReadCommitted)
	require.NoError(t, set(tx, tab, 1, 1, 2))
	commitSet(t, db, tab, 1, 2, 8) // and the version with 7 is pruned
	require.NoError(t, db.Vacuum(ctx, nil))
	mark := tx.Mark()
	require.NoError(t, set(tx, tab, 1, 2, 7))
	require.NoError(t, tx.RollbackTo(mark))
	require.NoError(t, tx.Commit(ctx))
	require.NoError(t, db.Vacuum(ctx, nil))
	for _, ix := range tab.Stats().Indexes {
		require.EqualValues(t, 1, ix.Entries, ix.Name)
	}
}
