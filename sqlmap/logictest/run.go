package logictest

import (
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"sort"
	"strings"
)

// Value is a result value as a Database renders it: NULL, or text in the form that the column type asks for.
type Value struct {
	Null bool
	Text string
}

// Database is what a script runs against.
type Database interface {
	// Exec runs a statement and reads its rows, if any, to the end.
	Exec(ctx context.Context, sql string) error
	// Query runs a query. types has a letter per expected column: T text, I integer, R real with three decimals.
	Query(ctx context.Context, sql, types string) (rows [][]Value, err error)
}

// Failure is a record that did not come out as recorded.
type Failure struct {
	Line int
	SQL  string
	Why  string
}

// Report counts what happened to a script's records.
type Report struct {
	Passed   int
	Skipped  map[string]int // by reason
	Failures []Failure
	Halted   int // line of the halt that ended the script, or 0
}

// Run runs a script as the engine called name would. Records for which skip returns a reason are not run.
func Run(ctx context.Context, db Database, script io.Reader, name string, skip func(sql string) string) (*Report, error) {
	records, err := parse(script, name)
	if err != nil {
		return nil, err
	}
	rep := &Report{Skipped: map[string]int{}}
	for i := range records {
		rec := &records[i]
		reason := rec.skipped
		if reason == "" && rec.sql != "" && skip != nil {
			reason = skip(rec.sql)
		}
		if reason != "" {
			rep.Skipped[reason]++
			continue
		}
		if rec.kind == halt {
			rep.Halted = rec.line
			break
		}
		if rec.kind == setThreshold {
			continue
		}
		if why := rec.run(ctx, db); why != "" {
			rep.Failures = append(rep.Failures, Failure{Line: rec.line, SQL: rec.sql, Why: why})
		} else {
			rep.Passed++
		}
		if err := ctx.Err(); err != nil {
			return rep, err
		}
	}
	return rep, nil
}

// run returns why the record failed, or "".
func (rec *record) run(ctx context.Context, db Database) string {
	switch rec.kind {
	case wantOK:
		if err := db.Exec(ctx, rec.sql); err != nil {
			return err.Error()
		}
		return ""
	case wantError:
		if err := db.Exec(ctx, rec.sql); err == nil {
			return "it succeeded"
		}
		return ""
	}
	rows, err := db.Query(ctx, rec.sql, rec.types)
	if err != nil {
		return err.Error()
	}
	return rec.compare(rows)
}

func (rec *record) compare(rows [][]Value) string {
	var values []string
	for _, row := range rows {
		if len(row) != len(rec.types) {
			return fmt.Sprintf("%d columns, want %d", len(row), len(rec.types))
		}
	}
	switch rec.sort {
	case "rowsort":
		lines := make([][]string, len(rows))
		for i, row := range rows {
			for _, v := range row {
				lines[i] = append(lines[i], v.render())
			}
		}
		sort.SliceStable(lines, func(i, j int) bool { return strings.Join(lines[i], " ") < strings.Join(lines[j], " ") })
		for _, l := range lines {
			values = append(values, l...)
		}
	default:
		for _, row := range rows {
			for _, v := range row {
				values = append(values, v.render())
			}
		}
		if rec.sort == "valuesort" {
			sort.Strings(values)
		}
	}
	if rec.hash != "" {
		if len(values) != rec.count {
			return fmt.Sprintf("%d values, want %d", len(values), rec.count)
		}
		sum := md5.Sum([]byte(strings.Join(values, "\n") + "\n"))
		if got := hex.EncodeToString(sum[:]); got != rec.hash {
			return fmt.Sprintf("values hash to %s, want %s; they begin %q", got, rec.hash, values[:min(12, len(values))])
		}
		return ""
	}
	if len(values) != len(rec.result) {
		return fmt.Sprintf("got %q, want %q", values, rec.result)
	}
	for i := range values {
		if values[i] != rec.result[i] {
			return fmt.Sprintf("value %d is %q, want %q", i, values[i], rec.result[i])
		}
	}
	return ""
}

// render is a value as it stands in a script.
func (v Value) render() string {
	switch {
	case v.Null:
		return "NULL"
	case v.Text == "":
		return "(empty)"
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '@'
		}
		return r
	}, v.Text)
}
