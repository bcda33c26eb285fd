package parse

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

func addSeeds(f *testing.F) {
	for _, file := range []string{"testdata/misparses.txt", "testdata/statements.txt"} {
		_, cases := readGolden(f, file)
		for _, c := range cases {
			f.Add(c.sql, uint16(c.o.SQLMode))
		}
	}
	f.Add("select 1; /*!40101 set names utf8 */; select ';' -- x;\n; begin", uint16(0))
}

// checkError checks that an error is typed and points into the text.
func checkError(t *testing.T, err error, sql string) {
	var e *sqlerr.Error
	require.True(t, errors.As(err, &e), "%v", err)
	var pos *Position
	if e.Code != sqlerr.PacketTooBig {
		require.True(t, errors.As(err, &pos), "%v", err)
		require.LessOrEqual(t, 0, pos.Offset)
		require.LessOrEqual(t, pos.Offset, len(sql))
	}
}

func FuzzOne(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, sql string, mode uint16) {
		o := Options{SQLMode: Mode(mode), MaxDepth: 200, MaxTokens: 1 << 16}
		st, err := One(sql, o)
		if err != nil {
			checkError(t, err, sql)
			return
		}
		require.Contains(t, sql, st.Text)
		checkTree(t, st)
		checkItems(t, st, sql)
		require.Less(t, treeHeight(st.AST), 200*heightFactor*4)
		_ = ast.String(st.AST)
		again, err := One(st.Text, o)
		require.NoError(t, err, "%q parses and its own text %q does not", sql, st.Text)
		require.Equal(t, ast.String(st.AST), ast.String(again.AST))
	})
}

// checkItems checks that the expression of each select item is what parsing its own text gives, where the text
// stands on its own.
func checkItems(t *testing.T, st *Statement, sql string) {
	ast.Inspect(st.AST, func(n sqlparser.SQLNode) bool {
		if item, ok := n.(*ast.SelectItem); ok {
			require.NotEmpty(t, item.Pos.Text(sql), "%q", sql)
		}
		return true
	})
}

func FuzzSplit(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, sql string, mode uint16) {
		o := Options{SQLMode: Mode(mode), MaxDepth: 200, MaxTokens: 1 << 16}
		end := 0
		for st, err := range Split(sql, o) {
			if err != nil {
				checkError(t, err, sql)
				return
			}
			require.GreaterOrEqual(t, st.Offset, end)
			end = st.Offset + len(st.Text)
			require.Equal(t, st.Text, sql[st.Offset:end])
			one, err := One(st.Text, o)
			require.NoError(t, err, "%q of %q", st.Text, sql)
			require.Equal(t, ast.String(st.AST), ast.String(one.AST))
		}
	})
}

func FuzzExpr(f *testing.F) {
	f.Add("a > 0 and (b is null or c in (1, 2))", uint16(0))
	f.Add("json_extract(`a b`, '$.x') = 'y'", uint16(0))
	f.Fuzz(func(t *testing.T, src string, mode uint16) {
		o := Options{SQLMode: Mode(mode), MaxDepth: 200}
		e, err := Expr(src, o)
		if err != nil {
			checkError(t, err, src)
			return
		}
		// In parentheses it is the same expression, unless the text closes them itself or ends in a comment.
		if p, err := Expr("("+src+"\n)", o); err == nil {
			if paren, ok := p.(*sqlparser.ParenExpr); ok {
				require.Equal(t, ast.String(e), ast.String(paren.Expr))
			}
		}
	})
}
