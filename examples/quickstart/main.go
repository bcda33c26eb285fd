// Quickstart is a small order-book service: the tables live in memory, SQL reaches them through database/sql, and every
// commit is in the files of a directory before it is acknowledged.
//
//	go run ./examples/quickstart              # in a temporary directory
//	go run ./examples/quickstart -dir ./book  # in a directory that stays
package main

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"
	"github.com/pressly/goose/v3"

	worktable "github.com/worktable-go/worktable/driver"
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Order is a row of the table orders; sqlx fills it by the names in the tags.
type Order struct {
	ID         uint64         `db:"id"`
	Instrument uint64         `db:"instrument_id"`
	Side       string         `db:"side"`
	Price      string         `db:"price"` // DECIMAL is exact, so it stays text
	Quantity   int            `db:"quantity"`
	Filled     int            `db:"filled"`
	Status     string         `db:"status"`
	Note       sql.NullString `db:"note"`
	CreatedAt  time.Time      `db:"created_at"`
}

func main() {
	dir := flag.String("dir", "", "directory of the database; a temporary one by default")
	flag.Parse()
	if *dir == "" {
		tmp, err := os.MkdirTemp("", "worktable-quickstart-")
		if err != nil {
			log.Fatal(err)
		}
		defer os.RemoveAll(tmp)
		*dir = filepath.Join(tmp, "book")
	}
	ctx := context.Background()
	if err := trade(ctx, *dir); err != nil {
		log.Fatal(err)
	}
	if err := reopen(ctx, *dir); err != nil {
		log.Fatal(err)
	}
}

// trade opens the database, brings its schema up to date, and does a day's work.
func trade(ctx context.Context, dir string) error {
	db, err := sqlx.Open("worktable", "file:"+dir)
	if err != nil {
		return err
	}
	defer db.Close()
	step("open %s", dir)

	if err := migrate(db.DB); err != nil {
		return err
	}
	eng, stream, err := subscribe(ctx, db)
	if err != nil {
		return err
	}
	defer stream.Close()

	gopher, err := placeOrders(ctx, db)
	if err != nil {
		return err
	}
	if err := concurrentWriters(ctx, db, gopher); err != nil {
		return err
	}
	if err := match(ctx, db); err != nil {
		return err
	}
	if err := printBook(ctx, db, gopher); err != nil {
		return err
	}
	if err := constraint(ctx, db); err != nil {
		return err
	}
	if err := printStream(ctx, eng, stream); err != nil {
		return err
	}
	return db.Close()
}

// migrate runs goose at start-up, as a service would against a MySQL server.
func migrate(db *sql.DB) error {
	goose.SetBaseFS(migrations)
	goose.SetLogger(goose.NopLogger())
	if err := goose.SetDialect("mysql"); err != nil {
		return err
	}
	if err := goose.Up(db, "migrations"); err != nil {
		return err
	}
	version, err := goose.GetDBVersion(db)
	if err != nil {
		return err
	}
	step("migrations done, schema version %d", version)
	return nil
}

// subscribe opens the change stream at the present moment. What database/sql has no words for is reached through Raw.
func subscribe(ctx context.Context, db *sqlx.DB) (eng *engine.DB, stream *engine.Subscription, err error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	err = conn.Raw(func(c any) error {
		eng = c.(worktable.Conn).Engine()
		stream, err = eng.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
		return err
	})
	return eng, stream, err
}

// placeOrders inserts with sqlx's named queries.
func placeOrders(ctx context.Context, db *sqlx.DB) (instrument uint64, err error) {
	res, err := db.ExecContext(ctx, "INSERT INTO instruments (symbol) VALUES (?)",
		fmt.Sprintf("GOPHR%06d", time.Now().UnixNano()%1e6))
	if err != nil {
		return 0, err
	}
	id, err := res.LastInsertId()
	if err != nil {
		return 0, err
	}
	orders := []Order{
		{Instrument: uint64(id), Side: "buy", Price: "99.5000", Quantity: 100},
		{Instrument: uint64(id), Side: "buy", Price: "99.7500", Quantity: 40},
		{Instrument: uint64(id), Side: "sell", Price: "100.2500", Quantity: 60},
		{Instrument: uint64(id), Side: "sell", Price: "100.0000", Quantity: 80},
		{Instrument: uint64(id), Side: "sell", Price: "101.0000", Quantity: 500},
	}
	_, err = db.NamedExecContext(ctx,
		`INSERT INTO orders (instrument_id, side, price, quantity) VALUES (:instrument_id, :side, :price, :quantity)`, orders)
	step("placed %d orders for instrument %d", len(orders), id)
	return uint64(id), err
}

