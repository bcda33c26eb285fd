package exec_test

import (
	"context"
	"math/rand"
	"sort"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/internal/testschema"
	"github.com/worktable-go/worktable/sqlmap/parse"
)

// scanColumns are columns beside typedColumns, with the values at the limits of their types and strings that differ by
// case, accents and trailing blanks.
var scanColumns = []typed{
	{"bg", "BIGINT", []string{"-9223372036854775808", "-1", "0", "9223372036854775807"}, []string{"0", "0.5", "-0.5", "9223372036854775807", "9223372036854775808", "-9223372036854775809", "1e3"}},
	{"nn", "INT NOT NULL", []string{"-2147483648", "0", "7", "2147483647"}, []string{"7", "6.5", "'7'", "7e0", "-2147483648"}},
	{"db", "DOUBLE", []string{"1.7976931348623157e308", "-1.7976931348623157e308", "4.9e-324", "-0e0", "0", "9007199254740993"}, []string{"0", "-0e0", "4.9e-324", "9007199254740993", "1e400", "'0'"}},
	{"fs", "FLOAT NOT NULL", []string{"0.1", "16777217", "-3.4e38"}, []string{"0.1", "16777216", "0.10000000149011612"}},
	{"ds", "DECIMAL(18,6)", []string{"999999999999.999999", "-999999999999.999999", "0.000001", "0"}, []string{"0.0000005", "-0.0000005", "0.000001", "1000000000000", "99999999999999999999", "1e-6"}},
	{"dl", "DECIMAL(30,10)", []string{"99999999999999999999.9999999999", "-0.0000000001", "1"}, []string{"1", "1.00000000001", "'1'"}},
	{"dn", "DATE NOT NULL", []string{"'2024-02-29'", "'9999-12-31'", "'1000-01-01'"}, []string{"'2024-02-29'", "'2024-02-28 23:59:59'", "'9999-12-31'", "0", "'x'"}},
	{"d6", "DATETIME(6)", []string{"'2024-02-29 00:00:00.000001'", "'9999-12-31 23:59:59.999999'", "'2024-02-29'"}, []string{"'2024-02-29'", "'2024-02-29 00:00:00.000001'", "20240229", "CAST('2024-02-29' AS DATE)"}},
	{"t6", "TIME(6)", []string{"'-838:59:59'", "'838:59:59'", "'00:00:00.000001'"}, []string{"'00:00:00'", "'00:00:00.000001'", "0", "'838:59:59'"}},
	{"ec", "ENUM('Ja','nein','x ') COLLATE utf8mb4_general_ci", []string{"'Ja'", "'nein'", "'x'"}, []string{"'JA'", "'ja '", "'x'", "'n%'", "1", "'1'", "NULL"}},
	{"sv", "VARCHAR(20)", []string{"'abc'", "'ABC'", "'abc '", "'äbc'", "'ab'", "''", "' '", "'ß'", "'ss'", "'100%'"}, []string{"'abc'", "'ABC'", "'abc '", "'a'", "''", "'b'", "'ß'", "7", "NULL"}},
	{"sg", "VARCHAR(20) COLLATE utf8mb4_general_ci", []string{"'abc'", "'ABC'", "'abc '", "'äbc'", "'ab'", "''", "' '", "'ß'", "'ss'"}, []string{"'abc'", "'ABC'", "'abc  '", "'ÄBC'", "''", "'s'", "'ss'"}},
	{"sa", "VARCHAR(20) COLLATE utf8mb4_0900_ai_ci", []string{"'abc'", "'ABC'", "'abc '", "'äbc'", "'ab'", "''", "' '", "'ß'", "'ss'"}, []string{"'abc'", "'ABC'", "'abc '", "'ÄBC'", "''", "'s'", "'ss'"}},
	{"sb", "VARCHAR(20) COLLATE utf8mb4_bin NOT NULL", []string{"'abc'", "'ABC'", "'abc '", "'äbc'", "''"}, []string{"'abc'", "'abc   '", "'abc\\t'", "''"}},
	{"ch", "CHAR(6)", []string{"'abc'", "'Abc'", "''"}, []string{"'abc'", "'abc '", "'ABC'"}},
	{"bb", "BINARY(4)", []string{"'a'", "'abcd'"}, []string{"'a'", "'abcd'", "x'61000000'"}},
	{"tx", "TEXT", []string{"'abc'", "'" + strings.Repeat("long ", 4000) + "'", "'" + strings.Repeat("x", 300) + "'"}, []string{"'abc'", "'long'", "'" + strings.Repeat("x", 300) + "'"}},
}

// plainText is a column of the default collation with constants that make a set of an IN list.
var plainText = typed{"sv", "VARCHAR(20)", []string{"'abc'", "'äbc'", "''"}, []string{"'abc'", "'ABC'", "'abc '", "'ab'", "''", "'x'", "'y'", "NULL"}}

// metaScan has a table of all types without secondary indexes. Half of the rows are older than the columns of added.
type metaScan struct {
	*world
	rnd     *rand.Rand
	columns []typed
}

