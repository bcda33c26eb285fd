package engine_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// TestReplayOfNamesThatChangeHands: one commit may give a table the name that another had. Replay meets the objects of a commit in any
// order, so it runs several times.
func TestReplayOfNamesThatChangeHands(t *testing.T) {
	for range 8 {
		j := &memJournal{}
		db := newDB(t, engine.Options{Journal: j})
		for i := range 4 {
			create(t, db, tableDef(fmt.Sprintf("t%d", i), []schema.Column{intCol("id", true)}, primary(1)))
		}
		name := func(i int) *engine.Table { return db.Catalog().Table("d", fmt.Sprintf("t%d", i)) }
		for i := range 4 {
			insert(t, db, name(i), vals(i))
		}
		require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
			for i, to := range []string{"spare", "t0", "t1", "t2", "t3"} {
				from := d.Catalog().Table("d", fmt.Sprintf("t%d", i))
				if i == 4 {
					from = d.Catalog().Table("d", "spare")
				}
				if _, err := d.RenameTable(from, "d", to); err != nil {
					return err
				}
			}
			return nil
		}))
		require.Equal(t, dump(t, db), dump(t, load(t, &memSink{}, j.txns(t))))
	}
}

// TestReplayOfRewriteAndRename: the rows that a rewrite logs are of the definition it made, and the same commit may replace that by another.
func TestReplayOfRewriteAndRename(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := create(t, db, tableDef("t", []schema.Column{intCol("id", true), intCol("a", false)}, primary(1)))[0]
	insert(t, db, tab, vals(1, 10), vals(2, 20))
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		n, err := d.AlterTable(tab, tab.Def(), func(old *row.Row, out []value.Value) error {
			out[0], out[1] = old.Col(0), value.Int(-old.Col(1).Int64())
			return nil
		})
		if err == nil {
			_, err = d.RenameTable(n, "d", "u")
		}
		return err
	}))
	require.Equal(t, dump(t, db), dump(t, load(t, &memSink{}, j.txns(t))))
}

// TestReplayOfSeveralDefinitionsInOneCommit: tables that go and come back under their names, and an own reference that follows a column.
func TestReplayOfSeveralDefinitionsInOneCommit(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	self := tableDef("self", []schema.Column{intCol("id", true), intCol("up", false)}, primary(1), secondary("up", 2))
	self.Foreign = []schema.ForeignKey{{Name: "f", Columns: []uint32{2}, RefSchema: "d", RefTable: "self", RefColumns: []string{"id"}}}
	tabs := create(t, db, self, tableDef("a", []schema.Column{intCol("id", true)}, primary(1)))
	insert(t, db, tabs[0], vals(1, nil), vals(2, 1))
	insert(t, db, tabs[1], vals(7))
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		if err := d.DropTable(tabs[1]); err != nil {
			return err
		}
		if _, err := d.CreateTable(tableDef("a", []schema.Column{intCol("other", true), intCol("b", false)}, primary(1))); err != nil {
			return err
		}
		def := tabs[0].Def().Clone()
		def.Columns[0].Name = "number"
		_, err := d.AlterTable(tabs[0], def, func(old *row.Row, out []value.Value) error {
			out[0], out[1] = old.Col(0), old.Col(1)
			return nil
		})
		return err
	}))
	insert(t, db, db.Catalog().Table("d", "a"), vals(1, 2))
	insert(t, db, db.Catalog().Table("d", "self"), vals(3, 2))
	again := load(t, &memSink{}, j.txns(t))
	require.Equal(t, dump(t, db), dump(t, again))
	require.Empty(t, again.Check(ctx))
	tx := begin(t, again, engine.RepeatableRead)
	_, err := tx.Insert(ctx, again.Catalog().Table("d", "self"), vals(4, 9))
	require.ErrorIs(t, err, sqlerr.NoReferencedRow)
}
