package exec_test

import (
	"fmt"
	"math/rand"
	"os"
	"sort"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/sqlmap/plan"
)

// typed is a kind of column of the random queries: how it is declared, and the constants it is compared with.
type typed struct {
	name, decl string
	stored     []string // what rows hold
	constants  []string // what conditions say
}

var typedColumns = []typed{
	{"ti", "TINYINT", []string{"-128", "-1", "0", "1", "5", "127"}, []string{"-129", "-1", "0.5", "1", "5e0", "127", "200", "'5'", "' 1'", "NULL"}},
	{"ub", "BIGINT UNSIGNED", []string{"0", "1", "9223372036854775808", "18446744073709551615"}, []string{"-1", "0", "1.5", "9223372036854775808", "18446744073709551615", "18446744073709551616", "1e19", "'1'"}},
	{"de", "DECIMAL(5,2)", []string{"-1.50", "0.00", "1.25", "999.99"}, []string{"-1.5", "0", "1.249", "1.25", "1.251", "1000", "'1.25'", "1e0", "NULL"}},
	{"do", "DOUBLE", []string{"-0.5", "0", "0.1", "1e10"}, []string{"-0.5", "0.1", "1e-1", "'0.1'", "10000000000", "NULL"}},
	{"fl", "FLOAT", []string{"0.1", "0.5", "-2"}, []string{"0.1", "0.5", "-2", "'0.5'"}},
	{"ci", "VARCHAR(10) COLLATE utf8mb4_general_ci", []string{"'a'", "'A'", "'a '", "'ab'", "'AB'", "'é'", "''"}, []string{"'a'", "'A '", "'aB'", "'e'", "''", "0", "NULL"}},
	{"ai", "VARCHAR(10) COLLATE utf8mb4_0900_ai_ci", []string{"'a'", "'A'", "'a '", "'ab'", "'é'", "'E'"}, []string{"'a'", "'A '", "'e'", "'É'", "'AB'"}},
	{"pb", "CHAR(4) COLLATE utf8mb4_bin", []string{"'a'", "'A'", "'ab'", "''", "'10'"}, []string{"'a'", "'a  '", "'ab'", "10", "''"}},
	{"vb", "VARBINARY(6)", []string{"'a'", "'A'", "'a '", "''", "'~'"}, []string{"'a'", "'a '", "x'61'", "''", "'z'"}},
	{"da", "DATE", []string{"'2024-01-31'", "'2024-02-01'", "'1999-12-31'"}, []string{"'2024-01-31'", "'2024-02-01 00:00:00'", "'2024-01-31 12:00:00'", "20240201", "DATE '1999-12-31'", "NULL"}},
	{"dt", "DATETIME(2)", []string{"'2024-01-31 00:00:00'", "'2024-01-31 12:30:00.25'", "'1999-12-31 23:59:59.99'"}, []string{"'2024-01-31'", "'2024-01-31 12:30:00.25'", "'2024-01-31 12:30:00.255'", "'2024-01-31T12:30:00'", "TIMESTAMP '1999-12-31 23:59:59.99'"}},
	{"ts", "TIMESTAMP", []string{"'2024-01-31 00:00:00'", "'2024-01-31 12:30:00'", "'2001-07-01 00:00:00'"}, []string{"'2024-01-31'", "'2024-01-31 03:00:00'", "'2024-01-31 15:30:00'", "'2001-07-01 00:00:00'", "'2030-01-01'"}},
	{"tm", "TIME", []string{"'-01:00:00'", "'00:00:00'", "'12:30:00'", "'100:00:00'"}, []string{"'12:30'", "'00:00:00'", "123000", "'-1:0:0'", "'99:59:59.5'"}},
	{"yr", "YEAR", []string{"1999", "2024", "0"}, []string{"1999", "2024", "'2024'", "99"}},
	{"en", "ENUM('z','b','a')", []string{"'z'", "'b'", "'a'"}, []string{"'a'", "'b'", "'c'", "2", "0", "NULL"}},
	{"se", "SET('x','y')", []string{"''", "'x'", "'x,y'"}, []string{"'x'", "'x,y'", "3", "''"}},
	{"bi", "BIT(8)", []string{"0", "1", "255"}, []string{"0", "1", "b'11111111'", "255", "256"}},
}

