package engine_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
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

func TestChangesHaveNamesAndBothImages(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	sub, err := db.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
	require.NoError(t, err)
	defer sub.Close()
	insert(t, db, tab, vals(1, "ann", 10, nil))
	commitSet(t, db, tab, 1, 2, 11)
	require.NoError(t, db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error { return del(tx, tab, 1) }))
	var got []string
	for range 3 {
		txn, err := sub.Next(ctx)
		require.NoError(t, err)
		require.Equal(t, sub.Position(), txn.CSN)
		changes, err := db.Changes(txn)
		require.NoError(t, err)
		for _, c := range changes {
			got = append(got, fmt.Sprintf("%d %s.%s %v %v %v %v %v %v", c.Kind, c.Schema, c.Table, c.Columns, texts(c.After), c.BeforeColumns, texts(c.Before), c.KeyColumns, texts(c.Key)))
		}
	}
	require.Equal(t, []string{
		"1 d.accounts [id owner balance note] [1 ann 10 NULL] [] [] [id] [1]",
		"2 d.accounts [balance] [11] [id owner balance] [1 ann 10] [id] [1]",
		"3 d.accounts [] [] [id owner balance note] [1 ann 11 NULL] [id] [1]",
	}, got)
}

func texts(vs []value.Value) []string {
	out := []string{}
	for _, v := range vs {
		out = append(out, fmt.Sprint(plain(v)))
	}
	return out
}

// TestSubscribersSeeEveryCommitOnce bootstraps subscribers while writers run; each must end with the table's state, and the stream must be
// in order without gaps.
func TestSubscribersSeeEveryCommitOnce(t *testing.T) {
	procs(t, func(t *testing.T) {
		db := newDB(t, engine.Options{})
		tab := accounts(t, db)
		end := time.Now().Add(stressTime())
		var wg sync.WaitGroup
		for w := range 3 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for i := 0; time.Now().Before(end); i++ {
					id := i % 20
					err := db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
						var r rowT
						rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(id), &r)
						if err != nil {
							return err
						}
						if !ok {
							_, err = tx.Insert(ctx, tab, vals(id, "o", w, nil))
							return err
						}
						if res, err := tx.Lock(ctx, tab, rid, engine.LockSpec{X: schema.AllCols(4), Explicit: true}); err != nil || res != engine.Locked {
							return err
						}
						if i%5 == 0 {
							return tx.Delete(ctx, tab, rid)
						}
						return tx.Update(ctx, tab, rid, schema.ColSetOf(2), vals(nil, nil, i, nil))
					})
					if err != nil && !retryable(err) {
						t.Error(err)
						return
					}
				}
			}()
		}
		type result struct {
			state map[heap.RowID]string
			last  heap.CSN
		}
		results := make(chan result, 3)
		quit, cancel := context.WithCancel(ctx)
		caughtUp := make(chan heap.CSN, 3)
		var final atomic.Uint64
		for range 3 {
			go func() {
				state := map[heap.RowID]string{}
				sub, err := db.Subscribe(ctx, engine.SubscribeOptions{Bootstrap: func(tx *engine.Tx) error {
					c := tx.Scan(tab, engine.ScanOptions{})
					defer c.Close()
					for {
						rows, err := c.NextBatch(ctx, 7)
						if err != nil || len(rows) == 0 {
							return err
						}
						for i := range rows {
							state[rows[i].ID] = fmt.Sprint(rows[i].Row.Col(2).Int64())
						}
					}
				}})
				if err != nil {
					t.Error(err)
					results <- result{}
					return
				}
				defer sub.Close()
				last := sub.Position()
				for {
					txn, err := sub.Next(quit)
					if err != nil {
						results <- result{state, last}
						return
					}
					if txn.CSN != last+1 {
						t.Errorf("CSN %d after %d", txn.CSN, last)
					}
					last = txn.CSN
					apply(t, db, state, txn)
					if n := final.Load(); n != 0 && uint64(last) == n {
						caughtUp <- last
					}
				}
			}()
		}
		wg.Wait()
		last := db.Stats().VisibleCSN + 1
		final.Store(uint64(last))
		insert(t, db, tab, vals(1000, "the last", 1, nil))
		for range 3 {
			require.Equal(t, last, <-caughtUp)
		}
		cancel()
		want := map[heap.RowID]string{}
		tx := begin(t, db, engine.RepeatableRead)
		c := tx.Scan(tab, engine.ScanOptions{})
		rows, err := c.NextBatch(ctx, 1000)
		require.NoError(t, err)
		for i := range rows {
			want[rows[i].ID] = fmt.Sprint(rows[i].Row.Col(2).Int64())
		}
		c.Close()
		for range 3 {
			r := <-results
			require.Equal(t, db.Stats().VisibleCSN, r.last)
			require.Equal(t, want, r.state)
		}
	})
}

