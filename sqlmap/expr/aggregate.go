package expr

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// Aggregate is an aggregate call. As an Expr it has the result's type; its Eval is an error: the planner replaces it
// by a column of the aggregated row.
type Aggregate struct {
	Name      string // lower case, canonical: count, sum, avg, min, max, group_concat, bit_and, std, variance, …
	Distinct  bool
	Star      bool // COUNT(*)
	Args      []Expr
	OrderBy   []OrderItem // GROUP_CONCAT
	Separator string      // GROUP_CONCAT
	Typ       *Type
}

// OrderItem is a sort key.
type OrderItem struct {
	Expr Expr
	Desc bool
}

// Accumulator gathers one group of one aggregate. It belongs to one goroutine.
type Accumulator interface {
	// Add takes the row of env into account. It keeps copies of what it needs.
	Add(env *Env) error
	// Result returns the aggregate of the rows so far. Its strings are the accumulator's until Reset or the next Add.
	Result(env *Env) (value.Value, error)
	// Reset makes the group empty.
	Reset()
	// Memory returns roughly the bytes that the group holds on to.
	Memory() int
}

// aggregateKind is an entry of the table of aggregates.
type aggregateKind struct {
	name     string // canonical
	min, max int    // arguments
	distinct bool   // DISTINCT is allowed
	typ      func(b *binder, a *Aggregate) error
	make     func(a *Aggregate) Accumulator
}

var aggregates map[string]*aggregateKind

func init() {
	aggregates = map[string]*aggregateKind{
		"count":          {"count", 1, -1, true, typeCount, newCount},
		"sum":            {"sum", 1, 1, true, typeSum, newSum},
		"avg":            {"avg", 1, 1, true, typeAvg, newSum},
		"min":            {"min", 1, 1, true, typeMinMax, newMinMax},
		"max":            {"max", 1, 1, true, typeMinMax, newMinMax},
		"bit_and":        {"bit_and", 1, 1, false, typeBits, newBitAggregate},
		"bit_or":         {"bit_or", 1, 1, false, typeBits, newBitAggregate},
		"bit_xor":        {"bit_xor", 1, 1, false, typeBits, newBitAggregate},
		"std":            {"std", 1, 1, false, typeVariance, newVariance},
		"stddev":         {"std", 1, 1, false, typeVariance, newVariance},
		"stddev_pop":     {"std", 1, 1, false, typeVariance, newVariance},
		"stddev_samp":    {"stddev_samp", 1, 1, false, typeVariance, newVariance},
		"variance":       {"variance", 1, 1, false, typeVariance, newVariance},
		"var_pop":        {"variance", 1, 1, false, typeVariance, newVariance},
		"var_samp":       {"var_samp", 1, 1, false, typeVariance, newVariance},
		"group_concat":   {"group_concat", 1, -1, true, typeGroupConcat, newGroupConcat},
		"json_arrayagg":  {"json_arrayagg", 1, 1, false, typeJSONAgg, newJSONArrayAgg},
		"json_objectagg": {"json_objectagg", 2, 2, false, typeJSONAgg, newJSONObjectAgg},
		"any_value":      {"any_value", 1, 1, false, typeAnyValue, newAnyValue},
	}
	// ANY_VALUE is an ordinary function to the grammar; the planner decides whether it aggregates.
	delete(aggregates, "any_value")
}

// IsAggregateName reports whether name (lower case) is an aggregate function.
func IsAggregateName(name string) bool { return aggregates[name] != nil }

func bindAggregate(n *sqlparser.FuncExpr, scope Scope) (*Aggregate, error) {
	return bindAggregateArgs(n, scope, (*binder).aggregateArg)
}

func bindAggregateArgs(n *sqlparser.FuncExpr, scope Scope, bindArg func(*binder, sqlparser.Expr) (Expr, error)) (*Aggregate, error) {
	kind := aggregates[n.Name.Lowered()]
	a := &Aggregate{Name: kind.name, Distinct: n.Distinct, Separator: ","}
	if n.Distinct && !kind.distinct {
		return nil, sqlerr.New(sqlerr.Parse, "distinct", 1)
	}
	b := newBinder(scope)
	for _, s := range n.Exprs {
		if _, star := s.(*sqlparser.StarExpr); star && kind.name == "count" && len(n.Exprs) == 1 && !n.Distinct {
			a.Star = true
			continue
		}
		e, ok := argExpr(s)
		if !ok {
			return nil, sqlerr.New(sqlerr.Parse, "*)", 1)
		}
		x, err := bindArg(b, e)
		if err != nil {
			return nil, err
		}
		a.Args = append(a.Args, x)
	}
	count := len(a.Args)
	if !a.Star && (count < kind.min || kind.max >= 0 && count > kind.max) || kind.name == "count" && count > 1 && !a.Distinct {
		return nil, wrongCount(n.Name.Lowered())
	}
	return a, kind.typ(b, a)
}

// aggregateArg binds an argument, in which no aggregate may stand.
func (b *binder) aggregateArg(e sqlparser.Expr) (Expr, error) {
	x, err := b.value(e)
	if err != nil {
		return nil, err
	}
	if HasAggregate(x) {
		return nil, sqlerr.New(sqlerr.InvalidGroupFunc)
	}
	return x, nil
}

