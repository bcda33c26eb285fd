// Package rowrule compiles the SQL texts that a table definition carries (expression defaults, ON UPDATE, generated
// columns, CHECK constraints) into code that runs on rows.
//
// Texts are read under the sql_mode that was in force when they were written. Both kinds of generated columns, VIRTUAL
// and STORED, are kept in the row: a virtual one costs memory instead of time.
//
// Concurrency: a Rules is immutable and may be used by any number of goroutines.
package rowrule

import (
	"errors"
	"time"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// Rules is the compiled code of one table definition.
type Rules struct {
	table     *schema.Table
	mode      expr.SQLMode
	defaults  []expr.Expr // by ordinal; nil where the default is a constant or there is none
	onUpdate  []stamp
	generated []computed // in an order in which each reads only columns before it
	checks    []check
}

// stamp is an ON UPDATE CURRENT_TIMESTAMP column.
type stamp struct {
	ord  int
	expr expr.Expr
}

// computed is a generated column.
type computed struct {
	ord   int
	expr  expr.Func
	reads schema.ColSet
}

// check is an enforced CHECK constraint.
type check struct {
	name  string
	expr  expr.Func
	reads schema.ColSet
}

// Compile compiles a definition's texts. Errors are those that CREATE TABLE reports: 1064, 1054, 3102 to 3109, 3814 ….
func Compile(t *schema.Table) (*Rules, error) {
	mode, err := sqlmode.Parse(t.SQLMode)
	if err != nil {
		return nil, err
	}
	r := &Rules{table: t, mode: mode, defaults: make([]expr.Expr, len(t.Columns))}
	for i := range t.Columns {
		if err := r.compileColumn(i); err != nil {
			return nil, err
		}
	}
	if err := r.order(); err != nil {
		return nil, err
	}
	for i := range t.Checks {
		c := &t.Checks[i]
		e, err := r.bind(c.Expr, &scope{table: t, session: r.session(), clause: "check constraint " + c.Name + " expression"})
		if err != nil {
			return nil, err
		}
		if expr.AllFlags(e)&(expr.NonDeterministic|expr.SideEffect) != 0 {
			return nil, sqlerr.New(sqlerr.CheckFunction, c.Name, expr.String(e))
		}
		if !c.NotEnforced {
			r.checks = append(r.checks, check{c.Name, expr.Compile(e), columnsOf(e)})
		}
	}
	return r, nil
}

// Check compiles every text of a definition and returns the first error.
func Check(t *schema.Table) error {
	_, err := Compile(t)
	return err
}

// session is what the texts are bound and run under.
func (r *Rules) session() *expr.SessionState { return &expr.SessionState{Mode: r.mode} }

// bind parses and binds a text.
func (r *Rules) bind(text string, s *scope) (expr.Expr, error) {
	e, err := parse.Expr(text, sqlmode.ParserOptions(r.mode, 0))
	if err != nil {
		return nil, err
	}
	return expr.Bind(e, s)
}

func (r *Rules) compileColumn(i int) error {
	c := &r.table.Columns[i]
	if c.DefaultExpr != "" {
		e, err := r.bind(c.DefaultExpr, &scope{table: r.table, session: r.session(), clause: "default value expression of column '" + c.Name + "'"})
		if err != nil {
			return err
		}
		r.defaults[i] = e
	}
	if c.OnUpdate != "" {
		e, err := r.bind(c.OnUpdate, &scope{session: r.session(), clause: "ON UPDATE"})
		if err != nil {
			return err
		}
		r.onUpdate = append(r.onUpdate, stamp{i, e})
	}
	if c.Generated == "" {
		return nil
	}
	e, err := r.bind(c.Generated, &scope{table: r.table, session: r.session(), clause: "generated column function"})
	if err != nil {
		return err
	}
	if expr.AllFlags(e)&(expr.NonDeterministic|expr.SideEffect) != 0 {
		return sqlerr.New(sqlerr.GeneratedFunction, c.Name, expr.String(e))
	}
	r.generated = append(r.generated, computed{i, expr.Compile(e), columnsOf(e)})
	return nil
}

// columnsOf returns the ordinals that e reads.
func columnsOf(e expr.Expr) schema.ColSet {
	var set schema.ColSet
	expr.Columns(e, func(_, slot int) { set = set.With(slot) })
	return set
}

// order checks that a generated column reads no later generated column and no AUTO_INCREMENT column: 3107, 3109.
func (r *Rules) order() error {
	for _, g := range r.generated {
		for c := g.reads.Next(0); c >= 0; c = g.reads.Next(c + 1) {
			col := &r.table.Columns[c]
			if col.AutoIncrement {
				return sqlerr.New(sqlerr.GeneratedAuto, r.table.Columns[g.ord].Name)
			}
			if col.Generated != "" && c >= g.ord {
				return sqlerr.New(sqlerr.GeneratedOrder)
			}
		}
	}
	return nil
}

// Hook returns the row hook that the engine runs on each new row of t: generated columns are filled in, CHECK
// constraints tested. nil when the table needs none.
func Hook(t *schema.Table) (*engine.RowHook, error) {
	r, err := Compile(t)
	if err != nil {
		return nil, err
	}
	if len(r.generated) == 0 && len(r.checks) == 0 {
		return nil, nil
	}
	h := &engine.RowHook{Run: r.run}
	for _, g := range r.generated {
		h.Generated = h.Generated.With(g.ord)
		h.Groups = append(h.Groups, g.reads.With(g.ord))
	}
	for _, c := range r.checks {
		h.Groups = append(h.Groups, c.reads)
	}
	return h, nil
}

// run fills the generated columns of a row and tests its CHECKs: NULL passes. Error 3819.
func (r *Rules) run(vals []value.Value) error {
	env := expr.Env{Row: vals, Run: &expr.Run{Session: r.session(), Strict: true, Now: time.Now().UTC()}}
	for _, g := range r.generated {
		v, err := g.expr(&env)
		if err != nil {
			return err
		}
		c := &r.table.Columns[g.ord]
		vals[g.ord], err = value.Coerce(v, &c.Type, &value.CoerceOptions{Table: r.table.Name, Column: c.Name, Dates: r.mode.DateFlags()})
		if err != nil {
			return err
		}
		if c.NotNull && vals[g.ord].IsNull() {
			return sqlerr.New(sqlerr.BadNull, c.Name)
		}
	}
	for i := range r.checks {
		v, err := r.checks[i].expr(&env)
		if err != nil {
			return err
		}
		if expr.Truth(v) == expr.False {
			return sqlerr.New(sqlerr.CheckViolated, r.checks[i].name)
		}
	}
	return nil
}

// errNoDefault is what Default returns for a column that an INSERT must name; the caller makes 1364 of it, or with IGNORE
// the type's zero.
var errNoDefault = errors.New("rowrule: the column has no default")

// IsNoDefault reports whether err says that a column has no default.
func IsNoDefault(err error) bool { return errors.Is(err, errNoDefault) }

// Default returns the value of column ord in a row that leaves it out. Generated and AUTO_INCREMENT columns are NULL:
// others fill them. env is the statement's; expression defaults see its Row, whose earlier columns are set.
func (r *Rules) Default(ord int, env *expr.Env) (value.Value, error) {
	c := &r.table.Columns[ord]
	switch {
	case r.defaults[ord] != nil:
		v, err := r.defaults[ord].Eval(env)
		if err != nil {
			return value.Null, err
		}
		s := env.Run.Session
		return value.Coerce(v, &c.Type, &value.CoerceOptions{
			Table: r.table.Name, Column: c.Name, Dates: s.Mode.DateFlags(), TimeZone: s.Location(), Now: env.Run.Now,
		})
	case c.HasDefault:
		return c.Default, nil
	case c.Generated != "" || c.AutoIncrement:
		return value.Null, nil
	case !c.NotNull:
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
func (r *Rules) DefaultExpr(ord int) expr.Expr { return r.defaults[ord] }

// OnUpdate returns the ordinals of the ON UPDATE CURRENT_TIMESTAMP columns.
func (r *Rules) OnUpdate() schema.ColSet {
	var set schema.ColSet
	for _, s := range r.onUpdate {
		set = set.With(s.ord)
	}
	return set
}

// Stamp returns the value of an ON UPDATE column for a row that the statement of env changes.
func (r *Rules) Stamp(ord int, env *expr.Env) (value.Value, error) {
	for _, s := range r.onUpdate {
		if s.ord != ord {
			continue
		}
		v, err := s.expr.Eval(env)
		if err != nil {
			return value.Null, err
		}
		c := &r.table.Columns[ord]
		return value.Coerce(v, &c.Type, &value.CoerceOptions{Column: c.Name, TimeZone: env.Run.Session.Location(), Now: env.Run.Now})
	}
	return value.Null, nil
}

// Constant evaluates an expression without columns, as a DEFAULT clause has it.
func Constant(e sqlparser.Expr, state *expr.SessionState) (value.Value, error) {
	bound, err := expr.Bind(e, &scope{session: state, clause: "default value expression"})
	if err != nil {
		return value.Null, err
	}
	v, err := bound.Eval(expr.NewEnv(&expr.Run{Session: state, Strict: true, Now: time.Now().In(state.Location())}))
	return v.Clone(), err
}
