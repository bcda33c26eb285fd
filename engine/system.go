package engine

import (
	"context"
	"encoding/json"
	"maps"
	"sync"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// The catalogue tables. Their ids are their storage ids; their definitions are fixed. Table ids, view ids, database ids and storage ids
// come from one counter that starts at firstUserTable.
const (
	objectsTable   = 1 // one row per database, table and view
	versionsTable  = 2 // one row per table and schema version
	countersTable  = 3 // named counters
	firstUserTable = 16
	// firstTemporary is where ids of temporary tables start: they are in no catalogue.
	firstTemporary = 1 << 31
)

// The kinds of objects, in the column kind of the objects table. The numbers are stored.
const (
	objectDatabase = 1
	objectTable    = 2
	objectView     = 3
)

// idCounter is the row of the counters table with the next id.
const idCounter = "ids"

func systemDefs() []*schema.Table {
	text := func(id uint32, name string, n uint32) schema.Column {
		return schema.Column{ID: id, Name: name, NotNull: true, Type: value.Type{ID: value.TypeVarChar, Length: n, Collation: collate.UTF8MB40900Bin}}
	}
	number := func(id uint32, name string) schema.Column {
		return schema.Column{ID: id, Name: name, NotNull: true, Type: value.Type{ID: value.TypeInt, Unsigned: true}}
	}
	body := func(id uint32) schema.Column {
		return schema.Column{ID: id, Name: "body", NotNull: true, Type: value.Type{ID: value.TypeLongText, Collation: collate.UTF8MB40900Bin}}
	}
	primary := func(cols ...uint32) []schema.Index {
		ix := schema.Index{ID: 1, Name: "PRIMARY", Unique: true, Primary: true}
		for _, c := range cols {
			ix.Parts = append(ix.Parts, schema.KeyPart{Column: c})
		}
		return []schema.Index{ix}
	}
	return []*schema.Table{
		{
			ID: objectsTable, Storage: objectsTable, Version: 1, Name: "objects", NextColID: 6, NextIdxID: 2,
			Columns: []schema.Column{number(1, "id"), number(2, "kind"), text(3, "schema", 64), text(4, "name", 64), body(5)},
			Indexes: primary(1),
		},
		{
			ID: versionsTable, Storage: versionsTable, Version: 1, Name: "versions", NextColID: 4, NextIdxID: 2,
			Columns: []schema.Column{number(1, "table_id"), number(2, "version"), body(3)},
			Indexes: primary(1, 2),
		},
		{
			ID: countersTable, Storage: countersTable, Version: 1, Name: "counters", NextColID: 3, NextIdxID: 2,
			Columns: []schema.Column{text(1, "name", 64), {ID: 2, Name: "value", NotNull: true, Type: value.Type{ID: value.TypeBigInt, Unsigned: true}}},
			Indexes: primary(1),
		},
	}
}

// createSystem makes the catalogue tables, empty, and the catalogue that holds nothing else.
func (db *DB) createSystem() error {
	c := &Catalog{databases: map[string]*schema.Database{}, tables: map[uint32]*Table{}, byName: map[objectName]*Table{}, views: map[objectName]*schema.View{}}
	for _, def := range systemDefs() {
		st, err := db.newStorage(def.Storage, def)
		if err != nil {
			return err
		}
		t, err := db.newTable(def, newTableState(def), st, nil, nil)
		if err != nil {
			return err
		}
		st.current.Store(t)
		c.tables[def.ID] = t
		db.defs.put(def)
	}
	c.link()
	db.setSystem(c)
	db.nextID.Store(firstTemporary)
	db.catalog.Store(c)
	return nil
}

func (db *DB) setSystem(c *Catalog) {
	db.system.objects = c.tables[objectsTable]
	db.system.versions = c.tables[versionsTable]
	db.system.counters = c.tables[countersTable]
}

func newTableState(def *schema.Table) *tableState {
	s := &tableState{id: def.ID, version: def.Version}
	s.lock.Kind, s.lock.ID, s.lock.Name = "table", uint64(def.ID), def.Schema+"."+def.Name
	s.auto.Store(max(def.AutoStart, 1))
	return s
}

// definitions remembers every definition that was current in this process or is in the catalogue, for decoding.
type definitions struct {
	mu sync.RWMutex
	m  map[uint64]*definition
}

type definition struct {
	def    *schema.Table
	layout *row.Layout
}

func (d *definitions) init() { d.m = make(map[uint64]*definition) }

func (d *definitions) put(def *schema.Table) {
	d.mu.Lock()
	d.m[uint64(def.ID)<<32|uint64(def.Version)] = &definition{def, row.NewLayout(def)}
	d.mu.Unlock()
}

func (d *definitions) get(table, version uint32) *definition {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.m[uint64(table)<<32|uint64(version)]
}

// remove takes back what put has put: the definition was never current.
func (d *definitions) remove(def *schema.Table) {
	d.mu.Lock()
	delete(d.m, uint64(def.ID)<<32|uint64(def.Version))
	d.mu.Unlock()
}

// forget removes the definitions of a table.
func (d *definitions) forget(table uint32) {
	d.mu.Lock()
	defer d.mu.Unlock()
	maps.DeleteFunc(d.m, func(k uint64, _ *definition) bool { return uint32(k>>32) == table })
}

// of returns the definitions of a table whose rows lie in the storage.
func (d *definitions) of(table, storage uint32) []*schema.Table {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []*schema.Table
	for _, x := range d.m {
		if x.def.ID == table && x.def.Storage == storage {
			out = append(out, x.def)
		}
	}
	return out
}

// takeID takes the next id of the catalogue's counter, in the transaction of the DDL.
func (d *Definer) takeID() (uint32, error) {
	t := d.db.system.counters
	var r row.Row
	ctx := context.Context(d.ctx)
	id, ok, err := d.tx.GetCurrent(ctx, t.indexes[0], []value.Value{value.String(idCounter)}, &r)
	if err != nil {
		return 0, err
	}
	if !ok {
		_, err := d.tx.Insert(ctx, t, []value.Value{value.String(idCounter), value.Uint(firstUserTable + 1)})
		return firstUserTable, err
	}
	n := r.Col(1).Uint64()
	if n >= firstTemporary {
		return 0, internalf("the catalogue is out of ids")
	}
	err = d.tx.Update(ctx, t, id, schema.ColSetOf(1), []value.Value{value.Null, value.Uint(n + 1)})
	return uint32(n), err
}

// putObject inserts or replaces the row of an object.
func (d *Definer) putObject(id uint32, kind uint8, inSchema, name string, body any) error {
	text, err := json.Marshal(body)
	if err != nil {
		return internalf("encoding a definition: %v", err)
	}
	t := d.db.system.objects
	vals := []value.Value{
		value.Uint(uint64(id)), value.Uint(uint64(kind)), value.String(inSchema), value.String(name), value.String(string(text)),
	}
	rid, ok, err := d.findObject(id)
	if err != nil {
		return err
	}
	d.changed = true
	if !ok {
		_, err = d.tx.Insert(d.ctx, t, vals)
		return err
	}
	return d.tx.Update(d.ctx, t, rid, schema.ColSetOf(2, 3, 4), vals)
}

func (d *Definer) findObject(id uint32) (heap.RowID, bool, error) {
	var r row.Row
	return d.tx.GetCurrent(d.ctx, d.db.system.objects.indexes[0], []value.Value{value.Uint(uint64(id))}, &r)
}

// dropObject removes the row of an object.
func (d *Definer) dropObject(id uint32) error {
	rid, ok, err := d.findObject(id)
	if err != nil {
		return err
	}
	if !ok {
		return internalf("object %d is not in the catalogue", id)
	}
	d.changed = true
	return d.tx.Delete(d.ctx, d.db.system.objects, rid)
}

// putVersion records a definition under its version.
func (d *Definer) putVersion(def *schema.Table) error {
	text, err := json.Marshal(def)
	if err != nil {
		return internalf("encoding a definition: %v", err)
	}
	_, err = d.tx.Insert(d.ctx, d.db.system.versions, []value.Value{
		value.Uint(uint64(def.ID)), value.Uint(uint64(def.Version)), value.String(string(text)),
	})
	return err
}

// dropVersions removes all recorded definitions of a table.
func (d *Definer) dropVersions(table uint32) error {
	t := d.db.system.versions
	prefix := Bound{Vals: []value.Value{value.Uint(uint64(table))}, Inclusive: true}
	c := d.tx.ScanIndex(t.indexes[0], Range{Lo: prefix, Hi: prefix}, ScanOptions{Current: true})
	defer c.Close()
	for {
		rows, err := c.NextBatch(d.ctx, 64)
		if err != nil || len(rows) == 0 {
			return err
		}
		for _, r := range rows {
			if err := d.tx.Delete(d.ctx, t, r.ID); err != nil {
				return err
			}
		}
	}
}
