package vfs

import (
	"io"
	"io/fs"
)

// memFile is an open file of a Mem.
type memFile struct {
	m        *Mem
	n        *memNode
	name     string
	writable bool
	closed   bool
	life     int
}

func (f *memFile) Name() string { return f.name }

func (f *memFile) usable(op string, write bool) error {
	if f.closed || f.life != f.m.life {
		return pathError(op, f.name, fs.ErrClosed)
	}
	if write && !f.writable {
		return pathError(op, f.name, fs.ErrPermission)
	}
	return nil
}

func (f *memFile) ReadAt(p []byte, off int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.usable("read", false); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, pathError("read", f.name, fs.ErrInvalid)
	}
	if off >= int64(len(f.n.data)) {
		return 0, io.EOF
	}
	n := copy(p, f.n.data[off:])
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

func (f *memFile) WriteAt(p []byte, off int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.usable("write", true); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, pathError("write", f.name, fs.ErrInvalid)
	}
	n := len(p)
	if grow := off + int64(n) - int64(len(f.n.data)); f.m.capacity > 0 && grow > 0 && f.m.used+grow > f.m.capacity {
		n = max(0, n-int(f.m.used+grow-f.m.capacity))
	}
	if n > 0 {
		f.m.used += max(0, off+int64(n)-int64(len(f.n.data)))
		c := contentChange{off: off, data: append([]byte(nil), p[:n]...)}
		f.n.data = c.apply(f.n.data)
		f.n.writes = append(f.n.writes, c)
	}
	if n < len(p) {
		return n, pathError("write", f.name, ErrNoSpace)
	}
	return n, nil
}

// apply carries the change out on content.
func (c contentChange) apply(content []byte) []byte {
	if c.data == nil {
		return resize(content, c.size)
	}
	if end := c.off + int64(len(c.data)); end > int64(len(content)) {
		content = resize(content, end)
	}
	copy(content[c.off:], c.data)
	return content
}

// resize cuts content or extends it by zeros.
func resize(content []byte, size int64) []byte {
	if size <= int64(len(content)) {
		tail := content[size:]
		clear(tail) // a later extension must read as zeros
		return content[:size]
	}
	return append(content, make([]byte, size-int64(len(content)))...)
}

func (f *memFile) Size() (int64, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.usable("size", false); err != nil {
		return 0, err
	}
	return int64(len(f.n.data)), nil
}

func (f *memFile) Truncate(size int64) error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.usable("truncate", true); err != nil {
		return err
	}
	if size < 0 {
		return pathError("truncate", f.name, fs.ErrInvalid)
	}
	f.m.used += size - int64(len(f.n.data))
	c := contentChange{size: size}
	f.n.data = c.apply(f.n.data)
	f.n.writes = append(f.n.writes, c)
	return nil
}

func (f *memFile) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.usable("sync", false); err != nil {
		return err
	}
	for _, c := range f.n.writes {
		f.n.synced = c.apply(f.n.synced)
	}
	f.n.writes = nil
	return nil
}

func (f *memFile) SyncData() error { return f.Sync() }

func (f *memFile) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.usable("close", false); err != nil {
		return err
	}
	f.closed = true
	f.n.handles--
	return nil
}
