package exec_test

import (
	"sort"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/sqlmap/expr"
)

func TestGrouping(t *testing.T) {
	w := shop(t)
	w.query("SELECT city, count(*) FROM customer GROUP BY city WITH ROLLUP", "NULL|1", "oslo|1", "rome|2", "NULL|4")
	w.query("SELECT city, id, count(*) FROM customer WHERE city IS NOT NULL GROUP BY city, id WITH ROLLUP",
		"oslo|2|1", "oslo|NULL|1", "rome|1|1", "rome|4|1", "rome|NULL|2", "NULL|NULL|3")
	w.query("SELECT city, grouping(city), count(*) FROM customer WHERE city IS NOT NULL GROUP BY city WITH ROLLUP",
		"oslo|0|1", "rome|0|2", "NULL|1|3")
	w.query("SELECT city, count(*) c FROM customer GROUP BY city WITH ROLLUP HAVING c > 1 ORDER BY c", "rome|2", "NULL|4")
	w.fails("SELECT name, count(*) FROM customer GROUP BY city", 1055)
	w.fails("SELECT name, count(*) FROM customer", 1140)
	w.set("SELECT c.id, c.name, count(o.id) FROM customer c LEFT JOIN orders o ON o.customer = c.id GROUP BY c.id",
		"1|ann|2", "2|bob|1", "3|cid|0", "4|dan|0")
	w.set("SELECT any_value(name) FROM customer WHERE id = 1 GROUP BY city", "ann")
	w.query("SELECT any_value(name) FROM customer WHERE id < 3 ORDER BY 1", "ann", "bob")
	w.query("SELECT city, sum(id) s FROM customer GROUP BY 1 ORDER BY s DESC, 1", "rome|5", "NULL|3", "oslo|2")
	w.query("SELECT upper(city) u, count(*) FROM customer GROUP BY upper(city) ORDER BY upper(city)", "NULL|1", "OSLO|1", "ROME|2")
	w.query("SELECT count(DISTINCT city), count(city), sum(DISTINCT 1) FROM customer", "2|3|1")
	w.query("SELECT group_concat(name ORDER BY id DESC SEPARATOR '-') FROM customer", "dan-cid-bob-ann")
	w.query("SELECT max(id) - min(id) FROM customer WHERE 1 = 0", "NULL")
	w.query("SELECT count(*) FROM customer WHERE 1 = 0", "0")
	w.query("SELECT count(*) FROM customer WHERE 1 = 0 GROUP BY city")
	w.query("SELECT 1 FROM customer HAVING count(*) > 3", "1")
	w.query("SELECT id FROM customer HAVING id > 3", "4")
	w.fails("SELECT id FROM customer HAVING name = 'x'", 1054)
	w.fails("SELECT id FROM customer WHERE count(*) > 1", 1111)
	w.fails("SELECT sum(count(*)) FROM customer", 1111)
	w.fails("SELECT id FROM customer GROUP BY 2", 1054)
	w.fails("SELECT count(*) FROM customer GROUP BY 1", 1056)
	w.query("SELECT (SELECT sum(c.id)) FROM customer c", "10")
	w.query("SELECT city FROM customer GROUP BY city ORDER BY count(*) DESC, city LIMIT 1", "rome")
	w.query("SELECT city AS x, count(*) FROM customer GROUP BY x HAVING x = 'rome'", "rome|2")
	w.query("SELECT id % 2 AS odd, count(*) FROM customer GROUP BY odd ORDER BY odd", "0|2", "1|2")
	w.query("SELECT DISTINCT id % 2 FROM customer ORDER BY id % 2", "0", "1")
	w.fails("SELECT DISTINCT city FROM customer ORDER BY name", 3065)
}

