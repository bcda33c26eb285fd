package dml

import (
	"errors"
	"fmt"

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
)

// updatePlan is a compiled UPDATE.
type updatePlan struct {
	find    *exec.TargetPlan
	targets []*target // as find's
	set     []expr.Func
	ignore  bool
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
		Default:     updateDefault,
		LockColumns: lockColumns,
	}, c)
	if err != nil {
		return nil, err
	}
	for i := range found.Tables {
		t, err := newTarget(found.Tables[i].Table, "UPDATE")
		if err != nil {
			return nil, err
		}
		p.targets = append(p.targets, t)
	}
	for i := range found.Set {
		p.set = append(p.set, expr.Compile(found.Set[i].Value))
	}
	if p.find, err = exec.PrepareTargets(found); err != nil {
		return nil, err
	}
	return &Plan{run: p.run, explain: found.Query.Explain}, nil
}

// assignable refuses values for generated columns; DEFAULT is allowed there.
func assignable(t plan.Table, ord int, e sqlparser.Expr) error {
	col := &t.Def().Columns[ord]
	if col.Generated == "" {
		return nil
	}
	if d, ok := e.(*sqlparser.Default); ok && d.ColName == "" {
		return nil
	}
	return sqlerr.New(sqlerr.GeneratedValue, col.Name, t.Def().Name)
}

// updateDefault is SET col = DEFAULT.
func updateDefault(t plan.Table, ord int) (expr.Expr, error) {
	def := t.Def()
	if def.Columns[ord].DefaultExpr == "" {
		if def.Columns[ord].Generated != "" {
			return &expr.Literal{Val: value.Null, Typ: expr.ColumnType(&def.Columns[ord].Type, false)}, nil
		}
		return defaultExpr(def, ord)
	}
	tg, err := newTarget(t, "UPDATE")
	if err != nil {
		return nil, err
	}
	return tg.rules.DefaultExpr(ord), nil
}

// lockColumns closes a set of changed columns over those that an index, a CHECK or a foreign key ties to them.
func lockColumns(t plan.Table, cols schema.ColSet) schema.ColSet {
	base, ok := t.(*engine.Table)
	if !ok {
		return cols
	}
	return base.LockColumns(cols)
}

// updater is one execution of an updatePlan.
type updater struct {
	*updatePlan
	rt   *exec.Runtime
	env  expr.Env
	opts []value.CoerceOptions // by target
	seen []map[heap.RowID]bool // by target: rows done, in a joined UPDATE
	old  []value.Value
	now  []value.Value
	out  Outcome
	hits uint64
	row  int
}

func (p *updatePlan) run(rt *exec.Runtime, o Options) (Outcome, error) {
	s := rt.Run.Session
	rt.Run.Strict = s.Mode&expr.ModeStrict != 0 && !p.ignore
	u := &updater{updatePlan: p, rt: rt, env: expr.Env{Run: rt.Run}}
	for _, t := range p.targets {
		opt := value.CoerceOptions{
			Table: t.def.Name, NonStrict: !rt.Run.Strict, Dates: s.Mode.DateFlags(), TimeZone: s.Location(), Now: rt.Run.Now,
		}
		if s.Warn != nil {
			opt.Warn = func(e *sqlerr.Error) { s.Warn(expr.LevelWarning, e) }
		}
		u.opts = append(u.opts, opt)
	}
	if err := u.each(); err != nil {
		return Outcome{}, err
	}
	changed := u.out.Affected
	if o.FoundRows {
		u.out.Affected = u.hits
	}
	u.out.Info = fmt.Sprintf("Rows matched: %d  Changed: %d  Warnings: 0", u.hits, changed)
	return u.out, nil
}

