package schema

// Validate checks the definition as MySQL does for CREATE TABLE: names, types, keys, prefix lengths,
// autoincrement, limits. Errors are *sqlerr.Error.
func (t *Table) Validate() error { return nil }

// Clone returns a deep copy.
func (t *Table) Clone() *Table { return nil }
