package persistence_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// TestOrderingRules runs the scenario's steps under the monitor, in every mode.
func TestOrderingRules(t *testing.T) {
	for _, mode := range []persistence.SyncMode{persistence.SyncFull, persistence.SyncNormal, persistence.SyncOff} {
		m := vfs.NewMem()
		h, mon := watch(m)
		o := options(h)
		o.Sync = mode
		w := newModel(1)
		for life := range 3 {
			s := open(t, o)
			if life == 0 {
				require.NoError(t, createTables(s.DB()))
			}
			for part := range 4 {
				for range 8 {
					require.NoError(t, w.run(s.DB()))
				}
				require.NoError(t, extra(s.DB(), life*4+part))
				require.NoError(t, fillExtra(s.DB(), 400)) // many pages, dirty together: files are replaced
				require.NoError(t, s.Checkpoint(ctx))
				mon.committed(m)
				require.Empty(t, mon.report())
			}
			require.NoError(t, s.Close(ctx))
			mon.committed(m)
			require.Empty(t, mon.report())
		}
		check(t, m, ledger{acked: w.n, tried: w.n})
	}
}

// TestRewrittenFiles lets most pages of a large table change between checkpoints, with the power failing in between.
func TestRewrittenFiles(t *testing.T) {
	for at := int64(0); ; at += stride("WORKTABLE_REWRITE_STRIDE", 3) {
		m := vfs.NewMem()
		s := open(t, options(m))
		require.NoError(t, createTables(s.DB()))
		require.NoError(t, extra(s.DB(), 0))
		require.NoError(t, fillExtra(s.DB(), 1200))
		w := newModel(1)
		require.NoError(t, w.run(s.DB()))
		require.NoError(t, s.Close(ctx))

		in := vfs.NewInjector(m)
		s = open(t, options(in))
		require.NoError(t, w.run(s.DB()))
		require.NoError(t, updateExtra(s.DB()))
		var image *vfs.Mem
		in.PowerOffAfter(at, func() { image = m.Crash(vfs.CrashOptions{Seed: uint64(at), Keep: -1, Garbage: true}) })
		err := s.Checkpoint(ctx)
		if err == nil {
			err = w.run(s.DB())
		}
		if err == nil {
			err = s.Checkpoint(ctx)
		}
		_ = s.Close(ctx)
		if image == nil {
			require.NoError(t, err)
			return
		}
		check(t, image, ledger{acked: 2, tried: 3})
	}
}
