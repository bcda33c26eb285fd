package ddl_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

func TestTemporaryTables(t *testing.T) {
	c := open(t)
	other := &client{t: t, db: c.db, s: c.session()}
	c.run("CREATE TABLE t (a INT)", "INSERT INTO t VALUES (1)")
	st, err := c.s.Prepare(context.Background(), "SELECT * FROM t WHERE a > ?")
	require.NoError(t, err)
	read := func() (n int) {
		r, err := st.Query(context.Background(), []value.Value{value.Int(0)})
		require.NoError(t, err)
		defer r.Close()
		row := make([]value.Value, len(r.Columns()))
		for {
			ok, err := r.Next(context.Background(), row)
			require.NoError(t, err)
			if !ok {
				return n
			}
			n++
		}
	}
	require.Equal(t, 1, read())
	c.run("CREATE TEMPORARY TABLE t (a INT, b INT DEFAULT 5)")
	require.Equal(t, 0, read(), "the temporary table hides the other, for prepared statements, too")
	c.run("INSERT INTO t (a) VALUES (7), (8)")
	require.Equal(t, "7|5\n8|5", c.rows("SELECT * FROM t"))
	require.Equal(t, "1", other.rows("SELECT * FROM t"))
	require.Contains(t, c.created("t"), "CREATE TEMPORARY TABLE `t`")
	c.fails(1050, "CREATE TEMPORARY TABLE t (a INT)")
	c.run("ALTER TABLE t ADD c INT DEFAULT 1, MODIFY a VARCHAR(9)", "CREATE INDEX k ON t (a)")
	require.Equal(t, "7|5|1\n8|5|1", c.rows("SELECT * FROM t"))
	c.run("TRUNCATE t")
	require.Equal(t, "", c.rows("SELECT * FROM t"))
	c.run("CREATE TEMPORARY TABLE s AS SELECT 1 AS x", "ALTER TABLE s RENAME TO r")
	require.Equal(t, "1", c.rows("SELECT * FROM r"))
	c.fails(1352, "CREATE VIEW v AS SELECT * FROM r")
	require.Equal(t, "t", c.rows("SHOW TABLES"))
	c.run("DROP TEMPORARY TABLE t")
	require.Equal(t, 1, read())
	c.fails(1051, "DROP TEMPORARY TABLE t")
	c.run("BEGIN", "INSERT INTO t VALUES (2)", "CREATE TEMPORARY TABLE u (a INT)", "ROLLBACK")
	require.Equal(t, 1, read(), "making a temporary table does not commit")
}

func TestViews(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (a INT, b VARCHAR(5))", "INSERT INTO t VALUES (1, 'x'), (2, 'y')",
		"CREATE VIEW v (p, q) AS SELECT a + 1, b FROM t WHERE a > 1")
	require.Equal(t, "3|y", c.rows("SELECT * FROM v"))
	require.Equal(t, "CREATE ALGORITHM=UNDEFINED DEFINER=`root`@`localhost` SQL SECURITY DEFINER VIEW `v` (`p`,`q`) AS SELECT a + 1, b FROM t WHERE a > 1", viewText(c, "v"))
	c.fails(1050, "CREATE VIEW v AS SELECT 1 AS one")
	c.fails(1050, "CREATE VIEW t AS SELECT 1 AS one")
	c.fails(1347, "CREATE OR REPLACE VIEW t AS SELECT 1 AS one")
	c.fails(1353, "CREATE VIEW w (a) AS SELECT 1, 2")
	c.fails(1060, "CREATE VIEW w AS SELECT 1 AS a, 2 AS a")
	c.fails(1351, "CREATE VIEW w AS SELECT @x")
	c.fails(1146, "CREATE VIEW w AS SELECT * FROM nothing")
	c.fails(1054, "CREATE VIEW w AS SELECT nothing FROM t")
	c.fails(1347, "DROP VIEW t")
	c.fails(1347, "ALTER TABLE v ADD x INT")
	c.run("CREATE OR REPLACE VIEW v AS SELECT b FROM t", "CREATE VIEW w AS SELECT * FROM v")
	require.Equal(t, "x\ny", c.rows("SELECT * FROM w ORDER BY 1"))
	c.run("ALTER VIEW w AS SELECT 5 AS five")
	require.Equal(t, "5", c.rows("SELECT * FROM w"))
	c.run("DROP TABLE t")
	c.fails(1356, "SELECT * FROM v")
	c.run("DROP VIEW v, w")
}

func viewText(c *client, name string) string {
	c.t.Helper()
	return strings.Split(c.rows("SHOW CREATE VIEW "+name), "|")[1]
}

func TestTriggers(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (a INT)", "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN END")
	c.fails(1359, "CREATE TRIGGER G AFTER DELETE ON t FOR EACH ROW BEGIN END")
	c.fails(1235, "CREATE TRIGGER h AFTER DELETE ON t FOR EACH ROW SET @x = 1")
	c.fails(1146, "CREATE TRIGGER h AFTER DELETE ON nothing FOR EACH ROW BEGIN END")
	require.Equal(t, "g|INSERT|t|BEGIN END|BEFORE", c.rows("SELECT trigger_name, event_manipulation, event_object_table, action_statement, action_timing FROM information_schema.triggers"))
	c.run("ALTER TABLE t ADD b INT", "INSERT INTO t VALUES (1, 2)")
	require.NotEmpty(t, c.rows("SHOW TRIGGERS LIKE 't'"))
	require.Contains(t, c.rows("SHOW CREATE TRIGGER g"), "TRIGGER `g` BEFORE INSERT ON `t` FOR EACH ROW BEGIN END")
	c.fails(1360, "SHOW CREATE TRIGGER nothing")
	c.run("DROP TRIGGER g")
	require.Empty(t, c.rows("SHOW TRIGGERS"))
	c.run("CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN END", "DROP TABLE t")
	c.fails(1360, "DROP TRIGGER g")
}

func TestDatabases(t *testing.T) {
	c := open(t)
	c.run("CREATE DATABASE x CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci", "CREATE TABLE x.t (a VARCHAR(3))", "ALTER DATABASE x COLLATE utf8mb4_bin",
		"CREATE TABLE x.u (a VARCHAR(3))")
	require.Contains(t, c.created("x.t"), "COLLATE=utf8mb4_general_ci")
	require.Contains(t, c.created("x.u"), "COLLATE=utf8mb4_bin")
	require.Equal(t, "d\ninformation_schema\nx", c.rows("SHOW DATABASES"))
	c.fails(1049, "ALTER DATABASE nothing COLLATE utf8mb4_bin")
	c.fails(1044, "DROP DATABASE information_schema")
	c.run("USE x")
	require.Equal(t, uint64(2), c.run("DROP DATABASE x"))
	c.fails(1046, "CREATE TABLE t (a INT)")
	s, err := c.db.NewSession(context.Background(), sqlmap.SessionOptions{})
	require.NoError(t, err)
	defer s.Close()
	n := &client{t: t, db: c.db, s: s}
	n.fails(1046, "SHOW TABLES")
	n.fails(1049, "SHOW TABLES FROM x")
}

// DDL commits what is open, and a definition is all or nothing.
func TestImplicitCommit(t *testing.T) {
	c := open(t)
	c.run("CREATE TABLE t (a INT)", "BEGIN", "INSERT INTO t VALUES (1)", "CREATE TABLE u (a INT)", "ROLLBACK")
	require.Equal(t, "1", c.rows("SELECT * FROM t"))
}
