package plan_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/internal/testschema"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

var rewrite = flag.Bool("rewrite", false, "write the plans that come out into testdata")

// catalog is a catalogue of definitions without rows.
type catalog struct {
	tables map[string]*table
	views  map[string]*schema.View
}

// table is a definition with a number of rows. Its rows cannot be locked, so the tests say that they can.
type table struct {
	def  *schema.Table
	rows int64
}

func (t *table) Def() *schema.Table { return t.def }
func (t *table) RowEstimate() int64 { return t.rows }

func (c *catalog) Table(_, name string) plan.Table {
	if t, ok := c.tables[name]; ok {
		return t
	}
	return nil
}

func (c *catalog) View(_, name string) *schema.View { return c.views[name] }
func (c *catalog) HasDatabase(name string) bool     { return name == "d" }

// TestExplain runs the files of testdata. A block is a command, its input, a line of four dashes and what comes out:
//
//	table ROWS   CREATE TABLE of a table with so many rows
//	view NAME    its SELECT
//	plan         EXPLAIN of a query
//	without RULE EXPLAIN of a query with one rule missing
//	error        the error of a query
//
// Blocks are separated by blank lines; lines that start with # are comments. -rewrite writes what came out.
func TestExplain(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, f := range files {
		t.Run(strings.TrimSuffix(filepath.Base(f), ".txt"), func(t *testing.T) { runFile(t, f) })
	}
}

func runFile(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	c := &catalog{tables: map[string]*table{}, views: map[string]*schema.View{}}
	var out []string
	for _, block := range strings.Split(strings.TrimSpace(string(data)), "\n\n") {
		lines := strings.Split(block, "\n")
		head := 0
		for head < len(lines) && strings.HasPrefix(lines[head], "#") {
			head++
		}
		if head == len(lines) {
			out = append(out, block)
			continue
		}
		input, want, _ := strings.Cut(strings.Join(lines[head+1:], "\n"), "\n----\n")
		input = strings.TrimSuffix(input, "\n----")
		got := run(t, c, strings.Fields(lines[head]), input)
		if !*rewrite && got != "" {
			require.Equal(t, want, got, "%s: %s\n%s", file, lines[head], input)
		}
		text := strings.Join(lines[:head+1], "\n") + "\n" + input
		if got != "" {
			text += "\n----\n" + got
		}
		out = append(out, text)
	}
	if *rewrite {
		require.NoError(t, os.WriteFile(file, []byte(strings.Join(out, "\n\n")+"\n"), 0o644))
	}
}

// run executes one block and returns what comes out of it.
func run(t *testing.T, c *catalog, command []string, input string) string {
	st, err := parse.One(input, parse.Options{})
	require.NoError(t, err, input)
	opt := plan.Options{}
	switch command[0] {
	case "table":
		def := testschema.Table(st.AST.(*ast.CreateTable))
		rows := int64(0)
		for _, d := range command[1] {
			rows = rows*10 + int64(d-'0')
		}
		c.tables[def.Name] = &table{def: def, rows: rows}
		return ""
	case "view":
		c.views[command[1]] = &schema.View{Schema: "d", Name: command[1], Select: input, InUse: "d"}
		return ""
	case "without":
		require.Contains(t, plan.Rules(), command[1])
		opt.Disable = map[string]bool{command[1]: true}
	}
	q, err := plan.Select(st.AST.(sqlparser.SelectStatement), context(c, opt))
	if command[0] == "error" {
		require.Error(t, err, input)
		return err.Error()
	}
	require.NoError(t, err, input)
	return strings.TrimSuffix(q.Explain(), "\n")
}

func context(c *catalog, opt plan.Options) *plan.Context {
	return &plan.Context{
		Catalog: c, Database: "d", Options: opt,
		Session: &expr.SessionState{Mode: expr.DefaultSQLMode, Database: "d"},
		ParseView: func(v *schema.View) (sqlparser.SelectStatement, error) {
			st, err := parse.One(v.Select, parse.Options{})
			if err != nil {
				return nil, err
			}
			return st.AST.(sqlparser.SelectStatement), nil
		},
	}
}
