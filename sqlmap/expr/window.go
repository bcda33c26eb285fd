package expr

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// Window is a function with an OVER clause. As an Expr it has the result's type; its Eval is an error.
type Window struct {
	Name        string     // lower case: row_number, rank, lag, …; of Agg for aggregates
	Args        []Expr     // without those of Agg
	Agg         *Aggregate // an aggregate over a frame, else nil
	PartitionBy []Expr
	OrderBy     []OrderItem
	Frame       *WindowFrame // nil for the default
	Typ         *Type
}

// WindowFrame is a bound frame clause.
type WindowFrame struct {
	Unit       ast.FrameUnit
	Start, End WindowBound
}

// WindowBound is a frame boundary.
type WindowBound struct {
	Kind   ast.FrameBoundKind
	Offset Expr // ROWS: the number of rows
	// edge is, for RANGE, the sort key moved by the offset; cmp compares it with the sort key.
	edge Expr
	cmp  Comparison
}

// expr returns the place of the boundary's expression; it reads the row, as the sort key does. nil when there is none.
func (b *WindowBound) expr() *Expr {
	switch {
	case b.edge != nil:
		return &b.edge
	case b.Offset != nil:
		return &b.Offset
	}
	return nil
}

// appendExprs appends the expressions of the boundaries to kids.
func (f *WindowFrame) appendExprs(kids []Expr) []Expr {
	if f == nil {
		return kids
	}
	for _, b := range []*WindowBound{&f.Start, &f.End} {
		if x := b.expr(); x != nil {
			kids = append(kids, *x)
		}
	}
	return kids
}

// replaceExprs returns a frame whose boundaries have kids instead, in the order of appendExprs.
func (f *WindowFrame) replaceExprs(kids []Expr) *WindowFrame {
	if len(kids) == 0 {
		return f
	}
	c := *f
	for _, b := range []*WindowBound{&c.Start, &c.End} {
		if x := b.expr(); x != nil {
			*x, kids = kids[0], kids[1:]
		}
	}
	return &c
}

// windowKind is an entry of the table of window functions.
type windowKind struct {
	min, max int
	framed   bool
	typ      func(b *binder, w *Window) error
}

var windowFunctions = map[string]*windowKind{
	"row_number":   {0, 0, false, windowUint},
	"rank":         {0, 0, false, windowUint},
	"dense_rank":   {0, 0, false, windowUint},
	"percent_rank": {0, 0, false, windowDouble},
	"cume_dist":    {0, 0, false, windowDouble},
	"ntile":        {1, 1, false, windowUint},
	"lag":          {1, 3, false, windowValue},
	"lead":         {1, 3, false, windowValue},
	"first_value":  {1, 1, true, windowValue},
	"last_value":   {1, 1, true, windowValue},
	"nth_value":    {2, 2, true, windowValue},
}

// IsWindowName reports whether name (lower case) is a function that exists with OVER only.
func IsWindowName(name string) bool { return windowFunctions[name] != nil }

func windowUint(_ *binder, w *Window) error {
	w.Typ = uintType(true)
	return nil
}

func windowDouble(_ *binder, w *Window) error {
	w.Typ = doubleType(true)
	return nil
}

// windowValue types functions that give the value of another row; LAG and LEAD join it with their default.
func windowValue(b *binder, w *Window) error {
	list := []Expr{w.Args[0]}
	if len(w.Args) == 3 {
		list = append(list, w.Args[2])
	}
	t, err := b.mergeInto(w.Name, list)
	if err != nil {
		return err
	}
	w.Args[0] = list[0]
	if len(w.Args) == 3 {
		w.Args[2] = list[1]
	}
	typ := *t
	typ.NotNull = false
	w.Typ = &typ
	return nil
}

func bindWindow(n *ast.Window, scope Scope) (*Window, error) {
	b := newBinder(scope)
	w := &Window{}
	if err := b.windowCall(n, w, scope); err != nil {
		return nil, err
	}
	var err error
	if w.PartitionBy, err = b.values(n.Spec.PartitionBy...); err != nil {
		return nil, err
	}
	settleAll(w.PartitionBy)
	for _, o := range n.Spec.OrderBy {
		x, err := b.value(o.Expr)
		if err != nil {
			return nil, err
		}
		w.OrderBy = append(w.OrderBy, OrderItem{Expr: settled(x), Desc: o.Direction == sqlparser.DescScr})
	}
	if n.Spec.Frame != nil && (w.Agg != nil || windowFunctions[w.Name].framed) {
		w.Frame, err = b.frame(n.Spec.Frame, w)
	}
	return w, err
}

func (b *binder) windowCall(n *ast.Window, w *Window, scope Scope) error {
	call, ok := n.Call().(*sqlparser.FuncExpr)
	if !ok {
		return sqlerr.New(sqlerr.NotSupported, "GROUP_CONCAT with OVER")
	}
	w.Name = call.Name.Lowered()
	if _, ok := aggregates[w.Name]; ok {
		if call.Distinct {
			return sqlerr.New(sqlerr.NotSupported, "<window function>(DISTINCT ..)")
		}
		agg, err := bindWindowAggregate(call, scope)
		if err != nil {
			return err
		}
		if agg.Typ.Guard {
			t := *agg.Typ
			t.Guard = false
			agg.Typ = &t
		}
		w.Agg, w.Typ = agg, agg.Typ
		return nil
	}
	kind, ok := windowFunctions[w.Name]
	switch {
	case !ok:
		return sqlerr.New(sqlerr.Parse, "over", 1)
	case n.FromLast:
		return sqlerr.New(sqlerr.NotSupported, "FROM LAST")
	case n.IgnoreNulls:
		return sqlerr.New(sqlerr.NotSupported, "IGNORE NULLS")
	case len(call.Exprs) < kind.min || len(call.Exprs) > kind.max:
		return wrongCount(w.Name)
	}
	for _, s := range call.Exprs {
		e, ok := argExpr(s)
		if !ok {
			return sqlerr.New(sqlerr.Parse, "*)", 1)
		}
		x, err := b.value(e)
		if err != nil {
			return err
		}
		w.Args = append(w.Args, settled(x))
	}
	return kind.typ(b, w)
}

