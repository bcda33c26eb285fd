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
	ranges []engine.Range
	key    []value.Value
	row    row.Row
	get    bool // one row by a whole unique key
	done   bool
	size   int
}

func (o *scanOp) open() error {
	o.size, o.done, o.get = firstBatchRows, false, false
	if err := o.reader.open(); err != nil {
		return err
	}
	s := o.spec
	if s.index == nil {
		o.cur = o.x.tx.Scan(s.table, engine.ScanOptions{})
		return nil
	}
	if s.ranges.full && s.ranges.unique {
		key, ok, wide, err := s.ranges.key(o.env, o.key[:0])
		o.key = key
		if err != nil {
			return err
		}
		if !wide {
			o.get, o.done = true, !ok
			return nil
		}
	}
	ranges, err := s.ranges.build(o.env)
	if err != nil {
		return err
	}
	if len(ranges) == 0 {
		o.done = true
		return nil
	}
	if !s.ordered && o.wide(ranges) {
		o.cur = o.x.tx.Scan(s.table, engine.ScanOptions{})
		o.ranges = nil
		return nil
	}
	o.cur = o.x.tx.ScanIndex(s.index, ranges[0], engine.ScanOptions{})
	o.ranges = ranges[1:]
	return nil
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

func (o *scanOp) close() {
	if o.cur != nil {
		o.cur.Close()
		o.cur = nil
	}
}

func (o *scanOp) next(b *Batch) error {
	b.reset(o.spec.width)
	if o.done {
		return nil
	}
	if o.get {
		o.done = true
		return o.getOne(b)
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
			o.cur.Close()
			o.cur = o.x.tx.ScanIndex(o.spec.index, o.ranges[0], engine.ScanOptions{})
			o.ranges = o.ranges[1:]
			continue
		}
		err = o.take(rows, b)
		o.cur.Unpin()
		if err != nil || b.n > 0 {
			return err
		}
	}
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
