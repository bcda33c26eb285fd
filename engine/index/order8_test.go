package index

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

// The searches agree with plain ones, however the keys are spread.
func TestSearchByGuess(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	kinds := map[string]func(i int) uint64{
		"even":     func(i int) uint64 { return 1<<63 + uint64(i)*3 },
		"dense":    func(i int) uint64 { return uint64(i) },
		"repeated": func(i int) uint64 { return uint64(i / 7) },
		"random":   func(int) uint64 { return r.Uint64() },
		"skewed":   func(i int) uint64 { return uint64(1) << (i % 64) },
		"ends":     func(i int) uint64 { return []uint64{0, math.MaxUint64, 1 << 63}[i%3] },
	}
	for name, kind := range kinds {
		for n := 1; n <= 150; n += 1 + n/9 {
			items, marks := make([]item8, n), make([]mark, n)
			for i := range items {
				items[i].key = kind(i)
			}
			slices.SortFunc(items, func(a, b item8) int { return cmp.Compare(a.key, b.key) })
			for i := range items[1:] {
				marks[i+1].key = items[i+1].key
			}
			for range 200 {
				k := kind(r.IntN(2*n)) + uint64(r.IntN(3)) - 1
				want := sort.Search(n, func(i int) bool { return items[i].key >= k })
				require.Equal(t, want, firstFrom(items, k, nil, 0), "%s: %d in %v", name, k, items)
				// As a leaf between others, with fences that fit or were made of items that are gone.
				below := items[0].key - min(items[0].key, uint64(r.IntN(50)))
				above := items[n-1].key + min(math.MaxUint64-items[n-1].key, uint64(r.IntN(50)))
				fences := []mark{{}, {key: below}, {key: above}}
				require.Equal(t, want, firstFrom(items, k, fences, 1), "%s: %d in %v between %v", name, k, items, fences)
				want = sort.Search(n-1, func(i int) bool { return marks[i+1].key >= k })
				require.Equal(t, want, lastBelow(marks, k), "%s: %d in %v", name, k, marks)
			}
		}
	}
}
