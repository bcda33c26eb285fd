package index

import (
	"fmt"
	"math/rand"
	"sync"
	"testing"
)

func benchKey(k Kind, u uint64) Key {
	if k.Int() {
		return IntKey(u)
	}
	return BytesKey(fmt.Appendf(nil, "\x01customer-%09d", u))
}

func benchFill(k Kind, n int) (Index, []Key) {
	ix := New(k)
	keys := make([]Key, n)
	for i, u := range rand.Perm(n) {
		keys[i] = benchKey(k, uint64(u)*7)
		_, _ = ix.Put(keys[i], uint64(i+1))
	}
	return ix, keys
}

func BenchmarkGet(b *testing.B) {
	for name, k := range kinds {
		for _, n := range []int{1000, 100_000, 1_000_000} {
			b.Run(fmt.Sprintf("%s/n=%d", name, n), func(b *testing.B) {
				ix, keys := benchFill(k, n)
				var dst []uint64
				b.ReportAllocs()
				for i := 0; b.Loop(); i++ {
					if dst = ix.Get(keys[i%n], dst[:0]); len(dst) != 1 {
						b.Fatal("lost")
					}
				}
			})
		}
	}
}

func BenchmarkGetParallel(b *testing.B) {
	ix, keys := benchFill(Tree8, 100_000)
	b.SetParallelism(4)
	b.RunParallel(func(pb *testing.PB) {
		dst := make([]uint64, 0, 4)
		i := rand.Intn(len(keys))
		for pb.Next() {
			i++
			dst = ix.Get(keys[i%len(keys)], dst[:0])
		}
	})
}

func BenchmarkPutDelete(b *testing.B) {
	for name, k := range kinds {
		const n = 100_000
		b.Run(name, func(b *testing.B) {
			ix, keys := benchFill(k, n)
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				key := keys[i*31%n]
				_, _, _ = ix.PutUnique(key, n+1, func(uint64) Verdict { return NoConflict })
				ix.Delete(key, n+1)
			}
		})
	}
}

func BenchmarkPutAscending(b *testing.B) {
	ix := New(Tree8)
	b.ReportAllocs()
	for i := uint64(1); b.Loop(); i++ {
		_, _ = ix.Put(IntKey(i), i)
	}
	b.ReportMetric(float64(ix.Stats().Bytes)/float64(ix.Len()), "B/entry")
}

func BenchmarkScan(b *testing.B) {
	for name, k := range kinds {
		if !k.Ordered() {
			continue
		}
		b.Run(name, func(b *testing.B) {
			ix, _ := benchFill(k, 100_000)
			buf := make([]Entry, MaxBatch)
			var it Iter
			b.ReportAllocs()
			for b.Loop() {
				it.Reset(Bound{}, Bound{}, false)
				for n := 1; n > 0; n, _ = ix.Scan(&it, buf) {
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/100_000, "ns/entry")
		})
	}
}

func BenchmarkBulkLoad(b *testing.B) {
	for name, k := range kinds {
		const n = 200_000
		keys := make([]Key, n)
		for i := range keys {
			keys[i] = benchKey(k, uint64(i))
		}
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				i := 0
				err := New(k).BulkLoad(n, func() (Entry, bool, error) {
					if i++; i > n {
						return Entry{}, false, nil
					}
					return Entry{keys[i-1], uint64(i)}, true, nil
				})
				if err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/entry")
		})
	}
}

// BenchmarkReadLock compares the lock with sync.RWMutex, eight goroutines at a time.
func BenchmarkReadLock(b *testing.B) {
	writes, shared := 0, 1
	b.Run("rwlock", func(b *testing.B) {
		var l rwlock
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				c := l.RLock()
				_ = shared
				l.RUnlock(c)
			}
		})
	})
	b.Run("RWMutex", func(b *testing.B) {
		var l sync.RWMutex
		b.SetParallelism(4)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				l.RLock()
				_ = shared
				l.RUnlock()
			}
		})
	})
	b.Run("write/rwlock", func(b *testing.B) {
		var l rwlock
		for b.Loop() {
			l.Lock()
			writes++
			l.Unlock()
		}
	})
	b.Run("write/RWMutex", func(b *testing.B) {
		var l sync.RWMutex
		for b.Loop() {
			l.Lock()
			writes++
			l.Unlock()
		}
	})
}
