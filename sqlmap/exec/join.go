package exec

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// join compiles a join by its method.
func (c *compiler) join(n *plan.Join) spec {
	left := c.node(n.Left)
	switch n.Method {
	case plan.LookupJoin:
		return c.lookupJoin(n, left)
	case plan.ApplyJoin:
		return c.applyJoin(n, left)
	case plan.HashJoin:
		if n.BuildLeft {
			return c.hashJoinBuildLeft(n, left)
		}
		return c.hashJoin(n, left)
	}
	return c.loopJoin(n, left)
}

// joinSpec is what all joins have: tuples of the left columns followed by the right ones, of the left columns alone for
// semi and anti joins.
type joinSpec struct {
	shape
	kind plan.JoinKind
	left spec
	// leftWidth and rightWidth are the widths of the input tuples.
	leftWidth, rightWidth int
	on                    expr.Predicate // over left and right columns; nil for true
}

// joinOver lays out a join. The combined tuple always has room for both sides: On reads both.
func (c *compiler) joinOver(n *plan.Join, left spec, right []plan.ColID) joinSpec {
	l := left.layout()
	both := append(append([]plan.ColID(nil), l...), right...)
	s := joinSpec{kind: n.Kind, left: left, leftWidth: len(l), rightWidth: len(right)}
	s.on = c.predicate(n.On, positionsOf(both))
	if n.Kind == plan.SemiJoin || n.Kind == plan.AntiJoin {
		for i := range right {
			both[len(l)+i] = 0
		}
	}
	s.shape = newShape(both)
	return s
}

// single reports whether a left tuple goes out at most once, without right columns.
func (s *joinSpec) single() bool { return s.kind == plan.SemiJoin || s.kind == plan.AntiJoin }

// offer judges the tuple that was added to b last, a left tuple beside a candidate, by the join's condition: it stays,
// or is dropped where it does not match or where a match keeps the left tuple from going out.
func (s *joinSpec) offer(b *Batch, dst []value.Value, env *expr.Env) (matched bool, err error) {
	if s.on != nil {
		env.Row = dst
		if ok, err := s.on(env); err != nil {
			return false, err
		} else if !ok {
			b.drop()
			return false, nil
		}
	}
	if s.kind == plan.AntiJoin {
		b.drop()
	}
	return true, nil
}

// pad adds a left tuple that found no match, where the join lets it out.
func (s *joinSpec) pad(b *Batch, left []value.Value) {
	if s.kind != plan.LeftJoin && s.kind != plan.AntiJoin {
		return
	}
	dst := b.grow()
	copy(dst, left)
	fillNulls(dst[s.leftWidth : s.leftWidth+s.rightWidth])
}

// leftSide walks the tuples of the left input. Output batches never mix tuples of two left batches: their strings are
// good until the next left batch only.
type leftSide struct {
	op    operator
	batch Batch
	at    int
}

func (l *leftSide) reset() { l.batch.n, l.at = 0, 0 }

// fetch makes sure that a left tuple is there; ok is false at the end.
func (l *leftSide) fetch() (ok bool, err error) {
	if l.at < l.batch.n {
		return true, nil
	}
	l.at = 0
	if err := l.op.next(&l.batch); err != nil {
		return false, err
	}
	return l.batch.n > 0, nil
}

func (l *leftSide) row() []value.Value { return l.batch.Row(l.at) }

// fillNulls makes the right columns of a tuple NULL.
func fillNulls(row []value.Value) {
	for i := range row {
		row[i] = value.Null
	}
}
