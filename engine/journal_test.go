package engine_test

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// memJournal keeps the encoded commits. Its hooks delay and fail.
type memJournal struct {
	mu       sync.Mutex
	records  [][]byte
	onAppend func(csn heap.CSN) error
	onSync   func(pos uint64) error
}

type memRecord struct{ txn cdc.Txn }

func (j *memJournal) Encode(t *cdc.Txn) (engine.Record, error) {
	// A deep copy by the codec: nothing of t may be kept.
	c, err := cdc.DecodeTxn(cdc.AppendTxn(nil, t))
	if err != nil {
		return nil, err
	}
	return &memRecord{*c}, nil
}

func (j *memJournal) Append(r engine.Record, csn heap.CSN, at int64) (uint64, error) {
	if j.onAppend != nil {
		if err := j.onAppend(csn); err != nil {
			return 0, err
		}
	}
	t := r.(*memRecord).txn
	t.CSN, t.Time = csn, at
	j.mu.Lock()
	defer j.mu.Unlock()
	j.records = append(j.records, cdc.AppendTxn(nil, &t))
	return uint64(len(j.records)), nil
}

func (j *memJournal) Sync(_ context.Context, pos uint64) error {
	if j.onSync != nil {
		return j.onSync(pos)
	}
	return nil
}

func (j *memJournal) Close() error { return nil }

func (j *memJournal) txns(t testing.TB) []*cdc.Txn {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]*cdc.Txn, len(j.records))
	for i, r := range j.records {
		var err error
		out[i], err = cdc.DecodeTxn(r)
		require.NoError(t, err)
	}
	return out
}

// History makes memJournal a HistoryReader.
func (j *memJournal) History(_ context.Context, after, to heap.CSN, yield func(*cdc.Txn) bool) error {
	j.mu.Lock()
	records := j.records
	j.mu.Unlock()
	for _, r := range records {
		t, err := cdc.DecodeTxn(r)
		if err != nil {
			return err
		}
		if t.CSN > after && t.CSN <= to && !yield(t) {
			return nil
		}
	}
	return nil
}

// dump prints every definition and row of the database, for comparisons.
func dump(t testing.TB, db *engine.DB) string {
	t.Helper()
	var lines []string
	tx := begin(t, db, engine.RepeatableRead)
	for _, d := range db.Catalog().Databases() {
		lines = append(lines, fmt.Sprintf("database %+v", *d))
		for _, v := range db.Catalog().Views(d.Name) {
			lines = append(lines, fmt.Sprintf("view %+v", *v))
		}
		for _, tab := range db.Catalog().Tables(d.Name) {
			def := tab.Def()
			lines = append(lines, fmt.Sprintf("table %d %s v%d storage %d auto %d", def.ID, def.Name, def.Version, def.Storage, tab.AutoIncrement()))
			var rows []string
			c := tx.Scan(tab, engine.ScanOptions{})
			for {
				batch, err := c.NextBatch(ctx, 100)
				require.NoError(t, err)
				if len(batch) == 0 {
					break
				}
				for i := range batch {
					var b strings.Builder
					fmt.Fprintf(&b, "  %x:", uint64(batch[i].ID))
					for col := range def.Columns {
						fmt.Fprintf(&b, " %v", plain(batch[i].Row.Col(col)))
					}
					rows = append(rows, b.String())
				}
			}
			c.Close()
			sort.Strings(rows)
			lines = append(lines, rows...)
		}
	}
	require.NoError(t, tx.Rollback())
	return strings.Join(lines, "\n")
}

// memSink keeps the pages of a checkpoint and adds later ones over them.
type memSink struct {
	at       heap.CSN
	storages map[uint32]engine.StorageInfo
	counters engine.Counters
	pages    map[uint32]map[uint32][]byte
	fail     error
}

func (s *memSink) Begin(at heap.CSN, storages []engine.StorageInfo, c engine.Counters) error {
	s.at, s.counters = at, c
	s.storages = map[uint32]engine.StorageInfo{}
	for _, st := range storages {
		s.storages[st.ID] = st
		for n := range s.pages[st.ID] {
			if n > st.Pages {
				delete(s.pages[st.ID], n)
			}
		}
	}
	return nil
}

func (s *memSink) Page(storage, page uint32, info heap.PageInfo, image []byte) error {
	if s.pages == nil {
		s.pages = map[uint32]map[uint32][]byte{}
	}
	if s.pages[storage] == nil {
		s.pages[storage] = map[uint32][]byte{}
	}
	if info.Kind == heap.PageFree {
		delete(s.pages[storage], page)
		return nil
	}
	s.pages[storage][page] = append([]byte(nil), image...)
	return nil
}

