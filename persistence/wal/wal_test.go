package wal_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

var (
	ctx = context.Background()
	id  = [16]byte{1, 2, 3}

	// errWrong is what the reader must never cause: a commit that was not written so.
	errWrong = errors.New("wrong commit")
)

const dir = "/log"

// size is a test size that an environment variable can raise.
func size(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}

// payload is the content of commit csn: its length and bytes follow from the number, so that a reader can check them.
func payload(csn uint64, maxLen int) []byte {
	rng := rand.New(rand.NewPCG(csn, 77))
	n := rng.IntN(maxLen)
	if rng.IntN(8) == 0 {
		n = rng.IntN(10)
	}
	b := make([]byte, 8+n)
	binary.LittleEndian.PutUint64(b, csn)
	for i := 8; i < len(b); i++ {
		b[i] = byte(rng.Uint32())
	}
	return b
}

func newFS(t testing.TB, segment int64) *vfs.Mem {
	m := vfs.NewMem()
	require.NoError(t, m.Mkdir(dir))
	require.NoError(t, m.SyncDir("/"))
	require.NoError(t, wal.Create(m, dir, id, segment))
	return m
}

// readAll scans the log and checks that it holds the commits first, first+1, …
func readAll(fsys vfs.FS, from wal.LSN, csn uint64, maxLen int) (*wal.Tail, error) {
	next := csn + 1
	return wal.Scan(ctx, wal.ScanOptions{FS: fsys, Dir: dir, ID: id, From: from, CSN: csn}, func(c wal.Commit) error {
		if c.CSN != next {
			return fmt.Errorf("%w: commit %d instead of %d", errWrong, c.CSN, next)
		}
		want := payload(c.CSN, maxLen)
		if string(want) != string(c.Data) || c.Time != int64(c.CSN)*10 || c.Ops != uint32(c.CSN%5) {
			return fmt.Errorf("%w: commit %d has another content", errWrong, c.CSN)
		}
		next++
		return nil
	})
}

func open(fsys vfs.FS, maxLen int, o wal.Options) (*wal.Log, *wal.Tail, error) {
	tail, err := readAll(fsys, 0, 0, maxLen)
	if err != nil {
		return nil, nil, err
	}
	o.FS, o.Dir, o.ID = fsys, dir, id
	if o.MarkDelay == 0 {
		o.MarkDelay = -1
	}
	l, err := wal.Open(o, tail)
	return l, tail, err
}

func appendOne(l *wal.Log, csn uint64, maxLen int) (wal.LSN, error) {
	r := l.NewRecord()
	r.Data = append(r.Data, payload(csn, maxLen)...)
	r.Ops = uint32(csn % 5)
	if err := l.Reserve(r); err != nil {
		return 0, err
	}
	return l.Append(r, csn, int64(csn)*10)
}

func commit(l *wal.Log, csn uint64, maxLen int) error {
	pos, err := appendOne(l, csn, maxLen)
	if err != nil {
		return err
	}
	return l.Sync(ctx, pos)
}

func TestCommitsComeBack(t *testing.T) {
	for _, tc := range []struct {
		segment int64
		maxLen  int
		n       uint64
	}{{4096, 200, 300}, {4096, 20000, 60}, {1 << 16, 3000, 500}, {8 << 20, 300 << 10, 100}} {
		t.Run(fmt.Sprintf("%d/%d", tc.segment, tc.maxLen), func(t *testing.T) {
			m := newFS(t, tc.segment)
			csn := uint64(0)
			for range 3 {
				l, tail, err := open(m, tc.maxLen, wal.Options{Segment: tc.segment})
				require.NoError(t, err)
				require.Equal(t, csn, tail.LastCSN)
				for range tc.n / 3 {
					csn++
					require.NoError(t, commit(l, csn, tc.maxLen))
				}
				require.NoError(t, l.Close())
				require.NoError(t, l.Close())
				_, err = l.Append(l.NewRecord(), csn+1, 0)
				require.ErrorIs(t, err, wal.ErrClosed)
			}
			tail, err := readAll(m, 0, 0, tc.maxLen)
			require.NoError(t, err)
			require.Equal(t, csn, tail.LastCSN)
			require.False(t, tail.Torn)
			survived := m.Crash(vfs.CrashOptions{})
			tail, err = readAll(survived, 0, 0, tc.maxLen)
			require.NoError(t, err)
			require.Equal(t, csn, tail.LastCSN)
		})
	}
}

