package driver

import (
	"context"
	"database/sql"
	"database/sql/driver"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// tx is the connection's open transaction.
type tx struct {
	conn *conn
	ctx  context.Context // of BeginTx: what a wait inside Commit obeys
}

var _ driver.Tx = &tx{}

// Commit implements driver.Tx. When the context of BeginTx ends while the log is being synced, the commit stands but
// its durability was not waited for, and the error says so.
func (t *tx) Commit() (err error) {
	if err := t.conn.usable(); err != nil {
		return err
	}
	defer t.conn.guard(&err, "COMMIT")
	return mysqlError(t.conn.session.Commit(t.ctx))
}

// Rollback implements driver.Tx. It does not obey the context: it must work after a cancellation.
func (t *tx) Rollback() (err error) {
	if err := t.conn.usable(); err != nil {
		return err
	}
	defer t.conn.guard(&err, "ROLLBACK")
	return mysqlError(t.conn.session.Rollback(context.Background()))
}

// isolation maps database/sql's levels onto the engine's; LevelDefault is def.
func isolation(level driver.IsolationLevel, def engine.Isolation) (engine.Isolation, error) {
	switch l := sql.IsolationLevel(level); l {
	case sql.LevelDefault:
		return def, nil
	case sql.LevelReadUncommitted, sql.LevelReadCommitted:
		return engine.ReadCommitted, nil
	case sql.LevelRepeatableRead, sql.LevelSnapshot:
		return engine.RepeatableRead, nil
	case sql.LevelSerializable:
		return engine.Serializable, nil
	default:
		return 0, sqlerr.New(sqlerr.NotSupported, "transaction isolation level "+l.String())
	}
}
