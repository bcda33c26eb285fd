package expr

import (
	"strings"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Type implements Expr.
func (a *Aggregate) Type() *Type { return a.Typ }

// Eval implements Expr: an aggregate that the planner left in place was used where none may be.
func (a *Aggregate) Eval(*Env) (value.Value, error) {
	return value.Null, sqlerr.New(sqlerr.InvalidGroupFunc)
}

// Children implements Expr.
func (a *Aggregate) Children() []Expr {
	if len(a.OrderBy) == 0 {
		return a.Args
	}
	return appendOrder(append([]Expr(nil), a.Args...), a.OrderBy)
}

// WithChildren implements Expr.
func (a *Aggregate) WithChildren(kids []Expr) Expr {
	c := *a
	c.Args = kids[:len(a.Args):len(a.Args)]
	c.OrderBy = replaceOrder(a.OrderBy, kids[len(a.Args):])
	return &c
}

func appendOrder(dst []Expr, o []OrderItem) []Expr {
	for _, it := range o {
		dst = append(dst, it.Expr)
	}
	return dst
}

func replaceOrder(o []OrderItem, kids []Expr) []OrderItem {
	out := make([]OrderItem, len(o))
	for i := range o {
		out[i] = OrderItem{Expr: kids[i], Desc: o[i].Desc}
	}
	return out
}

// Flags implements Expr.
func (a *Aggregate) Flags() Flags { return IsAggregate }

// Append implements Expr.
func (a *Aggregate) Append(dst []byte, f Format) []byte {
	dst = append(append(dst, a.Name...), '(')
	if a.Distinct {
		dst = append(dst, "distinct "...)
	}
	if a.Star {
		dst = append(dst, '*')
	}
	for i, e := range a.Args {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = e.Append(dst, f)
	}
	dst = appendOrderBy(dst, a.OrderBy, f)
	if a.Name == "group_concat" && a.Separator != "," {
		dst = appendQuoted(append(dst, " separator "...), a.Separator)
	}
	return append(dst, ')')
}

func appendOrderBy(dst []byte, o []OrderItem, f Format) []byte {
	for i, it := range o {
		if i == 0 {
			dst = append(dst, " order by "...)
		} else {
			dst = append(dst, ',')
		}
		dst = it.Expr.Append(dst, f)
		if it.Desc {
			dst = append(dst, " desc"...)
		}
	}
	return dst
}

// Type implements Expr.
func (w *Window) Type() *Type { return w.Typ }

// Eval implements Expr: a window function that the planner left in place was used where none may be (3593).
func (w *Window) Eval(*Env) (value.Value, error) {
	return value.Null, sqlerr.New(errWindowMisplaced, w.Name)
}

// Children implements Expr.
func (w *Window) Children() []Expr {
	var kids []Expr
	if w.Agg != nil {
		kids = append(kids, w.Agg.Args...)
	}
	kids = append(kids, w.Args...)
	kids = append(kids, w.PartitionBy...)
	return w.Frame.appendExprs(appendOrder(kids, w.OrderBy))
}

// WithChildren implements Expr.
func (w *Window) WithChildren(kids []Expr) Expr {
	c := *w
	take := func(n int) []Expr {
		out := kids[:n:n]
		kids = kids[n:]
		return out
	}
	if w.Agg != nil {
		a := *w.Agg
		a.Args = take(len(w.Agg.Args))
		c.Agg = &a
	}
	c.Args = take(len(w.Args))
	c.PartitionBy = take(len(w.PartitionBy))
	c.OrderBy = replaceOrder(w.OrderBy, take(len(w.OrderBy)))
	c.Frame = w.Frame.replaceExprs(kids)
	return &c
}

// Flags implements Expr.
func (w *Window) Flags() Flags { return IsWindow }

// Append implements Expr.
func (w *Window) Append(dst []byte, f Format) []byte {
	if w.Agg != nil {
		dst = w.Agg.Append(dst, f)
	} else {
		dst = appendList(append(dst, strings.ToLower(w.Name)...), w.Args, f)
	}
	dst = append(dst, " over ("...)
	for i, e := range w.PartitionBy {
		if i == 0 {
			dst = append(dst, "partition by "...)
		} else {
			dst = append(dst, ',')
		}
		dst = e.Append(dst, f)
	}
	dst = appendOrderBy(dst, w.OrderBy, f)
	return append(w.appendFrame(dst, f), ')')
}