func apply(t *testing.T, db *engine.DB, state map[heap.RowID]string, txn *cdc.Txn) {
	changes, err := db.Changes(txn)
	if err != nil {
		t.Error(err)
		return
	}
	for _, c := range changes {
		switch c.Kind {
		case cdc.Insert:
			state[c.Row] = fmt.Sprint(plain(c.After[2]))
		case cdc.Update:
			state[c.Row] = fmt.Sprint(plain(c.After[0]))
		case cdc.Delete:
			delete(state, c.Row)
		}
	}
}

func TestSlowSubscriberLosesItsPlaceOrReadsTheJournal(t *testing.T) {
	for _, journal := range []bool{false, true} {
		j := &memJournal{}
		o := engine.Options{HistoryBytes: 2000}
		if journal {
			o.Journal = j
		}
		db := newDB(t, o)
		tab := accounts(t, db)
		sub, err := db.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
		require.NoError(t, err)
		start := sub.Position()
		for i := range 600 {
			insert(t, db, tab, vals(i, "o", i, nil))
		}
		txn, err := sub.Next(ctx)
		if !journal {
			require.ErrorIs(t, err, engine.ErrPositionGone)
			sub.Close()
			continue
		}
		for i := range 600 {
			require.NoError(t, err)
			require.Equal(t, start+heap.CSN(i)+1, txn.CSN)
			if i < 599 {
				txn, err = sub.Next(ctx)
			}
		}
		short, cancel := context.WithTimeout(ctx, time.Millisecond)
		_, err = sub.Next(short)
		require.ErrorIs(t, err, sqlerr.QueryInterrupted)
		cancel()
		sub.Close()
		_, err = sub.Next(ctx)
		require.ErrorIs(t, err, sqlerr.Closed)
	}
}

func TestOnlyDurableCommitsAreDelivered(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	sub, err := db.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
	require.NoError(t, err)
	defer sub.Close()
	gate := make(chan struct{})
	j.onSync = func(uint64) error { <-gate; return nil }
	done := make(chan error)
	go func() {
		done <- db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
			_, err := tx.Insert(ctx, tab, vals(1, "o", 1, nil))
			return err
		})
	}()
	require.Eventually(t, func() bool { return db.Stats().InstalledCSN > db.Stats().VisibleCSN }, 10*time.Second, time.Millisecond)
	short, cancel := context.WithTimeout(ctx, 5*time.Millisecond)
	defer cancel()
	_, err = sub.Next(short)
	require.ErrorIs(t, err, sqlerr.QueryInterrupted)
	close(gate)
	require.NoError(t, <-done)
	_, err = sub.Next(ctx)
	require.NoError(t, err)
}

