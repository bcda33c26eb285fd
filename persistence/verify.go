package persistence

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

// Report is what Verify found.
type Report struct {
	Problems []error  // each a *CorruptError where a file is concerned; empty: all is well
	Notes    []string // what an operator may want to know and need not act on
	Files    int      // data and index files read
	Pages    int64    // pages of data files
	Commits  int64    // in the log above the checkpoint
}

func (r *Report) problem(err error) { r.Problems = append(r.Problems, damaged(err)) }

func (r *Report) note(format string, args ...any) {
	r.Notes = append(r.Notes, fmt.Sprintf(format, args...))
}

// Verify checks the files of a database that no process has open for writing, without changing them: every checksum of
// every file, then a whole recovery in memory, then that indexes, chains and counts agree. It reports every problem it
// finds. The error is non-nil only when the check itself could not be carried out. Of o it uses Dir, FS, LockTimeout,
// Progress and Engine.
func Verify(ctx context.Context, o Options) (*Report, error) {
	o.ReadOnly = true
	o, err := o.withDefaults()
	if err != nil {
		return nil, err
	}
	r := &Report{}
	o.Logf = func(format string, args ...any) { r.note(format, args...) }
	lock, err := lockDir(ctx, o)
	if err != nil {
		return nil, err
	}
	d := &database{o: o, fs: o.FS, dir: o.Dir, crcs: map[uint32][]uint32{}, indexed: map[uint32]bool{}}
	err = r.verify(ctx, d)
	return r, errors.Join(err, lock.Close())
}

// verify returns only errors that are not about the files' content.
func (r *Report) verify(ctx context.Context, d *database) error {
	if err := d.findControl(); err != nil {
		return r.unless(err)
	}
	over, err := d.finishCheckpoint()
	if err != nil {
		return r.unless(err)
	}
	if over != nil {
		defer func() { _ = over.close() }() // read only
		r.note("%s: a checkpoint is whole but not yet in place; the next opening finishes it", over.name)
	}
	for i := range d.ctl.storages {
		s := &d.ctl.storages[i]
		if err := r.storage(ctx, d, s, over); err != nil {
			return err
		}
		if err := r.index(d, s); err != nil {
			return err
		}
	}
	if err := r.strays(d); err != nil {
		return err
	}
	if err := r.log(ctx, d); err != nil {
		return err
	}
	if len(r.Problems) > 0 {
		return nil // a recovery would stop at the first of them
	}
	return r.recover(ctx, d)
}

// unless takes err as a problem found, when it is about damage, and returns it otherwise.
func (r *Report) unless(err error) error {
	err = damaged(err)
	if errors.Is(err, ErrCorrupt) || errors.Is(err, ErrNewerFormat) {
		r.problem(err)
		return nil
	}
	return err
}

// storage checks each page of a data file, past the first problem.
func (r *Report) storage(ctx context.Context, d *database, s *storage, over *ckpt) error {
	r.Files++
	before := len(r.Problems)
	if err := r.badPages(ctx, d, s, over); err != nil {
		return err
	}
	r.Pages += int64(s.info.Pages) + 1
	if len(r.Problems) > before {
		return nil
	}
	err := d.readStorage(ctx, s, over, func(uint32, pageHead, uint32, []byte) error { return nil })
	if err != nil {
		return r.unless(err)
	}
	return nil
}

// badPages reports every page whose checksum is wrong. Pages that a checkpoint journal replaces are not looked at.
func (r *Report) badPages(ctx context.Context, d *database, s *storage, over *ckpt) error {
	if over != nil && over.replaces(s.path) {
		return nil
	}
	f, err := d.fs.OpenRead(filePath(d.dir, s.path, dataSuffix))
	if vfs.IsNotExist(err) {
		return nil // readStorage tells
	}
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // read only
	size, err := f.Size()
	if err != nil {
		return err
	}
	count := uint32(min(int64(s.info.Pages)+1, size/int64(s.info.PageSize)))
	p := &pageFile{f: f, size: s.info.PageSize}
	for page := range count {
		if page%256 == 0 {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			d.o.Progress(Progress{Stage: "pages", Done: int64(page), Total: int64(count)})
		}
		if over != nil {
			if _, ok := over.pages[pageKey{s.info.ID, page}]; ok {
				continue
			}
		}
		b, err := p.page(page, count)
		if err != nil {
			return err
		}
		if _, _, err := openPage(b, f.Name(), s.info.ID, page); err != nil {
			r.problem(err)
		}
	}
	return nil
}

// index checks an index file. A damaged one is a note: opening builds the indexes anew.
func (r *Report) index(d *database, s *storage) error {
	x, err := openIdx(d.fs, d.dir, s, d.id)
	if vfs.IsNotExist(err) || errors.Is(err, errStale) {
		return nil
	}
	r.Files++
	if err == nil {
		for _, run := range x.runs {
			next := x.reader(run)
			ok := true
			for ok && err == nil {
				_, _, ok, err = next()
			}
		}
		err = errors.Join(err, x.f.Close())
	}
	if err != nil {
		r.note("%v (the indexes will be built anew)", err)
	}
	return nil
}

// strays notes files that the control file does not name.
func (r *Report) strays(d *database) error {
	files, _, err := tableFiles(d.fs, d.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		if s := d.ctl.find(f.storage); s == nil || s.path != f.path() || f.suffix != dataSuffix && f.suffix != idxSuffix {
			r.note("%s belongs to no table; the next opening removes it", filepath.Join(d.dir, f.dir, f.base))
		}
	}
	return nil
}

// log reads the log.
func (r *Report) log(ctx context.Context, d *database) error {
	o := wal.ScanOptions{FS: d.fs, Dir: filepath.Join(d.dir, logDir), ID: d.id, From: d.ctl.log, CSN: d.ctl.logCSN, Durable: d.ctl.durable}
	_, err := wal.Scan(ctx, o, func(c wal.Commit) error {
		if heap.CSN(c.CSN) > d.ctl.at {
			r.Commits++
			if _, err := decodeCommit(c); err != nil {
				r.problem(err)
			}
		}
		return nil
	})
	if err != nil {
		return r.unless(err)
	}
	return nil
}

// recover brings the database into memory and checks it there.
func (r *Report) recover(ctx context.Context, d *database) error {
	if err := d.findControl(); err != nil { // again: a checkpoint journal is taken account of by load
		return err
	}
	if err := d.load(ctx); err != nil {
		return r.unless(err)
	}
	for _, err := range d.db.Check(ctx) {
		r.problem(err)
	}
	return d.db.Close(ctx)
}

var _ engine.CheckpointSink = (*checkpoint)(nil)
