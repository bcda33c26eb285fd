package persistence

import (
	"context"
	"errors"
	"io"
	"maps"
	"path/filepath"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

const logDir = "cdc.log" // a schema's directory never has a dot in its name

// database is an open directory. Several Stores may share one.
type database struct {
	o    Options
	fs   vfs.FS
	dir  string
	lock io.Closer
	id   [16]byte
	log  *wal.Log // nil when read-only
	j    *journal
	db   *engine.DB

	// checkpointing is held (by a send) by the one checkpoint that runs; it guards ctl, crcs, full.
	checkpointing chan struct{}
	ctl           *control
	crcs          map[uint32][]uint32 // by storage id: checksums of pages 1, 2, …
	full          bool                // the next checkpoint writes every page
	indexed       map[uint32]bool     // by storage id: the index file is up to date

	quit chan struct{}
	wg   sync.WaitGroup

	running   atomic.Bool
	completed atomic.Uint64
	csn       atomic.Uint64 // of the last checkpoint

	mu      sync.Mutex
	lastErr error // of the last checkpoint
	kept    map[string]heap.CSN
}

// poison makes the store refuse commits for good.
func (d *database) poison(err error) error {
	d.log.Poison(err)
	d.o.Logf("persistence: %s takes no more commits: %v", d.dir, err)
	return poisoned(err)
}

func (d *database) keptCSNs() map[string]heap.CSN {
	d.mu.Lock()
	defer d.mu.Unlock()
	return maps.Clone(d.kept)
}

// makeSchemaDir makes the directory of a table's files, durably.
func (d *database) makeSchemaDir(path string) error {
	return makeDir(d.fs, filepath.Dir(filePath(d.dir, path, "")))
}

// makeDir makes a directory, durably, unless it is there.
func makeDir(fsys vfs.FS, name string) error {
	info, err := fsys.Stat(name)
	if err == nil {
		if !info.Dir {
			return corrupt(name, -1, "this is not a directory")
		}
		return nil
	}
	if !vfs.IsNotExist(err) {
		return err
	}
	if err := fsys.Mkdir(name); err != nil {
		return err
	}
	return fsys.SyncDir(filepath.Dir(name))
}

// checkpoint runs one checkpoint unless nothing was committed since the last.

func (d *database) checkpoint(ctx context.Context) error {
	if d.log == nil {
		return nil
	}
	select {
	case d.checkpointing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-d.checkpointing }()
	if err := d.log.Err(); err != nil {
		return poisoned(err)
	}
	if d.j.last.Load() <= uint64(d.ctl.at) && d.ctl.number > 0 && !d.full && maps.Equal(d.ctl.kept, d.keptCSNs()) {
		return nil
	}
	d.running.Store(true)
	err := d.runCheckpoint(ctx)
	d.running.Store(false)
	d.mu.Lock()
	d.lastErr = err
	d.mu.Unlock()
	if err == nil {
		d.completed.Add(1)
	}
	return err
}

// adopt makes a checkpoint that is in place the last one.
func (d *database) adopt(c *checkpoint) {
	gone := map[uint32]bool{}
	for id := range d.crcs {
		gone[id] = c.targets[id] == nil
	}
	for id, t := range c.targets {
		d.crcs[id] = t.crcs
		if t.changed {
			delete(d.indexed, id)
		}
	}
	for id, is := range gone {
		if is {
			delete(d.crcs, id)
			delete(d.indexed, id)
		}
	}
	d.ctl = c.next
	d.full = false
	d.csn.Store(uint64(c.next.at))
	d.setDue()
}

// setDue computes at which end of the log the next checkpoint is wanted.
func (d *database) setDue() {
	if d.o.CheckpointBytes > 0 {
		d.j.due.Store(uint64(d.ctl.log) + uint64(d.o.CheckpointBytes))
	}
}

// afterCheckpoint removes what the checkpoint made useless: its journal, files of dropped tables, old log.
func (d *database) afterCheckpoint(c *checkpoint) error {
	if c.journal != nil {
		if err := d.fs.Remove(filepath.Join(d.dir, ckptName)); err != nil {
			d.o.Logf("persistence: %v (the next checkpoint or opening removes it)", err)
		}
		if err := d.fs.SyncDir(d.dir); err != nil {
			return d.poison(err)
		}
	}
	if err := removeLeftovers(d.fs, d.dir, d.ctl, d.o.Logf); err != nil {
		return d.poison(err)
	}
	if _, err := d.log.Drop(d.keepFrom()); err != nil {
		if errors.Is(err, wal.ErrPoisoned) {
			return poisoned(err)
		}
		return d.poison(err)
	}
	return nil
}

// keepFrom returns the position from which on the log is kept: for replay, for RetainBytes, and for named subscribers as far as
// RetainLimit allows.
func (d *database) keepFrom() wal.LSN {
	end, _, _ := d.log.Positions()
	back := func(n int64) wal.LSN { return end - min(end, wal.LSN(n)) }
	keep := end
	for _, csn := range d.keptCSNs() {
		if pos, _, err := d.log.Find(uint64(csn)); err == nil {
			keep = min(keep, pos)
		}
	}
	keep = max(keep, back(d.o.RetainLimit))
	return min(keep, back(d.o.RetainBytes), d.ctl.log)
}
