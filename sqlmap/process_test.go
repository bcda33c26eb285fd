package sqlmap_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestProcesslist(t *testing.T) {
	d, a, b := bank(t)
	own, err := a.query("SELECT id, command, state, db FROM information_schema.processlist WHERE info LIKE '%own%' /* own */")
	require.NoError(t, err)
	require.Len(t, own, 1)
	require.Contains(t, own[0], " Query executing test")
	a.rows("SELECT command, state, info FROM information_schema.processlist WHERE id <> CONNECTION_ID()", "Sleep  NULL")

	long := "UPDATE account SET balance = balance + 1 WHERE id = 1 /* " + strings.Repeat("é", 100) + " */"
	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 5 WHERE id = 1")
	st := b.blocked(d, long)
	other := func() []string {
		rows, err := a.query("SELECT command, state, info, time FROM information_schema.processlist WHERE id <> CONNECTION_ID()")
		require.NoError(t, err)
		return rows
	}
	// The wait is counted before it is queued.
	require.Eventually(t, func() bool { return strings.Contains(other()[0], "Waiting for row lock") }, 10*time.Second, time.Millisecond)
	require.Equal(t, []string{"Query Waiting for row lock " + long + " 0"}, other())
	require.Eventually(t, func() bool { return !strings.HasSuffix(other()[0], " 0") }, 10*time.Second, 50*time.Millisecond)
	rows, err := a.query("SHOW PROCESSLIST")
	require.NoError(t, err)
	text := strings.Join(rows, "\n")
	require.Contains(t, text, string([]rune(long)[:100]))
	require.NotContains(t, text, string([]rune(long)[:101]))
	require.Contains(t, text, "init SHOW PROCESSLIST")
	rows, err = a.query("SHOW FULL PROCESSLIST")
	require.NoError(t, err)
	require.Contains(t, strings.Join(rows, "\n"), long)
	a.exec("ROLLBACK")
	<-st.done
	require.NoError(t, st.err)

	a.exec("BEGIN")
	a.exec("UPDATE account SET balance = 5 WHERE id = 1")
	st = b.blocked(d, "ALTER TABLE account ADD COLUMN x INT")
	require.Eventually(t, func() bool { return strings.HasPrefix(other()[0], "Query Waiting for table metadata lock ALTER TABLE") }, 10*time.Second, time.Millisecond)
	a.exec("ROLLBACK")
	<-st.done
	require.NoError(t, st.err)

	b.exec("PREPARE s FROM 'SELECT SLEEP(?)'; SET @n = 60")
	st = b.start("EXECUTE s USING @n")
	require.Eventually(t, func() bool { return strings.HasPrefix(other()[0], "Query executing SELECT SLEEP(?) ") }, 10*time.Second, time.Millisecond)
	b.s.Interrupt()
	<-st.done
	require.Contains(t, other()[0], "Sleep ")

	b.exec("CREATE DATABASE elsewhere; USE elsewhere")
	a.rows("SELECT db FROM information_schema.processlist ORDER BY id", "test", "elsewhere")
}

// Sessions are looked at while they run statements of every kind: -race is the judge.
func TestProcesslistBesideStatements(t *testing.T) {
	d, a, b := bank(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			select {
			case <-stop:
				return
			default:
			}
			if _, err := a.query("SHOW FULL PROCESSLIST"); err != nil {
				t.Error(err)
				return
			}
		}
	}()
	get := prepared(t, b, "SELECT * FROM account WHERE id = ?")
	put := prepared(t, b, "UPDATE account SET balance = balance + 1 WHERE id = ?")
	for range 200 {
		run(t, get, ints(1)...)
		run(t, put, ints(1)...)
		b.exec("SELECT count(*) FROM account; USE test")
		require.NoError(t, newConn(t, d).s.Close())
	}
	close(stop)
	wg.Wait()
}
