// Package driver registers the database/sql driver "worktable".
//
//	db, err := sql.Open("worktable", ":memory:")
//	db, err := sql.Open("worktable", "file:/var/lib/app?sync=normal")
//
// # Data source name
//
// ":memory:" is one private database, shared by every connection of the pool that sql.Open returns, gone with
// DB.Close. "file:DIR" opens the directory DIR, or creates it (mode 0700) where there is none. Every sql.Open of
// one directory within a process shares one engine, so their options must agree; other processes are kept out by a
// lock. Either form takes parameters after a question mark, URL-escaped and separated by "&". An unknown parameter,
// a repeated one or a value outside the documented ones is an error of sql.Open.
//
//	database=NAME           schema in use on a new connection; created when missing. Default: main.
//	sync=full|normal|off    file: only. full (default): an acknowledged commit has been fsynced; normal: fsync
//	                        every sync_interval; off: as the operating system likes. Each recovers whole commits
//	                        and no later commit without the earlier ones.
//	sync_interval=DURATION  for sync=normal. Default: 100ms.
//	checkpoint_bytes=N      file: only. A checkpoint starts when the log has grown by N bytes. Default: 64 MiB.
//	cdc_retain=N            file: only. Bytes of log kept for change subscribers beyond recovery's need. Default: 0.
//	mode=rw|rwc|ro          file: only. rwc (default) creates the directory; rw does not; ro allows no change.
//	lock_timeout=DURATION   file: only. How long to wait for another process's lock. Default: 0s, do not wait.
//	lock_wait_timeout=DURATION  how long a statement waits for a row or table lock before error 1205. Default: 10s.
//	isolation=read-committed|repeatable-read|serializable  of transactions that ask for none. Default: repeatable-read.
//	parseTime=true|false    DATE, DATETIME and TIMESTAMP arrive as time.Time. Default: true.
//	loc=LOCATION            location of the time.Time values that go in and out. Default: UTC.
//	time_zone=ZONE          session time zone, of NOW() and TIMESTAMP columns ("%2B02:00", "Europe/Berlin"). Default: UTC.
//	sql_mode=MODES          session sql_mode. Default: MySQL 8's.
//	collation=NAME          collation of literals and of new schemas. Default: utf8mb4_0900_bin.
//	clientFoundRows=true|false  RowsAffected of UPDATE counts matched instead of changed rows. Default: false.
//	max_allowed_packet=N    longest statement, argument and string result in bytes. Default: 64 MiB.
//
// # Values
//
// Arguments may be what database/sql allows, plus uint64 with the high bit, named arguments (sql.Named with ":name"
// in the text, never mixed with "?"), and driver.Valuer. Results scanned into any: integers are int64 (uint64 when
// unsigned and beyond int64), FLOAT is float32 and DOUBLE float64, dates are time.Time, everything else is []byte, as with
// MySQL's driver.
//
// # Transactions
//
// sql.TxOptions are honoured: LevelDefault is the DSN's isolation; LevelReadUncommitted and LevelReadCommitted are READ
// COMMITTED; LevelRepeatableRead and LevelSnapshot are REPEATABLE READ (snapshot isolation). Transactions of
// LevelSerializable run one at a time. Other levels are refused with error 1235. ReadOnly transactions refuse writes with error 1792.
//
// # Errors
//
// What MySQL would report is a *mysql.MySQLError of github.com/go-sql-driver/mysql, so that programs and tools that
// branch on numbers (1062, 1205, 1213, 1451, 1452, 3819 …) work as they are. Damage that
// opening finds has number 1712, and errors.As finds the *persistence.CorruptError
// in it, with file, page and offset.
//
// # Beyond database/sql
//
// sql.Conn.Raw hands out a value that implements Conn: change streams, checkpoints, the engine itself.
//
//	conn.Raw(func(c any) error {
//		return c.(driver.Conn).Checkpoint(ctx)
//	})
package driver
