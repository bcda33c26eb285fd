package engine

import (
	"context"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
)

// StorageInfo names one storage. Slots, Generation and Pages are heap.Counters and must come back to LoadPage as they
// were.
type StorageInfo struct {
	ID            uint32 `json:"id"`
	Table         uint32 `json:"table"`
	Schema        string `json:"schema"`
	Name          string `json:"name"`
	PageSize      int    `json:"page_size"`
	Pages         uint32 `json:"pages"` // highest page number in use
	Slots         uint64 `json:"slots"`
	Generation    uint32 `json:"generation"`
	SchemaVersion uint32 `json:"schema_version"`
	DirtyPages    int    `json:"dirty_pages"`
	Catalogue     bool   `json:"catalogue"`
}

// Counters are the numbers that are in no row.
type Counters struct {
	Auto map[uint32]uint64 `json:"auto"` // table id → next autoincrement value
}

// CheckpointOptions adjust a checkpoint.
type CheckpointOptions struct {
	Full bool // every page, not only the dirty ones
}

// CheckpointSink takes the pages of a checkpoint.
type CheckpointSink interface {
	// Begin is called once, with the snapshot and every storage that exists at it. Storages that are not named are gone, and
	// so are pages beyond StorageInfo.Pages.
	Begin(at heap.CSN, storages []StorageInfo, c Counters) error
	// Page is called for each page to be written. image is a whole page whose first heap.HeaderSize bytes are zero and
	// the sink's; the sink may write there but not keep it. info.Kind PageFree: nothing is on the page any more.
	Page(storage, page uint32, info heap.PageInfo, image []byte) error
	// Commit makes the set durable as a whole.
	Commit() error
}

// checkpointed is one storage of a running checkpoint.
type checkpointed struct {
	t     *Table
	pages []uint32
}

// Checkpoint writes one committed snapshot T to sink: for each row the newest version at or below T. Readers and writers
// go on; vacuum waits. Dirty flags are cleared only after sink.Commit has succeeded. One runs at a time. It returns T.
func (db *DB) Checkpoint(ctx context.Context, o CheckpointOptions, sink CheckpointSink) (heap.CSN, error) {
	db.checkpoint.Lock()
	defer db.checkpoint.Unlock()
	// Without a DDL in flight, the catalogue is the one of the visible CSN.
	if err := db.lockDDL(ctx); err != nil {
		return 0, err
	}
	if p := db.poisoned.Load(); p != nil {
		db.unlockDDL()
		return 0, poisonError(p.err)
	}
	var work []*checkpointed
	counters := Counters{Auto: map[uint32]uint64{}}
	for _, t := range db.catalog.Load().tables {
		t.store.space.Freeze()
		defer t.store.space.Thaw()
		work = append(work, &checkpointed{t: t})
	}
	snap := db.snaps.acquire(&db.visible)
	db.unlockDDL()
	defer db.releaseSnapshot(snap)
	at := snap.csn

	infos := make([]StorageInfo, 0, len(work))
	for _, w := range work {
		if w.t.autoCol >= 0 {
			counters.Auto[w.t.def.ID] = w.t.state.auto.Load()
		}
		info := w.t.storageInfo()
		w.t.store.space.DirtyPages(at, info.Pages, o.Full, func(page uint32) bool {
			w.pages = append(w.pages, page)
			return true
		})
		info.DirtyPages = len(w.pages)
		infos = append(infos, info)
	}
	if err := sink.Begin(at, infos, counters); err != nil {
		return 0, err
	}
	for _, w := range work {
		if err := w.write(ctx, at, sink); err != nil {
			return 0, err
		}
	}
	if err := sink.Commit(); err != nil {
		return 0, err
	}
	for _, w := range work {
		for _, page := range w.pages {
			w.t.store.space.ClearDirty(page, at)
		}
	}
	return at, nil
}

// write hands the pages of one storage to the sink.
func (w *checkpointed) write(ctx context.Context, at heap.CSN, sink CheckpointSink) error {
	sp := w.t.store.space
	image := make([]byte, sp.PageSize())
	for i, page := range w.pages {
		if i%64 == 0 {
			if err := interrupted(ctx); err != nil {
				return err
			}
		}
		clear(image[:heap.HeaderSize])
		info := sp.PageImage(page, at, image)
		if err := sink.Page(w.t.store.id, page, info, image); err != nil {
			return err
		}
	}
	return nil
}

func (t *Table) storageInfo() StorageInfo {
	c := t.store.space.Counters()
	return StorageInfo{
		ID: t.store.id, Table: t.def.ID, Schema: t.def.Schema, Name: t.def.Name, PageSize: t.store.space.PageSize(),
		Pages: c.Pages, Slots: c.Slots, Generation: c.Generation, SchemaVersion: t.def.Version,
		Catalogue: t.def.ID < firstUserTable,
	}
}

// DumpIndex calls emit with each (key, row id) of an index in order. Call it at a quiet point (no transaction open, Vacuum done): the
// entries must be those of the checkpoint's snapshot. The key is good until emit returns; 8-byte keys come big-endian.
func (db *DB) DumpIndex(table, indexID uint32, emit func(key []byte, id heap.RowID) error) error {
	t := db.catalog.Load().TableByID(table)
	if t == nil {
		return internalf("table %d does not exist", table)
	}
	ix := t.indexByID(indexID)
	if ix == nil {
		return internalf("table %s has no index %d", t.def.Name, indexID)
	}
	var failed error
	var buf [8]byte
	err := ix.tree.Walk(func(e index.Entry) bool {
		k := e.Key.Bytes
		if ix.fixed8 {
			putBig(&buf, e.Key.Int)
			k = buf[:]
		}
		failed = emit(k, heap.RowID(e.Row))
		return failed == nil
	})
	if failed != nil {
		return failed
	}
	return err
}
