package sqlmap

import (
	"sync/atomic"
	"time"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/infoschema"
)

// activity is what SHOW PROCESSLIST of other sessions reads about a session. Only the session writes it. Preparing it must
// not cost a point statement anything, so that a statement which repeats the one before stores nothing, and only others
// look at the clock: how long a point statement waits for a lock is known to the lock manager.
type activity struct {
	statement atomic.Pointer[statementInfo] // the running one's, or the last one's
	since     atomic.Int64                  // when the running one began, in Unix nanoseconds; 0 when it has not been noted
	schema    atomic.Pointer[string]        // in use
}

// statementInfo is the part of a compiled statement that other sessions see. It is apart from it, so that an idle
// session keeps no plan, and the tables in it, alive.
type statementInfo struct {
	text  string
	state string
}

func newStatementInfo(text string, st sqlparser.Statement) *statementInfo {
	state := "executing"
	if isChange(st) {
		state = "updating"
		if _, _, insert := ast.InsertOf(st); insert {
			state = "update"
		}
	}
	if _, show := st.(*ast.Show); show {
		state = "init"
	}
	return &statementInfo{text: text, state: state}
}

// show says which statement is about to run.
func (a *activity) show(i *statementInfo) {
	if a.statement.Load() != i {
		a.statement.Store(i)
	}
}

// noteStart notes the time of a statement that may take long.
func (a *activity) noteStart() {
	if a.since.Load() == 0 {
		a.since.Store(time.Now().UnixNano())
	}
}

// clearStart forgets it at the end of the statement.
func (a *activity) clearStart() {
	if a.since.Load() != 0 {
		a.since.Store(0)
	}
}

// showSchema says which schema the session uses.
func (s *Session) showSchema() {
	name := s.state.Database
	s.activity.schema.Store(&name)
}

// waitStates are the states of statements that wait for a lock, by its kind.
var waitStates = map[string]string{
	"row":   "Waiting for row lock",
	"named": "User lock",
	"table": "Waiting for table metadata lock",
}

// lockWait is a wait for a lock.
type lockWait struct {
	state string
	since time.Time
}

// lockWaits lists who waits for a lock, by connection.
func (d *Database) lockWaits() map[uint64]lockWait {
	locks := d.engine.Locks()
	if locks.Stats().Waiting == 0 {
		return nil
	}
	waits := map[uint64]lockWait{}
	for _, i := range locks.Snapshot() {
		if !i.Waiting {
			continue
		}
		state, ok := waitStates[i.Kind]
		if !ok {
			state = "Waiting for " + i.Kind + " lock"
		}
		waits[i.Party] = lockWait{state, i.Since}
	}
	return waits
}

// listProcesses lists the open sessions. How long one has been idle is not kept.
func (s *Session) listProcesses() []infoschema.Process {
	waits := s.db.lockWaits()
	var list []infoschema.Process
	for _, p := range s.db.processes() {
		entry := infoschema.Process{ID: p.state.ConnectionID, User: "root", Host: "localhost", Command: "Sleep"}
		if db := p.activity.schema.Load(); db != nil {
			entry.DB = *db
		}
		if i := p.activity.statement.Load(); i != nil && p.current.isRunning() {
			entry.Command, entry.State, entry.Info = "Query", i.state, i.text
			var since time.Time
			if w, ok := waits[entry.ID]; ok {
				entry.State, since = w.state, w.since
			}
			if n := p.activity.since.Load(); n != 0 {
				since = time.Unix(0, n)
			}
			if !since.IsZero() {
				entry.Time = max(0, time.Since(since))
			}
		}
		list = append(list, entry)
	}
	return list
}
