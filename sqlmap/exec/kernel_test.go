package exec

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

var vectorOps = []expr.CompareOp{expr.CompareEqual, expr.CompareNotEqual, expr.CompareLess, expr.CompareLessEqual,
	expr.CompareGreater, expr.CompareGreaterEqual}

// vectorColumns are the types of fixed width with values at their limits. Each value is a constant for the others too.
var vectorColumns = []struct {
	typ  value.Type
	vals []value.Value
}{
	{value.Type{ID: value.TypeTinyInt}, ints(-128, -1, 0, 1, 127)},
	{value.Type{ID: value.TypeTinyInt, Unsigned: true}, uints(0, 1, 127, 128, 255)},
	{value.Type{ID: value.TypeSmallInt}, ints(-1<<15, -1, 0, 1, 1<<15-1)},
	{value.Type{ID: value.TypeSmallInt, Unsigned: true}, uints(0, 1, 1<<15, 1<<16-1)},
	{value.Type{ID: value.TypeInt}, ints(-1<<31, -129, -1, 0, 1, 1<<31-1)},
	{value.Type{ID: value.TypeInt, Unsigned: true}, uints(0, 1, 1<<31, 1<<32-1)},
	{value.Type{ID: value.TypeBigInt}, ints(math.MinInt64, math.MinInt64+1, -1, 0, 1, math.MaxInt64-1, math.MaxInt64)},
	{value.Type{ID: value.TypeBigInt, Unsigned: true}, uints(0, 1, math.MaxInt64, 1<<63, math.MaxUint64-1, math.MaxUint64)},
	{value.Type{ID: value.TypeYear}, []value.Value{value.Year(0), value.Year(1901), value.Year(1999), value.Year(2155)}},
	{value.Type{ID: value.TypeDouble}, []value.Value{value.Float(-math.MaxFloat64), value.Float(-1.5), value.Float(-math.SmallestNonzeroFloat64),
		value.Float(math.Copysign(0, -1)), value.Float(0), value.Float(0.1), value.Float(1 << 53), value.Float(math.MaxFloat64)}},
	{value.Type{ID: value.TypeDouble}, []value.Value{value.Float(0.1), value.Float(0), value.Float(math.Copysign(0, -1)), value.Float(1e16), value.Float(-1e-16)}},
	{value.Type{ID: value.TypeDouble}, []value.Value{value.Float(math.Copysign(0, -1)), value.Float(0)}},
	{value.Type{ID: value.TypeDouble}, []value.Value{value.Float(0), value.Float(math.Copysign(0, -1))}},
	{value.Type{ID: value.TypeFloat}, []value.Value{value.Float32(-math.MaxFloat32), value.Float32(-1.5), value.Float32(0), value.Float32(0.1),
		value.Float32(1 << 24), value.Float32(math.MaxFloat32)}},
	{value.Type{ID: value.TypeDecimal, Precision: 18, Scale: 4}, []value.Value{value.Decimal(-999999999999999999, 4), value.Decimal(-1, 4),
		value.Decimal(0, 4), value.Decimal(5000, 4), value.Decimal(10000, 4), value.Decimal(999999999999999999, 4)}},
	{value.Type{ID: value.TypeDate}, []value.Value{value.Date(0), value.Date(value.PackDate(2024, 0, 0)), value.Date(value.PackDate(2024, 2, 29)),
		value.Date(value.PackDate(9999, 12, 31))}},
	{value.Type{ID: value.TypeDateTime, Scale: 6}, []value.Value{value.DateTime(0, 6), value.DateTime(value.PackDateTime(2024, 2, 29, 0, 0, 0, 0), 6),
		value.DateTime(value.PackDateTime(2024, 2, 29, 0, 0, 0, 1), 6), value.DateTime(value.PackDateTime(9999, 12, 31, 23, 59, 59, 999999), 6)}},
	{value.Type{ID: value.TypeTime, Scale: 6}, []value.Value{value.Time(-value.MaxTimeMicros, 6), value.Time(-1, 6), value.Time(0, 6), value.Time(value.MaxTimeMicros, 6)}},
}

func ints(list ...int64) (out []value.Value) {
	for _, n := range list {
		out = append(out, value.Int(n))
	}
	return out
}

func uints(list ...uint64) (out []value.Value) {
	for _, n := range list {
		out = append(out, value.Uint(n))
	}
	return out
}

// constants are values that columns of several classes are compared with, between their values and beyond them.
var vectorConstants = append(append(ints(-200, 2, 200, 1<<40), uints(1<<63+1)...), value.Decimal(5, 1), value.Decimal(-15, 1), value.Decimal(50000001, 8),
	value.Decimal(1, 30), value.Decimal(math.MaxInt64, 0), value.Float(0.5), value.Float(math.Copysign(0, -1)), value.Float(math.Inf(1)), value.Float32(0.1))

