package driver_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/stretchr/testify/require"

	worktable "github.com/worktable-go/worktable/driver"
)

// kinds are the two kinds of databases; every test of behaviour runs on both.
var kinds = map[string]func(t *testing.T) string{
	"memory": func(*testing.T) string { return ":memory:" },
	"file":   func(t *testing.T) string { return "file:" + t.TempDir() },
}

// onEach runs a test on a database of each kind. params are added to the data source name.
func onEach(t *testing.T, params string, test func(t *testing.T, db *sql.DB)) {
	for name, dsn := range kinds {
		t.Run(name, func(t *testing.T) {
			db := open(t, dsn(t)+params)
			test(t, db)
		})
	}
}

func open(t *testing.T, dsn string) *sql.DB {
	db, err := sql.Open("worktable", dsn)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	return db
}

func exec(t *testing.T, db interface {
	Exec(string, ...any) (sql.Result, error)
}, text string, args ...any) sql.Result {
	t.Helper()
	res, err := db.Exec(text, args...)
	require.NoError(t, err, text)
	return res
}

func number(t *testing.T, err error) uint16 {
	t.Helper()
	var e *mysql.MySQLError
	require.ErrorAs(t, err, &e)
	return e.Number
}

func TestOpen_refusesBadNames(t *testing.T) {
	_, err := sql.Open("worktable", ":memory:?nonsense=1")
	require.ErrorContains(t, err, "nonsense")
}

func TestMemory_isSharedByThePool(t *testing.T) {
	db := open(t, ":memory:")
	db.SetMaxIdleConns(0) // every statement gets a new connection
	exec(t, db, "CREATE TABLE t (a INT PRIMARY KEY)")
	exec(t, db, "INSERT INTO t VALUES (1)")
	var n int
	require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM t").Scan(&n))
	require.Equal(t, 1, n)

	other := open(t, ":memory:")
	require.Equal(t, uint16(1146), number(t, other.QueryRow("SELECT * FROM t").Scan(&n)))
}

func TestFile_survivesClose(t *testing.T) {
	dsn := "file:" + t.TempDir()
	db := open(t, dsn)
	exec(t, db, "CREATE TABLE t (a INT PRIMARY KEY, b VARCHAR(20), KEY (b))")
	exec(t, db, "INSERT INTO t VALUES (1, 'one'), (2, 'two')")
	require.NoError(t, db.Close())

	db = open(t, dsn)
	var a int
	require.NoError(t, db.QueryRow("SELECT a FROM t WHERE b = 'two'").Scan(&a))
	require.Equal(t, 2, a)
}

func TestValues_roundTrip(t *testing.T) {
	when := time.Date(2026, 11, 20, 10, 4, 27, 123456000, time.UTC)
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, `CREATE TABLE v (
			id INT PRIMARY KEY, i BIGINT, u BIGINT UNSIGNED, f DOUBLE, g FLOAT, d DECIMAL(20,5), s VARCHAR(50), b VARBINARY(50),
			t TEXT, l LONGBLOB, dt DATETIME(6), da DATE, ts TIMESTAMP(6) NULL, ti TIME(3), y YEAR, e ENUM('a','b'), x SET('p','q','r'),
			bi BIT(9), j JSON, o BOOL)`)
		args := []any{
			1, int64(math.MinInt64), uint64(math.MaxUint64), 1.5, float32(0.1), "12345.67890", "gr\u00fc\u00df dich", []byte{0, 255, 1},
			"text", []byte("blob"), when, when, when, "-12:34:56.789", 2026, "b", "p,r", []byte{1, 1}, `{"b":[1,2],"a":null}`, true,
		}
		exec(t, db, "INSERT INTO v VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)", args...)
		rows, err := db.Query("SELECT * FROM v WHERE id = 1")
		require.NoError(t, err)
		defer rows.Close()
		require.True(t, rows.Next())
		got := make([]any, len(args))
		dest := make([]any, len(args))
		for i := range got {
			dest[i] = &got[i]
		}
		require.NoError(t, rows.Scan(dest...))
		day := time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
		require.Equal(t, []any{
			int64(1), int64(math.MinInt64), uint64(math.MaxUint64), 1.5, float32(0.1), []byte("12345.67890"), []byte("gr\u00fc\u00df dich"),
			[]byte{0, 255, 1}, []byte("text"), []byte("blob"), when, day, when, []byte("-12:34:56.789"), int64(2026), []byte("b"),
			[]byte("p,r"), []byte{1, 1}, []byte(`{"a": null, "b": [1, 2]}`), int64(1),
		}, got)
		require.False(t, rows.Next())
		require.NoError(t, rows.Err())
	})
}

