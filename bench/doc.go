// Package bench compares WorkTable with what Go programs use today: SQLite through cgo (mattn/go-sqlite3) and
// transpiled (modernc.org/sqlite), both in memory, and go-memdb. A driver that does nothing shows what database/sql
// itself costs.
//
// Every benchmark works on the same 100,000 rows, through prepared statements, and checks the answers that it gets.
//
//	cd bench && GOWORK=off go test -bench . -count 6 | tee new.txt && benchstat -col /db new.txt
package bench
