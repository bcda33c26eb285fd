package sqlmap_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/sqlmap"
)

const accounts = "CREATE TABLE account (id INT PRIMARY KEY, owner VARCHAR(10), balance INT NOT NULL, note VARCHAR(20))"

// bank returns two sessions on one database with three accounts.
func bank(t *testing.T, opts ...func(*sqlmap.SessionOptions)) (d *sqlmap.Database, a, b *conn) {
	t.Helper()
	d = newDatabase(t)
	a = newConn(t, d, opts...)
	a.exec(accounts)
	a.exec("INSERT INTO account VALUES (1, 'ann', 100, ''), (2, 'bob', 200, ''), (3, 'cy', 300, '')")
	return d, a, newConn(t, d, opts...)
}

func readCommitted(o *sqlmap.SessionOptions) { o.Isolation = engine.ReadCommitted }

func TestRollbackAndCommit(t *testing.T) {
	_, a, b := bank(t)
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 0")
	a.exec("DELETE FROM account WHERE id = 3")
	a.exec("INSERT INTO account VALUES (4, 'di', 1, '')")
	a.rows("SELECT id, balance FROM account ORDER BY id", "1 0", "2 0", "4 1")
	b.rows("SELECT id, balance FROM account ORDER BY id", "1 100", "2 200", "3 300")
	a.exec("ROLLBACK")
	a.rows("SELECT id, balance FROM account ORDER BY id", "1 100", "2 200", "3 300")
	a.exec("START TRANSACTION")
	require.True(t, a.s.InTx())
	a.exec("UPDATE account SET balance = 1 WHERE id = 1")
	a.exec("COMMIT")
	require.False(t, a.s.InTx())
	b.rows("SELECT balance FROM account WHERE id = 1", "1")
}

