package exec

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// lookupSpec finds the matches of each left tuple in an index of the right table.
type lookupSpec struct {
	joinSpec
	right *scanSpec
}

func (c *compiler) lookupJoin(n *plan.Join, left spec) spec {
	scan := n.Right.(*plan.Scan)
	right := c.tableScan(scan, positionsOf(left.layout()))
	return &lookupSpec{joinSpec: c.joinOver(n, left, right.layout()), right: right}
}

func (s *lookupSpec) start(x *execution, outer *expr.Env) operator {
	return &lookupOp{
		spec: s, x: x, left: leftSide{op: s.left.start(x, outer)}, reader: s.right.readerSpec.start(x, outer),
		bounds: x.env(outer), env: x.env(outer),
	}
}

type lookupOp struct {
	spec   *lookupSpec
	x      *execution
	left   leftSide
	reader *reader
	bounds *expr.Env // reads the left tuple
	env    *expr.Env // reads the combined tuple

	active  bool // the matches of the current left tuple are being read
	matched bool
	cur     *engine.Cursor
	ranges  []engine.Range
	key     []value.Value
	one     [1]engine.Range
	row     row.Row
}

func (o *lookupOp) open() error {
	o.left.reset()
	o.active = false
	o.reader.open()
	return o.left.op.open()
}

func (o *lookupOp) close() {
	o.stop()
	o.left.op.close()
}

func (o *lookupOp) stop() {
	if o.cur != nil {
		o.cur.Close()
		o.cur = nil
	}
	o.active = false
}

func (o *lookupOp) next(b *Batch) error {
	b.reset(o.spec.width)
	full := b.room(maxBatchRows)
	for {
		ok, err := o.left.fetch()
		if err != nil || !ok {
			return err
		}
		for o.left.at < o.left.batch.n {
			if err := o.probe(b); err != nil {
				return err
			}
			if b.n >= full {
				return nil
			}
		}
		if b.n > 0 {
			return nil
		}
	}
}

// probe adds matches of the current left tuple to b, and moves on to the next when there are no more.
func (o *lookupOp) probe(b *Batch) error {
	if !o.active {
		o.matched, o.active = false, true
		done, err := o.begin(b)
		if err != nil {
			return err
		}
		if done {
			return o.finish(b)
		}
	}
	if o.cur == nil {
		if len(o.ranges) == 0 {
			return o.finish(b)
		}
		o.cur = o.x.tx.ScanIndex(o.spec.right.index, o.ranges[0], engine.ScanOptions{})
		o.ranges = o.ranges[1:]
	}
	rows, err := o.cur.NextBatch(o.x.ctx, o.ask())
	if err != nil {
		return err
	}
	if len(rows) == 0 {
		o.cur.Close()
		o.cur = nil
		return nil
	}
	for i := range rows {
		more, err := o.match(&rows[i], b)
		if err != nil {
			return err
		}
		if !more {
			o.cur.Unpin()
			return o.finish(b)
		}
	}
	o.cur.Unpin()
	return nil
}

// ask returns how many matches to read at a time.
func (o *lookupOp) ask() int {
	if o.spec.single() {
		return firstBatchRows
	}
	return maxBatchRows / 8
}

// begin works out where the matches of the left tuple are; done when there is at most one and it has been taken.
func (o *lookupOp) begin(b *Batch) (done bool, err error) {
	o.bounds.Row = o.left.row()
	rs := &o.spec.right.ranges
	o.ranges = nil
	if rs.equal {
		key, ok, wide, err := rs.key(o.bounds, o.key[:0])
		o.key = key
		if err != nil || !ok && !wide {
			return true, err
		}
		if !wide {
			if rs.full && rs.unique {
				return true, o.getOne(b)
			}
			end := engine.Bound{Vals: o.key, Inclusive: true}
			o.one[0] = engine.Range{Lo: end, Hi: end}
			o.ranges = o.one[:]
			return false, nil
		}
	}
	o.ranges, err = rs.build(o.bounds)
	if err == errWholeTable {
		o.cur = o.x.tx.Scan(o.spec.right.table, engine.ScanOptions{})
		return false, nil
	}
	return false, err
}

func (o *lookupOp) getOne(b *Batch) error {
	id, ok, err := o.x.tx.Get(o.x.ctx, o.spec.right.index, o.key, &o.row)
	if err != nil || !ok {
		return err
	}
	_, err = o.match(&engine.CursorRow{ID: id, Row: o.row}, b)
	return err
}

// match joins the left tuple with a row of the right table, if conditions allow; more is false when the left tuple is
// done with.
func (o *lookupOp) match(r *engine.CursorRow, b *Batch) (more bool, err error) {
	ok, err := o.reader.accept(&r.Row)
	if err != nil || !ok {
		return true, err
	}
	s := o.spec
	dst := b.grow()
	copy(dst, o.left.row())
	if err := o.reader.emit(r.ID, &r.Row, dst[s.leftWidth:s.leftWidth+s.rightWidth], &b.arena); err != nil {
		return false, err
	}
	matched, err := s.offer(b, dst, o.env)
	if err != nil {
		return false, err
	}
	if !matched {
		return true, nil
	}
	o.matched = true
	return !s.single(), nil
}

// finish ends the current left tuple.
func (o *lookupOp) finish(b *Batch) error {
	o.stop()
	if !o.matched {
		o.spec.pad(b, o.left.row())
	}
	o.left.at++
	return nil
}
