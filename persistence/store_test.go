package persistence_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

func TestStateComesBack(t *testing.T) {
	m := newMem(t)
	w := newModel(1)
	for round := range 6 {
		s := open(t, options(m))
		if round == 0 {
			require.NoError(t, createTables(s.DB()))
		}
		n, err := verify(s.DB(), 1, w.n, w.n)
		require.NoError(t, err)
		require.Equal(t, w.n, n)
		for i := range 30 {
			require.NoError(t, w.run(s.DB()))
			if i == 10+round {
				require.NoError(t, s.Checkpoint(ctx))
			}
		}
		_, err = verify(s.DB(), 1, w.n, w.n)
		require.NoError(t, err)
		if round%2 == 0 {
			require.NoError(t, s.Close(ctx))
			m = m.Crash(vfs.CrashOptions{Seed: uint64(round)})
		} else {
			next := m.Crash(vfs.CrashOptions{Seed: uint64(round), Keep: -1})
			require.NoError(t, s.Close(ctx))
			m = next
		}
	}
}

// TestCheckpointBesideAWaitingDefinition: a DDL that waits for a transaction keeps no checkpoint from running.
func TestCheckpointBesideAWaitingDefinition(t *testing.T) {
	m := newMem(t)
	s := open(t, options(m))
	db := s.DB()
	require.NoError(t, createTables(db))
	tx, err := db.Begin(ctx, engine.TxOptions{})
	require.NoError(t, err)
	require.NoError(t, tx.Use(ctx, db.Catalog().Table("Shop", "marks")))
	dropped := make(chan error, 1)
	go func() {
		dropped <- db.Define(ctx, engine.DefineOptions{LockWait: -1}, func(d *engine.Definer) error {
			return d.DropTable(d.Catalog().Table("Shop", "marks"))
		})
	}()
	require.Eventually(t, func() bool { return db.Locks().Stats().Waiting == 1 }, 20*time.Second, time.Millisecond)
	soon, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	require.NoError(t, s.Checkpoint(soon))
	require.NoError(t, tx.Rollback())
	require.NoError(t, <-dropped)
	m = m.Crash(vfs.CrashOptions{Seed: 1})
	require.NoError(t, s.Close(ctx))
	s = open(t, options(m))
	require.Nil(t, s.DB().Catalog().Table("Shop", "marks"))
	require.NotNil(t, s.DB().Catalog().Table("Shop", "Ledger"))
	require.NoError(t, s.Close(ctx))
}

// TestFilesShrink: deleted rows give their pages back to the file system.
func TestFilesShrink(t *testing.T) {
	m := newMem(t)
	s := open(t, options(m))
	require.NoError(t, createTables(s.DB()))
	require.NoError(t, extra(s.DB(), 0))
	require.NoError(t, fillExtra(s.DB(), 3000))
	require.NoError(t, s.Checkpoint(ctx))
	size := func() (n int) {
		for _, name := range m.Files() {
			if strings.Contains(name, "%53ide~") && strings.HasSuffix(name, ".wt.data") {
				n += len(m.Content(name))
			}
		}
		return n
	}
	before := size()
	require.Positive(t, before)
	require.NoError(t, deleteExtra(s.DB(), func(id int64) bool { return id%50 != 0 }))
	require.NoError(t, s.DB().Vacuum(ctx, nil))
	require.NoError(t, s.Checkpoint(ctx))
	require.Less(t, size(), before/2)
	require.NoError(t, s.Close(ctx))
	require.Less(t, size(), before/5)
	report, err := persistence.Verify(ctx, options(m))
	require.NoError(t, err)
	require.Empty(t, report.Problems)
	s = open(t, options(m))
	require.EqualValues(t, 60, s.DB().Catalog().Table("Shop", "Side").RowEstimate())
	require.NoError(t, s.Close(ctx))
}

// TestBackup copies the database while writers commit; the copy is a database of its own.
func TestBackup(t *testing.T) {
	m := newMem(t)
	o := options(m)
	o.CheckpointBytes, o.RetainBytes = 16<<10, 1<<20
	s := open(t, o)
	require.NoError(t, createTables(s.DB()))
	w := newModel(1)
	for i := range 30 {
		require.NoError(t, w.run(s.DB()))
		if i == 15 { // leave cut segments behind
			m.Kill()
			_ = s.Close(ctx)
			s = open(t, o)
		}
	}
	stop := make(chan struct{})
	done := make(chan error)
	go func() {
		for {
			select {
			case <-stop:
				done <- nil
				return
			default:
				if err := w.run(s.DB()); err != nil {
					done <- err
					return
				}
			}
		}
	}()
	for i := range 5 {
		dst := fmt.Sprintf("/copy%d", i)
		low := s.DB().Stats().VisibleCSN
		require.NoError(t, s.Backup(ctx, dst))
		require.ErrorContains(t, s.Backup(ctx, dst), "not empty")
		o := options(m)
		o.Dir = dst
		report, err := persistence.Verify(ctx, o)
		require.NoError(t, err)
		require.Empty(t, report.Problems)
		c := open(t, o)
		require.GreaterOrEqual(t, c.DB().Stats().VisibleCSN, low)
		models, err := read(c.DB())
		require.NoError(t, err)
		_, err = verify(c.DB(), 1, 30, models[1].n)
		require.NoError(t, err)
		require.NoError(t, models[1].run(c.DB()), "it goes its own way")
		require.NoError(t, c.Close(ctx))
	}
	close(stop)
	require.NoError(t, <-done)
	require.NoError(t, s.Close(ctx))
	check(t, m, ledger{acked: w.n, tried: w.n})
}
