package engine_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
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

// stressTime is how long each stress test runs per setting: WORKTABLE_STRESS, a duration.
func stressTime() time.Duration {
	if d, err := time.ParseDuration(os.Getenv("WORKTABLE_STRESS")); err == nil {
		return d
	}
	return 300 * time.Millisecond
}

// seed returns the seed of a randomised test: WORKTABLE_SEED, or a new one, which is printed.
func seed(t *testing.T) uint64 {
	s := rand.Uint64()
	if n, err := strconv.ParseUint(os.Getenv("WORKTABLE_SEED"), 10, 64); err == nil {
		s = n
	}
	t.Logf("seed %d (WORKTABLE_SEED)", s)
	return s
}

// procs runs f under several GOMAXPROCS.
func procs(t *testing.T, f func(t *testing.T)) {
	for _, n := range []int{1, 2, 8} {
		t.Run(fmt.Sprintf("GOMAXPROCS=%d", n), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(n))
			f(t)
		})
	}
}

// retryable reports errors that a concurrent transaction may get.
func retryable(err error) bool {
	return errors.Is(err, sqlerr.Deadlock) || errors.Is(err, sqlerr.DupEntry) || errors.Is(err, sqlerr.LockWaitTimeout)
}

// TestBankTransfers moves money between rows while every snapshot must hold the same sum, read by table scan and by two indexes.
// Rows change their keys, are deleted and inserted, and parts of transactions are rolled back.
func TestBankTransfers(t *testing.T) {
	procs(t, func(t *testing.T) { testBank(t, engine.Options{}) })
}

// TestBankTransfersWithJournal is the same with commits that become durable late.
func TestBankTransfersWithJournal(t *testing.T) {
	procs(t, func(t *testing.T) {
		j := &memJournal{}
		j.onSync = func(uint64) error { time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond); return nil }
		db := testBank(t, engine.Options{Journal: j})
		require.Equal(t, dump(t, db), dump(t, load(t, nil, j.txns(t))))
	})
}

// TestBankTransfersWithFailingJournal has appends refused now and then, and at last a sync fail for good. What is visible must be
// exactly the log up to the visible CSN, and every acknowledged commit must be in it.
func TestBankTransfersWithFailingJournal(t *testing.T) {
	procs(t, func(t *testing.T) {
		j := &memJournal{}
		var n, fatal atomic.Int64
		j.onAppend = func(heap.CSN) error {
			if n.Add(1)%7 == 6 {
				return errors.New("no space left on device")
			}
			return nil
		}
		j.onSync = func(pos uint64) error {
			time.Sleep(time.Duration(rand.IntN(100)) * time.Microsecond)
			if f := fatal.Load(); f > 0 && int64(pos) >= f {
				return errors.New("input/output error")
			}
			return nil
		}
		db := newDB(t, engine.Options{Journal: j, LockWaitTimeout: 5 * time.Second})
		def := accountsDef()
		for db.Catalog().Table("d", "accounts") == nil {
			_ = db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
				if d.Catalog().Database("d") == nil {
					if err := d.CreateDatabase(&schema.Database{Name: "d"}); err != nil {
						return err
					}
				}
				_, err := d.CreateTable(def)
				return err
			})
		}
		tab := db.Catalog().Table("d", "accounts")
		var wg sync.WaitGroup
		var acknowledged atomic.Uint64
		stop := time.Now().Add(stressTime())
		for w := range 4 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; time.Now().Before(stop); i++ {
					tx, err := db.Begin(ctx, engine.TxOptions{})
					if err != nil {
						t.Error(err)
						return
					}
					_, err = tx.Insert(ctx, tab, vals(w*1_000_000+i, "o", i, nil))
					if err == nil && i > 10 {
						err = set(tx, tab, w*1_000_000+i-10, 1, "changed")
					}
					if err == nil {
						err = tx.Commit(ctx)
					}
					if err == nil {
						for {
							old := acknowledged.Load()
							if uint64(tx.CommitCSN()) <= old || acknowledged.CompareAndSwap(old, uint64(tx.CommitCSN())) {
								break
							}
						}
					}
					_ = tx.Rollback()
					if errors.Is(err, engine.ErrPoisoned) {
						return
					}
					if err != nil && !errors.Is(err, sqlerr.DiskFull) && !retryable(err) {
						t.Error(err)
					}
				}
			}()
		}
		time.Sleep(stressTime() / 2)
		j.mu.Lock()
		fatal.Store(int64(len(j.records) + 1))
		j.mu.Unlock()
		wg.Wait()
		st := db.Stats()
		require.True(t, st.Poisoned)
		require.LessOrEqual(t, acknowledged.Load(), uint64(st.VisibleCSN))
		var prefix []*cdc.Txn
		for _, txn := range j.txns(t) {
			if txn.CSN <= st.VisibleCSN {
				prefix = append(prefix, txn)
			}
		}
		got, want := dump(t, db), dump(t, load(t, nil, prefix))
		require.Equal(t, want, got)
	})
}

