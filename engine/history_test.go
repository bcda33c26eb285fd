package engine_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	hist "github.com/worktable-go/worktable/internal/history"
)

// historyTime is how long each setting of a history test runs: WORKTABLE_HISTORY=60s is the campaign.
func historyTime() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("WORKTABLE_HISTORY")); err == nil {
		return d
	}
	return 200 * time.Millisecond
}

// The keys of a run: a list is a blob in column a or b of a row, so that lists share rows; or it is the rows of one list in
// a second table, in the order of a number that is unique within the list.
const (
	historyRows  = 3
	historyElems = 2
	firstElems   = 100 // key of the first list that is rows
	listsA       = 2   // ordinal of column a
	listsPlace   = 4   // a number that moves the row in an index
)

func historyTables(t *testing.T, db *engine.DB) (lists, elems *engine.Table) {
	l := tableDef("lists", []schema.Column{intCol("id", true), intCol("run", true), blobCol("a"), blobCol("b"), intCol("place", true)},
		primary(1), secondary("run", 2), secondary("place", 2, 5))
	e := tableDef("elems", []schema.Column{intCol("list", true), intCol("place", true), intCol("v", true)}, unique("place", 1, 2))
	tabs := create(t, db, l, e)
	return tabs[0], tabs[1]
}

// listStore is the database under test with its change stream.
type listStore struct {
	t            *testing.T
	db           *engine.DB
	lists, elems *engine.Table
	sub          *engine.Subscription
	state        map[int64][]int64 // global key → list, as the stream has it
	txns         int
	skews        int
	committed    int
}

func newListStore(t *testing.T, o engine.Options) *listStore {
	o.LockWaitTimeout = 10 * time.Second
	s := &listStore{t: t, db: newDB(t, o), state: map[int64][]int64{}}
	s.lists, s.elems = historyTables(t, s.db)
	var err error
	s.sub, err = s.db.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
	require.NoError(t, err)
	t.Cleanup(s.sub.Close)
	return s
}

// listRun is one hist.
type listRun struct {
	*listStore
	rec   *hist.Recorder
	base  int // of the ids of rows and lists
	width int // bytes per element: wide ones spill to overflow pages
}

// TestHistoriesOfLists runs transactions over lists with everything that a transaction can do, and checks what they saw
// against their isolation level, and the change stream against both.
func TestHistoriesOfLists(t *testing.T) {
	procs(t, func(t *testing.T) {
		t.Run("memory", func(t *testing.T) { testHistories(t, engine.Options{}) })
		t.Run("journal", func(t *testing.T) {
			j := &memJournal{}
			j.onSync = func(uint64) error { time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond); return nil }
			testHistories(t, engine.Options{Journal: j})
		})
	})
}

func testHistories(t *testing.T, o engine.Options) {
	s := seed(t)
	st := newListStore(t, o)
	var stop atomic.Bool
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for !stop.Load() {
			assertNoError(t, st.db.Vacuum(ctx, nil))
			time.Sleep(time.Millisecond)
		}
	}()
	end := time.Now().Add(historyTime())
	runs := uint64(0)
	for ; runs < 2 || time.Now().Before(end) && !t.Failed(); runs++ {
		st.run(s+runs, int(runs))
	}
	stop.Store(true)
	wg.Wait()
	check(t, st.db)
	figures := st.db.Stats()
	require.Zero(t, figures.ActiveTx)
	require.Zero(t, figures.Snapshots)
	t.Logf("%d runs, %d transactions, %d committed, %d with write skew, %d deadlocks", runs, st.txns, st.committed, st.skews, figures.Deadlocks)
}