var addedColumns = []struct {
	typed
	initial value.Value
}{
	{typed{"n2", "INT", []string{"1", "2"}, []string{"1", "7", "7.5"}}, value.Int(7)},
	{typed{"m2", "DECIMAL(8,3)", []string{"1.5", "-2.125"}, []string{"1.5", "2", "7.001"}}, value.Decimal(7000, 3)},
	{typed{"e2", "ENUM('p','q')", []string{"'p'"}, []string{"'p'", "'q'"}}, value.Enum(2, "q")},
	{typed{"s2", "VARCHAR(9)", []string{"'new'", "'old '"}, []string{"'old'", "'new'", "'NEW'"}}, value.String("old")},
	{typed{"a2", "DATE", []string{"'2024-01-01'"}, []string{"'2024-01-01'", "'2020-01-01'"}}, value.Null},
}

func newMetaScan(t *testing.T, rnd *rand.Rand) *metaScan {
	m := &metaScan{world: newWorld(t), rnd: rnd}
	m.columns = append(append(m.columns, typedColumns...), scanColumns...)
	decl := "id INT PRIMARY KEY"
	for _, c := range m.columns {
		decl += ", " + c.name + " " + c.decl
	}
	m.do("CREATE TABLE r (" + decl + ")")
	m.fill(0, 150)
	decl = ""
	for _, c := range addedColumns {
		m.columns = append(m.columns, c.typed)
		decl += ", " + c.name + " " + c.decl
	}
	st, err := parse.One("CREATE TABLE r ("+decl[2:]+")", parse.Options{})
	require.NoError(t, err)
	more := testschema.Table(st.AST.(*ast.CreateTable))
	tab := m.db.Catalog().Table("d", "r")
	def := tab.Def().Clone()
	for i, c := range more.Columns {
		c.ID, c.HasDefault, c.Default = def.NextColID, true, addedColumns[i].initial
		def.NextColID++
		def.Columns = append(def.Columns, c)
	}
	require.NoError(t, m.db.Define(context.Background(), engine.DefineOptions{}, func(d *engine.Definer) error {
		_, err := d.AlterTable(tab, def, nil)
		return err
	}))
	m.fill(150, 300)
	return m
}

func (m *metaScan) fill(from, to int) {
	var rows []string
	for id := from; id < to; id++ {
		row := strconv.Itoa(id)
		for _, c := range m.columns {
			v := c.stored[m.rnd.Intn(len(c.stored))]
			if m.rnd.Intn(7) == 0 && !strings.Contains(c.decl, "NOT NULL") {
				v = "NULL"
			}
			row += ", " + v
		}
		rows = append(rows, "("+row+")")
	}
	m.do("INSERT INTO r VALUES " + strings.Join(rows, ","))
}

// condition makes a condition on one column, with literals or with parameters.
func (m *metaScan) condition() (cond string, params []any) {
	c := m.columns[m.rnd.Intn(len(m.columns))]
	if m.rnd.Intn(3) == 0 {
		c = m.columns[len(typedColumns)+m.rnd.Intn(len(m.columns)-len(typedColumns))]
	}
	if m.rnd.Intn(8) == 0 {
		c = plainText
	}
	bind := m.rnd.Intn(3) == 0
	k := func() string {
		s := c.constants[m.rnd.Intn(len(c.constants))]
		if m.rnd.Intn(4) == 0 {
			s = c.stored[m.rnd.Intn(len(c.stored))]
		}
		if !bind {
			return s
		}
		params = append(params, parameter(s))
		return "?"
	}
	list := func(n int) string {
		parts := make([]string, n)
		for i := range parts {
			parts[i] = k()
		}
		return strings.Join(parts, ", ")
	}
	pick := func(l ...string) string { return l[m.rnd.Intn(len(l))] }
	switch m.rnd.Intn(9) {
	case 0:
		return c.name + pick(" BETWEEN ", " NOT BETWEEN ") + k() + " AND " + k(), params
	case 1:
		return c.name + pick(" IN (", " NOT IN (") + list(2+m.rnd.Intn(5)) + ")", params
	case 2:
		return c.name + pick(" LIKE ", " NOT LIKE ") + pick("'abc%'", "'ABC%'", "'%b%'", "'%c'", "'a_c'", "''", "'%'", "'ä%'", "'100\\%'", "'2024-%'", "'long%'", "'n%'"), nil
	case 3:
		return c.name + pick(" IS NULL", " IS NOT NULL"), nil
	case 4:
		return "(" + c.name + " = " + k() + " OR " + c.name + " > " + k() + ")", params
	case 5:
		return k() + pick(" = ", " < ", " >= ", " <> ") + c.name, params
	}
	return c.name + pick(" = ", " <> ", " < ", " <= ", " > ", " >= ", " <=> ") + k(), params
}

