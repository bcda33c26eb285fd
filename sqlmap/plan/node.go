package plan

import (
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Node is an operator of a plan. Rules may change nodes while a plan is being made; afterwards nobody does.
type Node interface {
	// Inputs returns the nodes below, in order.
	Inputs() []Node
	// SetInput replaces input i.
	SetInput(i int, n Node)
	// Produces returns the columns that the node's tuples have. Scans produce what they need, see Scan.Need.
	Produces() []ColID
	// exprs calls visit with the address of each expression of the node itself, so that rules can read and replace it.
	exprs(visit func(e *expr.Expr))
	// describe returns the node's line for EXPLAIN.
	describe(x *explainer) string
}

// leaf is embedded by nodes without inputs.
type leaf struct{}

func (leaf) Inputs() []Node     { return nil }
func (leaf) SetInput(int, Node) {}

// unary is embedded by nodes with one input.
type unary struct{ Input Node }

func (u *unary) Inputs() []Node         { return []Node{u.Input} }
func (u *unary) SetInput(_ int, n Node) { u.Input = n }
func (u *unary) Produces() []ColID      { return u.Input.Produces() }

// Item is a computed column.
type Item struct {
	ID   ColID
	Expr expr.Expr
}

// Scan reads a base or virtual table.
type Scan struct {
	leaf
	Table  Table
	Schema string // as named in the catalogue
	Name   string // alias
	First  ColID  // of ordinal 0; ordinal i is First + i
	RowID  ColID  // set when the row's id is needed: a KindUint column
	Need   schema.ColSet
	// Filter is applied to each row; the columns that only it reads are not in Need.
	Filter []expr.Expr
	Access Access
	// Ordered is set when something above relies on the order of the index.
	Ordered bool
	hints   []indexHint
	derived bool   // inside a derived table or common table expression
	through string // alias of the view that the statement reads it through
}

// Col returns the ColID of an ordinal.
func (s *Scan) Col(ord int) ColID { return s.First + ColID(ord) }

// Ord returns the ordinal of a ColID, or -1 when it is no column of the scan.
func (s *Scan) Ord(c ColID) int {
	if c < s.First || int(c-s.First) >= len(s.Table.Def().Columns) {
		return -1
	}
	return int(c - s.First)
}

// Produces returns the needed columns and the row id.
func (s *Scan) Produces() []ColID {
	out := make([]ColID, 0, s.Need.Len()+1)
	for o := s.Need.Next(0); o >= 0; o = s.Need.Next(o + 1) {
		out = append(out, s.Col(o))
	}
	if s.RowID != 0 {
		out = append(out, s.RowID)
	}
	return out
}

// Values yields constant rows: VALUES, a SELECT without FROM (one row without columns), an impossible condition (no rows).
type Values struct {
	leaf
	Cols []ColID
	Rows [][]expr.Expr
	// Why says in EXPLAIN where a Values without rows comes from.
	Why string
}

// Produces returns Cols.
func (v *Values) Produces() []ColID { return v.Cols }

// Filter passes tuples on which all conditions are true.
type Filter struct {
	unary
	Conds []expr.Expr
}

// Project computes columns: it adds its items to the input's columns.
type Project struct {
	unary
	Items []Item
}

// Produces returns the input's columns and the items.
func (p *Project) Produces() []ColID {
	in := p.Input.Produces()
	out := in[:len(in):len(in)]
	for i := range p.Items {
		out = append(out, p.Items[i].ID)
	}
	return out
}

// JoinKind is a kind of join.
type JoinKind uint8

// The join kinds. A right join is a left join with its sides exchanged.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	SemiJoin // left tuples that have a match
	AntiJoin // left tuples that have none
)

// JoinMethod is how a join finds the matches of a left tuple.
type JoinMethod uint8

// The join methods.
const (
	LoopJoin   JoinMethod = iota // all right tuples, kept in memory
	LookupJoin                   // the right side is a Scan whose Access reads columns of the left side
	HashJoin                     // right tuples hashed by Keys (left ones when BuildLeft)
	ApplyJoin                    // the right side is a function of the left tuple and runs for each (LATERAL)
)

// HashKey is an equality of a hash join.
type HashKey struct {
	Left, Right expr.Expr
	Cmp         expr.Comparison
	NullSafe    bool // <=>
}

// Join joins two inputs.
type Join struct {
	Kind        JoinKind
	Method      JoinMethod
	Left, Right Node
	// On holds the conditions that neither Keys nor the Access of a lookup prove.
	On        []expr.Expr
	Keys      []HashKey
	BuildLeft bool
	// Args are the columns of the left side that the right side of an ApplyJoin reads as its outer row.
	Args []expr.Expr
	// Fixed joins keep their place and order: STRAIGHT_JOIN, and joins whose right side refers to the left.
	Fixed bool
}

// Inputs returns both sides.
func (j *Join) Inputs() []Node { return []Node{j.Left, j.Right} }

// SetInput replaces a side.
func (j *Join) SetInput(i int, n Node) {
	if i == 0 {
		j.Left = n
	} else {
		j.Right = n
	}
}

// Produces returns the columns of both sides; of the left alone for semi and anti joins.
func (j *Join) Produces() []ColID {
	out := j.Left.Produces()
	if j.Kind == SemiJoin || j.Kind == AntiJoin {
		return out
	}
	return append(out[:len(out):len(out)], j.Right.Produces()...)
}

