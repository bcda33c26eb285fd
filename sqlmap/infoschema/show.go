package infoschema

import (
	"context"
	"strings"

	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/plan"
	"github.com/worktable-go/worktable/sqlmap/rowset"
)

// shower computes one kind of SHOW. like is the column that LIKE looks at.
type shower struct {
	run  func(env *Env, ctx context.Context, st *ast.Show) (*rowset.Set, error)
	like int
}

var showers map[ast.ShowKind]shower

func init() {
	showers = map[ast.ShowKind]shower{
		ast.ShowTables:          {run: (*Env).showTables},
		ast.ShowTableStatus:     {run: (*Env).showTableStatus},
		ast.ShowOpenTables:      {run: (*Env).showOpenTables, like: 1},
		ast.ShowColumns:         {run: (*Env).showColumns},
		ast.ShowIndex:           {run: (*Env).showIndex},
		ast.ShowCreateTable:     {run: (*Env).showCreateTable},
		ast.ShowCreateView:      {run: (*Env).showCreateView},
		ast.ShowCreateDatabase:  {run: (*Env).showCreateDatabase},
		ast.ShowCreateTrigger:   {run: (*Env).showCreateTrigger},
		ast.ShowDatabases:       {run: (*Env).showDatabases},
		ast.ShowVariables:       {run: (*Env).showVariables},
		ast.ShowStatus:          {run: (*Env).showStatus},
		ast.ShowEngines:         {run: (*Env).showEngines},
		ast.ShowEngineStatus:    {run: (*Env).showEngineStatus},
		ast.ShowCollation:       {run: (*Env).showCollation},
		ast.ShowCharset:         {run: (*Env).showCharset},
		ast.ShowProcesslist:     {run: (*Env).showProcesslist},
		ast.ShowGrants:          {run: (*Env).showGrants},
		ast.ShowTriggers:        {run: (*Env).showTriggers, like: 2},
		ast.ShowPlugins:         {run: (*Env).showPlugins},
		ast.ShowPrivileges:      {run: (*Env).showPrivileges},
		ast.ShowEvents:          {run: (*Env).showEvents, like: 1},
		ast.ShowProcedureStatus: {run: (*Env).showRoutines, like: 1},
		ast.ShowFunctionStatus:  {run: (*Env).showRoutines, like: 1},
		ast.ShowMasterStatus:    {run: (*Env).showMasterStatus},
		ast.ShowReplicaStatus:   {run: (*Env).showReplicaStatus},
		ast.ShowProfiles:        {run: (*Env).showProfiles},
	}
}

// Show runs a SHOW statement other than those about diagnostics.
func Show(ctx context.Context, env *Env, st *ast.Show) (*rowset.Set, error) {
	if st.Kind == ast.ShowBinaryLogs {
		return nil, sqlerr.New(sqlerr.NoBinaryLogging)
	}
	s, ok := showers[st.Kind]
	if !ok {
		return nil, sqlerr.New(sqlerr.NotSupported, "SHOW "+strings.ToUpper(st.Type))
	}
	set, err := s.run(env, ctx, st)
	if err != nil {
		return nil, err
	}
	return env.filter(ctx, set, st, s.like)
}

// fixed makes a result of columns that are declared as those of virtual tables are: "Label type[!]".
type fixed struct {
	*rowset.Set
}

func newFixed(decls ...string) fixed {
	set := &rowset.Set{}
	for _, d := range decls {
		label, rest, _ := strings.Cut(d, "|")
		spec, notNull := strings.CutSuffix(rest, "!")
		set.Columns = append(set.Columns, rowset.Column{Name: label, Type: columnType(spec), NotNull: notNull})
	}
	return fixed{set}
}

// add appends a row of Go values, as query.add does.
func (f fixed) add(vals ...any) {
	row := make([]value.Value, len(f.Columns))
	for i := range row {
		row[i] = cell(&f.Columns[i].Type, vals[i])
	}
	f.Rows = append(f.Rows, row)
}

// project computes a virtual table and keeps the columns "Label=COLUMN", with the rows that keep lets through. eq demands
// values of columns.
func (env *Env) project(ctx context.Context, v *virtual, eq map[string]string, cols ...string) (*rowset.Set, error) {
	demand := map[int]value.Value{}
	for name, want := range eq {
		demand[v.def.ColumnIndex(name)] = value.String(want)
	}
	run := *env.Run
	run.Ctx = ctx
	rows, err := v.rows(ctx, env.Source, &run, demand)
	if err != nil {
		return nil, err
	}
	set := &rowset.Set{}
	ords := make([]int, len(cols))
	for i, c := range cols {
		label, name, _ := strings.Cut(c, "=")
		ords[i] = v.def.ColumnIndex(name)
		of := &v.def.Columns[ords[i]]
		set.Columns = append(set.Columns, rowset.Column{Name: label, Type: of.Type, NotNull: of.NotNull})
	}
rows:
	for _, row := range rows {
		for ord, want := range demand {
			if row[ord].Text() != want.Str() {
				continue rows
			}
		}
		out := make([]value.Value, len(ords))
		for i, ord := range ords {
			out[i] = row[ord]
		}
		set.Rows = append(set.Rows, out)
	}
	return set, nil
}

// database is the schema that a SHOW is about: FROM's or the one in use. Errors 1046, 1049.
func (env *Env) database(st *ast.Show) (string, error) {
	db := st.DB
	if db == "" {
		db = env.Database
	}
	switch {
	case db == "":
		return "", sqlerr.New(sqlerr.NoDatabase)
	case IsSchema(db):
		return Name, nil
	case env.Catalog().Database(db) == nil:
		return "", sqlerr.New(sqlerr.UnknownDatabase, db)
	}
	return db, nil
}

// find looks up a table or a view. Errors 1046, 1049, 1146.
func (env *Env) find(n sqlparser.TableName) (t plan.Table, v *schema.View, err error) {
	db, name := n.Qualifier.String(), n.Name.String()
	if db == "" {
		db = env.Database
	}
	if db == "" {
		return nil, nil, sqlerr.New(sqlerr.NoDatabase)
	}
	if t := env.Lookup.Table(db, name); t != nil {
		return t, nil, nil
	}
	if v := env.Lookup.View(db, name); v != nil {
		return nil, v, nil
	}
	if !env.Lookup.HasDatabase(db) {
		return nil, nil, sqlerr.New(sqlerr.UnknownDatabase, db)
	}
	return nil, nil, sqlerr.New(sqlerr.NoSuchTable, db, name)
}

// definition is the definition of a table, or what stands for it of a view.
func (env *Env) definition(n sqlparser.TableName) (*schema.Table, error) {
	t, v, err := env.find(n)
	if err != nil {
		return nil, err
	}
	if t != nil {
		return t.Def(), nil
	}
	return viewDefinition(env.Source, env.Run.Session, v)
}
