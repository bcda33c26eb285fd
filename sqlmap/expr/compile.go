package expr

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// Func is a compiled expression.
type Func func(env *Env) (value.Value, error)

// Predicate is a compiled condition: true when the condition is true, false when it is false or NULL.
type Predicate func(env *Env) (bool, error)

// Compile returns a closure that does what e.Eval does, specialised for e's shape.
func Compile(e Expr) Func {
	switch n := e.(type) {
	case *Column:
		if n.Depth == 0 {
			slot := n.Slot
			return func(env *Env) (value.Value, error) { return env.Row[slot], nil }
		}
	case *Literal:
		v := n.Val
		return func(*Env) (value.Value, error) { return v, nil }
	case *Arith:
		return compileArith(n)
	case *Case:
		return compileCase(n)
	case *Call:
		return compileCall(n)
	case *rounded:
		arg, scale := Compile(n.arg), n.Type().Scale
		return func(env *Env) (value.Value, error) {
			v, err := arg(env)
			if err != nil || v.Kind() != value.KindDecimal {
				return v, err
			}
			return value.Rescale(v, scale), nil
		}
	case conditional:
		tri := compileTri(e)
		return func(env *Env) (value.Value, error) { return triValue(tri(env)) }
	}
	return e.Eval
}

func compileArith(n *Arith) Func {
	l, r, op := Compile(n.Left), Compile(n.Right), n.Op
	return func(env *Env) (value.Value, error) {
		x, err := l(env)
		if err != nil || x.IsNull() {
			return value.Null, err
		}
		y, err := r(env)
		if err != nil || y.IsNull() {
			return value.Null, err
		}
		if x.Kind() == value.KindInt && y.Kind() == value.KindInt && op <= OpMul {
			if v, ok := addSubMul(op, x.Int64(), y.Int64()); ok {
				return value.Int(v), nil
			}
		}
		return n.apply(env, x, y)
	}
}

func compileCase(n *Case) Func {
	whens, thens := make([]Predicate, len(n.Whens)), make([]Func, len(n.Thens))
	for i := range n.Whens {
		whens[i], thens[i] = CompilePredicate(n.Whens[i]), Compile(n.Thens[i])
	}
	other := Func(func(*Env) (value.Value, error) { return value.Null, nil })
	if n.Else != nil {
		other = Compile(n.Else)
	}
	return func(env *Env) (value.Value, error) {
		for i, w := range whens {
			ok, err := w(env)
			if err != nil {
				return value.Null, err
			}
			if ok {
				return thens[i](env)
			}
		}
		return other(env)
	}
}

func compileCall(n *Call) Func {
	switch f := n.fn; {
	case f.f1 != nil:
		arg := Compile(n.Args[0])
		return func(env *Env) (value.Value, error) {
			x, err := arg(env)
			if err != nil || x.IsNull() {
				return value.Null, err
			}
			return f.f1(env, n, x)
		}
	case f.f2 != nil && len(n.Args) == 2:
		a, b := Compile(n.Args[0]), Compile(n.Args[1])
		return func(env *Env) (value.Value, error) {
			x, err := a(env)
			if err != nil || x.IsNull() {
				return value.Null, err
			}
			y, err := b(env)
			if err != nil || y.IsNull() {
				return value.Null, err
			}
			return f.f2(env, n, x, y)
		}
	case n.Name == "if":
		cond, then, other := CompilePredicate(n.Args[0]), Compile(n.Args[1]), Compile(n.Args[2])
		return func(env *Env) (value.Value, error) {
			ok, err := cond(env)
			if err != nil {
				return value.Null, err
			}
			if ok {
				return then(env)
			}
			return other(env)
		}
	}
	return n.Eval
}

