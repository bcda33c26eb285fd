package index

import (
	"errors"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

func TestEmpty(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			ix := New(kind)
			require.Equal(t, kind, ix.Kind())
			require.Empty(t, ix.Get(Key{}, nil))
			require.False(t, ix.Has(Key{}, 1))
			require.False(t, ix.Delete(Key{}, 1))
			require.Zero(t, ix.Len())
			require.Empty(t, ix.Check())
			require.NoError(t, ix.Walk(func(Entry) bool { panic("no entries") }))
			require.False(t, ix.Compact())
			if kind.Ordered() {
				require.Empty(t, scanAll(t, ix, Bound{}, Bound{}, false, 3))
				require.Empty(t, scanAll(t, ix, Including(Key{}), Including(Key{}), true, 3))
			} else {
				_, err := ix.Scan(&Iter{}, make([]Entry, 1))
				require.ErrorIs(t, err, sqlerr.Internal)
			}
		})
	}
}

func TestKeyTooLong(t *testing.T) {
	for _, kind := range []Kind{TreeBytes, HashBytes} {
		ix := New(kind)
		longest := BytesKey(make([]byte, MaxKeyLen))
		added, err := ix.Put(longest, 1)
		require.NoError(t, err)
		require.True(t, added)
		require.Equal(t, []uint64{1}, ix.Get(longest, nil))
		over := BytesKey(make([]byte, MaxKeyLen+1))
		_, err = ix.Put(over, 1)
		require.ErrorIs(t, err, sqlerr.TooLongKey)
		_, _, err = ix.PutUnique(over, 1, nil)
		require.ErrorIs(t, err, sqlerr.TooLongKey)
		require.Empty(t, ix.Get(over, nil))
		require.False(t, ix.Has(over, 1))
		require.False(t, ix.Delete(over, 1))
		if kind.Ordered() {
			var it Iter
			it.Reset(Including(over), Bound{}, false)
			_, err = ix.Scan(&it, make([]Entry, 1))
			require.ErrorIs(t, err, sqlerr.TooLongKey)
		}
		require.True(t, ix.Delete(longest, 1))
		require.Empty(t, ix.Check())
	}
}

func TestBulkLoad(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			r := newRand(t)
			for _, n := range []int{0, 1, loadFill, loadFill + 1, 20_000} {
				ix, m := New(kind), &model{kind: kind}
				limitBlocks(ix)
				_, err := ix.Put(benchKey(kind, 1), 99) // goes
				require.NoError(t, err)
				for u := range n {
					m.list = append(m.list, Entry{benchKey(kind, uint64(u/3)), uint64(u%3 + 1)})
				}
				i := 0
				require.NoError(t, ix.BulkLoad(n, func() (Entry, bool, error) {
					if i == len(m.list) {
						return Entry{}, false, nil
					}
					i++
					return m.list[i-1], true, nil
				}))
				require.Equal(t, n, ix.Len())
				require.Empty(t, ix.Check())
				if kind.Ordered() {
					requireEntries(t, kind, m.list, scanAll(t, ix, Bound{}, Bound{}, false, 100))
				}
				for range 3000 {
					step(t, r, ix, m, 1000, 10)
				}
				require.Empty(t, ix.Check())
			}
		})
	}
}

func TestBulkLoadErrors(t *testing.T) {
	broken := errors.New("broken")
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			ix := New(kind)
			_, err := ix.Put(benchKey(kind, 5), 1)
			require.NoError(t, err)
			load := func(entries []Entry, err error) error {
				return ix.BulkLoad(len(entries), func() (Entry, bool, error) {
					if len(entries) == 0 {
						return Entry{}, false, err
					}
					e := entries[0]
					entries = entries[1:]
					return e, true, nil
				})
			}
			e := func(u, row uint64) Entry { return Entry{benchKey(kind, u), row} }
			require.ErrorIs(t, load([]Entry{e(1, 1)}, broken), broken)
			if kind.Ordered() {
				require.Error(t, load([]Entry{e(1, 1), e(1, 1)}, nil))
				require.Error(t, load([]Entry{e(1, 2), e(1, 1)}, nil))
				require.Error(t, load([]Entry{e(2, 1), e(1, 1)}, nil))
			}
			require.Equal(t, []uint64{1}, ix.Get(benchKey(kind, 5), nil), "the content stays")
			require.Equal(t, 1, ix.Len())
		})
	}
}

// TestSpaceComesBack fills and empties an index with keys of changing sizes: memory must follow.
func TestSpaceComesBack(t *testing.T) {
	for _, kind := range []Kind{TreeBytes, HashBytes} {
		ix := New(kind)
		key := func(i, size int) Key { return BytesKey(fmt.Appendf(nil, "%0*d", size, i)) }
		const n = 20_000
		for _, size := range []int{100, 60, 400, 33} {
			for i := range n {
				_, err := ix.Put(key(i, size), 1)
				require.NoError(t, err)
			}
			full := ix.Stats()
			require.GreaterOrEqual(t, full.KeyBytes, int64(n*(size-prefixLen)))
			for i := range n - 100 {
				require.True(t, ix.Delete(key(i, size), 1))
			}
			for ix.Compact() {
			}
			require.Empty(t, ix.Check())
			st := ix.Stats()
			require.Less(t, st.KeyBytes+st.DeadBytes, int64(4<<20), "size %d: %+v", size, st)
			for i := n - 100; i < n; i++ {
				require.Equal(t, []uint64{1}, ix.Get(key(i, size), nil))
				require.True(t, ix.Delete(key(i, size), 1))
			}
		}
		require.Zero(t, ix.Stats().KeyBytes)
	}
}

