package sqlmap

import (
	"context"
	"errors"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ddl"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// SessionOptions configure a Session.
type SessionOptions struct {
	Schema           string // in use at the start; "" for none
	CreateSchema     bool   // create it when it does not exist
	TimeZone         string // "" is UTC
	SQLMode          *string
	Collation        string // "" is the default
	Isolation        engine.Isolation
	LockWait         time.Duration // 0: the engine's
	FoundRows        bool          // UPDATE reports matched rows
	MaxAllowedPacket int64         // 0: 64 MiB
}

// Session is one connection. One goroutine uses it at a time; only Interrupt may be called beside.
type Session struct {
	db    *Database
	state expr.SessionState
	party *lock.Owner // owns the user locks, and stands for the session in the wait graph
	temp  *ddl.Temporary

	vars            map[string]value.Value
	settingsVersion uint64 // grows with each SET of a system variable and each USE

	tx         *engine.Tx // the open transaction; nil in autocommit between statements
	spare      *engine.Tx // a finished transaction of one statement, whose memory the next one takes over
	auto       bool       // tx is of one statement whose rows are still being read
	autocommit bool
	savepoints []savepoint
	isolation  engine.Isolation
	readOnly   bool
	next       *TxOptions // SET TRANSACTION for the next one only

	foreignKeyChecks bool
	lockWait         time.Duration
	foundRows        bool
	maxExecution     time.Duration

	open     *Result          // a result that still reads from tx
	changing exec.Runtime     // of the running INSERT, UPDATE or DELETE
	prepared map[string]*Stmt // of PREPARE

	warnings    []Warning
	dropped     int         // warnings beyond the limit
	counted     diagnostics // of the statement before
	maxWarnings int         // max_error_count
	muteNotes   bool        // sql_notes = 0

	current  cancellable // the running statement's context
	activity activity    // what other sessions see of it
	closed   bool
}

// TxOptions are the characteristics of a transaction.
type TxOptions struct {
	Isolation engine.Isolation
	ReadOnly  bool
	Snapshot  bool // take the snapshot now
}

// Outcome is what a statement without rows reports.
type Outcome struct {
	Affected     uint64
	LastInsertID uint64
}

func newSession(d *Database, o SessionOptions) (*Session, error) {
	s := &Session{
		db:               d,
		vars:             map[string]value.Value{},
		autocommit:       true,
		isolation:        o.Isolation,
		foreignKeyChecks: true,
		lockWait:         o.LockWait,
		foundRows:        o.FoundRows,
		maxWarnings:      maxWarnings,
		temp:             ddl.NewTemporary(),
	}
	id := d.connections.Add(1)
	s.party = d.engine.Locks().Begin(id)
	s.state = expr.SessionState{
		Mode:         expr.DefaultSQLMode,
		User:         "root@localhost",
		ConnectionID: id,
		Database:     o.Schema,
		Warn:         s.warn,
		SysVar:       s.systemVariable,
		Locks:        namedLocks{s},
	}
	s.showSchema()
	if err := s.inherit(); err != nil {
		d.engine.Locks().End(s.party)
		return nil, err
	}
	if o.Isolation != engine.RepeatableRead {
		s.isolation = o.Isolation
	}
	settings := []struct{ name, text string }{
		{"time_zone", o.TimeZone},
		{"collation_connection", o.Collation},
	}
	if o.TimeZone == "" {
		settings[0].text = "UTC"
	}
	if o.Collation != "" && o.Collation != collate.Default.Name() { // else SET GLOBAL's stands
		settings = append(settings, struct{ name, text string }{"collation_server", o.Collation})
	}
	if o.SQLMode != nil {
		settings = append(settings, struct{ name, text string }{"sql_mode", *o.SQLMode})
	}
	for _, set := range settings {
		if set.text == "" && set.name != "sql_mode" {
			continue
		}
		if err := s.assign(0, set.name, value.String(set.text), false); err != nil {
			d.engine.Locks().End(s.party)
			return nil, err
		}
	}
	if o.MaxAllowedPacket > 0 {
		s.state.MaxAllowedPacket = int(o.MaxAllowedPacket)
		s.vars["max_allowed_packet"] = value.Int(o.MaxAllowedPacket)
	}
	if o.LockWait > 0 {
		s.vars["innodb_lock_wait_timeout"] = value.Int(int64(max(1, o.LockWait/time.Second)))
	}
	return s, nil
}

// createSchema makes the schema that a new session wants to use.
func (s *Session) createSchema(ctx context.Context, name string, allowed bool) error {
	if !allowed {
		return sqlerr.New(sqlerr.UnknownDatabase, name)
	}
	err := s.db.engine.Define(ctx, engine.DefineOptions{LockWait: s.lockWait}, func(d *engine.Definer) error {
		if d.Catalog().Database(name) != nil {
			return nil
		}
		return d.CreateDatabase(&schema.Database{Name: name, Charset: "utf8mb4", Collation: uint16(s.state.ConnectionCollation())})
	})
	var exists *sqlerr.Error
	if errors.As(err, &exists) && exists.Code == sqlerr.DatabaseExists {
		return nil
	}
	return err
}

// databaseCollation is the default collation of the schema in use.
func (s *Session) databaseCollation() collate.ID {
	if d := s.db.engine.Catalog().Database(s.state.Database); d != nil && d.Collation != 0 {
		return collate.ID(d.Collation)
	}
	return collate.Default
}

// ID returns CONNECTION_ID().
func (s *Session) ID() uint64 { return s.state.ConnectionID }

// Schema returns the schema in use, "" for none.
func (s *Session) Schema() string { return s.state.Database }

// Close rolls back what is open and drops the session's temporary tables and user locks. It may be called twice.
func (s *Session) Close() error {
	if s.closed {
		return nil
	}
	s.closed = true
	err := s.Rollback(context.Background())
	if e := s.temp.DropAll(context.Background(), s.db.engine); err == nil {
		err = e
	}
	s.db.engine.Locks().ReleaseAllNamed(s.party)
	s.db.engine.Locks().End(s.party)
	s.db.forget(s)
	return err
}
