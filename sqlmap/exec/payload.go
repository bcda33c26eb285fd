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
	view row.Row  // of the row that is looked at
	rest residual // what the tests leave to decide of the rows of the batch
	vec  *vector
	// short counts batches of few rows: runs of rows of one layout.
	short int
}

// Where rows of different layouts lie mixed, batches are so short that reading row by row is cheaper.
const (
	shortBatch  = 8
	mostBatches = 16 // short ones of a scan
)

// batch reads up to n rows; those of sel pass the tests of the filter and are to be admitted. ok is false when rows are
// not to be had that way any more, and there are no rows at the end. What it returns is good until the cursor goes on.
func (p *payloadScan) batch(n int) (rows [][]byte, sel []uint16, ok bool, err error) {
	if p.short > mostBatches {
		return nil, nil, false, nil
	}
	o, r := p.op, p.op.reader
	layout, rows, ok, err := o.cur.NextPayloads(o.x.ctx, min(n, vectorRows))
	if err != nil || !ok || len(rows) == 0 {
		return nil, nil, ok, err
	}
	if len(rows) < min(n, shortBatch) {
		p.short++
	}
	if p.vec == nil {
		p.vec = vectors.Get().(*vector)
	}
	p.view, p.rest = row.Row{Layout: layout, Overflow: o.cur.Overflow()}, r.filter
	sel = p.vec.all(len(rows))
	if len(r.tests) > 0 && layout != r.layout {
		p.rest = residual{pred: r.spec.pred}
		return rows, sel, true, nil
	}
	for i := range r.tests {
		if sel = r.tests[i].keep(p.vec, rows, sel); len(sel) == 0 {
			break
		}
	}
	return rows, sel, true, nil
}

// admit reports whether a row that passed the tests passes the rest of the filter.
func (p *payloadScan) admit(payload []byte) (bool, error) {
	p.view.Data = payload
	return p.op.reader.judge(&p.view, &p.rest)
}

// admitAll leaves in sel the rows that admit lets in.
func (p *payloadScan) admitAll(rows [][]byte, sel []uint16) ([]uint16, error) {
	if p.rest.empty() {
		return sel, nil
	}
	n := 0
	for _, s := range sel {
		sel[n] = s
		ok, err := p.admit(rows[s])
		if err != nil {
			return nil, err
		}
		if ok {
			n++
		}
	}
	return sel[:n], nil
}

// free gives the memory up and makes p ready for another scan.
func (p *payloadScan) free() {
	p.short = 0
	if p.vec != nil {
		vectors.Put(p.vec)
		p.vec = nil
	}
}
