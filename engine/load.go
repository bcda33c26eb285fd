package engine

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

func putBig(buf *[8]byte, u uint64) { binary.BigEndian.PutUint64(buf[:], u) }

// Loader builds a DB from checkpoint pages, index dumps and the log.
//
// Order: LoadPage of all catalogue storages, OpenCatalog, LoadPage of all others (storages in parallel, the pages of one
// storage by one goroutine), LoadIndex, Replay in CSN order, Finish. For a database without a checkpoint: OpenCatalog, Replay,
// Finish.
type Loader struct {
	db     *DB
	at     heap.CSN // of the checkpoint
	last   heap.CSN // of the last commit replayed
	opened bool

	mu      sync.Mutex
	stores  map[uint32]*loading // by storage id
	loaded  map[*Index]bool     // filled by LoadIndex
	objects map[heap.RowID]object
	vals    replayScratch
}

// loading is one storage on its way.
type loading struct {
	st    *storage
	begun bool
	ended bool // no more pages
}

// object is what a row of the objects table stands for.
type object struct {
	id           uint32
	kind         uint8
	schema, name string
}

// NewLoader returns a Loader for an empty database.
func NewLoader(o Options) (*Loader, error) {
	db := newDB(o)
	if err := db.createSystem(); err != nil {
		return nil, err
	}
	ld := &Loader{db: db, stores: map[uint32]*loading{}, loaded: map[*Index]bool{}, objects: map[heap.RowID]object{}}
	for _, t := range db.catalog.Load().tables {
		ld.stores[t.store.id] = &loading{st: t.store}
	}
	return ld, nil
}

// BeginStorage tells the counters of a storage; LoadPage does so itself. It is for storages without pages.
func (ld *Loader) BeginStorage(s StorageInfo) error {
	_, err := ld.storage(s.ID, &s)
	return err
}

// storage returns a storage that is ready for pages or rows. Without info it starts empty.
func (ld *Loader) storage(id uint32, info *StorageInfo) (*loading, error) {
	ld.mu.Lock()
	defer ld.mu.Unlock()
	l := ld.stores[id]
	if l == nil {
		return nil, sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("storage %d is in no definition", id))
	}
	if l.begun {
		return l, nil
	}
	var c heap.Counters
	if info != nil {
		if info.PageSize != l.st.space.PageSize() {
			return nil, sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("storage %d has pages of %d bytes, its table says %d", id, info.PageSize, l.st.space.PageSize()))
		}
		c = heap.Counters{Pages: info.Pages, Slots: info.Slots, Generation: info.Generation}
	}
	if err := l.st.space.BeginLoad(c); err != nil {
		return nil, err
	}
	l.begun = true
	return l, nil
}

// replayable is storage that is past its pages.
func (ld *Loader) replayable(id uint32) error {
	l, err := ld.storage(id, nil)
	if err != nil || l.ended {
		return err
	}
	l.ended = true
	return l.st.space.EndPages()
}

// LoadPage adopts one page image (s.PageSize bytes; the first heap.HeaderSize are ignored).
func (ld *Loader) LoadPage(s StorageInfo, page uint32, image []byte) error {
	l, err := ld.storage(s.ID, &s)
	if err != nil {
		return err
	}
	native := *l.st.native.Load()
	return l.st.space.LoadPage(page, image, func(_ heap.Link, v heap.Version) error {
		if v.IsTombstone() {
			return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("storage %d page %d: a deleted row in a checkpoint", s.ID, page))
		}
		lay := native[v.SchemaVersion()]
		if lay == nil {
			return sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("storage %d page %d: a row of schema version %d, which is not known", s.ID, page, v.SchemaVersion()))
		}
		return lay.Validate(v.Payload())
	})
}

