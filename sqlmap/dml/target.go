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
	auto  int // ordinal of the AUTO_INCREMENT column, or -1
}

// newTarget compiles what writing to t needs. The tables of information_schema are not for writing: 1044.
func newTarget(t plan.Table, c *plan.Context) (*target, error) {
	base, ok := t.(*engine.Table)
	if !ok {
		return nil, sqlerr.New(sqlerr.AccessDenied, c.Session.User, t.Def().Schema)
	}
	def := base.Def()
	rules, err := rowrule.Of(def)
	if err != nil {
		return nil, err
	}
	return &target{table: base, def: def, rules: rules, auto: def.AutoColumn()}, nil
}

// lookupTarget resolves the table of an INSERT. Errors 1046, 1049, 1146; 1471 for a view.
func lookupTarget(name sqlparser.TableName, verb string, c *plan.Context) (*target, error) {
	db, tab := name.Qualifier.String(), name.Name.String()
	if db == "" {
		db = c.Database
	}
	if db == "" {
		return nil, sqlerr.New(sqlerr.NoDatabase)
	}
	if t := c.Catalog.Table(db, tab); t != nil {
		return newTarget(t, c)
	}
	switch {
	case c.Catalog.View(db, tab) != nil:
		return nil, sqlerr.New(sqlerr.NonInsertableTable, tab, verb)
	case !c.Catalog.HasDatabase(db):
		return nil, sqlerr.New(sqlerr.UnknownDatabase, db)
	}
	return nil, sqlerr.New(sqlerr.NoSuchTable, db, tab)
}
