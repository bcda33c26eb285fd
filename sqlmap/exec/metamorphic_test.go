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

// randomRun returns the numbers of a random test and its length, n unless the environment says otherwise.
func randomRun(t *testing.T, n int) (*rand.Rand, int) {
	seed := time.Now().UnixNano()
	if s := os.Getenv("WORKTABLE_SEED"); s != "" {
		var err error
		seed, err = strconv.ParseInt(s, 10, 64)
		require.NoError(t, err)
	}
	if s := os.Getenv("WORKTABLE_QUERIES"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		require.NoError(t, err)
	}
	t.Logf("WORKTABLE_SEED=%d", seed)
	return rand.New(rand.NewSource(seed)), n
}

// TestMetamorphic runs random queries under different plans: with and without indexes, with and without rules, each
// rule missing in turn. The rows must be the same. WHERE is checked by partition: the rows for which a condition is
// true, false and unknown together are all rows.
//
// WORKTABLE_SEED repeats a run, WORKTABLE_QUERIES sets its length.
func TestMetamorphic(t *testing.T) {
	rnd, n := randomRun(t, 800)
	g := &queryGen{rnd: rnd, tables: metaTables}
	w := g.world(t)
	for i := range n {
		if i%2 == 0 {
			g.comparePlans(w)
		} else {
			g.partition(w)
		}
		if t.Failed() {
			return
		}
	}
}

// metaTables are the tables of the random queries: each has an id, small integers, strings and decimals with NULLs.
var metaTables = map[string][]string{
	"t1": {"id", "a", "b", "s", "d"},
	"t2": {"id", "a", "b", "s"},
	"t3": {"id", "a", "c"},
}

type queryGen struct {
	rnd    *rand.Rand
	tables map[string][]string
	// from is the aliases in sight with their tables.
	from  []aliased
	depth int
}

type aliased struct{ alias, table string }

func (g *queryGen) world(t *testing.T) *world {
	w := newWorld(t)
	w.do(`
		CREATE TABLE t1 (id INT PRIMARY KEY, a INT, b INT NOT NULL, s VARCHAR(10), d DECIMAL(6,2), KEY a (a), KEY bs (b, s DESC), KEY d (d), KEY s (s(2)));
		CREATE TABLE t2 (id INT, a INT, b BIGINT UNSIGNED NOT NULL, s VARCHAR(10), UNIQUE KEY u (id), KEY ab (a, b), KEY s (s));
		CREATE TABLE t3 (id BIGINT, a INT, c DOUBLE, PRIMARY KEY (id, a), KEY c (c));
	`)
	for name, rows := range map[string]int{"t1": 120, "t2": 60, "t3": 40} {
		var sb strings.Builder
		for i := range rows {
			if i > 0 {
				sb.WriteByte(',')
			}
			sb.WriteString(g.row(name, i))
		}
		w.do("INSERT INTO " + name + " VALUES " + sb.String())
	}
	return w
}

func (g *queryGen) row(table string, i int) string {
	null := func(s string) string {
		if g.rnd.Intn(6) == 0 {
			return "NULL"
		}
		return s
	}
	n := func(m int) string { return strconv.Itoa(g.rnd.Intn(m)) }
	switch table {
	case "t1":
		return fmt.Sprintf("(%d,%s,%s,%s,%s)", i, null(n(12)), n(6), null(g.str()), null(fmt.Sprintf("%d.%d", g.rnd.Intn(9), 25*g.rnd.Intn(4))))
	case "t2":
		id := strconv.Itoa(i * 2)
		if i%7 == 0 {
			id = "NULL"
		}
		return fmt.Sprintf("(%s,%s,%s,%s)", id, null(n(12)), n(6), null(g.str()))
	}
	return fmt.Sprintf("(%d,%d,%s)", i/2, i%2, null(fmt.Sprintf("%d.5", g.rnd.Intn(10))))
}

func (g *queryGen) str() string {
	return "'" + []string{"a", "ab", "abc", "b", "ba", "c", "", "10", "5x"}[g.rnd.Intn(9)] + "'"
}

