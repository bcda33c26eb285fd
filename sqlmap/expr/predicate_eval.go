package expr

import (
	"github.com/worktable-go/worktable/engine/value"
)

// conditional is a node whose value is a truth value.
type conditional interface {
	evalTri(env *Env) (Tri, error)
}

// EvalTruth evaluates e as a condition.
func EvalTruth(e Expr, env *Env) (Tri, error) {
	if c, ok := e.(conditional); ok {
		return c.evalTri(env)
	}
	v, err := e.Eval(env)
	if err != nil {
		return Null, err
	}
	return truth(env, v)
}

func triValue(t Tri, err error) (value.Value, error) {
	if err != nil {
		return value.Null, err
	}
	return t.Value(), nil
}

// Eval implements Expr.
func (l *Logic) Eval(env *Env) (value.Value, error) { return triValue(l.evalTri(env)) }

// evalTri evaluates AND and OR left to right until the result is certain.
func (l *Logic) evalTri(env *Env) (Tri, error) {
	if l.Op == OpXor {
		return l.xor(env)
	}
	certain := False
	if l.Op == OpOr {
		certain = True
	}
	out := certain.Not()
	for _, a := range l.Args {
		t, err := EvalTruth(a, env)
		if err != nil {
			return Null, err
		}
		switch t {
		case certain:
			return certain, nil
		case Null:
			out = Null
		}
	}
	return out, nil
}

func (l *Logic) xor(env *Env) (Tri, error) {
	x, err := EvalTruth(l.Args[0], env)
	if err != nil || x == Null {
		return Null, err
	}
	y, err := EvalTruth(l.Args[1], env)
	if err != nil || y == Null {
		return Null, err
	}
	return triOf(x != y), nil
}

// Eval implements Expr.
func (n *Not) Eval(env *Env) (value.Value, error) { return triValue(n.evalTri(env)) }

func (n *Not) evalTri(env *Env) (Tri, error) {
	t, err := EvalTruth(n.Arg, env)
	return t.Not(), err
}

// Eval implements Expr.
func (c *Compare) Eval(env *Env) (value.Value, error) { return triValue(c.evalTri(env)) }

func (c *Compare) evalTri(env *Env) (Tri, error) {
	l, err := c.Left.Eval(env)
	if err != nil || l.IsNull() && c.Op != CompareNullSafe {
		return Null, err
	}
	r, err := c.Right.Eval(env)
	if err != nil {
		return Null, err
	}
	return c.Cmp.Apply(env, c.Op, l, r)
}

// Eval implements Expr.
func (c *RowCompare) Eval(env *Env) (value.Value, error) { return triValue(c.evalTri(env)) }

func (c *RowCompare) evalTri(env *Env) (Tri, error) {
	var buf [16]value.Value
	l, ok, err := c.Left.EvalRow(env, buf[:0])
	if err != nil {
		return Null, err
	}
	r, okR, err := c.Right.EvalRow(env, nil)
	if err != nil {
		return Null, err
	}
	if !ok || !okR {
		if c.Op == CompareNullSafe {
			return triOf(!ok && !okR), nil
		}
		return Null, nil
	}
	return CompareRows(env, c.Op, c.Cmp, l, r)
}

// CompareRows evaluates l op r for rows: equality of all columns, or the order of the first columns that differ.
func CompareRows(env *Env, op CompareOp, cmps []Comparison, l, r []value.Value) (Tri, error) {
	switch op {
	case CompareEqual, CompareNullSafe, CompareNotEqual:
		inner := op
		if op == CompareNotEqual {
			inner = CompareEqual
		}
		out := True
		for i, c := range cmps {
			t, err := c.Apply(env, inner, l[i], r[i])
			if err != nil {
				return Null, err
			}
			if t == False {
				out = False
				break
			}
			if t == Null {
				out = Null
			}
		}
		if op == CompareNotEqual {
			out = out.Not()
		}
		return out, nil
	}
	for i, c := range cmps {
		if l[i].IsNull() || r[i].IsNull() {
			return Null, nil
		}
		cmp, ok, err := c.Compare(env, l[i], r[i])
		if err != nil || !ok {
			return Null, err
		}
		if cmp != 0 || i == len(cmps)-1 {
			return triOf(op.Holds(cmp)), nil
		}
	}
	return Null, nil
}

// Eval implements Expr.
func (b *Between) Eval(env *Env) (value.Value, error) { return triValue(b.evalTri(env)) }

func (b *Between) evalTri(env *Env) (Tri, error) {
	v, err := b.Arg.Eval(env)
	if err != nil || v.IsNull() {
		return Null, err
	}
	lo, err := b.Lo.Eval(env)
	if err != nil {
		return Null, err
	}
	hi, err := b.Hi.Eval(env)
	if err != nil {
		return Null, err
	}
	cmpLo, cmpHi := b.CmpLo, b.CmpHi
	if cmpLo.Domain == DomainDynamic || cmpHi.Domain == DomainDynamic {
		cmpLo, cmpHi = joinDomains(cmpLo.of(v, lo), cmpHi.of(v, hi))
	}
	t, err := cmpLo.Apply(env, CompareGreaterEqual, v, lo)
	if err != nil {
		return Null, err
	}
	if t != False {
		u, err := cmpHi.Apply(env, CompareLessEqual, v, hi)
		if err != nil {
			return Null, err
		}
		if u == False || t == True {
			t = u
		}
	}
	if b.Not {
		t = t.Not()
	}
	return t, nil
}

// Eval implements Expr.
func (n *IsNull) Eval(env *Env) (value.Value, error) { return triValue(n.evalTri(env)) }

func (n *IsNull) evalTri(env *Env) (Tri, error) {
	v, err := n.Arg.Eval(env)
	return triOf(v.IsNull() != n.Not), err
}

// Eval implements Expr.
func (n *IsTruth) Eval(env *Env) (value.Value, error) { return triValue(n.evalTri(env)) }

func (n *IsTruth) evalTri(env *Env) (Tri, error) {
	t, err := EvalTruth(n.Arg, env)
	want := False
	if n.Want {
		want = True
	}
	return triOf((t == want) != n.Not), err
}
