package engine_test

import (
	"bytes"
	"errors"
	"hash/crc32"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// TestLargeValuesUnderLoad changes large and small columns of the same rows from several sides, with vacuum and checkpoints beside. Each
// value carries its checksum in another column that is written with it.
func TestLargeValuesUnderLoad(t *testing.T) {
	procs(t, func(t *testing.T) {
		j := &memJournal{}
		db := newDB(t, engine.Options{Journal: j, LockWaitTimeout: 5 * time.Second})
		tab := create(t, db, tableDef("b", []schema.Column{intCol("id", true), blobCol("data"), intCol("sum", false), intCol("n", false), textCol("s")},
			primary(1), secondary("s", 5)))[0]
		const rows = 8
		fill := func(r *rand.Rand) []byte {
			b := make([]byte, []int{10, 3000, 9000, 40_000}[r.IntN(4)])
			for i := range b {
				b[i] = byte(r.Uint32())
			}
			return b
		}
		rnd := rand.New(rand.NewPCG(seed(t), 0))
		for i := range rows {
			b := fill(rnd)
			insert(t, db, tab, vals(i, b, int(crc32.ChecksumIEEE(b)), 0, "s"))
		}
		var stop atomic.Bool
		var wg sync.WaitGroup
		run := func(f func(r *rand.Rand) error) {
			wg.Add(1)
			r := rand.New(rand.NewPCG(rnd.Uint64(), 1))
			go func() {
				defer wg.Done()
				for !stop.Load() {
					if err := f(r); err != nil && !retryable(err) {
						t.Error(err)
						return
					}
				}
			}()
		}
		write := func(r *rand.Rand, change func(tx *engine.Tx, v []value.Value) (schema.ColSet, error)) error {
			return db.Run(ctx, engine.TxOptions{Isolation: engine.ReadCommitted}, func(tx *engine.Tx) error {
				v := make([]value.Value, 5)
				cols, err := change(tx, v)
				if err != nil {
					return err
				}
				var row rowT
				rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(r.IntN(rows)), &row)
				if err != nil || !ok {
					return err
				}
				if res, err := tx.Lock(ctx, tab, rid, engine.LockSpec{X: cols}); err != nil || res != engine.Locked {
					return err
				}
				if cols.Empty() {
					return nil
				}
				if err := tx.Update(ctx, tab, rid, cols, v); err != nil {
					return err
				}
				if r.IntN(8) == 0 {
					return errRollback
				}
				return nil
			})
		}
		ignore := func(err error) error {
			if errors.Is(err, errRollback) {
				return nil
			}
			return err
		}
		run(func(r *rand.Rand) error {
			return ignore(write(r, func(_ *engine.Tx, v []value.Value) (schema.ColSet, error) {
				b := fill(r)
				v[1], v[2] = value.Bytes(string(b)), value.Int(int64(crc32.ChecksumIEEE(b)))
				return schema.ColSetOf(1, 2), nil
			}))
		})
		run(func(r *rand.Rand) error {
			return ignore(write(r, func(_ *engine.Tx, v []value.Value) (schema.ColSet, error) {
				v[3], v[4] = value.Int(r.Int64()), value.String(string(bytes.Repeat([]byte{'x'}, r.IntN(150))))
				return schema.ColSetOf(3, 4), nil
			}))
		})
		run(func(r *rand.Rand) error { // delete and insert again
			return db.Run(ctx, engine.TxOptions{}, func(tx *engine.Tx) error {
				id := r.IntN(rows)
				var row rowT
				rid, ok, err := tx.GetCurrent(ctx, tab.Index(0), vals(id), &row)
				if err != nil || !ok {
					return err
				}
				if res, err := tx.Lock(ctx, tab, rid, engine.LockSpec{X: schema.AllCols(5), Explicit: true}); err != nil || res != engine.Locked {
					return err
				}
				if err := tx.Delete(ctx, tab, rid); err != nil {
					return err
				}
				b := fill(r)
				_, err = tx.Insert(ctx, tab, vals(id, b, int(crc32.ChecksumIEEE(b)), 0, "s"))
				return err
			})
		})
		verify := func(db *engine.DB) error {
			tx, err := db.Begin(ctx, engine.TxOptions{})
			if err != nil {
				return err
			}
			defer func() { _ = tx.Rollback() }()
			c := tx.Scan(db.Catalog().Table("d", "b"), engine.ScanOptions{})
			defer c.Close()
			n := 0
			for {
				batch, err := c.NextBatch(ctx, 3)
				if err != nil {
					return err
				}
				if len(batch) == 0 {
					break
				}
				for i := range batch {
					n++
					data := batch[i].Row.Col(1).Str()
					if err := batch[i].Row.Err(); err != nil {
						return err
					}
					if int64(crc32.ChecksumIEEE([]byte(data))) != batch[i].Row.Col(2).Int64() {
						return errors.New("a value and its checksum differ")
					}
				}
			}
			if n != rows {
				return errors.New("rows are missing")
			}
			return nil
		}
		run(func(*rand.Rand) error { return verify(db) })
		sink := &memSink{}
		run(func(*rand.Rand) error {
			if err := db.Vacuum(ctx, nil); err != nil {
				return err
			}
			if _, err := db.Checkpoint(ctx, engine.CheckpointOptions{}, sink); err != nil {
				return err
			}
			loaded := load(t, sink, nil)
			if err := errors.Join(loaded.Check(ctx)...); err != nil {
				return err
			}
			if err := verify(loaded); err != nil {
				return err
			}
			return loaded.Close(ctx)
		})
		time.Sleep(stressTime())
		stop.Store(true)
		wg.Wait()
		check(t, db)
		require.NoError(t, verify(db))
		require.Equal(t, dump(t, db), dump(t, load(t, sink, j.txns(t))))
		require.NoError(t, db.Vacuum(ctx, nil))
		check(t, db)
	})
}

var errRollback = sqlerr.New(sqlerr.QueryInterrupted)
