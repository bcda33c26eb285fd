// Package cdc is the change record: what one commit did, as the journal stores it and subscribers see it.
//
// A Txn is plain data. Its byte slices are read-only once it is delivered, and it may be shared between goroutines.
// AppendTxn and DecodeTxn are its binary form; decoding never trusts its input.
package cdc

import (
	"fmt"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
)

// Kind is what an Op does. The numbers are stored: append only.
type Kind uint8

// The kinds.
const (
	Insert        Kind = 1 // After has all columns
	Update        Kind = 2 // After has the columns of Mask; Before these and all indexed ones
	Delete        Kind = 3 // Before has all columns
	Truncate      Kind = 4 // for subscribers: all rows of Table are gone; Storage is the new storage
	AutoIncrement Kind = 5 // the counter of Table is at least Value: the next value to hand out
	AutoReset     Kind = 6 // the counter of Table is exactly Value
)

// String returns the kind's name in lower case.
func (k Kind) String() string {
	switch k {
	case Insert:
		return "insert"
	case Update:
		return "update"
	case Delete:
		return "delete"
	case Truncate:
		return "truncate"
	case AutoIncrement:
		return "auto_increment"
	case AutoReset:
		return "auto_reset"
	}
	return fmt.Sprintf("Kind(%d)", uint8(k))
}

// Txn is one commit.
type Txn struct {
	CSN  heap.CSN
	Time int64 // Unix microseconds
	Ops  []Op
}

// Op is one change. Changes of definitions are ordinary ops on the catalogue tables (ids below 16) and come first.
type Op struct {
	Kind          Kind
	Table         uint32
	SchemaVersion uint32 // of the layout that After, Before and Key are in
	Storage       uint32
	Row           heap.RowID
	Mask          schema.ColSet
	After         []byte // row.Layout.AppendDelta form
	Before        []byte // the same
	Key           []byte // primary key columns before the change (after it for Insert), the same form; nil without primary key
	Value         uint64 // of AutoIncrement and AutoReset
}

// DDL reports whether the transaction changes definitions.
func (t *Txn) DDL() bool {
	for i := range t.Ops {
		if t.Ops[i].Table < 16 {
			return true
		}
	}
	return false
}
