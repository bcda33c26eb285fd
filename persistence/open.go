package persistence

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

const lockName = "worktable.lock"

// openDatabase opens a directory that this process has not open.
func openDatabase(ctx context.Context, o Options) (d *database, err error) {
	if !o.ReadOnly && !o.MustExist {
		if err := makeDir(o.FS, o.Dir); err != nil {
			return nil, err
		}
	}
	lock, err := lockDir(ctx, o)
	if err != nil {
		return nil, err
	}
	d = &database{o: o, fs: o.FS, dir: o.Dir, lock: lock, crcs: map[uint32][]uint32{}, indexed: map[uint32]bool{},
		checkpointing: make(chan struct{}, 1), quit: make(chan struct{})}
	defer func() {
		if err != nil {
			err = errors.Join(err, d.release())
			d = nil
		}
	}()
	if err := d.findControl(); err != nil {
		return d, err
	}
	if err := d.load(ctx); err != nil {
		return d, damaged(err)
	}
	if !o.ReadOnly {
		d.wg.Add(1)
		go d.background()
	}
	return d, nil
}

// release closes what an opening that failed, or a closing, leaves.
func (d *database) release() error {
	var err error
	if d.log != nil {
		err = d.log.Close()
	}
	if d.lock != nil {
		err = errors.Join(err, d.lock.Close())
	}
	return err
}

// lockDir takes the lock file, waiting as long as the options say.
func lockDir(ctx context.Context, o Options) (interface{ Close() error }, error) {
	host, _ := os.Hostname()
	holder := fmt.Sprintf("process %d on %s since %s", os.Getpid(), host, time.Now().UTC().Format(time.RFC3339))
	name := filepath.Join(o.Dir, lockName)
	deadline := time.Now().Add(o.LockTimeout)
	for {
		lock, err := o.FS.Lock(name, o.ReadOnly, holder)
		var held *vfs.LockedError
		switch {
		case err == nil:
			return lock, nil
		case o.ReadOnly && errors.Is(err, syscall.EROFS):
			return nopCloser{}, nil // nobody can write to such a file system
		case vfs.IsNotExist(err):
			return nil, fmt.Errorf("persistence: there is no database in %s: %w", o.Dir, err)
		case !errors.As(err, &held):
			return nil, fmt.Errorf("persistence: locking %s: %w", o.Dir, err)
		case o.LockTimeout < 0 || time.Now().After(deadline):
			return nil, fmt.Errorf("%w: %w", ErrLocked, err)
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w: %w", ErrLocked, err, ctx.Err())
		}
	}
}

type nopCloser struct{}

func (nopCloser) Close() error { return nil }

// findControl reads the control file, or makes a new database where there is nothing. See the table in FORMAT.md.
func (d *database) findControl() error {
	ctl, note, err := readControl(d.fs, d.dir)
	if err == nil {
		if note != "" {
			d.o.Logf("persistence: %s", note)
		}
		d.ctl, d.id = ctl, ctl.id
		return d.mayWrite(filepath.Join(d.dir, controlName), ctl.readOnly)
	}
	if !vfs.IsNotExist(err) {
		return err
	}
	if err := d.mustBeEmpty(); err != nil {
		return err
	}
	if d.o.ReadOnly || d.o.MustExist {
		return fmt.Errorf("persistence: there is no database in %s: %w", d.dir, err)
	}
	return d.create()
}

// mayWrite refuses a file with features that only a reader may ignore, unless nothing will be written.
func (d *database) mayWrite(file string, features uint16) error {
	if features == 0 || d.o.ReadOnly {
		return nil
	}
	return fmt.Errorf("%w: %s has features %#x; it can be opened read-only", ErrNewerFormat, file, features)
}

// mustBeEmpty makes sure that a directory without a control file has no other file of a database either, except the
// first log segment of a creation that was cut short.
func (d *database) mustBeEmpty() error {
	missing := func(what string) error {
		return corrupt(filepath.Join(d.dir, controlName), -1, "the control file is missing, but %s is there", what)
	}
	infos, err := d.fs.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, info := range infos {
		if info.Name == ckptName {
			return missing(info.Name)
		}
	}
	files, _, err := tableFiles(d.fs, d.dir)
	if err != nil {
		return err
	}
	if len(files) > 0 {
		return missing(files[0].dir + "/" + files[0].base)
	}
	segments, err := d.fs.ReadDir(filepath.Join(d.dir, logDir))
	if vfs.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, info := range segments {
		if strings.HasSuffix(info.Name, tempSuffix) {
			continue
		}
		fresh, err := wal.Unused(d.fs, filepath.Join(d.dir, logDir, info.Name))
		if err != nil {
			return err
		}
		if !fresh {
			return missing(logDir + "/" + info.Name)
		}
	}
	return nil
}