// AggItem is an aggregate's result column. Call nil takes Any's value from some row of the group.
type AggItem struct {
	ID   ColID
	Call *expr.Aggregate
	Any  expr.Expr
}

// AggMethod is how groups are told apart.
type AggMethod uint8

// The methods of aggregation.
const (
	HashAggregate   AggMethod = iota // a table of groups
	StreamAggregate                  // input arrives group by group
	ScalarAggregate                  // one group, also of no rows
)

// Aggregate groups tuples.
type Aggregate struct {
	unary
	Groups []Item
	Aggs   []AggItem
	Method AggMethod
	Rollup bool
	// Grouping holds, under Rollup, a column per GROUPING() mask in use: 1 where the group key is rolled up.
	Grouping []GroupingItem
	// CountOnly marks COUNT(*) over a whole table, which the engine knows.
	CountOnly bool
}

// GroupingItem is the column of one GROUPING(keys…) call; Keys are positions in Groups.
type GroupingItem struct {
	ID   ColID
	Keys []int
}

// Produces returns the group keys and the results.
func (a *Aggregate) Produces() []ColID {
	out := make([]ColID, 0, len(a.Groups)+len(a.Aggs)+len(a.Grouping))
	for i := range a.Groups {
		out = append(out, a.Groups[i].ID)
	}
	for i := range a.Aggs {
		out = append(out, a.Aggs[i].ID)
	}
	for i := range a.Grouping {
		out = append(out, a.Grouping[i].ID)
	}
	return out
}

// WindowItem is a window function's result column.
type WindowItem struct {
	ID   ColID
	Call *expr.Window
}

// Window computes window functions that share a partitioning and an order; it adds columns.
type Window struct {
	unary
	Items []WindowItem
}

// Produces returns the input's columns and the results.
func (w *Window) Produces() []ColID {
	in := w.Input.Produces()
	out := in[:len(in):len(in)]
	for i := range w.Items {
		out = append(out, w.Items[i].ID)
	}
	return out
}

// Distinct drops tuples whose Keys have been seen.
type Distinct struct {
	unary
	Keys []expr.Expr
	// Sorted input needs to remember one tuple only.
	Sorted bool
}

// SortKey is a sort key.
type SortKey struct {
	Expr expr.Expr
	Desc bool
}

// Sort orders tuples. Top, when not nil, is the Limit above it: no more than its offset and count are asked for.
type Sort struct {
	unary
	Keys []SortKey
	Top  *Limit
}

// Limit passes Count tuples after skipping Offset. Either may be nil.
type Limit struct {
	unary
	Count, Offset expr.Expr
	// CountAll makes it read all input, to know FOUND_ROWS().
	CountAll bool
}

// SetKind is a set operation.
type SetKind uint8

// The set operations.
const (
	Union SetKind = iota
	Except
	Intersect
)

// SetOp combines two or more inputs column by column (more than two: UNION ALL).
type SetOp struct {
	Kind SetKind
	All  bool
	In   []Node
	From [][]ColID // per input, the columns that make up Cols
	Cols []ColID
	Typ  []*expr.Type
}

// Inputs returns the operands.
func (s *SetOp) Inputs() []Node { return s.In }

// SetInput replaces an operand.
func (s *SetOp) SetInput(i int, n Node) { s.In[i] = n }

// Produces returns Cols.
func (s *SetOp) Produces() []ColID { return s.Cols }

// Shared is the plan of a common table expression that is computed once per execution and read by several CTEScans.
type Shared struct {
	Name string
	Plan Node
	From []ColID // Plan's columns, in order
	Typ  []*expr.Type
	// Names are the columns' names.
	Names []string
	// Recursive CTEs: Plan is the first part, Step the part that reads the rows of the previous round through a
	// CTEScan with Working set.
	Step     Node
	StepFrom []ColID
	Distinct bool // UNION DISTINCT
	// Limit and Offset stop a recursion early.
	Limit, Offset expr.Expr
	refs          int
}

// CTEScan reads a Shared.
type CTEScan struct {
	leaf
	Shared  *Shared
	Name    string // alias
	Cols    []ColID
	Working bool
	// Need tells which columns are read.
	Need []bool
}

// Produces returns the needed columns.
func (c *CTEScan) Produces() []ColID {
	var out []ColID
	for i, id := range c.Cols {
		if c.Need == nil || c.Need[i] {
			out = append(out, id)
		}
	}
	return out
}

// LockTable is a table whose rows a Lock node locks.
type LockTable struct {
	Scan       *Scan
	X, S       schema.ColSet
	Share      bool // FOR SHARE
	NoWait     bool
	SkipLocked bool
}

// Lock locks the row of each locked table, reads its newest version, evaluates Conds and Keys again and passes what
// still qualifies, in the order of Keys.
type Lock struct {
	unary
	Tables []LockTable
	Conds  []expr.Expr // all conditions on the tuple
	Keys   []SortKey   // order of the input
	// Compute are the columns that the input computed from the tables' columns: computed again after a change.
	Compute []Item
	// Explicit tells FOR UPDATE and FOR SHARE from the locks of UPDATE and DELETE.
	Explicit bool
}
