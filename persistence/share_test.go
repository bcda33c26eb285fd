package persistence_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

func TestOpensOfOneDirectoryShareAnEngine(t *testing.T) {
	o := options(vfs.OS)
	o.Dir = filepath.Join(t.TempDir(), "db")
	a := open(t, o)
	b := o
	b.Dir = filepath.Join(o.Dir, "..", "db")
	second := open(t, b)
	require.Same(t, a.DB(), second.DB())
	require.Equal(t, a.Dir(), second.Dir())

	b.Sync = persistence.SyncOff
	_, err := persistence.Open(ctx, b)
	require.ErrorIs(t, err, persistence.ErrOptionsDiffer)
	require.ErrorContains(t, err, "Sync")

	require.NoError(t, createTables(a.DB()))
	require.NoError(t, a.Close(ctx))
	require.NoError(t, a.Close(ctx), "a second Close is harmless")
	require.ErrorIs(t, a.Checkpoint(ctx), persistence.ErrClosed)
	w := newModel(1)
	require.NoError(t, w.run(second.DB()), "the other Open goes on")
	require.NoError(t, second.Close(ctx))

	third := open(t, b)
	_, err = verify(third.DB(), 1, 1, 1)
	require.NoError(t, err)
	require.NoError(t, third.Close(ctx))
}

func TestConcurrentOpens(t *testing.T) {
	m := newMem(t)
	var wg sync.WaitGroup
	errs := make([]error, 16)
	for i := range errs {
		wg.Go(func() {
			for range 20 {
				s, err := persistence.Open(ctx, options(m))
				if err == nil {
					err = errors.Join(s.Checkpoint(ctx), s.Close(ctx))
				}
				errs[i] = errors.Join(errs[i], err)
			}
		})
	}
	wg.Wait()
	require.NoError(t, errors.Join(errs...))
}

// TestOpenOfAnotherOpener: an opener whose context ended does not fail those who wait for him.
func TestOpenOfAnotherOpener(t *testing.T) {
	m := newMem(t)
	s := open(t, options(m))
	require.NoError(t, createTables(s.DB()))
	require.NoError(t, s.Close(ctx))
	canceled, cancel := context.WithCancel(ctx)
	o := options(m)
	o.Progress = func(p persistence.Progress) { cancel() }
	_, err := persistence.Open(canceled, o)
	if err == nil {
		t.Skip("there was no progress to cancel in")
	}
	require.Error(t, err)
	s = open(t, options(m))
	require.NoError(t, s.Close(ctx))
}

func TestReadOnly(t *testing.T) {
	m, n := smallStore(t, false)
	before := m.Clone()
	o := options(m)
	o.ReadOnly = true
	s := open(t, o)
	_, err := verify(s.DB(), 1, n, n)
	require.NoError(t, err)
	err = modelAt(1, n).run(s.DB())
	require.ErrorIs(t, err, sqlerr.ReadOnlyStore)
	require.NoError(t, s.Checkpoint(ctx))
	require.NoError(t, s.Close(ctx))
	require.Equal(t, before.Files(), m.Files())
	for _, name := range before.Files() {
		require.Equal(t, before.Content(name), m.Content(name), name)
	}
	o = options(vfs.NewMem())
	o.ReadOnly = true
	_, err = persistence.Open(ctx, o)
	require.ErrorContains(t, err, "no database")
}