func TestSetOperations(t *testing.T) {
	w := shop(t)
	w.set("SELECT id FROM customer WHERE id < 3 UNION SELECT id FROM customer WHERE id < 4", "1", "2", "3")
	w.query("SELECT id FROM customer WHERE id < 3 UNION ALL SELECT id FROM customer WHERE id < 3 ORDER BY id", "1", "1", "2", "2")
	w.query("(SELECT id FROM customer ORDER BY id DESC LIMIT 1) UNION ALL (SELECT id FROM customer ORDER BY id LIMIT 2) LIMIT 2", "4", "1")
	w.query("SELECT 1 a UNION SELECT 'x' ORDER BY a", "1", "x")
	w.query("SELECT 1 UNION SELECT 2.5 UNION SELECT NULL ORDER BY 1", "NULL", "1.0", "2.5")
	w.set("SELECT id FROM customer EXCEPT SELECT customer FROM orders", "3", "4")
	w.set("SELECT id FROM customer INTERSECT SELECT customer FROM orders", "1", "2")
	w.set("SELECT customer FROM orders INTERSECT ALL SELECT 1 UNION ALL SELECT 1", "1", "1")
	w.fails("SELECT 1, 2 UNION SELECT 1", 1222)
	w.query("VALUES ROW(1,'a'), ROW(2,'b') ORDER BY column_0 DESC", "2|b", "1|a")
	w.query("SELECT * FROM (VALUES ROW(1,2), ROW(3,4)) v(x, y) WHERE y > 2", "3|4")
	w.query("TABLE customer ORDER BY id LIMIT 1", "1|ann|rome")
	w.query("SELECT x FROM (SELECT 1 x UNION ALL SELECT 2 UNION ALL SELECT 3) d WHERE x > 1 ORDER BY x DESC", "3", "2")
	w.query("(SELECT 1) UNION (SELECT 2) ORDER BY 1 LIMIT 1 OFFSET 1", "2")
}

func TestJoinForms(t *testing.T) {
	w := newWorld(t)
	w.do(`
		CREATE TABLE a (id INT, x INT); CREATE TABLE b (id INT, y INT); CREATE TABLE c (id INT, z INT);
		INSERT INTO a VALUES (1,10),(2,20),(3,30); INSERT INTO b VALUES (1,100),(2,200),(4,400);
		INSERT INTO c VALUES (1,1000),(3,3000);
	`)
	w.set("SELECT * FROM a JOIN b USING (id)", "1|10|100", "2|20|200")
	w.set("SELECT * FROM a NATURAL JOIN b", "1|10|100", "2|20|200")
	w.set("SELECT * FROM a NATURAL LEFT JOIN b", "1|10|100", "2|20|200", "3|30|NULL")
	w.set("SELECT * FROM a NATURAL RIGHT JOIN b", "1|100|10", "2|200|20", "4|400|NULL")
	w.set("SELECT a.id, b.id, id FROM a RIGHT JOIN b USING (id)", "1|1|1", "2|2|2", "NULL|4|4")
	w.set("SELECT * FROM a LEFT JOIN (b JOIN c ON b.id = c.id) ON a.id = b.id", "1|10|1|100|1|1000", "2|20|NULL|NULL|NULL|NULL", "3|30|NULL|NULL|NULL|NULL")
	w.set("SELECT * FROM a LEFT JOIN b USING (id) LEFT JOIN c USING (id)", "1|10|100|1000", "2|20|200|NULL", "3|30|NULL|3000")
	w.set("SELECT a.x, c.z FROM a LEFT JOIN b ON a.id = b.id LEFT JOIN c ON c.id = a.id WHERE b.y IS NULL", "30|3000")
	w.set("SELECT a.x FROM a LEFT JOIN b ON a.id = b.id WHERE b.y > 100", "20")
	w.set("SELECT a.x FROM a LEFT JOIN b ON a.id = b.id AND a.x > 10", "10", "20", "30")
	w.set("SELECT a.x, b.y FROM a LEFT JOIN b ON a.id = b.id AND b.y > 100", "10|NULL", "20|200", "30|NULL")
	w.set("SELECT a.id FROM a STRAIGHT_JOIN b ON a.id = b.id", "1", "2")
	w.set("SELECT STRAIGHT_JOIN a.id FROM a, b, c WHERE a.id = b.id AND c.id = a.id", "1")
	w.set("SELECT a.id, d.m FROM a, LATERAL (SELECT max(y) m FROM b WHERE b.id <= a.id) d", "1|100", "2|200", "3|200")
	w.set("SELECT a.id, d.y FROM a LEFT JOIN LATERAL (SELECT y FROM b WHERE b.id = a.id) d ON TRUE", "1|100", "2|200", "3|NULL")
	w.set("SELECT a.id FROM a JOIN b ON a.id <=> b.id", "1", "2")
	w.set("SELECT a.id, b.id FROM a JOIN b ON a.id < b.id", "1|2", "1|4", "2|4", "3|4")
	w.fails("SELECT id FROM a, b", 1052)
	w.fails("SELECT a.nope FROM a", 1054)
	w.fails("SELECT nope.id FROM a", 1054)
	w.fails("SELECT b.* FROM a", 1051)
	w.fails("SELECT * FROM a, a", 1066)
	w.fails("SELECT * FROM nope", 1146)
	w.fails("SELECT * FROM nope.a", 1049)
	w.fails("SELECT * FROM (SELECT 1)", 1248)
	w.fails("SELECT *", 1096)
	w.set("SELECT t1.id FROM a t1, a t2 WHERE t1.id = t2.id AND t2.x = 20", "2")
	w.fails("SELECT * FROM a JOIN b USING (nope)", 1054)
	w.fails("SELECT * FROM (SELECT 1 x, 2 x) d", 1060)
}