func (s *memSink) Commit() error { return s.fail }

// load builds a database from the checkpoint (may be nil) and the commits.
func load(t testing.TB, s *memSink, txns []*cdc.Txn) *engine.DB {
	t.Helper()
	ld, err := engine.NewLoader(engine.Options{})
	require.NoError(t, err)
	pages := func(catalogue bool) {
		for id, st := range s.storages {
			if st.Catalogue != catalogue {
				continue
			}
			require.NoError(t, ld.BeginStorage(st))
			for n, image := range s.pages[id] {
				require.NoError(t, ld.LoadPage(st, n, image))
			}
		}
	}
	if s != nil {
		pages(true)
		_, err := ld.OpenCatalog(s.at, s.counters)
		require.NoError(t, err)
		pages(false)
	} else {
		_, err := ld.OpenCatalog(0, engine.Counters{})
		require.NoError(t, err)
	}
	for _, txn := range txns {
		require.NoError(t, ld.Replay(txn))
	}
	db, err := ld.Finish(ctx, nil)
	require.NoError(t, err)
	t.Cleanup(func() { _ = db.Close(ctx) })
	return db
}

func TestReplayAndCheckpointGiveTheSameState(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	auto := tableDef("auto", []schema.Column{intCol("id", true), blobCol("data")}, primary(1))
	auto.Columns[0].AutoIncrement = true
	au := create(t, db, auto)[0]
	for i := range 300 {
		insert(t, db, tab, vals(i, fmt.Sprint("o", i%7), i, nil))
	}
	sink := &memSink{}
	_, err := db.Checkpoint(ctx, engine.CheckpointOptions{}, sink)
	require.NoError(t, err)
	first := &memSink{at: sink.at, counters: sink.counters, storages: sink.storages, pages: clonePages(sink.pages)}

	tx := begin(t, db, engine.RepeatableRead)
	for i := range 300 {
		switch i % 3 {
		case 0:
			require.NoError(t, set(tx, tab, i, 1, "moved"))
		case 1:
			require.NoError(t, tx.Delete(ctx, tab, find(t, tx, tab, i)))
		}
	}
	n, err := tx.NextAuto(au, 3)
	require.NoError(t, err)
	require.EqualValues(t, 1, n)
	_, err = tx.Insert(ctx, au, vals(2, make([]byte, 50_000)))
	require.NoError(t, err)
	require.NoError(t, tx.Commit(ctx))

	// DDL: an instant column, an index, a view, a rewrite, a truncate, a drop, a rename.
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		def := tab.Def().Clone()
		extra := intCol("extra", true)
		extra.HasInitial, extra.Initial = true, value.Int(7)
		def.Columns = append(def.Columns, extra)
		def.Indexes = append(def.Indexes, secondary("balance", 3))
		var err error
		if tab, err = d.AlterTable(tab, def, nil); err != nil {
			return err
		}
		return d.CreateView(&schema.View{Schema: "d", Name: "v", Select: "select 1"}, false)
	}))
	gone := create(t, db, tableDef("gone", []schema.Column{intCol("id", true)}, primary(1)))[0]
	insert(t, db, gone, vals(1))
	insert(t, db, tab, vals(1000, "new", 1, nil, 8))
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		if err := d.DropTable(gone); err != nil {
			return err
		}
		var err error
		au, err = d.RenameTable(au, "d", "renamed")
		return err
	}))
	check(t, db)
	want := dump(t, db)
	require.Contains(t, want, "renamed")
	require.NotContains(t, want, "gone")

	fromLog := load(t, nil, j.txns(t))
	check(t, fromLog)
	require.Equal(t, want, dump(t, fromLog))

	fromFirst := load(t, first, j.txns(t))
	check(t, fromFirst)
	require.Equal(t, want, dump(t, fromFirst))

	_, err = db.Checkpoint(ctx, engine.CheckpointOptions{}, sink)
	require.NoError(t, err)
	fromSecond := load(t, sink, nil)
	check(t, fromSecond)
	require.Equal(t, want, dump(t, fromSecond))

	// The loaded database goes on.
	tab2 := fromSecond.Catalog().Table("d", "accounts")
	insert(t, fromSecond, tab2, vals(2000, "later", 1, nil, 8))
	fresh := create(t, fromSecond, tableDef("fresh", []schema.Column{intCol("id", true)}, primary(1)))[0]
	insert(t, fromSecond, fresh, vals(1))
	check(t, fromSecond)

	// A rewrite.
	require.NoError(t, db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
		def := tab.Def().Clone()
		def.Columns[2].Type = value.Type{ID: value.TypeVarChar, Length: 30, Collation: 309}
		var err error
		tab, err = d.AlterTable(tab, def, func(old *rowT, out []value.Value) error {
			for i := range out {
				out[i] = old.Col(i)
			}
			out[2] = value.String(fmt.Sprint("n", old.Col(2).Int64()))
			return nil
		})
		if err != nil {
			return err
		}
		au, err = d.TruncateTable(au)
		return err
	}))
	check(t, db)
	want = dump(t, db)
	require.Contains(t, want, "n299")
	again := load(t, first, j.txns(t))
	check(t, again)
	require.Equal(t, want, dump(t, again))
}

