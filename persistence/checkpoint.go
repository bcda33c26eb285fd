package persistence

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

// A file is written anew instead of in place when it has at least rewritePages pages and three quarters of them change:
// each page is then written once and not twice.
const rewritePages = 64

// writeRun is how many bytes of consecutive pages are gathered into one write.
const writeRun = 256 << 10

// checkpoint takes the pages of one checkpoint. It is an engine.CheckpointSink, used by one goroutine.
//
// Until the journal is synced nothing that the last checkpoint refers to is touched: pages go to the journal, to new
// files, or behind the last page that the control file knows. After it, nothing can be taken back, and every step can
// be repeated by the next opening.
type checkpoint struct {
	d       *database
	ctx     context.Context
	next    *control
	targets map[uint32]*target
	journal *ckptWriter
	undo    []string // files made by this checkpoint, absolute
	done    bool     // past the point of no return
	err     error    // what a method returned
}

// target is where the pages of one storage go.
type target struct {
	s       *storage // the entry in the new control file
	old     *storage // in the last one; nil for a new storage
	name    string   // of the file that is written directly
	f       vfs.File // open as long as something is written directly
	fresh   bool     // f is a file of this checkpoint and gets every page
	swap    bool     // fresh, and replaces old's file
	changed bool
	crcs    []uint32 // of pages 1, 2, …
	got     []bool   // pages that were delivered

	run      []byte // consecutive pages to be written directly
	runStart uint32
}

// runCheckpoint writes a checkpoint. d.checkpointing is held.
func (d *database) runCheckpoint(ctx context.Context) error {
	c := &checkpoint{d: d, ctx: ctx, targets: map[uint32]*target{}}
	_, err := d.db.Checkpoint(ctx, engine.CheckpointOptions{Full: d.full}, c)
	if c.err != nil {
		err = c.err
	}
	c.closeFiles()
	if err == nil {
		d.adopt(c)
		return d.afterCheckpoint(c)
	}
	if c.done {
		return d.poison(err)
	}
	if undoErr := c.rollBack(); undoErr != nil {
		return d.poison(errors.Join(err, undoErr))
	}
	switch ctxErr := ctx.Err(); {
	case vfs.IsNoSpace(err):
		return sqlerr.Wrap(err, sqlerr.DiskFull, d.dir)
	case errors.Is(err, ErrCorrupt):
		d.full = true // what lies in memory is sound: the next checkpoint writes all of it
		return err
	case c.err == nil, vfs.IsHarmless(err), ctxErr != nil && errors.Is(err, ctxErr):
		return err
	}
	return d.poison(err)
}

// fail remembers the error of a method: the engine may wrap it beyond recognition.
func (c *checkpoint) fail(err error) error {
	if err != nil && c.err == nil {
		c.err = err
	}
	return err
}

// Begin prepares the files. The log is made durable first: a page may hold any commit up to at.
func (c *checkpoint) Begin(at heap.CSN, infos []engine.StorageInfo, counters engine.Counters) error {
	return c.fail(c.begin(at, infos, counters))
}

func (c *checkpoint) begin(at heap.CSN, infos []engine.StorageInfo, counters engine.Counters) error {
	d := c.d
	end, _, _ := d.log.Positions()
	if err := d.log.Force(c.ctx, end); err != nil {
		return err
	}
	last := d.ctl
	pos, before, err := d.log.Find(uint64(at))
	if errors.Is(err, wal.ErrGone) {
		pos, before, err = last.log, last.logCSN, nil
	}
	if err != nil {
		return err
	}
	_, durable, _ := d.log.Positions()
	c.next = &control{id: d.id, number: last.number + 1, at: at, log: pos, logCSN: before, durable: durable,
		storages: make([]storage, len(infos)), auto: maps.Clone(counters.Auto), kept: d.keptCSNs()}
	if err := c.removeJournal(); err != nil {
		return err
	}
	for i, info := range infos {
		dirty := info.DirtyPages
		info.DirtyPages = 0
		s := &c.next.storages[i]
		*s = storage{info: info, path: dataPath(info.Schema, info.Name, info.ID)}
		if err := c.prepare(s, last.find(info.ID), dirty); err != nil {
			return err
		}
	}
	return nil
}

// removeJournal removes what an unfinished checkpoint of before left, so that it cannot be taken for this one's.
func (c *checkpoint) removeJournal() error {
	err := c.d.fs.Remove(filepath.Join(c.d.dir, ckptName))
	if vfs.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	return c.d.fs.SyncDir(c.d.dir)
}

