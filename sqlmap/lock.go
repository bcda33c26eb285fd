package sqlmap

import (
	"context"
	"time"
)

// namedLocks is the lock service behind GET_LOCK: the engine's, so that a wait for a user lock and a wait for a row
// are in one graph.
type namedLocks struct{ s *Session }

// GetLock implements expr.NamedLocks.
func (l namedLocks) GetLock(ctx context.Context, name string, timeout time.Duration) (bool, error) {
	return l.s.db.engine.Locks().AcquireNamed(ctx, l.s.party, name, timeout)
}

// ReleaseLock implements expr.NamedLocks.
func (l namedLocks) ReleaseLock(name string) (held, exists bool) {
	return l.s.db.engine.Locks().ReleaseNamed(l.s.party, name)
}

// ReleaseAllLocks implements expr.NamedLocks.
func (l namedLocks) ReleaseAllLocks() int { return l.s.db.engine.Locks().ReleaseAllNamed(l.s.party) }

// LockOwner implements expr.NamedLocks.
func (l namedLocks) LockOwner(name string) (connection uint64, ok bool) {
	return l.s.db.engine.Locks().NamedHolder(name)
}
