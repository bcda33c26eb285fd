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
