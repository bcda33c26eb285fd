package history_test

import (
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/internal/history"
)

// seed returns the seed of a randomised test: WORKTABLE_SEED, or a new one, which is printed.
func seed(t *testing.T) uint64 {
	s := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("WORKTABLE_SEED"), 10, 64); err == nil {
		s = n
	}
	t.Logf("seed %d (WORKTABLE_SEED)", s)
	return s
}

// flaw is what a toy store does wrong.
type flaw int

const (
	none           flaw = iota
	dirtyReads          // reads see what is not committed, so also what never will be
	noSnapshot          // each read sees the newest version
	noFirstWriter       // a transaction may overwrite what was committed after its snapshot, in addition to it
	blindOverwrite      // it replaces it
	staleSnapshot       // a snapshot may be some commits old
	tornCommit          // a commit shows its keys one by one
	lateAbort           // a transaction that is told to be rolled back leaves one append behind
	lostCommit          // now and then a commit is told, but not done
	ownBlind            // reads do not see own appends
	tornUndo            // undoing leaves the first append
	perKeySnapshot      // the snapshot is taken per key, at its first read
)

// toy is a multi-version map from keys to lists, with snapshot isolation, or with a flaw.
type toy struct {
	flaw flaw
	rng  *rand.Rand

	mu       sync.Mutex
	versions map[int][]toyVersion
	csn      int
	dirty    map[int][]int64 // of dirtyReads
}

type toyVersion struct {
	csn  int
	list []int64
}

type toyTx struct {
	s       *toy
	snap    int         // -1: not taken yet
	snaps   map[int]int // of perKeySnapshot
	appends []history.LogAppend
}

var errConflict = errors.New("conflict")

func newToy(f flaw, seed uint64) *toy {
	return &toy{flaw: f, rng: rand.New(rand.NewPCG(seed, 1)), versions: map[int][]toyVersion{}, dirty: map[int][]int64{}}
}

func (s *toy) begin() *toyTx {
	return &toyTx{s: s, snap: -1, snaps: map[int]int{}}
}

// first takes the snapshot. Under mu.
func (x *toyTx) first() {
	if x.snap >= 0 {
		return
	}
	x.snap = x.s.csn
	if x.s.flaw == staleSnapshot && x.s.rng.IntN(4) == 0 {
		x.snap = max(0, x.snap-3)
	}
}

// at returns the list of key as of a commit. Under mu.
func (s *toy) at(key, csn int) []int64 {
	v := s.versions[key]
	for i := len(v) - 1; i >= 0; i-- {
		if v[i].csn <= csn {
			return v[i].list
		}
	}
	return nil
}

func (x *toyTx) read(key int) []int64 {
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	x.first()
	snap := x.snap
	switch s.flaw {
	case noSnapshot:
		snap = s.csn
	case perKeySnapshot:
		if _, is := x.snaps[key]; !is {
			x.snaps[key] = s.csn
		}
		snap = x.snaps[key]
	}
	out := slices.Clone(s.at(key, snap))
	if s.flaw == dirtyReads {
		return append(slices.Clone(s.at(key, s.csn)), s.dirty[key]...)
	}
	if s.flaw == ownBlind {
		return out
	}
	for _, a := range x.appends {
		if a.Key == key {
			out = append(out, a.Value)
		}
	}
	return out
}

func (x *toyTx) append(key int, v int64) {
	x.s.mu.Lock()
	defer x.s.mu.Unlock()
	x.first()
	x.appends = append(x.appends, history.LogAppend{Key: key, Value: v})
	if x.s.flaw == dirtyReads {
		x.s.dirty[key] = append(x.s.dirty[key], v)
	}
}

func (x *toyTx) undoTo(n int) {
	if x.s.flaw == tornUndo && n < len(x.appends) {
		n++
	}
	x.appends = x.appends[:n]
}

// clean takes own values out of what dirty reads see. Under mu.
func (x *toyTx) clean() {
	for _, a := range x.appends {
		x.s.dirty[a.Key] = slices.DeleteFunc(x.s.dirty[a.Key], func(v int64) bool { return v == a.Value })
	}
}

