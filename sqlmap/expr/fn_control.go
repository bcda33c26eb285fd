package expr

import (
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

func init() {
	register(map[string]*function{
		"if":       {min: 3, max: 3, bind: bindIf, eval: evalIf},
		"ifnull":   {min: 2, max: 2, bind: bindCoalesce, eval: evalCoalesce},
		"coalesce": {min: 1, max: -1, bind: bindCoalesce, eval: evalCoalesce},
		"nullif":   {min: 2, max: 2, bind: bindNullIf, eval: evalNullIf},
		"isnull":   {min: 1, max: 1, bind: bindIsNull, eval: evalIsNull},
		"greatest": {min: 2, max: -1, bind: bindExtreme, eval: evalExtreme},
		"least":    {min: 2, max: -1, bind: bindExtreme, eval: evalExtreme},
		"interval": {min: 2, max: -1, bind: bindIntervalOf, eval: evalIntervalOf},
	})
}

func bindIf(b *binder, c *Call) error {
	args := append([]Expr(nil), c.Args...)
	args[0] = condition(args[0])
	t, err := b.mergeInto("if", args[1:])
	c.Args, c.Typ = args, t
	return err
}

func evalIf(env *Env, c *Call) (value.Value, error) {
	t, err := EvalTruth(c.Args[0], env)
	if err != nil {
		return value.Null, err
	}
	if t == True {
		return c.Args[1].Eval(env)
	}
	return c.Args[2].Eval(env)
}

func bindCoalesce(b *binder, c *Call) error {
	args := append([]Expr(nil), c.Args...)
	t, err := b.mergeInto(c.Name, args)
	if err != nil {
		return err
	}
	typ := *t
	for _, a := range args {
		typ.NotNull = typ.NotNull || a.Type().NotNull
	}
	c.Args, c.Typ = args, &typ
	return nil
}

func evalCoalesce(env *Env, c *Call) (value.Value, error) {
	for _, a := range c.Args {
		v, err := a.Eval(env)
		if err != nil || !v.IsNull() {
			return v, err
		}
	}
	return value.Null, nil
}

func bindNullIf(b *binder, c *Call) error {
	l, r, cmp, err := b.pair("nullif", c.Args[0], c.Args[1])
	if err != nil {
		return err
	}
	t := *c.Args[0].Type()
	t.NotNull, t.Hex = false, false
	c.Args, c.cmp, c.Typ = []Expr{c.Args[0], l, r}, []Comparison{cmp}, &t
	if l == c.Args[0] {
		c.Args = []Expr{l, r}
	}
	return nil
}

func evalNullIf(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	l := v
	if len(c.Args) == 3 {
		if l, err = c.Args[1].Eval(env); err != nil {
			return value.Null, err
		}
	}
	r, err := c.Args[len(c.Args)-1].Eval(env)
	if err != nil {
		return value.Null, err
	}
	t, err := c.cmp[0].Apply(env, CompareEqual, l, r)
	if err != nil || t == True {
		return value.Null, err
	}
	return v, nil
}

func bindIsNull(_ *binder, c *Call) error {
	c.Typ = intType(true)
	c.Typ.Length = 1
	return nil
}

func evalIsNull(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	return value.Bool(v.IsNull()), err
}

// bindExtreme types GREATEST and LEAST: the arguments are converted to their common type and compared in it; with a
// date among strings they are compared as dates, but the result is a string.
func bindExtreme(b *binder, c *Call) error {
	args := append([]Expr(nil), c.Args...)
	var dates, strs bool
	for _, a := range args {
		cl := classOf(a.Type())
		dates = dates || cl.hasDate()
		strs = strs || cl == classString || cl == classLabel
	}
	t, err := b.mergeInto(c.Name, args)
	if err != nil {
		return err
	}
	cmp, err := TypeComparison(c.Name, b.conn, t, t)
	if err != nil {
		return err
	}
	if dates && strs {
		cmp = Comparison{Domain: DomainDateTime}
	}
	if t.Coercibility == CoerceNone && classOf(t) == classString {
		return sqlerr.New(sqlerr.WrongArguments, c.Name)
	}
	c.Args, c.cmp, c.Typ = args, []Comparison{cmp}, t
	return nil
}

func evalExtreme(env *Env, c *Call) (value.Value, error) {
	var best value.Value
	for i, a := range c.Args {
		v, err := a.Eval(env)
		if err != nil || v.IsNull() {
			return value.Null, err
		}
		if i == 0 {
			best = v
			continue
		}
		cmp, ok, err := c.cmp[0].Compare(env, v, best)
		if err != nil || !ok {
			return value.Null, err
		}
		if cmp > 0 && c.Name == "greatest" || cmp < 0 && c.Name == "least" {
			best = v
		}
	}
	return best, nil
}

// bindIntervalOf types INTERVAL(n, n1, n2, …).
func bindIntervalOf(_ *binder, c *Call) error {
	c.Typ = intType(true)
	return nil
}

func evalIntervalOf(env *Env, c *Call) (value.Value, error) {
	v, err := c.Args[0].Eval(env)
	if err != nil {
		return value.Null, err
	}
	if v.IsNull() {
		return value.Int(-1), nil
	}
	n, err := toNumber(env, v)
	if err != nil {
		return value.Null, err
	}
	for i, a := range c.Args[1:] {
		w, err := a.Eval(env)
		if err != nil {
			return value.Null, err
		}
		if w.IsNull() {
			continue
		}
		m, err := toNumber(env, w)
		if err != nil {
			return value.Null, err
		}
		if value.CompareNumeric(n, m) < 0 {
			return value.Int(int64(i)), nil
		}
	}
	return value.Int(int64(len(c.Args) - 1)), nil
}
