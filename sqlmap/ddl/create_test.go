package ddl_test

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCreateTable(t *testing.T) {
	c := open(t)
	for _, k := range []struct{ name, sql, want string }{
		{"types", "CREATE TABLE a (i INT(11), t BOOL, u BIGINT(20) UNSIGNED, z INT(5) ZEROFILL, d DECIMAL, e NUMERIC(8,2), f FLOAT(30), c CHAR, v VARCHAR(10), x TEXT(200), y BLOB, n NVARCHAR(5), b BIT, en ENUM('a','it''s'), s SET('x','y'), j JSON, ts TIMESTAMP, dt DATETIME(3), ti TIME, yr YEAR, bin BINARY(4))",
			"CREATE TABLE `a` (\n  `i` int DEFAULT NULL,\n  `t` tinyint(1) DEFAULT NULL,\n  `u` bigint unsigned DEFAULT NULL,\n  `z` int(5) unsigned zerofill DEFAULT NULL,\n" +
				"  `d` decimal(10,0) DEFAULT NULL,\n  `e` decimal(8,2) DEFAULT NULL,\n  `f` double DEFAULT NULL,\n  `c` char(1) DEFAULT NULL,\n  `v` varchar(10) DEFAULT NULL,\n  `x` text,\n  `y` blob,\n" +
				"  `n` varchar(5) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci DEFAULT NULL,\n  `b` bit(1) DEFAULT NULL,\n  `en` enum('a','it''s') DEFAULT NULL,\n  `s` set('x','y') DEFAULT NULL,\n  `j` json DEFAULT NULL,\n" +
				"  `ts` timestamp NULL DEFAULT NULL,\n  `dt` datetime(3) DEFAULT NULL,\n  `ti` time DEFAULT NULL,\n  `yr` year DEFAULT NULL,\n  `bin` binary(4) DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin"},
		{"defaults", "CREATE TABLE b (i INT NOT NULL DEFAULT '7', d DECIMAL(6,3) DEFAULT 1.5, s VARCHAR(9) DEFAULT 'it''s', e VARCHAR(40) DEFAULT (concat('a', 1)), t DATETIME(2) DEFAULT NOW(2) ON UPDATE current_timestamp(2), n TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, p DATETIME DEFAULT (CURRENT_TIMESTAMP), b BIT(4) DEFAULT b'101', x TEXT DEFAULT ('q'), c INT COMMENT 'it''s')",
			"CREATE TABLE `b` (\n  `i` int NOT NULL DEFAULT '7',\n  `d` decimal(6,3) DEFAULT '1.500',\n  `s` varchar(9) DEFAULT 'it''s',\n  `e` varchar(40) DEFAULT (concat('a', 1)),\n" +
				"  `t` datetime(2) DEFAULT CURRENT_TIMESTAMP(2) ON UPDATE CURRENT_TIMESTAMP(2),\n  `n` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,\n  `p` datetime DEFAULT (CURRENT_TIMESTAMP),\n  `b` bit(4) DEFAULT b'101',\n  `x` text DEFAULT ('q'),\n" +
				"  `c` int DEFAULT NULL COMMENT 'it''s'\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin"},
		{"keys", "CREATE TABLE c (id SERIAL, a INT NOT NULL, b VARCHAR(30) UNIQUE, d TEXT, KEY (a), KEY (a, b DESC), INDEX k (d(5)) COMMENT 'half', UNIQUE u USING HASH (a), PRIMARY KEY (a, id), CONSTRAINT q UNIQUE (b, a)) COMMENT='it is', AUTO_INCREMENT = 12",
			"CREATE TABLE `c` (\n  `id` bigint unsigned NOT NULL AUTO_INCREMENT,\n  `a` int NOT NULL,\n  `b` varchar(30) DEFAULT NULL,\n  `d` text,\n  PRIMARY KEY (`a`,`id`),\n  UNIQUE KEY `id` (`id`),\n  UNIQUE KEY `u` (`a`) USING HASH,\n" +
				"  UNIQUE KEY `b` (`b`),\n  UNIQUE KEY `q` (`b`,`a`),\n  KEY `a` (`a`),\n  KEY `a_2` (`a`,`b` DESC),\n  KEY `k` (`d`(5)) COMMENT 'half'\n) ENGINE=InnoDB AUTO_INCREMENT=12 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin COMMENT='it is'"},
		{"collations", "CREATE TABLE e (a VARCHAR(3), b VARCHAR(3) COLLATE utf8mb4_unicode_ci, c CHAR(2) BINARY, d CHAR(4) CHARACTER SET binary) CHARSET utf8mb4 COLLATE utf8mb4_bin",
			"CREATE TABLE `e` (\n  `a` varchar(3) COLLATE utf8mb4_bin DEFAULT NULL,\n  `b` varchar(3) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci DEFAULT NULL,\n  `c` char(2) COLLATE utf8mb4_bin DEFAULT NULL,\n  `d` binary(4) DEFAULT NULL\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"},
		{"generated and checks", "CREATE TABLE f (a INT CHECK (a > 0), b INT AS (a + 1) STORED, v INT GENERATED ALWAYS AS (a * 2), h INT INVISIBLE DEFAULT 4, CONSTRAINT big CHECK (a < 100) NOT ENFORCED, CHECK (b <> 5))",
			"CREATE TABLE `f` (\n  `a` int DEFAULT NULL,\n  `b` int GENERATED ALWAYS AS (a + 1) STORED,\n  `v` int GENERATED ALWAYS AS (a * 2) VIRTUAL,\n  `h` int /*!80023 INVISIBLE */ DEFAULT '4',\n" +
				"  CONSTRAINT `f_chk_1` CHECK (a > 0),\n  CONSTRAINT `big` CHECK (a < 100) /*!80016 NOT ENFORCED */,\n  CONSTRAINT `f_chk_2` CHECK (b <> 5)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin"},
		{"foreign keys", "CREATE TABLE g (id INT PRIMARY KEY, p INT, q INT REFERENCES nothing (x), r INT, FOREIGN KEY (p) REFERENCES g (id) ON DELETE CASCADE, CONSTRAINT named FOREIGN KEY (q) REFERENCES g (id) ON UPDATE SET NULL ON DELETE RESTRICT, FOREIGN KEY fx (r) REFERENCES g (id))",
			"CREATE TABLE `g` (\n  `id` int NOT NULL,\n  `p` int DEFAULT NULL,\n  `q` int DEFAULT NULL,\n  `r` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `p` (`p`),\n  KEY `named` (`q`),\n  KEY `fx` (`r`),\n" +
				"  CONSTRAINT `g_ibfk_1` FOREIGN KEY (`p`) REFERENCES `g` (`id`) ON DELETE CASCADE,\n  CONSTRAINT `named` FOREIGN KEY (`q`) REFERENCES `g` (`id`) ON DELETE RESTRICT ON UPDATE SET NULL,\n  CONSTRAINT `g_ibfk_2` FOREIGN KEY (`r`) REFERENCES `g` (`id`)\n" +
				") ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin"},
	} {
		t.Run(k.name, func(t *testing.T) {
			c := &client{t: t, db: c.db, s: c.s}
			c.run(k.sql)
			name := string(k.want[len("CREATE TABLE `")])
			require.Equal(t, k.want, c.created(name))
			// What SHOW CREATE prints makes the same table.
			c.run("DROP TABLE "+name, k.want)
			require.Equal(t, k.want, c.created(name))
		})
	}
}

