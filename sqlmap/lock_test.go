package sqlmap_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/sqlmap"
)

func TestColumnLocks(t *testing.T) {
	d, a, b := bank(t, readCommitted)
	a.exec("BEGIN")
	b.exec("BEGIN")
	a.exec("UPDATE account SET balance = 1 WHERE id = 1")
	b.exec("UPDATE account SET note = 'b' WHERE id = 1") // another column: no wait
	st := b.blocked(d, "UPDATE account SET balance = 2 WHERE id = 1")
	a.exec("COMMIT")
	_, err := st.wait(t)
	require.NoError(t, err)
	b.exec("COMMIT")
	a.rows("SELECT balance, note FROM account WHERE id = 1", "2 b")
}

func TestWaitingWriteSeesTheNewRow(t *testing.T) {
	d, a, b := bank(t)
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = balance + 1 WHERE id = 1")
	st := b.blocked(d, "UPDATE account SET balance = balance * 2 WHERE id = 1")
	a.exec("COMMIT")
	_, err := st.wait(t)
	require.NoError(t, err)
	b.rows("SELECT balance FROM account WHERE id = 1", "202")

	// The condition is looked at again: the row no longer fits.
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 0 WHERE id = 2")
	st = b.blocked(d, "DELETE FROM account WHERE balance = 200")
	a.exec("COMMIT")
	_, err = st.wait(t)
	require.NoError(t, err)
	b.rows("SELECT count(*) FROM account", "3")
}

func TestUniqueKeyWaits(t *testing.T) {
	for _, end := range []string{"COMMIT", "ROLLBACK"} {
		d, a, b := bank(t)
		a.exec("BEGIN")
		a.exec("INSERT INTO account VALUES (7, 'a', 1, '')")
		st := b.blocked(d, "INSERT INTO account VALUES (7, 'b', 1, '') ON DUPLICATE KEY UPDATE note = 'dup'")
		a.exec(end)
		_, err := st.wait(t)
		require.NoError(t, err)
		want := map[string]string{"COMMIT": "a dup", "ROLLBACK": "b "}[end]
		b.rows("SELECT owner, note FROM account WHERE id = 7", want)
	}
}

func TestLockWaitTimeout(t *testing.T) {
	_, a, b := bank(t, func(o *sqlmap.SessionOptions) { o.LockWait = 50 * time.Millisecond })
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 0 WHERE id = 1")
	b.exec("BEGIN")
	b.exec("UPDATE account SET balance = 0 WHERE id = 2")
	b.fails(1205, "UPDATE account SET balance = 0 WHERE id = 1")
	// Only the statement is undone.
	b.rows("SELECT balance FROM account WHERE id = 2", "0")
	b.exec("COMMIT")
	a.exec("COMMIT")
	a.exec("BEGIN")
	a.exec("SELECT * FROM account WHERE id = 1 FOR UPDATE")
	b.fails(1205, "DROP TABLE account")
}

func TestDeadlock(t *testing.T) {
	d, a, b := bank(t)
	a.exec("BEGIN")
	b.exec("BEGIN")
	a.exec("UPDATE account SET balance = balance - 1 WHERE id = 1")
	b.exec("UPDATE account SET balance = balance - 1 WHERE id = 2")
	st := a.blocked(d, "UPDATE account SET balance = balance + 1 WHERE id = 2")
	_, berr := b.query("UPDATE account SET balance = balance + 1 WHERE id = 1")
	var aerr error
	if berr != nil {
		requireError(t, 1213, berr, "b")
		_, aerr = st.wait(t)
		require.NoError(t, aerr)
		// The whole transaction is gone. What follows must not run on its own.
		b.fails(1213, "UPDATE account SET balance = 0 WHERE id = 3")
		b.exec("ROLLBACK")
		a.exec("COMMIT")
	} else {
		_, aerr = st.wait(t)
		requireError(t, 1213, aerr, "a")
		a.fails(1213, "UPDATE account SET balance = 0 WHERE id = 3")
		a.exec("ROLLBACK")
		b.exec("COMMIT")
	}
	a.rows("SELECT sum(balance) FROM account", "600")
	b.exec("UPDATE account SET balance = balance")
}

