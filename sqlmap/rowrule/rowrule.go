// Package rowrule compiles the SQL texts that a table definition carries (expression defaults, ON UPDATE, generated
// columns, CHECK constraints) into code that runs on rows.
//
// Texts are read under the sql_mode that was in force when they were written, in UTC: what they compute depends on the
// row alone. Both kinds of generated columns, VIRTUAL and STORED, are kept in the row: a virtual one costs memory
// instead of time.
//
// Errors of compiling are those that CREATE TABLE reports: 1064, 1054, 3102 and its kin for generated columns, 3814 and
// its kin for CHECKs, 3769 and its kin for defaults. Errors of running are 3819, 1048 and those of the expressions.
//
// Concurrency: a Rules is immutable and may be used by any number of goroutines.
package rowrule

import (
	"errors"
	"sync"
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
	defaults  []fallback // by ordinal
	stamps    schema.ColSet
	onUpdate  []expr.Expr // by ordinal; nil without ON UPDATE
	generated []computed  // by ascending ordinal: each reads only generated columns before it
	checks    []check
	runs      sync.Pool // of *expr.Env
}

// fallback is an expression default.
type fallback struct {
	expr expr.Expr // nil where the default is a constant or there is none
	// generated: the expression reads a generated column, which must be computed first.
	generated bool
}

// computed is a generated column.
type computed struct {
	ord   int
	expr  expr.Func
	reads schema.ColSet
	opt   value.CoerceOptions
}

// check is an enforced CHECK constraint.
type check struct {
	name  string
	expr  expr.Func
	reads schema.ColSet
}

