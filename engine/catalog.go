package engine

import (
	"cmp"
	"slices"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Catalog is an immutable set of definitions. Table and schema names are case-sensitive.
type Catalog struct {
	version   uint64
	databases map[string]*schema.Database
	tables    map[uint32]*Table
	byName    map[objectName]*Table
	views     map[objectName]*schema.View
	refs      map[objectName][]Reference // foreign keys by the name of the parent
}

type objectName struct{ schema, name string }

// Reference is a foreign key seen from the parent.
type Reference struct {
	Child *Table
	Key   *schema.ForeignKey
	fk    *foreignKey
}

// Version grows with each DDL.
func (c *Catalog) Version() uint64 { return c.version }

// Databases returns all databases ordered by name.
func (c *Catalog) Databases() []*schema.Database {
	out := make([]*schema.Database, 0, len(c.databases))
	for _, d := range c.databases {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b *schema.Database) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// Database returns a database or nil.
func (c *Catalog) Database(name string) *schema.Database { return c.databases[name] }

// Table returns a table or nil.
func (c *Catalog) Table(schema, name string) *Table { return c.byName[objectName{schema, name}] }

// TableByID returns a table or nil.
func (c *Catalog) TableByID(id uint32) *Table { return c.tables[id] }

// Tables returns the tables of a database ordered by name.
func (c *Catalog) Tables(schema string) []*Table {
	var out []*Table
	for n, t := range c.byName {
		if n.schema == schema {
			out = append(out, t)
		}
	}
	slices.SortFunc(out, func(a, b *Table) int { return cmp.Compare(a.def.Name, b.def.Name) })
	return out
}

// View returns a view or nil.
func (c *Catalog) View(schema, name string) *schema.View { return c.views[objectName{schema, name}] }

// Views returns the views of a database ordered by name.
func (c *Catalog) Views(db string) []*schema.View {
	var out []*schema.View
	for n, v := range c.views {
		if n.schema == db {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b *schema.View) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// ForeignKeysTo returns the foreign keys that refer to t.
func (c *Catalog) ForeignKeysTo(t *Table) []Reference {
	if len(c.refs) == 0 {
		return nil
	}
	return c.refs[objectName{t.def.Schema, t.def.Name}]
}

// clone returns a copy that a DDL may change before it is published.
func (c *Catalog) clone() *Catalog {
	n := &Catalog{
		version:   c.version + 1,
		databases: make(map[string]*schema.Database, len(c.databases)),
		tables:    make(map[uint32]*Table, len(c.tables)),
		byName:    make(map[objectName]*Table, len(c.byName)),
		views:     make(map[objectName]*schema.View, len(c.views)),
	}
	for k, v := range c.databases {
		n.databases[k] = v
	}
	for k, v := range c.tables {
		n.tables[k] = v
	}
	for k, v := range c.byName {
		n.byName[k] = v
	}
	for k, v := range c.views {
		n.views[k] = v
	}
	n.link()
	return n
}

// put adds or replaces a table. Its former name may be another table's already: replay meets the tables of a commit in any order.
func (c *Catalog) put(t *Table) {
	if old := c.tables[t.def.ID]; old != nil {
		c.unname(old)
	}
	c.tables[t.def.ID] = t
	c.byName[objectName{t.def.Schema, t.def.Name}] = t
	c.link()
}

// drop removes a table.
func (c *Catalog) drop(t *Table) {
	delete(c.tables, t.def.ID)
	c.unname(t)
	c.link()
}

// unname gives up a table's name unless another has it.
func (c *Catalog) unname(t *Table) {
	n := objectName{t.def.Schema, t.def.Name}
	if c.byName[n] == t {
		delete(c.byName, n)
	}
}

// link rebuilds the map of references.
func (c *Catalog) link() {
	c.refs = map[objectName][]Reference{}
	for _, t := range c.tables {
		for _, fk := range t.fks {
			n := objectName{fk.def.RefSchema, fk.def.RefTable}
			c.refs[n] = append(c.refs[n], Reference{Child: t, Key: fk.def, fk: fk})
		}
	}
	for n, r := range c.refs {
		slices.SortFunc(r, func(a, b Reference) int {
			return cmp.Or(cmp.Compare(a.Child.def.ID, b.Child.def.ID), cmp.Compare(a.Key.ID, b.Key.ID))
		})
		c.refs[n] = r
	}
}

// staleError is the 1412 of a handle that is not current.
func (t *Table) staleError() error {
	return sqlerr.Wrap(ErrStaleTable, sqlerr.TableDefChanged)
}