func TestCloseLeavesNothingBehind(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 5 {
		db, err := engine.New(engine.Options{})
		require.NoError(t, err)
		tab := accounts(t, db)
		insert(t, db, tab, vals(1, "a", 1, nil))
		old := begin(t, db, engine.RepeatableRead)
		require.Equal(t, 1, get(t, old, tab, 1, 2))
		commitSet(t, db, tab, 1, 2, 2) // leaves a version for the background goroutine
		require.Positive(t, db.Stats().PruneQueue)
		require.NoError(t, old.Rollback())
		require.Eventually(t, func() bool { return db.Stats().PruneQueue == 0 }, 10*time.Second, time.Millisecond)
		sub, err := db.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
		require.NoError(t, err)
		errs := make(chan error)
		go func() { _, err := sub.Next(ctx); errs <- err }()
		require.NoError(t, db.Close(ctx))
		require.ErrorIs(t, <-errs, sqlerr.Closed)
		require.NoError(t, db.Close(ctx))
		_, err = db.Begin(ctx, engine.TxOptions{})
		require.ErrorIs(t, err, sqlerr.Closed)
	}
	for end := time.Now().Add(10 * time.Second); runtime.NumGoroutine() > before; time.Sleep(time.Millisecond) {
		require.True(t, time.Now().Before(end), "goroutines are left")
	}
}

// TestBootstrapWaitsForDefinitionsInFlight: a later commit may make a DDL's CSN visible before its tables are in the catalogue. A
// subscriber that begins in between would find the table neither in the snapshot's catalogue nor in the stream.
func TestBootstrapWaitsForDefinitionsInFlight(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j})
	tab := accounts(t, db)
	first := uint64(len(j.txns(t))) + 1
	gates := map[uint64]chan struct{}{first: make(chan struct{}), first + 1: make(chan struct{})}
	var waiting atomic.Int64
	j.onSync = func(pos uint64) error {
		if g := gates[pos]; g != nil {
			waiting.Add(1)
			<-g
		}
		return nil
	}
	errs := make(chan error, 2)
	put := func(id int) error {
		return db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
			_, err := tx.Insert(ctx, tab, vals(id, "o", 1, nil))
			return err
		})
	}
	until := func(f func() bool) { require.Eventually(t, f, 10*time.Second, time.Millisecond) }
	go func() { errs <- put(1) }()
	until(func() bool { return waiting.Load() == 1 })

	type found struct {
		at    heap.CSN
		there bool
	}
	boots := make(chan found, 1)
	subs := make(chan *engine.Subscription, 1)
	go func() {
		sub, err := db.Subscribe(ctx, engine.SubscribeOptions{Bootstrap: func(tx *engine.Tx) error {
			boots <- found{tx.Snapshot(), db.Catalog().Table("d", "late") != nil}
			return nil
		}})
		if err != nil {
			t.Error(err)
		}
		subs <- sub
	}()
	time.Sleep(20 * time.Millisecond) // it waits for the first commit now

	go func() {
		errs <- db.Define(ctx, engine.DefineOptions{}, func(d *engine.Definer) error {
			_, err := d.CreateTable(tableDef("late", []schema.Column{intCol("id", true)}, primary(1)))
			return err
		})
	}()
	until(func() bool { return waiting.Load() == 2 })
	defined := db.Stats().InstalledCSN
	require.NoError(t, put(2))
	require.Greater(t, db.Stats().VisibleCSN, defined)
	close(gates[first])
	time.Sleep(20 * time.Millisecond)
	close(gates[first+1])
	b := <-boots
	sub := <-subs
	defer sub.Close()
	require.NoError(t, <-errs)
	require.NoError(t, <-errs)
	require.True(t, b.there || b.at < defined, "snapshot %d, table of commit %d: %v", b.at, defined, b.there)
}

