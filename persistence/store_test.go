package persistence_test

import (
	"testing"

	"github.com/stretchr/testify/require"

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
