package wal_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

// TestGoldenLog reads a log that version 1 wrote, with parts, an end frame, a cut and a mark. WORKTABLE_GOLDEN=1 writes it
// anew, which only a new format version may ask for.
func TestGoldenLog(t *testing.T) {
	const golden, n, maxLen = "testdata/v1", 12, 6000
	if os.Getenv("WORKTABLE_GOLDEN") != "" {
		m := newFS(t, 4096)
		for range 3 {
			l, tail, err := open(m, maxLen, wal.Options{Segment: 4096})
			require.NoError(t, err)
			for csn := tail.LastCSN + 1; csn <= tail.LastCSN+n/3; csn++ {
				require.NoError(t, commit(l, csn, maxLen))
			}
			require.NoError(t, l.Close())
		}
		require.NoError(t, os.MkdirAll(golden, 0o755))
		for _, name := range m.Files() {
			require.NoError(t, os.WriteFile(filepath.Join(golden, filepath.Base(name)), m.Content(name), 0o644))
		}
	}
	next := uint64(1)
	tail, err := wal.Scan(ctx, wal.ScanOptions{FS: vfs.OS, Dir: golden, ID: id}, func(c wal.Commit) error {
		require.Equal(t, next, c.CSN)
		require.Equal(t, payload(c.CSN, maxLen), c.Data)
		require.EqualValues(t, c.CSN*10, c.Time)
		next++
		return nil
	})
	require.NoError(t, err)
	require.EqualValues(t, n, tail.LastCSN)
	require.False(t, tail.Torn)
}
