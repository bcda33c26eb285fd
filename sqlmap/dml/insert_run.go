package dml

import (
	"context"
	"errors"
	"sync"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// inserter is one execution of an insertPlan. Its buffers are reused by later executions.
type inserter struct {
	*insertPlan
	ctx      context.Context
	rt       *exec.Runtime
	run      *expr.Run
	env      expr.Env      // over vals
	vals     []value.Value // the row being built, by ordinal
	deferred schema.ColSet // columns whose expression default is still to be computed
	given    bool          // the AUTO_INCREMENT column was given a value
	opt      value.CoerceOptions
	old      row.Row       // of a conflicting row
	pair     []value.Value // ON DUPLICATE KEY UPDATE: the row that is there, the proposed one, the SELECT's
	before   []value.Value // the row that is there, as it was
	from     []value.Value // the SELECT's row
	out      Outcome
	found    bool // Options.FoundRows
	rows     int
	spare    uint64 // generated for a row that was not written: the next row takes it
}

var inserters = sync.Pool{New: func() any {
	in := &inserter{}
	in.opt.Warn = in.conversionWarning
	return in
}}

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
	if p.hasSubquery {
		withTx(rt)
	}
	s := rt.Run.Session
	rt.Run.Strict = s.Mode&expr.ModeStrict != 0 && !p.ignore
	in.insertPlan, in.rt, in.run, in.found = p, rt, rt.Run, o.FoundRows
	in.ctx = rt.Run.Context()
	n := len(p.def.Columns)
	if cap(in.vals) < n {
		in.vals = make([]value.Value, n)
	}
	in.vals = in.vals[:n]
	in.env = expr.Env{Row: in.vals, Run: in.run}
	in.opt = value.CoerceOptions{
		Table:     p.def.Name,
		NonStrict: !in.run.Strict,
		Warn:      in.opt.Warn,
		Dates:     s.Mode.DateFlags(),
		TimeZone:  s.Location(),
		Now:       in.run.Now,
	}
}

// release gives the buffers back without what they refer to.
func (in *inserter) release() {
	clear(in.vals)
	clear(in.pair)
	clear(in.before)
	*in = inserter{
		vals: in.vals, pair: in.pair[:0], before: in.before[:0], old: in.old,
		opt: value.CoerceOptions{Warn: in.opt.Warn},
	}
	inserters.Put(in)
}

func (in *inserter) conversionWarning(e *sqlerr.Error) { warn(in.run, e) }

func (in *inserter) insertAll() error {
	for _, ord := range in.missing {
		if err := in.omitted(ord); err != nil {
			return err
		}
	}
	if in.source != nil {
		return in.insertSelect()
	}
	for i := range in.insertPlan.rows.Len() {
		if err := in.poll(i); err != nil {
			return err
		}
		if err := in.buildListed(i); err != nil {
			return err
		}
		if err := in.insertRow(); err != nil {
			return err
		}
	}
	return nil
}

// poll looks at the context now and then.
func (in *inserter) poll(i int) error {
	if i&1023 == 1023 {
		if err := in.ctx.Err(); err != nil {
			return sqlerr.Wrap(err, sqlerr.QueryInterrupted)
		}
	}
	return nil
}

// insertSelect inserts the rows of a query.
func (in *inserter) insertSelect() error {
	rows, err := in.source.Open(in.rt)
	if err != nil {
		return err
	}
	defer rows.Close()
	return each(rows, in.collect, in.rt.MemoryLimit, func(r []value.Value) error {
		if err := in.poll(in.rows); err != nil {
			return err
		}
		in.from = r
		if err := in.buildGiven(r); err != nil {
			return err
		}
		return in.insertRow()
	})
}

// insertRow writes the row in vals, after the statement's rule for conflicts.
func (in *inserter) insertRow() error {
	if in.check != nil {
		if ok, err := in.check.passes(in.rt.Tx, in.vals, &in.env, in.ignore); err != nil || !ok {
			return err
		}
	}
	generated, err := in.generate()
	if err != nil {
		return err
	}
	for {
		id, err := in.rt.Tx.Insert(in.ctx, in.table, in.vals)
		if err == nil {
			return in.inserted(id, generated)
		}
		var dup *engine.DuplicateKeyError
		isDup := errors.As(err, &dup) && dup.Table == in.table
		done := true
		switch {
		case isDup && in.onDup != nil:
			done, err = in.updateDuplicate(dup.Row)
		case isDup && in.replace:
			done, err = in.replaceRow(dup.Row, dup.Index)
		}
		if err != nil {
			if in.ignore && ignorable(err) {
				warn(in.run, err)
				in.keepGenerated(generated, dup)
				return nil
			}
			return err
		}
		if done {
			if in.onDup != nil {
				in.keepGenerated(generated, dup)
			}
			return nil
		}
		// The row that was in the way has gone. Somebody may keep putting new ones there.
		if in.ctx.Err() != nil {
			return sqlerr.Wrap(in.ctx.Err(), sqlerr.QueryInterrupted)
		}
	}
}

// keepGenerated lets the next row of the statement have the generated value of a row that met another one. A value
// that was itself in the way is no use.
func (in *inserter) keepGenerated(generated uint64, dup *engine.DuplicateKeyError) {
	if generated == 0 || dup == nil || dup.Table != in.table {
		return
	}
	for _, part := range in.def.Indexes[dup.Index].Parts {
		if in.def.ColumnByID(part.Column) == in.auto {
			return
		}
	}
	in.spare = generated
}

// inserted counts a row that has been written.
func (in *inserter) inserted(id heap.RowID, generated uint64) error {
	in.out.Affected++
	if in.auto >= 0 {
		in.out.LastID = in.vals[in.auto].Raw64()
		if in.out.Generated == 0 {
			in.out.Generated = generated
		}
	}
	return in.returnRow(id)
}

// generate gives the AUTO_INCREMENT column its value where the row has none, and returns it.
func (in *inserter) generate() (uint64, error) {
	if in.auto < 0 || in.given {
		return 0, nil
	}
	n := in.spare
	in.spare = 0
	if n == 0 {
		var err error
		if n, err = in.rt.Tx.NextAutoOrLast(in.table); err != nil {
			return 0, err
		}
	}
	var err error
	col := &in.def.Columns[in.auto]
	in.opt.Column = col.Name
	in.vals[in.auto], err = value.Coerce(value.Uint(n), &col.Type, &in.opt)
	return n, err
}

// returnRow evaluates RETURNING on a written row, which the engine has completed.
func (in *inserter) returnRow(id heap.RowID) error {
	if in.returning == nil {
		return nil
	}
	ok, err := in.rt.Tx.ReadCurrent(in.ctx, in.table, id, &in.old)
	if err != nil || !ok {
		return err
	}
	if in.before, err = in.old.Values(in.before[:0]); err != nil {
		return err
	}
	out, err := evaluate(in.returning.exprs, in.before, in.run)
	if err != nil {
		return err
	}
	in.out.Returned = append(in.out.Returned, out)
	return nil
}
