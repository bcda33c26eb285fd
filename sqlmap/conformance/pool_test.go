package conformance

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sort"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/value"

	_ "github.com/worktable-go/worktable/driver"
)

// poolSubject runs statements on one connection of a database/sql pool: WorkTable's or a MariaDB's.
type poolSubject struct {
	db   *sql.DB
	conn *sql.Conn
}

func openPool(t testing.TB, driver, dsn string) *poolSubject {
	t.Helper()
	db, err := sql.Open(driver, dsn)
	require.NoError(t, err)
	conn, err := db.Conn(context.Background())
	require.NoError(t, err)
	p := &poolSubject{db, conn}
	t.Cleanup(func() { _ = p.close() })
	return p
}

func (p *poolSubject) close() error {
	err := p.conn.Close()
	if e := p.db.Close(); err == nil || errors.Is(err, sql.ErrConnDone) {
		err = e
	}
	return err
}

// openServer connects to the MariaDB behind socket and gives it a new schema test.
func openServer(t testing.TB, socket string) *poolSubject {
	t.Helper()
	p := openPool(t, "mysql", "root@unix("+socket+")/?collation=utf8mb4_bin&maxAllowedPacket=0")
	for _, text := range []string{
		"SET NAMES utf8mb4 COLLATE utf8mb4_nopad_bin", "SET time_zone = '+00:00'",
		"DROP DATABASE IF EXISTS test", "CREATE DATABASE test", "USE test",
	} {
		_, err := p.conn.ExecContext(context.Background(), text)
		require.NoError(t, err, text)
	}
	return p
}

func (p *poolSubject) run(s *statement) *answer {
	ctx := context.Background()
	if !s.query() {
		res, err := p.conn.ExecContext(ctx, s.text)
		if err != nil {
			return failedPool(err)
		}
		a := &answer{}
		n, _ := res.RowsAffected()
		id, _ := res.LastInsertId()
		a.affected, a.insertID = uint64(n), uint64(id)
		return a
	}
	rows, err := p.conn.QueryContext(ctx, s.text)
	if err != nil {
		return failedPool(err)
	}
	defer func() { _ = rows.Close() }()
	names, err := rows.Columns()
	if err != nil {
		return failedPool(err)
	}
	a := &answer{columns: make([]string, len(names))}
	for i, n := range names {
		a.columns[i] = escapes.Replace(n)
	}
	vals := make([]any, len(names))
	into := make([]any, len(names))
	for i := range vals {
		into[i] = &vals[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return failedPool(err)
		}
		words := make([]string, len(vals))
		for i, v := range vals {
			words[i] = render(textOf(v), v == nil)
		}
		a.rows = append(a.rows, strings.Join(words, "\t"))
	}
	if err := rows.Err(); err != nil {
		return failedPool(err)
	}
	return a
}

// textOf is a scanned value as MySQL prints it.
func textOf(v any) string {
	switch v := v.(type) {
	case []byte:
		return string(v)
	case float64:
		return value.Float(v).Text()
	case float32:
		return value.Float32(v).Text()
	}
	return fmt.Sprint(v)
}

// failedPool is the answer of an error.
func failedPool(err error) *answer {
	a := &answer{number: -1, message: err.Error()}
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		a.number = int(e.Number)
	}
	return a
}

// dump returns the rows of every table of the schema in use, for a comparison.
func (p *poolSubject) dump(t testing.TB) string {
	t.Helper()
	tables := p.run(&statement{text: "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE() ORDER BY table_name"})
	require.Zero(t, tables.number, tables.message)
	sort.Strings(tables.rows)
	var b strings.Builder
	for _, name := range tables.rows {
		a := p.run(&statement{text: "SELECT * FROM `" + name + "`"})
		b.WriteString(name + "\n" + a.text(false) + "\n")
	}
	return b.String()
}
