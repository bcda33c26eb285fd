//go:build !race

package sqlmap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/value"
)

// TestAllocations: the statements that programs run all the time, prepared, take no memory once they have run, and ranges
// little for their bounds. (With the race detector pools forget what they are given.)
func TestAllocations(t *testing.T) {
	c := benchTable(t)
	for text, most := range map[string]float64{
		"SELECT name, n FROM t WHERE id = ?":                            0,
		"SELECT id FROM t WHERE id = ? AND n >= 0":                      0,
		"UPDATE t SET n = n + 1 WHERE id = ?":                           0,
		"UPDATE t SET k = k + 1 WHERE id = ?":                           0,
		"SELECT id, name FROM t WHERE k = ?":                            2,
		"SELECT id, name FROM t WHERE id >= ? AND id < 700 ORDER BY id": 8,
	} {
		st, err := c.s.Prepare(background, text)
		require.NoError(t, err)
		i := 0
		args := make([]value.Value, 1)
		run := func() {
			i++
			args[0] = value.Int(int64(i%500 + 1))
			r, err := st.Query(background, args)
			require.NoError(t, err)
			for {
				row, err := r.Row(background)
				require.NoError(t, err)
				if row == nil {
					break
				}
			}
			require.NoError(t, r.Close())
		}
		for range 1000 {
			run()
		}
		// Indexes and pages grow now and then, and the garbage collector empties pools.
		require.LessOrEqual(t, testing.AllocsPerRun(1000, run), most, text)
	}
}
