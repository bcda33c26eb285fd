package exec

import (
	"bytes"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// windowSpec computes window functions over input that is sorted by partition and order. Results go into the room
// reserved behind the input's tuples.
type windowSpec struct {
	shape
	input spec
	width int // values of a tuple that are kept
	part  []expr.Func
	types []*expr.Type
	calls []*expr.Window
	first int
}

func (c *compiler) window(n *plan.Window) spec {
	in := c.node(n.Input)
	cols := in.layout()
	s := &windowSpec{input: in, width: len(cols), first: len(cols)}
	at := positionsOf(cols)
	for _, p := range n.Items[0].Call.PartitionBy {
		s.part = append(s.part, c.function(p, at))
		s.types = append(s.types, p.Type())
	}
	out := append([]plan.ColID(nil), cols...)
	for _, it := range n.Items {
		s.calls = append(s.calls, c.bind(it.Call, at).(*expr.Window))
		out = append(out, it.ID)
	}
	s.shape = newShape(out)
	return s
}

func (s *windowSpec) start(x *execution, outer *expr.Env) operator {
	return &windowOp{spec: s, x: x, env: x.env(outer), input: s.input.start(x, outer)}
}

type windowOp struct {
	spec  *windowSpec
	x     *execution
	env   *expr.Env
	input operator
	store *rowStore
	outs  [][]value.Value // per call, a value per stored tuple
	held  int64
	at    int
}

func (o *windowOp) open() error {
	o.at = 0
	return nil
}

func (o *windowOp) close() {
	o.input.close()
	if o.store != nil {
		o.store.free()
		o.store = nil
	}
	o.x.memory.give(o.held)
	o.outs, o.held = nil, 0
}

func (o *windowOp) next(b *Batch) error {
	s := o.spec
	if o.store == nil {
		if err := o.compute(); err != nil {
			return err
		}
	}
	b.reset(s.shape.width)
	if err := o.x.poll(); err != nil {
		return err
	}
	for n := b.room(maxBatchRows); n > 0 && o.at < o.store.rows; n-- {
		row := b.grow()
		copy(row, o.store.row(o.at))
		for i := range o.outs {
			row[s.first+i] = o.outs[i][o.at]
		}
		o.at++
	}
	return nil
}

func (o *windowOp) compute() error {
	s := o.spec
	store, err := drain(o.x, o.input, s.width, "a window")
	if err != nil {
		return err
	}
	o.store = store
	o.held = int64(store.rows) * valueBytes * int64(len(s.calls)+1)
	if err := o.x.memory.take(o.held, "a window"); err != nil {
		return err
	}
	rows := make([][]value.Value, store.rows)
	for i := range rows {
		rows[i] = store.row(i)
	}
	o.outs = make([][]value.Value, len(s.calls))
	for i := range o.outs {
		o.outs[i] = make([]value.Value, len(rows))
	}
	for from := 0; from < len(rows); {
		to, err := o.partition(rows, from)
		if err != nil {
			return err
		}
		for i, w := range s.calls {
			if err := w.EvalPartition(o.env, rows[from:to], o.outs[i][from:to]); err != nil {
				return err
			}
		}
		if err := o.x.poll(); err != nil {
			return err
		}
		from = to
	}
	return nil
}

// partition returns the end of the partition that starts at from.
func (o *windowOp) partition(rows [][]value.Value, from int) (int, error) {
	if len(o.spec.part) == 0 {
		return len(rows), nil
	}
	first, err := o.key(nil, rows[from])
	if err != nil {
		return 0, err
	}
	var buf []byte
	for i := from + 1; i < len(rows); i++ {
		if buf, err = o.key(buf[:0], rows[i]); err != nil {
			return 0, err
		}
		if !bytes.Equal(buf, first) {
			return i, nil
		}
	}
	return len(rows), nil
}

func (o *windowOp) key(dst []byte, row []value.Value) ([]byte, error) {
	o.env.Row = row
	for i, f := range o.spec.part {
		v, err := f(o.env)
		if err != nil {
			return dst, err
		}
		dst = expr.AppendGroupKey(dst, v, o.spec.types[i])
	}
	return dst, nil
}
