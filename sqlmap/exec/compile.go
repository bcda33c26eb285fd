package exec

import (
	"fmt"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// operator is one running operator. It is opened, asked for batches until one is empty, and closed; it may be opened
// again then, for another outer row.
type operator interface {
	open() error
	// next fills b. Tuples are good until the next call of next or close.
	next(b *Batch) error
	close()
}

// spec is the immutable form of an operator: what a plan is compiled to.
type spec interface {
	// layout returns the columns of the operator's tuples by position.
	layout() []plan.ColID
	// reserve makes the tuples n values wider, for the operator above to fill in, and returns the first new position.
	reserve(n int) int
	// start makes the running operator. outer is the environment of the enclosing query's row, nil at the top.
	start(x *execution, outer *expr.Env) operator
}

// shape is the layout and the width of a spec's tuples.
type shape struct {
	cols  []plan.ColID
	width int
}

func newShape(cols []plan.ColID) shape { return shape{cols: cols, width: len(cols)} }

func (s *shape) layout() []plan.ColID { return s.cols }

func (s *shape) reserve(n int) int {
	at := s.width
	s.width += n
	for range n {
		s.cols = append(s.cols, 0)
	}
	return at
}

// positions maps the columns of a tuple to positions.
type positions map[plan.ColID]int

func positionsOf(cols []plan.ColID) positions {
	p := make(positions, len(cols))
	for i, c := range cols {
		if _, dup := p[c]; c != 0 && !dup {
			p[c] = i
		}
	}
	return p
}

// compiler turns plan nodes into specs.
type compiler struct {
	subs   map[*plan.Query]*subquerySpec
	shared map[*plan.Shared]*sharedSpec
	// work is the recursive table whose step is being compiled.
	err error
}

func newCompiler() *compiler {
	return &compiler{subs: map[*plan.Query]*subquerySpec{}, shared: map[*plan.Shared]*sharedSpec{}}
}

func (c *compiler) fail(format string, args ...any) {
	if c.err == nil {
		c.err = sqlerr.New(sqlerr.Internal, fmt.Sprintf(format, args...))
	}
}

// node compiles a plan node.
func (c *compiler) node(n plan.Node) spec {
	switch n := n.(type) {
	case *plan.Scan:
		return c.scan(n)
	case *plan.Values:
		return c.values(n)
	case *plan.Filter:
		return c.filter(n)
	case *plan.Project:
		return c.project(n)
	case *plan.Join:
		return c.join(n)
	case *plan.Aggregate:
		return c.aggregate(n)
	case *plan.Window:
		return c.window(n)
	case *plan.Distinct:
		return c.distinct(n)
	case *plan.Sort:
		return c.sort(n)
	case *plan.Limit:
		return c.limit(n)
	case *plan.SetOp:
		return c.setOp(n)
	case *plan.CTEScan:
		return c.cteScan(n)
	case *plan.Lock:
		return c.lock(n)
	}
	c.fail("unknown plan node %T", n)
	return &valuesSpec{}
}

// bind puts positions in the place of columns and executable nodes in the place of subqueries.
func (c *compiler) bind(e expr.Expr, at positions) expr.Expr {
	if e == nil {
		return nil
	}
	return expr.Map(e, func(n expr.Expr) expr.Expr {
		switch n := n.(type) {
		case *expr.Column:
			if n.Depth != 0 {
				return n
			}
			p, ok := at[plan.ColID(n.Slot)]
			if !ok {
				c.fail("column %s (#%d) is not in the tuple", n.Name, n.Slot)
				return n
			}
			if p == n.Slot {
				return n
			}
			d := *n
			d.Slot = p
			return &d
		case *plan.Subquery:
			return c.subquery(n)
		case *plan.RowSubquery:
			return &rowSubquery{*c.subquery(&n.Subquery)}
		}
		return n
	})
}

func (c *compiler) bindAll(list []expr.Expr, at positions) []expr.Expr {
	out := make([]expr.Expr, len(list))
	for i, e := range list {
		out[i] = c.bind(e, at)
	}
	return out
}

// function compiles an expression over tuples.
func (c *compiler) function(e expr.Expr, at positions) expr.Func {
	return expr.Compile(c.bind(e, at))
}

// predicate compiles a conjunction; nil for an empty one.
func (c *compiler) predicate(list []expr.Expr, at positions) expr.Predicate {
	if len(list) == 0 {
		return nil
	}
	return expr.CompilePredicate(expr.JoinAnd(c.bindAll(list, at)))
}

// constant binds an expression that reads no tuple.
func (c *compiler) constant(e expr.Expr) expr.Expr { return c.bind(e, nil) }