// TestMetamorphicTypes compares indexed columns of every type with constants that fit, nearly fit and do not fit,
// with and without indexes, in sessions east of UTC.
func TestMetamorphicTypes(t *testing.T) {
	seed := time.Now().UnixNano()
	if s := os.Getenv("WORKTABLE_SEED"); s != "" {
		var err error
		seed, err = strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("WORKTABLE_SEED=%d", seed)
	rnd := rand.New(rand.NewSource(seed))
	w := newWorld(t)
	w.session.TimeZone = time.FixedZone("+03:00", 3*3600)
	for _, c := range typedColumns {
		w.do(fmt.Sprintf("CREATE TABLE %s (id INT PRIMARY KEY, v %s, n INT, KEY v (v, n))", c.name, c.decl))
		w.do(fmt.Sprintf("CREATE TABLE %s_desc (id INT PRIMARY KEY, v %s, n INT, KEY v (v DESC))", c.name, c.decl))
		var rows []string
		for i := range 40 {
			v := c.stored[rnd.Intn(len(c.stored))]
			if rnd.Intn(7) == 0 {
				v = "NULL"
			}
			rows = append(rows, fmt.Sprintf("(%d, %s, %d)", i, v, rnd.Intn(3)))
		}
		w.do(fmt.Sprintf("INSERT INTO %s VALUES %s", c.name, strings.Join(rows, ",")))
		w.do(fmt.Sprintf("INSERT INTO %s_desc VALUES %s", c.name, strings.Join(rows, ",")))
	}
	for range 60 {
		for _, c := range typedColumns {
			checkTyped(w, rnd, c)
		}
	}
}

func checkTyped(w *world, rnd *rand.Rand, c typed) {
	k := func() string { return c.constants[rnd.Intn(len(c.constants))] }
	table := c.name
	if rnd.Intn(2) == 0 {
		table += "_desc"
	}
	var cond string
	switch rnd.Intn(6) {
	case 0:
		cond = fmt.Sprintf("v BETWEEN %s AND %s", k(), k())
	case 1:
		cond = fmt.Sprintf("v IN (%s, %s, %s)", k(), k(), k())
	case 2:
		cond = fmt.Sprintf("v < %s OR v > %s", k(), k())
	case 3:
		cond = fmt.Sprintf("v = %s AND n > 0", k())
	default:
		cond = fmt.Sprintf("v %s %s", []string{"=", "<", "<=", ">", ">=", "<=>"}[rnd.Intn(6)], k())
	}
	queries := []string{
		"SELECT id, v FROM " + table + " WHERE " + cond,
		"SELECT id, v FROM " + table + " FORCE INDEX (v) WHERE " + cond + " ORDER BY v DESC",
		"SELECT a.id, b.id FROM " + c.name + " a JOIN " + c.name + "_desc b ON a.v = b.v WHERE b." + cond,
		"SELECT v, count(*) FROM " + table + " WHERE " + cond + " GROUP BY v",
		"SELECT id FROM " + table + " WHERE v IN (SELECT v FROM " + c.name + " WHERE " + cond + ")",
		"SELECT d.v FROM (SELECT * FROM " + table + ") d WHERE d." + cond,
	}
	q := queries[rnd.Intn(len(queries))]
	if strings.Contains(cond, "OR") {
		q = queries[rnd.Intn(2)]
	}
	var want []string
	var wantErr string
	for i, o := range []plan.Options{{DisableIndexes: true}, {}, {DisableRules: true}} {
		w.options = o
		got, err := w.rows(q)
		sort.Strings(got)
		text := ""
		if err != nil {
			text = err.Error()
		}
		if i == 0 {
			want, wantErr = got, text
			continue
		}
		require.Equal(w.t, wantErr, text, "%s\n%+v", q, o)
		if !equalStrings(want, got) && !groupsOnly(q) {
			require.Equal(w.t, want, got, "%s\n%+v\n%s", q, o, w.explain(q))
		}
	}
	w.options = plan.Options{}
}

// groupsOnly reports queries whose group keys may be shown by any of several equal strings.
func groupsOnly(q string) bool { return strings.Contains(q, "GROUP BY") }
