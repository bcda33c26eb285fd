package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// addColumn is an ALTER by name: it looks the table up in each run.
func addColumn(table, column string) func(d *engine.Definer) error {
	return func(d *engine.Definer) error {
		tab := d.Catalog().Table("d", table)
		if tab == nil {
			return sqlerr.New(sqlerr.NoSuchTable, "d", table)
		}
		def := tab.Def().Clone()
		def.Columns = append(def.Columns, intCol(column, false))
		_, err := d.AlterTable(tab, def, nil)
		return err
	}
}

// inBackground runs a DDL and returns where its outcome comes.
func inBackground(ctx context.Context, db *engine.DB, o engine.DefineOptions, fn func(d *engine.Definer) error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- db.Define(ctx, o, fn) }()
	return done
}

// awaitWaits returns when n lock requests wait.
func awaitWaits(t testing.TB, db *engine.DB, n int64) {
	t.Helper()
	require.Eventually(t, func() bool { return db.Locks().Stats().Waiting == n }, 20*time.Second, time.Millisecond)
}

// holder begins a transaction that uses a table.
func holder(t testing.TB, db *engine.DB, tab *engine.Table) *engine.Tx {
	t.Helper()
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, tx.Use(ctx, tab))
	return tx
}

// shortly is the time within which what must not wait is done, however slow the machine.
func shortly(t testing.TB) context.Context {
	c, cancel := context.WithTimeout(ctx, 20*time.Second)
	t.Cleanup(cancel)
	return c
}

func simple(name string) *schema.Table {
	return tableDef(name, []schema.Column{intCol("id", true)}, primary(1))
}

// TestWaitingDefinitionHoldsNobodyUp: while an ALTER waits for a transaction, whatever else needs the DDL token goes on.
func TestWaitingDefinitionHoldsNobodyUp(t *testing.T) {
	procs(t, func(t *testing.T) {
		db := newDB(t, engine.Options{Journal: &memJournal{}, LockWaitTimeout: time.Minute})
		tab := accounts(t, db)
		insert(t, db, tab, vals(1, "ann", 1, nil))
		use := holder(t, db, tab)
		runs := 0
		alter := inBackground(ctx, db, engine.DefineOptions{}, func(d *engine.Definer) error {
			runs++
			return addColumn("accounts", "c")(d)
		})
		awaitWaits(t, db, 1)
		soon := shortly(t)

		require.NoError(t, db.Define(soon, engine.DefineOptions{}, func(d *engine.Definer) error {
			_, err := d.CreateTable(simple("other"))
			return err
		}))
		insert(t, db, db.Catalog().Table("d", "other"), vals(7))
		sink := &memSink{}
		_, err := db.Checkpoint(soon, engine.CheckpointOptions{}, sink)
		require.NoError(t, err)
		sub, err := db.Subscribe(soon, engine.SubscribeOptions{FromNow: true})
		require.NoError(t, err)
		defer sub.Close()
		full, err := db.Subscribe(soon, engine.SubscribeOptions{Bootstrap: func(tx *engine.Tx) error {
			_, err := tx.Count(soon, db.Catalog().Table("d", "other"))
			return err
		}})
		require.NoError(t, err)
		defer full.Close()
		// The very transaction that the ALTER waits for makes a temporary table.
		require.NoError(t, db.Define(soon, engine.DefineOptions{}, func(d *engine.Definer) error {
			def := simple("tmp")
			def.Temporary = true
			_, err := d.CreateTable(def)
			return err
		}))

		require.Len(t, alter, 0)
		require.Equal(t, 1, get(t, use, tab, 1, 2))
		require.NoError(t, use.Commit(ctx))
		require.NoError(t, <-alter)
		require.Equal(t, 2, runs)
		require.Len(t, db.Catalog().Table("d", "accounts").Def().Columns, 5)
		require.NotNil(t, db.Catalog().Table("d", "other"))
		txn, err := sub.Next(soon)
		require.NoError(t, err)
		require.Equal(t, db.Stats().VisibleCSN, txn.CSN)
		check(t, db)
		check(t, load(t, sink, nil))
	})
}

