package index

// compaction is the progress of moving keys to a new generation of the arena, in key order. Keys up to at have been
// moved; keys put meanwhile are in the new generation wherever they are.
type compaction struct {
	active  bool
	started bool // at is set
	at      probe
	buf     []byte
}

func (t *tree[T]) Compact() bool {
	t.lock.Lock()
	defer t.lock.Unlock()
	for i := 0; i < 32; i++ {
		if !t.compactStep() {
			return false
		}
	}
	return true
}

// compactStep moves the keys of one leaf, if a compaction is due or under way, and reports whether one still is.
func (t *tree[T]) compactStep() bool {
	a := t.ord.store()
	if a == nil {
		return false
	}
	c := &t.moving
	if !c.active {
		if !a.sparse() {
			return false
		}
		a.begin()
		*c = compaction{active: true}
	}
	l, pos := t.head, 0
	if c.started {
		var found bool
		if l, pos, found = t.find(c.at); found {
			pos++
		}
		if pos == len(l.items) {
			l, pos = l.next, 0
		}
	}
	if l == nil || len(l.items) == 0 {
		*c = compaction{}
		return false
	}
	t.ord.move(l.items[pos:])
	last := len(l.items) - 1
	var k Key
	k, c.buf = t.ord.key(l, last, c.buf[:0])
	c.at, _ = t.ord.probe(k, t.ord.row(l.items[last])) // a stored key has a legal length
	c.started = true
	return true
}
