// Package vfs is the one way to files: everything in persistence reads and writes through the interfaces FS and File.
//
// Three implementations. OS is the operating system's file system. Mem is a file system in memory that knows what
// would survive a power failure: it keeps synced and unsynced content of files, and of directories, apart, and Crash
// returns what a disk might hold afterwards. Hook wraps another FS, tells an observer of every operation, and can make
// operations fail; Injector, built on it, fails chosen ones.
//
// Durability. Only Sync and SyncData make the content of a file durable, and only SyncDir makes the creation, renaming
// or removal of a name durable; two writes without a Sync between them reach the disk in any order or in part. Whoever
// uses this package may rely on nothing else.
//
// A failed Sync says that writes since the last successful one may be lost for good, even if a later Sync succeeds
// (the kernel reports the loss once). It must never be retried on the same data.
//
// Concurrency. All methods may be called by any number of goroutines, but writes to overlapping ranges must not race.
// Open files must not be renamed or removed: Windows refuses that, and so does Mem.
package vfs

import (
	"errors"
	"io"
	"io/fs"
	"syscall"
)

// FS is a file system. Names are paths in the operating system's form.
type FS interface {
	// Create makes a new empty file, readable and writable by its owner alone, whatever the umask. It fails with
	// fs.ErrExist when the name is taken, also by a symbolic link.
	Create(name string) (File, error)

	// Open opens an existing file for reading and writing. A final symbolic link is not followed where the operating
	// system can tell.
	Open(name string) (File, error)

	// OpenRead opens an existing file for reading.
	OpenRead(name string) (File, error)

	// Remove removes a file or an empty directory.
	Remove(name string) error

	// Rename moves a file within its directory, replacing what has the new name. After a crash one of the two names
	// leads to the file, or the new one to what it replaced.
	Rename(oldName, newName string) error

	// Mkdir makes a directory that only its owner can enter.
	Mkdir(name string) error

	// ReadDir lists a directory, sorted by name.
	ReadDir(name string) ([]Info, error)

	// Stat describes a file or directory.
	Stat(name string) (Info, error)

	// SyncDir makes the names in a directory durable.
	SyncDir(name string) error

	// Lock takes the lock file of that name, creating it if need be, and writes the holder's description into it. It
	// never waits: when another process (or another Lock of this one) holds it, the error is a *LockedError. The lock
	// vanishes with the process that holds it. The file stays after Close.
	Lock(name string, shared bool, holder string) (io.Closer, error)

	// Canonical returns a form of the path by which two names of one directory can be told to be the same. The path
	// need not exist.
	Canonical(name string) (string, error)
}

// File is an open file. Reads and writes are at offsets; there is no file position.
type File interface {
	io.ReaderAt
	io.WriterAt
	io.Closer

	// Name returns the name that the file was opened by.
	Name() string

	// Size returns the length of the file.
	Size() (int64, error)

	// Truncate cuts or extends (with zeros) the file.
	Truncate(size int64) error

	// Sync makes content and size durable.
	Sync() error

	// SyncData is Sync without metadata that is not needed to read the content back.
	SyncData() error
}

// Info describes a directory entry.
type Info struct {
	Name string
	Dir  bool
	Size int64
}

// LockedError is the error of Lock when another holder has the lock file.
type LockedError struct {
	Path   string
	Holder string // what the holder wrote about itself; may be empty
}

func (e *LockedError) Error() string {
	if e.Holder == "" {
		return "lock file " + e.Path + " is held by another process"
	}
	return "lock file " + e.Path + " is held by " + e.Holder
}

// ErrNoSpace is what a full disk gives, in every implementation.
var ErrNoSpace error = syscall.ENOSPC

// IsNoSpace reports whether err says that the disk or a quota is full, so that the same operation may succeed later.
func IsNoSpace(err error) bool {
	if errors.Is(err, syscall.ENOSPC) {
		return true
	}
	for _, errno := range noSpaceErrnos {
		if errors.Is(err, errno) {
			return true
		}
	}
	return false
}

// IsHarmless reports whether err comes from an operation whose failure loses nothing that was written: the opening,
// making, listing or removing of a file (too many open files, say, or another program that has it open on Windows).
// What was to be done was not done, and may be tried again. Failures of writes, truncations, renames, syncs and closes
// are not harmless.
func IsHarmless(err error) bool {
	var e *fs.PathError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Op {
	case "open", "openread", "create", "mkdir", "stat", "size", "readdir", "readdirent", "remove", "unlink", "rmdir", "lstat":
		return true
	}
	return false
}

// IsNotExist reports whether err says that a file or directory is not there.
func IsNotExist(err error) bool { return errors.Is(err, fs.ErrNotExist) }

// ReadFile reads a whole file of at most limit bytes.
func ReadFile(fsys FS, name string, limit int64) (data []byte, err error) {
	f, err := fsys.OpenRead(name)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	size, err := f.Size()
	if err != nil {
		return nil, err
	}
	if size > limit {
		return nil, &fs.PathError{Op: "read", Path: name, Err: errors.New("file is larger than it can be")}
	}
	data = make([]byte, size)
	if err := ReadFull(f, data, 0); err != nil {
		return nil, err
	}
	return data, nil
}

// ReadFull fills p from the offset. A file that ends before is io.ErrUnexpectedEOF.
func ReadFull(f File, p []byte, off int64) error {
	n, err := f.ReadAt(p, off)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return &fs.PathError{Op: "read", Path: f.Name(), Err: err}
}

// WriteFull writes all of p at the offset: a short write without an error is io.ErrShortWrite.
func WriteFull(f File, p []byte, off int64) error {
	n, err := f.WriteAt(p, off)
	if err == nil && n < len(p) {
		err = &fs.PathError{Op: "write", Path: f.Name(), Err: io.ErrShortWrite}
	}
	return err
}