// CompilePredicate returns a closure that says whether e is true.
func CompilePredicate(e Expr) Predicate {
	if AllFlags(e)&SideEffect == 0 {
		switch n := e.(type) {
		case *Logic:
			if n.Op != OpXor {
				return compileChain(n)
			}
		case *Compare:
			if p := compileCompare(n); p != nil {
				return p
			}
		case *Between:
			if p := compileBetween(n); p != nil {
				return p
			}
		case *InList:
			if p := compileIn(n); p != nil {
				return p
			}
		case *Like:
			if p := compileLikePredicate(n); p != nil {
				return p
			}
		case *IsNull:
			if c, ok := n.Arg.(*Column); ok && c.Depth == 0 {
				slot, want := c.Slot, !n.Not
				return func(env *Env) (bool, error) { return env.Row[slot].IsNull() == want, nil }
			}
		}
	}
	tri := compileTri(e)
	return func(env *Env) (bool, error) {
		t, err := tri(env)
		return t == True, err
	}
}

// compileTri returns a closure that evaluates e as a condition in three values.
func compileTri(e Expr) func(env *Env) (Tri, error) {
	switch n := e.(type) {
	case *Compare:
		l, r, op, cmp := Compile(n.Left), Compile(n.Right), n.Op, n.Cmp
		return func(env *Env) (Tri, error) {
			x, err := l(env)
			if err != nil || x.IsNull() && op != CompareNullSafe {
				return Null, err
			}
			y, err := r(env)
			if err != nil {
				return Null, err
			}
			return cmp.Apply(env, op, x, y)
		}
	case *Not:
		arg := compileTri(n.Arg)
		return func(env *Env) (Tri, error) {
			t, err := arg(env)
			return t.Not(), err
		}
	case conditional:
		return n.evalTri
	}
	f := Compile(e)
	return func(env *Env) (Tri, error) {
		v, err := f(env)
		if err != nil {
			return Null, err
		}
		return truth(env, v)
	}
}

// compileChain compiles AND and OR. As a predicate, NULL counts as false in both.
func compileChain(n *Logic) Predicate {
	list := make([]Predicate, len(n.Args))
	for i, a := range n.Args {
		list[i] = CompilePredicate(a)
	}
	stop := n.Op == OpOr
	if len(list) == 2 {
		a, b := list[0], list[1]
		return func(env *Env) (bool, error) {
			ok, err := a(env)
			if err != nil || ok == stop {
				return ok && err == nil, err
			}
			return b(env)
		}
	}
	return func(env *Env) (bool, error) {
		for _, p := range list {
			ok, err := p(env)
			if err != nil {
				return false, err
			}
			if ok == stop {
				return stop, nil
			}
		}
		return !stop, nil
	}
}

// columnSlot returns the slot of a column of the current row.
func columnSlot(e Expr) (int, bool) {
	c, ok := e.(*Column)
	if !ok || c.Depth != 0 {
		return 0, false
	}
	return c.Slot, true
}

// compileCompare compiles a comparison of a column of the current row with a literal or a parameter; nil for others.
func compileCompare(n *Compare) Predicate {
	op, left, right := n.Op, n.Left, n.Right
	slot, ok := columnSlot(left)
	if !ok {
		if slot, ok = columnSlot(right); !ok {
			return nil
		}
		op, right = op.Swap(), left
	}
	if op == CompareNullSafe {
		return nil
	}
	switch k := right.(type) {
	case *Literal:
		return compileConst(slot, op, n.Cmp, k.Val)
	case *Param:
		return compileParam(slot, op, n.Cmp, k.Index)
	case *adapted:
		return compileAdapted(slot, op, n.Cmp, k)
	case *Column:
		if k.Depth == 0 {
			return compileColumns(slot, k.Slot, op, n.Cmp)
		}
	}
	return nil
}

// compare applies the comparison to values that fit no fast path.
func (c Comparison) holds(env *Env, op CompareOp, x, y value.Value) (bool, error) {
	t, err := c.Apply(env, op, x, y)
	return t == True, err
}

func never(*Env) (bool, error) { return false, nil }

