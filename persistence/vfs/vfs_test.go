package vfs_test

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// both runs a test on the operating system's file system and on the one in memory.
func both(t *testing.T, test func(t *testing.T, fsys vfs.FS, dir string)) {
	t.Run("os", func(t *testing.T) { test(t, vfs.OS, t.TempDir()) })
	t.Run("mem", func(t *testing.T) {
		m := vfs.NewMem()
		require.NoError(t, m.Mkdir("/d"))
		test(t, m, "/d")
	})
	t.Run("hook", func(t *testing.T) { test(t, vfs.NewInjector(vfs.OS), t.TempDir()) })
}

func create(t *testing.T, fsys vfs.FS, name, content string) {
	t.Helper()
	f, err := fsys.Create(name)
	require.NoError(t, err)
	require.NoError(t, vfs.WriteFull(f, []byte(content), 0))
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
}

func TestFileOperations(t *testing.T) {
	both(t, func(t *testing.T, fsys vfs.FS, dir string) {
		name := filepath.Join(dir, "a")
		create(t, fsys, name, "hello")
		_, err := fsys.Create(name)
		require.ErrorIs(t, err, fs.ErrExist)
		_, err = fsys.Open(filepath.Join(dir, "none"))
		require.True(t, vfs.IsNotExist(err))

		f, err := fsys.Open(name)
		require.NoError(t, err)
		require.NoError(t, vfs.WriteFull(f, []byte("XY"), 8))
		require.NoError(t, f.SyncData())
		size, err := f.Size()
		require.NoError(t, err)
		require.EqualValues(t, 10, size)
		require.NoError(t, f.Truncate(9))
		require.NoError(t, f.Truncate(11))
		require.NoError(t, f.Close())
		require.ErrorIs(t, f.Close(), fs.ErrClosed)

		data, err := vfs.ReadFile(fsys, name, 100)
		require.NoError(t, err)
		require.Equal(t, "hello\x00\x00\x00X\x00\x00", string(data))
		_, err = vfs.ReadFile(fsys, name, 10)
		require.Error(t, err)

		r, err := fsys.OpenRead(name)
		require.NoError(t, err)
		_, err = r.WriteAt([]byte("x"), 0)
		require.Error(t, err)
		require.ErrorIs(t, vfs.ReadFull(r, make([]byte, 5), 8), io.ErrUnexpectedEOF)
		require.NoError(t, r.Close())

		create(t, fsys, filepath.Join(dir, "b"), "other")
		require.NoError(t, fsys.Rename(name, filepath.Join(dir, "b")))
		require.NoError(t, fsys.Mkdir(filepath.Join(dir, "sub")))
		require.NoError(t, fsys.SyncDir(dir))
		infos, err := fsys.ReadDir(dir)
		require.NoError(t, err)
		require.Len(t, infos, 2)
		require.Equal(t, vfs.Info{Name: "b", Size: 11}, infos[0])
		require.True(t, infos[1].Dir)
		require.NoError(t, fsys.Remove(filepath.Join(dir, "b")))
		_, err = fsys.Stat(filepath.Join(dir, "b"))
		require.True(t, vfs.IsNotExist(err))
	})
}

func TestLock(t *testing.T) {
	both(t, func(t *testing.T, fsys vfs.FS, dir string) {
		name := filepath.Join(dir, "lock")
		l, err := fsys.Lock(name, false, "process 7")
		require.NoError(t, err)
		for _, shared := range []bool{false, true} {
			_, err = fsys.Lock(name, shared, "process 8")
			var locked *vfs.LockedError
			require.ErrorAs(t, err, &locked)
			require.Equal(t, "process 7", locked.Holder)
			require.Contains(t, locked.Error(), "process 7")
		}
		require.NoError(t, l.Close())
		r1, err := fsys.Lock(name, true, "reader 1")
		require.NoError(t, err)
		r2, err := fsys.Lock(name, true, "reader 2")
		require.NoError(t, err)
		_, err = fsys.Lock(name, false, "process 9")
		require.Error(t, err)
		require.NoError(t, r1.Close())
		require.NoError(t, r2.Close())
		l, err = fsys.Lock(name, false, "p")
		require.NoError(t, err)
		require.NoError(t, l.Close())
	})
}