// prepare decides how a storage is written.
func (c *checkpoint) prepare(s, old *storage, dirty int) error {
	t := &target{s: s, old: old}
	c.targets[s.info.ID] = t
	if old != nil {
		s.at, s.digest = old.at, old.digest
		t.crcs = append([]uint32(nil), c.d.crcs[s.info.ID]...)
		was := old.info
		t.changed = was != s.info || old.path != s.path
		many := was.Pages >= rewritePages && dirty >= int(was.Pages)/4*3
		if old.path == s.path && !many {
			t.name = filePath(c.d.dir, s.path, dataSuffix)
			t.resize()
			return nil
		}
	}
	t.fresh, t.changed = true, true
	t.resize()
	t.name = filePath(c.d.dir, s.path, dataSuffix)
	if old != nil && old.path == s.path {
		t.swap = true
		t.name += newSuffix
	}
	if err := c.d.makeSchemaDir(s.path); err != nil {
		return err
	}
	if err := removeIfThere(c.d.fs, t.name); err != nil {
		return err
	}
	f, err := c.d.fs.Create(t.name)
	if err != nil {
		return err
	}
	t.f = f
	c.undo = append(c.undo, t.name)
	return nil
}

// resize fits the list of checksums to the number of pages. New pages count as unwritten.
func (t *target) resize() {
	n := int(t.s.info.Pages)
	if len(t.crcs) > n {
		t.crcs = t.crcs[:n]
	}
	t.crcs = append(t.crcs, make([]uint32, n-len(t.crcs))...)
	t.got = make([]bool, n)
}

// oldPages is how many pages the last checkpoint has in place, without the first.
func (t *target) oldPages() uint32 {
	if t.old == nil || t.fresh {
		return 0
	}
	return t.old.info.Pages
}

func (c *checkpoint) head(t *target, kind uint16, page uint32) pageHead {
	return pageHead{kind: kind, page: page, space: t.s.info.Table, storage: t.s.info.ID, lsn: c.next.log, csn: c.next.at, number: c.next.number}
}

// Page takes one page.
func (c *checkpoint) Page(storage, page uint32, info heap.PageInfo, image []byte) error {
	return c.fail(c.page(storage, page, info, image))
}

func (c *checkpoint) page(id, page uint32, info heap.PageInfo, image []byte) error {
	t := c.targets[id]
	if t == nil || page == 0 || page > t.s.info.Pages {
		return sqlerr.New(sqlerr.Internal, fmt.Sprintf("checkpoint of unknown page %d of storage %d", page, id))
	}
	kind := uint16(pageFree)
	switch info.Kind {
	case heap.PageData:
		kind = pageData
	case heap.PageOverflow:
		kind = pageOverflow
	}
	if image == nil {
		image = make([]byte, t.s.info.PageSize)
	}
	if len(image) != t.s.info.PageSize {
		return sqlerr.New(sqlerr.Internal, fmt.Sprintf("checkpoint of a page of %d bytes in storage %d", len(image), id))
	}
	h := c.head(t, kind, page)
	h.prev, h.next = info.Prev, info.Next
	if kind == pageFree {
		h.prev, h.next = 0, 0
	}
	return c.put(t, page, h.seal(image), image)
}

// put sends a sealed page where it belongs.
func (c *checkpoint) put(t *target, page, crc uint32, image []byte) error {
	t.changed = true
	t.crcs[page-1] = crc
	t.got[page-1] = true
	if page <= t.oldPages() {
		return c.journalPage(t, page, image)
	}
	return c.direct(t, page, image)
}

func (c *checkpoint) journalPage(t *target, page uint32, image []byte) error {
	if c.journal == nil {
		w, err := createCkpt(c.d.fs, c.d.dir, c.next, rand.Uint64())
		if err != nil {
			return err
		}
		c.journal = w
	}
	return c.journal.add(entryPage, t.s.info.ID, page, image)
}

// direct writes a page to the file itself; consecutive ones together.
func (c *checkpoint) direct(t *target, page uint32, image []byte) error {
	if t.f == nil {
		f, err := c.d.fs.Open(t.name)
		if err != nil {
			return err
		}
		t.f = f
	}
	size := t.s.info.PageSize
	if n := uint32(len(t.run) / size); n > 0 && (page != t.runStart+n || len(t.run) >= writeRun) {
		if err := t.flush(); err != nil {
			return err
		}
	}
	if len(t.run) == 0 {
		t.runStart = page
	}
	t.run = append(t.run, image...)
	return nil
}

func (t *target) flush() error {
	if len(t.run) == 0 {
		return nil
	}
	err := vfs.WriteFull(t.f, t.run, int64(t.runStart)*int64(t.s.info.PageSize))
	t.run = t.run[:0]
	return err
}

// Commit makes the set durable and puts it in place.
func (c *checkpoint) Commit() error { return c.fail(c.commit()) }

