package conformance

import (
	"fmt"
	"sort"
	"strconv"
	"strings"
)

// null stands for NULL in a rendered row.
const null = `\N`

// answer is what a statement came to: a result set, an outcome or an error.
type answer struct {
	columns  []string // of a result set
	rows     []string // rendered
	affected uint64
	insertID uint64
	number   int    // of the error, 0 for none
	message  string // of the error; not compared
}

var escapes = strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`)

// render writes one value.
func render(text string, isNull bool) string {
	if isNull {
		return null
	}
	return escapes.Replace(text)
}

// lines writes the answer in the form of the answer files.
func (a *answer) lines() []string {
	switch {
	case a.number != 0:
		return []string{fmt.Sprintf("error %d", a.number)}
	case a.columns == nil && a.insertID != 0:
		return []string{fmt.Sprintf("ok %d id %d", a.affected, a.insertID)}
	case a.columns == nil:
		return []string{fmt.Sprintf("ok %d", a.affected)}
	}
	out := []string{"= " + strings.Join(a.columns, "\t")}
	for _, r := range a.rows {
		out = append(out, "| "+r)
	}
	return out
}

// parseAnswer reads what lines wrote.
func parseAnswer(lines []string) (*answer, error) {
	a := &answer{}
	for i, l := range lines {
		kind, rest, _ := strings.Cut(l, " ")
		switch {
		case kind == "=" && i == 0:
			a.columns = strings.Split(rest, "\t")
		case kind == "|" && a.columns != nil:
			a.rows = append(a.rows, rest)
		case kind == "error" && i == 0:
			n, err := strconv.Atoi(rest)
			if err != nil || n == 0 {
				return nil, fmt.Errorf("bad error number %q", rest)
			}
			a.number = n
		case kind == "ok" && i == 0:
			rest, id, found := strings.Cut(rest, " id ")
			n, err := strconv.ParseUint(rest, 10, 64)
			if err != nil {
				return nil, err
			}
			a.affected = n
			if found {
				if a.insertID, err = strconv.ParseUint(id, 10, 64); err != nil {
					return nil, err
				}
			}
		default:
			return nil, fmt.Errorf("bad line %q in an answer", l)
		}
	}
	if len(lines) == 0 {
		return nil, fmt.Errorf("an answer is missing")
	}
	return a, nil
}

// text is the answer for a comparison: rows are sorted unless their order counts.
func (a *answer) text(ordered bool) string {
	lines := a.lines()
	if !ordered && len(lines) > 1 {
		sort.Strings(lines[1:])
	}
	if a.message != "" {
		lines = append(lines, "("+a.message+")")
	}
	return strings.Join(lines, "\n")
}

// equal reports whether two answers say the same.
func (a *answer) equal(b *answer, ordered bool) bool {
	x, y := *a, *b
	x.message, y.message = "", ""
	return x.text(ordered) == y.text(ordered)
}
