package logictest

import (
	"context"
	"flag"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/sqlmap/internal/corpus"
)

var (
	files = flag.String("logictest.files", "", "comma-separated patterns of corpus files to run instead of the usual ones")
	shows = flag.Int("logictest.failures", 5, "failures to print per file")
)

// every is the corpus; WORKTABLE_SHORT=1 (the race detector's run) keeps to the first files.
var (
	every = []string{"select*.test", "evidence/*.test", "index/*/*.test", "random/*/*.test"}
	short = []string{"select1.test", "select2.test", "select3.test", "evidence/*.test"}
)

// unsupported gives the reason why a statement of the corpus is not run.
func unsupported(sql string) string {
	if from, where := strings.Index(sql, "FROM "), strings.Index(sql, "WHERE "); from >= 0 && where > from && strings.Count(sql[from:where], ",") >= 61 {
		return "joins more than 61 tables, as many as MySQL can"
	}
	if sql == "DELETE FROM view1 WHERE x>0" || sql == "UPDATE view1 SET x=2" {
		return "expects views that cannot be changed through, as SQLite's; MySQL's can"
	}
	return ""
}

func TestCorpus(t *testing.T) {
	dir := corpus.Dir(t, "sqllogictest")
	patterns := every
	if os.Getenv("WORKTABLE_SHORT") != "" {
		patterns = short
	}
	if *files != "" {
		patterns = strings.Split(*files, ",")
	}
	var paths []string
	for _, p := range patterns {
		found, err := filepath.Glob(filepath.Join(dir, p))
		require.NoError(t, err)
		require.NotEmpty(t, found, "no file matches %s", p)
		paths = append(paths, found...)
	}
	sort.Strings(paths)
	for _, path := range paths {
		name, err := filepath.Rel(dir, path)
		require.NoError(t, err)
		t.Run(filepath.ToSlash(name), func(t *testing.T) { runFile(t, path) })
	}
}

func runFile(t *testing.T, path string) {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	db := newSessionDB(t, false)
	start := time.Now()
	rep, err := Run(context.Background(), db, f, "mysql", unsupported)
	require.NoError(t, err)
	skipped := 0
	for _, n := range rep.Skipped {
		skipped += n
	}
	t.Logf("%d passed, %d skipped, %d failed, halt at line %d, %s", rep.Passed, skipped, len(rep.Failures), rep.Halted, time.Since(start).Round(time.Millisecond))
	for i, fail := range rep.Failures {
		if i == *shows {
			t.Logf("… and %d more", len(rep.Failures)-i)
			break
		}
		t.Errorf("line %d: %s\n%s", fail.Line, fail.Why, fail.SQL)
	}
	if len(rep.Failures) > 0 {
		t.Fail()
	}
}
