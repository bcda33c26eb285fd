package plan

import "github.com/worktable-go/worktable/sqlmap/expr"

// Access says how a Scan finds its rows. The zero Access is a full scan.
type Access struct {
	Index   int // position in Def().Indexes, with Kind other than FullScan
	Kind    AccessKind
	Parts   []Domain // bounds of the leading key parts; fewer than the index has, or none for an ordered full read
	Reverse bool
	// Unique is set when at most one row matches one combination of point values.
	Unique bool
}

// AccessKind is a kind of access.
type AccessKind uint8

// The kinds of access.
const (
	FullScan AccessKind = iota
	IndexScan
)

// Domain is a set of values of one key part, as a formula over comparisons with expressions that are constant while the
// scan is open (constants, parameters, columns of the left side of a lookup join, outer columns). It is evaluated to
// intervals when the scan is opened. The formula may allow more values than the conditions it was made from.
type Domain struct {
	Op   DomainOp
	Args []Domain // DomainAnd, DomainOr
	// Between says that a DomainAnd is the two halves of a BETWEEN whose comparison depends on the kinds of both bounds.
	Between bool
	Cmp     expr.Comparison // how values compare
	Exprs   []expr.Expr     // one operand; DomainIn: several; DomainInQuery: a *Subquery without Left
	// Escape is the escape expression of DomainLike; nil for the default.
	Escape expr.Expr
}

// DomainOp is what a Domain demands of a value.
type DomainOp uint8

// The operations.
const (
	DomainAll DomainOp = iota
	DomainAnd
	DomainOr
	DomainEqual
	DomainNullSafe
	DomainLess
	DomainLessEqual
	DomainGreater
	DomainGreaterEqual
	DomainIn
	DomainInQuery
	DomainIsNull
	DomainNotNull
	DomainLike
)

func (a *Access) exprs(visit func(*expr.Expr)) {
	for i := range a.Parts {
		a.Parts[i].exprs(visit)
	}
}

func (d *Domain) exprs(visit func(*expr.Expr)) {
	visitList(d.Exprs, visit)
	visitOne(&d.Escape, visit)
	for i := range d.Args {
		d.Args[i].exprs(visit)
	}
}

// Points reports whether the domain can only be a finite set of values.
func (d *Domain) Points() bool {
	switch d.Op {
	case DomainEqual, DomainNullSafe, DomainIn, DomainInQuery, DomainIsNull:
		return true
	case DomainAnd:
		for i := range d.Args {
			if d.Args[i].Points() {
				return true
			}
		}
	case DomainOr:
		for i := range d.Args {
			if !d.Args[i].Points() {
				return false
			}
		}
		return len(d.Args) > 0
	}
	return false
}
