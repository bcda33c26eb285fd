package ast

import "github.com/xwb1989/sqlparser"

// Inspect calls f for n and, as long as f returns true, for everything below it, parents before children. Unlike
// sqlparser.Walk it leaves nothing out. Lists (sqlparser.SelectExprs, Exprs, …) are nodes of their own; parts of a
// statement that are no nodes, such as column definitions, are passed over and their expressions visited.
func Inspect(n sqlparser.SQLNode, f func(sqlparser.SQLNode) bool) {
	if isNil(n) || !f(n) {
		return
	}
	visit := func(c sqlparser.SQLNode) { Inspect(c, f) }
	self := true
	// The callback refuses to go deeper, so that this enumerates the children that Walk knows.
	_ = sqlparser.Walk(func(c sqlparser.SQLNode) (bool, error) {
		if self {
			self = false
			return true, nil
		}
		visit(c)
		return false, nil
	}, n)
	hiddenChildren(n, visit)
}

// isNil reports a nil node, typed or not.
func isNil(n sqlparser.SQLNode) bool {
	switch n := n.(type) {
	case nil:
		return true
	case *sqlparser.Where:
		return n == nil
	case *sqlparser.Limit:
		return n == nil
	case *sqlparser.IndexHints:
		return n == nil
	case *sqlparser.Subquery:
		return n == nil
	case *sqlparser.ColName:
		return n == nil
	case *sqlparser.SQLVal:
		return n == nil
	case *sqlparser.ConvertType:
		return n == nil
	case *sqlparser.TableSpec:
		return n == nil
	case *CTEs:
		return n == nil
	}
	return false
}

// hiddenChildren visits the children that Walk does not reach.
func hiddenChildren(n sqlparser.SQLNode, visit func(sqlparser.SQLNode)) {
	switch n := n.(type) {
	case *sqlparser.Union:
		visit(n.OrderBy)
		visit(n.Limit)
	case *SetOp:
		visit(n.OrderBy)
		visit(n.Limit)
	case *Nested:
		visit(n.OrderBy)
		visit(n.Limit)
	case *sqlparser.GroupConcatExpr:
		visit(n.OrderBy)
	case *Select:
		for _, w := range n.Windows {
			visitWindow(w, visit)
		}
		for _, v := range n.Into {
			visit(v)
		}
	case *Window:
		if n.Spec != nil && n.Spec.Frame != nil {
			visit(n.Spec.Frame.Start.Expr)
			visit(n.Spec.Frame.End.Expr)
		}
	case *ValuesStmt:
		visit(n.Rows)
	case *Insert:
		visit(n.Returning)
	case *Update:
		visit(n.With)
	case *Delete:
		visit(n.With)
		visit(n.Returning)
	case *Show:
		visit(n.Where)
		visit(n.Limit)
	case *Explain:
		visit(n.Statement)
	case *Kill:
		visit(n.ID)
	case *CreateView:
		visit(n.Select)
	case *CreateTable:
		for _, c := range n.Columns {
			visitColumn(c, visit)
		}
		visitChecks(n.Checks, visit)
		for _, d := range n.Indexes {
			visitIndex(d, visit)
		}
		visit(n.Select)
	case *CreateIndex:
		visitIndex(n.Index, visit)
	case *AlterTable:
		for _, s := range n.Specs {
			visitSpec(s, visit)
		}
	}
}

func visitWindow(w *WindowSpec, visit func(sqlparser.SQLNode)) {
	for _, e := range w.PartitionBy {
		visit(e)
	}
	visit(w.OrderBy)
	if w.Frame != nil {
		visit(w.Frame.Start.Expr)
		visit(w.Frame.End.Expr)
	}
}

func visitColumn(c *ColumnDef, visit func(sqlparser.SQLNode)) {
	if c.Default != nil {
		visit(c.Default.Expr)
	}
	if c.OnUpdate != nil {
		visit(c.OnUpdate.Expr)
	}
	if c.Generated != nil {
		visit(c.Generated.Expr)
	}
	visitChecks(c.Checks, visit)
}

func visitChecks(list []*CheckDef, visit func(sqlparser.SQLNode)) {
	for _, c := range list {
		visit(c.Expr)
	}
}

func visitIndex(d *IndexDef, visit func(sqlparser.SQLNode)) {
	for i := range d.Parts {
		visit(d.Parts[i].Expr)
	}
}

func visitSpec(s AlterSpec, visit func(sqlparser.SQLNode)) {
	switch s := s.(type) {
	case *AlterAddColumn:
		visitColumn(s.Def, visit)
	case *AlterModifyColumn:
		visitColumn(s.Def, visit)
	case *AlterColumnDefault:
		if s.Default != nil {
			visit(s.Default.Expr)
		}
	case *AlterAddIndex:
		visitIndex(s.Def, visit)
	case *AlterAddCheck:
		visit(s.Def.Expr)
	case *AlterOrderBy:
		visit(s.OrderBy)
	}
}