func TestCreateTableErrors(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (a INT PRIMARY KEY, CONSTRAINT ck CHECK (a > 0))", "CREATE VIEW v AS SELECT 1 AS one")
	for _, k := range []struct {
		number int
		sql    string
	}{
		{1050, "CREATE TABLE t (a INT)"},
		{1050, "CREATE TABLE v (a INT)"},
		{1049, "CREATE TABLE nowhere.t (a INT)"},
		{1044, "CREATE TABLE information_schema.t (a INT)"},
		{1060, "CREATE TABLE u (a INT, A INT)"},
		{1061, "CREATE TABLE u (a INT, KEY k (a), KEY K (a))"},
		{1063, "CREATE TABLE u (a VARCHAR(3) AUTO_INCREMENT PRIMARY KEY)"},
		{1067, "CREATE TABLE u (a INT DEFAULT 'x')"},
		{1067, "CREATE TABLE u (a INT NOT NULL DEFAULT NULL)"},
		{1067, "CREATE TABLE u (a VARCHAR(2) DEFAULT 'abc')"},
		{1067, "CREATE TABLE u (a DATETIME(3) DEFAULT CURRENT_TIMESTAMP)"},
		{1067, "CREATE TABLE u (a INT DEFAULT CURRENT_TIMESTAMP)"},
		{1294, "CREATE TABLE u (a INT ON UPDATE CURRENT_TIMESTAMP)"},
		{1068, "CREATE TABLE u (a INT PRIMARY KEY, b INT, PRIMARY KEY (b))"},
		{1072, "CREATE TABLE u (a INT, KEY (b))"},
		{1074, "CREATE TABLE u (a CHAR(300))"},
		{1075, "CREATE TABLE u (a INT AUTO_INCREMENT)"},
		{1101, "CREATE TABLE u (a TEXT DEFAULT 'x')"},
		{1115, "CREATE TABLE u (a TEXT) CHARSET nonsense"},
		{1253, "CREATE TABLE u (a TEXT CHARACTER SET latin1 COLLATE utf8mb4_bin)"},
		{1273, "CREATE TABLE u (a TEXT COLLATE nonsense)"},
		{1170, "CREATE TABLE u (a TEXT, KEY (a))"},
		{1171, "CREATE TABLE u (a INT NULL PRIMARY KEY)"},
		{1171, "CREATE TABLE u (a INT NULL, PRIMARY KEY (a))"},
		{1286, "CREATE TABLE u (a INT) ENGINE=nonsense"},
		{1280, "CREATE TABLE u (a INT, KEY `primary` (a))"},
		{1291, "CREATE TABLE u (a ENUM('x','x'))"},
		{1425, "CREATE TABLE u (a DECIMAL(40,35))"},
		{1426, "CREATE TABLE u (a DECIMAL(70))"},
		{1426, "CREATE TABLE u (a DATETIME(7))"},
		{3820, "CREATE TABLE u (a INT, CHECK (b > 0))"},
		{3814, "CREATE TABLE u (a INT, CHECK (rand() > a))"},
		{3822, "CREATE TABLE u (a INT, CONSTRAINT ck CHECK (a > 0))"},
		{3107, "CREATE TABLE u (a INT AS (b), b INT AS (1))"},
		{3109, "CREATE TABLE u (a INT AUTO_INCREMENT PRIMARY KEY, b INT AS (a))"},
		{3106, "CREATE TABLE u (a INT AS (1) PRIMARY KEY)"},
		{3522, "CREATE TABLE u (a INT, PRIMARY KEY (a) INVISIBLE)"},
		{1824, "CREATE TABLE u (a INT, FOREIGN KEY (a) REFERENCES missing (a))"},
		{1822, "CREATE TABLE u (a INT, b INT, FOREIGN KEY (a) REFERENCES u (b))"},
		{3734, "CREATE TABLE u (a INT, FOREIGN KEY (a) REFERENCES t (zz))"},
		{3780, "CREATE TABLE u (a BIGINT, FOREIGN KEY (a) REFERENCES t (a))"},
		{1239, "CREATE TABLE u (a INT, b INT, FOREIGN KEY (a, b) REFERENCES t (a))"},
		{1830, "CREATE TABLE u (a INT NOT NULL, FOREIGN KEY (a) REFERENCES t (a) ON DELETE SET NULL)"},
		{1235, "CREATE TABLE u (a TEXT, FULLTEXT (a))"},
	} {
		c.fails(k.number, k.sql)
	}
	require.Equal(t, "t\nv", c.rows("SHOW TABLES"), "nothing of a failed statement stays")
}

