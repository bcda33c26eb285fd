package persistence

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/persistence/vfs"
	"github.com/worktable-go/worktable/persistence/wal"
)

// restore reads a database's files into a Loader.
type restore struct {
	d    *database
	ld   *engine.Loader
	over *ckpt // a checkpoint that is whole but not in place: its pages come first

	mu    sync.Mutex // guards d.crcs and the sum of done
	done  atomic.Int64
	total int64
}

// pages loads all pages: the catalogue's, and then, when it tells what tables there are, theirs.
func (r *restore) pages(ctx context.Context) error {
	ctl := r.d.ctl
	var catalogue, tables []*storage
	for i := range ctl.storages {
		s := &ctl.storages[i]
		r.total += (int64(s.info.Pages) + 1) * int64(s.info.PageSize)
		if s.info.Catalogue {
			catalogue = append(catalogue, s)
		} else {
			tables = append(tables, s)
		}
	}
	if err := r.storages(ctx, catalogue); err != nil {
		return err
	}
	expected, err := r.ld.OpenCatalog(ctl.at, engine.Counters{Auto: ctl.auto})
	if err != nil {
		return err
	}
	if err := r.compare(expected, tables); err != nil {
		return err
	}
	return r.storages(ctx, tables)
}

// compare holds the tables that the catalogue knows against those that the control file names.
func (r *restore) compare(expected []engine.StorageInfo, tables []*storage) error {
	name := filepath.Join(r.d.dir, controlName)
	known := map[uint32]bool{}
	for _, s := range tables {
		known[s.info.ID] = true
	}
	for _, e := range expected {
		if !known[e.ID] && !e.Catalogue {
			return corrupt(name, -1, "the catalogue has table %s.%s in storage %d, for which there is no file", e.Schema, e.Name, e.ID)
		}
		delete(known, e.ID)
	}
	for id := range known {
		return corrupt(name, -1, "storage %d belongs to no table of the catalogue", id)
	}
	return nil
}

// storages loads several storages on all cores, large ones first where the order is free.
func (r *restore) storages(ctx context.Context, list []*storage) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	work := make(chan *storage)
	errs := make(chan error, runtime.GOMAXPROCS(0))
	var wg sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(list)) {
		wg.Go(func() {
			for s := range work {
				if err := r.storage(ctx, s); err != nil {
					errs <- err
					cancel()
					return
				}
			}
		})
	}
feed:
	for _, s := range list {
		select {
		case work <- s:
		case <-ctx.Done():
			break feed
		}
	}
	close(work)
	wg.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return ctx.Err()
	}
}

// storage loads one data file.
func (r *restore) storage(ctx context.Context, s *storage) (err error) {
	if err := r.ld.BeginStorage(s.info); err != nil {
		return pageless(err, filePath(r.d.dir, s.path, dataSuffix))
	}
	var crcs []uint32 // grows with what is read: the number of pages is not to be trusted before
	err = r.d.readStorage(ctx, s, r.over, func(page uint32, h pageHead, crc uint32, b []byte) error {
		crcs = append(crcs, crc)
		if done := r.done.Add(int64(len(b))); page%256 == 0 {
			r.mu.Lock()
			r.d.o.Progress(Progress{Stage: "pages", Done: done, Total: r.total})
			r.mu.Unlock()
		}
		if h.kind == pageFree {
			return nil
		}
		return r.ld.LoadPage(s.info, page, b)
	})
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.d.crcs[s.info.ID] = crcs
	r.mu.Unlock()
	return nil
}

