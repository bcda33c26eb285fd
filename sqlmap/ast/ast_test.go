package ast_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/parse"
)

func parsed(t *testing.T, sql string) sqlparser.Statement {
	st, err := parse.One(sql, parse.Options{})
	require.NoError(t, err)
	return st.AST
}

// marked returns the columns called mark… that a walk reaches.
func marked(walk func(visit func(sqlparser.SQLNode))) map[string]int {
	seen := map[string]int{}
	walk(func(n sqlparser.SQLNode) {
		if c, ok := n.(*sqlparser.ColName); ok && len(c.Name.String()) > 4 && c.Name.String()[:4] == "mark" {
			seen[c.Name.String()]++
		}
	})
	return seen
}

func byWalk(n sqlparser.SQLNode) map[string]int {
	return marked(func(visit func(sqlparser.SQLNode)) {
		_ = sqlparser.Walk(func(c sqlparser.SQLNode) (bool, error) {
			visit(c)
			return true, nil
		}, n)
	})
}

func byInspect(n sqlparser.SQLNode) map[string]int {
	return marked(func(visit func(sqlparser.SQLNode)) {
		ast.Inspect(n, func(c sqlparser.SQLNode) bool {
			visit(c)
			return true
		})
	})
}

// Both walks reach the children of the expressions, tables and queries of this package.
func TestWalkReachesChildren(t *testing.T) {
	for _, sql := range []string{
		"select mark1 xor mark2",
		"select @a := mark1",
		"select mark1 = any (select mark2)",
		"select extract(day from mark1), trim(mark2 from mark3), default(t.mark4), mark5 member of (mark6) from t",
		"select sum(mark1) over (partition by mark2 order by mark3) from t",
		"select rank() over w from t window w as (order by mark1)",
		"with a as (select mark1 from t) select mark2 from a",
		"with recursive a as (select mark1 from t union select mark2 from a) (select mark3 from a) union select mark4 from a",
		"select mark1 from t except select mark2 from t",
		"(select mark1 from t order by mark2 limit 1) limit 2",
		"select * from (select mark1 from t) d(x), lateral (select mark2 from t) e",
		"select * from t use index (a) ignore index (b) join u on mark1 = mark2",
		"insert into t values (1, mark1), (mark2, 2)",
		"insert into t select mark1 from u on duplicate key update a = mark2",
		"update ignore t set a = mark1 where mark2 order by mark3",
		"delete quick from t where mark1 order by mark2",
		"select case mark1 when mark2 then mark3 else mark4 end, cast(mark5 as char), mark6 collate x from t group by mark7 with rollup",
	} {
		n := parsed(t, sql)
		want := byInspect(n)
		require.NotEmpty(t, want, sql)
		for name := range byWalk(n) {
			require.Contains(t, want, name)
		}
		for i := 1; i <= len(want); i++ {
			require.Contains(t, want, "mark"+string(rune('0'+i)), sql)
		}
		require.Len(t, byWalk(n), len(want), sql)
	}
}

// Inspect reaches what sqlparser's structs have no room for.
func TestInspectLeavesNothingOut(t *testing.T) {
	for sql, n := range map[string]int{
		"with a as (select mark1 from t) update t set a = mark2":          2,
		"with a as (select mark1 from t) delete from t where mark2":       2,
		"delete from t where mark1 returning mark2":                       2,
		"insert into t values (mark1) returning mark2":                    2,
		"select mark1 from t union select mark2 from t order by mark3":    3,
		"select mark1 from t except select mark2 from t order by mark3":   3,
		"((select mark1 from t limit 1) limit 2) order by mark2":          2,
		"values row(1, mark1) order by mark2":                             2,
		"select group_concat(mark1 order by mark2) from t":                2,
		"select 1 from t window w as (partition by mark1 order by mark2)": 2,
		"show tables where mark1":                                         1,
		"explain select mark1 from t":                                     1,
		"kill mark1":                                                      1,
		"do mark1":                                                        1,
		"set a = mark1 + 1":                                               1,
		"create view v as select mark1 from t":                            1,
		"create index i on t ((mark1))":                                   1,
		"create table t (a int default (mark1), b int as (mark2), check (mark3), c int check (mark4), key ((mark5)))": 5,
		"alter table t add a int default (mark1), modify b int as (mark2), alter c set default (mark3), " +
			"add check (mark4), add index ((mark5)), order by mark6": 6,
	} {
		require.Len(t, byInspect(parsed(t, sql)), n, sql)
	}
}

