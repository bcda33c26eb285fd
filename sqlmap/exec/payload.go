package exec

import (
	"sync"

	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/sqlmap/expr"
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
	view row.Row        // of the row that is looked at
	pred expr.Predicate // what the tests leave to decide of the rows of the batch, or nil
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
	p.view, p.pred = row.Row{Layout: layout, Overflow: o.cur.Overflow()}, r.pred
	sel = p.vec.all(len(rows))
	if len(r.tests) > 0 && layout != r.layout {
		p.pred = r.spec.pred
		return rows, sel, true, nil
	}
	for i := range r.tests {
		sel = r.tests[i].keep(p.vec, rows, sel)
	}
	for i := range r.texts {
		if sel, err = p.keepText(&r.texts[i], rows, sel); err != nil {
			return nil, nil, true, err
		}
	}
	return rows, sel, true, nil
}

// keepText leaves in sel the rows whose text passes.
func (p *payloadScan) keepText(t *textTest, rows [][]byte, sel []uint16) ([]uint16, error) {
	n := 0
	for _, s := range sel {
		sel[n] = s
		p.view.Data = rows[s]
		text, ok := p.view.Text(t.ord)
		switch {
		case !ok:
			if err := p.view.Err(); err != nil {
				return nil, err
			}
		case t.match(text):
			n++
		}
	}
	return sel[:n], nil
}

// admit reports whether a row that passed the tests passes the rest of the filter.
func (p *payloadScan) admit(payload []byte) (bool, error) {
	p.view.Data = payload
	if p.pred == nil {
		return true, nil
	}
	return p.op.reader.judge(&p.view, p.pred)
}

// admitAll leaves in sel the rows that admit lets in.
func (p *payloadScan) admitAll(rows [][]byte, sel []uint16) ([]uint16, error) {
	if p.pred == nil {
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