func TestCommonTableExpressions(t *testing.T) {
	w := shop(t)
	w.query("WITH r AS (SELECT id FROM customer WHERE city = 'rome') SELECT * FROM r ORDER BY id", "1", "4")
	w.query("WITH r(n) AS (SELECT id FROM customer) SELECT a.n, b.n FROM r a JOIN r b ON b.n = a.n + 1 ORDER BY 1", "1|2", "2|3", "3|4")
	w.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5) SELECT sum(i), count(*) FROM n", "15|5")
	w.query("WITH RECURSIVE n AS (SELECT 1 AS i UNION SELECT (i * 2) % 7 FROM n) SELECT i FROM n ORDER BY i", "1", "2", "4")
	w.query("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 3) SELECT i FROM n", "1", "2", "3")
	w.fails("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT i FROM n", 3636)
	w.fails("WITH RECURSIVE n(i) AS (SELECT i FROM n) SELECT * FROM n", 3573)
	w.query("WITH x AS (SELECT 1 a), y AS (SELECT a + 1 b FROM x) SELECT * FROM x, y", "1|2")
	w.query("SELECT * FROM (WITH x AS (SELECT 5 a) SELECT a FROM x) d", "5")
	w.query("SELECT name FROM customer c WHERE id = (WITH m AS (SELECT max(customer) v FROM orders) SELECT v FROM m)", "bob")
	w.query("WITH t AS (SELECT count(*) n FROM orders) SELECT n, (SELECT n FROM t) FROM t", "4|4")
	w.fails("WITH x AS (SELECT 1), x AS (SELECT 2) SELECT 1", 1066)
	w.fails("WITH x(a, b) AS (SELECT 1) SELECT * FROM x", 1353)
	w.query("WITH RECURSIVE e(id, depth) AS (SELECT 1, 0 UNION ALL SELECT c.id, e.depth + 1 FROM e JOIN customer c ON c.id = e.id + 1) SELECT max(depth) FROM e", "3")
}

