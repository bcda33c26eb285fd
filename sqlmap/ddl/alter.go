package ddl

import (
	"context"
	"errors"
	"slices"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// alterTable is ALTER TABLE.
func (env *Env) alterTable(ctx context.Context, st *ast.AlterTable) (affected uint64, err error) {
	return env.alter(ctx, st.Table, st)
}

// alter applies the clauses, left to right, to a copy of the definition and gives it to the engine in one step. It
// returns the number of rows that were rewritten.
func (env *Env) alter(ctx context.Context, table sqlparser.TableName, st *ast.AlterTable) (affected uint64, err error) {
	db, name, err := env.tableName(table)
	if err != nil {
		return 0, err
	}
	err = env.change(ctx, db, name, func(d *engine.Definer, t *engine.Table) (*engine.Table, error) {
		a := env.newAlteration(d, t)
		for _, s := range st.Specs {
			if err := a.apply(s); err != nil {
				return nil, err
			}
		}
		now, err := a.run(d, t, st.Algorithm)
		affected = uint64(a.rows)
		return now, err
	})
	return affected, err
}

// alteration is one ALTER TABLE being applied.
type alteration struct {
	*builder
	old  *schema.Table
	refs []engine.Reference // foreign keys that refer to the table
	full bool               // the table has rows

	added   map[uint32]*ast.ColumnDef // columns that the statement adds, by id
	renamed map[uint32]bool           // columns that a RENAME has reached
	rewrite bool                      // rows have to be written anew whatever the types say
	moveTo  *sqlparser.TableName      // RENAME TO
	auto    *uint64                   // AUTO_INCREMENT = n
	changed bool                      // the definition
	rows    int                       // rewritten so far
}

func (env *Env) newAlteration(d *engine.Definer, t *engine.Table) *alteration {
	catalog := d.Catalog()
	if t.Def().Temporary {
		catalog = nil
	}
	def := t.Def().Clone()
	def.Triggers = append([]schema.Trigger(nil), def.Triggers...)
	var refs []engine.Reference
	if catalog != nil {
		refs = catalog.ForeignKeysTo(t)
	}
	return &alteration{
		builder: newBuilder(env, catalog, def),
		old:     t.Def(),
		refs:    refs,
		full:    t.RowEstimate() > 0,
		added:   map[uint32]*ast.ColumnDef{},
		renamed: map[uint32]bool{},
	}
}

// run gives the new definition to the engine.
func (a *alteration) run(d *engine.Definer, t *engine.Table, algorithm string) (*engine.Table, error) {
	now := t
	if a.moveTo != nil {
		// The children follow the name. Better to wait for them now than when the rows have been rewritten.
		if err := d.Lock(a.children()...); err != nil {
			return nil, err
		}
	}
	if a.changed {
		if len(a.def.Columns) == 0 {
			return nil, sqlerr.New(sqlerr.CantRemoveAll)
		}
		if err := a.adoptMode(); err != nil {
			return nil, err
		}
		if err := a.finish(); err != nil {
			return nil, err
		}
		convert, err := a.conversion()
		if err != nil {
			return nil, err
		}
		if err := a.checkAlgorithm(algorithm, convert != nil); err != nil {
			return nil, err
		}
		if now, err = d.AlterTable(t, a.def, convert); err != nil {
			return nil, nullError(err)
		}
	}
	if a.auto != nil {
		if err := d.SetAuto(now, *a.auto); err != nil {
			return nil, err
		}
	}
	if a.moveTo == nil {
		return now, nil
	}
	db, name, err := a.env.tableName(*a.moveTo)
	if err != nil {
		return nil, err
	}
	if a.moveTo.Qualifier.IsEmpty() {
		db = a.old.Schema
	}
	return a.env.renameOne(d, now, db, name)
}

// children returns the tables that refer to this one.
func (a *alteration) children() []*engine.Table {
	out := make([]*engine.Table, len(a.refs))
	for i := range a.refs {
		out[i] = a.refs[i].Child
	}
	return out
}

// adoptMode sees to the sql_mode of new texts. All texts of a table are read under one mode, that of the first; where
// the present one would read a new text differently, it is refused.
func (a *alteration) adoptMode() error {
	kept := definitionTexts(a.old)
	fresh := false
	for _, text := range definitionTexts(a.def) {
		fresh = fresh || !slices.Contains(kept, text)
	}
	if !fresh {
		return nil
	}
	if len(kept) == 0 {
		a.def.SQLMode = a.env.SQLMode
		return nil
	}
	mode, err := sqlmode.Parse(a.def.SQLMode)
	if err != nil {
		return err
	}
	if sqlmode.ParserOptions(mode, 0) != sqlmode.ParserOptions(a.env.State.Mode, 0) {
		return sqlerr.New(sqlerr.NotSupported, "expressions of one table under different sql_modes: this one has "+a.def.SQLMode)
	}
	return nil
}

// definitionTexts lists the expressions of a definition.
func definitionTexts(t *schema.Table) []string {
	var texts []string
	for i := range t.Columns {
		c := &t.Columns[i]
		if c.DefaultExpr != "" && !isNowText(c.DefaultExpr) {
			texts = append(texts, c.DefaultExpr)
		}
		if c.Generated != "" {
			texts = append(texts, c.Generated)
		}
	}
	for i := range t.Checks {
		texts = append(texts, t.Checks[i].Expr)
	}
	return texts
}

// checkAlgorithm refuses ALGORITHM=INSTANT and INPLACE for what needs more: 1845.
func (a *alteration) checkAlgorithm(algorithm string, rewrites bool) error {
	switch {
	case algorithm == "INPLACE" && rewrites, algorithm == "INSTANT" && rewrites:
		return sqlerr.New(sqlerr.AlterAlgorithm, algorithm, "COPY")
	case algorithm == "INSTANT":
		for i := range a.def.Indexes {
			if a.def.Indexes[i].ID == 0 {
				return sqlerr.New(sqlerr.AlterAlgorithm, algorithm, "COPY/INPLACE")
			}
		}
	}
	return nil
}

// nullError is what MySQL says when a column that becomes NOT NULL has NULLs.
func nullError(err error) error {
	var e *sqlerr.Error
	if errors.As(err, &e) && e.Code == sqlerr.BadNull {
		return sqlerr.Wrap(err, sqlerr.InvalidUseOfNull)
	}
	return err
}

// apply is one clause.
func (a *alteration) apply(spec ast.AlterSpec) error {
	switch s := spec.(type) {
	case *ast.AlterRenameTable:
		a.moveTo = &s.Name
		return nil
	case *ast.AlterKeys:
		a.env.note(sqlerr.New(sqlerr.NoSuchEngineOption, a.def.Name))
		return nil
	case *ast.AlterOrderBy:
		return a.orderBy(s)
	}
	a.changed = true
	if ok, err := a.applyColumn(spec); ok {
		return err
	}
	if ok, err := a.applyKey(spec); ok {
		return err
	}
	switch s := spec.(type) {
	case *ast.AlterOptions:
		a.auto = s.Options.AutoIncrement
		return a.setOptions(&s.Options)
	case *ast.AlterConvertCharset:
		return a.convertCharset(s)
	case *ast.AlterForce:
		a.rewrite = true
		return nil
	}
	return sqlerr.New(sqlerr.NotSupported, "this clause of ALTER TABLE")
}

// orderBy checks the columns of ORDER BY. Rows have no order here, as in InnoDB with a primary key.
func (a *alteration) orderBy(s *ast.AlterOrderBy) error {
	for _, o := range s.OrderBy {
		col, ok := o.Expr.(*sqlparser.ColName)
		if !ok {
			return sqlerr.New(sqlerr.NotSupported, "ALTER TABLE … ORDER BY an expression")
		}
		if a.def.ColumnIndex(col.Name.String()) < 0 {
			return sqlerr.New(sqlerr.UnknownColumn, col.Name.String(), "order clause")
		}
	}
	a.env.note(sqlerr.New(sqlerr.OrderByIgnored, a.def.Name))
	return nil
}
