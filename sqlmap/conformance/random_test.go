package conformance

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/value"
)

// TestRandom is described in the package comment.
func TestRandom(t *testing.T) {
	queries := number(t, "WORKTABLE_RANDOM_QUERIES", 400)
	seed := number(t, "WORKTABLE_SEED", int(rand.Uint32()))
	t.Logf("WORKTABLE_SEED=%d WORKTABLE_RANDOM_QUERIES=%d", seed, queries)
	const perRound, maxFailures = 50, 10
	failures := 0
	var counts tally
	defer func() {
		t.Logf("%d queries compared, %d of them errors on all sides, %d skipped", counts.compared, counts.errors, counts.skipped)
	}()
	for round := 0; round*perRound < queries && failures < maxFailures; round++ {
		// A test of its own, so that its databases are checked and closed before the next one.
		t.Run(strconv.Itoa(seed+round), func(t *testing.T) {
			c := newCampaign(t, uint64(seed)+uint64(round))
			for i := 0; i < perRound && !c.failed; i++ {
				c.step()
			}
			if c.failed {
				failures++
			}
			counts.compared += c.tally.compared
			counts.errors += c.tally.errors
			counts.skipped += c.tally.skipped
		})
	}
}

func number(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	require.NoError(t, err, name)
	return n
}

// campaign is one schema with its rows, held twice: with keys and without, and a third time by a server if there is one.
type campaign struct {
	t       *testing.T
	g       *generator
	seed    uint64
	keyed   *sessionSubject
	plain   *sessionSubject
	server  *poolSubject // or nil
	history []string     // what made the rows, to show
	nextID  int
	failed  bool
	tally   tally
}

// tally counts what agree did.
type tally struct{ compared, errors, skipped int }

func newCampaign(t *testing.T, seed uint64) *campaign {
	c := &campaign{t: t, seed: seed, nextID: 1, g: &generator{r: rand.New(rand.NewPCG(seed, 1))}}
	c.keyed, c.plain = &sessionSubject{s: newSession(t)}, &sessionSubject{s: newSession(t)}
	if socket := os.Getenv("WORKTABLE_MARIADB"); socket != "" {
		c.server = openServer(t, socket)
	}
	c.g.schema()
	for _, tab := range c.g.tables {
		c.write(tab.create(true), tab.create(false))
		if rows := c.g.n(20); rows > 0 {
			insert := c.g.insert(tab, c.nextID, rows)
			c.write(insert, insert)
			c.nextID += rows
		}
	}
	return c
}

// write runs a statement that must succeed everywhere and change the same number of rows.
func (c *campaign) write(keyed, plain string) {
	c.t.Helper()
	prepared, args := placeholders(keyed)
	keyed, plain = plainText(keyed), plainText(plain)
	c.history = append(c.history, keyed)
	b := c.plain.run(&statement{text: plain})
	var a *answer
	if len(args) > 0 && c.g.chance(50) {
		a = runPrepared(context.Background(), c.keyed.s, prepared, args, false)
	} else {
		a = c.keyed.run(&statement{text: keyed})
	}
	if a.number != 0 || !a.equal(b, true) {
		c.report("tables with and without keys", keyed, a, b)
	}
	if c.server != nil {
		if s := c.server.run(&statement{text: plain}); !s.equal(b, true) {
			c.report("WorkTable and the server", keyed, b, s)
		}
	}
}

// report fails with what is needed to see the difference again.
func (c *campaign) report(what, query string, a, b *answer) {
	c.t.Helper()
	c.failed = true
	c.t.Errorf("seed %d: %s differ on\n%s;\n--- the first:\n%s\n--- the second:\n%s\n--- after:\n%s;", c.seed, what, query, a.text(false), b.text(false), strings.Join(c.history, ";\n"))
}

// step runs one random check.
func (c *campaign) step() {
	g := c.g
	g.alias, g.depth, g.same = 0, 0, false
	switch n := g.n(20); {
	case n < 3:
		c.change()
	case n < 8:
		c.partition()
	case n < 10:
		c.unoptimised()
	default:
		q := c.query()
		c.agree(q)
	}
}

