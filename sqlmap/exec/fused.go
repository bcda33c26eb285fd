package exec

import (
	"math/big"
	"math/bits"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// scanRows calls f for each row of a scan that passes its filter, with env on the row's columns. Strings are not
// copied: they are good until f returns.
func (x *execution) scanRows(o *scanOp, env *expr.Env, f func() error) error {
	tuple := make([]value.Value, o.spec.width)
	return o.each(func(r *engine.CursorRow) error {
		ok, err := o.reader.accept(&r.Row)
		if err != nil || !ok {
			return err
		}
		if err := o.reader.decode(r.ID, &r.Row, tuple); err != nil {
			return err
		}
		env.Row = tuple
		return f()
	})
}

// each calls f for each row that the scan finds, before the filter.
func (o *scanOp) each(f func(r *engine.CursorRow) error) error {
	return o.batches(func(rows []engine.CursorRow) error {
		for i := range rows {
			if err := f(&rows[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// batches opens the scan and hands each batch of rows to f.
func (o *scanOp) batches(f func(rows []engine.CursorRow) error) error {
	if err := o.open(); err != nil {
		return err
	}
	defer o.close()
	return o.rest(f)
}

// rest is batches for an open scan that something may have been read from.
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

// kernelSpec computes aggregates of fixed integer columns on the bytes of the rows.
type kernelSpec struct {
	aggs []kernelAgg
}

type kernelKind uint8

const (
	kernelCountAll kernelKind = iota
	kernelCount
	kernelSum
	kernelMin
	kernelMax
)

type kernelAgg struct {
	kind kernelKind
	uint bool // the column is UNSIGNED
	intColumn
}

var kernelKinds = map[string]kernelKind{"count": kernelCount, "sum": kernelSum, "min": kernelMin, "max": kernelMax}

// kernel returns the kernel of an aggregate over a scan, nil when one of its calls or conditions needs more.
func (c *compiler) kernel(n *plan.Aggregate, scan *scanSpec) *kernelSpec {
	if len(scan.tests) == 0 && scan.pred != nil || scan.generic != nil {
		return nil
	}
	in := n.Input.(*plan.Scan)
	k := &kernelSpec{}
	for i := range n.Aggs {
		call := n.Aggs[i].Call
		if call == nil || call.Distinct {
			return nil
		}
		kind, ok := kernelKinds[call.Name]
		if !ok {
			return nil
		}
		if call.Star {
			k.aggs = append(k.aggs, kernelAgg{kind: kernelCountAll})
			continue
		}
		col, ok := call.Args[0].(*expr.Column)
		if !ok || len(call.Args) != 1 || col.Depth != 0 {
			return nil
		}
		ord := in.Ord(plan.ColID(col.Slot))
		ic, ok := intColumnOf(scan.table, ord)
		if !ok {
			return nil
		}
		k.aggs = append(k.aggs, kernelAgg{kind: kind, intColumn: ic, uint: in.Table.Def().Columns[ord].Type.Unsigned})
	}
	return k
}

// kernel is a running kernelSpec.
type kernel struct {
	spec *kernelSpec
	rows int64 // that passed the filter
	accs []kernelAcc
}

// kernelAcc is the state of one aggregate. The sum is a 128-bit integer.
type kernelAcc struct {
	n      int64 // values that are not NULL
	hi, lo uint64
	best   int64
}

// run computes the aggregates of all rows of the scan; ok is false when a condition turned out to need more than
// integers, or a row is of an older layout.
func (s *kernelSpec) run(x *execution, o *scanOp) (k *kernel, ok bool, err error) {
	k = &kernel{spec: s, accs: make([]kernelAcc, len(s.aggs))}
	if err := o.open(); err != nil {
		return nil, false, err
	}
	defer o.close()
	if len(o.spec.tests) != len(o.reader.tests) {
		return nil, false, nil
	}
	if !o.done && !o.get {
		if ended, fits, err := k.vectors(o); ended || !fits || err != nil {
			return k, fits, err
		}
	}
	ok = true
	err = o.rest(func(rows []engine.CursorRow) error {
		layout := o.reader.layout
		for i := range rows {
			if rows[i].Row.Layout != layout {
				ok = false
				return errStop
			}
			k.take(o.reader.tests, &rows[i].Row)
		}
		return nil
	})
	if err == errStop {
		err = nil
	}
	return k, ok, err
}

func (k *kernel) take(tests []test, r *row.Row) {
	data := r.Data
	for i := range tests {
		t := &tests[i]
		if v, ok := t.load(data); !ok || !t.holds(v) {
			return
		}
	}
	k.rows++
	for i := range k.accs {
		agg := &k.spec.aggs[i]
		if agg.kind == kernelCountAll {
			continue
		}
		v, ok := agg.load(data)
		if !ok {
			continue
		}
		a := &k.accs[i]
		a.n++
		switch agg.kind {
		case kernelSum:
			var carry uint64
			a.lo, carry = bits.Add64(a.lo, uint64(v), 0)
			a.hi += uint64(v>>63) + carry
		case kernelMin:
			if a.n == 1 || v < a.best {
				a.best = v
			}
		case kernelMax:
			if a.n == 1 || v > a.best {
				a.best = v
			}
		}
	}
}

// results writes the aggregates to dst.
func (k *kernel) results(dst []value.Value) {
	for i := range k.accs {
		agg, a := &k.spec.aggs[i], &k.accs[i]
		switch {
		case agg.kind == kernelCountAll:
			dst[i] = value.Int(k.rows)
		case agg.kind == kernelCount:
			dst[i] = value.Int(a.n)
		case a.n == 0:
			dst[i] = value.Null
		case agg.kind == kernelSum:
			dst[i] = a.sum()
		case agg.uint:
			dst[i] = value.Uint(uint64(a.best))
		default:
			dst[i] = value.Int(a.best)
		}
	}
}

func (a *kernelAcc) sum() value.Value {
	if int64(a.hi) == int64(a.lo)>>63 {
		return value.Decimal(int64(a.lo), 0)
	}
	n := new(big.Int).SetInt64(int64(a.hi))
	n.Lsh(n, 64)
	n.Add(n, new(big.Int).SetUint64(a.lo))
	return value.DecimalBig(n, 0)
}
