package engine_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

// mrow is a row of the model: id, owner, balance.
type mrow struct {
	id    int
	owner string
	n     int
}

// mtx is an open transaction with what it must see.
type mtx struct {
	tx    *engine.Tx
	base  map[heap.RowID]mrow // the snapshot; nil before it is taken
	own   map[heap.RowID]*mrow
	marks []mmark
	since int // number of commits when the snapshot was taken
}

type mmark struct {
	m   engine.Mark
	own map[heap.RowID]*mrow
}

// model interleaves transactions in one goroutine and knows what each must see.
type model struct {
	t         *testing.T
	db        *engine.DB
	tab       *engine.Table
	rnd       *rand.Rand
	committed map[heap.RowID]mrow
	changed   map[heap.RowID]int // row → number of the commit that changed it last
	commits   int
	open      []*mtx
	conflicts int
}

// TestModel runs random interleaved transactions at REPEATABLE READ against a map: every read of every transaction, by every path, must
// be its snapshot plus its own writes; 1213 must come exactly when a row changed after the snapshot.
func TestModel(t *testing.T) {
	s := seed(t)
	end := time.Now().Add(stressTime())
	for round := uint64(0); time.Now().Before(end) || round < 3; round++ {
		j := &memJournal{}
		db := newDB(t, engine.Options{Journal: j, PageSize: 4096})
		def := accountsDef()
		m := &model{
			t: t, db: db, tab: create(t, db, def)[0], rnd: rand.New(rand.NewPCG(s, round)),
			committed: map[heap.RowID]mrow{}, changed: map[heap.RowID]int{},
		}
		for range 600 {
			m.step()
		}
		for _, x := range m.open {
			require.NoError(t, x.tx.Rollback())
		}
		check(t, db)
		require.EqualValues(t, len(m.committed), m.tab.RowEstimate())
		require.Equal(t, dump(t, db), dump(t, load(t, nil, j.txns(t))))
		require.NoError(t, db.Close(ctx))
	}
}

func (m *model) step() {
	if len(m.open) < 4 && m.rnd.IntN(4) == 0 || len(m.open) == 0 {
		tx, err := m.db.Begin(ctx, engine.TxOptions{LockWait: time.Nanosecond})
		require.NoError(m.t, err)
		m.open = append(m.open, &mtx{tx: tx, own: map[heap.RowID]*mrow{}})
		return
	}
	i := m.rnd.IntN(len(m.open))
	x := m.open[i]
	switch m.rnd.IntN(12) {
	case 0:
		m.finish(i, m.rnd.IntN(3) > 0)
	case 1:
		x.marks = append(x.marks, mmark{x.tx.Mark(), maps.Clone(x.own)})
	case 2:
		if n := len(x.marks); n > 0 {
			k := m.rnd.IntN(n)
			require.NoError(m.t, x.tx.RollbackTo(x.marks[k].m))
			x.own = maps.Clone(x.marks[k].own)
			x.marks = x.marks[:k+1]
		}
	case 3, 4, 5:
		m.read(x)
	case 6, 7:
		m.insert(i)
	default:
		m.change(i)
	}
}

// snap takes the model's snapshot when the transaction takes its own.
func (m *model) snap(x *mtx) {
	if x.base == nil {
		x.base, x.since = maps.Clone(m.committed), m.commits
	}
}

// view is what the transaction must see: its own rows, and the snapshot's but for those whose key an own one has taken over.
func (x *mtx) view() map[heap.RowID]mrow {
	out, keys := map[heap.RowID]mrow{}, map[int]bool{}
	for id, r := range x.own {
		if r != nil {
			out[id], keys[r.id] = *r, true
		}
	}
	for id, r := range x.base {
		if _, own := x.own[id]; !own && !keys[r.id] {
			out[id] = r
		}
	}
	return out
}