// OpenCatalog reads the definitions from the catalogue pages and returns the storages that must follow. at and c are
// those of the checkpoint; zero without one.
func (ld *Loader) OpenCatalog(at heap.CSN, c Counters) ([]StorageInfo, error) {
	if ld.opened {
		return nil, internalf("OpenCatalog twice")
	}
	ld.opened, ld.at, ld.last = true, at, at
	db := ld.db
	for id := range ld.stores {
		if err := ld.replayable(id); err != nil {
			return nil, err
		}
	}
	err := ld.eachRow(db.system.versions, func(_ heap.RowID, r *row.Row) error { return ld.addVersion(r) })
	if err != nil {
		return nil, err
	}
	cat := db.catalog.Load().clone()
	err = ld.eachRow(db.system.objects, func(id heap.RowID, r *row.Row) error { return ld.addObject(cat, id, r) })
	if err != nil {
		return nil, err
	}
	cat.link()
	db.catalog.Store(cat)
	var out []StorageInfo
	for id, t := range cat.tables {
		if id < firstUserTable {
			continue
		}
		if n, ok := c.Auto[id]; ok {
			t.state.auto.Store(n)
		}
		out = append(out, StorageInfo{
			ID: t.store.id, Table: id, Schema: t.def.Schema, Name: t.def.Name,
			PageSize: t.store.space.PageSize(), SchemaVersion: t.def.Version,
		})
	}
	slices.SortFunc(out, func(a, b StorageInfo) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// eachRow calls f with every row of a table.
func (ld *Loader) eachRow(t *Table, f func(heap.RowID, *row.Row) error) error {
	sp := t.store.space
	batch := make([]heap.ScanRow, 256)
	end := sp.SlotCount()
	for at := uint64(0); at < end; {
		g := ld.db.epochs.Pin()
		n, next := sp.ScanVisible(at, end, heap.MaxCSN, batch)
		at = next
		for i := range batch[:n] {
			var r row.Row
			err := t.rowOf(batch[i].V, &r)
			if err == nil {
				if err = f(batch[i].ID, &r); err == nil {
					err = r.Err()
				}
			}
			if err != nil {
				g.Unpin()
				return err
			}
		}
		g.Unpin()
	}
	return nil
}

// addVersion takes in a row of the versions table.
func (ld *Loader) addVersion(r *row.Row) error {
	def := new(schema.Table)
	text := r.Col(2).Str()
	if err := r.Err(); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), def); err != nil {
		return sqlerr.Wrap(err, sqlerr.CorruptTable, fmt.Sprintf("the catalogue's definition of table %d, version %d: %v", r.Col(0).Uint64(), r.Col(1).Uint64(), err))
	}
	if err := def.Validate(); err != nil {
		return sqlerr.Wrap(err, sqlerr.CorruptTable, fmt.Sprintf("the catalogue's definition of table %d: %v", def.ID, err))
	}
	ld.db.defs.put(def)
	return nil
}

// addObject takes in a row of the objects table: it defines or redefines an object in cat.
func (ld *Loader) addObject(cat *Catalog, rid heap.RowID, r *row.Row) error {
	o := object{
		id: uint32(r.Col(0).Uint64()), kind: uint8(r.Col(1).Uint64()),
		schema: r.Col(2).Clone().Str(), name: r.Col(3).Clone().Str(),
	}
	body := []byte(r.Col(4).Str())
	if err := r.Err(); err != nil {
		return err
	}
	if old, ok := ld.objects[rid]; ok {
		ld.forget(cat, old, o)
	}
	ld.objects[rid] = o
	bad := func(err error) error {
		return sqlerr.Wrap(err, sqlerr.CorruptTable, fmt.Sprintf("the catalogue's definition of %s.%s: %v", o.schema, o.name, err))
	}
	switch o.kind {
	case objectDatabase:
		d := new(schema.Database)
		if err := json.Unmarshal(body, d); err != nil {
			return bad(err)
		}
		cat.databases[d.Name] = d
	case objectView:
		v := new(schema.View)
		if err := json.Unmarshal(body, v); err != nil {
			return bad(err)
		}
		cat.views[objectName{v.Schema, v.Name}] = v
	case objectTable:
		def := new(schema.Table)
		err := json.Unmarshal(body, def)
		if err == nil {
			err = def.Validate()
		}
		if err == nil {
			err = ld.addTable(cat, def)
		}
		if err != nil {
			return bad(err)
		}
	default:
		return bad(internalf("unknown kind %d", o.kind))
	}
	return nil
}

// forget removes the old name of an object that is being redefined.
func (ld *Loader) forget(cat *Catalog, old, now object) {
	switch old.kind {
	case objectDatabase:
		if old.schema != now.schema {
			delete(cat.databases, old.schema)
		}
	case objectView:
		delete(cat.views, objectName{old.schema, old.name})
	}
}

// addTable puts a table into the catalogue, over its present storage or a new one.
func (ld *Loader) addTable(cat *Catalog, def *schema.Table) error {
	db := ld.db
	if def.ID < firstUserTable || def.ID >= firstTemporary || def.Storage < firstUserTable || def.Storage >= firstTemporary {
		return internalf("id %d, storage %d", def.ID, def.Storage)
	}
	db.defs.put(def)
	old := cat.tables[def.ID]
	var state *tableState
	if old != nil {
		state = old.state
	} else {
		state = newTableState(def)
	}
	state.version = max(state.version, def.Version)
	ld.mu.Lock()
	l := ld.stores[def.Storage]
	ld.mu.Unlock()
	if l == nil {
		st, err := db.newStorage(def.Storage, def)
		if err != nil {
			return err
		}
		l = &loading{st: st}
		ld.mu.Lock()
		ld.stores[def.Storage] = l
		ld.mu.Unlock()
	} else if l.st.table != def.ID {
		return internalf("storage %d is of tables %d and %d", def.Storage, l.st.table, def.ID)
	}
	t, err := db.newTable(def, state, l.st, old, db.defs.of(def.ID, def.Storage))
	if err != nil {
		return err
	}
	for i, ix := range t.indexes {
		if old == nil || ix.fresh {
			continue
		}
		for _, o := range old.indexes {
			if o.tree == ix.tree && ld.loaded[o] {
				ld.loaded[t.indexes[i]] = true
			}
		}
	}
	l.st.current.Store(t)
	cat.put(t)
	return nil
}

