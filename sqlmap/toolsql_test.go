package sqlmap_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
	"github.com/worktable-go/worktable/sqlmap/internal/corpus"
)

// The recordings under shared/data/tool-sql hold every statement that a tool sent, each text once, in the order in which
// it came first, with the Go types of its arguments but not their values. This test sends them again, with arguments made
// up from the types and from what the tables at hand look like, and requires that each is accepted, or refused where the
// server refused it.

// toolStatement is one recorded text.
type toolStatement struct {
	line  int
	text  string
	calls []toolCall // the ways in which it was sent
}

// toolCall is one of them.
type toolCall struct {
	prepared, query, failed bool
	types                   []string
}

// toolExceptions are the statements whose outcome here is not the recorded one, by file and a part of the text.
var toolExceptions = map[string][]struct{ part, why string }{
	"bun.sql": {
		{"VALUES ROW(2, 'bobby')", "MariaDB, which was recorded, has no VALUES ROW; MySQL 8 accepts the statement"},
	},
}

func TestToolSQL(t *testing.T) {
	dir := corpus.Dir(t, "tool-sql")
	paths, err := filepath.Glob(filepath.Join(dir, "*.sql"))
	require.NoError(t, err)
	require.NotEmpty(t, paths)
	for _, path := range paths {
		t.Run(filepath.Base(path), func(t *testing.T) { replayTool(t, path) })
	}
}

// readTool reads a recording.
func readTool(t *testing.T, path string) []toolStatement {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var out []toolStatement
	var st toolStatement
	var text []string
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		s := lines.Text()
		switch {
		case strings.HasPrefix(s, "-- :: "):
			if len(st.calls) == 0 {
				st.line = n
			}
			st.calls = append(st.calls, parseToolCall(strings.TrimPrefix(s, "-- :: ")))
		case s == ";":
			st.text = strings.Join(text, "\n")
			if len(st.calls) > 0 {
				out = append(out, st)
			}
			st, text = toolStatement{}, nil
		case len(st.calls) > 0:
			text = append(text, s)
		}
	}
	require.NoError(t, lines.Err())
	return out
}

func parseToolCall(s string) toolCall {
	var c toolCall
	s, c.failed = strings.CutSuffix(s, " failed")
	s, c.prepared = strings.CutPrefix(s, "prepared ")
	name, args, _ := strings.Cut(strings.TrimSuffix(s, ")"), "(")
	c.query = name == "query"
	for _, a := range strings.Split(args, ",") {
		if a = strings.TrimSpace(a); a != "" {
			c.types = append(c.types, a)
		}
	}
	return c
}

// replay is one recording on its way.
type toolReplay struct {
	t       *testing.T
	file    string
	c       *conn
	n       int      // the arguments made so far
	defs    []string // definitions sent so far that drop nothing
	repairs int
}

func replayTool(t *testing.T, path string) {
	r := &toolReplay{t: t, file: filepath.Base(path), c: open(t)}
	var later []func()
	sent, refused, excepted := 0, 0, 0
	for _, st := range readTool(t, path) {
		if strings.HasPrefix(st.text, "/* begin") {
			continue // ends of transactions are not recorded
		}
		refusedBefore := false
		for i, call := range st.calls {
			if i > 0 && !call.failed && !refusedBefore && !readText.MatchString(st.text) {
				continue // the same text the other way: its effect may not be had twice
			}
			if why := r.exception(st.text); why != "" {
				excepted++
				call.failed = !call.failed
			}
			sent++
			if call.failed {
				refused++
			}
			send := func() { r.send(st, call) }
			if refusedBefore {
				later = append(later, send) // it needs what statements further on make
				continue
			}
			refusedBefore = call.failed
			send()
		}
	}
	for _, send := range later {
		send()
	}
	t.Logf("%s: %d calls, %d of them refused as they must be, %d exceptions, %d repeated definitions", r.file, sent, refused, excepted,
		r.repairs)
}

func (r *toolReplay) exception(text string) string {
	for _, e := range toolExceptions[r.file] {
		if strings.Contains(text, e.part) {
			return e.why
		}
	}
	return ""
}

// send executes a statement and reads its rows.
func (r *toolReplay) send(st toolStatement, call toolCall) {
	args := r.arguments(st.text, call)
	err := r.execute(st.text, call.prepared, args)
	defer func() { _, _ = r.c.try("SET foreign_key_checks = 1") }()
	for range 3 {
		if err == nil || call.failed || !r.repair(err, st.text) {
			break
		}
		args = r.arguments(st.text, call)
		err = r.execute(st.text, call.prepared, args)
	}
	at := fmt.Sprintf("%s:%d: %s\narguments %v", r.file, st.line, st.text, texts(args))
	if call.failed {
		require.Error(r.t, err, at)
		return
	}
	require.NoError(r.t, err, at)
	if definitionText.MatchString(st.text) && !strings.Contains(strings.ToLower(st.text), "drop") {
		r.defs = append(r.defs, st.text)
	}
}

