package infoschema_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

type client struct {
	t *testing.T
	s *sqlmap.Session
}

// open returns a session on the schema d, in which setup has run.
func open(t *testing.T, setup ...string) *client {
	ctx := context.Background()
	db, err := engine.New(engine.Options{})
	require.NoError(t, err)
	d, err := sqlmap.Acquire(db)
	require.NoError(t, err)
	s, err := d.NewSession(ctx, sqlmap.SessionOptions{Schema: "d", CreateSchema: true})
	require.NoError(t, err)
	t.Cleanup(func() {
		require.NoError(t, s.Close())
		d.Release()
		require.NoError(t, db.Close(ctx))
	})
	c := &client{t, s}
	for _, text := range setup {
		_, err := s.Exec(ctx, text, sqlmap.Args{})
		require.NoError(t, err, text)
	}
	return c
}

// read returns the labels and the rows of a result, values separated by |.
func (c *client) read(text string, args ...value.Value) (labels string, rows []string, err error) {
	ctx := context.Background()
	r, err := c.s.Query(ctx, text, sqlmap.Args{Values: args})
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = r.Close() }()
	row := make([]value.Value, len(r.Columns()))
	for {
		ok, err := r.Next(ctx, row)
		if err != nil || !ok {
			return strings.Join(r.Names(), "|"), rows, err
		}
		cells := make([]string, len(row))
		for i, v := range row {
			cells[i] = "NULL"
			if !v.IsNull() {
				cells[i] = v.Text()
			}
		}
		rows = append(rows, strings.Join(cells, "|"))
	}
}

func (c *client) rows(text string, want ...string) {
	c.t.Helper()
	_, got, err := c.read(text)
	require.NoError(c.t, err, text)
	require.Equal(c.t, strings.Join(want, "\n"), strings.Join(got, "\n"), text)
}

func (c *client) labels(text, want string) {
	c.t.Helper()
	got, _, err := c.read(text)
	require.NoError(c.t, err, text)
	require.Equal(c.t, want, got, text)
}

func (c *client) fails(number int, text string) {
	c.t.Helper()
	_, _, err := c.read(text)
	var e *sqlerr.Error
	require.True(c.t, errors.As(err, &e), "%s: %v", text, err)
	require.Equal(c.t, number, int(e.Number()), "%s: %v", text, err)
}

var library = []string{
	"CREATE TABLE authors (id INT UNSIGNED AUTO_INCREMENT PRIMARY KEY, name VARCHAR(80) NOT NULL COMMENT 'full name', mail VARCHAR(100) COLLATE utf8mb4_general_ci UNIQUE, born DATE, rate DECIMAL(5,2) DEFAULT 1.5, bio TEXT, seen DATETIME(3) DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3), kind ENUM('a','bcd') DEFAULT 'a', CONSTRAINT rate_range CHECK (rate < 10)) COMMENT 'people', AUTO_INCREMENT=5",
	"CREATE TABLE books (isbn CHAR(13) NOT NULL, author INT UNSIGNED, title VARCHAR(200), size BIGINT, pages INT AS (size * 2) STORED, flags BIT(3) DEFAULT b'101', PRIMARY KEY (isbn), KEY title_author (title(20), author DESC), CONSTRAINT book_author FOREIGN KEY (author) REFERENCES authors (id) ON DELETE SET NULL)",
	"CREATE VIEW thick AS SELECT title, size + 1 AS more FROM books WHERE pages > 100",
	"INSERT INTO authors (name) VALUES ('ann'), ('bob')",
}

func TestTables(t *testing.T) {
	c := open(t, library...)
	c.rows("SELECT table_name, table_type, engine, table_rows, auto_increment, table_collation, table_comment FROM information_schema.tables WHERE table_schema = 'd' ORDER BY 1",
		"authors|BASE TABLE|InnoDB|2|7|utf8mb4_0900_bin|people", "books|BASE TABLE|InnoDB|0|NULL|utf8mb4_0900_bin|", "thick|VIEW|NULL|NULL|NULL|NULL|VIEW")
	c.rows("SELECT schema_name, default_collation_name FROM INFORMATION_SCHEMA.SCHEMATA", "information_schema|utf8mb4_general_ci", "d|utf8mb4_0900_bin")
	c.rows("SELECT count(*) FROM information_schema.tables WHERE table_schema = 'D'", "0")
	c.rows("SELECT table_name FROM information_schema.tables WHERE table_schema = 'D' COLLATE utf8mb4_general_ci AND table_name LIKE 'a%'", "authors")
	c.rows("SELECT table_type FROM information_schema.tables WHERE table_schema = 'information_schema' AND table_name = 'COLUMNS'", "SYSTEM VIEW")
	c.rows("SELECT create_time > '2020-01-01' AND create_time <= now() + interval 1 second FROM information_schema.tables WHERE table_name = 'books'", "1")
	c.rows("SELECT view_definition, is_updatable FROM information_schema.views", "SELECT title, size + 1 AS more FROM books WHERE pages > 100|YES")
	c.rows("SELECT count(*) FROM information_schema.routines UNION ALL SELECT count(*) FROM information_schema.events UNION ALL SELECT count(*) FROM information_schema.partitions", "0", "0", "0")
	c.rows("SELECT engine, support, transactions FROM information_schema.engines", "InnoDB|DEFAULT|YES")
	c.rows("SELECT character_set_name, pad_attribute, is_default FROM information_schema.collations WHERE collation_name = 'UTF8MB4_bin'", "utf8mb4|PAD SPACE|")
	c.rows("SELECT count(*) FROM information_schema.processlist", "1")
}

