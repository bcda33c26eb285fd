package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/schema"
)

// history is a short log with definitions, all kinds of ops and a spilled value.
func history(t testing.TB) [][]byte {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	lob := create(t, db, tableDef("b", []schema.Column{intCol("id", true), blobCol("data")}, primary(1)))[0]
	insert(t, db, tab, vals(1, "ann", 10, nil), vals(2, "bob", 20, "x"))
	insert(t, db, lob, vals(1, make([]byte, 6000)))
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		if err := set(tx, tab, 1, 1, "eve"); err != nil {
			return err
		}
		return del(tx, tab, 2)
	}))
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		_, err := d.TruncateTable(tab)
		return err
	}))
	require.NoError(t, db.Close(ctx))
	return j.records
}

// FuzzReplay replays a damaged commit after a sound beginning: an error or a sound database, never a panic.
func FuzzReplay(f *testing.F) {
	records := history(f)
	for i, r := range records {
		f.Add(i, r)
	}
	f.Fuzz(func(t *testing.T, at int, record []byte) {
		if at < 0 || at >= len(records) {
			return
		}
		bad, err := cdc.DecodeTxn(record)
		if err != nil {
			return
		}
		ld, err := engine.NewLoader(engine.Options{})
		require.NoError(t, err)
		_, err = ld.OpenCatalog(0, engine.Counters{})
		require.NoError(t, err)
		for i, r := range records {
			txn, err := cdc.DecodeTxn(r)
			require.NoError(t, err)
			if i == at {
				txn = bad
			}
			if ld.Replay(txn) != nil {
				return
			}
		}
		db, err := ld.Finish(ctx, nil)
		if err != nil {
			return
		}
		require.Empty(t, db.Check(ctx))
		require.NoError(t, db.Close(ctx))
	})
}
