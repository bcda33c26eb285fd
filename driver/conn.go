package driver

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap"
)

// conn is one connection: a session of the SQL layer.
type conn struct {
	session *sqlmap.Session
	cfg     *Config
	opened  *opened
	closes  io.Closer // set when the connection owns its database
	bad     bool      // set once closed
	broken  bool      // set by a panic, see guard
}

var (
	_ driver.Conn               = &conn{}
	_ driver.ConnPrepareContext = &conn{}
	_ driver.ConnBeginTx        = &conn{}
	_ driver.ExecerContext      = &conn{}
	_ driver.QueryerContext     = &conn{}
	_ driver.Pinger             = &conn{}
	_ driver.SessionResetter    = &conn{}
	_ driver.Validator          = &conn{}
	_ driver.NamedValueChecker  = &conn{}
	_ Conn                      = &conn{}
)

// Conn is what sql.Conn.Raw hands to its function: the way to what database/sql has no words for. It must not be used
// after the function returned; what its methods return may be.
type Conn interface {
	// Engine returns the engine under the connection, with its typed API and its change streams
	// (engine.DB.Subscribe).
	Engine() *engine.DB
	// Session returns the connection's SQL session.
	Session() *sqlmap.Session
	// Checkpoint brings the files up to date now; without files it does nothing.
	Checkpoint(ctx context.Context) error
	// Backup copies the database as of one commit into the directory dir, which must not exist or be empty, while readers
	// and writers go on. A :memory: database has no files to copy: error 1235.
	Backup(ctx context.Context, dir string) error
}

// Engine implements Conn.
func (c *conn) Engine() *engine.DB { return c.opened.db }

// Session implements Conn.
func (c *conn) Session() *sqlmap.Session { return c.session }

// Checkpoint implements Conn.
func (c *conn) Checkpoint(ctx context.Context) error {
	if c.opened.store == nil {
		return nil
	}
	return mysqlError(c.opened.store.Checkpoint(ctx))
}

// Backup implements Conn.
func (c *conn) Backup(ctx context.Context, dir string) error {
	if c.opened.store == nil {
		return mysqlError(sqlerr.New(sqlerr.NotSupported, "Backup of a :memory: database"))
	}
	return mysqlError(c.opened.store.Backup(ctx, dir))
}

// Prepare implements driver.Conn.
func (c *conn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// PrepareContext parses and plans one statement. Names are resolved now, and again whenever a definition has changed.
func (c *conn) PrepareContext(ctx context.Context, query string) (_ driver.Stmt, err error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	defer c.guard(&err, query)
	s, err := c.session.Prepare(ctx, query)
	if err != nil {
		return nil, mysqlError(err)
	}
	return &stmt{conn: c, s: s, text: query}, nil
}

// ExecContext runs all statements of query and reports the last one's outcome, with the rows affected by all.
func (c *conn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Result, err error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	defer c.guard(&err, query)
	bound, err := c.arguments(args)
	if err != nil {
		return nil, err
	}
	out, err := c.session.Exec(ctx, query, bound)
	if err != nil {
		return nil, mysqlError(err)
	}
	return result{affected: out.Affected, insertID: out.LastInsertID}, nil
}

// QueryContext runs query; the statements after the first run as NextResultSet reaches them.
func (c *conn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (_ driver.Rows, err error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	defer c.guard(&err, query)
	bound, err := c.arguments(args)
	if err != nil {
		return nil, err
	}
	ownBytes(bound.Values)
	r, err := c.session.Query(ctx, query, bound)
	if err != nil {
		return nil, mysqlError(err)
	}
	return newRows(ctx, c, r, nil, query), nil
}

// Begin implements driver.Conn.
func (c *conn) Begin() (driver.Tx, error) { return c.BeginTx(context.Background(), driver.TxOptions{}) }

// BeginTx starts a transaction; the package comment maps the isolation levels.
func (c *conn) BeginTx(ctx context.Context, opts driver.TxOptions) (_ driver.Tx, err error) {
	if err := c.usable(); err != nil {
		return nil, err
	}
	defer c.guard(&err, "BEGIN")
	iso, err := isolation(opts.Isolation, c.cfg.Isolation)
	if err != nil {
		return nil, mysqlError(err)
	}
	if err := c.session.Begin(ctx, sqlmap.TxOptions{Isolation: iso, ReadOnly: opts.ReadOnly}); err != nil {
		return nil, mysqlError(err)
	}
	return &tx{conn: c, ctx: ctx}, nil
}

// Ping implements driver.Pinger.
func (c *conn) Ping(ctx context.Context) error {
	if err := c.usable(); err != nil {
		return err
	}
	return ctx.Err()
}

// ResetSession rolls back what an earlier user left open. Variables, the schema in use, temporary tables and user locks
// stay, as with MySQL's driver.
func (c *conn) ResetSession(ctx context.Context) (err error) {
	if err := c.usable(); err != nil {
		return err
	}
	defer c.guard(&err, "ROLLBACK")
	if err := c.session.Rollback(ctx); err != nil {
		return errors.Join(driver.ErrBadConn, err)
	}
	return nil
}

// IsValid implements driver.Validator.
func (c *conn) IsValid() bool { return c.usable() == nil }

// Close ends the session: an open transaction is rolled back, its locks and temporary tables are gone.
func (c *conn) Close() (err error) {
	if c.bad {
		return nil
	}
	c.bad = true
	if c.closes != nil {
		defer func() { err = errors.Join(err, mysqlError(c.closes.Close())) }()
	}
	defer c.guard(&err, "(closing the connection)")
	return mysqlError(c.session.Close())
}