func TestColumns(t *testing.T) {
	c := open(t, library...)
	c.rows("SELECT column_name, ordinal_position, column_default, is_nullable, data_type, character_maximum_length, character_octet_length, numeric_precision, numeric_scale, datetime_precision, collation_name, column_type, column_key, extra, column_comment FROM information_schema.columns WHERE table_schema = 'd' AND table_name = 'authors' ORDER BY ordinal_position",
		"id|1|NULL|NO|int|NULL|NULL|10|0|NULL|NULL|int unsigned|PRI|auto_increment|",
		"name|2|NULL|NO|varchar|80|320|NULL|NULL|NULL|utf8mb4_0900_bin|varchar(80)|||full name",
		"mail|3|NULL|YES|varchar|100|400|NULL|NULL|NULL|utf8mb4_general_ci|varchar(100)|UNI||",
		"born|4|NULL|YES|date|NULL|NULL|NULL|NULL|NULL|NULL|date|||",
		"rate|5|1.50|YES|decimal|NULL|NULL|5|2|NULL|NULL|decimal(5,2)|||",
		"bio|6|NULL|YES|text|65535|65535|NULL|NULL|NULL|utf8mb4_0900_bin|text|||",
		"seen|7|CURRENT_TIMESTAMP(3)|YES|datetime|NULL|NULL|NULL|NULL|3|NULL|datetime(3)||DEFAULT_GENERATED on update CURRENT_TIMESTAMP(3)|",
		"kind|8|a|YES|enum|3|12|NULL|NULL|NULL|utf8mb4_0900_bin|enum('a','bcd')|||")
	c.rows("SELECT column_name, column_key, extra, generation_expression, column_default FROM information_schema.columns WHERE table_name = 'books'",
		"isbn|PRI|||NULL", "author|MUL|||NULL", "title|MUL|||NULL", "size||||NULL", "pages||STORED GENERATED|size * 2|NULL", "flags||||b'101'")
	c.rows("SELECT column_name, column_type FROM information_schema.columns WHERE table_name = 'thick'", "title|varchar(200)", "more|bigint")
	c.rows("SELECT column_type FROM information_schema.columns WHERE table_schema = 'information_schema' AND table_name = 'TABLES' AND column_name = 'table_rows'", "bigint unsigned")
}

func TestConstraints(t *testing.T) {
	c := open(t, library...)
	c.rows("SELECT table_name, index_name, non_unique, seq_in_index, column_name, collation, sub_part, nullable, index_type, is_visible FROM information_schema.statistics WHERE table_schema = 'd' ORDER BY 1, 2, 4",
		"authors|mail|0|1|mail|A|NULL|YES|BTREE|YES", "authors|PRIMARY|0|1|id|A|NULL||BTREE|YES", "books|book_author|1|1|author|A|NULL|YES|BTREE|YES",
		"books|PRIMARY|0|1|isbn|A|NULL||BTREE|YES", "books|title_author|1|1|title|A|20|YES|BTREE|YES", "books|title_author|1|2|author|D|NULL|YES|BTREE|YES")
	c.rows("SELECT constraint_name, table_name, constraint_type, enforced FROM information_schema.table_constraints WHERE constraint_schema = 'd'",
		"PRIMARY|authors|PRIMARY KEY|YES", "mail|authors|UNIQUE|YES", "rate_range|authors|CHECK|YES", "PRIMARY|books|PRIMARY KEY|YES", "book_author|books|FOREIGN KEY|YES")
	c.rows("SELECT constraint_name, column_name, ordinal_position, position_in_unique_constraint, referenced_table_schema, referenced_table_name, referenced_column_name FROM information_schema.key_column_usage WHERE table_name = 'books'",
		"PRIMARY|isbn|1|NULL|NULL|NULL|NULL", "book_author|author|1|1|d|authors|id")
	c.rows("SELECT constraint_name, unique_constraint_name, match_option, update_rule, delete_rule, table_name, referenced_table_name FROM information_schema.referential_constraints",
		"book_author|PRIMARY|NONE|NO ACTION|SET NULL|books|authors")
	c.rows("SELECT constraint_name, check_clause, table_name FROM information_schema.check_constraints", "rate_range|(rate < 10)|authors")
	c.rows("SELECT k.column_name FROM information_schema.key_column_usage k JOIN information_schema.referential_constraints r USING (constraint_name) WHERE r.delete_rule = 'SET NULL'", "author")
}

