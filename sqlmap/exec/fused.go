package exec

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// scanRows calls f for each row of a scan that passes its filter, with env on the row's columns. Strings are not
// copied: they are good until f returns.
func (x *execution) scanRows(o *scanOp, env *expr.Env, f func() error) error {
	tuple := make([]value.Value, o.spec.width)
	return o.each(func(r *row.Row, id heap.RowID) error {
		if err := o.reader.decode(id, r, tuple); err != nil {
			return err
		}
		env.Row = tuple
		return f()
	}, nil)
}

// each opens the scan and calls f for each row that passes the filter. Where rows are read from their bytes, all of a
// batch go to bulk at once if there is one and they are of the layout that the scan was compiled for.
func (o *scanOp) each(f func(r *row.Row, id heap.RowID) error, bulk func(v *vector, rows [][]byte, sel []uint16)) error {
	if err := o.open(); err != nil {
		return err
	}
	defer o.close()
	for o.byPayload {
		rows, sel, ok, err := o.payload.batch(vectorRows)
		switch {
		case err != nil:
			return err
		case !ok:
			o.byPayload = false
			continue
		case len(rows) == 0:
			return nil
		}
		if bulk != nil && o.payload.view.Layout == o.reader.layout {
			bulk(o.payload.vec, rows, sel)
			continue
		}
		for _, s := range sel {
			if err := f(o.payload.at(rows[s]), 0); err != nil {
				return err
			}
		}
	}
	return o.rest(func(rows []engine.CursorRow) error {
		for i := range rows {
			ok, err := o.reader.accept(&rows[i].Row)
			if err != nil {
				return err
			}
			if !ok {
				continue
			}
			if err := f(&rows[i].Row, rows[i].ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// rest hands each batch of rows, before the filter, of an open scan that something may have been read from to f.
func (o *scanOp) rest(f func(rows []engine.CursorRow) error) error {
	if o.done {
		return nil
	}
	if o.get {
		id, ok, err := o.x.tx.Get(o.x.ctx, o.spec.index, o.key, &o.row)
		if err != nil || !ok {
			return err
		}
		return f([]engine.CursorRow{{ID: id, Row: o.row}})
	}
	for {
		rows, err := o.cur.NextBatch(o.x.ctx, o.size)
		if err != nil {
			return err
		}
		o.size = min(2*o.size, maxBatchRows)
		if len(rows) == 0 {
			if len(o.ranges) == 0 {
				return nil
			}
			o.nextRange()
			continue
		}
		err = f(rows)
		o.cur.Unpin()
		if err != nil {
			return err
		}
	}
}
