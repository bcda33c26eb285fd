package exec

import (
	"cmp"
	"math"
	"slices"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// sortSpec orders tuples, all of them or with top those that come first.
type sortSpec struct {
	input  spec
	keys   []sortKey
	width  int // values of a tuple that are kept
	count  expr.Expr
	offset expr.Expr
}

// sortKey is a sort key: a position in the tuple, or a function of it whose value is kept behind the tuple.
type sortKey struct {
	pos  int
	f    expr.Func // nil when pos is in the tuple
	typ  *expr.Type
	desc bool
}

func (c *compiler) sort(n *plan.Sort) spec {
	in := c.node(n.Input)
	s := &sortSpec{input: in, width: len(in.layout())}
	s.keys = c.sortKeys(n.Keys, in.layout())
	if n.Top != nil {
		s.count, s.offset = c.constant(n.Top.Count), c.constant(n.Top.Offset)
	}
	return s
}

// sortKeys compiles keys over tuples; computed ones get positions behind the tuple.
func (c *compiler) sortKeys(list []plan.SortKey, cols []plan.ColID) []sortKey {
	at := positionsOf(cols)
	extra := len(cols)
	var keys []sortKey
	for _, k := range list {
		sk := sortKey{typ: k.Expr.Type(), desc: k.Desc, pos: -1}
		if col, ok := k.Expr.(*expr.Column); ok && col.Depth == 0 {
			if p, ok := at[plan.ColID(col.Slot)]; ok {
				sk.pos = p
			}
		}
		if sk.pos < 0 {
			sk.f, sk.pos = c.function(k.Expr, at), extra
			extra++
		}
		keys = append(keys, sk)
	}
	return keys
}

func (s *sortSpec) layout() []plan.ColID { return s.input.layout() }
func (s *sortSpec) reserve(n int) int    { return s.input.reserve(n) }

func (s *sortSpec) start(x *execution, outer *expr.Env) operator {
	return &sortOp{spec: s, x: x, env: x.env(outer), input: s.input.start(x, outer)}
}

// computed returns how many keys are kept behind the tuple.
func (s *sortSpec) computed() int {
	n := 0
	for i := range s.keys {
		if s.keys[i].f != nil {
			n++
		}
	}
	return n
}

type sortOp struct {
	spec     *sortSpec
	x        *execution
	env      *expr.Env
	input    operator
	store    *rowStore
	heap     *topHeap
	order    []sortRef
	prefixer prefixer
	at       int
	full     []value.Value
	done     bool
}

func (o *sortOp) open() error {
	o.at, o.done, o.order = 0, false, nil
	return nil
}

func (o *sortOp) close() {
	o.input.close()
	if o.store != nil {
		o.store.free()
		o.store = nil
	}
	if o.heap != nil {
		o.heap.free()
		o.heap = nil
	}
}

func (o *sortOp) next(b *Batch) error {
	if !o.done {
		o.done = true
		if err := o.sort(); err != nil {
			return err
		}
	}
	b.reset(len(o.spec.input.layout()))
	if err := o.x.poll(); err != nil {
		return err
	}
	for n := b.room(maxBatchRows); n > 0 && o.at < len(o.order); n-- {
		row := o.row(o.order[o.at].n)
		copy(b.grow(), row[:o.spec.width])
		o.at++
	}
	return nil
}

func (o *sortOp) row(i int32) []value.Value {
	if o.heap != nil {
		return o.heap.rows[i]
	}
	return o.store.row(int(i))
}

// maxTop is the largest number of rows that a heap keeps; beyond it everything is sorted.
const maxTop = 1 << 14

// top returns how many rows can be asked for; ok is false when that is no help.
func (o *sortOp) top() (n int, ok bool, err error) {
	if o.spec.count == nil {
		return 0, false, nil
	}
	count, err := limitValue(o.spec.count, o.env, math.MaxUint64)
	if err != nil {
		return 0, false, err
	}
	offset, err := limitValue(o.spec.offset, o.env, 0)
	if err != nil || count > maxTop || offset > maxTop || count+offset > maxTop {
		return 0, false, err
	}
	return int(count + offset), true, nil
}

func (o *sortOp) sort() error {
	s := o.spec
	width := s.width + s.computed()
	o.full = make([]value.Value, width)
	n, ok, err := o.top()
	if err != nil {
		return err
	}
	if ok {
		o.heap = newTopHeap(o.x, s.keys, n)
		if err := eachRow(o.x, o.input, o.env, func() error {
			if err := o.complete(); err != nil {
				return err
			}
			return o.heap.offer(o.full)
		}); err != nil {
			return err
		}
		for _, n := range o.heap.sorted() {
			o.order = append(o.order, sortRef{n: n})
		}
		return nil
	}
	o.store = newRowStore(o.x, width, "a sort")
	if err := eachRow(o.x, o.input, o.env, func() error {
		if err := o.complete(); err != nil {
			return err
		}
		_, err := o.store.add(o.full)
		return err
	}); err != nil {
		return err
	}
	if err := o.x.memory.take(int64(o.store.rows)*sortRefBytes, "a sort"); err != nil {
		return err
	}
	o.store.bytes += int64(o.store.rows) * sortRefBytes
	o.refs()
	return o.sortOrder()
}

// complete writes env's row and its computed keys to o.full.
func (o *sortOp) complete() error {
	copy(o.full, o.env.Row[:o.spec.width])
	for i := range o.spec.keys {
		if k := &o.spec.keys[i]; k.f != nil {
			v, err := k.f(o.env)
			if err != nil {
				return err
			}
			o.full[k.pos] = v
		}
	}
	return nil
}

// sortOrder sorts the stored tuples.
func (o *sortOp) sortOrder() error {
	compared := 0
	var stop error
	slices.SortFunc(o.order, func(a, b sortRef) int {
		if compared++; compared&4095 == 0 && stop == nil {
			stop = o.x.poll()
		}
		if stop != nil {
			return 0
		}
		return o.compareRefs(a, b)
	})
	return stop
}

// compareRows orders two completed tuples.
func compareRows(keys []sortKey, a, b []value.Value) int {
	for i := range keys {
		k := &keys[i]
		x, y := a[k.pos], b[k.pos]
		var c int
		if x.Kind() == value.KindInt && y.Kind() == value.KindInt {
			c = cmp.Compare(x.Int64(), y.Int64())
		} else {
			c = expr.CompareSort(x, y, k.typ)
		}
		if c != 0 {
			if k.desc {
				return -c
			}
			return c
		}
	}
	return 0
}

// topHeap keeps the n tuples that come first: a heap with the last of them at the root.
type topHeap struct {
	x     *execution
	keys  []sortKey
	n     int
	rows  [][]value.Value
	seq   []uint64 // order of arrival, which breaks ties
	heap  []int32
	count uint64
	held  int64
}

func newTopHeap(x *execution, keys []sortKey, n int) *topHeap {
	return &topHeap{x: x, keys: keys, n: n}
}

func (h *topHeap) free() { h.x.memory.give(h.held) }

func (h *topHeap) compare(a, b int32) int {
	if c := compareRows(h.keys, h.rows[a], h.rows[b]); c != 0 {
		return c
	}
	return cmp.Compare(h.seq[a], h.seq[b])
}

// offer takes a tuple if it is among the first n so far.
func (h *topHeap) offer(row []value.Value) error {
	h.count++
	if h.n == 0 {
		return nil
	}
	if len(h.rows) == h.n {
		root := h.heap[0]
		if compareRows(h.keys, row, h.rows[root]) >= 0 {
			return nil
		}
		h.set(root, row)
		h.down(0)
		return nil
	}
	cost := int64(len(row))*valueBytes + 32
	h.held += cost
	if err := h.x.memory.take(cost, "a sort"); err != nil {
		return err
	}
	h.rows = append(h.rows, make([]value.Value, len(row)))
	h.seq = append(h.seq, 0)
	i := int32(len(h.rows) - 1)
	h.set(i, row)
	h.heap = append(h.heap, i)
	h.up(len(h.heap) - 1)
	return nil
}

func (h *topHeap) set(i int32, row []value.Value) {
	for k, v := range row {
		h.rows[i][k] = v.Clone()
	}
	h.seq[i] = h.count
}

func (h *topHeap) up(i int) {
	for i > 0 {
		p := (i - 1) / 2
		if h.compare(h.heap[i], h.heap[p]) <= 0 {
			return
		}
		h.heap[i], h.heap[p] = h.heap[p], h.heap[i]
		i = p
	}
}

func (h *topHeap) down(i int) {
	for {
		c := 2*i + 1
		if c >= len(h.heap) {
			return
		}
		if c+1 < len(h.heap) && h.compare(h.heap[c+1], h.heap[c]) > 0 {
			c++
		}
		if h.compare(h.heap[c], h.heap[i]) <= 0 {
			return
		}
		h.heap[i], h.heap[c] = h.heap[c], h.heap[i]
		i = c
	}
}

// sorted returns the numbers of the kept tuples in order.
func (h *topHeap) sorted() []int32 {
	slices.SortFunc(h.heap, h.compare)
	return h.heap
}
