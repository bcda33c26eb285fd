package dml

import (
	"sync"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// updatePlan is a compiled UPDATE.
type updatePlan struct {
	find    *exec.TargetPlan
	targets []updateTarget // as find's
	ignore  bool
	// joined says that a row may be found more than once, so that the rows are collected first and each is changed once.
	joined bool
	// deferred says that the statement has subqueries, which may read its table by way of a derived table: all rows are
	// found and all new values computed before the first is written.
	deferred bool
}

// updateTarget is a table of an UPDATE with its assignments.
type updateTarget struct {
	*target
	rowID, first int // positions in the tuple
	assigned     schema.ColSet
	set          []setColumn
	check        *viewCheck // of the view that it is updated through; may be nil
}

// setColumn assigns a column; a nil value is DEFAULT.
type setColumn struct {
	ord   int
	value expr.Func
}

func compileUpdate(upd *sqlparser.Update, ext *ast.UpdateExt, c *plan.Context) (*Plan, error) {
	if ext == nil {
		ext = &ast.UpdateExt{}
	}
	p := &updatePlan{ignore: ext.Ignore}
	found, err := plan.FindTargets(&plan.TargetSpec{
		With:        ext.With,
		From:        upd.TableExprs,
		Set:         upd.Exprs,
		Where:       upd.Where,
		OrderBy:     upd.OrderBy,
		Limit:       upd.Limit,
		Assignable:  assignable,
		Default:     nullDefault,
		LockColumns: lockColumns,
	}, c)
	if err != nil {
		return nil, err
	}
	for i := range found.Tables {
		f := &found.Tables[i]
		t, err := newTarget(f.Table, c)
		if err != nil {
			return nil, err
		}
		p.targets = append(p.targets, updateTarget{target: t, rowID: f.RowID, first: f.First, assigned: f.Set})
	}
	if p.find, err = exec.PrepareTargets(found); err != nil {
		return nil, err
	}
	for i, a := range found.Set {
		t := &p.targets[a.Target]
		s := setColumn{ord: a.Ord}
		if !isDefault(upd.Exprs[i].Expr) {
			s.value = expr.Compile(a.Value)
		}
		if t.def.Columns[a.Ord].Generated == "" {
			t.set = append(t.set, s)
		}
	}
	for _, ck := range found.Checks {
		t := &p.targets[ck.Target]
		t.check = newViewCheck(t.target, ck.View, ck.Expr, t.first)
	}
	p.joined = found.Joined || len(found.Query.Tables) > 1 || len(p.targets) > 1
	p.deferred = hasSubquery(upd.Exprs, upd.Where, upd.OrderBy)
	return &Plan{
		run: p.run, explain: explainTargets("UPDATE", found), tables: found.Query.Tables,
		point: p.find.PointTarget() != nil,
	}, nil
}

func explainTargets(verb string, t *plan.Targets) func() string {
	return func() string {
		text := verb
		for i := range t.Tables {
			text += " " + t.Tables[i].Name
		}
		return text + "\n" + indent(t.Query.Explain())
	}
}

func isDefault(e sqlparser.Expr) bool {
	d, ok := e.(*sqlparser.Default)
	return ok && d.ColName == ""
}

// assignable refuses values for generated columns; DEFAULT is allowed there.
func assignable(t plan.Table, ord int, e sqlparser.Expr) error {
	col := &t.Def().Columns[ord]
	if col.Generated == "" || isDefault(e) {
		return nil
	}
	return sqlerr.New(sqlerr.GeneratedValue, col.Name, t.Def().Name)
}

// nullDefault stands for a bare DEFAULT, which is evaluated on the row.
func nullDefault(t plan.Table, ord int) (expr.Expr, error) {
	return &expr.Literal{Val: value.Null, Typ: expr.ColumnType(&t.Def().Columns[ord].Type, false)}, nil
}

// lockColumns closes a set of changed columns over those that an index, a CHECK or a foreign key ties to them, and over
// what ON UPDATE changes with them.
func lockColumns(t plan.Table, cols schema.ColSet) schema.ColSet {
	base, ok := t.(*engine.Table)
	if !ok {
		return cols
	}
	for i := range base.Def().Columns {
		if base.Def().Columns[i].OnUpdate != "" {
			cols = cols.With(i)
		}
	}
	return base.LockColumns(cols)
}

// updater is one execution of an updatePlan. Its buffers are reused by later executions.
type updater struct {
	*updatePlan
	rt    *exec.Runtime
	run   *expr.Run
	env   expr.Env              // over the tuple
	own   expr.Env              // over a target's columns
	opt   value.CoerceOptions   // Table and Column change
	seen  []map[heap.RowID]bool // by target: rows done, when joined
	old   []value.Value         // the columns of the row as they were
	point exec.PointState
	out   Outcome
	hits  uint64
	later []change // deferred
}

// change is the new state of a row that is still to be written.
type change struct {
	t    *updateTarget
	id   heap.RowID
	set  schema.ColSet
	vals []value.Value
}

var updaters = sync.Pool{New: func() any {
	u := &updater{}
	u.opt.Warn = u.conversionWarning
	return u
}}

func (p *updatePlan) run(rt *exec.Runtime, o Options) (Outcome, error) {
	u := updaters.Get().(*updater)
	u.start(p, rt)
	err := u.all()
	out := u.out
	if o.FoundRows {
		out.Affected = u.hits
	}
	u.release()
	if err != nil {
		return Outcome{}, err
	}
	return out, nil
}

func (u *updater) start(p *updatePlan, rt *exec.Runtime) {
	s := rt.Run.Session
	rt.Run.Strict = s.Mode&expr.ModeStrict != 0 && !p.ignore
	u.updatePlan, u.rt, u.run = p, rt, rt.Run
	u.env, u.own = expr.Env{Run: rt.Run}, expr.Env{Run: rt.Run}
	u.opt.NonStrict, u.opt.Dates = !rt.Run.Strict, s.Mode.DateFlags()
	u.opt.TimeZone, u.opt.Now = s.Location(), rt.Run.Now
	if p.joined {
		u.seen = make([]map[heap.RowID]bool, len(p.targets))
		for i := range u.seen {
			u.seen[i] = map[heap.RowID]bool{}
		}
	}
}

// release gives the buffers back without what they refer to. It clears field by field what start does not set: the struct
// is large, and most of it is buffers.
func (u *updater) release() {
	clear(u.old)
	u.old = u.old[:0]
	u.updatePlan, u.rt, u.run = nil, nil, nil
	u.env, u.own = expr.Env{}, expr.Env{}
	u.seen, u.later = nil, nil
	u.out, u.hits = Outcome{}, 0
	updaters.Put(u)
}

func (u *updater) conversionWarning(e *sqlerr.Error) { warn(u.run, e) }

// all updates every row found.
func (u *updater) all() error {
	if pt := u.find.PointTarget(); pt != nil && pt.Fits(u.rt) {
		id, tuple, ok, err := pt.Get(u.rt, &u.point)
		if err != nil || !ok {
			return err
		}
		if err := u.updateRow(&u.targets[0], id, tuple); err != nil {
			return err
		}
		return u.writeLater()
	}
	rows, err := u.find.Open(u.rt)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := each(rows, u.joined || u.deferred, u.rt.MemoryLimit, u.updateTuple); err != nil {
		return err
	}
	return u.writeLater()
}

// writeLater writes what was deferred.
func (u *updater) writeLater() error {
	for i := range u.later {
		c := &u.later[i]
		if err := u.write(c.t, c.id, c.set, c.vals); err != nil {
			return err
		}
	}
	return nil
}

// updateTuple updates the rows of one tuple. The assignments of each table see the other tables as they were.
func (u *updater) updateTuple(tuple []value.Value) error {
	for i := range u.targets {
		t := &u.targets[i]
		v := tuple[t.rowID]
		if v.IsNull() {
			continue
		}
		id := heap.RowID(v.Uint64())
		if u.joined {
			if u.seen[i][id] {
				continue
			}
			u.seen[i][id] = true
		}
		if err := u.updateRow(t, id, tuple); err != nil {
			return err
		}
		if len(u.targets) > 1 {
			copy(tuple[t.first:], u.old)
		}
	}
	return nil
}

// updateRow applies the assignments to one row, left to right: later ones see the values of earlier ones.
func (u *updater) updateRow(t *updateTarget, id heap.RowID, tuple []value.Value) error {
	u.hits++
	n := len(t.def.Columns)
	cols := tuple[t.first : t.first+n : t.first+n]
	u.old = append(u.old[:0], cols...)
	u.env.Row, u.own.Row = tuple, cols
	u.opt.Table, u.opt.Row = t.def.Name, int(u.hits)
	for i := range t.set {
		s := &t.set[i]
		v, err := u.assign(t, s)
		if err != nil {
			return err
		}
		cols[s.ord] = v
	}
	changed := changedColumns(t.assigned, u.old, cols)
	if changed.Empty() {
		return nil
	}
	changed, err := stampUpdated(t.target, changed, t.assigned, cols, &u.own)
	if err != nil {
		return err
	}
	if t.check != nil {
		if ok, err := t.check.passes(u.rt.Tx, cols, &u.env, u.ignore); err != nil || !ok {
			u.hits--
			return err
		}
	}
	if u.deferred {
		vals := make([]value.Value, n)
		for i, v := range cols {
			vals[i] = v.Clone()
		}
		u.later = append(u.later, change{t, id, changed, vals})
		return nil
	}
	return u.write(t, id, changed, cols)
}

// write writes the new state of a row.
func (u *updater) write(t *updateTarget, id heap.RowID, changed schema.ColSet, cols []value.Value) error {
	if err := u.rt.Tx.Update(u.run.Context(), t.table, id, changed, cols); err != nil {
		if u.ignore && ignorable(err) {
			warn(u.run, err)
			return nil
		}
		return err
	}
	t.noteAuto(u.rt.Tx, changed, cols)
	u.out.Affected++
	return nil
}

// assign computes the new value of a column.
func (u *updater) assign(t *updateTarget, s *setColumn) (value.Value, error) {
	col := &t.def.Columns[s.ord]
	if s.value == nil {
		v, err := t.rules.Default(s.ord, &u.own)
		if rowrule.IsNoDefault(err) {
			return value.ZeroOf(&col.Type), missingDefault(col, u.run)
		}
		return v, err
	}
	v, err := s.value(&u.env)
	if err != nil {
		return value.Null, err
	}
	if v.IsNull() {
		return nullAssigned(col, u.run)
	}
	u.opt.Column = col.Name
	return value.Coerce(v, &col.Type, &u.opt)
}
