package plan

import (
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Convert gives an expression the type of a result column that it shares with others: the column of a set operation,
// of VALUES, of a recursive common table expression.
type Convert struct {
	Arg expr.Expr
	Typ *expr.Type
}

// convertTo returns e as a value of typ.
func convertTo(e expr.Expr, typ *expr.Type) expr.Expr {
	from := e.Type()
	if from == typ || typ.ID == value.TypeNull || from.ID == value.TypeNull {
		return e
	}
	if from.Kind() == typ.Kind() && from.Scale == typ.Scale && from.ID != value.TypeEnum && from.ID != value.TypeSet && !from.Dynamic {
		return e
	}
	return &Convert{Arg: e, Typ: typ}
}

// Type implements expr.Expr.
func (c *Convert) Type() *expr.Type { return c.Typ }

// Eval implements expr.Expr.
func (c *Convert) Eval(env *expr.Env) (value.Value, error) {
	v, err := c.Arg.Eval(env)
	if err != nil || v.IsNull() {
		return value.Null, err
	}
	return c.Apply(env, v)
}

// Apply converts a value.
func (c *Convert) Apply(env *expr.Env, v value.Value) (value.Value, error) {
	return value.Coerce(v, &c.Typ.Type, &value.CoerceOptions{
		NonStrict: true,
		Dates:     value.AllowZeroDate | value.AllowZeroInDate | value.AllowInvalidDate,
		TimeZone:  env.Run.Session.TimeZone,
	})
}

// Children implements expr.Expr.
func (c *Convert) Children() []expr.Expr { return []expr.Expr{c.Arg} }

// WithChildren implements expr.Expr.
func (c *Convert) WithChildren(kids []expr.Expr) expr.Expr { return &Convert{Arg: kids[0], Typ: c.Typ} }

// Flags implements expr.Expr.
func (c *Convert) Flags() expr.Flags { return 0 }

// Append implements expr.Expr.
func (c *Convert) Append(dst []byte, f expr.Format) []byte {
	dst = append(dst, "convert("...)
	dst = c.Arg.Append(dst, f)
	dst = append(dst, " as "...)
	dst = append(dst, c.Typ.String()...)
	return append(dst, ')')
}
