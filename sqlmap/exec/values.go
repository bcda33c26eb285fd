package exec

import (
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// valuesSpec yields rows of constant expressions.
type valuesSpec struct {
	shape
	rows [][]expr.Func
}

func (c *compiler) values(n *plan.Values) spec {
	s := &valuesSpec{shape: newShape(n.Cols)}
	for _, row := range n.Rows {
		fs := make([]expr.Func, len(row))
		for i, e := range row {
			fs[i] = c.function(e, nil)
		}
		s.rows = append(s.rows, fs)
	}
	return s
}

func (s *valuesSpec) start(x *execution, outer *expr.Env) operator {
	return &valuesOp{spec: s, x: x, env: x.env(outer)}
}

type valuesOp struct {
	spec *valuesSpec
	x    *execution
	env  *expr.Env
	at   int
}

func (o *valuesOp) open() error {
	o.at = 0
	return nil
}

func (o *valuesOp) close() {}

func (o *valuesOp) next(b *Batch) error {
	b.reset(o.spec.width)
	if err := o.x.poll(); err != nil {
		return err
	}
	for n := b.room(maxBatchRows); n > 0 && o.at < len(o.spec.rows); n-- {
		row := b.grow()
		for i, f := range o.spec.rows[o.at] {
			v, err := f(o.env)
			if err != nil {
				return err
			}
			row[i] = v
		}
		o.at++
	}
	return nil
}
