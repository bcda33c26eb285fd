package vfs

import (
	"errors"
	"io"
	"io/fs"
	"path/filepath"
	"sort"
	"strings"
	"sync"
)

// Mem is a file system in memory that can lose power. Each file and directory remembers what was synced and which
// changes came after; see Crash. Like Windows it refuses to rename or remove an open file, so that code tested on it
// works there. The zero value is not usable; NewMem makes one.
type Mem struct {
	mu       sync.Mutex
	root     *memNode
	capacity int64 // bytes of content that fit; 0: no limit
	used     int64
	locks    map[string]*memLock
	life     int // of the process that has files open; see Kill
}

// NewMem returns an empty file system.
func NewMem() *Mem {
	return &Mem{root: newMemDir(), locks: map[string]*memLock{}}
}

// SetCapacity limits the bytes of content; operations beyond it fail with ErrNoSpace. 0 lifts the limit.
func (m *Mem) SetCapacity(n int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.capacity = n
}

// Used returns the bytes of content.
func (m *Mem) Used() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.used
}

// memNode is a file or a directory. All fields are guarded by Mem.mu.
type memNode struct {
	// A directory: the names now, the names that are durable, and the changes since, in order.
	dir     bool
	entries map[string]*memNode
	durable map[string]*memNode
	changes []nameChange

	// A file: the content now, the durable content, and the changes since, in order.
	data    []byte
	synced  []byte
	writes  []contentChange
	handles int
}

// nameChange is one unsynced change of a directory. A rename is one change: a crash keeps or loses it whole.
type nameChange struct {
	bind   string // name that now leads to node; "": none
	node   *memNode
	unbind string // name that is gone; "": none
}

// contentChange is one unsynced write, or with data nil one truncation, of a file.
type contentChange struct {
	off  int64
	data []byte
	size int64
}

func newMemDir() *memNode {
	return &memNode{dir: true, entries: map[string]*memNode{}, durable: map[string]*memNode{}}
}

func split(name string) []string {
	clean := strings.Trim(filepath.ToSlash(filepath.Clean(name)), "/")
	if clean == "" || clean == "." {
		return nil
	}
	return strings.Split(clean, "/")
}

func pathError(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

var (
	errNotDir   = errors.New("not a directory")
	errIsDir    = errors.New("is a directory")
	errOpen     = errors.New("file is open")
	errNotEmpty = errors.New("directory is not empty")
)

func (m *Mem) lookup(name string) (*memNode, error) {
	n := m.root
	for _, part := range split(name) {
		if !n.dir {
			return nil, errNotDir
		}
		next := n.entries[part]
		if next == nil {
			return nil, fs.ErrNotExist
		}
		n = next
	}
	return n, nil
}

func (m *Mem) parent(name string) (dir *memNode, base string, err error) {
	parts := split(name)
	if len(parts) == 0 {
		return nil, "", fs.ErrInvalid
	}
	dir, err = m.lookup(strings.Join(parts[:len(parts)-1], "/"))
	if err == nil && !dir.dir {
		err = errNotDir
	}
	return dir, parts[len(parts)-1], err
}

func (d *memNode) bind(name string, n *memNode) {
	d.entries[name] = n
	d.changes = append(d.changes, nameChange{bind: name, node: n})
}

// Create is FS.Create.
func (m *Mem) Create(name string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent(name)
	if err == nil && dir.entries[base] != nil {
		err = fs.ErrExist
	}
	if err != nil {
		return nil, pathError("create", name, err)
	}
	n := &memNode{handles: 1}
	dir.bind(base, n)
	return &memFile{m: m, n: n, name: name, writable: true, life: m.life}, nil
}

func (m *Mem) open(op, name string, writable bool) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.lookup(name)
	if err == nil && n.dir {
		err = errIsDir
	}
	if err != nil {
		return nil, pathError(op, name, err)
	}
	n.handles++
	return &memFile{m: m, n: n, name: name, writable: writable, life: m.life}, nil
}

// Open is FS.Open.
func (m *Mem) Open(name string) (File, error) { return m.open("open", name, true) }

// OpenRead is FS.OpenRead.
func (m *Mem) OpenRead(name string) (File, error) { return m.open("open", name, false) }

