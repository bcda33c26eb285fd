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

// each opens the scan and calls f for each row that passes the filter. Where rows are read from their bytes, those of a
// batch go to bulk at once if there is one and they are of the layout that the scan was compiled for.
func (o *scanOp) each(f func(r *row.Row, id heap.RowID) error, bulk func(v *vector, rows [][]byte, sel []uint16)) error {
	if err := o.open(); err != nil {
		return err
	}
	defer o.close()
	if o.byPayload {
		if ended, err := o.eachPayload(f, bulk); ended || err != nil {
			return err
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

// eachPayload is each for rows that are read from their bytes; ended is false when there may be others.
func (o *scanOp) eachPayload(f func(r *row.Row, id heap.RowID) error, bulk func(v *vector, rows [][]byte, sel []uint16)) (ended bool, err error) {
	p := o.payload
	for {
		rows, sel, ok, err := p.batch(vectorRows)
		if err != nil || !ok || len(rows) == 0 {
			return ok, err
		}
		if bulk != nil && p.view.Layout == o.reader.layout {
			if sel, err = p.admitAll(rows, sel); err != nil {
				return false, err
			}
			bulk(p.vec, rows, sel)
			continue
		}
		for _, s := range sel {
			ok, err := p.admit(rows[s])
			if err == nil && ok {
				err = f(&p.view, 0)
			}
			if err != nil {
				return false, err
			}
		}
	}
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
