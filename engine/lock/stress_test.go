package lock

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

var stressFlag = flag.Int("stress", 1500, "transactions per goroutine of the stress test")

// shadow notes who holds what by the callers' belief, and complains about conflicting holders.
type shadow struct {
	mu   sync.Mutex
	held map[int]map[int]Mode // resource → owner → mode
}

func (s *shadow) hold(t *testing.T, res, o int, m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held[res] == nil {
		s.held[res] = map[int]Mode{}
	}
	for p, pm := range s.held[res] {
		if p != o && pm.Conflicts(m) {
			t.Errorf("resource %d: owner %d got %v while %d holds %v", res, o, m, p, pm)
		}
	}
	s.held[res][o] = s.held[res][o].Union(m)
}

func (s *shadow) set(res, o int, m Mode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Empty() {
		delete(s.held[res], o)
	} else {
		s.held[res][o] = m
	}
}

// TestStress runs random transactions over a few rows, definitions and names. No two conflicting holders may coexist; a
// wait that lasts until its timeout is a missed deadlock or a lost wake-up.
func TestStress(t *testing.T) {
	seed := newSeed(t)
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprint(procs), func(t *testing.T) {
			old := runtime.GOMAXPROCS(procs)
			defer runtime.GOMAXPROCS(old)
			stress(t, seed)
		})
	}
}

func stress(t *testing.T, seed int64) {
	const goroutines, rows, defs, names = 8, 4, 2, 2
	m := New(Options{WaitTimeout: 30 * time.Second})
	words := make([]atomic.Uint64, rows)
	definitions := make([]Definition, defs)
	sh := &shadow{held: map[int]map[int]Mode{}}
	var deadlocks, waited, cancels atomic.Int64
	var wg sync.WaitGroup
	for g := range goroutines {
		wg.Add(1)
		go func() {
			defer wg.Done()
			w := worker{t, m, rand.New(rand.NewSource(seed + int64(g))), g, sh, words, definitions, names, nil}
			session := m.Begin(uint64(1000 + g))
			defer m.End(session)
			for range *stressFlag {
				switch err := w.transaction(session); {
				case err == nil:
				case errors.Is(err, sqlerr.Deadlock):
					deadlocks.Add(1)
				case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
					cancels.Add(1)
				default:
					t.Errorf("owner %d: %v", g, err)
					return
				}
			}
			waited.Add(1)
		}()
	}
	wg.Wait()
	st := m.Stats()
	t.Logf("%d deadlocks, %d cancelled, %+v", deadlocks.Load(), cancels.Load(), st)
	require.Zero(t, st.Waiting)
	require.Zero(t, st.Timeouts)
	for i := range words {
		require.Zero(t, words[i].Load())
	}
	require.Empty(t, m.Snapshot())
	for i := range m.stripes {
		require.Empty(t, m.stripes[i].rows)
		require.Empty(t, m.stripes[i].names)
		require.Empty(t, m.stripes[i].claims)
	}
}

type worker struct {
	t     *testing.T
	m     *Manager
	r     *rand.Rand
	id    int
	sh    *shadow
	words []atomic.Uint64
	defs  []Definition
	names int
	held  map[int]Mode
}

// transaction takes locks until it has enough or fails, and releases everything.
func (w *worker) transaction(session *Owner) error {
	o := w.m.Begin(uint64(w.id))
	o.SetParty(session)
	if w.r.Intn(8) == 0 {
		tag := o.tag
		o.tag = 0 // as if there were too many owners
		defer func() { o.tag = tag; w.m.End(o) }()
	} else {
		defer w.m.End(o)
	}
	w.held = map[int]Mode{}
	defer func() {
		for res := range w.held {
			w.sh.set(res, w.id, Mode{})
		}
		w.m.ReleaseAll(o)
		w.m.ReleaseAllNamed(session)
	}()
	ctx := context.Background()
	if w.r.Intn(6) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(w.r.Intn(200))*time.Microsecond)
		defer cancel()
	}
	for range 1 + w.r.Intn(5) {
		if err := w.step(ctx, o, session); err != nil {
			return err
		}
		if w.r.Intn(4) == 0 {
			runtime.Gosched()
		}
	}
	return nil
}

func (w *worker) step(ctx context.Context, o, session *Owner) error {
	rows, defs := len(w.words), len(w.defs)
	res := w.r.Intn(rows + defs + w.names)
	mode := randomMode(w.r, res, rows, defs)
	if res < rows {
		return w.row(ctx, o, res, mode)
	}
	if res >= rows+defs {
		ok, err := w.m.AcquireNamed(ctx, session, fmt.Sprint(res), time.Duration(w.r.Intn(2))*time.Minute)
		if ok {
			w.got(res, mode)
		}
		if errors.Is(err, sqlerr.UserLockDeadlock) {
			return errors.Unwrap(err)
		}
		return err
	}
	acquire := w.m.AcquireShared
	if mode.X != 0 {
		acquire = w.m.AcquireExclusive
	}
	result, err := acquire(ctx, o, &w.defs[res-rows], Wait{SkipLocked: w.r.Intn(8) == 0})
	if err == nil && result != Skipped {
		w.got(res, mode)
	}
	return err
}

func (w *worker) row(ctx context.Context, o *Owner, res int, mode Mode) error {
	row := Resource{1, uint64(res), &w.words[res]}
	if w.r.Intn(8) == 0 {
		return w.m.WaitFor(ctx, o, row, ^uint64(0), Wait{})
	}
	mark, before := o.Mark(), w.held[res]
	result, err := w.m.Acquire(ctx, o, row, mode, Wait{SkipLocked: w.r.Intn(8) == 0})
	if err != nil || result == Skipped {
		return err
	}
	w.got(res, mode)
	if w.r.Intn(4) == 0 {
		w.sh.set(res, w.id, before)
		w.held[res] = before
		w.m.ReleaseTo(o, mark)
	}
	return nil
}

func (w *worker) got(res int, mode Mode) {
	w.sh.hold(w.t, res, w.id, mode)
	w.held[res] = w.held[res].Union(mode)
}
