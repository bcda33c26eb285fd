package exec

import (
	"math"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// sharedSpec computes a common table expression that several scans read.
type sharedSpec struct {
	name          string
	seed          setInput
	step          setInput // spec nil: not recursive
	types         []*expr.Type
	distinct      bool
	limit, offset expr.Expr
}

// sharedRows is a computed common table expression. While its recursion runs, [from, to) is the previous round.
type sharedRows struct {
	store    *rowStore
	from, to int
}

func (c *compiler) sharedOf(s *plan.Shared) *sharedSpec {
	if spec, ok := c.shared[s]; ok {
		return spec
	}
	spec := &sharedSpec{name: s.Name, types: s.Typ, distinct: s.Distinct, limit: c.constant(s.Limit), offset: c.constant(s.Offset)}
	c.shared[s] = spec
	spec.seed = c.picked(s.Plan, s.From)
	if s.Step != nil {
		spec.step = c.picked(s.Step, s.StepFrom)
	}
	return spec
}

// picked compiles a node of which some columns are wanted, in order.
func (c *compiler) picked(n plan.Node, cols []plan.ColID) setInput {
	in := setInput{spec: c.node(n)}
	at := positionsOf(in.spec.layout())
	for _, id := range cols {
		p, ok := at[id]
		if !ok {
			c.fail("column #%d is missing in the result", id)
		}
		in.at = append(in.at, p)
	}
	return in
}

// sharedRowsOf computes the rows on first use.
func (x *execution) sharedRowsOf(s *sharedSpec) (*sharedRows, error) {
	if r, ok := x.shared[s]; ok {
		return r, nil
	}
	r := &sharedRows{store: newRowStore(x, len(s.seed.at), "a common table expression")}
	if x.shared == nil {
		x.shared = map[*sharedSpec]*sharedRows{}
	}
	x.shared[s] = r
	if err := r.compute(x, s); err != nil {
		delete(x.shared, s)
		return nil, err
	}
	return r, nil
}

func (r *sharedRows) compute(x *execution, s *sharedSpec) error {
	env := x.env(nil)
	most, err := limitValue(s.limit, env, math.MaxInt)
	if err != nil {
		return err
	}
	skip, err := limitValue(s.offset, env, 0)
	if err != nil {
		return err
	}
	stopAt := int(min(most, math.MaxInt32)) + int(min(skip, math.MaxInt32))
	seen := keySet{x: x, what: "a recursive query"}
	defer seen.free()
	if err := r.round(x, s, &s.seed, s.seed.spec.start(x, nil), &seen, stopAt); err != nil {
		return err
	}
	if s.step.spec == nil {
		r.to = r.store.rows
		return nil
	}
	limit := recursionLimit(x.run.Session)
	step := s.step.spec.start(x, nil)
	r.to = r.store.rows
	for rounds := 1; r.from < r.to && r.store.rows < stopAt; rounds++ {
		if rounds > limit {
			return sqlerr.New(sqlerr.RecursionLimit, rounds)
		}
		if err := r.round(x, s, &s.step, step, &seen, stopAt); err != nil {
			return err
		}
		r.from, r.to = r.to, r.store.rows
	}
	r.from, r.to = min(int(skip), r.store.rows), min(stopAt, r.store.rows)
	return nil
}

// round adds the rows of one part.
func (r *sharedRows) round(x *execution, s *sharedSpec, in *setInput, op operator, seen *keySet, stopAt int) error {
	env := x.env(nil)
	row := make([]value.Value, len(in.at))
	var key []byte
	err := eachRow(x, op, env, func() error {
		for i, p := range in.at {
			row[i] = env.Row[p]
		}
		if s.distinct {
			key = key[:0]
			for i, v := range row {
				key = expr.AppendGroupKey(key, v, s.types[i])
			}
			if fresh, err := seen.add(key); err != nil || !fresh {
				return err
			}
		}
		if _, err := r.store.add(row); err != nil {
			return err
		}
		if s.step.spec != nil && r.store.rows >= stopAt {
			return errStop
		}
		return nil
	})
	if err == errStop {
		return nil
	}
	return err
}

// defaultRecursionLimit is MySQL's default of cte_max_recursion_depth.
const defaultRecursionLimit = 1000

func recursionLimit(s *expr.SessionState) int {
	if s != nil && s.SysVar != nil {
		if v, err := s.SysVar("", "cte_max_recursion_depth"); err == nil && !v.IsNull() {
			if n, _ := v.AsInt(); n >= 0 {
				return int(min(n, math.MaxInt32))
			}
		}
	}
	return defaultRecursionLimit
}

// cteSpec reads a common table expression, or in a recursion the rows of the previous round.
type cteSpec struct {
	shape
	shared  *sharedSpec
	at      []int
	working bool
}

func (c *compiler) cteScan(n *plan.CTEScan) spec {
	s := &cteSpec{shape: newShape(n.Produces()), shared: c.sharedOf(n.Shared), working: n.Working}
	for i := range n.Cols {
		if n.Need == nil || n.Need[i] {
			s.at = append(s.at, i)
		}
	}
	return s
}

func (s *cteSpec) start(x *execution, _ *expr.Env) operator { return &cteOp{spec: s, x: x} }

type cteOp struct {
	spec     *cteSpec
	x        *execution
	rows     *sharedRows
	next0    int
	end      int
	prepared bool
}

func (o *cteOp) open() error {
	o.prepared = false
	return nil
}

func (o *cteOp) close() {}

func (o *cteOp) next(b *Batch) error {
	b.reset(o.spec.width)
	if !o.prepared {
		rows, err := o.x.sharedRowsOf(o.spec.shared)
		if err != nil {
			return err
		}
		o.rows, o.next0, o.end, o.prepared = rows, rows.from, rows.to, true
	}
	if err := o.x.poll(); err != nil {
		return err
	}
	for n := b.room(maxBatchRows); n > 0 && o.next0 < o.end; n-- {
		src := o.rows.store.row(o.next0)
		dst := b.grow()
		for i, p := range o.spec.at {
			dst[i] = src[p]
		}
		o.next0++
	}
	return nil
}
