package engine

import (
	"context"
	"slices"

	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Definer makes definitions inside Define. Temporary tables (Temporary set) are in no catalogue and no change stream:
// only their handle finds them.
type Definer struct {
	db      *DB
	ctx     context.Context
	tx      *Tx
	opts    DefineOptions
	catalog *Catalog // with the changes made so far
	changed bool
	noFK    bool

	ops      []cdc.Op      // that no delta stands for, in order
	replaced []*Table      // handles that are not current after the commit
	made     []*Table      // handles that become current
	building []*storage    // storages that pruning leaves alone until the end
	autos    []autoSetting // counters to be set at publication

	asked  map[*tableState]bool // definitions that this run wants exclusively
	locked map[*tableState]bool // those that it has
	inUse  bool                 // one of asked is not free: the DDL waits and runs again

	published bool
}

type autoSetting struct {
	state *tableState
	next  uint64
}

// end gives up what a DDL holds beyond its transaction.
func (d *Definer) end() {
	if !d.published && d.tx.csn == 0 {
		// No row that anybody finds was written under these definitions: later ones need not read such.
		for _, t := range d.made {
			d.db.defs.remove(t.def)
		}
	}
	for _, st := range d.building {
		st.building.Add(-1)
	}
	if len(d.building) > 0 {
		d.db.prune.kick()
	}
}

// installed runs in the commit section.
func (d *Definer) installed(csn heap.CSN) {
	for _, t := range d.made {
		if t.newStorage {
			t.since = csn
		}
	}
}

// publish makes the new handles current. The commit is durable, and the definition locks are still held.
func (d *Definer) publish() {
	d.published = true
	for _, t := range d.replaced {
		t.gone.Store(true)
	}
	for _, t := range d.made {
		if !t.gone.Load() {
			t.store.current.Store(t)
		}
	}
	for _, a := range d.autos {
		a.state.auto.Store(a.next)
	}
	for _, t := range d.replaced {
		// Nobody asks for the definitions of a temporary table that is gone; those of others explain the change stream.
		if t.store.temporary && !slices.ContainsFunc(d.made, func(n *Table) bool { return n.def.ID == t.def.ID && !n.gone.Load() }) {
			d.db.defs.forget(t.def.ID)
		}
	}
	if d.changed {
		d.db.catalog.Store(d.catalog)
	}
}

// publishUnlogged publishes a DDL that concerns temporary tables only.
func (d *Definer) publishUnlogged() { d.publish() }

// Catalog returns the definitions including the changes made so far.
func (d *Definer) Catalog() *Catalog { return d.catalog }

// SetForeignKeyChecks switches the checks of this DDL; on by default.
func (d *Definer) SetForeignKeyChecks(on bool) { d.noFK = !on }

// CreateDatabase makes a database. 1007.
func (d *Definer) CreateDatabase(def *schema.Database) error {
	if d.catalog.Database(def.Name) != nil {
		return sqlerr.New(sqlerr.DatabaseExists, def.Name)
	}
	c := *def
	var err error
	if c.ID, err = d.takeID(); err != nil {
		return err
	}
	if err := d.putObject(c.ID, objectDatabase, c.Name, "", &c); err != nil {
		return err
	}
	d.catalog.databases[c.Name] = &c
	return nil
}

// AlterDatabase replaces the character set and collation of a database. 1049.
func (d *Definer) AlterDatabase(def *schema.Database) error {
	old := d.catalog.Database(def.Name)
	if old == nil {
		return sqlerr.New(sqlerr.UnknownDatabase, def.Name)
	}
	c := *def
	c.ID = old.ID
	if err := d.putObject(c.ID, objectDatabase, c.Name, "", &c); err != nil {
		return err
	}
	d.catalog.databases[c.Name] = &c
	return nil
}

// DropDatabase drops a database with all its tables and views. 1008, 3730.
func (d *Definer) DropDatabase(name string) error {
	old := d.catalog.Database(name)
	if old == nil {
		return sqlerr.New(sqlerr.DropNoDatabase, name)
	}
	if err := d.DropTables(d.catalog.Tables(name)); err != nil {
		return err
	}
	for _, v := range d.catalog.Views(name) {
		if err := d.DropView(name, v.Name); err != nil {
			return err
		}
	}
	if err := d.dropObject(old.ID); err != nil {
		return err
	}
	delete(d.catalog.databases, name)
	return nil
}

// CreateView makes a view; replace allows an existing one.
func (d *Definer) CreateView(v *schema.View, replace bool) error {
	if d.catalog.Database(v.Schema) == nil {
		return sqlerr.New(sqlerr.UnknownDatabase, v.Schema)
	}
	if d.catalog.Table(v.Schema, v.Name) != nil {
		if replace {
			return sqlerr.New(sqlerr.NotAView, v.Schema, v.Name, "VIEW")
		}
		return sqlerr.New(sqlerr.TableExists, v.Name)
	}
	c := *v
	if old := d.catalog.View(v.Schema, v.Name); old != nil {
		if !replace {
			return sqlerr.New(sqlerr.TableExists, v.Name)
		}
		c.ID = old.ID
	} else {
		var err error
		if c.ID, err = d.takeID(); err != nil {
			return err
		}
	}
	if err := d.putObject(c.ID, objectView, c.Schema, c.Name, &c); err != nil {
		return err
	}
	d.catalog.views[objectName{c.Schema, c.Name}] = &c
	return nil
}

// DropView drops a view. 1051.
func (d *Definer) DropView(inSchema, name string) error {
	v := d.catalog.View(inSchema, name)
	if v == nil {
		return sqlerr.New(sqlerr.UnknownTable, inSchema+"."+name)
	}
	if err := d.dropObject(v.ID); err != nil {
		return err
	}
	delete(d.catalog.views, objectName{inSchema, name})
	return nil
}

// SetAuto sets the autoincrement counter: the next value, raised to the largest in the table plus one.
func (d *Definer) SetAuto(t *Table, next uint64) error {
	if err := d.exclusive(t); err != nil {
		return err
	}
	if t.autoCol < 0 {
		return nil
	}
	largest, err := d.largestAuto(t)
	if err != nil {
		return err
	}
	d.setAuto(t, max(next, largest+1, 1))
	d.changed = d.changed || !t.store.temporary
	return nil
}

// setAuto notes a new counter for the record and for publication.
func (d *Definer) setAuto(t *Table, next uint64) {
	d.autos = append(d.autos, autoSetting{t.state, next})
	if !t.store.temporary {
		d.ops = append(d.ops, cdc.Op{
			Kind: cdc.AutoReset, Table: t.def.ID, SchemaVersion: t.def.Version, Storage: t.store.id, Value: next,
		})
	}
}

// largestAuto returns the largest value of the autoincrement column.
func (d *Definer) largestAuto(t *Table) (uint64, error) {
	var largest uint64
	c := d.tx.Scan(t, ScanOptions{Current: true})
	for _, ix := range t.indexes {
		if ix.ordered() && ix.parts[0] == t.autoCol && !ix.def.Parts[0].Desc {
			c = d.tx.ScanIndex(ix, Range{Reverse: true}, ScanOptions{Current: true})
			break
		}
	}
	defer c.Close()
	for {
		rows, err := c.NextBatch(d.ctx, cursorPoll)
		if err != nil || len(rows) == 0 {
			return largest, err
		}
		for i := range rows {
			largest = max(largest, autoValue(rows[i].Row.Col(t.autoCol)))
		}
		if c.ix != nil {
			return largest, nil
		}
	}
}
