package exec

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// setSpec combines inputs column by column.
type setSpec struct {
	shape
	kind   plan.SetKind
	all    bool
	inputs []setInput
	types  []*expr.Type
}

// setInput is an operand and the positions of its columns.
type setInput struct {
	spec spec
	at   []int
}

func (c *compiler) setOp(n *plan.SetOp) spec {
	s := &setSpec{shape: newShape(n.Cols), kind: n.Kind, all: n.All, types: n.Typ}
	for i, in := range n.In {
		op := setInput{spec: c.node(in)}
		pos := positionsOf(op.spec.layout())
		for _, id := range n.From[i] {
			p, ok := pos[id]
			if !ok {
				c.fail("column #%d of a set operation is missing", id)
			}
			op.at = append(op.at, p)
		}
		s.inputs = append(s.inputs, op)
	}
	return s
}

func (s *setSpec) start(x *execution, outer *expr.Env) operator {
	o := &setOpOp{spec: s, x: x, seen: keySet{x: x, what: "a set operation"}}
	for _, in := range s.inputs {
		o.inputs = append(o.inputs, in.spec.start(x, outer))
	}
	return o
}

type setOpOp struct {
	spec   *setSpec
	x      *execution
	inputs []operator
	at     int // the input that is read
	opened bool
	batch  Batch
	seen   keySet
	counts map[string]int // of the right input's rows
	held   int64
	key    []byte
}

func (o *setOpOp) open() error {
	o.at, o.opened = 0, false
	return nil
}

func (o *setOpOp) close() {
	for _, in := range o.inputs {
		in.close()
	}
	o.seen.free()
	o.x.memory.give(o.held)
	o.counts, o.held = nil, 0
}

func (o *setOpOp) next(b *Batch) error {
	if o.spec.kind != plan.Union && o.counts == nil {
		if err := o.count(); err != nil {
			return err
		}
	}
	last := len(o.inputs)
	if o.spec.kind != plan.Union {
		last = 1
	}
	b.reset(o.spec.width)
	for o.at < last {
		in := o.inputs[o.at]
		if !o.opened {
			if err := in.open(); err != nil {
				return err
			}
			o.opened = true
		}
		o.batch.want = b.want
		if err := in.next(&o.batch); err != nil {
			return err
		}
		if o.batch.n == 0 {
			in.close()
			o.at, o.opened = o.at+1, false
			continue
		}
		if err := o.take(b); err != nil {
			return err
		}
		if b.n > 0 {
			return nil
		}
		if err := o.x.poll(); err != nil {
			return err
		}
	}
	return nil
}

// take passes those tuples of the input batch that belong to the result.
func (o *setOpOp) take(b *Batch) error {
	s := o.spec
	at := s.inputs[o.at].at
	for i := range o.batch.n {
		src := o.batch.Row(i)
		if s.kind != plan.Union || !s.all {
			keep, err := o.keeps(src, at)
			if err != nil {
				return err
			}
			if !keep {
				continue
			}
		}
		dst := b.grow()
		for k, p := range at {
			dst[k] = src[p]
		}
	}
	return nil
}

func (o *setOpOp) encode(row []value.Value, at []int) {
	o.key = o.key[:0]
	for k, p := range at {
		o.key = expr.AppendGroupKey(o.key, row[p], o.spec.types[k])
	}
}

func (o *setOpOp) keeps(row []value.Value, at []int) (bool, error) {
	s := o.spec
	o.encode(row, at)
	switch s.kind {
	case plan.Except:
		if n := o.counts[string(o.key)]; n > 0 {
			if s.all {
				o.counts[string(o.key)] = n - 1
			}
			return false, nil
		}
		if s.all {
			return true, nil
		}
	case plan.Intersect:
		n := o.counts[string(o.key)]
		if n == 0 {
			return false, nil
		}
		if s.all {
			o.counts[string(o.key)] = n - 1
			return true, nil
		}
	}
	return o.seen.add(o.key)
}

// count reads the right input of EXCEPT and INTERSECT.
func (o *setOpOp) count() error {
	o.counts = map[string]int{}
	env := o.x.env(nil)
	return eachRow(o.x, o.inputs[1], env, func() error {
		o.encode(env.Row, o.spec.inputs[1].at)
		n, ok := o.counts[string(o.key)]
		o.counts[string(o.key)] = n + 1
		if ok {
			return nil
		}
		cost := entryBytes + int64(len(o.key))
		o.held += cost
		return o.x.memory.take(cost, "a set operation")
	})
}
