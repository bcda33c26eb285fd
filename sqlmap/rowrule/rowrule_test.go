package rowrule

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

func column(name string, change ...func(*schema.Column)) schema.Column {
	c := schema.Column{Name: name, Type: value.Type{ID: value.TypeInt}}
	for _, f := range change {
		f(&c)
	}
	return c
}

func generated(text string) func(*schema.Column) {
	return func(c *schema.Column) { c.Generated = text }
}

func defaultExpr(text string) func(*schema.Column) {
	return func(c *schema.Column) { c.DefaultExpr = text }
}

func notNull(c *schema.Column) { c.NotNull = true }

func auto(c *schema.Column) { c.NotNull, c.AutoIncrement = true, true }

func table(cols ...schema.Column) *schema.Table {
	return &schema.Table{Schema: "test", Name: "t", Columns: cols}
}

func TestRefusedTexts(t *testing.T) {
	one := func(text string) *schema.Table {
		d := table(column("a"))
		d.Checks = []schema.Check{{Name: "c", Expr: text}}
		return d
	}
	cases := []struct {
		def  *schema.Table
		want *sqlerr.Code
	}{
		{one("a > 0"), nil},
		{one("z > 0"), sqlerr.CheckUnknownColumn},
		{one("a >"), sqlerr.Parse},
		{one("rand() > a"), sqlerr.CheckFunction},
		{one("now() > a"), sqlerr.CheckFunction},
		{one("@x > a"), sqlerr.CheckVariable},
		{one("@@autocommit > a"), sqlerr.CheckVariable},
		{one("a IN (SELECT 1)"), sqlerr.CheckConstruct},
		{one("a > ?"), sqlerr.CheckConstruct},
		{one("sum(a) > 0"), sqlerr.InvalidGroupFunc},
		{table(column("a"), column("g", generated("a + 1"))), nil},
		{table(column("a"), column("g", generated("z + 1"))), sqlerr.UnknownColumn},
		{table(column("a"), column("g", generated("uuid()"))), sqlerr.GeneratedFunction},
		{table(column("a"), column("g", generated("connection_id()"))), sqlerr.GeneratedFunction},
		{table(column("a"), column("g", generated("@v"))), sqlerr.GeneratedVariable},
		{table(column("a"), column("g", generated("(SELECT 1)"))), sqlerr.GeneratedConstruct},
		{table(column("a", auto), column("g", generated("a + 1"))), sqlerr.GeneratedAuto},
		{table(column("g", generated("h + 1")), column("h", generated("1"))), sqlerr.GeneratedOrder},
		{table(column("g", generated("g + 1"))), sqlerr.GeneratedOrder},
		{table(column("g", generated("h + 1")), column("h")), nil},
		{table(column("a"), column("d", defaultExpr("a + 1"))), nil},
		{table(column("d", defaultExpr("a + 1")), column("a")), nil},
		{table(column("d", defaultExpr("a + 1")), column("a", defaultExpr("5"))), sqlerr.DefaultOrder},
		{table(column("d", defaultExpr("rand() * 10"))), nil},
		{table(column("d", defaultExpr("sleep(1)"))), sqlerr.DefaultFunction},
		{table(column("d", defaultExpr("@v"))), sqlerr.DefaultVariable},
		{table(column("d", defaultExpr("(SELECT 1)"))), sqlerr.DefaultConstruct},
		{table(column("a", auto), column("d", defaultExpr("a"))), sqlerr.DefaultAuto},
	}
	for _, c := range cases {
		name := c.def.Columns[len(c.def.Columns)-1]
		text := name.Generated + name.DefaultExpr
		if len(c.def.Checks) > 0 {
			text = c.def.Checks[0].Expr
		}
		err := Check(c.def)
		if c.want == nil {
			require.NoError(t, err, text)
			continue
		}
		require.ErrorIs(t, err, c.want, text)
	}
}

func TestHook(t *testing.T) {
	none, err := Hook(table(column("a")))
	require.NoError(t, err)
	require.Nil(t, none)

	def := table(column("a"), column("b"), column("g", generated("a * b")), column("h", generated("g + 1"), notNull))
	def.Checks = []schema.Check{{Name: "small", Expr: "h < 100"}, {Name: "off", Expr: "a = 0", NotEnforced: true}}
	h, err := Hook(def)
	require.NoError(t, err)
	require.Equal(t, schema.ColSetOf(2, 3), h.Generated)
	require.Equal(t, []schema.ColSet{schema.ColSetOf(0, 1, 2), schema.ColSetOf(2, 3), schema.ColSetOf(3)}, h.Groups)
	row := []value.Value{value.Int(3), value.Int(4), value.Null, value.Null}
	require.NoError(t, h.Run(row))
	require.Equal(t, int64(12), row[2].Int64())
	require.Equal(t, int64(13), row[3].Int64())
	row[0] = value.Int(50)
	require.ErrorIs(t, h.Run(row), sqlerr.CheckViolated)
	row[0] = value.Null
	require.ErrorIs(t, h.Run(row), sqlerr.BadNull)
	row[0], row[1] = value.Int(1<<30), value.Int(1<<30)
	require.ErrorIs(t, h.Run(row), sqlerr.OutOfRange)
}

func TestDefaults(t *testing.T) {
	now := time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC)
	env := expr.NewEnv(&expr.Run{Session: &expr.SessionState{}, Strict: true, Now: now})
	stamp := column("at", defaultExpr("CURRENT_TIMESTAMP"), func(c *schema.Column) {
		c.Type, c.OnUpdate = value.Type{ID: value.TypeDateTime}, "CURRENT_TIMESTAMP"
	})
	def := table(
		column("plain"),
		column("must", notNull),
		column("const", func(c *schema.Column) { c.HasDefault, c.Default = true, value.Int(7) }),
		column("sum", defaultExpr("plain + const")),
		column("g", generated("plain * 2")),
		column("fromg", defaultExpr("g + 1")),
		stamp,
		column("e", notNull, func(c *schema.Column) { c.Type = value.Type{ID: value.TypeEnum, Elements: []string{"x", "y"}} }),
	)
	r, err := Of(def)
	require.NoError(t, err)
	again, err := Of(def)
	require.NoError(t, err)
	require.Same(t, r, again)
	env.Row = []value.Value{value.Int(5), value.Null, value.Int(7), value.Null, value.Null, value.Null, value.Null, value.Null}
	get := func(ord int) string {
		v, err := r.Default(ord, env)
		require.NoError(t, err)
		if v.IsNull() {
			return "NULL"
		}
		return v.Text()
	}
	_, err = r.Default(1, env)
	require.True(t, IsNoDefault(err))
	require.Equal(t, []string{"NULL", "7", "12", "NULL", "11", "2024-05-06 07:08:09", "x"},
		[]string{get(0), get(2), get(3), get(4), get(5), get(6), get(7)})
	require.Equal(t, schema.ColSetOf(6), r.OnUpdate())
	v, err := r.Stamp(6, env)
	require.NoError(t, err)
	require.Equal(t, "2024-05-06 07:08:09", v.Text())
	set, err := Reads(def, "plain + g * 2")
	require.NoError(t, err)
	require.Equal(t, schema.ColSetOf(0, 4), set)
}
