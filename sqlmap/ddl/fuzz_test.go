package ddl_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

// FuzzDefine runs a script of definitions, whose errors do not matter, and requires that what SHOW CREATE TABLE prints of every
// table makes the same table again.
func FuzzDefine(f *testing.F) {
	for _, seed := range []string{
		"CREATE TABLE a (i INT PRIMARY KEY, v VARCHAR(3) DEFAULT 'x', KEY k (v(2) DESC)); ALTER TABLE a ADD b BIT(3) DEFAULT b'1' FIRST",
		"CREATE TABLE b (t TIMESTAMP DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, d DATETIME(3) DEFAULT (now())); INSERT INTO b () VALUES ()",
		"CREATE TABLE c (a INT, b INT AS (a + 1) STORED, CHECK (a > 0), UNIQUE (b)); INSERT INTO c (a) VALUES (1), (2); ALTER TABLE c MODIFY a BIGINT",
		"CREATE TABLE d (id SERIAL, e ENUM('a','b''') DEFAULT 'a', s SET('x','y') COLLATE utf8mb4_bin, j JSON, bl VARBINARY(5) DEFAULT 'q') COMMENT 'it''s'",
		"CREATE TABLE e (id INT PRIMARY KEY, p INT, FOREIGN KEY (p) REFERENCES e (id) ON DELETE SET NULL); RENAME TABLE e TO f; ALTER TABLE f ADD FOREIGN KEY (id) REFERENCES f (id)",
		"CREATE TABLE g (a DECIMAL(10,2) ZEROFILL, y YEAR DEFAULT 1999, z INT(5) ZEROFILL DEFAULT 7 COMMENT 'z'); CREATE TABLE h LIKE g; CREATE TABLE i SELECT * FROM g",
		"CREATE TABLE j (a TEXT, KEY (a(10)), b DATE DEFAULT '2020-01-01', c TIME(3) DEFAULT '1:2:3.4', d DOUBLE DEFAULT 1e10, f FLOAT DEFAULT 0.1); ALTER TABLE j CONVERT TO CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci",
		"CREATE TEMPORARY TABLE k (a INT); CREATE VIEW v AS SELECT * FROM k; CREATE TRIGGER t BEFORE INSERT ON k FOR EACH ROW BEGIN END",
		"CREATE TABLE l (`a``b` INT, `c d` INT DEFAULT ((1)), KEY `x``y` (`a``b`) INVISIBLE); ALTER TABLE l RENAME COLUMN `c d` TO c",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, script string) {
		lower := strings.ToLower(script)
		for _, not := range []string{
			"sleep", "get_lock",
			"sql_mode", // changes how what is printed reads
			"drop",     // DROP DEFAULT leaves a column that, as in MySQL, prints like one with DEFAULT NULL
		} {
			if strings.Contains(lower, not) {
				return
			}
		}
		if len(script) > 2000 {
			return
		}
		ctx := context.Background()
		db, err := engine.New(engine.Options{NoBackground: true})
		require.NoError(t, err)
		d, err := sqlmap.Acquire(db)
		require.NoError(t, err)
		defer func() {
			d.Release()
			require.NoError(t, db.Close(ctx))
		}()
		s, err := d.NewSession(ctx, sqlmap.SessionOptions{Schema: "d", CreateSchema: true})
		require.NoError(t, err)
		defer s.Close()
		for _, text := range strings.Split(script, ";") {
			_, _ = s.Exec(ctx, text, sqlmap.Args{})
		}
		if s.Rollback(ctx) != nil || s.Schema() != "d" {
			return
		}
		require.Empty(t, db.Check(ctx))
		_, err = s.Exec(ctx, "SET foreign_key_checks = 0", sqlmap.Args{})
		require.NoError(t, err)
		for _, name := range tableNames(t, s) {
			show := "SHOW CREATE TABLE `" + strings.ReplaceAll(name, "`", "``") + "`"
			was := showCreate(t, s, show)
			for _, text := range []string{"DROP TABLE" + strings.TrimPrefix(show, "SHOW CREATE TABLE"), was} {
				_, err := s.Exec(ctx, text, sqlmap.Args{})
				require.NoError(t, err, text)
			}
			require.Equal(t, was, showCreate(t, s, show))
		}
	})
}

func tableNames(t *testing.T, s *sqlmap.Session) []string {
	return query(t, s, "SELECT table_name FROM information_schema.tables WHERE table_schema = 'd' AND table_type = 'BASE TABLE'")
}

// showCreate is the statement that SHOW CREATE TABLE prints.
func showCreate(t *testing.T, s *sqlmap.Session, show string) string {
	ctx := context.Background()
	r, err := s.Query(ctx, show, sqlmap.Args{})
	require.NoError(t, err, show)
	defer r.Close()
	row := make([]value.Value, len(r.Columns()))
	ok, err := r.Next(ctx, row)
	require.NoError(t, err, show)
	require.True(t, ok, show)
	return strings.Clone(row[1].Text())
}
