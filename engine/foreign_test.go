package engine_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

func fkDef(name string, onDelete, onUpdate schema.Action) schema.ForeignKey {
	return schema.ForeignKey{Name: name, Columns: []uint32{2}, RefSchema: "d", RefTable: "parent", RefColumns: []string{"id"}, OnDelete: onDelete, OnUpdate: onUpdate}
}

// family makes parent(id, name) and child(id, pid) with a foreign key.
func family(t *testing.T, onDelete, onUpdate schema.Action) (*engine.DB, *engine.Table, *engine.Table) {
	db := newDB(t, engine.Options{LockWaitTimeout: 5 * time.Second})
	child := tableDef("child", []schema.Column{intCol("id", true), intCol("pid", false)}, primary(1), secondary("pid", 2))
	child.Foreign = []schema.ForeignKey{fkDef("fk", onDelete, onUpdate)}
	tabs := create(t, db, tableDef("parent", []schema.Column{intCol("id", true), textCol("name")}, primary(1)), child)
	insert(t, db, tabs[0], vals(1, "a"), vals(2, "b"))
	insert(t, db, tabs[1], vals(10, 1), vals(11, 1), vals(12, 2), vals(13, nil))
	return db, tabs[0], tabs[1]
}

func del(tx *engine.Tx, tab *engine.Table, id int) error {
	var r rowT
	rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(id), &r)
	if err != nil || !ok {
		return errors.Join(err, fmt.Errorf("no row %d", id))
	}
	return tx.Delete(ctx, tab, rid)
}

func TestForeignKeyRestrict(t *testing.T) {
	db, parent, child := family(t, schema.NoAction, schema.NoAction)
	tx := begin(t, db, engine.RepeatableRead)
	_, err := tx.Insert(ctx, child, vals(20, 9))
	require.ErrorIs(t, err, sqlerr.NoReferencedRow)
	require.Equal(t, "Error 1452 (23000): Cannot add or update a child row: a foreign key constraint fails (`d`.`child`, CONSTRAINT `fk` FOREIGN KEY (`pid`) REFERENCES `parent` (`id`))", err.Error())
	require.ErrorIs(t, set(tx, child, 10, 1, 9), sqlerr.NoReferencedRow)
	require.NoError(t, set(tx, child, 10, 1, nil))
	err = del(tx, parent, 1)
	require.ErrorIs(t, err, sqlerr.RowIsReferenced)
	require.Equal(t, "Error 1451 (23000): Cannot delete or update a parent row: a foreign key constraint fails (`d`.`child`, CONSTRAINT `fk` FOREIGN KEY (`pid`) REFERENCES `parent` (`id`))", err.Error())
	require.ErrorIs(t, set(tx, parent, 1, 0, 5), sqlerr.RowIsReferenced)
	require.NoError(t, set(tx, parent, 1, 1, "renamed"))
	require.NoError(t, set(tx, child, 11, 1, 2))
	require.NoError(t, del(tx, parent, 1), "nobody refers to it any more")
	// Own writes count: the parent is gone, a new one is there.
	_, err = tx.Insert(ctx, child, vals(21, 1))
	require.ErrorIs(t, err, sqlerr.NoReferencedRow)
	_, err = tx.Insert(ctx, parent, vals(7, "new"))
	require.NoError(t, err)
	_, err = tx.Insert(ctx, child, vals(22, 7))
	require.NoError(t, err)
	tx.SetForeignKeyChecks(false)
	_, err = tx.Insert(ctx, child, vals(23, 99))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

func TestForeignKeyCascade(t *testing.T) {
	db, parent, child := family(t, schema.Cascade, schema.Cascade)
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(tx, parent, 1, 0, 100))
	require.Equal(t, []any{100, 100, 2, "NULL"}, collect(t, tx.Scan(child, engine.ScanOptions{}), 1))
	require.NoError(t, del(tx, parent, 100))
	require.Equal(t, []any{12, 13}, collect(t, tx.Scan(child, engine.ScanOptions{}), 0))
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

func TestForeignKeySetNull(t *testing.T) {
	db, parent, child := family(t, schema.SetNull, schema.SetNull)
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, del(tx, parent, 1))
	require.NoError(t, set(tx, parent, 2, 0, 3))
	require.Equal(t, []any{"NULL", "NULL", "NULL", "NULL"}, collect(t, tx.Scan(child, engine.ScanOptions{}), 1))
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

func TestForeignKeyToItself(t *testing.T) {
	db := newDB(t, engine.Options{})
	def := tableDef("parent", []schema.Column{intCol("id", true), intCol("boss", false)}, primary(1), secondary("boss", 2))
	def.Foreign = []schema.ForeignKey{fkDef("fk", schema.Cascade, schema.NoAction)}
	tab := create(t, db, def)[0]
	insert(t, db, tab, vals(1, 1), vals(2, 1), vals(3, 2), vals(4, 3), vals(5, nil))
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, del(tx, tab, 2))
	require.Equal(t, []any{1, 5}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 0))
	require.NoError(t, del(tx, tab, 1))
	require.Equal(t, []any{5}, collect(t, tx.Scan(tab, engine.ScanOptions{}), 0))
	// A chain longer than the limit.
	for i := 10; i < 40; i++ {
		boss := any(i - 1)
		if i == 10 {
			boss = nil
		}
		_, err := tx.Insert(ctx, tab, vals(i, boss))
		require.NoError(t, err)
	}
	require.ErrorIs(t, del(tx, tab, 10), sqlerr.FKDepthExceeded)
	require.Len(t, collect(t, tx.Scan(tab, engine.ScanOptions{}), 0), 31)
	require.NoError(t, del(tx, tab, 30))
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

