package exec

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// TargetPlan is the executable row-finding half of an UPDATE or DELETE. It is immutable.
type TargetPlan struct {
	targets *plan.Targets
	out     setInput
	point   *PointTarget
}

// PrepareTargets makes an executable plan of targets. Subqueries in their assignments can be evaluated afterwards.
func PrepareTargets(t *plan.Targets) (*TargetPlan, error) {
	c := newCompiler()
	p := &TargetPlan{targets: t, out: c.picked(t.Query.Root, t.Query.Output)}
	for i := range t.Set {
		c.prepare(t.Set[i].Value)
	}
	for i := range t.Checks {
		c.prepare(t.Checks[i].Expr)
	}
	for _, e := range t.Returning {
		c.prepare(e)
	}
	if t.Query.Point != nil {
		p.point = c.pointTarget(t)
	}
	return p, c.err
}

// prepare makes the subqueries of an expression over tuples executable in place.
func (c *compiler) prepare(e expr.Expr) {
	expr.Walk(e, func(n expr.Expr) bool {
		switch n := n.(type) {
		case *plan.Subquery:
			n.Prepare(c.subquery(n))
		case *plan.RowSubquery:
			n.Prepare(&rowSubquery{*c.subquery(&n.Subquery)})
		}
		return true
	})
}

// Targets returns the description: target tables, positions in the tuple, assignments.
func (p *TargetPlan) Targets() *plan.Targets { return p.targets }

// Open starts an execution. Every row that comes out is locked and its columns are those of the newest version.
func (p *TargetPlan) Open(rt *Runtime) (*Rows, error) { return openRows(rt, &p.out, false) }

// PointTarget is set when the statement finds at most one row by a full unique key of its only table.
func (p *TargetPlan) PointTarget() *PointTarget { return p.point }

// PointTarget finds and locks the one row without operators.
type PointTarget struct {
	plan   *TargetPlan
	table  *engine.Table
	index  *engine.Index
	ranges rangeSpec
	need   []int
	spec   engine.LockSpec
	filter expr.Predicate // all conditions, over the tuple
	loose  bool
}

// Fits is Point.Fits.
func (p *PointTarget) Fits(rt *Runtime) bool { return !p.loose || p.ranges.fits(rt) }

func (c *compiler) pointTarget(t *plan.Targets) *PointTarget {
	d := t.Query.Point
	tab, ok := d.Table.(*engine.Table)
	if !ok {
		return nil
	}
	p := &PointTarget{table: tab, index: tab.Index(d.Index), ranges: c.pointKey(tab, d), need: d.Need}
	p.loose = p.ranges.loose()
	p.spec = engine.LockSpec{S: t.Tables[0].S, X: t.Tables[0].X}
	p.plan = &TargetPlan{targets: t, out: c.picked(t.Query.Root, t.Query.Output)}
	if d.Filter != nil {
		p.filter = expr.CompilePredicate(d.Filter)
	}
	return p
}

// Get finds, locks and reads the row. tuple has the row's columns by ordinal, then its id; it aliases the state.
func (p *PointTarget) Get(rt *Runtime, st *PointState) (id heap.RowID, tuple []value.Value, ok bool, err error) {
	st.env.Run, st.env.Row = rt.Run, nil
	key, ok, wide, err := p.ranges.key(&st.env, st.key[:0])
	st.key = key
	if err != nil || !ok && !wide {
		return 0, nil, false, err
	}
	if wide {
		return p.fallback(rt, st)
	}
	before := rt.Tx.Mark()
	id, res, err := rt.Tx.GetLocked(rt.Run.Context(), p.index, key, p.spec, &st.row)
	if err != nil || res != engine.Locked {
		return 0, nil, false, err
	}
	locked := rt.Tx.Mark()
	st.cols = st.cols[:0]
	for _, ord := range p.need {
		st.cols = append(st.cols, st.row.Col(ord))
	}
	st.cols = append(st.cols, value.Uint(uint64(id)))
	if err := st.row.Err(); err != nil {
		return 0, nil, false, err
	}
	if p.filter != nil {
		st.env.Row = st.cols
		if ok, err = p.filter(&st.env); err != nil || !ok {
			if err == nil {
				rt.Tx.Unlock(before, locked)
			}
			return 0, nil, false, err
		}
	}
	return id, st.cols, true, nil
}

// fallback runs the ordinary plan: a constant has no place in the order of its column.
func (p *PointTarget) fallback(rt *Runtime, st *PointState) (heap.RowID, []value.Value, bool, error) {
	rows, err := p.plan.Open(rt)
	if err != nil {
		return 0, nil, false, err
	}
	defer rows.Close()
	if err := rows.Next(&st.batch); err != nil || st.batch.n == 0 {
		return 0, nil, false, err
	}
	st.cols = st.cols[:0]
	for _, v := range st.batch.Row(0) {
		st.cols = append(st.cols, v.Clone())
	}
	return heap.RowID(st.cols[p.plan.targets.Tables[0].RowID].Uint64()), st.cols, true, nil
}
