package exec

import (
	"math"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// hashSpec keeps the right tuples in a hash table by the keys and looks each left tuple up. The order of the left input
// is kept.
type hashSpec struct {
	joinSpec
	right spec
	probe keySpec // over left tuples
	build keySpec // over right tuples
}

func (c *compiler) hashJoin(n *plan.Join, left spec) spec {
	right := c.node(n.Right)
	s := &hashSpec{joinSpec: c.joinOver(n, left, right.layout()), right: right}
	s.probe = c.hashKeys(n.Keys, positionsOf(left.layout()), true)
	s.build = c.hashKeys(n.Keys, positionsOf(right.layout()), false)
	return s
}

// keySpec computes the key of a tuple.
type keySpec struct {
	funcs    []expr.Func
	cmp      []expr.Comparison
	nullSafe []bool
	ints     bool // one key, compared as integers
}

func (c *compiler) hashKeys(keys []plan.HashKey, at positions, left bool) keySpec {
	var s keySpec
	for _, k := range keys {
		e := k.Right
		if left {
			e = k.Left
		}
		s.funcs = append(s.funcs, c.function(e, at))
		s.cmp = append(s.cmp, k.Cmp)
		s.nullSafe = append(s.nullSafe, k.NullSafe)
	}
	s.ints = len(keys) == 1 && !keys[0].NullSafe && keys[0].Cmp.Domain == expr.DomainInt
	return s
}

// intKey is the key of an integer: values from math.MaxInt64+1 on are told from negative ones.
type intKey struct {
	n    uint64
	high bool
}

// key computes the key of env's row. ok is false when a NULL makes the tuple match nothing.
func (s *keySpec) key(env *expr.Env, buf []byte) (key []byte, ok bool, err error) {
	for i, f := range s.funcs {
		v, err := f(env)
		if err != nil {
			return buf, false, err
		}
		if v.IsNull() {
			if !s.nullSafe[i] {
				return buf, false, nil
			}
			buf = append(buf, 0)
			continue
		}
		buf = append(buf, 1)
		if buf, ok, err = s.cmp[i].AppendKey(env, buf, v); err != nil || !ok {
			return buf, false, err
		}
	}
	return buf, true, nil
}

// intKey is key for a single integer; plain is false when the value is none, so that its key is in bytes.
func (s *keySpec) intKey(v value.Value) (k intKey, plain bool) {
	switch v.Kind() {
	case value.KindInt:
		return intKey{n: uint64(v.Int64())}, true
	case value.KindUint, value.KindBit:
		u := v.Raw64()
		return intKey{n: u, high: u > math.MaxInt64}, true
	}
	return k, false
}

// hashTable finds tuples of a store by key. Tuples with the same key are chained in the order they came.
type hashTable struct {
	store  *rowStore
	ints   map[intKey]chain
	bytes  map[string]chain
	follow []int32 // next tuple of the same key, plus one; 0 at the end
	held   int64
	buf    []byte
}

// chain is the first and last tuple of a key, each plus one.
type chain struct{ first, last int32 }

// entryBytes is a guess at what an entry of a Go map costs.
const entryBytes = 64

func newHashTable(x *execution, width int) *hashTable {
	return &hashTable{store: newRowStore(x, width, "a hash join"), ints: map[intKey]chain{}, bytes: map[string]chain{}}
}

func (h *hashTable) free() {
	h.store.x.memory.give(h.held)
	h.store.free()
}

// add puts a tuple in, whose key is computed in env.
func (h *hashTable) add(s *keySpec, env *expr.Env, row []value.Value) error {
	env.Row = row
	if s.ints {
		v, err := s.funcs[0](env)
		if err != nil || v.IsNull() {
			return err
		}
		if k, plain := s.intKey(v); plain {
			at, err := h.keep(row, entryBytes)
			if err != nil {
				return err
			}
			c := h.ints[k]
			h.link(&c, at)
			h.ints[k] = c
			return nil
		}
	}
	buf, ok, err := s.key(env, h.buf[:0])
	h.buf = buf
	if err != nil || !ok {
		return err
	}
	at, err := h.keep(row, entryBytes+int64(len(buf)))
	if err != nil {
		return err
	}
	c := h.bytes[string(buf)]
	h.link(&c, at)
	h.bytes[string(buf)] = c
	return nil
}

func (h *hashTable) keep(row []value.Value, extra int64) (int32, error) {
	at, err := h.store.add(row[:h.store.width])
	if err != nil {
		return 0, err
	}
	h.follow = append(h.follow, 0)
	h.held += extra
	return int32(at), h.store.x.memory.take(extra, h.store.what)
}

func (h *hashTable) link(c *chain, at int32) {
	if c.first == 0 {
		c.first = at + 1
	} else {
		h.follow[c.last-1] = at + 1
	}
	c.last = at + 1
}

// find returns the first tuple, plus one, with the key that s computes in env; 0 when there is none.
func (h *hashTable) find(s *keySpec, env *expr.Env) (int32, error) {
	if s.ints {
		v, err := s.funcs[0](env)
		if err != nil || v.IsNull() {
			return 0, err
		}
		if k, plain := s.intKey(v); plain {
			return h.ints[k].first, nil
		}
	}
	buf, ok, err := s.key(env, h.buf[:0])
	h.buf = buf
	if err != nil || !ok {
		return 0, err
	}
	return h.bytes[string(buf)].first, nil
}

// fill reads all tuples of an operator into the table.
func (h *hashTable) fill(x *execution, op operator, s *keySpec, env *expr.Env) error {
	if err := op.open(); err != nil {
		return err
	}
	defer op.close()
	var b Batch
	for {
		if err := op.next(&b); err != nil || b.n == 0 {
			return err
		}
		for i := range b.n {
			if err := h.add(s, env, b.Row(i)); err != nil {
				return err
			}
		}
		if err := x.poll(); err != nil {
			return err
		}
	}
}

func (s *hashSpec) start(x *execution, outer *expr.Env) operator {
	return &hashOp{
		spec: s, x: x, left: leftSide{op: s.left.start(x, outer)}, right: s.right.start(x, outer),
		env: x.env(outer), keyEnv: x.env(outer),
	}
}

type hashOp struct {
	spec    *hashSpec
	x       *execution
	left    leftSide
	right   operator
	env     *expr.Env
	keyEnv  *expr.Env
	table   *hashTable
	match   int32 // next candidate of the current left tuple, plus one
	active  bool
	matched bool
}

func (o *hashOp) open() error {
	o.left.reset()
	o.active = false
	return o.left.op.open()
}

func (o *hashOp) close() {
	o.left.op.close()
	if o.table != nil {
		o.table.free()
		o.table = nil
	}
}

func (o *hashOp) next(b *Batch) error {
	b.reset(o.spec.width)
	full := b.room(maxBatchRows)
	for {
		ok, err := o.left.fetch()
		if err != nil || !ok {
			return err
		}
		if o.table == nil {
			o.table = newHashTable(o.x, o.spec.rightWidth)
			if err := o.table.fill(o.x, o.right, &o.spec.build, o.keyEnv); err != nil {
				return err
			}
		}
		for o.left.at < o.left.batch.n {
			if err := o.pair(b, full); err != nil || b.n >= full {
				return err
			}
		}
		if b.n > 0 {
			return nil
		}
	}
}

func (o *hashOp) pair(b *Batch, full int) error {
	s := o.spec
	left := o.left.row()
	if !o.active {
		o.keyEnv.Row = left
		m, err := o.table.find(&s.probe, o.keyEnv)
		if err != nil {
			return err
		}
		o.match, o.active, o.matched = m, true, false
	}
	for o.match != 0 {
		if b.n >= full {
			return nil
		}
		at := int(o.match - 1)
		o.match = o.table.follow[at]
		dst := b.grow()
		copy(dst, left)
		copy(dst[s.leftWidth:], o.table.store.row(at))
		matched, err := s.offer(b, dst, o.env)
		if err != nil {
			return err
		}
		if !matched {
			continue
		}
		o.matched = true
		if s.single() {
			break
		}
	}
	if !o.matched {
		s.pad(b, left)
	}
	o.left.at++
	o.active = false
	return nil
}

// buildLeftSpec is an inner hash join that keeps the left tuples and streams the right ones. It does not keep the left
// order.
type buildLeftSpec struct {
	joinSpec
	right spec
	probe keySpec // over right tuples
	build keySpec // over left tuples
}

func (c *compiler) hashJoinBuildLeft(n *plan.Join, left spec) spec {
	right := c.node(n.Right)
	s := &buildLeftSpec{joinSpec: c.joinOver(n, left, right.layout()), right: right}
	s.probe = c.hashKeys(n.Keys, positionsOf(right.layout()), false)
	s.build = c.hashKeys(n.Keys, positionsOf(left.layout()), true)
	return s
}

func (s *buildLeftSpec) start(x *execution, outer *expr.Env) operator {
	return &buildLeftOp{
		spec: s, x: x, left: s.left.start(x, outer), right: leftSide{op: s.right.start(x, outer)},
		env: x.env(outer), keyEnv: x.env(outer),
	}
}

type buildLeftOp struct {
	spec   *buildLeftSpec
	x      *execution
	left   operator
	right  leftSide // streams
	env    *expr.Env
	keyEnv *expr.Env
	table  *hashTable
	match  int32
	active bool
}

func (o *buildLeftOp) open() error {
	o.right.reset()
	o.active = false
	o.table = newHashTable(o.x, o.spec.leftWidth)
	if err := o.table.fill(o.x, o.left, &o.spec.build, o.keyEnv); err != nil {
		return err
	}
	if o.table.store.rows == 0 {
		return nil
	}
	return o.right.op.open()
}

func (o *buildLeftOp) close() {
	o.right.op.close()
	if o.table != nil {
		o.table.free()
		o.table = nil
	}
}

func (o *buildLeftOp) next(b *Batch) error {
	b.reset(o.spec.width)
	if o.table.store.rows == 0 {
		return nil
	}
	full := b.room(maxBatchRows)
	for {
		ok, err := o.right.fetch()
		if err != nil || !ok {
			return err
		}
		for o.right.at < o.right.batch.n {
			if err := o.pair(b, full); err != nil || b.n >= full {
				return err
			}
		}
		if b.n > 0 {
			return nil
		}
	}
}

func (o *buildLeftOp) pair(b *Batch, full int) error {
	s := o.spec
	right := o.right.row()
	if !o.active {
		o.keyEnv.Row = right
		m, err := o.table.find(&s.probe, o.keyEnv)
		if err != nil {
			return err
		}
		o.match, o.active = m, true
	}
	for o.match != 0 {
		if b.n >= full {
			return nil
		}
		at := int(o.match - 1)
		o.match = o.table.follow[at]
		dst := b.grow()
		copy(dst, o.table.store.row(at))
		copy(dst[s.leftWidth:], right[:s.rightWidth])
		if _, err := s.offer(b, dst, o.env); err != nil {
			return err
		}
	}
	o.right.at++
	o.active = false
	return nil
}
