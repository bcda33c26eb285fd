package exec

import (
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// projectSpec adds computed columns in the room that it reserved in its input's tuples. Items are computed in order, so
// that one may read an earlier one.
type projectSpec struct {
	shape
	input spec
	first int
	items []expr.Func
}

func (c *compiler) project(n *plan.Project) spec {
	in := c.node(n.Input)
	s := &projectSpec{input: in}
	s.first = in.reserve(len(n.Items))
	s.cols = append([]plan.ColID(nil), in.layout()...)
	for i, it := range n.Items {
		s.items = append(s.items, c.function(it.Expr, positionsOf(s.cols)))
		s.cols[s.first+i] = it.ID
	}
	return s
}

func (s *projectSpec) reserve(n int) int {
	at := s.input.reserve(n)
	for len(s.cols) < at+n {
		s.cols = append(s.cols, 0)
	}
	return at
}

func (s *projectSpec) start(x *execution, outer *expr.Env) operator {
	return &projectOp{spec: s, env: x.env(outer), input: s.input.start(x, outer)}
}

type projectOp struct {
	spec  *projectSpec
	env   *expr.Env
	input operator
}

func (o *projectOp) open() error { return o.input.open() }
func (o *projectOp) close()      { o.input.close() }

func (o *projectOp) next(b *Batch) error {
	if err := o.input.next(b); err != nil {
		return err
	}
	s := o.spec
	for i := range b.n {
		row := b.Row(i)
		o.env.Row = row
		for k, f := range s.items {
			v, err := f(o.env)
			if err != nil {
				return err
			}
			row[s.first+k] = v
		}
	}
	return nil
}