// TestReadOnlySeesAnUnfinishedCheckpoint opens images of crashes inside checkpoints read-only: the state must be whole though
// nothing may be written.
func TestReadOnlySeesAnUnfinishedCheckpoint(t *testing.T) {
	for at := int64(0); ; at += 2 * slower {
		m := vfs.NewMem()
		s := open(t, options(m))
		require.NoError(t, createTables(s.DB()))
		require.NoError(t, extra(s.DB(), 0))
		require.NoError(t, fillExtra(s.DB(), 1200))
		w := newModel(1)
		for range 12 {
			require.NoError(t, w.run(s.DB()))
		}
		require.NoError(t, s.Close(ctx))
		in := vfs.NewInjector(m)
		s = open(t, options(in))
		require.NoError(t, w.run(s.DB()))
		require.NoError(t, updateExtra(s.DB()))
		var image *vfs.Mem
		in.PowerOffAfter(at, func() { image = m.Crash(vfs.CrashOptions{Seed: uint64(at), Keep: -1}) })
		_ = s.Checkpoint(ctx)
		_ = s.Close(ctx)
		if image == nil {
			return
		}
		before := image.Clone()
		o := options(image)
		o.ReadOnly = true
		s = open(t, o)
		_, err := verify(s.DB(), 1, 13, 13)
		require.NoError(t, err)
		require.NoError(t, s.Close(ctx))
		require.Equal(t, before.Files(), image.Files())
		for _, name := range before.Files() {
			require.Equal(t, before.Content(name), image.Content(name), name)
		}
	}
}

// TestHistory reads the change stream back across checkpoints, rotation and restarts.
func TestHistory(t *testing.T) {
	m := newMem(t)
	o := options(m)
	o.RetainBytes = 1 << 30
	w := newModel(1)
	var csns []heap.CSN
	for life := range 3 {
		s := open(t, o)
		if life == 0 {
			require.NoError(t, createTables(s.DB()))
		}
		for range 20 {
			require.NoError(t, w.run(s.DB()))
		}
		require.NoError(t, s.Checkpoint(ctx))
		var got []heap.CSN
		require.NoError(t, s.ReadLog(ctx, 0, func(txn *cdc.Txn) bool {
			got = append(got, txn.CSN)
			require.NotZero(t, txn.Time)
			require.NotEmpty(t, txn.Ops)
			return true
		}))
		for i := range csns {
			require.Equal(t, csns[i], got[i])
		}
		for i := 1; i < len(got); i++ {
			require.Equal(t, got[i-1]+1, got[i])
		}
		csns = got
		require.EqualValues(t, 1, csns[0])
		require.Equal(t, s.DB().Stats().VisibleCSN, csns[len(csns)-1])
		n := 0
		require.NoError(t, s.ReadLog(ctx, csns[7], func(txn *cdc.Txn) bool {
			n++
			require.Equal(t, csns[7+n], txn.CSN)
			return n < 5
		}))
		require.Equal(t, 5, n)
		require.NoError(t, s.Close(ctx))
	}
	// Without retention the log goes, except for a named subscriber.
	o.RetainBytes = 0
	s := open(t, o)
	s.Retain("feed", csns[30])
	require.NoError(t, w.run(s.DB()))
	require.NoError(t, s.Checkpoint(ctx))
	require.NoError(t, s.Close(ctx))
	s = open(t, o)
	at, ok := s.RetainedFrom("feed")
	require.True(t, ok)
	require.Equal(t, csns[30], at)
	first := heap.CSN(0)
	require.NoError(t, s.ReadLog(ctx, csns[30], func(txn *cdc.Txn) bool { first = txn.CSN; return false }))
	require.Equal(t, csns[31], first)
	s.Forget("feed")
	for range 30 {
		require.NoError(t, w.run(s.DB()))
	}
	require.NoError(t, s.Checkpoint(ctx))
	require.ErrorIs(t, s.ReadLog(ctx, csns[30], func(*cdc.Txn) bool { return true }), engine.ErrPositionGone)
	require.NoError(t, s.Close(ctx))
}

