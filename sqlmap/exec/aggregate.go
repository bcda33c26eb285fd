package exec

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// aggregateSpec groups tuples. A tuple of the result has the group keys, then the aggregates, then GROUPING().
type aggregateSpec struct {
	shape
	input  spec
	method plan.AggMethod
	rollup bool
	groups []expr.Func
	types  []*expr.Type
	aggs   []aggSpec
	masks  []plan.GroupingItem
	// count is set for the count of a whole table.
	count *scanSpec
	// scan is set when the input is a scan: its rows are aggregated in place, without batches.
	scan   *scanSpec
	kernel *kernelSpec
}

// aggSpec is one aggregate, or with call nil the value of an expression in some row of the group.
type aggSpec struct {
	call    *expr.Aggregate
	any     expr.Func
	growing bool // its memory grows with the rows
}

func (c *compiler) aggregate(n *plan.Aggregate) spec {
	in := c.node(n.Input)
	s := &aggregateSpec{shape: newShape(n.Produces()), input: in, method: n.Method, rollup: n.Rollup, masks: n.Grouping}
	at := positionsOf(in.layout())
	for _, g := range n.Groups {
		s.groups = append(s.groups, c.function(g.Expr, at))
		s.types = append(s.types, g.Expr.Type())
	}
	for i := range n.Aggs {
		a := &n.Aggs[i]
		if a.Call == nil {
			s.aggs = append(s.aggs, aggSpec{any: c.function(a.Any, at)})
			continue
		}
		call := c.bind(a.Call, at).(*expr.Aggregate)
		s.aggs = append(s.aggs, aggSpec{call: call, growing: call.Distinct || grows(call.Name)})
	}
	scan, _ := in.(*scanSpec)
	if scan != nil && scan.table != nil {
		s.scan = scan
		if n.CountOnly {
			s.count = scan
		}
		if len(s.groups) == 0 {
			s.kernel = c.kernel(n, scan)
		}
	}
	return s
}

func grows(name string) bool {
	switch name {
	case "group_concat", "json_arrayagg", "json_objectagg":
		return true
	}
	return false
}

func (s *aggregateSpec) start(x *execution, outer *expr.Env) operator {
	switch {
	case s.count != nil:
		return &countOp{spec: s, x: x}
	case s.method == plan.StreamAggregate:
		return newStreamOp(s, x, outer)
	}
	o := &groupOp{spec: s, x: x, env: x.env(outer), input: s.input.start(x, outer)}
	return o
}

// group is the accumulators of one group.
type group struct {
	accs []expr.Accumulator
	anys []value.Value
}

// groupBytes is a guess at what a group takes beside its key and what its accumulators report.
const groupBytes = 160

func (s *aggregateSpec) newGroup(x *execution, env *expr.Env, rowThere bool) (*group, error) {
	g := &group{accs: make([]expr.Accumulator, len(s.aggs))}
	for i := range s.aggs {
		if s.aggs[i].call != nil {
			g.accs[i] = s.aggs[i].call.NewAccumulator()
		}
	}
	if rowThere {
		if err := s.takeAny(g, env); err != nil {
			return nil, err
		}
	}
	return g, x.memory.take(groupBytes*int64(1+len(s.aggs)), "grouping")
}

// takeAny keeps the values of the columns that are taken from some row.
func (s *aggregateSpec) takeAny(g *group, env *expr.Env) error {
	for i := range s.aggs {
		if s.aggs[i].call != nil {
			continue
		}
		if g.anys == nil {
			g.anys = make([]value.Value, len(s.aggs))
		}
		v, err := s.aggs[i].any(env)
		if err != nil {
			return err
		}
		g.anys[i] = v.Clone()
	}
	return nil
}

// add takes env's row into the group.
func (s *aggregateSpec) add(x *execution, g *group, env *expr.Env) error {
	for i, a := range g.accs {
		if a == nil {
			continue
		}
		if !s.aggs[i].growing {
			if err := a.Add(env); err != nil {
				return err
			}
			continue
		}
		before := a.Memory()
		if err := a.Add(env); err != nil {
			return err
		}
		if err := x.memory.take(int64(a.Memory()-before), "grouping"); err != nil {
			return err
		}
	}
	return nil
}

// results writes the aggregates of a group behind the keys.
func (s *aggregateSpec) results(g *group, env *expr.Env, dst []value.Value) error {
	for i, a := range g.accs {
		if a == nil {
			dst[i] = value.Null
			if g.anys != nil {
				dst[i] = g.anys[i]
			}
			continue
		}
		v, err := a.Result(env)
		if err != nil {
			return err
		}
		dst[i] = v
	}
	return nil
}

// countOp answers COUNT(*) of a table from the engine.
type countOp struct {
	spec *aggregateSpec
	x    *execution
	done bool
}

func (o *countOp) open() error {
	o.done = false
	return nil
}

func (o *countOp) close() {}

func (o *countOp) next(b *Batch) error {
	b.reset(o.spec.width)
	if o.done {
		return nil
	}
	o.done = true
	n, err := o.x.tx.Count(o.x.ctx, o.spec.count.table)
	if err != nil {
		return err
	}
	row := b.grow()
	for i := range o.spec.aggs {
		row[i] = value.Int(n)
	}
	return nil
}