func bindGroupConcat(n *sqlparser.GroupConcatExpr, scope Scope) (*Aggregate, error) {
	a := &Aggregate{Name: "group_concat", Distinct: n.Distinct != "", Separator: n.Separator}
	b := newBinder(scope)
	for _, s := range n.Exprs {
		e, ok := argExpr(s)
		if !ok {
			return nil, sqlerr.New(sqlerr.Parse, "*)", 1)
		}
		x, err := b.aggregateArg(e)
		if err != nil {
			return nil, err
		}
		a.Args = append(a.Args, settled(x))
	}
	for _, o := range n.OrderBy {
		x, err := b.groupConcatOrder(o.Expr, a)
		if err != nil {
			return nil, err
		}
		a.OrderBy = append(a.OrderBy, OrderItem{Expr: x, Desc: o.Direction == sqlparser.DescScr})
	}
	return a, typeGroupConcat(b, a)
}

// groupConcatOrder binds a sort key of GROUP_CONCAT; an integer literal is the number of an argument.
func (b *binder) groupConcatOrder(e sqlparser.Expr, a *Aggregate) (Expr, error) {
	x, err := b.aggregateArg(e)
	if err != nil {
		return nil, err
	}
	if l, ok := x.(*Literal); ok && l.Val.Kind() == value.KindInt {
		i := l.Val.Int64()
		if i < 1 || i > int64(len(a.Args)) {
			return nil, sqlerr.New(sqlerr.UnknownColumn, l.Val.Text(), "order clause")
		}
		return a.Args[i-1], nil
	}
	return settled(x), nil
}

func typeCount(_ *binder, a *Aggregate) error {
	a.Args = settleAll(a.Args)
	a.Typ = intType(true)
	return nil
}

func typeSum(_ *binder, a *Aggregate) error {
	a.Args[0] = numeric(a.Args[0])
	t := a.Args[0].Type()
	switch c := arithClass(t); c {
	case classInt, classDecimal:
		whole, scale := numericShape(t)
		a.Typ = decimalType(whole+scale+22, scale, false)
		a.Typ.Guard = guarded(a.Args[0])
	case classNull:
		a.Typ = doubleType(false)
	default:
		a.Typ = doubleType(false)
		a.Typ.Dynamic = c == classDynamic
	}
	return nil
}

func typeAvg(b *binder, a *Aggregate) error {
	a.Args[0] = numeric(a.Args[0])
	t := a.Args[0].Type()
	switch c := arithClass(t); c {
	case classInt, classDecimal:
		whole, scale := numericShape(t)
		incr := b.s.divPrecision()
		scale = min(scale+incr, value.MaxDecimalScale)
		a.Typ = decimalType(whole+scale, scale, false)
		a.Typ.Guard = true
	default:
		a.Typ = doubleType(false)
		a.Typ.Dynamic = c == classDynamic
	}
	return nil
}

func typeMinMax(_ *binder, a *Aggregate) error {
	t := *a.Args[0].Type()
	t.NotNull, t.Guard = false, guarded(a.Args[0])
	if t.ID == value.TypeEnum || t.ID == value.TypeSet {
		t.Type = stringDecl(textLength(&t), t.Collation)
	}
	a.Typ = &t
	return nil
}

func typeAnyValue(_ *binder, a *Aggregate) error {
	a.Args = settleAll(a.Args)
	t := *a.Args[0].Type()
	t.NotNull = false
	a.Typ = &t
	return nil
}

// NewAnyValue returns the aggregate that keeps the value of e in the first row of a group: ANY_VALUE(e), and columns
// that are functionally dependent on the group.
func NewAnyValue(e Expr) *Aggregate {
	a := &Aggregate{Name: "any_value", Args: []Expr{e}}
	_ = typeAnyValue(nil, a)
	return a
}

// NewCountStar returns COUNT(*).
func NewCountStar() *Aggregate { return &Aggregate{Name: "count", Star: true, Typ: intType(true)} }

func typeBits(_ *binder, a *Aggregate) error {
	a.Args = settleAll(a.Args)
	a.Typ = uintType(true)
	if t := a.Args[0].Type(); isBinaryString(t) && !t.Hex {
		typ := *t
		typ.NotNull = false
		a.Typ = &typ
	}
	return nil
}

func typeVariance(_ *binder, a *Aggregate) error {
	a.Args[0] = numeric(a.Args[0])
	a.Typ = doubleType(false)
	return nil
}

func typeJSONAgg(_ *binder, a *Aggregate) error {
	a.Args = settleAll(a.Args)
	a.Typ = jsonType()
	return nil
}

func typeGroupConcat(b *binder, a *Aggregate) error {
	a.Args = settleAll(a.Args)
	types := make([]*Type, len(a.Args))
	for i, x := range a.Args {
		types[i] = x.Type()
	}
	coll, c, err := mergeCollations("group_concat", b.conn, false, types...)
	if err != nil {
		return err
	}
	max := b.s.groupConcatMax()
	if coll != collate.Binary {
		max /= 4
	}
	a.Typ = stringType(max, coll, c, false)
	if max > 512 && a.Typ.ID != value.TypeLongText && a.Typ.ID != value.TypeLongBlob {
		a.Typ.ID = value.TypeText
		if coll == collate.Binary {
			a.Typ.ID = value.TypeBlob
		}
		a.Typ.Length = 65535
	}
	for i, x := range a.Args {
		if x.Type().Zerofill {
			a.Args[i] = Convert(x, a.Typ)
		}
	}
	return nil
}

func (s *SessionState) groupConcatMax() int {
	if s.GroupConcatMaxLen <= 0 {
		return 1024
	}
	return s.GroupConcatMaxLen
}

// NewAccumulator returns an accumulator for one group.
func (a *Aggregate) NewAccumulator() Accumulator {
	if a.Name == "any_value" {
		return newAnyValue(a)
	}
	acc := aggregates[a.Name].make(a)
	if a.Distinct && a.Name != "min" && a.Name != "max" {
		return &distinct{agg: a, inner: acc}
	}
	return acc
}