// Tests on the bytes of rows decide what a comparison of the values does, row by row and in loops over vectors, for every
// operator, type, width and sign, with NULLs, at the end of the row and before other columns.
func TestTestsAgreeWithComparisons(t *testing.T) {
	env := expr.NewEnv(&expr.Run{Session: &expr.SessionState{}})
	decided := 0
	for _, c := range vectorColumns {
		for _, behind := range []bool{false, true} {
			col, rows, vals := vectorRowsOf(t, c.typ, c.vals, behind)
			consts := append(append([]value.Value{}, vectorConstants...), c.vals...)
			for _, k := range consts {
				for _, op := range vectorOps {
					place, below, ok := col.bound(k)
					if !ok {
						continue
					}
					decided++
					one := test{fixedColumn: col}
					one.lo, one.span, one.not = inside(op, place, below)
					cmp := expr.Comparison{Domain: expr.DomainDynamic}
					want := []uint16{}
					for i, v := range vals {
						holds, err := cmp.Apply(env, op, v, k)
						require.NoError(t, err)
						require.Equal(t, holds == expr.True, one.passes(rows[i]), "%v: %s %v %s", c.typ, v.Text(), op, k.Text())
						if holds == expr.True {
							want = append(want, uint16(i))
						}
					}
					v := &vector{}
					require.Equal(t, want, append([]uint16{}, one.keep(v, rows, v.all(len(rows)))...), "%v %v %s", c.typ, op, k.Text())
				}
			}
		}
	}
	require.Greater(t, decided, 2000, "too few of the constants were comparable")
}

// Aggregates of vectors are those of the accumulators, over several batches.
func TestKernelAgreesWithAccumulators(t *testing.T) {
	for _, c := range vectorColumns {
		for _, behind := range []bool{false, true} {
			col, rows, vals := vectorRowsOf(t, c.typ, c.vals, behind)
			layout := vectorLayout(c.typ, behind)
			byRow, byVector := &kernel{spec: &kernelSpec{}}, &kernel{}
			var accs []expr.Accumulator
			for _, name := range []string{"count", "sum", "avg", "min", "max"} {
				kind := kernelKinds[name]
				if !col.class.aggregates(kind) || kind == kernelSum && c.vals[0] == value.Float(-math.MaxFloat64) {
					continue // the sum of the extremes is out of range
				}
				call := vectorCall(name, c.typ)
				byRow.spec.aggs = append(byRow.spec.aggs, kernelAgg{kind: kind, call: call, fixedColumn: col})
				accs = append(accs, call.NewAccumulator())
			}
			byVector.spec = byRow.spec
			byRow.accs, byVector.accs = make([]kernelAcc, len(accs)), make([]kernelAcc, len(accs))
			env := expr.NewEnv(&expr.Run{Session: &expr.SessionState{}})
			v := &vector{}
			for range 3 { // each batch goes on with the state of the one before
				for i, data := range rows {
					byRow.take(layout, &row.Row{Layout: layout, Data: data})
					env.Row = vals[i : i+1]
					for _, a := range accs {
						require.NoError(t, a.Add(env))
					}
				}
				byVector.takeAll(v, rows, v.all(len(rows)))
			}
			require.Equal(t, byRow, byVector, "%v", c.typ)
			got := make([]value.Value, len(accs))
			require.NoError(t, byVector.results(env, got))
			for i, a := range accs {
				want, err := a.Result(env)
				require.NoError(t, err)
				require.Equal(t, want, got[i], "%s of %v: %s, not %s", byRow.spec.aggs[i].call.Name, c.typ, got[i].Text(), want.Text())
			}
		}
	}
}

// vectorRowsOf encodes a row for each value, and one with NULL.
func vectorRowsOf(t *testing.T, typ value.Type, list []value.Value, behind bool) (fixedColumn, [][]byte, []value.Value) {
	layout := vectorLayout(typ, behind)
	vals := append(append([]value.Value{}, list[0], value.Null), list...)
	var rows [][]byte
	for _, v := range vals {
		tuple := []value.Value{value.Int(-1), v}
		if behind {
			tuple = append(tuple, value.String("\xff\xff\xff\xff\xff\xff\xff\xff"))
		}
		data, err := layout.Append(nil, tuple)
		require.NoError(t, err)
		rows = append(rows, data)
	}
	return placeOf(layout, &layout.Table().Columns[1], 1), rows, vals
}

// vectorLayout has the column behind another, at the end of the rows or before a string.
func vectorLayout(typ value.Type, behind bool) *row.Layout {
	def := &schema.Table{Columns: []schema.Column{{ID: 1, Type: value.Type{ID: value.TypeTinyInt}}, {ID: 2, Type: typ}}}
	if behind {
		def.Columns = append(def.Columns, schema.Column{ID: 3, Type: value.Type{ID: value.TypeVarChar, Length: 8}})
	}
	return row.NewLayout(def)
}

// vectorCall is the call of an aggregate of the only column of a tuple.
func vectorCall(name string, typ value.Type) *expr.Aggregate {
	call := &expr.Aggregate{Name: name, Args: []expr.Expr{&expr.Column{Typ: &expr.Type{Type: typ}}}, Typ: &expr.Type{Type: typ}}
	if name == "sum" || name == "avg" {
		call.Typ = &expr.Type{Type: value.Type{ID: value.TypeDecimal, Precision: 65, Scale: typ.Scale}}
		call.Typ.Guard = name == "avg"
		if classOf(&typ) == classFloat {
			call.Typ = &expr.Type{Type: value.Type{ID: value.TypeDouble}}
		}
	}
	return call
}
