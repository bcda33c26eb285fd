package wal_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

// ledger is what a scenario was promised.
type ledger struct {
	appended uint64 // handed to Append, successfully
	acked    uint64 // Sync said so
}

// books keeps the ledger. The power may fail in any goroutine, so reading it takes a lock.
type books struct {
	mu  sync.Mutex
	led ledger
}

func (b *books) now() ledger {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.led
}

func (b *books) appended(n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.led.appended = n
}

func (b *books) acked(n uint64) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.led.acked = n
}

// scenario opens the log, commits through several segments, drops some, closes. It stops at the first error.
func scenario(fsys vfs.FS, mode wal.Mode, n uint64, maxLen int, book *books) error {
	l, tail, err := open(fsys, maxLen, wal.Options{Segment: 4096, Mode: mode, Interval: 1e9})
	if err != nil {
		return err
	}
	if acked := book.now().acked; tail.LastCSN < acked {
		return fmt.Errorf("commit %d was acknowledged, the log ends at %d", acked, tail.LastCSN)
	}
	csn := tail.LastCSN
	book.appended(csn)
	for range n {
		csn++
		pos, err := appendOne(l, csn, maxLen)
		if err != nil {
			return errors.Join(err, l.Close())
		}
		book.appended(csn)
		if err := l.Sync(ctx, pos); err != nil {
			return errors.Join(err, l.Close())
		}
		if mode == wal.Full {
			book.acked(csn)
		}
		if csn%10 == 0 {
			if err := l.Force(ctx, pos); err != nil {
				return errors.Join(err, l.Close())
			}
			book.acked(csn)
		}
	}
	if err := l.Close(); err != nil {
		return err
	}
	book.acked(csn)
	return nil
}

// checkImage opens a crash image and holds it against the ledger. A crash while it is opened is simulated too, at
// every operation, nested once more.
func checkImage(t *testing.T, image *vfs.Mem, led ledger, maxLen int, seed uint64, depth int) {
	t.Helper()
	tail, err := readAll(image, 0, 0, maxLen)
	require.NoError(t, err)
	require.GreaterOrEqual(t, tail.LastCSN, led.acked)
	require.LessOrEqual(t, tail.LastCSN, led.appended)
	if depth == 0 {
		after := books{led: led}
		after.acked(tail.LastCSN)
		require.NoError(t, scenario(image, wal.Full, 3, maxLen, &after))
		again, err := readAll(image.Crash(vfs.CrashOptions{Seed: seed}), 0, 0, maxLen)
		require.NoError(t, err)
		require.Equal(t, tail.LastCSN+3, again.LastCSN)
		return
	}
	for n := int64(0); ; n++ {
		copied := image.Clone()
		in := vfs.NewInjector(copied)
		var next *vfs.Mem
		in.PowerOffAfter(n, func() { next = copied.Crash(vfs.CrashOptions{Seed: seed + uint64(n), Keep: -1, Garbage: true}) })
		l, _, err := open(in, maxLen, wal.Options{Segment: 4096})
		if err == nil {
			_ = l.Close()
		}
		if next == nil {
			return
		}
		inner := led
		if err == nil {
			inner.acked = tail.LastCSN // opened: what was read is promised
		}
		inner.appended = tail.LastCSN
		checkImage(t, next, inner, maxLen, seed*31+uint64(n), depth-1)
	}
}

func TestCrashAtEveryOperation(t *testing.T) {
	seeds := size("WORKTABLE_CRASH_SEEDS", 2)
	for _, mode := range []wal.Mode{wal.Full, wal.Off} {
		for _, maxLen := range []int{150, 6000} {
			for at := int64(0); ; at += slower {
				done := false
				for seed := range uint64(seeds) {
					m := newFS(t, 4096)
					in := vfs.NewInjector(m)
					var image *vfs.Mem
					var book books
					var then ledger
					in.PowerOffAfter(at, func() {
						image = m.Crash(vfs.CrashOptions{Seed: seed*1000 + uint64(at), Keep: -1, Garbage: true})
						then = book.now() // the ledger at the moment of the crash; one more may be in flight
					})
					err := scenario(in, mode, 16, maxLen, &book)
					if image == nil {
						require.NoError(t, err)
						done = true
						break
					}
					then.appended = max(then.appended, book.now().appended) + 1
					depth := 0
					if (at/slower)%7 == int64(seed)%7 {
						depth = 1
					}
					checkImage(t, image, then, maxLen, seed+uint64(at)*7, depth)
					if t.Failed() {
						t.Fatalf("mode %d, maxLen %d, operation %d, seed %d", mode, maxLen, at, seed)
					}
				}
				if done {
					break
				}
			}
		}
	}
}

func TestErrorAtEveryOperation(t *testing.T) {
	for _, fault := range []vfs.Fault{
		{}, {Forever: true}, {Err: vfs.ErrNoSpace}, {Err: vfs.ErrNoSpace, Forever: true, Kinds: vfs.OpWrite},
		{Kinds: vfs.OpWrite, Short: true}, {Kinds: vfs.OpSync}, {Kinds: vfs.OpSync, Forever: true}, {Kinds: vfs.OpSyncDir},
	} {
		for at := int64(0); ; at += slower {
			m := newFS(t, 4096)
			in := vfs.NewInjector(m)
			f := fault
			f.Nth = at
			in.Set(&f)
			var book books
			err := scenario(in, wal.Full, 22, 150, &book)
			if in.Fired() == 0 {
				require.NoError(t, err)
				break
			}
			if err != nil {
				require.ErrorIs(t, err, vfs.ErrInjected, "%+v", f)
			}
			in.Set(nil)
			led := book.now()
			// Without a crash everything written is there; with one, everything acknowledged.
			checkImage(t, m.Clone(), led, 150, uint64(at), 0)
			checkImage(t, m.Crash(vfs.CrashOptions{Seed: uint64(at), Keep: -1}), led, 150, uint64(at), 0)
			if t.Failed() {
				t.Fatalf("%+v", f)
			}
		}
	}
}

// TestKilledThenPowerLoss: what an opening read out of the page cache must be on the disk when it returns.
func TestKilledThenPowerLoss(t *testing.T) {
	for _, n := range []uint64{0, 1, 5, 40} {
		m := newFS(t, 4096)
		l, _, err := open(m, 150, wal.Options{Segment: 4096, Mode: wal.Off})
		require.NoError(t, err)
		for csn := uint64(1); csn <= n; csn++ {
			require.NoError(t, commit(l, csn, 150))
		}
		m.Kill()
		require.Error(t, l.Close())
		l, tail, err := open(m, 150, wal.Options{Segment: 4096})
		require.NoError(t, err)
		require.Equal(t, n, tail.LastCSN, "a killed process loses nothing that was written")
		require.NoError(t, commit(l, n+1, 150))
		for seed := range uint64(20) {
			tail, err = readAll(m.Crash(vfs.CrashOptions{Seed: seed, Keep: -1}), 0, 0, 150)
			require.NoError(t, err)
			require.Equal(t, n+1, tail.LastCSN)
		}
		require.NoError(t, l.Close())
	}
}
