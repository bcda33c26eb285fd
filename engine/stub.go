package engine

import (
	"context"
	"fmt"

	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/lock"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

var errStub = internalf("not there yet")

func sprintf(f string, a ...any) string { return fmt.Sprintf(f, a...) }

// DB is one database: a catalogue and its tables in memory.
type DB struct{}

// New returns an empty database with the catalogue tables.
func New(o Options) (*DB, error) { return nil, errStub }

// Close stops background work, waits for running commits, closes the journal. Further calls give 1053.
func (db *DB) Close(ctx context.Context) error { return errStub }

// Catalog returns the newest definitions.
func (db *DB) Catalog() *Catalog { return nil }

// Begin starts a transaction.
func (db *DB) Begin(ctx context.Context, o TxOptions) (*Tx, error) { return nil, errStub }

// Run runs fn in a transaction and commits it; on 1213 it rolls back and runs fn again, until ctx ends.
func (db *DB) Run(ctx context.Context, o TxOptions, fn func(*Tx) error) error { return errStub }

// SetJournal attaches the journal. It must come before the first transaction.
func (db *DB) SetJournal(j Journal) {}

// SetRowHooks installs the source of row hooks: hooks is called once per table definition, when it becomes current
// (and at once for the tables that are); nil hook: none needed. The SQL layer must set it before the first write.
func (db *DB) SetRowHooks(hooks func(*schema.Table) (*RowHook, error)) error { return nil }

// RowHook is what the SQL layer adds to a table: generated columns and CHECKs.
type RowHook struct {
	// Run runs on each full new row, one value per column, before it is written (also for rows changed by cascades): it fills
	// generated columns in vals and checks CHECKs (3819). It is called concurrently and must not keep vals.
	Run func(vals []value.Value) error
	// Generated are the columns that Run fills.
	Generated schema.ColSet
	// Groups ties columns together that one CHECK or generated expression reads or writes: they are locked together.
	Groups []schema.ColSet
}

// Stats returns figures.
func (db *DB) Stats() Stats { return Stats{} }

// Vacuum prunes everything prunable and moves versions out of sparse pages. progress may be nil.
func (db *DB) Vacuum(ctx context.Context, progress func(done, total int64)) error { return errStub }

// Check verifies that indexes agree with tables, that chains are ordered, that counts are right. Run it when no
// transaction is open. It returns every inconsistency found.
func (db *DB) Check(ctx context.Context) []error { return nil }

// Locks returns the lock manager: for named locks (GET_LOCK) and for listing locks.
func (db *DB) Locks() *lock.Manager { return nil }

// Catalog is an immutable set of definitions. Table and schema names are case-sensitive.
type Catalog struct{}

// Version grows with each DDL.
func (c *Catalog) Version() uint64 { return 0 }

// Databases returns all databases ordered by name.
func (c *Catalog) Databases() []*schema.Database { return nil }

// Database returns a database or nil.
func (c *Catalog) Database(name string) *schema.Database { return nil }

// Table returns a table or nil.
func (c *Catalog) Table(schema, name string) *Table { return nil }

// TableByID returns a table or nil.
func (c *Catalog) TableByID(id uint32) *Table { return nil }

// Tables returns the tables of a database ordered by name.
func (c *Catalog) Tables(schema string) []*Table { return nil }

// View returns a view or nil.
func (c *Catalog) View(schema, name string) *schema.View { return nil }

// Views returns the views of a database ordered by name.
func (c *Catalog) Views(schema string) []*schema.View { return nil }

// Reference is a foreign key seen from the parent.
type Reference struct {
	Child *Table
	Key   *schema.ForeignKey
}

// ForeignKeysTo returns the foreign keys that refer to t.
func (c *Catalog) ForeignKeysTo(t *Table) []Reference { return nil }

// Table is one version of one table's definition with its storage. Handles are immutable.
type Table struct{}

// Def returns the definition; read-only.
func (t *Table) Def() *schema.Table { return nil }

// Layout returns the layout of the current version.
func (t *Table) Layout() *row.Layout { return nil }

// Index returns the index at position i of Def().Indexes.
func (t *Table) Index(i int) *Index { return nil }

// RowEstimate returns the number of rows, give or take those of running transactions.
func (t *Table) RowEstimate() int64 { return 0 }

// AutoIncrement returns the next value that would be generated; 0 when the table has no such column.
func (t *Table) AutoIncrement() uint64 { return 0 }

// LockColumns closes set over columns that share an index, CHECK, generated expression or foreign key with one in it.
func (t *Table) LockColumns(set schema.ColSet) schema.ColSet { return set }

// Index is an index of a Table.
type Index struct{}

// Table returns the table.
func (ix *Index) Table() *Table { return nil }

// Pos returns the position in Table().Def().Indexes.
func (ix *Index) Pos() int { return 0 }

// Def returns the definition; read-only.
func (ix *Index) Def() *schema.Index { return nil }

// Columns returns the ordinals of the key parts.
func (ix *Index) Columns() []int { return nil }

// Len returns the number of entries, stale ones included.
func (ix *Index) Len() int64 { return 0 }

// EstimateRange estimates the number of entries in a range.
func (ix *Index) EstimateRange(r Range) int64 { return 0 }

// Get is a point read in a transaction of its own: it finds the row by a full unique key in the newest visible state and copies it
// into dst. It takes no lock and registers no snapshot.
func (db *DB) Get(ctx context.Context, ix *Index, vals []value.Value, dst *row.Row) (heap.RowID, bool, error) {
	return 0, false, errStub
}

// Tx is a transaction. It is used by one goroutine at a time.
//
// Calls on rows outside of BeginStatement/EndStatement are each a statement of their own.
type Tx struct{}

// BeginStatement starts a statement. Under READ COMMITTED it takes a new snapshot; under REPEATABLE READ the first
// reading statement takes the transaction's; a writing statement before that uses one of its own.
func (tx *Tx) BeginStatement(kind StmtKind) error { return errStub }

// EndStatement ends the statement. With a non-nil err its writes are undone alone and err is returned (or a graver one). Without,
// it waits until everything the statement built on is durable.
func (tx *Tx) EndStatement(err error) error { return errStub }

// Mark returns the current point.
func (tx *Tx) Mark() Mark { return Mark{} }

// RollbackTo undoes everything since m, and releases the locks on rows inserted since.
func (tx *Tx) RollbackTo(m Mark) error { return errStub }

// Get finds a row by a full unique key as of the snapshot and own writes and copies it into dst. ix may be any unique index; vals are the
// key parts, already of the columns' types; NULL finds nothing.
func (tx *Tx) Get(ctx context.Context, ix *Index, vals []value.Value, dst *row.Row) (heap.RowID, bool, error) {
	return 0, false, errStub
}

// GetCurrent is Get on the newest committed version and own writes: for looking at the row that 1062 named.
func (tx *Tx) GetCurrent(ctx context.Context, ix *Index, vals []value.Value, dst *row.Row) (heap.RowID, bool, error) {
	return 0, false, errStub
}

// Read copies a row as of the snapshot and own writes.
func (tx *Tx) Read(ctx context.Context, t *Table, id heap.RowID, dst *row.Row) (bool, error) {
	return false, errStub
}

// ReadCurrent copies the newest version of a row with own writes. The caller has locked what it relies on.
func (tx *Tx) ReadCurrent(ctx context.Context, t *Table, id heap.RowID, dst *row.Row) (bool, error) {
	return false, errStub
}

// ScanOptions adjust a cursor.
type ScanOptions struct {
	// Current reads the newest committed versions instead of the snapshot's.
	Current bool
}

// Bound is one end of a Range: a prefix of the key parts, of the columns' types. Nil Vals: no bound.
type Bound struct {
	Vals      []value.Value
	Inclusive bool
}

// Range is a range of an index in key order; Reverse walks it from Hi to Lo.
type Range struct {
	Lo, Hi  Bound
	Reverse bool
}

// Scan returns a cursor over all rows in slot order, own inserts included.
func (tx *Tx) Scan(t *Table, o ScanOptions) *Cursor { return nil }

// ScanIndex returns a cursor over a range of an index in key order. Hash indexes answer only full equality.
func (tx *Tx) ScanIndex(ix *Index, r Range, o ScanOptions) *Cursor { return nil }

// Count counts the rows that Scan would yield.
func (tx *Tx) Count(ctx context.Context, t *Table) (int64, error) { return 0, errStub }

// Cursor walks rows in batches. It belongs to its transaction and must be closed.
type Cursor struct{}

// CursorRow is one row. Row aliases memory that is good until the cursor's next call.
type CursorRow struct {
	ID  heap.RowID
	Row row.Row
}

// NextBatch returns up to max rows; none at the end. The slice and the rows are good until the next NextBatch, Unpin or Close.
func (c *Cursor) NextBatch(ctx context.Context, max int) ([]CursorRow, error) { return nil, errStub }

// Unpin gives up the rows of the last batch, so that a waiting cursor holds no memory back.
func (c *Cursor) Unpin() {}

// Close ends the cursor. It may be called twice.
func (c *Cursor) Close() {}

// LockSpec says what to lock of a row.
type LockSpec struct {
	S, X     schema.ColSet // columns; X is closed by LockColumns
	Explicit bool          // FOR UPDATE or FOR SHARE: later plain reads of the row see the newest version
	NoWait   bool          // 3572 instead of waiting
	Skip     bool          // SKIP LOCKED
}

// LockResult is what became of a Lock.
type LockResult uint8

// The results.
const (
	Locked  LockResult = iota
	Skipped            // SKIP LOCKED met a lock
	Gone               // the row does not exist (any more); nothing is locked
)

// Lock locks columns of a row for the rest of the transaction. Afterwards read it with ReadCurrent.
func (tx *Tx) Lock(ctx context.Context, t *Table, id heap.RowID, spec LockSpec) (LockResult, error) {
	return 0, errStub
}

// Insert adds a row: one value per column, coerced to the columns' types. 1048, 1062 (*DuplicateKeyError), 1452, 3819.
func (tx *Tx) Insert(ctx context.Context, t *Table, vals []value.Value) (heap.RowID, error) {
	return 0, errStub
}

// Update changes the columns of set to vals[ordinal] in the newest version of the row. It takes the locks it needs.
// A row that is gone is 1815.
func (tx *Tx) Update(ctx context.Context, t *Table, id heap.RowID, set schema.ColSet, vals []value.Value) error {
	return errStub
}

// Delete removes the row. It takes the locks it needs.
func (tx *Tx) Delete(ctx context.Context, t *Table, id heap.RowID) error { return errStub }

// FindDuplicate looks for a row that has the same key as vals in unique index i: for INSERT … ON DUPLICATE KEY. It waits for
// transactions that are about to decide.
func (tx *Tx) FindDuplicate(ctx context.Context, ix *Index, vals []value.Value) (heap.RowID, bool, error) {
	return 0, false, errStub
}

// NextAuto reserves n consecutive autoincrement values and returns the first. They are never given back. 1467 when exhausted.
func (tx *Tx) NextAuto(t *Table, n int) (uint64, error) { return 0, errStub }

// NoteAuto moves the counter beyond an explicitly given value. Insert does so itself.
func (tx *Tx) NoteAuto(t *Table, v uint64) {}

// SetForeignKeyChecks switches the checks of foreign keys; on by default.
func (tx *Tx) SetForeignKeyChecks(on bool) {}

// Commit makes the writes durable and visible. After an error of Journal.Append (1021) the transaction is rolled back.
func (tx *Tx) Commit(ctx context.Context) error { return errStub }

// Rollback undoes everything. It may be called at any time, also after Commit and twice.
func (tx *Tx) Rollback() error { return errStub }

// Snapshot returns the CSN of the snapshot, 0 when none is taken yet.
func (tx *Tx) Snapshot() heap.CSN { return 0 }

// Done reports whether the transaction is over.
func (tx *Tx) Done() bool { return true }

// ReadOnly reports whether writes give 1792.
func (tx *Tx) ReadOnly() bool { return false }

// CommitCSN returns the CSN of the commit; 0 before it and when nothing was written.
func (tx *Tx) CommitCSN() heap.CSN { return 0 }

// Use takes the shared definition lock on t until the transaction ends; 1412 with ErrStaleTable when t is not
// current. Every call on rows does so itself.
func (tx *Tx) Use(ctx context.Context, t *Table) error { return errStub }

// Define runs fn as one DDL transaction: everything it does becomes visible at once, or nothing. No transaction of the
// same goroutine may hold a definition lock on the tables involved.
func (db *DB) Define(ctx context.Context, o DefineOptions, fn func(d *Definer) error) error {
	return errStub
}

// Definer makes definitions inside Define. Temporary tables (Temporary set) are in no catalogue and no change stream: only their
// handle finds them.
type Definer struct{}

// Catalog returns the definitions including the changes made so far.
func (d *Definer) Catalog() *Catalog { return nil }

// CreateDatabase makes a database. 1007.
func (d *Definer) CreateDatabase(db *schema.Database) error { return errStub }

// AlterDatabase replaces the character set and collation of a database. 1049.
func (d *Definer) AlterDatabase(db *schema.Database) error { return errStub }

// DropDatabase drops a database with all its tables and views. 1008.
func (d *Definer) DropDatabase(name string) error { return errStub }

// CreateTable makes a table. Ids and versions in def are assigned; def is not kept.
func (d *Definer) CreateTable(def *schema.Table) (*Table, error) { return nil, errStub }

// DropTable drops a table. 1051, 3730 (unless foreign key checks are off or the children go too).
func (d *Definer) DropTable(t *Table) error { return errStub }

// TruncateTable empties a table and resets its counter. 1701.
func (d *Definer) TruncateTable(t *Table) (*Table, error) { return nil, errStub }

// AlterTable gives the table a new definition. Columns, indexes and keys that stay keep their ids; those with id 0 are new. convert
// makes a new row of an old one; nil when rows stay as they are (columns added at any place with Initial, dropped, or renamed) and only
// indexes and attributes change. 1062 and 1452 when the rows do not fit.
func (d *Definer) AlterTable(t *Table, def *schema.Table, convert func(old *row.Row, out []value.Value) error) (*Table, error) {
	return nil, errStub
}

// RenameTable moves a table to another name, also across databases.
func (d *Definer) RenameTable(t *Table, toSchema, toName string) (*Table, error) {
	return nil, errStub
}

// CreateView makes a view; replace allows an existing one.
func (d *Definer) CreateView(v *schema.View, replace bool) error { return errStub }

// DropView drops a view. 1051.
func (d *Definer) DropView(schema, name string) error { return errStub }

// SetAuto sets the autoincrement counter: the next value, raised to the largest in the table plus one.
func (d *Definer) SetAuto(t *Table, next uint64) error { return errStub }

// SetForeignKeyChecks switches the checks of this DDL; on by default.
func (d *Definer) SetForeignKeyChecks(on bool) {}

// SubscribeOptions say where a subscription starts.
type SubscribeOptions struct {
	// After is the CSN after which commits are delivered. With FromNow it is ignored.
	After   heap.CSN
	FromNow bool
	// Bootstrap, when set, is called with a read-only transaction at CSN c before Subscribe returns; the stream goes on from
	// c + 1. After and FromNow are ignored.
	Bootstrap func(tx *Tx) error
}

// Subscribe returns a subscription to durable commits in commit order.
func (db *DB) Subscribe(ctx context.Context, o SubscribeOptions) (*Subscription, error) {
	return nil, errStub
}

// Subscription is a position in the change stream. One goroutine uses it at a time; Close may come from another.
type Subscription struct{}

// Next waits for the next commit. An error that wraps ErrPositionGone: the subscriber was too slow.
func (s *Subscription) Next(ctx context.Context) (*cdc.Txn, error) { return nil, errStub }

// Position returns the CSN of the last commit that Next returned.
func (s *Subscription) Position() heap.CSN { return 0 }

// Close ends the subscription; a waiting Next returns.
func (s *Subscription) Close() {}

// Change is an op with names and values.
type Change struct {
	Kind          cdc.Kind
	Schema, Table string
	Row           heap.RowID
	Columns       []string      // names, parallel to After
	After         []value.Value // Insert: all columns; Update: the changed ones
	BeforeColumns []string
	Before        []value.Value // Delete: all columns; Update: changed and indexed ones
	KeyColumns    []string
	Key           []value.Value
}

// Changes decodes the row changes of t; ops on the catalogue are left out.
func (db *DB) Changes(t *cdc.Txn) ([]Change, error) { return nil, errStub }

// StorageInfo names one storage. Slots, Generation and Pages are heap.Counters and must come back to LoadPage as they were.
type StorageInfo struct {
	ID            uint32 `json:"id"`
	Table         uint32 `json:"table"`
	Schema        string `json:"schema"`
	Name          string `json:"name"`
	PageSize      int    `json:"page_size"`
	Pages         uint32 `json:"pages"` // page numbers are below it
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
	// Begin is called once, with the snapshot and every storage that exists at it.
	Begin(at heap.CSN, storages []StorageInfo, c Counters) error
	// Page is called for each page to be written. image is a whole page whose first heap.HeaderSize bytes are zero and
	// the sink's; the sink may write there but not keep it. info.Kind PageFree: nothing is on the page any more.
	Page(storage, page uint32, info heap.PageInfo, image []byte) error
	// Commit makes the set durable as a whole.
	Commit() error
}

// Checkpoint writes one committed snapshot to sink: for each row the newest version at or below T. Readers and writers go
// on; vacuum waits. Dirty flags are cleared only after sink.Commit has succeeded. One runs at a time.
func (db *DB) Checkpoint(ctx context.Context, o CheckpointOptions, sink CheckpointSink) (heap.CSN, error) {
	return 0, errStub
}

// DumpIndex calls emit with each (key, row id) of an index in order, as of a quiet point: no writer may run.
func (db *DB) DumpIndex(table, index uint32, emit func(key []byte, id heap.RowID) error) error {
	return errStub
}

// IndexVersion returns the key encoding version that a dumped index is tagged with; it is loaded only into an equal one.
func (ix *Index) EncodingVersion() uint64 { return 0 }

// Loader builds a DB from checkpoint pages, index dumps and the log.
//
// Order: LoadPage of all catalogue storages, OpenCatalog, LoadPage of all others (storages in parallel, the pages of one storage by one
// goroutine), LoadIndex, Replay in CSN order, Finish.
type Loader struct{}

// NewLoader returns a Loader for an empty database.
func NewLoader(o Options) (*Loader, error) { return nil, errStub }

// LoadPage adopts one page image (s.PageSize bytes; the first heap.HeaderSize are ignored).
func (ld *Loader) LoadPage(s StorageInfo, page uint32, image []byte) error { return errStub }

// OpenCatalog reads the definitions from the catalogue pages and returns the storages that must follow. at and c are
// those of the checkpoint.
func (ld *Loader) OpenCatalog(at heap.CSN, c Counters) ([]StorageInfo, error) { return nil, errStub }

// LoadIndex fills an index from a dump tagged with the checkpoint's CSN; next returns entries in order. An error
// leaves the index to be rebuilt.
func (ld *Loader) LoadIndex(table, index uint32, encoding uint64, next func() (key []byte, id heap.RowID, ok bool, err error)) error {
	return errStub
}

// Replay applies one commit above the checkpoint. Commits at or below it are ignored.
func (ld *Loader) Replay(t *cdc.Txn) error { return errStub }

// Progress is told how far Finish is.
type Progress func(stage string, done, total int64)

// Finish builds what is missing on all cores and returns the database at the CSN of the last replayed commit.
func (ld *Loader) Finish(ctx context.Context, progress Progress) (*DB, error) { return nil, errStub }