// table returns a table by its id.
func (ld *Loader) table(id uint32) *Table { return ld.db.catalog.Load().tables[id] }

// LoadIndex fills an index from a dump tagged with the checkpoint's CSN; next returns entries in order. It comes after the pages
// and before Replay. An error leaves the index to be rebuilt.
func (ld *Loader) LoadIndex(table, indexID uint32, encoding uint64, next func() (key []byte, id heap.RowID, ok bool, err error)) error {
	t := ld.table(table)
	if t == nil {
		return internalf("table %d does not exist", table)
	}
	ix := t.indexByID(indexID)
	if ix == nil || ix.enc.Version() != encoding {
		return internalf("index %d of table %s is not the one dumped", indexID, t.def.Name)
	}
	n := 0
	err := ix.tree.BulkLoad(int(t.store.space.Rows()), func() (index.Entry, bool, error) {
		k, id, ok, err := next()
		if !ok || err != nil {
			return index.Entry{}, false, err
		}
		n++
		e := index.Entry{Row: uint64(id), Key: index.BytesKey(k)}
		if ix.fixed8 {
			if len(k) != 8 {
				return e, false, sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("index %s of table %s: a key of %d bytes", ix.def.Name, t.def.Name, len(k)))
			}
			e.Key = index.IntKey(binary.BigEndian.Uint64(k))
		}
		if l, ok := t.store.space.Head(id); !ok || l == 0 {
			return e, false, sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("index %s of table %s: an entry of row %d, which does not exist", ix.def.Name, t.def.Name, uint64(id)))
		}
		return e, true, nil
	})
	if err == nil && int64(n) != t.store.space.Rows() {
		err = sqlerr.New(sqlerr.CorruptTable, fmt.Sprintf("index %s of table %s: %d entries for %d rows", ix.def.Name, t.def.Name, n, t.store.space.Rows()))
	}
	if err != nil {
		ix.tree = index.New(ix.kind())
		return err
	}
	ld.mu.Lock()
	ld.loaded[ix] = true
	ld.mu.Unlock()
	return nil
}

// Progress is told how far Finish is.
type Progress func(stage string, done, total int64)

// Finish builds what is missing on all cores and returns the database at the CSN of the last replayed commit.
func (ld *Loader) Finish(ctx context.Context, progress Progress) (*DB, error) {
	if !ld.opened {
		if _, err := ld.OpenCatalog(0, Counters{}); err != nil {
			return nil, err
		}
	}
	db := ld.db
	var tables []*Table
	for _, t := range db.catalog.Load().tables {
		if _, err := ld.storage(t.store.id, nil); err != nil {
			return nil, err
		}
		tables = append(tables, t)
	}
	var jobs []func() error
	for _, t := range tables {
		jobs = append(jobs, t.store.space.FinishLoad)
	}
	if err := parallel(ctx, "rows", jobs, progress); err != nil {
		return nil, err
	}
	jobs = nil
	for _, t := range tables {
		for _, ix := range t.indexes {
			if !ld.loaded[ix] {
				jobs = append(jobs, func() error { return ix.rebuild(ctx) })
			}
		}
	}
	if err := parallel(ctx, "indexes", jobs, progress); err != nil {
		return nil, err
	}
	db.commits.installed.Store(uint64(ld.last))
	db.commits.recorded = ld.last
	db.visible.Store(uint64(ld.last))
	return db, nil
}

// parallel runs jobs on all cores and returns the first error.
func parallel(ctx context.Context, stage string, jobs []func() error, progress Progress) error {
	var next, done atomic.Int64
	var wg sync.WaitGroup
	errs := make([]error, len(jobs))
	var report sync.Mutex
	for range min(runtime.GOMAXPROCS(0), len(jobs)) {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(jobs) {
					return
				}
				if errs[i] = interrupted(ctx); errs[i] != nil {
					return
				}
				if errs[i] = jobs[i](); errs[i] != nil {
					return
				}
				if n := done.Add(1); progress != nil {
					report.Lock()
					progress(stage, n, int64(len(jobs)))
					report.Unlock()
				}
			}
		}()
	}
	wg.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
