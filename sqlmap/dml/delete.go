package dml

import (
	"sync"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// deletePlan is a compiled DELETE.
type deletePlan struct {
	find    *exec.TargetPlan
	targets []deleteTarget // children before their parents
	ignore  bool
	joined  bool // a row may be found more than once
	collect bool // all rows are found before the first is deleted
	exprs   []expr.Func
}

// deleteTarget is a table of a DELETE.
type deleteTarget struct {
	*target
	rowID int // position in the tuple
}

func compileDelete(del *sqlparser.Delete, ext *ast.DeleteExt, c *plan.Context) (*Plan, error) {
	if ext == nil {
		ext = &ast.DeleteExt{}
	}
	found, err := plan.FindTargets(&plan.TargetSpec{
		With:        ext.With,
		From:        del.TableExprs,
		Delete:      del.Targets,
		Where:       del.Where,
		OrderBy:     del.OrderBy,
		Limit:       del.Limit,
		Returning:   ext.Returning,
		LockColumns: lockColumns,
	}, c)
	if err != nil {
		return nil, err
	}
	p := &deletePlan{ignore: ext.Ignore}
	for i := range found.Tables {
		t, err := newTarget(found.Tables[i].Table, c)
		if err != nil {
			return nil, err
		}
		p.targets = append(p.targets, deleteTarget{t, found.Tables[i].RowID})
	}
	p.targets = childrenFirst(p.targets)
	if p.find, err = exec.PrepareTargets(found); err != nil {
		return nil, err
	}
	for _, e := range found.Returning {
		p.exprs = append(p.exprs, expr.Compile(e))
	}
	p.joined = found.Joined || len(found.Query.Tables) > 1 || len(p.targets) > 1
	p.collect = p.joined || hasSubquery(del.Where, del.OrderBy)
	return &Plan{
		run: p.run, columns: found.RetCols, explain: explainTargets("DELETE", found), tables: found.Query.Tables,
		point: p.find.PointTarget() != nil,
	}, nil
}

// childrenFirst orders tables so that a row is deleted before the rows that it refers to. Within a cycle the order is
// the statement's.
func childrenFirst(list []deleteTarget) []deleteTarget {
	out := make([]deleteTarget, 0, len(list))
	rest := append([]deleteTarget(nil), list...)
	for len(rest) > 0 {
		pick := 0
		for i := range rest {
			if !referencedBy(rest[i], rest) {
				pick = i
				break
			}
		}
		out = append(out, rest[pick])
		rest = append(rest[:pick], rest[pick+1:]...)
	}
	return out
}

// referencedBy reports whether a table of list other than t has a foreign key to t.
func referencedBy(t deleteTarget, list []deleteTarget) bool {
	for _, o := range list {
		if o.def == t.def {
			continue
		}
		for i := range o.def.Foreign {
			if fk := &o.def.Foreign[i]; fk.RefTable == t.def.Name && fk.RefSchema == t.def.Schema {
				return true
			}
		}
	}
	return false
}

// deleter is one execution of a deletePlan. Its buffers are reused by later executions.
type deleter struct {
	*deletePlan
	rt    *exec.Runtime
	seen  []map[heap.RowID]bool // by target: rows done, when joined
	row   row.Row
	point exec.PointState
	out   Outcome
}

var deleters = sync.Pool{New: func() any { return &deleter{} }}

func (p *deletePlan) run(rt *exec.Runtime, _ Options) (Outcome, error) {
	rt.Run.Strict = rt.Run.Session.Mode&expr.ModeStrict != 0 && !p.ignore
	d := deleters.Get().(*deleter)
	d.deletePlan, d.rt = p, rt
	if p.joined {
		d.seen = make([]map[heap.RowID]bool, len(p.targets))
		for i := range d.seen {
			d.seen[i] = map[heap.RowID]bool{}
		}
	}
	err := d.all()
	out := d.out
	*d = deleter{point: d.point, row: d.row}
	deleters.Put(d)
	if err != nil {
		return Outcome{}, err
	}
	return out, nil
}

func (d *deleter) all() error {
	if pt := d.find.PointTarget(); pt != nil && pt.Fits(d.rt) {
		id, tuple, ok, err := pt.Get(d.rt, &d.point)
		if err != nil || !ok {
			return err
		}
		return d.deleteRow(&d.targets[0], id, tuple)
	}
	rows, err := d.find.Open(d.rt)
	if err != nil {
		return err
	}
	defer rows.Close()
	if len(d.targets) == 1 {
		return each(rows, d.collect, d.rt.MemoryLimit, func(tuple []value.Value) error {
			return d.deleteFrom(0, tuple)
		})
	}
	// Table by table, so that the children of all parents are gone before the first parent goes.
	var tuples [][]value.Value
	err = each(rows, true, d.rt.MemoryLimit, func(tuple []value.Value) error {
		tuples = append(tuples, tuple)
		return nil
	})
	for i := 0; err == nil && i < len(d.targets); i++ {
		for j := 0; err == nil && j < len(tuples); j++ {
			err = d.deleteFrom(i, tuples[j])
		}
	}
	return err
}

// deleteFrom deletes the row of target i that a tuple names. A row that a referential action of this statement has
// deleted before is passed over.
func (d *deleter) deleteFrom(i int, tuple []value.Value) error {
	t := &d.targets[i]
	v := tuple[t.rowID]
	if v.IsNull() {
		return nil
	}
	id := heap.RowID(v.Uint64())
	if d.joined {
		if d.seen[i][id] {
			return nil
		}
		d.seen[i][id] = true
	}
	if len(t.def.Foreign) > 0 {
		if ok, err := d.rt.Tx.ReadCurrent(d.rt.Run.Context(), t.table, id, &d.row); err != nil || !ok {
			return err
		}
	}
	return d.deleteRow(t, id, tuple)
}

func (d *deleter) deleteRow(t *deleteTarget, id heap.RowID, tuple []value.Value) error {
	if err := d.rt.Tx.Delete(d.rt.Run.Context(), t.table, id); err != nil {
		if d.ignore && ignorable(err) {
			warn(d.rt.Run, err)
			return nil
		}
		return err
	}
	d.out.Affected++
	if d.exprs == nil {
		return nil
	}
	out, err := evaluate(d.exprs, tuple, d.rt.Run)
	d.out.Returned = append(d.out.Returned, out)
	return err
}
