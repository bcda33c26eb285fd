package conformance

import (
	"fmt"
	"strings"
)

// item makes an expression for a select list: mostly a column. Its literals stay literals, since its type, and with it
// the form of its value, may follow from them.
func (g *generator) item(cols []source) (string, kind) {
	c := pick(g, cols)
	if g.chance(65) {
		return c.text, c.kind
	}
	if g.depth < 2 && g.chance(15) {
		if text, k, ok := g.scalarSubquery(cols); ok {
			return text, k
		}
	}
	if c.kind <= kindDecimal && c.kind != kindUnsigned && g.chance(10) {
		return fmt.Sprintf("SUM(%s) OVER (PARTITION BY %s)", c.text, pick(g, cols).text), kindDecimal
	}
	return g.apply(c, cols)
}

// functions has forms of one argument by kind; the result is of the kind given, and %s is the argument.
var functions = [kinds][]struct {
	form string
	kind kind
}{
	kindInt:      {{"%s + 1", kindInt}, {"%s * 2", kindInt}, {"ABS(%s)", kindInt}, {"%s DIV 3", kindInt}, {"%s %% 3", kindInt}, {"-%s", kindInt}, {"%s + 0.5", kindDecimal}, {"%s IS NULL", kindInt}, {"IF(%[1]s > 1, %[1]s, NULL)", kindInt}, {"CAST(%s AS CHAR)", kindString}},
	kindUnsigned: {{"%s DIV 2", kindUnsigned}, {"%s %% 7", kindUnsigned}, {"IFNULL(%s, 3)", kindUnsigned}, {"CAST(%s AS CHAR)", kindString}},
	kindDecimal:  {{"%s + 1.5", kindDecimal}, {"%s * 1.50", kindDecimal}, {"ROUND(%s, 1)", kindDecimal}, {"-%s", kindDecimal}, {"TRUNCATE(%s, 1)", kindDecimal}, {"CAST(%s AS CHAR)", kindString}},
	kindDouble:   {{"%s + 1", kindDouble}, {"%s * 0.5", kindDouble}, {"ABS(%s)", kindDouble}},
	kindString:   {{"CONCAT(%s, 'z')", kindString}, {"UPPER(%s)", kindString}, {"LENGTH(%s)", kindInt}, {"LEFT(%s, 1)", kindString}, {"REPLACE(%s, 'a', 'bb')", kindString}, {"SUBSTRING(%s, 2)", kindString}, {"CONCAT(%[1]s, %[1]s)", kindString}, {"NULLIF(%s, 'a')", kindString}, {"LPAD(%s, 4, '*')", kindString}, {"ASCII(%s)", kindInt}},
	kindNoCase:   {{"LENGTH(%s)", kindInt}, {"%s = 'A'", kindInt}, {"LOCATE('B', %s)", kindInt}},
	kindDate:     {{"%s + INTERVAL 1 DAY", kindDate}, {"%s - INTERVAL 1 MONTH", kindDate}, {"YEAR(%s)", kindInt}, {"DATEDIFF(%s, '2024-01-01')", kindInt}, {"LAST_DAY(%s)", kindDate}, {"DAYOFWEEK(%s)", kindInt}, {"MONTH(%s)", kindInt}},
}

func (g *generator) apply(c source, cols []source) (string, kind) {
	if g.chance(25) {
		for _, o := range cols {
			if o.kind == c.kind && o.text != c.text {
				return fmt.Sprintf("%s(%s, %s)", pick(g, []string{"COALESCE", "IFNULL", "NULLIF"}), c.text, o.text), c.kind
			}
		}
	}
	f := pick(g, functions[c.kind])
	if strings.Contains(f.form, "%") {
		return fmt.Sprintf(f.form, c.text), f.kind
	}
	return c.text, c.kind
}

// scalarSubquery makes a subquery that yields one value.
func (g *generator) scalarSubquery(cols []source) (string, kind, bool) {
	g.depth++
	defer func() { g.depth-- }()
	g.alias++
	name := fmt.Sprintf("s%d", g.alias)
	t := pick(g, g.tables)
	var own []source
	for _, c := range t.cols {
		own = append(own, source{name + "." + c.name, c.kind})
	}
	c := pick(g, own)
	if c.kind == kindNoCase {
		return "", 0, false
	}
	where := g.predicate(append(append([]source(nil), own...), cols...), 1)
	form, k := "MAX(%s)", c.kind
	if g.chance(30) {
		form, k = "COUNT(%s)", kindInt
	}
	return fmt.Sprintf("(SELECT "+form+" FROM %s %s WHERE %s)", c.text, t.name, name, plainText(where)), k, true
}
