package expr

import "github.com/worktable-go/worktable/engine/value"

func (l *Logic) Eval(env *Env) (value.Value, error)      { return value.Null, nil }
func (n *Not) Eval(env *Env) (value.Value, error)        { return value.Null, nil }
func (c *Compare) Eval(env *Env) (value.Value, error)    { return value.Null, nil }
func (c *RowCompare) Eval(env *Env) (value.Value, error) { return value.Null, nil }
func (b *Between) Eval(env *Env) (value.Value, error)    { return value.Null, nil }
func (n *InList) Eval(env *Env) (value.Value, error)     { return value.Null, nil }
func (n *InRows) Eval(env *Env) (value.Value, error)     { return value.Null, nil }
func (n *IsNull) Eval(env *Env) (value.Value, error)     { return value.Null, nil }
func (n *IsTruth) Eval(env *Env) (value.Value, error)    { return value.Null, nil }
func (n *Like) Eval(env *Env) (value.Value, error)       { return value.Null, nil }

var _ = []Expr{(*Column)(nil), (*Logic)(nil), (*Like)(nil), (*InRows)(nil)}
