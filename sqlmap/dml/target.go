package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/rowrule"
)

// target is a table that a statement writes to.
type target struct {
	naming
	table *engine.Table
	rules *rowrule.Rules
	auto  int        // ordinal of the AUTO_INCREMENT column, or -1
	check *viewCheck // of the view that rows are inserted through; may be nil
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
	return &target{naming: ownNames(def), table: base, rules: rules, auto: def.AutoColumn()}, nil
}

// lookupTarget resolves the table of an INSERT, which for a view depends on the columns. Errors 1046, 1049, 1146 and those
// of viewTarget.
func lookupTarget(name sqlparser.TableName, columns sqlparser.Columns, verb string, c *plan.Context) (*target, error) {
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
	if v := c.Catalog.View(db, tab); v != nil {
		return viewTarget(v, columns, verb, c)
	}
	if !c.Catalog.HasDatabase(db) {
		return nil, sqlerr.New(sqlerr.UnknownDatabase, db)
	}
	return nil, sqlerr.New(sqlerr.NoSuchTable, db, tab)
}