func (x *toyTx) rollback() {
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	x.clean()
	if s.flaw == lateAbort && len(x.appends) > 0 && s.rng.IntN(2) == 0 {
		x.install(x.appends[:1])
	}
}

// install makes appends visible as one commit. Under mu.
func (x *toyTx) install(appends []history.LogAppend) {
	s := x.s
	s.csn++
	for _, a := range appends {
		base := s.at(a.Key, s.csn)
		if s.flaw == blindOverwrite && s.at(a.Key, s.csn-1) != nil && len(base) == len(s.at(a.Key, s.csn-1)) {
			base = s.at(a.Key, x.snap)
		}
		s.versions[a.Key] = append(s.versions[a.Key], toyVersion{s.csn, append(slices.Clone(base), a.Value)})
	}
}

func (x *toyTx) commit() error {
	s := x.s
	s.mu.Lock()
	defer s.mu.Unlock()
	x.clean()
	if s.flaw != noFirstWriter && s.flaw != blindOverwrite && s.flaw != dirtyReads {
		for _, a := range x.appends {
			if v := s.versions[a.Key]; len(v) > 0 && v[len(v)-1].csn > x.snap {
				return errConflict
			}
		}
	}
	if s.flaw == lostCommit && s.rng.IntN(10) == 0 || len(x.appends) == 0 {
		return nil
	}
	if s.flaw == tornCommit {
		for i := range x.appends {
			x.install(x.appends[i : i+1])
			s.mu.Unlock()
			runtime.Gosched()
			s.mu.Lock()
		}
		return nil
	}
	x.install(x.appends)
	return nil
}

// runToy drives a store with some sessions whose steps are interleaved by one random generator: the same seed is the
// same history.
func runToy(s *toy, seed uint64, txns int) *history.History {
	const sessions, keys = 4, 3
	rng := rand.New(rand.NewPCG(seed, 2))
	rec := history.NewRecorder()
	type client struct {
		ses  *history.Session
		tx   *toyTx
		rec  *history.Tx
		left int
	}
	clients := make([]client, sessions)
	for i := range clients {
		clients[i].ses = rec.Session()
	}
	for txns > 0 {
		c := &clients[rng.IntN(sessions)]
		if c.tx == nil {
			c.rec, c.tx, c.left = c.ses.Begin(history.SnapshotIsolation), s.begin(), 1+rng.IntN(5)
			continue
		}
		if c.left > 0 {
			c.left--
			toyStep(rng, rec, c.tx, c.rec, keys)
			continue
		}
		txns--
		switch {
		case rng.IntN(8) == 0:
			c.tx.rollback()
			c.rec.End(history.Aborted)
		case c.tx.commit() != nil:
			c.rec.End(history.Aborted)
		case rng.IntN(8) == 0: // the answer got lost
		default:
			c.rec.End(history.Committed)
		}
		c.tx = nil
	}
	last := rec.Session().Begin(history.SnapshotIsolation)
	tx, st := s.begin(), last.Statement()
	for k := range keys {
		st.Read(k, tx.read(k), history.Plain)
	}
	last.End(history.Committed)
	return rec.History()
}

// toyStep is one statement.
func toyStep(rng *rand.Rand, rec *history.Recorder, tx *toyTx, x *history.Tx, keys int) {
	st := x.Statement()
	switch k := rng.IntN(keys); rng.IntN(5) {
	case 0, 1:
		st.Read(k, tx.read(k), history.Plain)
	case 2, 3:
		v := rec.Value()
		st.Append(k, v, history.Plain)
		tx.append(k, v)
	default: // a savepoint
		mark, n := x.Mark(), len(tx.appends)
		v := rec.Value()
		st.Append(k, v, history.Plain)
		tx.append(k, v)
		tx.undoTo(n)
		x.UndoTo(mark)
	}
}

func TestCheck_passesASoundStore(t *testing.T) {
	s := seed(t)
	for i := range uint64(50) {
		require.NoError(t, history.Check(runToy(newToy(none, s+i), s+i, 200)).Err(), "seed %d", s+i)
	}
}

