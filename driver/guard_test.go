package driver_test

import (
	"context"
	"database/sql"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	worktable "github.com/worktable-go/worktable/driver"
)

// explosive is a context that panics inside the engine while it is armed: at the call of Err that the countdown ends at.
type explosive struct {
	context.Context
	left *atomic.Int64 // 0: not armed
}

func (c explosive) Err() error {
	if c.left.Load() > 0 && c.left.Add(-1) == 0 {
		panic("boom")
	}
	return c.Context.Err()
}

func newExplosive() explosive {
	return explosive{context.Background(), new(atomic.Int64)}
}

func requirePanicError(t *testing.T, err error, statement string) {
	t.Helper()
	require.Equal(t, uint16(1815), number(t, err))
	var p *worktable.PanicError
	require.ErrorAs(t, err, &p)
	require.Equal(t, "boom", p.Value)
	require.Equal(t, statement, p.Statement)
	require.Contains(t, err.Error(), statement)
	require.NotEmpty(t, p.Stack)
}

func TestPanicIsAnErrorAndEndsTheConnection(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, n INT)")
		exec(t, db, "INSERT INTO t VALUES (1, 10), (2, 20)")
		ctx := newExplosive()

		ctx.left.Store(1)
		_, err := db.ExecContext(ctx, "UPDATE t SET n = 0 WHERE id = 1")
		requirePanicError(t, err, "UPDATE t SET n = 0 WHERE id = 1")

		ctx.left.Store(1)
		_, err = db.QueryContext(ctx, "SELECT n FROM t ORDER BY n")
		requirePanicError(t, err, "SELECT n FROM t ORDER BY n")

		// The transaction of the broken connection is rolled back, and its locks are gone.
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		exec(t, tx, "UPDATE t SET n = 11 WHERE id = 1")
		st, err := tx.Prepare("SELECT n FROM t WHERE id = ?")
		require.NoError(t, err)
		ctx.left.Store(1)
		var n int
		requirePanicError(t, st.QueryRowContext(ctx, 1).Scan(&n), "SELECT n FROM t WHERE id = ?")
		_, err = tx.Exec("UPDATE t SET n = 12 WHERE id = 1")
		require.Error(t, err)
		require.Error(t, tx.Commit())

		exec(t, db, "UPDATE t SET n = n + 1")
		require.NoError(t, db.QueryRow("SELECT n FROM t WHERE id = 1").Scan(&n))
		require.Equal(t, 11, n)
	})
}

// Wherever in a statement a panic strikes, other connections can go on.
func TestPanicAnywhereLeavesNoLocks(t *testing.T) {
	db := open(t, ":memory:")
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT)")
	exec(t, db, "INSERT INTO t (n) WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT i FROM s")
	texts := []string{
		"UPDATE t SET n = n + 1 WHERE n > 0",
		"DELETE FROM t WHERE n = -1",
		"INSERT INTO t (n) SELECT n FROM t WHERE n > 800",
		"SELECT COUNT(*) FROM t a JOIN t b ON a.n = b.n FOR UPDATE",
		"CREATE TABLE u (id INT) SELECT id FROM t",
		"ALTER TABLE t ADD COLUMN c INT DEFAULT 3",
	}
	for _, text := range texts {
		for at := int64(1); at <= 6; at++ {
			ctx := newExplosive()
			ctx.left.Store(at)
			_, err := db.ExecContext(ctx, text)
			if ctx.left.Load() > 0 {
				require.NoError(t, err, text)
				break
			}
			requirePanicError(t, err, text)
			exec(t, db, "UPDATE t SET n = n WHERE id = 1")
			exec(t, db, "DROP TABLE IF EXISTS u")
		}
	}
}

// A panic leaves no half of a CREATE TABLE … SELECT.
func TestPanicWhileTableIsFilled(t *testing.T) {
	db := open(t, ":memory:")
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT)")
	exec(t, db, "INSERT INTO t (n) WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT i FROM s")
	for _, create := range []string{"CREATE TABLE", "CREATE TEMPORARY TABLE"} {
		panics := 0
		for at := int64(1); ; at++ {
			ctx := newExplosive()
			ctx.left.Store(at)
			text := create + " u (id INT) SELECT id FROM t"
			_, err := db.ExecContext(ctx, text)
			if ctx.left.Load() > 0 {
				require.NoError(t, err, text)
				break
			}
			panics++
			requirePanicError(t, err, text)
			_, err = db.Exec("SELECT 1 FROM u")
			require.Equal(t, uint16(1146), number(t, err), "%s, panic %d", create, at)
			exec(t, db, "UPDATE t SET n = n WHERE id = 1")
		}
		require.Greater(t, panics, 1)
		exec(t, db, "DROP TABLE IF EXISTS u")
	}
}

func TestPanicWhileReadingRows(t *testing.T) {
	db := open(t, ":memory:")
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)")
	exec(t, db, "INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 900) SELECT i FROM s")
	ctx := newExplosive()
	rows, err := db.QueryContext(ctx, "SELECT id FROM t")
	require.NoError(t, err)
	require.True(t, rows.Next())
	ctx.left.Store(1)
	for rows.Next() {
	}
	requirePanicError(t, rows.Err(), "SELECT id FROM t")
	require.NoError(t, rows.Close())
	exec(t, db, "DELETE FROM t")
}

// Rows that are still being read are computed from the arguments they were asked for with, whatever becomes of the
// statement and of the caller's bytes.
func TestOpenRowsKeepTheirArguments(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY)")
		exec(t, db, "INSERT INTO t WITH RECURSIVE s AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM s WHERE i < 100) SELECT i FROM s")
		tx, err := db.Begin()
		require.NoError(t, err)
		defer func() { _ = tx.Rollback() }()
		st, err := tx.Prepare("SELECT id, ? FROM t WHERE id + 0 > ?")
		require.NoError(t, err)
		a, err := st.Query("a", 0)
		require.NoError(t, err)
		require.True(t, a.Next())
		b, err := st.Query("b", 90)
		require.NoError(t, err)
		count := func(rows *sql.Rows, want string) (n int) {
			for rows.Next() {
				var id int
				var s string
				require.NoError(t, rows.Scan(&id, &s))
				require.Equal(t, want, s, "row %d", id)
				n++
			}
			require.NoError(t, rows.Err())
			return n
		}
		require.Equal(t, 10, count(b, "b"))
		require.Equal(t, 99, count(a, "a"))

		arg := []byte("mine")
		rows, err := st.Query(arg, 0)
		require.NoError(t, err)
		copy(arg, "your")
		require.Equal(t, 100, count(rows, "mine"))
	})
}
