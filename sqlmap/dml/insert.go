package dml

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/exec"
	"github.com/worktable-go/worktable/sqlmap/expr"
	"github.com/worktable-go/worktable/sqlmap/plan"
)

// insertPlan is a compiled INSERT or REPLACE. It is immutable; what an execution needs is in an inserter.
type insertPlan struct {
	*target
	cols    []int // ordinals that the rows give, in their order
	replace bool
	ignore  bool

	rows   *ast.Rows
	cells  [][]cell   // by row: the cells that are expressions
	source *exec.Plan // INSERT … SELECT
	// collect says that the source reads the table, so that its rows are collected before the first is written.
	collect bool
	onDup   *onDuplicate

	// template is what a row starts as: the constant defaults of the columns it omits, and of the others what an
	// expression sees that reads a column before it is set.
	template  []value.Value
	missing   []int         // omitted columns without a default: 1364
	computed  schema.ColSet // omitted columns with an expression default
	noDefault schema.ColSet // all columns without a default
	returning *returning

	hasSubquery bool // an expression finds the transaction in the context
}

// cell is an expression of a VALUES row: a value, a query that computes it, or with neither DEFAULT.
type cell struct {
	at    int // position in cols
	value expr.Func
	query *exec.Plan
}

func (c *cell) isDefault() bool { return c.value == nil && c.query == nil }

func compileInsert(ins *sqlparser.Insert, ext *ast.InsertExt, c *plan.Context) (*Plan, error) {
	verb := "INSERT"
	if ins.Action == sqlparser.ReplaceStr {
		verb = "REPLACE"
	}
	t, err := lookupTarget(ins.Table, ins.Columns, verb, c)
	if err != nil {
		return nil, err
	}
	p := &insertPlan{target: t, replace: verb == "REPLACE", ignore: ins.Ignore != ""}
	if ext == nil {
		ext = &ast.InsertExt{}
	}
	if err := p.columns(ins); err != nil {
		return nil, err
	}
	if err := p.compileRows(ins.Rows, c); err != nil {
		return nil, err
	}
	if len(ins.OnDup) > 0 {
		if p.onDup, err = compileOnDuplicate(p, sqlparser.UpdateExprs(ins.OnDup), ext, c); err != nil {
			return nil, err
		}
	}
	out := &Plan{run: p.run, explain: p.explainText(verb), tables: []plan.Table{t.table}}
	out.point = p.source == nil && p.rows.Len() == 1 && !p.hasSubquery
	if p.source != nil {
		out.tables = append(out.tables, p.source.Query().Tables...)
	}
	if len(ext.Returning) > 0 {
		if p.returning, err = compileReturning(t.naming, ext.Returning, c); err != nil {
			return nil, err
		}
		out.columns = p.returning.cols
	}
	return out, nil
}

func (p *insertPlan) explainText(verb string) func() string {
	return func() string {
		text := verb + " " + p.called
		if p.source == nil {
			return text + "\n"
		}
		return text + "\n" + indent(p.source.Query().Explain())
	}
}

// columns resolves the column list. Without one the rows give every visible column. Errors 1054, 1110.
func (p *insertPlan) columns(ins *sqlparser.Insert) error {
	var given schema.ColSet
	for _, col := range ins.Columns {
		ord := p.ordinal(col.String())
		if ord < 0 {
			return sqlerr.New(sqlerr.UnknownColumn, col.String(), "field list")
		}
		if given.Has(ord) {
			return sqlerr.New(sqlerr.FieldTwice, p.def.Columns[ord].Name)
		}
		given = given.With(ord)
		p.cols = append(p.cols, ord)
	}
	if len(ins.Columns) == 0 && !isEmptyRow(ins.Rows) {
		for _, ord := range p.visible() {
			given = given.With(ord)
			p.cols = append(p.cols, ord)
		}
	}
	return p.fillTemplate(given)
}

// isEmptyRow reports whether the first row gives no value: INSERT INTO t () VALUES (). As in MySQL it decides what the
// missing column list means.
func isEmptyRow(rows sqlparser.InsertRows) bool {
	list, ok := rows.(*ast.Rows)
	if !ok || list.Len() == 0 {
		return false
	}
	vals, _ := list.Row(0)
	return len(vals) == 0
}

