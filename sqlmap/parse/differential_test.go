package parse

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/internal/corpus"
)

// sqlparser is the oracle of this test: each corpus statement is parsed by it too and the trees are printed in one
// notation that hides the listed differences and nothing else:
//
//   - select items and literals are nodes of package ast, rows of literals have no nodes;
//   - a sign before an integer is part of sqlparser's literal;
//   - SELECT without FROM has no table here, dual there;
//   - a subquery in two pairs of parentheses has a ParenExpr there, none here;
//   - SUBSTRING(column, …) is a SubstrExpr there, a FuncExpr here;
//   - names that spell keywords of its own are in lower case there;
//   - system variables are columns there;
//   - DDL detail is in nodes of package ast, there it is dropped or kept in TableSpec: action and table are compared;
//   - what sqlparser refuses is not compared.
type canon struct{ strings.Builder }

func canonical(n any) string {
	var c canon
	c.node(n)
	return c.String()
}

// put appends format with each % replaced by an argument: a string as it is, anything else in the notation.
func (c *canon) put(format string, args ...any) {
	for i, part := range strings.Split(format, "%") {
		if i > 0 {
			if s, ok := args[i-1].(string); ok {
				c.WriteString(s)
			} else {
				c.node(args[i-1])
			}
		}
		c.WriteString(part)
	}
}

func (c *canon) node(x any) {
	switch n := x.(type) {
	case nil:
	case *sqlparser.Select:
		c.put("SELECT % %%", n.Distinct, n.Hints, n.SelectExprs)
		if s := canonical(n.From); s != "[t:dual]" && s != "[]" {
			c.put(" FROM %", s)
		}
		c.put(" % GROUP % % ORDER % % %", n.Where, []sqlparser.Expr(n.GroupBy), n.Having, n.OrderBy, n.Limit, n.Lock)
	case *sqlparser.ParenSelect:
		c.put("PAREN %", n.Select)
	case *sqlparser.Union:
		c.put("% {%} {%} ORDER % % %", n.Type, n.Left, n.Right, n.OrderBy, n.Limit, n.Lock)
	case *sqlparser.Insert:
		c.put("% % % % % DUP %", n.Action, n.Ignore, n.Table, n.Columns, n.Rows, sqlparser.UpdateExprs(n.OnDup))
	case *sqlparser.Update:
		c.put("UPDATE % SET % % ORDER % %", n.TableExprs, n.Exprs, n.Where, n.OrderBy, n.Limit)
	case *sqlparser.Delete:
		c.put("DELETE % FROM % % ORDER % %", n.Targets, n.TableExprs, n.Where, n.OrderBy, n.Limit)
	case *sqlparser.DDL:
		t := n.Table
		if t.IsEmpty() {
			t = n.NewName
		}
		c.put("DDL % %", n.Action, t)
	case *sqlparser.DBDDL:
		c.put("DBDDL % %", n.Action, n.DBName)
	case *sqlparser.Where:
		if n != nil {
			c.put("% %", n.Type, n.Expr)
		}
	case *sqlparser.Limit:
		if n != nil {
			c.put("LIMIT %,%", n.Offset, n.Rowcount)
		}
	case *sqlparser.Use:
		c.put("USE %", n.DBName)
	case sqlparser.TableIdent:
		c.WriteString(strings.ToLower(n.String()))
	case sqlparser.ColIdent:
		c.WriteString(n.Lowered())
	case sqlparser.TableName:
		c.put("t:%%", dotted(canonical(n.Qualifier)), n.Name)
	default:
		if !c.list(x) && !c.table(x) && !c.expr(x) && !c.function(x) {
			c.put("?%", fmt.Sprintf("%T", x))
		}
	}
}

func dotted(s string) string {
	if s == "" {
		return ""
	}
	return s + "."
}

func each[T any](c *canon, list []T) bool {
	c.WriteByte('[')
	for i, x := range list {
		if i > 0 {
			c.WriteByte(' ')
		}
		c.node(x)
	}
	c.WriteByte(']')
	return true
}

func (c *canon) list(x any) bool {
	switch n := x.(type) {
	case []sqlparser.Expr:
		return each(c, n)
	case sqlparser.ValTuple:
		return each(c, n)
	case sqlparser.SelectExprs:
		return each(c, n)
	case sqlparser.TableExprs:
		return each(c, n)
	case sqlparser.TableNames:
		return each(c, n)
	case sqlparser.Columns:
		return each(c, n)
	case sqlparser.OrderBy:
		return each(c, n)
	case sqlparser.UpdateExprs:
		return each(c, n)
	case sqlparser.Values:
		return each(c, n)
	case *ast.Rows:
		c.WriteString("[" + rowsText(n) + "]")
		return true
	}
	return false
}

