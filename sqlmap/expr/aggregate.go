package expr

import "github.com/worktable-go/worktable/engine/value"

// Aggregate is an aggregate call. As an Expr it has the result's type; its Eval is an error: the planner replaces it
// by a column of the aggregated row.
type Aggregate struct {
	Name      string // lower case: count, sum, avg, min, max, group_concat, bit_and, …
	Distinct  bool
	Star      bool // COUNT(*)
	Args      []Expr
	OrderBy   []OrderItem // GROUP_CONCAT
	Separator string      // GROUP_CONCAT
	Typ       *Type
}

// OrderItem is a sort key.
type OrderItem struct {
	Expr Expr
	Desc bool
}

// Accumulator gathers one group of one aggregate. It belongs to one goroutine.
type Accumulator interface {
	// Add takes the row of env into account.
	Add(env *Env) error
	// Result returns the aggregate of the rows so far. Its strings are the accumulator's until Reset or the next Add.
	Result(env *Env) (value.Value, error)
	// Reset makes the group empty.
	Reset()
	// Memory returns roughly the bytes that the group holds on to.
	Memory() int
}

// NewAccumulator returns an accumulator for one group. Compile the aggregate once (a.Prepare) and make one per group.
func (a *Aggregate) NewAccumulator() Accumulator { return nil }
