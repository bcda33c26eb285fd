package sqlmap

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/infoschema"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/sqlmode"
)

// catalog is what the planner looks names up in: temporary tables first, then the engine's, then the virtual ones.
type catalog struct {
	s      *Session
	engine *engine.Catalog
	// virtual is set when a table of information_schema is looked up, which answers for this session; may be nil.
	virtual *bool
}

var _ plan.Catalog = catalog{}

// Table implements plan.Catalog.
func (c catalog) Table(schemaName, name string) plan.Table {
	if t := c.s.temp.Table(schemaName, name); t != nil {
		return t
	}
	if infoschema.IsSchema(schemaName) {
		if t := c.s.virtual(name); t != nil {
			if c.virtual != nil {
				*c.virtual = true
			}
			return t
		}
		return nil
	}
	if t := c.engine.Table(schemaName, name); t != nil {
		return t
	}
	return nil
}

// View implements plan.Catalog.
func (c catalog) View(schemaName, name string) *schema.View { return c.engine.View(schemaName, name) }

// HasDatabase implements plan.Catalog.
func (c catalog) HasDatabase(name string) bool {
	return infoschema.IsSchema(name) || c.engine.Database(name) != nil
}

// virtual returns the table of information_schema called name.
func (s *Session) virtual(name string) plan.Table {
	t := infoschema.Lookup(infoschema.Source{
		Catalog:   s.db.engine.Catalog,
		Stats:     s.db.engine.Stats,
		Variables: s.listVariables,
		Processes: s.listProcesses,
	}, name)
	if t == nil {
		return nil
	}
	return t
}

// planContext is what statements of the session are planned in.
func (s *Session) planContext() *plan.Context {
	return &plan.Context{
		Catalog:   catalog{s: s, engine: s.db.engine.Catalog()},
		Database:  s.state.Database,
		Session:   &s.state,
		ParseView: s.parseView,
		SysVar:    s.variableExpr,
	}
}

// variableExpr returns the node of @@name. It reads the variable of the session that runs it: plans are shared.
func (s *Session) variableExpr(v *ast.SysVar) (expr.Expr, error) {
	sample, err := s.systemVariable(v.Scope.String(), v.Name)
	if err != nil {
		return nil, err
	}
	return expr.SysVarExpr(v, sample, s.state.ConnectionCollation()), nil
}

// parseView parses a view's body as it was written: under the sql_mode of its definition.
func (s *Session) parseView(v *schema.View) (sqlparser.SelectStatement, error) {
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
		return nil, viewInvalid(v)
	}
	return sel, nil
}

// listVariables lists the session's or the global variables for SHOW VARIABLES and information_schema.
func (s *Session) listVariables(global bool) []infoschema.Variable {
	list := make([]infoschema.Variable, 0, len(variables))
	for _, v := range variables {
		var x value.Value
		switch {
		case global && v.scope == scopeSession:
			continue
		case global:
			x = v.global(s.db)
		default:
			x = v.session(s)
		}
		list = append(list, infoschema.Variable{Name: v.name, Value: v.display(x)})
	}
	return list
}

var _ expr.NamedLocks = namedLocks{}
