package dml

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// inserter is one execution of an insertPlan. Its buffers are reused by later executions.
type inserter struct {
	*insertPlan
	ctx    context.Context
	rt     *exec.Runtime
	run    *expr.Run
	env    expr.Env
	vals   []value.Value // the row being built, by ordinal
	given  bool          // the AUTO_INCREMENT column was given a value
	opt    value.CoerceOptions
	old    row.Row // of a conflicting row
	oldVal []value.Value
	newVal []value.Value
	out    Outcome
	found  bool // Options.FoundRows
	rows   int
}

var inserters = sync.Pool{New: func() any { return &inserter{} }}

func (p *insertPlan) run(rt *exec.Runtime, o Options) (Outcome, error) {
	in := inserters.Get().(*inserter)
	in.start(p, rt, o)
	err := in.insertAll()
	out := in.out
	in.release()
	if err != nil {
		return Outcome{}, err
	}
	return out, nil
}

func (in *inserter) start(p *insertPlan, rt *exec.Runtime, o Options) {
	in.insertPlan, in.rt, in.run, in.found = p, rt, rt.Run, o.FoundRows
	in.ctx = rt.Run.Context()
	if p.hasSubquery {
		rt.Run.Ctx = context.WithValue(in.ctx, txKey{}, rt.Tx)
	}
	s := rt.Run.Session
	in.run.Strict = s.Mode&expr.ModeStrict != 0 && !p.ignore
	n := len(p.def.Columns)
	if cap(in.vals) < n {
		in.vals = make([]value.Value, n)
	}
	in.vals = in.vals[:n]
	in.env = expr.Env{Row: in.vals, Run: in.run}
	in.opt = value.CoerceOptions{
		Table:     p.def.Name,
		NonStrict: !in.run.Strict,
		Dates:     s.Mode.DateFlags(),
		TimeZone:  s.Location(),
		Now:       in.run.Now,
	}
	if s.Warn != nil {
		in.opt.Warn = func(e *sqlerr.Error) { s.Warn(expr.LevelWarning, e) }
	}
	in.out, in.rows = Outcome{}, 0
}

// release gives the buffers back without what they refer to.
func (in *inserter) release() {
	clear(in.vals)
	clear(in.oldVal)
	clear(in.newVal)
	*in = inserter{vals: in.vals, oldVal: in.oldVal[:0], newVal: in.newVal[:0], old: in.old}
	inserters.Put(in)
}

func (in *inserter) insertAll() error {
	if in.source != nil {
		if err := in.insertSelect(); err != nil {
			return err
		}
	} else {
		for i := range in.listed() {
			if err := in.buildValues(i); err != nil {
				return err
			}
			if err := in.insertRow(); err != nil {
				return err
			}
		}
	}
	if in.source != nil || in.rows > 1 {
		in.out.Info = fmt.Sprintf("Records: %d  Duplicates: %d  Warnings: 0", in.rows, max(0, in.rows-int(in.out.Affected)))
	}
	return nil
}

// listed returns the number of rows of VALUES.
func (in *inserter) listed() int { return in.insertPlan.rows.Len() }

// buildValues fills vals from row i of VALUES. Columns that it omits have their defaults before its expressions are
// evaluated, which may read them and the columns to their left.
func (in *inserter) buildValues(i int) error {
	in.rows++
	in.opt.Row = i + 1
	constants, _ := in.insertPlan.rows.Row(i)
	cells := in.cells[i]
	if len(cells) > 0 {
		if err := in.fillDefaults(in.cols, true); err != nil {
			return err
		}
	}
	if err := in.fillDefaults(in.omitted, false); err != nil {
		return err
	}
	in.given = false
	for at, ord := range in.cols {
		v, isDefault := constants[at], false
		if len(cells) > 0 && cells[0].at == at {
			var err error
			if v, isDefault, err = in.evaluate(&cells[0], ord); err != nil {
				return err
			}
			cells = cells[1:]
		}
		if isDefault {
			in.vals[ord] = v
			continue
		}
		if err := in.set(ord, v); err != nil {
			return err
		}
	}
	return nil
}

func (in *inserter) evaluate(c *cell, ord int) (v value.Value, isDefault bool, err error) {
	if c.value != nil {
		v, err = c.value(&in.env)
		return v, false, err
	}
	v, err = in.defaultOf(ord)
	return v, true, err
}

// fillDefaults sets the columns to their defaults; quiet takes NULL where there is none.
func (in *inserter) fillDefaults(ords []int, quiet bool) error {
	for _, ord := range ords {
		v, err := in.rules.Default(ord, &in.env)
		if err != nil && quiet {
			v, err = value.Null, nil
		}
		if err != nil {
			if v, err = in.noDefault(ord, err); err != nil {
				return err
			}
		}
		in.vals[ord] = v
	}
	return nil
}

func (in *inserter) defaultOf(ord int) (value.Value, error) {
	v, err := in.rules.Default(ord, &in.env)
	if err != nil {
		return in.noDefault(ord, err)
	}
	return v, nil
}

// set converts a value for a column and stores it.
func (in *inserter) set(ord int, v value.Value) error {
	col := &in.def.Columns[ord]
	if v.IsNull() {
		in.vals[ord] = v
		if col.NotNull && !col.AutoIncrement && col.Generated == "" {
			return in.nullGiven(ord)
		}
		return nil
	}
	in.opt.Column = col.Name
	v, err := value.Coerce(v, &col.Type, &in.opt)
	if err != nil {
		return err
	}
	if col.AutoIncrement {
		in.given = v.Raw64() != 0 || in.run.Session.Mode&expr.ModeNoAutoValueOnZero != 0
	}
	in.vals[ord] = v
	return nil
}