// TestBackgroundCheckpoint: the log stays short without anybody asking.
func TestBackgroundCheckpoint(t *testing.T) {
	for _, interval := range []bool{false, true} {
		m := newMem(t)
		o := options(m)
		o.CheckpointBytes = 20 << 10
		if interval {
			o.CheckpointBytes, o.CheckpointInterval = -1, time.Millisecond
		}
		s := open(t, o)
		require.NoError(t, createTables(s.DB()))
		w := newModel(1)
		deadline := time.Now().Add(20 * time.Second)
		for s.Stats().Checkpoints < 3 || s.Stats().LogStart == 0 {
			require.NoError(t, w.run(s.DB()))
			require.True(t, time.Now().Before(deadline), "%+v", s.Stats())
		}
		image := m.Crash(vfs.CrashOptions{})
		n := w.n
		require.NoError(t, s.Close(ctx))
		check(t, m, ledger{acked: w.n, tried: w.n})
		_ = image // a crash image taken beside running I/O is as good as any other
		check(t, image, ledger{acked: n, tried: n})
	}
}

// TestIndexFilesAreUsed: after a close the indexes come from files; a damaged or missing file is replaced by building anew.
func TestIndexFilesAreUsed(t *testing.T) {
	m, n := smallStore(t, true)
	var idx []string
	for _, name := range m.Files() {
		if strings.HasSuffix(name, ".wt.idx") {
			idx = append(idx, name)
		}
	}
	require.Len(t, idx, 3)
	in := vfs.NewInjector(m)
	in.Record(true)
	var notes []string
	o := options(in)
	o.Logf = func(format string, args ...any) { notes = append(notes, format) }
	s := open(t, o)
	require.Empty(t, notes)
	_, err := verify(s.DB(), 1, n, n)
	require.NoError(t, err)
	require.NoError(t, s.Close(ctx))
	for _, op := range in.Operations() {
		require.False(t, strings.HasPrefix(op, "create ") && strings.Contains(op, ".wt.idx"), "an index file that is up to date is not written again")
	}
	b := m.Content(idx[0])
	b[100] ^= 1
	m.SetContent(idx[0], b)
	require.NoError(t, m.Remove(idx[1]))
	s = open(t, o)
	require.Len(t, notes, 1)
	_, err = verify(s.DB(), 1, n, n)
	require.NoError(t, err)
	require.NoError(t, s.Close(ctx))
	for _, name := range idx {
		require.NotEmpty(t, m.Content(name), name)
	}
}

func TestFilesAreTheOwnersAlone(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes mean nothing on Windows")
	}
	o := options(vfs.OS)
	o.Dir = filepath.Join(t.TempDir(), "db")
	s := open(t, o)
	require.NoError(t, createTables(s.DB()))
	w := newModel(1)
	for range 10 {
		require.NoError(t, w.run(s.DB()))
	}
	require.NoError(t, s.Close(ctx))
	seen := map[string]bool{}
	require.NoError(t, filepath.Walk(o.Dir, func(path string, fi os.FileInfo, err error) error {
		require.NoError(t, err)
		want := os.FileMode(0o600)
		if fi.IsDir() {
			want = 0o700
		}
		require.Equal(t, want, fi.Mode().Perm(), path)
		seen[filepath.Base(path)] = true
		return nil
	}))
	require.True(t, seen["%53hop"], "%v", seen)
	require.True(t, seen["worktable.ctl"])
}

// TestRetainAloneSurvives: a position that moves without a commit is durable with the next checkpoint all the same.
func TestRetainAloneSurvives(t *testing.T) {
	o := options(newMem(t))
	s := open(t, o)
	require.NoError(t, createTables(s.DB()))
	require.NoError(t, s.Close(ctx))
	s = open(t, o)
	s.Retain("feed", 2)
	require.NoError(t, s.Close(ctx))
	s = open(t, o)
	at, ok := s.RetainedFrom("feed")
	require.True(t, ok)
	require.EqualValues(t, 2, at)
	s.Forget("feed")
	require.NoError(t, s.Checkpoint(ctx))
	require.NoError(t, s.Close(ctx))
	s = open(t, o)
	_, ok = s.RetainedFrom("feed")
	require.False(t, ok)
	require.NoError(t, s.Close(ctx))
}