// run makes one history of rows of its own and checks it.
func (s *listStore) run(seed uint64, n int) {
	rnd := rand.New(rand.NewPCG(seed, 0))
	r := &listRun{listStore: s, rec: hist.NewRecorder(), base: n * 1000, width: 8}
	if rnd.IntN(4) == 0 {
		r.width = 300
	}
	for i := range historyRows {
		insert(s.t, s.db, s.lists, vals(r.base+i, n, []byte{}, []byte{}, i))
	}
	var wg sync.WaitGroup
	for w := range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			c := &listClient{r: r, ses: r.rec.Session(), rnd: rand.New(rand.NewPCG(seed, uint64(w+1)))}
			for range 20 {
				if err := c.transaction(); err != nil {
					s.t.Errorf("seed %d: %v", seed, err)
					return
				}
			}
		}()
	}
	wg.Wait()
	c := &listClient{r: r, ses: r.rec.Session(), rnd: rnd, last: true}
	require.NoError(s.t, c.transaction())
	h := r.rec.History()
	report := hist.Check(h)
	s.txns += report.Txns
	s.committed += report.Committed
	s.skews += report.Allowed[hist.G2Item]
	if !report.OK() {
		s.t.Errorf("seed %d: %s", seed, report)
	}
	for _, a := range hist.CheckLog(h, r.log()) {
		s.t.Errorf("seed %d: %s", seed, a)
	}
}

// hold is what a transaction has of a row.
type hold struct {
	locked  bool    // by FOR UPDATE, or the row is its own
	touched bool    // some column written
	own     [2]bool // lists written
}

// listClient runs transactions one after the other.
type listClient struct {
	r    *listRun
	ses  *hist.Session
	rnd  *rand.Rand
	last bool // read everything

	tx   *engine.Tx
	iso  engine.Isolation
	x    *hist.Tx
	rows map[int]hold
}

// errPlanned is a failure that a statement is meant to have.
var errPlanned = errors.New("planned")

// transaction runs one. An error is not one that a program must expect.
func (c *listClient) transaction() error {
	iso, level := engine.RepeatableRead, hist.SnapshotIsolation
	if c.rnd.IntN(2) == 0 {
		iso, level = engine.ReadCommitted, hist.ReadCommitted
	}
	c.rows, c.iso = map[int]hold{}, iso
	c.x = c.ses.Begin(level)
	var err error
	if c.tx, err = c.r.db.Begin(ctx, engine.TxOptions{Isolation: iso, Reuse: c.tx}); err != nil {
		return err
	}
	if err = c.body(); err == nil && c.rnd.IntN(10) > 0 {
		commit, cancel := c.context()
		err = c.tx.Commit(commit)
		cancel()
		if err == nil {
			c.x.End(hist.Committed)
			return nil
		}
	}
	if rerr := c.tx.Rollback(); rerr != nil {
		return rerr
	}
	c.x.End(hist.Aborted)
	if expected(err) {
		return nil
	}
	return err
}

// expected reports an error that other transactions or a context may cause.
func expected(err error) bool {
	return err == nil || retryable(err) || errors.Is(err, errPlanned) || errors.Is(err, sqlerr.QueryInterrupted)
}

// context returns one that may end soon.
func (c *listClient) context() (context.Context, context.CancelFunc) {
	if c.last || c.rnd.IntN(10) > 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, time.Duration(c.rnd.IntN(300))*time.Microsecond)
}

// body runs the statements. Only what ends the transaction is returned.
func (c *listClient) body() error {
	if c.last {
		if err := c.scan(); err != nil {
			return err
		}
		return c.readElems()
	}
	for range 1 + c.rnd.IntN(5) {
		err := c.step()
		if errors.Is(err, sqlerr.Deadlock) || !expected(err) {
			return err
		}
		if c.rnd.IntN(3) == 0 {
			runtime.Gosched()
		}
	}
	return nil
}

func (c *listClient) step() error {
	switch c.rnd.IntN(14) {
	case 0, 1:
		return c.get(c.rnd.IntN(historyRows))
	case 2, 3:
		return c.scan()
	case 4, 5, 6:
		return c.appendTo(c.rnd.IntN(historyRows), c.rnd.IntN(4))
	case 7:
		return c.forUpdate(c.rnd.IntN(historyRows))
	case 8:
		return c.savepoint()
	case 9:
		return c.move(c.rnd.IntN(historyRows))
	case 10:
		return c.replace(c.rnd.IntN(historyRows))
	case 11:
		return c.readElems()
	default:
		return c.appendElem(c.rnd.IntN(historyElems))
	}
}

