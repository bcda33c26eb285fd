package persistence_test

import (
	"bufio"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// The test binary runs itself as another process: the environment says in which part.
const (
	childVar = "WORKTABLE_TEST_CHILD"
	dirVar   = "WORKTABLE_TEST_DIR"
)

func TestMain(m *testing.M) {
	switch os.Getenv(childVar) {
	case "":
		before := runtime.NumGoroutine()
		code := m.Run()
		if code == 0 && !settled(before) {
			buf := make([]byte, 1<<20)
			fmt.Printf("goroutines are left over:\n%s\n", buf[:runtime.Stack(buf, true)])
			code = 1
		}
		os.Exit(code)
	case "hold":
		childHold()
	case "load":
		childLoad()
	}
}

// settled waits until the goroutines of the tests are gone.
func settled(before int) bool {
	for range 200 {
		if runtime.NumGoroutine() <= before {
			return true
		}
		time.Sleep(10 * time.Millisecond)
	}
	return false
}

// child starts this binary in a part and returns it with its output.
func child(t *testing.T, part, dir string) (*exec.Cmd, *bufio.Scanner) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"="+part, dirVar+"="+dir)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	cmd.Stderr = os.Stderr
	require.NoError(t, cmd.Start())
	return cmd, bufio.NewScanner(out)
}

func childOptions() persistence.Options {
	return persistence.Options{
		Dir: os.Getenv(dirVar), SegmentBytes: 256 << 10, CheckpointBytes: 128 << 10, LockTimeout: 5 * time.Second,
		Engine: engine.Options{PageSize: 1024},
	}
}

func die(err error) {
	fmt.Println("error", err)
	os.Exit(3)
}

// childHold opens the directory and keeps it until it is killed.
func childHold() {
	if _, err := persistence.Open(ctx, childOptions()); err != nil {
		die(err)
	}
	fmt.Println("ready")
	select {}
}

func TestAnotherProcessHasTheDirectory(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "db")
	cmd, out := child(t, "hold", dir)
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	require.True(t, out.Scan())
	require.Equal(t, "ready", out.Text())

	o := persistence.Options{Dir: dir, LockTimeout: 50 * time.Millisecond}
	_, err := persistence.Open(ctx, o)
	require.ErrorIs(t, err, persistence.ErrLocked)
	require.ErrorContains(t, err, fmt.Sprintf("process %d on ", cmd.Process.Pid))
	var locked *vfs.LockedError
	require.ErrorAs(t, err, &locked)
	o.ReadOnly = true
	_, err = persistence.Open(ctx, o)
	require.ErrorIs(t, err, persistence.ErrLocked)
	_, err = persistence.Verify(ctx, o)
	require.ErrorIs(t, err, persistence.ErrLocked)

	// A lock dies with its process; who waits gets it.
	o.ReadOnly, o.LockTimeout = false, 20*time.Second
	time.AfterFunc(100*time.Millisecond, func() { _ = cmd.Process.Kill() })
	s, err := persistence.Open(ctx, o)
	require.NoError(t, err)
	require.NoError(t, s.Close(ctx))
}

const loadWriters = 4

// childLoad runs one model per writer from where the directory stands, and writes "ack writer n" for each transaction after it
// was acknowledged.
func childLoad() {
	s, err := persistence.Open(ctx, childOptions())
	if err != nil {
		die(err)
	}
	if s.DB().Catalog().Table("Shop", "marks") == nil {
		if err := createTables(s.DB()); err != nil {
			die(err)
		}
	}
	models, err := read(s.DB())
	if err != nil {
		die(err)
	}
	var out sync.Mutex
	for w := range int64(loadWriters) {
		m := models[w]
		if m == nil {
			m = newModel(w)
		}
		go func() {
			for {
				if err := m.run(s.DB()); err != nil {
					die(err)
				}
				out.Lock()
				fmt.Printf("ack %d %d\n", w, m.n)
				out.Unlock()
			}
		}()
	}
	fmt.Println("running")
	select {}
}

// TestKill kills a process under load at random moments, reopens what it left, and holds it against what it said it had
// done: every acknowledged transaction is there, every transaction is whole, every index agrees with its table.
func TestKill(t *testing.T) {
	cycles := envSize("WORKTABLE_KILL_CYCLES", 10)
	seed := uint64(envSize("WORKTABLE_KILL_SEED", int(time.Now().UnixNano()&0x7fffffff)))
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 1))
	dir := filepath.Join(t.TempDir(), "db")
	acked := map[int64]int64{}
	total := int64(0)
	for cycle := range cycles {
		if cycle%20 == 19 {
			require.NoError(t, os.RemoveAll(dir)) // the models recompute from the start: keep them short
			clear(acked)
		}
		cmd, out := child(t, "load", dir)
		wait := time.Duration(rng.IntN(250)) * time.Millisecond
		if cycle%5 == 4 {
			wait = time.Duration(rng.IntN(5)) * time.Millisecond // while it is opening
		}
		kill := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		for out.Scan() {
			line := out.Text()
			require.False(t, strings.HasPrefix(line, "error"), line)
			var w, n int64
			if _, err := fmt.Sscanf(line, "ack %d %d", &w, &n); err == nil {
				acked[w] = n
				total++
			}
		}
		kill.Stop()
		_ = cmd.Wait()
		afterKill(t, dir, acked)
		if t.Failed() {
			t.Fatalf("cycle %d, seed %d", cycle, seed)
		}
	}
	t.Logf("%d cycles, %d acknowledged transactions", cycles, total)
}

func afterKill(t *testing.T, dir string, acked map[int64]int64) {
	t.Helper()
	o := childOptions()
	o.Dir = dir
	s, err := persistence.Open(ctx, o)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close(ctx)) }()
	models, err := read(s.DB())
	require.NoError(t, err)
	for w := range int64(loadWriters) {
		got := models[w]
		if got == nil {
			got = newModel(w)
		}
		require.GreaterOrEqual(t, got.n, acked[w], "writer %d", w)
		require.LessOrEqual(t, got.n, acked[w]+1, "writer %d: one transaction may be there without its acknowledgement", w)
		want := modelAt(w, got.n)
		require.Equal(t, want.orders, got.orders, "writer %d", w)
		require.Equal(t, want.entries, got.entries, "writer %d", w)
		acked[w] = got.n
	}
	require.NoError(t, errors.Join(s.DB().Check(ctx)...))
}
