package lock

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

// Options configure a Manager.
type Options struct {
	WaitTimeout time.Duration // for waits that name none; default 10 s
}

// Manager is a lock manager. Its methods may be called concurrently for different owners.
type Manager struct {
	timeout time.Duration
	owners  registry
	stripes [stripeCount]stripe
	stats   counters
}

const stripeCount = 64

// stripe is a part of the lock table. Its latch guards the records of its resources, their holders and their waiters.
// A goroutine that holds one latch asks for another only in ascending order of stripes.
type stripe struct {
	latch  sync.Mutex
	rows   map[*atomic.Uint64]*record
	names  map[string]*record
	claims map[*Definition]struct{} // definitions with exclusive interest
	free   []*record
	_      [64]byte // keeps neighbours apart in the cache
}

// keepRecords bounds the records that a stripe keeps for reuse.
const keepRecords = 32

// New returns a Manager.
func New(o Options) *Manager {
	m := &Manager{timeout: o.WaitTimeout}
	if m.timeout == 0 {
		m.timeout = 10 * time.Second
	}
	for i := range m.stripes {
		m.stripes[i].rows = map[*atomic.Uint64]*record{}
		m.stripes[i].names = map[string]*record{}
		m.stripes[i].claims = map[*Definition]struct{}{}
	}
	return m
}

// Rows and definitions hash by address; the garbage collector does not move heap objects, and each use of a resource
// goes through the same pointer, whatever space it is in.
func (m *Manager) stripeAt(p unsafe.Pointer) *stripe {
	h := uint64(uintptr(p)) * 0x9E3779B97F4A7C15
	return &m.stripes[h>>58]
}

func (m *Manager) stripeOf(word *atomic.Uint64) *stripe { return m.stripeAt(unsafe.Pointer(word)) }

func (m *Manager) stripeNamed(name string) *stripe {
	h := uint64(14695981039346656037)
	for i := 0; i < len(name); i++ {
		h = (h ^ uint64(name[i])) * 1099511628211
	}
	return &m.stripes[h%stripeCount]
}

// newRecord returns an empty record of the stripe. The latch is held.
func (s *stripe) newRecord(k recordKind) *record {
	if n := len(s.free); n > 0 {
		r := s.free[n-1]
		s.free = s.free[:n-1]
		r.kind = k
		return r
	}
	return &record{kind: k, stripe: s}
}

// recycle keeps an empty record that nothing refers to. The latch is held.
func (s *stripe) recycle(r *record) {
	if len(s.free) < keepRecords && cap(r.holders) <= 64 {
		clear(r.holders[:cap(r.holders)])
		*r = record{stripe: s, holders: r.holders[:0]}
		s.free = append(s.free, r)
	}
}
