package vfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sort"

	"github.com/gofrs/flock"
)

// OS is the operating system's file system.
var OS FS = osFS{}

const (
	fileMode = 0o600
	dirMode  = 0o700
)

type osFS struct{}

type osFile struct{ *os.File }

func (osFS) Create(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_EXCL|noFollow, fileMode)
	if err != nil {
		return nil, err
	}
	// The umask can only have taken bits away; the owner's must be there.
	if err := f.Chmod(fileMode); err != nil && !chmodUnsupported {
		return nil, errors.Join(err, f.Close())
	}
	return osFile{f}, nil
}

func (osFS) Open(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_RDWR|noFollow, 0)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) OpenRead(name string) (File, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return nil, err
	}
	return osFile{f}, nil
}

func (osFS) Remove(name string) error             { return os.Remove(name) }
func (osFS) Rename(oldName, newName string) error { return os.Rename(oldName, newName) }

func (osFS) Mkdir(name string) error {
	if err := os.Mkdir(name, dirMode); err != nil {
		return err
	}
	if err := os.Chmod(name, dirMode); err != nil && !chmodUnsupported {
		return err
	}
	return nil
}

func (osFS) ReadDir(name string) ([]Info, error) {
	entries, err := os.ReadDir(name)
	if err != nil {
		return nil, err
	}
	infos := make([]Info, 0, len(entries))
	for _, e := range entries {
		fi, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // removed meanwhile
		}
		if err != nil {
			return nil, err
		}
		infos = append(infos, Info{Name: e.Name(), Dir: e.IsDir(), Size: fi.Size()})
	}
	sort.Slice(infos, func(i, j int) bool { return infos[i].Name < infos[j].Name })
	return infos, nil
}

func (osFS) Stat(name string) (Info, error) {
	fi, err := os.Stat(name)
	if err != nil {
		return Info{}, err
	}
	return Info{Name: fi.Name(), Dir: fi.IsDir(), Size: fi.Size()}, nil
}

func (osFS) SyncDir(name string) error { return syncDir(name) }

func (osFS) Canonical(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	// The last elements need not exist yet: resolve links in the longest part that does.
	rest := ""
	for dir := abs; ; dir = filepath.Dir(dir) {
		real, err := filepath.EvalSymlinks(dir)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(dir) == dir {
			return "", err
		}
		rest = filepath.Join(filepath.Base(dir), rest)
	}
}

// Size returns the length of the file.
func (f osFile) Size() (int64, error) {
	fi, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return fi.Size(), nil
}

// SyncData flushes content and size.
func (f osFile) SyncData() error { return syncData(f.File) }

// holderOffset is where the holder's description lies in the lock file. The bytes before it are what Windows locks,
// and a locked byte cannot be read by others.
const holderOffset = 16

type osLock struct{ l *flock.Flock }

func (osFS) Lock(name string, shared bool, holder string) (io.Closer, error) {
	flag := os.O_CREATE | os.O_RDWR | noFollow
	if shared {
		flag = os.O_RDONLY | noFollow // a reader may lack the right to write
		if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
			flag = os.O_CREATE | os.O_RDWR | noFollow
		}
	}
	l := flock.New(name, flock.SetFlag(flag), flock.SetPermissions(fileMode))
	try := l.TryLock
	if shared {
		try = l.TryRLock
	}
	ok, err := try()
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, &LockedError{Path: name, Holder: readHolder(name)}
	}
	if !shared {
		if err := writeHolder(name, holder); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	return osLock{l}, nil
}

// Close releases the lock; the file stays, because removing it would let two processes lock two files of one name.
func (l osLock) Close() error { return l.l.Close() }

// writeHolder uses a descriptor of its own. Closing it is harmless: flock(2) locks belong to the descriptor that took
// them, unlike POSIX record locks.
func writeHolder(name, holder string) error {
	f, err := os.OpenFile(name, os.O_RDWR|noFollow, 0)
	if err != nil {
		return err
	}
	if err := f.Chmod(fileMode); err != nil && !chmodUnsupported {
		return errors.Join(err, f.Close())
	}
	text := append([]byte(holder), '\n')
	_, err = f.WriteAt(text, holderOffset)
	if err == nil {
		err = f.Truncate(holderOffset + int64(len(text)))
	}
	return errors.Join(err, f.Close())
}

func readHolder(name string) string {
	f, err := os.OpenFile(name, os.O_RDONLY|noFollow, 0)
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	buf := make([]byte, 512)
	n, _ := f.ReadAt(buf, holderOffset)
	return printable(buf[:n])
}

// printable cuts the holder's description at the first byte that no description has.
func printable(b []byte) string {
	for i, c := range b {
		if c < ' ' || c == 0x7f {
			return string(b[:i])
		}
	}
	return string(b)
}