func (c *checkpoint) commit() error {
	dirs := map[string]bool{}
	for i := range c.next.storages {
		t := c.targets[c.next.storages[i].info.ID]
		if !t.changed {
			continue
		}
		if err := c.complete(t); err != nil {
			return err
		}
		if t.fresh {
			dirs[filepath.Dir(t.name)] = true
		}
	}
	for dir := range dirs {
		if err := c.d.fs.SyncDir(dir); err != nil {
			return err
		}
	}
	if err := c.ctx.Err(); err != nil {
		return err
	}
	if err := c.sealJournal(); err != nil {
		return err
	}
	c.done = true
	if c.journal == nil { // only new files: the control file's replacement is the point
		return writeControl(c.d.fs, c.d.dir, c.next)
	}
	whole, note, err := openCkpt(c.d.fs, c.d.dir, c.d.id)
	if err == nil && whole == nil {
		err = errors.New(note) // it was synced a moment ago
	}
	if err != nil {
		return err
	}
	return errors.Join(whole.apply(c.d.fs, c.d.dir), whole.close())
}

// complete writes what is missing of a storage: pages that the engine did not deliver, and the space header. What is
// written directly is synced.
func (c *checkpoint) complete(t *target) error {
	if err := c.fillIn(t); err != nil {
		return err
	}
	s := t.s
	s.at, s.digest = c.next.at, 0
	for i, crc := range t.crcs {
		s.digest += mix(uint32(i+1), crc)
	}
	first := s.spacePage(c.d.id, c.head(t, pageSpace, 0))
	var err error
	if t.fresh {
		err = c.direct(t, 0, first)
	} else {
		err = c.journalPage(t, 0, first)
	}
	if err != nil || t.f == nil {
		return err
	}
	err = t.flush()
	if err == nil {
		err = t.f.Sync()
	}
	f := t.f
	t.f = nil
	return errors.Join(err, f.Close())
}

// fillIn gives content to pages that have none in the new file: copies of the old file's pages, and free pages.
func (c *checkpoint) fillIn(t *target) error {
	var old pageFile
	if t.fresh && t.old != nil {
		f, err := c.d.fs.OpenRead(filePath(c.d.dir, t.old.path, dataSuffix))
		if err != nil {
			return err
		}
		defer func() { _ = f.Close() }() // it was only read
		old = pageFile{f: f, size: t.s.info.PageSize}
	}
	for page := uint32(1); page <= t.s.info.Pages; page++ {
		switch {
		case t.got[page-1]:
		case t.fresh && t.old != nil && page <= t.old.info.Pages:
			b, err := old.page(page, t.old.info.Pages+1)
			if err != nil {
				return err
			}
			_, crc, err := openPage(b, old.f.Name(), t.s.info.ID, page)
			if err == nil && crc != t.crcs[page-1] {
				err = &CorruptError{File: old.f.Name(), Page: int64(page), Offset: int64(page) * int64(t.s.info.PageSize),
					Detail: "the page is not the one that was written"}
			}
			if err == nil {
				err = c.put(t, page, crc, b)
			}
			if err != nil {
				return err
			}
		case page > t.oldPages():
			b := make([]byte, t.s.info.PageSize)
			h := c.head(t, pageFree, page)
			if err := c.put(t, page, h.seal(b), b); err != nil {
				return err
			}
		}
	}
	return nil
}

// sealJournal makes the journal durable: the point of no return.
func (c *checkpoint) sealJournal() error {
	for i := range c.next.storages {
		t := c.targets[c.next.storages[i].info.ID]
		if !t.swap {
			continue
		}
		if c.journal == nil {
			w, err := createCkpt(c.d.fs, c.d.dir, c.next, rand.Uint64())
			if err != nil {
				return err
			}
			c.journal = w
		}
		if err := c.journal.add(entryReplace, t.s.info.ID, 0, []byte(t.s.path)); err != nil {
			return err
		}
	}
	if c.journal == nil {
		return nil
	}
	if err := c.journal.finish(c.next); err != nil {
		return err
	}
	f := c.journal.f
	c.journal.f = nil
	if err := f.Close(); err != nil {
		return err
	}
	return c.d.fs.SyncDir(c.d.dir)
}

// closeFiles closes what an error left open.
func (c *checkpoint) closeFiles() {
	for _, t := range c.targets {
		if t.f != nil {
			_ = t.f.Close()
			t.f = nil
		}
	}
	if c.journal != nil && c.journal.f != nil {
		_ = c.journal.f.Close()
		c.journal.f = nil
	}
}

// rollBack removes what a checkpoint that did not come to its point left behind. The journal must be gone for good: it
// may be whole though its sync failed.
func (c *checkpoint) rollBack() error {
	for _, name := range c.undo {
		if err := removeIfThere(c.d.fs, name); err != nil {
			c.d.o.Logf("persistence: %v (harmless; the next opening removes it)", err)
		}
	}
	if c.next == nil {
		return nil
	}
	return c.removeJournal()
}
