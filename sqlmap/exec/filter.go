package exec

import (
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// filterSpec passes tuples on which the predicate is true.
type filterSpec struct {
	input spec
	pred  expr.Predicate
}

func (c *compiler) filter(n *plan.Filter) spec {
	in := c.node(n.Input)
	return &filterSpec{input: in, pred: c.predicate(n.Conds, positionsOf(in.layout()))}
}

func (s *filterSpec) layout() []plan.ColID { return s.input.layout() }
func (s *filterSpec) reserve(n int) int    { return s.input.reserve(n) }

func (s *filterSpec) start(x *execution, outer *expr.Env) operator {
	return &filterOp{spec: s, x: x, env: x.env(outer), input: s.input.start(x, outer)}
}

type filterOp struct {
	spec  *filterSpec
	x     *execution
	env   *expr.Env
	input operator
}

func (o *filterOp) open() error { return o.input.open() }
func (o *filterOp) close()      { o.input.close() }

func (o *filterOp) next(b *Batch) error {
	for {
		if err := o.input.next(b); err != nil || b.n == 0 {
			return err
		}
		kept := 0
		for i := range b.n {
			o.env.Row = b.Row(i)
			ok, err := o.spec.pred(o.env)
			if err != nil {
				return err
			}
			if ok {
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
