package lock

import (
	"sync"
	"sync/atomic"
	"time"
)

// Owner holds locks. Manager.Begin makes one. One goroutine at a time uses it.
//
// Fields without a word are private to that goroutine; others reach an owner only through its atomics, and through its
// waiter under the latch of the stripe in which it waits.
type Owner struct {
	tag   uint64                // owner index << tagShift; 0: none left, never thin
	id    atomic.Uint64         // the caller's name for it
	used  atomic.Bool           // between Begin and End
	party atomic.Pointer[Owner] // node of the wait graph; itself unless SetParty
	wait  atomic.Pointer[waiter]

	held   heldList      // row locks
	priors []Mode        // former modes of upgrade entries in held
	defs   defChunk      // definitions held shared; other goroutines read it
	xdefs  []*Definition // definitions held exclusively
	named  []string      // named locks
	w      waiter        // the one wait it can be in
	search search
	wake   chan struct{}
	timer  *time.Timer
}

// Mark is a position in an owner's list of row locks.
type Mark struct{ held int }

// Mark returns the present position in o's list of row locks.
func (o *Owner) Mark() Mark { return Mark{o.held.n} }

// RowsSince calls f with the rows that were locked since m, or upgraded.
func (o *Owner) RowsSince(m Mark, f func(space uint32, row uint64)) {
	for i := m.held; i < o.held.n; i++ {
		h := o.held.at(i)
		f(h.space, h.row)
	}
}

// ID returns the number given to Begin.
func (o *Owner) ID() uint64 { return o.id.Load() }

// Locks returns the number of row locks and upgrades in o's list.
func (o *Owner) Locks() int { return o.held.n }

// SetParty makes o part of p in the wait graph: a wait of either is a wait of both. It links a transaction's owner to
// the session's owner that holds named locks; the two belong to one thread of control and never wait at the same
// time. It is called before o takes its first lock; p's End comes after o's.
func (o *Owner) SetParty(p *Owner) { o.party.Store(p) }

func (o *Owner) note(res Resource) {
	o.held.push(held{word: res.Word, row: res.Row, space: res.Space})
}

func (o *Owner) noteUpgrade(res Resource, prior Mode) {
	o.priors = append(o.priors, prior)
	o.held.push(held{res.Word, res.Row, res.Space, uint32(len(o.priors))})
}

// registry knows all owners. They are reused and never forgotten, so that the index in a lock word finds its owner.
type registry struct {
	mu     sync.Mutex
	list   atomic.Pointer[[]*Owner] // position+1 is the index
	pool   sync.Pool                // of idle owners: a cache, used is the truth
	cursor atomic.Uint32
}

// all returns the owners registered so far.
func (g *registry) all() []*Owner {
	if p := g.list.Load(); p != nil {
		return *p
	}
	return nil
}

// byWord returns the owner that a thin word names.
func (g *registry) byWord(w uint64) *Owner { return g.all()[w>>tagShift-1] }

// take returns an idle owner, marked used.
func (g *registry) take() *Owner {
	for {
		o, _ := g.pool.Get().(*Owner)
		if o == nil {
			break
		}
		if o.used.CompareAndSwap(false, true) {
			return o
		}
	}
	// The pool forgets owners when the garbage collector runs. A few probes find one of them if they are many.
	all := g.all()
	for n := min(len(all), 64); n > 0; n-- {
		o := all[int(g.cursor.Add(1))%len(all)]
		if !o.used.Load() && o.used.CompareAndSwap(false, true) {
			return o
		}
	}
	return g.grow()
}

func (g *registry) grow() *Owner {
	o := &Owner{wake: make(chan struct{}, 1)}
	o.used.Store(true)
	o.w.owner = o
	g.mu.Lock()
	defer g.mu.Unlock()
	// Readers see only as many elements as the header they loaded has, so that appending in place is safe.
	list := append(g.all(), o)
	if len(list) <= maxTagged {
		o.tag = uint64(len(list)) << tagShift
	}
	g.list.Store(&list)
	return o
}

// Begin returns an owner without locks. id is what reports call it (a transaction or connection number). It costs
// about as much as a sync.Pool access.
func (m *Manager) Begin(id uint64) *Owner {
	o := m.owners.take()
	o.id.Store(id)
	o.party.Store(o)
	return o
}

// End releases everything that o holds, named locks too, and retires it: o must not be used afterwards.
func (m *Manager) End(o *Owner) {
	m.ReleaseAll(o)
	m.ReleaseAllNamed(o)
	o.used.Store(false)
	m.owners.pool.Put(o)
}
