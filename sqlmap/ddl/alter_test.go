package ddl_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestAlterColumns(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(5), n INT, KEY k (name, n))",
		"INSERT INTO t VALUES (1, 'a', 10), (2, NULL, 20)",
		"ALTER TABLE t ADD c INT, ADD COLUMN d VARCHAR(9) NOT NULL DEFAULT 'x' AFTER id, ADD (e DATE, f DECIMAL(5,2) NOT NULL), ADD z INT DEFAULT 7 FIRST")
	require.Equal(t, "z|id|d|name|n|c|e|f", describeNames(c, "t"))
	require.Equal(t, "7|1|x|a|10|NULL|NULL|0.00\n7|2|x|NULL|20|NULL|NULL|0.00", c.rows("SELECT * FROM t ORDER BY id"))
	c.run("ALTER TABLE t ALTER z SET DEFAULT 8, ALTER d DROP DEFAULT")
	require.Equal(t, "7\n7", c.rows("SELECT z FROM t"), "rows keep what they had when the column came")
	c.fails(1364, "INSERT INTO t (id, f) VALUES (3, 1)")
	c.run("INSERT INTO t (id, d, f) VALUES (3, 'y', 1)")
	require.Equal(t, "8", c.rows("SELECT z FROM t WHERE id = 3"))

	// A longer VARCHAR is instant, a number that becomes text is a rewrite.
	require.Equal(t, uint64(0), c.run("ALTER TABLE t MODIFY name VARCHAR(50)"))
	require.Equal(t, uint64(3), c.run("ALTER TABLE t CHANGE n nn VARCHAR(10) FIRST, DROP z"))
	require.Equal(t, "nn|id|d|name|c|e|f", describeNames(c, "t"))
	require.Equal(t, "10|1\n20|2\nNULL|3", c.rows("SELECT nn, id FROM t ORDER BY id"))
	c.run("ALTER TABLE t RENAME COLUMN c TO e, RENAME COLUMN e TO c")
	require.Equal(t, "nn|id|d|name|e|c|f", describeNames(c, "t"))
	c.run("ALTER TABLE t DROP COLUMN nn")
	require.Contains(t, c.created("t"), "KEY `k` (`name`)\n")

	c.fails(1054, "ALTER TABLE t MODIFY nothing INT")
	c.fails(1060, "ALTER TABLE t ADD id INT")
	c.fails(1091, "ALTER TABLE t DROP nothing")
	c.fails(1054, "ALTER TABLE t ADD q INT AFTER nothing")
	c.fails(1265, "ALTER TABLE t MODIFY e BIGINT NOT NULL")
	c.fails(1138, "ALTER TABLE t MODIFY e INT NOT NULL")
	c.fails(1265, "ALTER TABLE t MODIFY d VARCHAR(0)")
	c.fails(1146, "ALTER TABLE nothing ADD q INT")
	c.fails(1845, "ALTER TABLE t MODIFY e BIGINT, ALGORITHM=INSTANT")
	c.run("CREATE TABLE one (a INT)")
	c.fails(1090, "ALTER TABLE one DROP a")
	c.run("ALTER TABLE one DROP a, ADD b INT PRIMARY KEY", "ALTER TABLE one MODIFY b INT, DROP PRIMARY KEY", "INSERT INTO one VALUES (NULL)",
		"CREATE TABLE bare (a INT)", "ALTER TABLE bare ADD d DATE NOT NULL")
	c.fails(1292, "ALTER TABLE one ADD d DATE NOT NULL")
}

func TestAlterExpressions(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (a INT, b INT, CHECK (a < b), CONSTRAINT alone CHECK (b > 0))", "INSERT INTO t VALUES (1, 2), (3, 4)",
		"ALTER TABLE t ADD g INT AS (a + b) STORED, ADD v VARCHAR(10) DEFAULT (concat('n', 1)), ADD w DATETIME DEFAULT CURRENT_TIMESTAMP")
	require.Equal(t, "3|n1|1\n7|n1|1", c.rows("SELECT g, v, w IS NOT NULL FROM t"))
	c.run("ALTER TABLE t MODIFY g INT AS (a * b) STORED")
	require.Equal(t, "2\n12", c.rows("SELECT g FROM t"))
	c.fails(3959, "ALTER TABLE t DROP b")
	c.fails(3959, "ALTER TABLE t RENAME COLUMN a TO z")
	c.fails(3819, "ALTER TABLE t ADD CHECK (a > 1)")
	c.run("ALTER TABLE t DROP CHECK t_chk_1")
	c.fails(3108, "ALTER TABLE t DROP b")
	c.run("ALTER TABLE t DROP g, DROP b")
	require.NotContains(t, c.created("t"), "alone", "a CHECK of one column goes with it")
	c.run("ALTER TABLE t ADD CONSTRAINT later CHECK (a > 1) NOT ENFORCED")
	c.fails(3819, "ALTER TABLE t ALTER CHECK later ENFORCED")
	c.fails(3821, "ALTER TABLE t DROP CHECK nothing")
	c.run("SET sql_mode = 'ANSI_QUOTES'", `ALTER TABLE t ADD "q q" INT`)
	c.fails(1235, `ALTER TABLE t ADD CHECK ("q q" > 1)`)
	c.run(`CREATE TABLE u ("q q" INT, CHECK ("q q" > 1))`, "SET sql_mode = DEFAULT", "INSERT INTO u VALUES (2)")
	c.fails(3819, "INSERT INTO u VALUES (0)")
}

