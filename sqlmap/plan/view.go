package plan

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/ast"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// viewRows describes a view whose rows are rows of base tables, or inner joins of them, so that they can be changed
// through it. Such a view selects, joins and computes; MySQL calls it updatable.
type viewRows struct {
	view  *schema.View
	scans []*Scan             // of the base tables
	by    map[ColID]expr.Expr // the columns that it and the views below it compute, in terms of the tables' columns
	check []expr.Expr         // what WITH CHECK OPTION demands of a row, in the same terms
}

// viewRoot is a view within the tree of its block; rows is nil when it is not updatable.
type viewRoot struct{ rows *viewRows }

// rowsOf describes the view v, whose body stmt was built as root; nil when it is not updatable. subqueries are those of
// the body: one that reads what the view shows makes it read-only, and so does a correlated one in its select list.
func (b *builder) rowsOf(v *schema.View, stmt sqlparser.SelectStatement, root Node, subqueries []*Query) *viewRows {
	if v.Algorithm == "TEMPTABLE" || !IsMergeable(stmt) {
		return nil
	}
	scans, ok := b.rowScans(root, nil)
	if !ok || len(scans) == 0 {
		return nil
	}
	for _, q := range subqueries {
		for _, s := range scans {
			if scansTable(q.Root, s.Table) {
				return nil
			}
		}
	}
	items := computedBelow(root, nil)
	for i := range items {
		if correlated(items[i].Expr) {
			return nil
		}
	}
	rows := &viewRows{view: v, scans: scans, by: itemsByID(items)}
	rows.check = b.checkOf(root, v.CheckOption != "", v.CheckOption == cascaded)
	for i := range rows.check {
		rows.check[i] = rows.expand(rows.check[i])
	}
	return rows
}

// cascaded is the CheckOption that reaches the views below.
const cascaded = "CASCADED"

// IsMergeable reports whether a view's body is one query block that passes rows on.
func IsMergeable(stmt sqlparser.SelectStatement) bool {
	switch n := stmt.(type) {
	case *sqlparser.ParenSelect:
		return IsMergeable(n.Select)
	case *ast.TableStmt:
		return IsMergeable(n.Select)
	}
	sel, _, ok := ast.SelectOf(stmt)
	return ok && sel.Distinct == "" && len(sel.GroupBy) == 0 && noHaving(sel.Having) && sel.Limit == nil
}

func noHaving(h *sqlparser.Where) bool { return h == nil || h.Expr == nil }

// rowScans returns the base tables whose rows the tuples of n consist of; ok is false when they are more than that.
func (b *builder) rowScans(n Node, out []*Scan) (_ []*Scan, ok bool) {
	if v, is := b.viewRoots[n]; is && v.rows == nil {
		return nil, false
	}
	switch n := n.(type) {
	case *Scan:
		return append(out, n), !n.derived && lockable(n.Table)
	case *Filter, *Project:
		return b.rowScans(n.Inputs()[0], out)
	case *Join:
		if n.Kind != InnerJoin || n.Method == ApplyJoin {
			return nil, false
		}
		if out, ok = b.rowScans(n.Left, out); !ok {
			return nil, false
		}
		return b.rowScans(n.Right, out)
	}
	return nil, false
}

// checkOf collects the conditions that a row has to meet: with own those of the block, with cascade those of the views
// below, too. A view below that has a check option of its own always has its say.
func (b *builder) checkOf(n Node, own, cascade bool) []expr.Expr {
	if v, is := b.viewRoots[n]; is {
		if cascade {
			return conditions(n, nil)
		}
		return v.rows.check
	}
	var out []expr.Expr
	if own {
		switch n := n.(type) {
		case *Filter:
			out = append(out, n.Conds...)
		case *Join:
			out = append(out, n.On...)
		}
	}
	for _, in := range n.Inputs() {
		out = append(out, b.checkOf(in, own, cascade)...)
	}
	return out
}

// owner returns the base table and the ordinal of the column that a column of the view is; nil for a computed one.
func (r *viewRows) owner(id ColID) (*Scan, int) {
	if e, ok := r.by[id]; ok {
		c := expr.UnzonedColumn(e)
		if c == nil || c.Depth != 0 {
			return nil, 0
		}
		id = ColID(c.Slot)
	}
	for _, s := range r.scans {
		if ord := s.Ord(id); ord >= 0 {
			return s, ord
		}
	}
	return nil, 0
}

// expand puts e in terms of the base tables' columns.
func (r *viewRows) expand(e expr.Expr) expr.Expr { return substitute(e, r.by) }

// View describes an updatable view as INSERT sees it.
type View struct {
	Def     *schema.View
	Columns []ViewColumn
	Tables  []Table // that its rows are joined of, mostly one
	// Check is what WITH CHECK OPTION demands; over a row by ordinals when there is one table.
	Check expr.Expr
	// CheckQuery stands for a Check with subqueries: it has a row when the row that its parameters are, by ordinals,
	// passes.
	CheckQuery *Query
}

// ViewColumn is a column of an updatable view.
type ViewColumn struct {
	Label string
	Table int // position in Tables
	Ord   int // ordinal there, -1 for a computed column
	Meta  ResultColumn
}

// OpenView describes a view; nil when it is not updatable. Error 1356 and those of planning its body.
func OpenView(v *schema.View, c *Context) (*View, error) {
	b := newBuilder(c)
	rel, err := (&block{b: b}).view(v, v.Name)
	if err != nil {
		return nil, err
	}
	st := rel.tables[0]
	if st.rows == nil {
		return nil, nil
	}
	out := &View{Def: v, Check: expr.JoinAnd(st.rows.check)}
	for _, s := range st.rows.scans {
		out.Tables = append(out.Tables, s.Table)
	}
	for i := range st.cols {
		col := &st.cols[i]
		vc := ViewColumn{Label: col.meta.Label, Ord: -1, Meta: col.meta}
		s, ord := st.rows.owner(ColID(col.col.Slot))
		for at, o := range st.rows.scans {
			if o == s {
				vc.Table, vc.Ord = at, ord
			}
		}
		out.Columns = append(out.Columns, vc)
	}
	if len(out.Tables) == 1 && out.Check != nil {
		scan := st.rows.scans[0]
		out.Check = expr.Shift(out.Check, func(id int) int { return scan.Ord(ColID(id)) })
		if expr.HasSubquery(out.Check) {
			out.CheckQuery, err = b.checkQuery(out.Check)
		}
	}
	return out, err
}

// checkQuery plans a condition on a row as a query of its own, since no execution is under way that could run its
// subqueries when a row is inserted.
func (b *builder) checkQuery(check expr.Expr) (*Query, error) {
	cond := expr.Map(check, func(n expr.Expr) expr.Expr {
		if c, ok := n.(*expr.Column); ok && c.Depth == 0 {
			return &expr.Param{Index: c.Slot, Typ: c.Typ}
		}
		return n
	})
	one := &Values{Rows: make([][]expr.Expr, 1)}
	q := &Query{Root: &Filter{unary: unary{one}, Conds: expr.SplitAnd(cond)}}
	if err := b.optimize(q); err != nil {
		return nil, err
	}
	b.finish(q)
	return q, nil
}

// IsUpdatable reports whether UPDATE and DELETE may change rows through a view. One whose body cannot be planned is not
// updatable.
func IsUpdatable(v *schema.View, c *Context) bool {
	u, err := OpenView(v, c)
	return err == nil && u != nil
}
