package ddl

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Temporary holds a session's temporary tables. They hide base tables and views of the same name, are in no catalogue
// and no change stream, and end with the session.
type Temporary struct {
	tables  map[tableKey]*engine.Table
	version uint64
}

type tableKey struct{ schema, name string }

// NewTemporary returns an empty set.
func NewTemporary() *Temporary { return &Temporary{} }

// Table returns the temporary table, or nil.
func (t *Temporary) Table(schema, name string) *engine.Table {
	if len(t.tables) == 0 {
		return nil
	}
	return t.tables[tableKey{schema, name}]
}

// Shadows reports whether there are any: plans of such a session are not shared.
func (t *Temporary) Shadows() bool { return len(t.tables) > 0 }

// Version changes whenever a name means another table than before; it is 0 until the first temporary table.
func (t *Temporary) Version() uint64 { return t.version }

// put makes a handle the current one of its name.
func (t *Temporary) put(h *engine.Table) {
	if t.tables == nil {
		t.tables = map[tableKey]*engine.Table{}
	}
	t.tables[tableKey{h.Def().Schema, h.Def().Name}] = h
	t.version++
}

func (t *Temporary) remove(schema, name string) {
	delete(t.tables, tableKey{schema, name})
	t.version++
}

// list returns the tables in order of their names.
func (t *Temporary) list() []*engine.Table {
	out := make([]*engine.Table, 0, len(t.tables))
	for _, h := range t.tables {
		out = append(out, h)
	}
	slices.SortFunc(out, func(a, b *engine.Table) int {
		return cmp.Or(cmp.Compare(a.Def().Schema, b.Def().Schema), cmp.Compare(a.Def().Name, b.Def().Name))
	})
	return out
}

// DropAll drops them at the end of the session.
func (t *Temporary) DropAll(ctx context.Context, db *engine.DB) error {
	if !t.Shadows() {
		return nil
	}
	list := t.list()
	t.tables = nil
	t.version++
	err := db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error { return d.DropTables(list) })
	if errors.Is(err, sqlerr.Closed) {
		return nil // they are gone with the engine
	}
	return err
}
