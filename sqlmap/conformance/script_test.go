package conformance

import (
	"fmt"
	"os"
	"strings"
)

// statement is one entry of a script.
type statement struct {
	line    int
	text    string
	ordered bool
	differs string  // why WorkTable is known to differ, or ""
	reason  string  // why MySQL 8 differs from the recorded answer, or ""
	mysql   *answer // its answer then
	want    *answer // as recorded
}

// expected is the answer that counts.
func (s *statement) expected() *answer {
	if s.mysql != nil {
		return s.mysql
	}
	return s.want
}

// query reports whether the statement has a result set.
func (s *statement) query() bool {
	text := s.text
	for strings.HasPrefix(text, "/*") {
		_, text, _ = strings.Cut(text, "*/")
		text = strings.TrimLeft(text, " \n")
	}
	word := strings.ToUpper(strings.TrimLeft(text, "( \n\t"))
	word = word[:strings.IndexFunc(word+" ", func(r rune) bool { return r < 'A' || r > 'Z' })]
	switch word {
	case "SELECT", "WITH", "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "VALUES", "TABLE", "EXECUTE", "CHECK", "ANALYZE", "CHECKSUM":
		return true
	}
	return strings.Contains(strings.ToUpper(s.text), " RETURNING ")
}

// readScript reads a script without its answers.
func readScript(path string) ([]*statement, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var out []*statement
	cur := &statement{}
	var lines, mysql []string
	finish := func() error {
		cur.text = strings.TrimSuffix(strings.Join(lines, "\n"), ";")
		cur.ordered = cur.ordered || endsOrdered(cur.text)
		if cur.reason != "" {
			if cur.mysql, err = parseAnswer(mysql); err != nil {
				return fmt.Errorf("%s:%d: %w", path, cur.line, err)
			}
		}
		out = append(out, cur)
		cur, lines, mysql = &statement{}, nil, nil
		return nil
	}
	for i, l := range strings.Split(string(data), "\n") {
		comment, isComment := strings.CutPrefix(l, "--")
		switch {
		case len(lines) == 0 && isComment:
			comment = strings.TrimPrefix(comment, " ")
			if r, ok := strings.CutPrefix(comment, "@mysql "); ok {
				cur.reason = r
			} else if r, ok := strings.CutPrefix(comment, "@differs "); ok {
				cur.differs = r
			} else if comment == "@ordered" {
				cur.ordered = true
			} else if strings.HasPrefix(comment, "@") {
				return nil, fmt.Errorf("%s:%d: unknown mark %q", path, i+1, comment)
			} else if cur.reason != "" {
				mysql = append(mysql, comment)
			}
			continue
		case len(lines) == 0 && strings.TrimSpace(l) == "":
			continue
		case len(lines) == 0:
			cur.line = i + 1
		}
		lines = append(lines, strings.TrimRight(l, " \t\r"))
		if strings.HasSuffix(lines[len(lines)-1], ";") {
			if err := finish(); err != nil {
				return nil, err
			}
		}
	}
	if len(lines) > 0 {
		return nil, fmt.Errorf("%s:%d: the statement has no end", path, cur.line)
	}
	return out, nil
}

// endsOrdered reports whether an ORDER BY stands outside of all parentheses and literals.
func endsOrdered(text string) bool {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '(':
			depth++
		case ')':
			depth--
		case '\'', '"', '`':
			for i++; i < len(text) && text[i] != c; i++ {
				if text[i] == '\\' && c != '`' {
					i++
				}
			}
		case 'o', 'O':
			if depth == 0 && len(text) > i+8 && strings.EqualFold(text[i:i+8], "order by") {
				return true
			}
		}
	}
	return false
}

// answersPath is the answer file of a script.
func answersPath(script string) string { return strings.TrimSuffix(script, ".sql") + ".answers" }

// readAnswers gives each statement its recorded answer.
func readAnswers(script string, list []*statement) error {
	path := answersPath(script)
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	blocks := strings.Split(strings.TrimSuffix(string(data), "\n\n"), "\n\n")
	if len(blocks) != len(list) {
		return fmt.Errorf("%s has %d answers to %d statements: record again", path, len(blocks), len(list))
	}
	for i, b := range blocks {
		lines := strings.Split(b, "\n")
		n := 0
		for n < len(lines) && strings.HasPrefix(lines[n], "> ") {
			n++
		}
		if got := quote(list[i].text); got != strings.Join(lines[:n], "\n") {
			return fmt.Errorf("%s:%d: the statement is not the recorded one: record again", script, list[i].line)
		}
		if list[i].want, err = parseAnswer(lines[n:]); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	return nil
}

// writeAnswers writes what readAnswers reads.
func writeAnswers(script string, list []*statement) error {
	var b strings.Builder
	for _, s := range list {
		b.WriteString(quote(s.text) + "\n" + strings.Join(s.want.lines(), "\n") + "\n\n")
	}
	return os.WriteFile(answersPath(script), []byte(b.String()), 0o644)
}

// quote is a statement as it stands in an answer file. Blank lines would end its block.
func quote(text string) string {
	var out []string
	for _, l := range strings.Split(text, "\n") {
		out = append(out, "> "+l)
	}
	return strings.Join(out, "\n")
}
