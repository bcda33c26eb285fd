package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// onDuplicate is ON DUPLICATE KEY UPDATE. Its expressions are over the row that is there, followed by the proposed one
// and the row of the SELECT.
type onDuplicate struct {
	set    []assignment
	reads  schema.ColSet // columns of the row that is there that the assignments read
	writes schema.ColSet
}

// assignment sets a column of the row that is there; a nil value is DEFAULT.
type assignment struct {
	ord   int
	value expr.Func
}

func compileOnDuplicate(p *insertPlan, list sqlparser.UpdateExprs, ext *ast.InsertExt, c *plan.Context) (*onDuplicate, error) {
	s := newScope(p.naming, c)
	s.upsert, s.alias = true, ext.RowAlias.String()
	if s.alias != "" && s.alias == p.called {
		return nil, sqlerr.New(sqlerr.NonUniqueTable, s.alias)
	}
	if p.source != nil {
		s.source = p.source.Columns()
	}
	if len(ext.RowColumns) > 0 {
		if len(ext.RowColumns) != len(p.cols) {
			return nil, sqlerr.New(sqlerr.ViewColumnCount)
		}
		s.aliasNames, s.aliasCols = ext.RowColumns, p.cols
	}
	d := &onDuplicate{}
	for _, u := range list {
		a, err := d.compile(p, u, s)
		if err != nil {
			return nil, err
		}
		d.writes = d.writes.With(a.ord)
		if p.def.Columns[a.ord].Generated == "" {
			d.set = append(d.set, a)
		}
	}
	return d, nil
}

func (d *onDuplicate) compile(p *insertPlan, u *sqlparser.UpdateExpr, s *scope) (assignment, error) {
	col := u.Name.Name.String()
	if q := u.Name.Qualifier.Name.String(); q != "" && q != p.called {
		return assignment{}, sqlerr.New(sqlerr.UnknownColumn, q+"."+col, "field list")
	}
	ord := p.ordinal(col)
	if ord < 0 && p.beside(col) {
		return assignment{}, sqlerr.New(sqlerr.ViewManyTables, p.schema, p.called)
	}
	if ord < 0 {
		return assignment{}, sqlerr.New(sqlerr.UnknownColumn, col, "field list")
	}
	a := assignment{ord: ord}
	if def, bare := u.Expr.(*sqlparser.Default); bare && def.ColName == "" {
		return a, nil
	}
	if p.def.Columns[ord].Generated != "" {
		return a, sqlerr.New(sqlerr.GeneratedValue, p.def.Columns[ord].Name, p.def.Name)
	}
	has, err := p.checkSubqueries(u.Expr, s.c.Database)
	if err != nil {
		return a, err
	}
	p.hasSubquery = p.hasSubquery || has
	e, err := expr.Bind(u.Expr, s)
	if err != nil {
		return a, err
	}
	a.value = expr.Compile(expr.AssignedTo(e, &p.def.Columns[ord].Type))
	expr.Columns(e, func(_, slot int) {
		if slot < len(p.def.Columns) {
			d.reads = d.reads.With(slot)
		}
	})
	return a, nil
}

// updateDuplicate applies ON DUPLICATE KEY UPDATE to the row that has the key; done is false when that row has gone. It
// counts 2 for a changed row, 0 for one that stays as it is, 1 with FoundRows.
func (in *inserter) updateDuplicate(id heap.RowID) (done bool, err error) {
	d := in.onDup
	spec := engine.LockSpec{X: in.table.LockColumns(d.writes.Union(in.rules.OnUpdate())), S: d.reads}
	if ok, err := in.lockRow(id, spec); err != nil || !ok {
		return false, err
	}
	if in.before, err = in.old.Values(in.before[:0]); err != nil {
		return false, err
	}
	n := len(in.def.Columns)
	in.pair = append(append(append(in.pair[:0], in.before...), in.vals...), in.from...)
	now := in.pair[:n:n]
	env := expr.Env{Row: in.pair, Run: in.run}
	for i := range d.set {
		a := &d.set[i]
		if now[a.ord], err = in.assigned(a, &env); err != nil {
			return false, err
		}
	}
	if in.check != nil {
		if ok, err := in.check.passes(in.rt.Tx, now, &env, in.ignore); err != nil || !ok {
			return err == nil, err
		}
	}
	changed := changedColumns(d.writes, in.before, now)
	if changed.Empty() {
		if in.found {
			in.out.Affected++
		}
		return true, in.returnRow(id)
	}
	if changed, err = stampUpdated(in.target, changed, d.writes, now, &env); err != nil {
		return false, err
	}
	if err := in.rt.Tx.Update(in.ctx, in.table, id, changed, now); err != nil {
		return false, err
	}
	in.noteAuto(in.rt.Tx, changed, now)
	in.out.Affected += 2
	if in.auto >= 0 {
		in.out.LastID = now[in.auto].Raw64()
	}
	return true, in.returnRow(id)
}

