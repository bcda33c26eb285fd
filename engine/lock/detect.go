package lock

// The wait graph has parties (owners, see SetParty) as nodes. A waiting party points to whoever blocks its waiter. The
// graph is not stored: it is read off the queues.
//
// Why one look at the start of each wait is enough. A cycle needs all its parties waiting, so the step that closes it
// is one party starting to wait; other changes (a grant, an upgrade that goes ahead, a withdrawal) add edges only
// towards parties that run, or that are about to look themselves. Each party is in its queue before it looks. Of the
// parties of a cycle, the last to look therefore finds all the others queued, and none of them can leave. So a cycle is
// never missed, even though the first look takes one latch at a time. What such a look finds may be made of edges of
// different moments; breakCycle looks again with all latches held.

// inCycle reports whether w's party can be reached from itself. With latched, the caller holds every latch.
func (m *Manager) inCycle(w *waiter, latched bool) bool {
	v := &w.owner.search
	v.start, v.stack, v.n, v.seen = w, v.stack[:0], 0, nil
	v.push(w.party)
	for len(v.stack) > 0 {
		p := v.stack[len(v.stack)-1]
		v.stack = v.stack[:len(v.stack)-1]
		if v.expand(p, latched) {
			return true
		}
	}
	return false
}

// breakCycle confirms the cycle with the graph held still, and takes w out of it. It reports whether w is the victim;
// if not, w is still queued or granted.
func (m *Manager) breakCycle(w *waiter) bool {
	for i := range m.stripes {
		m.stripes[i].latch.Lock()
	}
	defer func() {
		for i := range m.stripes {
			m.stripes[i].latch.Unlock()
		}
	}()
	return w.stripe.Load() != nil && m.inCycle(w, true) && m.withdraw(w)
}

// search is one traversal. Each owner keeps one, for its memory.
type search struct {
	start *waiter
	stack []*Owner
	seen  map[*Owner]struct{} // parties ever pushed, once there are more than a few
	few   [8]*Owner
	n     int
}

func (v *search) push(p *Owner) {
	if v.seen == nil {
		for _, q := range v.few[:v.n] {
			if q == p {
				return
			}
		}
		if v.n < len(v.few) {
			v.few[v.n] = p
			v.n++
			v.stack = append(v.stack, p)
			return
		}
		v.seen = make(map[*Owner]struct{}, 4*len(v.few))
		for _, q := range v.few {
			v.seen[q] = struct{}{}
		}
	}
	if _, ok := v.seen[p]; !ok {
		v.seen[p] = struct{}{}
		v.stack = append(v.stack, p)
	}
}

// expand pushes the parties that block p and reports whether the start is one of them.
func (v *search) expand(p *Owner, latched bool) bool {
	w := p.wait.Load()
	if w == nil {
		return false
	}
	s := w.stripe.Load()
	if s == nil {
		return false
	}
	if !latched {
		s.latch.Lock()
		defer s.latch.Unlock()
	}
	if w.stripe.Load() != s || w.party != p {
		return false // it has stopped waiting; should it wait again, it looks itself
	}
	return v.blockers(w)
}

// blockers treats w and the waiters ahead of it in its queue, as far as they block it, in one pass. A waiter waits
// nowhere else, so only holders are pushed. The modes met so far are kept as one union: it conflicts with what one of
// them conflicts with.
func (v *search) blockers(w *waiter) bool {
	r := w.rec
	met := w.mode
	var others Mode // met without w: w's own holding blocks only those
	if !w.probe {
		// Once met covers all that anybody wants, going on finds no more holders. But the start may stand ahead, if it
		// waits here too; and if w is an upgrade, those ahead may wait for what its owner holds.
		look := w.upgrade || w != v.start && v.start.rec == r
		for q := w.prev; q != nil && (look || !met.Covers(r.wanted)); q = q.prev {
			if !q.mode.Conflicts(met) {
				continue
			}
			if q.party == v.start.party {
				return true
			}
			met, others = met.Union(q.mode), others.Union(q.mode)
		}
	}
	found := false
	r.eachHolder(func(o *Owner, m Mode) bool {
		if o == w.owner {
			if !m.Conflicts(others) {
				return true
			}
		} else if !m.Conflicts(met) {
			return true
		}
		p := o.party.Load()
		if p == v.start.party {
			found = true
			return false
		}
		v.push(p)
		return true
	})
	return found
}