const (
	bankRows = 24
	bankSum  = bankRows * 100
)

func testBank(t *testing.T, o engine.Options) *engine.DB {
	o.LockWaitTimeout = 5 * time.Second
	db := newDB(t, o)
	def := accountsDef()
	def.Indexes = append(def.Indexes, secondary("balance", 3, 2), unique("note", 4))
	for i := range def.Indexes {
		def.Indexes[i].ID = uint32(i + 1)
	}
	def.NextIdxID = 5
	tab := create(t, db, def)[0]
	for i := range bankRows {
		insert(t, db, tab, vals(i, fmt.Sprint("o", i%3), 100, fmt.Sprint("n", i)))
	}
	s := seed(t)
	var stop atomic.Bool
	var wg sync.WaitGroup
	var commits atomic.Int64
	for w := range 6 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			b := banker{t: t, db: db, tab: tab, rnd: rand.New(rand.NewPCG(s, uint64(w)))}
			for n := 0; n < 50 || !stop.Load(); n++ {
				if w < 2 {
					b.audit()
				} else if b.transfer() {
					commits.Add(1)
				}
			}
		}()
	}
	wg.Add(1)
	go func() {
		defer wg.Done()
		sink := &memSink{}
		for i := 0; !stop.Load(); i++ {
			assertNoError(t, db.Vacuum(ctx, nil))
			at, err := db.Checkpoint(ctx, engine.CheckpointOptions{Full: i%5 == 4}, sink)
			assertNoError(t, err)
			auditCheckpoint(t, sink, at)
			time.Sleep(2 * time.Millisecond)
		}
	}()
	time.Sleep(stressTime())
	stop.Store(true)
	wg.Wait()
	require.Positive(t, commits.Load())
	check(t, db)
	st := db.Stats()
	require.Zero(t, st.ActiveTx)
	require.Zero(t, st.Snapshots)
	require.Zero(t, st.PruneQueue)
	return db
}

// auditCheckpoint loads what the checkpoints so far have left and looks at the sum.
func auditCheckpoint(t *testing.T, s *memSink, at heap.CSN) {
	db := load(t, s, nil)
	for _, err := range db.Check(ctx) {
		t.Errorf("checkpoint at %d: %v", at, err)
	}
	b := banker{t: t, db: db, tab: db.Catalog().Table("d", "accounts"), rnd: rand.New(rand.NewPCG(1, 1))}
	b.audit()
	assertNoError(t, db.Close(ctx))
}

func assertNoError(t *testing.T, err error) {
	if err != nil {
		t.Error(err)
	}
}

type banker struct {
	t   *testing.T
	db  *engine.DB
	tab *engine.Table
	rnd *rand.Rand
}

// audit reads the sum three ways in one snapshot.
func (b *banker) audit() {
	tx, err := b.db.Begin(ctx, engine.TxOptions{})
	if err != nil {
		b.t.Error(err)
		return
	}
	defer func() { _ = tx.Rollback() }()
	for i, c := range []*engine.Cursor{
		tx.Scan(b.tab, engine.ScanOptions{}),
		tx.ScanIndex(b.tab.Index(0), engine.Range{}, engine.ScanOptions{}),
		tx.ScanIndex(b.tab.Index(2), engine.Range{Reverse: true}, engine.ScanOptions{}),
		tx.ScanIndex(b.tab.Index(3), engine.Range{}, engine.ScanOptions{}),
	} {
		sum, n := int64(0), 0
		for {
			rows, err := c.NextBatch(ctx, 1+b.rnd.IntN(9))
			if err != nil {
				b.t.Error(err)
				break
			}
			if len(rows) == 0 {
				break
			}
			for j := range rows {
				sum += rows[j].Row.Col(2).Int64()
				n++
			}
		}
		c.Close()
		if sum != bankSum || n != bankRows {
			b.t.Errorf("way %d: sum %d of %d rows at CSN %d", i, sum, n, tx.Snapshot())
			return
		}
	}
}