func TestConcurrentCommitsShareSyncs(t *testing.T) {
	for _, mode := range []wal.Mode{wal.Full, wal.Normal, wal.Off} {
		m := newFS(t, 1<<16)
		l, _, err := open(m, 500, wal.Options{Segment: 1 << 16, Mode: mode, Interval: 1e6, MarkDelay: 1e6})
		require.NoError(t, err)
		const workers, each = 8, 200
		var mu sync.Mutex
		var csn uint64
		var wg sync.WaitGroup
		errs := make([]error, workers)
		for w := range workers {
			wg.Go(func() {
				for range each {
					mu.Lock()
					csn++
					pos, err := appendOne(l, csn, 500)
					mu.Unlock()
					if err == nil {
						err = l.Sync(ctx, pos)
					}
					errs[w] = errors.Join(errs[w], err)
				}
			})
		}
		wg.Wait()
		require.NoError(t, errors.Join(errs...))
		end, durable, _ := l.Positions()
		require.NoError(t, l.Force(ctx, end))
		if mode == wal.Full {
			require.LessOrEqual(t, l.Syncs(), uint64(workers*each))
			require.Positive(t, durable)
		}
		require.NoError(t, l.Close())
		tail, err := readAll(m.Crash(vfs.CrashOptions{}), 0, 0, 500)
		require.NoError(t, err)
		require.EqualValues(t, workers*each, tail.LastCSN)
	}
}

func TestHistoryAndDrop(t *testing.T) {
	m := newFS(t, 8192)
	const maxLen, n = 3000, 200
	l, _, err := open(m, maxLen, wal.Options{Segment: 8192})
	require.NoError(t, err)
	for csn := uint64(1); csn <= n; csn++ {
		require.NoError(t, commit(l, csn, maxLen))
	}
	check := func(l *wal.Log, after, to uint64) error {
		next := after + 1
		err := l.History(ctx, after, to, func(c wal.Commit) (bool, error) {
			if c.CSN != next || string(c.Data) != string(payload(c.CSN, maxLen)) {
				return false, fmt.Errorf("commit %d instead of %d", c.CSN, next)
			}
			next++
			return true, nil
		})
		if err == nil && next != min(to, n)+1 {
			err = fmt.Errorf("it ended at %d", next)
		}
		return err
	}
	for after := uint64(0); after < n; after += 7 {
		require.NoError(t, check(l, after, n+10), after)
		require.NoError(t, check(l, after, min(n, after+5)), after)
	}
	pos, before, err := l.Find(n / 2)
	require.NoError(t, err)
	require.LessOrEqual(t, before, uint64(n/2))
	removed, err := l.Drop(pos)
	require.NoError(t, err)
	require.Positive(t, removed)
	require.ErrorIs(t, check(l, 0, n), wal.ErrGone)
	require.NoError(t, check(l, n/2, n))
	require.NoError(t, l.Close())

	// After a restart that reads only the end, older commits are still found.
	tail, err := readAll(m, pos, before, maxLen)
	require.NoError(t, err)
	require.EqualValues(t, n, tail.LastCSN)
	l, err = wal.Open(wal.Options{FS: m, Dir: dir, ID: id, Segment: 4096, MarkDelay: -1}, tail)
	require.NoError(t, err)
	require.NoError(t, check(l, n/2, n))
	require.ErrorIs(t, check(l, 0, n), wal.ErrGone)
	for csn := uint64(n + 1); csn <= n+20; csn++ {
		require.NoError(t, commit(l, csn, maxLen))
	}
	end, _, _ := l.Positions()
	_, err = l.Drop(end)
	require.NoError(t, err)
	require.NoError(t, l.Close())
}

func TestMissingSegmentIsDamage(t *testing.T) {
	m := newFS(t, 4096)
	l, _, err := open(m, 500, wal.Options{Segment: 4096})
	require.NoError(t, err)
	for csn := uint64(1); csn <= 60; csn++ {
		require.NoError(t, commit(l, csn, 500))
	}
	require.NoError(t, l.Close())
	files := m.Files()
	require.Greater(t, len(files), 3)
	for i, name := range files {
		copied := m.Clone()
		require.NoError(t, copied.Remove(name))
		tail, err := readAll(copied, 0, 0, 500)
		var d *wal.Damage
		if err == nil {
			require.EqualValues(t, 60, tail.LastCSN, "only a segment that was made ahead may be missing")
			require.Equal(t, len(files)-1, i)
			continue
		}
		require.ErrorAs(t, err, &d, name)
		require.NotEmpty(t, d.Error())
	}
	other := [16]byte{9}
	_, err = wal.Scan(ctx, wal.ScanOptions{FS: m, Dir: dir, ID: other}, func(wal.Commit) error { return nil })
	require.ErrorContains(t, err, "another database")
}

func TestNewerFormatIsRefused(t *testing.T) {
	m := newFS(t, 4096)
	name := m.Files()[0]
	b := m.Content(name)
	b[8] = 2
	binary.LittleEndian.PutUint32(b[60:], wal.Checksum(b[:60]))
	m.SetContent(name, b)
	_, err := readAll(m, 0, 0, 10)
	require.ErrorIs(t, err, wal.ErrNewerFormat)
	require.Equal(t, b, m.Content(name))
}