// each updates every row found. The rows are collected before the first is written, so that no row is met again
// under its new key.
func (u *updater) each() error {
	if pt := u.find.PointTarget(); pt != nil {
		var st exec.PointState
		id, tuple, ok, err := pt.Get(u.rt, &st)
		if err != nil || !ok {
			return err
		}
		return u.updateRow(0, id, tuple)
	}
	tuples, err := collect(u.find, u.rt)
	if err != nil {
		return err
	}
	joined := len(u.targets) > 1 || len(u.find.Targets().Query.Tables) > 1
	if joined {
		u.seen = make([]map[heap.RowID]bool, len(u.targets))
		for i := range u.seen {
			u.seen[i] = map[heap.RowID]bool{}
		}
	}
	for _, tuple := range tuples {
		for i := range u.targets {
			tg := &u.find.Targets().Tables[i]
			v := tuple[tg.RowID]
			if v.IsNull() {
				continue
			}
			id := heap.RowID(v.Uint64())
			if joined {
				if u.seen[i][id] {
					continue
				}
				u.seen[i][id] = true
			}
			if err := u.updateRow(i, id, tuple); err != nil {
				return err
			}
		}
	}
	return nil
}

// collect reads all tuples of a target plan into memory of its own.
func collect(find *exec.TargetPlan, rt *exec.Runtime) ([][]value.Value, error) {
	rows, err := find.Open(rt)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var tuples [][]value.Value
	var b exec.Batch
	for {
		if err := rows.Next(&b); err != nil {
			return nil, err
		}
		if b.Len() == 0 {
			return tuples, nil
		}
		slab := make([]value.Value, 0, b.Len()*b.Width())
		for i := range b.Len() {
			at := len(slab)
			for _, v := range b.Row(i) {
				slab = append(slab, v.Clone())
			}
			tuples = append(tuples, slab[at:len(slab):len(slab)])
		}
	}
}

// updateRow applies the assignments to one row of target i, left to right: later ones see the values of earlier ones.
func (u *updater) updateRow(i int, id heap.RowID, tuple []value.Value) error {
	u.hits++
	u.row++
	t, tg := u.targets[i], &u.find.Targets().Tables[i]
	cols := tuple[tg.First : tg.First+len(t.def.Columns)]
	u.old = append(u.old[:0], cols...)
	u.env.Row = tuple
	u.opts[i].Row = u.row
	for j, a := range u.find.Targets().Set {
		if a.Target != i {
			continue
		}
		v, err := u.set[j](&u.env)
		if err != nil {
			return err
		}
		if tuple[a.Slot], err = u.convert(i, a.Ord, v); err != nil {
			return err
		}
	}
	changed := changedColumns(t.def, tg.Set, u.old, cols)
	if changed.Empty() {
		return nil
	}
	changed, err := stampUpdated(t, changed, tg.Set, cols, &u.env)
	if err != nil {
		return err
	}
	mark := u.rt.Tx.Mark()
	if err := u.rt.Tx.Update(u.rt.Run.Context(), t.table, id, changed, cols); err != nil {
		return u.skip(err, mark)
	}
	u.out.Affected++
	return nil
}

// skip is UPDATE IGNORE's way with an error: the row stays as it was, with a warning.
func (u *updater) skip(err error, mark engine.Mark) error {
	if !u.ignore || !ignorable(err) {
		return err
	}
	if e := u.rt.Tx.RollbackTo(mark); e != nil {
		return e
	}
	var e *sqlerr.Error
	if errors.As(err, &e) && u.rt.Run.Session.Warn != nil {
		u.rt.Run.Session.Warn(expr.LevelWarning, e)
	}
	return nil
}

func (u *updater) convert(i, ord int, v value.Value) (value.Value, error) {
	col := &u.targets[i].def.Columns[ord]
	if v.IsNull() {
		if col.NotNull && col.Generated == "" {
			err := sqlerr.New(sqlerr.BadNull, col.Name)
			if u.rt.Run.Strict {
				return value.Null, err
			}
			if w := u.rt.Run.Session.Warn; w != nil {
				w(expr.LevelWarning, err)
			}
			return value.ZeroOf(&col.Type), nil
		}
		return v, nil
	}
	u.opts[i].Column = col.Name
	return value.Coerce(v, &col.Type, &u.opts[i])
}