func TestModesAndLinks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("file modes mean nothing on Windows")
	}
	defer setUmask(setUmask(0o277))
	dir := filepath.Join(t.TempDir(), "d")
	require.NoError(t, vfs.OS.Mkdir(dir))
	fi, err := os.Stat(dir)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o700), fi.Mode().Perm())
	name := filepath.Join(dir, "f")
	create(t, vfs.OS, name, "x")
	l, err := vfs.OS.Lock(filepath.Join(dir, "lock"), false, "me")
	require.NoError(t, err)
	require.NoError(t, l.Close())
	for _, n := range []string{"f", "lock"} {
		fi, err = os.Stat(filepath.Join(dir, n))
		require.NoError(t, err)
		require.Equal(t, fs.FileMode(0o600), fi.Mode().Perm(), n)
	}
	link := filepath.Join(dir, "link")
	require.NoError(t, os.Symlink(filepath.Join(dir, "elsewhere"), link))
	_, err = vfs.OS.Create(link)
	require.Error(t, err)
	require.NoError(t, os.Remove(link))
	require.NoError(t, os.Symlink(name, link))
	_, err = vfs.OS.Open(link)
	require.Error(t, err)

	deep := filepath.Join(dir, "x", "y")
	canonical, err := vfs.OS.Canonical(filepath.Join(dir, "..", "d", "x", "y"))
	require.NoError(t, err)
	want, err := filepath.EvalSymlinks(dir)
	require.NoError(t, err)
	require.Equal(t, filepath.Join(want, "x", "y"), canonical, deep)
}

func TestMemRefusesWhatWindowsRefuses(t *testing.T) {
	m := vfs.NewMem()
	create(t, m, "/a", "1")
	f, err := m.OpenRead("/a")
	require.NoError(t, err)
	require.Error(t, m.Remove("/a"))
	require.Error(t, m.Rename("/a", "/b"))
	require.NoError(t, f.Close())
	require.NoError(t, m.Rename("/a", "/b"))
}

func TestMemCapacity(t *testing.T) {
	m := vfs.NewMem()
	m.SetCapacity(1000)
	f, err := m.Create("/a")
	require.NoError(t, err)
	n, err := f.WriteAt(make([]byte, 1500), 0)
	require.Equal(t, 1000, n)
	require.True(t, vfs.IsNoSpace(err))
	m.SetCapacity(2000)
	require.NoError(t, vfs.WriteFull(f, make([]byte, 1500), 0))
	require.EqualValues(t, 1500, m.Used())
	require.NoError(t, f.Truncate(10))
	require.NoError(t, f.Close())
	require.NoError(t, m.Remove("/a"))
	require.Zero(t, m.Used())
}

func TestCrashKeepsWhatWasSynced(t *testing.T) {
	m := vfs.NewMem()
	require.NoError(t, m.Mkdir("/d"))
	require.NoError(t, m.SyncDir("/"))
	create(t, m, "/d/a", "synced")
	_, err := m.Crash(vfs.CrashOptions{}).Stat("/d/a")
	require.True(t, vfs.IsNotExist(err), "the name was not synced")
	require.NoError(t, m.SyncDir("/d"))

	f, err := m.Open("/d/a")
	require.NoError(t, err)
	require.NoError(t, vfs.WriteFull(f, []byte("SYN"), 0))
	require.NoError(t, f.Truncate(4))
	require.Equal(t, "synced", string(m.Crash(vfs.CrashOptions{}).Content("/d/a")))
	require.Equal(t, "SYNc", string(m.Crash(vfs.CrashOptions{Keep: 100}).Content("/d/a")))
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
	require.Equal(t, "SYNc", string(m.Crash(vfs.CrashOptions{}).Content("/d/a")))

	require.NoError(t, m.Rename("/d/a", "/d/b"))
	require.Equal(t, []string{"/d/a"}, m.Crash(vfs.CrashOptions{}).Files())
	require.Equal(t, []string{"/d/b"}, m.Crash(vfs.CrashOptions{Keep: 100}).Files())
	require.NoError(t, m.Remove("/d/b"))
	require.NoError(t, m.SyncDir("/d"))
	require.Empty(t, m.Crash(vfs.CrashOptions{}).Files())
}

