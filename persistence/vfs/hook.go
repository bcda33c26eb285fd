package vfs

import (
	"io"
	"io/fs"
)

// OpKind is a kind of file operation. Kinds are bits, so that a set of kinds is a sum.
type OpKind uint32

// The operations.
const (
	OpCreate OpKind = 1 << iota
	OpOpen
	OpOpenRead
	OpRead
	OpWrite
	OpTruncate
	OpSync
	OpSize
	OpClose
	OpRemove
	OpRename
	OpMkdir
	OpReadDir
	OpStat
	OpSyncDir
	OpLock
	OpUnlock

	OpAll OpKind = 1<<iota - 1
)

var opNames = [...]string{"create", "open", "openread", "read", "write", "truncate", "sync", "size", "close", "remove",
	"rename", "mkdir", "readdir", "stat", "syncdir", "lock", "unlock"}

func (k OpKind) String() string {
	s := ""
	for i, name := range opNames {
		if k&(1<<i) != 0 {
			if s != "" {
				s += "|"
			}
			s += name
		}
	}
	return s
}

// Op is one operation, as hooks see it.
type Op struct {
	Kind    OpKind
	Path    string
	NewPath string // of a rename
	Off     int64  // of a read, write; the size of a truncate
	Data    []byte // of a write before and after, of a read after; not to be kept
}

// Hook wraps an FS. Before is called ahead of each operation: an error makes the operation fail with it, without
// being carried out; a write may be carried out in part, for which Before returns a *ShortWrite. After is called
// after each operation that was carried out, with its error, and returns the error that the caller gets. Both may be
// nil, and must be safe for concurrent calls.
type Hook struct {
	Base   FS
	Before func(Op) error
	After  func(Op, error) error
}

// ShortWrite is an error of a Before hook that lets the first N bytes be written.
type ShortWrite struct {
	N   int
	Err error // what the write returns; nil: io.ErrShortWrite
}

func (e *ShortWrite) Error() string { return e.err().Error() }

// Unwrap returns the error that the write returns.
func (e *ShortWrite) Unwrap() error { return e.err() }

func (e *ShortWrite) err() error {
	if e.Err == nil {
		return io.ErrShortWrite
	}
	return e.Err
}

func (h *Hook) run(op Op, do func() error) error {
	if h.Before != nil {
		if err := h.Before(op); err != nil {
			return &fs.PathError{Op: op.Kind.String(), Path: op.Path, Err: err}
		}
	}
	err := do()
	if h.After != nil {
		err = h.After(op, err)
	}
	return err
}

func (h *Hook) open(kind OpKind, name string, open func(string) (File, error)) (f File, err error) {
	err = h.run(Op{Kind: kind, Path: name}, func() (err error) {
		f, err = open(name)
		return err
	})
	if err != nil {
		if f != nil {
			_ = f.Close() // opened, but the hook made an error of it
		}
		return nil, err
	}
	return &hookFile{f: f, h: h}, nil
}

// Create is FS.Create.
func (h *Hook) Create(name string) (File, error) { return h.open(OpCreate, name, h.Base.Create) }

// Open is FS.Open.
func (h *Hook) Open(name string) (File, error) { return h.open(OpOpen, name, h.Base.Open) }

// OpenRead is FS.OpenRead.
func (h *Hook) OpenRead(name string) (File, error) { return h.open(OpOpenRead, name, h.Base.OpenRead) }

// Remove is FS.Remove.
func (h *Hook) Remove(name string) error {
	return h.run(Op{Kind: OpRemove, Path: name}, func() error { return h.Base.Remove(name) })
}

// Rename is FS.Rename.
func (h *Hook) Rename(oldName, newName string) error {
	return h.run(Op{Kind: OpRename, Path: oldName, NewPath: newName}, func() error { return h.Base.Rename(oldName, newName) })
}

// Mkdir is FS.Mkdir.
func (h *Hook) Mkdir(name string) error {
	return h.run(Op{Kind: OpMkdir, Path: name}, func() error { return h.Base.Mkdir(name) })
}

