package parse

import (
	"errors"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// allocated returns how many bytes f allocates.
func allocated(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

func TestHostileNesting(t *testing.T) {
	const n = 200_000
	for name, sql := range map[string]string{
		"tilde":          "select " + strings.Repeat("~", 1<<20) + "1",
		"minus":          "select " + strings.Repeat("- ", 1<<19) + "1",
		"bang":           "select " + strings.Repeat("!", 1<<20) + "1",
		"binary":         "select " + strings.Repeat("binary ", n) + "1",
		"parentheses":    "select " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"open only":      "select " + strings.Repeat("(", n),
		"query parens":   strings.Repeat("(", n) + "select 1" + strings.Repeat(")", n),
		"case":           "select " + strings.Repeat("case when 1 then ", n) + "1" + strings.Repeat(" end", n),
		"case operand":   "select " + strings.Repeat("case ", n),
		"not":            "select " + strings.Repeat("not ", n) + "1",
		"functions":      "select " + strings.Repeat("f(", n) + strings.Repeat(")", n),
		"qualified":      "select " + strings.Repeat("a.f(", n) + strings.Repeat(")", n),
		"concat calls":   "select " + strings.Repeat("concat(1,", n),
		"subqueries":     strings.Repeat("select (", n) + "1" + strings.Repeat(")", n),
		"derived":        strings.Repeat("select * from (", n) + "select 1" + strings.Repeat(") t", n),
		"table parens":   "select * from " + strings.Repeat("(", n) + "t" + strings.Repeat(")", n),
		"odbc joins":     "select * from " + strings.Repeat("{oj ", n) + "t" + strings.Repeat("}", n),
		"odbc":           "select " + strings.Repeat("{x ", n) + "1" + strings.Repeat("}", n),
		"in lists":       "select 1 in (" + strings.Repeat("1 in (", n),
		"with":           strings.Repeat("with a as (", n) + "select 1" + strings.Repeat(") select 1", n),
		"between":        "select " + strings.Repeat("1 between 2 and ", n) + "3",
		"interval":       "select 1" + strings.Repeat("+ interval 1", n) + " day",
		"interval call":  "select 1" + strings.Repeat("+ interval(1", n),
		"interval first": "select " + strings.Repeat("interval 1 day + ", n) + "1",
		"assignments":    "select " + strings.Repeat("@a := ", n) + "1",
		"plus chain":     "select 1" + strings.Repeat("+1", n),
		"xor chain":      "select 1" + strings.Repeat(" xor 1", n),
		"equals chain":   "select 1" + strings.Repeat("=1", n),
		"is null chain":  "select 1" + strings.Repeat(" is null", n),
		"collate chain":  "select 1" + strings.Repeat(" collate utf8mb4_bin", n),
		"arrow chain":    "select a" + strings.Repeat("->'$'", n),
		"union chain":    "select 1" + strings.Repeat(" union select 1", n),
		"join chain":     "select * from t" + strings.Repeat(" join t", n),
		"natural chain":  "select * from t" + strings.Repeat(" natural join t", n),
		"explain":        strings.Repeat("explain ", n) + "select 1",
		"row":            "insert into t values " + strings.Repeat("(", n),
		"checks":         "create table t (a int check " + strings.Repeat("(", n),
		"comments":       "select " + strings.Repeat("/*", n),
		"versions":       "select " + strings.Repeat("/*!99999 /* */", n),
		"versions open":  "select " + strings.Repeat("/*!", n),
	} {
		t.Run(name, func(t *testing.T) {
			used := allocated(func() {
				_, err := One(sql, Options{})
				var e *sqlerr.Error
				require.ErrorAs(t, err, &e)
				require.Contains(t, []uint16{1064, 1235, 1436}, e.Number(), "%v", err)
				var pos *Position
				require.ErrorAs(t, err, &pos)
				require.LessOrEqual(t, pos.Offset, len(sql))
				require.LessOrEqual(t, len(e.Message), 300)
			})
			require.Less(t, used, uint64(64<<20))
		})
	}
}

func TestNestingWithinTheLimit(t *testing.T) {
	n := DefaultMaxDepth - 20
	for _, sql := range []string{
		"select " + strings.Repeat("(", n) + "1" + strings.Repeat(")", n),
		"select " + strings.Repeat("~", n) + "1",
		"select " + strings.Repeat("case when 1 then ", n/2) + "1" + strings.Repeat(" end", n/2),
		"select " + strings.Repeat("not ", n) + "1",
		strings.Repeat("select (", n/3) + "select 1" + strings.Repeat(")", n/3),
		"select 1" + strings.Repeat("+1", 4000),
		"select 1" + strings.Repeat(" union all select 1", 4000),
	} {
		_, err := One(sql, Options{})
		require.NoError(t, err, "%.40s", sql)
	}
}

// treeHeight returns how deep a recursive walk goes.
func treeHeight(n sqlparser.SQLNode) int {
	h, self := 0, true
	_ = sqlparser.Walk(func(c sqlparser.SQLNode) (bool, error) {
		if self {
			self = false
			return true, nil
		}
		h = max(h, treeHeight(c))
		return false, nil
	}, n)
	return h + 1
}

func TestLongConditionsStayShallow(t *testing.T) {
	for _, op := range []string{" or ", " and ", " || ", " && "} {
		sql := "select 1 from t where a=0" + strings.Repeat(op+"a=1", 20_000)
		st, err := One(sql, Options{})
		require.NoError(t, err)
		require.Less(t, treeHeight(st.AST.(*sqlparser.Select).Where.Expr), 40, op)
		leaves := 0
		ast.Inspect(st.AST, func(n sqlparser.SQLNode) bool {
			if _, ok := n.(*sqlparser.ComparisonExpr); ok {
				leaves++
			}
			return true
		})
		require.Equal(t, 20_001, leaves)
	}
	// Short ones are left-deep, as sqlparser has them.
	st, err := One("select a or b or c", Options{})
	require.NoError(t, err)
	require.Equal(t, `((a OR b) OR c)`, ast.String(st.AST.(*sqlparser.Select).SelectExprs[0].(*ast.SelectItem).Expr))
}

func TestChainOrderIsKept(t *testing.T) {
	var want []string
	for i := range 300 {
		want = append(want, "c"+strings.Repeat("x", i))
	}
	e, err := Expr(strings.Join(want, " and "), Options{})
	require.NoError(t, err)
	var got []string
	ast.Inspect(e, func(n sqlparser.SQLNode) bool {
		if c, ok := n.(*sqlparser.ColName); ok {
			got = append(got, c.Name.String())
		}
		return true
	})
	require.Equal(t, want, got)
}

func TestByteAndTokenLimits(t *testing.T) {
	_, err := One("select 12345", Options{MaxBytes: 11})
	require.ErrorIs(t, err, sqlerr.PacketTooBig)
	s := NewScanner("select 12345", Options{MaxBytes: 11})
	require.False(t, s.Next())
	require.ErrorIs(t, s.Err(), sqlerr.PacketTooBig)

	_, err = One("select 1"+strings.Repeat(",1", 600), Options{MaxTokens: 1000})
	require.ErrorIs(t, err, sqlerr.NotSupported)
	_, err = One("insert into t values (1"+strings.Repeat(",1", 600)+")", Options{MaxTokens: 1000})
	require.NoError(t, err, "constants of VALUES are no tokens")
	_, err = One("insert into t values (1"+strings.Repeat(",a", 600)+")", Options{MaxTokens: 1000})
	require.ErrorIs(t, err, sqlerr.NotSupported)
	_, err = One("insert into t values (1)"+strings.Repeat(",(1)", 5000), Options{MaxTokens: 1000})
	require.ErrorIs(t, err, sqlerr.NotSupported)
	_, err = One("select 1"+strings.Repeat(",?", maxParams+1), Options{})
	require.ErrorIs(t, err, sqlerr.MaxPreparedParams)
}

func TestErrorText(t *testing.T) {
	_, err := One("select 1\nfrom t\nwhere x y "+strings.Repeat("é", 100), Options{})
	var e *sqlerr.Error
	require.True(t, errors.As(err, &e))
	require.Equal(t, "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'y "+
		strings.Repeat("é", 78)+"' at line 3", e.Message)
	var pos *Position
	require.True(t, errors.As(err, &pos))
	require.Equal(t, Position{Offset: 24, Line: 3}, *pos)
	require.ErrorIs(t, err, sqlerr.Parse)
}