// nullGiven is NULL for a NOT NULL column: 1048, or with IGNORE (and in a multi-row INSERT of non-strict mode) the
// type's zero and a warning.
func (in *inserter) nullGiven(ord int) error {
	col := &in.def.Columns[ord]
	err := sqlerr.New(sqlerr.BadNull, col.Name)
	if !in.ignore && (in.run.Strict || in.insertPlan.rows != nil && in.listed() == 1) {
		return err
	}
	in.warn(err)
	in.vals[ord] = value.ZeroOf(&col.Type)
	return nil
}

// noDefault is a column left out that has no default: 1364, or with IGNORE and in non-strict mode the type's zero.
func (in *inserter) noDefault(ord int, cause error) (value.Value, error) {
	if !rowrule.IsNoDefault(cause) {
		return value.Null, cause
	}
	col := &in.def.Columns[ord]
	err := sqlerr.New(sqlerr.NoDefault, col.Name)
	if in.run.Strict {
		return value.Null, err
	}
	in.warn(err)
	return value.ZeroOf(&col.Type), nil
}

func (in *inserter) warn(err *sqlerr.Error) {
	if w := in.run.Session.Warn; w != nil {
		w(expr.LevelWarning, err)
	}
}

// insertSelect inserts the rows of a query. They are collected first: the query may read the table.
func (in *inserter) insertSelect() error {
	rows, err := in.source.Open(in.rt)
	if err != nil {
		return err
	}
	var kept [][]value.Value
	var b exec.Batch
	for {
		if err := rows.Next(&b); err != nil {
			rows.Close()
			return err
		}
		if b.Len() == 0 {
			break
		}
		for i := range b.Len() {
			r := make([]value.Value, len(in.cols))
			for j, v := range b.Row(i) {
				r[j] = v.Clone()
			}
			kept = append(kept, r)
		}
	}
	rows.Close()
	for i, r := range kept {
		if i%1024 == 0 {
			if err := in.ctx.Err(); err != nil {
				return sqlerr.Wrap(err, sqlerr.QueryInterrupted)
			}
		}
		in.rows++
		in.opt.Row = in.rows
		in.given = false
		if err := in.fillDefaults(in.omitted, false); err != nil {
			return err
		}
		for at, ord := range in.cols {
			if err := in.set(ord, r[at]); err != nil {
				return err
			}
		}
		if err := in.insertRow(); err != nil {
			return err
		}
	}
	return nil
}

// insertRow writes the row in vals, after the statement's rule for conflicts.
func (in *inserter) insertRow() error {
	if err := in.generate(); err != nil {
		return err
	}
	mark := in.rt.Tx.Mark()
	_, err := in.rt.Tx.Insert(in.ctx, in.table, in.vals)
	for err != nil {
		var dup *engine.DuplicateKeyError
		isDup := errors.As(err, &dup) && dup.Table == in.table
		if isDup || in.ignore {
			if e := in.rt.Tx.RollbackTo(mark); e != nil {
				return e
			}
		}
		switch {
		case isDup && in.onDup != nil:
			return in.updateDuplicate(dup.Row)
		case isDup && in.replace:
			if err := in.replaceRow(dup.Row); err != nil {
				return err
			}
		case in.ignore && ignorable(err):
			var e *sqlerr.Error
			errors.As(err, &e)
			in.warn(e)
			return nil
		default:
			return err
		}
		mark = in.rt.Tx.Mark()
		_, err = in.rt.Tx.Insert(in.ctx, in.table, in.vals)
	}
	in.out.Affected++
	return in.returnRow(in.vals)
}

// generate gives the AUTO_INCREMENT column its value where the row has none.
func (in *inserter) generate() error {
	ord := in.auto
	if ord < 0 || in.given {
		return nil
	}
	n, err := in.rt.Tx.NextAuto(in.table, 1)
	if err != nil {
		return err
	}
	if in.out.InsertID == 0 {
		in.out.InsertID = n
	}
	t := &in.def.Columns[ord].Type
	in.opt.Column = in.def.Columns[ord].Name
	in.vals[ord], err = value.Coerce(value.Uint(n), t, &in.opt)
	return err
}

// replaceRow deletes a row that is in the way of REPLACE.
func (in *inserter) replaceRow(id heap.RowID) error {
	if _, err := in.rt.Tx.Lock(in.ctx, in.table, id, engine.LockSpec{X: schema.AllCols(len(in.def.Columns))}); err != nil {
		return err
	}
	ok, err := in.rt.Tx.ReadCurrent(in.ctx, in.table, id, &in.old)
	if err != nil || !ok {
		return err // gone in the meantime: nothing is in the way
	}
	in.out.Affected++
	return in.rt.Tx.Delete(in.ctx, in.table, id)
}

// returnRow evaluates RETURNING on a written row.
func (in *inserter) returnRow(vals []value.Value) error {
	if in.returning == nil {
		return nil
	}
	env := expr.Env{Row: vals, Run: in.run}
	out := make([]value.Value, len(in.returning))
	for i, f := range in.returning {
		v, err := f(&env)
		if err != nil {
			return err
		}
		out[i] = v.Clone()
	}
	in.out.Returned = append(in.out.Returned, out)
	return nil
}

// ignorable reports whether IGNORE turns the error into a warning.
func ignorable(err error) bool {
	var e *sqlerr.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code {
	case sqlerr.DupEntry, sqlerr.NoReferencedRow, sqlerr.RowIsReferenced, sqlerr.CheckViolated, sqlerr.BadNull:
		return true
	}
	return false
}
