package index

// loadFill is how many items a bulk load puts into a leaf: it leaves some room for inserts in between.
const loadFill = leafCap * 7 / 8

func (t *tree[T]) BulkLoad(n int, next func() (Entry, bool, error)) error {
	// The new tree is built aside: readers go on with the old content, and an error leaves it.
	ord := t.ord.fresh()
	b := newTree[T](t.kind, ord)
	b.dir.limit = t.dir.limit
	l := b.head
	l.items = make([]T, 0, min(max(n, 1), leafCap))
	for {
		e, ok, err := next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		p, err := ord.probe(e.Key, e.Row)
		if err != nil {
			return err
		}
		if k := len(l.items); k > 0 {
			if !ord.ends(l, p) {
				return errUnordered()
			}
			if k == loadFill {
				ord.settle(l)
				r := b.newLeaf()
				b.link(l, r, p)
				l = r
			}
		}
		l.items = append(l.items, ord.item(l, p))
		b.n++
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	t.ord.adopt(ord)
	b.dir.ord = t.ord
	t.dir, t.head, t.tail, t.n, t.nl = b.dir, b.head, b.tail, b.n, b.nl
	t.spare, t.moving = nil, compaction{}
	return nil
}