// parameter turns a literal into what a program would pass.
func parameter(s string) any {
	if strings.HasPrefix(s, "'") {
		return strings.ReplaceAll(strings.Trim(s, "'"), `\t`, "\t")
	}
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		return n
	}
	if n, err := strconv.ParseUint(s, 10, 64); err == nil {
		return n
	}
	if f, err := strconv.ParseFloat(s, 64); err == nil {
		return f
	}
	return nil
}

// outcome is the rows of a query with its warnings, or its error.
func (m *metaScan) outcome(sql string, params []any) string {
	m.warned = nil
	rows, err := m.rows(sql, params...)
	sort.Strings(rows)
	if err != nil {
		return err.Error()
	}
	return strings.Join(rows, "\n") + "\n-- " + strings.Join(m.warned, "\n-- ")
}

// inOwn runs f in a transaction that has written the table, so that scans go row by row.
func (m *metaScan) inOwn(f func()) {
	ctx := context.Background()
	tx, err := m.db.Begin(ctx, engine.TxOptions{})
	require.NoError(m.t, err)
	tab := m.db.Catalog().Table("d", "r")
	vals := make([]value.Value, len(tab.Def().Columns))
	for i := range vals {
		if tab.Def().Columns[i].NotNull {
			vals[i] = value.ZeroOf(&tab.Def().Columns[i].Type)
		}
	}
	vals[0] = value.Int(-1)
	id, err := tx.Insert(ctx, tab, vals)
	require.NoError(m.t, err)
	require.NoError(m.t, tx.Delete(ctx, tab, id))
	m.tx = tx
	f()
	m.tx = nil
	require.NoError(m.t, tx.Rollback())
}

// TestMetamorphicScans compares what scans of a whole table find and compute from the bytes of rows with what a row by
// row evaluation of the same conditions and aggregates does: in a transaction that has written the table, and under a
// condition that is no longer one on a column. Rows of two layouts, with large values among them, have NULLs and the
// limits of every type. Warnings and errors must be the same.
func TestMetamorphicScans(t *testing.T) {
	rnd, n := randomRun(t, 1200)
	m := newMetaScan(t, rnd)
	for i := range n {
		cond, params := m.condition()
		if i%4 == 0 {
			other, more := m.condition()
			cond, params = cond+" AND "+other, append(params, more...)
		}
		if i%2 == 0 {
			m.sameRows(cond, params)
		} else {
			m.sameSums(cond, params)
		}
	}
}

func (m *metaScan) sameRows(cond string, params []any) {
	c, d := m.columns[m.rnd.Intn(len(m.columns))], m.columns[m.rnd.Intn(len(m.columns))]
	list := "SELECT id, " + c.name + ", " + d.name + " FROM r WHERE "
	got := m.outcome(list+cond, params)
	var want, byRow string
	m.inOwn(func() {
		byRow = m.outcome(list+cond, params)
		want = m.outcome(list+"IF("+cond+", 1, 0) = 1", params)
	})
	m.compare(want, got, cond, list+cond, params)
	m.compare(want, byRow, cond, "row by row: "+list+cond, params)
	m.compare(want, m.outcome(list+"IF("+cond+", 1, 0) = 1", params), cond, "by payload: "+list+cond, params)
}

func (m *metaScan) sameSums(cond string, params []any) {
	aggs := "count(*)"
	for range 3 {
		c := m.columns[m.rnd.Intn(len(m.columns))].name
		f := []string{"count", "sum", "avg", "min", "max"}[m.rnd.Intn(5)]
		aggs += ", " + f + "(" + c + ")"
	}
	list := "SELECT " + aggs + " FROM r WHERE "
	got := m.outcome(list+cond, params)
	// Grouped by what is the same for every row, by the accumulators.
	grouped := "SELECT " + aggs + " FROM r WHERE IF(" + cond + ", 1, 0) = 1 GROUP BY id < -5"
	var want, byRow string
	m.inOwn(func() {
		byRow = m.outcome(list+cond, params)
		want = m.outcome(grouped, params)
	})
	if strings.HasPrefix(want, "\n") { // no row, no group
		none := "0"
		for _, f := range strings.Split(aggs, ", ")[1:] {
			if strings.HasPrefix(f, "count") {
				none += "|0"
			} else {
				none += "|NULL"
			}
		}
		want = none + want
	}
	m.compare(want, got, cond, list+cond, params)
	m.compare(want, byRow, cond, "row by row: "+list+cond, params)
}

// compare requires equal outcomes. The order of several conditions is open: which of them warn or fail, then, too.
func (m *metaScan) compare(want, got, cond, what string, params []any) {
	if strings.Contains(cond, " AND ") && !strings.Contains(cond, "BETWEEN") || strings.Count(cond, " AND ") > 1 {
		if strings.HasPrefix(want, "Error ") || strings.HasPrefix(got, "Error ") {
			return
		}
		want, _, _ = strings.Cut(want, "\n--")
		got, _, _ = strings.Cut(got, "\n--")
	}
	require.Equal(m.t, want, got, "%s %v", what, params)
}
