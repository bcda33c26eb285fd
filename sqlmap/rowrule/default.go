package rowrule

import (
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// ConstantDefault returns the value of a column in a row that leaves it out, where that is a constant; IsNoDefault(err)
// when there is none. Generated and AUTO_INCREMENT columns are NULL: others fill them. The value of a column with
// DefaultExpr is NULL.
func (r *Rules) ConstantDefault(ord int) (value.Value, error) {
	c := &r.table.Columns[ord]
	switch {
	case r.defaults[ord].expr != nil:
		return value.Null, nil
	case c.HasDefault:
		return c.Default, nil
	case c.Generated != "" || c.AutoIncrement || !c.NotNull:
		return value.Null, nil
	case c.Type.ID == value.TypeEnum:
		// MySQL gives a NOT NULL ENUM its first member.
		if v, ok := value.EnumByNumber(&c.Type, 1); ok {
			return v, nil
		}
	}
	return value.Null, errNoDefault
}

// DefaultExpr returns the expression default of a column, or nil when its default is a constant.
func (r *Rules) DefaultExpr(ord int) expr.Expr { return r.defaults[ord].expr }

// Default returns the value of column ord in a row that leaves it out, as ConstantDefault, with expression defaults
// evaluated: they see the columns of env.Row.
func (r *Rules) Default(ord int, env *expr.Env) (value.Value, error) {
	d := &r.defaults[ord]
	if d.expr == nil {
		return r.ConstantDefault(ord)
	}
	if d.generated {
		if err := r.fill(env, env.Row, ord); err != nil {
			return value.Null, err
		}
	}
	return r.evaluate(d.expr, ord, env)
}

// evaluate computes a default of the session's own making and converts it for its column.
func (r *Rules) evaluate(e expr.Expr, ord int, env *expr.Env) (value.Value, error) {
	v, err := e.Eval(env)
	if err != nil {
		return value.Null, err
	}
	c, s := &r.table.Columns[ord], env.Run.Session
	return value.Coerce(v, &c.Type, &value.CoerceOptions{
		Table: r.table.Name, Column: c.Name, NonStrict: !env.Run.Strict,
		Dates: s.Mode.DateFlags(), TimeZone: s.Location(), Now: env.Run.Now,
	})
}

// OnUpdate returns the ordinals of the ON UPDATE CURRENT_TIMESTAMP columns.
func (r *Rules) OnUpdate() schema.ColSet { return r.stamps }

// Stamp returns the value of an ON UPDATE column for a row that the statement of env changes.
func (r *Rules) Stamp(ord int, env *expr.Env) (value.Value, error) {
	return r.evaluate(r.onUpdate[ord], ord, env)
}
