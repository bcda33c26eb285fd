package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// FindTargets plans the row-finding half of an UPDATE or DELETE.
func FindTargets(spec *TargetSpec, c *Context) (*Targets, error) {
	b := newBuilder(c)
	b.locking = true
	t := &targetBuilder{b: b, blk: &block{b: b, top: true}, spec: spec, out: &Targets{}, at: map[*scopeTable]int{}}
	return t.build()
}

type targetBuilder struct {
	b      *builder
	blk    *block
	spec   *TargetSpec
	out    *Targets
	tables []*scopeTable
	at     map[*scopeTable]int
	values []expr.Expr // of the assignments
}

func (t *targetBuilder) verb() string {
	if t.spec.Set == nil {
		return "DELETE"
	}
	return "UPDATE"
}

func (t *targetBuilder) build() (*Targets, error) {
	blk, spec := t.blk, t.spec
	if spec.With != nil {
		env, err := t.b.with(spec.With, nil, blk)
		if err != nil {
			return nil, err
		}
		blk.ctes = env
	}
	rel, err := blk.from(spec.From, nil)
	if err != nil {
		return nil, err
	}
	blk.rel = rel
	where := rel.node
	if spec.Where != nil && spec.Where.Expr != nil {
		e, err := expr.Bind(spec.Where.Expr, blk.scopeOf(inWhere))
		if err != nil {
			return nil, err
		}
		where = &Filter{unary: unary{where}, Conds: expr.SplitAnd(e)}
	}
	if err := t.findTables(); err != nil {
		return nil, err
	}
	if len(rel.tables) > 1 && (spec.OrderBy != nil || spec.Limit != nil) {
		what := "ORDER BY"
		if spec.OrderBy == nil {
			what = "LIMIT"
		}
		return nil, sqlerr.New(sqlerr.WrongUsage, t.verb(), what)
	}
	order, err := blk.bindOrder(spec.OrderBy, true)
	if err != nil {
		return nil, err
	}
	limit, err := blk.bindLimit(spec.Limit)
	if err != nil {
		return nil, err
	}
	if err := t.bindReturning(); err != nil {
		return nil, err
	}
	return t.finish(where, order, limit)
}

// findTables finds the tables that are changed, and binds the assignments.
func (t *targetBuilder) findTables() error {
	if t.spec.Set != nil {
		for _, u := range t.spec.Set {
			if err := t.assign(u); err != nil {
				return err
			}
		}
		return nil
	}
	if len(t.spec.Delete) == 0 {
		_, err := t.add(t.blk.rel.tables[0])
		return err
	}
	for _, name := range t.spec.Delete {
		var hit *scopeTable
		for _, st := range t.blk.rel.tables {
			if st.answersTo(name) {
				hit = st
			}
		}
		if hit == nil {
			return sqlerr.New(sqlerr.BadTable, name.Name.String(), "MULTI DELETE")
		}
		if _, dup := t.at[hit]; dup {
			return sqlerr.New(sqlerr.NonUniqueTable, name.Name.String())
		}
		if _, err := t.add(hit); err != nil {
			return err
		}
	}
	return nil
}

// add makes a table a target and returns its position.
func (t *targetBuilder) add(st *scopeTable) (int, error) {
	if i, ok := t.at[st]; ok {
		return i, nil
	}
	if st.scan == nil || !lockable(st.scan.Table) {
		return 0, sqlerr.New(sqlerr.NonUpdatableTable, st.name, t.verb())
	}
	i := len(t.tables)
	t.at[st] = i
	t.tables = append(t.tables, st)
	st.scan.RowID = t.b.newCol()
	t.out.Tables = append(t.out.Tables, Target{Table: st.scan.Table, Name: st.name})
	return i, nil
}

// assign binds one assignment.
func (t *targetBuilder) assign(u *sqlparser.UpdateExpr) error {
	s := t.blk.scopeOf(inFieldList)
	s.aggs, s.windows = false, false
	e, err := s.ResolveColumn(u.Name)
	if err != nil {
		return err
	}
	st, ord := t.owner(e)
	if st == nil {
		return sqlerr.New(sqlerr.NonUpdatableTable, t.tableName(e), "UPDATE")
	}
	at, err := t.add(st)
	if err != nil {
		return err
	}
	tab := st.scan.Table
	if t.spec.Assignable != nil {
		if err := t.spec.Assignable(tab, ord, u.Expr); err != nil {
			return err
		}
	}
	var v expr.Expr
	if d, ok := u.Expr.(*sqlparser.Default); ok && d.ColName == "" && t.spec.Default != nil {
		v, err = t.spec.Default(tab, ord)
	} else {
		v, err = expr.Bind(u.Expr, s)
	}
	if err != nil {
		return err
	}
	t.values = append(t.values, v)
	t.out.Set = append(t.out.Set, Assignment{Target: at, Ord: ord})
	t.out.Tables[at].Set = t.out.Tables[at].Set.With(ord)
	return nil
}

// owner returns the base table that a column belongs to.
func (t *targetBuilder) owner(e expr.Expr) (*scopeTable, int) {
	c := expr.UnzonedColumn(e)
	if c == nil || c.Depth != 0 {
		return nil, 0
	}
	id := ColID(c.Slot)
	for _, st := range t.blk.rel.tables {
		if st.scan != nil {
			if ord := st.scan.Ord(id); ord >= 0 {
				return st, ord
			}
		}
	}
	return nil, 0
}