func TestIsolationLevels(t *testing.T) {
	t.Run("repeatable read", func(t *testing.T) {
		_, a, b := bank(t)
		a.exec("BEGIN")
		a.rows("SELECT sum(balance) FROM account", "600")
		b.exec("UPDATE account SET balance = balance + 1")
		b.exec("INSERT INTO account VALUES (9, 'x', 1000, '')")
		a.rows("SELECT sum(balance) FROM account", "600")
		a.rows("SELECT balance FROM account WHERE id = 1", "100")
		// A locking read sees the newest rows.
		a.rows("SELECT balance FROM account WHERE id = 1 FOR UPDATE", "101")
		a.exec("COMMIT")
		a.rows("SELECT sum(balance) FROM account", "1603")
	})
	t.Run("read committed", func(t *testing.T) {
		_, a, b := bank(t, readCommitted)
		a.rows("SELECT @@transaction_isolation", "READ-COMMITTED")
		a.exec("BEGIN")
		a.rows("SELECT balance FROM account WHERE id = 1", "100")
		b.exec("UPDATE account SET balance = balance + 1")
		a.rows("SELECT balance FROM account WHERE id = 1", "101")
		a.exec("COMMIT")
	})
	t.Run("no lost update", func(t *testing.T) {
		_, a, b := bank(t)
		a.exec("BEGIN")
		a.rows("SELECT balance FROM account WHERE id = 1", "100")
		b.exec("UPDATE account SET balance = balance + 5 WHERE id = 1")
		a.fails(1213, "UPDATE account SET balance = 101 WHERE id = 1")
		a.exec("ROLLBACK")
		a.rows("SELECT balance FROM account WHERE id = 1", "105")
	})
	t.Run("by statement", func(t *testing.T) {
		_, a, b := bank(t)
		a.exec("SET TRANSACTION ISOLATION LEVEL READ COMMITTED")
		a.exec("BEGIN")
		a.fails(1568, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
		a.rows("SELECT balance FROM account WHERE id = 1", "100")
		b.exec("UPDATE account SET balance = 7 WHERE id = 1")
		a.rows("SELECT balance FROM account WHERE id = 1", "7")
		a.exec("COMMIT")
		a.exec("BEGIN")
		a.rows("SELECT balance FROM account WHERE id = 1", "7")
		b.exec("UPDATE account SET balance = 8 WHERE id = 1")
		a.rows("SELECT balance FROM account WHERE id = 1", "7")
		a.exec("ROLLBACK")
	})
	t.Run("serializable", func(t *testing.T) {
		_, a, b := bank(t)
		b.exec("SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE")
		b.rows("SELECT @@transaction_isolation", "SERIALIZABLE")
		b.exec("SET innodb_lock_wait_timeout = 1")
		a.exec("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
		a.exec("BEGIN")
		a.rows("SELECT balance FROM account WHERE id = 1", "100")
		b.rows("SELECT balance FROM account WHERE id = 1", "100")
		b.fails(1205, "UPDATE account SET balance = 1 WHERE id = 2")
		b.fails(1205, "BEGIN")
		a.exec("UPDATE account SET balance = 50 WHERE id = 1")
		a.exec("COMMIT")
		b.exec("BEGIN")
		a.exec("BEGIN") // the level was for one transaction
		b.rows("SELECT balance FROM account WHERE id = 1", "50")
	})
	t.Run("consistent snapshot", func(t *testing.T) {
		_, a, b := bank(t)
		a.exec("START TRANSACTION WITH CONSISTENT SNAPSHOT")
		b.exec("UPDATE account SET balance = 0")
		a.rows("SELECT sum(balance) FROM account", "600")
	})
	t.Run("read only", func(t *testing.T) {
		_, a, _ := bank(t)
		a.exec("START TRANSACTION READ ONLY")
		a.rows("SELECT count(*) FROM account", "3")
		a.fails(1792, "UPDATE account SET balance = 0")
		a.fails(1792, "INSERT INTO account VALUES (7, '', 1, '')")
		a.fails(1792, "CREATE TABLE x (a INT)")
		a.exec("COMMIT")
		a.exec("UPDATE account SET balance = 0")
	})
}

func TestStatementRollback(t *testing.T) {
	_, a, _ := bank(t)
	a.exec("BEGIN")
	a.exec("INSERT INTO account VALUES (4, 'di', 1, '')")
	a.fails(1062, "INSERT INTO account VALUES (5, 'ed', 1, ''), (1, 'dup', 1, '')")
	a.fails(1264, "UPDATE account SET balance = balance * 10000000 ORDER BY id")
	a.rows("SELECT id, balance FROM account ORDER BY id", "1 100", "2 200", "3 300", "4 1")
	a.exec("COMMIT")
	a.rows("SELECT count(*) FROM account", "4")
	a.fails(1062, "INSERT INTO account VALUES (6, 'ed', 1, ''), (1, 'dup', 1, '')")
	a.rows("SELECT count(*) FROM account", "4")
}

func TestSavepoints(t *testing.T) {
	_, a, _ := bank(t)
	a.exec("SAVEPOINT outside")
	a.fails(1305, "ROLLBACK TO SAVEPOINT outside")
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 1 WHERE id = 1")
	a.exec("SAVEPOINT s1")
	a.exec("UPDATE account SET balance = 2 WHERE id = 1")
	a.exec("INSERT INTO account VALUES (4, 'di', 1, '')")
	a.exec("SAVEPOINT s2")
	a.exec("DELETE FROM account")
	a.rows("SELECT count(*) FROM account", "0")
	a.exec("ROLLBACK TO S2")
	a.rows("SELECT id, balance FROM account ORDER BY id", "1 2", "2 200", "3 300", "4 1")
	a.exec("ROLLBACK TO SAVEPOINT s1")
	a.rows("SELECT id, balance FROM account ORDER BY id", "1 1", "2 200", "3 300")
	a.fails(1305, "ROLLBACK TO s2")
	a.exec("INSERT INTO account VALUES (4, 'again', 1, '')")
	a.exec("ROLLBACK TO s1")
	a.exec("RELEASE SAVEPOINT s1")
	a.fails(1305, "RELEASE SAVEPOINT s1")
	a.exec("COMMIT")
	a.rows("SELECT id, balance FROM account ORDER BY id", "1 1", "2 200", "3 300")
	a.fails(1305, "ROLLBACK TO s1")
}

func TestAutocommitOff(t *testing.T) {
	_, a, b := bank(t)
	a.exec("SET autocommit = 0")
	a.exec("UPDATE account SET balance = 0 WHERE id = 1")
	require.True(t, a.s.InTx())
	b.rows("SELECT balance FROM account WHERE id = 1", "100")
	a.exec("ROLLBACK")
	a.exec("UPDATE account SET balance = 5 WHERE id = 1")
	a.exec("SET autocommit = 1")
	b.rows("SELECT balance FROM account WHERE id = 1", "5")
	a.exec("UPDATE account SET balance = 6 WHERE id = 1")
	b.rows("SELECT balance FROM account WHERE id = 1", "6")
}

func TestImplicitCommit(t *testing.T) {
	_, a, b := bank(t)
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 0 WHERE id = 1")
	a.exec("CREATE TABLE other (a INT)")
	require.False(t, a.s.InTx())
	b.rows("SELECT balance FROM account WHERE id = 1", "0")
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 1 WHERE id = 1")
	a.exec("CREATE TEMPORARY TABLE tmp (a INT)")
	require.True(t, a.s.InTx())
	a.exec("BEGIN")
	b.rows("SELECT balance FROM account WHERE id = 1", "1")
	a.exec("ROLLBACK AND CHAIN")
	require.True(t, a.s.InTx())
	a.exec("COMMIT AND NO CHAIN")
	require.False(t, a.s.InTx())
}

func TestOpenResultsWhileOthersRun(t *testing.T) {
	_, a, b := bank(t)
	for i := range 200 {
		a.exec("INSERT INTO account VALUES (?, 'n', 1, '')", 100+i)
	}
	read := func(r *sqlmap.Result) int {
		rows, err := readAll(r)
		require.NoError(t, err)
		require.NoError(t, r.Close())
		return len(rows)
	}
	r, err := a.s.Query(background, "SELECT * FROM account", sqlmap.Args{})
	require.NoError(t, err)
	b.exec("DELETE FROM account WHERE id > 100")
	a.exec("UPDATE account SET balance = 0") // on the same session: the rows are kept
	require.Equal(t, 203, read(r))

	a.exec("BEGIN")
	r, err = a.s.Query(background, "SELECT * FROM account", sqlmap.Args{})
	require.NoError(t, err)
	inner, err := a.s.Query(background, "SELECT * FROM account WHERE id < 3", sqlmap.Args{})
	require.NoError(t, err)
	a.exec("DELETE FROM account")
	require.Equal(t, 2, read(inner))
	require.Equal(t, 4, read(r))
	a.exec("ROLLBACK")
	a.rows("SELECT count(*) FROM account", "4")

	// A result that is given up leaves nothing behind.
	r, err = a.s.Query(background, "SELECT * FROM account FOR UPDATE", sqlmap.Args{})
	require.NoError(t, err)
	require.NoError(t, r.Close())
	b.exec("UPDATE account SET balance = 3")
}