func TestSubqueries(t *testing.T) {
	w := shop(t)
	w.query("SELECT (SELECT name FROM customer WHERE id = 3)", "cid")
	w.query("SELECT (SELECT name FROM customer WHERE id = 99)", "NULL")
	w.fails("SELECT (SELECT name FROM customer)", 1242)
	w.fails("SELECT (SELECT id, name FROM customer WHERE id = 1)", 1241)
	w.set("SELECT name FROM customer WHERE (id, name) IN (SELECT 1, 'ann' UNION SELECT 2, 'x')", "ann")
	w.set("SELECT name FROM customer WHERE (id, name) = (SELECT 2, 'bob')", "bob")
	w.set("SELECT name FROM customer WHERE id > ALL (SELECT customer FROM orders WHERE customer IS NOT NULL)", "cid", "dan")
	w.set("SELECT name FROM customer WHERE id > ALL (SELECT customer FROM orders)")
	w.set("SELECT name FROM customer WHERE id = ANY (SELECT customer FROM orders)", "ann", "bob")
	w.set("SELECT name FROM customer WHERE id >= ANY (SELECT customer FROM orders WHERE id > 11)", "bob", "cid", "dan")
	w.set("SELECT id FROM orders o WHERE total > (SELECT avg(total) FROM orders i WHERE i.customer = o.customer)", "11")
	w.set("SELECT id FROM orders WHERE total = (SELECT max(total) FROM orders)", "13")
	w.query("SELECT id, customer IN (SELECT id FROM customer WHERE city = 'rome') r FROM orders ORDER BY id", "10|1", "11|1", "12|0", "13|NULL")
	w.query("SELECT id, customer NOT IN (SELECT id FROM customer WHERE city = 'none') r FROM orders ORDER BY id", "10|1", "11|1", "12|1", "13|1")
	w.set("SELECT name FROM customer c WHERE EXISTS (SELECT 1 FROM orders o JOIN item i ON i.orders = o.id WHERE o.customer = c.id AND i.product = 'cup')", "bob")
	w.set("SELECT name FROM customer c WHERE 2 = (SELECT count(*) FROM orders o WHERE o.customer = c.id)", "ann")
	w.set("SELECT name FROM customer c WHERE id IN (SELECT customer FROM orders o WHERE o.day > '2024-01-01' AND o.customer = c.id)", "ann", "bob")
	w.set("SELECT d.n FROM (SELECT count(*) n, city FROM customer GROUP BY city) d WHERE d.city = 'rome'", "2")
	w.query("SELECT EXISTS (SELECT 1 FROM orders WHERE id = 99), NOT EXISTS (SELECT 1 FROM orders WHERE id = 99)", "0|1")
	w.set("SELECT c.name FROM customer c WHERE c.id IN (SELECT o.customer FROM orders o WHERE EXISTS (SELECT 1 FROM item i WHERE i.orders = o.id AND i.qty > 4))", "ann")
	w.query("SELECT name, (SELECT group_concat(o.id ORDER BY o.id) FROM orders o WHERE o.customer = c.id) FROM customer c ORDER BY id", "ann|10,11", "bob|12", "cid|NULL", "dan|NULL")
	w.set("SELECT name FROM customer c WHERE NOT EXISTS (SELECT 1 FROM orders WHERE customer = c.id AND total > 6) AND c.city = 'rome'", "dan")
	w.query("SELECT (SELECT count(*) FROM customer WHERE id = o.customer AND EXISTS (SELECT 1 FROM item WHERE orders = o.id AND qty > customer.id)) FROM orders o ORDER BY id", "1", "1", "0", "0")
}

func TestViews(t *testing.T) {
	w := shop(t)
	w.view("romans", "SELECT id, name FROM customer WHERE city = 'rome'")
	w.view("spent", "SELECT customer c, sum(total) t FROM orders GROUP BY customer")
	w.query("SELECT name FROM romans ORDER BY id DESC", "dan", "ann")
	w.query("SELECT r.name, s.t FROM romans r JOIN spent s ON s.c = r.id", "ann|12.50")
	w.query("SELECT t FROM spent WHERE c = 2", "1.25")
	w.view("loop1", "SELECT * FROM loop2")
	w.view("loop2", "SELECT * FROM loop1")
	w.fails("SELECT * FROM loop1", 1462)
	w.view("broken", "SELECT * FROM gone")
	w.fails("SELECT * FROM broken", 1356)
}

