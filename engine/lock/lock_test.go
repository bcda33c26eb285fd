package lock

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

func row(words []atomic.Uint64, i int) Resource { return Resource{1, uint64(i), &words[i]} }

// TestCycles makes each owner hold one resource and want the next one's. Every kind of resource has its turn at every
// place of the cycle; only the last request is refused, and after its owner has released, the others go on.
func TestCycles(t *testing.T) {
	for n := 2; n <= 5; n++ {
		for kinds := 0; kinds < pow(3, n); kinds += 1 + n*n/8 {
			// Resource numbers of a stage: n rows, n definitions, n names; place i of the cycle takes one of its three.
			place := make([]int, n)
			for i, k := 0, kinds; i < n; i, k = i+1, k/3 {
				place[i] = k%3*n + i
			}
			s := newStage(t, n, n, n)
			s.log = append(s.log, fmt.Sprint(place))
			for o := range n {
				s.send(o, s.request(o, place[o], oneExclusive))
				require.NoError(t, s.result(o))
			}
			for o := range n - 1 {
				s.send(o, s.request(o, place[(o+1)%n], oneExclusive))
				s.queued(o)
			}
			for o := range n - 1 {
				s.still(o)
			}
			s.send(n-1, s.request(n-1, place[0], oneExclusive))
			require.ErrorIs(t, s.result(n-1), sqlerr.Deadlock, "%v", place)
			for o := n - 1; o >= 0; o-- {
				s.m.ReleaseAll(s.owners[o])
				s.m.ReleaseAllNamed(s.owners[o])
				if o > 0 {
					require.NoError(t, s.result(o-1))
				}
			}
			require.EqualValues(t, 1, s.m.Stats().Deadlocks)
			s.close()
		}
	}
}

func pow(b, n int) int {
	p := 1
	for range n {
		p *= b
	}
	return p
}

func TestUpgradeDeadlock(t *testing.T) {
	s := newStage(t, 3, 1, 1)
	defer s.close()
	for _, res := range []int{0, 0, 1} {
		oneExclusive := oneExclusive
		if res == 0 && s.m.Stats().Waits == 0 {
			oneExclusive = Exclusive // of all columns
		}
		for o := range 2 {
			s.send(o, s.request(o, res, oneShared))
			require.NoError(t, s.result(o))
		}
		// A third owner that waits exclusively must not stand before the upgrades.
		s.send(2, s.request(2, res, oneExclusive))
		s.queued(2)
		s.send(0, s.request(0, res, oneExclusive))
		s.queued(0)
		s.send(1, s.request(1, res, oneExclusive))
		require.ErrorIs(t, s.result(1), sqlerr.Deadlock)
		s.m.ReleaseAll(s.owners[1])
		require.NoError(t, s.result(0))
		s.still(2)
		s.m.ReleaseAll(s.owners[0])
		require.NoError(t, s.result(2))
		s.m.ReleaseAll(s.owners[2])
	}
}

// TestPartyDeadlock: a session's transaction waits for a row whose owner waits for the session's named lock.
func TestPartyDeadlock(t *testing.T) {
	s := newStage(t, 4, 1, 0)
	defer s.close()
	const session, tx, otherSession, otherTx = 0, 1, 2, 3
	s.owners[tx].SetParty(s.owners[session])
	s.owners[otherTx].SetParty(s.owners[otherSession])
	step := func(o, res int) { s.send(o, s.request(o, res, oneExclusive)) }
	step(session, 1)
	require.NoError(t, s.result(session))
	step(otherTx, 0)
	require.NoError(t, s.result(otherTx))
	step(tx, 0)
	s.queued(tx)
	step(otherSession, 1)
	require.ErrorIs(t, s.result(otherSession), sqlerr.UserLockDeadlock)
	s.m.ReleaseAll(s.owners[otherTx])
	require.NoError(t, s.result(tx))
}

func TestWaitForDeadlock(t *testing.T) {
	m := New(Options{})
	words := make([]atomic.Uint64, 2)
	ctx := context.Background()
	a, b := m.Begin(1), m.Begin(2)
	_, err := m.Acquire(ctx, a, row(words, 0), Exclusive, Wait{})
	require.NoError(t, err)
	_, err = m.Acquire(ctx, b, row(words, 1), Exclusive, Wait{})
	require.NoError(t, err)
	done := make(chan error)
	go func() { done <- m.WaitFor(ctx, a, row(words, 1), 1, Wait{}) }()
	for m.Stats().Waiting == 0 {
		runtime.Gosched()
	}
	require.ErrorIs(t, m.WaitFor(ctx, b, row(words, 0), 1, Wait{}), sqlerr.Deadlock)
	m.End(b)
	require.NoError(t, <-done)
	require.NoError(t, m.WaitFor(ctx, a, row(words, 0), 1, Wait{}), "its own row")
	m.End(a)
	require.Zero(t, words[0].Load()|words[1].Load())
}

