package lock

import (
	"sync/atomic"
	"time"
)

// Info is a line of a Snapshot.
type Info struct {
	Owner   uint64 // Begin id
	Party   uint64 // of a wait: the Begin id of the owner's party
	Kind    string // "row", "named" or Definition.Kind
	Space   uint32
	Row     uint64
	ID      uint64 // of a definition
	Name    string // of a definition or named lock
	Mode    Mode   // held or wanted; definitions and names use bit 0
	Waiting bool
	Since   time.Time // of the wait
}

// Snapshot lists definition locks, named locks, waits, and those row locks that more than one owner wants or wanted.
// Rows with a single holder are known only to their word. Each resource is consistent in itself.
func (m *Manager) Snapshot() []Info {
	var out []Info
	for i := range m.stripes {
		s := &m.stripes[i]
		s.latch.Lock()
		for _, r := range s.rows {
			out = r.appendInfo(out)
		}
		for _, r := range s.names {
			out = r.appendInfo(out)
		}
		for d := range s.claims {
			out = d.rec.appendInfo(out)
		}
		s.latch.Unlock()
	}
	for _, o := range m.owners.all() {
		for c := &o.defs; c != nil; c = c.next.Load() {
			for i := range c.slots {
				if d := c.slots[i].Load(); d != nil {
					out = append(out, Info{Owner: o.ID(), Kind: d.Kind, ID: d.ID, Name: d.Name, Mode: oneShared})
				}
			}
		}
	}
	return out
}

// HoldersOf appends who holds something on the row to dst. It is for reports.
func (m *Manager) HoldersOf(res Resource, dst []Info) []Info {
	s := m.stripeOf(res.Word)
	s.latch.Lock()
	defer s.latch.Unlock()
	if r := s.rows[res.Word]; r != nil {
		for i := range r.holders {
			h := &r.holders[i]
			dst = append(dst, Info{Owner: h.owner.ID(), Kind: "row", Space: res.Space, Row: res.Row, Mode: h.mode})
		}
		return dst
	}
	if cur := res.Word.Load(); cur != 0 && cur&fat == 0 {
		o := m.owners.byWord(cur)
		dst = append(dst, Info{Owner: o.ID(), Kind: "row", Space: res.Space, Row: res.Row, Mode: wordMode(cur)})
	}
	return dst
}

// appendInfo describes the record's explicit holders and its waiters. The latch is held.
func (r *record) appendInfo(out []Info) []Info {
	line := Info{Kind: "row", Space: r.space, Row: r.row, Name: r.name}
	switch r.kind {
	case kindNamed:
		line.Kind = "named"
	case kindDefinition:
		line.Kind, line.ID, line.Name = r.def.Kind, r.def.ID, r.def.Name
	}
	for i := range r.holders {
		line.Owner, line.Mode = r.holders[i].owner.ID(), r.holders[i].mode
		out = append(out, line)
	}
	line.Waiting = true
	for _, w := range []*waiter{r.first, r.probes} {
		for ; w != nil; w = w.next {
			line.Owner, line.Party = w.owner.ID(), w.party.ID()
			line.Mode, line.Since = w.mode, time.Unix(0, w.since)
			out = append(out, line)
		}
	}
	return out
}

// counters are the manager's statistics. Only waits and inflations touch them.
type counters struct {
	waits, deadlocks, timeouts, cancelled, inflations atomic.Uint64
	waitTime, waiting                                 atomic.Int64
}

// Stats are counters since the start, and the present number of waiters.
type Stats struct {
	Waits, Deadlocks, Timeouts, Cancelled, Inflations uint64
	WaitTime                                          time.Duration // of ended waits
	Waiting                                           int64
}

// Stats returns the counters.
func (m *Manager) Stats() Stats {
	c := &m.stats
	return Stats{
		Waits: c.waits.Load(), Deadlocks: c.deadlocks.Load(), Timeouts: c.timeouts.Load(),
		Cancelled: c.cancelled.Load(), Inflations: c.inflations.Load(),
		WaitTime: time.Duration(c.waitTime.Load()), Waiting: c.waiting.Load(),
	}
}