func (g *queryGen) pick(list ...string) string { return list[g.rnd.Intn(len(list))] }

// column returns a qualified column of a table in sight.
func (g *queryGen) column() string {
	f := g.from[g.rnd.Intn(len(g.from))]
	cols := g.tables[f.table]
	return f.alias + "." + cols[g.rnd.Intn(len(cols))]
}

func (g *queryGen) constant() string {
	switch g.rnd.Intn(8) {
	case 0:
		return g.str()
	case 1:
		return fmt.Sprintf("%d.5", g.rnd.Intn(8))
	case 2:
		return g.pick("NULL", "-1", "2.25", "0", "1e1")
	}
	return strconv.Itoa(g.rnd.Intn(12))
}

func (g *queryGen) operand() string {
	if g.rnd.Intn(3) == 0 {
		return g.constant()
	}
	return g.column()
}

func (g *queryGen) condition() string {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth < 4 {
		switch g.rnd.Intn(8) {
		case 0:
			return "(" + g.condition() + " OR " + g.condition() + ")"
		case 1:
			return "(" + g.condition() + " AND " + g.condition() + ")"
		case 2:
			return "NOT (" + g.condition() + ")"
		case 3:
			if g.depth < 3 {
				return g.subqueryCondition()
			}
		}
	}
	switch g.rnd.Intn(8) {
	case 0:
		return g.column() + g.pick(" IS NULL", " IS NOT NULL")
	case 1:
		return g.column() + g.pick(" BETWEEN ", " NOT BETWEEN ") + g.operand() + " AND " + g.operand()
	case 2:
		return g.column() + g.pick(" IN (", " NOT IN (") + g.constant() + ", " + g.constant() + ", " + g.operand() + ")"
	case 3:
		for _, f := range g.from {
			if f.table != "t3" {
				return f.alias + ".s" + g.pick(" LIKE ", " NOT LIKE ") + g.pick("'a%'", "'ab_'", "'%b%'", "'a'", "'_'")
			}
		}
	case 4:
		return g.column() + g.pick(" = ", " <=> ") + g.column()
	}
	return g.column() + g.pick(" = ", " = ", " < ", " <= ", " > ", " >= ", " <> ", " <=> ") + g.operand()
}

// subqueryCondition makes a condition with a subquery, maybe correlated.
func (g *queryGen) subqueryCondition() string {
	outer := g.from
	alias := fmt.Sprintf("q%d", g.rnd.Intn(1000))
	table := g.pick("t1", "t2", "t3")
	left := g.column()
	inner := []aliased{{alias, table}}
	g.from = inner
	col := g.column()
	if g.rnd.Intn(2) == 0 {
		g.from = append(append([]aliased(nil), outer...), inner...)
	}
	where := g.condition()
	g.from = outer
	switch g.rnd.Intn(6) {
	case 0:
		return g.pick("EXISTS", "NOT EXISTS") + " (SELECT 1 FROM " + table + " " + alias + " WHERE " + where + ")"
	case 1:
		return left + " = (SELECT max(" + col + ") FROM " + table + " " + alias + " WHERE " + where + ")"
	case 2:
		return left + g.pick(" > ANY", " <= ALL", " = ANY") + " (SELECT " + col + " FROM " + table + " " + alias + " WHERE " + where + ")"
	}
	return left + g.pick(" IN", " IN", " NOT IN") + " (SELECT " + col + " FROM " + table + " " + alias + " WHERE " + where + ")"
}