func TestErrors_areMySQLs(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE p (id INT PRIMARY KEY, n INT NOT NULL, CONSTRAINT small CHECK (n < 10))")
		exec(t, db, "CREATE TABLE c (id INT PRIMARY KEY, p INT, CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p (id))")
		exec(t, db, "INSERT INTO p VALUES (1, 1)")
		exec(t, db, "INSERT INTO c VALUES (1, 1)")
		for text, want := range map[string]uint16{
			"INSERT INTO p VALUES (1, 2)":           1062,
			"INSERT INTO p VALUES (2, NULL)":        1048,
			"INSERT INTO p VALUES (2, 11)":          3819,
			"INSERT INTO p (id) VALUES (3)":         1364,
			"INSERT INTO p VALUES (4, 99999999999)": 1264,
			"INSERT INTO p VALUES (4, 'x')":         1366,
			"INSERT INTO c VALUES (2, 7)":           1452,
			"DELETE FROM p WHERE id = 1":            1451,
			"SELEC 1":                               1064,
			"SELECT * FROM nowhere":                 1146,
			"SELECT nothing FROM p":                 1054,
			"CREATE TABLE p (a INT)":                1050,
			"SELECT 1 FROM nodb.t":                  1049,
		} {
			_, err := db.Exec(text)
			require.Equal(t, want, number(t, err), text)
		}
		var e *mysql.MySQLError
		_, err := db.Exec("INSERT INTO p VALUES (1, 2)")
		require.True(t, errors.As(err, &e))
		require.Equal(t, "Error 1062 (23000): Duplicate entry '1' for key 'p.PRIMARY'", err.Error())
	})
}

func TestResult_counts(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE r (id INT AUTO_INCREMENT PRIMARY KEY, k INT UNIQUE, v INT)")
		check := func(text string, affected, id int64) {
			t.Helper()
			res := exec(t, db, text)
			n, err := res.RowsAffected()
			require.NoError(t, err)
			require.Equal(t, affected, n, text)
			got, err := res.LastInsertId()
			require.NoError(t, err)
			require.Equal(t, id, got, text)
		}
		check("INSERT INTO r (k, v) VALUES (10, 1), (20, 2), (30, 3)", 3, 1)
		check("INSERT INTO r (k, v) VALUES (40, 4)", 1, 4)
		check("UPDATE r SET v = 4 WHERE k = 40", 0, 0)
		check("UPDATE r SET v = 5 WHERE k >= 30", 2, 0)
		check("INSERT INTO r (k, v) VALUES (40, 9) ON DUPLICATE KEY UPDATE v = VALUES(v)", 2, 4)
		check("INSERT INTO r (k, v) VALUES (40, 9) ON DUPLICATE KEY UPDATE v = VALUES(v)", 0, 0)
		check("DELETE FROM r WHERE k < 25", 2, 0)
	})
	onEach(t, "?clientFoundRows=true", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE r (id INT PRIMARY KEY, v INT)")
		exec(t, db, "INSERT INTO r VALUES (1, 1)")
		n, err := exec(t, db, "UPDATE r SET v = 1 WHERE id = 1").RowsAffected()
		require.NoError(t, err)
		require.Equal(t, int64(1), n)
	})
}

func TestStatements_severalInOneText(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE m (a INT); -- a ; in a comment\nINSERT INTO m VALUES (1), (2); /* ; */ INSERT INTO m VALUES (3);")
		rows, err := db.Query("SELECT a FROM m ORDER BY a; SELECT 'x;y' AS s")
		require.NoError(t, err)
		defer rows.Close()
		sum := 0
		for rows.Next() {
			var a int
			require.NoError(t, rows.Scan(&a))
			sum += a
		}
		require.Equal(t, 6, sum)
		require.True(t, rows.NextResultSet())
		require.True(t, rows.Next())
		var s string
		require.NoError(t, rows.Scan(&s))
		require.Equal(t, "x;y", s)
		require.False(t, rows.NextResultSet())
		require.NoError(t, rows.Err())
	})
}

func TestNamedArguments(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE n (a INT, b INT)")
		exec(t, db, "INSERT INTO n VALUES (:a, :b), (:b, :a)", sql.Named("a", 1), sql.Named("b", 2))
		var n int
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM n WHERE a = :x OR b = :x", sql.Named("x", 2)).Scan(&n))
		require.Equal(t, 2, n)
		_, err := db.Exec("INSERT INTO n VALUES (:a, ?)", 1)
		require.Error(t, err)
		_, err = db.Exec("INSERT INTO n VALUES (?, ?)", 1)
		require.Error(t, err)
	})
}

