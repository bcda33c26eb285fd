package exec

import (
	"math"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// testSpec is a condition that is decided on the bytes of the row: one that compares a fixed column with a constant, or
// any condition on an ENUM alone.
type testSpec struct {
	op    expr.CompareOp
	konst expr.Func
	plain bool // konst is a literal or a parameter: it does not warn
	// members is set for an ENUM instead: the condition on a tuple of the one column.
	members expr.Predicate
	fixedColumn
}

// test is a testSpec with its constant, as an interval of the ordered values of the column, so that every comparison is
// one subtraction and one comparison.
type test struct {
	lo   int64
	span uint64 // from lo to the last value inside
	not  bool   // what is outside passes
	// members says for each member of an ENUM whether it passes, null whether NULL does.
	members []bool
	null    bool
	fixedColumn
}

// mostMembers bounds the ENUMs whose members are tried one by one before a scan.
const mostMembers = 64

// tests recognises a condition that can be decided on bytes; BETWEEN is two. whole says that the table is scanned, which
// is worth some preparation.
func (c *compiler) tests(e expr.Expr, n *plan.Scan, t *engine.Table, whole bool) (list []testSpec, ok bool) {
	if whole {
		if ts, ok := c.memberTest(e, n, t); ok {
			return []testSpec{ts}, true
		}
	}
	switch e := e.(type) {
	case *expr.Compare:
		op, col, konst := e.Op, e.Left, e.Right
		if _, isCol := col.(*expr.Column); !isCol {
			op, col, konst = e.Op.Swap(), e.Right, e.Left
		}
		if op == expr.CompareNullSafe {
			return nil, false
		}
		ts, ok := c.test(op, e.Cmp, col, konst, n, t)
		return []testSpec{ts}, ok
	case *expr.Between:
		if e.Not {
			return nil, false
		}
		lo, okLo := c.test(expr.CompareGreaterEqual, e.CmpLo, e.Arg, e.Lo, n, t)
		hi, okHi := c.test(expr.CompareLessEqual, e.CmpHi, e.Arg, e.Hi, n, t)
		return []testSpec{lo, hi}, okLo && okHi
	}
	return nil, false
}

func (c *compiler) test(op expr.CompareOp, cmp expr.Comparison, col, konst expr.Expr, n *plan.Scan, t *engine.Table) (ts testSpec, ok bool) {
	column, isCol := col.(*expr.Column)
	if !isCol || column.Depth != 0 || expr.AllFlags(konst)&(expr.IsColumn|expr.IsSubquery|expr.NonDeterministic|expr.SideEffect) != 0 {
		return ts, false
	}
	fc, ok := fixedColumnOf(t, n.Ord(plan.ColID(column.Slot)))
	if !ok || !fc.class.orderedIn(cmp.Domain) {
		return ts, false
	}
	return testSpec{op: op, konst: c.function(konst, nil), plain: expr.IsQuiet(konst), fixedColumn: fc}, true
}

// orderedIn reports whether the comparison follows the order of the column's values, for the constants that bound knows.
func (c columnClass) orderedIn(d expr.Domain) bool {
	switch {
	case c >= classEnum:
		return false
	case d == expr.DomainDynamic:
		return true
	}
	switch c {
	case classInt, classUint:
		return d == expr.DomainInt || d == expr.DomainDecimal
	case classDecimal:
		return d == expr.DomainDecimal
	case classFloat:
		return d == expr.DomainFloat
	case classDate, classDateTime:
		return d == expr.DomainDate || d == expr.DomainDateTime
	}
	return d == expr.DomainTime
}

// memberTest recognises a condition on an ENUM column alone.
func (c *compiler) memberTest(e expr.Expr, n *plan.Scan, t *engine.Table) (ts testSpec, ok bool) {
	if expr.AllFlags(e)&(expr.IsSubquery|expr.NonDeterministic|expr.SideEffect) != 0 {
		return ts, false
	}
	var id plan.ColID
	columns, outer := 0, false
	expr.Columns(e, func(depth, slot int) {
		if outer = outer || depth != 0; columns == 0 || id != plan.ColID(slot) {
			columns++
		}
		id = plan.ColID(slot)
	})
	if outer || columns != 1 {
		return ts, false
	}
	fc, ok := fixedColumnOf(t, n.Ord(id))
	if !ok || fc.class != classEnum || len(fc.typ.Elements) > mostMembers {
		return ts, false
	}
	return testSpec{fixedColumn: fc, members: c.predicate([]expr.Expr{e}, positions{id: 0})}, true
}

// resolve evaluates the constant; ok is false when the condition needs more than the bytes, or would fail or warn: then
// it is for the predicate to do so, once a row is there.
func (s *testSpec) resolve(env *expr.Env) (t test, ok bool) {
	t.fixedColumn = s.fixedColumn
	if s.members != nil {
		ok = s.tryMembers(env, &t)
		return t, ok
	}
	var v value.Value
	if s.plain {
		var err error
		v, err = s.konst(env)
		ok = err == nil
	} else {
		ok = expr.Quietly(env, func(env *expr.Env) (err error) {
			v, err = s.konst(env)
			return err
		})
	}
	if !ok {
		return t, false
	}
	k, below, ok := s.bound(v)
	if ok {
		t.lo, t.span, t.not = inside(s.op, k, below)
	}
	return t, ok
}

// tryMembers evaluates the condition for NULL and for each member.
func (s *testSpec) tryMembers(env *expr.Env, t *test) bool {
	t.members = make([]bool, len(s.typ.Elements)+1)
	return expr.Quietly(env, func(env *expr.Env) (err error) {
		tuple := make([]value.Value, 1)
		env.Row = tuple
		t.null, err = s.members(env)
		for i := 0; i < len(t.members) && err == nil; i++ {
			tuple[0] = value.Enum(0, "")
			if i > 0 {
				tuple[0] = value.Enum(uint16(i), s.typ.Elements[i-1])
			}
			t.members[i], err = s.members(env)
		}
		return err
	})
}

// bound returns the place of a constant among the ordered values of the column. When it is none of them, k is the
// greatest below it, and below is set. ok is false when the comparison is another one than that of the column's order,
// or the constant is out of its range.
func (c *fixedColumn) bound(v value.Value) (k int64, below, ok bool) {
	kind := v.Kind()
	switch c.class {
	case classInt, classUint, classDecimal:
		switch kind {
		case value.KindInt, value.KindUint, value.KindDecimal:
			return c.exactBound(v)
		}
	case classFloat:
		switch kind {
		case value.KindInt, value.KindUint, value.KindDecimal, value.KindFloat:
			f, _ := v.AsFloat()
			return c.ordered(int64(math.Float64bits(f))), false, !math.IsNaN(f)
		}
	case classDate, classDateTime:
		return int64(v.Raw64()), false, kind == value.KindDate || kind == value.KindDateTime
	case classTime:
		return int64(v.Raw64()), false, kind == value.KindTime
	}
	return 0, false, false
}

// exactBound is bound for columns and constants that compare as exact numbers.
func (c *fixedColumn) exactBound(v value.Value) (k int64, below, ok bool) {
	if c.class == classUint && v.Kind() == value.KindUint {
		return c.ordered(int64(v.Uint64())), false, true
	}
	d, _ := v.AsDecimal()
	scale := uint8(0)
	if c.class == classDecimal {
		scale = c.typ.Scale
	}
	cut := value.DecimalTruncate(d, scale)
	k, big, _ := cut.DecimalParts()
	if big != nil {
		return 0, false, false
	}
	switch value.DecimalCompare(cut, d) {
	case -1:
		below = true
	case 1:
		if k == math.MinInt64 {
			return 0, false, false
		}
		k, below = k-1, true
	}
	if c.class == classUint && k < 0 {
		return 0, false, false
	}
	return c.ordered(k), below, true
}

// inside returns the values x for which x op k holds, those from lo to lo+span or, with not, the others. With below
// the constant lies between k and the next value.
func inside(op expr.CompareOp, k int64, below bool) (lo int64, span uint64, not bool) {
	upTo := uint64(k) - 1<<63 // the span of everything from the least value to k
	switch op {
	case expr.CompareEqual, expr.CompareNotEqual:
		if not = op == expr.CompareNotEqual; below {
			// No value equals the constant.
			return math.MinInt64, math.MaxUint64, !not
		}
		return k, 0, not
	case expr.CompareLess:
		if below {
			return math.MinInt64, upTo, false
		}
		// Everything from the constant on is out.
		return k, uint64(math.MaxInt64) - uint64(k), true
	case expr.CompareLessEqual:
		return math.MinInt64, upTo, false
	case expr.CompareGreater:
		return math.MinInt64, upTo, true
	}
	if below {
		return math.MinInt64, upTo, true
	}
	return k, uint64(math.MaxInt64) - uint64(k), false
}

// passes decides the condition for a row of the column's layout.
func (t *test) passes(data []byte) bool {
	v, ok := t.load(data)
	switch {
	case t.members != nil:
		return ok && t.members[v] || !ok && t.null
	case !ok:
		return false
	}
	return uint64(t.ordered(v))-uint64(t.lo) <= t.span != t.not
}

// keep leaves in sel the rows that pass.
func (t *test) keep(v *vector, rows [][]byte, sel []uint16) []uint16 {
	n := 0
	if t.members != nil {
		for _, s := range sel {
			sel[n] = s
			if t.passes(rows[s]) {
				n++
			}
		}
		return sel[:n]
	}
	sel = t.present(rows, sel)
	vals := v.vals[:len(sel)]
	t.gather(rows, sel, vals)
	t.order(vals)
	for i, s := range sel {
		sel[n] = s
		if uint64(vals[i])-uint64(t.lo) <= t.span != t.not {
			n++
		}
	}
	return sel[:n]
}
