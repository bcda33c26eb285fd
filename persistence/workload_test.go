package persistence_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/persistence"
	"github.com/worktable-go/worktable/persistence/vfs"
)

var ctx = context.Background()

const dir = "/db"

// envSize is a test size that an environment variable can raise.
func envSize(name string, def int) int {
	if n, err := strconv.Atoi(os.Getenv(name)); err == nil {
		return n
	}
	return def
}

// stride is the step of an exhaustive test; 1 by environment is everything.
func stride(name string, def int) int64 { return int64(envSize(name, def*slower)) }

// options are small everywhere, so that few rows meet every boundary.
func options(fsys vfs.FS) persistence.Options {
	return persistence.Options{
		Dir: dir, FS: fsys, SegmentBytes: 4 << 10, CheckpointBytes: -1, CheckpointInterval: -1, LockTimeout: -1,
		Engine: engine.Options{PageSize: 512, NoBackground: true},
	}
}

// order is a row of the table orders; its id is the key in the model.
type order struct {
	customer, code string
	amount         int64
	body           string
}

// model is what the database should hold: the state after a number of transactions of one writer. Transaction n follows
// from the writer, n and the state, so that two models that ran the same transactions are equal.
type model struct {
	writer  int64
	n       int64
	orders  map[int64]order
	entries map[int64]int64 // ledger id → order id
}

func newModel(writer int64) *model {
	return &model{writer: writer, orders: map[int64]order{}, entries: map[int64]int64{}}
}

// change is one row change; zero order with del set deletes.
type change struct {
	table string // orders or ledger
	id    int64
	kind  byte // i, u, d
	order order
	ref   int64
}

// id spreads the writers' ids.
func (m *model) id(n int64) int64 { return m.writer*1_000_000 + n }

// plan returns the changes of the next transaction.
func (m *model) plan() []change {
	n := m.n + 1
	rng := rand.New(rand.NewPCG(uint64(m.writer), uint64(n)))
	o := order{customer: fmt.Sprintf("c%d", n%7), code: fmt.Sprintf("code-%d-%d", m.writer, n), amount: rng.Int64N(1000)}
	switch rng.IntN(6) {
	case 0:
		o.body = strings.Repeat("x", 1500+rng.IntN(1000)) // overflow pages
	case 1:
		o.body = strings.Repeat("y", rng.IntN(200))
	}
	changes := []change{
		{table: "orders", id: m.id(n), kind: 'i', order: o},
		{table: "ledger", id: m.id(n), kind: 'i', ref: m.id(n)},
	}
	if j := m.id(1 + rng.Int64N(n)); j != m.id(n) {
		if old, ok := m.orders[j]; ok {
			old.amount += n
			if rng.IntN(2) == 0 {
				old.code = fmt.Sprintf("code-%d-%d-%d", m.writer, n, j)
				old.customer = fmt.Sprintf("moved%d", n%5)
			}
			if rng.IntN(4) == 0 {
				old.body = strings.Repeat("z", rng.IntN(1200))
			}
			changes = append(changes, change{table: "orders", id: j, kind: 'u', order: old})
		}
	}
	if k := m.id(1 + rng.Int64N(n)); n%2 == 0 && k != m.id(n) {
		if _, ok := m.orders[k]; ok && changes[len(changes)-1].id != k {
			changes = append(changes, change{table: "orders", id: k, kind: 'd'}, change{table: "ledger", id: k, kind: 'd'})
		}
	}
	return changes
}

// apply makes the changes of plan part of the model.
func (m *model) apply(changes []change) {
	m.n++
	for _, c := range changes {
		switch {
		case c.table == "orders" && c.kind == 'd':
			delete(m.orders, c.id)
		case c.table == "orders":
			m.orders[c.id] = c.order
		case c.kind == 'd':
			delete(m.entries, c.id)
		default:
			m.entries[c.id] = c.ref
		}
	}
}

func modelAt(writer, n int64) *model {
	m := newModel(writer)
	for m.n < n {
		m.apply(m.plan())
	}
	return m
}