func (r *toolReplay) execute(text string, prepared bool, args []value.Value) error {
	var res *sqlmap.Result
	if prepared {
		p, err := r.c.s.Prepare(background, text)
		if err != nil {
			return err
		}
		defer p.Close()
		if res, err = p.Query(background, args); err != nil {
			return err
		}
	} else {
		var err error
		if res, err = r.c.s.Query(background, text, sqlmap.Args{Values: args}); err != nil {
			return err
		}
	}
	_, err := readAll(res)
	if e := res.Close(); err == nil {
		err = e
	}
	return err
}

var (
	readText       = regexp.MustCompile(`(?is)^\s*(select|show)\b`)
	definitionText = regexp.MustCompile(`(?is)^\s*(create\s+table|alter\s+table|create\s+(unique\s+)?index)\b`)
	createdTable   = regexp.MustCompile("(?is)^\\s*create\\s+table\\s+(?:if\\s+not\\s+exists\\s+)?`?(\\w+)")
	alteredTable   = regexp.MustCompile("(?is)^\\s*alter\\s+table\\s+`?(\\w+)")
	targetTable    = regexp.MustCompile("(?is)^\\s*(?:insert|replace)\\s+(?:ignore\\s+)?into\\s+`?(\\w+)")
)

// repair makes up for what the recording leaves out: texts that were sent again, and the beginnings and ends of
// transactions. A table or column that is missing is made as before, a table that is there although the text makes it is
// dropped, rows with the keys of the text are deleted, and a savepoint is set again.
func (r *toolReplay) repair(err error, text string) bool {
	var e *sqlerr.Error
	if !errors.As(err, &e) {
		return false
	}
	run := func(text string) { _, _ = r.c.try(text) } // what is there already fails, as it should
	run("SET foreign_key_checks = 0")
	r.repairs++
	switch e.Number() {
	case 1146, 1051:
		_, table, _ := strings.Cut(strings.Split(e.Message, "'")[1], ".")
		r.define(table, run)
	case 1054:
		for _, d := range r.defs {
			if m := alteredTable.FindStringSubmatch(d); m != nil && strings.Contains(text, m[1]) {
				run(d)
			}
		}
	case 1050:
		run("DROP TABLE " + createdTable.FindStringSubmatch(text)[1])
	case 1062:
		run("DELETE FROM " + targetTable.FindStringSubmatch(text)[1])
	case 1305:
		run("BEGIN")
		run("SAVEPOINT " + strings.Fields(e.Message)[1])
	case 1452:
		return true // the parent that the text names by its number: the checks stay off
	default:
		return false
	}
	run("SET foreign_key_checks = 1")
	return true
}

// define makes a table as the recording did.
func (r *toolReplay) define(table string, run func(text string)) {
	of := regexp.MustCompile(`(?i)^[^(]*\b` + table + `\b`)
	for _, d := range r.defs {
		if of.MatchString(d) {
			run(d)
		}
	}
}

func texts(vals []value.Value) []string {
	out := make([]string, len(vals))
	for i, v := range vals {
		out[i] = v.Text()
	}
	return out
}

// toolColumn is what a placeholder is compared with or assigned to.
type toolColumn struct {
	table, name, kind, key string
	parent, parentColumn   string // of a foreign key
}

var (
	insertColumns = regexp.MustCompile("(?is)^(?:\\s|--[^\n]*\n)*(?:insert|replace)\\s+(?:ignore\\s+)?into\\s+`?(\\w+)`?\\s*\\(([^)]*)\\)\\s*values")
	beforeMark    = regexp.MustCompile("(?i)`?(\\w+)`?\\s*(?:=|<>|!=|<=?|>=?|like|in\\s*\\([\\s?,]*)\\s*$")
)

// arguments makes up the arguments of a call. A call that must fail gets keys that are taken and parents that are not there.
func (r *toolReplay) arguments(text string, call toolCall) []value.Value {
	var names []string
	table := ""
	values := -1 // where the rows of an INSERT start
	if m := insertColumns.FindStringSubmatch(text); m != nil {
		table = m[1]
		for _, n := range strings.Split(m[2], ",") {
			names = append(names, strings.Trim(strings.TrimSpace(n), "`"))
		}
		values = len(insertColumns.FindString(text))
	}
	tail := strings.Index(strings.ToLower(text), "on duplicate key")
	var out []value.Value
	inRow := 0
	for at, c := range text {
		if c != '?' || len(out) >= len(call.types) {
			continue
		}
		name := ""
		if m := beforeMark.FindStringSubmatch(text[:at]); m != nil {
			name = m[1]
		}
		inserted := values >= 0 && at > values && (tail < 0 || at < tail)
		if inserted {
			name = names[r.position(text[values:at], inRow, len(names))]
			inRow++
		}
		col := r.column(text, table, name)
		out = append(out, r.argument(call.types[len(out)], col, inserted, call.failed))
	}
	for len(out) < len(call.types) {
		out = append(out, r.argument(call.types[len(out)], toolColumn{}, false, call.failed))
	}
	return out
}

