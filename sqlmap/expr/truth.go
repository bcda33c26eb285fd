package expr

import "github.com/worktable-go/worktable/engine/value"

// Tri is a three-valued truth value.
type Tri int8

// The truth values.
const (
	False Tri = 0
	True  Tri = 1
	Null  Tri = -1
)

// Truth returns what v is in a condition: a number is true when it is not zero, a string when the number it starts with
// is not zero.
func Truth(v value.Value) Tri {
	if v.IsNull() {
		return Null
	}
	if v.Truth() {
		return True
	}
	return False
}

// Not returns the negation; NULL stays NULL.
func (t Tri) Not() Tri {
	if t < 0 {
		return t
	}
	return 1 - t
}

// Value returns 1, 0 or NULL.
func (t Tri) Value() value.Value {
	if t < 0 {
		return value.Null
	}
	return value.Int(int64(t))
}
