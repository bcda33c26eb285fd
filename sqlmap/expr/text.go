package expr

import (
	"strings"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// TextTest is a condition on one column of strings of the current row and constants, made to be asked about many strings.
type TextTest struct {
	// Slot is the column's.
	Slot    int
	resolve func(env *Env) (func(s string) bool, error)
}

// NewTextTest returns the test that e is, nil for another condition.
func NewTextTest(e Expr) *TextTest {
	if AllFlags(e)&(IsSubquery|NonDeterministic|SideEffect) != 0 {
		return nil
	}
	switch n := e.(type) {
	case *Compare:
		op, left, right := n.Op, n.Left, n.Right
		if _, ok := textSlot(left); !ok {
			op, left, right = op.Swap(), right, left
		}
		slot, ok := textSlot(left)
		if !ok || op == CompareNullSafe || AllFlags(right)&IsColumn != 0 {
			return nil
		}
		return &TextTest{slot, func(env *Env) (func(string) bool, error) { return textComparison(env, op, n.Cmp, right) }}
	case *InList:
		slot, ok := textSlot(n.Arg)
		for _, e := range n.List {
			ok = ok && AllFlags(e)&IsColumn == 0
		}
		if ok {
			return &TextTest{slot, n.textMember}
		}
	case *Like:
		if slot, ok := textSlot(n.Arg); ok && AllFlags(n.Pattern)&IsColumn == 0 {
			return &TextTest{slot, func(env *Env) (func(string) bool, error) {
				p, err := n.pattern(env)
				if err != nil || p == nil {
					return nil, err
				}
				return func(s string) bool { return p.match(s) != n.Not }, nil
			}}
		}
	}
	return nil
}

// textSlot returns the slot of a column of strings.
func textSlot(e Expr) (int, bool) {
	slot, ok := columnSlot(e)
	return slot, ok && classOf(e.Type()) == classString
}

// Resolve evaluates the constants. The function says of a string of the column, which is not NULL, whether the condition is
// true; it is good for the execution. ok is false when the condition is not one of strings, or fails or warns.
func (t *TextTest) Resolve(env *Env) (match func(s string) bool, ok bool) {
	ok = Quietly(env, func(env *Env) (err error) {
		match, err = t.resolve(env)
		return err
	})
	return match, ok && match != nil
}

// equality returns the test of equality with k in a comparison of strings; nil in another one.
func (c Comparison) equality(k value.Value) func(s string) bool {
	text, coll, ok := c.textOperand(k)
	switch {
	case !ok:
		return nil
	case bytewiseNoPad(coll):
		return func(s string) bool { return s == text }
	}
	return func(s string) bool { return collate.Compare(coll, s, text) == 0 }
}

// textOperand returns a constant that a column of strings is compared with, and how.
func (c Comparison) textOperand(k value.Value) (text string, coll collate.ID, ok bool) {
	coll = c.Collation
	switch {
	case k.Kind() != value.KindString && k.Kind() != value.KindBytes:
		return "", coll, false
	case c.Domain == DomainBytes:
		coll = collate.Binary
	case c.Domain != DomainString && c.Domain != DomainDynamic:
		return "", coll, false
	}
	return k.Str(), coll, true
}

func textComparison(env *Env, op CompareOp, c Comparison, konst Expr) (func(s string) bool, error) {
	k, err := konst.Eval(env)
	if err != nil {
		return nil, err
	}
	k = k.Clone()
	if op == CompareEqual {
		return c.equality(k), nil
	}
	text, coll, ok := c.textOperand(k)
	switch {
	case !ok:
		return nil, nil
	case op == CompareNotEqual && bytewiseNoPad(coll):
		return func(s string) bool { return s != text }, nil
	case bytewiseNoPad(coll):
		return func(s string) bool { return op.Holds(strings.Compare(s, text)) }, nil
	}
	return func(s string) bool { return op.Holds(collate.Compare(coll, s, text)) }, nil
}

// textMember is the resolve of an IN list.
func (n *InList) textMember(env *Env) (func(s string) bool, error) {
	set, err := n.currentSet(env)
	if err != nil {
		return nil, err
	}
	if set != nil {
		if set.strs == nil || set.hasNull && n.Not {
			return nil, nil
		}
		return func(s string) bool {
			_, found := set.strs[s]
			return found != n.Not
		}, nil
	}
	var list []func(s string) bool
	for i, e := range n.List {
		k, err := e.Eval(env)
		if err != nil {
			return nil, err
		}
		is := n.Cmp[i].equality(k.Clone())
		if is == nil {
			return nil, nil
		}
		list = append(list, is)
	}
	return func(s string) bool {
		for _, is := range list {
			if is(s) {
				return !n.Not
			}
		}
		return n.Not
	}, nil
}
