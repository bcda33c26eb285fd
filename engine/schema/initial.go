package schema

import "github.com/worktable-go/worktable/engine/value"

// InitialValue returns what rows written before the column was added read as: Initial when the ADD COLUMN recorded
// it, else the constant default, else NULL or the type's implicit default.
func (c *Column) InitialValue() value.Value {
	switch {
	case c.HasInitial && !(c.NotNull && c.Initial.IsNull()):
		return c.Initial
	case c.HasDefault && !c.Default.IsNull():
		return c.Default
	case c.NotNull:
		return value.ZeroOf(&c.Type)
	}
	return value.Null
}
