package index

// probe is an entry to look for.
type probe struct {
	key   uint64 // Key.Int, or the first 8 bytes
	bytes []byte // the whole key of a bytes index
	row   uint64
}

// order is what a tree needs to know of its items and fences. Methods that look may run in many goroutines at once;
// those that change something need the tree's lock exclusively.
type order[T any] interface {
	probe(k Key, row uint64) (probe, error)
	get(d *directory[T], k Key, dst []uint64) []uint64 // the whole lookup, free of indirect calls

	// Items of a leaf.
	search(l *leaf[T], p probe) (pos int, found bool) // the first item not below p
	ends(l *leaf[T], p probe) bool                    // p is above the last item
	sameKey(l *leaf[T], i int, p probe) bool
	row(it T) uint64
	key(l *leaf[T], i int, buf []byte) (Key, []byte) // key bytes are appended to buf
	item(l *leaf[T], p probe) T                      // for l, which adapts to it
	drop(it T)
	settle(l *leaf[T])   // after many items have come or gone: adapt to the present ones
	unite(l, r *leaf[T]) // make the items fit for one leaf
	move(items []T)      // into the arena's present generation
	store() *arena       // nil: none
	fresh() order[T]     // an order with an empty arena
	adopt(from order[T]) // take over the arena of one that fresh made

	// Fences of a block.
	topTree() topTree[T]
	searchFences(b *block[T], p probe) int // the number of fences not above p; the first one is known to be
	mark(b *block[T], r *leaf[T]) mark     // for b, which adapts to it
	settleBlock(b *block[T])
}