// bindWindowAggregate is bindAggregate for a windowed call, whose arguments may hold aggregates of the query.
func bindWindowAggregate(n *sqlparser.FuncExpr, scope Scope) (*Aggregate, error) {
	return bindAggregateArgs(n, scope, func(b *binder, e sqlparser.Expr) (Expr, error) { return b.value(e) })
}

func (b *binder) frame(f *ast.Frame, w *Window) (*WindowFrame, error) {
	out := &WindowFrame{Unit: f.Unit}
	for _, x := range []struct {
		from ast.FrameBound
		to   *WindowBound
	}{{f.Start, &out.Start}, {f.End, &out.End}} {
		x.to.Kind = x.from.Kind
		if x.from.Kind != ast.Preceding && x.from.Kind != ast.Following {
			continue
		}
		var err error
		if f.Unit == ast.FrameRange {
			err = b.rangeBound(x.from, x.to, w)
		} else {
			err = b.rowsBound(x.from, x.to)
		}
		if err != nil {
			return nil, err
		}
	}
	if out.Start.Kind > out.End.Kind || out.Start.Kind == ast.UnboundedFollowing || out.End.Kind == ast.UnboundedPreceding {
		return nil, sqlerr.New(errFrameBounds, "<unnamed window>")
	}
	return out, nil
}

func (b *binder) rowsBound(from ast.FrameBound, to *WindowBound) error {
	x, err := b.value(from.Expr)
	if err != nil {
		return err
	}
	if !IsConst(x) || classOf(x.Type()) != classInt && classOf(x.Type()) != classDynamic {
		return sqlerr.New(errFrameOffset, "<unnamed window>")
	}
	to.Offset = x
	return nil
}

// rangeBound makes the expression of a RANGE boundary: the sort key plus or minus the offset.
func (b *binder) rangeBound(from ast.FrameBound, to *WindowBound, w *Window) error {
	if len(w.OrderBy) != 1 {
		return sqlerr.New(errFrameRange, "<unnamed window>")
	}
	key := w.OrderBy[0]
	sub := (from.Kind == ast.Preceding) != key.Desc
	if iv, ok := unparen(from.Expr).(*sqlparser.IntervalExpr); ok {
		if !classOf(key.Expr.Type()).isTemporal() {
			return sqlerr.New(errFrameRange, "<unnamed window>")
		}
		n, err := b.value(iv.Expr)
		if err != nil {
			return err
		}
		if to.edge, err = b.dateAdd(key.Expr, n, iv.Unit, sub); err != nil {
			return err
		}
	} else {
		n, err := b.value(from.Expr)
		if err != nil {
			return err
		}
		if c := classOf(key.Expr.Type()); !c.isNumber() && c != classDynamic || !IsConst(n) {
			return sqlerr.New(errFrameRange, "<unnamed window>")
		}
		op := OpAdd
		if sub {
			op = OpSub
		}
		to.edge = newArith(op, key.Expr, n, b.s)
	}
	var err error
	to.cmp, err = TypeComparison("range", b.conn, key.Expr.Type(), to.edge.Type())
	return err
}

func (w *Window) appendFrame(dst []byte, f Format) []byte {
	if w.Frame == nil {
		return dst
	}
	dst = append(dst, [...]string{" rows between ", " range between "}[w.Frame.Unit]...)
	for i, b := range []WindowBound{w.Frame.Start, w.Frame.End} {
		if i == 1 {
			dst = append(dst, " and "...)
		}
		switch {
		case b.Offset != nil:
			dst = append(b.Offset.Append(dst, f), ' ')
		case b.edge != nil:
			dst = append(b.edge.Append(dst, f), ' ')
		}
		dst = append(dst, [...]string{"unbounded preceding", "preceding", "current row", "following", "unbounded following"}[b.Kind]...)
	}
	return dst
}

// EvalPartition computes the function for every row of one partition. rows are sorted by OrderBy; env is the
// operator's, its Row is overwritten. out has len(rows) elements. Strings of out are the function's or the rows'.
func (w *Window) EvalPartition(env *Env, rows [][]value.Value, out []value.Value) error {
	saved := env.Row
	defer func() { env.Row = saved }()
	p := &partition{w: w, env: env, rows: rows}
	if err := p.prepare(); err != nil {
		return err
	}
	switch w.Name {
	case "row_number", "rank", "dense_rank", "percent_rank", "cume_dist":
		p.ranks(out)
		return nil
	case "ntile":
		return p.ntile(out)
	case "lag", "lead":
		return p.offsets(out)
	}
	if w.Agg != nil {
		return p.aggregate(out)
	}
	return p.nth(out)
}