// TestPositionsSurviveRestarts: commits on temporary tables take CSNs that no log holds and that are given out again after a restart. A
// position to go on from must not be one of them.
func TestPositionsSurviveRestarts(t *testing.T) {
	for _, o := range []engine.SubscribeOptions{{FromNow: true}, {Bootstrap: func(*engine.Tx) error { return nil }}} {
		j := &memJournal{}
		db := newDB(t, engine.Options{Journal: j})
		tab := accounts(t, db)
		insert(t, db, tab, vals(1, "a", 1, nil))
		logged := db.Stats().VisibleCSN
		temp := tableDef("temp", []schema.Column{intCol("id", true)}, primary(1))
		temp.Temporary = true
		scratch := create(t, db, temp)[0]
		insert(t, db, scratch, vals(1))
		insert(t, db, scratch, vals(2))
		require.Greater(t, db.Stats().VisibleCSN, logged)
		sub, err := db.Subscribe(ctx, o)
		require.NoError(t, err)
		require.Equal(t, logged, sub.Position())
		insert(t, db, tab, vals(2, "b", 1, nil))
		txn, err := sub.Next(ctx)
		require.NoError(t, err)
		require.Equal(t, db.Stats().VisibleCSN, txn.CSN)
		sub.Close()
	}
}

// TestPositionOfAnotherDatabaseIsRefused: waiting for it would pass over the commits up to it without a word.
func TestPositionOfAnotherDatabaseIsRefused(t *testing.T) {
	db := newDB(t, engine.Options{})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "a", 1, nil))
	now := db.Stats().InstalledCSN
	_, err := db.Subscribe(ctx, engine.SubscribeOptions{After: now + 1})
	require.ErrorIs(t, err, engine.ErrPositionGone)
	sub, err := db.Subscribe(ctx, engine.SubscribeOptions{After: now})
	require.NoError(t, err)
	defer sub.Close()
	insert(t, db, tab, vals(2, "b", 1, nil))
	txn, err := sub.Next(ctx)
	require.NoError(t, err)
	require.Equal(t, now+1, txn.CSN)
}

// TestLateSubscribersReadInBoundedPieces: commits read back from the journal wait in memory, so large ones come in small batches.
func TestLateSubscribersReadInBoundedPieces(t *testing.T) {
	j := &countingJournal{}
	db := newDB(t, engine.Options{Journal: j, HistoryBytes: 1 << 10})
	tab := accounts(t, db)
	sub, err := db.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
	require.NoError(t, err)
	defer sub.Close()
	const n = 20
	for i := range n {
		insert(t, db, tab, vals(i, "o", i, strings.Repeat("x", 200)))
	}
	for range n {
		_, err := sub.Next(ctx)
		require.NoError(t, err)
	}
	require.Positive(t, j.most)
	require.Less(t, j.most, 8)
}

// countingJournal notes how many commits one call of History gave at most.
type countingJournal struct {
	memJournal
	most int
}

func (j *countingJournal) History(ctx context.Context, after, to heap.CSN, yield func(*cdc.Txn) bool) error {
	n := 0
	defer func() { j.most = max(j.most, n) }()
	return j.memJournal.History(ctx, after, to, func(t *cdc.Txn) bool {
		n++
		return yield(t)
	})
}

// TestFailureReachesSubscribersThatReadTheJournal: the commit they wait for has left the memory already and will never be visible.
func TestFailureReachesSubscribersThatReadTheJournal(t *testing.T) {
	j := &memJournal{}
	db := newDB(t, engine.Options{Journal: j, HistoryBytes: 1})
	tab := accounts(t, db)
	sub, err := db.Subscribe(ctx, engine.SubscribeOptions{FromNow: true})
	require.NoError(t, err)
	defer sub.Close()
	gate := make(chan struct{})
	j.onSync = func(uint64) error { <-gate; return errors.New("no disk") }
	done := make(chan error)
	for i := range 2 {
		go func() {
			done <- db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
				_, err := tx.Insert(ctx, tab, vals(i, "o", 1, nil))
				return err
			})
		}()
	}
	require.Eventually(t, func() bool { return db.Stats().InstalledCSN == db.Stats().VisibleCSN+2 }, 10*time.Second, time.Millisecond)
	close(gate)
	require.ErrorIs(t, <-done, engine.ErrPoisoned)
	require.ErrorIs(t, <-done, engine.ErrPoisoned)
	short, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	_, err = sub.Next(short)
	require.ErrorIs(t, err, engine.ErrPoisoned)
}
