package expr

import (
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
)

// argExpr returns the expression of a function argument.
func argExpr(s sqlparser.SelectExpr) (sqlparser.Expr, bool) {
	switch n := s.(type) {
	case *sqlparser.AliasedExpr:
		return n.Expr, true
	case *ast.SelectItem:
		return n.Expr, true
	}
	return nil, false
}

func (b *binder) funcExpr(n *sqlparser.FuncExpr) (Expr, error) {
	name := n.Name.Lowered()
	if !n.Qualifier.IsEmpty() {
		return nil, sqlerr.New(sqlerr.UnknownFunction, n.Qualifier.String()+"."+n.Name.String())
	}
	if _, ok := aggregates[name]; ok {
		return b.scope.BindAggregate(func(args Scope) (*Aggregate, error) { return bindAggregate(n, args) })
	}
	if _, ok := windowFunctions[name]; ok {
		return nil, sqlerr.New(sqlerr.Parse, name+"()", 1)
	}
	args := make([]sqlparser.Expr, 0, len(n.Exprs))
	for _, s := range n.Exprs {
		e, ok := argExpr(s)
		if !ok || n.Distinct {
			return nil, sqlerr.New(sqlerr.Parse, n.Name.String()+"(*)", 1)
		}
		args = append(args, e)
	}
	return b.call(n.Name.String(), args)
}

// call binds a call by name over syntax arguments; some functions take words or intervals as arguments.
func (b *binder) call(spelled string, args []sqlparser.Expr) (Expr, error) {
	name := strings.ToLower(spelled)
	if form, ok := syntaxForms[name]; ok {
		return form(b, name, args)
	}
	f, ok := functions[name]
	if !ok {
		return nil, b.unknownFunction(spelled)
	}
	if len(args) < f.min || f.max >= 0 && len(args) > f.max {
		return nil, wrongCount(spelled)
	}
	list, err := b.values(args...)
	if err != nil {
		return nil, err
	}
	return b.newCall(name, list)
}

func (b *binder) unknownFunction(name string) error {
	if b.s.Database != "" {
		name = b.s.Database + "." + name
	}
	return sqlerr.New(sqlerr.UnknownFunction, name)
}

func wrongCount(name string) error { return sqlerr.New(sqlerr.WrongParamCount, name) }

// syntaxForms are the functions whose arguments are not all expressions.
var syntaxForms map[string]func(b *binder, name string, args []sqlparser.Expr) (Expr, error)

// newCall makes a call of a function in the table over bound arguments.
func (b *binder) newCall(name string, args []Expr) (Expr, error) {
	f, ok := functions[name]
	if !ok {
		return nil, b.unknownFunction(name)
	}
	if len(args) < f.min || f.max >= 0 && len(args) > f.max {
		return nil, wrongCount(name)
	}
	if !keepsGuard[name] {
		args = settleAll(args)
	}
	if f.numeric {
		for i, a := range args {
			args[i] = numeric(a)
		}
	}
	c := &Call{Name: name, Args: args, fn: f}
	if err := f.bind(b, c); err != nil {
		return nil, err
	}
	if c.Typ.NotNull && f.eval == nil {
		c.Typ.NotNull = c.notNull()
	}
	return c, nil
}

// keepsGuard lists the functions that see the guard digits of a quotient.
var keepsGuard = map[string]bool{"round": true, "truncate": true, "abs": true, "ceil": true, "ceiling": true, "floor": true}

// userVar is a read of @name.
func (b *binder) userVar(name string) Expr {
	name = strings.ToLower(name)
	t := DynamicType(b.conn)
	if v, ok := b.s.Vars[name]; ok && !v.Value.IsNull() {
		t = ValueType(v.Value, v.Collation)
		t.Dynamic = true
	}
	t.NotNull = false
	if t.Coercibility == CoerceCoercible {
		t.Coercibility = CoerceImplicit
	}
	return &userVar{name: name, typ: t}
}

// userVar is @name.
type userVar struct {
	name string
	typ  *Type
}

func (u *userVar) Type() *Type              { return u.typ }
func (u *userVar) Children() []Expr         { return nil }
func (u *userVar) WithChildren([]Expr) Expr { return u }
func (u *userVar) Flags() Flags             { return PerStatement }

func (u *userVar) Append(dst []byte, f Format) []byte {
	return append(append(dst, '@'), u.name...)
}

func (u *userVar) Eval(env *Env) (value.Value, error) {
	return env.Run.Session.Vars[u.name].Value, nil
}

// assign is @name := arg.
type assign struct {
	name string
	arg  Expr
	typ  *Type
}

func newAssign(name string, arg Expr, _ any) *assign {
	t := *arg.Type()
	if t.Coercibility == CoerceCoercible {
		t.Coercibility = CoerceImplicit
	}
	return &assign{name: strings.ToLower(name), arg: arg, typ: &t}
}

func (a *assign) Type() *Type                   { return a.typ }
func (a *assign) Children() []Expr              { return []Expr{a.arg} }
func (a *assign) WithChildren(kids []Expr) Expr { return &assign{a.name, kids[0], a.typ} }
func (a *assign) Flags() Flags                  { return SideEffect | NonDeterministic }

func (a *assign) Append(dst []byte, f Format) []byte {
	dst = append(append(append(dst, "(@"...), a.name...), ":="...)
	return append(a.arg.Append(dst, f), ')')
}

func (a *assign) Eval(env *Env) (value.Value, error) {
	v, err := a.arg.Eval(env)
	if err != nil {
		return value.Null, err
	}
	return v, env.Run.Session.SetVar(a.name, v, a.typ)
}
