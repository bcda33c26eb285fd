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
	"github.com/worktable-go/worktable/engine/value"
)

func alter(db *engine.DB, tab *engine.Table, change func(*schema.Table), conv engine.Convert) (out *engine.Table, err error) {
	err = db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		def := tab.Def().Clone()
		change(def)
		out, err = d.AlterTable(tab, def, conv)
		return err
	})
	return out, err
}

func TestDefineIsAtomic(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	version := db.Catalog().Version()
	err := db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		if _, err := d.CreateTable(tableDef("x", []schema.Column{intCol("id", true)}, primary(1))); err != nil {
			return err
		}
		if err := d.CreateDatabase(&schema.Database{Name: "e"}); err != nil {
			return err
		}
		if err := d.DropTable(tab); err != nil {
			return err
		}
		return d.CreateDatabase(&schema.Database{Name: "d"})
	})
	require.ErrorIs(t, err, sqlerr.DatabaseExists)
	require.Equal(t, version, db.Catalog().Version())
	require.Same(t, tab, db.Catalog().Table("d", "accounts"))
	require.Nil(t, db.Catalog().Table("d", "x"))
	require.Nil(t, db.Catalog().Database("e"))
	insert(t, db, tab, vals(1, "ann", 1, nil))
	check(t, db)
}

// TestFailedAlterLeavesNothing: a column that an ALTER has added before it failed, or before it had to start anew, is none that rows
// could have. Another may come under its id with another type.
func TestFailedAlterLeavesNothing(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	other := create(t, db, tableDef("other", []schema.Column{intCol("id", true)}, primary(1)))[0]
	insert(t, db, tab, vals(1, "ann", 1, "n"))
	withColumn := func(d *engine.Definer, c schema.Column) error {
		c.Name = "x"
		def := tab.Def().Clone()
		def.Columns = append(def.Columns, c)
		_, err := d.AlterTable(tab, def, nil)
		return err
	}
	err := db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		if err := withColumn(d, intCol("", false)); err != nil {
			return err
		}
		_, err := d.RenameTable(d.Catalog().Table("d", "accounts"), "d", "other")
		return err
	})
	require.ErrorIs(t, err, sqlerr.TableExists)

	user := begin(t, db, engine.ReadCommitted)
	require.NoError(t, user.Use(ctx, other))
	waits := db.Stats().LockWaits
	done := make(chan error, 1)
	go func() {
		done <- db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
			if err := withColumn(d, blobCol("")); err != nil {
				return err
			}
			if _, err := d.RenameTable(other, "d", "another"); err != nil {
				return err
			}
			return sqlerr.New(sqlerr.QueryInterrupted)
		})
	}()
	require.Eventually(t, func() bool { return db.Stats().LockWaits > waits }, 10*time.Second, time.Millisecond)
	require.NoError(t, user.Commit(ctx))
	require.ErrorIs(t, <-done, sqlerr.QueryInterrupted)

	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error { return withColumn(d, textCol("")) }))
	tab = db.Catalog().Table("d", "accounts")
	insert(t, db, tab, vals(2, "bob", 2, "n", "text"))
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, "NULL", get(t, tx, tab, 1, 4))
	require.Equal(t, "text", get(t, tx, tab, 2, 4))
	check(t, db)
}

func TestInstantColumns(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 1, "n"))
	old := begin(t, db, engine.RepeatableRead)
	_ = collect(t, old.Scan(create(t, db, tableDef("other", []schema.Column{intCol("id", true)}, primary(1)))[0], engine.ScanOptions{}), 0)
	tab2, err := alter(db, tab, func(d *schema.Table) {
		c := textCol("city")
		c.HasInitial, c.Initial = true, value.String("Ulm")
		d.Columns = append([]schema.Column{d.Columns[0], c}, d.Columns[2:]...) // owner is dropped, with its index
		d.Indexes = d.Indexes[:1]
	}, nil)
	require.NoError(t, err)
	insert(t, db, tab2, vals(2, "Bonn", 2, "m"))
	tab3, err := alter(db, tab2, func(d *schema.Table) {
		d.Columns[1].Name = "town"
		d.Indexes = append(d.Indexes, secondary("town", d.Columns[1].ID))
	}, nil)
	require.NoError(t, err)
	insert(t, db, tab3, vals(3, "Köln", 3, nil))
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, []any{"Bonn", "Köln", "Ulm"}, collect(t, tx.ScanIndex(tab3.Index(1), engine.Range{}, engine.ScanOptions{}), 1))
	require.Equal(t, []any{"n", "m", "NULL"}, collect(t, tx.Scan(tab3, engine.ScanOptions{}), 3))
	require.NoError(t, set(tx, tab3, 1, 1, "Rom"))
	require.NoError(t, tx.Commit(ctx))
	require.Equal(t, []any{"Ulm"}, collect(t, old.Scan(tab3, engine.ScanOptions{}), 1), "the old snapshot goes on over the new definition")
	require.NoError(t, old.Rollback())
	check(t, db)
}