// statement runs f as one statement and records what it read once it has succeeded.
func (c *listClient) statement(kind engine.StmtKind, f func(ctx context.Context, st *hist.Stmt, out *[]seen) error) error {
	st := c.x.Statement()
	before := maps.Clone(c.rows)
	limited, cancel := c.context()
	defer cancel()
	var out []seen
	err := c.tx.BeginStatement(kind)
	if err == nil {
		err = c.tx.EndStatement(f(limited, st, &out))
	}
	if err != nil {
		st.Failed()
		c.rows = before
		return err
	}
	for _, s := range out {
		st.Read(s.key, s.list, s.access)
	}
	return nil
}

// seen is a list that a statement has read.
type seen struct {
	key    int
	list   []int64
	access hist.Access
}

// access says how a plain read of a column gets at it: rows that the transaction has locked or written are read as they are now.
func (c *listClient) access(row, col int) hist.Access {
	switch h := c.rows[row]; {
	case h.locked:
		return hist.Locked
	case h.own[col], !h.touched:
		return hist.Plain
	}
	return hist.Current
}

// note takes both lists of a row.
func (c *listClient) note(r *rowT, out *[]seen) error {
	row := int(r.Col(0).Int64()) - c.r.base
	for col := range 2 {
		v := r.Col(listsA + col)
		if err := r.Err(); err != nil {
			return err
		}
		*out = append(*out, seen{row*2 + col, c.r.decode(v.Str()), c.access(row, col)})
	}
	return nil
}

func (r *listRun) decode(s string) []int64 {
	list := []int64{}
	for ; len(s) >= r.width; s = s[r.width:] {
		list = append(list, int64(binary.BigEndian.Uint64([]byte(s))))
	}
	return list
}

func (r *listRun) encode(v int64) string {
	b := make([]byte, r.width)
	binary.BigEndian.PutUint64(b, uint64(v))
	return string(b)
}

// get reads a row by its key.
func (c *listClient) get(row int) error {
	return c.statement(engine.StmtRead, func(ctx context.Context, _ *hist.Stmt, out *[]seen) error {
		var r rowT
		_, ok, err := c.tx.Get(ctx, c.r.lists.Index(0), vals(c.r.base+row), &r)
		if err != nil {
			return err
		}
		if !ok {
			return fmt.Errorf("row %d is not found", c.r.base+row)
		}
		return c.note(&r, out)
	})
}

// scan reads all rows of the run in one statement, by some index.
func (c *listClient) scan() error {
	return c.statement(engine.StmtRead, func(ctx context.Context, _ *hist.Stmt, out *[]seen) error {
		way := c.rnd.IntN(3)
		run := engine.Bound{Vals: vals(c.r.base / 1000), Inclusive: true}
		rg := engine.Range{Lo: run, Hi: run, Reverse: c.rnd.IntN(2) == 0}
		if way == 0 {
			rg.Lo.Vals, rg.Hi = vals(c.r.base), engine.Bound{Vals: vals(c.r.base + 1000)}
		}
		cur := c.tx.ScanIndex(c.r.lists.Index(way), rg, engine.ScanOptions{})
		defer cur.Close()
		for {
			rows, err := cur.NextBatch(ctx, 1+c.rnd.IntN(3))
			if err != nil {
				return err
			}
			if len(rows) == 0 {
				break
			}
			for i := range rows {
				if err := c.note(&rows[i].Row, out); err != nil {
					return err
				}
			}
			runtime.Gosched()
		}
		if len(*out) != 2*historyRows {
			return fmt.Errorf("index %d yields %d rows of %d: %v", way, len(*out)/2, historyRows, *out)
		}
		return nil
	})
}