func TestShow(t *testing.T) {
	c := open(t, library...)
	c.rows("SHOW TABLES", "authors", "books", "thick")
	c.labels("SHOW TABLES", "Tables_in_d")
	c.labels("SHOW TABLES LIKE 'b%'", "Tables_in_d (b%)")
	c.rows("SHOW TABLES LIKE 'b%'", "books")
	c.rows("SHOW FULL TABLES WHERE Table_type = 'VIEW'", "thick|VIEW")
	c.rows("SHOW TABLES WHERE Tables_in_d > 'b' AND Tables_in_d < 'c'", "books")
	c.rows("SHOW DATABASES LIKE 'd%'", "d")
	c.labels("SHOW TABLE STATUS", "Name|Engine|Version|Row_format|Rows|Avg_row_length|Data_length|Max_data_length|Index_length|Data_free|Auto_increment|Create_time|Update_time|Check_time|Collation|Checksum|Create_options|Comment")
	c.labels("SHOW COLUMNS FROM books", "Field|Type|Null|Key|Default|Extra")
	c.rows("SHOW COLUMNS FROM books LIKE 'AUT%'", "author|int unsigned|YES|MUL|NULL|")
	c.rows("SHOW FULL COLUMNS FROM authors WHERE Field = 'name'", "name|varchar(80)|utf8mb4_0900_bin|NO||NULL||select,insert,update,references|full name")
	c.rows("SHOW COLUMNS FROM thick", "title|varchar(200)|YES||NULL|", "more|bigint|YES||NULL|")
	c.rows("DESCRIBE books isbn", "isbn|char(13)|NO|PRI|NULL|")
	c.rows("DESC authors 'b%'", "born|date|YES||NULL|", "bio|text|YES||NULL|")
	c.rows("EXPLAIN d.authors id", "id|int unsigned|NO|PRI|NULL|auto_increment")
	c.labels("SHOW INDEX FROM books", "Table|Non_unique|Key_name|Seq_in_index|Column_name|Collation|Cardinality|Sub_part|Packed|Null|Index_type|Comment|Index_comment|Visible|Expression")
	c.rows("SHOW KEYS FROM books WHERE Key_name = 'PRIMARY'", "books|0|PRIMARY|1|isbn|A|0|NULL|NULL||BTREE|||YES|NULL")
	c.rows("SHOW VARIABLES LIKE 'version'", "version|8.0.36-worktable")
	c.rows("SHOW GLOBAL VARIABLES WHERE Variable_name = 'autocommit'", "autocommit|ON")
	c.labels("SHOW STATUS LIKE 'Uptime'", "Variable_name|Value")
	c.rows("SHOW CREATE DATABASE d", "d|CREATE DATABASE `d` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin */ /*!80016 DEFAULT ENCRYPTION='N' */")
	c.rows("SHOW COLLATION WHERE Charset = 'binary'", "binary|binary|63|Yes|Yes|1|NO PAD")
	c.labels("SHOW CHARACTER SET", "Charset|Description|Default collation|Maxlen")
	c.labels("SHOW ENGINES", "Engine|Support|Comment|Transactions|XA|Savepoints")
	c.labels("SHOW FULL PROCESSLIST", "Id|User|Host|db|Command|Time|State|Info")
	c.labels("SHOW TRIGGERS", "Trigger|Event|Table|Statement|Timing|Created|sql_mode|Definer|character_set_client|collation_connection|Database Collation")
	for _, text := range []string{"SHOW GRANTS", "SHOW PLUGINS", "SHOW PRIVILEGES", "SHOW EVENTS", "SHOW PROCEDURE STATUS LIKE 'x'", "SHOW FUNCTION STATUS",
		"SHOW OPEN TABLES FROM d", "SHOW MASTER STATUS", "SHOW REPLICA STATUS", "SHOW CREATE VIEW thick", "SHOW CREATE TABLE thick", "SHOW COLUMNS FROM information_schema.tables"} {
		_, _, err := c.read(text)
		require.NoError(t, err, text)
	}
	c.fails(1049, "SHOW TABLES FROM nothing")
	c.fails(1146, "SHOW COLUMNS FROM nothing")
	c.fails(1049, "SHOW COLUMNS FROM t FROM nothing")
	c.fails(1146, "DESCRIBE nothing")
	c.fails(1049, "SHOW CREATE DATABASE nothing")
	c.fails(1347, "SHOW CREATE VIEW books")
	c.fails(1054, "SHOW TABLES WHERE nothing = 1")
	c.fails(1381, "SHOW BINARY LOGS")
}
