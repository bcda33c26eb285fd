package exec_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/internal/testschema"
	"github.com/worktable-go/worktable/sqlmap/parse"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// world is a database with one session, driven through the planner and the executor alone.
type world struct {
	t       testing.TB
	db      *engine.DB
	views   map[string]*schema.View
	virtual map[string]plan.Table
	session *expr.SessionState
	options plan.Options
	tx      *engine.Tx // open transaction, or nil
	warned  []string
}

func newWorld(t testing.TB) *world {
	t.Helper()
	db, err := engine.New(engine.Options{})
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close(context.Background()) })
	w := &world{t: t, db: db, views: map[string]*schema.View{}}
	w.session = &expr.SessionState{Mode: expr.DefaultSQLMode, Database: "d"}
	require.NoError(t, db.Define(context.Background(), engine.DefineOptions{}, func(d *engine.Definer) error {
		return d.CreateDatabase(&schema.Database{Name: "d"})
	}))
	return w
}

// Table implements plan.Catalog.
func (w *world) Table(db, name string) plan.Table {
	if t := w.db.Catalog().Table(db, name); t != nil {
		return t
	}
	if t, ok := w.virtual[name]; ok {
		return t
	}
	return nil
}

// View implements plan.Catalog.
func (w *world) View(db, name string) *schema.View { return w.views[name] }

// HasDatabase implements plan.Catalog.
func (w *world) HasDatabase(db string) bool { return w.db.Catalog().Database(db) != nil }

func (w *world) context() *plan.Context {
	return &plan.Context{
		Catalog: w, Database: "d", Session: w.session, Options: w.options,
		ParseView: func(v *schema.View) (sqlparser.SelectStatement, error) {
			st, err := parse.One(v.Select, parse.Options{})
			if err != nil {
				return nil, err
			}
			return st.AST.(sqlparser.SelectStatement), nil
		},
	}
}

// do runs DDL and INSERT statements, as far as tests need them.
func (w *world) do(script string) {
	w.t.Helper()
	for st, err := range parse.Split(script, parse.Options{}) {
		require.NoError(w.t, err)
		switch n := st.AST.(type) {
		case *ast.CreateTable:
			def := testschema.Table(n)
			require.NoError(w.t, w.db.Define(context.Background(), engine.DefineOptions{}, func(d *engine.Definer) error {
				_, err := d.CreateTable(def)
				return err
			}), st.Text)
		default:
			ins, _, ok := ast.InsertOf(st.AST)
			require.True(w.t, ok, "test script: %s", st.Text)
			w.insert(ins)
		}
	}
}

func (w *world) insert(ins *sqlparser.Insert) {
	w.t.Helper()
	ctx := context.Background()
	tab := w.db.Catalog().Table("d", ins.Table.Name.String())
	require.NotNil(w.t, tab, ins.Table.Name.String())
	tx, err := w.db.Begin(ctx, engine.TxOptions{})
	require.NoError(w.t, err)
	rows := ins.Rows.(*ast.Rows)
	for i := range rows.Len() {
		cells, exprs := rows.Row(i)
		require.Zero(w.t, exprs.Len(), "test rows are constants")
		vals := make([]value.Value, len(cells))
		for k, v := range cells {
			vals[k], err = value.Coerce(v, &tab.Def().Columns[k].Type, &value.CoerceOptions{})
			require.NoError(w.t, err)
		}
		_, err := tx.Insert(ctx, tab, vals)
		require.NoError(w.t, err)
	}
	require.NoError(w.t, tx.Commit(ctx))
}

// compile plans a query.
func (w *world) compile(sql string) (*exec.Plan, error) {
	st, err := parse.One(sql, parse.Options{})
	if err != nil {
		return nil, err
	}
	sel, ok := st.AST.(sqlparser.SelectStatement)
	if !ok {
		return nil, fmt.Errorf("no query: %s", sql)
	}
	return exec.Compile(sel, w.context())
}

