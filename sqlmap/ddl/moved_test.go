package ddl_test

import "testing"

// An ALTER that moves columns keeps what the pruner and the conflict check know about older versions: no entry stays behind,
// and an update that a snapshot has not seen is not lost.
func TestMovedColumns(t *testing.T) {
	c := open(t)
	other := &client{t: t, db: c.db, s: c.session()}
	c.run("CREATE TABLE t (id INT PRIMARY KEY, b VARCHAR(20), a INT, KEY (a))", "INSERT INTO t VALUES (1, 'x', 1), (2, 'y', 2)")
	other.run("START TRANSACTION WITH CONSISTENT SNAPSHOT")
	c.run("UPDATE t SET a = a + 10", "ALTER TABLE t MODIFY a INT FIRST")
	other.fails(1213, "UPDATE t SET a = a + 1 WHERE id = 1")
	other.run("ROLLBACK")
	c.run("UPDATE t SET b = 'z'")
}