// fromClause makes a FROM clause and fills in g.from.
func (g *queryGen) fromClause() string {
	g.from = nil
	var sb strings.Builder
	n := 1 + g.rnd.Intn(3)
	for i := range n {
		table := g.pick("t1", "t2", "t3")
		alias := string(rune('x' + i))
		ref := table + " " + alias
		switch g.rnd.Intn(8) {
		case 0:
			saved := g.from
			g.from = []aliased{{"d", table}}
			ref = "(SELECT * FROM " + table + " d WHERE " + g.condition() + ") " + alias
			g.from = saved
		case 1:
			ref = "(SELECT DISTINCT * FROM " + table + ") " + alias
		}
		before := len(g.from)
		if i == 0 {
			sb.WriteString(ref)
		}
		g.from = append(g.from, aliased{alias, table})
		if i == 0 {
			continue
		}
		left := g.from[g.rnd.Intn(before)]
		on := fmt.Sprintf("%s.%s = %s.%s", left.alias, g.pick("id", "a"), alias, g.pick("id", "a"))
		if g.rnd.Intn(4) == 0 {
			on += " AND " + g.condition()
		}
		switch g.rnd.Intn(6) {
		case 0:
			sb.WriteString(" LEFT JOIN " + ref + " ON " + on)
		case 1:
			sb.WriteString(" RIGHT JOIN " + ref + " ON " + on)
		case 2:
			sb.WriteString(" STRAIGHT_JOIN " + ref + " ON " + on)
		default:
			sb.WriteString(" JOIN " + ref + " ON " + on)
		}
	}
	return sb.String()
}

// query makes a random query whose rows do not depend on an order that it leaves open.
func (g *queryGen) query() string {
	from := g.fromClause()
	where := ""
	if g.rnd.Intn(5) > 0 {
		where = " WHERE " + g.condition()
	}
	cols := make([]string, 1+g.rnd.Intn(3))
	for i := range cols {
		cols[i] = g.column()
	}
	list := strings.Join(cols, ", ")
	if g.rnd.Intn(2) == 0 {
		return g.bigQuery(from, where, cols)
	}
	switch g.rnd.Intn(7) {
	case 0:
		return "SELECT count(*), min(" + cols[0] + "), max(" + cols[0] + "), count(DISTINCT " + cols[0] + ") FROM " + from + where
	case 1:
		return "SELECT " + list + ", count(*) FROM " + from + where + " GROUP BY " + list + g.pick("", " HAVING count(*) > 1", " ORDER BY "+list)
	case 2:
		return "SELECT DISTINCT " + list + " FROM " + from + where
	case 3:
		return "SELECT " + list + " FROM " + from + where + " UNION " + g.pick("", "ALL ") + "SELECT " + list + " FROM " + from + " WHERE " + g.condition()
	case 4:
		return "SELECT DISTINCT " + list + " FROM " + from + where + " ORDER BY " + g.directed(cols) + fmt.Sprintf(" LIMIT %d OFFSET %d", g.rnd.Intn(8), g.rnd.Intn(3))
	case 5:
		return "SELECT * FROM (SELECT " + cols[0] + " AS k, count(*) AS n FROM " + from + where + " GROUP BY " + cols[0] + ") g WHERE g.k " + g.pick("> 3", "IS NOT NULL", "= 5", "< g.n")
	}
	return "SELECT " + list + " FROM " + from + where + " ORDER BY " + g.directed(cols)
}

