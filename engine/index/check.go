package index

import "fmt"

// maxProblems bounds what a Check reports.
const maxProblems = 100

func (t *tree[T]) Check() []error {
	s := t.lock.RLock()
	defer t.lock.RUnlock(s)
	var bad []error
	report := func(format string, args ...any) {
		if len(bad) < maxProblems {
			bad = append(bad, fmt.Errorf("index: "+format, args...))
		}
	}
	n, leaves, keyUnits := 0, 0, int64(0)
	var prev *leaf[T]
	for l := t.head; l != nil; prev, l = l, l.next {
		leaves++
		n += len(l.items)
		if l.prev != prev {
			report("leaf %d: broken back link", leaves)
		}
		if len(l.items) == 0 && t.nl > 1 || len(l.items) > leafCap {
			report("leaf %d: %d items", leaves, len(l.items))
		}
		keyUnits += t.checkLeaf(l, prev, leaves, report)
	}
	if t.tail != prev {
		report("the last leaf is not the tail")
	}
	if n != t.n || leaves != t.nl {
		report("%d items counted as %d, %d leaves as %d", n, t.n, leaves, t.nl)
	}
	t.checkBlocks(report)
	if a := t.ord.store(); a != nil && a.live != keyUnits {
		report("keys use %d units of the arena, counted as %d", keyUnits, a.live)
	}
	return bad
}

// checkLeaf checks order and fences of l behind prev and returns the arena units of its keys.
func (t *tree[T]) checkLeaf(l, prev *leaf[T], no int, report func(string, ...any)) (units int64) {
	for i := range l.items {
		k, _ := t.ord.key(l, i, nil)
		p, _ := t.ord.probe(k, t.ord.row(l.items[i]))
		if n := len(p.bytes); n > prefixLen {
			_, u := class(n)
			units += int64(u)
		}
		// In order strictly: each item is found where it is.
		if pos, found := t.ord.search(l, p); pos != i || !found {
			report("leaf %d: item %d is not where it belongs", no, i)
		}
		if found := t.dir.find(p); found != l {
			report("leaf %d: the directory does not lead to item %d", no, i)
		}
	}
	if prev != nil {
		if i := t.dir.position(l); i < 0 || l.block.leaves[i] != l {
			report("leaf %d: fence missing", no)
		}
		sp := probe{key: l.fence.key, bytes: []byte(l.fence.str), row: l.fence.row}
		if pos, _ := t.ord.search(l, sp); pos != 0 {
			report("leaf %d: fence above the first item", no)
		}
		if pos, _ := t.ord.search(prev, sp); pos != len(prev.items) {
			report("leaf %d: fence not above the leaf before", no)
		}
	}
	return units
}

// checkBlocks checks that blocks partition the leaves.
func (t *tree[T]) checkBlocks(report func(string, ...any)) {
	blocks := 0
	for l := t.head; l != nil; {
		b := l.block
		blocks++
		if len(b.leaves) == 0 || len(b.leaves) > blockCap || len(b.leaves) != len(b.marks) {
			report("block %d: %d leaves, %d marks", blocks, len(b.leaves), len(b.marks))
			return
		}
		p := probe{b.fence.key, []byte(b.fence.str), b.fence.row}
		if b.fence != b.leaves[0].fence {
			report("block %d: its fence is not that of its first leaf", blocks)
		}
		if t.dir.blocks > 1 && t.dir.top.find(p) != b {
			report("block %d: the tree does not lead to it", blocks)
		}
		for _, m := range b.leaves {
			if m != l || l.block != b {
				report("block %d: leaves out of order", blocks)
				return
			}
			l = l.next
		}
	}
	if blocks != t.dir.blocks || t.dir.top.len() != blocks {
		report("%d blocks counted as %d, %d in the tree", blocks, t.dir.blocks, t.dir.top.len())
	}
}

func (h *hash) Check() []error {
	c := h.lock.RLock()
	defer h.lock.RUnlock(c)
	var bad []error
	report := func(format string, args ...any) {
		if len(bad) < maxProblems {
			bad = append(bad, fmt.Errorf("index: "+format, args...))
		}
	}
	n, segs, sets, keyUnits := 0, 0, 0, int64(0)
	h.eachSegment(0, func(g *segment, _ uint64) bool {
		segs++
		live := 0
		for _, s := range g.slots {
			if s.row == 0 {
				continue
			}
			live++
			k, _ := h.keyOf(s, nil)
			if u := len(k.Bytes); u > 0 {
				_, units := class(u)
				keyUnits += int64(units)
			}
			if x, _ := h.hashOf(k); x != s.hash {
				report("segment %d: wrong hash of row %d", segs, s.row)
			} else if p := h.lookup(x, k, s.row); p.g != g {
				report("segment %d: row %d cannot be found", segs, s.row)
			}
			if s.row != spilled {
				continue
			}
			if set := h.sets[s.key]; set == nil || set.len() == 0 {
				report("segment %d: a mark without a set", segs)
			} else {
				sets++
				n += set.len() - 1
				bad = append(bad, set.check()...)
			}
		}
		if live != g.n {
			report("segment %d: %d entries counted as %d", segs, live, g.n)
		}
		n += live
		return true
	})
	if n != h.n || segs != h.segs || sets != len(h.sets) {
		report("%d entries counted as %d, %d segments as %d, %d sets as %d", n, h.n, segs, h.segs, sets, len(h.sets))
	}
	if keyUnits != h.arena.live {
		report("keys use %d units of the arena, counted as %d", keyUnits, h.arena.live)
	}
	return bad
}
