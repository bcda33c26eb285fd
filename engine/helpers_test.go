package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

var ctx = context.Background()

// col is one column of a test table: "id int", "name text", with "!" for NOT NULL and "+" for autoincrement behind the type.
func intCol(name string, notNull bool) schema.Column {
	return schema.Column{Name: name, NotNull: notNull, Type: value.Type{ID: value.TypeBigInt}}
}

func textCol(name string) schema.Column {
	return schema.Column{Name: name, Type: value.Type{ID: value.TypeVarChar, Length: 200, Collation: collate.UTF8MB40900Bin}}
}

func blobCol(name string) schema.Column {
	return schema.Column{Name: name, Type: value.Type{ID: value.TypeLongBlob, Collation: collate.Binary}}
}

// table builds a definition; column ids are 1, 2, … so that index parts can name them.
func tableDef(name string, cols []schema.Column, indexes ...schema.Index) *schema.Table {
	def := &schema.Table{Schema: "d", Name: name, Engine: "InnoDB"}
	for i := range cols {
		cols[i].ID = uint32(i + 1)
	}
	def.Columns, def.Indexes, def.NextColID = cols, indexes, uint32(len(cols)+1)
	for i := range def.Indexes {
		def.Indexes[i].ID = uint32(i + 1)
	}
	def.NextIdxID = uint32(len(indexes) + 1)
	return def
}

func primary(cols ...uint32) schema.Index {
	ix := secondary("PRIMARY", cols...)
	ix.Unique, ix.Primary = true, true
	return ix
}

func unique(name string, cols ...uint32) schema.Index {
	ix := secondary(name, cols...)
	ix.Unique = true
	return ix
}

func secondary(name string, cols ...uint32) schema.Index {
	ix := schema.Index{Name: name}
	for _, c := range cols {
		ix.Parts = append(ix.Parts, schema.KeyPart{Column: c})
	}
	return ix
}

func newDB(t testing.TB, o engine.Options) *engine.DB {
	t.Helper()
	db, err := engine.New(o)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close(ctx) })
	return db
}

func create(t testing.TB, db *engine.DB, defs ...*schema.Table) []*engine.Table {
	t.Helper()
	var out []*engine.Table
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		out = nil
		if d.Catalog().Database("d") == nil {
			if err := d.CreateDatabase(&schema.Database{Name: "d"}); err != nil {
				return err
			}
		}
		for _, def := range defs {
			tab, err := d.CreateTable(def)
			if err != nil {
				return err
			}
			out = append(out, tab)
		}
		return nil
	}))
	return out
}

// accounts: id bigint primary key, owner varchar, balance bigint, note varchar, with an index on owner.
func accounts(t testing.TB, db *engine.DB) *engine.Table {
	t.Helper()
	return create(t, db, accountsDef())[0]
}

func accountsDef() *schema.Table {
	return tableDef("accounts", []schema.Column{intCol("id", true), textCol("owner"), intCol("balance", false), textCol("note")},
		primary(1), secondary("owner", 2))
}

func vals(xs ...any) []value.Value {
	out := make([]value.Value, len(xs))
	for i, x := range xs {
		switch x := x.(type) {
		case nil:
		case int:
			out[i] = value.Int(int64(x))
		case string:
			out[i] = value.String(x)
		case []byte:
			out[i] = value.Bytes(string(x))
		case value.Value:
			out[i] = x
		}
	}
	return out
}

func begin(t testing.TB, db *engine.DB, iso engine.Isolation) *engine.Tx {
	t.Helper()
	tx, err := db.Begin(ctx, engine.TxOptions{Isolation: iso})
	require.NoError(t, err)
	t.Cleanup(func() { _ = tx.Rollback() })
	return tx
}

func insert(t testing.TB, db *engine.DB, tab *engine.Table, rows ...[]value.Value) []heap.RowID {
	t.Helper()
	tx := begin(t, db, engine.RepeatableRead)
	var ids []heap.RowID
	for _, r := range rows {
		id, err := tx.Insert(ctx, tab, r)
		require.NoError(t, err)
		ids = append(ids, id)
	}
	require.NoError(t, tx.Commit(ctx))
	return ids
}

// get reads column col of the row with primary key id; nil when there is no row.
func get(t testing.TB, tx *engine.Tx, tab *engine.Table, id, col int) any {
	t.Helper()
	var r row.Row
	_, ok, err := tx.Get(ctx, tab.Index(0), vals(id), &r)
	require.NoError(t, err)
	if !ok {
		return nil
	}
	return plain(r.Col(col))
}

func plain(v value.Value) any {
	switch v.Kind() {
	case value.KindNull:
		return "NULL"
	case value.KindInt:
		return int(v.Int64())
	}
	return v.Str()
}

func find(t testing.TB, tx *engine.Tx, tab *engine.Table, id int) heap.RowID {
	t.Helper()
	var r row.Row
	rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(id), &r)
	require.NoError(t, err)
	require.True(t, ok)
	return rid
}

// set updates column col of the row with primary key id.
func set(tx *engine.Tx, tab *engine.Table, id, col int, v any) error {
	var r row.Row
	rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(id), &r)
	if err != nil || !ok {
		return err
	}
	all := make([]value.Value, len(tab.Def().Columns))
	all[col] = vals(v)[0]
	return tx.Update(ctx, tab, rid, schema.ColSetOf(col), all)
}

// collect drains a cursor into column col.
func collect(t testing.TB, c *engine.Cursor, col int) []any {
	t.Helper()
	defer c.Close()
	out := []any{}
	for {
		rows, err := c.NextBatch(ctx, 3)
		require.NoError(t, err)
		if len(rows) == 0 {
			return out
		}
		for i := range rows {
			out = append(out, plain(rows[i].Row.Col(col)))
		}
	}
}

func check(t testing.TB, db *engine.DB) {
	t.Helper()
	require.Empty(t, db.Check(ctx))
}

type rowT = row.Row