// transfer moves money between two rows, and does something to their keys on the way.
func (b *banker) transfer() bool {
	iso := []engine.Isolation{engine.ReadCommitted, engine.RepeatableRead}[b.rnd.IntN(2)]
	tx, err := b.db.Begin(ctx, engine.TxOptions{Isolation: iso})
	if err != nil {
		b.t.Error(err)
		return false
	}
	defer func() { _ = tx.Rollback() }()
	ids := b.ids(tx)
	if len(ids) < 2 {
		return false
	}
	from := ids[b.rnd.IntN(len(ids))]
	to := ids[b.rnd.IntN(len(ids))]
	if from == to {
		return false
	}
	err = b.move(tx, from, to)
	if err == nil && b.rnd.IntN(10) == 0 {
		return false
	}
	if err == nil {
		err = tx.Commit(ctx)
	}
	if err != nil && !errors.Is(err, errGone) && !retryable(err) {
		b.t.Error(err)
	}
	return err == nil
}

var errGone = errors.New("the row is gone")

func (b *banker) ids(tx *engine.Tx) []heap.RowID {
	c := tx.Scan(b.tab, engine.ScanOptions{})
	defer c.Close()
	var ids []heap.RowID
	for {
		rows, err := c.NextBatch(ctx, 100)
		if err != nil || len(rows) == 0 {
			return ids
		}
		for i := range rows {
			ids = append(ids, rows[i].ID)
		}
	}
}

// current locks a row and reads its values.
func (b *banker) current(tx *engine.Tx, id heap.RowID) ([]value.Value, error) {
	res, err := tx.Lock(ctx, b.tab, id, engine.LockSpec{X: schema.AllCols(4), Explicit: true})
	if err != nil {
		return nil, err
	}
	if res != engine.Locked {
		return nil, errGone
	}
	var r rowT
	ok, err := tx.ReadCurrent(ctx, b.tab, id, &r)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errGone
	}
	return r.Columns(schema.AllCols(4), nil)
}

func (b *banker) move(tx *engine.Tx, from, to heap.RowID) error {
	a, err := b.current(tx, from)
	if err != nil {
		return err
	}
	c, err := b.current(tx, to)
	if err != nil {
		return err
	}
	sum := b.rnd.Int64N(10)
	a[2] = value.Int(a[2].Int64() - sum)
	c[2] = value.Int(c[2].Int64() + sum)
	if err := tx.Update(ctx, b.tab, from, schema.ColSetOf(2), a); err != nil {
		return err
	}
	m := tx.Mark()
	switch b.rnd.IntN(5) {
	case 0: // change the primary key to one that may be taken
		c[0] = value.Int(b.rnd.Int64N(2 * bankRows))
	case 1: // delete and insert again under the same keys
		if err := tx.Delete(ctx, b.tab, to); err != nil {
			return err
		}
		_, err := tx.Insert(ctx, b.tab, c)
		return err
	case 2: // something that is undone
		if err := tx.Delete(ctx, b.tab, to); err != nil {
			return err
		}
		c[1] = value.String("undone")
		if _, err := tx.Insert(ctx, b.tab, c); err != nil {
			return err
		}
		if err := tx.RollbackTo(m); err != nil {
			return err
		}
		// The lock on to is older than the mark.
	case 3:
		c[1] = value.String(fmt.Sprint("o", b.rnd.IntN(9)))
	case 4: // swap the unique notes by way of a third
		an, cn := a[3], c[3]
		for _, step := range []struct {
			id heap.RowID
			v  value.Value
		}{{from, value.String(fmt.Sprint("tmp", b.rnd.Uint64()))}, {to, an}, {from, cn}} {
			v := make([]value.Value, 4)
			v[3] = step.v
			if err := tx.Update(ctx, b.tab, step.id, schema.ColSetOf(3), v); err != nil {
				return err
			}
		}
		c[3] = an
	}
	err = tx.Update(ctx, b.tab, to, schema.ColSetOf(0, 1, 2), c)
	if errors.Is(err, sqlerr.DupEntry) {
		// The statement is undone; give the money without the new key.
		return tx.Update(ctx, b.tab, to, schema.ColSetOf(2), c)
	}
	return err
}