func TestInspectStopsWhereAsked(t *testing.T) {
	n := parsed(t, "select mark1, (select mark2 from t) from t")
	seen := marked(func(visit func(sqlparser.SQLNode)) {
		ast.Inspect(n, func(c sqlparser.SQLNode) bool {
			visit(c)
			_, sub := c.(*sqlparser.Subquery)
			return !sub
		})
	})
	require.Equal(t, map[string]int{"mark1": 1}, seen)
}

func TestHelpersReadPlainAndExtendedNodes(t *testing.T) {
	sel, ext, ok := ast.SelectOf(parsed(t, "select a from t"))
	require.True(t, ok)
	require.Nil(t, ext)
	require.Len(t, sel.SelectExprs, 1)
	_, ext, ok = ast.SelectOf(parsed(t, "select sql_calc_found_rows a from t group by a with rollup"))
	require.True(t, ok)
	require.True(t, ext.Rollup)
	require.Equal(t, ast.CalcFoundRows, ext.Modifiers)
	_, _, ok = ast.SelectOf(parsed(t, "begin"))
	require.False(t, ok)

	_, ie, ok := ast.InsertOf(parsed(t, "insert into t values (1)"))
	require.True(t, ok)
	require.Nil(t, ie)
	_, ie, ok = ast.InsertOf(parsed(t, "insert into t () values () returning a"))
	require.True(t, ok)
	require.True(t, ie.EmptyList)
	require.Len(t, ie.Returning, 1)

	_, ue, ok := ast.UpdateOf(parsed(t, "update ignore t set a=1"))
	require.True(t, ok)
	require.True(t, ue.Ignore)
	_, de, ok := ast.DeleteOf(parsed(t, "delete from t"))
	require.True(t, ok)
	require.Nil(t, de)

	from := parsed(t, "select * from a use index (i), (select 1) d(x), lateral (select 2) e, (b join c)").(*sqlparser.Select).From
	_, hints, _, _, ok := ast.TableOf(from[0])
	require.True(t, ok)
	require.Equal(t, sqlparser.UseStr, hints[0].Kind)
	_, _, cols, lateral, ok := ast.TableOf(from[1])
	require.True(t, ok && !lateral)
	require.Equal(t, "x", cols[0].String())
	_, _, _, lateral, ok = ast.TableOf(from[2])
	require.True(t, ok && lateral)
	_, _, _, _, ok = ast.TableOf(from[3])
	require.False(t, ok)
}

func TestRows(t *testing.T) {
	ins, _, _ := ast.InsertOf(parsed(t, "insert into t values (1, 'a'), (now(), -2, null), (), (3, default)"))
	r := ins.Rows.(*ast.Rows)
	require.Equal(t, 4, r.Len())
	require.False(t, r.Constant())

	vals, exprs := r.Row(0)
	require.Equal(t, []value.Value{value.Int(1), value.String("a")}, vals)
	require.Zero(t, exprs.Len())
	vals, exprs = r.Row(1)
	require.Equal(t, []value.Value{value.Null, value.Int(-2), value.Null}, vals)
	require.Equal(t, 1, exprs.Len())
	col, e := exprs.Cell(0)
	require.Zero(t, col)
	require.IsType(t, &sqlparser.FuncExpr{}, e)
	vals, exprs = r.Row(2)
	require.Empty(t, vals)
	require.Zero(t, exprs.Len())
	_, exprs = r.Row(3)
	col, e = exprs.Cell(0)
	require.Equal(t, 1, col)
	require.IsType(t, &sqlparser.Default{}, e)
	require.Equal(t, int32(len("insert into t values (1, 'a'), ")), r.RowPos(1))
}

func TestPositions(t *testing.T) {
	const sql = "select t.a + 'x' as s, now() from t where b = ?"
	sel := parsed(t, sql).(*sqlparser.Select)
	item := sel.SelectExprs[0].(*ast.SelectItem)
	require.Equal(t, "t.a + 'x'", item.Pos.Text(sql))
	sum := item.Expr.(*sqlparser.BinaryExpr)
	require.Equal(t, "t.a", ast.PosOf(sum.Left).Text(sql))
	require.Equal(t, "'x'", ast.PosOf(sum.Right).Text(sql))
	require.Equal(t, "?", ast.PosOf(sel.Where.Expr.(*sqlparser.ComparisonExpr).Right).Text(sql))
	require.True(t, ast.PosOf(sum).IsZero())
	require.Equal(t, "", ast.Pos{Start: 3, End: 100}.Text("abc"))
}
