package engine

import (
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// CreateTable makes a table. Ids and versions in def are assigned; def is not kept. 1049, 1050, and the errors of foreign keys.
func (d *Definer) CreateTable(def *schema.Table) (*Table, error) {
	def = def.Clone()
	if err := d.assign(def, nil); err != nil {
		return nil, err
	}
	if !def.Temporary {
		if d.catalog.Database(def.Schema) == nil {
			return nil, sqlerr.New(sqlerr.UnknownDatabase, def.Schema)
		}
		if d.catalog.Table(def.Schema, def.Name) != nil || d.catalog.View(def.Schema, def.Name) != nil {
			return nil, sqlerr.New(sqlerr.TableExists, def.Name)
		}
	} else if len(def.Foreign) > 0 {
		return nil, sqlerr.New(sqlerr.NotSupported, "FOREIGN KEY of a TEMPORARY table")
	}
	if err := def.Validate(); err != nil {
		return nil, err
	}
	st, err := d.db.newStorage(def.Storage, def)
	if err != nil {
		return nil, err
	}
	t, err := d.db.newTable(def, newTableState(def), st, nil, nil)
	if err != nil {
		return nil, err
	}
	if err := d.checkForeignKeys(t, nil); err != nil {
		return nil, err
	}
	return t, d.place(t, nil, true)
}

// assign gives ids to what is new in def.
func (d *Definer) assign(def *schema.Table, old *Table) error {
	for i := range def.Columns {
		if c := &def.Columns[i]; c.ID == 0 {
			def.NextColID = max(def.NextColID, 1)
			c.ID = def.NextColID
			def.NextColID++
		}
	}
	for i := range def.Indexes {
		if ix := &def.Indexes[i]; ix.ID == 0 {
			def.NextIdxID = max(def.NextIdxID, 1)
			ix.ID = def.NextIdxID
			def.NextIdxID++
		}
	}
	for i := range def.Foreign {
		if fk := &def.Foreign[i]; fk.ID == 0 {
			// Foreign keys share the numbers of the indexes: both are few and neither is reused.
			def.NextIdxID = max(def.NextIdxID, 1)
			fk.ID = def.NextIdxID
			def.NextIdxID++
		}
	}
	if old != nil {
		return nil
	}
	var err error
	if def.Temporary {
		def.ID = d.db.nextID.Add(1)
	} else if def.ID, err = d.takeID(); err != nil {
		return err
	}
	def.Storage, err = d.takeStorage(def)
	def.Version = 1
	if def.CreatedAt == 0 {
		def.CreatedAt = d.db.opts.Clock().Unix()
	}
	return err
}

// takeStorage returns a new storage id.
func (d *Definer) takeStorage(def *schema.Table) (uint32, error) {
	if def.Temporary {
		return d.db.nextID.Add(1), nil
	}
	return d.takeID()
}

// place puts a handle into the catalogue, in the place of old if there is one.
func (d *Definer) place(t, old *Table, newStorage bool) error {
	t.newStorage = newStorage
	d.made = append(d.made, t)
	if old != nil {
		d.replaced = append(d.replaced, old)
	}
	d.db.defs.put(t.def)
	if t.store.temporary {
		return nil
	}
	if err := d.putObject(t.def.ID, objectTable, t.def.Schema, t.def.Name, t.def); err != nil {
		return err
	}
	if err := d.putVersion(t.def); err != nil {
		return err
	}
	d.catalog.put(t)
	return nil
}

// DropTable drops a table. 3730 when another table refers to it, unless foreign key checks are off.
func (d *Definer) DropTable(t *Table) error { return d.DropTables([]*Table{t}) }

// DropTables drops several tables; references among them do not matter.
func (d *Definer) DropTables(ts []*Table) error {
	if err := d.exclusive(ts...); err != nil {
		return err
	}
	going := map[*Table]bool{}
	for _, t := range ts {
		going[t] = true
	}
	for _, t := range ts {
		if d.noFK || t.store.temporary {
			continue
		}
		for _, ref := range d.catalog.ForeignKeysTo(t) {
			if !going[ref.Child] {
				return sqlerr.New(sqlerr.FKCannotDrop, t.def.Name, ref.Key.Name, ref.Child.def.Name)
			}
		}
	}
	for _, t := range ts {
		d.replaced = append(d.replaced, t)
		if t.store.temporary {
			continue
		}
		if err := d.dropObject(t.def.ID); err != nil {
			return err
		}
		if err := d.dropVersions(t.def.ID); err != nil {
			return err
		}
		d.catalog.drop(t)
	}
	return nil
}

// TruncateTable empties a table and resets its counter. 1701.
func (d *Definer) TruncateTable(t *Table) (*Table, error) {
	if err := d.exclusive(t); err != nil {
		return nil, err
	}
	if !d.noFK && !t.store.temporary {
		for _, ref := range d.catalog.ForeignKeysTo(t) {
			if ref.Child.def.ID != t.def.ID {
				return nil, sqlerr.New(sqlerr.FKTruncate, ref.fk.describe())
			}
		}
	}
	def := t.def.Clone()
	def.Version = d.nextVersion(t)
	var err error
	if def.Storage, err = d.takeStorage(def); err != nil {
		return nil, err
	}
	st, err := d.db.newStorage(def.Storage, def)
	if err != nil {
		return nil, err
	}
	n, err := d.db.newTable(def, t.state, st, nil, nil)
	if err != nil {
		return nil, err
	}
	if err := d.place(n, t, true); err != nil {
		return nil, err
	}
	if !st.temporary {
		d.ops = append(d.ops, cdc.Op{Kind: cdc.Truncate, Table: def.ID, SchemaVersion: def.Version, Storage: st.id})
	}
	if n.autoCol >= 0 {
		d.setAuto(n, 1)
	}
	return n, nil
}

// nextVersion returns a schema version that was never used for the table, not even by a DDL that failed.
func (d *Definer) nextVersion(t *Table) uint32 {
	t.state.version = max(t.state.version, t.def.Version) + 1
	return t.state.version
}

// RenameTable moves a table to another name, also across databases. Foreign keys that refer to it follow.
func (d *Definer) RenameTable(t *Table, toSchema, toName string) (*Table, error) {
	if err := d.exclusive(t); err != nil {
		return nil, err
	}
	if !t.store.temporary {
		if d.catalog.Database(toSchema) == nil {
			return nil, sqlerr.New(sqlerr.UnknownDatabase, toSchema)
		}
		if d.catalog.Table(toSchema, toName) != nil || d.catalog.View(toSchema, toName) != nil {
			return nil, sqlerr.New(sqlerr.TableExists, toName)
		}
	}
	children := d.children(t)
	if err := d.exclusive(children...); err != nil {
		return nil, err
	}
	def := t.def.Clone()
	def.Schema, def.Name, def.Version = toSchema, toName, d.nextVersion(t)
	for i := range def.Foreign {
		if fk := &def.Foreign[i]; fk.RefSchema == t.def.Schema && fk.RefTable == t.def.Name {
			fk.RefSchema, fk.RefTable = toSchema, toName
		}
	}
	if err := def.Validate(); err != nil {
		return nil, err
	}
	n, err := d.redefine(t, def)
	if err != nil {
		return nil, err
	}
	for _, child := range children {
		if child.def.ID == t.def.ID {
			continue
		}
		if err := d.redirect(child, t.def, func(fk *schema.ForeignKey) {
			fk.RefSchema, fk.RefTable = toSchema, toName
		}); err != nil {
			return nil, err
		}
	}
	return n, nil
}

// redefine gives a table a definition that changes neither rows nor indexes.
func (d *Definer) redefine(t *Table, def *schema.Table) (*Table, error) {
	n, err := d.db.newTable(def, t.state, t.store, t, d.db.defs.of(def.ID, def.Storage))
	if err != nil {
		return nil, err
	}
	n.since = t.since
	return n, d.place(n, t, false)
}

// redirect changes the foreign keys of child that refer to parent.
func (d *Definer) redirect(child *Table, parent *schema.Table, change func(*schema.ForeignKey)) error {
	child = d.catalog.TableByID(child.def.ID)
	if err := d.exclusive(child); err != nil {
		return err
	}
	def := child.def.Clone()
	changed := false
	for i := range def.Foreign {
		if fk := &def.Foreign[i]; fk.RefSchema == parent.Schema && fk.RefTable == parent.Name {
			change(fk)
			changed = true
		}
	}
	if !changed {
		return nil
	}
	def.Version = d.nextVersion(child)
	_, err := d.redefine(child, def)
	return err
}

// rehook makes new handles for all tables, for hooks that came after them. The DDL mutex is held and no transaction runs.
func (db *DB) rehook() error {
	c := db.catalog.Load().clone()
	for _, t := range db.catalog.Load().tables {
		if t.def.ID < firstUserTable {
			continue
		}
		n, err := db.newTable(t.def, t.state, t.store, t, db.defs.of(t.def.ID, t.def.Storage))
		if err != nil {
			return err
		}
		n.since = t.since
		t.gone.Store(true)
		t.store.current.Store(n)
		c.put(n)
	}
	db.catalog.Store(c)
	return nil
}