// lock finds a row, locks columns of it and reads it as it is now, in one of the ways that there are for that.
func (c *listClient) lock(ctx context.Context, row int, spec engine.LockSpec, r *rowT) (heap.RowID, error) {
	key := vals(c.r.base + row)
	byKey, atOnce := c.rnd.IntN(3) == 0, c.rnd.IntN(2) == 0
	for range 1000 {
		mark := c.tx.Mark()
		if byKey {
			id, res, err := c.tx.GetLocked(ctx, c.r.lists.Index(0), key, spec, r)
			if err == nil && res == engine.Gone {
				err = errPlanned // the snapshot's row was replaced
				if c.iso == engine.ReadCommitted {
					err = fmt.Errorf("row %d is not there now", c.r.base+row)
				}
			}
			if err == nil && c.again(mark) {
				continue
			}
			return id, err
		}
		id, ok, err := c.tx.GetCurrent(ctx, c.r.lists.Index(0), key, r)
		if err != nil {
			return 0, err
		}
		if !ok {
			return 0, fmt.Errorf("row %d is not there now", c.r.base+row)
		}
		lock := c.lockAndRead
		if atOnce {
			lock = c.tx.LockRead
		}
		res, err := lock(ctx, c.r.lists, id, spec, r)
		if err == nil && (res == engine.Gone || c.again(mark)) {
			continue // replaced by one with the same key
		}
		return id, err
	}
	return 0, errors.New("the row is always gone")
}

// lockAndRead is what LockRead does, in two steps.
func (c *listClient) lockAndRead(ctx context.Context, t *engine.Table, id heap.RowID, spec engine.LockSpec, r *rowT) (engine.LockResult, error) {
	res, err := c.tx.Lock(ctx, t, id, spec)
	if err != nil || res != engine.Locked {
		return res, err
	}
	ok, err := c.tx.ReadCurrent(ctx, t, id, r)
	if err == nil && !ok {
		err = errors.New("a locked row is not there")
	}
	return res, err
}

// again unlocks now and then what was locked since from, where a transaction may.
func (c *listClient) again(from engine.Mark) bool {
	if c.iso != engine.ReadCommitted || c.rnd.IntN(5) > 0 {
		return false
	}
	c.tx.Unlock(from, c.tx.Mark())
	return true
}

// appendTo appends to one column of a row, or to both, or twice to one. Now and then the statement fails after that.
func (c *listClient) appendTo(row, how int) error {
	return c.statement(engine.StmtWrite, func(ctx context.Context, st *hist.Stmt, _ *[]seen) error {
		cols := [][]int{{0}, {1}, {0, 1}, {0, 0}}[how]
		set := schema.ColSetOf()
		for _, col := range cols {
			set = set.Union(schema.ColSetOf(listsA + col))
		}
		var r rowT
		id, err := c.lock(ctx, row, engine.LockSpec{X: set}, &r)
		if err != nil {
			return err
		}
		all := make([]value.Value, 5)
		h := c.rows[row]
		h.touched = true
		access := hist.Plain
		if h.locked {
			access = hist.Locked
		}
		for _, col := range cols {
			v := c.r.rec.Value()
			st.Append(row*2+col, v, access)
			old := all[listsA+col]
			if all[listsA+col].IsNull() {
				old = r.Col(listsA + col)
			}
			all[listsA+col] = value.Bytes(old.Str() + c.r.encode(v))
			h.own[col] = true
		}
		if err := c.tx.Update(ctx, c.r.lists, id, set, all); err != nil {
			return err
		}
		c.rows[row] = h
		if c.rnd.IntN(8) == 0 {
			return errPlanned
		}
		return nil
	})
}

// forUpdate locks a row and reads it.
func (c *listClient) forUpdate(row int) error {
	return c.statement(engine.StmtWrite, func(ctx context.Context, _ *hist.Stmt, out *[]seen) error {
		var r rowT
		if _, err := c.lock(ctx, row, engine.LockSpec{X: schema.AllCols(5), Explicit: true}, &r); err != nil {
			return err
		}
		h := c.rows[row]
		h.locked = true
		c.rows[row] = h
		return c.note(&r, out)
	})
}

// savepoint does something and takes it back.
func (c *listClient) savepoint() error {
	mark, tmark, before := c.x.Mark(), c.tx.Mark(), maps.Clone(c.rows)
	for range 1 + c.rnd.IntN(2) {
		var err error
		switch row := c.rnd.IntN(historyRows); c.rnd.IntN(4) {
		case 0:
			err = c.forUpdate(row)
		case 1:
			err = c.replace(row)
		case 2:
			err = c.appendElem(c.rnd.IntN(historyElems))
		default:
			err = c.appendTo(row, c.rnd.IntN(4))
		}
		if errors.Is(err, sqlerr.Deadlock) || !expected(err) {
			return err
		}
	}
	if err := c.tx.RollbackTo(tmark); err != nil {
		return err
	}
	c.x.UndoTo(mark)
	c.rows = before
	return nil
}

