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

// onDuplicate is ON DUPLICATE KEY UPDATE.
type onDuplicate struct {
	set    []assignment
	reads  schema.ColSet // columns that the assignments read
	writes schema.ColSet
}

// assignment sets a column of the existing row; a nil value is DEFAULT.
type assignment struct {
	ord   int
	value expr.Func
}

func compileOnDuplicate(p *insertPlan, list sqlparser.UpdateExprs, ext *ast.InsertExt, c *plan.Context) (*onDuplicate, error) {
	s := newScope(p.def, c)
	s.values = true
	s.alias = ext.RowAlias.String()
	if len(ext.RowColumns) > 0 {
		if len(ext.RowColumns) != len(p.cols) {
			return nil, sqlerr.New(sqlerr.ViewColumnCount)
		}
		s.aliasNames, s.aliasCols = ext.RowColumns, p.cols
	}
	d := &onDuplicate{}
	for _, u := range list {
		col := u.Name.Name.String()
		if q := u.Name.Qualifier.Name.String(); q != "" && q != p.def.Name {
			return nil, sqlerr.New(sqlerr.UnknownColumn, q+"."+col, "field list")
		}
		ord := p.def.ColumnIndex(col)
		if ord < 0 {
			return nil, sqlerr.New(sqlerr.UnknownColumn, col, "field list")
		}
		a := assignment{ord: ord}
		if def, bare := u.Expr.(*sqlparser.Default); !bare || def.ColName != "" {
			if p.def.Columns[ord].Generated != "" {
				return nil, sqlerr.New(sqlerr.GeneratedValue, p.def.Columns[ord].Name, p.def.Name)
			}
			e, err := expr.Bind(u.Expr, s)
			if err != nil {
				return nil, err
			}
			a.value = expr.Compile(e)
			expr.Columns(e, func(_, slot int) { d.reads = d.reads.With(slot) })
			p.hasSubquery = p.hasSubquery || expr.HasSubquery(e)
		}
		d.writes = d.writes.With(ord)
		d.set = append(d.set, a)
	}
	return d, nil
}

// updateDuplicate applies ON DUPLICATE KEY UPDATE to the row that has the key. It counts 2 for a changed row, 0 for one
// that stays as it is, 1 with FoundRows.
func (in *inserter) updateDuplicate(id heap.RowID) error {
	spec := engine.LockSpec{X: in.table.LockColumns(in.onDup.writes.Union(in.rules.OnUpdate())), S: in.onDup.reads}
	if _, err := in.rt.Tx.Lock(in.ctx, in.table, id, spec); err != nil {
		return err
	}
	ok, err := in.rt.Tx.ReadCurrent(in.ctx, in.table, id, &in.old)
	if err != nil {
		return err
	}
	if !ok {
		return in.insertRow() // the row has gone in the meantime
	}
	n := len(in.def.Columns)
	in.oldVal = in.oldVal[:0]
	for i := range n {
		in.oldVal = append(in.oldVal, in.old.Col(i))
	}
	in.newVal = append(in.newVal[:0], in.oldVal...)
	in.run.Proposed = in.vals
	env := expr.Env{Row: in.newVal, Run: in.run}
	for _, a := range in.onDup.set {
		v, err := in.assigned(a, &env)
		if err != nil {
			return err
		}
		in.newVal[a.ord] = v
	}
	changed := changedColumns(in.def, in.onDup.writes, in.oldVal, in.newVal)
	if changed.Empty() {
		if in.found {
			in.out.Affected++
		}
		in.lastID(in.oldVal)
		return in.returnRow(in.oldVal)
	}
	if changed, err = stampUpdated(in.target, changed, in.onDup.writes, in.newVal, &env); err != nil {
		return err
	}
	if err := in.rt.Tx.Update(in.ctx, in.table, id, changed, in.newVal); err != nil {
		if in.ignore && ignorable(err) {
			return nil
		}
		return err
	}
	in.out.Affected += 2
	in.lastID(in.newVal)
	return in.returnRow(in.newVal)
}

// lastID makes the insert id of an upsert that updated the row's own AUTO_INCREMENT value, as MySQL does.
func (in *inserter) lastID(vals []value.Value) {
	if in.auto >= 0 && !in.given && !in.run.Session.LastInsertIDSet {
		in.out.InsertID = vals[in.auto].Raw64()
	}
}

func (in *inserter) assigned(a assignment, env *expr.Env) (value.Value, error) {
	col := &in.def.Columns[a.ord]
	if a.value == nil {
		return in.defaultOf(a.ord)
	}
	v, err := a.value(env)
	if err != nil {
		return value.Null, err
	}
	if v.IsNull() {
		if col.NotNull {
			return value.Null, sqlerr.New(sqlerr.BadNull, col.Name)
		}
		return v, nil
	}
	in.opt.Column = col.Name
	return value.Coerce(v, &col.Type, &in.opt)
}

// changedColumns returns those of set whose value differs between two rows. Strings are compared byte by byte: a change
// of case is a change.
func changedColumns(def *schema.Table, set schema.ColSet, old, now []value.Value) schema.ColSet {
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
