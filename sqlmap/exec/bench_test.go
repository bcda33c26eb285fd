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

const benchRows = 100_000

func benchWorld(b *testing.B) *world {
	w := newWorld(b)
	w.do("CREATE TABLE t (id INT PRIMARY KEY, k INT, v INT, s VARCHAR(40), KEY k (k))")
	ctx := context.Background()
	tab := w.db.Catalog().Table("d", "t")
	tx, err := w.db.Begin(ctx, engine.TxOptions{})
	require.NoError(b, err)
	rnd := rand.New(rand.NewSource(1))
	for i := range benchRows {
		_, err := tx.Insert(ctx, tab, []value.Value{
			value.Int(int64(i)), value.Int(int64(i / 10)), value.Int(int64(rnd.Intn(1000))), value.String(fmt.Sprintf("name of row %d", i)),
		})
		require.NoError(b, err)
	}
	require.NoError(b, tx.Commit(ctx))
	return w
}

// readToEnd runs a plan and reads all its rows.
func readToEnd(b *testing.B, p *exec.Plan, rt *exec.Runtime, batch *exec.Batch) {
	rs, err := p.Open(rt)
	if err != nil {
		b.Fatal(err)
	}
	defer rs.Close()
	for {
		if err := rs.Next(batch); err != nil {
			b.Fatal(err)
		}
		if batch.Len() == 0 {
			return
		}
	}
}

// benchQuery measures executions of a prepared query; params makes the parameters of execution i.
func benchQuery(b *testing.B, sql string, params func(i int) []value.Value) {
	w := benchWorld(b)
	p, err := w.compile(sql)
	require.NoError(b, err)
	b.ReportAllocs()
	b.ResetTimer()
	var st exec.PointState
	var row []value.Value
	var batch exec.Batch
	ctx := context.Background()
	run := w.run(nil)
	for i := range b.N {
		run.Ctx, run.Params = ctx, params(i)
		tx, err := w.db.Begin(ctx, engine.TxOptions{Autocommit: true})
		if err != nil {
			b.Fatal(err)
		}
		if err := tx.BeginStatement(engine.StmtRead); err != nil {
			b.Fatal(err)
		}
		rt := &exec.Runtime{Tx: tx, Run: run}
		if pt := p.Point(); pt != nil {
			if row, _, err = pt.Get(rt, &st, row[:0]); err != nil {
				b.Fatal(err)
			}
		} else {
			readToEnd(b, p, rt, &batch)
		}
		if err := tx.EndStatement(nil); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPointSelect(b *testing.B) {
	p := make([]value.Value, 1)
	benchQuery(b, "SELECT id, k, v, s FROM t WHERE id = ?", func(i int) []value.Value {
		p[0] = value.Int(int64(i * 7919 % benchRows))
		return p
	})
}

func BenchmarkSecondaryIndex(b *testing.B) {
	benchQuery(b, "SELECT id, v, s FROM t WHERE k = ?", func(i int) []value.Value {
		return []value.Value{value.Int(int64(i * 7919 % (benchRows / 10)))}
	})
}

func BenchmarkRange100(b *testing.B) {
	benchQuery(b, "SELECT id, v, s FROM t WHERE id BETWEEN ? AND ?", func(i int) []value.Value {
		at := int64(i * 7919 % (benchRows - 100))
		return []value.Value{value.Int(at), value.Int(at + 99)}
	})
}

func BenchmarkFilteredAggregate(b *testing.B) {
	benchQuery(b, "SELECT COUNT(*), SUM(v) FROM t WHERE v > ?", func(int) []value.Value {
		return []value.Value{value.Int(500)}
	})
}

func BenchmarkGroupBy(b *testing.B) {
	benchQuery(b, "SELECT v, COUNT(*), SUM(k) FROM t GROUP BY v", func(int) []value.Value { return nil })
}

func BenchmarkTopN(b *testing.B) {
	benchQuery(b, "SELECT id, s FROM t ORDER BY v, id LIMIT 10", func(int) []value.Value { return nil })
}

func BenchmarkSort(b *testing.B) {
	benchQuery(b, "SELECT id, s FROM t ORDER BY v", func(int) []value.Value { return nil })
}

func BenchmarkHashJoin(b *testing.B) {
	benchQuery(b, "SELECT COUNT(*) FROM t a JOIN t b ON a.v = b.k", func(int) []value.Value { return nil })
}

func BenchmarkLookupJoin(b *testing.B) {
	benchQuery(b, "SELECT a.id, b.s FROM t a JOIN t b ON b.id = a.v WHERE a.k = ?", func(i int) []value.Value {
		return []value.Value{value.Int(int64(i % 1000))}
	})
}

// BenchmarkCompile measures what a statement costs before it runs: parsing and planning.
func BenchmarkCompile(b *testing.B) {
	w := shop(b)
	for name, sql := range map[string]string{
		"point": "SELECT id, name FROM customer WHERE id = 3",
		"join":  "SELECT c.name, o.total FROM customer c JOIN orders o ON o.customer = c.id JOIN item i ON i.orders = o.id WHERE i.product = 'pen' ORDER BY o.total DESC LIMIT 5",
		"group": "SELECT city, count(*) AS n FROM customer GROUP BY city HAVING n > 1 ORDER BY n DESC",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for range b.N {
				if _, err := w.compile(sql); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
