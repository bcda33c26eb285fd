package exec

import (
	"sync"

	"github.com/worktable-go/worktable/engine/row"
)

// vectorRows is how many rows are worked on at a time when they are read from their bytes: few enough that what is
// touched of them stays in the first cache between the loops.
const vectorRows = 256

// vector is the memory of the loops over one batch of payloads: the rows that are still in, by number, and the values of
// one column of theirs.
type vector struct {
	sel  [vectorRows]uint16
	vals [vectorRows]int64
}

var vectors = sync.Pool{New: func() any { return new(vector) }}

// all selects n rows.
func (v *vector) all(n int) []uint16 {
	sel := v.sel[:n]
	for i := range sel {
		sel[i] = uint16(i)
	}
	return sel
}

// payloadScan reads the rows of a table scan from their bytes: no view is made for a row before something more than
// fixed columns is asked of it.
type payloadScan struct {
	op   *scanOp
	view row.Row // of the row that is looked at
	vec  *vector
}

// batch reads up to n rows; those of sel pass the filter. ok is false when rows are not to be had that way any more, and
// no row at the end. What it returns is good until the cursor goes on.
func (p *payloadScan) batch(n int) (rows [][]byte, sel []uint16, ok bool, err error) {
	o := p.op
	layout, rows, ok, err := o.cur.NextPayloads(o.x.ctx, min(n, vectorRows))
	if err != nil || !ok || len(rows) == 0 {
		return nil, nil, ok, err
	}
	if p.vec == nil {
		p.vec = vectors.Get().(*vector)
		p.view.Overflow = o.cur.Overflow()
	}
	p.view.Layout = layout
	sel, err = p.pass(rows, p.vec.all(len(rows)))
	return rows, sel, true, err
}

// pass leaves in sel the rows that pass the filter.
func (p *payloadScan) pass(rows [][]byte, sel []uint16) ([]uint16, error) {
	r := p.op.reader
	pred := r.pred
	if len(r.tests) > 0 {
		if p.view.Layout == r.layout {
			for i := range r.tests {
				if sel = r.tests[i].keep(p.vec, rows, sel); len(sel) == 0 {
					return sel, nil
				}
			}
		} else {
			pred = r.spec.pred
		}
	}
	if pred == nil {
		return sel, nil
	}
	n := 0
	for _, s := range sel {
		sel[n] = s
		p.view.Data = rows[s]
		ok, err := r.judge(&p.view, pred)
		if err != nil {
			return nil, err
		}
		if ok {
			n++
		}
	}
	return sel[:n], nil
}

// at returns a view of a row, which is good until the next one.
func (p *payloadScan) at(payload []byte) *row.Row {
	p.view.Data = payload
	return &p.view
}

// free gives the memory up.
func (p *payloadScan) free() {
	if p.vec != nil {
		vectors.Put(p.vec)
	}
	p.vec = nil
}