// TestWaitForEndsWithTheHolder: whoever waits for the holder must not wait for the next one, too.
func TestWaitForEndsWithTheHolder(t *testing.T) {
	s := newStage(t, 3, 1, 0)
	defer s.close()
	s.send(0, s.request(0, 0, Exclusive))
	require.NoError(t, s.result(0))
	s.send(1, s.request(1, 0, Exclusive))
	s.queued(1)
	s.send(2, func() error {
		return s.m.WaitFor(context.Background(), s.owners[2], row(s.words, 0), 1, Wait{})
	})
	s.queued(2)
	s.m.ReleaseAll(s.owners[0])
	require.NoError(t, s.result(1))
	require.NoError(t, s.result(2))
	require.ErrorIs(t, s.m.WaitFor(context.Background(), s.owners[2], row(s.words, 0), 1, Wait{NoWait: true}), sqlerr.LockNowait)
	require.Equal(t, Mode{}, s.m.Holds(s.owners[2], row(s.words, 0)))
}

func TestTimeoutAndCancel(t *testing.T) {
	m := New(Options{WaitTimeout: 5 * time.Millisecond})
	words := make([]atomic.Uint64, 1)
	var d Definition
	bg := context.Background()
	a, b, c := m.Begin(1), m.Begin(2), m.Begin(3)
	_, err := m.Acquire(bg, a, row(words, 0), Exclusive, Wait{})
	require.NoError(t, err)
	_, err = m.AcquireShared(bg, a, &d, Wait{})
	require.NoError(t, err)
	ok, err := m.AcquireNamed(bg, a, "n", 0)
	require.True(t, ok)
	require.NoError(t, err)
	before := runtime.NumGoroutine()
	for _, w := range []Wait{{}, {Timeout: time.Millisecond}} {
		_, err = m.Acquire(bg, b, row(words, 0), Mode{S: 1}, w)
		require.ErrorIs(t, err, sqlerr.LockWaitTimeout)
		_, err = m.AcquireExclusive(bg, b, &d, w)
		require.ErrorIs(t, err, sqlerr.LockWaitTimeout)
		require.ErrorIs(t, m.WaitFor(bg, b, row(words, 0), 1, w), sqlerr.LockWaitTimeout)
	}
	for _, timeout := range []time.Duration{0, time.Millisecond} {
		ok, err = m.AcquireNamed(bg, b, "n", timeout)
		require.False(t, ok)
		require.NoError(t, err)
	}
	ctx, cancel := context.WithCancel(bg)
	go func() { time.Sleep(time.Millisecond); cancel() }()
	_, err = m.Acquire(ctx, b, row(words, 0), Mode{S: 1}, Wait{Timeout: -1})
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, err, sqlerr.QueryInterrupted)
	for range 2 { // the context is over already
		_, err = m.Acquire(ctx, b, row(words, 0), Mode{S: 1}, Wait{})
		require.ErrorIs(t, err, sqlerr.QueryInterrupted)
		_, err = m.AcquireExclusive(ctx, b, &d, Wait{})
		require.ErrorIs(t, err, sqlerr.QueryInterrupted)
		_, err = m.AcquireNamed(ctx, b, "n", -1)
		require.ErrorIs(t, err, sqlerr.QueryInterrupted)
		require.ErrorIs(t, m.WaitFor(ctx, b, row(words, 0), 1, Wait{}), sqlerr.QueryInterrupted)
	}
	// A shared request behind an exclusive one goes on when that gives up.
	done := make(chan error)
	go func() {
		_, err := m.AcquireExclusive(bg, b, &d, Wait{Timeout: 20 * time.Millisecond})
		done <- err
	}()
	for m.Stats().Waiting == 0 {
		runtime.Gosched()
	}
	result, err := m.AcquireShared(bg, c, &d, Wait{Timeout: -1})
	require.NoError(t, err)
	require.Equal(t, Waited, result)
	require.ErrorIs(t, <-done, sqlerr.LockWaitTimeout)
	require.LessOrEqual(t, runtime.NumGoroutine(), before+1)
	for _, o := range []*Owner{a, b, c} {
		m.End(o)
	}
	require.Zero(t, words[0].Load())
	require.Empty(t, m.Snapshot())
	st := m.Stats()
	require.Zero(t, st.Waiting)
	require.EqualValues(t, 8, st.Timeouts)
	require.EqualValues(t, 1, st.Cancelled)
}

