package engine_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

const benchRows = 100_000

func benchTable(b *testing.B) (*engine.DB, *engine.Table) {
	db := newDB(b, engine.Options{})
	tab := accounts(b, db)
	tx := begin(b, db, engine.RepeatableRead)
	for i := range benchRows {
		_, err := tx.Insert(ctx, tab, vals(i, "owner", i, "a note of some length"))
		require.NoError(b, err)
	}
	require.NoError(b, tx.Commit(ctx))
	b.ReportAllocs()
	b.ResetTimer()
	return db, tab
}

func BenchmarkGet(b *testing.B) {
	db, tab := benchTable(b)
	var r row.Row
	key := vals(0)
	for i := 0; b.Loop(); i++ {
		key[0] = value.Int(int64(i * 7919 % benchRows))
		if _, ok, err := db.Get(ctx, tab.Index(0), key, &r); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}

func BenchmarkTxGet(b *testing.B) {
	db, tab := benchTable(b)
	var r row.Row
	key := vals(0)
	for i := 0; b.Loop(); i++ {
		key[0] = value.Int(int64(i * 7919 % benchRows))
		tx, _ := db.Begin(ctx, engine.TxOptions{Autocommit: true})
		if _, ok, err := tx.Get(ctx, tab.Index(0), key, &r); !ok || err != nil {
			b.Fatal(ok, err)
		}
		if err := tx.Commit(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkInsert(b *testing.B) {
	db := newDB(b, engine.Options{})
	tab := accounts(b, db)
	v := vals(0, "owner", 5, "a note of some length")
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		v[0] = value.Int(int64(i))
		tx, _ := db.Begin(ctx, engine.TxOptions{Autocommit: true})
		if _, err := tx.Insert(ctx, tab, v); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkUpdate(b *testing.B) {
	db, tab := benchTable(b)
	var r row.Row
	key, v := vals(0), vals(nil, nil, 0, nil)
	for i := 0; b.Loop(); i++ {
		key[0] = value.Int(int64(i * 7919 % benchRows))
		v[2] = value.Int(int64(i))
		tx, _ := db.Begin(ctx, engine.TxOptions{Autocommit: true})
		id, ok, err := tx.Get(ctx, tab.Index(0), key, &r)
		if !ok || err != nil {
			b.Fatal(ok, err)
		}
		if err := tx.Update(ctx, tab, id, schema.ColSetOf(2), v); err != nil {
			b.Fatal(err)
		}
		if err := tx.Commit(ctx); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	db, tab := benchTable(b)
	for b.Loop() {
		tx, _ := db.Begin(ctx, engine.TxOptions{Autocommit: true})
		c := tx.Scan(tab, engine.ScanOptions{})
		var sum int64
		for {
			rows, err := c.NextBatch(ctx, 1024)
			if err != nil {
				b.Fatal(err)
			}
			if len(rows) == 0 {
				break
			}
			for i := range rows {
				sum += rows[i].Row.Col(2).Int64()
			}
		}
		c.Close()
		_ = tx.Rollback()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

func BenchmarkScanPayloads(b *testing.B) {
	db, tab := benchTable(b)
	for b.Loop() {
		tx, _ := db.Begin(ctx, engine.TxOptions{Autocommit: true})
		c := tx.Scan(tab, engine.ScanOptions{})
		rows := 0
		for {
			_, batch, ok, err := c.NextPayloads(ctx, 256)
			if err != nil || !ok {
				b.Fatal(ok, err)
			}
			if len(batch) == 0 {
				break
			}
			rows += len(batch)
		}
		if rows != benchRows {
			b.Fatal(rows)
		}
		c.Close()
		_ = tx.Rollback()
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
}

func BenchmarkInsertBatch(b *testing.B) {
	db := newDB(b, engine.Options{})
	tab := accounts(b, db)
	v := vals(0, "owner", 5, "a note of some length")
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		tx, _ := db.Begin(ctx, engine.TxOptions{})
		for range 1000 {
			v[0] = value.Int(int64(n))
			n++
			if _, err := tx.Insert(ctx, tab, v); err != nil {
				b.Fatal(err)
			}
		}
		if err := tx.Commit(ctx); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/row")
}
