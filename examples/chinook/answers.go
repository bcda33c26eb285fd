package main

import (
	"database/sql"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"
)

// A table is an answer as text: the form in which answers are compared and printed.
type table struct {
	Columns []string
	Rows    [][]string
}

// ask runs one question.
func ask(db *sql.DB, q question) (*table, error) {
	rows, err := db.Query(q.SQL)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", q.Name, err)
	}
	defer rows.Close()
	t := &table{}
	if t.Columns, err = rows.Columns(); err != nil {
		return nil, err
	}
	cells := make([]sql.NullString, len(t.Columns))
	dest := make([]any, len(cells))
	for i := range cells {
		dest[i] = &cells[i]
	}
	for rows.Next() {
		if err := rows.Scan(dest...); err != nil {
			return nil, fmt.Errorf("%s: %w", q.Name, err)
		}
		row := make([]string, len(cells))
		for i, c := range cells {
			row[i] = "NULL"
			if c.Valid {
				row[i] = c.String
			}
		}
		t.Rows = append(t.Rows, row)
	}
	return t, rows.Err()
}

// print writes t with aligned columns; columns of numbers are flush right.
func (t *table) print(w io.Writer) {
	widths := make([]int, len(t.Columns))
	numeric := make([]bool, len(t.Columns))
	for i, c := range t.Columns {
		widths[i] = utf8.RuneCountInString(c)
		numeric[i] = len(t.Rows) > 0
	}
	for _, row := range t.Rows {
		for i, cell := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
			numeric[i] = numeric[i] && strings.Trim(cell, "0123456789.-:") == ""
		}
	}
	line := func(cells []string) {
		var b strings.Builder
		for i, cell := range cells {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			b.WriteString("  ")
			if numeric[i] {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
	line(t.Columns)
	rule := make([]string, len(widths))
	for i, n := range widths {
		rule[i] = strings.Repeat("─", n)
	}
	line(rule)
	for _, row := range t.Rows {
		line(row)
	}
}

// tsv is the recorded form of an answer: a header and a line per row, cells separated by tabs.
func (t *table) tsv() string {
	var b strings.Builder
	b.WriteString(strings.Join(t.Columns, "\t") + "\n")
	for _, row := range t.Rows {
		b.WriteString(strings.Join(row, "\t") + "\n")
	}
	return b.String()
}
