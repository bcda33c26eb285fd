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

func TestDiagnostics_areAsManyAsAsked(t *testing.T) {
	c := open(t)
	c.exec("SET max_error_count = 1")
	c.exec("DROP TABLE IF EXISTS gone, too")
	c.rows("SHOW COUNT(*) WARNINGS", "2")
	c.rows("SHOW WARNINGS", "Note 1051 Unknown table 'test.gone'")
	c.exec("SET max_error_count = 0")
	c.exec("DROP TABLE IF EXISTS gone, too")
	c.rows("SHOW WARNINGS")
	c.exec("SET max_error_count = DEFAULT, sql_notes = 0")
	c.exec("DROP TABLE IF EXISTS gone, too")
	c.rows("SHOW COUNT(*) WARNINGS", "0")
	c.exec("SELECT CAST('x' AS SIGNED)")
	c.rows("SHOW COUNT(*) WARNINGS", "1") // no note
	c.exec("SET sql_notes = 1")
	c.exec("DROP TABLE IF EXISTS gone, too")
	c.rows("SHOW COUNT(*) WARNINGS", "2")
}