// rowsText prints rows as sqlparser's tuples print.
func rowsText(r *ast.Rows) string {
	var rows []string
	for i := range r.Len() {
		vals, exprs := r.Row(i)
		cells := make([]string, len(vals))
		for j, v := range vals {
			switch {
			case v.IsNull():
				cells[j] = "NULL"
			default:
				cells[j] = "v:" + v.Text()
			}
		}
		for k := range exprs.Len() {
			col, e := exprs.Cell(k)
			cells[col] = canonical(e)
		}
		rows = append(rows, "["+strings.Join(cells, " ")+"]")
	}
	return strings.Join(rows, " ")
}

func (c *canon) table(x any) bool {
	switch n := x.(type) {
	case *sqlparser.AliasedTableExpr:
		c.put("%", n.Expr)
		if !n.As.IsEmpty() {
			c.put(" AS %", n.As)
		}
		if n.Hints != nil {
			c.put(" %%", n.Hints.Type, sqlparser.Columns(n.Hints.Indexes))
		}
	case *sqlparser.ParenTableExpr:
		c.put("(%)", n.Exprs)
	case *sqlparser.JoinTableExpr:
		c.put("(% % % ON % USING %)", n.LeftExpr, n.Join, n.RightExpr, n.Condition.On, n.Condition.Using)
	case *sqlparser.StarExpr:
		c.put("%*", dotted(canonical(n.TableName)))
	case *sqlparser.AliasedExpr:
		c.put("% AS %", n.Expr, n.As)
	case *ast.SelectItem:
		c.put("% AS %", n.Expr, n.As)
	case *sqlparser.Order:
		c.put("% %", n.Expr, n.Direction)
	case *sqlparser.UpdateExpr:
		c.put("%:=%", n.Name, n.Expr)
	default:
		return false
	}
	return true
}

func (c *canon) expr(x any) bool {
	switch n := x.(type) {
	case *sqlparser.AndExpr:
		c.put("(% AND %)", n.Left, n.Right)
	case *sqlparser.OrExpr:
		c.put("(% OR %)", n.Left, n.Right)
	case *sqlparser.NotExpr:
		c.put("(NOT %)", n.Expr)
	case *sqlparser.ParenExpr:
		if _, ok := n.Expr.(*sqlparser.Subquery); ok {
			c.node(n.Expr)
		} else {
			c.put("(%)", n.Expr)
		}
	case *sqlparser.ComparisonExpr:
		c.put("(% % % ESC %)", n.Left, n.Operator, n.Right, n.Escape)
	case *sqlparser.RangeCond:
		c.put("(% % % %)", n.Left, n.Operator, n.From, n.To)
	case *sqlparser.IsExpr:
		c.put("(% %)", n.Expr, n.Operator)
	case *sqlparser.ExistsExpr:
		c.put("EXISTS %", n.Subquery)
	case *sqlparser.Subquery:
		c.put("{%}", n.Select)
	case *sqlparser.BinaryExpr:
		c.put("(% % %)", n.Left, n.Operator, n.Right)
	case *sqlparser.UnaryExpr:
		s := canonical(n.Expr)
		if num, ok := strings.CutPrefix(s, "v:"); ok && isNumber(n.Expr) && n.Operator == "-" {
			c.WriteString("v:" + strings.TrimPrefix("-"+num, "--"))
		} else if ok && isNumber(n.Expr) && n.Operator == "+" {
			c.WriteString(s)
		} else {
			c.put("(%%)", n.Operator, s)
		}
	case *sqlparser.CollateExpr:
		c.put("(% COLLATE %)", n.Expr, n.Charset)
	case *sqlparser.NullVal:
		c.WriteString("NULL")
	case sqlparser.BoolVal:
		c.put("v:%", map[bool]string{true: "1", false: "0"}[bool(n)])
	case *sqlparser.SQLVal:
		c.value(n)
	case *ast.Literal:
		c.value(&n.SQLVal)
	case *ast.Param:
		c.value(&n.SQLVal)
	case *ast.SysVar:
		c.put("c:@@%", n.Name)
	case *sqlparser.ColName:
		c.put("c:%%", dotted(strings.TrimPrefix(canonical(n.Qualifier), "t:")), n.Name)
	default:
		return false
	}
	return true
}

// isNumber reports whether e is an integer literal, maybe with signs, that sqlparser folds them into.
func isNumber(e sqlparser.Expr) bool {
	switch n := e.(type) {
	case *ast.Literal:
		return n.Type == sqlparser.IntVal
	case *sqlparser.SQLVal:
		return n.Type == sqlparser.IntVal
	case *sqlparser.UnaryExpr:
		return isNumber(n.Expr) && (n.Operator == "-" || n.Operator == "+")
	}
	return false
}

