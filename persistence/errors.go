package persistence

import (
	"errors"
	"fmt"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

var (
	// ErrCorrupt is what every *CorruptError is.
	ErrCorrupt = errors.New("persistence: damaged file")
	// ErrPoisoned is below every error that comes after a failed write or sync: see the package comment.
	ErrPoisoned = errors.New("persistence: the store failed and takes no more commits")
	// ErrLocked is below the error of Open when another process has the directory.
	ErrLocked = errors.New("persistence: the directory is in use")
	// ErrClosed is returned by calls on a closed Store.
	ErrClosed = errors.New("persistence: the store is closed")
	// ErrNewerFormat is below the error of Open when a newer version wrote the files.
	ErrNewerFormat = errors.New("persistence: the files have a newer format")
	// ErrOptionsDiffer is below the error of Open when the directory is open in this process with other options.
	ErrOptionsDiffer = errors.New("persistence: the directory is open with other options")
)

// CorruptError tells where a file is damaged. errors.Is finds ErrCorrupt and sqlerr.CorruptTable.
type CorruptError struct {
	File   string
	Page   int64 // -1: not in a page
	Offset int64 // in the file; -1: the file as a whole
	Detail string
	Cause  error // may be nil
}

func (e *CorruptError) Error() string {
	s := e.File
	if e.Page >= 0 {
		s += fmt.Sprintf(", page %d", e.Page)
	}
	if e.Offset >= 0 {
		s += fmt.Sprintf(", offset %d", e.Offset)
	}
	return sqlerr.New(sqlerr.CorruptTable, s+": "+e.Detail).Error()
}

// Unwrap returns the marks and the cause.
func (e *CorruptError) Unwrap() []error {
	out := []error{ErrCorrupt, sqlerr.New(sqlerr.CorruptTable, e.Detail)}
	if e.Cause != nil {
		out = append(out, e.Cause)
	}
	return out
}

// corrupt returns a *CorruptError about a file as a whole (offset -1) or a place in it.
func corrupt(file string, offset int64, format string, args ...any) *CorruptError {
	return &CorruptError{File: file, Page: -1, Offset: offset, Detail: fmt.Sprintf(format, args...)}
}
