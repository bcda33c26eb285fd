package lock

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// TestExhaustiveNoWait runs every sequence of a few operations of three owners on one row against the reference, without
// waiting. One of the owners has no index, so that it always uses records. After each step everybody's modes, the
// conflict query and the state of the word are compared.
func TestExhaustiveNoWait(t *testing.T) {
	modes := []Mode{{S: 1}, {X: 1}, {S: 2, X: 1}, {S: 3}, {X: 2}}
	const owners = 3
	ops := owners * (len(modes) + 2) // and: release all, return to the state before the last acquire
	length := 4
	if testing.Short() {
		length = 3
	}
	m := New(Options{})
	seq := make([]int, length)
	var walk func(depth int)
	walk = func(depth int) {
		if depth == length {
			playNoWait(t, m, modes, seq)
			return
		}
		for op := range ops {
			seq[depth] = op
			walk(depth + 1)
		}
	}
	walk(0)
}

func playNoWait(t *testing.T, m *Manager, modes []Mode, seq []int) {
	const owners = 3
	var word atomic.Uint64
	res := Resource{1, 7, &word}
	ref := newNaive(1, owners)
	var os [owners]*Owner
	var marks [owners][]Mark
	var saved [owners][]Mode
	for i := range os {
		os[i] = m.Begin(uint64(i))
	}
	tag := os[2].tag
	os[2].tag = 0
	fail := func(format string, args ...any) {
		t.Fatalf("sequence %v: "+format, append([]any{seq}, args...)...)
	}
	perOwner := len(modes) + 2
	for _, op := range seq {
		i, what := op/perOwner, op%perOwner
		o := os[i]
		switch {
		case what < len(modes):
			mark, before := o.Mark(), ref.res[0].held[i]
			want := ref.acquire(i, 0, modes[what], false)
			got, err := m.Acquire(context.Background(), o, res, modes[what], Wait{NoWait: true})
			switch {
			case want == vBusy && err == nil, want != vBusy && err != nil:
				fail("owner %d mode %v: %v, want verdict %d", i, modes[what], err, want)
			case want == vHeld && got != Held, want == vGranted && got != Granted:
				fail("owner %d mode %v: result %d, want verdict %d", i, modes[what], got, want)
			}
			if want == vGranted {
				marks[i], saved[i] = append(marks[i], mark), append(saved[i], before)
			}
		case what == len(modes):
			m.ReleaseAll(o)
			ref.set(i, 0, Mode{})
			marks[i], saved[i] = nil, nil
		default:
			if n := len(marks[i]); n > 0 {
				m.ReleaseTo(o, marks[i][n-1])
				ref.set(i, 0, saved[i][n-1])
				marks[i], saved[i] = marks[i][:n-1], saved[i][:n-1]
			}
		}
		for j, p := range os {
			got, want := m.Holds(p, res), ref.res[0].held[j]
			if got.S&maskAll|got.X&maskAll != want.S|want.X || got.X&maskAll != want.X {
				fail("owner %d holds %v, want %v", j, got, want)
			}
			for _, mode := range modes {
				if got, want := m.LockedByOther(p, res, mode), len(ref.res[0].blockers(j, mode, 0)) > 0; got != want {
					fail("owner %d: locked by other %v, want %v", j, got, want)
				}
			}
		}
		if held := len(ref.res[0].held); (word.Load() == 0) != (held == 0) || held > 1 && word.Load()&fat == 0 {
			fail("word %x with %d holders", word.Load(), held)
		}
	}
	os[2].tag = tag
	for _, o := range os {
		m.End(o)
	}
	if word.Load() != 0 {
		fail("word %x at the end", word.Load())
	}
}

// TestFolding: columns that share a bit may conflict, and others behave exactly; nothing conflicts less than it should.
func TestFolding(t *testing.T) {
	for c := range 64 {
		bit := uint64(1) << c
		require.Equal(t, fold(bit), uint64(1)<<(c%maskBits))
		require.Equal(t, bit, unfold(fold(bit))&bit)
	}
	require.Equal(t, ^uint64(0), unfold(maskAll))
	ctx := context.Background()
	for a := range 64 {
		for b := range 64 {
			m := New(Options{})
			var word atomic.Uint64
			res := Resource{1, 1, &word}
			p, q := m.Begin(1), m.Begin(2)
			_, err := m.Acquire(ctx, p, res, Mode{X: 1 << a}, Wait{})
			require.NoError(t, err)
			_, err = m.Acquire(ctx, q, res, Mode{S: 1 << b}, Wait{NoWait: true})
			if a%maskBits == b%maskBits {
				require.ErrorIs(t, err, sqlerr.LockNowait)
			} else {
				require.NoError(t, err, fmt.Sprint(a, b))
			}
			m.End(p)
			m.End(q)
			require.Zero(t, word.Load())
		}
	}
}
