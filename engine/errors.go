package engine

import (
	"errors"
	"fmt"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

var (
	// ErrStaleTable is the cause of a 1412 that a fresh catalogue look-up cures: the *Table is not the current one.
	ErrStaleTable = errors.New("engine: the table handle is not current")
	// ErrPositionGone is the cause of the error of a subscription whose position is no longer kept, or never was.
	ErrPositionGone = errors.New("engine: the change stream position is gone")
	// ErrPoisoned is the cause of errors after a failed Journal.Sync: commits fail, reads go on.
	ErrPoisoned = errors.New("engine: the journal failed")
	// ErrTxDone is the cause of calls on a transaction that is committed or rolled back.
	ErrTxDone = errors.New("engine: the transaction is over")
)

// DuplicateKeyError is 1062 with the place of the conflict.
type DuplicateKeyError struct {
	Err   *sqlerr.Error
	Table *Table
	Index int        // position in Table.Def().Indexes
	Row   heap.RowID // the row that has the key
}

func (e *DuplicateKeyError) Error() string { return e.Err.Error() }

// Unwrap returns the *sqlerr.Error.
func (e *DuplicateKeyError) Unwrap() error { return e.Err }

// internalf returns sqlerr.Internal for a broken invariant.
func internalf(format string, args ...any) error {
	return sqlerr.New(sqlerr.Internal, fmt.Sprintf(format, args...))
}