// readStorage checks a data file and calls visit with each page but the first. b is good until visit returns.
func (d *database) readStorage(ctx context.Context, s *storage, over *ckpt, visit func(page uint32, h pageHead, crc uint32, b []byte) error) (err error) {
	name := filePath(d.dir, s.path, dataSuffix)
	if over != nil && over.replaces(s.path) {
		if _, err := d.fs.Stat(name + newSuffix); err == nil {
			name += newSuffix
		}
	}
	f, err := d.fs.OpenRead(name)
	if vfs.IsNotExist(err) {
		return corrupt(name, -1, "the file is missing")
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	count := s.info.Pages + 1
	size, err := f.Size()
	if err != nil {
		return err
	}
	if have := size / int64(s.info.PageSize); have < int64(count) && over == nil {
		return &CorruptError{File: name, Page: have, Offset: size, Detail: fmt.Sprintf("the file ends after %d of %d pages", have, count)}
	}
	p := &pageFile{f: f, size: s.info.PageSize}
	digest := uint64(0)
	for page := uint32(0); page < count; page++ {
		if page%256 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		b, err := d.readPage(p, s, over, page, uint32(min(int64(count), size/int64(s.info.PageSize))))
		if err != nil {
			return err
		}
		if page == 0 {
			if err := s.checkSpacePage(b, name, d.id); err != nil {
				return err
			}
			if err := d.mayWrite(name, binary.LittleEndian.Uint16(b[74:])); err != nil {
				return err
			}
			continue
		}
		h, crc, err := openPage(b, name, s.info.ID, page)
		if err == nil && (h.kind == pageSpace || h.kind == pageIndex) {
			err = &CorruptError{File: name, Page: int64(page), Offset: int64(page)*int64(s.info.PageSize) + 6, Detail: "the page is of a type that does not belong here"}
		}
		if err != nil {
			return err
		}
		digest += mix(page, crc)
		if err := visit(page, h, crc, b); err != nil {
			return pageError(err, name, page, s.info.PageSize)
		}
	}
	if digest != s.digest {
		return &CorruptError{File: name, Page: -1, Offset: -1, Detail: "the pages are valid, but they are not the ones of the last checkpoint"}
	}
	return nil
}

// readPage reads a page from the journal in front of the file, or from the file.
func (d *database) readPage(p *pageFile, s *storage, over *ckpt, page, inFile uint32) ([]byte, error) {
	if over != nil {
		if off, ok := over.pages[pageKey{s.info.ID, page}]; ok {
			return over.page(off, s.info.PageSize)
		}
		if page >= inFile {
			return nil, &CorruptError{File: p.f.Name(), Page: int64(page), Offset: int64(page) * int64(s.info.PageSize), Detail: "the file ends before the page"}
		}
	}
	return p.page(page, inFile)
}

func (c *ckpt) replaces(path string) bool {
	for _, p := range c.replace {
		if p == path {
			return true
		}
	}
	return false
}

// pageError adds the place to what the engine found wrong in a page whose checksum is right.
func pageError(err error, name string, page uint32, size int) error {
	if errors.Is(err, sqlerr.CorruptTable) && !errors.Is(err, ErrCorrupt) {
		return &CorruptError{File: name, Page: int64(page), Offset: int64(page) * int64(size), Detail: err.Error(), Cause: err}
	}
	return err
}

// replay applies the commits above the checkpoint.
func (r *restore) replay(ctx context.Context) (*wal.Tail, error) {
	d := r.d
	o := wal.ScanOptions{FS: d.fs, Dir: filepath.Join(d.dir, logDir), ID: d.id, From: d.ctl.log, CSN: d.ctl.logCSN, Durable: d.ctl.durable,
		Progress: func(done, total int64) { d.o.Progress(Progress{Stage: "log", Done: done, Total: total}) }}
	tail, err := wal.Scan(ctx, o, func(c wal.Commit) error {
		if heap.CSN(c.CSN) <= d.ctl.at {
			return nil
		}
		t, err := decodeCommit(c)
		if err != nil {
			return err
		}
		if err := r.ld.Replay(t); err != nil {
			return pageless(err, fmt.Sprintf("%s, commit %d", o.Dir, c.CSN))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if tail.Torn {
		d.o.Logf("persistence: %s: the log ends at position %d; what lies behind was never acknowledged", o.Dir, tail.End)
	}
	return tail, nil
}

// pageless adds the place to what the engine found wrong in a commit.
func pageless(err error, place string) error {
	if errors.Is(err, sqlerr.CorruptTable) && !errors.Is(err, ErrCorrupt) {
		return &CorruptError{File: place, Page: -1, Offset: -1, Detail: err.Error(), Cause: err}
	}
	return err
}
