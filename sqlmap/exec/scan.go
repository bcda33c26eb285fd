package exec

import (
	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// A range scan that would read more than this part of the table reads the whole table instead, unless its order
// matters: following an index entry costs several times what the next row of a scan does.
const (
	wideNumerator   = 3
	wideDenominator = 10
	wideLeast       = 256 // entries: below that it does not matter
	wideAsk         = 16  // ranges: more are not asked about
)

// scanSpec reads a base table, all of it or ranges of an index.
type scanSpec struct {
	*readerSpec
	index   *engine.Index // nil: the whole table
	ranges  rangeSpec
	ordered bool
}

func (c *compiler) scan(n *plan.Scan) spec {
	if _, virtual := n.Table.(plan.VirtualTable); virtual {
		return c.virtual(n)
	}
	return c.tableScan(n, nil)
}

// tableScan compiles a scan whose bounds read tuples of the given positions.
func (c *compiler) tableScan(n *plan.Scan, at positions) *scanSpec {
	s := &scanSpec{readerSpec: c.reader(n), ordered: n.Ordered}
	if n.Access.Kind == plan.IndexScan && s.table != nil {
		s.index = s.table.Index(n.Access.Index)
		s.ranges = c.ranges(n, at)
	}
	return s
}

func (s *scanSpec) start(x *execution, outer *expr.Env) operator {
	return &scanOp{spec: s, x: x, reader: s.readerSpec.start(x, outer), env: x.env(outer)}
}

type scanOp struct {
	spec   *scanSpec
	x      *execution
	reader *reader
	env    *expr.Env // of the bounds
	cur    *engine.Cursor
	spare  *engine.Cursor // closed
	ranges []engine.Range
	one    [1]engine.Range
	key    []value.Value
	row    row.Row
	get    bool // one row by a whole unique key
	done   bool
	size   int
	// byPayload says that rows of the cursor are to be had from their bytes, as payload reads them.
	byPayload bool
	payload   *payloadScan // made when first needed
}

func (o *scanOp) open() error {
	o.size, o.done, o.get, o.byPayload = firstBatchRows, false, false, false
	o.reader.open()
	s := o.spec
	if s.index == nil {
		o.scan()
		return nil
	}
	ranges, err := o.bounds()
	if err == errWholeTable {
		o.ranges = nil
		o.scan()
		return nil
	}
	if err != nil || o.get {
		return err
	}
	if len(ranges) == 0 {
		o.done = true
		return nil
	}
	if !s.ordered && o.wide(ranges) {
		o.scan()
		o.ranges = nil
		return nil
	}
	o.ranges = ranges
	o.nextRange()
	return nil
}

// bounds evaluates the ranges; with o.get set there is one key instead, o.key.
func (o *scanOp) bounds() ([]engine.Range, error) {
	r := &o.spec.ranges
	if !r.equal {
		return r.build(o.env)
	}
	key, ok, wide, err := r.key(o.env, o.key[:0])
	o.key = key
	switch {
	case err != nil:
		return nil, err
	case wide:
		return r.build(o.env)
	case r.full && r.unique:
		o.get, o.done = true, !ok
		return nil, nil
	case !ok:
		return nil, nil
	}
	end := engine.Bound{Vals: key, Inclusive: true}
	o.one[0] = engine.Range{Lo: end, Hi: end, Reverse: r.reverse}
	return o.one[:], nil
}

// scan opens a cursor over the table.
func (o *scanOp) scan() {
	o.release()
	o.cur, o.spare = o.x.tx.Scan(o.spec.table, engine.ScanOptions{Reuse: o.spare}), nil
	// Payloads do not say which row they are of.
	if o.byPayload = o.spec.rowID < 0; o.byPayload && o.payload == nil {
		o.payload = &payloadScan{op: o}
	}
}

// nextRange opens a cursor over the next range.
func (o *scanOp) nextRange() {
	o.release()
	o.cur, o.spare = o.x.tx.ScanIndex(o.spec.index, o.ranges[0], engine.ScanOptions{Reuse: o.spare}), nil
	o.ranges = o.ranges[1:]
}

// release closes the cursor.
func (o *scanOp) release() {
	if o.cur != nil {
		o.cur.Close()
		o.cur, o.spare = nil, o.cur
	}
	if o.payload != nil {
		o.payload.free()
	}
}

// wide reports whether the ranges cover so much of the table that reading all of it is cheaper.
func (o *scanOp) wide(ranges []engine.Range) bool {
	rows := o.spec.table.RowEstimate()
	if len(ranges) > wideAsk || o.spec.ranges.unique || o.spec.index.Def().Kind != schema.BTree {
		return int64(len(ranges)) > max(rows*wideNumerator/wideDenominator, wideLeast)
	}
	limit := max(rows*wideNumerator/wideDenominator, wideLeast)
	var sum int64
	for _, r := range ranges {
		if sum += o.spec.index.EstimateRange(r); sum > limit {
			return true
		}
	}
	return false
}

func (o *scanOp) close() { o.release() }

func (o *scanOp) next(b *Batch) error {
	b.reset(o.spec.width)
	if o.done {
		return nil
	}
	if o.get {
		o.done = true
		return o.getOne(b)
	}
	if o.byPayload {
		if err := o.nextPayloads(b); err != nil || b.n > 0 || o.done {
			return err
		}
	}
	for {
		rows, err := o.cur.NextBatch(o.x.ctx, o.ask(b))
		if err != nil {
			return err
		}
		if len(rows) == 0 {
			if len(o.ranges) == 0 {
				o.done = true
				return nil
			}
			o.nextRange()
			continue
		}
		err = o.take(rows, b)
		o.cur.Unpin()
		if err != nil || b.n > 0 {
			return err
		}
	}
}

// nextPayloads fills b from the bytes of rows, and clears byPayload when there is more that is not to be had so.
func (o *scanOp) nextPayloads(b *Batch) error {
	for b.n == 0 {
		rows, sel, ok, err := o.payload.batch(o.ask(b))
		if err != nil || !ok {
			o.byPayload = false
			return err
		}
		if o.done = len(rows) == 0; o.done {
			return nil
		}
		for _, s := range sel {
			ok, err := o.payload.admit(rows[s])
			if err == nil && ok {
				err = o.reader.emit(0, &o.payload.view, b.grow(), &b.arena)
			}
			if err != nil {
				return err
			}
		}
		o.cur.Unpin()
	}
	return nil
}

// ask returns how many rows to read next, and doubles the size of the batch after it.
func (o *scanOp) ask(b *Batch) int {
	n := o.size
	if o.size < maxBatchRows {
		o.size *= 2
	}
	if o.spec.pred == nil {
		return b.room(n)
	}
	return n
}

func (o *scanOp) take(rows []engine.CursorRow, b *Batch) error {
	for i := range rows {
		r := &rows[i]
		ok, err := o.reader.accept(&r.Row)
		if err != nil {
			return err
		}
		if !ok {
			continue
		}
		if err := o.reader.emit(r.ID, &r.Row, b.grow(), &b.arena); err != nil {
			return err
		}
	}
	return nil
}

func (o *scanOp) getOne(b *Batch) error {
	id, ok, err := o.x.tx.Get(o.x.ctx, o.spec.index, o.key, &o.row)
	if err != nil || !ok {
		return err
	}
	if ok, err = o.reader.accept(&o.row); err != nil || !ok {
		return err
	}
	return o.reader.emit(id, &o.row, b.grow(), &b.arena)
}