// TestWaitingDefinitionGivesUp: a wait that fails leaves nothing behind, and the table can be used.
func TestWaitingDefinitionGivesUp(t *testing.T) {
	procs(t, func(t *testing.T) {
		db := newDB(t, engine.Options{LockWaitTimeout: time.Minute})
		tab := accounts(t, db)
		use := holder(t, db, tab)
		version := db.Catalog().Version()
		require.ErrorIs(t, db.Define(ctx, engine.DefineOptions{LockWait: time.Millisecond}, addColumn("accounts", "c")), sqlerr.LockWaitTimeout)

		killed := errors.New("killed")
		c, kill := context.WithCancelCause(ctx)
		alter := inBackground(c, db, engine.DefineOptions{}, addColumn("accounts", "c"))
		awaitWaits(t, db, 1)
		kill(killed)
		err := <-alter
		require.ErrorIs(t, err, sqlerr.QueryInterrupted)

		require.Same(t, tab, db.Catalog().Table("d", "accounts"))
		require.Equal(t, version, db.Catalog().Version())
		insert(t, db, tab, vals(1, "ann", 1, nil)) // behind nobody's claim
		for _, l := range db.Locks().Snapshot() {
			require.False(t, l.Waiting || l.Mode.X != 0, "%+v", l)
		}
		require.NoError(t, use.Rollback())
		require.NoError(t, db.Define(ctx, engine.DefineOptions{}, addColumn("accounts", "c")))
		check(t, db)
	})
}

// TestWaitingDefinitionSeesTheCatalogueOfItsTurn: what came first while it waited is there when the function runs again.
func TestWaitingDefinitionSeesTheCatalogueOfItsTurn(t *testing.T) {
	db := newDB(t, engine.Options{LockWaitTimeout: time.Minute})
	tab := accounts(t, db)
	use := holder(t, db, tab)
	rename := inBackground(ctx, db, engine.DefineOptions{}, func(d *engine.Definer) error {
		_, err := d.RenameTable(d.Catalog().Table("d", "accounts"), "d", "former")
		return err
	})
	awaitWaits(t, db, 1)
	alter := inBackground(ctx, db, engine.DefineOptions{}, addColumn("accounts", "c"))
	awaitWaits(t, db, 2)
	stale := inBackground(ctx, db, engine.DefineOptions{}, func(d *engine.Definer) error { return d.DropTable(tab) })
	awaitWaits(t, db, 3)
	require.NoError(t, use.Rollback())
	require.NoError(t, <-rename)
	require.ErrorIs(t, <-alter, sqlerr.NoSuchTable)
	require.ErrorIs(t, <-stale, engine.ErrStaleTable)
	insert(t, db, db.Catalog().Table("d", "former"), vals(1, "ann", 1, nil))
	check(t, db)
}

// TestLateLockUndoesTheRun: what a run has done before it meets a table in use is undone while it waits.
func TestLateLockUndoesTheRun(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j, LockWaitTimeout: time.Minute})
	tabs := create(t, db, simple("a"), simple("b"))
	use := holder(t, db, tabs[1])
	var ids []uint32
	ddl := inBackground(ctx, db, engine.DefineOptions{}, func(d *engine.Definer) error {
		made, err := d.CreateTable(simple("made"))
		if err != nil {
			return err
		}
		ids = append(ids, made.Def().ID)
		if _, err := d.RenameTable(d.Catalog().Table("d", "a"), "d", "c"); err != nil {
			return err
		}
		_ = d.DropTable(d.Catalog().Table("d", "b")) // an error that is forgotten does not make half a definition
		return nil
	})
	awaitWaits(t, db, 1)
	require.Nil(t, db.Catalog().Table("d", "made"))
	require.Same(t, tabs[0], db.Catalog().Table("d", "a"))
	require.NoError(t, db.Define(shortly(t), engine.DefineOptions{}, func(d *engine.Definer) error {
		_, err := d.CreateTable(simple("other"))
		return err
	}))
	require.NoError(t, use.Rollback())
	require.NoError(t, <-ddl)
	require.Len(t, ids, 2)
	require.Less(t, ids[0], ids[1], "the other DDL has taken the id that was given back")
	for name, is := range map[string]bool{"made": true, "a": false, "b": false, "c": true, "other": true} {
		require.Equal(t, is, db.Catalog().Table("d", name) != nil, name)
	}
	check(t, db)
	require.Equal(t, dump(t, db), dump(t, load(t, nil, j.txns(t))))
}

