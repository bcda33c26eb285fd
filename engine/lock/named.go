package lock

import (
	"context"
	"errors"
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// AcquireNamed takes the user lock name (GET_LOCK). It counts: the holder's n-th call needs n ReleaseNamed. A timeout
// is false without error; timeout 0 does not wait, a negative one waits without limit. A deadlock is
// sqlerr.UserLockDeadlock. Names are compared by byte: fold them before.
func (m *Manager) AcquireNamed(ctx context.Context, o *Owner, name string, timeout time.Duration) (bool, error) {
	s := m.stripeNamed(name)
	s.latch.Lock()
	r := s.names[name]
	if r == nil {
		r = s.newRecord(kindNamed)
		r.name = name
		s.names[name] = r
	}
	if h := r.find(o); h != nil {
		h.count++
		s.latch.Unlock()
		return true, nil
	}
	if len(r.holders) == 0 && r.first == nil {
		r.add(o, oneExclusive)
		s.latch.Unlock()
		o.named = append(o.named, name)
		return true, nil
	}
	if timeout == 0 {
		s.latch.Unlock()
		return false, nil
	}
	switch err := m.block(ctx, o, r, request{mode: oneExclusive}, timeout); {
	case err == nil:
		o.named = append(o.named, name)
		return true, nil
	case errors.Is(err, sqlerr.LockWaitTimeout):
		return false, nil
	case errors.Is(err, sqlerr.Deadlock):
		return false, sqlerr.Wrap(err, sqlerr.UserLockDeadlock)
	default:
		return false, err
	}
}

// ReleaseNamed gives one count of name back (RELEASE_LOCK). held: o had it; exists: somebody had it.
func (m *Manager) ReleaseNamed(o *Owner, name string) (held, exists bool) {
	s := m.stripeNamed(name)
	s.latch.Lock()
	defer s.latch.Unlock()
	r := s.names[name]
	if r == nil {
		return false, false
	}
	h := r.find(o)
	if h == nil {
		return false, true
	}
	if h.count--; h.count > 0 {
		return true, true
	}
	m.dropNamed(r, o)
	for i, n := range o.named {
		if n == name {
			o.named = append(o.named[:i], o.named[i+1:]...)
			break
		}
	}
	return true, true
}

// dropNamed takes the holder o off a named lock. The latch is held.
func (m *Manager) dropNamed(r *record, o *Owner) {
	r.released(r.remove(o), Mode{})
	m.deflate(r)
}

// ReleaseAllNamed gives all named locks of o back and returns the number of counts (RELEASE_ALL_LOCKS).
func (m *Manager) ReleaseAllNamed(o *Owner) int {
	n := 0
	for _, name := range o.named {
		s := m.stripeNamed(name)
		s.latch.Lock()
		r := s.names[name]
		n += r.find(o).count
		m.dropNamed(r, o)
		s.latch.Unlock()
	}
	clear(o.named)
	o.named = o.named[:0]
	return n
}

// NamedHolder returns the Begin id of the holder of name (IS_USED_LOCK).
func (m *Manager) NamedHolder(name string) (id uint64, ok bool) {
	s := m.stripeNamed(name)
	s.latch.Lock()
	defer s.latch.Unlock()
	if r := s.names[name]; r != nil && len(r.holders) > 0 {
		return r.holders[0].owner.ID(), true
	}
	return 0, false
}
