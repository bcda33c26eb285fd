package logictest

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// kind says what a record wants.
type kind uint8

const (
	wantOK kind = iota
	wantError
	wantRows
	setThreshold
	halt
)

// record is one entry of a script.
type record struct {
	line    int
	kind    kind
	skipped string // why the record does not concern the engine, or ""
	sql     string

	// Of wantRows.
	types  string // one letter per column: T, I or R
	sort   string // nosort, rowsort, valuesort
	label  string
	result []string // values, one each; or nil when hash is set
	hash   string
	count  int // values behind hash

	threshold int
}

// maxLine bounds a line of a script.
const maxLine = 1 << 20

// parse reads a script for the engine called name.
func parse(r io.Reader, name string) ([]record, error) {
	sc := bufio.NewScanner(r)
	sc.Buffer(nil, maxLine)
	var lines []string
	for sc.Scan() {
		lines = append(lines, strings.TrimRight(sc.Text(), "\r"))
	}
	if err := sc.Err(); err != nil {
		return nil, err
	}
	p := parser{lines: lines, engine: name}
	return p.records()
}

type parser struct {
	lines  []string
	at     int
	engine string
}

func (p *parser) records() ([]record, error) {
	var out []record
	skipped := ""
	for p.at < len(p.lines) {
		line := strings.TrimSpace(p.lines[p.at])
		p.at++
		fields := strings.Fields(line)
		if len(fields) == 0 || strings.HasPrefix(line, "#") {
			continue
		}
		rec := record{line: p.at, skipped: skipped}
		switch fields[0] {
		case "skipif", "onlyif":
			if len(fields) < 2 {
				return nil, p.errorf("%s without an engine", fields[0])
			}
			if (fields[0] == "skipif") == (fields[1] == p.engine) {
				skipped = line
			}
			continue
		case "halt":
			rec.kind = halt
		case "hash-threshold":
			rec.kind = setThreshold
			n, err := strconv.Atoi(strings.Join(fields[1:2], ""))
			if err != nil {
				return nil, p.errorf("hash-threshold: %v", err)
			}
			rec.threshold = n
		case "statement":
			if len(fields) < 2 || (fields[1] != "ok" && fields[1] != "error") {
				return nil, p.errorf("statement is neither ok nor error")
			}
			if fields[1] == "error" {
				rec.kind = wantError
			}
			rec.sql = p.text(false)
		case "query":
			if err := p.query(&rec, fields); err != nil {
				return nil, err
			}
		default:
			return nil, p.errorf("unknown record %q", fields[0])
		}
		skipped = ""
		out = append(out, rec)
	}
	return out, nil
}

func (p *parser) errorf(format string, args ...any) error {
	return fmt.Errorf("line %d: %s", p.at, fmt.Sprintf(format, args...))
}

// text reads the lines up to a blank one, or up to the ---- of a query.
func (p *parser) text(query bool) string {
	start := p.at
	for p.at < len(p.lines) {
		line := strings.TrimSpace(p.lines[p.at])
		if line == "" || (query && line == "----") {
			break
		}
		p.at++
	}
	return strings.Join(p.lines[start:p.at], "\n")
}

func (p *parser) query(rec *record, fields []string) error {
	rec.kind = wantRows
	rec.sort = "nosort"
	if len(fields) < 2 {
		return p.errorf("query without types")
	}
	rec.types = fields[1]
	if len(fields) > 2 {
		rec.sort = fields[2]
	}
	if len(fields) > 3 {
		rec.label = fields[3]
	}
	switch rec.sort {
	case "nosort", "rowsort", "valuesort":
	default:
		return p.errorf("unknown sort mode %q", rec.sort)
	}
	rec.sql = p.text(true)
	if p.at >= len(p.lines) || strings.TrimSpace(p.lines[p.at]) != "----" {
		return nil // a query whose answer does not matter
	}
	p.at++
	for p.at < len(p.lines) && p.lines[p.at] != "" {
		rec.result = append(rec.result, p.lines[p.at])
		p.at++
	}
	if len(rec.result) == 1 {
		var n int
		var hash string
		if _, err := fmt.Sscanf(rec.result[0], "%d values hashing to %s", &n, &hash); err == nil {
			rec.count, rec.hash, rec.result = n, hash, nil
		}
	}
	return nil
}
