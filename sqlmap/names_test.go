package sqlmap_test

import "testing"

// MySQL drivers send SET NAMES … COLLATE for the collation of a data source name.
func TestSetNames(t *testing.T) {
	c := newConn(t, newDatabase(t))
	for _, name := range []string{"utf8mb4_unicode_ci", "utf8mb4_general_ci", "utf8mb4_bin", "utf8mb4_0900_ai_ci"} {
		c.exec("SET NAMES utf8mb4 COLLATE " + name)
		c.rows("SELECT @@collation_connection, 'a' = 'A'", name+" "+map[bool]string{true: "0", false: "1"}[name == "utf8mb4_bin"])
	}
	c.exec("SET NAMES 'UTF8MB4' COLLATE 'utf8mb4_bin'")
	c.rows("SELECT 'a' = 'A'", "0")
	c.fails(1253, "SET NAMES utf8mb4 COLLATE latin1_swedish_ci")
	c.fails(1253, "SET NAMES latin1 COLLATE utf8mb4_bin")
	c.fails(1273, "SET NAMES utf8mb4 COLLATE utf8mb4_klingon_ci")
	c.rows("SELECT @@innodb_read_only", "0")
}

// What schema tools and hosted databases' dumps switch before a migration.
func TestMigrationSettings(t *testing.T) {
	c := newConn(t, newDatabase(t))
	c.exec("SET SESSION sql_require_primary_key = 0, sql_generate_invisible_primary_key = OFF, innodb_strict_mode = ON")
	c.exec("SET SESSION information_schema_stats_expiry = 0")
	c.rows("SELECT @@information_schema_stats_expiry, @@gtid_mode, @@event_scheduler", "0 OFF OFF")
	c.fails(1235, "SET SESSION sql_require_primary_key = 1")
}