// create makes the files of an empty database. The control file comes last: without it there is nothing.
func (d *database) create() error {
	if _, err := rand.Read(d.id[:]); err != nil {
		return err
	}
	dir := filepath.Join(d.dir, logDir)
	if err := makeDir(d.fs, dir); err != nil {
		return err
	}
	old, err := d.fs.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, info := range old {
		if err := d.fs.Remove(filepath.Join(dir, info.Name)); err != nil {
			return err
		}
	}
	if err := wal.Create(d.fs, dir, d.id, d.o.SegmentBytes); err != nil {
		return err
	}
	d.ctl = &control{id: d.id, auto: map[uint32]uint64{}, kept: map[string]heap.CSN{}}
	return writeControl(d.fs, d.dir, d.ctl)
}

// load brings the database into memory and makes the log writable.
func (d *database) load(ctx context.Context) error {
	over, err := d.finishCheckpoint()
	if err != nil {
		return err
	}
	if over != nil {
		defer func() { _ = over.close() }() // read only
	}
	d.csn.Store(uint64(d.ctl.at))
	d.kept = maps.Clone(d.ctl.kept)
	if !d.o.ReadOnly {
		if err := removeLeftovers(d.fs, d.dir, d.ctl, d.o.Logf); err != nil {
			return err
		}
	}
	d.j = &journal{dir: d.dir, wanted: make(chan struct{}, 1)}
	eo := d.o.Engine
	eo.Journal = d.j
	ld, err := engine.NewLoader(eo)
	if err != nil {
		return err
	}
	r := &restore{d: d, ld: ld, over: over}
	if err := r.pages(ctx); err != nil {
		return err
	}
	r.indexes(ctx)
	tail, err := r.replay(ctx)
	if err != nil {
		return err
	}
	d.j.last.Store(tail.LastCSN)
	if !d.o.ReadOnly {
		if err := d.openLog(tail); err != nil {
			return err
		}
	}
	d.db, err = ld.Finish(ctx, func(stage string, done, total int64) {
		d.o.Progress(Progress{Stage: stage, Done: done, Total: total})
	})
	return err
}

// openLog begins to write the log.
func (d *database) openLog(tail *wal.Tail) error {
	modes := map[SyncMode]wal.Mode{SyncFull: wal.Full, SyncNormal: wal.Normal, SyncOff: wal.Off}
	log, err := wal.Open(wal.Options{FS: d.fs, Dir: filepath.Join(d.dir, logDir), ID: d.id, Segment: d.o.SegmentBytes,
		Mode: modes[d.o.Sync], Interval: d.o.SyncInterval}, tail)
	if err != nil {
		return err
	}
	d.log, d.j.log = log, log
	end, _, _ := log.Positions()
	d.j.end.Store(uint64(end))
	d.setDue()
	return nil
}

// finishCheckpoint deals with a checkpoint journal. A whole one that follows the control file is put in place, or, in a
// read-only database, returned, to be read through.
func (d *database) finishCheckpoint() (over *ckpt, err error) {
	c, note, err := openCkpt(d.fs, d.dir, d.id)
	if err != nil {
		return nil, err
	}
	if note != "" {
		d.o.Logf("persistence: %s", note)
	}
	if c != nil {
		switch {
		case c.number == d.ctl.number+1 && d.o.ReadOnly:
			d.ctl = c.control
			return c, nil
		case c.number == d.ctl.number+1:
			d.o.Logf("persistence: finishing checkpoint %d", c.number)
			if err = d.mayWrite(c.name, c.readOnly|c.control.readOnly); err == nil {
				err = c.apply(d.fs, d.dir)
			}
			d.ctl = c.control
		case c.number > d.ctl.number:
			err = corrupt(filepath.Join(d.dir, controlName), -1, "the control file is of checkpoint %d, the checkpoint journal of %d", d.ctl.number, c.number)
		}
		if err = errors.Join(err, c.close()); err != nil {
			return nil, err
		}
	}
	if d.o.ReadOnly || c == nil && note == "" {
		return nil, nil
	}
	if err := d.fs.Remove(filepath.Join(d.dir, ckptName)); err != nil {
		return nil, err
	}
	return nil, d.fs.SyncDir(d.dir)
}
