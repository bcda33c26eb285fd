package bench

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/hashicorp/go-memdb"
)

// item is the row as go-memdb keeps it: a Go object, not copied.
type item struct {
	ID, Owner int64
	Name      string
	Amount    int64
}

func newMemDB(b *testing.B) *memdb.MemDB {
	b.Helper()
	db, err := memdb.NewMemDB(&memdb.DBSchema{Tables: map[string]*memdb.TableSchema{"item": {
		Name: "item",
		Indexes: map[string]*memdb.IndexSchema{
			"id":    {Name: "id", Unique: true, Indexer: &memdb.IntFieldIndex{Field: "ID"}},
			"owner": {Name: "owner", Indexer: &memdb.IntFieldIndex{Field: "Owner"}},
		},
	}}})
	check(b, err)
	tx := db.Txn(true)
	for i := range int64(tableRows) {
		check(b, tx.Insert("item", &item{i, i / rowsPerOwner, fmt.Sprintf("name of row %d", i), i % 1000}))
	}
	tx.Commit()
	b.ReportAllocs()
	return db
}

// go-memdb has no SQL; its figures are for the same work through its own API.
func BenchmarkPointSelect_memdb(b *testing.B) {
	b.Run("db=memdb", func(b *testing.B) {
		db := newMemDB(b)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			want := r.Int64N(tableRows)
			x, err := db.Txn(false).First("item", "id", want)
			check(b, err)
			if it := *x.(*item); it.ID != want || it.Owner != want/rowsPerOwner {
				b.Fatalf("row %d: %+v", want, it)
			}
		}
	})
}

func BenchmarkSecondaryIndexSelect_memdb(b *testing.B) {
	b.Run("db=memdb", func(b *testing.B) {
		db := newMemDB(b)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			want := r.Int64N(owners)
			it, err := db.Txn(false).Get("item", "owner", want)
			check(b, err)
			n := 0
			for x := it.Next(); x != nil; x = it.Next() {
				if x.(*item).Owner != want {
					b.Fatal("another owner's row")
				}
				n++
			}
			if n != rowsPerOwner {
				b.Fatalf("%d rows", n)
			}
		}
	})
}

func BenchmarkRange100_memdb(b *testing.B) {
	b.Run("db=memdb", func(b *testing.B) {
		db := newMemDB(b)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			from := r.Int64N(tableRows - rangeRows)
			it, err := db.Txn(false).LowerBound("item", "id", from)
			check(b, err)
			n, sum := 0, int64(0)
			for x := it.Next(); x != nil && x.(*item).ID < from+rangeRows; x = it.Next() {
				n++
				sum += x.(*item).ID
			}
			if n != rangeRows || sum != rangeRows*from+rangeRows*(rangeRows-1)/2 {
				b.Fatalf("from %d: %d rows, ids sum to %d", from, n, sum)
			}
		}
	})
}

func BenchmarkFilteredAggregate_memdb(b *testing.B) {
	b.Run("db=memdb", func(b *testing.B) {
		db := newMemDB(b)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			from := 400 + r.Int64N(200)
			it, err := db.Txn(false).Get("item", "id")
			check(b, err)
			n, sum := int64(0), int64(0)
			for x := it.Next(); x != nil; x = it.Next() {
				if a := x.(*item).Amount; a >= from {
					n++
					sum += a
				}
			}
			if want := (1000 - from) * (tableRows / 1000); n != want || sum != (from+999)*want/2 {
				b.Fatalf("from %d: %d rows, sum %d", from, n, sum)
			}
		}
	})
}

func BenchmarkInsert_memdb(b *testing.B) {
	b.Run("db=memdb", func(b *testing.B) {
		db := newMemDB(b)
		next := int64(tableRows)
		for b.Loop() {
			tx := db.Txn(true)
			check(b, tx.Insert("item", &item{next, next / rowsPerOwner, "name of a new row", next % 1000}))
			tx.Commit()
			next++
		}
	})
}

func BenchmarkUpdate_memdb(b *testing.B) {
	b.Run("db=memdb", func(b *testing.B) {
		db := newMemDB(b)
		r := rand.New(rand.NewPCG(1, 2))
		for b.Loop() {
			tx := db.Txn(true)
			x, err := tx.First("item", "id", r.Int64N(tableRows))
			check(b, err)
			changed := *x.(*item) // objects must not be changed in place
			changed.Amount++
			check(b, tx.Insert("item", &changed))
			tx.Commit()
		}
	})
}