func TestCrashTearsAndReorders(t *testing.T) {
	m := vfs.NewMem()
	f, err := m.Create("/a")
	require.NoError(t, err)
	require.NoError(t, m.SyncDir("/"))
	old := bytes.Repeat([]byte("o"), 2048)
	require.NoError(t, vfs.WriteFull(f, old, 0))
	require.NoError(t, f.Sync())
	require.NoError(t, vfs.WriteFull(f, bytes.Repeat([]byte("1"), 1024), 0))
	require.NoError(t, vfs.WriteFull(f, bytes.Repeat([]byte("2"), 1024), 1024))
	seen := map[string]bool{}
	for seed := range uint64(500) {
		got := m.Crash(vfs.CrashOptions{Seed: seed, Keep: -1}).Content("/a")
		require.Len(t, got, 2048)
		key := ""
		for at := 0; at < 2048; at += 512 {
			sector := got[at : at+512]
			require.Equal(t, bytes.Repeat(sector[:1], 512), sector, "a sector is never torn")
			key += string(sector[:1])
		}
		seen[key] = true
		require.Equal(t, got, m.Crash(vfs.CrashOptions{Seed: seed, Keep: -1}).Content("/a"), "a seed decides")
	}
	require.Len(t, seen, 16, "every combination of sectors occurs, also the second write without the first")
}

func TestCrashGrowsWithoutData(t *testing.T) {
	m := vfs.NewMem()
	f, err := m.Create("/a")
	require.NoError(t, err)
	require.NoError(t, m.SyncDir("/"))
	require.NoError(t, vfs.WriteFull(f, bytes.Repeat([]byte("x"), 4096), 0))
	var zeros, noise bool
	for seed := range uint64(300) {
		got := m.Crash(vfs.CrashOptions{Seed: seed, Keep: 50, Garbage: true}).Content("/a")
		for at := 0; at+512 <= len(got); at += 512 {
			switch sector := got[at : at+512]; {
			case bytes.Equal(sector, make([]byte, 512)):
				zeros = true
			case !bytes.Equal(sector, bytes.Repeat([]byte("x"), 512)):
				noise = true
			}
		}
	}
	require.True(t, zeros)
	require.True(t, noise)
}

func TestInjector(t *testing.T) {
	m := vfs.NewMem()
	in := vfs.NewInjector(m)
	in.Set(&vfs.Fault{Kinds: vfs.OpWrite, Pattern: "*.log", Nth: 1, Short: true, Err: vfs.ErrNoSpace})
	for _, name := range []string{"/a.log", "/a.dat"} {
		f, err := in.Create(name)
		require.NoError(t, err)
		for i := range 3 {
			n, err := f.WriteAt(make([]byte, 10), int64(i)*10)
			if name == "/a.log" && i == 1 {
				require.Equal(t, 5, n)
				require.ErrorIs(t, err, vfs.ErrInjected)
				require.True(t, vfs.IsNoSpace(err))
				continue
			}
			require.NoError(t, err)
		}
		require.NoError(t, f.Close())
	}
	require.EqualValues(t, 3, in.Count())
	require.EqualValues(t, 1, in.Fired())

	in.Set(&vfs.Fault{Forever: true})
	_, err := in.Open("/a.log")
	require.ErrorIs(t, err, vfs.EIO)
	_, err = in.ReadDir("/")
	require.ErrorIs(t, err, vfs.ErrInjected)

	var image *vfs.Mem
	in.PowerOffAfter(1, func() { image = m.Crash(vfs.CrashOptions{Keep: 100}) })
	f, err := in.Create("/b")
	require.NoError(t, err)
	_, err = f.WriteAt([]byte("data"), 0)
	require.ErrorIs(t, err, vfs.ErrPowerOff)
	require.True(t, errors.Is(f.Sync(), vfs.ErrPowerOff))
	require.Equal(t, "data", string(image.Content("/b")))
}
