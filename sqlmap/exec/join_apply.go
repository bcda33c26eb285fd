package exec

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// applySpec runs the right side once for each left tuple, whose columns it reads as its enclosing row (LATERAL).
type applySpec struct {
	joinSpec
	right spec
	args  []expr.Func // over left tuples
}

func (c *compiler) applyJoin(n *plan.Join, left spec) spec {
	right := c.node(n.Right)
	s := &applySpec{joinSpec: c.joinOver(n, left, right.layout()), right: right}
	at := positionsOf(left.layout())
	for _, a := range n.Args {
		s.args = append(s.args, c.function(a, at))
	}
	return s
}

func (s *applySpec) start(x *execution, outer *expr.Env) operator {
	o := &applyOp{spec: s, x: x, left: leftSide{op: s.left.start(x, outer)}, env: x.env(outer), args: x.env(nil)}
	o.args.Row = make([]value.Value, len(s.args))
	o.right = s.right.start(x, o.args)
	return o
}

type applyOp struct {
	spec    *applySpec
	x       *execution
	left    leftSide
	right   operator
	env     *expr.Env
	args    *expr.Env // the enclosing row of the right side
	batch   Batch
	active  bool
	matched bool
}

func (o *applyOp) open() error {
	o.left.reset()
	o.active = false
	return o.left.op.open()
}

func (o *applyOp) close() {
	o.right.close()
	o.left.op.close()
}

// next yields the matches of one left tuple and one right batch at a time, as the strings of both have to stay.
func (o *applyOp) next(b *Batch) error {
	b.reset(o.spec.width)
	for {
		ok, err := o.left.fetch()
		if err != nil || !ok {
			return err
		}
		if !o.active {
			if err := o.begin(); err != nil {
				return err
			}
		}
		if err := o.right.next(&o.batch); err != nil {
			return err
		}
		more, err := o.pairs(b)
		if err != nil {
			return err
		}
		if !more {
			o.finish(b)
		}
		if b.n > 0 {
			return nil
		}
		if err := o.x.poll(); err != nil {
			return err
		}
	}
}

func (o *applyOp) begin() error {
	o.env.Row = o.left.row()
	for i, f := range o.spec.args {
		v, err := f(o.env)
		if err != nil {
			return err
		}
		o.args.Row[i] = v
	}
	o.active, o.matched = true, false
	return o.right.open()
}

// pairs joins the left tuple with the right batch; more is false when the left tuple is done with.
func (o *applyOp) pairs(b *Batch) (more bool, err error) {
	s := o.spec
	left := o.left.row()
	for i := range o.batch.n {
		dst := b.grow()
		copy(dst, left)
		copy(dst[s.leftWidth:], o.batch.Row(i)[:s.rightWidth])
		matched, err := s.offer(b, dst, o.env)
		if err != nil {
			return false, err
		}
		if !matched {
			continue
		}
		o.matched = true
		if s.single() {
			return false, nil
		}
	}
	return o.batch.n > 0, nil
}

func (o *applyOp) finish(b *Batch) {
	if !o.matched {
		o.spec.pad(b, o.left.row())
	}
	o.right.close()
	o.active = false
	o.left.at++
}
