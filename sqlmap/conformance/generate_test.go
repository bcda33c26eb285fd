package conformance

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// kind is a class of column types whose values compare without conversion.
type kind uint8

const (
	kindInt kind = iota
	kindUnsigned
	kindDecimal
	kindDouble
	kindString
	kindNoCase
	kindDate
	kinds
)

var typeNames = [kinds]string{"INT", "BIGINT UNSIGNED", "DECIMAL(8,2)", "DOUBLE", "VARCHAR(10)", "VARCHAR(10) COLLATE utf8mb4_general_ci", "DATE"}

// pools holds the values of each kind: few, so that they repeat and match. Doubles are multiples of a quarter, so that
// sums do not depend on the order.
var pools = [kinds][]string{
	{"0", "1", "2", "3", "-1", "5", "10", "2147483647", "-2147483648", "7"},
	{"0", "1", "2", "3", "5", "10", "9223372036854775808", "18446744073709551615"},
	{"0.00", "1.00", "1.50", "2.00", "-1.00", "10.25", "999999.99", "0.01"},
	{"0e0", "1e0", "1.5e0", "-1e0", "2e0", "0.25e0", "1000000e0"},
	{"''", "'a'", "'b'", "'A'", "'ab'", "'abc'", "'1'", "'10'", "'1.5'", "'-1'", "'2'"},
	{"''", "'a'", "'b'", "'A'", "'AB'", "'ab'", "'1'", "'é'", "'E'"},
	{"'2024-01-01'", "'2024-02-29'", "'2023-12-31'", "'2000-01-01'", "'2024-01-02'"},
}

type column struct {
	name string
	kind kind
}

// table is a generated table. Its first column is id, which is unique.
type table struct {
	name string
	cols []column
	keys []string // definitions
}

// source is a column in sight of a query: with the alias of its table.
type source struct {
	text string
	kind kind
}

// generator makes statements. What stands for a literal in their texts becomes either the literal or a placeholder.
type generator struct {
	r      *rand.Rand
	tables []*table
	alias  int
	depth  int
	same   bool // compare values of one kind only
}

func (g *generator) n(n int) int           { return g.r.IntN(n) }
func (g *generator) chance(p int) bool     { return g.r.IntN(100) < p }
func pick[T any](g *generator, l []T) T    { return l[g.n(len(l))] }
func (g *generator) literal(k kind) string { return "\x01" + pick(g, pools[k]) + "\x02" }

// schema makes new tables.
func (g *generator) schema() {
	g.tables = nil
	for i := range 2 + g.n(2) {
		t := &table{name: fmt.Sprintf("t%d", i), cols: []column{{"id", kindInt}}}
		for j := range 2 + g.n(4) {
			t.cols = append(t.cols, column{fmt.Sprintf("c%d", j), kind(g.n(int(kinds)))})
		}
		t.keys = append(t.keys, "PRIMARY KEY (id)")
		for j := range g.n(4) {
			cols := []string{pick(g, t.cols[1:]).name}
			for range g.n(3) {
				c := pick(g, t.cols).name
				if !strings.Contains(strings.Join(cols, ","), c) {
					cols = append(cols, c)
				}
			}
			t.keys = append(t.keys, fmt.Sprintf("KEY k%d (%s)", j, strings.Join(cols, ", ")))
		}
		g.tables = append(g.tables, t)
	}
}

// create returns the definition of a table, with its keys or without.
func (t *table) create(keys bool) string {
	var parts []string
	for i, c := range t.cols {
		def := c.name + " " + typeNames[c.kind]
		if i == 0 {
			def += " NOT NULL"
		}
		parts = append(parts, def)
	}
	if keys {
		parts = append(parts, t.keys...)
	}
	return "CREATE TABLE " + t.name + " (" + strings.Join(parts, ", ") + ")"
}

// insert returns an INSERT of rows with the ids from first on.
func (g *generator) insert(t *table, first, rows int) string {
	var list []string
	for i := range rows {
		vals := []string{fmt.Sprint(first + i)}
		for _, c := range t.cols[1:] {
			if g.chance(20) {
				vals = append(vals, "NULL")
			} else {
				vals = append(vals, g.literal(c.kind))
			}
		}
		list = append(list, "("+strings.Join(vals, ", ")+")")
	}
	return "INSERT INTO " + t.name + " VALUES " + strings.Join(list, ", ")
}

