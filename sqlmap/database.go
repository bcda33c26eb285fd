package sqlmap

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// Database runs SQL over one engine. It may be used concurrently.
type Database struct {
	engine *engine.DB
	plans  planCache

	connections atomic.Uint64 // the last connection id given out

	mu       sync.Mutex // guards the fields below
	globals  map[string]value.Value
	sessions map[uint64]*Session
}

// databases finds the Database of an engine, so that all connectors of one directory share one. The counts say how
// many have acquired it.
var databases = struct {
	sync.Mutex
	byEngine map[*engine.DB]*sharedDatabase
}{byEngine: map[*engine.DB]*sharedDatabase{}}

type sharedDatabase struct {
	db    *Database
	users int
}

// Acquire returns the Database of an engine, making it at the first call. Each Acquire is paired with a Release.
func Acquire(db *engine.DB) (*Database, error) {
	databases.Lock()
	defer databases.Unlock()
	if s, ok := databases.byEngine[db]; ok {
		s.users++
		return s.db, nil
	}
	d := &Database{
		engine:   db,
		globals:  map[string]value.Value{},
		sessions: map[uint64]*Session{},
	}
	d.plans.limit = defaultPlanBytes
	if err := db.SetRowHooks(func(t *schema.Table) (*engine.RowHook, error) { return rowrule.Hook(t) }); err != nil {
		return nil, err
	}
	databases.byEngine[db] = &sharedDatabase{db: d, users: 1}
	return d, nil
}

// Release gives back what Acquire returned. It does not close the engine.
func (d *Database) Release() {
	databases.Lock()
	defer databases.Unlock()
	s, ok := databases.byEngine[d.engine]
	if !ok {
		return
	}
	if s.users--; s.users == 0 {
		delete(databases.byEngine, d.engine)
	}
}

// Engine returns the engine.
func (d *Database) Engine() *engine.DB { return d.engine }

// NewSession opens a session. When its schema does not exist it is created, or refused (1049) without CreateSchema.
func (d *Database) NewSession(ctx context.Context, o SessionOptions) (*Session, error) {
	s, err := newSession(d, o)
	if err != nil {
		return nil, err
	}
	if o.Schema != "" && d.engine.Catalog().Database(o.Schema) == nil {
		if err := s.createSchema(ctx, o.Schema, o.CreateSchema); err != nil {
			return nil, err
		}
	}
	d.mu.Lock()
	d.sessions[s.state.ConnectionID] = s
	d.mu.Unlock()
	return s, nil
}

func (d *Database) forget(s *Session) {
	d.mu.Lock()
	delete(d.sessions, s.state.ConnectionID)
	d.mu.Unlock()
}

// Processes returns the connection ids of the open sessions, in no order.
func (d *Database) processes() []*Session {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]*Session, 0, len(d.sessions))
	for _, s := range d.sessions {
		list = append(list, s)
	}
	return list
}