func TestWindows(t *testing.T) {
	w := shop(t)
	w.query("SELECT id, row_number() OVER (ORDER BY id DESC) FROM customer ORDER BY id", "1|4", "2|3", "3|2", "4|1")
	w.query("SELECT id, sum(id) OVER (PARTITION BY city ORDER BY id) FROM customer ORDER BY id", "1|1", "2|2", "3|3", "4|5")
	w.query("SELECT city, count(*), sum(count(*)) OVER () FROM customer GROUP BY city ORDER BY city", "NULL|1|4", "oslo|1|4", "rome|2|4")
	w.query("SELECT * FROM (SELECT id, rank() OVER (ORDER BY city) r FROM customer) d WHERE r = 3 ORDER BY id", "1|3", "4|3")
	w.query("SELECT id, lag(id) OVER w, lead(id, 1, 0) OVER w FROM customer WINDOW w AS (ORDER BY id) ORDER BY id", "1|NULL|2", "2|1|3", "3|2|4", "4|3|0")
	w.fails("SELECT id FROM customer WHERE row_number() OVER () = 1", 3593)
}

func TestOrderAndLimit(t *testing.T) {
	w := shop(t)
	w.query("SELECT id FROM customer ORDER BY 1 DESC LIMIT 2", "4", "3")
	w.query("SELECT id FROM customer ORDER BY -id LIMIT 1", "4")
	w.query("SELECT id AS name FROM customer ORDER BY name DESC LIMIT 1", "4")
	w.query("SELECT name FROM customer ORDER BY id LIMIT 1, 2", "bob", "cid")
	w.query("SELECT name FROM customer ORDER BY id LIMIT 0")
	w.query("SELECT name FROM customer ORDER BY id LIMIT 10 OFFSET 3", "dan")
	w.query("SELECT name FROM customer ORDER BY NULL, 'x', id", "ann", "bob", "cid", "dan")
	got, err := w.rows("SELECT id FROM customer ORDER BY id LIMIT ? OFFSET ?", 1, 2)
	requireRows(t, got, err, "3")
	got, err = w.rows("SELECT id FROM customer WHERE id IN (?, ?) ORDER BY id", 4, "2")
	requireRows(t, got, err, "2", "4")
	got, err = w.rows("SELECT id FROM customer WHERE id = ?", "3")
	requireRows(t, got, err, "3")
	got, err = w.rows("SELECT id FROM customer WHERE id = ?", 2.5)
	requireRows(t, got, err)
	got, err = w.rows("SELECT id FROM customer WHERE name = ?", nil)
	requireRows(t, got, err)
	got, err = w.rows("SELECT id FROM customer ORDER BY id LIMIT ?", nil)
	requireRows(t, got, err)
	got, err = w.rows("SELECT id FROM customer ORDER BY name LIMIT ?", nil)
	requireRows(t, got, err)
	got, err = w.rows("SELECT id FROM customer ORDER BY id LIMIT 1 OFFSET ?", nil)
	requireRows(t, got, err, "1")
	got, err = w.rows("WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r LIMIT ?) SELECT n FROM r", nil)
	requireRows(t, got, err)
	_, err = w.rows("SELECT id FROM customer LIMIT ?", -1)
	if err == nil {
		t.Fatal("a negative LIMIT passed")
	}
	w.fails("SELECT id FROM customer ORDER BY 3", 1054)
	w.query("SELECT SQL_CALC_FOUND_ROWS id FROM customer ORDER BY id LIMIT 1", "1")
}

