package dml

import (
	"strings"

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
	omitted []int // the other ordinals
	replace bool
	ignore  bool

	rows   *ast.Rows
	cells  [][]cell   // by row: the cells that are expressions
	source *exec.Plan // INSERT … SELECT
	onDup  *onDuplicate

	auto        int  // ordinal of the AUTO_INCREMENT column, or -1
	hasSubquery bool // an expression of the rows reads tables

	returning []expr.Func
	retCols   []plan.ResultColumn
}

// cell is an expression of a VALUES row; a nil value is DEFAULT.
type cell struct {
	at    int // position in cols
	value expr.Func
}

func compileInsert(ins *sqlparser.Insert, ext *ast.InsertExt, c *plan.Context) (*Plan, error) {
	verb := "INSERT"
	if ins.Action == sqlparser.ReplaceStr {
		verb = "REPLACE"
	}
	t, err := lookupTarget(ins.Table, verb, c)
	if err != nil {
		return nil, err
	}
	p := &insertPlan{target: t, replace: verb == "REPLACE", ignore: ins.Ignore != "", auto: t.def.AutoColumn()}
	if ext == nil {
		ext = &ast.InsertExt{}
	}
	if err := p.columns(ins, ext); err != nil {
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
	if len(ext.Returning) > 0 {
		if err := p.compileReturning(ext.Returning, c); err != nil {
			return nil, err
		}
	}
	return &Plan{run: p.run, columns: p.retCols, explain: p.explainText(verb)}, nil
}

func (p *insertPlan) explainText(verb string) func() string {
	return func() string {
		text := verb + " " + p.def.Name
		if p.source == nil {
			return text + "\n"
		}
		return text + "\n  " + strings.ReplaceAll(strings.TrimRight(p.source.Query().Explain(), "\n"), "\n", "\n  ") + "\n"
	}
}

// columns resolves the column list. Without one the rows give every visible column. Errors 1054, 1110.
func (p *insertPlan) columns(ins *sqlparser.Insert, ext *ast.InsertExt) error {
	given := map[int]bool{}
	for _, col := range ins.Columns {
		ord := p.def.ColumnIndex(col.String())
		if ord < 0 {
			return sqlerr.New(sqlerr.UnknownColumn, col.String(), "field list")
		}
		if given[ord] {
			return sqlerr.New(sqlerr.FieldTwice, p.def.Columns[ord].Name)
		}
		given[ord] = true
		p.cols = append(p.cols, ord)
	}
	empty := len(ins.Columns) == 0 && !p.listless(ins, ext)
	for i := range p.def.Columns {
		switch {
		case given[i]:
		case empty && !p.def.Columns[i].Invisible:
			p.cols = append(p.cols, i)
		default:
			p.omitted = append(p.omitted, i)
		}
	}
	return nil
}

// listless reports whether the statement gives no column at all: INSERT INTO t () VALUES (), and VALUES () without a
// column list.
func (p *insertPlan) listless(ins *sqlparser.Insert, ext *ast.InsertExt) bool {
	rows, ok := ins.Rows.(*ast.Rows)
	if !ok || rows.Len() == 0 {
		return false
	}
	for i := range rows.Len() {
		if vals, _ := rows.Row(i); len(vals) > 0 {
			return false
		}
	}
	return true
}

// compileRows binds the rows: expressions one by one, constants as they are. Error 1136 names the row.
func (p *insertPlan) compileRows(rows sqlparser.InsertRows, c *plan.Context) error {
	if sel, ok := rows.(sqlparser.SelectStatement); ok {
		var err error
		if p.source, err = exec.Compile(sel, c); err != nil {
			return err
		}
		if len(p.source.Columns()) != len(p.cols) {
			return sqlerr.New(sqlerr.WrongValueCount, 1)
		}
		return p.checkGenerated(p.cols)
	}
	list, ok := rows.(*ast.Rows)
	if !ok {
		return sqlerr.New(sqlerr.NotSupported, "this source of rows in INSERT")
	}
	p.rows = list
	scope := newScope(p.def, c)
	assigned := map[int]bool{}
	for i := range list.Len() {
		vals, exprs := list.Row(i)
		if len(vals) != len(p.cols) {
			return sqlerr.New(sqlerr.WrongValueCount, i+1)
		}
		var cells []cell
		isDefault := map[int]bool{}
		for j := range exprs.Len() {
			at, e := exprs.Cell(j)
			cl := cell{at: at}
			if d, bare := e.(*sqlparser.Default); bare && d.ColName == "" {
				isDefault[at] = true
			} else {
				bound, err := expr.Bind(e, scope)
				if err != nil {
					return err
				}
				cl.value = expr.Compile(bound)
				p.hasSubquery = p.hasSubquery || expr.HasSubquery(bound)
			}
			cells = append(cells, cl)
		}
		for at, ord := range p.cols {
			if !isDefault[at] {
				assigned[ord] = true
			}
		}
		p.cells = append(p.cells, cells)
	}
	var ords []int
	for ord := range assigned {
		ords = append(ords, ord)
	}
	return p.checkGenerated(ords)
}

// checkGenerated refuses values for generated columns. Error 3105.
func (p *insertPlan) checkGenerated(ords []int) error {
	for _, ord := range ords {
		if col := &p.def.Columns[ord]; col.Generated != "" {
			return sqlerr.New(sqlerr.GeneratedValue, col.Name, p.def.Name)
		}
	}
	return nil
}

// compileReturning binds the RETURNING list over the columns of the new row.
func (p *insertPlan) compileReturning(list sqlparser.SelectExprs, c *plan.Context) error {
	exprs, cols, err := bindReturning(p.def, list, c)
	p.returning, p.retCols = exprs, cols
	return err
}

// bindReturning binds a RETURNING list over the full row of a table.
func bindReturning(def *schema.Table, list sqlparser.SelectExprs, c *plan.Context) (exprs []expr.Func, cols []plan.ResultColumn, err error) {
	scope := newScope(def, c)
	for _, item := range list {
		switch it := item.(type) {
		case *sqlparser.StarExpr:
			for i := range def.Columns {
				if col := &def.Columns[i]; !col.Invisible {
					exprs = append(exprs, columnFunc(i))
					cols = append(cols, resultColumn(def, col))
				}
			}
		case *ast.SelectItem:
			e, err := expr.Bind(it.Expr, scope)
			if err != nil {
				return nil, nil, err
			}
			rc := plan.ResultColumn{Label: it.Label, Type: e.Type()}
			if col, ok := e.(*expr.Column); ok {
				rc = resultColumn(def, &def.Columns[col.Slot])
				rc.Label = it.Label
			}
			exprs = append(exprs, expr.Compile(e))
			cols = append(cols, rc)
		default:
			return nil, nil, sqlerr.New(sqlerr.NotSupported, "this item in RETURNING")
		}
	}
	return exprs, cols, nil
}

func columnFunc(ord int) expr.Func {
	return func(env *expr.Env) (value.Value, error) { return env.Row[ord], nil }
}

func resultColumn(def *schema.Table, col *schema.Column) plan.ResultColumn {
	return plan.ResultColumn{
		Label: col.Name, Table: def.Name, OrgTable: def.Name, OrgName: col.Name, Schema: def.Schema,
		Type: expr.ColumnType(&col.Type, col.NotNull), Column: col,
	}
}