func TestTx_commitAndRollback(t *testing.T) {
	ctx := context.Background()
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE x (a INT PRIMARY KEY)")
		tx, err := db.BeginTx(ctx, nil)
		require.NoError(t, err)
		exec(t, tx, "INSERT INTO x VALUES (1)")
		var n int
		require.NoError(t, tx.QueryRow("SELECT COUNT(*) FROM x").Scan(&n))
		require.Equal(t, 1, n, "own writes are seen")
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM x").Scan(&n))
		require.Equal(t, 0, n, "others' are not")
		require.NoError(t, tx.Rollback())

		tx, err = db.BeginTx(ctx, nil)
		require.NoError(t, err)
		exec(t, tx, "INSERT INTO x VALUES (2)")
		_, err = tx.Exec("INSERT INTO x VALUES (3), (2)")
		require.Equal(t, uint16(1062), number(t, err))
		require.NoError(t, tx.Commit())
		require.NoError(t, db.QueryRow("SELECT SUM(a) FROM x").Scan(&n))
		require.Equal(t, 2, n, "a failed statement is undone alone")

		// golang-migrate writes its version so.
		tx, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelSerializable})
		require.NoError(t, err)
		exec(t, tx, "DELETE FROM x LIMIT 1")
		require.NoError(t, tx.Rollback())
		_, err = db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelLinearizable})
		require.Equal(t, uint16(1235), number(t, err))
		tx, err = db.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
		require.NoError(t, err)
		_, err = tx.Exec("INSERT INTO x VALUES (4)")
		require.Equal(t, uint16(1792), number(t, err))
		require.NoError(t, tx.Rollback())
	})
}

func TestRows_outliveAWriteInTheSameTransaction(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE o (a INT PRIMARY KEY, b INT)")
		for i := range 3000 {
			exec(t, db, "INSERT INTO o VALUES (?, 0)", i)
		}
		tx, err := db.Begin()
		require.NoError(t, err)
		rows, err := tx.Query("SELECT a FROM o ORDER BY a")
		require.NoError(t, err)
		n := 0
		for rows.Next() {
			var a int
			require.NoError(t, rows.Scan(&a))
			require.Equal(t, n, a)
			exec(t, tx, "UPDATE o SET b = b + 1 WHERE a = ?", a)
			n++
		}
		require.NoError(t, rows.Err())
		require.Equal(t, 3000, n)
		require.NoError(t, tx.Commit())
		require.NoError(t, db.QueryRow("SELECT SUM(b) FROM o").Scan(&n))
		require.Equal(t, 3000, n)
	})
}

func TestContext_cancelsAWaitForALock(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE w (a INT PRIMARY KEY, b INT)")
		exec(t, db, "INSERT INTO w VALUES (1, 1)")
		tx, err := db.Begin()
		require.NoError(t, err)
		exec(t, tx, "UPDATE w SET b = 2 WHERE a = 1")
		ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
		defer cancel()
		_, err = db.ExecContext(ctx, "UPDATE w SET b = 3 WHERE a = 1")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NoError(t, tx.Commit())
		exec(t, db, "UPDATE w SET b = 4 WHERE a = 1")
	})
}

func TestLockWait_timesOut(t *testing.T) {
	onEach(t, "?lock_wait_timeout=30ms", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE w (a INT PRIMARY KEY, b INT)")
		exec(t, db, "INSERT INTO w VALUES (1, 1)")
		tx, err := db.Begin()
		require.NoError(t, err)
		exec(t, tx, "UPDATE w SET b = 2 WHERE a = 1")
		_, err = db.Exec("UPDATE w SET b = 3 WHERE a = 1")
		require.Equal(t, uint16(1205), number(t, err))
		require.NoError(t, tx.Rollback())
	})
}

func TestSqlx_scansStructs(t *testing.T) {
	type user struct {
		ID    int64          `db:"id"`
		Name  string         `db:"name"`
		Email sql.NullString `db:"email"`
		Since time.Time      `db:"since"`
	}
	onEach(t, "", func(t *testing.T, plain *sql.DB) {
		db := sqlx.NewDb(plain, "mysql")
		exec(t, db, "CREATE TABLE users (id BIGINT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, email VARCHAR(40), since DATETIME(6) NOT NULL)")
		in := []user{
			{Name: "ann", Since: time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)},
			{Name: "bob", Email: sql.NullString{String: "bob@example.com", Valid: true}, Since: time.Date(2026, 2, 2, 3, 4, 5, 0, time.UTC)},
		}
		_, err := db.NamedExec("INSERT INTO users (name, email, since) VALUES (:name, :email, :since)", in)
		require.NoError(t, err)
		var out []user
		require.NoError(t, db.Select(&out, "SELECT * FROM users ORDER BY id"))
		in[0].ID, in[1].ID = 1, 2
		require.Equal(t, in, out)
		var one user
		require.NoError(t, db.Get(&one, "SELECT * FROM users WHERE name = ?", "bob"))
		require.Equal(t, in[1], one)
	})
}