// Remove is FS.Remove.
func (m *Mem) Remove(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent(name)
	if err != nil {
		return pathError("remove", name, err)
	}
	n := dir.entries[base]
	switch {
	case n == nil:
		err = fs.ErrNotExist
	case n.dir && len(n.entries) > 0:
		err = errNotEmpty
	case n.handles > 0:
		err = errOpen
	}
	if err != nil {
		return pathError("remove", name, err)
	}
	m.used -= int64(len(n.data))
	delete(dir.entries, base)
	dir.changes = append(dir.changes, nameChange{unbind: base})
	return nil
}

// Rename is FS.Rename.
func (m *Mem) Rename(oldName, newName string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, oldBase, err := m.parent(oldName)
	if err != nil {
		return pathError("rename", oldName, err)
	}
	newDir, newBase, err := m.parent(newName)
	if err != nil {
		return pathError("rename", newName, err)
	}
	n, target := dir.entries[oldBase], newDir.entries[newBase]
	switch {
	case n == nil:
		err = fs.ErrNotExist
	case dir != newDir:
		err = errors.New("rename across directories")
	case n.handles > 0 || target != nil && target.handles > 0:
		err = errOpen
	case target != nil && target.dir:
		err = errIsDir
	}
	if err != nil || n == target {
		if err != nil {
			err = pathError("rename", oldName, err)
		}
		return err
	}
	if target != nil {
		m.used -= int64(len(target.data))
	}
	delete(dir.entries, oldBase)
	dir.entries[newBase] = n
	dir.changes = append(dir.changes, nameChange{bind: newBase, node: n, unbind: oldBase})
	return nil
}

// Mkdir is FS.Mkdir.
func (m *Mem) Mkdir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, base, err := m.parent(name)
	if err == nil && dir.entries[base] != nil {
		err = fs.ErrExist
	}
	if err != nil {
		return pathError("mkdir", name, err)
	}
	dir.bind(base, newMemDir())
	return nil
}

// ReadDir is FS.ReadDir.
func (m *Mem) ReadDir(name string) ([]Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, err := m.lookup(name)
	if err == nil && !dir.dir {
		err = errNotDir
	}
	if err != nil {
		return nil, pathError("readdir", name, err)
	}
	infos := make([]Info, 0, len(dir.entries))
	for base, n := range dir.entries {
		infos = append(infos, Info{Name: base, Dir: n.dir, Size: int64(len(n.data))})
	}
	sort.Slice(infos, func(i, j int) bool { return infos[i].Name < infos[j].Name })
	return infos, nil
}

// Stat is FS.Stat.
func (m *Mem) Stat(name string) (Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n, err := m.lookup(name)
	if err != nil {
		return Info{}, pathError("stat", name, err)
	}
	return Info{Name: filepath.Base(name), Dir: n.dir, Size: int64(len(n.data))}, nil
}

// SyncDir is FS.SyncDir.
func (m *Mem) SyncDir(name string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	dir, err := m.lookup(name)
	if err == nil && !dir.dir {
		err = errNotDir
	}
	if err != nil {
		return pathError("syncdir", name, err)
	}
	dir.durable = make(map[string]*memNode, len(dir.entries))
	for base, n := range dir.entries {
		dir.durable[base] = n
	}
	dir.changes = nil
	return nil
}

// Canonical is FS.Canonical.
func (m *Mem) Canonical(name string) (string, error) {
	return "/" + strings.Join(split(name), "/"), nil
}

type memLock struct {
	holders int
	shared  bool
	holder  string
}

type memUnlock struct {
	m    *Mem
	l    *memLock
	once sync.Once
}

// Lock is FS.Lock. The lock file has no content here and appears in no directory.
func (m *Mem) Lock(name string, shared bool, holder string) (io.Closer, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, _, err := m.parent(name); err != nil {
		return nil, pathError("lock", name, err)
	}
	key := strings.Join(split(name), "/")
	l := m.locks[key]
	if l == nil {
		l = &memLock{}
		m.locks[key] = l
	}
	if l.holders > 0 && (!shared || !l.shared) {
		return nil, &LockedError{Path: name, Holder: l.holder}
	}
	l.holders++
	l.shared, l.holder = shared, holder
	return &memUnlock{m: m, l: l}, nil
}

func (u *memUnlock) Close() error {
	u.once.Do(func() {
		u.m.mu.Lock()
		defer u.m.mu.Unlock()
		u.l.holders--
	})
	return nil
}
