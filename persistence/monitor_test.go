package persistence_test

import (
	"encoding/binary"
	"fmt"
	"path/filepath"
	"strings"
	"sync"

	"github.com/worktable-go/worktable/persistence/vfs"
)

// monitor watches every operation and holds it against the ordering rules of FORMAT.md. It knows the format from the
// outside: it parses what is written.
type monitor struct {
	mu         sync.Mutex
	violations []string

	logWritten map[string]int64 // per segment: end of what was written and was not zero
	logSynced  map[string]int64 // the same, as of its last sync
	unsynced   map[string]bool  // files with writes since their last sync, log excepted
	dirs       map[string]bool  // directories with unsynced names
	journal    bool             // a checkpoint journal lies there synced whole, with its name
	pages      map[string]uint32
}

func watch(base vfs.FS) (*vfs.Hook, *monitor) {
	mon := &monitor{logWritten: map[string]int64{}, logSynced: map[string]int64{}, unsynced: map[string]bool{}, dirs: map[string]bool{}, pages: map[string]uint32{}}
	return &vfs.Hook{Base: base, After: mon.after}, mon
}

func (mon *monitor) violate(format string, args ...any) {
	mon.violations = append(mon.violations, fmt.Sprintf(format, args...))
}

// report returns what was violated so far.
func (mon *monitor) report() []string {
	mon.mu.Lock()
	defer mon.mu.Unlock()
	return append([]string(nil), mon.violations...)
}

func (mon *monitor) after(op vfs.Op, err error) error {
	mon.mu.Lock()
	defer mon.mu.Unlock()
	if err != nil {
		return err
	}
	base := filepath.Base(op.Path)
	switch op.Kind {
	case vfs.OpCreate:
		mon.dirs[filepath.Dir(op.Path)] = true
		mon.unsynced[op.Path] = true
	case vfs.OpWrite, vfs.OpTruncate:
		mon.write(op, base)
	case vfs.OpSync:
		delete(mon.unsynced, op.Path)
		if strings.HasSuffix(base, ".wtlog") {
			mon.logSynced[op.Path] = mon.logWritten[op.Path]
		}
	case vfs.OpSyncDir:
		delete(mon.dirs, op.Path)
		if !mon.unsynced[filepath.Join(op.Path, "worktable.ckpt")] && mon.journal {
			break
		}
	case vfs.OpRename:
		mon.rename(op)
	case vfs.OpRemove:
		mon.remove(op, base)
	}
	return nil
}

func (mon *monitor) write(op vfs.Op, base string) {
	if strings.HasSuffix(base, ".wtlog") {
		if end := op.Off + int64(len(op.Data)); !zeros(op.Data) {
			mon.logWritten[op.Path] = max(mon.logWritten[op.Path], end)
		}
		return
	}
	mon.unsynced[op.Path] = true
	switch {
	case base == "worktable.ckpt":
		mon.journal = true
	case strings.HasSuffix(base, ".wt.data") && op.Kind == vfs.OpWrite:
		mon.dataPage(op)
	}
}

// dataPage: a page of a checkpoint may go to a data file only when the log is synced up to its replay position; over a page of
// the checkpoint before only while the synced journal holds it.
func (mon *monitor) dataPage(op vfs.Op) {
	const size = 512
	for off := 0; off+size <= len(op.Data); off += size {
		lsn := binary.LittleEndian.Uint64(op.Data[off+32:])
		for name, written := range mon.logWritten {
			var start uint64
			if _, err := fmt.Sscanf(filepath.Base(name), "%x.wtlog", &start); err != nil {
				continue
			}
			if mon.logSynced[name] < min(written, int64(lsn)-int64(start)) {
				mon.violate("%s page %d of log position %d is written while %s is synced to %d of %d", op.Path, off/size, lsn, name, mon.logSynced[name], written)
			}
		}
		page := uint32(op.Off/size) + uint32(off/size)
		known, ok := mon.pages[op.Path]
		if ok && page <= known && (!mon.journal || mon.unsynced[filepath.Join(dir, "worktable.ckpt")] || mon.dirs[dir]) {
			mon.violate("%s page %d is overwritten without a synced journal", op.Path, page)
		}
	}
}

func (mon *monitor) rename(op vfs.Op) {
	if mon.unsynced[op.Path] {
		mon.violate("%s is renamed before it is synced", op.Path)
	}
	mon.dirs[filepath.Dir(op.Path)] = true
	if n, ok := mon.logWritten[op.Path]; ok {
		mon.logWritten[op.NewPath], mon.logSynced[op.NewPath] = n, n
		delete(mon.logWritten, op.Path)
	}
	if filepath.Base(op.NewPath) == "worktable.ctl" {
		for name := range mon.unsynced {
			if strings.HasSuffix(name, ".wt.data") {
				mon.violate("the control file is replaced while %s is not synced", name)
			}
		}
		for d := range mon.dirs {
			if d != dir && d != filepath.Dir(dir) && !strings.HasSuffix(d, "cdc.log") {
				mon.violate("the control file is replaced while directory %s is not synced", d)
			}
		}
	}
}

// remove: a log segment, a table file or the journal goes only when the control file that makes it useless is durable.
func (mon *monitor) remove(op vfs.Op, base string) {
	if strings.HasSuffix(base, ".wtlog") || strings.HasSuffix(base, ".wt.data") || base == "worktable.ckpt" {
		if mon.dirs[dir] {
			mon.violate("%s is removed before the control file's name is durable", op.Path)
		}
	}
	delete(mon.unsynced, op.Path)
	delete(mon.logWritten, op.Path)
	delete(mon.logSynced, op.Path)
	delete(mon.pages, op.Path)
	if base == "worktable.ckpt" {
		mon.journal = false
	}
	mon.dirs[filepath.Dir(op.Path)] = true
}

// committed tells the monitor that the data files as they are now belong to a checkpoint: their pages may be overwritten
// under the rules only.
func (mon *monitor) committed(m *vfs.Mem) {
	mon.mu.Lock()
	defer mon.mu.Unlock()
	for _, name := range m.Files() {
		if strings.HasSuffix(name, ".wt.data") {
			mon.pages[name] = uint32(len(m.Content(name))/512) - 1
		}
	}
}
