package persistence

import (
	"path/filepath"
	"strings"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// tableFile is a file of a table that was found in a schema's directory.
type tableFile struct {
	dir     string // relative
	base    string
	storage uint32
	suffix  string
}

func (f tableFile) path() string { return f.dir + "/" + strings.TrimSuffix(f.base, f.suffix) }

// tableFiles lists the tables' files in a database directory. Files that cannot be ours are passed over.
func tableFiles(fsys vfs.FS, dir string) ([]tableFile, []string, error) {
	infos, err := fsys.ReadDir(dir)
	if err != nil {
		return nil, nil, err
	}
	var files []tableFile
	var dirs []string
	for _, info := range infos {
		if !info.Dir || !validFileName(info.Name) {
			continue
		}
		dirs = append(dirs, info.Name)
		inner, err := fsys.ReadDir(filepath.Join(dir, info.Name))
		if err != nil {
			return nil, nil, err
		}
		for _, f := range inner {
			if storage, suffix, ok := parseTableFile(f.Name); ok && !f.Dir {
				files = append(files, tableFile{dir: info.Name, base: f.Name, storage: storage, suffix: suffix})
			}
		}
	}
	return files, dirs, nil
}

// removeLeftovers removes tables' files that the control file does not name: of dropped tables, and of checkpoints that
// did not come to their end. The control file was read whole and valid, so nothing it does not name is of use. What cannot be
// removed is told and left for the next time.
func removeLeftovers(fsys vfs.FS, dir string, ctl *control, logf func(string, ...any)) error {
	files, dirs, err := tableFiles(fsys, dir)
	if err != nil {
		logf("persistence: %v", err)
		return nil
	}
	changed := map[string]bool{}
	used := map[string]bool{}
	for _, f := range files {
		s := ctl.find(f.storage)
		if s != nil && s.path == f.path() && (f.suffix == dataSuffix || f.suffix == idxSuffix) {
			used[f.dir] = true
			continue
		}
		name := filepath.Join(dir, f.dir, f.base)
		if err := fsys.Remove(name); err != nil {
			logf("persistence: %v", err)
			used[f.dir] = true
			continue
		}
		changed[f.dir] = true
	}
	for _, d := range dirs {
		name := filepath.Join(dir, d)
		if changed[d] {
			if err := fsys.SyncDir(name); err != nil {
				return err
			}
		}
		if !used[d] && changed[d] {
			_ = fsys.Remove(name) // fails when something of the user's is in it
		}
	}
	if err := removeIfThere(fsys, filepath.Join(dir, controlTemp)); err != nil {
		logf("persistence: %v", err)
	}
	return nil
}
