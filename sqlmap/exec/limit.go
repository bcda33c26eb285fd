package exec

import (
	"math"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// limitSpec passes some tuples after skipping some.
type limitSpec struct {
	input         spec
	count, offset expr.Expr
	countAll      bool
}

func (c *compiler) limit(n *plan.Limit) spec {
	return &limitSpec{
		input: c.node(n.Input), count: c.constant(n.Count), offset: c.constant(n.Offset), countAll: n.CountAll,
	}
}

func (s *limitSpec) layout() []plan.ColID { return s.input.layout() }
func (s *limitSpec) reserve(n int) int    { return s.input.reserve(n) }

func (s *limitSpec) start(x *execution, outer *expr.Env) operator {
	return &limitOp{spec: s, env: x.env(outer), input: s.input.start(x, outer)}
}

type limitOp struct {
	spec  *limitSpec
	env   *expr.Env
	input operator
	skip  uint64
	left  uint64
	// found counts all input tuples.
	found uint64
	done  bool
}

func (o *limitOp) open() error {
	var err error
	if o.left, err = limitValue(o.spec.count, o.env, math.MaxUint64); err != nil {
		return err
	}
	if o.skip, err = limitValue(o.spec.offset, o.env, 0); err != nil {
		return err
	}
	o.found, o.done = 0, o.left == 0 && !o.spec.countAll
	if o.done {
		return nil
	}
	return o.input.open()
}

func (o *limitOp) close() { o.input.close() }

// limitValue evaluates an operand of LIMIT. A parameter bound to NULL counts as 0, as in MySQL: nothing passes, or nothing
// is skipped.
func limitValue(e expr.Expr, env *expr.Env, none uint64) (uint64, error) {
	if e == nil {
		return none, nil
	}
	v, err := e.Eval(env)
	if err != nil {
		return 0, err
	}
	switch v.Kind() {
	case value.KindInt:
		if v.Int64() >= 0 {
			return uint64(v.Int64()), nil
		}
	case value.KindUint:
		return v.Uint64(), nil
	case value.KindNull:
		return 0, nil
	default:
		if u, cut := v.AsUint(); !cut {
			return u, nil
		}
	}
	return 0, sqlerr.New(sqlerr.WrongArguments, "LIMIT")
}

func (o *limitOp) next(b *Batch) error {
	want := b.want
	defer func() { b.want = want }()
	for {
		if o.done {
			b.reset(0)
			return nil
		}
		b.want = o.wanted(want)
		if err := o.input.next(b); err != nil {
			return err
		}
		if b.n == 0 {
			o.done = true
			return nil
		}
		o.found += uint64(b.n)
		if o.skip > 0 {
			n := min(o.skip, uint64(b.n))
			b.skip(int(n))
			o.skip -= n
		}
		if uint64(b.n) > o.left {
			b.truncate(int(o.left))
		}
		o.left -= uint64(b.n)
		o.done = o.left == 0 && !o.spec.countAll
		if b.n > 0 {
			return nil
		}
	}
}

// wanted returns how many input tuples can still matter.
func (o *limitOp) wanted(want int) int {
	if o.spec.countAll {
		return 0
	}
	n := o.left
	if want > 0 {
		n = min(n, uint64(want))
	}
	if n > maxBatchRows || o.skip > maxBatchRows {
		return 0
	}
	return int(n + o.skip)
}
