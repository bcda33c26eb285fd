package driver

import (
	"context"
	"database/sql/driver"
	"errors"
	"io"
	"sync"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/sqlmap"
)

// errClosed is what a Connector answers after Close.
var errClosed = errors.New("worktable: the database is closed")

// Connector hands out connections to one database; sql.OpenDB takes it. Its methods may be called concurrently.
type Connector struct {
	cfg      Config
	progress func(persistence.Progress)

	mu     sync.Mutex // guards the fields below; held while the database opens
	closed bool
	opened *opened
}

// opened is a database that is ready: the store is nil for :memory:.
type opened struct {
	db    *engine.DB
	sql   *sqlmap.Database
	store *persistence.Store
}

var (
	_ driver.Connector = &Connector{}
	_ io.Closer        = &Connector{}
)

// NewConnector returns a connector for cfg, which it copies. The database is opened by the first Connect.
func NewConnector(cfg *Config) *Connector { return &Connector{cfg: *cfg} }

// OnProgress sets a function that is told how far opening (loading pages, replaying the log, building indexes) has
// come. Call it before the first Connect.
func (c *Connector) OnProgress(f func(persistence.Progress)) { c.progress = f }

// Driver returns the driver.
func (c *Connector) Driver() driver.Driver { return &Driver{} }

// Connect returns a new connection. The first call opens the database: for a directory it may take as long as
// recovery takes, and it obeys ctx.
func (c *Connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.connect(ctx)
	if err != nil {
		return nil, err
	}
	return conn, nil
}

func (c *Connector) connect(ctx context.Context) (*conn, error) {
	o, err := c.open(ctx)
	if err != nil {
		return nil, err
	}
	s, err := o.sql.NewSession(ctx, c.sessionOptions())
	if err != nil {
		return nil, mysqlError(err)
	}
	return &conn{session: s, cfg: &c.cfg, opened: o}, nil
}

func (c *Connector) sessionOptions() sqlmap.SessionOptions {
	return sqlmap.SessionOptions{
		Schema:           c.cfg.Database,
		CreateSchema:     c.cfg.Mode != "ro",
		TimeZone:         c.cfg.TimeZone,
		SQLMode:          c.cfg.SQLMode,
		Collation:        c.cfg.Collation,
		Isolation:        c.cfg.Isolation,
		LockWait:         c.cfg.LockWaitTimeout,
		FoundRows:        c.cfg.ClientFoundRows,
		MaxAllowedPacket: c.cfg.MaxAllowedPacket,
	}
}

// open returns the database, opening it once. A failed attempt leaves nothing behind and may be repeated.
func (c *Connector) open(ctx context.Context) (*opened, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, errClosed
	}
	if c.opened != nil {
		return c.opened, nil
	}
	o, err := c.openDatabase(ctx)
	if err != nil {
		return nil, mysqlError(err)
	}
	c.opened = o
	return o, nil
}

func (c *Connector) openDatabase(ctx context.Context) (*opened, error) {
	if c.cfg.Memory {
		db, err := engine.New(engine.Options{LockWaitTimeout: c.cfg.LockWaitTimeout})
		if err != nil {
			return nil, err
		}
		d, err := sqlmap.Acquire(db)
		if err != nil {
			return nil, errors.Join(err, db.Close(ctx))
		}
		return &opened{db: db, sql: d}, nil
	}
	store, err := persistence.Open(ctx, c.storeOptions())
	if err != nil {
		return nil, err
	}
	d, err := sqlmap.Acquire(store.DB())
	if err != nil {
		return nil, errors.Join(err, store.Close(ctx))
	}
	return &opened{db: store.DB(), sql: d, store: store}, nil
}

func (c *Connector) storeOptions() persistence.Options {
	o := persistence.Options{
		Dir:             c.cfg.Dir,
		Sync:            c.cfg.Sync,
		SyncInterval:    c.cfg.SyncInterval,
		CheckpointBytes: c.cfg.CheckpointBytes,
		RetainBytes:     c.cfg.CDCRetain,
		MustExist:       c.cfg.Mode != "rwc",
		ReadOnly:        c.cfg.Mode == "ro",
		LockTimeout:     c.cfg.LockTimeout,
		Progress:        c.progress,
		Engine:          engine.Options{LockWaitTimeout: c.cfg.LockWaitTimeout},
	}
	if o.LockTimeout == 0 {
		o.LockTimeout = -1 // persistence takes 0 for its default
	}
	return o
}

// Close closes the database: for a directory with a last checkpoint, when no other connector of the process has it
// open. sql.DB.Close calls it when it has closed the idle connections. A query that is running then goes on to its end;
// a commit fails with error 1053.
func (c *Connector) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil
	}
	c.closed = true
	o := c.opened
	c.opened = nil
	if o == nil {
		return nil
	}
	o.sql.Release()
	if o.store != nil {
		return mysqlError(o.store.Close(context.Background()))
	}
	return mysqlError(o.db.Close(context.Background()))
}
