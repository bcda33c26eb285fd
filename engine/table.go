package engine

import (
	"sync"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
)

// tableState is what all versions of one table share.
type tableState struct {
	id      uint32
	lock    lock.Definition
	auto    atomic.Uint64 // the next autoincrement value
	version uint32        // greatest schema version given out; under the DDL mutex
}

// storage is the memory of one storage id: it changes when the rows are rewritten or truncated.
type storage struct {
	id        uint32
	table     uint32
	space     *heap.Space
	pageSize  int
	temporary bool
	// current is the newest handle over this storage: pruning takes the indexes from it.
	current atomic.Pointer[Table]
	// building is above 0 while an index is built over the storage; pruning leaves it alone meanwhile.
	building atomic.Int32
	// native maps a schema version to the layout of the payloads written under it. Copied on write under mu.
	mu     sync.Mutex
	native atomic.Pointer[map[uint32]*row.Layout]
}

// newStorage makes an empty storage for a table definition.
func (db *DB) newStorage(id uint32, def *schema.Table) (*storage, error) {
	st := &storage{id: id, table: def.ID, pageSize: int(def.PageSize), temporary: def.Temporary}
	if st.pageSize == 0 {
		st.pageSize = db.opts.PageSize
	}
	empty := map[uint32]*row.Layout{}
	st.native.Store(&empty)
	space, err := heap.NewSpace(id, db.epochs, heap.Options{
		Name: def.Name, PageSize: st.pageSize, OverflowRefs: st.overflowRefs,
	})
	if err != nil {
		return nil, err
	}
	st.space = space
	return st, nil
}

// addLayout remembers the layout of a schema version.
func (st *storage) addLayout(l *row.Layout) {
	st.mu.Lock()
	defer st.mu.Unlock()
	old := *st.native.Load()
	if _, ok := old[l.Version()]; ok {
		return
	}
	m := make(map[uint32]*row.Layout, len(old)+1)
	for k, v := range old {
		m[k] = v
	}
	m[l.Version()] = l
	st.native.Store(&m)
}

// overflowRefs lists the references in a payload, for heap.
func (st *storage) overflowRefs(version uint32, payload []byte, dst []uint64) []uint64 {
	l := (*st.native.Load())[version]
	if l == nil {
		return dst
	}
	r := row.Row{Layout: l, Data: payload}
	var room [8]row.OverflowRef
	for _, ref := range r.OverflowRefs(room[:0]) {
		dst = append(dst, ref.Ref)
	}
	return dst
}

// Table is one version of one table's definition with its storage. Handles are immutable.
type Table struct {
	db     *DB
	def    *schema.Table
	state  *tableState
	store  *storage
	layout *row.Layout
	// older maps earlier schema versions, whose payloads the storage may still hold, to layouts that read them by the
	// ordinals of def.
	older      map[uint32]*row.Layout
	indexes    []*Index
	all        schema.ColSet
	closure    []schema.ColSet // per column: itself and what must be locked with it
	closeBy    []uint64        // the same, folded
	keyMask    uint64          // columns of any index, folded
	notNull    []int
	autoCol    int           // ordinal, -1 none
	keyCols    schema.ColSet // primary key
	before     schema.ColSet // all indexed columns: in each before-image
	fks        []*foreignKey // this table as the child
	hook       *RowHook      // set before the handle is published
	since      heap.CSN      // the commit that made the storage; older snapshots get 1412
	newStorage bool          // the DDL that made the handle made the storage, too
	// gone is set when a newer handle or nothing takes the place of this one.
	gone atomic.Bool
}

// Def returns the definition; read-only.
func (t *Table) Def() *schema.Table { return t.def }

// Layout returns the layout of the current version.
func (t *Table) Layout() *row.Layout { return t.layout }

// Index returns the index at position i of Def().Indexes.
func (t *Table) Index(i int) *Index { return t.indexes[i] }

// RowEstimate returns the number of rows, give or take those of running transactions.
func (t *Table) RowEstimate() int64 { return t.store.space.Rows() }

// AutoIncrement returns the next value that would be generated; 0 when the table has no such column.
func (t *Table) AutoIncrement() uint64 {
	if t.autoCol < 0 {
		return 0
	}
	return max(t.state.auto.Load(), 1)
}

// LockColumns closes set over columns that share an index, CHECK, generated expression or foreign key with one in it.
func (t *Table) LockColumns(set schema.ColSet) schema.ColSet {
	out := set
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		out = out.Union(t.closure[c])
	}
	return out
}

// lockMask is LockColumns folded to a lock mask.
func (t *Table) lockMask(set schema.ColSet) uint64 {
	m := set.Fold64()
	for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
		m |= t.closeBy[c]
	}
	return m
}