// move changes the place of a row in an index, which touches no list.
func (c *listClient) move(row int) error {
	return c.statement(engine.StmtWrite, func(ctx context.Context, st *hist.Stmt, _ *[]seen) error {
		st.Touch()
		var r rowT
		id, err := c.lock(ctx, row, engine.LockSpec{X: schema.ColSetOf(listsPlace)}, &r)
		if err != nil {
			return err
		}
		h := c.rows[row]
		h.touched = true
		c.rows[row] = h
		return c.tx.Update(ctx, c.r.lists, id, schema.ColSetOf(listsPlace), vals(nil, nil, nil, nil, c.rnd.IntN(9)))
	})
}

// replace deletes a row and inserts it again: the same key, another row.
func (c *listClient) replace(row int) error {
	return c.statement(engine.StmtWrite, func(ctx context.Context, _ *hist.Stmt, out *[]seen) error {
		var r rowT
		id, err := c.lock(ctx, row, engine.LockSpec{X: schema.AllCols(5), Explicit: true}, &r)
		if err != nil {
			return err
		}
		c.rows[row] = hold{locked: true}
		if err := c.note(&r, out); err != nil {
			return err
		}
		all, err := r.Columns(schema.AllCols(5), nil)
		if err != nil {
			return err
		}
		for i := range all {
			all[i] = all[i].Clone()
		}
		if err := c.tx.Delete(ctx, c.r.lists, id); err != nil {
			return err
		}
		_, err = c.tx.Insert(ctx, c.r.lists, all)
		return err
	})
}

// elems reads a list that is rows.
func (c *listClient) elems(ctx context.Context, list int) ([]int64, error) {
	at := engine.Bound{Vals: vals(c.r.base + list), Inclusive: true}
	cur := c.tx.ScanIndex(c.r.elems.Index(0), engine.Range{Lo: at, Hi: at}, engine.ScanOptions{})
	defer cur.Close()
	out := []int64{}
	for {
		rows, err := cur.NextBatch(ctx, 1+c.rnd.IntN(5))
		if err != nil || len(rows) == 0 {
			return out, err
		}
		for i := range rows {
			if place := rows[i].Row.Col(1).Int64(); place != int64(len(out)) {
				return nil, fmt.Errorf("list %d has place %d behind %v", list, place, out)
			}
			out = append(out, rows[i].Row.Col(2).Int64())
		}
		runtime.Gosched()
	}
}

// readElems reads all lists that are rows in one statement.
func (c *listClient) readElems() error {
	return c.statement(engine.StmtRead, func(ctx context.Context, _ *hist.Stmt, out *[]seen) error {
		for list := range historyElems {
			l, err := c.elems(ctx, list)
			if err != nil {
				return err
			}
			*out = append(*out, seen{firstElems + list, l, hist.Plain})
		}
		return nil
	})
}