func TestAlterKeys(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE p (id INT PRIMARY KEY, u INT, UNIQUE (u))", "CREATE TABLE t (a INT, b INT, CONSTRAINT f FOREIGN KEY (a) REFERENCES p (id))",
		"INSERT INTO p VALUES (1, 1), (2, 2)", "INSERT INTO t VALUES (1, 1), (2, 1)")
	c.fails(1062, "ALTER TABLE t ADD UNIQUE (b)")
	c.fails(1553, "ALTER TABLE t DROP INDEX f")
	c.run("ALTER TABLE t ADD INDEX wide (a, b)")
	require.Equal(t, "wide|1|a\nwide|2|b", c.rows("SELECT index_name, seq_in_index, column_name FROM information_schema.statistics WHERE table_name = 't'"),
		"the index that served the foreign key gives way")
	c.fails(1553, "ALTER TABLE t DROP INDEX wide")
	c.fails(1553, "ALTER TABLE p DROP PRIMARY KEY")
	c.fails(1828, "ALTER TABLE t DROP a")
	c.fails(1826, "ALTER TABLE t ADD CONSTRAINT f FOREIGN KEY (b) REFERENCES p (id)")
	c.run("ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p (u)")
	require.Contains(t, c.created("t"), "CONSTRAINT `t_ibfk_1` FOREIGN KEY (`b`) REFERENCES `p` (`u`)")
	c.fails(1452, "INSERT INTO t VALUES (9, 1)")
	c.fails(1832, "ALTER TABLE t MODIFY a BIGINT")
	c.fails(1833, "ALTER TABLE p MODIFY u BIGINT")
	c.run("ALTER TABLE t DROP FOREIGN KEY f, DROP CONSTRAINT t_ibfk_1", "INSERT INTO t VALUES (9, 9)")
	c.fails(1452, "ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p (u)")
	c.run("SET foreign_key_checks = 0", "ALTER TABLE t ADD FOREIGN KEY (b) REFERENCES p (u)", "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES later (x)",
		"SET foreign_key_checks = 1")
	c.run("ALTER TABLE t RENAME INDEX wide TO narrow, ALTER INDEX narrow INVISIBLE")
	require.Contains(t, c.created("t"), "KEY `narrow` (`a`,`b`) /*!80000 INVISIBLE */")
	c.fails(1176, "ALTER TABLE t RENAME INDEX wide TO x")
	c.fails(3940, "ALTER TABLE t DROP CONSTRAINT nothing")
	c.fails(1091, "ALTER TABLE t DROP FOREIGN KEY nothing")
	c.fails(1091, "DROP INDEX nothing ON t")
	c.run("CREATE TABLE n (a INT, b INT)", "INSERT INTO n VALUES (1, 2)", "ALTER TABLE n ADD PRIMARY KEY (a)", "DROP INDEX `PRIMARY` ON n", "CREATE UNIQUE INDEX x ON n (b DESC)")
	require.Contains(t, c.created("n"), "`a` int NOT NULL,")
	require.Contains(t, c.created("n"), "UNIQUE KEY `x` (`b` DESC)")
	c.fails(1061, "CREATE INDEX x ON n (a)")
}

