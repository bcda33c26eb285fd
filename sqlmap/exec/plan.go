package exec

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// DefaultMemoryLimit bounds what one execution keeps in sorts, hash tables and materialised inputs.
const DefaultMemoryLimit = 1 << 30

// Runtime is what one execution runs on. The caller has begun the statement on Tx.
type Runtime struct {
	Tx          *engine.Tx
	Run         *expr.Run // Run.Ctx is the context of the execution; Open replaces it by one that carries its state
	MemoryLimit int64     // bytes; 0 is DefaultMemoryLimit
	// Spare is the closed Rows of an earlier execution, whose memory Open takes over when it fits; may be nil.
	Spare *Rows
}

// Plan is an executable plan. It is immutable.
type Plan struct {
	query *plan.Query
	out   setInput
	point *Point
}

// Compile plans and prepares a query expression.
func Compile(stmt sqlparser.SelectStatement, c *plan.Context) (*Plan, error) {
	q, err := plan.Select(stmt, c)
	if err != nil {
		return nil, err
	}
	return Prepare(q)
}

// Prepare makes an executable plan of a query.
func Prepare(q *plan.Query) (*Plan, error) {
	c := newCompiler()
	p := &Plan{query: q, out: c.picked(q.Root, q.Output)}
	if q.Point != nil {
		p.point = c.point(p)
	}
	return p, c.err
}

// Query returns the plan's description: tables, EXPLAIN text, whether it locks.
func (p *Plan) Query() *plan.Query { return p.query }

// Columns describes the result columns.
func (p *Plan) Columns() []plan.ResultColumn { return p.query.Columns }

// Open starts an execution. The Rows must be closed.
func (p *Plan) Open(rt *Runtime) (*Rows, error) { return openRows(rt, &p.out, p.query.CalcFoundRows) }

// Point returns the direct form of a plan that reads at most one row by a full unique key, or nil.
func (p *Plan) Point() *Point { return p.point }

// Rows is one execution.
type Rows struct {
	x      *execution
	op     operator
	in     *setInput
	direct bool // the operator's tuples are the result's
	batch  Batch
	found  uint64
	limit  *limitOp // that counts all rows
	closed bool
}

func openRows(rt *Runtime, in *setInput, countAll bool) (*Rows, error) {
	r := rt.Spare
	if r != nil && r.closed && r.in == in && r.x.run == rt.Run && rerunnable(in.spec) {
		r.x.begin(rt)
		r.found, r.closed = 0, false
	} else {
		x := newExecution(rt)
		r = &Rows{x: x, in: in, op: in.spec.start(x, nil)}
		r.direct = len(in.at) == len(in.spec.layout())
		for i, p := range in.at {
			r.direct = r.direct && i == p
		}
	}
	r.limit = nil
	if countAll {
		r.limit = countingLimit(r.op)
	}
	if err := r.op.open(); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// rerunnable reports whether the operators of a spec keep nothing from one execution that the next must not see, and little
// memory.
func rerunnable(s spec) bool {
	switch s := s.(type) {
	case *scanSpec:
		return true
	case *projectSpec:
		return rerunnable(s.input)
	case *filterSpec:
		return rerunnable(s.input)
	case *limitSpec:
		return rerunnable(s.input)
	}
	return false
}

// countingLimit finds the LIMIT that counts what it does not pass.
func countingLimit(op operator) *limitOp {
	for {
		switch o := op.(type) {
		case *limitOp:
			if o.spec.countAll {
				return o
			}
			return nil
		case *projectOp:
			op = o.input
		default:
			return nil
		}
	}
}

// Next fills b with result rows; b is empty at the end.
func (r *Rows) Next(b *Batch) error {
	if r.closed {
		b.reset(len(r.in.at))
		return nil
	}
	if r.direct {
		if err := r.op.next(b); err != nil {
			return err
		}
		r.found += uint64(b.n)
		return nil
	}
	r.batch.want = b.want
	if err := r.op.next(&r.batch); err != nil {
		return err
	}
	b.reset(len(r.in.at))
	for i := range r.batch.n {
		src, dst := r.batch.Row(i), b.grow()
		for k, p := range r.in.at {
			dst[k] = src[p]
		}
	}
	r.found += uint64(b.n)
	return nil
}

// FoundRows returns FOUND_ROWS(): the rows returned so far, or with SQL_CALC_FOUND_ROWS those there would be without
// LIMIT (known at the end).
func (r *Rows) FoundRows() uint64 {
	if r.limit != nil {
		return r.limit.found
	}
	return r.found
}

// Close ends the execution. It may be called twice.
func (r *Rows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.op.close()
	r.batch.Recycle()
}