func TestIfExists(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (a INT)", "CREATE TABLE IF NOT EXISTS t (b INT)")
	require.Equal(t, []string{"Note Table 't' already exists"}, c.notes())
	c.run("DROP TABLE IF EXISTS t, nothing")
	require.Equal(t, []string{"Note Unknown table 'd.nothing'"}, c.notes())
	c.run("CREATE DATABASE IF NOT EXISTS d", "DROP DATABASE IF EXISTS nothing")
	require.Equal(t, []string{"Note Can't drop database 'nothing'; database doesn't exist"}, c.notes())
	c.fails(1007, "CREATE DATABASE d")
	c.fails(1008, "DROP DATABASE nothing")
	c.fails(1051, "DROP TABLE nothing")
	c.fails(1360, "DROP TRIGGER nothing")
	c.run("DROP TRIGGER IF EXISTS nothing", "DROP VIEW IF EXISTS nothing")
	c.fails(1051, "DROP VIEW nothing")
}

func TestCreateTableLikeAndSelect(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE p (id INT PRIMARY KEY)",
		"CREATE TABLE t (id INT AUTO_INCREMENT PRIMARY KEY, n VARCHAR(20) NOT NULL DEFAULT 'x', p INT, CHECK (p > 0), FOREIGN KEY (p) REFERENCES p (id))",
		"INSERT INTO t (n) VALUES ('a'), ('b')",
		"CREATE TABLE l LIKE t")
	require.Equal(t, "CREATE TABLE `l` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  `n` varchar(20) NOT NULL DEFAULT 'x',\n  `p` int DEFAULT NULL,\n  PRIMARY KEY (`id`),\n  KEY `p` (`p`),\n"+
		"  CONSTRAINT `l_chk_1` CHECK (p > 0)\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_0900_bin", c.created("l"))
	require.Equal(t, uint64(2), c.run("CREATE TABLE s (x INT AUTO_INCREMENT PRIMARY KEY, n CHAR(5)) AS SELECT id + 10 AS y, n, 1.5 AS d, NULL AS nothing FROM t"))
	require.Equal(t, "1|11|a|1.5|NULL\n2|12|b|1.5|NULL", c.rows("SELECT * FROM s"))
	require.Equal(t, "x|y|n|d|nothing", describeNames(c, "s"))
	c.fails(1062, "CREATE TABLE dup (k INT PRIMARY KEY) SELECT 1 AS k UNION ALL SELECT 1")
	c.fails(1146, "SELECT * FROM dup")
	c.fails(1060, "CREATE TABLE dup SELECT 1 AS a, 2 AS a")
	c.run("CREATE VIEW vw AS SELECT 1 AS one")
	c.fails(1347, "CREATE TABLE z LIKE vw")
}

func describeNames(c *client, table string) string {
	out := ""
	for i, line := range query(c.t, c.s, "SHOW COLUMNS FROM "+table) {
		if i > 0 {
			out += "|"
		}
		for j := range line {
			if line[j] == '|' {
				out += line[:j]
				break
			}
		}
	}
	return out
}
