package lock

import (
	"context"
	"sync/atomic"
	"time"
)

// Mode is a row lock: columns shared and columns exclusive. X on a column includes S on it.
type Mode struct{ S, X uint64 }

// Shared and Exclusive cover the whole row.
var (
	Shared    = Mode{S: ^uint64(0)}
	Exclusive = Mode{X: ^uint64(0)}
)

// Conflicts reports whether two owners may not hold m and n together.
func (m Mode) Conflicts(n Mode) bool { return m.X&(n.S|n.X)|m.S&n.X != 0 }

// Covers reports whether holding m is holding n.
func (m Mode) Covers(n Mode) bool { return n.X&^m.X == 0 && n.S&^(m.S|m.X) == 0 }

// Union is the mode that covers both.
func (m Mode) Union(n Mode) Mode { return Mode{m.S | n.S, m.X | n.X} }

// Empty reports whether m locks nothing.
func (m Mode) Empty() bool { return m.S|m.X == 0 }

// Resource is a row. Word is the lock word of its slot and identifies it: two row ids that share a slot (generations)
// share the lock. A word that nobody holds is 0. Only this package writes it.
type Resource struct {
	Space uint32
	Row   uint64
	Word  *atomic.Uint64
}

// Wait says what to do when a lock is not free.
type Wait struct {
	Timeout    time.Duration // 0: Options.WaitTimeout; negative: no limit
	NoWait     bool          // fail with sqlerr.LockNowait
	SkipLocked bool          // give up with Skipped
}

// Result is how a request without error ended.
type Result uint8

const (
	Granted Result = iota // at once
	Held                  // the owner had it before; nothing changed
	Waited                // granted after waiting: re-read what the lock protects
	Skipped               // SkipLocked, and another owner holds it
)

// Options configure a Manager.
type Options struct {
	WaitTimeout time.Duration // default 10 s
}

// Manager is a lock manager. Its methods may be called concurrently for different owners.
type Manager struct{}

// New returns a Manager.
func New(o Options) *Manager { return &Manager{} }

// Owner holds locks. Begin makes one.
type Owner struct{}

// Mark is a position in an owner's list of row locks.
type Mark struct{}

// Begin returns an owner without locks. id is what reports call it (a transaction or connection number). It costs
// about as much as a sync.Pool access.
func (m *Manager) Begin(id uint64) *Owner { return &Owner{} }

// End releases everything that o holds, named locks too, and retires it: o must not be used afterwards.
func (m *Manager) End(o *Owner) {}

// ID returns the number given to Begin.
func (o *Owner) ID() uint64 { return 0 }

// SetParty makes o part of p in the wait graph: a wait of either is a wait of both. It links a transaction's owner to
// the session's owner that holds named locks. It is called before o waits for the first time; p outlives o's use.
func (o *Owner) SetParty(p *Owner) {}

// Acquire gives o the mode on res in addition to what it holds there. An empty mode is Held.
func (m *Manager) Acquire(ctx context.Context, o *Owner, res Resource, mode Mode, w Wait) (Result, error) {
	return Granted, nil
}

// WaitFor waits until an owner that holds X on columns of cols, other than o, has released them; it returns at once when
// there is none. o gets nothing: look again afterwards. It is for unique keys, whose index entry another transaction
// owns.
func (m *Manager) WaitFor(ctx context.Context, o *Owner, res Resource, cols uint64, w Wait) error {
	return nil
}

// Holds returns the mode that o holds on res (at least: columns may share bits, see word.go).
func (m *Manager) Holds(o *Owner, res Resource) Mode { return Mode{} }

// LockedByOther reports whether an owner other than o (which may be nil) holds something on res that conflicts with mode.
// The answer may be outdated when it arrives unless the caller knows why not. It never blocks on a wait and may be
// called from an index callback.
func (m *Manager) LockedByOther(o *Owner, res Resource, mode Mode) bool { return false }

// Locked reports whether anybody holds or waits for anything on the row. It is one atomic load.
func Locked(word *atomic.Uint64) bool { return word.Load() != 0 }

// Mark returns the present position in o's list of row locks.
func (o *Owner) Mark() Mark { return Mark{} }

// ReleaseTo undoes row locks taken after mark: new ones are released, upgraded ones return to their former mode.
// Definition and named locks stay.
func (m *Manager) ReleaseTo(o *Owner, mark Mark) {}

// ReleaseAll releases o's row and definition locks (not its named locks, which belong to the session) and wakes who
// waits for them.
func (m *Manager) ReleaseAll(o *Owner) {}

// Definition is the lock of one definition: a table or a database. It is embedded in, or pointed to by, the handle of
// what it protects, and must not be copied.
type Definition struct {
	Kind string // "table", "database": for reports
	ID   uint64
	Name string
}

// AcquireShared takes a shared lock on d until ReleaseAll or End. Many owners may hold it; the uncontended path
// writes only memory of o. Holding it already costs a look at o's list.
func (m *Manager) AcquireShared(ctx context.Context, o *Owner, d *Definition, w Wait) (Result, error) {
	return Granted, nil
}

// AcquireExclusive takes d exclusively until ReleaseAll or End. Shared requests that come later wait behind it. A
// shared lock of o itself is upgraded.
func (m *Manager) AcquireExclusive(ctx context.Context, o *Owner, d *Definition, w Wait) (Result, error) {
	return Granted, nil
}

// AcquireNamed takes the user lock name (GET_LOCK). It counts: the n-th call of the holder needs n ReleaseNamed. A
// timeout is false without error; timeout 0 does not wait, a negative one waits without limit. Names are compared by
// byte: fold them before.
func (m *Manager) AcquireNamed(ctx context.Context, o *Owner, name string, timeout time.Duration) (bool, error) {
	return true, nil
}

// ReleaseNamed gives one count of name back (RELEASE_LOCK). held: o had it; exists: somebody has or had it.
func (m *Manager) ReleaseNamed(o *Owner, name string) (held, exists bool) { return false, false }

// ReleaseAllNamed gives all named locks of o back and returns the number of counts (RELEASE_ALL_LOCKS).
func (m *Manager) ReleaseAllNamed(o *Owner) int { return 0 }

// NamedHolder returns the Begin id of the holder of name (IS_USED_LOCK).
func (m *Manager) NamedHolder(name string) (id uint64, ok bool) { return 0, false }

// Info is a line of a Snapshot.
type Info struct {
	Owner   uint64 // Begin id
	Kind    string // "row", "named" or Definition.Kind
	Space   uint32
	Row     uint64
	ID      uint64 // of a definition
	Name    string // of a definition or named lock
	Mode    Mode   // held or wanted; definitions and names use bit 0
	Waiting bool
	Since   time.Time // of the wait
}

// Snapshot lists definition locks, named locks, waits, and those row locks that more than one owner wants. Rows with a
// single holder are known only to their word.
func (m *Manager) Snapshot() []Info { return nil }

// Stats are counters since the start, and the present number of waiters.
type Stats struct {
	Waits, Deadlocks, Timeouts, Cancelled, Inflations uint64
	WaitTime                                          time.Duration
	Waiting                                           int64
}

// Stats returns the counters.
func (m *Manager) Stats() Stats { return Stats{} }
