package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// target is a table that a statement writes to.
type target struct {
	table *engine.Table
	def   *schema.Table
	rules *rowrule.Rules
}

// newTarget compiles what writing to t needs. verb names the statement in errors: 1288 for what cannot be written to.
func newTarget(t plan.Table, verb string) (*target, error) {
	base, ok := t.(*engine.Table)
	if !ok {
		return nil, sqlerr.New(sqlerr.NonUpdatableTable, t.Def().Name, verb)
	}
	rules, err := rowrule.Compile(base.Def())
	if err != nil {
		return nil, err
	}
	return &target{table: base, def: base.Def(), rules: rules}, nil
}

// lookupTarget resolves the table of an INSERT. Errors 1046, 1049, 1146; 1471 for a view.
func lookupTarget(name sqlparser.TableName, verb string, c *plan.Context) (*target, error) {
	db := name.Qualifier.String()
	if db == "" {
		db = c.Database
	}
	if db == "" {
		return nil, sqlerr.New(sqlerr.NoDatabase)
	}
	if !c.Catalog.HasDatabase(db) {
		return nil, sqlerr.New(sqlerr.UnknownDatabase, db)
	}
	t := c.Catalog.Table(db, name.Name.String())
	if t == nil {
		if c.Catalog.View(db, name.Name.String()) != nil {
			return nil, sqlerr.New(sqlerr.NonInsertableTable, name.Name.String(), verb)
		}
		return nil, sqlerr.New(sqlerr.NoSuchTable, db, name.Name.String())
	}
	return newTarget(t, verb)
}
