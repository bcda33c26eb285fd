package persistence_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// BenchmarkCommit measures autocommitted single-row inserts on the operating system's files.
func BenchmarkCommit(b *testing.B) {
	for _, mode := range []persistence.SyncMode{persistence.SyncFull, persistence.SyncNormal, persistence.SyncOff} {
		for _, writers := range []int{1, 8} {
			b.Run(fmt.Sprintf("%v/%dwriters", mode, writers), func(b *testing.B) {
				s := open(b, persistence.Options{Dir: filepath.Join(b.TempDir(), "db"), Sync: mode})
				require.NoError(b, createTables(s.DB()))
				t := s.DB().Catalog().Table("Shop", "Ledger")
				var next atomic.Int64
				var wg sync.WaitGroup
				before := s.Stats().Syncs
				b.ReportAllocs()
				b.ResetTimer()
				for range writers {
					wg.Go(func() {
						for {
							i := next.Add(1)
							if i > int64(b.N) {
								return
							}
							tx, err := s.DB().Begin(ctx, engine.TxOptions{Autocommit: true})
							if err == nil {
								if _, err = tx.Insert(ctx, t, vals(i, i)); err == nil {
									err = tx.Commit(ctx)
								}
							}
							if err != nil {
								b.Error(err)
								return
							}
						}
					})
				}
				wg.Wait()
				b.StopTimer()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
				if syncs := s.Stats().Syncs - before; syncs > 0 {
					b.ReportMetric(float64(b.N)/float64(syncs), "commits/sync")
				}
				require.NoError(b, s.Close(ctx))
			})
		}
	}
}

// fill makes a database of n rows in transactions of 100.
func fill(b *testing.B, o persistence.Options, n int) *persistence.Store {
	s := open(b, o)
	require.NoError(b, createTables(s.DB()))
	t := s.DB().Catalog().Table("Shop", "orders")
	for i := 0; i < n; {
		tx, err := s.DB().Begin(ctx, engine.TxOptions{})
		require.NoError(b, err)
		for range 100 {
			o := order{customer: fmt.Sprintf("c%d", i%1000), code: fmt.Sprintf("code%08d", i*7919%n), amount: int64(i)}
			_, err := tx.Insert(ctx, t, o.vals(int64(i)))
			require.NoError(b, err)
			i++
		}
		require.NoError(b, tx.Commit(ctx))
	}
	return s
}

// BenchmarkOpen measures recovery: from the log alone, from pages, and from pages and index files.
func BenchmarkOpen(b *testing.B) {
	n := envSize("WORKTABLE_BENCH_ROWS", 100_000)
	for _, kind := range []string{"log", "pages", "pages+indexes"} {
		b.Run(kind, func(b *testing.B) {
			m := vfs.NewMem() // the engine's and the format's share; the disk's comes on top
			o := persistence.Options{Dir: dir, FS: m, CheckpointBytes: -1, CheckpointInterval: -1, Sync: persistence.SyncOff}
			s := fill(b, o, n)
			image := m.Clone()
			if kind != "log" {
				require.NoError(b, s.Checkpoint(ctx))
				image = m.Clone()
			}
			require.NoError(b, s.Close(ctx))
			if kind == "pages+indexes" {
				image = m
			}
			o.ReadOnly = true
			o.FS = image
			b.ResetTimer()
			for range b.N {
				s := open(b, o)
				b.StopTimer()
				require.EqualValues(b, n, s.DB().Catalog().Table("Shop", "orders").RowEstimate())
				require.NoError(b, s.Close(ctx))
				b.StartTimer()
			}
			b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}

// BenchmarkCheckpoint measures a checkpoint of a whole new table, and one after a single commit.
func BenchmarkCheckpoint(b *testing.B) {
	n := envSize("WORKTABLE_BENCH_ROWS", 100_000)
	b.Run("everything", func(b *testing.B) {
		for range b.N {
			b.StopTimer()
			o := persistence.Options{Dir: filepath.Join(b.TempDir(), "db"), CheckpointBytes: -1, CheckpointInterval: -1, Sync: persistence.SyncOff}
			s := fill(b, o, n)
			b.StartTimer()
			require.NoError(b, s.Checkpoint(ctx))
			b.StopTimer()
			require.NoError(b, s.Close(ctx))
			b.StartTimer()
		}
	})
	b.Run("onecommit", func(b *testing.B) {
		o := persistence.Options{Dir: filepath.Join(b.TempDir(), "db"), CheckpointBytes: -1, CheckpointInterval: -1}
		s := fill(b, o, n)
		require.NoError(b, s.Checkpoint(ctx))
		t := s.DB().Catalog().Table("Shop", "Ledger")
		b.ResetTimer()
		for i := range b.N {
			tx, err := s.DB().Begin(ctx, engine.TxOptions{})
			require.NoError(b, err)
			_, err = tx.Insert(ctx, t, vals(i, i))
			require.NoError(b, err)
			require.NoError(b, tx.Commit(ctx))
			require.NoError(b, s.Checkpoint(ctx))
		}
		b.StopTimer()
		require.NoError(b, s.Close(ctx))
	})
}
