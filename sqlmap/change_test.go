package sqlmap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

func TestReturning(t *testing.T) {
	c := open(t, "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, u INT UNIQUE, a INT DEFAULT 5, g INT AS (a * 2) STORED)")
	c.rows("INSERT INTO t (u) VALUES (1), (2) RETURNING id, u, a AS x, g, a + g", "1 1 5 10 15", "2 2 5 10 15")
	c.rows("INSERT INTO t (u, a) VALUES (2, 9) ON DUPLICATE KEY UPDATE a = VALUES(a) RETURNING *", "2 2 9 18")
	c.rows("REPLACE INTO t (u, a) VALUES (2, 1) RETURNING id, g", "4 2")
	c.rows("DELETE FROM t WHERE u < 5 RETURNING u, g * 10", "1 100", "2 20")
	c.rows("SELECT ROW_COUNT()", "2")
	c.rows("DELETE FROM t RETURNING id")
	c.fails(1054, "INSERT INTO t (u) VALUES (7) RETURNING nope")
	c.fails(1062, "INSERT INTO t (u) VALUES (7), (7) RETURNING id")
	c.rows("SELECT count(*) FROM t", "0")
}

func TestAffectedRows(t *testing.T) {
	d := newDatabase(t)
	changed := newConn(t, d)
	matched := newConn(t, d, func(o *sqlmap.SessionOptions) { o.FoundRows = true })
	changed.exec("CREATE TABLE t (id INT PRIMARY KEY, a INT)")
	changed.exec("INSERT INTO t VALUES (1, 1), (2, 1), (3, 5)")
	require.Equal(t, uint64(2), changed.exec("UPDATE t SET a = 5").Affected)
	require.Equal(t, uint64(0), changed.exec("UPDATE t SET a = 5").Affected)
	require.Equal(t, uint64(3), matched.exec("UPDATE t SET a = 5").Affected)
	require.Equal(t, uint64(1), matched.exec("UPDATE t SET a = 5 WHERE id = 2").Affected)
	const upsert = "INSERT INTO t VALUES (1, 5) ON DUPLICATE KEY UPDATE a = VALUES(a)"
	require.Equal(t, uint64(0), changed.exec(upsert).Affected)
	require.Equal(t, uint64(1), matched.exec(upsert).Affected)
	changed.exec("UPDATE t SET a = 0")
	require.Equal(t, uint64(2), matched.exec(upsert).Affected)
	// Of several statements the affected rows add up.
	out := changed.exec("INSERT INTO t VALUES (10, 1); UPDATE t SET a = 77; DELETE FROM t WHERE id > 2")
	require.Equal(t, uint64(1+4+2), out.Affected)
}

func TestWarnings(t *testing.T) {
	c := open(t, "CREATE TABLE t (id INT PRIMARY KEY, a TINYINT NOT NULL, b VARCHAR(3))", "INSERT INTO t VALUES (1, 1, '')")
	c.exec("INSERT IGNORE INTO t VALUES (1, 1, ''), (2, 1000, 'abcdef'), (3, NULL, 'x')")
	c.rows("SHOW WARNINGS",
		"Warning 1062 Duplicate entry '1' for key 't.PRIMARY'",
		"Warning 1264 Out of range value for column 'a' at row 2",
		"Warning 1265 Data truncated for column 'b' at row 2",
		"Warning 1048 Column 'a' cannot be null")
	c.rows("SHOW COUNT(*) WARNINGS", "4")
	c.fails(1264, "INSERT INTO t VALUES (5, 1000, '')")
	c.rows("SHOW WARNINGS", "Error 1264 Out of range value for column 'a' at row 1")
	c.rows("SHOW ERRORS", "Error 1264 Out of range value for column 'a' at row 1")
	c.fails(1064, "SELEC 1")
	require.Len(t, c.s.Warnings(), 1)
	c.exec("UPDATE IGNORE t SET a = a + 100 WHERE id = 2")
	c.rows("SELECT a FROM t WHERE id = 2", "127")
	require.Empty(t, c.s.Warnings())
}