// TestLocksBeforeTheWork: a rewrite does not begin before the parent of a new foreign key and the children of a renamed column
// are locked.
func TestLocksBeforeTheWork(t *testing.T) {
	db := newDB(t, engine.Options{LockWaitTimeout: time.Minute})
	refs := func(name string, to ...string) *schema.Table {
		def := tableDef(name, []schema.Column{intCol("id", true), intCol("ref", false)}, primary(1), secondary("ref", 2))
		for _, parent := range to {
			def.Foreign = append(def.Foreign, schema.ForeignKey{Name: name + "_" + parent, Columns: []uint32{2}, RefSchema: "d", RefTable: parent, RefColumns: []string{"id"}})
		}
		return def
	}
	tabs := create(t, db, simple("parent"), refs("mid"), refs("child", "mid"))
	insert(t, db, tabs[0], vals(1))
	insert(t, db, tabs[1], vals(1, 1), vals(2, nil))
	for _, used := range []string{"parent", "child"} {
		converted := 0
		use := holder(t, db, db.Catalog().Table("d", used))
		alter := inBackground(ctx, db, engine.DefineOptions{}, func(d *engine.Definer) error {
			mid := d.Catalog().Table("d", "mid")
			def := mid.Def().Clone()
			if used == "parent" {
				def.Foreign = refs("mid", "parent").Foreign
			} else {
				def.Columns[0].Name = "number"
			}
			_, err := d.AlterTable(mid, def, func(o *rowT, out []value.Value) error {
				converted++
				for i := range out {
					out[i] = o.Col(i)
				}
				return nil
			})
			return err
		})
		awaitWaits(t, db, 1)
		require.NoError(t, use.Rollback())
		require.NoError(t, <-alter)
		require.Equal(t, 2, converted, used)
	}
	require.Equal(t, "number", db.Catalog().Table("d", "child").Def().Foreign[0].RefColumns[0])
	check(t, db)
}

// TestCloseDoesNotWaitForAWaitingDefinition: it has done nothing yet, and gets 1053 at its turn.
func TestCloseDoesNotWaitForAWaitingDefinition(t *testing.T) {
	db := newDB(t, engine.Options{LockWaitTimeout: time.Minute})
	use := holder(t, db, accounts(t, db))
	alter := inBackground(ctx, db, engine.DefineOptions{}, addColumn("accounts", "c"))
	awaitWaits(t, db, 1)
	require.NoError(t, db.Close(shortly(t)))
	require.NoError(t, use.Rollback())
	require.ErrorIs(t, <-alter, sqlerr.Closed)
}

// TestTemporaryTableRenamedBesideChildren: a temporary table hides the one that a foreign key refers to.
func TestTemporaryTableRenamedBesideChildren(t *testing.T) {
	db := newDB(t, engine.Options{})
	child := tableDef("child", []schema.Column{intCol("id", true)}, primary(1))
	child.Foreign = []schema.ForeignKey{{Name: "fk", Columns: []uint32{1}, RefSchema: "d", RefTable: "p", RefColumns: []string{"id"}}}
	create(t, db, simple("p"), child)
	tmp := simple("p")
	tmp.Temporary = true
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		tab, err := d.CreateTable(tmp)
		if err != nil {
			return err
		}
		_, err = d.RenameTable(tab, "d", "q")
		return err
	}))
	require.Equal(t, "p", db.Catalog().Table("d", "child").Def().Foreign[0].RefTable)
	check(t, db)
}

// TestCrossedAlters: two ALTERs that need the same two tables, from opposite ends, both get through; and a transaction that wants the
// one table while it keeps the other from them is told of the deadlock.
func TestCrossedAlters(t *testing.T) {
	procs(t, func(t *testing.T) {
		db := newDB(t, engine.Options{LockWaitTimeout: time.Minute})
		def := func(name string) *schema.Table {
			return tableDef(name, []schema.Column{intCol("id", true), intCol("ref", false)}, primary(1), secondary("ref", 2))
		}
		tabs := create(t, db, def("a"), def("b"))
		use := holder(t, db, tabs[1])
		there := inBackground(ctx, db, engine.DefineOptions{}, crossedDefinition(0, "a", "b"))
		awaitWaits(t, db, 1)
		back := inBackground(ctx, db, engine.DefineOptions{}, crossedDefinition(0, "b", "a"))
		awaitWaits(t, db, 2)
		require.ErrorIs(t, use.Use(ctx, tabs[0]), sqlerr.Deadlock) // the first ALTER has it, and waits for the other
		require.NoError(t, <-there)
		require.NoError(t, <-back)
		for _, name := range []string{"a", "b"} {
			require.Len(t, db.Catalog().Table("d", name).Def().Foreign, 1)
		}
		check(t, db)
	})
}