func TestFullDiskIsCleanAndPasses(t *testing.T) {
	m := newFS(t, 1<<16)
	l, _, err := open(m, 1000, wal.Options{Segment: 1 << 16})
	require.NoError(t, err)
	m.SetCapacity(m.Used() + 100<<10)
	csn := uint64(1)
	for ; ; csn++ {
		if err = commit(l, csn, 1000); err != nil {
			break
		}
	}
	require.True(t, vfs.IsNoSpace(err), err)
	require.NoError(t, l.Err())
	require.Greater(t, csn, uint64(200), "small commits use what is left")
	require.True(t, vfs.IsNoSpace(commit(l, csn, 1000)))
	m.SetCapacity(0)
	for range 100 {
		require.NoError(t, commit(l, csn, 1000))
		csn++
	}
	require.NoError(t, l.Close())
	tail, err := readAll(m, 0, 0, 1000)
	require.NoError(t, err)
	require.Equal(t, csn-1, tail.LastCSN)
}

func TestSyncFailurePoisons(t *testing.T) {
	m := newFS(t, 1<<16)
	in := vfs.NewInjector(m)
	var told error
	tail, err := readAll(in, 0, 0, 100)
	require.NoError(t, err)
	l, err := wal.Open(wal.Options{FS: in, Dir: dir, ID: id, Segment: 1 << 16, MarkDelay: -1, OnPoison: func(err error) { told = err }}, tail)
	require.NoError(t, err)
	require.NoError(t, commit(l, 1, 100))
	in.Set(&vfs.Fault{Kinds: vfs.OpSync}) // once: the second sync would succeed
	err = commit(l, 2, 100)
	require.ErrorIs(t, err, wal.ErrPoisoned)
	require.ErrorIs(t, err, vfs.EIO)
	require.ErrorIs(t, told, wal.ErrPoisoned)
	in.Record(true)
	require.ErrorIs(t, commit(l, 3, 100), wal.ErrPoisoned)
	end, _, _ := l.Positions()
	require.ErrorIs(t, l.Force(ctx, end), wal.ErrPoisoned)
	_, err = l.Drop(end)
	require.ErrorIs(t, err, wal.ErrPoisoned)
	require.Empty(t, in.Operations(), "nothing is retried")
	require.ErrorIs(t, l.Close(), wal.ErrPoisoned)
	tail, err = readAll(m.Crash(vfs.CrashOptions{}), 0, 0, 100)
	require.NoError(t, err)
	require.EqualValues(t, 1, tail.LastCSN)
}

// TestNormalSyncsOnAnInterval: a stream of commits without a pause does not keep the interval from ending.
func TestNormalSyncsOnAnInterval(t *testing.T) {
	m := newFS(t, 1<<20)
	l, _, err := open(m, 100, wal.Options{Segment: 1 << 20, Mode: wal.Normal, Interval: 20 * time.Millisecond})
	require.NoError(t, err)
	_, first, _ := l.Positions()
	csn := uint64(0)
	for start := time.Now(); time.Since(start) < 20*time.Second; {
		csn++
		require.NoError(t, commit(l, csn, 100))
		if _, durable, _ := l.Positions(); durable > first {
			break
		}
	}
	_, durable, _ := l.Positions()
	require.Greater(t, durable, first)
	require.NoError(t, l.Close())
}

// TestOffKeepsFewFilesOpen: segments that nobody syncs are not kept open for ever.
func TestOffKeepsFewFilesOpen(t *testing.T) {
	m := newFS(t, 4096)
	in := vfs.NewInjector(m)
	l, _, err := open(in, 100, wal.Options{Segment: 4096, Mode: wal.Off})
	require.NoError(t, err)
	csn := uint64(0)
	more := func() bool {
		for range 500 {
			csn++
			require.NoError(t, commit(l, csn, 100))
		}
		return l.Syncs() > 0 // by the writer goroutine, whose turn is not ours to decide
	}
	for start := time.Now(); !more() && time.Since(start) < 20*time.Second; {
		runtime.Gosched()
	}
	require.Positive(t, l.Syncs())
	require.NoError(t, l.Close())
}

// TestTooManyOpenFiles: a segment that cannot be made fails commits, and only for as long as it cannot.
func TestTooManyOpenFiles(t *testing.T) {
	m := newFS(t, 4096)
	in := vfs.NewInjector(m)
	l, _, err := open(in, 100, wal.Options{Segment: 4096})
	require.NoError(t, err)
	in.Set(&vfs.Fault{Kinds: vfs.OpCreate | vfs.OpOpen, Forever: true, Err: syscall.EMFILE})
	csn := uint64(1)
	for err == nil {
		if err = commit(l, csn, 100); err == nil {
			csn++
		}
	}
	require.ErrorIs(t, err, syscall.EMFILE)
	require.NoError(t, l.Err())
	in.Set(nil)
	for range 200 {
		require.NoError(t, commit(l, csn, 100))
		csn++
	}
	require.NoError(t, l.Close())
	tail, err := readAll(m, 0, 0, 100)
	require.NoError(t, err)
	require.Equal(t, csn-1, tail.LastCSN)
}
