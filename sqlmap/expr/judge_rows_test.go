package expr

import (
	"bufio"
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// testdata/aggregates.txt and testdata/windows.txt hold expressions over the table r below and MariaDB's answers, in
// the form of expressions.txt; the answer of a window function is its value for each row in the order of id, joined by |.
// TestJudgeRows records them with -judge as TestJudge does.

var rowColumns = []struct {
	name, decl string
	typ        value.Type
}{
	{"id", "INT", value.Type{ID: value.TypeInt}},
	{"g", "INT", value.Type{ID: value.TypeInt}},
	{"a", "INT", value.Type{ID: value.TypeInt}},
	{"d", "DECIMAL(10,2)", value.Type{ID: value.TypeDecimal, Precision: 10, Scale: 2}},
	{"f", "DOUBLE", value.Type{ID: value.TypeDouble}},
	{"s", "VARCHAR(20)", value.Type{ID: value.TypeVarChar, Length: 20, Collation: collate.Default}},
	{"c", "VARCHAR(20) COLLATE utf8mb4_general_ci", value.Type{ID: value.TypeVarChar, Length: 20, Collation: collate.GeneralCI}},
	{"dt", "DATE", value.Type{ID: value.TypeDate}},
	{"bu", "BIGINT UNSIGNED", value.Type{ID: value.TypeBigInt, Unsigned: true}},
}

const rowData = `1, 1, 10, 1.50, 1.5, 'b', 'X', '2024-01-01', 1
2, 1, 20, 2.25, 2.5, 'a', 'x', '2024-01-02', 18446744073709551615
3, 1, 20, NULL, 3.5, NULL, 'Y', '2024-01-04', 3
4, 2, NULL, 4.75, NULL, 'd', NULL, NULL, NULL
5, 2, 5, -1.00, 0.25, 'a', 'y', '2024-02-01', 7
6, 3, 7, 0.10, 0.1, '12', 'Z', '2024-03-01', 12`

func rowTable(t *testing.T) (*testScope, [][]value.Value) {
	s := &testScope{session: testSession()}
	for _, c := range rowColumns {
		typ := c.typ
		s.names, s.types = append(s.names, c.name), append(s.types, ColumnType(&typ, false))
	}
	var rows [][]value.Value
	for _, line := range strings.Split(rowData, "\n") {
		raw, err := parseExpr("row(" + line + ")")
		require.NoError(t, err)
		e, err := BindRow(raw, s)
		require.NoError(t, err)
		vals, _, err := e.(RowExpr).EvalRow(NewEnv(&Run{Session: s.session}), nil)
		require.NoError(t, err)
		for i := range vals {
			vals[i], err = value.Coerce(vals[i], &rowColumns[i].typ, &value.CoerceOptions{})
			require.NoError(t, err)
		}
		rows = append(rows, vals)
	}
	return s, rows
}

func readRowsFile(t *testing.T, name string) (list []judged, lines []string) {
	f, err := os.Open(name)
	require.NoError(t, err)
	defer f.Close()
	for sc := bufio.NewScanner(f); sc.Scan(); {
		lines = append(lines, sc.Text())
		if sc.Text() == "" || sc.Text()[0] == '#' {
			continue
		}
		cols := append(strings.Split(sc.Text(), "\t"), "", "")
		list = append(list, judged{len(lines), cols[0], cols[1], cols[2]})
	}
	return list, lines
}

func TestJudgeRows(t *testing.T) {
	for name, eval := range map[string]func(*testScope, [][]value.Value, string) string{
		"testdata/aggregates.txt": aggregateAnswer, "testdata/windows.txt": windowAnswer,
	} {
		list, lines := readRowsFile(t, name)
		if *judge != "" {
			recordRows(t, name, list, lines)
			list, _ = readRowsFile(t, name)
		}
		scope, rows := rowTable(t)
		for _, j := range list {
			want := j.answer
			if j.own != "" {
				want = j.own
			}
			if got := eval(scope, rows, j.text); got != want {
				t.Errorf("%s:%d: %s\n got %s\nwant %s", name, j.line, j.text, got, want)
			}
		}
	}
}

func recordRows(t *testing.T, name string, list []judged, lines []string) {
	decl, vals := "", ""
	for i, c := range rowColumns {
		decl += strings.Repeat(", ", min(i, 1)) + c.name + " " + c.decl
	}
	for i, line := range strings.Split(rowData, "\n") {
		vals += strings.Repeat(", ", min(i, 1)) + "(" + line + ")"
	}
	_, err := ask(judgeSettings + "CREATE DATABASE IF NOT EXISTS judge CHARACTER SET utf8mb4 COLLATE utf8mb4_nopad_bin; USE judge;" +
		"DROP TABLE IF EXISTS r; CREATE TABLE r (" + decl + "); INSERT INTO r VALUES " + vals)
	require.NoError(t, err)
	tail := " FROM r"
	if strings.Contains(name, "windows") {
		tail += " ORDER BY id"
	}
	for _, j := range list {
		out, err := ask(judgeSettings + "USE judge; SELECT " + j.text + tail)
		if err != nil {
			out = err.Error()
		}
		line := j.text + "\t" + strings.ReplaceAll(out, "\n", "|")
		if j.own != "" && j.own != out {
			line += "\t" + j.own
		}
		lines[j.line-1] = line
	}
	require.NoError(t, os.WriteFile(name, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
}

func textAnswer(e Expr, v value.Value) string {
	if v.IsNull() {
		return `\N`
	}
	if err := fits(e, v); err != nil {
		return err.Error()
	}
	return escapeAnswer(string(e.Type().AppendText(nil, v)))
}

func aggregateAnswer(scope *testScope, rows [][]value.Value, text string) string {
	raw, err := parseExpr(text)
	if err != nil {
		return errorAnswer(err)
	}
	s := *scope
	s.aggs = &[]*Aggregate{}
	e, err := Bind(raw, &s)
	if err != nil {
		return errorAnswer(err)
	}
	env := NewEnv(&Run{Session: s.session, Now: testNow})
	var result []value.Value
	for _, a := range *s.aggs {
		acc := a.NewAccumulator()
		for i := 0; i < 2; i++ { // the second time shows that Reset works
			acc.Reset()
			for _, row := range rows {
				env.Row = row
				if err := acc.Add(env); err != nil {
					return errorAnswer(err)
				}
			}
		}
		v, err := acc.Result(env)
		if err != nil {
			return errorAnswer(err)
		}
		result = append(result, v)
	}
	env.Row = result
	v, err := e.Eval(env)
	if err != nil {
		return errorAnswer(err)
	}
	return textAnswer(e, v)
}

func windowAnswer(scope *testScope, rows [][]value.Value, text string) string {
	raw, err := parseExpr(text)
	if err != nil {
		return errorAnswer(err)
	}
	s := *scope
	s.windows = &[]*Window{}
	e, err := Bind(raw, &s)
	if err != nil {
		return errorAnswer(err)
	}
	w, ok := e.(*Window)
	if !ok {
		return fmt.Sprintf("no window function: %s", String(e))
	}
	env := NewEnv(&Run{Session: s.session, Now: testNow})
	groups := map[string][][]value.Value{}
	for _, row := range rows {
		env.Row = row
		var key []byte
		for _, p := range w.PartitionBy {
			v, _ := p.Eval(env)
			key = AppendGroupKey(key, v, p.Type())
		}
		groups[string(key)] = append(groups[string(key)], row)
	}
	answers := map[int64]string{}
	for _, list := range groups {
		sortRows(env, list, w.OrderBy)
		out := make([]value.Value, len(list))
		if err := w.EvalPartition(env, list, out); err != nil {
			return errorAnswer(err)
		}
		for i, row := range list {
			answers[row[0].Int64()] = strings.ReplaceAll(textAnswer(e, out[i]), `\N`, "NULL")
		}
	}
	parts := make([]string, len(rows))
	for i := range parts {
		parts[i] = answers[int64(i+1)]
	}
	return strings.Join(parts, "|")
}

func sortRows(env *Env, rows [][]value.Value, by []OrderItem) {
	sort.SliceStable(rows, func(i, j int) bool {
		for _, o := range by {
			env.Row = rows[i]
			x, _ := o.Expr.Eval(env)
			env.Row = rows[j]
			y, _ := o.Expr.Eval(env)
			if c := CompareSort(x, y, o.Expr.Type()); c != 0 {
				return (c < 0) != o.Desc
			}
		}
		return false
	})
}