// from makes a FROM clause and returns the columns in sight.
func (g *generator) from() (string, []source) {
	text, cols := g.factor()
	joins := g.n(3)
	if g.depth > 0 || strings.HasPrefix(text, "(") {
		joins = min(joins, 1) // joins of joins grow beyond all use
	}
	for range joins {
		right, more := g.base()
		all := append(append([]source(nil), cols...), more...)
		switch g.n(6) {
		case 0:
			text += ", " + right
			if strings.Contains(text, " JOIN ") {
				text = strings.Replace(text, ", "+right, " CROSS JOIN "+right, 1)
			}
		case 1, 2:
			text += " LEFT JOIN " + right + " ON " + g.on(cols, more, all)
		case 3:
			text += " RIGHT JOIN " + right + " ON " + g.on(cols, more, all)
		default:
			text += " JOIN " + right + " ON " + g.on(cols, more, all)
		}
		cols = all
	}
	return text, cols
}

// on makes a join condition: mostly an equality between the two sides.
func (g *generator) on(l, r, all []source) string {
	a := pick(g, l)
	b := pick(g, r)
	for range 8 {
		if a.kind == b.kind {
			break
		}
		b = pick(g, r)
	}
	if !g.comparable(a.kind, b.kind) {
		return g.predicate(all, 1)
	}
	op := "="
	if g.chance(15) {
		op = pick(g, []string{"<", ">=", "<=>", "<>"})
	}
	cond := a.text + " " + op + " " + b.text
	if g.chance(30) {
		cond += " AND " + g.predicate(all, 0)
	}
	return cond
}

// factor makes one table reference: a table or a query.
func (g *generator) factor() (string, []source) {
	if g.depth >= 2 || !g.chance(30) {
		return g.base()
	}
	g.alias++
	name := fmt.Sprintf("x%d", g.alias)
	g.depth++
	q, kinds := g.block()
	g.depth--
	var cols []source
	for i, k := range kinds {
		cols = append(cols, source{fmt.Sprintf("%s.f%d", name, i), k})
	}
	return "(" + q + ") " + name, cols
}

// base makes a reference to a table.
func (g *generator) base() (string, []source) {
	g.alias++
	name := fmt.Sprintf("x%d", g.alias)
	var cols []source
	t := pick(g, g.tables)
	for _, c := range t.cols {
		cols = append(cols, source{name + "." + c.name, c.kind})
	}
	return t.name + " " + name, cols
}

// block makes a query block whose columns are called f0, f1, …, and returns their kinds.
func (g *generator) block() (string, []kind) {
	from, cols := g.from()
	where := ""
	if g.chance(60) {
		where = " WHERE " + g.predicate(cols, 1)
	}
	var items []string
	var out []kind
	grouped, distinct := g.chance(30), g.chance(20)
	if grouped || distinct {
		// Which of several equal texts stands for its group is open.
		exact := cols[:0:0]
		for _, c := range cols {
			if c.kind != kindNoCase {
				exact = append(exact, c)
			}
		}
		if cols = exact; len(cols) == 0 {
			return g.block()
		}
	}
	if grouped {
		var keys []string
		for i := range 1 + g.n(2) {
			c := pick(g, cols)
			keys = append(keys, c.text)
			items = append(items, fmt.Sprintf("%s AS f%d", c.text, i))
			out = append(out, c.kind)
		}
		agg, k := g.aggregate(cols)
		items = append(items, fmt.Sprintf("%s AS f%d", agg, len(items)))
		out = append(out, k)
		return "SELECT " + strings.Join(items, ", ") + " FROM " + from + where + " GROUP BY " + strings.Join(keys, ", ") + g.having(cols), out
	}
	for i := range 1 + g.n(3) {
		text, k := g.item(cols)
		items = append(items, fmt.Sprintf("%s AS f%d", text, i))
		out = append(out, k)
	}
	word := ""
	if distinct {
		word = "DISTINCT "
	}
	return "SELECT " + word + strings.Join(items, ", ") + " FROM " + from + where, out
}

func (g *generator) having(cols []source) string {
	if g.chance(70) {
		return ""
	}
	return fmt.Sprintf(" HAVING COUNT(*) %s %d", pick(g, []string{">", "<=", "="}), 1+g.n(3))
}

// aggregate makes a call whose result does not depend on the order of the rows.
func (g *generator) aggregate(cols []source) (string, kind) {
	c := pick(g, cols)
	numeric := c.kind == kindInt || c.kind == kindDecimal
	switch {
	case g.chance(25):
		return "COUNT(*)", kindInt
	case g.chance(20):
		return "COUNT(" + c.text + ")", kindInt
	case g.chance(20):
		return "COUNT(DISTINCT " + c.text + ")", kindInt
	case numeric && g.chance(50):
		return "SUM(" + c.text + ")", kindDecimal
	case c.kind != kindNoCase && g.chance(50):
		return "MIN(" + c.text + ")", c.kind
	case c.kind != kindNoCase:
		return "MAX(" + c.text + ")", c.kind
	}
	return "COUNT(*)", kindInt
}
