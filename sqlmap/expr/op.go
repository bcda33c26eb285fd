package expr

// LogicOp is AND, OR or XOR.
type LogicOp uint8

// The logical operators.
const (
	OpAnd LogicOp = iota
	OpOr
	OpXor
)

// CompareOp is a comparison operator.
type CompareOp uint8

// The comparison operators.
const (
	CompareEqual CompareOp = iota
	CompareNotEqual
	CompareLess
	CompareLessEqual
	CompareGreater
	CompareGreaterEqual
	CompareNullSafe // <=>
)

var compareOpText = [...]string{"=", "<>", "<", "<=", ">", ">=", "<=>"}

func (op CompareOp) String() string { return compareOpText[op] }

// Swap returns the operator with its operands exchanged: < for >.
func (op CompareOp) Swap() CompareOp {
	switch op {
	case CompareLess:
		return CompareGreater
	case CompareLessEqual:
		return CompareGreaterEqual
	case CompareGreater:
		return CompareLess
	case CompareGreaterEqual:
		return CompareLessEqual
	}
	return op
}

// Negate returns the operator that is true where op is false (NULL stays NULL); ok is false for <=>.
func (op CompareOp) Negate() (neg CompareOp, ok bool) {
	switch op {
	case CompareEqual:
		return CompareNotEqual, true
	case CompareNotEqual:
		return CompareEqual, true
	case CompareLess:
		return CompareGreaterEqual, true
	case CompareLessEqual:
		return CompareGreater, true
	case CompareGreater:
		return CompareLessEqual, true
	case CompareGreaterEqual:
		return CompareLess, true
	}
	return op, false
}

// Holds reports whether op holds for two values, neither NULL, that compare as cmp.
func (op CompareOp) Holds(cmp int) bool {
	switch op {
	case CompareEqual, CompareNullSafe:
		return cmp == 0
	case CompareNotEqual:
		return cmp != 0
	case CompareLess:
		return cmp < 0
	case CompareLessEqual:
		return cmp <= 0
	case CompareGreater:
		return cmp > 0
	default:
		return cmp >= 0
	}
}
