package sqlmap_test

import (
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

func ints(vals ...int64) []value.Value {
	out := make([]value.Value, len(vals))
	for i, v := range vals {
		out[i] = value.Int(v)
	}
	return out
}

func prepared(t *testing.T, c *conn, text string) *sqlmap.Stmt {
	t.Helper()
	st, err := c.s.Prepare(background, text)
	require.NoError(t, err, text)
	return st
}

func run(t *testing.T, st *sqlmap.Stmt, args ...value.Value) []string {
	t.Helper()
	r, err := st.Query(background, args)
	require.NoError(t, err)
	rows, err := readAll(r)
	require.NoError(t, err)
	require.NoError(t, r.Close())
	return rows
}

func TestPlansFollowDefinitions(t *testing.T) {
	_, a, b := bank(t)
	all := prepared(t, a, "SELECT * FROM account WHERE id = ?")
	upd := prepared(t, a, "UPDATE account SET balance = balance + 1 WHERE id = ?")
	ins := prepared(t, a, "INSERT INTO account (id, owner, balance) VALUES (?, 'x', 1)")
	require.Equal(t, []string{"1 ann 100 "}, run(t, all, ints(1)...))
	b.exec("ALTER TABLE account ADD COLUMN extra INT DEFAULT 9, DROP COLUMN note")
	require.Equal(t, []string{"1 ann 100 9"}, run(t, all, ints(1)...))
	run(t, upd, ints(1)...)
	run(t, ins, ints(50)...)
	b.exec("DROP TABLE account")
	_, err := all.Query(background, ints(1))
	requireError(t, 1146, err, "dropped")
	b.exec("CREATE TABLE account (id INT PRIMARY KEY, balance INT NOT NULL DEFAULT 3, owner VARCHAR(5))")
	require.Equal(t, []string(nil), run(t, all, ints(1)...))
	run(t, ins, ints(50)...)
	run(t, upd, ints(50)...)
	require.Equal(t, []string{"50 2 x"}, run(t, all, ints(50)...))
	b.exec("CREATE INDEX o ON account (owner)")
	require.Equal(t, []string{"50 2 x"}, run(t, all, ints(50)...))
	// The same text in another schema means another table.
	b.exec("CREATE DATABASE other; USE other; CREATE TABLE account (id INT PRIMARY KEY, z INT); INSERT INTO account VALUES (50, 0)")
	b.rows("SELECT * FROM account WHERE id = 50", "50 0")
	a.rows("SELECT * FROM account WHERE id = 50", "50 2 x")
	a.exec("USE other")
	a.rows("SELECT * FROM account WHERE id = 50", "50 0")
}

func TestPlansFollowSettings(t *testing.T) {
	c := open(t, "CREATE TABLE t (a VARCHAR(10))", "INSERT INTO t VALUES ('x')")
	st := prepared(t, c, "SELECT 'a' || 'b', \"lit\"")
	require.Equal(t, []string{"0 lit"}, run(t, st))
	c.exec("SET sql_mode = 'PIPES_AS_CONCAT'")
	require.Equal(t, []string{"ab lit"}, run(t, st))
	c.rows("SELECT 'a' || 'b'", "ab")
	c.exec("SET sql_mode = 'ANSI_QUOTES'")
	c.fails(1054, "SELECT \"lit\"")
	c.rows("SELECT \"a\" FROM t", "x")
	c.exec("SET sql_mode = DEFAULT")
	c.rows("SELECT \"a\" FROM t", "a")
	c.exec("SET div_precision_increment = 8")
	c.rows("SELECT 1/3", "0.33333333")
	c.exec("SET div_precision_increment = 4")
	c.rows("SELECT 1/3", "0.3333")
	c.exec("SET time_zone = '+02:00'")
	c.rows("SELECT FROM_UNIXTIME(0)", "1970-01-01 02:00:00")
	c.exec("SET time_zone = '+00:00'")
	c.rows("SELECT FROM_UNIXTIME(0)", "1970-01-01 00:00:00")
}

func TestTemporaryTablesHide(t *testing.T) {
	_, a, b := bank(t)
	count := prepared(t, a, "SELECT count(*) FROM account")
	require.Equal(t, []string{"3"}, run(t, count))
	a.exec("CREATE TEMPORARY TABLE account (a INT)")
	require.Equal(t, []string{"0"}, run(t, count))
	a.rows("SELECT count(*) FROM account", "0")
	b.rows("SELECT count(*) FROM account", "3")
	a.exec("INSERT INTO account VALUES (1), (2)")
	require.Equal(t, []string{"2"}, run(t, count))
	a.exec("UPDATE account SET a = a + 1")
	a.rows("SELECT a FROM account ORDER BY a", "2", "3")
	b.rows("SELECT count(*) FROM account", "3")
	a.exec("DROP TEMPORARY TABLE account")
	require.Equal(t, []string{"3"}, run(t, count))
	a.rows("SELECT count(*) FROM account", "3")
}

func TestPlansOfInformationSchemaAreNotShared(t *testing.T) {
	_, a, b := bank(t)
	const text = "SHOW VARIABLES LIKE 'div_precision_increment'"
	a.exec("SET div_precision_increment = 9")
	a.rows(text, "div_precision_increment 9")
	b.rows(text, "div_precision_increment 4")
}

func TestStatementBuffers(t *testing.T) {
	_, a, _ := bank(t)
	st := prepared(t, a, "SELECT owner FROM account WHERE id = ?")
	first, err := st.Query(background, ints(1))
	require.NoError(t, err)
	second, err := st.Query(background, ints(2))
	require.NoError(t, err)
	rows, err := readAll(first)
	require.NoError(t, err)
	require.Equal(t, []string{"ann"}, rows)
	rows, err = readAll(second)
	require.NoError(t, err)
	require.Equal(t, []string{"bob"}, rows)
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	_, err = st.Query(background, nil)
	requireError(t, 1210, err, "arguments")
	require.NoError(t, st.Close())
	_, err = st.Query(background, ints(1))
	requireError(t, 1243, err, "closed")
}

func TestPrepareExecute(t *testing.T) {
	_, a, _ := bank(t)
	a.exec("PREPARE p FROM 'SELECT owner FROM account WHERE id = ?'")
	a.exec("SET @id = 2")
	a.rows("EXECUTE p USING @id", "bob")
	a.exec("SET @text = 'UPDATE account SET balance = ? WHERE id = ?'")
	a.exec("PREPARE p FROM @text")
	a.exec("SET @v = 5")
	require.Equal(t, uint64(1), a.exec("EXECUTE P USING @v, @id").Affected)
	a.rows("SELECT ROW_COUNT()", "1")
	a.fails(1210, "EXECUTE p USING @v")
	a.fails(1064, "PREPARE p FROM 'SELECT FROM'")
	a.fails(1243, "EXECUTE p USING @v, @id")
	a.exec("PREPARE q FROM 'SELECT 1'")
	a.exec("DEALLOCATE PREPARE q")
	a.fails(1243, "DEALLOCATE PREPARE q")
	a.exec("PREPARE r FROM 'SELECT * FROM account WHERE id = 2'")
	a.exec("ALTER TABLE account DROP COLUMN note")
	a.rows("EXECUTE r", "2 bob 5")
}

// TestDefinitionsChangeUnderStatements runs statements while columns come and go: each statement meets one definition.
func TestDefinitionsChangeUnderStatements(t *testing.T) {
	d, a, _ := bank(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for w := range 3 {
		c := newConn(t, d)
		read := prepared(t, c, "SELECT id, balance FROM account WHERE id = ?")
		write := prepared(t, c, "UPDATE account SET balance = balance + 1 WHERE id = ?")
		all := prepared(t, c, "SELECT count(*), sum(balance) FROM account")
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				for _, st := range []*sqlmap.Stmt{read, write} {
					if _, err := st.Exec(background, ints(int64(w+1))); err != nil {
						t.Errorf("worker %d: %v", w, err)
						return
					}
				}
				if _, err := all.Exec(background, nil); err != nil {
					t.Errorf("worker %d: %v", w, err)
					return
				}
			}
		}()
	}
	for i := range 15 {
		a.exec(fmt.Sprintf("ALTER TABLE account ADD COLUMN c%d INT DEFAULT %d", i, i))
		a.exec(fmt.Sprintf("CREATE INDEX i%d ON account (c%d)", i, i))
		a.exec(fmt.Sprintf("ALTER TABLE account DROP INDEX i%d", i))
		a.exec(fmt.Sprintf("ALTER TABLE account DROP COLUMN c%d", i))
	}
	close(stop)
	wg.Wait()
	require.Empty(t, d.Engine().Check(background))
}
