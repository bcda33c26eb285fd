package parse

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

var modeNames = map[string]Mode{
	"ANSI_QUOTES": ANSIQuotes, "PIPES_AS_CONCAT": PipesAsConcat, "NO_BACKSLASH_ESCAPES": NoBackslashEscapes,
	"HIGH_NOT_PRECEDENCE": HighNotPrecedence, "IGNORE_SPACE": IgnoreSpace,
}

// outcome is what a golden file says about an input: its tree, or the error with its offset.
func outcome(sql string, o Options) string {
	st, err := One(sql, o)
	if err == nil {
		s := ast.String(st.AST)
		if st.NumParams > 0 {
			s += fmt.Sprintf(" params:%d", st.NumParams)
		}
		return "= " + s
	}
	var e *sqlerr.Error
	var pos *Position
	if !errors.As(err, &e) || !errors.As(err, &pos) {
		return "! untyped error " + err.Error()
	}
	s := fmt.Sprintf("! %d %d", e.Number(), pos.Offset)
	if e.Code != sqlerr.Parse {
		s += " " + e.Message
	}
	return s
}

// goldenCase is one input of a golden file.
type goldenCase struct {
	line  int
	sql   string
	o     Options
	want  string
	wants int // index of the line of want, or where it goes
}

func readGolden(t testing.TB, file string) (lines []string, cases []goldenCase) {
	b, err := os.ReadFile(file)
	require.NoError(t, err)
	lines = strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	c := goldenCase{}
	quoted := false
	for i, l := range lines {
		switch {
		case strings.HasPrefix(l, "mode "):
			c.o.SQLMode = modeNames[l[len("mode "):]]
			require.NotZero(t, c.o.SQLMode, "%s:%d", file, i+1)
		case l == "quoted":
			quoted = true
		case strings.HasPrefix(l, ">"):
			c.line, c.sql, c.wants = i+1, strings.TrimPrefix(l[1:], " "), i+1
			if quoted {
				c.sql, err = strconv.Unquote(c.sql)
				require.NoError(t, err, "%s:%d", file, i+1)
			}
			if i+1 < len(lines) && (strings.HasPrefix(lines[i+1], "= ") || strings.HasPrefix(lines[i+1], "! ")) {
				c.want = lines[i+1]
			}
			cases = append(cases, c)
			c, quoted = goldenCase{}, false
		}
	}
	return lines, cases
}

func TestGolden(t *testing.T) {
	for _, name := range []string{"misparses", "statements"} {
		t.Run(name, func(t *testing.T) {
			file := "testdata/" + name + ".txt"
			lines, cases := readGolden(t, file)
			require.NotEmpty(t, cases)
			if os.Getenv("WORKTABLE_UPDATE") != "" {
				for i := len(cases) - 1; i >= 0; i-- {
					c := cases[i]
					rest := lines[c.wants:]
					if c.want != "" {
						rest = rest[1:]
					}
					lines = append(lines[:c.wants:c.wants], append([]string{outcome(c.sql, c.o)}, rest...)...)
				}
				require.NoError(t, os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o644))
				return
			}
			for _, c := range cases {
				require.Equal(t, c.want, outcome(c.sql, c.o), "%s:%d: %s", file, c.line, c.sql)
			}
		})
	}
}