func (t *targetBuilder) tableName(e expr.Expr) string {
	if c := expr.UnzonedColumn(e); c != nil && c.Table != "" {
		return c.Table
	}
	return t.blk.rel.tables[0].name
}

func (t *targetBuilder) bindReturning() error {
	if t.spec.Returning == nil {
		return nil
	}
	if err := t.blk.selectList(t.spec.Returning); err != nil {
		return err
	}
	for _, it := range t.blk.items {
		t.out.Returning = append(t.out.Returning, it.expr)
		t.out.RetCols = append(t.out.RetCols, it.meta)
	}
	return nil
}

// finish builds the plan and puts positions of the tuple into the expressions over it.
func (t *targetBuilder) finish(where Node, order []SortKey, limit *limitSpec) (*Targets, error) {
	if err := t.checkSubqueries(); err != nil {
		return nil, err
	}
	read := t.readColumns(where, order)
	lock := &Lock{Conds: conditions(where, nil), Keys: order, Compute: computedBelow(where, nil)}
	for i, st := range t.tables {
		tg := &t.out.Tables[i]
		all := allCols(st.scan)
		tg.X = all
		if t.spec.Set != nil {
			tg.X = tg.Set
			if t.spec.LockColumns != nil {
				tg.X = t.spec.LockColumns(tg.Table, tg.Set)
			}
			for o := range st.cols {
				if read.has(st.scan.Col(o)) {
					tg.S = tg.S.With(o)
				}
			}
		}
		lock.Tables = append(lock.Tables, LockTable{Scan: st.scan, X: tg.X, S: tg.S})
	}
	a := &assembly{blk: t.blk, node: where, order: order, limit: limit}
	a.sort()
	lock.Input = a.node
	a.node = lock
	a.limitNode()
	q := &Query{Root: a.node}
	at := t.layTuple(q, &read)
	t.out.Query = q
	slot := func(id int) int { return at[ColID(id)] }
	for i := range t.out.Set {
		s := &t.out.Set[i]
		s.Slot = t.out.Tables[s.Target].First + s.Ord
		s.Value = expr.Shift(t.values[i], slot)
	}
	for i, e := range t.out.Returning {
		t.out.Returning[i] = expr.Shift(e, slot)
	}
	if err := t.b.optimize(q); err != nil {
		return nil, err
	}
	t.b.finish(q)
	t.point(q)
	return t.out, nil
}

// layTuple lays out the tuple: each target's columns and row id, then other columns that assignments read.
func (t *targetBuilder) layTuple(q *Query, read *colSet) map[ColID]int {
	at := map[ColID]int{}
	put := func(id ColID) int {
		if p, ok := at[id]; ok {
			return p
		}
		at[id] = len(q.Output)
		q.Output = append(q.Output, id)
		return at[id]
	}
	for i, st := range t.tables {
		tg := &t.out.Tables[i]
		tg.First = len(q.Output)
		for o := range st.cols {
			put(st.scan.Col(o))
		}
		tg.RowID = put(st.scan.RowID)
	}
	var used colSet
	readAll(t.values, &used)
	readAll(t.out.Returning, &used)
	for _, id := range used.list() {
		put(id)
	}
	return at
}

// readColumns returns the columns that conditions, order and assignments read.
func (t *targetBuilder) readColumns(where Node, order []SortKey) colSet {
	var set colSet
	readAll(conditions(where, nil), &set)
	readAll(t.values, &set)
	for _, k := range order {
		read(k.Expr, &set)
	}
	return set
}

// checkSubqueries refuses a subquery that reads a table which the statement changes, as MySQL does; one inside a derived
// table is allowed.
func (t *targetBuilder) checkSubqueries() error {
	for _, q := range t.b.plans {
		for _, st := range t.tables {
			if scansTable(q.Root, st.scan.Table) {
				return sqlerr.New(sqlerr.UpdateTableUsed, st.name)
			}
		}
	}
	return nil
}

func scansTable(n Node, t Table) bool {
	if s, ok := n.(*Scan); ok {
		return s.Table == t && !s.derived
	}
	for _, in := range n.Inputs() {
		if scansTable(in, t) {
			return true
		}
	}
	return false
}

// point recognises a statement that finds its row by a full unique key.
func (t *targetBuilder) point(q *Query) {
	n := q.Root
	if l, ok := n.(*Limit); ok {
		c, ok := l.Count.(*expr.Literal)
		if !ok || l.Offset != nil || c.Val.Kind() != value.KindInt || c.Val.Int64() < 1 {
			return
		}
		n = l.Input
	}
	lock, ok := n.(*Lock)
	if !ok || len(t.tables) != 1 || t.b.c.Options.DisableIndexes {
		return
	}
	in := lock.Input
	if s, ok := in.(*Sort); ok {
		in = s.Input
	}
	s, ok := in.(*Scan)
	if !ok || s != t.tables[0].scan {
		return
	}
	for _, v := range append(append([]expr.Expr(nil), t.values...), t.out.Returning...) {
		if expr.HasSubquery(v) {
			return
		}
	}
	p := newPoint(s, nil, nil)
	if p == nil {
		return
	}
	ords := make([]int, len(s.Table.Def().Columns))
	for i := range ords {
		ords[i] = i
	}
	p.Need = ords
	p.Filter = nil
	for _, e := range lock.Conds {
		if expr.HasSubquery(e) || expr.MaxColumnDepth(e) > 0 {
			return
		}
	}
	if len(lock.Conds) > 0 {
		p.Filter = expr.Shift(expr.JoinAnd(lock.Conds), func(id int) int { return s.Ord(ColID(id)) })
	}
	q.Point = p
}
