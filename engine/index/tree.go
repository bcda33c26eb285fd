package index

// tree is an ordered index: leaves, which are sorted arrays of items in a doubly linked list, and a directory over them.
//
// The directory ends in a google/btree with one item for many leaves. So the tree's comparison through a function value
// is paid for the first few levels of a search only, and the rest are inlined binary searches in arrays; a batch of a scan
// copies from arrays; bulk loading fills arrays; and items have no pointers.
//
// Invariants: items ascend strictly over the list of leaves. The fence of a leaf is not above its first item and above
// every item of the leaf before; it stays when the item it was made of goes. No leaf is empty but the only one.
type tree[T any] struct {
	kind Kind
	ord  order[T]
	lock rwlock
	dir  *directory[T]
	head *leaf[T]
	tail *leaf[T]
	n    int
	nl   int // leaves

	spare  []*leaf[T] // emptied leaves
	moving compaction
}

// leafCap is the number of items of a full leaf. At 100,000 entries 64, 128 and 256 differ by less than a tenth.
const leafCap = 128

type leaf[T any] struct {
	items      []T
	prev, next *leaf[T]
	fence      fence
	common     string // see orderB
	block      *block[T]
}

func newTree[T any](k Kind, ord order[T]) *tree[T] {
	t := &tree[T]{kind: k, ord: ord}
	t.clear()
	return t
}

func (t *tree[T]) clear() {
	t.head = &leaf[T]{}
	t.tail = t.head
	t.dir = newDirectory(t.ord, t.head)
	t.n, t.nl = 0, 1
	t.spare = nil
}

// find returns where p is, or would be: pos may be the length of the leaf.
func (t *tree[T]) find(p probe) (l *leaf[T], pos int, found bool) {
	l = t.dir.find(p)
	pos, found = t.ord.search(l, p)
	return l, pos, found
}

// insertAt puts p, which is absent, at its place as found.
func (t *tree[T]) insertAt(l *leaf[T], pos int, p probe) {
	if len(l.items) == leafCap {
		l, pos = t.split(l, pos, p)
	}
	it := t.ord.item(l, p)
	l.items = append(l.items, it)
	copy(l.items[pos+1:], l.items[pos:])
	l.items[pos] = it
	t.n++
}

// split makes room for p at pos of the full leaf l and returns its new place. A leaf that grows at an end of the tree
// is left full, so that ascending or descending keys fill leaves.
func (t *tree[T]) split(l *leaf[T], pos int, p probe) (*leaf[T], int) {
	r := t.newLeaf()
	switch {
	case l == t.tail && pos == leafCap:
		t.link(l, r, p)
		return r, 0
	case l == t.head && pos == 0:
		l.items, r.items = r.items, l.items
		r.common = l.common
	default:
		r.items = append(r.items, l.items[leafCap/2:]...)
		l.items = l.items[:leafCap/2]
		r.common = l.common
		t.ord.settle(l)
		t.ord.settle(r)
	}
	key, _ := t.ord.key(r, 0, nil)
	first, _ := t.ord.probe(key, t.ord.row(r.items[0])) // a stored key has a legal length
	t.link(l, r, first)
	if pos <= len(l.items) {
		return l, pos
	}
	return r, pos - len(l.items)
}

func (t *tree[T]) newLeaf() *leaf[T] {
	if n := len(t.spare); n > 0 {
		l := t.spare[n-1]
		t.spare = t.spare[:n-1]
		return l
	}
	return &leaf[T]{items: make([]T, 0, leafCap)}
}

// link puts r behind l, with its fence at p.
func (t *tree[T]) link(l, r *leaf[T], p probe) {
	r.fence = fence{p.key, p.row, string(p.bytes)}
	r.prev, r.next = l, l.next
	if l.next == nil {
		t.tail = r
	} else {
		l.next.prev = r
	}
	l.next = r
	t.dir.insert(l, r)
	t.nl++
}

// unlink takes the leaf r, not the head, out; its items are elsewhere or gone.
func (t *tree[T]) unlink(r *leaf[T]) {
	r.prev.next = r.next
	if r.next == nil {
		t.tail = r.prev
	} else {
		r.next.prev = r.prev
	}
	t.dir.remove(r)
	t.nl--
	if len(t.spare) < 8 && cap(r.items) == leafCap {
		*r = leaf[T]{items: r.items[:0]}
		t.spare = append(t.spare, r)
	}
}

// removeAt takes the item at pos out and joins leaves that have become small.
func (t *tree[T]) removeAt(l *leaf[T], pos int) {
	t.ord.drop(l.items[pos])
	l.items = append(l.items[:pos], l.items[pos+1:]...)
	t.n--
	n := len(l.items)
	if n > leafCap/4 || t.nl == 1 {
		return
	}
	switch {
	case l.next != nil && (n == 0 || n+len(l.next.items) <= leafCap*3/4):
		t.join(l, l.next)
	case l.prev != nil && (n == 0 || n+len(l.prev.items) <= leafCap*3/4):
		t.join(l.prev, l)
	}
}

// join moves the items of r to the end of l, its neighbour.
func (t *tree[T]) join(l, r *leaf[T]) {
	if cap(l.items) < leafCap {
		l.items = append(make([]T, 0, leafCap), l.items...)
	}
	t.ord.unite(l, r)
	l.items = append(l.items, r.items...)
	t.unlink(r)
}
