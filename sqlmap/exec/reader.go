package exec

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// readerSpec says how rows of a base table become tuples: which columns are decoded, and which conditions decide, on
// as few columns as they need and before any string is copied out of a page.
type readerSpec struct {
	shape
	table *engine.Table
	ords  []int // ordinal of each column of the tuple
	rowID int   // position of the row's id, or -1

	// The filter works on a tuple of its own: its columns, decoded in place.
	filterOrds []int
	filtered   []int // per column of the tuple: its position in the filter's tuple, or -1
	pred       expr.Predicate
	// tests are the conditions that are decided on the bytes of a row, texts those on one column of strings; generic are
	// the others.
	tests   []testSpec
	texts   []textSpec
	generic expr.Predicate
}

// textSpec is a condition on a column of strings.
type textSpec struct {
	ord  int
	test *expr.TextTest
}

// textTest is a textSpec with its constants.
type textTest struct {
	ord   int
	match func(s string) bool
}

func (c *compiler) reader(n *plan.Scan) *readerSpec {
	s := &readerSpec{shape: newShape(n.Produces()), rowID: -1}
	t, ok := n.Table.(*engine.Table)
	if !ok {
		c.fail("table %s is not the engine's", n.Name)
		return s
	}
	s.table = t
	for i, id := range s.cols {
		if id == n.RowID {
			s.rowID = i
			s.ords = append(s.ords, -1)
			continue
		}
		s.ords = append(s.ords, n.Ord(id))
	}
	c.readerFilter(s, n)
	return s
}

func (c *compiler) readerFilter(s *readerSpec, n *plan.Scan) {
	at := positions{}
	for _, e := range n.Filter {
		expr.Columns(e, func(depth, slot int) {
			id := plan.ColID(slot)
			if depth != 0 {
				return
			}
			if _, have := at[id]; !have {
				at[id] = len(s.filterOrds)
				s.filterOrds = append(s.filterOrds, n.Ord(id))
			}
		})
	}
	s.filtered = make([]int, len(s.cols))
	for i, id := range s.cols {
		s.filtered[i] = -1
		if p, ok := at[id]; ok {
			s.filtered[i] = p
		}
	}
	if len(n.Filter) == 0 {
		return
	}
	s.pred = c.predicate(n.Filter, at)
	// Some tests are worth their preparation when the whole table is read.
	whole := n.Access.Kind != plan.IndexScan
	var rest []expr.Expr
	for _, e := range n.Filter {
		if list, ok := c.tests(e, n, s.table, whole); ok {
			s.tests = append(s.tests, list...)
			continue
		}
		if whole {
			if t := expr.NewTextTest(e); t != nil {
				s.texts = append(s.texts, textSpec{n.Ord(plan.ColID(t.Slot)), t})
				continue
			}
		}
		rest = append(rest, e)
	}
	if len(rest) < len(n.Filter) {
		s.generic = c.predicate(rest, at)
	}
}

// reader reads rows for one execution.
type reader struct {
	spec   *readerSpec
	env    *expr.Env // of the filter
	row    []value.Value
	layout *row.Layout
	tests  []test
	texts  []textTest
	pred   expr.Predicate // what the tests leave of the filter, or nil
}

func (s *readerSpec) start(x *execution, outer *expr.Env) *reader {
	return &reader{spec: s, env: x.env(outer), row: make([]value.Value, len(s.filterOrds)), layout: s.table.Layout()}
}

// open prepares the filter: constants are evaluated once.
func (r *reader) open() {
	s := r.spec
	r.tests, r.texts, r.pred = r.tests[:0], r.texts[:0], s.generic
	if len(s.tests)+len(s.texts) == 0 || !r.resolve() {
		r.tests, r.texts, r.pred = r.tests[:0], r.texts[:0], s.pred
	}
}

// resolve evaluates the constants of the tests; it is false when one of them is for the predicate to see.
func (r *reader) resolve() bool {
	for i := range r.spec.tests {
		t, ok := r.spec.tests[i].resolve(r.env)
		if !ok {
			return false
		}
		r.tests = append(r.tests, t)
	}
	for _, t := range r.spec.texts {
		match, ok := t.test.Resolve(r.env)
		if !ok {
			return false
		}
		r.texts = append(r.texts, textTest{t.ord, match})
	}
	return true
}

// accept reports whether the row passes the filter.
func (r *reader) accept(v *row.Row) (bool, error) {
	if len(r.tests) > 0 {
		if v.Layout != r.layout {
			return r.judge(v, r.spec.pred)
		}
		for i := range r.tests {
			if !r.tests[i].passes(v.Data) {
				return false, nil
			}
		}
	}
	for i := range r.texts {
		if s, ok := v.Text(r.texts[i].ord); !ok || !r.texts[i].match(s) {
			return false, v.Err()
		}
	}
	if r.pred == nil {
		return true, nil
	}
	return r.judge(v, r.pred)
}

// judge reports whether the row passes a predicate on the filter's columns.
func (r *reader) judge(v *row.Row, pred expr.Predicate) (bool, error) {
	for i, ord := range r.spec.filterOrds {
		r.row[i] = v.Col(ord)
	}
	if err := v.Err(); err != nil {
		return false, err
	}
	r.env.Row = r.row
	return pred(r.env)
}

// emit writes the row's columns to dst; strings are copied into the arena.
func (r *reader) emit(id heap.RowID, v *row.Row, dst []value.Value, a *arena) error {
	s := r.spec
	for i, ord := range s.ords {
		if ord < 0 {
			dst[i] = value.Uint(uint64(id))
			continue
		}
		dst[i] = a.detach(v.Col(ord))
	}
	return v.Err()
}

// decode writes the row's columns to dst without copying strings.
func (r *reader) decode(id heap.RowID, v *row.Row, dst []value.Value) error {
	for i, ord := range r.spec.ords {
		if ord < 0 {
			dst[i] = value.Uint(uint64(id))
			continue
		}
		dst[i] = v.Col(ord)
	}
	return v.Err()
}
