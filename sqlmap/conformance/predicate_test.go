package conformance

import (
	"fmt"
	"strings"
)

// comparable reports whether values of the kinds are compared at all: always within one kind; dates and other kinds
// never, where a constant that is no date is an error in one server and a warning in the other.
func (g *generator) comparable(a, b kind) bool {
	if a == b {
		return true
	}
	if g.same || a == kindDate || b == kindDate {
		return false
	}
	return a < kindString || b < kindString // two collations do not mix
}

// operand makes something to compare with a value of kind k.
func (g *generator) operand(cols []source, k kind) string {
	if g.chance(40) {
		c := pick(g, cols)
		for range 6 {
			if c.kind == k {
				return c.text
			}
			c = pick(g, cols)
		}
		if g.comparable(c.kind, k) && g.chance(50) {
			return c.text
		}
	}
	if !g.same && k != kindDate && g.chance(25) {
		o := kind(g.n(int(kindNoCase)))
		if g.comparable(o, k) {
			return g.literal(o)
		}
	}
	if g.chance(4) {
		return "NULL"
	}
	return g.literal(k)
}

// predicate makes a condition over the columns; deep says how many levels of AND, OR and NOT it may have.
func (g *generator) predicate(cols []source, deep int) string {
	if deep > 0 && g.chance(50) {
		a, b := g.predicate(cols, deep-1), g.predicate(cols, deep-1)
		switch g.n(7) {
		case 0:
			return "NOT (" + a + ")"
		case 1, 2, 3:
			return "(" + a + " AND " + b + ")"
		case 4, 5:
			return "(" + a + " OR " + b + ")"
		}
		return "(" + a + " XOR " + b + ")"
	}
	c := pick(g, cols)
	switch g.n(14) {
	case 0:
		return c.text + " IS NULL"
	case 1:
		return c.text + " IS NOT NULL"
	case 2:
		return fmt.Sprintf("%s BETWEEN %s AND %s", c.text, g.operand(cols, c.kind), g.operand(cols, c.kind))
	case 3:
		return c.text + g.not() + " IN (" + g.list(c.kind) + ")"
	case 4:
		if c.kind == kindString {
			return c.text + g.not() + " LIKE " + pick(g, []string{"'a%'", "'%b'", "'_'", "'1%'", "'%'", "''"})
		}
	case 5:
		if g.depth < 2 {
			return g.subquery(cols)
		}
	case 6:
		return fmt.Sprintf("COALESCE(%s, %s) %s %s", c.text, g.literal(c.kind), g.compareOp(), g.operand(cols, c.kind))
	case 7:
		return fmt.Sprintf("CASE WHEN %s THEN %s ELSE %s END", g.leaf(cols), g.leaf(cols), g.leaf(cols))
	case 8:
		return fmt.Sprintf("(%s) IS %s", g.leaf(cols), pick(g, []string{"TRUE", "NOT TRUE", "FALSE", "NOT FALSE", "NULL"}))
	}
	return g.compare(cols, c)
}

func (g *generator) leaf(cols []source) string { return g.compare(cols, pick(g, cols)) }

func (g *generator) compare(cols []source, c source) string {
	if g.chance(15) {
		return g.operand(cols, c.kind) + " " + g.compareOp() + " " + c.text
	}
	return c.text + " " + g.compareOp() + " " + g.operand(cols, c.kind)
}

func (g *generator) compareOp() string {
	return pick(g, []string{"=", "=", "=", "<", "<=", ">", ">=", "<>", "<=>"})
}

func (g *generator) not() string {
	if g.chance(30) {
		return " NOT"
	}
	return ""
}

func (g *generator) list(k kind) string {
	var items []string
	for range 1 + g.n(4) {
		items = append(items, g.literal(k))
	}
	if g.chance(10) {
		items = append(items, "NULL")
	}
	return strings.Join(items, ", ")
}

// subquery makes a condition with a subquery that may read the columns around it.
func (g *generator) subquery(cols []source) string {
	g.depth++
	defer func() { g.depth-- }()
	g.alias++
	name := fmt.Sprintf("s%d", g.alias)
	t := pick(g, g.tables)
	var own []source
	for _, c := range t.cols {
		own = append(own, source{name + "." + c.name, c.kind})
	}
	sight := own
	if g.chance(60) {
		sight = append(append([]source(nil), own...), cols...)
	}
	where := ""
	if g.chance(80) {
		where = " WHERE " + g.predicate(sight, 1)
	}
	body := " FROM " + t.name + " " + name + where
	c := pick(g, own)
	left := pick(g, cols)
	for range 12 {
		if left.kind == c.kind {
			break
		}
		left, c = pick(g, cols), pick(g, own)
	}
	switch choice := g.n(6); {
	case choice < 2 || !g.comparable(left.kind, c.kind):
		return pick(g, []string{"", "NOT "}) + "EXISTS (SELECT 1" + body + ")"
	case choice == 2:
		return fmt.Sprintf("%s %s %s (SELECT %s%s)", left.text, pick(g, []string{"=", "<>", "<", ">=", ">"}), pick(g, []string{"ANY", "ALL"}), c.text, body)
	case choice == 3 && c.kind != kindNoCase:
		return fmt.Sprintf("%s %s (SELECT %s(%s)%s)", left.text, g.compareOp(), pick(g, []string{"MIN", "MAX"}), c.text, body)
	}
	return left.text + g.not() + " IN (SELECT " + c.text + body + ")"
}