// Compile compiles a definition's texts.
func Compile(t *schema.Table) (*Rules, error) {
	mode, err := sqlmode.Parse(t.SQLMode)
	if err != nil {
		return nil, err
	}
	n := len(t.Columns)
	r := &Rules{table: t, mode: mode, defaults: make([]fallback, n), onUpdate: make([]expr.Expr, n)}
	r.runs.New = func() any {
		return &expr.Env{Run: &expr.Run{Session: &expr.SessionState{Mode: mode}, Strict: true}}
	}
	for i := range t.Columns {
		if err := r.compileColumn(i); err != nil {
			return nil, err
		}
	}
	for i := range t.Checks {
		if err := r.compileCheck(&t.Checks[i]); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Check compiles every text of a definition and returns the first error.
func Check(t *schema.Table) error {
	_, err := Compile(t)
	return err
}

// cache keeps the rules of definitions, which are immutable once a table has them.
var cache = struct {
	sync.RWMutex
	rules map[*schema.Table]*Rules
}{rules: map[*schema.Table]*Rules{}}

// maxCached bounds the cache; beyond it everything is forgotten.
const maxCached = 1024

// Of returns the compiled rules of a table's definition, from a cache.
func Of(t *schema.Table) (*Rules, error) {
	cache.RLock()
	r := cache.rules[t]
	cache.RUnlock()
	if r != nil {
		return r, nil
	}
	r, err := Compile(t)
	if err != nil {
		return nil, err
	}
	cache.Lock()
	defer cache.Unlock()
	if len(cache.rules) >= maxCached {
		clear(cache.rules)
	}
	cache.rules[t] = r
	return r, nil
}

// bind parses and binds a text.
func (r *Rules) bind(text string, s *scope) (expr.Expr, error) {
	s.session = &expr.SessionState{Mode: r.mode}
	e, err := parse.Expr(text, sqlmode.ParserOptions(r.mode, 0))
	if err != nil {
		return nil, err
	}
	bound, err := expr.Bind(e, s)
	if err != nil {
		return nil, err
	}
	return bound, s.vet(bound)
}

func (r *Rules) compileColumn(i int) error {
	c := &r.table.Columns[i]
	if c.DefaultExpr != "" {
		e, err := r.bind(c.DefaultExpr, &scope{table: r.table, kind: defaultText, name: c.Name})
		if err != nil {
			return err
		}
		if r.defaults[i], err = r.checkDefault(i, e); err != nil {
			return err
		}
	}
	if c.OnUpdate != "" {
		e, err := r.bind(c.OnUpdate, &scope{kind: onUpdateText, name: c.Name})
		if err != nil {
			return err
		}
		r.onUpdate[i], r.stamps = e, r.stamps.With(i)
	}
	if c.Generated == "" {
		return nil
	}
	e, err := r.bind(c.Generated, &scope{table: r.table, kind: generatedText, name: c.Name})
	if err != nil {
		return err
	}
	g := computed{ord: i, expr: expr.Compile(e), reads: ColumnsOf(e)}
	g.opt = value.CoerceOptions{Table: r.table.Name, Column: c.Name, Dates: r.mode.DateFlags()}
	r.generated = append(r.generated, g)
	return r.checkGenerated(&g)
}

// checkDefault refuses a default that reads what an INSERT computes later: 3767, 3768.
func (r *Rules) checkDefault(ord int, e expr.Expr) (fallback, error) {
	f := fallback{expr: e}
	reads := ColumnsOf(e)
	for c := reads.Next(0); c >= 0; c = reads.Next(c + 1) {
		col := &r.table.Columns[c]
		switch {
		case col.AutoIncrement:
			return f, sqlerr.New(sqlerr.DefaultAuto, r.table.Columns[ord].Name)
		case c >= ord && (col.Generated != "" || col.DefaultExpr != ""):
			return f, sqlerr.New(sqlerr.DefaultOrder, r.table.Columns[ord].Name)
		}
		f.generated = f.generated || col.Generated != ""
	}
	return f, nil
}

// checkGenerated refuses a generated column that reads a later generated column or AUTO_INCREMENT: 3107, 3109.
func (r *Rules) checkGenerated(g *computed) error {
	for c := g.reads.Next(0); c >= 0; c = g.reads.Next(c + 1) {
		col := &r.table.Columns[c]
		if col.AutoIncrement {
			return sqlerr.New(sqlerr.GeneratedAuto, r.table.Columns[g.ord].Name)
		}
		if col.Generated != "" && c >= g.ord {
			return sqlerr.New(sqlerr.GeneratedOrder)
		}
	}
	return nil
}

func (r *Rules) compileCheck(c *schema.Check) error {
	e, err := r.bind(c.Expr, &scope{table: r.table, kind: checkText, name: c.Name})
	if err != nil {
		return err
	}
	reads := ColumnsOf(e)
	for i := reads.Next(0); i >= 0; i = reads.Next(i + 1) {
		if r.table.Columns[i].AutoIncrement {
			return sqlerr.New(sqlerr.CheckAuto, c.Name)
		}
	}
	if !c.NotEnforced {
		r.checks = append(r.checks, check{c.Name, expr.Compile(e), reads})
	}
	return nil
}

// ColumnsOf returns the ordinals that a bound text reads.
func ColumnsOf(e expr.Expr) schema.ColSet {
	var set schema.ColSet
	expr.Columns(e, func(_, slot int) { set = set.With(slot) })
	return set
}

// Reads returns the ordinals of the columns that a text of t reads; the text is bound as a CHECK is.
func Reads(t *schema.Table, text string) (schema.ColSet, error) {
	mode, err := sqlmode.Parse(t.SQLMode)
	if err != nil {
		return schema.ColSet{}, err
	}
	r := &Rules{table: t, mode: mode}
	e, err := r.bind(text, &scope{table: t, kind: defaultText})
	if err != nil {
		return schema.ColSet{}, err
	}
	return ColumnsOf(e), nil
}

// Hook returns the row hook that the engine runs on each new row of t: generated columns are filled in, CHECK
// constraints tested. nil when the table needs none.
func Hook(t *schema.Table) (*engine.RowHook, error) {
	r, err := Of(t)
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
	env := r.runs.Get().(*expr.Env)
	err := r.runOn(env, vals)
	// A pooled Run starts afresh: expressions keep what belongs to one execution in it.
	*env.Run = expr.Run{Session: env.Run.Session, Strict: true}
	env.Row = nil
	r.runs.Put(env)
	return err
}

func (r *Rules) runOn(env *expr.Env, vals []value.Value) error {
	env.Row, env.Run.Now = vals, time.Time{}
	if err := r.fill(env, vals, len(vals)); err != nil {
		return err
	}
	for i := range r.checks {
		v, err := r.checks[i].expr(env)
		if err != nil {
			return err
		}
		if expr.Truth(v) == expr.False {
			return sqlerr.New(sqlerr.CheckViolated, r.checks[i].name)
		}
	}
	return nil
}

// Generate fills the generated columns of a row, for a condition on them that is tested before the row is written.
func (r *Rules) Generate(vals []value.Value) error {
	if len(r.generated) == 0 {
		return nil
	}
	env := r.runs.Get().(*expr.Env)
	env.Row, env.Run.Now = vals, time.Time{}
	err := r.fill(env, vals, len(vals))
	*env.Run = expr.Run{Session: env.Run.Session, Strict: true}
	env.Row = nil
	r.runs.Put(env)
	return err
}

// fill computes the generated columns before the given ordinal.
func (r *Rules) fill(env *expr.Env, vals []value.Value, before int) error {
	for i := range r.generated {
		g := &r.generated[i]
		if g.ord >= before {
			return nil
		}
		v, err := g.expr(env)
		if err != nil {
			return err
		}
		c := &r.table.Columns[g.ord]
		if vals[g.ord], err = value.Coerce(v, &c.Type, &g.opt); err != nil {
			return err
		}
		if c.NotNull && vals[g.ord].IsNull() {
			return sqlerr.New(sqlerr.BadNull, c.Name)
		}
	}
	return nil
}

// Constant evaluates an expression without columns, as the DEFAULT clause of a column of type t has it.
func Constant(e sqlparser.Expr, t *value.Type, state *expr.SessionState) (value.Value, error) {
	s := &scope{session: state, kind: defaultText}
	bound, err := expr.Bind(e, s)
	if err != nil {
		return value.Null, err
	}
	v, err := expr.AssignedTo(bound, t).Eval(expr.NewEnv(&expr.Run{Session: state, Strict: true, Now: time.Now().In(state.Location())}))
	return v.Clone(), err
}

// errNoDefault is what Default returns for a column that an INSERT must name; the caller makes 1364 of it, or with IGNORE
// the type's zero.
var errNoDefault = errors.New("rowrule: the column has no default")

// IsNoDefault reports whether err says that a column has no default.
func IsNoDefault(err error) bool { return errors.Is(err, errNoDefault) }