func TestUniqueIndexOverDuplicates(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 1, nil), vals(2, "ann", 2, nil), vals(3, nil, 2, nil), vals(4, nil, 2, nil))
	before := db.Catalog().Version()
	_, err := alter(db, tab, func(d *schema.Table) { d.Indexes = append(d.Indexes, unique("u", 2)) }, nil)
	require.ErrorIs(t, err, sqlerr.DupEntry)
	require.Equal(t, before, db.Catalog().Version())
	commitSet(t, db, tab, 2, 1, "bob")
	tab, err = alter(db, tab, func(d *schema.Table) {
		d.Indexes = append(d.Indexes, unique("u", 2))
		d.Indexes[len(d.Indexes)-1].ID = 0
	}, nil)
	require.NoError(t, err)
	tx := begin(t, db, engine.RepeatableRead)
	_, err = tx.Insert(ctx, tab, vals(5, "ann", 1, nil))
	require.ErrorIs(t, err, sqlerr.DupEntry)
	require.NoError(t, tx.Rollback())
	check(t, db)
}

func TestRewriteRefusesOldSnapshots(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	other := create(t, db, tableDef("other", []schema.Column{intCol("id", true)}, primary(1)))[0]
	insert(t, db, tab, vals(1, "ann", 1, nil))
	old := begin(t, db, engine.RepeatableRead)
	_ = collect(t, old.Scan(other, engine.ScanOptions{}), 0)
	_, err := alter(db, tab, func(d *schema.Table) { d.Columns[2].Type = value.Type{ID: value.TypeInt} }, func(o *rowT, out []value.Value) error {
		for i := range out {
			out[i] = o.Col(i)
		}
		return nil
	})
	require.NoError(t, err)
	now := db.Catalog().Table("d", "accounts")
	c := old.Scan(now, engine.ScanOptions{})
	_, err = c.NextBatch(ctx, 1)
	require.ErrorIs(t, err, sqlerr.TableDefChanged)
	c.Close()
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, []any{1}, collect(t, tx.Scan(now, engine.ScanOptions{}), 2))
	require.NoError(t, tx.Rollback())
	require.NoError(t, old.Rollback())
	_, err = alter(db, now, func(d *schema.Table) { d.Columns[0].Type = value.Type{ID: value.TypeInt} }, func(*rowT, []value.Value) error {
		return sqlerr.New(sqlerr.OutOfRange, "balance", 1)
	})
	require.ErrorIs(t, err, sqlerr.OutOfRange)
	require.Same(t, now, db.Catalog().Table("d", "accounts"))
	check(t, db)
}

func TestTemporaryTables(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	accounts(t, db)
	var tmp *engine.Table
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		def := tableDef("accounts", []schema.Column{intCol("id", true), textCol("x")}, primary(1))
		def.Temporary = true
		var err error
		tmp, err = d.CreateTable(def)
		return err
	}))
	n := len(j.records)
	insert(t, db, tmp, vals(1, "a"), vals(2, "b"))
	commitSet(t, db, tmp, 1, 1, "c")
	require.Len(t, j.records, n)
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, []any{"c", "b"}, collect(t, tx.Scan(tmp, engine.ScanOptions{}), 1))
	require.NoError(t, tx.Rollback())
	require.NotSame(t, tmp, db.Catalog().Table("d", "accounts"))
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		var err error
		if tmp, err = d.TruncateTable(tmp); err != nil {
			return err
		}
		return d.DropTable(tmp)
	}))
	require.Len(t, j.records, n)
	check(t, db)
}

func TestAutoIncrement(t *testing.T) {
	db := newDB(t, engine.Options{})
	def := tableDef("a", []schema.Column{{Name: "id", NotNull: true, AutoIncrement: true, Type: value.Type{ID: value.TypeTinyInt}}, textCol("x")}, primary(1))
	tab := create(t, db, def)[0]
	tx := begin(t, db, engine.RepeatableRead)
	n, err := tx.NextAuto(tab, 2)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	_, err = tx.Insert(ctx, tab, vals(100, "x"))
	require.NoError(t, err)
	require.NoError(t, tx.Rollback())
	require.EqualValues(t, 101, tab.AutoIncrement(), "numbers are not given back")
	tx = begin(t, db, engine.RepeatableRead)
	_, err = tx.NextAuto(tab, 28)
	require.ErrorIs(t, err, sqlerr.AutoExhausted)
	n, err = tx.NextAuto(tab, 27)
	require.NoError(t, err)
	require.EqualValues(t, 101, n)
	_, err = tx.NextAuto(tab, 1)
	require.ErrorIs(t, err, sqlerr.AutoExhausted)
	require.NoError(t, tx.Rollback())
	insert(t, db, tab, vals(5, "x"))
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error { return d.SetAuto(tab, 3) }))
	require.EqualValues(t, 6, db.Catalog().Table("d", "a").AutoIncrement())
}