func (p *insertPlan) fillTemplate(given schema.ColSet) error {
	p.template = make([]value.Value, len(p.def.Columns))
	for ord := range p.def.Columns {
		col := &p.def.Columns[ord]
		v, err := p.rules.ConstantDefault(ord)
		switch {
		case err != nil:
			p.noDefault = p.noDefault.With(ord)
			if !given.Has(ord) {
				p.missing = append(p.missing, ord)
			}
			v = value.ZeroOf(&col.Type)
		case col.AutoIncrement:
			v = value.ZeroOf(&col.Type)
		case p.rules.DefaultExpr(ord) != nil:
			if !given.Has(ord) {
				p.computed = p.computed.With(ord)
			}
			if col.NotNull {
				v = value.ZeroOf(&col.Type)
			}
		}
		p.template[ord] = v
	}
	return nil
}

// compileRows binds the rows: expressions one by one, constants as they are. Error 1136 names the row.
func (p *insertPlan) compileRows(rows sqlparser.InsertRows, c *plan.Context) error {
	if sel, ok := rows.(sqlparser.SelectStatement); ok {
		return p.compileSource(sel, c)
	}
	list, ok := rows.(*ast.Rows)
	if !ok {
		return sqlerr.New(sqlerr.NotSupported, "this source of rows in INSERT")
	}
	p.rows = list
	var assigned schema.ColSet
	if list.Constant() {
		for i := range list.Len() {
			if vals, _ := list.Row(i); len(vals) != len(p.cols) {
				return sqlerr.New(sqlerr.WrongValueCount, i+1)
			}
		}
		return p.checkGenerated(schema.ColSetOf(p.cols...))
	}
	s := newScope(p.naming, c)
	p.cells = make([][]cell, list.Len())
	for i := range list.Len() {
		vals, exprs := list.Row(i)
		if len(vals) != len(p.cols) {
			return sqlerr.New(sqlerr.WrongValueCount, i+1)
		}
		defaults := schema.ColSet{}
		cells := make([]cell, 0, exprs.Len())
		for j := range exprs.Len() {
			at, e := exprs.Cell(j)
			cl, err := p.compileCell(at, e, s)
			if err != nil {
				return err
			}
			if cl.isDefault() {
				defaults = defaults.With(p.cols[at])
			}
			cells = append(cells, cl)
		}
		p.cells[i] = cells
		for _, ord := range p.cols {
			if !defaults.Has(ord) {
				assigned = assigned.With(ord)
			}
		}
	}
	return p.checkGenerated(assigned)
}

// compileCell binds one expression. One with a subquery that reads no column of the row is planned as a query of its
// own, since that can have subqueries of every kind.
func (p *insertPlan) compileCell(at int, e sqlparser.Expr, s *scope) (cell, error) {
	if d, bare := e.(*sqlparser.Default); bare && d.ColName == "" {
		return cell{at: at}, nil
	}
	has, err := p.checkSubqueries(e, s.c.Database)
	if err != nil {
		return cell{}, err
	}
	bound, err := expr.Bind(e, s)
	if err != nil && has {
		sel := &sqlparser.Select{SelectExprs: sqlparser.SelectExprs{&sqlparser.AliasedExpr{Expr: e}}}
		if q, qerr := exec.Compile(sel, s.c); qerr == nil {
			return cell{at: at, query: q}, nil
		}
	}
	if err != nil {
		return cell{}, err
	}
	p.hasSubquery = p.hasSubquery || has
	return cell{at: at, value: expr.Compile(expr.AssignedTo(bound, &p.def.Columns[p.cols[at]].Type))}, nil
}

func (p *insertPlan) compileSource(sel sqlparser.SelectStatement, c *plan.Context) error {
	source, err := exec.Compile(sel, c)
	if err != nil {
		return err
	}
	p.source = source
	if len(source.Columns()) != len(p.cols) {
		return sqlerr.New(sqlerr.WrongValueCount, 1)
	}
	for _, t := range source.Query().Tables {
		p.collect = p.collect || t == plan.Table(p.table)
	}
	return p.checkGenerated(schema.ColSetOf(p.cols...))
}

// checkGenerated refuses values for generated columns. Error 3105.
func (p *insertPlan) checkGenerated(assigned schema.ColSet) error {
	for ord := assigned.Next(0); ord >= 0; ord = assigned.Next(ord + 1) {
		if col := &p.def.Columns[ord]; col.Generated != "" {
			return sqlerr.New(sqlerr.GeneratedValue, col.Name, p.def.Name)
		}
	}
	return nil
}
