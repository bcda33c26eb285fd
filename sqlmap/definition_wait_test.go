package sqlmap_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/sqlmap"
)

// TestOthersGoOnWhileAnAlterWaits: neither other definitions nor the transaction that the ALTER waits for are held up.
func TestOthersGoOnWhileAnAlterWaits(t *testing.T) {
	d, a, b := bank(t)
	c := newConn(t, d)
	a.exec("BEGIN")
	a.rows("SELECT count(*) FROM account", "3")
	st := b.blocked(d, "ALTER TABLE account DISABLE KEYS, ADD extra INT DEFAULT 5, MODIFY note TEXT")
	c.exec("CREATE TABLE other (id INT PRIMARY KEY)")
	c.exec("CREATE VIEW v AS SELECT 1")
	a.exec("CREATE TEMPORARY TABLE tmp SELECT id FROM account")
	a.rows("SELECT count(*) FROM tmp", "3")
	a.exec("COMMIT")
	_, err := st.wait(t)
	require.NoError(t, err)
	require.Len(t, b.s.Warnings(), 1, "what a run that came to nothing warned of is forgotten")
	a.rows("SELECT sum(extra) FROM account", "15")
	a.exec("DROP TABLE tmp, other")
}

// TestDefinitionsStartAnew: statements with steps before the one that waits.
func TestDefinitionsStartAnew(t *testing.T) {
	d, a, b := bank(t)
	use := func(table, text string) {
		t.Helper()
		a.exec("BEGIN")
		a.rows("SELECT count(*) < 0 FROM "+table, "0")
		st := b.blocked(d, text)
		a.exec("COMMIT")
		_, err := st.wait(t)
		require.NoError(t, err, text)
	}
	use("account", "CREATE TABLE made (n INT, FOREIGN KEY (id) REFERENCES account (id)) SELECT id, balance FROM account")
	b.rows("SELECT id, balance, n FROM made WHERE id < 3", "1 100 NULL", "2 200 NULL")
	use("made", "ALTER TABLE account MODIFY balance BIGINT, RENAME TO konto")
	b.fails(1452, "INSERT INTO made (id, balance) VALUES (9, 9)")
	b.rows("SELECT REFERENCED_TABLE_NAME FROM information_schema.REFERENTIAL_CONSTRAINTS", "konto")
	b.exec("CREATE TABLE x (id INT)")
	b.exec("CREATE TABLE y (id INT)")
	b.exec("CREATE TEMPORARY TABLE tmp (id INT)")
	b.exec("INSERT INTO x VALUES (1)")
	use("y", "RENAME TABLE tmp TO tmp2, x TO z, y TO x, z TO y")
	b.rows("SELECT (SELECT count(*) FROM x), (SELECT count(*) FROM y), (SELECT count(*) FROM tmp2)", "0 1 0")
	use("x", "DROP TABLE IF EXISTS tmp2, missing, y, x")
	require.Len(t, b.s.Warnings(), 1)
	b.fails(1146, "SELECT * FROM tmp2")
	use("made", "DROP DATABASE test")
}

// TestDropDatabaseStartsAnew: while it waits for a table another session drops the database. No table goes with it.
func TestDropDatabaseStartsAnew(t *testing.T) {
	d, a, b := bank(t)
	c := newConn(t, d)
	a.exec("BEGIN")
	a.rows("SELECT count(*) FROM account", "3")
	first := b.blocked(d, "DROP DATABASE test")
	before := d.Engine().Stats().LockWaits
	var out sqlmap.Outcome
	done := make(chan error, 1)
	go func() {
		var err error
		out, err = c.try("DROP DATABASE IF EXISTS test")
		done <- err
	}()
	require.Eventually(t, func() bool { return d.Engine().Stats().LockWaits > before }, 10*time.Second, time.Millisecond)
	a.exec("COMMIT")
	_, err := first.wait(t)
	require.NoError(t, err)
	require.NoError(t, <-done)
	require.Len(t, c.s.Warnings(), 1)
	require.Zero(t, out.Affected)
}

// TestInterruptedDefinition: KILL QUERY reaches a definition that waits for a table.
func TestInterruptedDefinition(t *testing.T) {
	d, a, b := bank(t)
	a.exec("BEGIN")
	a.rows("SELECT count(*) FROM account", "3")
	st := b.blocked(d, "ALTER TABLE account DROP note")
	a.exec("KILL QUERY ?", int(b.s.ID()))
	_, err := st.wait(t)
	requireError(t, 1317, err, "ALTER")
	a.rows("SELECT count(note) FROM account", "3")
}

// TestDefinitionDeadlock: the ALTER waits for a transaction that waits for a user lock of the ALTER's session.
func TestDefinitionDeadlock(t *testing.T) {
	d, a, b := bank(t)
	b.rows("SELECT GET_LOCK('x', 0)", "1")
	a.exec("BEGIN")
	a.rows("SELECT count(*) FROM account", "3")
	st := b.blocked(d, "ALTER TABLE account DROP note")
	a.fails(3058, "SELECT GET_LOCK('x', 600)")
	a.exec("ROLLBACK")
	_, err := st.wait(t)
	require.NoError(t, err)
}
