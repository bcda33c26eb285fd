// Package rowset holds results that are computed as a whole: what SHOW, DESCRIBE, EXPLAIN and RETURNING answer.
package rowset

import "github.com/worktable-go/worktable/engine/value"

// Column describes a result column.
type Column struct {
	Name    string // label
	Table   string // alias of the table it comes from, or ""
	Type    value.Type
	NotNull bool
}

// Set is a result: columns and rows, each row with one value per column.
type Set struct {
	Columns []Column
	Rows    [][]value.Value
}

// Text returns the description of a text column.
func Text(name string) Column {
	return Column{Name: name, Type: value.Type{ID: value.TypeVarChar, Length: 16383}}
}

// Integer returns the description of a BIGINT column.
func Integer(name string) Column {
	return Column{Name: name, Type: value.Type{ID: value.TypeBigInt}}
}