// TestQueueChurn moves a window of keys upwards, as a queue does: nothing may grow.
func TestQueueChurn(t *testing.T) {
	for name, kind := range kinds {
		ix := New(kind)
		const window = 500
		var most int64
		for u := uint64(0); u < 60_000; u++ {
			_, err := ix.Put(benchKey(kind, u), u+1)
			require.NoError(t, err)
			if u >= window {
				require.True(t, ix.Delete(benchKey(kind, u-window), u-window+1))
			}
			if u%5000 == 4999 {
				most = max(most, ix.Stats().Bytes)
			}
		}
		require.Less(t, most, int64(256<<10), name)
		require.Empty(t, ix.Check())
	}
}

func TestNoAllocations(t *testing.T) {
	for name, kind := range kinds {
		ix := New(kind)
		var keys []Key
		for i := range 5000 {
			keys = append(keys, benchKey(kind, uint64(i)))
			_, _ = ix.Put(keys[i], uint64(i+1))
		}
		dst := make([]uint64, 0, 4)
		r := rand.New(rand.NewSource(1))
		judge := func(uint64) Verdict { return Duplicate }
		require.Zero(t, testing.AllocsPerRun(500, func() {
			k := keys[r.Intn(len(keys))]
			dst = ix.Get(k, dst[:0])
			_, _, _ = ix.PutUnique(k, 1<<40, judge)
		}), name)
		if kind.Ordered() {
			var it Iter
			buf := make([]Entry, 100)
			scan := func() {
				it.Reset(Including(keys[1000]), Excluding(keys[1500]), false)
				for n := 1; n > 0; n, _ = ix.Scan(&it, buf) {
				}
			}
			scan()
			require.Zero(t, testing.AllocsPerRun(50, scan), name)
		}
	}
}

func TestArenaClasses(t *testing.T) {
	last := -1
	size := map[int]int{}
	for n := 1; n <= MaxKeyLen; n++ {
		c, units := class(n)
		require.GreaterOrEqual(t, units*unit, n)
		require.LessOrEqual(t, units*unit, n+n/4+unit)
		require.Less(t, c, arenaClasses)
		require.True(t, c == last || c == last+1, "classes leave no gap")
		if had, ok := size[c]; ok {
			require.Equal(t, had, units)
		}
		size[c], last = units, c
	}
}

// TestPopularKey puts a great many rows under one key, as NULL in a unique index has: no operation may get slow by it.
func TestPopularKey(t *testing.T) {
	const n = 20_000
	for name, kind := range kinds {
		ix := New(kind)
		popular := Key{Int: 5, Bytes: []byte("\x00")}
		for i := uint64(1); i <= n; i++ {
			added, err := ix.Put(popular, i)
			require.NoError(t, err)
			require.True(t, added, name)
			_, err = ix.Put(benchKey(kind, 1000+i), i)
			require.NoError(t, err)
		}
		require.Equal(t, 2*n, ix.Len())
		require.Len(t, ix.Get(popular, nil), n)
		require.Equal(t, []uint64{77}, ix.Get(benchKey(kind, 1077), nil))
		require.Empty(t, ix.Check())
		asked := 0
		id, v, err := ix.PutUnique(popular, n+1, func(id uint64) Verdict {
			if asked++; asked == 100 {
				return Wait
			}
			return NoConflict
		})
		require.NoError(t, err)
		require.Equal(t, Wait, v)
		require.NotZero(t, id)
		for i := uint64(1); i <= n; i++ {
			require.True(t, ix.Has(popular, i))
			require.True(t, ix.Delete(popular, i))
		}
		require.Empty(t, ix.Get(popular, nil))
		require.Equal(t, n, ix.Len())
		require.Empty(t, ix.Check())
	}
}

func TestEstimate(t *testing.T) {
	for _, kind := range []Kind{Tree8, TreeBytes} {
		r := newRand(t)
		ix, m := New(kind), &model{kind: kind}
		limitBlocks(ix)
		n, err := ix.Estimate(Bound{}, Bound{})
		require.NoError(t, err)
		require.Zero(t, n)
		for range 20_000 {
			e := Entry{benchKey(kind, uint64(r.Intn(30_000))), uint64(1 + r.Intn(3))}
			_, _ = ix.Put(e.Key, e.Row)
			m.put(e)
		}
		for range 500 {
			a, b := r.Intn(30_100), r.Intn(30_100)
			lo, hi := Including(benchKey(kind, uint64(a))), Excluding(benchKey(kind, uint64(b)))
			if a%10 == 0 {
				lo = Bound{}
			}
			if b%10 == 0 {
				hi = Bound{}
			}
			got, err := ix.Estimate(lo, hi)
			require.NoError(t, err)
			want := len(m.scan(lo, hi, false))
			if want < countLeaves*leafCap/4 {
				require.Equal(t, want, got)
			} else {
				require.InDelta(t, want, got, float64(want)/3)
			}
		}
	}
	_, err := New(Hash8).Estimate(Bound{}, Bound{})
	require.Error(t, err)
}