func TestColumnTypes(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE ct (a INT UNSIGNED NOT NULL, b DECIMAL(8,3), c VARCHAR(12) NOT NULL, d DATETIME(3))")
		rows, err := db.Query("SELECT a, b, c, d FROM ct")
		require.NoError(t, err)
		defer rows.Close()
		types, err := rows.ColumnTypes()
		require.NoError(t, err)
		var got []string
		for _, ty := range types {
			null, _ := ty.Nullable()
			length, _ := ty.Length()
			p, s, _ := ty.DecimalSize()
			got = append(got, fmt.Sprint(ty.Name(), " ", ty.DatabaseTypeName(), " ", null, " ", length, " ", p, " ", s, " ", ty.ScanType()))
		}
		require.Equal(t, []string{
			"a UNSIGNED INT false 0 0 0 uint64",
			"b DECIMAL true 0 8 3 sql.NullString",
			"c VARCHAR false 12 0 0 string",
			"d DATETIME true 0 3 3 sql.NullTime",
		}, got)
	})
}

func TestRaw_reachesTheEngine(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE e (a INT PRIMARY KEY)")
		conn, err := db.Conn(context.Background())
		require.NoError(t, err)
		defer conn.Close()
		require.NoError(t, conn.Raw(func(c any) error {
			w := c.(worktable.Conn)
			require.NotNil(t, w.Engine().Catalog().Table("main", "e"))
			return w.Checkpoint(context.Background())
		}))
	})
}

func TestRaw_backup(t *testing.T) {
	ctx := context.Background()
	backup := filepath.Join(t.TempDir(), "copy")
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE b (a INT PRIMARY KEY)")
		exec(t, db, "INSERT INTO b VALUES (1), (2)")
		conn, err := db.Conn(ctx)
		require.NoError(t, err)
		defer conn.Close()
		err = conn.Raw(func(c any) error { return c.(worktable.Conn).Backup(ctx, backup) })
		if strings.HasSuffix(t.Name(), "memory") {
			require.Equal(t, uint16(1235), number(t, err))
			return
		}
		require.NoError(t, err)
		exec(t, db, "DELETE FROM b")
		var n int
		require.NoError(t, open(t, "file:"+backup+"?mode=rw").QueryRow("SELECT COUNT(*) FROM b").Scan(&n))
		require.Equal(t, 2, n)
	})
}

func TestMode_rwNeedsADatabase(t *testing.T) {
	db := open(t, "file:"+filepath.Join(t.TempDir(), "none")+"?mode=rw")
	require.ErrorContains(t, db.Ping(), "there is no database")
}

func TestMode_roRefusesWrites(t *testing.T) {
	dir := t.TempDir()
	db := open(t, "file:"+dir)
	exec(t, db, "CREATE TABLE r (a INT PRIMARY KEY)")
	exec(t, db, "INSERT INTO r VALUES (1)")
	require.NoError(t, db.Close())
	db = open(t, "file:"+dir+"?mode=ro")
	var n int
	require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM r").Scan(&n))
	require.Equal(t, 1, n)
	_, err := db.Exec("INSERT INTO r VALUES (2)")
	require.Equal(t, uint16(1836), number(t, err))
}

func TestStatements_stopAtTheFailingOne(t *testing.T) {
	onEach(t, "", func(t *testing.T, db *sql.DB) {
		exec(t, db, "CREATE TABLE s (a INT PRIMARY KEY)")
		for i := range 3000 {
			exec(t, db, "INSERT INTO s VALUES (?)", i)
		}
		// The first statement fails while its rows are being read, far behind the first batch.
		rows, err := db.Query("SELECT (SELECT 1 FROM s x WHERE x.a <= s.a - 2998) FROM s ORDER BY a; DELETE FROM s")
		require.NoError(t, err)
		for rows.Next() {
		}
		require.Equal(t, uint16(1242), number(t, rows.Err()))
		require.NoError(t, rows.Close())
		var n int
		require.NoError(t, db.QueryRow("SELECT COUNT(*) FROM s").Scan(&n))
		require.Equal(t, 3000, n)
	})
}

func TestFile_keepsCheckOptions(t *testing.T) {
	dsn := "file:" + t.TempDir()
	db := open(t, dsn)
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, n INT)")
	exec(t, db, "CREATE ALGORITHM = MERGE VIEW v AS SELECT * FROM t WHERE n > 0 WITH LOCAL CHECK OPTION")
	exec(t, db, "CREATE ALGORITHM = TEMPTABLE VIEW w AS SELECT * FROM t")
	require.NoError(t, db.Close())
	db = open(t, dsn)
	exec(t, db, "INSERT INTO v VALUES (1, 1)")
	_, err := db.Exec("UPDATE v SET n = 0")
	require.Equal(t, uint16(1369), number(t, err))
	_, err = db.Exec("DELETE FROM w")
	require.Equal(t, uint16(1288), number(t, err))
}
