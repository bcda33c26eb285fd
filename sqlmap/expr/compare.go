package expr

import (
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
)

// Domain is the set of values in which two operands are compared: both are converted to it first.
type Domain uint8

// The domains.
const (
	DomainNull     Domain = iota // an operand is NULL: the result is NULL
	DomainInt                    // integers, signed and unsigned, exactly
	DomainDecimal                // exact decimals
	DomainFloat                  // doubles
	DomainString                 // character strings under a collation
	DomainBytes                  // binary strings
	DomainDateTime               // points in time; a DATE is its midnight, a TIME is on today's date
	DomainDate                   // dates against dates
	DomainTime                   // times of day
	DomainYear                   // years
	DomainJSON                   // JSON values
	DomainDynamic                // decided by the values at execution
)

// Comparison is how two operands are compared.
type Comparison struct {
	Domain    Domain
	Collation collate.ID // DomainString
}

// ComparisonDomain decides how a and b are compared; error 1267 for an illegal mix of collations.
func ComparisonDomain(a, b Expr) (Comparison, error) { return Comparison{}, nil }

// Compare compares two values that are not NULL, converting both to the domain.
func (c Comparison) Compare(env *Env, a, b value.Value) (int, error) { return 0, nil }

// Apply compares with op: three-valued, as 1, 0 or NULL.
func (c Comparison) Apply(env *Env, op CompareOp, a, b value.Value) (Tri, error) { return Null, nil }

// Hashable reports whether equality in this comparison can be decided by comparing AppendKey's bytes.
func (c Comparison) Hashable() bool { return false }

// AppendKey appends bytes that are equal for values that compare equal, and differ for others; v is not NULL.
func (c Comparison) AppendKey(env *Env, dst []byte, v value.Value) ([]byte, error) { return dst, nil }

// IndexUsable reports whether the order and equality of this comparison agree with those of a column of type
// col, so that index bounds may stand for it. A string column against a number, for instance, does not.
func (c Comparison) IndexUsable(col *value.Type) bool { return false }

// IndexBound converts v, the value that a column of type col is compared with in c, for use as an index bound.
// value.Incomparable says that the index must not be used. col's TIMESTAMPs are UTC, so v is shifted from the
// session's time zone.
func (c Comparison) IndexBound(env *Env, col *value.Type, v value.Value) (value.Value, value.Exactness) {
	return v, value.Incomparable
}

// AppendGroupKey appends bytes that are equal for values that GROUP BY and DISTINCT take as equal; t is the type of the
// expression they come from. NULLs are equal.
func AppendGroupKey(dst []byte, v value.Value, t *Type) []byte { return dst }

// CompareSort orders two values of an expression of type t as ORDER BY does: NULL first.
func CompareSort(a, b value.Value, t *Type) int { return value.Compare(a, b, t.Collation) }