func (w *world) explain(sql string) string {
	w.t.Helper()
	p, err := w.compile(sql)
	require.NoError(w.t, err, sql)
	return p.Query().Explain()
}

func (w *world) run(params []value.Value) *expr.Run {
	s := *w.session
	s.Warn = func(_ expr.Level, err *sqlerr.Error) { w.warned = append(w.warned, err.Error()) }
	return &expr.Run{Ctx: context.Background(), Params: params, Session: &s, Now: time.Date(2024, 1, 2, 3, 4, 5, 0, time.UTC)}
}

// rows runs a query and returns its rows as text.
func (w *world) rows(sql string, params ...any) ([]string, error) {
	p, err := w.compile(sql)
	if err != nil {
		return nil, err
	}
	return w.fetch(p, params...)
}

func (w *world) fetch(p *exec.Plan, params ...any) (out []string, err error) {
	vals := make([]value.Value, len(params))
	for i, x := range params {
		if vals[i], err = value.FromGo(x); err != nil {
			return nil, err
		}
	}
	tx := w.tx
	if tx == nil {
		if tx, err = w.db.Begin(context.Background(), engine.TxOptions{Autocommit: true}); err != nil {
			return nil, err
		}
		defer func() { _ = tx.Rollback() }()
	}
	kind := engine.StmtRead
	if p.Query().Locking {
		kind = engine.StmtWrite
	}
	if err := tx.BeginStatement(kind); err != nil {
		return nil, err
	}
	defer func() {
		if e := tx.EndStatement(err); err == nil {
			err = e
		}
	}()
	rt := &exec.Runtime{Tx: tx, Run: w.run(vals)}
	if pt := p.Point(); pt != nil && pt.Fits(rt) {
		var st exec.PointState
		row, ok, err := pt.Get(rt, &st, nil)
		if err != nil || !ok {
			return nil, err
		}
		return []string{text(row)}, nil
	}
	rs, err := p.Open(rt)
	if err != nil {
		return nil, err
	}
	defer rs.Close()
	var b exec.Batch
	for {
		if err := rs.Next(&b); err != nil {
			return nil, err
		}
		if b.Len() == 0 {
			return out, nil
		}
		for i := range b.Len() {
			out = append(out, text(b.Row(i)))
		}
	}
}

func text(row []value.Value) string {
	parts := make([]string, len(row))
	for i, v := range row {
		if v.IsNull() {
			parts[i] = "NULL"
		} else {
			parts[i] = strings.Clone(v.Text())
		}
	}
	return strings.Join(parts, "|")
}

// query checks the rows of a query, in order.
func (w *world) query(sql string, want ...string) {
	w.t.Helper()
	got, err := w.rows(sql)
	require.NoError(w.t, err, sql)
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !equalStrings(got, want) {
		p, _ := w.compile(sql)
		require.Equal(w.t, want, got, "%s\n%s", sql, p.Query().Explain())
	}
}

// set checks the rows of a query in any order.
func (w *world) set(sql string, want ...string) {
	w.t.Helper()
	got, err := w.rows(sql)
	require.NoError(w.t, err, sql)
	sort.Strings(got)
	sort.Strings(want)
	if !equalStrings(got, want) {
		p, _ := w.compile(sql)
		require.Equal(w.t, want, got, "%s\n%s", sql, p.Query().Explain())
	}
}

func equalStrings(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// fails checks the number of the error of a query.
func (w *world) fails(sql string, number int) {
	w.t.Helper()
	_, err := w.rows(sql)
	require.Error(w.t, err, sql)
	require.Contains(w.t, err.Error(), fmt.Sprintf("Error %d ", number), sql)
}

func requireRows(t testing.TB, got []string, err error, want ...string) {
	t.Helper()
	require.NoError(t, err)
	if len(got) > 0 || len(want) > 0 {
		require.Equal(t, want, got)
	}
}

func (w *world) view(name, sel string) {
	w.views[name] = &schema.View{Schema: "d", Name: name, Select: sel, InUse: "d"}
}