// TestFairness: an exclusive request is not starved by shared ones that keep coming, and waiters are served in order.
func TestFairness(t *testing.T) {
	for _, res := range []int{0, 1} {
		s := newStage(t, 6, 1, 1)
		s.send(0, s.request(0, res, oneShared))
		require.NoError(t, s.result(0))
		s.send(1, s.request(1, res, oneExclusive))
		s.queued(1)
		for o := 2; o < 5; o++ {
			s.send(o, s.request(o, res, oneShared))
			s.queued(o)
		}
		s.send(5, s.request(5, res, oneExclusive))
		s.queued(5)
		s.m.ReleaseAll(s.owners[0])
		require.NoError(t, s.result(1))
		s.still(2)
		s.m.ReleaseAll(s.owners[1])
		for o := 2; o < 5; o++ {
			require.NoError(t, s.result(o))
		}
		s.still(5)
		for o := 2; o < 5; o++ {
			s.m.ReleaseAll(s.owners[o])
		}
		require.NoError(t, s.result(5))
		s.close()
	}
}

// TestDisjointColumnsPass: a request that conflicts with no holder and no earlier waiter does not queue.
func TestDisjointColumnsPass(t *testing.T) {
	s := newStage(t, 3, 1, 0)
	defer s.close()
	s.send(0, s.request(0, 0, Mode{X: 1}))
	require.NoError(t, s.result(0))
	s.send(1, s.request(1, 0, Mode{X: 3}))
	s.queued(1)
	s.send(2, s.request(2, 0, Mode{X: 4}))
	require.NoError(t, s.result(2))
	s.m.ReleaseAll(s.owners[0])
	require.NoError(t, s.result(1))
}

func TestSkipAndNoWait(t *testing.T) {
	m := New(Options{})
	words := make([]atomic.Uint64, 1)
	var d Definition
	ctx := context.Background()
	a, b, c := m.Begin(1), m.Begin(2), m.Begin(3)
	get := func(o *Owner, mode Mode, w Wait) (Result, error) { return m.Acquire(ctx, o, row(words, 0), mode, w) }
	_, err := get(a, Mode{X: 1}, Wait{})
	require.NoError(t, err)
	for range 2 { // with a thin word, then with a record
		result, err := get(b, Mode{S: 1}, Wait{SkipLocked: true})
		require.NoError(t, err)
		require.Equal(t, Skipped, result)
		_, err = get(b, Mode{S: 1}, Wait{NoWait: true})
		require.ErrorIs(t, err, sqlerr.LockNowait)
		result, err = get(c, Mode{S: 2}, Wait{NoWait: true})
		require.NoError(t, err)
		require.NotEqual(t, Skipped, result)
	}
	result, err := m.AcquireExclusive(ctx, a, &d, Wait{NoWait: true})
	require.NoError(t, err)
	require.Equal(t, Granted, result)
	result, err = m.AcquireShared(ctx, a, &d, Wait{})
	require.NoError(t, err)
	require.Equal(t, Held, result)
	_, err = m.AcquireShared(ctx, b, &d, Wait{NoWait: true})
	require.ErrorIs(t, err, sqlerr.LockNowait)
	_, err = m.AcquireExclusive(ctx, b, &d, Wait{NoWait: true})
	require.ErrorIs(t, err, sqlerr.LockNowait)
	m.ReleaseAll(a)
	_, err = m.AcquireExclusive(ctx, b, &d, Wait{NoWait: true})
	require.NoError(t, err)
	result, err = get(a, Mode{}, Wait{})
	require.NoError(t, err)
	require.Equal(t, Held, result)
	for _, o := range []*Owner{a, b, c} {
		m.End(o)
	}
	require.Zero(t, words[0].Load())
}

func TestNamed(t *testing.T) {
	m := New(Options{})
	ctx := context.Background()
	a, b := m.Begin(11), m.Begin(12)
	for range 3 {
		ok, err := m.AcquireNamed(ctx, a, "x", 0)
		require.NoError(t, err)
		require.True(t, ok)
	}
	ok, err := m.AcquireNamed(ctx, a, "y", 0)
	require.NoError(t, err)
	require.True(t, ok)
	id, ok := m.NamedHolder("x")
	require.True(t, ok)
	require.EqualValues(t, 11, id)
	held, exists := m.ReleaseNamed(b, "x")
	require.False(t, held)
	require.True(t, exists)
	held, exists = m.ReleaseNamed(b, "z")
	require.False(t, held)
	require.False(t, exists)
	m.ReleaseAll(a) // a transaction's end: the session keeps its names
	for i := range 3 {
		_, ok = m.NamedHolder("x")
		require.True(t, ok, i)
		held, _ = m.ReleaseNamed(a, "x")
		require.True(t, held)
	}
	_, ok = m.NamedHolder("x")
	require.False(t, ok)
	_, err = m.AcquireNamed(ctx, a, "y", 0)
	require.NoError(t, err)
	require.Equal(t, 2, m.ReleaseAllNamed(a))
	require.Zero(t, m.ReleaseAllNamed(a))
	_, err = m.AcquireNamed(ctx, a, "y", 0)
	require.NoError(t, err)
	m.End(a)
	ok, err = m.AcquireNamed(ctx, b, "y", 0)
	require.NoError(t, err)
	require.True(t, ok)
	m.End(b)
}

