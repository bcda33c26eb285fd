package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// TestTemporaryTablesLeaveNoDefinition: sessions make and drop temporary tables for as long as the database is open.
func TestTemporaryTablesLeaveNoDefinition(t *testing.T) {
	ctx := context.Background()
	db, err := New(Options{NoBackground: true})
	require.NoError(t, err)
	defer func() { require.NoError(t, db.Close(ctx)) }()
	count := func() int {
		db.defs.mu.RLock()
		defer db.defs.mu.RUnlock()
		return len(db.defs.m)
	}
	before := count()
	for range 3 {
		var tab *Table
		def := &schema.Table{Schema: "d", Name: "t", Engine: "InnoDB", Temporary: true,
			Columns: []schema.Column{{ID: 1, Name: "a", Type: value.Type{ID: value.TypeBigInt}}}, NextColID: 2}
		require.NoError(t, db.Define(ctx, DefineOptions{}, func(d *Definer) (err error) {
			tab, err = d.CreateTable(def)
			return err
		}))
		require.NoError(t, db.Run(ctx, TxOptions{}, func(tx *Tx) error {
			_, err := tx.Insert(ctx, tab, []value.Value{value.Int(1)})
			return err
		}))
		wider := tab.def.Clone()
		wider.Columns = append(wider.Columns, schema.Column{Name: "b", Type: value.Type{ID: value.TypeBigInt}})
		require.NoError(t, db.Define(ctx, DefineOptions{}, func(d *Definer) (err error) {
			tab, err = d.AlterTable(tab, wider, nil)
			return err
		}))
		n, err := func() (int64, error) {
			tx, err := db.Begin(ctx, TxOptions{})
			if err != nil {
				return 0, err
			}
			defer func() { _ = tx.Rollback() }()
			return tx.Count(ctx, tab)
		}()
		require.NoError(t, err)
		require.EqualValues(t, 1, n)
		require.NoError(t, db.Define(ctx, DefineOptions{}, func(d *Definer) error { return d.DropTable(tab) }))
	}
	require.Equal(t, before, count())
}