func (c *canon) value(n *sqlparser.SQLVal) {
	c.WriteString("v:" + string(n.Val))
}

func (c *canon) function(x any) bool {
	switch n := x.(type) {
	case *sqlparser.FuncExpr:
		c.put("%%(% %)", dotted(n.Qualifier.String()), n.Name.Lowered(), fmt.Sprint(n.Distinct), n.Exprs)
	case *sqlparser.SubstrExpr:
		args := sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: n.Name}, &sqlparser.AliasedExpr{Expr: n.From}}
		if n.To != nil {
			args = append(args, &sqlparser.AliasedExpr{Expr: n.To})
		}
		c.put("substring(false %)", args)
	case *sqlparser.CaseExpr:
		c.put("CASE %", n.Expr)
		for _, w := range n.Whens {
			c.put(" WHEN % THEN %", w.Cond, w.Val)
		}
		c.put(" ELSE % END", n.Else)
	case *sqlparser.ConvertExpr:
		c.put("CAST(% AS %)", n.Expr, strings.ToLower(n.Type.Type))
	case *sqlparser.ValuesFuncExpr:
		c.put("VALUES(%)", n.Name)
	case *sqlparser.Default:
		c.put("DEFAULT(%)", n.ColName)
	case *sqlparser.IntervalExpr:
		c.put("INTERVAL % %", n.Expr, strings.ToLower(n.Unit))
	default:
		return false
	}
	return true
}

// plainStatement returns the sqlparser node of an extended statement whose extension the oracle drops.
func plainStatement(n sqlparser.Statement) sqlparser.Statement {
	switch n := n.(type) {
	case *ast.CreateTable:
		return &n.DDL
	case *ast.AlterTable:
		for _, s := range n.Specs {
			if r, ok := s.(*ast.AlterRenameTable); ok { // sqlparser makes a RENAME of it
				return &sqlparser.DDL{Action: sqlparser.RenameStr, Table: n.Table, NewName: r.Name}
			}
		}
		return &n.DDL
	case *ast.CreateIndex:
		return &n.DDL
	case *ast.DropIndex:
		return &n.DDL
	case *ast.DropTable:
		return &n.DDL
	case *ast.TruncateTable:
		return &n.DDL
	case *ast.CreateView:
		return &n.DDL
	case *ast.DropView:
		return &n.DDL
	case *ast.CreateDatabase:
		return &n.DBDDL
	case *ast.DropDatabase:
		return &n.DBDDL
	}
	return n
}

// compared reports whether the oracle's tree of a statement says enough to be compared.
func compared(n sqlparser.Statement) bool {
	switch n.(type) {
	case *sqlparser.Show, *sqlparser.Set, *sqlparser.OtherRead, *sqlparser.OtherAdmin, *sqlparser.Begin, *sqlparser.Commit, *sqlparser.Rollback:
		return false
	}
	return true
}

func differential(t *testing.T, where, sql string) bool {
	want, err := sqlparser.ParseStrictDDL(sql)
	if err != nil || !compared(want) {
		return false
	}
	got, err := One(sql, Options{})
	require.NoError(t, err, "%s: %s", where, sql)
	a, b := canonical(want), canonical(plainStatement(got.AST))
	if a != b {
		i := 0
		for i < min(len(a), len(b)) && a[i] == b[i] {
			i++
		}
		require.Failf(t, "trees differ", "%s: %.500s\noracle …%.200s\nours   …%.200s", where, sql, a[max(0, i-50):], b[max(0, i-50):])
	}
	return true
}

func TestDifferentialTools(t *testing.T) {
	n := 0
	for _, c := range toolStatements(t) {
		for st := range Split(c.sql, Options{}) {
			if differential(t, fmt.Sprintf("%s:%d", c.file, c.line), st.Text) {
				n++
			}
		}
	}
	require.Greater(t, n, 250)
}

func TestDifferentialChinook(t *testing.T) {
	b, err := os.ReadFile(filepath.Join(corpus.Dir(t, "chinook"), "Chinook_MySql.sql"))
	require.NoError(t, err)
	for st := range Split(string(b), Options{}) {
		differential(t, "chinook", strings.ReplaceAll(st.Text, "N'", "'"))
	}
}

func TestDifferentialLogic(t *testing.T) {
	n := 0
	for _, c := range sample(logicStatements(t), 11) {
		if !c.fail && differential(t, fmt.Sprintf("%s:%d", c.file, c.line), c.sql) {
			n++
		}
	}
	require.Greater(t, n, 1000)
}
