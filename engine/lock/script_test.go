package lock

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

var (
	seedFlag    = flag.Int64("seed", 0, "seed of the random tests; 0 takes the time")
	scriptsFlag = flag.Int("scripts", 3000, "scripts of TestScripts")
)

func newSeed(t testing.TB) int64 {
	seed := *seedFlag
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("-seed=%d", seed)
	return seed
}

// stage runs owners on goroutines of their own, so that a script can go on while some of them wait.
type stage struct {
	t      *testing.T
	m      *Manager
	owners []*Owner
	do     []chan func() error
	done   []chan error
	cancel []context.CancelFunc
	words  []atomic.Uint64
	defs   []Definition
	waits  uint64
	log    []string
}

func newStage(t *testing.T, owners, rows, defs int) *stage {
	s := &stage{t: t, m: New(Options{WaitTimeout: time.Minute}), words: make([]atomic.Uint64, rows), defs: make([]Definition, defs)}
	s.cancel = make([]context.CancelFunc, owners)
	for i := range owners {
		s.owners = append(s.owners, s.m.Begin(uint64(i+1)))
		do, done := make(chan func() error), make(chan error, 1)
		s.do, s.done = append(s.do, do), append(s.done, done)
		go func() {
			for f := range do {
				done <- f()
			}
		}()
	}
	return s
}

func (s *stage) close() {
	for i := range s.do {
		close(s.do[i])
		s.m.End(s.owners[i])
	}
	for i := range s.words {
		require.Zero(s.t, s.words[i].Load(), "a row stays locked: %v", s.log)
	}
	require.Empty(s.t, s.m.Snapshot(), "%v", s.log)
	require.Zero(s.t, s.m.Stats().Waiting)
}

// request returns the call that asks for mode on resource res: rows first, then definitions, then names.
func (s *stage) request(o, res int, mode Mode) func() error {
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel[o] = cancel
	switch d := res - len(s.words); {
	case d < 0:
		return func() error {
			_, err := s.m.Acquire(ctx, s.owners[o], Resource{1, uint64(res), &s.words[res]}, mode, Wait{})
			return err
		}
	case d >= len(s.defs):
		return func() error {
			ok, err := s.m.AcquireNamed(ctx, s.owners[o], fmt.Sprint("n", d), time.Minute)
			if err == nil && !ok {
				return sqlerr.New(sqlerr.LockWaitTimeout)
			}
			return err
		}
	case mode.X != 0:
		return func() error {
			_, err := s.m.AcquireExclusive(ctx, s.owners[o], &s.defs[d], Wait{})
			return err
		}
	default:
		return func() error {
			_, err := s.m.AcquireShared(ctx, s.owners[o], &s.defs[d], Wait{})
			return err
		}
	}
}

// send lets owner o start f. A wait that f begins is the next to be counted.
func (s *stage) send(o int, f func() error) {
	s.waits = s.m.Stats().Waits
	s.do[o] <- f
}

// queued waits until owner o, the last to which something was sent, stands in a queue and has looked for cycles: an owner
// that looks late would find a cycle that another has closed meanwhile.
func (s *stage) queued(o int) {
	for i := 0; s.owners[o].w.stripe.Load() == nil || s.m.Stats().Waits == s.waits; i++ {
		if i > 1000 {
			time.Sleep(10 * time.Microsecond)
		}
		if i > 500_000 {
			s.t.Fatalf("owner %d does not wait: %v", o, s.log)
		}
		runtime.Gosched()
	}
}

// result waits for the end of owner o's call.
func (s *stage) result(o int) error {
	select {
	case err := <-s.done[o]:
		return err
	case <-time.After(20 * time.Second):
		s.t.Fatalf("owner %d hangs: %v", o, s.log)
		return nil
	}
}

// still requires that owner o's call has not ended.
func (s *stage) still(o int) {
	select {
	case err := <-s.done[o]:
		s.t.Fatalf("owner %d should wait, but: %v: %v", o, err, s.log)
	default:
	}
}

