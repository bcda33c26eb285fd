package persistence_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// TestErrorAtEveryOperation makes each I/O operation of the scenario fail, once and from then on. Nothing that was acknowledged
// may be missing afterwards, with or without a crash, and no error may be of another making.
func TestErrorAtEveryOperation(t *testing.T) {
	stride := stride("WORKTABLE_FAULT_STRIDE", 23)
	for i, fault := range []vfs.Fault{
		{}, {Forever: true},
		{Err: vfs.ErrNoSpace, Kinds: vfs.OpWrite | vfs.OpCreate | vfs.OpTruncate | vfs.OpMkdir},
		{Err: vfs.ErrNoSpace, Kinds: vfs.OpWrite | vfs.OpCreate | vfs.OpTruncate | vfs.OpMkdir, Forever: true},
		{Kinds: vfs.OpWrite, Short: true}, {Kinds: vfs.OpWrite, Short: true, Err: vfs.ErrNoSpace},
		{Kinds: vfs.OpSync}, {Kinds: vfs.OpSyncDir}, {Kinds: vfs.OpSync | vfs.OpSyncDir, Forever: true},
		{Kinds: vfs.OpRead | vfs.OpOpenRead | vfs.OpReadDir | vfs.OpStat | vfs.OpSize},
		{Kinds: vfs.OpRename | vfs.OpRemove | vfs.OpClose},
	} {
		for at := int64(i) % stride; ; at += stride {
			m := vfs.NewMem()
			in := vfs.NewInjector(m)
			f := fault
			f.Nth = at
			in.Set(&f)
			sc := newScenario(options(in))
			err := sc.run()
			if in.Fired() == 0 {
				require.NoError(t, err)
				break
			}
			if err != nil && !errors.Is(err, vfs.ErrInjected) {
				require.True(t, errors.Is(err, persistence.ErrPoisoned) || errors.Is(err, sqlerr.ReadOnlyStore), "%+v: %v", f, err)
			}
			in.Set(nil)
			check(t, m.Crash(vfs.CrashOptions{Seed: uint64(at), Keep: -1}), sc.book.now())
			check(t, m.Clone(), sc.book.now())
			if t.Failed() {
				t.Fatalf("%+v: %v", f, err)
			}
		}
	}
}

// TestFullDisk: a full disk fails commits with 1021 and checkpoints with 1021, leaves reading as it is, and passes.
func TestFullDisk(t *testing.T) {
	m := newMem(t)
	o := options(m)
	s := open(t, o)
	require.NoError(t, createTables(s.DB()))
	w := newModel(1)
	for range 20 {
		require.NoError(t, w.run(s.DB()))
	}
	m.SetCapacity(m.Used() + 20<<10)
	var err error
	for err == nil {
		err = w.run(s.DB())
	}
	require.ErrorIs(t, err, sqlerr.DiskFull)
	n := w.n
	_, err = verify(s.DB(), 1, n, n)
	require.NoError(t, err)
	require.ErrorIs(t, w.run(s.DB()), sqlerr.DiskFull)
	require.ErrorIs(t, s.Checkpoint(ctx), sqlerr.DiskFull)
	require.ErrorIs(t, s.Stats().CheckpointError, sqlerr.DiskFull)
	require.NoError(t, s.Stats().Poisoned)

	check(t, m.Crash(vfs.CrashOptions{Keep: -1}), ledger{acked: n, tried: n})

	m.SetCapacity(0)
	require.NoError(t, s.Checkpoint(ctx))
	require.NoError(t, s.Stats().CheckpointError)
	for range 20 {
		require.NoError(t, w.run(s.DB()))
	}
	require.NoError(t, s.Close(ctx))
	check(t, m, ledger{acked: w.n, tried: w.n})
}

// TestSyncFailurePoisons: after one failed sync of the log no commit is acknowledged and none becomes visible, though the
// next sync would succeed; reads go on.
func TestSyncFailurePoisons(t *testing.T) {
	m := newMem(t)
	in := vfs.NewInjector(m)
	s := open(t, options(in))
	require.NoError(t, createTables(s.DB()))
	w := newModel(1)
	for range 10 {
		require.NoError(t, w.run(s.DB()))
	}
	in.Set(&vfs.Fault{Kinds: vfs.OpSync, Pattern: "*.wtlog"})
	err := w.run(s.DB())
	require.ErrorIs(t, err, persistence.ErrPoisoned)
	require.ErrorIs(t, err, vfs.EIO)
	visible := s.DB().Stats().VisibleCSN
	in.Record(true)
	for i := range int64(3) {
		require.ErrorIs(t, newModel(2+i).run(s.DB()), persistence.ErrPoisoned)
	}
	require.ErrorIs(t, s.Checkpoint(ctx), persistence.ErrPoisoned)
	require.ErrorIs(t, s.Stats().Poisoned, persistence.ErrPoisoned)
	require.Empty(t, in.Operations(), "nothing is retried")
	require.Equal(t, visible, s.DB().Stats().VisibleCSN)
	models, err := read(s.DB())
	require.NoError(t, err)
	require.EqualValues(t, 10, models[1].n)
	require.Error(t, s.Close(ctx))
	check(t, m.Crash(vfs.CrashOptions{}), ledger{acked: 10, tried: 11})
}

// TestCheckpointFailurePoisons: a sync error of a table file is as final as one of the log.
func TestCheckpointFailurePoisons(t *testing.T) {
	for _, pattern := range []string{"*.wt.data", "worktable.ckpt", "worktable.ctl.tmp"} {
		m := newMem(t)
		in := vfs.NewInjector(m)
		s := open(t, options(in))
		require.NoError(t, createTables(s.DB()))
		w := newModel(1)
		for range 10 {
			require.NoError(t, w.run(s.DB()))
		}
		require.NoError(t, s.Checkpoint(ctx))
		for range 5 {
			require.NoError(t, w.run(s.DB()))
		}
		in.Set(&vfs.Fault{Kinds: vfs.OpSync, Pattern: pattern})
		require.ErrorIs(t, s.Checkpoint(ctx), persistence.ErrPoisoned, pattern)
		require.ErrorIs(t, w.run(s.DB()), persistence.ErrPoisoned)
		require.ErrorIs(t, s.Checkpoint(ctx), persistence.ErrPoisoned)
		_, err := verify(s.DB(), 1, 15, 15)
		require.NoError(t, err, "reads go on")
		_ = s.Close(ctx)
		for seed := range uint64(20) {
			check(t, m.Crash(vfs.CrashOptions{Seed: seed, Keep: -1}), ledger{acked: 15, tried: 16})
		}
	}
}