func TestSnapshot(t *testing.T) {
	s := newStage(t, 2, 1, 1)
	defer s.close()
	s.defs[0] = Definition{Kind: "table", ID: 7, Name: "db.t"}
	for _, res := range []int{0, 1, 2} {
		s.send(0, s.request(0, res, oneShared))
		require.NoError(t, s.result(0))
	}
	require.Equal(t, []Info{{Owner: 1, Kind: "row", Space: 1, Mode: wordMode(s.words[0].Load())}}, s.m.HoldersOf(row(s.words, 0), nil))
	s.send(1, s.request(1, 0, oneExclusive))
	s.queued(1)
	byKind := map[string]int{}
	for _, line := range s.m.Snapshot() {
		byKind[fmt.Sprint(line.Kind, " ", line.Owner, " ", line.Waiting)]++
		require.Equal(t, line.Waiting, !line.Since.IsZero())
		if line.Kind == "table" {
			require.Equal(t, "db.t", line.Name)
			require.EqualValues(t, 7, line.ID)
		}
	}
	require.Equal(t, map[string]int{"row 1 false": 1, "row 2 true": 1, "table 1 false": 1, "named 1 false": 1}, byKind)
	require.Len(t, s.m.HoldersOf(row(s.words, 0), nil), 1)
	s.m.End(s.owners[0])
	require.NoError(t, s.result(1))
	s.owners[0] = s.m.Begin(1)
}

// TestManyDefinitions: an owner may hold more definitions than fit in its first chunk, and reuse finds them released.
func TestManyDefinitions(t *testing.T) {
	m := New(Options{})
	ctx := context.Background()
	defs := make([]Definition, 40)
	for range 3 {
		a, b := m.Begin(1), m.Begin(2)
		for i := range defs {
			_, err := m.AcquireShared(ctx, a, &defs[i], Wait{})
			require.NoError(t, err)
		}
		for i := range defs {
			result, err := m.AcquireShared(ctx, a, &defs[i], Wait{})
			require.NoError(t, err)
			require.Equal(t, Held, result)
			_, err = m.AcquireExclusive(ctx, b, &defs[i], Wait{NoWait: true})
			require.ErrorIs(t, err, sqlerr.LockNowait)
		}
		m.End(a)
		for i := range defs {
			_, err := m.AcquireExclusive(ctx, b, &defs[i], Wait{NoWait: true})
			require.NoError(t, err)
		}
		m.End(b)
	}
}

// TestOwnersAreReused: transactions in a row need few owners, also when the pool is emptied.
func TestOwnersAreReused(t *testing.T) {
	m := New(Options{})
	for i := range 500 {
		a, b := m.Begin(1), m.Begin(2)
		m.End(a)
		m.End(b)
		if i%50 == 0 {
			runtime.GC()
			runtime.GC()
		}
	}
	require.LessOrEqual(t, len(m.owners.all()), 16)
	var all []*Owner
	seen := map[uint64]bool{}
	for i := range uint64(maxTagged + 100) {
		o := m.Begin(i)
		require.False(t, o.tag != 0 && seen[o.tag], "an index is given twice")
		seen[o.tag] = true
		all = append(all, o)
	}
	require.Len(t, seen, maxTagged+1)
	words := make([]atomic.Uint64, 1)
	last := all[len(all)-1]
	require.Zero(t, last.tag)
	_, err := m.Acquire(context.Background(), last, row(words, 0), Exclusive, Wait{})
	require.NoError(t, err)
	_, err = m.Acquire(context.Background(), all[0], row(words, 0), Exclusive, Wait{NoWait: true})
	require.ErrorIs(t, err, sqlerr.LockNowait)
	for _, o := range all {
		m.End(o)
	}
	require.Zero(t, words[0].Load())
}

func TestNoAllocations(t *testing.T) {
	m := New(Options{})
	words := make([]atomic.Uint64, 100)
	var d Definition
	ctx := context.Background()
	other := m.Begin(1)
	_, err := m.Acquire(ctx, other, row(words, 0), Mode{S: 1}, Wait{})
	require.NoError(t, err)
	run := func() {
		o := m.Begin(2)
		_, _ = m.AcquireShared(ctx, o, &d, Wait{})
		for i := range words {
			_, _ = m.Acquire(ctx, o, row(words, i), Mode{S: 1}, Wait{})
		}
		m.End(o)
	}
	run()
	require.LessOrEqual(t, testing.AllocsPerRun(100, run), 0.5)
	m.End(other)
}
