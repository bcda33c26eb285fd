package sqlmap

import (
	"context"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/ddl"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/infoschema"
	"github.com/worktable-go/worktable/sqlmap/rowset"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// keepsDiagnostics reports whether a statement leaves the warnings of the one before in place.
func keepsDiagnostics(st sqlparser.Statement) bool {
	show, ok := st.(*ast.Show)
	if !ok {
		return false
	}
	switch show.Kind {
	case ast.ShowWarnings, ast.ShowErrors, ast.ShowCountWarnings, ast.ShowCountErrors:
		return true
	}
	return false
}

// runOther runs the statements that are interpreted from their tree.
func (s *Session) runOther(ctx context.Context, r *Result, c *compiled, args []value.Value) error {
	s.activity.noteStart()
	if ok, err := s.runControl(ctx, c.parsed.AST, args); ok {
		s.state.RowCount = 0
		return err
	}
	switch st := c.parsed.AST.(type) {
	case *ast.Set:
		return s.runSet(ctx, st, args)
	case *ast.Do:
		return s.runDo(ctx, st, args)
	case *ast.Show:
		return s.answer(r)(s.show(ctx, st, args))
	case *ast.Describe:
		return s.answer(r)(infoschema.Describe(ctx, s.showEnv(args), st))
	case *ast.Explain:
		return s.answer(r)(s.explainStatement(st))
	case *ast.AdminTable:
		return s.answer(r)(s.runAdmin(ctx, st))
	case *ast.Prepare, *ast.Execute, *ast.Deallocate:
		return s.runDynamic(ctx, r, st)
	}
	if ddl.Handles(c.parsed.AST) {
		return s.runDefinition(ctx, r, c, args)
	}
	return sqlerr.New(sqlerr.NotSupported, constructOf(c.text))
}

// constructOf names a statement by its first words.
func constructOf(text string) string {
	words := strings.Fields(text)
	return strings.ToUpper(strings.Join(words[:min(2, len(words))], " "))
}

// answer hands a computed result to r.
func (s *Session) answer(r *Result) func(*rowset.Set, error) error {
	return func(set *rowset.Set, err error) error {
		if err != nil {
			return err
		}
		r.cols, r.names, r.fixed, r.at = set.Columns, columnNames(set.Columns), set.Rows, 0
		s.state.RowCount = -1
		return nil
	}
}

// runControl runs transaction control and other statements without a result; ok is false when st is none of them.
func (s *Session) runControl(ctx context.Context, st sqlparser.Statement, args []value.Value) (ok bool, err error) {
	switch st := st.(type) {
	case *sqlparser.Begin:
		return true, s.Begin(ctx, s.characteristics())
	case *ast.StartTransaction:
		o := s.characteristics()
		o.ReadOnly = st.ReadOnly || (o.ReadOnly && !st.ReadWrite)
		o.Snapshot = st.Snapshot
		return true, s.Begin(ctx, o)
	case *sqlparser.Commit:
		return true, s.Commit(ctx)
	case *sqlparser.Rollback:
		return true, s.Rollback(ctx)
	case *ast.EndTransaction:
		return true, s.endTransaction(ctx, st)
	case *ast.Savepoint:
		return true, s.setSavepoint(ctx, st.Name)
	case *ast.RollbackTo:
		return true, s.rollbackTo(st.Name)
	case *ast.ReleaseSavepoint:
		return true, s.release(st.Name)
	case *ast.SetTransaction:
		return true, s.setTransaction(st)
	case *sqlparser.Use:
		return true, s.use(st.DBName.String())
	case *ast.LockTables:
		return true, sqlerr.New(sqlerr.NotSupported, "LOCK TABLES")
	case *ast.UnlockTables:
		return true, nil // none can be locked
	case *ast.Flush:
		return true, s.flush(st)
	case *ast.Kill:
		return true, s.kill(ctx, st, args)
	}
	return false, nil
}

func (s *Session) endTransaction(ctx context.Context, st *ast.EndTransaction) error {
	if st.Release {
		return sqlerr.New(sqlerr.NotSupported, "RELEASE")
	}
	o := s.characteristics()
	end := s.Commit
	if st.Rollback {
		end = s.Rollback
	}
	if err := end(ctx); err != nil || !st.Chain {
		return err
	}
	return s.begin(ctx, o)
}

// use is USE: it changes the schema in force. Error 1049.
func (s *Session) use(name string) error {
	if !(catalog{s: s, engine: s.db.engine.Catalog()}).HasDatabase(name) {
		return sqlerr.New(sqlerr.UnknownDatabase, name)
	}
	s.state.Database = name
	s.showSchema()
	s.settingsVersion++
	return nil
}

// flush accepts what has nothing to do here and refuses what would promise something.
func (s *Session) flush(st *ast.Flush) error {
	if st.WithReadLock || st.ForExport {
		return sqlerr.New(sqlerr.NotSupported, "FLUSH TABLES WITH READ LOCK")
	}
	return nil
}

func (s *Session) kill(ctx context.Context, st *ast.Kill, args []value.Value) error {
	v, err := s.evaluate(ctx, st.ID, args)
	if err != nil {
		return err
	}
	id, _ := v.AsUint()
	for _, p := range s.db.processes() {
		if p.state.ConnectionID == id {
			if !st.Query {
				return sqlerr.New(sqlerr.NotSupported, "KILL CONNECTION")
			}
			p.Interrupt()
			return nil
		}
	}
	return sqlerr.New(sqlerr.NoSuchThread, id)
}

// runDefinition runs a DDL statement. As in MySQL it commits the open transaction first, except for temporary tables.
func (s *Session) runDefinition(ctx context.Context, r *Result, c *compiled, args []value.Value) error {
	if !ddl.IsTemporary(c.parsed.AST) {
		if s.tx != nil && s.tx.ReadOnly() {
			return sqlerr.New(sqlerr.ReadOnlyTx)
		}
		if err := s.Commit(ctx); err != nil {
			return err
		}
	}
	affected, err := ddl.Run(ctx, s.definitionEnv(args), c.parsed.AST)
	if err != nil {
		return err
	}
	r.outcome = Outcome{Affected: affected}
	r.affects += affected
	s.state.RowCount = int64(affected)
	return nil
}

func (s *Session) definitionEnv(args []value.Value) *ddl.Env {
	return &ddl.Env{
		DB:               s.db.engine,
		State:            &s.state,
		SQLMode:          sqlmode.Format(s.state.Mode),
		ForeignKeyChecks: s.foreignKeyChecks,
		LockWait:         s.lockWait,
		Party:            s.party,
		Temporary:        s.temp,
		MarkWarnings:     s.markWarnings,
		Plan:             s.planContext,
		// Statement lets CREATE TABLE … SELECT fill its table in a statement of the session.
		Statement: func(ctx context.Context, run func(rt *exec.Runtime) error) error {
			return s.statement(ctx, engine.StmtWrite, func(tx *engine.Tx) error {
				return run(&exec.Runtime{Tx: tx, Run: s.newRun(ctx, args, nil)})
			})
		},
		Abort: func() { _ = s.Rollback(context.Background()) },
	}
}