// TestScripts plays random scripts of acquires, releases and cancellations over rows, definitions and names, where owners
// really wait, against the reference: who is granted at once, who waits, who is granted by which release, and which
// request is a deadlock.
func TestScripts(t *testing.T) {
	r := rand.New(rand.NewSource(newSeed(t)))
	n := *scriptsFlag
	if testing.Short() {
		n /= 10
	}
	for range n {
		owners, rows, defs, names := 2+r.Intn(4), r.Intn(3), r.Intn(3), r.Intn(2)
		if rows+defs+names == 0 {
			rows = 2
		}
		playScript(t, r, owners, rows, defs, names)
	}
}

func playScript(t *testing.T, r *rand.Rand, owners, rows, defs, names int) {
	s := newStage(t, owners, rows, defs)
	defer s.close()
	ref := newNaive(rows+defs+names, owners)
	granted := func(who []int) {
		for _, o := range who {
			require.NoError(t, s.result(o), "%v", s.log)
		}
	}
	for range 5 + r.Intn(15) {
		o, res := r.Intn(owners), r.Intn(rows+defs+names)
		if ref.waits(o) {
			if r.Intn(4) == 0 {
				s.log = append(s.log, fmt.Sprintf("cancel %d", o))
				s.cancel[o]()
				require.ErrorIs(t, s.result(o), context.Canceled, "%v", s.log)
				granted(ref.withdraw(o))
			}
			continue
		}
		if r.Intn(5) == 0 {
			s.releaseAll(o, ref, rows+defs, granted)
		} else {
			s.acquire(o, res, randomMode(r, res, rows, defs), ref)
		}
		for p := range owners {
			if ref.waits(p) {
				s.still(p)
			}
		}
	}
	for o := range owners {
		if ref.waits(o) {
			s.cancel[o]()
			require.ErrorIs(t, s.result(o), context.Canceled, "%v", s.log)
			granted(ref.withdraw(o))
		}
	}
}

func randomMode(r *rand.Rand, res, rows, defs int) Mode {
	switch {
	case res < rows:
		m := Mode{S: uint64(r.Intn(8)), X: uint64(r.Intn(8) & r.Intn(8))}
		switch {
		case m.Empty(), r.Intn(8) == 0:
			return Exclusive
		case r.Intn(8) == 0:
			return Shared
		}
		return m
	case res < rows+defs && r.Intn(3) > 0:
		return oneShared
	}
	return oneExclusive
}

// acquire lets o ask for mode and compares with the reference.
func (s *stage) acquire(o, res int, mode Mode, ref *naive) {
	s.log = append(s.log, fmt.Sprintf("acquire %d of %d: %+v", o, res, mode))
	named := res >= len(s.words)+len(s.defs)
	want := ref.acquire(o, res, mode, true)
	s.send(o, s.request(o, res, mode))
	switch want {
	case vGranted, vHeld:
		require.NoError(s.t, s.result(o), "%v", s.log)
	case vWaits:
		s.queued(o)
	case vDeadlock:
		err := s.result(o)
		require.ErrorIs(s.t, err, sqlerr.Deadlock, "%v", s.log)
		require.Equal(s.t, named, errors.Is(err, sqlerr.UserLockDeadlock))
	}
}

// releaseAll releases what o has, names too, and expects who must be granted by it.
func (s *stage) releaseAll(o int, ref *naive, names int, granted func([]int)) {
	s.log = append(s.log, fmt.Sprintf("release %d", o))
	s.m.ReleaseAll(s.owners[o])
	for res := range ref.res {
		if res < names {
			if !ref.res[res].held[o].Empty() {
				granted(ref.set(o, res, Mode{}))
			}
		}
	}
	s.m.ReleaseAllNamed(s.owners[o])
	for res := names; res < len(ref.res); res++ {
		if !ref.res[res].held[o].Empty() {
			granted(ref.set(o, res, Mode{}))
		}
	}
}
