package dml

import (
	"errors"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// deletePlan is a compiled DELETE.
type deletePlan struct {
	find      *exec.TargetPlan
	targets   []*target
	ignore    bool
	returning []expr.Func
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
		t, err := newTarget(found.Tables[i].Table, "DELETE")
		if err != nil {
			return nil, err
		}
		p.targets = append(p.targets, t)
	}
	for _, e := range found.Returning {
		p.returning = append(p.returning, expr.Compile(e))
	}
	if p.find, err = exec.PrepareTargets(found); err != nil {
		return nil, err
	}
	return &Plan{run: p.run, columns: found.RetCols, explain: found.Query.Explain}, nil
}

func (p *deletePlan) run(rt *exec.Runtime, _ Options) (Outcome, error) {
	s := rt.Run.Session
	rt.Run.Strict = s.Mode&expr.ModeStrict != 0 && !p.ignore
	var out Outcome
	if pt := p.find.PointTarget(); pt != nil {
		var st exec.PointState
		id, tuple, ok, err := pt.Get(rt, &st)
		if err != nil || !ok {
			return out, err
		}
		err = p.deleteRow(rt, &out, 0, id, tuple)
		return out, err
	}
	tuples, err := collect(p.find, rt)
	if err != nil {
		return out, err
	}
	seen := make([]map[heap.RowID]bool, len(p.targets))
	for i := range seen {
		seen[i] = map[heap.RowID]bool{}
	}
	for _, tuple := range tuples {
		for i := range p.targets {
			v := tuple[p.find.Targets().Tables[i].RowID]
			if v.IsNull() || seen[i][heap.RowID(v.Uint64())] {
				continue
			}
			id := heap.RowID(v.Uint64())
			seen[i][id] = true
			if err := p.deleteRow(rt, &out, i, id, tuple); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

func (p *deletePlan) deleteRow(rt *exec.Runtime, out *Outcome, i int, id heap.RowID, tuple []value.Value) error {
	mark := rt.Tx.Mark()
	if err := rt.Tx.Delete(rt.Run.Context(), p.targets[i].table, id); err != nil {
		if !p.ignore || !ignorable(err) {
			return err
		}
		var e *sqlerr.Error
		if errors.As(err, &e) && rt.Run.Session.Warn != nil {
			rt.Run.Session.Warn(expr.LevelWarning, e)
		}
		return rt.Tx.RollbackTo(mark)
	}
	out.Affected++
	if p.returning == nil {
		return nil
	}
	env := expr.Env{Row: tuple, Run: rt.Run}
	row := make([]value.Value, len(p.returning))
	for j, f := range p.returning {
		v, err := f(&env)
		if err != nil {
			return err
		}
		row[j] = v.Clone()
	}
	out.Returned = append(out.Returned, row)
	return nil
}
