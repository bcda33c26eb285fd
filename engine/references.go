package engine

// References returns the foreign keys that refer to t, as of now.
func (t *Table) References() []Reference { return t.db.Catalog().ForeignKeysTo(t) }