func compileConst(slot int, op CompareOp, cmp Comparison, k value.Value) Predicate {
	if k.IsNull() {
		return never
	}
	switch {
	case cmp.Domain == DomainInt && k.Kind() == value.KindInt:
		return compileIntConst(slot, op, cmp, k)
	case cmp.Domain == DomainFloat && (k.Kind() == value.KindFloat || k.Kind() == value.KindInt):
		f, _ := k.AsFloat()
		return func(env *Env) (bool, error) {
			if v := env.Row[slot]; v.Kind() == value.KindFloat {
				return op.Holds(value.CompareFloat(v.Float64(), f)), nil
			}
			return cmp.holds(env, op, env.Row[slot], k)
		}
	case (cmp.Domain == DomainDate || cmp.Domain == DomainDateTime) && (k.Kind() == value.KindDate || k.Kind() == value.KindDateTime),
		cmp.Domain == DomainTime && k.Kind() == value.KindTime:
		packed := int64(k.Raw64())
		isTime := k.Kind() == value.KindTime
		return func(env *Env) (bool, error) {
			v := env.Row[slot]
			switch v.Kind() {
			case value.KindDate, value.KindDateTime:
				if !isTime {
					return op.Holds(compareInt64(int64(v.Raw64()), packed)), nil
				}
			case value.KindTime:
				if isTime {
					return op.Holds(compareInt64(int64(v.Raw64()), packed)), nil
				}
			}
			return cmp.holds(env, op, v, k)
		}
	case cmp.Domain == DomainString && k.Kind() == value.KindString, cmp.Domain == DomainBytes:
		return compileStringConst(slot, op, cmp, k)
	}
	return func(env *Env) (bool, error) { return cmp.holds(env, op, env.Row[slot], k) }
}

func compileIntConst(slot int, op CompareOp, cmp Comparison, kv value.Value) Predicate {
	k := kv.Int64()
	slow := func(env *Env) (bool, error) { return cmp.holds(env, op, env.Row[slot], kv) }
	// One closure per operator: the comparison is all that runs for each row.
	switch op {
	case CompareEqual:
		return func(env *Env) (bool, error) {
			if v := &env.Row[slot]; v.Kind() == value.KindInt {
				return v.Int64() == k, nil
			}
			return slow(env)
		}
	case CompareLess:
		return func(env *Env) (bool, error) {
			if v := &env.Row[slot]; v.Kind() == value.KindInt {
				return v.Int64() < k, nil
			}
			return slow(env)
		}
	case CompareGreater:
		return func(env *Env) (bool, error) {
			if v := &env.Row[slot]; v.Kind() == value.KindInt {
				return v.Int64() > k, nil
			}
			return slow(env)
		}
	}
	return func(env *Env) (bool, error) {
		if v := &env.Row[slot]; v.Kind() == value.KindInt {
			return op.Holds(compareInt64(v.Int64(), k)), nil
		}
		return slow(env)
	}
}

func compileStringConst(slot int, op CompareOp, cmp Comparison, kv value.Value) Predicate {
	k := kv.Text()
	if cmp.Domain == DomainBytes || bytewiseNoPad(cmp.Collation) {
		if op == CompareEqual || op == CompareNotEqual {
			want := op == CompareEqual
			return func(env *Env) (bool, error) {
				if v := &env.Row[slot]; v.Kind() == value.KindString || v.Kind() == value.KindBytes {
					return (v.Str() == k) == want, nil
				}
				return cmp.holds(env, op, env.Row[slot], kv)
			}
		}
	}
	coll := cmp.Collation
	if cmp.Domain == DomainBytes {
		coll = collate.Binary
	}
	return func(env *Env) (bool, error) {
		if v := &env.Row[slot]; v.Kind() == value.KindString {
			return op.Holds(collate.Compare(coll, v.Str(), k)), nil
		}
		return cmp.holds(env, op, env.Row[slot], kv)
	}
}

func compileParam(slot int, op CompareOp, cmp Comparison, index int) Predicate {
	coll := cmp.Collation
	ints := cmp.Domain == DomainInt || cmp.Domain == DomainDynamic
	strs := cmp.Domain == DomainString || cmp.Domain == DomainDynamic
	return func(env *Env) (bool, error) {
		if index >= len(env.Run.Params) {
			return false, wrongArguments("EXECUTE")
		}
		v, k := &env.Row[slot], &env.Run.Params[index]
		if v.Kind() == k.Kind() {
			switch {
			case v.Kind() == value.KindInt && ints:
				return op.Holds(compareInt64(v.Int64(), k.Int64())), nil
			case v.Kind() == value.KindString && strs:
				return op.Holds(collate.Compare(coll, v.Str(), k.Str())), nil
			}
		}
		return cmp.holds(env, op, *v, *k)
	}
}

