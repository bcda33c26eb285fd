package index

import (
	"sync"

	"github.com/google/btree"
)

// topDegree is the degree of the trees over blocks.
const topDegree = 64

// top8 is the tree over the blocks of an 8-byte index.
type top8 struct{ tree *btree.BTreeG[topItem8] }

type topItem8 struct {
	key, row uint64
	block    *block[item8]
}

func newTop8() topTree[item8] {
	return top8{btree.NewG(topDegree, func(a, b topItem8) bool {
		return a.key < b.key || a.key == b.key && a.row < b.row
	})}
}

func (t top8) find(p probe) (out *block[item8]) {
	t.tree.DescendLessOrEqual(topItem8{key: p.key, row: p.row}, func(x topItem8) bool {
		out = x.block
		return false
	})
	return out
}

func (t top8) put(b *block[item8])    { t.tree.ReplaceOrInsert(topItem8{b.fence.key, b.fence.row, b}) }
func (t top8) remove(b *block[item8]) { t.tree.Delete(topItem8{key: b.fence.key, row: b.fence.row}) }
func (t top8) len() int               { return t.tree.Len() }

// topB is the tree over the blocks of a bytes index. Its items are small, because the tree passes them by value to its
// comparison; what decides after equal prefixes is behind the pointer.
type topB struct{ tree *btree.BTreeG[topItemB] }

type topItemB struct {
	prefix uint64
	block  *block[itemB]
}

func newTopB() topTree[itemB] {
	return topB{btree.NewG(topDegree, func(a, b topItemB) bool {
		if a.prefix != b.prefix {
			return a.prefix < b.prefix
		}
		f, g := &a.block.fence, &b.block.fence
		if f.str != g.str {
			return f.str < g.str
		}
		return f.row < g.row
	})}
}

// asking are blocks that only carry the fence to look for.
var asking = sync.Pool{New: func() any { return new(block[itemB]) }}

func (t topB) find(p probe) (out *block[itemB]) {
	q := asking.Get().(*block[itemB])
	q.fence = fence{str: textOf(p.bytes), row: p.row}
	t.tree.DescendLessOrEqual(topItemB{p.key, q}, func(x topItemB) bool {
		out = x.block
		return false
	})
	q.fence.str = ""
	asking.Put(q)
	return out
}

func (t topB) put(b *block[itemB])    { t.tree.ReplaceOrInsert(topItemB{b.fence.key, b}) }
func (t topB) remove(b *block[itemB]) { t.tree.Delete(topItemB{b.fence.key, b}) }
func (t topB) len() int               { return t.tree.Len() }
