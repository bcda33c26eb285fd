package index

// directory finds the leaf to which an entry belongs. It has two levels: blocks, which are arrays of leaves with their
// fences, and a google/btree over the blocks. With 128 entries a leaf and 1,024 leaves a block the tree has an item per
// hundred thousand entries; the two levels below it are binary searches in arrays.
//
// Invariants: blocks partition the list of leaves in its order. A block's fence is that of its first leaf.
//
// Reading is allowed to many at once; the other methods need the tree's lock exclusively.
type directory[T any] struct {
	ord    order[T]
	top    topTree[T]
	first  *block[T]
	blocks int
	limit  int // leaves of a full block: blockCap, less in tests
}

// topTree finds the block with the greatest fence that is not above p.
type topTree[T any] interface {
	find(p probe) *block[T]
	put(b *block[T])
	remove(b *block[T])
	len() int
}

// blockCap is the number of leaves of a full block.
const blockCap = 1024

type block[T any] struct {
	fence  fence
	marks  []mark // of the leaves: the fences as far as they are numbers
	leaves []*leaf[T]
	common string // see orderB
}

type mark struct{ key, row uint64 }

// fence is an entry that is above all items of the leaves before and not above any item of this one. str is the whole
// key of a bytes index. The zero fence is below everything.
type fence struct {
	key, row uint64
	str      string
}

func newDirectory[T any](ord order[T], head *leaf[T]) *directory[T] {
	b := &block[T]{marks: []mark{{}}, leaves: []*leaf[T]{head}}
	head.fence, head.block = fence{}, b
	d := &directory[T]{ord: ord, top: ord.topTree(), first: b, blocks: 1, limit: blockCap}
	d.top.put(b)
	return d
}

func (d *directory[T]) find(p probe) *leaf[T] {
	b := d.first
	if d.blocks > 1 {
		b = d.top.find(p)
	}
	return b.leaves[d.ord.searchFences(b, p)-1] // the first fence is not above p
}

// insert adds r, which stands behind l in the list of leaves and has its fence.
func (d *directory[T]) insert(l, r *leaf[T]) {
	b := l.block
	i := d.position(l) + 1
	if len(b.leaves) == d.limit {
		next := &block[T]{
			marks:  make([]mark, 0, d.limit),
			leaves: make([]*leaf[T], 0, d.limit),
		}
		at := d.limit / 2
		if i == d.limit && r.next == nil {
			at = d.limit // ascending keys leave blocks full
		}
		next.fence = r.fence
		if at < d.limit {
			next.fence = b.leaves[at].fence
		}
		d.move(b, next, at)
		if i > at || at == d.limit {
			b, i = next, i-at
		}
		d.put(b, i, r)
		d.top.put(next)
		d.blocks++
		return
	}
	d.put(b, i, r)
}

// put adds r at position i of b, which has room.
func (d *directory[T]) put(b *block[T], i int, r *leaf[T]) {
	m := d.ord.mark(b, r)
	b.marks = append(b.marks, m)
	copy(b.marks[i+1:], b.marks[i:])
	b.marks[i] = m
	b.leaves = append(b.leaves, nil)
	copy(b.leaves[i+1:], b.leaves[i:])
	b.leaves[i] = r
	r.block = b
}

// move moves the leaves of from, beginning with the one at i, to the end of to.
func (d *directory[T]) move(from, to *block[T], i int) {
	for _, l := range from.leaves[i:] {
		l.block = to
	}
	to.marks = append(to.marks, from.marks[i:]...)
	to.leaves = append(to.leaves, from.leaves[i:]...)
	clear(from.leaves[i:])
	from.marks, from.leaves = from.marks[:i], from.leaves[:i]
	d.ord.settleBlock(from)
	d.ord.settleBlock(to)
}

// position returns where l is in its block.
func (d *directory[T]) position(l *leaf[T]) int {
	return d.ord.searchFences(l.block, probe{l.fence.key, []byte(l.fence.str), l.fence.row}) - 1
}

// remove takes r, which is not the first leaf of all and is out of the list already, out.
func (d *directory[T]) remove(r *leaf[T]) {
	b := r.block
	i := d.position(r)
	b.marks = append(b.marks[:i], b.marks[i+1:]...)
	copy(b.leaves[i:], b.leaves[i+1:])
	b.leaves[len(b.leaves)-1] = nil
	b.leaves = b.leaves[:len(b.leaves)-1]
	n := len(b.leaves)
	if n == 0 {
		d.drop(b)
		return
	}
	if i == 0 {
		d.top.remove(b)
		b.fence = b.leaves[0].fence
		d.top.put(b)
	}
	if n > d.limit/4 || d.blocks == 1 {
		return
	}
	if l := b.leaves[n-1].next; l != nil && n+len(l.block.leaves) <= d.limit*3/4 {
		d.join(b, l.block)
	} else if l := b.leaves[0].prev; l != nil && n+len(l.block.leaves) <= d.limit*3/4 {
		d.join(l.block, b)
	}
}

// join moves the leaves of c, the block behind b, to b.
func (d *directory[T]) join(b, c *block[T]) {
	d.move(c, b, 0)
	d.drop(c)
}

func (d *directory[T]) drop(b *block[T]) {
	d.top.remove(b)
	d.blocks--
}
