package exec_test

import (
	"context"
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
)

// scanWorld has one table with a column of each type that scans read from the bytes of the rows.
func scanWorld(b *testing.B) *world {
	w := newWorld(b)
	w.do(`CREATE TABLE t (id INT PRIMARY KEY, n INT, f DOUBLE, r FLOAT, d DECIMAL(10,2), dd DECIMAL(30,4), day DATE, at DATETIME(3), y YEAR,
		e ENUM('new','paid','sent','done'), s VARCHAR(40), ci VARCHAR(40) COLLATE utf8mb4_0900_ai_ci, bin VARBINARY(40))`)
	ctx := context.Background()
	tab := w.db.Catalog().Table("d", "t")
	tx, err := w.db.Begin(ctx, engine.TxOptions{})
	require.NoError(b, err)
	rnd := rand.New(rand.NewSource(1))
	states := []string{"new", "paid", "sent", "done"}
	for i := range benchRows {
		n := rnd.Intn(1000)
		name := fmt.Sprintf("%s of row %d", states[n%4], n)
		vals := []value.Value{
			value.Int(int64(i)), value.Int(int64(n)), value.Float(float64(n) / 4), value.Float32(float32(n)), value.Decimal(int64(n), 2),
			value.Decimal(int64(n), 4), value.Date(value.PackDate(2000+n/100, 1+n%12, 1+n%28)),
			value.DateTime(value.PackDateTime(2000+n/100, 1+n%12, 1+n%28, n%24, 0, 0, 0), 3), value.Year(1950 + n/10),
			value.Enum(uint16(1+n%4), states[n%4]), value.String(name), value.String(name), value.Bytes(name),
		}
		_, err := tx.Insert(ctx, tab, vals)
		require.NoError(b, err)
	}
	require.NoError(b, tx.Commit(ctx))
	return w
}

// BenchmarkScan measures scans of a whole table per row that they look at.
func BenchmarkScan(b *testing.B) {
	w := scanWorld(b)
	for _, q := range []struct{ name, sql string }{
		{"int/filter", "SELECT COUNT(*) FROM t WHERE n > 500"},
		{"int/sum", "SELECT SUM(n) FROM t"},
		{"double/filter", "SELECT COUNT(*) FROM t WHERE f > 125.0"},
		{"double/sum", "SELECT SUM(f) FROM t"},
		{"double/avgminmax", "SELECT AVG(f), MIN(f), MAX(f) FROM t WHERE n > 500"},
		{"decimal/filter", "SELECT COUNT(*) FROM t WHERE d > 5.00"},
		{"decimal/sum", "SELECT SUM(d) FROM t"},
		{"decimal/avg", "SELECT AVG(d) FROM t WHERE d > 5"},
		{"bigdecimal/sum", "SELECT SUM(dd) FROM t"},
		{"date/filter", "SELECT COUNT(*) FROM t WHERE day >= '2005-01-01'"},
		{"date/minmax", "SELECT MIN(day), MAX(day) FROM t"},
		{"datetime/between", "SELECT COUNT(*) FROM t WHERE at BETWEEN '2003-01-01' AND '2006-12-31 23:59:59'"},
		{"year/filter", "SELECT COUNT(*) FROM t WHERE y = 1999"},
		{"enum/equal", "SELECT COUNT(*) FROM t WHERE e = 'paid'"},
		{"string/equal", "SELECT COUNT(*) FROM t WHERE s = 'paid of row 501'"},
		{"string/less", "SELECT COUNT(*) FROM t WHERE s < 'paid'"},
		{"string/in", "SELECT COUNT(*) FROM t WHERE s IN ('paid of row 501', 'new of row 4', 'x', 'y', 'z')"},
		{"string/prefix", "SELECT COUNT(*) FROM t WHERE s LIKE 'paid of%'"},
		{"string/contains", "SELECT COUNT(*) FROM t WHERE s LIKE '%row 5%'"},
		{"ci/equal", "SELECT COUNT(*) FROM t WHERE ci = 'PAID of row 501'"},
		{"binary/equal", "SELECT COUNT(*) FROM t WHERE bin = 'paid of row 501'"},
		{"string/count", "SELECT COUNT(s) FROM t"},
		{"string/minmax", "SELECT MIN(s), MAX(s) FROM t"},
		{"mixed/rows", "SELECT id, s FROM t WHERE d > 9.90 AND e = 'paid'"},
		{"mixed/sum", "SELECT SUM(d * n) FROM t WHERE s = 'paid of row 501'"},
		{"rows/few", "SELECT id, s FROM t WHERE s = 'paid of row 501'"},
		{"rows/all", "SELECT id, n FROM t"},
		{"group", "SELECT e, COUNT(*), SUM(d) FROM t GROUP BY e"},
		{"function", "SELECT COUNT(*) FROM t WHERE MONTH(day) = 3"},
	} {
		b.Run(q.name, func(b *testing.B) {
			benchScan(b, w, q.sql)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
		})
	}
}

func benchScan(b *testing.B, w *world, sql string) {
	p, err := w.compile(sql)
	require.NoError(b, err)
	var batch exec.Batch
	ctx := context.Background()
	run := w.run(nil)
	b.ReportAllocs()
	for b.Loop() {
		tx, err := w.db.Begin(ctx, engine.TxOptions{Autocommit: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := tx.BeginStatement(engine.StmtRead); err != nil {
			b.Fatal(err)
		}
		readToEnd(b, p, &exec.Runtime{Tx: tx, Run: run}, &batch)
		if err := tx.EndStatement(nil); err != nil {
			b.Fatal(err)
		}
		if err := tx.Rollback(); err != nil {
			b.Fatal(err)
		}
	}
}
