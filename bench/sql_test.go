package bench

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"testing"

	_ "github.com/mattn/go-sqlite3"
	_ "github.com/worktable-go/worktable/driver"
	_ "modernc.org/sqlite"
)

// The data: 100,000 rows; 10 rows per owner; amount is the id modulo 1000.
const (
	tableRows    = 100_000
	rowsPerOwner = 10
	owners       = tableRows / rowsPerOwner
	rangeRows    = 100
)

const (
	createTable = `CREATE TABLE item (id BIGINT NOT NULL PRIMARY KEY, owner BIGINT NOT NULL, name VARCHAR(40) NOT NULL, amount BIGINT NOT NULL)`
	createIndex = `CREATE INDEX item_owner ON item (owner)`
	insertRow   = `INSERT INTO item (id, owner, name, amount) VALUES (?, ?, ?, ?)`
	selectPoint = `SELECT id, owner, name, amount FROM item WHERE id = ?`
	selectOwner = `SELECT id, owner, name, amount FROM item WHERE owner = ?`
	selectRange = `SELECT id, owner, name, amount FROM item WHERE id >= ? AND id < ? ORDER BY id`
	selectSum   = `SELECT COUNT(*), SUM(amount) FROM item WHERE amount >= ?`
	updateRow   = `UPDATE item SET amount = amount + ? WHERE id = ?`
)

type peer struct{ name, driver, dsn string }

var peers = []peer{
	{"nothing", "nothing", ""},
	{"worktable", "worktable", ":memory:"},
	{"mattn", "sqlite3", ":memory:"},
	{"modernc", "sqlite", ":memory:"},
}

// open returns a filled database. One connection: a SQLite database in memory is one connection's, and what is measured
// is the cost of one statement.
func (p peer) open(b *testing.B) *sql.DB {
	b.Helper()
	db, err := sql.Open(p.driver, p.dsn)
	check(b, err)
	db.SetMaxOpenConns(1)
	b.Cleanup(func() { db.Close() })
	if p.driver == "nothing" {
		return db
	}
	_, err = db.Exec(createTable)
	check(b, err)
	_, err = db.Exec(createIndex)
	check(b, err)
	fill(b, db)
	return db
}

func fill(b *testing.B, db *sql.DB) {
	tx, err := db.Begin()
	check(b, err)
	st, err := tx.Prepare(insertRow)
	check(b, err)
	for i := range tableRows {
		_, err := st.Exec(i, i/rowsPerOwner, fmt.Sprintf("name of row %d", i), i%1000)
		check(b, err)
	}
	check(b, st.Close())
	check(b, tx.Commit())
}

func check(b testing.TB, err error) {
	if err != nil {
		b.Helper()
		b.Fatal(err)
	}
}

// each runs a benchmark for every database.
func each(b *testing.B, run func(b *testing.B, p peer, db *sql.DB)) {
	for _, p := range peers {
		b.Run("db="+p.name, func(b *testing.B) {
			db := p.open(b)
			b.ReportAllocs()
			run(b, p, db)
		})
	}
}

func prepare(b *testing.B, db *sql.DB, text string) *sql.Stmt {
	st, err := db.Prepare(text)
	check(b, err)
	b.Cleanup(func() { st.Close() })
	return st
}

func BenchmarkPointSelect(b *testing.B) {
	each(b, func(b *testing.B, p peer, db *sql.DB) {
		st := prepare(b, db, selectPoint)
		r := rand.New(rand.NewPCG(1, 2))
		var id, owner, amount int64
		var name string
		for b.Loop() {
			want := r.Int64N(tableRows)
			check(b, st.QueryRow(want).Scan(&id, &owner, &name, &amount))
			if p.driver != "nothing" && (id != want || owner != want/rowsPerOwner || amount != want%1000 || len(name) < 13) {
				b.Fatalf("row %d: got %d, %d, %q, %d", want, id, owner, name, amount)
			}
		}
	})
}

