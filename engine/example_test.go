package engine_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// A table of books, two rows, a point read, a range by an index, and an update.
func Example() {
	ctx := context.Background()
	db, err := engine.New(engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close(ctx)

	books := defineBooks(ctx, db)
	err = db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		for i, title := range []string{"Persuasion", "Emma"} {
			if _, err := tx.Insert(ctx, books, []value.Value{value.Int(int64(i + 1)), value.String(title), value.Int(7)}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		log.Fatal(err)
	}

	var r row.Row
	id, ok, err := db.Get(ctx, books.Index(0), []value.Value{value.Int(2)}, &r)
	fmt.Println(ok, err, r.Col(1).Str())

	err = db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		change := make([]value.Value, 3)
		change[2] = value.Int(9)
		if err := tx.Update(ctx, books, id, schema.ColSetOf(2), change); err != nil {
			return err
		}
		c := tx.ScanIndex(books.Index(1), engine.Range{}, engine.ScanOptions{})
		defer c.Close()
		for {
			rows, err := c.NextBatch(ctx, 100)
			if err != nil || len(rows) == 0 {
				return err
			}
			for i := range rows {
				fmt.Println(rows[i].Row.Col(1).Str(), rows[i].Row.Col(2).Int64())
			}
		}
	})
	if err != nil {
		log.Fatal(err)
	}
	// Output:
	// true <nil> Emma
	// Emma 9
	// Persuasion 7
}

// The number of an error is MySQL's; a duplicate tells which row is in the way.
func ExampleDuplicateKeyError() {
	ctx := context.Background()
	db, err := engine.New(engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close(ctx)
	books := defineBooks(ctx, db)
	err = db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		emma := []value.Value{value.Int(1), value.String("Emma"), value.Int(7)}
		if _, err := tx.Insert(ctx, books, emma); err != nil {
			return err
		}
		_, err := tx.Insert(ctx, books, emma)
		return err
	})
	var dup *engine.DuplicateKeyError
	fmt.Println(errors.As(err, &dup), errors.Is(err, sqlerr.DupEntry))
	fmt.Println(err)
	// Output:
	// true true
	// Error 1062 (23000): Duplicate entry '1' for key 'books.PRIMARY'
}

// A subscription that starts with a snapshot and goes on with every commit after it.
func ExampleDB_Subscribe() {
	ctx := context.Background()
	db, err := engine.New(engine.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer db.Close(ctx)
	books := defineBooks(ctx, db)
	sub, err := db.Subscribe(ctx, engine.SubscribeOptions{Bootstrap: func(tx *engine.Tx) error {
		n, err := tx.Count(ctx, books)
		fmt.Println("rows at the start:", n)
		return err
	}})
	if err != nil {
		log.Fatal(err)
	}
	defer sub.Close()

	err = db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
		_, err := tx.Insert(ctx, books, []value.Value{value.Int(1), value.String("Emma"), value.Int(7)})
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	txn, err := sub.Next(ctx)
	if err != nil {
		log.Fatal(err)
	}
	changes, err := db.Changes(txn)
	if err != nil {
		log.Fatal(err)
	}
	for _, c := range changes {
		fmt.Println(c.Table, c.Columns, c.After[1].Str())
	}
	// Output:
	// rows at the start: 0
	// books [id title price] Emma
}

func defineBooks(ctx context.Context, db *engine.DB) *engine.Table {
	number := value.Type{ID: value.TypeBigInt}
	def := &schema.Table{
		Schema: "shop", Name: "books", NextColID: 4,
		Columns: []schema.Column{
			{ID: 1, Name: "id", Type: number, NotNull: true},
			{ID: 2, Name: "title", Type: value.Type{ID: value.TypeVarChar, Length: 100, Collation: collate.Default}},
			{ID: 3, Name: "price", Type: number},
		},
		Indexes: []schema.Index{
			{Name: "PRIMARY", Primary: true, Unique: true, Parts: []schema.KeyPart{{Column: 1}}},
			{Name: "title", Parts: []schema.KeyPart{{Column: 2}}},
		},
	}
	var books *engine.Table
	err := db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		if err := d.CreateDatabase(&schema.Database{Name: "shop"}); err != nil {
			return err
		}
		var err error
		books, err = d.CreateTable(def)
		return err
	})
	if err != nil {
		log.Fatal(err)
	}
	return books
}
