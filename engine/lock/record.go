package lock

import "sync/atomic"

type recordKind uint8

const (
	kindRow recordKind = iota
	kindDefinition
	kindNamed
)

// record is one resource in the lock table: who holds it and who waits. The latch of its stripe guards it.
//
// Waiters are in the order in which they are served; upgrades stand before the others. A waiter is blocked by each
// holder (other than itself) and each earlier waiter that conflicts with it. Probes hold nothing and block nobody.
type record struct {
	kind    recordKind
	stripe  *stripe
	holders []holder
	first   *waiter
	last    *waiter
	probes  *waiter // singly linked by next
	wanted  Mode    // covers the modes of all waiters; empty again when there are none
	sharer  *Owner  // of a definition: whom an exclusive request was found to wait for last, or nil

	// What it is of.
	word  *atomic.Uint64
	row   uint64
	space uint32
	name  string
	def   *Definition
	m     *Manager // of a definition, whose shared holders are found through the owners
}

type holder struct {
	owner *Owner
	mode  Mode
	count int // of a named lock
}

// waiter is an owner's place in a queue. stripe is the stripe in which it waits, set and cleared under that stripe's
// latch; whoever has the latch of the stripe that it names may read the rest.
type waiter struct {
	owner   *Owner
	stripe  atomic.Pointer[stripe]
	party   *Owner
	rec     *record
	mode    Mode
	since   int64 // Unix nanoseconds
	prev    *waiter
	next    *waiter
	upgrade bool
	probe   bool
	slot    *atomic.Pointer[Definition] // where a shared definition lock is noted when it is granted
}

// find returns the holder entry of o, or nil.
func (r *record) find(o *Owner) *holder {
	for i := range r.holders {
		if r.holders[i].owner == o {
			return &r.holders[i]
		}
	}
	return nil
}

// eachHolder calls f with every holder until it returns false.
func (r *record) eachHolder(f func(*Owner, Mode) bool) {
	for i := range r.holders {
		if !f(r.holders[i].owner, r.holders[i].mode) {
			return
		}
	}
	if r.def == nil {
		return
	}
	for _, o := range r.m.owners.all() {
		if o.defs.has(r.def) && !f(o, oneShared) {
			return
		}
	}
}

// heldAgainst reports whether a holder other than o conflicts with m.
func (r *record) heldAgainst(o *Owner, m Mode) bool {
	for i := range r.holders {
		if h := &r.holders[i]; h.owner != o && h.mode.Conflicts(m) {
			return true
		}
	}
	if r.def == nil || m.X == 0 {
		return false
	}
	// Many releases come to look while one owner is still there.
	if p := r.sharer; p != nil && p != o && p.defs.has(r.def) {
		return true
	}
	for _, p := range r.m.owners.all() {
		if p != o && p.defs.has(r.def) {
			r.sharer = p
			return true
		}
	}
	r.sharer = nil
	return false
}

// queuedAgainst reports whether a waiter conflicts with m that a new request would stand behind.
func (r *record) queuedAgainst(m Mode, upgrade bool) bool {
	for w := r.first; w != nil; w = w.next {
		if upgrade && !w.upgrade {
			return false
		}
		if w.mode.Conflicts(m) {
			return true
		}
	}
	return false
}

// add gives o the mode.
func (r *record) add(o *Owner, m Mode) {
	if h := r.find(o); h != nil {
		h.mode = h.mode.Union(m)
		return
	}
	r.holders = append(r.holders, holder{owner: o, mode: m, count: 1})
}

// remove takes o off the holders and returns what it held.
func (r *record) remove(o *Owner) Mode {
	for i := range r.holders {
		if r.holders[i].owner == o {
			m := r.holders[i].mode
			n := len(r.holders) - 1
			r.holders[i] = r.holders[n]
			r.holders[n] = holder{}
			r.holders = r.holders[:n]
			return m
		}
	}
	return Mode{}
}

// enqueue puts w at its place.
func (r *record) enqueue(w *waiter) {
	w.rec, w.prev, w.next = r, nil, nil
	switch {
	case w.probe:
		w.next = r.probes
		r.probes = w
	case w.upgrade:
		at := r.first
		for at != nil && at.upgrade {
			at = at.next
		}
		r.insertBefore(w, at)
	default:
		r.insertBefore(w, nil)
	}
	w.stripe.Store(r.stripe)
}

// insertBefore links w before at, or at the end.
func (r *record) insertBefore(w, at *waiter) {
	r.wanted = r.wanted.Union(w.mode)
	w.next = at
	if at == nil {
		w.prev = r.last
		r.last = w
	} else {
		w.prev = at.prev
		at.prev = w
	}
	if w.prev == nil {
		r.first = w
	} else {
		w.prev.next = w
	}
}

// unlink takes w out of its queue. After it w's goroutine owns w again.
func (r *record) unlink(w *waiter) {
	if w.probe {
		for p := &r.probes; *p != nil; p = &(*p).next {
			if *p == w {
				*p = w.next
				break
			}
		}
	} else {
		if w.prev == nil {
			r.first = w.next
		} else {
			w.prev.next = w.next
		}
		if w.next == nil {
			r.last = w.prev
		} else {
			w.next.prev = w.prev
		}
		if r.first == nil {
			r.wanted = Mode{}
		}
	}
	w.prev, w.next = nil, nil
	w.stripe.Store(nil)
}

// serve grants what can be granted now, in order. It is called after each change that may unblock somebody.
func (r *record) serve() {
	var ahead Mode // of the waiters that stay
	for w := r.first; w != nil; {
		next := w.next
		if ahead.Conflicts(w.mode) || r.heldAgainst(w.owner, w.mode) {
			ahead = ahead.Union(w.mode)
			if (r.wanted.S|r.wanted.X)&^ahead.X == 0 {
				return // everybody else conflicts with it
			}
		} else {
			r.unlink(w)
			if w.slot != nil {
				w.slot.Store(r.def)
			} else {
				r.add(w.owner, w.mode)
			}
			w.owner.wake <- struct{}{}
		}
		w = next
	}
}

// released wakes the probes that waited for what was held, and serves the queue.
func (r *record) released(was, is Mode) {
	for w := r.probes; w != nil; {
		next := w.next
		if was.Conflicts(w.mode) && !is.Conflicts(w.mode) {
			r.unlink(w)
			w.owner.wake <- struct{}{}
		}
		w = next
	}
	r.serve()
}

// idle reports whether nobody holds or waits.
func (r *record) idle() bool { return len(r.holders) == 0 && r.first == nil && r.probes == nil }