func column(id uint32, name string, t value.TypeID, length uint32, notNull bool) schema.Column {
	c := schema.Column{ID: id, Name: name, NotNull: notNull, Type: value.Type{ID: t, Length: length}}
	switch t {
	case value.TypeVarChar:
		c.Type.Collation = collate.UTF8MB40900Bin
	case value.TypeLongBlob:
		c.Type.Collation = collate.Binary
	}
	return c
}

func index(id uint32, name string, unique bool, columns ...uint32) schema.Index {
	ix := schema.Index{ID: id, Name: name, Unique: unique, Primary: name == "PRIMARY"}
	for _, c := range columns {
		ix.Parts = append(ix.Parts, schema.KeyPart{Column: c})
	}
	return ix
}

func tableDef(name string, columns []schema.Column, indexes ...schema.Index) *schema.Table {
	return &schema.Table{Schema: "Shop", Name: name, Engine: "InnoDB", Columns: columns, Indexes: indexes,
		NextColID: uint32(len(columns) + 1), NextIdxID: uint32(len(indexes) + 1)}
}

func ordersDef() *schema.Table {
	return tableDef("orders", []schema.Column{
		column(1, "id", value.TypeBigInt, 0, true), column(2, "customer", value.TypeVarChar, 50, false),
		column(3, "code", value.TypeVarChar, 60, true), column(4, "amount", value.TypeBigInt, 0, true),
		column(5, "body", value.TypeLongBlob, 0, false),
	}, index(1, "PRIMARY", true, 1), index(2, "code", true, 3), index(3, "customer", false, 2, 4))
}

func ledgerDef() *schema.Table {
	return tableDef("Ledger", []schema.Column{
		column(1, "id", value.TypeBigInt, 0, true), column(2, "order_id", value.TypeBigInt, 0, true),
	}, index(1, "PRIMARY", true, 1), index(2, "by_order", false, 2))
}

func marksDef() *schema.Table {
	return tableDef("marks", []schema.Column{
		column(1, "writer", value.TypeBigInt, 0, true), column(2, "n", value.TypeBigInt, 0, true),
	}, index(1, "PRIMARY", true, 1))
}

// createTables makes the tables of the workload.
func createTables(db *engine.DB) error {
	return db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		if err := d.CreateDatabase(&schema.Database{Name: "Shop"}); err != nil {
			return err
		}
		for _, def := range []*schema.Table{ordersDef(), ledgerDef(), marksDef()} {
			if _, err := d.CreateTable(def); err != nil {
				return err
			}
		}
		return nil
	})
}

func vals(xs ...any) []value.Value {
	out := make([]value.Value, len(xs))
	for i, x := range xs {
		switch x := x.(type) {
		case int:
			out[i] = value.Int(int64(x))
		case int64:
			out[i] = value.Int(x)
		case string:
			out[i] = value.String(x)
		case []byte:
			out[i] = value.Bytes(string(x))
		}
	}
	return out
}

func (o order) vals(id int64) []value.Value {
	return vals(id, o.customer, o.code, o.amount, []byte(o.body))
}

// run executes the next transaction of the model in db and, when it was acknowledged, applies it to the model.
func (m *model) run(db *engine.DB) error {
	changes := m.plan()
	err := m.try(db, changes)
	if err == nil {
		m.apply(changes)
	}
	return err
}

func (m *model) try(db *engine.DB, changes []change) error {
	tx, err := m.prepare(db, changes)
	if err != nil {
		return err
	}
	return tx.Commit(ctx)
}

// prepare runs the changes in a transaction, short of committing it.
func (m *model) prepare(db *engine.DB, changes []change) (*engine.Tx, error) {
	tx, err := db.Begin(ctx, engine.TxOptions{})
	if err != nil {
		return nil, err
	}
	for _, c := range changes {
		if err := runChange(db, tx, c); err != nil {
			return nil, errors.Join(err, tx.Rollback())
		}
	}
	marks := db.Catalog().Table("Shop", "marks")
	if m.n == 0 {
		_, err = tx.Insert(ctx, marks, vals(m.writer, 1))
	} else {
		err = update(tx, marks, m.writer, schema.ColSetOf(1), vals(m.writer, m.n+1))
	}
	if err != nil {
		return nil, errors.Join(err, tx.Rollback())
	}
	return tx, nil
}

