package persistence_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// ledger is what a scenario was promised: transactions of the workload that were acknowledged, and tried.
type ledger struct{ acked, tried int64 }

// books keeps the ledger. The power may fail in any goroutine, so reading it takes a lock.
type books struct {
	mu  sync.Mutex
	led ledger
}

func (b *books) now() ledger {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.led
}

func (b *books) tried(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.led.tried = n
}

func (b *books) acked(n int64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.led.acked = n
}

// scenario is the life of a small database: creation, commits, checkpoints, DDL, log rotation, close, reopen. It stops at the
// first error.
type scenario struct {
	o    persistence.Options
	w    *model
	book books
}

func newScenario(o persistence.Options) *scenario { return &scenario{o: o, w: newModel(1)} }

func (sc *scenario) transactions(s *persistence.Store, n int) error {
	for range n {
		sc.book.tried(sc.w.n + 1)
		if err := sc.w.run(s.DB()); err != nil {
			return err
		}
		if sc.o.Sync == persistence.SyncFull {
			sc.book.acked(sc.w.n)
		}
	}
	return nil
}

// extra makes, fills, changes and drops tables that the model knows nothing of, so that checkpoints meet files that come
// and go.
func extra(db *engine.DB, step int) error {
	return db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		t := d.Catalog().Table("Shop", "Side")
		var err error
		switch {
		case t == nil:
			_, err = d.CreateTable(tableDef("Side", []schema.Column{column(1, "id", value.TypeBigInt, 0, true),
				column(2, "text", value.TypeVarChar, 100, false)}, index(1, "PRIMARY", true, 1)))
		case step%3 == 1:
			_, err = d.TruncateTable(t)
		case step%3 == 2:
			_, err = d.RenameTable(t, "Shop", fmt.Sprintf("Side%d", step))
		default:
			err = d.DropTable(t)
		}
		return err
	})
}

func fillExtra(db *engine.DB, n int) error {
	t := db.Catalog().Table("Shop", "Side")
	if t == nil {
		return nil
	}
	tx, err := db.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return err
	}
	for i := range n {
		if _, err := tx.Insert(ctx, t, vals(i, fmt.Sprintf("side %d", i))); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit(ctx)
}

func (sc *scenario) run() error {
	for life := range 2 {
		s, err := persistence.Open(ctx, sc.o)
		if err != nil {
			return err
		}
		if err := sc.live(s, life); err != nil {
			return errors.Join(err, s.Close(ctx))
		}
		if err := s.Close(ctx); err != nil {
			return err
		}
		sc.book.acked(sc.w.n)
	}
	return nil
}

func (sc *scenario) live(s *persistence.Store, life int) error {
	if s.DB().Catalog().Table("Shop", "marks") == nil {
		if err := createTables(s.DB()); err != nil {
			return err
		}
	}
	for part := range 3 {
		if err := sc.transactions(s, 4); err != nil {
			return err
		}
		if err := extra(s.DB(), life*3+part); err != nil {
			return err
		}
		if err := fillExtra(s.DB(), 10); err != nil {
			return err
		}
		if err := s.Checkpoint(ctx); err != nil {
			return err
		}
		sc.book.acked(sc.w.n)
	}
	return sc.transactions(s, 3)
}

// check opens an image and holds it against the ledger, then verifies the files.
func check(t *testing.T, image *vfs.Mem, led ledger) int64 {
	t.Helper()
	report, err := persistence.Verify(ctx, options(image))
	if err == nil {
		require.Empty(t, report.Problems)
	} else {
		require.ErrorContains(t, err, "no database")
	}
	s, err := persistence.Open(ctx, options(image))
	require.NoError(t, err)
	n, err := verify(s.DB(), 1, led.acked, led.tried)
	require.NoError(t, err)
	require.NoError(t, s.Close(ctx))
	return n
}

