package index

// cut is a place between two entries: before the first one that is not below p, or with after before the first one above
// p. Both ends of a range are cuts, and so is the place behind the last entry returned.
type cut struct {
	set   bool // otherwise: the end of the tree
	after bool
	p     probe
}

// Iter is the position of a range scan. Set it up with Reset; it may be reused. It is for one goroutine at a time. Keys
// that Scan returned lie in it until its next Scan or Reset.
type Iter struct {
	lo, hi  Bound
	reverse bool
	keyless bool
	state   iterState
	last    probe  // the last entry returned
	bounds  []byte // copies of the bounds' keys
	lastKey []byte
	keys    []byte
}

type iterState uint8

const (
	iterFresh iterState = iota
	iterRunning
	iterDone
)

// Reset starts a scan of the keys between lo and hi, descending if reverse. It copies the bounds' keys.
func (it *Iter) Reset(lo, hi Bound, reverse bool) {
	it.bounds = append(append(it.bounds[:0], lo.Key.Bytes...), hi.Key.Bytes...)
	n := len(lo.Key.Bytes)
	lo.Key.Bytes, hi.Key.Bytes = it.bounds[:n:n], it.bounds[n:]
	it.lo, it.hi, it.reverse, it.keyless = lo, hi, reverse, false
	it.state = iterFresh
}

// OmitKeys makes Scan leave Entry.Key empty, which saves the copies. It holds until the next Reset.
func (it *Iter) OmitKeys() { it.keyless = true }

// cutOf turns a bound into a cut. upper: it is the high end.
func (t *tree[T]) cutOf(b Bound, upper bool) (cut, error) {
	if !b.Set {
		return cut{}, nil
	}
	c := cut{set: true, after: b.Inclusive == upper}
	row := uint64(0)
	if c.after {
		row = ^uint64(0)
	}
	var err error
	c.p, err = t.ord.probe(b.Key, row)
	return c, err
}

// at returns the position of the cut in l, as far as it is inside.
func (t *tree[T]) at(l *leaf[T], c cut) int {
	pos, found := t.ord.search(l, c.p)
	if found && c.after {
		pos++
	}
	return pos
}

func (t *tree[T]) Scan(it *Iter, dst []Entry) (int, error) {
	lo, err := t.cutOf(it.lo, false)
	if err != nil {
		return 0, err
	}
	hi, err := t.cutOf(it.hi, true)
	if err != nil || it.state == iterDone || len(dst) == 0 {
		return 0, err
	}
	if it.state == iterRunning {
		if it.reverse {
			hi = cut{set: true, p: it.last}
		} else {
			lo = cut{set: true, p: it.last, after: true}
		}
	}
	dst = dst[:min(len(dst), MaxBatch)]
	it.keys = it.keys[:0]
	s := t.lock.RLock()
	defer t.lock.RUnlock(s)
	var n int
	if it.reverse {
		n = t.fillDown(it, lo, hi, dst)
	} else {
		n = t.fillUp(it, lo, hi, dst)
	}
	if n < len(dst) {
		it.state = iterDone
	}
	return n, nil
}

// fillUp fills dst ascending from lo. The lock is held for reading.
func (t *tree[T]) fillUp(it *Iter, lo, hi cut, dst []Entry) int {
	l, pos := t.head, 0
	if lo.set {
		l = t.dir.find(lo.p)
		pos = t.at(l, lo)
	}
	n := 0
	for ; l != nil && n < len(dst); l, pos = l.next, 0 {
		stop := len(l.items)
		if hi.set {
			stop = t.at(l, hi)
		}
		for ; pos < stop && n < len(dst); pos++ {
			t.emit(it, l, pos, &dst[n])
			n++
		}
		if n == len(dst) {
			t.remember(it, l, pos-1)
		}
		if stop < len(l.items) {
			break
		}
	}
	return n
}

// fillDown fills dst descending from hi. The lock is held for reading.
func (t *tree[T]) fillDown(it *Iter, lo, hi cut, dst []Entry) int {
	l := t.tail
	pos := len(l.items)
	if hi.set {
		l = t.dir.find(hi.p)
		pos = t.at(l, hi)
	}
	n := 0
	for n < len(dst) {
		stop := 0
		if lo.set {
			stop = t.at(l, lo)
		}
		for ; pos > stop && n < len(dst); pos-- {
			t.emit(it, l, pos-1, &dst[n])
			n++
		}
		if n == len(dst) {
			t.remember(it, l, pos)
		}
		if l = l.prev; stop > 0 || l == nil {
			break
		}
		pos = len(l.items)
	}
	return n
}

func (t *tree[T]) emit(it *Iter, l *leaf[T], i int, e *Entry) {
	e.Row = t.ord.row(l.items[i])
	if it.keyless {
		e.Key = Key{}
		return
	}
	e.Key, it.keys = t.ord.key(l, i, it.keys)
}

// remember notes where the scan goes on.
func (t *tree[T]) remember(it *Iter, l *leaf[T], i int) {
	var k Key
	k, it.lastKey = t.ord.key(l, i, it.lastKey[:0])
	it.last, _ = t.ord.probe(k, t.ord.row(l.items[i])) // a stored key has a legal length
	it.state = iterRunning
}

func (t *tree[T]) Walk(f func(Entry) bool) error {
	var it Iter
	it.Reset(Bound{}, Bound{}, false)
	buf := make([]Entry, MaxBatch)
	for {
		n, err := t.Scan(&it, buf)
		if n == 0 || err != nil {
			return err
		}
		for _, e := range buf[:n] {
			if !f(e) {
				return nil
			}
		}
	}
}