func TestNoWaitAndSkipLocked(t *testing.T) {
	d, a, b := bank(t)
	a.exec("BEGIN")
	a.rows("SELECT id FROM account WHERE id = 2 FOR UPDATE", "2")
	b.fails(3572, "SELECT id FROM account ORDER BY id FOR UPDATE NOWAIT")
	b.rows("SELECT id FROM account ORDER BY id FOR UPDATE SKIP LOCKED", "1", "3")
	b.rows("SELECT id FROM account ORDER BY id LIMIT 2 FOR SHARE SKIP LOCKED", "1", "3")
	b.fails(3572, "SELECT id FROM account WHERE id = 2 FOR SHARE NOWAIT")
	st := b.blocked(d, "SELECT balance FROM account WHERE id = 2 FOR SHARE")
	a.exec("UPDATE account SET balance = 7 WHERE id = 2")
	a.exec("COMMIT")
	rows, err := st.wait(t)
	require.NoError(t, err)
	require.Equal(t, []string{"7"}, rows)

	// A queue: each worker takes another row.
	a.exec("BEGIN")
	b.exec("BEGIN")
	a.rows("SELECT id FROM account ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", "1")
	b.rows("SELECT id FROM account ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED", "2")
	b.exec("DELETE FROM account WHERE id = 2")
	a.exec("DELETE FROM account WHERE id = 1")
	a.exec("COMMIT")
	b.exec("COMMIT")
	a.rows("SELECT id FROM account", "3")
}

func TestUserLocks(t *testing.T) {
	d, a, b := bank(t)
	a.rows("SELECT GET_LOCK('x', 0), IS_USED_LOCK('x') = CONNECTION_ID(), IS_FREE_LOCK('x')", "1 1 0")
	b.rows("SELECT GET_LOCK('x', 0)", "0")
	st := b.blocked(d, "SELECT GET_LOCK('x', 10)")
	a.rows("SELECT RELEASE_LOCK('x')", "1")
	rows, err := st.wait(t)
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, rows)
	a.rows("SELECT RELEASE_LOCK('x'), RELEASE_LOCK('none')", "0 NULL")
	// They outlive transactions and end with the session.
	b.exec("BEGIN")
	b.exec("ROLLBACK")
	a.rows("SELECT IS_FREE_LOCK('x')", "0")
	require.NoError(t, b.s.Close())
	a.rows("SELECT GET_LOCK('x', 0)", "1")
	a.rows("SELECT RELEASE_ALL_LOCKS()", "1")
}

func TestInterrupt(t *testing.T) {
	d, a, b := bank(t)
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 0 WHERE id = 1")
	st := b.blocked(d, "UPDATE account SET balance = 1 WHERE id = 1")
	a.exec("KILL QUERY ?", int(b.s.ID()))
	_, err := st.wait(t)
	requireError(t, 1317, err, "killed")
	b.exec("UPDATE account SET balance = 1 WHERE id = 2") // the session goes on
	a.fails(1094, "KILL QUERY 123456")

	st = b.start("SELECT SLEEP(60)")
	require.Eventually(t, func() bool {
		b.s.Interrupt()
		select {
		case <-st.done:
			return true
		default:
			return false
		}
	}, 10*time.Second, time.Millisecond)
	requireError(t, 1317, st.err, "interrupted")
	b.s.Interrupt() // nothing runs: no effect
	b.rows("SELECT 1", "1")

	ctx, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	_, err = b.s.Exec(ctx, "UPDATE account SET balance = 1 WHERE id = 1", sqlmap.Args{})
	requireError(t, 1317, err, "context")
	b.exec("SET max_execution_time = 20")
	b.fails(3024, "SELECT SLEEP(60)")
	b.exec("PREPARE s FROM 'SELECT SLEEP(60)'; PREPARE d FROM 'DO SLEEP(0.05)'")
	b.fails(3024, "EXECUTE s")
	b.exec("EXECUTE d") // it is of queries
	b.exec("SET max_execution_time = 0")
}
