package persistence_test

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// acks are the transactions that several writers were told of, with their CSNs.
type acks struct {
	mu  sync.Mutex
	csn map[[2]int64]heap.CSN // writer, n
}

func (a *acks) add(w, n int64, csn heap.CSN) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.csn[[2]int64{w, n}] = csn
}

func (a *acks) copy() map[[2]int64]heap.CSN {
	a.mu.Lock()
	defer a.mu.Unlock()
	out := make(map[[2]int64]heap.CSN, len(a.csn))
	for k, v := range a.csn {
		out[k] = v
	}
	return out
}

// TestCrashUnderLoad lets the power fail while several writers commit and background checkpoints run. What comes back is a
// prefix of the commits in CSN order, each whole; with SyncFull it has all that were acknowledged.
func TestCrashUnderLoad(t *testing.T) {
	seed := uint64(envSize("WORKTABLE_LOAD_SEED", int(time.Now().UnixNano()&0x7fffffff)))
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 3))
	for i := range envSize("WORKTABLE_LOAD_CRASHES", 40/slower) {
		mode := persistence.SyncMode(i % 3)
		image, told := crashUnderLoad(t, mode, rng.Int64N(4000), rng.Uint64())
		afterLoad(t, image, mode, told)
		if t.Failed() {
			t.Fatalf("seed %d, iteration %d, %v", seed, i, mode)
		}
	}
}

func loadOptions(fsys vfs.FS, mode persistence.SyncMode) persistence.Options {
	o := options(fsys)
	o.Sync, o.SyncInterval = mode, time.Millisecond
	o.CheckpointBytes = 8 << 10
	o.Engine.NoBackground = false
	return o
}

func crashUnderLoad(t *testing.T, mode persistence.SyncMode, at int64, seed uint64) (*vfs.Mem, map[[2]int64]heap.CSN) {
	m := vfs.NewMem()
	in := vfs.NewInjector(m)
	a := &acks{csn: map[[2]int64]heap.CSN{}}
	s := open(t, loadOptions(in, mode))
	require.NoError(t, createTables(s.DB()))
	var image *vfs.Mem
	var told map[[2]int64]heap.CSN
	off := make(chan struct{})
	in.PowerOffAfter(at, func() {
		image = m.Crash(vfs.CrashOptions{Seed: seed, Keep: -1, Garbage: true})
		told = a.copy()
		close(off)
	})
	var wg sync.WaitGroup
	for w := range int64(4) {
		wg.Go(func() {
			model := newModel(w)
			for model.n < 400 {
				changes := model.plan()
				csn, err := model.commit(s.DB(), changes)
				if err != nil {
					return
				}
				model.apply(changes)
				a.add(w, model.n, csn)
			}
		})
	}
	wg.Wait()
	_ = s.Close(ctx)
	select {
	case <-off:
	default: // it never came to that many operations
		return m, a.copy()
	}
	return image, told
}

func afterLoad(t *testing.T, image *vfs.Mem, mode persistence.SyncMode, told map[[2]int64]heap.CSN) {
	t.Helper()
	s := open(t, loadOptions(image, mode))
	defer func() { require.NoError(t, s.Close(ctx)) }()
	models, err := read(s.DB())
	require.NoError(t, err)
	at := func(w int64) int64 {
		if models[w] == nil {
			return 0
		}
		return models[w].n
	}
	present, missing := heap.CSN(0), heap.CSN(heap.MaxCSN)
	for k, csn := range told {
		if k[1] <= at(k[0]) {
			present = max(present, csn)
		} else {
			missing = min(missing, csn)
		}
	}
	require.Less(t, present, missing, "what is there is a prefix")
	if mode == persistence.SyncFull {
		require.Equal(t, heap.CSN(heap.MaxCSN), missing, "an acknowledged commit is missing")
	}
	for w, got := range models {
		want := modelAt(w, got.n)
		require.Equal(t, want.orders, got.orders)
		require.Equal(t, want.entries, got.entries)
	}
	require.Empty(t, s.DB().Check(ctx))
}

// TestSubscriptionAcrossRestarts follows the change stream from the first commit, while checkpoints, rotation and restarts
// happen, and replays it into a copy that must equal the tables.
func TestSubscriptionAcrossRestarts(t *testing.T) {
	m := newMem(t)
	o := options(m)
	o.Engine.HistoryBytes = 4 << 10 // so that most of it comes from the log
	o.RetainBytes = 1 << 30
	w := newModel(1)
	seen := heap.CSN(0)
	marks := int64(0)
	for life := range 4 {
		s := open(t, o)
		if life == 0 {
			require.NoError(t, createTables(s.DB()))
		}
		for i := range 25 {
			require.NoError(t, w.run(s.DB()))
			if i%9 == 0 {
				require.NoError(t, s.Checkpoint(ctx))
			}
		}
		sub, err := s.DB().Subscribe(ctx, engine.SubscribeOptions{After: seen})
		require.NoError(t, err)
		last := s.DB().Stats().VisibleCSN
		for seen < last {
			txn, err := sub.Next(ctx)
			require.NoError(t, err)
			require.Equal(t, seen+1, txn.CSN)
			seen = txn.CSN
			marks += countMarks(t, s.DB(), txn)
		}
		sub.Close()
		require.Equal(t, w.n, marks, "each transaction changed its mark once")
		require.NoError(t, s.Close(ctx))
	}
}

func countMarks(t *testing.T, db *engine.DB, txn *cdc.Txn) (n int64) {
	t.Helper()
	changes, err := db.Changes(txn)
	require.NoError(t, err)
	for _, c := range changes {
		if c.Table == "marks" {
			n++
		}
	}
	return n
}

// commit is try that returns the CSN.
func (m *model) commit(db *engine.DB, changes []change) (heap.CSN, error) {
	tx, err := m.prepare(db, changes)
	if err != nil {
		return 0, err
	}
	err = tx.Commit(ctx)
	if err == nil && tx.CommitCSN() == 0 {
		err = fmt.Errorf("a commit without a number")
	}
	return tx.CommitCSN(), err
}
