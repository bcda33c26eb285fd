package exec

import (
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// loopSpec compares each left tuple with every right one. The right tuples are read once and kept.
type loopSpec struct {
	joinSpec
	right spec
}

func (c *compiler) loopJoin(n *plan.Join, left spec) spec {
	right := c.node(n.Right)
	return &loopSpec{joinSpec: c.joinOver(n, left, right.layout()), right: right}
}

func (s *loopSpec) start(x *execution, outer *expr.Env) operator {
	return &loopOp{
		spec: s, x: x, left: leftSide{op: s.left.start(x, outer)}, right: s.right.start(x, outer), env: x.env(outer),
	}
}

type loopOp struct {
	spec    *loopSpec
	x       *execution
	left    leftSide
	right   operator
	env     *expr.Env
	store   *rowStore // right tuples; nil until they are read
	at      int       // next right tuple for the current left one
	matched bool
}

func (o *loopOp) open() error {
	o.left.reset()
	o.at, o.matched = 0, false
	return o.left.op.open()
}

func (o *loopOp) close() {
	o.left.op.close()
	if o.store != nil {
		o.store.free()
		o.store = nil
	}
}

func (o *loopOp) next(b *Batch) error {
	b.reset(o.spec.width)
	full := b.room(maxBatchRows)
	for {
		ok, err := o.left.fetch()
		if err != nil || !ok {
			return err
		}
		if o.store == nil {
			if o.store, err = drain(o.x, o.right, o.spec.rightWidth, "a join"); err != nil {
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

// pair adds matches of the current left tuple until b is full or there are no more.
func (o *loopOp) pair(b *Batch, full int) error {
	s := o.spec
	left := o.left.row()
	for o.at < o.store.rows {
		if b.n >= full {
			return nil
		}
		if o.at&1023 == 0 {
			if err := o.x.poll(); err != nil {
				return err
			}
		}
		dst := b.grow()
		copy(dst, left)
		copy(dst[s.leftWidth:], o.store.row(o.at))
		o.at++
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
	o.at, o.matched = 0, false
	return nil
}

// drain opens an operator, keeps all its tuples and closes it. width is how many values of each tuple are kept.
func drain(x *execution, op operator, width int, what string) (*rowStore, error) {
	store := newRowStore(x, width, what)
	if err := op.open(); err != nil {
		return nil, err
	}
	defer op.close()
	var b Batch
	for {
		if err := op.next(&b); err != nil {
			store.free()
			return nil, err
		}
		if b.n == 0 {
			return store, nil
		}
		for i := range b.n {
			if _, err := store.add(b.Row(i)[:width]); err != nil {
				store.free()
				return nil, err
			}
		}
		if err := x.poll(); err != nil {
			store.free()
			return nil, err
		}
	}
}