func TestVariables(t *testing.T) {
	d := newDatabase(t)
	a := newConn(t, d)
	a.exec("SET @x = 5, @Y = 'text', @z := @x + 1")
	a.rows("SELECT @X, @y, @z, @none", "5 text 6 NULL")
	a.exec("SET GLOBAL sql_mode = 'ANSI_QUOTES', SESSION div_precision_increment = 2")
	a.rows("SELECT 1/3, @@div_precision_increment, @@global.div_precision_increment", "0.33 2 4")
	a.fails(1231, "SET GLOBAL sql_mode = 'NONSENSE'")
	a.rows("SELECT @@global.sql_mode, @@session.sql_mode = ''", "ANSI_QUOTES 0")
	b := newConn(t, d)
	b.rows("SELECT @@sql_mode", "ANSI_QUOTES")
	b.fails(1054, `SELECT "x"`)
	a.rows(`SELECT "x"`, "x")
	a.exec("SET SESSION sql_mode = DEFAULT")
	a.rows("SELECT @@sql_mode", "ANSI_QUOTES")
	a.exec("SET GLOBAL sql_mode = DEFAULT, sql_mode = DEFAULT")
	a.exec("SET GLOBAL TRANSACTION ISOLATION LEVEL READ COMMITTED")
	a.rows("SELECT @@transaction_isolation, @@global.transaction_isolation", "REPEATABLE-READ READ-COMMITTED")
	newConn(t, d).rows("SELECT @@transaction_isolation", "READ-COMMITTED")
	a.fails(1193, "SET nonsense = 1")
	a.fails(1193, "SELECT @@nonsense")
	a.fails(1238, "SET version = '1'")
	a.fails(1229, "SET max_connections = 1")
	a.fails(1231, "SET autocommit = 7")
	a.fails(1232, "SET max_allowed_packet = 'x'")
	a.fails(1298, "SET time_zone = 'Nowhere/Land'")
	a.exec("SET @@session.time_zone = '+05:30', NAMES utf8mb4")
	a.exec("SET last_insert_id = 99")
	a.rows("SELECT LAST_INSERT_ID(), @@last_insert_id, @@identity", "99 99 99")
	// A cached plan reads the variables of the session that runs it.
	a.exec("SET @@lock_wait_timeout = 77")
	b.exec("SET sql_mode = DEFAULT")
	a.rows("SELECT @@lock_wait_timeout", "77")
	b.rows("SELECT @@lock_wait_timeout", "31536000")
}

func TestTimestampsInZones(t *testing.T) {
	d := newDatabase(t)
	a, b := newConn(t, d), newConn(t, d, func(o *sqlmap.SessionOptions) { o.TimeZone = "+02:00" })
	a.exec("CREATE TABLE t (id INT PRIMARY KEY, at TIMESTAMP NULL DEFAULT '2020-01-01 00:00:00', note VARCHAR(60))")
	b.exec("INSERT INTO t VALUES (1, '2024-06-01 12:00:00', '')")
	a.rows("SELECT at FROM t WHERE id = 1", "2024-06-01 10:00:00")
	b.rows("INSERT INTO t (id) VALUES (2) RETURNING at", "2020-01-01 02:00:00")
	b.exec("INSERT INTO t VALUES (1, '2030-01-01 01:00:00', '') ON DUPLICATE KEY UPDATE note = concat(t.at, '|', VALUES(at))")
	a.rows("SELECT note FROM t WHERE id = 1", "2024-06-01 12:00:00|2030-01-01 01:00:00")
	b.exec("UPDATE t SET at = '2024-06-01 12:30:00' WHERE id = 1")
	a.rows("SELECT at FROM t WHERE id = 1", "2024-06-01 10:30:00")
}