func BenchmarkSecondaryIndexSelect(b *testing.B) {
	each(b, func(b *testing.B, p peer, db *sql.DB) {
		st := prepare(b, db, selectOwner)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			want := r.Int64N(owners)
			n, sum := readRows(b, st, want)
			first := want * rowsPerOwner
			if p.driver != "nothing" && (n != rowsPerOwner || sum != rowsPerOwner*first+rowsPerOwner*(rowsPerOwner-1)/2) {
				b.Fatalf("owner %d: %d rows, ids sum to %d", want, n, sum)
			}
		}
	})
}

func BenchmarkRange100(b *testing.B) {
	each(b, func(b *testing.B, p peer, db *sql.DB) {
		st := prepare(b, db, selectRange)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			from := r.Int64N(tableRows - rangeRows)
			n, sum := readRows(b, st, from, from+rangeRows)
			if p.driver != "nothing" && (n != rangeRows || sum != rangeRows*from+rangeRows*(rangeRows-1)/2) {
				b.Fatalf("from %d: %d rows, ids sum to %d", from, n, sum)
			}
		}
	})
}

// readRows scans all rows of an item query.
func readRows(b *testing.B, st *sql.Stmt, args ...any) (n int, sum int64) {
	rows, err := st.Query(args...)
	check(b, err)
	var id, owner, amount int64
	var name sql.RawBytes
	for rows.Next() {
		check(b, rows.Scan(&id, &owner, &name, &amount))
		n++
		sum += id
	}
	check(b, rows.Err())
	check(b, rows.Close())
	return n, sum
}

func BenchmarkFilteredAggregate(b *testing.B) {
	each(b, func(b *testing.B, p peer, db *sql.DB) {
		st := prepare(b, db, selectSum)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			from := 400 + r.Int64N(200)
			var n, sum int64
			check(b, st.QueryRow(from).Scan(&n, &sum))
			if want := (1000 - from) * (tableRows / 1000); p.driver != "nothing" && (n != want || sum != (from+999)*want/2) {
				b.Fatalf("from %d: %d rows, sum %d", from, n, sum)
			}
		}
	})
}

func BenchmarkInsert(b *testing.B) {
	each(b, func(b *testing.B, p peer, db *sql.DB) {
		st := prepare(b, db, insertRow)
		next := int64(tableRows)
		for b.Loop() {
			res, err := st.Exec(next, next/rowsPerOwner, "name of a new row", next%1000)
			check(b, err)
			if n, _ := res.RowsAffected(); n != 1 {
				b.Fatalf("%d rows affected", n)
			}
			next++
		}
		verifyCount(b, p, db, next)
	})
}

func verifyCount(b *testing.B, p peer, db *sql.DB, want int64) {
	if p.driver == "nothing" {
		return
	}
	b.StopTimer()
	var n int64
	check(b, db.QueryRowContext(context.Background(), "SELECT COUNT(*) FROM item").Scan(&n))
	if n != want {
		b.Fatalf("%d rows, want %d", n, want)
	}
}

func BenchmarkUpdate(b *testing.B) {
	each(b, func(b *testing.B, p peer, db *sql.DB) {
		st := prepare(b, db, updateRow)
		r := rand.New(rand.NewPCG(1, 2))
		times := int64(0)
		for b.Loop() {
			res, err := st.Exec(1, r.Int64N(tableRows))
			check(b, err)
			if n, _ := res.RowsAffected(); n != 1 {
				b.Fatalf("%d rows affected", n)
			}
			times++
		}
		if p.driver == "nothing" {
			return
		}
		b.StopTimer()
		var sum int64
		check(b, db.QueryRow("SELECT SUM(amount) FROM item").Scan(&sum))
		if want := int64(999*1000/2)*(tableRows/1000) + times; sum != want {
			b.Fatalf("amounts sum to %d, want %d", sum, want)
		}
	})
}