func TestAlterAutoIncrementAndCharset(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (a VARCHAR(4), b VARCHAR(4), UNIQUE (a))", "INSERT INTO t VALUES ('x', 'p'), ('y', 'q')")
	require.Equal(t, uint64(2), c.run("ALTER TABLE t ADD id INT AUTO_INCREMENT PRIMARY KEY FIRST"))
	require.Equal(t, "1|x\n2|y", c.rows("SELECT id, a FROM t ORDER BY id"))
	c.run("ALTER TABLE t AUTO_INCREMENT = 50", "INSERT INTO t (a) VALUES ('z')")
	require.Equal(t, "50", c.rows("SELECT id FROM t WHERE a = 'z'"))
	c.run("ALTER TABLE t AUTO_INCREMENT = 1", "INSERT INTO t (a) VALUES ('w')")
	require.Equal(t, "51", c.rows("SELECT id FROM t WHERE a = 'w'"))
	c.run("INSERT INTO t (a) VALUES ('X')")
	c.fails(1062, "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
	c.run("DELETE FROM t WHERE a = 'X'", "ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci")
	require.Equal(t, "1", c.rows("SELECT count(*) FROM t WHERE a = 'X'"))
	c.run("ALTER TABLE t COLLATE utf8mb4_bin, ADD c TEXT", "ALTER TABLE t FORCE", "ALTER TABLE t ENGINE=InnoDB, COMMENT 'hm'", "ALTER TABLE t ORDER BY a")
	require.Contains(t, c.created("t"), "`c` text COLLATE utf8mb4_bin")
	require.Contains(t, c.created("t"), "COLLATE=utf8mb4_bin COMMENT='hm'")
}

func TestConversions(t *testing.T) {
	c := open(t)
	c.run("SET time_zone = '+02:00'", "CREATE TABLE t (ts TIMESTAMP, e ENUM('a','b'), s VARCHAR(20), d DECIMAL(6,2))",
		"INSERT INTO t VALUES ('2020-01-02 03:04:05', 'b', '12', 1.25)",
		"ALTER TABLE t MODIFY ts DATETIME(1), MODIFY e ENUM('b','c','a'), MODIFY s INT, MODIFY d DECIMAL(6,1)")
	require.Equal(t, "2020-01-02 03:04:05.0|b|12|1.3", c.rows("SELECT * FROM t"))
	c.run("ALTER TABLE t MODIFY ts TIMESTAMP, MODIFY e VARCHAR(3)", "SET time_zone = '+00:00'")
	require.Equal(t, "2020-01-02 01:04:05|b", c.rows("SELECT ts, e FROM t"))
	c.run("INSERT INTO t (e) VALUES ('q')")
	c.fails(1265, "ALTER TABLE t MODIFY e ENUM('b')")
	c.fails(1366, "ALTER TABLE t MODIFY e INT")
	require.Equal(t, "b\nq", c.rows("SELECT e FROM t ORDER BY e"), "a failed ALTER changes nothing")
}

func TestRename(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE a (id INT PRIMARY KEY, CHECK (id > 0))", "CREATE TABLE b (x INT)", "CREATE TABLE ch (p INT, FOREIGN KEY (p) REFERENCES a (id))",
		"INSERT INTO a VALUES (1)", "INSERT INTO b VALUES (2)",
		"RENAME TABLE a TO tmp, b TO a, tmp TO b")
	require.Equal(t, "2", c.rows("SELECT * FROM a"))
	require.Contains(t, c.created("ch"), "REFERENCES `b` (`id`)")
	require.Contains(t, c.created("b"), "CONSTRAINT `b_chk_1`")
	c.fails(1050, "RENAME TABLE a TO zz, b TO ch")
	require.Equal(t, "a\nb\nch", c.rows("SHOW TABLES"), "all pairs or none")
	c.fails(1146, "RENAME TABLE nothing TO x")
	c.fails(1049, "ALTER TABLE a RENAME TO nowhere.a")
	c.run("CREATE DATABASE other", "ALTER TABLE ch RENAME TO other.kid")
	require.Contains(t, c.created("other.kid"), "CONSTRAINT `kid_ibfk_1` FOREIGN KEY (`p`) REFERENCES `d`.`b` (`id`)")
	c.run("CREATE TABLE other.n (x INT, CONSTRAINT b_chk_1 CHECK (x > 1))")
	c.fails(3822, "RENAME TABLE other.n TO d.n")
	c.fails(3730, "DROP TABLE b")
	c.fails(1701, "TRUNCATE TABLE b")
	c.fails(3730, "DROP DATABASE d")
	c.run("DROP TABLE b, other.kid", "CREATE VIEW v AS SELECT 1 AS one", "RENAME TABLE v TO w")
	require.Equal(t, "1", c.rows("SELECT one FROM w"))
}

func TestTruncate(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES t (id))", "INSERT INTO t (p) VALUES (NULL), (1)",
		"TRUNCATE TABLE t", "INSERT INTO t (p) VALUES (NULL)")
	require.Equal(t, "1|NULL", c.rows("SELECT * FROM t"))
	c.fails(1146, "TRUNCATE nothing")
}