// TestCheck_catchesBrokenStores is the test of the checker: each flaw must be found in most of several short runs, under
// the fitting names.
func TestCheck_catchesBrokenStores(t *testing.T) {
	s := seed(t)
	for _, c := range []struct {
		what string
		flaw flaw
		want []history.Name
	}{
		{"dirty reads", dirtyReads, []history.Name{history.G1a}},
		{"no snapshot", noSnapshot, []history.Name{history.GSingle, history.Internal}},
		{"no first writer", noFirstWriter, []history.Name{history.LostUpdate}},
		{"blind overwrite", blindOverwrite, []history.Name{history.IncompatibleOrder}},
		{"stale snapshot", staleSnapshot, []history.Name{history.GSingle}},
		{"torn commit", tornCommit, []history.Name{history.G1b}},
		{"rolled back in part", lateAbort, []history.Name{history.G1a}},
		{"lost commit", lostCommit, []history.Name{history.G0, history.GSingle, history.GNonadjacent}},
		{"own appends not seen", ownBlind, []history.Name{history.Internal}},
		{"undo leaves something", tornUndo, []history.Name{history.Internal, history.G1a}},
		{"a snapshot per key", perKeySnapshot, []history.Name{history.GSingle, history.LongFork}},
	} {
		t.Run(c.what, func(t *testing.T) {
			found, caught := map[history.Name]int{}, 0
			for i := range uint64(10) {
				var h *history.History
				if c.flaw == tornCommit {
					h = runTorn(s + i)
				} else {
					h = runToy(newToy(c.flaw, s+i), s+i, 300)
				}
				r := history.Check(h)
				if !r.OK() {
					caught++
				}
				for _, a := range r.Anomalies {
					found[a.Name]++
				}
			}
			t.Log(caught, found)
			require.GreaterOrEqual(t, caught, 6, "of 10 runs")
			fits := 0
			for _, n := range c.want {
				fits += found[n] + found[n+"-realtime"]
			}
			require.Positive(t, fits, "none of %v", c.want)
		})
	}
}

// runTorn makes commits of two appends to one key that others can read between.
func runTorn(seed uint64) *history.History {
	rec := history.NewRecorder()
	s := newToy(tornCommit, seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	w, r := rec.Session(), rec.Session()
	for range 40 {
		x := w.Begin(history.SnapshotIsolation)
		tx := s.begin()
		st := x.Statement()
		k, a, b := rng.IntN(2), rec.Value(), rec.Value()
		st.Append(k, a, history.Plain)
		st.Append(k, b, history.Plain)
		tx.append(k, a)
		tx.append(k, b)
		s.mu.Lock()
		tx.install(tx.appends[:1])
		s.mu.Unlock()
		y, other := r.Begin(history.SnapshotIsolation), s.begin()
		y.Statement().Read(k, other.read(k), history.Plain)
		y.End(history.Committed)
		s.mu.Lock()
		tx.install(tx.appends[1:])
		s.mu.Unlock()
		x.End(history.Committed)
	}
	return rec.History()
}

// TestCheck_isNearlyLinear checks a history far longer than those of the tests; a quadratic checker would not come back.
func TestCheck_isNearlyLinear(t *testing.T) {
	s := seed(t)
	h := new(history.History)
	rng := rand.New(rand.NewPCG(s, 4))
	lists := make([][]int64, 1000)
	for i := range 10000 {
		x := &history.Txn{ID: i, Level: history.SnapshotIsolation, Outcome: history.Committed, Start: int64(2*i + 1), End: int64(2*i + 2)}
		for j := range 3 {
			k := rng.IntN(len(lists))
			x.Ops = append(x.Ops, history.Op{Kind: history.Read, Key: k, List: slices.Clone(lists[k]), Stmt: j})
			v := int64(10*i + j)
			lists[k] = append(lists[k], v)
			x.Ops = append(x.Ops, history.Op{Kind: history.Append, Key: k, Value: v, Stmt: j})
		}
		h.Txns = append(h.Txns, x)
	}
	// The same key twice in a transaction is rare, and sound.
	r := history.Check(h)
	require.NoError(t, r.Err())
	t.Log(r)
}
