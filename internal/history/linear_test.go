package history_test

import (
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/internal/history"
)

type rowCall = history.Call[history.RowIn, history.RowOut]

const budget = 1 << 20

func TestLinearizable_byHand(t *testing.T) {
	in := func(v history.RowVerb, col int, val int64) history.RowIn {
		return history.RowIn{Verb: v, Col: col, Val: val}
	}
	done := func(a, b int64) history.RowOut { return history.RowOut{Done: true, Cols: [2]int64{a, b}} }
	ok, no := history.RowOut{Done: true}, history.RowOut{}
	sel := in(history.Select, 0, 0)
	init := history.RowState{Exists: true}
	for _, c := range []struct {
		what  string
		want  history.Verdict
		calls []rowCall
	}{
		{"nothing", history.Linear, nil},
		{"read what was written", history.Linear, []rowCall{{Start: 1, End: 2, In: in(history.Set, 0, 7), Out: ok}, {Start: 3, End: 4, In: sel, Out: done(7, 0)}}},
		{"stale read", history.NotLinear, []rowCall{{Start: 1, End: 2, In: in(history.Set, 0, 7), Out: ok}, {Start: 3, End: 4, In: sel, Out: done(0, 0)}}},
		{"overlapping read, before", history.Linear, []rowCall{{Start: 1, End: 9, In: in(history.Set, 0, 7), Out: ok}, {Start: 3, End: 4, In: sel, Out: done(0, 0)}}},
		{"overlapping read, after", history.Linear, []rowCall{{Start: 1, End: 9, In: in(history.Set, 0, 7), Out: ok}, {Start: 3, End: 4, In: sel, Out: done(7, 0)}}},
		{"new, then old", history.NotLinear, []rowCall{{Start: 1, End: 9, In: in(history.Set, 0, 7), Out: ok}, {Start: 2, End: 3, In: sel, Out: done(7, 0)}, {Start: 4, End: 5, In: sel, Out: done(0, 0)}}},
		{"two columns", history.Linear, []rowCall{{Start: 1, End: 9, In: in(history.Set, 0, 7), Out: ok}, {Start: 1, End: 9, In: in(history.Set, 1, 8), Out: ok}, {Start: 10, End: 11, In: sel, Out: done(7, 8)}}},
		{"a column is lost", history.NotLinear, []rowCall{{Start: 1, End: 9, In: in(history.Set, 0, 7), Out: ok}, {Start: 1, End: 9, In: in(history.Set, 1, 8), Out: ok}, {Start: 10, End: 11, In: sel, Out: done(7, 0)}}},
		{"lost addition", history.NotLinear, []rowCall{{Start: 1, End: 9, In: in(history.Add, 0, 1), Out: ok}, {Start: 1, End: 9, In: in(history.Add, 0, 1), Out: ok}, {Start: 10, End: 11, In: sel, Out: done(1, 0)}}},
		{"unknown, done", history.Linear, []rowCall{{Start: 1, Unknown: true, In: in(history.Set, 0, 7)}, {Start: 10, End: 11, In: sel, Out: done(0, 0)}, {Start: 12, End: 13, In: sel, Out: done(7, 0)}}},
		{"unknown, not done", history.Linear, []rowCall{{Start: 1, Unknown: true, In: in(history.Set, 0, 7)}, {Start: 10, End: 11, In: sel, Out: done(0, 0)}}},
		{"unknown, done and undone", history.NotLinear, []rowCall{{Start: 1, Unknown: true, In: in(history.Set, 0, 7)}, {Start: 10, End: 11, In: sel, Out: done(7, 0)}, {Start: 12, End: 13, In: sel, Out: done(0, 0)}}},
		{"two inserts", history.NotLinear, []rowCall{{Start: 1, End: 2, In: in(history.Delete, 0, 0), Out: ok}, {Start: 3, End: 9, In: in(history.Insert, 0, 1), Out: ok}, {Start: 3, End: 9, In: in(history.Insert, 0, 2), Out: ok}}},
		{"no insert", history.NotLinear, []rowCall{{Start: 1, End: 2, In: in(history.Delete, 0, 0), Out: ok}, {Start: 3, End: 9, In: in(history.Insert, 0, 1), Out: no}, {Start: 3, End: 9, In: in(history.Insert, 0, 2), Out: no}}},
		{"one insert", history.Linear, []rowCall{{Start: 1, End: 2, In: in(history.Delete, 0, 0), Out: ok}, {Start: 3, End: 9, In: in(history.Insert, 0, 1), Out: no}, {Start: 3, End: 9, In: in(history.Insert, 0, 2), Out: ok}}},
		{"two swaps", history.NotLinear, []rowCall{{Start: 1, End: 9, In: in(history.Swap, 0, 1), Out: ok}, {Start: 1, End: 9, In: in(history.Swap, 0, 2), Out: ok}}},
	} {
		t.Run(c.what, func(t *testing.T) {
			got, why := history.Linearizable(history.RowModel(init, false), c.calls, budget)
			require.Equal(t, c.want, got, why)
			require.Equal(t, c.want == history.NotLinear, why != "")
		})
	}
	var many []rowCall
	for i := range int64(40) {
		many = append(many, rowCall{Start: 1, End: 9, In: in(history.Set, 0, i), Out: ok})
	}
	many = append(many, rowCall{Start: 10, End: 11, In: sel, Out: done(99, 0)})
	got, _ := history.Linearizable(history.RowModel(init, false), many, 1000)
	require.Equal(t, history.Exhausted, got)
}

