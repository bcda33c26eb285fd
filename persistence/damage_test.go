package persistence_test

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// smallStore makes a database with a checkpoint, index files or not, and commits above the checkpoint.
func smallStore(t *testing.T, closed bool) (*vfs.Mem, int64) {
	t.Helper()
	m := newMem(t)
	o := options(m)
	w := newModel(1)
	s := open(t, o)
	require.NoError(t, createTables(s.DB()))
	for range 25 {
		require.NoError(t, w.run(s.DB()))
	}
	require.NoError(t, s.Close(ctx))
	if closed {
		return m, w.n
	}
	s = open(t, o)
	for range 6 {
		require.NoError(t, w.run(s.DB()))
	}
	image := m.Clone()
	require.NoError(t, s.Close(ctx))
	return image, w.n
}

// judge opens a damaged directory. Either the damage is told, or the state is exactly the one that was there; losing the
// newest commits is allowed only where low says so.
func judge(t *testing.T, m *vfs.Mem, low, high int64) (detected bool) {
	t.Helper()
	s, err := persistence.Open(ctx, options(m))
	if err != nil {
		if !errors.Is(err, persistence.ErrNewerFormat) {
			var c *persistence.CorruptError
			require.ErrorAs(t, err, &c)
			require.NotEmpty(t, c.File)
			require.ErrorIs(t, err, persistence.ErrCorrupt)
			require.ErrorIs(t, err, sqlerr.CorruptTable)
		}
		return true
	}
	_, err = verify(s.DB(), 1, low, high)
	require.NoError(t, err)
	require.NoError(t, s.Close(ctx))
	return false
}

// TestEveryBitFlip flips bits of every file of a closed and of an unclosed database.
func TestEveryBitFlip(t *testing.T) {
	stride := int(stride("WORKTABLE_FLIP_STRIDE", 1499))
	for _, closed := range []bool{true, false} {
		m, n := smallStore(t, closed)
		detected, harmless, at := 0, 0, 0
		for _, name := range m.Files() {
			content := m.Content(name)
			for bit := at % stride; bit < len(content)*8; bit += stride {
				if strings.HasSuffix(name, ".wtlog") && zeros(content[bit/8:]) {
					break // space that was allocated ahead
				}
				c := m.Clone()
				flipped := append([]byte(nil), content...)
				flipped[bit/8] ^= 1 << (bit % 8)
				c.SetContent(name, flipped)
				low := n
				if !closed && strings.HasSuffix(name, ".wtlog") {
					low = n - 1 // the last commit of a killed process has no mark behind it yet: a torn end
				}
				if judge(t, c, low, n) {
					detected++
					require.False(t, strings.HasSuffix(name, ".wt.idx"), "a damaged index file loses nothing")
				} else {
					harmless++
				}
				if t.Failed() {
					t.Fatalf("%s, bit %d", name, bit)
				}
			}
			at += len(content) * 8
		}
		t.Logf("closed %v: %d detected, %d harmless", closed, detected, harmless)
		require.Positive(t, detected)
	}
}

func zeros(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}

// TestEveryTruncation cuts and extends every file, and removes it.
func TestEveryTruncation(t *testing.T) {
	stride := int(stride("WORKTABLE_CUT_STRIDE", 331))
	m, n := smallStore(t, true)
	for _, name := range m.Files() {
		content := m.Content(name)
		variants := [][]byte{append(append([]byte(nil), content...), make([]byte, 700)...), append(append([]byte(nil), content...), content...)}
		for cut := 0; cut < len(content); cut += stride {
			variants = append(variants, content[:cut])
		}
		for _, v := range variants {
			c := m.Clone()
			c.SetContent(name, v)
			judge(t, c, n, n)
			if t.Failed() {
				t.Fatalf("%s of %d bytes instead of %d", name, len(v), len(content))
			}
		}
		c := m.Clone()
		require.NoError(t, c.Remove(name))
		detected := judge(t, c, n, n)
		spare := strings.HasSuffix(name, ".wtlog") && zeros(content[64:]) // made ahead, never used
		require.Equal(t, !strings.HasSuffix(name, ".wt.idx") && !spare, detected, name)
	}
}

