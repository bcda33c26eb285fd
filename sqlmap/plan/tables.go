package plan

import "github.com/worktable-go/worktable/engine/schema"

// lockable reports whether a table has rows that can be locked.
func lockable(t Table) bool {
	_, virtual := t.(VirtualTable)
	return !virtual
}

func allCols(s *Scan) schema.ColSet { return schema.AllCols(len(s.Table.Def().Columns)) }