func TestIndexAccess(t *testing.T) {
	w := newWorld(t)
	w.do("CREATE TABLE t (id INT PRIMARY KEY, a INT, b VARCHAR(10), c INT UNSIGNED, d DECIMAL(6,2), e DATETIME, KEY a (a, b), KEY b (b), KEY c (c), KEY d (d), KEY e (e), UNIQUE KEY h (a, id) USING HASH)")
	w.do(`INSERT INTO t VALUES (1,1,'x',10,1.50,'2024-01-01 00:00:00'),(2,1,'y',20,2.00,'2024-01-01 12:00:00'),(3,2,'abc',30,2.25,'2024-01-02 00:00:00'),
		(4,NULL,'abd',40,NULL,NULL),(5,3,NULL,4000000000,-1.00,'2023-12-31 23:59:59'),(6,3,'10',0,0.00,'2024-02-01 00:00:00')`)
	for _, hint := range []string{"", " FORCE INDEX (a)", " FORCE INDEX (b)", " FORCE INDEX (c)", " FORCE INDEX (d)", " FORCE INDEX (e)", " IGNORE INDEX (a, b, c, d, e)"} {
		q := func(cond string, want ...string) { t.Helper(); w.set("SELECT id FROM t"+hint+" WHERE "+cond, want...) }
		q("a = 1", "1", "2")
		q("a = 1 AND b = 'y'", "2")
		q("a = 1 AND b > 'x'", "2")
		q("a IN (1, 3) AND b IN ('y', '10')", "2", "6")
		q("a > 1", "3", "5", "6")
		q("a >= 1.5 AND a < 2.5", "3")
		q("a = 1.5")
		q("a IS NULL", "4")
		q("a <=> NULL", "4")
		q("a IS NOT NULL AND b IS NULL", "5")
		q("a < 2 OR a > 2", "1", "2", "5", "6")
		q("a BETWEEN 2 AND 3", "3", "5", "6")
		q("a NOT BETWEEN 2 AND 3", "1", "2")
		q("a IN (3, NULL)", "5", "6")
		q("b LIKE 'ab%'", "3", "4")
		q("b LIKE 'ab_'", "3", "4")
		q("b LIKE 'x'", "1")
		q("b = 10", "6")
		q("b > 'ab' AND b <= 'abd'", "3", "4")
		q("c > -1", "1", "2", "3", "4", "5", "6")
		q("c > 3999999999", "5")
		q("c = 20.0", "2")
		q("c <= 10.5", "1", "6")
		q("d = 2", "2")
		q("d > 1.999 AND d < 2.251", "2", "3")
		q("d <= -0.5", "5")
		q("e = '2024-01-01'", "1")
		q("e >= '2024-01-01' AND e < '2024-01-02'", "1", "2")
		q("e > DATE '2024-01-01' AND e <= TIMESTAMP '2024-01-02 00:00:00'", "2", "3")
		q("(a, b) IN ((1, 'x'), (2, 'abc'))", "1", "3")
		q("(a, b) = (1, 'y')", "2")
		q("1 = a", "1", "2")
		q("a = 1 AND a = 2")
		q("a = '1'", "1", "2")
		q("a = '1x'", "1", "2")
		q("a = 'x'")
	}
	w.query("SELECT min(a), max(a) FROM t", "1|3")
	w.query("SELECT min(a) FROM t", "1")
	w.query("SELECT max(a) FROM t WHERE a < 3", "2")
	w.query("SELECT max(b) FROM t WHERE a = 1", "y")
	w.query("SELECT id FROM t ORDER BY a, b", "4", "1", "2", "3", "5", "6")
	w.query("SELECT id FROM t ORDER BY a DESC, b DESC", "6", "5", "3", "2", "1", "4")
	w.query("SELECT id FROM t ORDER BY c DESC LIMIT 2", "5", "4")
	w.query("SELECT a, count(*) FROM t GROUP BY a ORDER BY a", "NULL|1", "1|2", "2|1", "3|2")
	w.query("SELECT DISTINCT a FROM t WHERE a > 1 ORDER BY a", "2", "3")
}

