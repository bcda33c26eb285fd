package ast

import "github.com/xwb1989/sqlparser"

// XorStr is the operator of Xor.
const XorStr = "xor"

// Xor is `Left XOR Right`.
type Xor struct {
	sqlparser.BinaryExpr
	Pos
}

// Assign is `@Name := Expr` inside an expression.
type Assign struct {
	sqlparser.UnaryExpr // Operator ":="
	Name                string
	Pos
}

// Quantifier is ANY or ALL.
type Quantifier uint8

// The quantifiers. SOME is ANY.
const (
	Any Quantifier = iota + 1
	All
)

// Quantified is `Left op ANY|ALL (subquery)`; op is one of = <=> != < <= > >= and Right a *sqlparser.Subquery.
type Quantified struct {
	sqlparser.ComparisonExpr
	Quantifier Quantifier
	Pos
}

// Extract is EXTRACT(Unit FROM Expr); Unit is in lower case.
type Extract struct {
	sqlparser.IntervalExpr
	Pos
}

// TrimSide says which ends TRIM trims.
type TrimSide uint8

// The sides of TRIM.
const (
	TrimBoth TrimSide = iota
	TrimLeading
	TrimTrailing
)

// Trim is TRIM([BOTH|LEADING|TRAILING] [rem] FROM str). TRIM(str) is an ordinary *sqlparser.FuncExpr.
type Trim struct {
	sqlparser.ValTuple // str, then rem when given
	Side               TrimSide
	Pos
}

// Str returns what is trimmed.
func (t *Trim) Str() sqlparser.Expr { return t.ValTuple[0] }

// Rem returns what is removed, nil for blanks.
func (t *Trim) Rem() sqlparser.Expr {
	if len(t.ValTuple) > 1 {
		return t.ValTuple[1]
	}
	return nil
}

// MemberOf is `Left MEMBER OF (Right)`.
type MemberOf struct {
	sqlparser.BinaryExpr
	Pos
}

// DefaultOf is DEFAULT(t.col): the default of a column with a qualifier. DEFAULT and DEFAULT(col) are
// *sqlparser.Default.
type DefaultOf struct {
	sqlparser.ValTuple // the column
	Pos
}

// Column returns the column.
func (d *DefaultOf) Column() *sqlparser.ColName { return d.ValTuple[0].(*sqlparser.ColName) }

// Window is a function call with an OVER clause.
type Window struct {
	// ValTuple holds the call, then the expressions of PARTITION BY and ORDER BY of Spec, so that Walk reaches them.
	sqlparser.ValTuple
	Spec        *WindowSpec // merged with the named window that it refers to
	FromLast    bool        // NTH_VALUE … FROM LAST
	IgnoreNulls bool        // IGNORE NULLS
	Pos
}

// Call returns the function: a *sqlparser.FuncExpr or *sqlparser.GroupConcatExpr.
func (w *Window) Call() sqlparser.Expr { return w.ValTuple[0] }

// WindowSpec is a window: OVER (…), or a definition in a WINDOW clause.
type WindowSpec struct {
	Name        string // of a definition in a WINDOW clause, or of the window that OVER name refers to
	Base        string // OVER (base …), WINDOW w AS (base …)
	PartitionBy []sqlparser.Expr
	OrderBy     sqlparser.OrderBy
	Frame       *Frame // nil for the default
	Pos
}

// Frame is a frame clause.
type Frame struct {
	Unit       FrameUnit
	Start, End FrameBound // End is CURRENT ROW when not given
}

// FrameUnit is what a frame counts in.
type FrameUnit uint8

// The frame units.
const (
	FrameRows FrameUnit = iota
	FrameRange
)

// FrameBoundKind is a kind of frame boundary.
type FrameBoundKind uint8

// The frame boundaries, in their order.
const (
	UnboundedPreceding FrameBoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// FrameBound is a boundary; Expr is the distance of Preceding and Following (maybe an IntervalExpr).
type FrameBound struct {
	Kind FrameBoundKind
	Expr sqlparser.Expr
}

// PosOf returns the byte range of a node that has one: those of this package and columns.
func PosOf(n sqlparser.SQLNode) Pos {
	switch n := n.(type) {
	case *sqlparser.ColName:
		if p, ok := n.Metadata.(*Pos); ok {
			return *p
		}
	case interface{ Position() Pos }:
		return n.Position()
	}
	return Pos{}
}

// Position returns p; every node that embeds a Pos has it.
func (p Pos) Position() Pos { return p }