// ReadDir is FS.ReadDir.
func (h *Hook) ReadDir(name string) (infos []Info, err error) {
	err = h.run(Op{Kind: OpReadDir, Path: name}, func() (err error) {
		infos, err = h.Base.ReadDir(name)
		return err
	})
	return infos, err
}

// Stat is FS.Stat.
func (h *Hook) Stat(name string) (info Info, err error) {
	err = h.run(Op{Kind: OpStat, Path: name}, func() (err error) {
		info, err = h.Base.Stat(name)
		return err
	})
	return info, err
}

// SyncDir is FS.SyncDir.
func (h *Hook) SyncDir(name string) error {
	return h.run(Op{Kind: OpSyncDir, Path: name}, func() error { return h.Base.SyncDir(name) })
}

// Lock is FS.Lock.
func (h *Hook) Lock(name string, shared bool, holder string) (c io.Closer, err error) {
	err = h.run(Op{Kind: OpLock, Path: name}, func() (err error) {
		c, err = h.Base.Lock(name, shared, holder)
		return err
	})
	if err != nil {
		if c != nil {
			_ = c.Close()
		}
		return nil, err
	}
	return &hookLock{c: c, h: h, name: name}, nil
}

// Canonical is FS.Canonical; it is not an operation.
func (h *Hook) Canonical(name string) (string, error) { return h.Base.Canonical(name) }

type hookLock struct {
	c    io.Closer
	h    *Hook
	name string
}

// Close releases the lock even when it is made to report an error: a descriptor is gone after close in any case.
func (l *hookLock) Close() error {
	done := false
	err := l.h.run(Op{Kind: OpUnlock, Path: l.name}, func() error { done = true; return l.c.Close() })
	if !done {
		_ = l.c.Close()
	}
	return err
}

type hookFile struct {
	f File
	h *Hook
}

func (f *hookFile) Name() string { return f.f.Name() }

func (f *hookFile) ReadAt(p []byte, off int64) (n int, err error) {
	op := Op{Kind: OpRead, Path: f.f.Name(), Off: off, Data: p}
	err = f.h.run(op, func() (err error) {
		n, err = f.f.ReadAt(p, off)
		return err
	})
	return n, err
}

func (f *hookFile) WriteAt(p []byte, off int64) (n int, err error) {
	op := Op{Kind: OpWrite, Path: f.f.Name(), Off: off, Data: p}
	if f.h.Before != nil {
		if err := f.h.Before(op); err != nil {
			if short, ok := err.(*ShortWrite); ok && short.N < len(p) {
				n, _ = f.f.WriteAt(p[:short.N], off)
			}
			return n, &fs.PathError{Op: "write", Path: op.Path, Err: err}
		}
	}
	n, err = f.f.WriteAt(p, off)
	if f.h.After != nil {
		err = f.h.After(op, err)
	}
	return n, err
}

func (f *hookFile) Size() (n int64, err error) {
	err = f.h.run(Op{Kind: OpSize, Path: f.f.Name()}, func() (err error) {
		n, err = f.f.Size()
		return err
	})
	return n, err
}

func (f *hookFile) Truncate(size int64) error {
	return f.h.run(Op{Kind: OpTruncate, Path: f.f.Name(), Off: size}, func() error { return f.f.Truncate(size) })
}

func (f *hookFile) Sync() error {
	return f.h.run(Op{Kind: OpSync, Path: f.f.Name()}, f.f.Sync)
}

func (f *hookFile) SyncData() error {
	return f.h.run(Op{Kind: OpSync, Path: f.f.Name()}, f.f.SyncData)
}

// Close closes the file even when it is made to report an error, as the operating system does.
func (f *hookFile) Close() error {
	done := false
	err := f.h.run(Op{Kind: OpClose, Path: f.f.Name()}, func() error { done = true; return f.f.Close() })
	if !done {
		_ = f.f.Close()
	}
	return err
}
