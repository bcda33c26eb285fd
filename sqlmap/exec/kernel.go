package exec

import (
	"math"
	"math/big"
	"math/bits"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// kernelSpec computes aggregates of fixed columns on the bytes of the rows.
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
	call *expr.Aggregate
	fixedColumn
}

var kernelKinds = map[string]kernelKind{"count": kernelCount, "sum": kernelSum, "avg": kernelSum, "min": kernelMin, "max": kernelMax}

// kernel returns the kernel of an aggregate over a scan, nil when one of its calls needs more.
func (c *compiler) kernel(n *plan.Aggregate, scan *scanSpec) *kernelSpec {
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
		fc, ok := fixedColumnOf(scan.table, in.Ord(plan.ColID(col.Slot)))
		if !ok || !fc.class.aggregates(kind) {
			return nil
		}
		k.aggs = append(k.aggs, kernelAgg{kind: kind, call: call, fixedColumn: fc})
	}
	return k
}

// aggregates reports whether a kernel computes the aggregate of such a column. MIN and MAX of an ENUM go by its labels.
func (c columnClass) aggregates(kind kernelKind) bool {
	switch kind {
	case kernelCount:
		return true
	case kernelSum:
		return c <= classDecimal
	}
	return c < classEnum
}

// kernel is a running kernelSpec.
type kernel struct {
	spec *kernelSpec
	rows int64 // that passed the filter
	accs []kernelAcc
}

// kernelAcc is the state of one aggregate. The sum is an integer of 128 bits, or a double that is added up in the order of
// the rows.
type kernelAcc struct {
	n      int64 // values that are not NULL
	hi, lo uint64
	float  float64
	best   int64
}

// run computes the aggregates of all rows of the scan.
func (s *kernelSpec) run(o *scanOp) (*kernel, error) {
	k := &kernel{spec: s, accs: make([]kernelAcc, len(s.aggs))}
	return k, o.each(func(r *row.Row, _ heap.RowID) error {
		k.take(o.reader.layout, r)
		return r.Err()
	}, k.takeAll)
}

// takeAll takes rows of the layout that the kernel was compiled for.
func (k *kernel) takeAll(v *vector, rows [][]byte, sel []uint16) {
	k.rows += int64(len(sel))
	for i := range k.accs {
		if agg := &k.spec.aggs[i]; agg.kind != kernelCountAll {
			k.accs[i].takeAll(agg, v, rows, sel)
		}
	}
}

// take takes a row of any layout.
func (k *kernel) take(layout *row.Layout, r *row.Row) {
	k.rows++
	for i := range k.accs {
		agg, a := &k.spec.aggs[i], &k.accs[i]
		switch {
		case agg.kind == kernelCountAll:
		case agg.kind == kernelCount:
			if !r.IsNull(agg.ord) {
				a.n++
			}
		default:
			v, ok := int64(0), false
			if r.Layout == layout {
				v, ok = agg.load(r.Data)
			} else {
				v, ok = agg.loadRow(r)
			}
			if ok {
				a.take(agg, v)
			}
		}
	}
}

// take adds one value of the column.
func (a *kernelAcc) take(agg *kernelAgg, v int64) {
	one := [1]int64{v}
	switch {
	case agg.kind != kernelSum:
		a.bestOf(agg, one[:])
	case agg.class == classFloat:
		a.float += math.Float64frombits(uint64(v))
	default:
		a.addAll(agg, one[:])
	}
	a.n++
}

// takeAll adds the column of the selected rows to the aggregate. They are of the column's layout.
func (a *kernelAcc) takeAll(agg *kernelAgg, v *vector, rows [][]byte, sel []uint16) {
	if len(sel) == 0 {
		return
	}
	if agg.nullMask != 0 {
		// Other aggregates need sel as it is.
		var some [vectorRows]uint16
		sel = agg.present(rows, some[:copy(some[:], sel)])
	}
	vals := v.vals[:len(sel)]
	if agg.kind != kernelCount {
		agg.gather(rows, sel, vals)
	}
	switch {
	case agg.kind == kernelSum && agg.class == classFloat:
		sum := a.float
		for _, n := range vals {
			sum += math.Float64frombits(uint64(n))
		}
		a.float = sum
	case agg.kind == kernelSum:
		a.addAll(agg, vals)
	case agg.kind == kernelMin || agg.kind == kernelMax:
		a.bestOf(agg, vals)
	}
	a.n += int64(len(sel))
}

// addAll adds integers to the sum of 128 bits.
func (a *kernelAcc) addAll(agg *kernelAgg, vals []int64) {
	hi, lo, carry := a.hi, a.lo, uint64(0)
	sign := agg.signMask()
	for _, n := range vals {
		lo, carry = bits.Add64(lo, uint64(n), 0)
		hi += uint64(n>>63)&sign + carry
	}
	a.hi, a.lo = hi, lo
}

// bestOf looks for a better value; of equal ones, as -0 and 0 are, the first stays.
func (a *kernelAcc) bestOf(agg *kernelAgg, vals []int64) {
	if len(vals) == 0 {
		return
	}
	best, min := a.best, agg.kind == kernelMin
	if a.n == 0 {
		best = vals[0]
	}
	switch agg.class {
	case classFloat:
		f := math.Float64frombits(uint64(best))
		for _, n := range vals {
			if g := math.Float64frombits(uint64(n)); min && g < f || !min && g > f {
				f = g
			}
		}
		best = int64(math.Float64bits(f))
	case classUint:
		for _, n := range vals {
			if (uint64(n) < uint64(best)) == min {
				best = n
			}
		}
	default:
		for _, n := range vals {
			if (n < best) == min {
				best = n
			}
		}
	}
	a.best = best
}

// signMask is what the sign of a value is extended with.
func (agg *kernelAgg) signMask() uint64 {
	if agg.class == classUint {
		return 0
	}
	return math.MaxUint64
}

// results writes the aggregates to dst.
func (k *kernel) results(env *expr.Env, dst []value.Value) (err error) {
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
			if dst[i], err = agg.call.ResultOfSum(env, a.n, a.sum(agg)); err != nil {
				return err
			}
		default:
			dst[i] = agg.value(a.best)
		}
	}
	return nil
}

func (a *kernelAcc) sum(agg *kernelAgg) value.Value {
	scale := uint8(0)
	switch agg.class {
	case classFloat:
		return value.Float(a.float)
	case classDecimal:
		scale = agg.typ.Scale
	}
	if int64(a.hi) == int64(a.lo)>>63 {
		return value.Decimal(int64(a.lo), scale)
	}
	n := new(big.Int).SetInt64(int64(a.hi))
	n.Lsh(n, 64)
	n.Add(n, new(big.Int).SetUint64(a.lo))
	return value.DecimalBig(n, scale)
}