// compileAdapted is compileParam for a parameter that may need a conversion.
func compileAdapted(slot int, op CompareOp, cmp Comparison, k *adapted) Predicate {
	index := k.arg.Index
	ints := !k.needs(value.Int(0)) // an integer stays what it is
	return func(env *Env) (bool, error) {
		if index < len(env.Run.Params) {
			v, p := &env.Row[slot], &env.Run.Params[index]
			if ints && v.Kind() == value.KindInt && p.Kind() == value.KindInt {
				return op.Holds(compareInt64(v.Int64(), p.Int64())), nil
			}
		}
		p, err := k.Eval(env)
		if err != nil {
			return false, err
		}
		return cmp.holds(env, op, env.Row[slot], p)
	}
}

func compileColumns(a, b int, op CompareOp, cmp Comparison) Predicate {
	ints := cmp.Domain == DomainInt
	return func(env *Env) (bool, error) {
		x, y := &env.Row[a], &env.Row[b]
		if ints && x.Kind() == value.KindInt && y.Kind() == value.KindInt {
			return op.Holds(compareInt64(x.Int64(), y.Int64())), nil
		}
		return cmp.holds(env, op, *x, *y)
	}
}

// compileBetween compiles column BETWEEN literals.
func compileBetween(n *Between) Predicate {
	slot, ok := columnSlot(n.Arg)
	lo, ok2 := n.Lo.(*Literal)
	hi, ok3 := n.Hi.(*Literal)
	if !ok || !ok2 || !ok3 || n.Not {
		return nil
	}
	if n.CmpLo.Domain == DomainInt && n.CmpHi.Domain == DomainInt &&
		lo.Val.Kind() == value.KindInt && hi.Val.Kind() == value.KindInt {
		from, to := lo.Val.Int64(), hi.Val.Int64()
		return func(env *Env) (bool, error) {
			if v := &env.Row[slot]; v.Kind() == value.KindInt {
				return v.Int64() >= from && v.Int64() <= to, nil
			}
			t, err := n.evalTri(env)
			return t == True, err
		}
	}
	a := compileConst(slot, CompareGreaterEqual, n.CmpLo, lo.Val)
	b := compileConst(slot, CompareLessEqual, n.CmpHi, hi.Val)
	return func(env *Env) (bool, error) {
		if ok, err := a(env); !ok || err != nil {
			return false, err
		}
		return b(env)
	}
}

// compileIn compiles column [NOT] IN (literals).
func compileIn(n *InList) Predicate {
	slot, ok := columnSlot(n.Arg)
	if !ok {
		return nil
	}
	slow := func(env *Env) (bool, error) {
		if env.Row[slot].IsNull() {
			return false, nil
		}
		t, err := n.test(env, env.Row[slot])
		return t == True, err
	}
	if n.set == nil || n.set.hasNull && n.Not {
		return slow
	}
	want := !n.Not
	switch {
	case n.set.ints != nil:
		set := n.set.ints
		return func(env *Env) (bool, error) {
			if v := &env.Row[slot]; v.Kind() == value.KindInt {
				_, found := set[v.Int64()]
				return found == want, nil
			}
			return slow(env)
		}
	case n.set.strs != nil:
		set := n.set.strs
		return func(env *Env) (bool, error) {
			if v := &env.Row[slot]; v.Kind() == value.KindString {
				_, found := set[v.Str()]
				return found == want, nil
			}
			return slow(env)
		}
	}
	return slow
}

// compileLikePredicate compiles column [NOT] LIKE 'pattern'.
func compileLikePredicate(n *Like) Predicate {
	slot, ok := columnSlot(n.Arg)
	if !ok || n.static == nil {
		return nil
	}
	p, want := n.static, !n.Not
	return func(env *Env) (bool, error) {
		v := &env.Row[slot]
		switch v.Kind() {
		case value.KindNull:
			return false, nil
		case value.KindString, value.KindBytes:
			return p.match(v.Str()) == want, nil
		}
		return p.match(textOf(*v)) == want, nil
	}
}