// position is the place in its row of the value after rows, which counts DEFAULT and literals, too.
func (r *toolReplay) position(rows string, _, width int) int {
	open := strings.LastIndexByte(rows, '(')
	return strings.Count(rows[open+1:], ",") % width
}

// column finds the column called name in a table that the text names.
func (r *toolReplay) column(text, table, name string) toolColumn {
	if name == "" {
		return toolColumn{}
	}
	rows, err := r.c.s.Query(background, `SELECT c.table_name, c.column_name, c.data_type, c.column_key, k.referenced_table_name, k.referenced_column_name
		FROM information_schema.columns c LEFT JOIN information_schema.key_column_usage k
		ON k.table_schema = c.table_schema AND k.table_name = c.table_name AND k.column_name = c.column_name AND k.referenced_table_name IS NOT NULL
		WHERE c.table_schema = 'test' AND c.column_name = '`+name+"'", sqlmap.Args{})
	require.NoError(r.t, err)
	defer rows.Close()
	vals := make([]value.Value, 6)
	var found toolColumn
	for {
		ok, err := rows.Next(background, vals)
		require.NoError(r.t, err)
		if !ok {
			return found
		}
		c := toolColumn{table: vals[0].Text(), name: vals[1].Text(), kind: vals[2].Text(), key: vals[3].Text()}
		if !vals[4].IsNull() {
			c.parent, c.parentColumn = vals[4].Text(), vals[5].Text()
		}
		if c.table == table || found.table == "" && strings.Contains(text, c.table) {
			found = c
		}
	}
}

// argument makes a value of a Go type that suits the column.
func (r *toolReplay) argument(typ string, col toolColumn, inserted, fail bool) value.Value {
	r.n++
	n := int64(r.n)
	switch {
	case typ == "<nil>" || strings.HasPrefix(typ, "*") && !strings.Contains(typ, "serializer"):
		return value.Null
	case typ == "gorm.DeletedAt" || typ == "sql.NullTime":
		return value.Null
	case fail && col.parent != "":
		return value.Int(999999)
	case col.parent != "":
		if v, ok := r.existing(col.parent, col.parentColumn); ok {
			return v
		}
		return value.Null
	case fail && (col.key == "UNI" || col.key == "PRI"):
		if v, ok := r.existing(col.table, col.name); ok {
			return v
		}
	case !inserted && col.table != "" && col.key == "PRI":
		if v, ok := r.existing(col.table, col.name); ok {
			return v
		}
	}
	switch typ {
	case "int", "int64", "uint", "uint64", "int8":
		switch {
		case inserted && col.key != "":
			return value.Int(1000 + n)
		case inserted && col.kind == "tinyint":
			return value.Int(1)
		}
		return value.Int(1 + n%3)
	case "bool":
		return value.Int(n % 2)
	case "float64", "float32":
		return value.Float(float64(n%50) + 0.5)
	case "time.Time":
		return value.DateTimeFromTime(time.Date(2024, 5, 6, 7, 8, int(n%60), 0, time.UTC), 6)
	}
	text := fmt.Sprintf("s%d", n)
	switch col.kind {
	case "json":
		text = `{"n": 1}`
	case "decimal", "int", "bigint", "tinyint", "smallint", "double", "float":
		text = fmt.Sprint(1 + n%50)
	case "datetime", "timestamp":
		text = "2024-05-06 07:08:09"
	case "date":
		text = "2024-05-06"
	}
	if typ == "[]uint8" || strings.Contains(typ, "json") && col.kind != "json" {
		return value.Bytes(text)
	}
	return value.String(text)
}

// existing is a value that a column has.
func (r *toolReplay) existing(table, column string) (value.Value, bool) {
	rows, err := r.c.s.Query(background, fmt.Sprintf("SELECT `%s` FROM `%s` LIMIT 1", column, table), sqlmap.Args{})
	require.NoError(r.t, err)
	defer rows.Close()
	v := make([]value.Value, 1)
	ok, err := rows.Next(background, v)
	require.NoError(r.t, err)
	return v[0].Clone(), ok
}