// appendElem reads a list and inserts a row behind its end. Another one that does the same waits, and gets 1062.
func (c *listClient) appendElem(list int) error {
	var l []int64
	err := c.statement(engine.StmtRead, func(ctx context.Context, _ *hist.Stmt, out *[]seen) (err error) {
		if l, err = c.elems(ctx, list); err == nil {
			*out = append(*out, seen{firstElems + list, l, hist.Plain})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.statement(engine.StmtWrite, func(ctx context.Context, st *hist.Stmt, _ *[]seen) error {
		v := c.r.rec.Value()
		st.Append(firstElems+list, v, hist.Plain)
		_, err := c.tx.Insert(ctx, c.r.elems, vals(c.r.base+list, len(l), int(v)))
		return err
	})
}

// log reads the change stream up to the present and makes out what each commit appended.
func (r *listRun) log() []hist.LogEntry {
	var out []hist.LogEntry
	for r.sub.Position() < r.db.Stats().VisibleCSN {
		limited, cancel := context.WithTimeout(ctx, 10*time.Second)
		before := r.sub.Position()
		txn, err := r.sub.Next(limited)
		cancel()
		require.NoError(r.t, err)
		require.Equal(r.t, before+1, txn.CSN, "the stream has a gap")
		changes, err := r.db.Changes(txn)
		require.NoError(r.t, err)
		var e hist.LogEntry
		for i := range changes {
			e = append(e, r.change(&changes[i])...)
		}
		if len(e) > 0 {
			out = append(out, e)
		}
	}
	return out
}

// change makes out what one change appended.
func (r *listRun) change(ch *engine.Change) (out hist.LogEntry) {
	var id int64
	if ch.Table == "elems" {
		var v int64
		for i, name := range ch.Columns {
			switch name {
			case "list":
				id = ch.After[i].Int64()
			case "v":
				v = ch.After[i].Int64()
			}
		}
		return hist.LogEntry{{Key: int(id) - r.base + firstElems, Value: v}}
	}
	if len(ch.Key) > 0 {
		id = ch.Key[0].Int64()
	} else if len(ch.After) > 0 {
		id = ch.After[0].Int64()
	}
	for i, name := range ch.Columns {
		if name != "a" && name != "b" {
			continue
		}
		key := id*2 + int64(name[0]-'a')
		list, old := r.decode(ch.After[i].Str()), r.state[key]
		if len(list) < len(old) || fmt.Sprint(list[:len(old)]) != fmt.Sprint(old) {
			r.t.Errorf("the stream changes list %d from %v to %v", key, old, list)
			continue
		}
		for _, v := range list[len(old):] {
			out = append(out, hist.LogAppend{Key: int(key) - 2*r.base, Value: v})
		}
		r.state[key] = list
	}
	return out
}

// TestHistoriesOfRows runs single calls on a few rows, each a transaction of its own, and looks for an order of them that a row
// alone could have had: reads without a registered snapshot, inserts and deletes of one key, columns written side by side.
func TestHistoriesOfRows(t *testing.T) {
	procs(t, func(t *testing.T) {
		s := seed(t)
		db := newDB(t, engine.Options{LockWaitTimeout: 10 * time.Second})
		tab := create(t, db, tableDef("rows", []schema.Column{intCol("id", true), intCol("a", true), intCol("b", true)}, primary(1)))[0]
		end := time.Now().Add(historyTime())
		runs, calls := 0, 0
		for ; runs < 2 || time.Now().Before(end) && !t.Failed(); runs++ {
			calls += runRows(t, db, tab, s+uint64(runs))
		}
		check(t, db)
		t.Logf("%d runs, %d calls", runs, calls)
	})
}

// runRows makes one history on fresh keys.
func runRows(t *testing.T, db *engine.DB, tab *engine.Table, seed uint64) int {
	const sessions, rows, each = 5, 3, 40
	rec := hist.NewRecorder()
	all := make([][]rowCall, sessions)
	base := int(seed % (1 << 40) * rows)
	var wg sync.WaitGroup
	for w := range sessions {
		wg.Add(1)
		go func() {
			defer wg.Done()
			rnd := rand.New(rand.NewPCG(seed, uint64(w)))
			client := rowClient{db: db, tab: tab, rnd: rnd}
			for range each {
				row := rnd.IntN(rows)
				verbs := []hist.RowVerb{hist.Select, hist.Select, hist.Insert, hist.Set, hist.Set, hist.Add, hist.Swap, hist.Delete}
				in := hist.RowIn{Verb: verbs[rnd.IntN(len(verbs))], Col: rnd.IntN(2), Val: int64(rnd.IntN(4)), Old: int64(rnd.IntN(4))}
				c := rowCall{row: row, Call: hist.Call[hist.RowIn, hist.RowOut]{Session: w, Start: rec.Now(), In: in}}
				var err error
				if c.Out, err = client.call(base+row, in); err != nil {
					t.Errorf("seed %d: %+v: %v", seed, in, err)
					return
				}
				c.End = rec.Now()
				all[w] = append(all[w], c)
			}
		}()
	}
	wg.Wait()
	per := make([][]hist.Call[hist.RowIn, hist.RowOut], rows)
	n := 0
	for _, calls := range all {
		for _, c := range calls {
			per[c.row] = append(per[c.row], c.Call)
			n++
		}
	}
	for row, calls := range per {
		v, why := hist.Linearizable(hist.RowModel(hist.RowState{}, false), calls, 1<<20)
		if v == hist.NotLinear {
			t.Errorf("seed %d, row %d: %s", seed, row, why)
		}
	}
	return n
}

type rowCall struct {
	hist.Call[hist.RowIn, hist.RowOut]
	row int
}

// rowClient makes calls on rows, one after the other.
type rowClient struct {
	db  *engine.DB
	tab *engine.Table
	rnd *rand.Rand
	tx  *engine.Tx // the latest
}

// call is a point read, or a transaction of one statement.
func (c *rowClient) call(id int, in hist.RowIn) (out hist.RowOut, err error) {
	tab := c.tab
	if in.Verb == hist.Select {
		var r rowT
		_, out.Done, err = c.db.Get(ctx, tab.Index(0), vals(id), &r)
		if out.Done {
			out.Cols = [2]int64{r.Col(1).Int64(), r.Col(2).Int64()}
		}
		return out, err
	}
	o := engine.TxOptions{Autocommit: true, Reuse: c.tx}
	if c.rnd.IntN(2) == 0 {
		o.Isolation = engine.ReadCommitted
	}
	tx, err := c.db.Begin(ctx, o)
	if err != nil {
		return out, err
	}
	c.tx = tx
	defer func() { _ = tx.Rollback() }()
	if err := tx.BeginStatement(engine.StmtWrite); err != nil {
		return out, err
	}
	if in.Verb == hist.Insert {
		row := vals(id, 0, 0)
		row[1+in.Col] = value.Int(in.Val)
		_, err = tx.Insert(ctx, tab, row)
		out.Done = err == nil
	} else {
		out.Done, err = c.change(id, in)
	}
	if err = tx.EndStatement(err); errors.Is(err, sqlerr.DupEntry) {
		return out, nil
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	return out, err
}

// change is UPDATE or DELETE of one row: find, lock, look again, change; or all but the last in one step.
func (c *rowClient) change(id int, in hist.RowIn) (bool, error) {
	tx, tab, atOnce := c.tx, c.tab, c.rnd.IntN(2) == 0
	spec := engine.LockSpec{X: schema.ColSetOf(1 + in.Col)}
	if in.Verb == hist.Delete {
		spec.X = schema.AllCols(3)
	}
	for {
		var r rowT
		mark := tx.Mark()
		rid, ok, err := c.find(id, spec, &r, atOnce)
		if err != nil || !ok {
			return false, err
		}
		if !atOnce {
			res, err := tx.Lock(ctx, tab, rid, spec)
			if err != nil {
				return false, err
			}
			if res == engine.Gone {
				continue
			}
			if ok, err = tx.ReadCurrent(ctx, tab, rid, &r); err != nil || !ok {
				return false, err
			}
		}
		old := r.Col(1 + in.Col).Int64()
		val := in.Val
		switch in.Verb {
		case hist.Delete:
			return true, tx.Delete(ctx, tab, rid)
		case hist.Add:
			val += old
		case hist.Swap:
			if old != in.Old {
				tx.Unlock(mark, tx.Mark())
				return false, nil
			}
		}
		all := make([]value.Value, 3)
		all[1+in.Col] = value.Int(val)
		return true, tx.Update(ctx, tab, rid, schema.ColSetOf(1+in.Col), all)
	}
}

// find finds the row with a key among the newest, and locks it if asked to.
func (c *rowClient) find(id int, spec engine.LockSpec, r *rowT, lock bool) (heap.RowID, bool, error) {
	if lock {
		rid, res, err := c.tx.GetLocked(ctx, c.tab.Index(0), vals(id), spec, r)
		return rid, res == engine.Locked, err
	}
	return c.tx.GetCurrent(ctx, c.tab.Index(0), vals(id), r)
}