func TestRowHooks(t *testing.T) {
	db := newDB(t, engine.Options{})
	require.NoError(t, db.SetRowHooks(func(def *schema.Table) (*engine.RowHook, error) {
		if def.Name != "g" {
			return nil, nil
		}
		return &engine.RowHook{
			Generated: schema.ColSetOf(2),
			Groups:    []schema.ColSet{schema.ColSetOf(1, 2)},
			Run: func(v []value.Value) error {
				if v[1].Int64() < 0 {
					return sqlerr.New(sqlerr.CheckViolated, "positive")
				}
				v[2] = value.Int(2 * v[1].Int64())
				return nil
			},
		}, nil
	}))
	tab := create(t, db, tableDef("g", []schema.Column{intCol("id", true), intCol("n", true), intCol("twice", false), textCol("x")}, primary(1), unique("twice", 3)))[0]
	require.Equal(t, schema.ColSetOf(1, 2), tab.LockColumns(schema.ColSetOf(1)))
	require.Equal(t, schema.ColSetOf(3), tab.LockColumns(schema.ColSetOf(3)))
	tx := begin(t, db, engine.RepeatableRead)
	_, err := tx.Insert(ctx, tab, vals(1, -1, nil, nil))
	require.ErrorIs(t, err, sqlerr.CheckViolated)
	_, err = tx.Insert(ctx, tab, vals(1, 4, nil, nil))
	require.NoError(t, err)
	require.NoError(t, set(tx, tab, 1, 1, 6))
	require.Equal(t, 12, get(t, tx, tab, 1, 2))
	_, err = tx.Insert(ctx, tab, vals(2, 6, nil, nil))
	require.ErrorIs(t, err, sqlerr.DupEntry)
	require.ErrorIs(t, set(tx, tab, 1, 1, -6), sqlerr.CheckViolated)
	_, err = tx.Insert(ctx, tab, vals(2, nil, nil, nil))
	require.ErrorIs(t, err, sqlerr.BadNull)
	require.NoError(t, tx.Commit(ctx))
	check(t, db)
}

// TestDDLBesideTransactions alters a table in all ways while transactions use it and look its handle up again.
func TestDDLBesideTransactions(t *testing.T) {
	procs(t, func(t *testing.T) {
		j := &memJournal{}
		db := newDB(t, engine.Options{Journal: j, LockWaitTimeout: 5 * time.Second})
		accounts(t, db)
		end := time.Now().Add(stressTime())
		var wg sync.WaitGroup
		for w := range 3 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; time.Now().Before(end); i++ {
					err := db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
						tab := db.Catalog().Table("d", "accounts")
						v := make([]value.Value, len(tab.Def().Columns))
						v[0], v[1] = value.Int(int64(w*1_000_000+i)), value.String(fmt.Sprint(i%10))
						if _, err := tx.Insert(ctx, tab, v); err != nil {
							return err
						}
						for k := i - 3; k < i; k++ {
							if err := set(tx, tab, w*1_000_000+k, 2, i); err != nil {
								return err
							}
						}
						var r rowT
						if rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(w*1_000_000+i-9), &r); ok || err != nil {
							if err == nil {
								err = tx.Delete(ctx, tab, rid)
							}
							return err
						}
						return nil
					})
					if err != nil && !retryable(err) && !isStale(err) {
						t.Error(err)
						return
					}
				}
			}()
		}
		for i := 0; time.Now().Before(end); i++ {
			tab := db.Catalog().Table("d", "accounts")
			var err error
			switch i % 4 {
			case 0:
				_, err = alter(db, tab, func(d *schema.Table) {
					c := intCol(fmt.Sprint("c", i), false)
					d.Columns = append(d.Columns, c)
				}, nil)
			case 1:
				_, err = alter(db, tab, func(d *schema.Table) {
					d.Indexes = append(d.Indexes[:1:1], secondary(fmt.Sprint("i", i), 3, 2))
				}, nil)
			case 2:
				_, err = alter(db, tab, func(d *schema.Table) { d.Columns = d.Columns[:4]; d.Indexes = d.Indexes[:2] }, func(o *rowT, out []value.Value) error {
					for i := range out {
						out[i] = o.Col(i)
					}
					return nil
				})
			case 3:
				err = db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
					_, err := d.TruncateTable(tab)
					return err
				})
			}
			require.NoError(t, err)
		}
		wg.Wait()
		check(t, db)
		require.Equal(t, dump(t, db), dump(t, load(t, nil, j.txns(t))))
	})
}

func isStale(err error) bool { return errors.Is(err, sqlerr.TableDefChanged) }
