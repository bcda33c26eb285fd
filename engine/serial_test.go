package engine_test

import (
	"context"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

func TestSerializable_takesTurns(t *testing.T) {
	db, tab := bank(t)
	a := begin(t, db, engine.Serializable)
	require.Equal(t, 50, get(t, a, tab, 1, 2))

	_, err := db.Begin(ctx, engine.TxOptions{Isolation: engine.Serializable, LockWait: time.Millisecond})
	require.ErrorIs(t, err, sqlerr.LockWaitTimeout)
	ended, cancel := context.WithCancel(ctx)
	cancel()
	_, err = db.Begin(ended, engine.TxOptions{Isolation: engine.Serializable})
	require.Error(t, err)

	// The lower levels do not wait, and what they change in between is not overwritten.
	b := begin(t, db, engine.RepeatableRead)
	require.NoError(t, set(b, tab, 1, 2, 60))
	require.NoError(t, b.Commit(ctx))
	require.Equal(t, 50, get(t, a, tab, 1, 2))
	require.ErrorIs(t, set(a, tab, 1, 2, 70), sqlerr.Deadlock)
	require.NoError(t, a.Rollback())

	c := begin(t, db, engine.Serializable)
	require.Equal(t, 60, get(t, c, tab, 1, 2))
	require.NoError(t, c.Rollback())
	require.Equal(t, 0, db.Stats().ActiveTx, "those that had no turn are gone")
}

// Each transaction takes from one account what both together have: snapshot isolation would let two of them do it.
func TestSerializable_noWriteSkew(t *testing.T) {
	db, tab := bank(t)
	var wg sync.WaitGroup
	for n := range 8 {
		wg.Go(func() {
			for range 50 {
				err := db.Run(ctx, engine.TxOptions{Isolation: engine.Serializable, LockWait: time.Minute}, func(tx *engine.Tx) error {
					x, y := get(t, tx, tab, 1, 2).(int), get(t, tx, tab, 2, 2).(int)
					runtime.Gosched() // let the others read the same
					if x+y == 100 {
						return set(tx, tab, 1+n%2, 2, []int{x, y}[n%2]-100)
					}
					if x+y != 0 {
						t.Errorf("the accounts have %d and %d", x, y)
					}
					if err := set(tx, tab, 1, 2, 50); err != nil {
						return err
					}
					return set(tx, tab, 2, 2, 50)
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

// A commit releases its locks before it is durable and so visible. Its successor has to see it all the same.
func TestSerializable_seesAPredecessorThatIsStillSyncing(t *testing.T) {
	syncing, goOn := make(chan struct{}), make(chan struct{})
	var once sync.Once
	slow := false
	j := &memJournal{onSync: func(uint64) error {
		if slow {
			once.Do(func() {
				close(syncing)
				<-goOn
			})
		}
		return nil
	}}
	db := newDB(t, engine.Options{Journal: j, LockWaitTimeout: 5 * time.Second})
	tab := accounts(t, db)
	insert(t, db, tab, vals(1, "ann", 50, nil))
	slow = true

	a := begin(t, db, engine.Serializable)
	require.NoError(t, set(a, tab, 1, 2, 60))
	committed := make(chan error)
	go func() { committed <- a.Commit(ctx) }()
	<-syncing
	seen := make(chan any)
	go func() {
		tx, err := db.Begin(ctx, engine.TxOptions{Isolation: engine.Serializable})
		if err != nil {
			seen <- err
			return
		}
		defer func() { _ = tx.Rollback() }()
		seen <- get(t, tx, tab, 1, 2)
	}()
	select {
	case x := <-seen:
		t.Errorf("a transaction went on before its predecessor was durable, with %v", x)
		close(goOn)
	case <-time.After(20 * time.Millisecond):
		close(goOn)
		require.Equal(t, 60, <-seen)
	}
	require.NoError(t, <-committed)
}