func clonePages(p map[uint32]map[uint32][]byte) map[uint32]map[uint32][]byte {
	out := map[uint32]map[uint32][]byte{}
	for s, m := range p {
		out[s] = map[uint32][]byte{}
		for n, b := range m {
			out[s][n] = b
		}
	}
	return out
}

func TestAppendFailureIsClean(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 10, nil))
	j.onAppend = func(heap.CSN) error { return errors.New("no space left") }
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(tx, tab, 1, 1, "bob"))
	_, err := tx.Insert(ctx, tab, vals(2, "carl", 1, nil))
	require.NoError(t, err)
	require.ErrorIs(t, tx.Commit(ctx), sqlerr.DiskFull)
	require.True(t, tx.Done())
	j.onAppend = nil
	check(t, db)
	insert(t, db, tab, vals(2, "dora", 1, nil))
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return set(tx, tab, 1, 1, "eve") }))
	check(t, db)
	require.Equal(t, dump(t, db), dump(t, load(t, nil, j.txns(t))))
}

func TestSyncFailurePoisons(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 10, nil))
	before := db.Stats().VisibleCSN
	j.onSync = func(uint64) error { return errors.New("fsync: input/output error") }
	tx := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(tx, tab, 1, 1, "bob"))
	err := tx.Commit(ctx)
	require.ErrorIs(t, err, engine.ErrPoisoned)
	j.onSync = nil
	// Reads go on at the last durable state, commits fail, a checkpoint is refused.
	rd := begin(t, db, engine.RepeatableRead)
	require.Equal(t, "ann", get(t, rd, tab, 1, 1))
	require.Equal(t, before, db.Stats().VisibleCSN)
	w := begin(t, db, engine.RepeatableRead)
	_, err = w.Insert(ctx, tab, vals(2, "x", 1, nil))
	require.NoError(t, err)
	require.ErrorIs(t, w.Commit(ctx), engine.ErrPoisoned)
	// A statement that builds on what never became durable does not end well.
	w = begin(t, db, engine.RepeatableRead)
	require.NoError(t, w.BeginStatement(engine.StmtWrite))
	_, err = w.Lock(ctx, tab, find(t, w, tab, 1), engine.LockSpec{X: schema.AllCols(4), Explicit: true})
	require.NoError(t, err)
	require.ErrorIs(t, w.EndStatement(nil), engine.ErrPoisoned)
	_, err = db.Checkpoint(ctx, engine.CheckpointOptions{}, &memSink{})
	require.ErrorIs(t, err, engine.ErrPoisoned)
}

func TestVisibleWaitsForSync(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 10, nil))
	gate := make(chan struct{})
	j.onSync = func(uint64) error { <-gate; return nil }
	done := make(chan error)
	go func() {
		done <- db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return set(tx, tab, 1, 2, 11) })
	}()
	require.Eventually(t, func() bool { return db.Stats().InstalledCSN > db.Stats().VisibleCSN }, 10*time.Second, time.Millisecond)
	tx := begin(t, db, engine.RepeatableRead)
	require.Equal(t, 10, get(t, tx, tab, 1, 2))
	// The row lock is free already: another transaction builds on the installed version, but is told only when that is durable.
	told := make(chan int)
	go func() {
		w, _ := db.Begin(ctx, engine.TxOptions{})
		_ = w.BeginStatement(engine.StmtWrite)
		rid := find(t, w, tab, 1)
		_, err := w.Lock(ctx, tab, rid, engine.LockSpec{X: schema.AllCols(4), Explicit: true})
		if err != nil {
			told <- -1
			return
		}
		var r rowT
		_, _ = w.ReadCurrent(ctx, tab, rid, &r)
		n := int(r.Col(2).Int64())
		if w.EndStatement(nil) != nil {
			n = -1
		}
		_ = w.Rollback()
		told <- n
	}()
	select {
	case n := <-told:
		t.Fatalf("told %d before the commit was durable", n)
	case <-time.After(20 * time.Millisecond):
	}
	close(gate)
	require.NoError(t, <-done)
	require.Equal(t, 11, <-told)
}
