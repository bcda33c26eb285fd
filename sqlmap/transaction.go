package sqlmap

import (
	"context"
	"strings"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// savepoint is a named mark. Names are compared without case, as MySQL does.
type savepoint struct {
	name string
	mark engine.Mark
}

// InTx reports whether a transaction is open that only Commit or Rollback ends.
func (s *Session) InTx() bool { return s.tx != nil && !s.auto }

// Begin starts a transaction. An open one is committed first, as MySQL's START TRANSACTION does.
func (s *Session) Begin(ctx context.Context, o TxOptions) error {
	if err := s.Commit(ctx); err != nil {
		return err
	}
	return s.begin(ctx, o)
}

func (s *Session) begin(ctx context.Context, o TxOptions) error {
	tx, err := s.db.engine.Begin(ctx, engine.TxOptions{
		Isolation: o.Isolation,
		ReadOnly:  o.ReadOnly,
		LockWait:  s.lockWait,
		Party:     s.party,
	})
	if err != nil {
		return err
	}
	tx.SetForeignKeyChecks(s.foreignKeyChecks)
	s.tx, s.auto, s.next = tx, false, nil
	if o.Snapshot {
		return tx.TakeSnapshot()
	}
	return nil
}

// characteristics are those of the next transaction that states none.
func (s *Session) characteristics() TxOptions {
	if s.next != nil {
		return *s.next
	}
	return TxOptions{Isolation: s.isolation, ReadOnly: s.readOnly}
}

// Commit ends the open transaction; without one it does nothing. Whatever happens the transaction is over.
func (s *Session) Commit(ctx context.Context) error {
	if err := s.settle(); err != nil {
		_ = s.Rollback(ctx)
		return err
	}
	if s.tx == nil {
		return nil
	}
	err := s.tx.Commit(ctx)
	s.endTx() // not before: after a panic Close has to find the transaction
	return err
}

// Rollback ends the open transaction; without one it does nothing. Open results end with an error.
func (s *Session) Rollback(context.Context) (err error) {
	// Deferred, since rows that a panic left half read may panic again when they are closed.
	defer func() {
		if tx := s.tx; tx != nil {
			s.endTx()
			err = tx.Rollback()
		}
	}()
	s.abandon()
	return nil
}

func (s *Session) endTx() {
	s.tx, s.auto, s.savepoints, s.next = nil, false, nil, nil
}

// setAutocommit is SET autocommit. Switching it on commits what is open.
func (s *Session) setAutocommit(on bool) error {
	if on && !s.autocommit {
		if err := s.Commit(context.Background()); err != nil {
			return err
		}
	}
	s.autocommit = on
	return nil
}

// statement runs one statement that needs no more of the engine after it returns: in the open transaction, where its
// failure undoes it alone, or in one of its own.
func (s *Session) statement(ctx context.Context, kind engine.StmtKind, run func(tx *engine.Tx) error) error {
	tx, err := s.startStatement(ctx, kind)
	if err != nil {
		return err
	}
	return s.finishStatement(ctx, tx, run(tx))
}

// startStatement begins a statement, opening a transaction where there is none.
func (s *Session) startStatement(ctx context.Context, kind engine.StmtKind) (*engine.Tx, error) {
	if s.tx == nil {
		if err := s.openImplicit(ctx, kind); err != nil {
			return nil, err
		}
	}
	if err := s.tx.BeginStatement(kind); err != nil {
		if s.auto {
			s.dropImplicit()
		}
		return nil, err
	}
	return s.tx, nil
}

// openImplicit opens the transaction of a statement that comes outside of one.
func (s *Session) openImplicit(ctx context.Context, kind engine.StmtKind) error {
	if !s.autocommit {
		return s.begin(ctx, s.characteristics())
	}
	o := s.characteristics()
	if o.Isolation == engine.Serializable && kind == engine.StmtRead {
		o.Isolation = engine.RepeatableRead // one snapshot lies between two turns without having one, and MySQL locks nothing here either
	}
	tx, err := s.db.engine.Begin(ctx, engine.TxOptions{
		Isolation:  o.Isolation,
		ReadOnly:   o.ReadOnly,
		Autocommit: true,
		LockWait:   s.lockWait,
		Party:      s.party,
		Reuse:      s.spare,
	})
	s.spare = nil
	if err != nil {
		return err
	}
	if !s.foreignKeyChecks {
		tx.SetForeignKeyChecks(false)
	}
	s.tx, s.auto = tx, true
	return nil
}

// finishStatement ends what startStatement began: with a nil err a transaction of its own commits, otherwise the
// statement, or all of its own transaction, is undone. It returns err, or what the ending itself failed with.
func (s *Session) finishStatement(ctx context.Context, tx *engine.Tx, err error) error {
	if e := tx.EndStatement(err); err == nil {
		err = e
	}
	if !s.auto {
		return err
	}
	if err != nil {
		// The statement's error says more than a failing rollback could.
		_ = tx.Rollback()
	} else {
		err = tx.Commit(ctx)
	}
	s.endTx()    // not before: after a panic Close has to find the transaction
	s.spare = tx // no result of the statement refers to it any more
	return err
}

func (s *Session) dropImplicit() {
	tx := s.tx
	s.endTx()
	_ = tx.Rollback()
}

// savepointAt returns the position of the savepoint called name, or -1.
func (s *Session) savepointAt(name string) int {
	for i := range s.savepoints {
		if strings.EqualFold(s.savepoints[i].name, name) {
			return i
		}
	}
	return -1
}

// setSavepoint is SAVEPOINT: it replaces one of the same name. Outside a transaction it does nothing, as in MySQL
// under autocommit.
func (s *Session) setSavepoint(ctx context.Context, name string) error {
	if s.tx == nil {
		if s.autocommit {
			return nil
		}
		if err := s.openImplicit(ctx, engine.StmtWrite); err != nil {
			return err
		}
	}
	if at := s.savepointAt(name); at >= 0 {
		s.savepoints = append(s.savepoints[:at], s.savepoints[at+1:]...)
	}
	s.savepoints = append(s.savepoints, savepoint{name, s.tx.Mark()})
	return nil
}

// rollbackTo is ROLLBACK TO SAVEPOINT: later savepoints are gone, the named one stays. Error 1305.
func (s *Session) rollbackTo(name string) error {
	at := s.savepointAt(name)
	if at < 0 || s.tx == nil {
		return sqlerr.New(sqlerr.NoSavepoint, name)
	}
	if err := s.tx.RollbackTo(s.savepoints[at].mark); err != nil {
		return err
	}
	s.savepoints = s.savepoints[:at+1]
	return nil
}

// release is RELEASE SAVEPOINT: it and later ones are forgotten. Error 1305.
func (s *Session) release(name string) error {
	at := s.savepointAt(name)
	if at < 0 {
		return sqlerr.New(sqlerr.NoSavepoint, name)
	}
	s.savepoints = s.savepoints[:at]
	return nil
}

// isolationOf reads a level's name, with blanks or dashes.
func isolationOf(name string) (engine.Isolation, error) {
	switch strings.ReplaceAll(strings.ToUpper(name), "-", " ") {
	case "READ UNCOMMITTED", "READ COMMITTED":
		return engine.ReadCommitted, nil
	case "REPEATABLE READ":
		return engine.RepeatableRead, nil
	case "SERIALIZABLE":
		return engine.Serializable, nil
	}
	return 0, sqlerr.New(sqlerr.WrongVariableValue, "transaction_isolation", name)
}
