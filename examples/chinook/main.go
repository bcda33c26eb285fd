// Chinook loads the Chinook sample database, a digital music shop, from its MySQL script and answers twelve
// questions that the shop's owner might ask.
//
//	go run ./examples/chinook                       # in memory
//	go run ./examples/chinook -dsn file:/tmp/shop   # kept in files; a second run finds the data there
//	go run ./examples/chinook other.sql             # another copy of the script
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	worktable "github.com/worktable-go/worktable/driver"
	"github.com/worktable-go/worktable/sqlmap"
)

func main() {
	dsn := flag.String("dsn", ":memory:", "data source name of the database to fill")
	list := flag.Bool("list", false, "list the names of the questions and stop")
	show := flag.String("sql", "", "print the SQL of the question with this `name` and stop")
	flag.Parse()
	if *list || *show != "" {
		printSQL(*show)
		return
	}
	script := flag.Arg(0)
	if script == "" {
		script = defaultScript()
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *dsn, script); err != nil {
		fmt.Fprintln(os.Stderr, "chinook:", err)
		os.Exit(1)
	}
}

func printSQL(name string) {
	for _, q := range questions {
		switch name {
		case "":
			fmt.Println(q.Name)
		case q.Name:
			fmt.Println(strings.TrimSpace(q.SQL))
		}
	}
}

// defaultScript is the copy beside this file, wherever the program is run from.
func defaultScript() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "testdata", "Chinook_MySql.sql")
}

func run(ctx context.Context, dsn, script string) error {
	db, err := open(ctx, dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	if err := load(ctx, db, script, os.Stdout); err != nil {
		return err
	}
	for i, q := range questions {
		start := time.Now()
		t, err := ask(db, q)
		if err != nil {
			return err
		}
		fmt.Printf("\n%d. %s  (%d rows, %s)\n\n", i+1, q.Text, len(t.Rows), time.Since(start).Round(10*time.Microsecond))
		t.print(os.Stdout)
	}
	return db.Close()
}

// open opens the database with the schema Chinook in use on every connection: the script drops and creates it.
func open(ctx context.Context, dsn string) (*sql.DB, error) {
	cfg, err := worktable.ParseDSN(dsn)
	if err != nil {
		return nil, err
	}
	cfg.Database = "Chinook"
	db := sql.OpenDB(worktable.NewConnector(cfg))
	return db, db.PingContext(ctx)
}

// load runs the script on one connection and shows on out how far it is.
func load(ctx context.Context, db *sql.DB, path string, out io.Writer) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	conn, err := db.Conn(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	start := time.Now()
	var last sqlmap.ScriptProgress
	shown := time.Time{}
	err = conn.Raw(func(c any) error {
		return c.(worktable.Conn).Session().Script(ctx, string(text), func(p sqlmap.ScriptProgress) {
			last = p
			if time.Since(shown) > 100*time.Millisecond {
				shown = time.Now()
				fmt.Fprintf(out, "\rloading %s: %3d %%, %d statements, %d rows, %.2f s", filepath.Base(path),
					100*p.Offset/max(1, p.Size), p.Statements, p.Rows, time.Since(start).Seconds())
			}
		})
	})
	fmt.Fprintf(out, "\rloaded %s: %d statements, %d rows, %.2f s          \n", filepath.Base(path), last.Statements, last.Rows,
		time.Since(start).Seconds())
	return err
}