func runChange(db *engine.DB, tx *engine.Tx, c change) error {
	t := db.Catalog().Table("Shop", "orders")
	row := c.order.vals(c.id)
	if c.table == "ledger" {
		t = db.Catalog().Table("Shop", "Ledger")
		row = vals(c.id, c.ref)
	}
	switch c.kind {
	case 'i':
		_, err := tx.Insert(ctx, t, row)
		return err
	case 'u':
		return update(tx, t, c.id, schema.ColSetOf(1, 2, 3, 4), row)
	}
	id, err := locate(tx, t, c.id)
	if err != nil {
		return err
	}
	return tx.Delete(ctx, t, id)
}

func update(tx *engine.Tx, t *engine.Table, key int64, set schema.ColSet, row []value.Value) error {
	id, err := locate(tx, t, key)
	if err != nil {
		return err
	}
	return tx.Update(ctx, t, id, set, row)
}

func locate(tx *engine.Tx, t *engine.Table, key int64) (heap.RowID, error) {
	var r row.Row
	id, ok, err := tx.GetCurrent(ctx, t.Index(0), vals(key), &r)
	if err == nil && !ok {
		err = fmt.Errorf("%s %d is missing", t.Def().Name, key)
	}
	return id, err
}

// read takes the content of the workload's tables out of db, by writer.
func read(db *engine.DB) (map[int64]*model, error) {
	models := map[int64]*model{}
	if db.Catalog().Table("Shop", "marks") == nil {
		return models, nil
	}
	of := func(id int64) *model {
		w := id / 1_000_000
		if models[w] == nil {
			models[w] = newModel(w)
		}
		return models[w]
	}
	err := scan(db, "marks", func(r *row.Row) {
		of(r.Col(0).Int64() * 1_000_000).n = r.Col(1).Int64()
	})
	if err == nil {
		err = scan(db, "orders", func(r *row.Row) {
			id := r.Col(0).Int64()
			of(id).orders[id] = order{customer: r.Col(1).Clone().Str(), code: r.Col(2).Clone().Str(), amount: r.Col(3).Int64(), body: r.Col(4).Clone().Str()}
		})
	}
	if err == nil {
		err = scan(db, "Ledger", func(r *row.Row) { of(r.Col(0).Int64()).entries[r.Col(0).Int64()] = r.Col(1).Int64() })
	}
	return models, err
}

func scan(db *engine.DB, table string, f func(*row.Row)) error {
	tx, err := db.Begin(ctx, engine.TxOptions{ReadOnly: true})
	if err != nil {
		return err
	}
	defer func() { _ = tx.Rollback() }()
	c := tx.Scan(db.Catalog().Table("Shop", table), engine.ScanOptions{})
	defer c.Close()
	for {
		rows, err := c.NextBatch(ctx, 64)
		if err != nil || len(rows) == 0 {
			return err
		}
		for i := range rows {
			f(&rows[i].Row)
			if err := rows[i].Row.Err(); err != nil {
				return err
			}
		}
	}
}

// verify holds db against the model: writer's state must be that after n transactions, low ≤ n ≤ high, exactly, and the
// indexes must agree with the tables. It returns n.
func verify(db *engine.DB, writer, low, high int64) (int64, error) {
	models, err := read(db)
	if err != nil {
		return 0, err
	}
	got := models[writer]
	if got == nil {
		got = newModel(writer)
	}
	if got.n < low || got.n > high {
		return got.n, fmt.Errorf("writer %d: the state is of transaction %d, not of %d to %d", writer, got.n, low, high)
	}
	want := modelAt(writer, got.n)
	if fmt.Sprint(want.orders) != fmt.Sprint(got.orders) {
		return got.n, fmt.Errorf("writer %d: the orders are not those of transaction %d", writer, got.n)
	}
	if fmt.Sprint(want.entries) != fmt.Sprint(got.entries) {
		return got.n, fmt.Errorf("writer %d: the ledger is not that of transaction %d", writer, got.n)
	}
	return got.n, errors.Join(db.Check(ctx)...)
}

func open(t testing.TB, o persistence.Options) *persistence.Store {
	t.Helper()
	s, err := persistence.Open(ctx, o)
	require.NoError(t, err)
	return s
}

func newMem(t testing.TB) *vfs.Mem {
	t.Helper()
	return vfs.NewMem()
}