// toyRow is one row under a mutex. When broken, the update of a column writes back the whole row that it read before.
type toyRow struct {
	mu     sync.Mutex
	broken bool
	stale  bool
	state  history.RowState
	old    history.RowState
}

func (r *toyRow) do(rng *rand.Rand, in history.RowIn) history.RowOut {
	r.mu.Lock()
	defer r.mu.Unlock()
	base := r.state
	if r.broken && in.Verb == history.Set && r.state.Exists && r.old.Exists && rng.IntN(3) == 0 {
		base = r.old
	}
	if r.stale && in.Verb == history.Select && rng.IntN(5) == 0 {
		base = r.old
		next := history.RowOut{Done: base.Exists}
		if base.Exists {
			next.Cols = base.Cols
		}
		return next
	}
	m := history.RowModel(base, false)
	for _, out := range []history.RowOut{{Done: true, Cols: base.Cols}, {Done: true}, {}} {
		if next, ok := m.Step(base, in, out, true); ok {
			if next != r.state {
				r.old, r.state = r.state, next
			}
			return out
		}
	}
	panic("the model has no answer")
}

// calls drives a row by one random generator with calls that overlap: each takes effect at some moment between its start and
// its end.
func (r *toyRow) calls(seed uint64, n int) []rowCall {
	rng := rand.New(rand.NewPCG(seed, 5))
	const sessions = 5
	var clock int64
	type open struct {
		call     rowCall
		busy, in bool
	}
	state := make([]open, sessions)
	var out []rowCall
	for len(out) < n {
		clock++
		s := rng.IntN(sessions)
		o := &state[s]
		switch {
		case !o.busy:
			verbs := []history.RowVerb{history.Select, history.Select, history.Select, history.Insert, history.Set, history.Set, history.Add, history.Swap, history.Delete}
			*o = open{busy: true, call: rowCall{Session: s, Start: clock, In: history.RowIn{Verb: verbs[rng.IntN(len(verbs))], Col: rng.IntN(2), Val: int64(rng.IntN(5)), Old: int64(rng.IntN(5))}}}
		case !o.in:
			o.call.Out, o.in = r.do(rng, o.call.In), true
		default:
			o.call.End, o.busy = clock, false
			if rng.IntN(10) == 0 {
				o.call.Unknown, o.call.Out = true, history.RowOut{}
			}
			out = append(out, o.call)
		}
	}
	// Calls under way may have happened.
	for _, o := range state {
		if o.busy {
			o.call.Unknown, o.call.Out = true, history.RowOut{}
			out = append(out, o.call)
		}
	}
	return out
}

func TestLinearizable_judgesStores(t *testing.T) {
	s := seed(t)
	caught := map[string]int{}
	// About a quarter of the first kind is caught: enough rounds that chance cannot miss the bounds below.
	for i := range uint64(150) {
		v, why := history.Linearizable(history.RowModel(history.RowState{}, false), (&toyRow{}).calls(s+i, 80), budget)
		require.Equal(t, history.Linear, v, "seed %d: %s", s+i, why)
		for what, row := range map[string]*toyRow{"lost column": {broken: true}, "stale read": {stale: true}} {
			if v, _ := history.Linearizable(history.RowModel(history.RowState{}, false), row.calls(s+i, 80), budget); v == history.NotLinear {
				caught[what]++
			}
		}
	}
	t.Log(caught)
	require.Greater(t, caught["lost column"], 5)
	require.Greater(t, caught["stale read"], 20)
}
