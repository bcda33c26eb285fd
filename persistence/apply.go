package persistence

import (
	"errors"
	"path/filepath"
	"sort"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// apply puts a whole journal in place and removes it. It may be interrupted anywhere and repeated.
func (c *ckpt) apply(fsys vfs.FS, dir string) error {
	if err := c.replaceFiles(fsys, dir); err != nil {
		return err
	}
	if err := c.writePages(fsys, dir); err != nil {
		return err
	}
	return writeControl(fsys, dir, c.control)
}

// replaceFiles renames the files that replace others. One that is not there was renamed before; that the file is the
// right one its space header will tell.
func (c *ckpt) replaceFiles(fsys vfs.FS, dir string) error {
	dirs := map[string]bool{}
	for _, path := range c.replace {
		name := filePath(dir, path, dataSuffix)
		dirs[filepath.Dir(name)] = true
		if _, err := fsys.Stat(name + newSuffix); vfs.IsNotExist(err) {
			continue
		} else if err != nil {
			return err
		}
		if err := fsys.Rename(name+newSuffix, name); err != nil {
			return err
		}
	}
	for d := range dirs {
		if err := fsys.SyncDir(d); err != nil {
			return err
		}
	}
	return nil
}

func (c *ckpt) writePages(fsys vfs.FS, dir string) error {
	byStorage := map[uint32][]uint32{}
	for k := range c.pages {
		byStorage[k.storage] = append(byStorage[k.storage], k.page)
	}
	for i := range c.control.storages {
		s := &c.control.storages[i]
		pages := byStorage[s.info.ID]
		if len(pages) == 0 {
			continue
		}
		sort.Slice(pages, func(i, j int) bool { return pages[i] < pages[j] })
		if err := c.writeStorage(fsys, dir, s, pages); err != nil {
			return err
		}
	}
	return nil
}

func (c *ckpt) writeStorage(fsys vfs.FS, dir string, s *storage, pages []uint32) (err error) {
	name := filePath(dir, s.path, dataSuffix)
	f, err := fsys.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	for _, page := range pages {
		b, err := c.page(c.pages[pageKey{s.info.ID, page}], s.info.PageSize)
		if err != nil {
			return err
		}
		if _, _, err := openPage(b, c.name, s.info.ID, page); err != nil {
			return err
		}
		if err := vfs.WriteFull(f, b, int64(page)*int64(s.info.PageSize)); err != nil {
			return err
		}
	}
	size, err := f.Size()
	if err != nil {
		return err
	}
	if want := (int64(s.info.Pages) + 1) * int64(s.info.PageSize); size > want {
		if err := f.Truncate(want); err != nil {
			return err
		}
	}
	return f.Sync()
}
