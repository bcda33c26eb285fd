package expr

import (
	"github.com/worktable-go/worktable/engine/value"
)

// MaxDepth is the deepest tree that Bind accepts.
const MaxDepth = 10000

// Expr is a node of a bound expression. Nodes are immutable. The planner has node types of its own (subqueries);
// they obey the same rules.
type Expr interface {
	// Type returns the static type; the caller does not change it.
	Type() *Type
	// Eval evaluates the node on the row of env.
	Eval(env *Env) (value.Value, error)
	// Children returns the operands, in order of evaluation; the caller does not change the slice.
	Children() []Expr
	// WithChildren returns the node over other operands of the same types; it keeps kids.
	WithChildren(kids []Expr) Expr
	// Flags returns what is true of this node alone, without its children.
	Flags() Flags
	// Append appends the text of the node.
	Append(dst []byte, f Format) []byte
}

// Flags are properties of a node.
type Flags uint16

// The flags.
const (
	NonDeterministic Flags = 1 << iota // another value at each call: RAND(), UUID(), @a := …
	PerStatement                       // one value per statement, so never folded into a cached plan: NOW(), @a, DATABASE()
	SideEffect                         // must run exactly as often as written: @a := …, SLEEP(), GET_LOCK()
	IsColumn                           // reads the current row or an enclosing one
	IsParam                            // reads a parameter
	IsAggregate
	IsWindow
	IsSubquery
)

// Format says what Append is for.
type Format uint8

// The formats.
const (
	Explain  Format = iota // for people: t.a + 1
	KeyText                // the same bytes for equal trees
	ErrorMsg               // as in MySQL's message 1690: (`t`.`a` + 1)
)

// OuterReferrer is implemented by nodes that read columns other than through Column children: a subquery lists the
// columns of the row it is evaluated on (depth 0) and of enclosing rows (depth 1 and up).
type OuterReferrer interface {
	OuterColumns(visit func(depth, slot int))
}

// Walk calls visit for e and its descendants, parents first, until visit returns false for a node's subtree.
func Walk(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	for _, k := range e.Children() {
		Walk(k, visit)
	}
}

// Map rebuilds e bottom-up: every node is replaced by what f returns for it (the same node for no change). Unchanged
// subtrees are shared.
func Map(e Expr, f func(Expr) Expr) Expr {
	kids := e.Children()
	var changed []Expr
	for i, k := range kids {
		n := Map(k, f)
		if n != k && changed == nil {
			changed = make([]Expr, len(kids))
			copy(changed, kids)
		}
		if changed != nil {
			changed[i] = n
		}
	}
	if changed != nil {
		e = e.WithChildren(changed)
	}
	return f(e)
}

// Rewrite is Map top-down: where f returns ok, its result replaces the whole subtree and is not entered.
func Rewrite(e Expr, f func(Expr) (Expr, bool)) Expr {
	if r, ok := f(e); ok {
		return r
	}
	kids := e.Children()
	var changed []Expr
	for i, k := range kids {
		n := Rewrite(k, f)
		if n != k && changed == nil {
			changed = make([]Expr, len(kids))
			copy(changed, kids)
		}
		if changed != nil {
			changed[i] = n
		}
	}
	if changed != nil {
		return e.WithChildren(changed)
	}
	return e
}

// AllFlags returns the union of the flags of e and its descendants.
func AllFlags(e Expr) Flags {
	f := e.Flags()
	for _, k := range e.Children() {
		f |= AllFlags(k)
	}
	return f
}

// IsConst reports whether e has one value for a whole execution of the statement: no columns, no aggregates or
// subqueries, nothing non-deterministic. Parameters and NOW() are allowed.
func IsConst(e Expr) bool {
	return AllFlags(e)&(NonDeterministic|SideEffect|IsColumn|IsAggregate|IsWindow|IsSubquery) == 0
}

// IsFoldable reports whether e has one value for ever, so that a plan may hold it: as IsConst, but without parameters
// and values of the statement or session.
func IsFoldable(e Expr) bool {
	return AllFlags(e)&(NonDeterministic|SideEffect|PerStatement|IsColumn|IsParam|IsAggregate|IsWindow|IsSubquery) == 0
}

// Deterministic reports whether e always gives the same value for the same row, within a statement.
func Deterministic(e Expr) bool { return AllFlags(e)&(NonDeterministic|SideEffect) == 0 }

// HasAggregate reports whether e contains an aggregate call that the planner has not replaced.
func HasAggregate(e Expr) bool { return AllFlags(e)&IsAggregate != 0 }

// HasWindow reports whether e contains a window function that the planner has not replaced.
func HasWindow(e Expr) bool { return AllFlags(e)&IsWindow != 0 }

// HasSubquery reports whether e contains a subquery node.
func HasSubquery(e Expr) bool { return AllFlags(e)&IsSubquery != 0 }

// Columns calls visit for each column that e reads, with its depth (0 is the current row), maybe repeatedly.
func Columns(e Expr, visit func(depth, slot int)) {
	Walk(e, func(n Expr) bool {
		switch n := n.(type) {
		case *Column:
			visit(n.Depth, n.Slot)
		case OuterReferrer:
			n.OuterColumns(visit)
		}
		return true
	})
}

// MaxColumnDepth returns the greatest depth of a column that e reads, or -1 when it reads none.
func MaxColumnDepth(e Expr) int {
	max := -1
	Columns(e, func(depth, _ int) {
		if depth > max {
			max = depth
		}
	})
	return max
}

// Shift returns e with the slots of its columns of depth 0 replaced by slot(s). Nodes that refer to outer columns by
// other means (subqueries) are the planner's to rewrite.
func Shift(e Expr, slot func(int) int) Expr {
	return Map(e, func(n Expr) Expr {
		c, ok := n.(*Column)
		if !ok || c.Depth != 0 {
			return n
		}
		s := slot(c.Slot)
		if s == c.Slot {
			return n
		}
		d := *c
		d.Slot = s
		return &d
	})
}

// String returns e for EXPLAIN.
func String(e Expr) string { return string(e.Append(nil, Explain)) }

// Key returns a text that is the same for equal trees and for no others.
func Key(e Expr) string { return string(e.Append(nil, KeyText)) }

// Equal reports whether a and b are the same expression and so have the same value on the same row.
func Equal(a, b Expr) bool {
	return a == b || (Deterministic(a) && Key(a) == Key(b))
}

// SplitAnd returns the conjuncts of the condition e.
func SplitAnd(e Expr) []Expr {
	var out []Expr
	var split func(Expr)
	split = func(e Expr) {
		if l, ok := e.(*Logic); ok && l.Op == OpAnd {
			for _, k := range l.Args {
				split(k)
			}
			return
		}
		out = append(out, numeric(e))
	}
	split(e)
	return out
}

// JoinAnd returns the conjunction of list; nil for an empty one.
func JoinAnd(list []Expr) Expr {
	switch len(list) {
	case 0:
		return nil
	case 1:
		return list[0]
	}
	return &Logic{Op: OpAnd, Args: list}
}
