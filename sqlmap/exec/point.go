package exec

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// Point is a point select: encode the key, look it up, decode the columns. It is immutable.
type Point struct {
	plan   *Plan
	table  *engine.Table
	index  *engine.Index
	ranges rangeSpec
	need   []int
	filter expr.Predicate
	exprs  []expr.Func
	direct []int
	plain  bool // no filter, no expressions
	loose  bool // a parameter might make the key match several rows, see Fits
}

// PointState is the memory that executions of a Point reuse: one per prepared statement.
type PointState struct {
	row    row.Row
	key    []value.Value
	cols   []value.Value
	env    expr.Env
	reader engine.PointReader
	batch  Batch // of a fallback execution
}

func (c *compiler) point(p *Plan) *Point {
	d := p.query.Point
	t, ok := d.Table.(*engine.Table)
	if !ok {
		return nil
	}
	out := &Point{plan: p, table: t, index: t.Index(d.Index), need: d.Need, direct: d.Direct, plain: d.AllDirect}
	out.ranges = c.pointKey(t, d)
	out.loose = out.ranges.loose()
	if d.Filter != nil {
		out.filter = expr.CompilePredicate(d.Filter)
	}
	if !d.AllDirect {
		for _, e := range d.Exprs {
			out.exprs = append(out.exprs, expr.Compile(e))
		}
	}
	return out
}

func (c *compiler) pointKey(t *engine.Table, d *plan.PointSelect) rangeSpec {
	def := t.Def()
	r := rangeSpec{equal: true, full: true, unique: true}
	for i, k := range d.Key {
		ord := def.ColumnByID(def.Indexes[d.Index].Parts[i].Column)
		r.parts = append(r.parts, partSpec{
			column: column{&def.Columns[ord].Type},
			domain: domain{op: plan.DomainEqual, cmp: d.Cmp[i], funcs: []expr.Func{expr.Compile(k)}},
		})
	}
	return r
}

// Fits reports whether the parameters make this a point select: a number compared with a character column equals every
// string that starts with it. When it is false the plan has to be opened like any other.
func (p *Point) Fits(rt *Runtime) bool { return !p.loose || p.ranges.fits(rt) }

// loose reports whether a part of the key is characters that a parameter of any class is compared with.
func (r *rangeSpec) loose() bool {
	for i := range r.parts {
		p := &r.parts[i]
		if p.domain.cmp.Domain == expr.DomainDynamic && p.typ.IsCharacter() {
			return true
		}
	}
	return false
}

// fits reports whether the values for characters are no numbers. Errors are for whoever evaluates the key.
func (r *rangeSpec) fits(rt *Runtime) bool {
	env := expr.Env{Run: rt.Run}
	for i := range r.parts {
		p := &r.parts[i]
		if p.domain.cmp.Domain != expr.DomainDynamic || !p.typ.IsCharacter() {
			continue
		}
		v, err := p.domain.funcs[0](&env)
		if err != nil {
			return true
		}
		switch v.Kind() {
		case value.KindNull, value.KindString, value.KindBytes, value.KindEnum, value.KindSet, value.KindJSON:
		default:
			return false
		}
	}
	return true
}

// Get appends the result row to dst; ok is false when there is none. Strings alias the state until its next use.
func (p *Point) Get(rt *Runtime, st *PointState, dst []value.Value) (out []value.Value, ok bool, err error) {
	ok, wide, err := p.encode(rt.Run, st)
	if err != nil || !ok && !wide {
		return dst, false, err
	}
	if wide {
		return p.fallback(rt, st, dst)
	}
	_, ok, err = rt.Tx.Get(rt.Run.Context(), p.index, st.key, &st.row)
	if err != nil || !ok {
		return dst, false, err
	}
	return p.result(st, dst)
}

// GetAlone is Get for a statement that is a transaction of its own: it needs none, for a point read answers from the
// newest visible state without locks and without a snapshot (engine.DB.Get). done is false when the parameters make it
// another plan's work: nothing was read then.
func (p *Point) GetAlone(run *expr.Run, st *PointState, dst []value.Value) (out []value.Value, ok, done bool, err error) {
	if p.loose && !p.ranges.fits(&Runtime{Run: run}) {
		return dst, false, false, nil
	}
	ok, wide, err := p.encode(run, st)
	if wide && err == nil {
		return dst, false, false, nil
	}
	if ok && err == nil {
		_, ok, err = st.reader.Get(p.index, st.key, &st.row)
	}
	if err != nil || !ok {
		return dst, false, true, err
	}
	out, ok, err = p.result(st, dst)
	return out, ok, true, err
}

// Plain reports whether the result is columns of the row with the key: no expression is evaluated and no condition tested
// besides.
func (p *Point) Plain() bool { return p.plain }

// encode evaluates the key. Neither ok nor wide: no row has it.
func (p *Point) encode(run *expr.Run, st *PointState) (ok, wide bool, err error) {
	st.env.Run, st.env.Row = run, nil
	st.key, ok, wide, err = p.ranges.key(&st.env, st.key[:0])
	return ok, wide, err
}

// result appends the result columns of the row that was found, if it passes the filter.
func (p *Point) result(st *PointState, dst []value.Value) (out []value.Value, ok bool, err error) {
	if p.plain {
		for _, ord := range p.direct {
			dst = append(dst, st.row.Col(ord))
		}
		return dst, true, st.row.Err()
	}
	st.cols = st.cols[:0]
	for _, ord := range p.need {
		st.cols = append(st.cols, st.row.Col(ord))
	}
	if err := st.row.Err(); err != nil {
		return dst, false, err
	}
	st.env.Row = st.cols
	if p.filter != nil {
		if ok, err = p.filter(&st.env); err != nil || !ok {
			return dst, false, err
		}
	}
	for _, f := range p.exprs {
		v, err := f(&st.env)
		if err != nil {
			return dst, false, err
		}
		dst = append(dst, v)
	}
	return dst, true, nil
}

// fallback runs the ordinary plan: a constant has no place in the order of its column.
func (p *Point) fallback(rt *Runtime, st *PointState, dst []value.Value) ([]value.Value, bool, error) {
	rows, err := p.plan.Open(rt)
	if err != nil {
		return dst, false, err
	}
	defer rows.Close()
	if err := rows.Next(&st.batch); err != nil || st.batch.n == 0 {
		return dst, false, err
	}
	for _, v := range st.batch.Row(0) {
		dst = append(dst, v.Clone())
	}
	return dst, true, nil
}
