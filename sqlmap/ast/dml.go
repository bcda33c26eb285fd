package ast

import (
	"github.com/xwb1989/sqlparser"

	"github.com/worktable-go/worktable/engine/value"
)

// Rows is the rows of INSERT … VALUES and of VALUES ROW(…). Cells that are plain constants (numbers also with a
// sign, strings without an introducer other than N or _utf8mb4, NULL, TRUE, FALSE) are values, without a node;
// the others are expressions. Hexadecimal, bit and temporal literals are expressions, as they convert by context.
// A cell that is DEFAULT is a *sqlparser.Default.
type Rows struct {
	// Values holds the expressions in one tuple, in order, so that Walk reaches them. It is no list of rows.
	sqlparser.Values
	cells []value.Value // all cells, row by row; NULL where an expression stands
	at    []int32       // index in cells of each expression, ascending
	ends  []int32       // end in cells of each row
	pos   []int32       // start in the text of each row
}

// Len returns the number of rows.
func (r *Rows) Len() int { return len(r.ends) }

// Row returns the cells of row i. The values of cells that are expressions are NULL; exprs lists those, by ascending
// column, and is nil when the row is constant. Both belong to r.
func (r *Rows) Row(i int) (vals []value.Value, exprs RowExprs) {
	from := int32(0)
	if i > 0 {
		from = r.ends[i-1]
	}
	end := r.ends[i]
	vals = r.cells[from:end:end]
	if len(r.at) == 0 {
		return vals, RowExprs{}
	}
	lo := lowerBound(r.at, from)
	hi := lo + lowerBound(r.at[lo:], end)
	if lo == hi {
		return vals, RowExprs{}
	}
	return vals, RowExprs{at: r.at[lo:hi], exprs: r.Values[0][lo:hi], base: from}
}

// RowPos returns the offset in the text of row i's opening parenthesis.
func (r *Rows) RowPos(i int) int32 { return r.pos[i] }

// Constant reports whether no cell is an expression.
func (r *Rows) Constant() bool { return len(r.at) == 0 }

// RowExprs is the cells of one row that are expressions.
type RowExprs struct {
	at    []int32
	exprs []sqlparser.Expr
	base  int32
}

// Len returns the number of expressions.
func (e RowExprs) Len() int { return len(e.exprs) }

// Cell returns the j-th expression and the column (from 0) it stands in.
func (e RowExprs) Cell(j int) (col int, expr sqlparser.Expr) {
	return int(e.at[j] - e.base), e.exprs[j]
}

// AddValue appends a constant cell to the row that is being built.
func (r *Rows) AddValue(v value.Value) { r.cells = append(r.cells, v) }

// AddExpr appends an expression cell to the row that is being built.
func (r *Rows) AddExpr(e sqlparser.Expr) {
	if r.Values == nil {
		r.Values = make(sqlparser.Values, 1)
	}
	r.at = append(r.at, int32(len(r.cells)))
	r.Values[0] = append(r.Values[0], e)
	r.cells = append(r.cells, value.Null)
}

// EndRow ends the row that is being built, which began at the offset start of the text.
func (r *Rows) EndRow(start int32) {
	r.ends = append(r.ends, int32(len(r.cells)))
	r.pos = append(r.pos, start)
}

func lowerBound(a []int32, x int32) int {
	lo, hi := 0, len(a)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if a[mid] < x {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	return lo
}

// Priority is a DML priority modifier; they are accepted and mean nothing.
type Priority uint8

// The priorities.
const (
	PriorityNone Priority = iota
	PriorityLow
	PriorityHigh
	PriorityDelayed
)

// Insert is an INSERT or REPLACE with what sqlparser.Insert has no room for. INSERT IGNORE alone, column lists,
// ON DUPLICATE KEY UPDATE, SELECT and SET are plain: SET gives Columns and one row. Rows of the plain node is a *Rows
// or a SELECT; OnDup holds the assignments.
type Insert struct {
	*sqlparser.Insert
	InsertExt
}

// InsertExt is what an INSERT has beyond sqlparser.Insert.
type InsertExt struct {
	Priority   Priority
	RowAlias   sqlparser.TableIdent  // VALUES … AS new
	RowColumns []sqlparser.ColIdent  // VALUES … AS new(a, b)
	Returning  sqlparser.SelectExprs // an extension
	EmptyList  bool                  // INSERT INTO t () …: an empty column list was given
}

// InsertOf returns the INSERT or REPLACE s and its extension (nil for a plain one); ok is false when s is none.
func InsertOf(s sqlparser.SQLNode) (ins *sqlparser.Insert, ext *InsertExt, ok bool) {
	switch n := s.(type) {
	case *sqlparser.Insert:
		return n, nil, true
	case *Insert:
		return n.Insert, &n.InsertExt, true
	}
	return nil, nil, false
}

// Update is an UPDATE with what sqlparser.Update has no room for.
type Update struct {
	*sqlparser.Update
	UpdateExt
}

// UpdateExt is what an UPDATE has beyond sqlparser.Update.
type UpdateExt struct {
	With        *CTEs
	Ignore      bool
	LowPriority bool
}

// UpdateOf returns the UPDATE s and its extension (nil for a plain one); ok is false when s is none.
func UpdateOf(s sqlparser.SQLNode) (upd *sqlparser.Update, ext *UpdateExt, ok bool) {
	switch n := s.(type) {
	case *sqlparser.Update:
		return n, nil, true
	case *Update:
		return n.Update, &n.UpdateExt, true
	}
	return nil, nil, false
}

// Delete is a DELETE with what sqlparser.Delete has no room for. Targets is empty for a single-table DELETE;
// `DELETE FROM t AS u` has the alias in its table expression; `DELETE FROM t USING …` and `DELETE t FROM …` both
// have Targets and TableExprs.
type Delete struct {
	*sqlparser.Delete
	DeleteExt
}

// DeleteExt is what a DELETE has beyond sqlparser.Delete.
type DeleteExt struct {
	With        *CTEs
	Ignore      bool
	LowPriority bool
	Quick       bool
	Returning   sqlparser.SelectExprs // an extension, single-table only
}

// DeleteOf returns the DELETE s and its extension (nil for a plain one); ok is false when s is none.
func DeleteOf(s sqlparser.SQLNode) (del *sqlparser.Delete, ext *DeleteExt, ok bool) {
	switch n := s.(type) {
	case *sqlparser.Delete:
		return n, nil, true
	case *Delete:
		return n.Delete, &n.DeleteExt, true
	}
	return nil, nil, false
}