func TestScripts(t *testing.T) {
	c := open(t)
	r, err := c.s.Query(background, "CREATE TABLE t (a INT); INSERT INTO t VALUES (?), (?); -- c ; d\nSELECT a FROM t WHERE a > ?; SELECT ';'", positional([]any{1, 2, 1}))
	require.NoError(t, err)
	var all [][]string
	for {
		rows, err := readAll(r)
		require.NoError(t, err)
		all = append(all, rows)
		more, err := r.NextStatement(background)
		require.NoError(t, err)
		if !more {
			break
		}
	}
	require.NoError(t, r.Close())
	require.Equal(t, [][]string{nil, nil, {"2"}, {";"}}, all)
	c.fails(1065, "  -- nothing\n ;")
	_, err = c.try("INSERT INTO t VALUES (3); INSERT INTO nope VALUES (1); INSERT INTO t VALUES (4)")
	requireError(t, 1146, err, "script")
	c.rows("SELECT a FROM t ORDER BY a", "1", "2", "3")
	_, err = c.try("SELECT ?; SELECT 1", 1, 2)
	requireError(t, 1210, err, "too many arguments")
	_, err = c.try("SET sql_mode = 'ANSI_QUOTES'; SELECT \"a\" FROM t; SET sql_mode = DEFAULT")
	require.NoError(t, err, "a statement is read under the mode that the ones before it set")
	var last sqlmap.ScriptProgress
	require.NoError(t, c.s.Script(background, "INSERT INTO t VALUES (7);\nINSERT INTO t VALUES (8), (9);", func(p sqlmap.ScriptProgress) { last = p }))
	require.Equal(t, 2, last.Statements)
	require.EqualValues(t, 3, last.Rows)
	err = c.s.Script(background, "SELECT 1;\nSELECT 2;\nSELECT nope;", nil)
	requireError(t, 1054, err, "script")
	require.ErrorContains(t, err, "statement 3, after line 2: ")
	require.Equal(t, last.Size, last.Offset)
}

func TestNamedArguments(t *testing.T) {
	c := open(t, "CREATE TABLE t (a INT, b INT)")
	args := sqlmap.Args{Values: []value.Value{value.Int(1), value.Int(2)}, Names: []string{"x", "y"}}
	_, err := c.s.Exec(background, "INSERT INTO t VALUES (:x, :y), (:y, :x)", args)
	require.NoError(t, err)
	c.rows("SELECT a, b FROM t ORDER BY a", "1 2", "2 1")
	_, err = c.s.Exec(background, "INSERT INTO t VALUES (:x, :z)", args)
	requireError(t, 1210, err, "unknown name")
}

func TestWhatCannotBeWritten(t *testing.T) {
	c := open(t, "CREATE TABLE t (a INT)", "CREATE VIEW v AS SELECT count(*) AS n FROM t")
	c.fails(1044, "INSERT INTO information_schema.tables VALUES (1)")
	c.fails(1471, "INSERT INTO v VALUES (1)")
	c.fails(1288, "UPDATE v SET n = 1")
	c.fails(1288, "DELETE FROM v")
	c.fails(1049, "INSERT INTO nowhere.t VALUES (1)")
	c.fails(1146, "DELETE FROM nothing")
}

