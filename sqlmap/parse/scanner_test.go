package parse

import (
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

func TestSplit(t *testing.T) {
	const script = "-- head\n;; select ';' as a /* ; */ ;\n# c;\nselect `;`, \"a;b\" from t -- x;\n;\n" +
		"/*!40101 SET @x = 1 */;\n select 1 /*! , 2 */\n;/*!99999 select 3 */;\nbegin"
	var texts []string
	for st, err := range Split(script, Options{}) {
		require.NoError(t, err)
		require.Equal(t, st.Text, script[st.Offset:st.Offset+len(st.Text)])
		texts = append(texts, st.Text)
	}
	require.Equal(t, []string{
		"select ';' as a",
		"select `;`, \"a;b\" from t",
		"/*!40101 SET @x = 1 */",
		"select 1 /*! , 2 */",
		"begin",
	}, texts)
}

func TestSplitStopsAtTheError(t *testing.T) {
	const script = "select 1;\nselect 2;\n  selec 3;\nselect 4"
	n := 0
	for st, err := range Split(script, Options{}) {
		if err == nil {
			n++
			require.NotNil(t, st)
			continue
		}
		var e *sqlerr.Error
		require.True(t, errors.As(err, &e))
		require.Equal(t, "You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near 'selec 3;\nselect 4' at line 3", e.Message)
		var pos *Position
		require.True(t, errors.As(err, &pos))
		require.Equal(t, Position{Offset: strings.Index(script, "selec 3"), Line: 3}, *pos)
	}
	require.Equal(t, 2, n)
	for range Split(script, Options{}) {
		break // a consumer may stop
	}
}

func TestScannerFollowsTheMode(t *testing.T) {
	s := NewScanner(`set sql_mode = 'ANSI_QUOTES'; select "a" from t; select "b"`, Options{})
	require.True(t, s.Next())
	s.SetMode(ANSIQuotes)
	require.True(t, s.Next())
	require.Equal(t, "a", ast.String(s.Statement().AST.(*sqlparser.Select).SelectExprs[0].(*ast.SelectItem).Expr))
	s.SetMode(0)
	require.True(t, s.Next())
	require.Equal(t, "'b'", ast.String(s.Statement().AST.(*sqlparser.Select).SelectExprs[0].(*ast.SelectItem).Expr))
	require.False(t, s.Next())
	require.NoError(t, s.Err())
	require.False(t, s.Next())
}

func TestEmptyScripts(t *testing.T) {
	for _, script := range []string{"", "  ", ";", " ; /* x */ ;; -- y", "/*! */"} {
		s := NewScanner(script, Options{})
		require.False(t, s.Next(), script)
		require.NoError(t, s.Err(), script)
		_, err := One(script, Options{})
		require.ErrorIs(t, err, sqlerr.EmptyQuery, script)
	}
}

func TestTriggersInScripts(t *testing.T) {
	const script = "create trigger a after update on t for each row begin select 1; if x then begin end; end if; end; " +
		"create trigger b after update on t for each row set @x = 1; select 2"
	var texts []string
	for st, err := range Split(script, Options{}) {
		require.NoError(t, err)
		texts = append(texts, st.Text)
	}
	require.Len(t, texts, 3)
	require.True(t, strings.HasSuffix(texts[0], "end if; end"))
	require.True(t, strings.HasSuffix(texts[1], "set @x = 1"))
}

func TestParameters(t *testing.T) {
	st, err := One("select ?, (select ? from t limit ?)", Options{})
	require.NoError(t, err)
	require.Equal(t, 3, st.NumParams)
	require.Empty(t, st.ParamNames)

	st, err = One("select :id, :name, :id", Options{})
	require.NoError(t, err)
	require.Equal(t, 2, st.NumParams)
	require.Equal(t, []string{"id", "name"}, st.ParamNames)
	items := st.AST.(*sqlparser.Select).SelectExprs
	require.Equal(t, 0, items[2].(*ast.SelectItem).Expr.(*ast.Param).Index)
	require.Equal(t, ":id", string(items[2].(*ast.SelectItem).Expr.(*ast.Param).Val))

	st, err = One("select ?"+strings.Repeat(",?", 1200), Options{})
	require.NoError(t, err)
	last := st.AST.(*sqlparser.Select).SelectExprs[1200].(*ast.SelectItem).Expr.(*ast.Param)
	require.Equal(t, ":v1201", string(last.Val))
	require.Equal(t, 1200, last.Index)
}

func TestLiteralValues(t *testing.T) {
	dec := func(s string) value.Value {
		v, err := value.ParseDecimal(s)
		require.NoError(t, err)
		return v
	}
	for src, want := range map[string]value.Value{
		"0":                     value.Int(0),
		"00012":                 value.Int(12),
		"999999999999999999":    value.Int(999999999999999999),
		"9223372036854775807":   value.Int(1<<63 - 1),
		"9223372036854775808":   value.Uint(1 << 63),
		"18446744073709551615":  value.Uint(1<<64 - 1),
		"18446744073709551616":  dec("18446744073709551616"),
		"1.50":                  dec("1.50"),
		".5":                    dec("0.5"),
		"5.":                    dec("5"),
		"1e3":                   value.Float(1000),
		"1.5E-1":                value.Float(0.15),
		"'a''b\\n'":             value.String("a'b\n"),
		"'a' 'b'  'c'":          value.String("abc"),
		"N'ä'":                  value.String("ä"),
		"_latin1'\xe4\x80'":     value.String("ä€"),
		"_binary'\xff'":         value.Bytes("\xff"),
		"'\xff'":                value.Bytes("\xff"),
		"x'4d5A'":               value.Bytes("MZ"),
		"0xabc":                 value.Bytes("\x0a\xbc"),
		"b'100000001'":          value.Bytes("\x01\x01"),
		"0b0":                   value.Bytes("\x00"),
		"x''":                   value.Bytes(""),
		"DATE'2020-01-02'":      value.String("2020-01-02"),
		strings.Repeat("9", 80): dec(strings.Repeat("9", 65)),
	} {
		e, err := Expr(src, Options{})
		require.NoError(t, err, src)
		require.Equal(t, want, e.(*ast.Literal).Value, src)
	}
	_, err := Expr("1e400", Options{})
	require.ErrorIs(t, err, sqlerr.IllegalDouble)
	_, err = Expr("_utf8mb4'\xff'", Options{})
	require.ErrorIs(t, err, sqlerr.InvalidCharacter)
	_, err = Expr("`\xff`", Options{})
	require.ErrorIs(t, err, sqlerr.InvalidCharacter)
	_, err = Expr("_sjis'a'", Options{})
	require.ErrorIs(t, err, sqlerr.NotSupported)
}

func TestKeywords(t *testing.T) {
	for _, w := range strings.Fields(reservedSpellings) {
		require.True(t, lookupKeyword(w).reserved(), w)
		require.Equal(t, strings.ToLower(w), lookupKeyword(w).String())
		_, err := One("select 1 as "+w, Options{})
		require.ErrorIs(t, err, sqlerr.Parse, w)
		for _, sql := range []string{"select `" + w + "`", "select t." + w + " from t", "select 1 as `" + w + "`", "select @" + w + ", @@" + w} {
			_, err = One(sql, Options{})
			require.NoError(t, err, sql)
		}
	}
	for _, w := range strings.Fields(keywordSpellings) {
		if kw := lookupKeyword(strings.ToLower(w)); !kw.reserved() {
			_, err := One("select "+w+".a, 1 "+w+" from t "+w+" where "+w+" . b = 1", Options{})
			require.NoError(t, err, w)
		}
	}
	require.Equal(t, noKeyword, lookupKeyword("selec"))
	require.Equal(t, kwZerofill, lookupKeyword("ZeroFill"))
}
