package lock

// naive is the reference: the rules of the package comment in the most obvious form. Definitions and names are
// resources whose modes use one column.
type naive struct {
	res    []*naiveRes
	owners int
}

type naiveRes struct {
	held  map[int]Mode
	queue []naiveWait
}

type naiveWait struct {
	owner   int
	mode    Mode
	upgrade bool
}

type verdict int

const (
	vGranted verdict = iota
	vHeld
	vBusy // would wait
	vWaits
	vDeadlock
)

func newNaive(resources, owners int) *naive {
	n := &naive{owners: owners}
	for range resources {
		n.res = append(n.res, &naiveRes{held: map[int]Mode{}})
	}
	return n
}

// blockers returns who blocks a request of owner that stands at position pos of the queue.
func (r *naiveRes) blockers(owner int, m Mode, pos int) []int {
	var out []int
	for h, hm := range r.held {
		if h != owner && hm.Conflicts(m) {
			out = append(out, h)
		}
	}
	for _, w := range r.queue[:pos] {
		if w.mode.Conflicts(m) {
			out = append(out, w.owner)
		}
	}
	return out
}

func (n *naive) acquire(o, res int, m Mode, mayWait bool) verdict {
	r := n.res[res]
	if r.held[o].Covers(m) {
		return vHeld
	}
	upgrade := !r.held[o].Empty()
	pos := len(r.queue)
	if upgrade {
		pos = 0
		for pos < len(r.queue) && r.queue[pos].upgrade {
			pos++
		}
	}
	if len(r.blockers(o, m, pos)) == 0 {
		r.held[o] = r.held[o].Union(m)
		return vGranted
	}
	if !mayWait {
		return vBusy
	}
	w := naiveWait{o, m, upgrade}
	r.queue = append(r.queue[:pos:pos], append([]naiveWait{w}, r.queue[pos:]...)...)
	if n.reaches(o, o, map[int]bool{}) {
		r.queue = append(r.queue[:pos:pos], r.queue[pos+1:]...)
		return vDeadlock
	}
	return vWaits
}

// reaches reports whether the wait graph leads from one owner to another by at least one edge.
func (n *naive) reaches(from, to int, seen map[int]bool) bool {
	for _, r := range n.res {
		for i, w := range r.queue {
			if w.owner != from {
				continue
			}
			for _, b := range r.blockers(from, w.mode, i) {
				if b == to {
					return true
				}
				if !seen[b] {
					seen[b] = true
					if n.reaches(b, to, seen) {
						return true
					}
				}
			}
		}
	}
	return false
}

// serve grants what can be granted and returns who was.
func (r *naiveRes) serve() []int {
	var out []int
	for i := 0; i < len(r.queue); {
		w := r.queue[i]
		if len(r.blockers(w.owner, w.mode, i)) > 0 {
			i++
			continue
		}
		r.queue = append(r.queue[:i:i], r.queue[i+1:]...)
		r.held[w.owner] = r.held[w.owner].Union(w.mode)
		out = append(out, w.owner)
	}
	return out
}

func (n *naive) set(o, res int, m Mode) []int {
	if m.Empty() {
		delete(n.res[res].held, o)
	} else {
		n.res[res].held[o] = m
	}
	return n.res[res].serve()
}

// withdraw ends the wait of o and returns who is granted by that.
func (n *naive) withdraw(o int) []int {
	for _, r := range n.res {
		for i, w := range r.queue {
			if w.owner == o {
				r.queue = append(r.queue[:i:i], r.queue[i+1:]...)
				return r.serve()
			}
		}
	}
	return nil
}

func (n *naive) waits(o int) bool {
	for _, r := range n.res {
		for _, w := range r.queue {
			if w.owner == o {
				return true
			}
		}
	}
	return false
}
