package exec

import (
	"encoding/binary"
	"math"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// testSpec is a condition that compares a fixed integer column with a constant. It is decided on the bytes of the row.
type testSpec struct {
	op    expr.CompareOp
	konst expr.Func
	intColumn
}

// intColumn is where an integer column lies in a row.
type intColumn struct {
	offset, nullAt int
	nullMask       byte  // 0 when it is never NULL
	shift          uint8 // bits of eight bytes that are not the column's
	unsigned       bool
}

// test is a testSpec with its constant.
type test struct {
	op expr.CompareOp
	k  int64
	intColumn
}

// intTests recognises such a condition; BETWEEN is two.
func (c *compiler) intTests(e expr.Expr, n *plan.Scan, t *engine.Table) (list []testSpec, ok bool) {
	switch e := e.(type) {
	case *expr.Compare:
		op, col, konst := e.Op, e.Left, e.Right
		if _, isCol := col.(*expr.Column); !isCol {
			op, col, konst = e.Op.Swap(), e.Right, e.Left
		}
		if op == expr.CompareNullSafe {
			return nil, false
		}
		ts, ok := c.intTest(op, e.Cmp, col, konst, n, t)
		return []testSpec{ts}, ok
	case *expr.Between:
		if e.Not {
			return nil, false
		}
		lo, okLo := c.intTest(expr.CompareGreaterEqual, e.CmpLo, e.Arg, e.Lo, n, t)
		hi, okHi := c.intTest(expr.CompareLessEqual, e.CmpHi, e.Arg, e.Hi, n, t)
		return []testSpec{lo, hi}, okLo && okHi
	}
	return nil, false
}

func (c *compiler) intTest(op expr.CompareOp, cmp expr.Comparison, col, konst expr.Expr, n *plan.Scan, t *engine.Table) (ts testSpec, ok bool) {
	if cmp.Domain != expr.DomainInt && cmp.Domain != expr.DomainDynamic {
		return ts, false
	}
	column, isCol := col.(*expr.Column)
	if !isCol || column.Depth != 0 || expr.AllFlags(konst)&(expr.IsColumn|expr.IsSubquery|expr.NonDeterministic|expr.SideEffect) != 0 {
		return ts, false
	}
	ic, ok := intColumnOf(t, n.Ord(plan.ColID(column.Slot)))
	if !ok {
		return ts, false
	}
	return testSpec{op: op, konst: c.function(konst, nil), intColumn: ic}, true
}

// intColumnOf returns where an integer column lies, if it has a fixed place and fits 64 bits with sign.
func intColumnOf(t *engine.Table, ord int) (ic intColumn, ok bool) {
	if ord < 0 || !t.Def().Columns[ord].Type.IsInteger() {
		return ic, false
	}
	l := t.Layout()
	offset, form := l.FixedOffset(ord)
	ic.offset = offset
	switch form {
	case row.StoredInt8, row.StoredUint8:
		ic.shift = 56
	case row.StoredInt16, row.StoredUint16:
		ic.shift = 48
	case row.StoredInt32, row.StoredUint32:
		ic.shift = 32
	case row.StoredInt64:
	default:
		return ic, false
	}
	ic.unsigned = form == row.StoredUint8 || form == row.StoredUint16 || form == row.StoredUint32
	if !t.Def().Columns[ord].NotNull {
		ic.nullAt, ic.nullMask = l.NullBit(ord)
	}
	return ic, true
}

// resolve evaluates the constant; ok is false when it is no integer of 64 bits with sign.
func (s *testSpec) resolve(env *expr.Env) (t test, ok bool, err error) {
	v, err := s.konst(env)
	if err != nil {
		return t, false, err
	}
	t = test{op: s.op, intColumn: s.intColumn}
	switch v.Kind() {
	case value.KindInt:
		t.k = v.Int64()
		return t, true, nil
	case value.KindUint:
		if v.Uint64() <= math.MaxInt64 {
			t.k = int64(v.Uint64())
			return t, true, nil
		}
	}
	return t, false, nil
}

// load reads the column; ok is false for NULL. Eight bytes are read and the column's moved to their top and back, with
// its sign or without.
func (c *intColumn) load(data []byte) (v int64, ok bool) {
	if data[c.nullAt]&c.nullMask != 0 {
		return 0, false
	}
	var x uint64
	if c.offset+8 <= len(data) {
		x = binary.LittleEndian.Uint64(data[c.offset:]) << c.shift
	} else {
		x = endOf(data[c.offset:]) << c.shift
	}
	if c.unsigned {
		return int64(x >> c.shift), true
	}
	return int64(x) >> c.shift, true
}

// holds decides the condition for a value.
func (t *test) holds(v int64) bool {
	switch t.op {
	case expr.CompareEqual:
		return v == t.k
	case expr.CompareNotEqual:
		return v != t.k
	case expr.CompareLess:
		return v < t.k
	case expr.CompareLessEqual:
		return v <= t.k
	case expr.CompareGreater:
		return v > t.k
	}
	return v >= t.k
}
