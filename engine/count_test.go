package engine_test

import (
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
)

func count(t testing.TB, tx *engine.Tx, tab *engine.Table) int {
	t.Helper()
	n, err := tx.Count(ctx, tab)
	require.NoError(t, err)
	return int(n)
}

// TestCount: a count is of the transaction's picture: snapshot, own writes, locked rows.
func TestCount(t *testing.T) {
	for name, o := range map[string]engine.Options{"memory": {}, "journal": {Journal: &memJournal{}}} {
		t.Run(name, func(t *testing.T) {
			db := newDB(t, o)
			tab := accounts(t, db)
			old := begin(t, db, engine.RepeatableRead)
			require.Equal(t, 0, count(t, old, tab))
			insert(t, db, tab, vals(1, "ann", 1, ""), vals(2, "bob", 2, ""), vals(3, "eve", 3, ""))
			require.Equal(t, 0, count(t, old, tab))
			require.Equal(t, 3, count(t, begin(t, db, engine.RepeatableRead), tab))

			own := begin(t, db, engine.ReadCommitted)
			require.NoError(t, own.Delete(ctx, tab, find(t, own, tab, 2)))
			require.Equal(t, 2, count(t, own, tab))
			_, err := own.Insert(ctx, tab, vals(4, "joe", 4, ""))
			require.NoError(t, err)
			require.Equal(t, 3, count(t, own, tab))
			insert(t, db, tab, vals(5, "sue", 5, ""))
			require.Equal(t, 4, count(t, own, tab))
			require.NoError(t, own.Rollback())
			require.Equal(t, 4, count(t, begin(t, db, engine.RepeatableRead), tab))

			// A row that the snapshot does not have, but the transaction has locked, is in its picture.
			picture := begin(t, db, engine.RepeatableRead)
			require.Equal(t, 4, count(t, picture, tab))
			insert(t, db, tab, vals(6, "kim", 6, ""))
			var r row.Row
			id, ok, err := picture.GetCurrent(ctx, tab.Index(0), vals(6), &r)
			require.NoError(t, err)
			require.True(t, ok)
			res, err := picture.Lock(ctx, tab, id, engine.LockSpec{S: schema.ColSetOf(0), Explicit: true})
			require.NoError(t, err)
			require.Equal(t, engine.Locked, res)
			require.Equal(t, 5, count(t, picture, tab))
		})
	}
}

// TestCount_concurrent: transactions that delete a row and insert another leave the number of rows as it is, for whoever counts.
func TestCount_concurrent(t *testing.T) {
	const rows = 50
	for _, procs := range []int{1, 2, 8} {
		t.Run(fmt.Sprint("procs=", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			db := newDB(t, engine.Options{})
			tab := accounts(t, db)
			for i := range rows {
				insert(t, db, tab, vals(i, "ann", i, ""))
			}
			var next atomic.Int64
			next.Store(rows)
			var writers, readers sync.WaitGroup
			var stop atomic.Bool
			for w := range 2 {
				writers.Add(1)
				go func() {
					defer writers.Done()
					for i := range 400 {
						err := db.Run(ctx, engine.TxOptions{Isolation: engine.ReadCommitted}, func(tx *engine.Tx) error {
							c := tx.Scan(tab, engine.ScanOptions{})
							defer c.Close()
							got, err := c.NextBatch(ctx, rows)
							if err != nil {
								return err
							}
							id := got[(i+w*rows/2)%len(got)].ID
							if res, err := tx.Lock(ctx, tab, id, engine.LockSpec{X: schema.ColSetOf(0, 1, 2, 3)}); err != nil || res != engine.Locked {
								return err
							}
							if err := tx.Delete(ctx, tab, id); err != nil {
								return err
							}
							_, err = tx.Insert(ctx, tab, vals(int(next.Add(1)), "new", 0, ""))
							return err
						})
						if err != nil {
							t.Error(err)
							return
						}
					}
				}()
			}
			for _, o := range []engine.TxOptions{{Autocommit: true}, {Isolation: engine.RepeatableRead}} {
				readers.Add(1)
				go func() {
					defer readers.Done()
					for !stop.Load() {
						tx, err := db.Begin(ctx, o)
						if err != nil {
							t.Error(err)
							return
						}
						for range 3 {
							if n, err := tx.Count(ctx, tab); n != rows || err != nil {
								t.Errorf("counted %d rows, %v", n, err)
							}
							runtime.Gosched()
						}
						_ = tx.Rollback()
					}
				}()
			}
			writers.Wait()
			stop.Store(true)
			readers.Wait()
			tx := begin(t, db, engine.RepeatableRead)
			require.Equal(t, rows, count(t, tx, tab))
		})
	}
}