// TestStatementsDoNotMeetTheirOwnOutput has statements that read what they write, directly or by cascades.
func TestStatementsDoNotMeetTheirOwnOutput(t *testing.T) {
	c := open(t, "CREATE TABLE t (id INT PRIMARY KEY, a INT)", "INSERT INTO t VALUES (1,1),(2,2),(3,3),(4,4)")
	c.exec("UPDATE t SET a = (SELECT n FROM (SELECT max(a) AS n FROM t) x WHERE x.n >= t.id) + 1")
	c.rows("SELECT id, a FROM t ORDER BY id", "1 5", "2 5", "3 5", "4 5")
	c.exec("UPDATE t SET a = id")
	c.exec("DELETE FROM t WHERE a = (SELECT m FROM (SELECT max(a) m FROM t) x WHERE x.m > t.id - 100) ORDER BY id DESC")
	c.rows("SELECT id FROM t ORDER BY id", "1", "2", "3")
	c.exec("INSERT INTO t SELECT a.id * 10 + b.id, 0 FROM t a JOIN t b ON a.id <> b.id")
	c.rows("SELECT count(*) FROM t", "9")
	c.exec("UPDATE t SET a = a + 1 WHERE id IN (SELECT id FROM (SELECT id FROM t WHERE a = 0) x)")
	c.rows("SELECT sum(a) FROM t", "12")
	c.exec("CREATE TABLE p (id INT PRIMARY KEY)")
	c.exec("CREATE TABLE c (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES p (id) ON UPDATE CASCADE ON DELETE SET NULL)")
	c.exec("INSERT INTO p VALUES (1),(2)")
	c.exec("INSERT INTO c VALUES (1,1),(2,2)")
	c.exec("UPDATE p SET id = id + 10 ORDER BY id DESC")
	c.rows("SELECT id, p FROM c ORDER BY id", "1 11", "2 12")
	c.exec("UPDATE p JOIN c ON c.p = p.id SET p.id = p.id + 100, c.id = c.id + 50")
	c.rows("SELECT id, p FROM c ORDER BY id", "51 111", "52 112")
	c.exec("DELETE p FROM p JOIN c ON c.p = p.id WHERE c.id = 51")
	c.rows("SELECT id, p FROM c ORDER BY id", "51 NULL", "52 112")
	c.exec("CREATE TABLE s (id INT PRIMARY KEY, v VARCHAR(20), UNIQUE KEY (v))")
	c.exec("INSERT INTO s VALUES (1,'a'),(2,'b')")
	c.fails(1062, "UPDATE s SET v = 'b' WHERE id = 1")
	c.exec("UPDATE s SET v = concat(v, v)")
	c.rows("SELECT v FROM s ORDER BY v", "aa", "bb")
	c.rows("EXPLAIN UPDATE s SET v = 'x' WHERE id = 1", "UPDATE s", "  point s by PRIMARY (1) where (s.id = 1)")
	c.exec("UPDATE s SET v = 'x' WHERE id = 1 ORDER BY (SELECT 1) LIMIT 1")
	c.rows("SELECT v FROM s WHERE id = 1", "x")
}

// The last value of a narrow type is given out again, so that its key refuses it; only BIGINT has none left to try.
func TestAutoIncrementExhausted(t *testing.T) {
	c := open(t, "CREATE TABLE t (id TINYINT PRIMARY KEY AUTO_INCREMENT, a INT)", "INSERT INTO t VALUES (126, 1)")
	c.exec("INSERT INTO t (a) VALUES (2)")
	require.Contains(t, c.fails(1062, "INSERT INTO t (a) VALUES (3)"), "Duplicate entry '127' for key 't.PRIMARY'")
	c.exec("INSERT INTO t (a) VALUES (4) ON DUPLICATE KEY UPDATE a = VALUES(a)")
	c.exec("INSERT IGNORE INTO t (a) VALUES (5)")
	c.rows("SELECT * FROM t ORDER BY id", "126 1", "127 4")
	c.exec("DELETE FROM t WHERE id = 127")
	c.exec("INSERT INTO t (a) VALUES (6)")
	c.rows("SELECT * FROM t ORDER BY id", "126 1", "127 6")

	c.exec("CREATE TABLE u (id INT UNSIGNED PRIMARY KEY AUTO_INCREMENT)")
	c.exec("INSERT INTO u VALUES (4294967295)")
	c.fails(1062, "INSERT INTO u VALUES ()")
	c.exec("CREATE TABLE b (id BIGINT PRIMARY KEY AUTO_INCREMENT)")
	c.exec("INSERT INTO b VALUES (9223372036854775807)")
	c.fails(1467, "INSERT INTO b VALUES ()")
	c.fails(1062, "CREATE TABLE s (id TINYINT PRIMARY KEY AUTO_INCREMENT, a INT) SELECT NULL AS id, x.a FROM t x, "+
		"(WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 100) SELECT n FROM r) y")
}