// TestColumnsOfOneRow has each goroutine count in its own column of one row: no increment may be lost, nobody waits.
func TestColumnsOfOneRow(t *testing.T) {
	procs(t, func(t *testing.T) {
		db := newDB(t, engine.Options{})
		tab := create(t, db, tableDef("counts", []schema.Column{
			intCol("id", true), intCol("a", true), intCol("b", true), intCol("c", true), intCol("d", true), textCol("fill"),
		}, primary(1), secondary("d", 5)))[0]
		rid := insert(t, db, tab, vals(1, 0, 0, 0, 0, "x"))[0]
		var stop atomic.Bool
		var wg sync.WaitGroup
		var done [5]int64
		for w := 1; w <= 4; w++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for n := 0; n < 10 || !stop.Load(); n++ { // some work also where the machine is busy
					err := db.Run(ctx, engine.TxOptions{Autocommit: true}, func(tx *engine.Tx) error {
						if err := tx.BeginStatement(engine.StmtWrite); err != nil {
							return err
						}
						if _, err := tx.Lock(ctx, tab, rid, engine.LockSpec{X: schema.ColSetOf(w)}); err != nil {
							return tx.EndStatement(err)
						}
						var r rowT
						if _, err := tx.ReadCurrent(ctx, tab, rid, &r); err != nil {
							return tx.EndStatement(err)
						}
						v := make([]value.Value, 6)
						v[w] = value.Int(r.Col(w).Int64() + 1)
						return tx.EndStatement(tx.Update(ctx, tab, rid, schema.ColSetOf(w), v))
					})
					if err != nil {
						t.Error(err)
						return
					}
					done[w]++
				}
			}()
		}
		time.Sleep(stressTime())
		stop.Store(true)
		wg.Wait()
		var r rowT
		_, ok, err := db.Get(ctx, tab.Index(0), vals(1), &r)
		require.NoError(t, err)
		require.True(t, ok)
		for w := 1; w <= 4; w++ {
			require.Equal(t, done[w], r.Col(w).Int64())
			require.Positive(t, done[w])
		}
		check(t, db)
	})
}

// TestPointReadsMeetEveryState reads a row by key while it changes, moves and is replaced: it is always found, and never goes back.
func TestPointReadsMeetEveryState(t *testing.T) {
	procs(t, func(t *testing.T) {
		db := newDB(t, engine.Options{})
		tab := accounts(t, db)
		insert(t, db, tab, vals(1, "o", 0, nil), vals(2, "o", 0, nil))
		var stop atomic.Bool
		var wg sync.WaitGroup
		for range 3 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				var r rowT
				last := int64(-1)
				for !stop.Load() {
					_, ok, err := db.Get(ctx, tab.Index(0), vals(1), &r)
					if err != nil || !ok {
						t.Error("the row is not there", ok, err)
						return
					}
					now := r.Col(2).Int64()
					if now < last {
						t.Errorf("%d after %d", now, last)
						return
					}
					last = now
				}
			}()
		}
		end := time.Now().Add(stressTime())
		for i := 1; time.Now().Before(end); i++ {
			require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
				switch i % 4 {
				case 1: // two rows swap their keys
					for _, step := range [][2]int{{1, 3}, {2, 1}, {3, 2}} {
						if err := set(tx, tab, step[0], 0, step[1]); err != nil {
							return err
						}
					}
					return set(tx, tab, 1, 2, i)
				case 3: // another row takes the key over
					if err := tx.Delete(ctx, tab, find(t, tx, tab, 1)); err != nil {
						return err
					}
					_, err := tx.Insert(ctx, tab, vals(1, "o", i, nil))
					return err
				}
				return set(tx, tab, 1, 2, i)
			}))
		}
		stop.Store(true)
		wg.Wait()
		check(t, db)
	})
}