// TestMisdirectedPages swaps, copies, zeroes and ages pages: each is valid by itself, or was.
func TestMisdirectedPages(t *testing.T) {
	older, _ := smallStore(t, true)
	m := older.Clone()
	s := open(t, options(m))
	w := modelAt(1, 25)
	for range 25 {
		require.NoError(t, w.run(s.DB()))
	}
	require.NoError(t, s.Close(ctx))
	rng := rand.New(rand.NewPCG(1, 2))
	var data []string
	for _, name := range m.Files() {
		if strings.HasSuffix(name, ".wt.data") {
			data = append(data, name)
		}
	}
	const size = 512
	for i := range envSize("WORKTABLE_PAGE_CASES", 300/slower) {
		c := m.Clone()
		from, to := data[rng.IntN(len(data))], data[rng.IntN(len(data))]
		a, b := c.Content(from), c.Content(to)
		p, q := rng.IntN(len(a)/size)*size, rng.IntN(len(b)/size)*size
		before := string(b)
		switch i % 4 {
		case 0:
			copy(b[q:q+size], a[p:p+size])
		case 1:
			clear(b[q : q+size])
		case 2:
			b = b[:len(b)-size]
		case 3: // a write that never reached the disk: the page is of the checkpoint before
			if old := older.Content(to); q+size <= len(old) {
				copy(b[q:q+size], old[q:q+size])
			}
		}
		if string(b) == before {
			continue
		}
		c.SetContent(to, b)
		require.True(t, judge(t, c, 50, 50), "case %d: %s page %d over %s page %d", i, from, p/size, to, q/size)
		report, err := persistence.Verify(ctx, options(c))
		require.NoError(t, err)
		require.NotEmpty(t, report.Problems)
	}
	// A whole file of the checkpoint before.
	for _, name := range data {
		old := older.Content(name)
		if old == nil || string(old) == string(m.Content(name)) {
			continue
		}
		c := m.Clone()
		c.SetContent(name, old)
		require.True(t, judge(t, c, 50, 50), name)
	}
}

// TestVerifyReportsEverything: damage in several places is several problems.
func TestVerifyReportsEverything(t *testing.T) {
	m, _ := smallStore(t, true)
	report, err := persistence.Verify(ctx, options(m))
	require.NoError(t, err)
	require.Empty(t, report.Problems)
	require.Empty(t, report.Notes)
	require.Positive(t, report.Pages)
	damaged := 0
	for _, name := range m.Files() {
		b := m.Content(name)
		if strings.HasSuffix(name, ".wt.data") && len(b) >= 3*512 {
			b[512+100] ^= 1
			b[1024+100] ^= 1
			damaged += 2
		}
		if strings.HasSuffix(name, ".wt.idx") {
			b[200] ^= 1
		}
		m.SetContent(name, b)
	}
	before := m.Clone()
	report, err = persistence.Verify(ctx, options(m))
	require.NoError(t, err)
	require.Len(t, report.Problems, damaged)
	require.NotEmpty(t, report.Notes)
	for _, name := range before.Files() {
		require.Equal(t, before.Content(name), m.Content(name), "nothing is changed")
	}
}

// TestControlFileCopies: either half of the control file is enough.
func TestControlFileCopies(t *testing.T) {
	m, n := smallStore(t, true)
	const name = dir + "/worktable.ctl"
	content := m.Content(name)
	for _, half := range []int{0, len(content) / 2} {
		c := m.Clone()
		b := append([]byte(nil), content...)
		for i := range 64 {
			b[half+i*3] ^= 0x55
		}
		c.SetContent(name, b)
		require.False(t, judge(t, c, n, n))
	}
	b := append([]byte(nil), content...)
	b[50] ^= 1
	b[len(b)/2+60] ^= 1
	c := m.Clone()
	c.SetContent(name, b)
	require.True(t, judge(t, c, n, n))
}

// TestNeverEmpty: with the control file gone, whatever else is left of a database is an error, and stays as it is.
func TestNeverEmpty(t *testing.T) {
	m, _ := smallStore(t, false)
	require.NoError(t, m.Remove(dir+"/worktable.ctl"))
	_, err := persistence.Open(ctx, options(m))
	require.ErrorIs(t, err, persistence.ErrCorrupt)
	require.ErrorContains(t, err, "control file is missing")
	files := m.Files()
	for _, keep := range files {
		c := m.Clone()
		for _, name := range files {
			if name != keep {
				require.NoError(t, c.Remove(name))
			}
		}
		if strings.HasSuffix(keep, ".wtlog") && zeros(c.Content(keep)[64:]) {
			continue // a segment made ahead, or the first one: no different from a creation cut short
		}
		before := c.Content(keep)
		_, err := persistence.Open(ctx, options(c))
		require.ErrorIs(t, err, persistence.ErrCorrupt, keep)
		require.Equal(t, before, c.Content(keep))
	}
}
