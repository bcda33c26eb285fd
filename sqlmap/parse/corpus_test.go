package parse

import (
	"bufio"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/internal/corpus"
)

// corpusStatement is one statement of a corpus.
type corpusStatement struct {
	file string
	line int
	sql  string
	fail bool // the corpus expects an error, at parsing or later
}

// toolStatements returns the texts that tools sent: each follows a line `-- :: what` and ends with a line `;`.
func toolStatements(t testing.TB) []corpusStatement {
	files, err := filepath.Glob(filepath.Join(corpus.Dir(t, "tool-sql"), "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	var list []corpusStatement
	for _, f := range files {
		var cur *corpusStatement
		eachLine(t, f, func(n int, line string) {
			switch {
			case strings.HasPrefix(line, "-- :: "):
				cur = &corpusStatement{file: filepath.Base(f), line: n + 1, fail: strings.HasSuffix(line, "failed")}
			case line == ";" && cur != nil:
				list = append(list, *cur)
				cur = nil
			case cur != nil:
				cur.sql += line + "\n"
			}
		})
	}
	return list
}

// logicStatements returns the statements of the sqllogictest files that concern MySQL.
func logicStatements(t testing.TB) []corpusStatement {
	root := corpus.Dir(t, "sqllogictest")
	var list []corpusStatement
	require.NoError(t, filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".test") {
			rel, _ := filepath.Rel(root, path)
			list = append(list, logicFile(t, path, rel)...)
		}
		return err
	}))
	require.NotEmpty(t, list)
	return list
}

func logicFile(t testing.TB, path, name string) []corpusStatement {
	var list []corpusStatement
	var cur *corpusStatement
	skip, halted := false, false
	flush := func() {
		if cur != nil && !skip && !halted {
			list = append(list, *cur)
		}
		cur = nil
	}
	eachLine(t, path, func(n int, line string) {
		f := strings.Fields(line)
		switch {
		case line == "" || strings.HasPrefix(line, "----"):
			if flush(); line == "" {
				skip = false
			}
		case cur != nil:
			cur.sql += line + "\n"
		case f[0] == "skipif":
			skip = skip || f[1] == "mysql"
		case f[0] == "onlyif":
			skip = skip || f[1] != "mysql"
		case f[0] == "halt":
			halted = halted || !skip
			skip = false
		case f[0] == "statement", f[0] == "query":
			cur = &corpusStatement{file: name, line: n + 1, fail: len(f) > 1 && f[1] == "error"}
		}
	})
	flush()
	return list
}

func eachLine(t testing.TB, file string, f func(n int, line string)) {
	r, err := os.Open(file)
	require.NoError(t, err)
	defer r.Close()
	s := bufio.NewScanner(r)
	s.Buffer(nil, 64<<20)
	for n := 1; s.Scan(); n++ {
		f(n, strings.TrimRight(s.Text(), "\r"))
	}
	require.NoError(t, s.Err())
}

// sample returns every n-th statement, so that the default run is short; WORKTABLE_FULL takes all.
func sample(list []corpusStatement, n int) []corpusStatement {
	if os.Getenv("WORKTABLE_FULL") != "" {
		return list
	}
	var out []corpusStatement
	for i := 0; i < len(list); i += n {
		out = append(out, list[i])
	}
	return out
}

func TestToolStatementsParse(t *testing.T) {
	n := 0
	for _, c := range toolStatements(t) {
		for st, err := range Split(c.sql, Options{}) {
			require.NoError(t, err, "%s:%d: %s", c.file, c.line, c.sql)
			require.Contains(t, c.sql, st.Text)
			checkTree(t, st)
			n++
		}
	}
	require.Greater(t, n, 400)
}

func TestChinookParses(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t, "chinook"), "Chinook_MySql.sql"))
	require.NoError(t, err)
	rows, tables := 0, 0
	for st, err := range Split(string(b), Options{}) {
		require.NoError(t, err)
		switch n := st.AST.(type) {
		case *sqlparser.Insert:
			r := n.Rows.(*ast.Rows)
			require.True(t, r.Constant(), "a literal became a node: %.200s", st.Text)
			rows += r.Len()
		case *ast.CreateTable:
			tables++
		}
		checkTree(t, st)
	}
	require.Equal(t, 15607, rows)
	require.Equal(t, 11, tables)
}

func TestLogicStatementsParse(t *testing.T) {
	list := logicStatements(t)
	require.Greater(t, len(list), 10000)
	for _, c := range sample(list, 7) {
		st, err := One(c.sql, Options{})
		if c.fail {
			continue
		}
		require.NoError(t, err, "%s:%d: %s", c.file, c.line, c.sql)
		checkTree(t, st)
	}
}

// checkTree checks that every position of a statement lies in its text.
func checkTree(t testing.TB, st *Statement) {
	ast.Inspect(st.AST, func(n sqlparser.SQLNode) bool {
		p := ast.PosOf(n)
		if p.Start < 0 || p.Start > p.End || int(p.End) > st.Offset+len(st.Text) {
			require.Failf(t, "position outside the text", "%T %+v in %q", n, p, st.Text)
		}
		return true
	})
}
