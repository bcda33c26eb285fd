package plan

import (
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// Query is a plan.
type Query struct {
	Root    Node
	Output  []ColID        // what a result row consists of, in order; a column may occur twice
	Columns []ResultColumn // one per Output
	// Tables lists the base tables that the plan reads, each once, subqueries included.
	Tables []Table
	// Views lists the views that were expanded.
	Views []*schema.View
	// Point is set when the plan yields at most one row by a full unique key.
	Point *PointSelect
	// Locking is set when the plan takes row locks.
	Locking bool
	// CalcFoundRows is set by SQL_CALC_FOUND_ROWS.
	CalcFoundRows bool
	// ArgCount is the number of outer columns that a subquery's plan reads.
	ArgCount int

	sub      bool // a subquery's plan
	absorbed bool // a join has taken the plan over
}

// ResultColumn describes a column of the result.
type ResultColumn struct {
	Label     string // as the client sees it
	Table     string // alias of the table; "" for expressions
	OrgTable  string // name of the table
	OrgName   string // name of the column in its table; "" for expressions
	Schema    string
	Type      *expr.Type     // Type.NotNull is the nullability
	Column    *schema.Column // of a base table; nil for expressions
	AutoInc   bool
	Primary   bool // part of the primary key
	UniqueKey bool // the only column of a unique key
}

// PointSelect is a plan that reads at most one row by a full unique key: no operators, no batches.
type PointSelect struct {
	Table Table
	Index int         // position in Def().Indexes
	Key   []expr.Expr // one constant per key part, not yet converted
	Cmp   []expr.Comparison
	// Need lists the ordinals that Filter and Exprs read; position i of the tuple is ordinal Need[i].
	Need   []int
	Filter expr.Expr   // over positions in Need; may be nil
	Exprs  []expr.Expr // result columns over positions in Need
	// Direct[i] is the ordinal that result column i is, or -1 for an expression. AllDirect when there is no expression
	// and no filter.
	Direct    []int
	AllDirect bool
}