// concurrentWriters changes different columns of one row from many goroutines at once. Locks are by column: the two
// kinds of writers never wait for each other, and both changes are there in the end.
func concurrentWriters(ctx context.Context, db *sqlx.DB, instrument uint64) error {
	var o Order
	if err := db.GetContext(ctx, &o, "SELECT * FROM orders WHERE instrument_id = ? AND price = 101", instrument); err != nil {
		return err
	}
	const writers, times = 8, 50
	var wg sync.WaitGroup
	errs := make(chan error, writers)
	for w := range writers {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for i := range times {
				var err error
				if w%2 == 0 {
					_, err = db.ExecContext(ctx, "UPDATE orders SET filled = filled + 1 WHERE id = ?", o.ID)
				} else {
					_, err = db.ExecContext(ctx, "UPDATE orders SET note = ? WHERE id = ?", fmt.Sprintf("writer %d, note %d", w, i), o.ID)
				}
				if err != nil {
					errs <- err
					return
				}
			}
		}()
	}
	wg.Wait()
	close(errs)
	for err := range errs {
		return err
	}
	if err := db.GetContext(ctx, &o, "SELECT * FROM orders WHERE id = ?", o.ID); err != nil {
		return err
	}
	step("%d writers on one row: filled is %d of %d expected, note is %q", writers, o.Filled, writers/2*times, o.Note.String)
	return nil
}

// match crosses the best buy and sell orders in one transaction.
func match(ctx context.Context, db *sqlx.DB) error {
	tx, err := db.BeginTxx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() // after a Commit it does nothing
	var buy, sell Order
	const best = "SELECT * FROM orders WHERE side = ? AND status = 'open' ORDER BY price %s, id LIMIT 1 FOR UPDATE"
	if err := tx.GetContext(ctx, &buy, fmt.Sprintf(best, "DESC"), "buy"); err != nil {
		return err
	}
	if err := tx.GetContext(ctx, &sell, fmt.Sprintf(best, "ASC"), "sell"); err != nil {
		return err
	}
	n := min(buy.Quantity-buy.Filled, sell.Quantity-sell.Filled)
	for _, id := range []uint64{buy.ID, sell.ID} {
		_, err := tx.ExecContext(ctx,
			"UPDATE orders SET filled = filled + ?, status = IF(filled = quantity, 'done', status) WHERE id = ?", n, id)
		if err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	step("matched %d: buy order %d with sell order %d, in one transaction", n, buy.ID, sell.ID)
	return nil
}

// printBook reads a range of the index (instrument_id, side, price), in its order.
func printBook(ctx context.Context, db *sqlx.DB, instrument uint64) error {
	var orders []Order
	err := db.SelectContext(ctx, &orders, `SELECT * FROM orders
		WHERE instrument_id = ? AND side = 'sell' AND price BETWEEN 100 AND 101 ORDER BY price`, instrument)
	if err != nil {
		return err
	}
	step("the sell side between 100 and 101:")
	for _, o := range orders {
		fmt.Printf("      %-4s %9s  %3d of %3d  %s\n", o.Side, o.Price, o.Filled, o.Quantity, o.Status)
	}
	return nil
}

// constraint shows that errors carry MySQL's numbers.
func constraint(ctx context.Context, db *sqlx.DB) error {
	_, err := db.ExecContext(ctx, "UPDATE orders SET filled = quantity + 1 WHERE side = 'buy'")
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return fmt.Errorf("the CHECK constraint let it pass: %v", err)
	}
	step("an overfilled order is refused with error %d: %s", e.Number, e.Message)
	return nil
}

// printStream reads what has been committed since subscribe, in commit order.
func printStream(ctx context.Context, eng *engine.DB, stream *engine.Subscription) error {
	step("the change stream (first and last commits):")
	ctx, cancel := context.WithTimeout(ctx, 200*time.Millisecond)
	defer cancel()
	var lines []string
	for {
		txn, err := stream.Next(ctx)
		if errors.Is(err, context.DeadlineExceeded) {
			break
		}
		if err != nil {
			return err
		}
		changes, err := eng.Changes(txn)
		if err != nil {
			return err
		}
		for _, c := range changes {
			if c.Kind == cdc.AutoIncrement {
				continue // the counter's position, for those who rebuild the table from the stream
			}
			lines = append(lines, fmt.Sprintf("      commit %d: %s", txn.CSN, describe(&c)))
		}
	}
	for i, l := range lines {
		switch {
		case i < 4 || i >= len(lines)-3:
			fmt.Println(l)
		case i == 4:
			fmt.Printf("      … %d more …\n", len(lines)-7)
		}
	}
	return nil
}

// describe prints one change: the row by its key, and the columns that changed.
func describe(c *engine.Change) string {
	text := fmt.Sprintf("%-6s %s", c.Kind, c.Table)
	for i, name := range c.KeyColumns {
		text += fmt.Sprintf(" %s=%s", name, c.Key[i].Text())
	}
	sep := ":"
	for i, name := range c.Columns {
		value := "NULL"
		if !c.After[i].IsNull() {
			value = c.After[i].Text()
		}
		text += fmt.Sprintf("%s %s=%s", sep, name, value)
		sep = ","
	}
	return text
}

// reopen shows that the data is in the files.
func reopen(ctx context.Context, dir string) error {
	db, err := sqlx.Open("worktable", "file:"+dir)
	if err != nil {
		return err
	}
	defer db.Close()
	var sum struct {
		Orders int    `db:"n"`
		Filled int    `db:"filled"`
		Value  string `db:"value"`
	}
	err = db.GetContext(ctx, &sum, "SELECT COUNT(*) AS n, SUM(filled) AS filled, SUM(price * quantity) AS value FROM orders")
	if err != nil {
		return err
	}
	step("closed and opened again: %d orders, %d filled, worth %s", sum.Orders, sum.Filled, sum.Value)
	return db.Close()
}

func step(format string, args ...any) { fmt.Printf("• "+format+"\n", args...) }
