package exec

import (
	"encoding/binary"
	"math"
	"math/bits"
	"sync"

	"github.com/worktable-go/worktable/sqlmap/expr"
)

// vectorRows is how many rows a kernel works on at a time: few enough that what it touches of them stays in the first
// cache between its loops.
const vectorRows = 256

// vector is the memory of a kernel's loops over one batch of payloads: the rows that are still in, by number, and the
// values of one column of theirs.
type vector struct {
	sel  [vectorRows]uint16
	vals [vectorRows]int64
}

var vectors = sync.Pool{New: func() any { return new(vector) }}

// intRange is a test as an interval, so that every comparison is one subtraction and one comparison.
type intRange struct {
	lo   int64
	span uint64 // from lo to the last value inside
	not  bool   // what is outside passes
	intColumn
}

func (t *test) interval() intRange {
	r := intRange{lo: math.MinInt64, span: math.MaxUint64, intColumn: t.intColumn}
	switch t.op {
	case expr.CompareEqual:
		r.lo, r.span = t.k, 0
	case expr.CompareNotEqual:
		r.lo, r.span, r.not = t.k, 0, true
	case expr.CompareLess:
		// Everything from the constant on is out.
		r.lo, r.span, r.not = t.k, uint64(math.MaxInt64)-uint64(t.k), true
	case expr.CompareLessEqual:
		r.span = uint64(t.k) - 1<<63
	case expr.CompareGreater:
		r.span, r.not = uint64(t.k)-1<<63, true
	default:
		r.lo, r.span = t.k, uint64(math.MaxInt64)-uint64(t.k)
	}
	return r
}

// all selects n rows.
func (v *vector) all(n int) []uint16 {
	sel := v.sel[:n]
	for i := range sel {
		sel[i] = uint16(i)
	}
	return sel
}

// keep leaves in sel the rows that pass the test.
func (v *vector) keep(t *intRange, rows [][]byte, sel []uint16) []uint16 {
	sel = t.present(rows, sel)
	vals := v.vals[:len(sel)]
	t.gather(rows, sel, vals)
	n := 0
	for i, s := range sel {
		sel[n] = s
		if uint64(vals[i])-uint64(t.lo) <= t.span != t.not {
			n++
		}
	}
	return sel[:n]
}

// present leaves in sel the rows in which the column is not NULL.
func (c *intColumn) present(rows [][]byte, sel []uint16) []uint16 {
	if c.nullMask == 0 {
		return sel
	}
	n := 0
	for _, s := range sel {
		sel[n] = s
		if rows[s][c.nullAt]&c.nullMask == 0 {
			n++
		}
	}
	return sel[:n]
}

// gather loads the column of the selected rows.
func (c *intColumn) gather(rows [][]byte, sel []uint16, dst []int64) {
	at, shift := c.offset, c.shift&63
	if c.unsigned {
		for i, s := range sel {
			dst[i] = int64(c.eight(rows[s], at) << shift >> shift)
		}
		return
	}
	for i, s := range sel {
		dst[i] = int64(c.eight(rows[s], at)<<shift) >> shift
	}
}

// eight reads eight bytes at a column, of which those behind the row are 0.
func (c *intColumn) eight(row []byte, at int) uint64 {
	if at+8 <= len(row) {
		return binary.LittleEndian.Uint64(row[at:])
	}
	return endOf(row[at:])
}

func endOf(b []byte) uint64 {
	var buf [8]byte
	copy(buf[:], b)
	return binary.LittleEndian.Uint64(buf[:])
}

// vectors computes the aggregates of what is left of a scan from the payloads of its rows. ended is false when not all rows
// were to be had that way; fits is false when one has another layout than the kernel was made for.
func (k *kernel) vectors(o *scanOp) (ended, fits bool, err error) {
	v := vectors.Get().(*vector)
	defer vectors.Put(v)
	ranges := make([]intRange, len(o.reader.tests))
	for i := range ranges {
		ranges[i] = o.reader.tests[i].interval()
	}
	for {
		layout, rows, ok, err := o.cur.NextPayloads(o.x.ctx, vectorRows)
		switch {
		case err != nil || !ok:
			return false, true, err
		case len(rows) == 0:
			return true, true, nil
		case layout != o.reader.layout:
			return false, false, nil
		}
		sel := v.all(len(rows))
		for i := range ranges {
			if sel = v.keep(&ranges[i], rows, sel); len(sel) == 0 {
				break
			}
		}
		k.rows += int64(len(sel))
		for i := range k.accs {
			k.accs[i].takeAll(&k.spec.aggs[i], v, rows, sel)
		}
	}
}

// takeAll adds the column of the selected rows to the aggregate.
func (a *kernelAcc) takeAll(agg *kernelAgg, v *vector, rows [][]byte, sel []uint16) {
	if agg.kind == kernelCountAll || len(sel) == 0 {
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
	switch agg.kind {
	case kernelSum:
		hi, lo, carry := a.hi, a.lo, uint64(0)
		for _, n := range vals {
			lo, carry = bits.Add64(lo, uint64(n), 0)
			hi += uint64(n>>63) + carry
		}
		a.hi, a.lo = hi, lo
	case kernelMin, kernelMax:
		for i, n := range vals {
			if a.n == 0 && i == 0 || (n < a.best) == (agg.kind == kernelMin) && n != a.best {
				a.best = n
			}
		}
	}
	a.n += int64(len(sel))
}
