package sqlmap_test

import "testing"

func TestDiagnostics_areCountedForTheNextStatement(t *testing.T) {
	c := open(t, "CREATE TABLE n (a INT)")
	c.rows("SELECT @@warning_count, @@error_count", "0 0")
	c.exec("DROP TABLE IF EXISTS gone, too")
	c.rows("SHOW COUNT(*) WARNINGS", "2") // which counts for nothing itself
	c.rows("SELECT @@warning_count, @@session.error_count", "2 0")
	c.rows("SELECT @@warning_count", "0")
	c.fails(1146, "SELECT * FROM nosuch")
	c.exec("SET @errors = @@error_count")
	c.rows("SELECT @errors", "1")
	c.fails(1064, "SELEC")
	c.rows("SHOW COUNT(*) ERRORS", "1")
	c.rows("SELECT @@error_count, @@warning_count", "1 1")
	c.fails(1238, "SET warning_count = 3")
}

// What a session variable cannot do is refused; it used to be swallowed.
func TestInsertID_isRefused(t *testing.T) {
	c := open(t, "CREATE TABLE n (a INT PRIMARY KEY AUTO_INCREMENT)")
	c.fails(1235, "SET insert_id = 50")
	c.exec("SET insert_id = 0")
}
