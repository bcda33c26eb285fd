package infoschema

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// viewDefinition describes a view as a table without keys. Error 1356 when what it reads is gone.
func viewDefinition(src Source, s *expr.SessionState, v *schema.View) (*schema.Table, error) {
	invalid := func(cause error) error {
		return sqlerr.Wrap(cause, sqlerr.ViewInvalid, v.Schema, v.Name)
	}
	sel, err := parseView(v)
	if err != nil {
		return nil, invalid(err)
	}
	q, err := plan.Select(sel, viewContext(src, s, v))
	if err != nil {
		return nil, invalid(err)
	}
	if len(v.Columns) > 0 && len(v.Columns) != len(q.Columns) {
		return nil, invalid(nil)
	}
	def := &schema.Table{Schema: v.Schema, Name: v.Name}
	for i := range q.Columns {
		rc := &q.Columns[i]
		c := schema.Column{ID: uint32(i + 1), Name: rc.Label, Type: rc.Type.Type, NotNull: rc.Type.NotNull}
		if len(v.Columns) > 0 {
			c.Name = v.Columns[i]
		}
		if of := rc.Column; of != nil {
			c.Type = of.Type
			if of.Generated == "" && !of.AutoIncrement {
				c.HasDefault, c.Default, c.DefaultExpr = of.HasDefault, of.Default, of.DefaultExpr
			}
		} else if c.Type.HasCollation() && !collate.Known(c.Type.Collation) {
			c.Type.Collation = collate.Default
		}
		def.Columns = append(def.Columns, c)
	}
	return def, nil
}

// viewContext is what the body of a view is planned in.
func viewContext(src Source, s *expr.SessionState, v *schema.View) *plan.Context {
	return &plan.Context{
		Catalog:   baseCatalog{src.Catalog(), src},
		Database:  v.InUse,
		Session:   s,
		ParseView: parseView,
	}
}

// parseView reads a view's body as it was written: under the sql_mode of its definition.
func parseView(v *schema.View) (sqlparser.SelectStatement, error) {
	mode, err := sqlmode.Parse(v.SQLMode)
	if err != nil {
		return nil, err
	}
	st, err := parse.One(v.Select, sqlmode.ParserOptions(mode, 0))
	if err != nil {
		return nil, err
	}
	sel, ok := st.AST.(sqlparser.SelectStatement)
	if !ok {
		return nil, sqlerr.New(sqlerr.ViewInvalid, v.Schema, v.Name)
	}
	return sel, nil
}

// baseCatalog is the catalogue without any session's temporary tables, which views do not see.
type baseCatalog struct {
	engine *engine.Catalog
	src    Source
}

var _ plan.Catalog = baseCatalog{}

// Table implements plan.Catalog.
func (c baseCatalog) Table(db, name string) plan.Table {
	if IsSchema(db) {
		if t := Lookup(c.src, name); t != nil {
			return t
		}
		return nil
	}
	if t := c.engine.Table(db, name); t != nil {
		return t
	}
	return nil
}

// View implements plan.Catalog.
func (c baseCatalog) View(db, name string) *schema.View { return c.engine.View(db, name) }

// HasDatabase implements plan.Catalog.
func (c baseCatalog) HasDatabase(db string) bool { return IsSchema(db) || c.engine.Database(db) != nil }
