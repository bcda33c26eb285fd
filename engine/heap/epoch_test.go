package heap

import (
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEpochRipeness(t *testing.T) {
	e := NewEpochs()
	ran := 0
	outer := e.Pin()
	e.Retire(func() { ran++ })
	inner := e.Pin() // pins nest
	for range 5 {
		e.Reclaim()
	}
	require.Zero(t, ran)
	outer.Unpin()
	later := e.Pin() // a pin from after the retirement may delay it, not forever
	inner.Unpin()
	for range 5 {
		e.Reclaim()
	}
	later.Unpin()
	e.Reclaim()
	e.Reclaim()
	require.Equal(t, 1, ran)
	for range 5000 { // runs without a background worker too
		e.Retire(func() { ran++ })
	}
	require.Greater(t, ran, 4000)
	e.Reclaim()
	require.Equal(t, 5001, ran)
}

// TestEpochStress reuses an object only through Retire; the readers' plain reads race with the writer's plain writes if
// a Pin ever fails to hold it.
func TestEpochStress(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		e := NewEpochs()
		type object struct{ a, b int }
		var current atomic.Pointer[object]
		current.Store(&object{1, -1})
		var mu sync.Mutex
		var free []*object
		var readers, writers sync.WaitGroup
		var stop atomic.Bool
		for range 3 {
			readers.Add(1)
			go func() {
				defer readers.Done()
				for !stop.Load() {
					g := e.Pin()
					o := current.Load()
					a := o.a
					runtime.Gosched()
					if a+o.b != 0 || o.a != a {
						t.Error("object changed under a pin")
						stop.Store(true)
					}
					g.Unpin()
				}
			}()
		}
		for w := range 2 {
			writers.Add(1)
			go func() {
				defer writers.Done()
				for i := range testSize(3000) {
					mu.Lock()
					var o *object
					if n := len(free); n > 0 {
						o, free = free[n-1], free[:n-1]
					} else {
						o = new(object)
					}
					mu.Unlock()
					o.a, o.b = w*i+1, -(w*i + 1)
					was := current.Swap(o)
					e.Retire(func() {
						mu.Lock()
						free = append(free, was)
						mu.Unlock()
					})
					if i%8 == 0 {
						e.Reclaim()
					}
				}
			}()
		}
		writers.Wait()
		stop.Store(true)
		readers.Wait()
		runtime.GOMAXPROCS(old)
	}
}
