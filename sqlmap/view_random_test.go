package sqlmap_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// viewCase writes one statement twice: with the names of a view, and with what they stand for in its table.
type viewCase struct {
	rnd   *rand.Rand
	where string // the view's condition, over the table's columns
	names [2]*strings.Replacer
}

// The view's columns k, p, s and w are the table's id, a, c and b; q and z are computed. T is the target, and W what has
// to be added to a condition.
func newViewCase(rnd *rand.Rand) *viewCase {
	v := &viewCase{rnd: rnd, where: []string{"1 = 1", "a > 3", "b IS NOT NULL AND c <> 'x'", "a + b < 12", "c LIKE 'y%' OR a = 2"}[rnd.IntN(5)]}
	v.names = [2]*strings.Replacer{
		strings.NewReplacer("{T}", "v", "{k}", "k", "{p}", "p", "{q}", "q", "{s}", "s", "{w}", "w", "{z}", "z", "{W}", "1 = 1"),
		strings.NewReplacer("{T}", "t", "{k}", "t.id", "{p}", "a", "{q}", "(a + b)", "{s}", "c", "{w}", "b", "{z}", "COALESCE(c, 'none')",
			"{W}", "("+v.where+")"),
	}
	return v
}

func (v *viewCase) pick(list ...string) string { return list[v.rnd.IntN(len(list))] }

func (v *viewCase) number() string { return strconv.Itoa(v.rnd.IntN(10)) }

func (v *viewCase) operand() string {
	return v.pick("{p}", "{w}", "{q}", "{k}", v.number(), "NULL", "LENGTH({z})", "(SELECT MAX(n) FROM u WHERE n <= "+v.number()+")")
}

func (v *viewCase) condition() string {
	return v.pick(
		"{k} = "+v.number(), "{k} BETWEEN 2 AND "+v.number(), "{q} > "+v.operand(), "{p} = "+v.operand(), "{s} IN ('x', 'y1', {z})",
		"{k} IN (SELECT n FROM u)", "NOT ({p} < "+v.operand()+")", "EXISTS (SELECT 1 FROM u WHERE n = {p})")
}

func (v *viewCase) assignments() string {
	list := []string{"{p} = " + v.operand(), "{w} = " + v.operand() + " + 1", "{s} = " + v.pick("'x'", "'y1'", "{z}", "CONCAT({z}, {k})", "DEFAULT"), "{p} = {q}"}
	v.rnd.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	return strings.Join(list[:1+v.rnd.IntN(3)], ", ")
}

func (v *viewCase) statement() string {
	columns := "(" + v.pick("{k}, {p}, {s}", "{k}, {p}, {s}", "{k}, {w}, {s}") + ")"
	values := fmt.Sprintf("(%d, %s, %s), (%d, %s, DEFAULT)", v.rnd.IntN(30), v.number(), v.pick("'x'", "'y2'"), v.rnd.IntN(30), v.number())
	switch v.rnd.IntN(8) {
	case 0:
		return v.pick("INSERT INTO", "INSERT IGNORE INTO", "REPLACE INTO") + " {T} " + columns + " VALUES " + values
	case 1:
		return "INSERT INTO {T} " + columns + " VALUES " + values + " ON DUPLICATE KEY UPDATE " + v.pick("{p} = {q} + VALUES({k}), {s} = {z}", "{w} = {p}, {p} = 1")
	case 2:
		return "DELETE FROM {T} WHERE {W} AND " + v.condition() + " ORDER BY {k} LIMIT 2"
	case 3:
		return "DELETE {T} FROM {T} JOIN u ON u.n = {k} WHERE {W} AND " + v.condition()
	case 4:
		return "UPDATE {T} JOIN u ON u.n = {k} SET " + v.assignments() + " WHERE {W} AND " + v.condition()
	case 5:
		return "UPDATE {T} SET " + v.assignments() + " WHERE {W} AND " + v.condition() + " ORDER BY {q} DESC, {k} LIMIT " + v.number()
	}
	return "UPDATE {T} SET " + v.assignments() + " WHERE {W} AND " + v.condition()
}