// TestDefinitionsOfEachOthersTables has DDLs that need several of the same tables, in any order, beside transactions that use
// them in any order. DDLs do not deadlock with each other; with transactions they may.
func TestDefinitionsOfEachOthersTables(t *testing.T) {
	procs(t, func(t *testing.T) {
		for _, users := range []int{0, 3} {
			t.Run(fmt.Sprint("users=", users), func(t *testing.T) { testCrossedDefinitions(t, users) })
		}
	})
}

func testCrossedDefinitions(t *testing.T, users int) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j, LockWaitTimeout: time.Minute})
	const tables = 4
	name := func(i int) string { return fmt.Sprint("t", i) }
	for i := range tables {
		create(t, db, tableDef(name(i), []schema.Column{intCol("id", true), intCol("ref", false)}, primary(1), secondary("ref", 2)))
	}
	s := seed(t)
	end := time.Now().Add(stressTime())
	var wg sync.WaitGroup
	run := func(n int, f func(r *rand.Rand) error) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			r := rand.New(rand.NewPCG(s, uint64(n)))
			for time.Now().Before(end) {
				if err := f(r); err != nil {
					t.Error(err)
					return
				}
			}
		}()
	}
	for w := range 3 {
		run(w, func(r *rand.Rand) error {
			p := r.Perm(tables)
			err := db.Define(ctx, engine.DefineOptions{}, crossedDefinition(r.IntN(3), name(p[0]), name(p[1])))
			if users > 0 && errors.Is(err, sqlerr.Deadlock) {
				return nil
			}
			return err
		})
	}
	for w := range users {
		run(100+w, func(r *rand.Rand) error {
			tx, err := db.Begin(ctx, engine.TxOptions{})
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }()
			for _, i := range r.Perm(tables)[:3] {
				tab := db.Catalog().Table("d", name(i))
				if err = tx.Use(ctx, tab); err == nil {
					_, err = tx.Insert(ctx, tab, vals(r.IntN(1_000_000), nil))
				}
				if retryable(err) || isStale(err) {
					return nil
				}
				if err != nil {
					return err
				}
			}
			return tx.Commit(ctx)
		})
	}
	wg.Wait()
	check(t, db)
	require.Equal(t, dump(t, db), dump(t, load(t, nil, j.txns(t))))
}

// crossedDefinition needs two tables: a foreign key from one to the other comes or goes, a rewrite of one renames it for the
// children, or both swap names.
func crossedDefinition(kind int, a, b string) func(d *engine.Definer) error {
	copied := func(o *rowT, out []value.Value) error {
		for i := range out {
			out[i] = o.Col(i)
		}
		return nil
	}
	return func(d *engine.Definer) error {
		x, y := d.Catalog().Table("d", a), d.Catalog().Table("d", b)
		switch kind {
		case 0:
			def := x.Def().Clone()
			if len(def.Foreign) > 0 {
				def.Foreign = nil
			} else {
				def.Foreign = []schema.ForeignKey{{Name: "fk_" + a, Columns: []uint32{2}, RefSchema: "d", RefTable: b, RefColumns: []string{"id"}}}
			}
			_, err := d.AlterTable(x, def, nil)
			return err
		case 1:
			if _, err := d.AlterTable(y, y.Def().Clone(), copied); err != nil {
				return err
			}
			_, err := d.AlterTable(x, x.Def().Clone(), copied)
			return err
		}
		tmp, err := d.RenameTable(x, "d", "tmp")
		if err != nil {
			return err
		}
		if _, err := d.RenameTable(d.Catalog().Table("d", b), "d", a); err != nil {
			return err
		}
		_, err = d.RenameTable(d.Catalog().TableByID(tmp.Def().ID), "d", b)
		return err
	}
}
