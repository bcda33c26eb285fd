package index

import (
	"bytes"
	"math/rand"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// atProcs runs f with several numbers of processors.
func atProcs(t *testing.T, f func(t *testing.T)) {
	for _, n := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(n)
		f(t)
		runtime.GOMAXPROCS(old)
	}
}

// TestReadersAndWriters scans while writers put and delete odd keys. Even keys stay: every scan must return each of them
// exactly once, everything in order, and nothing that was never put.
func TestReadersAndWriters(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			r := newRand(t)
			atProcs(t, func(t *testing.T) { readersAndWriters(t, kind, r.Int63()) })
		})
	}
}

const stable = 1000

func readersAndWriters(t *testing.T, kind Kind, seed int64) {
	ix := New(kind)
	limitBlocks(ix)
	keyOf := func(u uint64) Key { return benchKey(kind, u) }
	for u := uint64(0); u < stable; u++ {
		_, err := ix.Put(keyOf(2*u), u+1)
		require.NoError(t, err)
	}
	var stop atomic.Bool
	var writers, readers sync.WaitGroup
	for w := range 2 {
		writers.Add(1)
		go func() {
			defer writers.Done()
			r := rand.New(rand.NewSource(seed + int64(w)))
			row := uint64(10_000_000 + w)
			for !stop.Load() {
				// Waves of puts and deletes split and join leaves.
				from := uint64(r.Intn(stable))
				for i := range uint64(200) {
					_, _, _ = ix.PutUnique(keyOf(2*((from+i)%stable)+1), row, func(uint64) Verdict { return NoConflict })
				}
				for i := range uint64(200) {
					ix.Delete(keyOf(2*((from+i)%stable)+1), row)
				}
			}
		}()
	}
	for g := range 4 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			r := rand.New(rand.NewSource(seed - int64(g)))
			for range 15 {
				if kind.Ordered() {
					checkScan(t, ix, kind, keyOf, r)
				} else {
					checkWalk(t, ix)
				}
				for range 50 {
					u := uint64(r.Intn(stable))
					if got := ix.Get(keyOf(2*u), nil); len(got) != 1 || got[0] != u+1 {
						t.Errorf("key %d: %v", 2*u, got)
					}
				}
			}
		}()
	}
	readers.Wait()
	stop.Store(true)
	writers.Wait()
	require.Empty(t, ix.Check())
	require.Equal(t, stable, ix.Len())
}

func checkScan(t *testing.T, ix Index, kind Kind, keyOf func(uint64) Key, r *rand.Rand) {
	reverse := r.Intn(2) == 0
	var it Iter
	it.Reset(Bound{}, Bound{}, reverse)
	buf := make([]Entry, 1+r.Intn(MaxBatch))
	seen := uint64(0)
	var last Entry
	for first := true; ; {
		n, err := ix.Scan(&it, buf)
		if err != nil {
			t.Error(err)
		}
		if n == 0 {
			break
		}
		for _, e := range buf[:n] {
			c := (&model{kind: kind}).compare(last, e)
			if !first && (c == 0 || (c > 0) != reverse) {
				t.Errorf("out of order: %v then %v", last, e)
				return
			}
			first = false
			last = Entry{Key{e.Key.Int, bytes.Clone(e.Key.Bytes)}, e.Row}
			if e.Row <= stable {
				want := seen
				if reverse {
					want = stable - 1 - seen
				}
				if e.Row != want+1 || compareKeys(kind, keyOf(2*want), e.Key) != 0 {
					t.Errorf("want row %d, got %v", want+1, e)
				}
				seen++
			}
		}
	}
	if seen != stable {
		t.Errorf("scan saw %d of %d", seen, stable)
	}
}

func checkWalk(t *testing.T, ix Index) {
	seen := map[uint64]int{}
	if err := ix.Walk(func(e Entry) bool {
		if e.Row <= stable {
			seen[e.Row]++
		}
		return true
	}); err != nil {
		t.Error(err)
	}
	for row, n := range seen {
		if n != 1 {
			t.Errorf("row %d seen %d times", row, n)
		}
	}
	if len(seen) != stable {
		t.Errorf("walk saw %d of %d", len(seen), stable)
	}
}

// TestPutUniqueRace lets goroutines claim the same keys: the judge calls everything there a duplicate, so that each key
// must end with one row.
func TestPutUniqueRace(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			atProcs(t, func(t *testing.T) {
				ix := New(kind)
				var won atomic.Int64
				var wg sync.WaitGroup
				for g := range uint64(4) {
					wg.Add(1)
					go func() {
						defer wg.Done()
						for u := range uint64(500) {
							_, v, err := ix.PutUnique(benchKey(kind, u), g+1, func(uint64) Verdict { return Duplicate })
							if err != nil {
								t.Error(err)
							}
							if v == NoConflict {
								won.Add(1)
							}
						}
					}()
				}
				wg.Wait()
				require.EqualValues(t, 500, won.Load())
				require.Equal(t, 500, ix.Len())
			})
		})
	}
}
