package exec

import (
	"encoding/binary"
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// The loops over vectors decide and compute what the loop over rows does, for every operator, width and sign, with NULLs
// and at the limits of the types.
func TestVectorsAgreeWithRows(t *testing.T) {
	nums := []int64{math.MinInt64, math.MinInt64 + 1, -1 << 31, -129, -128, -1, 0, 1, 127, 128, 255, 256, 65535, 1<<31 - 1,
		1 << 31, 1<<32 - 1, math.MaxInt64 - 1, math.MaxInt64}
	ops := []expr.CompareOp{expr.CompareEqual, expr.CompareNotEqual, expr.CompareLess, expr.CompareLessEqual,
		expr.CompareGreater, expr.CompareGreaterEqual}
	for _, shift := range []uint8{0, 32, 48, 56} {
		for _, unsigned := range []bool{false, true} {
			if unsigned && shift == 0 {
				continue // such a column is not a kernel's
			}
			for _, tail := range []int{0, 8} {
				col := intColumn{offset: 1, nullAt: 0, nullMask: 4, shift: shift, unsigned: unsigned}
				var rows [][]byte
				for i, n := range nums {
					r := make([]byte, 9+tail)
					if binary.LittleEndian.PutUint64(r[1:], uint64(n)); i%5 == 3 {
						r[0] = 0xFF
					}
					rows = append(rows, r[:9+tail-int(shift/8)])
				}
				for _, op := range ops {
					for _, k := range nums {
						requireAgreement(t, rows, test{op: op, k: k, intColumn: col})
					}
				}
			}
		}
	}
}

func requireAgreement(t *testing.T, rows [][]byte, one test) {
	spec := &kernelSpec{}
	for _, kind := range []kernelKind{kernelCountAll, kernelCount, kernelSum, kernelMin, kernelMax} {
		spec.aggs = append(spec.aggs, kernelAgg{kind: kind, intColumn: one.intColumn})
	}
	byRow := kernel{spec: spec, accs: make([]kernelAcc, len(spec.aggs))}
	byVector := kernel{spec: spec, accs: make([]kernelAcc, len(spec.aggs))}
	v := &vector{}
	span := one.interval()
	for range 2 { // the second batch goes on with the state of the first
		want := []uint16{}
		for i, r := range rows {
			if n, ok := one.load(r); ok && one.holds(n) {
				want = append(want, uint16(i))
			}
			byRow.take([]test{one}, &row.Row{Data: r})
		}
		sel := v.keep(&span, rows, v.all(len(rows)))
		require.Equal(t, want, append([]uint16{}, sel...), "operator %v, constant %d", one.op, one.k)
		byVector.rows += int64(len(sel))
		for i := range byVector.accs {
			byVector.accs[i].takeAll(&spec.aggs[i], v, rows, sel)
		}
	}
	require.Equal(t, byRow.rows, byVector.rows)
	require.Equal(t, byRow.accs, byVector.accs, "operator %v, constant %d", one.op, one.k)
}
