package exec

import (
	"bytes"

	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// distinctSpec drops tuples whose keys have been seen.
type distinctSpec struct {
	input  spec
	keys   []expr.Func
	types  []*expr.Type
	sorted bool
}

func (c *compiler) distinct(n *plan.Distinct) spec {
	in := c.node(n.Input)
	s := &distinctSpec{input: in, sorted: n.Sorted}
	at := positionsOf(in.layout())
	for _, e := range n.Keys {
		s.keys = append(s.keys, c.function(e, at))
		s.types = append(s.types, e.Type())
	}
	return s
}

func (s *distinctSpec) layout() []plan.ColID { return s.input.layout() }
func (s *distinctSpec) reserve(n int) int    { return s.input.reserve(n) }

func (s *distinctSpec) start(x *execution, outer *expr.Env) operator {
	return &distinctOp{spec: s, x: x, env: x.env(outer), input: s.input.start(x, outer), seen: keySet{x: x, what: "DISTINCT"}}
}

type distinctOp struct {
	spec  *distinctSpec
	x     *execution
	env   *expr.Env
	input operator
	seen  keySet
	key   []byte
	last  []byte
	some  bool
}

func (o *distinctOp) open() error {
	o.some = false
	return o.input.open()
}

func (o *distinctOp) close() {
	o.input.close()
	o.seen.free()
}

func (o *distinctOp) next(b *Batch) error {
	for {
		if err := o.input.next(b); err != nil || b.n == 0 {
			return err
		}
		kept := 0
		for i := range b.n {
			fresh, err := o.fresh(b, i)
			if err != nil {
				return err
			}
			if fresh {
				b.keep(kept, i)
				kept++
			}
		}
		if b.truncate(kept); kept > 0 {
			return nil
		}
		if err := o.x.poll(); err != nil {
			return err
		}
	}
}

// fresh reports whether the tuple's keys are new.
func (o *distinctOp) fresh(b *Batch, i int) (bool, error) {
	o.env.Row = b.Row(i)
	o.key = o.key[:0]
	for k, f := range o.spec.keys {
		v, err := f(o.env)
		if err != nil {
			return false, err
		}
		o.key = expr.AppendGroupKey(o.key, v, o.spec.types[k])
	}
	if o.spec.sorted {
		if o.some && bytes.Equal(o.key, o.last) {
			return false, nil
		}
		o.some, o.last = true, append(o.last[:0], o.key...)
		return true, nil
	}
	return o.seen.add(o.key)
}

// keySet is a set of keys that counts its memory.
type keySet struct {
	x    *execution
	what string
	set  map[string]struct{}
	held int64
}

// add puts a key in; fresh is false when it was there.
func (s *keySet) add(key []byte) (fresh bool, err error) {
	if _, ok := s.set[string(key)]; ok {
		return false, nil
	}
	if s.set == nil {
		s.set = map[string]struct{}{}
	}
	s.set[string(key)] = struct{}{}
	cost := entryBytes + int64(len(key))
	s.held += cost
	return true, s.x.memory.take(cost, s.what)
}

func (s *keySet) free() {
	s.x.memory.give(s.held)
	s.set, s.held = nil, 0
}
