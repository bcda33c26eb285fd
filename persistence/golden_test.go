package persistence

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestGoldenControl reads a control file that version 1 wrote. WORKTABLE_GOLDEN=1 writes it anew, which only a new format
// version may ask for.
func TestGoldenControl(t *testing.T) {
	const golden = "testdata/v1.ctl"
	if os.Getenv("WORKTABLE_GOLDEN") != "" {
		require.NoError(t, os.MkdirAll("testdata", 0o755))
		require.NoError(t, os.WriteFile(golden, testControl().encode(), 0o644))
	}
	b, err := os.ReadFile(golden)
	require.NoError(t, err)
	c, note, err := decodeControl(b, golden)
	require.NoError(t, err)
	require.Empty(t, note)
	require.Equal(t, testControl(), c)
	require.Equal(t, b, c.encode())
}