// TestLooseKeys compares unique keys with parameters that equal several of them, or none.
func TestLooseKeys(t *testing.T) {
	w := newWorld(t)
	w.do("CREATE TABLE t (k VARCHAR(10) PRIMARY KEY, b VARBINARY(4) UNIQUE, n INT UNIQUE); INSERT INTO t VALUES ('5', '5', 5), ('5.0', 'x', 6), ('05', 'y', NULL), ('abc', 'z', 0)")
	for sql, want := range map[string][]string{
		"SELECT k FROM t WHERE k = ?": {"05", "5", "5.0"},
		"SELECT k FROM t WHERE n = ?": {"5"},
		"SELECT k FROM t WHERE b = ?": {"5"},
	} {
		got, err := w.rows(sql, 5)
		sort.Strings(got)
		requireRows(t, got, err, want...)
	}
	got, err := w.rows("SELECT n FROM t WHERE k = ?", "5.0")
	requireRows(t, got, err, "6")
	got, err = w.rows("SELECT n FROM t WHERE b = ?", "z")
	requireRows(t, got, err, "0")
	got, err = w.rows("SELECT n FROM t WHERE b = ?", []byte("z"))
	requireRows(t, got, err, "0")
	got, err = w.rows("SELECT k FROM t WHERE n = ?", "abc")
	requireRows(t, got, err, "abc")
	got, err = w.rows("SELECT k FROM t WHERE n = ?", -5)
	requireRows(t, got, err)
}

// TestHashIndex asks a hash index for what it cannot answer.
func TestHashIndex(t *testing.T) {
	w := newWorld(t)
	w.do("CREATE TABLE h (k VARCHAR(10), n INT, UNIQUE KEY k (k) USING HASH); INSERT INTO h VALUES ('5', 1), ('5.0', 2), ('x', 3), (NULL, 4)")
	w.do("CREATE TABLE i (v INT, s VARCHAR(5)); INSERT INTO i VALUES (5, '5'), (6, 'x'), (NULL, NULL)")
	w.set("SELECT n FROM h WHERE k = 'x'", "3")
	w.set("SELECT n FROM h WHERE k IN ('x', '5')", "1", "3")
	w.set("SELECT n FROM h WHERE k > '5'", "2", "3")
	w.set("SELECT n FROM h WHERE k IS NULL", "4")
	w.set("SELECT n FROM h FORCE INDEX (k) JOIN i ON h.k = i.s", "1", "3")
	w.set("SELECT n FROM h FORCE INDEX (k) JOIN i ON h.k = i.v", "1", "2")
	for _, p := range []any{5, 5.0, "5", nil} {
		got, err := w.rows("SELECT n FROM h FORCE INDEX (k) WHERE k = ?", p)
		sort.Strings(got)
		switch p.(type) {
		case string:
			requireRows(t, got, err, "1")
		case nil:
			requireRows(t, got, err)
		default:
			requireRows(t, got, err, "1", "2")
		}
		got, err = w.rows("SELECT h.n FROM i JOIN h FORCE INDEX (k) ON h.k = ? AND i.v = 6", p)
		require.NoError(t, err)
		if p == "5" {
			requireRows(t, got, err, "1")
		}
	}
}

// TestNoBackslashEscapes reads patterns as that sql_mode does.
func TestNoBackslashEscapes(t *testing.T) {
	w := newWorld(t)
	w.session.Mode |= expr.ModeNoBackslashEscapes
	w.do("CREATE TABLE p (s VARCHAR(10), KEY s (s)); INSERT INTO p VALUES ('a%b'), ('a!b'), ('ab')")
	w.set("SELECT s FROM p WHERE s LIKE 'a!%b' ESCAPE '!'", "a%b")
	w.set("SELECT s FROM p WHERE s LIKE 'a%'", "a%b", "a!b", "ab")
	w.set("SELECT s FROM p FORCE INDEX (s) WHERE s LIKE concat('a', char(92), '%')")
}