// query makes a whole query.
func (c *campaign) query() string {
	g := c.g
	q, kinds := g.block()
	switch g.n(8) {
	case 0:
		other, more := g.block()
		if len(kinds) == len(more) && exact(kinds) && fmt.Sprint(kinds) == fmt.Sprint(more) {
			return q + pick(g, []string{" UNION ", " UNION ALL ", " EXCEPT ", " INTERSECT "}) + other
		}
	case 1:
		return "WITH w AS (" + q + ") SELECT COUNT(*), MIN(f0) IS NULL FROM w"
	case 2:
		if exact(kinds[:1]) {
			return "WITH w AS (SELECT DISTINCT f0 FROM (" + q + ") d) SELECT a.f0 FROM w a JOIN w b ON a.f0 = b.f0"
		}
	case 3, 4:
		if exact(kinds) {
			order := make([]string, len(kinds))
			for i := range kinds {
				order[i] = strconv.Itoa(i+1) + pick(g, []string{"", " DESC"})
			}
			q += " ORDER BY " + strings.Join(order, ", ")
			if g.chance(50) {
				q += fmt.Sprintf(" LIMIT %d OFFSET %d", g.n(6), g.n(3))
			}
		}
	}
	return q
}

// exact reports whether equal values of the kinds are the same text.
func exact(kinds []kind) bool {
	for _, k := range kinds {
		if k == kindNoCase {
			return false
		}
	}
	return true
}

// agree compares all the ways to run a query.
func (c *campaign) agree(q string) *answer {
	c.t.Helper()
	ctx := context.Background()
	text := plainText(q)
	s := &statement{text: text, ordered: endsOrdered(text)}
	want := c.plain.run(s)
	if skip(want) {
		c.tally.skipped++
		return want
	}
	c.tally.compared++
	if want.number != 0 {
		c.tally.errors++
	}
	check := func(what string, got *answer) {
		if !skip(got) && !got.equal(want, s.ordered) {
			c.report(what, text, got, want)
		}
	}
	check("tables with and without keys", c.keyed.run(s))
	prepared, args := placeholders(q)
	got := runPrepared(ctx, c.keyed.s, prepared, args, true)
	got.columns = want.columns // labels are source text
	if got.number == 0 {
		check("prepared statement "+prepared+" and text", got)
	} else {
		check("prepared statement "+prepared+" and text", &answer{number: got.number, message: got.message})
	}
	if c.server != nil && !misjudged.MatchString(text) {
		if got := c.server.run(s); !skip(got) && !wrong[got.number] && !got.equal(want, s.ordered) {
			c.report("WorkTable and the server", text, want, got)
		}
	}
	return want
}

// misjudged matches queries that MariaDB 10.11 answers differently from their equivalents (quantified comparisons below
// NOT) or from MySQL (a BIGINT and a computed text compare as integers).
var misjudged = regexp.MustCompile(` (ANY|ALL) \(SELECT| AS CHAR\)`)

// wrong are errors of MariaDB 10.11 about correct queries: it calls qualified columns of merged derived tables ambiguous, and
// mixes up the blocks of aggregates in correlated subqueries.
var wrong = map[int]bool{1052: true, 1140: true}

// skip reports whether an answer says nothing: overflow and data errors depend on which rows an expression is
// evaluated for.
func skip(a *answer) bool {
	switch a.number {
	case 1690, 1242, 1292, 1525:
		return true
	}
	return false
}