func (m *model) read(x *mtx) {
	m.snap(x)
	want := x.view()
	var cursors []*engine.Cursor
	full := engine.ScanOptions{}
	lo, hi := m.rnd.IntN(30), m.rnd.IntN(30)
	owner := fmt.Sprint("o", m.rnd.IntN(4))
	in := func(r mrow, i int) bool { return true }
	switch m.rnd.IntN(4) {
	case 0:
		cursors = append(cursors, x.tx.Scan(m.tab, full))
	case 1:
		cursors = append(cursors, x.tx.ScanIndex(m.tab.Index(0), engine.Range{
			Lo: engine.Bound{Vals: vals(lo), Inclusive: true}, Hi: engine.Bound{Vals: vals(hi)}, Reverse: m.rnd.IntN(2) == 0,
		}, full))
		in = func(r mrow, _ int) bool { return r.id >= lo && r.id < hi }
	case 2:
		b := engine.Bound{Vals: vals(owner), Inclusive: true}
		cursors = append(cursors, x.tx.ScanIndex(m.tab.Index(1), engine.Range{Lo: b, Hi: b}, full))
		in = func(r mrow, _ int) bool { return r.owner == owner }
	case 3:
		var r rowT
		id, ok, err := x.tx.Get(ctx, m.tab.Index(0), vals(lo), &r)
		require.NoError(m.t, err)
		found := false
		for rid, w := range want {
			if w.id == lo {
				found = true
				require.True(m.t, ok)
				require.Equal(m.t, rid, id)
				require.EqualValues(m.t, w.n, r.Col(2).Int64())
			}
		}
		require.Equal(m.t, found, ok)
		return
	}
	for i, c := range cursors {
		got := map[heap.RowID]mrow{}
		for {
			rows, err := c.NextBatch(ctx, 1+m.rnd.IntN(5))
			require.NoError(m.t, err)
			if len(rows) == 0 {
				break
			}
			for _, r := range rows {
				_, twice := got[r.ID]
				require.False(m.t, twice, "row %x twice", r.ID)
				got[r.ID] = mrow{int(r.Row.Col(0).Int64()), r.Row.Col(1).Clone().Str(), int(r.Row.Col(2).Int64())}
			}
		}
		c.Close()
		expect := map[heap.RowID]mrow{}
		for id, r := range want {
			if in(r, i) {
				expect[id] = r
			}
		}
		require.Equal(m.t, expect, got)
	}
}

func (m *model) random() mrow {
	return mrow{m.rnd.IntN(30), fmt.Sprint("o", m.rnd.IntN(4)), m.rnd.IntN(1000)}
}

func (r mrow) values() []value.Value { return vals(r.id, r.owner, r.n, nil) }

// newest is what unique checks see: newest committed plus own.
func (m *model) newest(x *mtx) map[heap.RowID]mrow {
	out := maps.Clone(m.committed)
	for id, r := range x.own {
		if r == nil {
			delete(out, id)
		} else {
			out[id] = *r
		}
	}
	return out
}

func (m *model) taken(x *mtx, id int, but heap.RowID) bool {
	for rid, r := range m.newest(x) {
		if r.id == id && rid != but {
			return true
		}
	}
	return false
}

func (m *model) insert(i int) {
	x := m.open[i]
	r := m.random()
	id, err := x.tx.Insert(ctx, m.tab, r.values())
	switch {
	case err == nil:
		require.False(m.t, m.taken(x, r.id, 0), "key %d is taken", r.id)
		x.own[id] = &r
	case errors.Is(err, sqlerr.DupEntry):
		require.True(m.t, m.taken(x, r.id, 0), "key %d is free", r.id)
	case errors.Is(err, sqlerr.LockWaitTimeout), errors.Is(err, sqlerr.Deadlock):
		if errors.Is(err, sqlerr.Deadlock) {
			m.finish(i, false)
			return
		}
	default:
		require.NoError(m.t, err)
	}
	if err == nil {
		m.snap(x) // a first write fixes the snapshot behind it
	}
}

// change updates or deletes a row of the transaction's view.
func (m *model) change(i int) {
	x := m.open[i]
	first := x.base == nil
	if first {
		x.base = m.committed
	}
	ids := slices.Sorted(maps.Keys(x.view()))
	if first {
		x.base = nil
	}
	if len(ids) == 0 {
		return
	}
	id := ids[m.rnd.IntN(len(ids))]
	conflict := !first && m.changed[id] > x.since
	if own, has := x.own[id]; has && own != nil {
		if _, was := m.committed[id]; !was {
			conflict = false // inserted here
		}
	}
	r := m.random()
	remove := m.rnd.IntN(3) == 0
	var err error
	if remove {
		err = x.tx.Delete(ctx, m.tab, id)
	} else {
		err = x.tx.Update(ctx, m.tab, id, schema.ColSetOf(0, 1, 2, 3), r.values())
	}
	switch {
	case err == nil:
		require.False(m.t, conflict, "row %x changed after the snapshot", id)
		if remove {
			x.own[id] = nil
		} else {
			require.False(m.t, m.taken(x, r.id, id))
			x.own[id] = &r
		}
		m.snap(x)
	case errors.Is(err, sqlerr.Deadlock):
		m.conflicts++
		m.finish(i, false)
	case errors.Is(err, sqlerr.LockWaitTimeout):
	case errors.Is(err, sqlerr.DupEntry):
		require.True(m.t, m.taken(x, r.id, id))
	default:
		// A row that somebody deleted since: only under a snapshot that is older.
		require.True(m.t, conflict, "%v", err)
	}
}

func (m *model) finish(i int, commit bool) {
	x := m.open[i]
	m.open = slices.Delete(m.open, i, i+1)
	if !commit {
		require.NoError(m.t, x.tx.Rollback())
		return
	}
	require.NoError(m.t, x.tx.Commit(ctx))
	if len(x.own) == 0 {
		return
	}
	m.commits++
	for id, r := range x.own {
		if r == nil {
			delete(m.committed, id)
		} else {
			m.committed[id] = *r
		}
		m.changed[id] = m.commits
	}
}