// fix puts a statement in terms of the view (0) or the table (1). The table's names are not qualified where no others
// are allowed.
func (v *viewCase) fix(which int, text string) string {
	if which == 1 && (strings.HasPrefix(text, "INSERT") || strings.HasPrefix(text, "REPLACE")) {
		at := strings.Index(text, ")")
		text = strings.ReplaceAll(text[:at], "{k}", "id") + text[at:]
	}
	return v.names[which].Replace(text)
}

// What a statement does through a view is what it does to the table with the view's expressions in the place of its
// columns.
func TestRandomWritesThroughViews(t *testing.T) {
	seed, rounds := uint64(time.Now().UnixNano()), 60
	if s := os.Getenv("WORKTABLE_SEED"); s != "" {
		n, err := strconv.ParseUint(s, 10, 64)
		require.NoError(t, err)
		seed = n
	}
	if s := os.Getenv("WORKTABLE_VIEW_ROUNDS"); s != "" {
		n, err := strconv.Atoi(s)
		require.NoError(t, err)
		rounds = n
	}
	t.Logf("WORKTABLE_SEED=%d", seed)
	rnd := rand.New(rand.NewPCG(seed, 1))
	for range rounds {
		randomWrites(t, newViewCase(rnd))
	}
}

func randomWrites(t *testing.T, v *viewCase) {
	var dbs [2]*conn
	for i := range dbs {
		dbs[i] = open(t, "CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT DEFAULT 4, c VARCHAR(20) DEFAULT 'y3', h INT DEFAULT 1, KEY (a))",
			"CREATE TABLE u (n INT PRIMARY KEY)", "INSERT INTO u VALUES (1), (3), (4), (7), (11)",
			"INSERT INTO t (id, a, b, c) VALUES (1, 5, 5, 'x'), (2, 2, NULL, 'y'), (3, NULL, 3, 'y1'), (4, 4, 4, 'z'), (5, 9, 1, NULL), (7, 7, 7, 'y7')")
	}
	view := "SELECT id AS k, a AS p, a + b AS q, c AS s, b AS w, COALESCE(c, 'none') AS z FROM t WHERE " + v.where
	if v.rnd.IntN(2) == 0 {
		dbs[0].exec("CREATE VIEW below AS SELECT id, a, b, c FROM t")
		view = strings.Replace(view, "FROM t", "FROM below", 1)
	}
	option := v.pick("", " WITH CHECK OPTION")
	dbs[0].exec("CREATE VIEW v AS " + view + option)
	dbs[0].exec("CREATE VIEW plain AS SELECT id AS k, a AS p, c AS s, b AS w FROM t WHERE " + v.where + option)
	for range 25 {
		v.write(t, dbs[0], dbs[1], option != "")
	}
}

// write runs a statement through the view and directly, and compares. With a check option the statement fails when it
// leaves a new row that the view does not show.
func (v *viewCase) write(t *testing.T, view, table *conn, checked bool) {
	text := v.statement()
	inserts := strings.HasPrefix(text, "INSERT") || strings.HasPrefix(text, "REPLACE")
	if checked {
		text = strings.Replace(text, " IGNORE", "", 1) // would write some of the rows
	}
	through, direct := v.fix(0, text), v.fix(1, text)
	if inserts { // an insertable view computes nothing
		through = strings.NewReplacer(" v ", " plain ", "= q", "= p + w", "= z", "= COALESCE(s, 'none')").Replace(through)
	}
	hint := through + "\n" + direct + "\nview: " + v.where
	contents := func(c *conn, where string) []string {
		rows, err := c.query("SELECT * FROM t WHERE " + where + " ORDER BY id")
		require.NoError(t, err, hint)
		return rows
	}
	table.exec("BEGIN")
	before := contents(table, "1 = 1")
	a, errA := view.try(through)
	b, errB := table.try(direct)
	violates := slices.ContainsFunc(contents(table, "("+v.where+") IS NOT TRUE"), func(row string) bool { return !slices.Contains(before, row) })
	if checked && (violates || inserts && errA != nil) {
		// The rows of an INSERT are checked one by one, also those that later ones replace.
		if violates {
			requireError(t, 1369, errA, hint)
		}
		table.exec("ROLLBACK")
	} else {
		require.Equal(t, fmt.Sprint(errB), fmt.Sprint(errA), hint)
		require.Equal(t, b.Affected, a.Affected, hint)
		table.exec("COMMIT")
	}
	require.Equal(t, contents(table, "1 = 1"), contents(view, "1 = 1"), hint)
}
