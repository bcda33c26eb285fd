package lock

import (
	"context"
	"sync/atomic"
	"unsafe"
)

// Definition is the lock of one definition: a table or a database. The handle of what it protects embeds it or points
// to it; it must not be copied. Kind, ID and Name are for reports and do not change.
//
// Shared holders are written down only in slots of their owners. A shared request fills a slot of its own and then
// reads claimed; an exclusive request raises claimed and then reads everybody's slots. Of two such requests at least
// one sees the other. While claimed is not 0, shared requests and releases go through the record.
type Definition struct {
	Kind string // "table", "database"
	ID   uint64
	Name string

	claimed atomic.Int32 // exclusive holder and waiters
	rec     record       // exclusive holder, and the queue
}

type defSlot = *atomic.Pointer[Definition]

// defChunk is a piece of an owner's list of definitions held shared. It is filled in order and emptied at once.
// Chunks stay linked for the owner's next use.
type defChunk struct {
	slots [6]atomic.Pointer[Definition]
	next  atomic.Pointer[defChunk]
}

// has reports whether d is in the list. Any goroutine may ask.
func (c *defChunk) has(d *Definition) bool {
	for ; c != nil; c = c.next.Load() {
		for i := range c.slots {
			if c.slots[i].Load() == d {
				return true
			}
		}
	}
	return false
}

// slotFor returns the slot that holds d (held), or else the first empty one. Only the owner asks.
func (c *defChunk) slotFor(d *Definition) (slot defSlot, held bool) {
	for {
		for i := range c.slots {
			switch c.slots[i].Load() {
			case d:
				return &c.slots[i], true
			case nil:
				return &c.slots[i], false
			}
		}
		next := c.next.Load()
		if next == nil {
			next = &defChunk{}
			c.next.Store(next)
		}
		c = next
	}
}

// claim and unclaim count exclusive interest. The latch is held.
func (d *Definition) claim() {
	if d.claimed.Add(1) == 1 {
		d.rec.stripe.claims[d] = struct{}{}
	}
}

func (d *Definition) unclaim() {
	if d.claimed.Add(-1) == 0 {
		delete(d.rec.stripe.claims, d)
	}
}

// latchDefinition locks the stripe of d and returns its record.
func (m *Manager) latchDefinition(d *Definition) *record {
	s := m.stripeAt(unsafe.Pointer(d))
	s.latch.Lock()
	r := &d.rec
	if r.stripe == nil {
		r.kind, r.stripe, r.def, r.m = kindDefinition, s, d, m
	}
	return r
}

// AcquireShared takes a shared lock on d until ReleaseAll or End. Many owners may hold it; the uncontended path
// writes only memory of o. Holding it already costs a look at o's list.
func (m *Manager) AcquireShared(ctx context.Context, o *Owner, d *Definition, w Wait) (Result, error) {
	slot, held := o.defs.slotFor(d)
	if held {
		return Held, nil
	}
	slot.Store(d)
	if d.claimed.Load() == 0 {
		return Granted, nil
	}
	slot.Store(nil)
	r := m.latchDefinition(d)
	if r.find(o) != nil {
		r.stripe.latch.Unlock()
		return Held, nil // exclusively
	}
	r.serve() // an exclusive request may have been misled by the slot
	if !r.heldAgainst(o, oneShared) && !r.queuedAgainst(oneShared, false) {
		slot.Store(d)
		r.stripe.latch.Unlock()
		return Granted, nil
	}
	if w.NoWait || w.SkipLocked {
		r.stripe.latch.Unlock()
		return refuse(w)
	}
	if err := m.block(ctx, o, r, request{mode: oneShared, slot: slot}, w.Timeout); err != nil {
		return Granted, err
	}
	return Waited, nil
}

// AcquireExclusive takes d exclusively until ReleaseAll or End. Shared requests that come later wait behind it. A
// shared lock of o itself is upgraded.
func (m *Manager) AcquireExclusive(ctx context.Context, o *Owner, d *Definition, w Wait) (Result, error) {
	r := m.latchDefinition(d)
	if r.find(o) != nil {
		r.stripe.latch.Unlock()
		return Held, nil
	}
	upgrade := o.defs.has(d)
	d.claim()
	if !r.heldAgainst(o, oneExclusive) && !r.queuedAgainst(oneExclusive, upgrade) {
		r.add(o, oneExclusive)
		r.stripe.latch.Unlock()
		o.xdefs = append(o.xdefs, d)
		return Granted, nil
	}
	if w.NoWait || w.SkipLocked {
		d.unclaim()
		r.serve()
		r.stripe.latch.Unlock()
		return refuse(w)
	}
	if err := m.block(ctx, o, r, request{mode: oneExclusive, upgrade: upgrade}, w.Timeout); err != nil {
		return Granted, err
	}
	o.xdefs = append(o.xdefs, d)
	return Waited, nil
}

// releaseDefinitions gives all definition locks of o back.
func (m *Manager) releaseDefinitions(o *Owner) {
	for c := &o.defs; c != nil; c = c.next.Load() {
		for i := range c.slots {
			d := c.slots[i].Load()
			if d == nil {
				break
			}
			c.slots[i].Store(nil)
			if d.claimed.Load() != 0 {
				r := m.latchDefinition(d)
				r.released(oneShared, Mode{})
				r.stripe.latch.Unlock()
			}
		}
	}
	for _, d := range o.xdefs {
		r := m.latchDefinition(d)
		was := r.remove(o)
		d.unclaim()
		r.released(was, Mode{})
		r.stripe.latch.Unlock()
	}
	clear(o.xdefs)
	o.xdefs = o.xdefs[:0]
}
