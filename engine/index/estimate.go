package index

// countLeaves is the number of leaves that an estimate counts exactly.
const countLeaves = 16

func (t *tree[T]) Estimate(lo, hi Bound) (int, error) {
	from, err := t.cutOf(lo, false)
	if err != nil {
		return 0, err
	}
	to, err := t.cutOf(hi, true)
	if err != nil {
		return 0, err
	}
	s := t.lock.RLock()
	defer t.lock.RUnlock(s)
	l, pos := t.head, 0
	if from.set {
		l = t.dir.find(from.p)
		pos = t.at(l, from)
	}
	end, stop := t.tail, len(t.tail.items)
	if to.set {
		end = t.dir.find(to.p)
		stop = t.at(end, to)
	}
	n := -pos
	for range countLeaves {
		if l == end {
			return max(n+stop, 0), nil
		}
		if n += len(l.items); l.next == nil {
			return 0, nil // the range ends before it begins
		}
		l = l.next
	}
	between := t.dir.distance(l, end)
	if between < 0 {
		return 0, nil
	}
	return n + between*t.n/t.nl + stop, nil
}

// distance returns how many leaves end is behind l; less than 0 if it is before. It walks over blocks.
func (d *directory[T]) distance(l, end *leaf[T]) int {
	n := -d.position(l)
	for b := l.block; ; {
		if b == end.block {
			return n + d.position(end)
		}
		n += len(b.leaves)
		next := b.leaves[len(b.leaves)-1].next
		if next == nil {
			return -1
		}
		b = next.block
	}
}

func (h *hash) Estimate(lo, hi Bound) (int, error) { return 0, errHashRange() }
