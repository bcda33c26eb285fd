package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// FindTargets plans the row-finding half of an UPDATE or DELETE.
func FindTargets(spec *TargetSpec, c *Context) (*Targets, error) {
	b := newBuilder(c)
	b.locking = true
	t := &targetBuilder{b: b, blk: &block{b: b, top: true}, spec: spec, out: &Targets{}}
	return t.build()
}

type targetBuilder struct {
	b      *builder
	blk    *block
	spec   *TargetSpec
	out    *Targets
	tables []targetScan
	values []expr.Expr // of the assignments
	checks []ViewCheck
}

// targetScan is a base table that is changed, under its own name or through a view.
type targetScan struct {
	scan *Scan
	st   *scopeTable
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
	t.out.Joined = scanCount(rel) > 1
	if t.out.Joined && (spec.OrderBy != nil || spec.Limit != nil) {
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

// scanCount counts the tables that rel joins, those of updatable views one by one.
func scanCount(rel *relation) int {
	n := 0
	for _, st := range rel.tables {
		n++
		if st.rows != nil {
			n += len(st.rows.scans) - 1
		}
	}
	return n
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
		return t.deleteFrom(t.blk.rel.tables[0])
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
		for _, o := range t.tables {
			if o.st == hit {
				return sqlerr.New(sqlerr.NonUniqueTable, name.Name.String())
			}
		}
		if err := t.deleteFrom(hit); err != nil {
			return err
		}
	}
	return nil
}

// deleteFrom makes a table or the one below a view a target.
func (t *targetBuilder) deleteFrom(st *scopeTable) error {
	scan := st.scan
	if st.rows != nil {
		scan = st.rows.scans[0]
		if len(st.rows.scans) > 1 {
			return sqlerr.New(sqlerr.ViewDeleteJoin, st.rows.view.Schema, st.rows.view.Name)
		}
	}
	_, err := t.add(st, scan)
	return err
}

// add makes scan, which is st or what a view st shows, a target and returns its position.
func (t *targetBuilder) add(st *scopeTable, scan *Scan) (int, error) {
	for i := range t.tables {
		switch o := &t.tables[i]; {
		case o.scan == scan:
			return i, nil
		case o.st == st:
			return 0, sqlerr.New(sqlerr.ViewManyTables, st.rows.view.Schema, st.rows.view.Name)
		}
	}
	if scan == nil || !lockable(scan.Table) {
		return 0, sqlerr.New(sqlerr.NonUpdatableTable, st.name, t.verb())
	}
	i := len(t.tables)
	t.tables = append(t.tables, targetScan{scan, st})
	scan.RowID = t.b.newCol()
	t.out.Tables = append(t.out.Tables, Target{Table: scan.Table, Name: st.name})
	if t.spec.Set != nil && st.rows != nil && len(st.rows.check) > 0 {
		t.checks = append(t.checks, ViewCheck{Target: i, View: st.rows.view, Expr: expr.JoinAnd(st.rows.check)})
	}
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
	st, scan, ord := t.owner(e)
	if st != nil && st.rows != nil && scan == nil {
		return sqlerr.New(sqlerr.NonUpdatableColumn, u.Name.Name.String())
	}
	if scan == nil {
		return sqlerr.New(sqlerr.NonUpdatableTable, t.tableName(e), "UPDATE")
	}
	at, err := t.add(st, scan)
	if err != nil {
		return err
	}
	tab := scan.Table
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
	v = expr.AssignedTo(v, &tab.Def().Columns[ord].Type)
	t.values = append(t.values, st.expand(v))
	t.out.Set = append(t.out.Set, Assignment{Target: at, Ord: ord})
	t.out.Tables[at].Set = t.out.Tables[at].Set.With(ord)
	return nil
}

// owner returns the table or view that a column belongs to, and the base table and ordinal that an assignment to it
// changes; the base table is nil when there is none.
func (t *targetBuilder) owner(e expr.Expr) (*scopeTable, *Scan, int) {
	c := expr.UnzonedColumn(e)
	if c == nil || c.Depth != 0 {
		return nil, nil, 0
	}
	id := ColID(c.Slot)
	for _, st := range t.blk.rel.tables {
		if scan, ord := st.owner(id); scan != nil {
			return st, scan, ord
		}
		for i := range st.cols {
			if ColID(st.cols[i].col.Slot) == id {
				return st, nil, 0
			}
		}
	}
	return nil, nil, 0
}

// expand puts an expression over columns that a view computes in terms of its tables', when it is evaluated on a row of
// the view that has the values of the assignments before it.
func (st *scopeTable) expand(e expr.Expr) expr.Expr {
	if st.rows == nil {
		return e
	}
	return st.rows.expand(e)
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
		t.out.Returning = append(t.out.Returning, t.blk.rel.tables[0].expand(it.expr))
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
	for i := range t.tables {
		tg, scan := &t.out.Tables[i], t.tables[i].scan
		tg.X = allCols(scan)
		if t.spec.Set != nil {
			tg.X = tg.Set
			if t.spec.LockColumns != nil {
				tg.X = t.spec.LockColumns(tg.Table, tg.Set)
			}
			for o := range scan.Table.Def().Columns {
				if read.has(scan.Col(o)) {
					tg.S = tg.S.With(o)
				}
			}
		}
		lock.Tables = append(lock.Tables, LockTable{Scan: scan, X: tg.X, S: tg.S})
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
	for _, c := range t.checks {
		c.Expr = expr.Shift(c.Expr, slot)
		t.out.Checks = append(t.out.Checks, c)
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
	for i := range t.tables {
		tg, scan := &t.out.Tables[i], t.tables[i].scan
		tg.First = len(q.Output)
		for o := range scan.Table.Def().Columns {
			put(scan.Col(o))
		}
		tg.RowID = put(scan.RowID)
	}
	var used colSet
	readAll(t.values, &used)
	readAll(t.checkExprs(), &used)
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
	readAll(t.checkExprs(), &set)
	for _, k := range order {
		read(k.Expr, &set)
	}
	items := computedBelow(where, nil)
	for i := len(items) - 1; i >= 0; i-- { // an item may read an earlier one
		if set.has(items[i].ID) {
			read(items[i].Expr, &set)
		}
	}
	return set
}

func (t *targetBuilder) checkExprs() []expr.Expr {
	var out []expr.Expr
	for i := range t.checks {
		out = append(out, t.checks[i].Expr)
	}
	return out
}
