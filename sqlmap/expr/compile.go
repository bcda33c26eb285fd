package expr

import "github.com/worktable-go/worktable/engine/value"

// Func is a compiled expression.
type Func func(env *Env) (value.Value, error)

// Predicate is a compiled condition: true when the condition is true, false when it is false or NULL.
type Predicate func(env *Env) (bool, error)

// Compile returns a closure that does what e.Eval does, specialised for e's shape.
func Compile(e Expr) Func { return e.Eval }

// CompilePredicate returns a closure that says whether e is true.
func CompilePredicate(e Expr) Predicate {
	return func(env *Env) (bool, error) {
		v, err := e.Eval(env)
		return Truth(v) == True, err
	}
}