// TestForeignKeyRace inserts children while their parents are deleted: no child may be left without one.
func TestForeignKeyRace(t *testing.T) {
	procs(t, func(t *testing.T) {
		db, parent, child := family(t, schema.NoAction, schema.NoAction)
		var wg sync.WaitGroup
		end := time.Now().Add(stressTime())
		for w := range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; time.Now().Before(end); i++ {
					p := 100 + i%5
					err := db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
						switch w {
						case 0:
							_, err := tx.Insert(ctx, parent, vals(p, "p"))
							return err
						case 1:
							var r rowT
							rid, ok, err := tx.GetCurrent(ctx, parent.Index(0), vals(p), &r)
							if err != nil || !ok {
								return err
							}
							if res, err := tx.Lock(ctx, parent, rid, engine.LockSpec{X: schema.AllCols(2)}); err != nil || res != engine.Locked {
								return err
							}
							return tx.Delete(ctx, parent, rid)
						case 2:
							_, err := tx.Insert(ctx, child, vals(1000+p, p))
							return err
						}
						var r rowT
						rid, ok, err := tx.GetCurrent(ctx, child.Index(0), vals(1000+p), &r)
						if err != nil || !ok {
							return err
						}
						if res, err := tx.Lock(ctx, child, rid, engine.LockSpec{X: schema.AllCols(2)}); err != nil || res != engine.Locked {
							return err
						}
						return tx.Delete(ctx, child, rid)
					})
					if err != nil && !retryable(err) && !errors.Is(err, sqlerr.NoReferencedRow) && !errors.Is(err, sqlerr.RowIsReferenced) {
						t.Error(err)
						return
					}
				}
			}()
		}
		wg.Wait()
		tx := begin(t, db, engine.RepeatableRead)
		for _, pid := range collect(t, tx.Scan(child, engine.ScanOptions{}), 1) {
			if n, ok := pid.(int); ok {
				require.NotNil(t, get(t, tx, parent, n, 0), "parent %d", n)
			}
		}
		require.NoError(t, tx.Rollback())
		check(t, db)
	})
}

func TestForeignKeyDefinitions(t *testing.T) {
	db, parent, _ := family(t, schema.Cascade, schema.SetNull)
	define := func(f func(d *engine.Definer) error) error {
		return db.Define(ctx, engine.DefineOptions{}, f)
	}
	require.ErrorIs(t, define(func(d *engine.Definer) error { return d.DropTable(parent) }), sqlerr.FKCannotDrop)
	require.ErrorIs(t, define(func(d *engine.Definer) error { _, err := d.TruncateTable(parent); return err }), sqlerr.FKTruncate)
	orphan := func(mut func(*schema.Table)) error {
		def := tableDef("orphan", []schema.Column{intCol("id", true), intCol("pid", false)}, primary(1), secondary("pid", 2))
		def.Foreign = []schema.ForeignKey{fkDef("fk2", schema.NoAction, schema.NoAction)}
		mut(def)
		return define(func(d *engine.Definer) error { _, err := d.CreateTable(def); return err })
	}
	require.ErrorIs(t, orphan(func(d *schema.Table) { d.Foreign[0].RefTable = "nothing" }), sqlerr.FKCannotOpenParent)
	require.ErrorIs(t, orphan(func(d *schema.Table) { d.Foreign[0].RefColumns = []string{"nothing"} }), sqlerr.FKMissingColumn)
	require.ErrorIs(t, orphan(func(d *schema.Table) {
		d.Foreign[0].RefColumns = []string{"name"}
		d.Columns[1] = textCol("pid")
		d.Columns[1].ID = 2
	}), sqlerr.FKNoIndexParent)
	require.ErrorIs(t, orphan(func(d *schema.Table) { d.Columns[1].Type.Unsigned = true }), sqlerr.FKIncompatible)

	// Renaming the parent and its column keeps the key working.
	require.NoError(t, define(func(d *engine.Definer) error {
		var err error
		if parent, err = d.RenameTable(parent, "d", "elders"); err != nil {
			return err
		}
		def := parent.Def().Clone()
		def.Columns[0].Name = "number"
		parent, err = d.AlterTable(parent, def, nil)
		return err
	}))
	child := db.Catalog().Table("d", "child")
	tx := begin(t, db, engine.RepeatableRead)
	_, err := tx.Insert(ctx, child, vals(30, 77))
	require.ErrorContains(t, err, "REFERENCES `elders` (`number`) ON DELETE CASCADE ON UPDATE SET NULL)")
	require.NoError(t, del(tx, parent, 1))
	require.Equal(t, []any{12, 13}, collect(t, tx.Scan(child, engine.ScanOptions{}), 0))
	require.NoError(t, tx.Commit(ctx))

	// A key that the rows do not satisfy.
	require.NoError(t, define(func(d *engine.Definer) error {
		def := child.Def().Clone()
		def.Foreign = nil
		child, err = d.AlterTable(child, def, nil)
		return err
	}))
	require.Empty(t, child.Def().Foreign)
	insert(t, db, child, vals(40, 4040))
	require.ErrorIs(t, define(func(d *engine.Definer) error {
		def := child.Def().Clone()
		fk := fkDef("again", schema.NoAction, schema.NoAction)
		fk.RefTable, fk.RefColumns = "elders", []string{"number"}
		def.Foreign = []schema.ForeignKey{fk}
		_, err := d.AlterTable(child, def, nil)
		return err
	}), sqlerr.NoReferencedRow)
	require.NoError(t, define(func(d *engine.Definer) error { return d.DropDatabase("d") }))
	require.Empty(t, db.Catalog().Databases())
	check(t, db)
}
