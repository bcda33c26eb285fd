package persistence

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/vfs"
)

// indexes loads what index files there are for the state of the data files. Whatever is wrong with one costs time only: its
// indexes are built again.
func (r *restore) indexes(ctx context.Context) {
	work := make(chan *storage)
	var wg sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		wg.Go(func() {
			for s := range work {
				r.loadIdx(ctx, s)
			}
		})
	}
	for i := range r.d.ctl.storages {
		if s := &r.d.ctl.storages[i]; !s.info.Catalogue {
			work <- s
		}
	}
	close(work)
	wg.Wait()
}

// loadIdx loads one index file.
func (r *restore) loadIdx(ctx context.Context, s *storage) {
	if ctx.Err() != nil {
		return
	}
	x, err := openIdx(r.d.fs, r.d.dir, s, r.d.id)
	if err == nil {
		for _, run := range x.runs {
			if err = r.ld.LoadIndex(s.info.Table, run.index, run.encoding, x.reader(run)); err != nil {
				break
			}
		}
		err = errors.Join(err, x.f.Close())
	}
	switch {
	case err == nil:
		r.mu.Lock()
		r.d.indexed[s.info.ID] = true
		r.mu.Unlock()
	case !vfs.IsNotExist(err) && !errors.Is(err, errStale):
		r.d.o.Logf("persistence: building the indexes of %s.%s anew: %v", s.info.Schema, s.info.Name, err)
	}
}

// writeIndexes writes the index files that are not up to date. The engine is closed and the last checkpoint holds every
// commit, or nothing is written. Failures are only told: the files are a convenience.
func (d *database) writeIndexes(ctx context.Context) {
	if d.j.last.Load() > uint64(d.ctl.at) || d.log.Err() != nil {
		return
	}
	for i := range d.ctl.storages {
		s := &d.ctl.storages[i]
		if ctx.Err() != nil {
			return
		}
		if s.info.Catalogue || d.indexed[s.info.ID] {
			continue
		}
		if err := d.writeIdx(s); err != nil {
			d.o.Logf("persistence: writing the index file of %s.%s: %v", s.info.Schema, s.info.Name, err)
			return
		}
		d.o.Progress(Progress{Stage: "index files", Done: int64(i + 1), Total: int64(len(d.ctl.storages))})
	}
}

func (d *database) writeIdx(s *storage) error {
	t := d.db.Catalog().TableByID(s.info.Table)
	if t == nil || t.Def().Storage != s.info.ID {
		return nil // changed since; the log has it
	}
	if len(t.Def().Indexes) == 0 {
		return nil
	}
	name := filePath(d.dir, s.path, idxSuffix)
	temp := name + tempSuffix
	if err := removeIfThere(d.fs, temp); err != nil {
		return err
	}
	w, err := createIdx(d.fs, temp, s, d.ctl.number)
	if err != nil {
		return err
	}
	for i := range t.Def().Indexes {
		ix := t.Index(i)
		id := t.Def().Indexes[i].ID
		if err = w.begin(id, ix.EncodingVersion()); err == nil {
			err = d.db.DumpIndex(s.info.Table, id, func(key []byte, row heap.RowID) error { return w.add(key, row) })
		}
		if err == nil {
			err = w.end()
		}
		if err != nil {
			break
		}
	}
	if err == nil {
		err = w.finish(d.id)
	}
	if err = errors.Join(err, w.f.Close()); err != nil {
		return errors.Join(err, removeIfThere(d.fs, temp))
	}
	if err := d.fs.Rename(temp, name); err != nil {
		return err
	}
	if err := d.fs.SyncDir(filepath.Dir(name)); err != nil {
		return err
	}
	d.indexed[s.info.ID] = true
	return nil
}