// TestCrashAtEveryOperation lets the power fail after each I/O operation of the scenario, with parts of what was not
// synced lost, torn or reordered, and some of the images once more at each operation of their recovery.
func TestCrashAtEveryOperation(t *testing.T) {
	seeds := envSize("WORKTABLE_CRASH_SEEDS", 1)
	stride := stride("WORKTABLE_CRASH_STRIDE", 7)
	nested := int64(envSize("WORKTABLE_CRASH_NESTED", 211))
	images := 0
	for at := int64(0); ; at += stride {
		for seed := range uint64(seeds) {
			crash := vfs.CrashOptions{Seed: seed<<32 + uint64(at), Keep: -1, Garbage: true}
			mode := persistence.SyncMode((at/stride + int64(seed)) % 3)
			image, led, err := crashRun(mode, at, crash)
			if image == nil {
				require.NoError(t, err)
				t.Logf("%d operations, %d images", at, images)
				return
			}
			images++
			if (at+int64(seed))%nested == 0 {
				images += checkNested(t, image, led, crash)
			}
			check(t, image, led)
			if t.Failed() {
				t.Fatalf("operation %d, seed %d, %v", at, seed, mode)
			}
		}
	}
}

func crashRun(mode persistence.SyncMode, at int64, crash vfs.CrashOptions) (image *vfs.Mem, then ledger, err error) {
	m := vfs.NewMem()
	in := vfs.NewInjector(m)
	o := options(in)
	o.Sync = mode
	sc := newScenario(o)
	in.PowerOffAfter(at, func() {
		image = m.Crash(crash)
		then = sc.book.now()
	})
	err = sc.run()
	return image, then, err
}

// checkNested opens the image with power failing at each operation of the opening, the next checkpoint and the closing.
func checkNested(t *testing.T, image *vfs.Mem, led ledger, crash vfs.CrashOptions) (images int) {
	t.Helper()
	for at := int64(0); ; at++ {
		m := image.Clone()
		in := vfs.NewInjector(m)
		var next *vfs.Mem
		in.PowerOffAfter(at, func() {
			crash.Seed += 1 << 20
			next = m.Crash(crash)
		})
		inner := led
		s, err := persistence.Open(ctx, options(in))
		if err == nil {
			n, err := verify(s.DB(), 1, led.acked, led.tried)
			if next == nil {
				require.NoError(t, err)
				inner.acked, inner.tried = n, n // what an opening shows is there to stay
			}
			_ = s.Checkpoint(ctx)
			_ = s.Close(ctx)
		}
		if next == nil {
			return images
		}
		images++
		check(t, next, inner)
		if t.Failed() {
			t.Fatalf("nested operation %d", at)
		}
	}
}

// updateExtra changes every row of the side table.
func updateExtra(db *engine.DB) error {
	t := db.Catalog().Table("Shop", "Side")
	tx, err := db.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return err
	}
	c := tx.Scan(t, engine.ScanOptions{})
	var ids []heap.RowID
	for {
		rows, err := c.NextBatch(ctx, 64)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for i := range rows {
			ids = append(ids, rows[i].ID)
		}
	}
	c.Close()
	for i, id := range ids {
		if err := tx.Update(ctx, t, id, schema.ColSetOf(1), vals(i, fmt.Sprintf("changed %d", i))); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit(ctx)
}

// deleteExtra deletes the rows of the side table that match.
func deleteExtra(db *engine.DB, match func(id int64) bool) error {
	t := db.Catalog().Table("Shop", "Side")
	var ids []heap.RowID
	tx, err := db.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return err
	}
	c := tx.Scan(t, engine.ScanOptions{})
	for {
		rows, err := c.NextBatch(ctx, 64)
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			break
		}
		for i := range rows {
			if match(rows[i].Row.Col(0).Int64()) {
				ids = append(ids, rows[i].ID)
			}
		}
	}
	c.Close()
	for _, id := range ids {
		if err := tx.Delete(ctx, t, id); err != nil {
			return errors.Join(err, tx.Rollback())
		}
	}
	return tx.Commit(ctx)
}
