package conformance

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var record = flag.Bool("record", false, "record the answers of the MariaDB behind the socket WORKTABLE_MARIADB")

// scripts lists the scripts by name TOPIC/NAME.
func scripts(t *testing.T) map[string]string {
	t.Helper()
	paths, err := filepath.Glob("testdata/*/*.sql")
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	out := map[string]string{}
	for _, p := range paths {
		out[strings.TrimSuffix(strings.TrimPrefix(filepath.ToSlash(p), "testdata/"), ".sql")] = p
	}
	return out
}

func TestConformance(t *testing.T) {
	for name, path := range scripts(t) {
		t.Run(name, func(t *testing.T) {
			list, err := readScript(path)
			require.NoError(t, err)
			if *record {
				recordAnswers(t, path, list)
			}
			require.NoError(t, readAnswers(path, list))
			t.Run("text", func(t *testing.T) {
				check(t, path, list, &sessionSubject{s: newSession(t)})
			})
			t.Run("prepared", func(t *testing.T) {
				check(t, path, list, &sessionSubject{s: newSession(t), prepared: true})
			})
			t.Run("memory", func(t *testing.T) {
				check(t, path, list, openPool(t, "worktable", ":memory:?database=test&parseTime=false"))
			})
			t.Run("file", func(t *testing.T) {
				dsn := "file:" + filepath.ToSlash(t.TempDir()) + "/db?database=test&parseTime=false&sync=off"
				p := openPool(t, "worktable", dsn)
				check(t, path, list, p)
				p.run(&statement{text: "ROLLBACK"})
				before := p.dump(t)
				require.NoError(t, p.close())
				p = openPool(t, "worktable", dsn)
				require.Equal(t, before, p.dump(t), "after the database was opened again")
				require.NoError(t, p.close())
			})
		})
	}
}

// check runs the statements and compares their answers. It goes on after a difference.
func check(t *testing.T, path string, list []*statement, on subject) {
	t.Helper()
	for _, s := range list {
		got, want := on.run(s), s.expected()
		if strings.HasPrefix(s.text, "ALTER TABLE") && got.number == 0 && want.number == 0 {
			want.affected, got.affected = 0, 0 // the rows that were copied, which is up to the storage engine
		}
		same := got.equal(want, s.ordered)
		switch {
		case !same && s.differs == "":
			t.Errorf("%s:%d: %s\ngot:\n%s\nwant:\n%s", path, s.line, s.text, got.text(s.ordered), want.text(s.ordered))
		case same && s.differs != "":
			t.Errorf("%s:%d: no longer differs; remove the mark: %s", path, s.line, s.text)
		}
	}
}

// recordAnswers asks the server and writes the answer file.
func recordAnswers(t *testing.T, path string, list []*statement) {
	t.Helper()
	socket := os.Getenv("WORKTABLE_MARIADB")
	require.NotEmpty(t, socket, "WORKTABLE_MARIADB names no socket")
	server := openServer(t, socket)
	defer func() { require.NoError(t, server.close()) }()
	for _, s := range list {
		s.want = server.run(s)
		require.GreaterOrEqual(t, s.want.number, 0, "%s:%d: %s", path, s.line, s.want.message)
	}
	require.NoError(t, writeAnswers(path, list))
}