// bigQuery wraps the parts of a query in the larger forms.
func (g *queryGen) bigQuery(from, where string, cols []string) string {
	list := strings.Join(cols, ", ")
	first := g.from[0].alias
	switch g.rnd.Intn(8) {
	case 0:
		return "WITH c AS (SELECT " + cols[0] + " AS k, " + first + ".id AS i FROM " + from + where + ") SELECT count(*), max(p.i) FROM c p " +
			g.pick("JOIN", "LEFT JOIN") + " c q ON p.k = q.k AND p.i <> q.i"
	case 1:
		return "SELECT " + list + ", rank() OVER (PARTITION BY " + cols[0] + " ORDER BY " + first + ".id), count(*) OVER () FROM " + from + where
	case 2:
		return "SELECT " + first + ".id, h.n FROM " + from + " " + g.pick("JOIN", "LEFT JOIN") +
			" (SELECT a AS k, count(*) AS n FROM " + g.pick("t1", "t2", "t3") + " GROUP BY a) h ON h.k = " + cols[0] + where
	case 3:
		table := g.pick("t1", "t2", "t3")
		outer := g.from
		g.from = append(append([]aliased(nil), outer...), aliased{"l", table})
		inner := g.condition()
		g.from = outer
		return "SELECT " + list + ", m.v FROM " + from + g.pick(", ", " JOIN ", " CROSS JOIN ") +
			"LATERAL (SELECT max(l.a) AS v FROM " + table + " l WHERE " + inner + ") m" + where
	case 4:
		return "SELECT " + first + ".a % 3 AS m, sum(" + first + ".id) AS s FROM " + from + where + " GROUP BY m HAVING " +
			g.pick("m IS NOT NULL", "s > 40", "m = 1 OR s IS NULL", "count(*) > (SELECT 2)")
	case 5:
		table := g.pick("t1", "t2", "t3")
		outer := g.from
		g.from = append(append([]aliased(nil), outer...), aliased{"l", table})
		inner := g.condition()
		g.from = outer
		return "SELECT " + list + ", (SELECT count(*) FROM " + table + " l WHERE " + inner + ") FROM " + from + where
	case 6:
		return "SELECT " + list + " FROM " + from + where + g.pick(" EXCEPT ", " INTERSECT ", " EXCEPT ALL ", " INTERSECT ALL ") +
			"SELECT " + list + " FROM " + from + " WHERE " + g.condition()
	}
	return "SELECT " + cols[0] + ", grouping(" + cols[0] + "), count(*), sum(" + first + ".id) FROM " + from + where + " GROUP BY " + cols[0] + " WITH ROLLUP"
}

func (g *queryGen) directed(cols []string) string {
	out := make([]string, len(cols))
	for i, c := range cols {
		out[i] = c + g.pick("", " DESC")
	}
	return strings.Join(out, ", ")
}

func (g *queryGen) comparePlans(w *world) {
	sql := g.query()
	rules := plan.Rules()
	variants := []plan.Options{
		{}, {DisableIndexes: true}, {DisableRules: true},
		{Disable: map[string]bool{rules[g.rnd.Intn(len(rules)-3)]: true}},
	}
	var first []string
	for i, o := range variants {
		delete(o.Disable, "prune_columns")
		delete(o.Disable, "inline_ctes")
		w.options = o
		got, err := w.rows(sql)
		require.NoError(w.t, err, "%s\n%+v", sql, o)
		if !strings.Contains(sql, "ORDER BY") || strings.Contains(sql, "UNION") {
			sort.Strings(got)
		} else if !strings.Contains(sql, "LIMIT") {
			sort.Strings(got)
		}
		if i == 0 {
			first = got
			continue
		}
		if !equalStrings(first, got) {
			a, b := "", ""
			w.options = plan.Options{}
			a = w.explain(sql)
			w.options = o
			b = w.explain(sql)
			require.Equal(w.t, first, got, "%s\n%+v\n%s\n%s", sql, o, a, b)
		}
	}
	w.options = plan.Options{}
}

func (g *queryGen) partition(w *world) {
	from := g.fromClause()
	cond := g.condition()
	list := g.column() + ", " + g.column()
	base := "SELECT " + list + " FROM " + from
	want, err := w.rows(base)
	require.NoError(w.t, err, base)
	var got []string
	for _, p := range []string{"(" + cond + ")", "NOT (" + cond + ")", "(" + cond + ") IS NULL"} {
		part, err := w.rows(base + " WHERE " + p)
		require.NoError(w.t, err, base+" WHERE "+p)
		got = append(got, part...)
	}
	sort.Strings(want)
	sort.Strings(got)
	if !equalStrings(want, got) {
		text := ""
		for _, p := range []string{"(" + cond + ")", "NOT (" + cond + ")", "(" + cond + ") IS NULL"} {
			text += w.explain(base + " WHERE " + p)
		}
		require.Equal(w.t, want, got, "%s\n%s\n%s", base, cond, text)
	}
}