// partition checks that the rows where p is true, false and NULL are all rows.
func (c *campaign) partition() {
	g := c.g
	from, cols := g.from()
	p := g.predicate(cols, 2)
	items := make([]string, 1+g.n(3))
	for i := range items {
		items[i] = pick(g, cols).text
	}
	base := "SELECT " + strings.Join(items, ", ") + " FROM " + from
	all := c.agree(base)
	if all.number != 0 {
		return
	}
	sum := &answer{columns: all.columns}
	for _, where := range []string{"(" + p + ")", "NOT (" + p + ")", "(" + p + ") IS NULL"} {
		part := c.agree(base + " WHERE " + where)
		if part.number != 0 {
			return
		}
		sum.rows = append(sum.rows, part.rows...)
	}
	if !sum.equal(all, false) {
		c.report("the rows of a query and those where the condition is true, false and NULL", plainText(base+" WHERE "+p), all, sum)
	}
}

// unoptimised checks that as many rows pass a filter as the filter is true for when it is computed for each.
func (c *campaign) unoptimised() {
	g := c.g
	from, cols := g.from()
	p := g.predicate(cols, 2)
	filtered := c.agree("SELECT COUNT(*) AS n FROM " + from + " WHERE " + p)
	computed := c.agree("SELECT COALESCE(SUM((" + p + ") IS TRUE), 0) AS n FROM " + from)
	if filtered.number == 0 && computed.number == 0 && !filtered.equal(computed, true) {
		c.report("filtering and computing the filter", plainText(from+" WHERE "+p), filtered, computed)
	}
}

// change runs a random INSERT, UPDATE or DELETE.
func (c *campaign) change() {
	g := c.g
	g.same = true
	t := pick(g, g.tables)
	var cols []source
	for _, col := range t.cols {
		cols = append(cols, source{t.name + "." + col.name, col.kind})
	}
	g.depth = 2 // no subqueries: MySQL refuses those that read the table
	var q string
	switch g.n(4) {
	case 0, 1:
		rows := 1 + g.n(5)
		q = g.insert(t, c.nextID, rows)
		c.nextID += rows
	case 2:
		col := pick(g, t.cols[1:])
		q = "UPDATE " + t.name + " SET " + col.name + " = " + g.literal(col.kind) + " WHERE " + g.predicate(cols, 1)
	default:
		q = "DELETE FROM " + t.name + " WHERE " + g.predicate(cols, 1) + " AND " + g.predicate(cols, 0)
	}
	c.undoable(q)
	c.agree("SELECT * FROM " + t.name)
}

// undoable runs a change, sometimes in a transaction that is rolled back at once or up to a savepoint.
func (c *campaign) undoable(q string) {
	switch c.g.n(6) {
	case 0:
		for _, text := range []string{"BEGIN", q, "ROLLBACK"} {
			c.write(text, text)
		}
		return
	case 1:
		for _, text := range []string{"BEGIN", "SAVEPOINT a", q, "ROLLBACK TO a", q, "COMMIT"} {
			c.write(text, text)
		}
		return
	}
	c.write(q, q)
}

// plainText puts the literals in their places.
func plainText(q string) string {
	return strings.NewReplacer("\x01", "", "\x02", "").Replace(q)
}

// placeholders puts a placeholder in the place of each literal and returns their values.
func placeholders(q string) (string, []value.Value) {
	var b strings.Builder
	var args []value.Value
	for {
		before, rest, found := strings.Cut(q, "\x01")
		b.WriteString(before)
		if !found {
			return b.String(), args
		}
		text, after, _ := strings.Cut(rest, "\x02")
		b.WriteByte('?')
		args = append(args, literalValue(text))
		q = after
	}
}

func literalValue(text string) value.Value {
	if s, ok := strings.CutPrefix(text, "'"); ok {
		return value.String(strings.TrimSuffix(s, "'"))
	}
	if strings.Contains(text, "e") {
		f, _ := strconv.ParseFloat(text, 64)
		return value.Float(f)
	}
	if whole, frac, ok := strings.Cut(text, "."); ok {
		n, _ := new(big.Int).SetString(whole+frac, 10)
		return value.DecimalBig(n, uint8(len(frac)))
	}
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return value.Int(n)
	}
	n, _ := strconv.ParseUint(text, 10, 64)
	return value.Uint(n)
}
