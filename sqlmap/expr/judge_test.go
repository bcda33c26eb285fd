package expr

import (
	"bufio"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// The file testdata/expressions.txt holds expressions and what a MariaDB 10.11 answers, separated by tabs:
//
//	expression  answer  [answer of MySQL 8 where it differs]
//
// An answer is the text, \N for NULL, or ERROR n. To record the answers again, start a server and run
//
//	go test ./sqlmap/expr -run TestJudge -judge /path/to/server.sock
//
// The third column is kept. Lines that start with # are comments.
var judge = flag.String("judge", "", "socket of a MariaDB whose answers are recorded")

const judgeFile = "testdata/expressions.txt"

const judgeSettings = "SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin; SET time_zone = '+00:00'; SET timestamp = 1700000000.5;" +
	"SET sql_mode = 'ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION';"

type judged struct {
	line              int
	text, answer, own string
}

func readJudged(t *testing.T) (list []judged, lines []string) {
	f, err := os.Open(judgeFile)
	require.NoError(t, err)
	defer f.Close()
	sc := bufio.NewScanner(f)
	sc.Buffer(nil, 1<<20)
	for sc.Scan() {
		lines = append(lines, sc.Text())
		if sc.Text() == "" || strings.HasPrefix(sc.Text(), "#") {
			continue
		}
		cols := strings.Split(sc.Text(), "\t")
		j := judged{line: len(lines), text: cols[0]}
		if len(cols) > 1 {
			j.answer = cols[1]
		}
		if len(cols) > 2 {
			j.own = cols[2]
		}
		list = append(list, j)
	}
	require.NoError(t, sc.Err())
	return list, lines
}

func TestJudge(t *testing.T) {
	list, lines := readJudged(t)
	if *judge != "" {
		record(t, list, lines)
		list, _ = readJudged(t)
	}
	scope, row := judgeScope()
	for _, j := range list {
		want := j.answer
		if j.own != "" {
			want = j.own
		}
		if got := answer(scope, row, j.text, false); got != want {
			t.Errorf("%s:%d: %s\n got %s\nwant %s", judgeFile, j.line, j.text, got, want)
		}
		if got := answer(scope, row, j.text, true); got != want {
			t.Errorf("%s:%d: compiled: %s\n got %s\nwant %s", judgeFile, j.line, j.text, got, want)
		}
	}
}

// answer evaluates an expression and prints the result as the file has it.
func answer(scope *testScope, row []value.Value, text string, compiled bool) string {
	raw, err := parseExpr(text)
	if err != nil {
		return errorAnswer(err)
	}
	e, err := Bind(raw, scope)
	if err != nil {
		return errorAnswer(err)
	}
	env := NewEnv(&Run{Session: scope.session, Now: testNow, Params: scope.params})
	env.Row = row
	f := e.Eval
	if compiled {
		f = Compile(e)
	}
	v, err := f(env)
	if err != nil {
		return errorAnswer(err)
	}
	if v.IsNull() {
		return `\N`
	}
	if err := fits(e, v); err != nil {
		return err.Error()
	}
	return escapeAnswer(string(e.Type().AppendText(nil, v)))
}

// fits checks that the value is one of its static type.
func fits(e Expr, v value.Value) error {
	t := e.Type()
	if t.Dynamic {
		return nil
	}
	if kindClass[v.Kind()] != classOf(t) {
		return fmt.Errorf("value of kind %d for type %s", v.Kind(), t.Type.String())
	}
	if t.ID == value.TypeDecimal && v.Scale() != t.Scale {
		return fmt.Errorf("scale %d for type %s", v.Scale(), t.Type.String())
	}
	return nil
}

func escapeAnswer(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\x00", `\0`).Replace(s)
}

func errorAnswer(err error) string {
	if err == nil {
		return ""
	}
	var e *sqlerr.Error
	if errors.As(err, &e) {
		return fmt.Sprintf("ERROR %d", e.Number())
	}
	return err.Error()
}

// record asks the server and writes the file anew.
func record(t *testing.T, list []judged, lines []string) {
	setup := "CREATE DATABASE IF NOT EXISTS judge CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin; USE judge; DROP TABLE IF EXISTS t; CREATE TABLE t ("
	values := ""
	for i, c := range judgeColumns {
		if i > 0 {
			setup += ", "
			values += ", "
		}
		setup += c.name + " " + c.decl
		values += c.val
	}
	_, err := ask(judgeSettings + setup + "); INSERT INTO t VALUES (" + values + ");")
	require.NoError(t, err)
	for _, j := range list {
		out, err := ask(judgeSettings + "USE judge; SELECT " + j.text + " FROM t;")
		if err != nil {
			out = err.Error()
		}
		line := j.text + "\t" + out
		if j.own != "" && j.own != out {
			line += "\t" + j.own
		}
		lines[j.line-1] = line
	}
	require.NoError(t, os.WriteFile(judgeFile, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}

func ask(sql string) (string, error) {
	cmd := exec.Command("mariadb", "-u", "root", "--default-character-set=utf8mb4", "-S", *judge, "-N", "-B", "-e", sql)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		if m := regexp.MustCompile(`(?m)^ERROR \d+`).FindString(stderr.String()); m != "" {
			return "", errors.New(m)
		}
		return "", errors.New(stderr.String())
	}
	text := strings.TrimSuffix(string(out), "\n")
	if text == "NULL" {
		return `\N`, nil
	}
	return text, nil
}