// resource names a row for the lock manager; Word is nil when there is no such slot.
func (t *Table) resource(id heap.RowID) lock.Resource {
	return lock.Resource{Space: t.store.id, Row: uint64(id), Word: t.store.space.LockWord(id)}
}

// layoutOf returns the layout that reads payloads of a schema version by t's ordinals, nil when there is none.
func (t *Table) layoutOf(version uint32) *row.Layout {
	if version == t.layout.Version() {
		return t.layout
	}
	return t.older[version]
}

// rowOf makes out a view of v.
func (t *Table) rowOf(v heap.Version, out *row.Row) error {
	l := t.layoutOf(v.SchemaVersion())
	if l == nil {
		return t.unknownVersion(v.SchemaVersion())
	}
	*out = row.Row{Layout: l, Data: v.Payload(), Overflow: t.store.space}
	return nil
}

// unknownVersion is the error of meeting a row that was written under a definition that t does not know.
func (t *Table) unknownVersion(version uint32) error {
	if t.gone.Load() {
		return t.staleError()
	}
	return internalf("table %s: a row of schema version %d, which is not known", t.def.Name, version)
}

// newTable compiles a definition over a storage. trees are the existing index structures by index id; the missing
// ones are made empty. defs are the earlier definitions whose rows the storage may hold.
func (db *DB) newTable(def *schema.Table, state *tableState, st *storage, old *Table, defs []*schema.Table) (*Table, error) {
	t := &Table{db: db, def: def, state: state, store: st, autoCol: -1, layout: row.NewLayout(def)}
	st.addLayout(t.layout)
	n := len(def.Columns)
	t.all = schema.AllCols(n)
	for i := range def.Columns {
		if def.Columns[i].NotNull {
			t.notNull = append(t.notNull, i)
		}
		if def.Columns[i].AutoIncrement {
			t.autoCol = i
		}
	}
	t.older = map[uint32]*row.Layout{}
	for _, d := range defs {
		if d.Version == def.Version {
			continue
		}
		native := row.NewLayout(d)
		st.addLayout(native)
		p, err := native.Project(def)
		if err != nil {
			return nil, err
		}
		t.older[d.Version] = p
	}
	for i := range def.Indexes {
		ix, err := newIndex(t, i)
		if err != nil {
			return nil, err
		}
		ix.adoptTree(old)
		t.indexes = append(t.indexes, ix)
		t.keyMask |= ix.mask
		t.before = t.before.Union(ix.cols)
		if ix.def.Primary {
			t.keyCols = ix.cols
		}
	}
	for i := range def.Foreign {
		fk, err := newForeignKey(t, &def.Foreign[i])
		if err != nil {
			return nil, err
		}
		t.fks = append(t.fks, fk)
	}
	if db.hooks != nil && def.ID >= firstUserTable {
		h, err := db.hooks(def)
		if err != nil {
			return nil, err
		}
		t.hook = h
	}
	t.computeClosure()
	return t, nil
}

// computeClosure fills closure from indexes, foreign keys and the hook's groups.
func (t *Table) computeClosure() {
	n := len(t.def.Columns)
	t.closure = make([]schema.ColSet, n)
	t.closeBy = make([]uint64, n)
	for c := range t.closure {
		t.closure[c] = schema.ColSetOf(c)
	}
	add := func(set schema.ColSet) {
		for c := set.Next(0); c >= 0; c = set.Next(c + 1) {
			t.closure[c] = t.closure[c].Union(set)
		}
	}
	for _, ix := range t.indexes {
		add(ix.cols)
	}
	for _, fk := range t.fks {
		add(fk.childSet)
	}
	if t.hook != nil {
		for _, g := range t.hook.Groups {
			add(g)
		}
		t.closeOverGenerated()
	}
	for c := range t.closure {
		t.closeBy[c] = t.closure[c].Fold64()
	}
}

// closeOverGenerated ties a column to whatever a generated column that it moves is tied to: a write of the one is a write
// of the other. Generated columns read generated columns, so it goes on until nothing is added; sets only grow.
func (t *Table) closeOverGenerated() {
	for grown := true; grown; {
		grown = false
		for _, group := range t.hook.Groups {
			for g := group.Next(0); g >= 0; g = group.Next(g + 1) {
				if !t.hook.Generated.Has(g) {
					continue
				}
				for c := group.Next(0); c >= 0; c = group.Next(c + 1) {
					all := t.closure[c].Union(t.closure[g])
					grown = grown || all.Len() > t.closure[c].Len()
					t.closure[c] = all
				}
			}
		}
	}
}