// lockRow locks a row and reads its newest version into old; ok is false when it has gone.
func (in *inserter) lockRow(id heap.RowID, spec engine.LockSpec) (ok bool, err error) {
	res, err := in.rt.Tx.Lock(in.ctx, in.table, id, spec)
	if err != nil || res != engine.Locked {
		return false, err
	}
	return in.rt.Tx.ReadCurrent(in.ctx, in.table, id, &in.old)
}

func (in *inserter) assigned(a *assignment, env *expr.Env) (value.Value, error) {
	if a.value == nil {
		return in.defaultOf(a.ord, env)
	}
	v, err := a.value(env)
	if err != nil {
		return value.Null, err
	}
	col := &in.def.Columns[a.ord]
	if v.IsNull() {
		return nullAssigned(col, in.run)
	}
	in.opt.Column = col.Name
	return value.Coerce(v, &col.Type, &in.opt)
}

// nullAssigned is an assignment of NULL: 1048 for a NOT NULL column, or when not strict the type's zero and a warning.
func nullAssigned(col *schema.Column, run *expr.Run) (value.Value, error) {
	if !col.NotNull || col.Generated != "" {
		return value.Null, nil
	}
	err := sqlerr.New(sqlerr.BadNull, col.Name)
	if run.Strict {
		return value.Null, err
	}
	warn(run, err)
	return value.ZeroOf(&col.Type), nil
}

// replaceRow deletes the row that has the key of index ix and so is in the way of REPLACE. done is true when the new row
// equals it, so that nothing is to be written: as in MySQL that counts 1 and not 2 when no further unique key is left to
// look at.
func (in *inserter) replaceRow(id heap.RowID, ix int) (done bool, err error) {
	if ok, err := in.lockRow(id, engine.LockSpec{X: schema.AllCols(len(in.def.Columns))}); err != nil || !ok {
		return false, err
	}
	in.out.Affected++
	if in.before, err = in.old.Values(in.before[:0]); err != nil {
		return false, err
	}
	if in.isLastUnique(ix) && in.equalsOld() && !in.referenced() {
		return true, in.returnRow(id)
	}
	return false, in.rt.Tx.Delete(in.ctx, in.table, id)
}

// isLastUnique reports whether no unique index comes after ix.
func (t *target) isLastUnique(ix int) bool {
	for i := ix + 1; i < len(t.def.Indexes); i++ {
		if t.def.Indexes[i].Unique {
			return false
		}
	}
	return true
}

// equalsOld reports whether vals is the row in before.
func (in *inserter) equalsOld() bool {
	for i := range in.def.Columns {
		if in.def.Columns[i].Generated == "" && !same(in.before[i], in.vals[i]) {
			return false
		}
	}
	return true
}

// referenced reports whether foreign keys refer to the table: its rows may not be deleted without effect.
func (t *target) referenced() bool { return len(t.table.References()) > 0 }

// noteAuto raises the counter when a statement changed the AUTO_INCREMENT column.
func (t *target) noteAuto(tx *engine.Tx, changed schema.ColSet, vals []value.Value) {
	if t.auto < 0 || !changed.Has(t.auto) {
		return
	}
	if v := vals[t.auto]; v.Kind() == value.KindUint || v.Int64() > 0 {
		tx.NoteAuto(t.table, v.Uint64())
	}
}

// changedColumns returns those of set whose value differs between two rows. Strings are compared byte by byte: a change
// of case is a change.
func changedColumns(set schema.ColSet, old, now []value.Value) schema.ColSet {
	var changed schema.ColSet
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		if !same(old[c], now[c]) {
			changed = changed.With(c)
		}
	}
	return changed
}

func same(a, b value.Value) bool {
	if a.IsNull() || b.IsNull() {
		return a.IsNull() && b.IsNull()
	}
	return value.Compare(a, b, collate.Binary) == 0
}

// stampUpdated sets the ON UPDATE columns that the statement does not set itself.
func stampUpdated(t *target, changed, assigned schema.ColSet, vals []value.Value, env *expr.Env) (schema.ColSet, error) {
	set := t.rules.OnUpdate()
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		if assigned.Has(c) {
			continue
		}
		v, err := t.rules.Stamp(c, env)
		if err != nil {
			return changed, err
		}
		vals[c] = v
		changed = changed.With(c)
	}
	return changed, nil
}
