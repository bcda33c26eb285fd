package heap

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// put inserts a committed row.
func put(t testing.TB, s *Space, csn CSN, payload []byte) RowID {
	id, err := s.NewSlot()
	require.NoError(t, err)
	l, err := s.Append(id, 1, 0, payload, false)
	require.NoError(t, err)
	s.Publish(id, l, csn, 0)
	return id
}

// remove deletes a row for good.
func remove(t testing.TB, s *Space, csn CSN, id RowID) {
	l, err := s.AppendTombstone(id, 1)
	require.NoError(t, err)
	s.Publish(id, l, csn, 0)
	require.True(t, s.PruneChain(id, nil, csn, nil).Dead)
	require.True(t, s.RetireSlot(id))
}

// TestQueueChurn inserts at one end and deletes at the other: neither slots nor pages grow.
func TestQueueChurn(t *testing.T) {
	r := testRand(t)
	s := newTestSpace(t, Options{})
	var queue []RowID
	csn := CSN(0)
	var slots uint64
	var pages uint32
	n := testSize(20000)
	for i := range n {
		csn++
		queue = append(queue, put(t, s, csn, make([]byte, 20+r.IntN(200))))
		if len(queue) > 100 {
			csn++
			remove(t, s, csn, queue[0])
			queue = queue[1:]
		}
		if i == n/10 {
			slots, pages = s.SlotCount(), s.Stats().Pages
		}
	}
	require.LessOrEqual(t, s.SlotCount(), slots+64)
	require.LessOrEqual(t, s.Stats().Pages, pages+pages/2+8)
	require.Less(t, s.Stats().FreeNodes, int64(1000))
	require.Empty(t, s.Check())
}

// TestUpdateChurn updates few rows with changing lengths.
func TestUpdateChurn(t *testing.T) {
	r := testRand(t)
	s := newTestSpace(t, Options{})
	csn := CSN(0)
	var rows []RowID
	for range 50 {
		csn++
		rows = append(rows, put(t, s, csn, make([]byte, 100)))
	}
	for range testSize(20000) {
		csn++
		id := rows[r.IntN(len(rows))]
		l, err := s.Append(id, 1, 0, make([]byte, r.IntN(300)), true)
		require.NoError(t, err)
		s.Publish(id, l, csn, 1)
		s.PruneChain(id, nil, csn, nil)
	}
	require.Less(t, s.Stats().Pages, uint32(40))
	require.Empty(t, s.Check())
}

// TestSmallTable is about the memory of a table with three rows.
func TestSmallTable(t *testing.T) {
	e := NewEpochs()
	const tables = 200
	spaces := make([]*Space, tables)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for i := range spaces {
		s, err := NewSpace(1, e, Options{})
		require.NoError(t, err)
		for range 3 {
			put(t, s, 1, make([]byte, 50))
		}
		spaces[i] = s
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	per := (int64(after.HeapAlloc) - int64(before.HeapAlloc)) / tables
	t.Logf("%d bytes per table", per)
	require.Less(t, per, int64(12<<10))
	runtime.KeepAlive(spaces)
}

// TestMemoryPerRow is about the memory beyond the payload.
func TestMemoryPerRow(t *testing.T) {
	s := newTestSpace(t, Options{})
	const rows, payload = 200000, 104
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for range rows {
		put(t, s, 1, make([]byte, payload))
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	per := float64(after.HeapAlloc-before.HeapAlloc)/rows - payload
	t.Logf("%.1f bytes per row", per)
	require.Less(t, per, 60.0)
	runtime.KeepAlive(s)
}

// TestFreeLinks pushes and pops the same few ranges from many goroutines: none is lost, none is had by two.
func TestFreeLinks(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		old := runtime.GOMAXPROCS(procs)
		var f freeLinks
		f.init()
		const things = 16
		owner := make([]int, things) // plain: the race detector sees two owners
		for i := range things {
			f.push(3, uint64(i), 7)
		}
		var wg sync.WaitGroup
		for g := range 8 {
			wg.Add(1)
			go func() {
				defer wg.Done()
				for range testSize(5000) {
					if what, inc, ok := f.pop(3); ok {
						if inc != 7 {
							t.Errorf("incarnation %d", inc)
						}
						owner[what] = g
						f.push(3, what, 7)
					}
				}
			}()
		}
		wg.Wait()
		seen := map[uint64]bool{}
		for {
			what, _, ok := f.pop(3)
			if !ok {
				break
			}
			seen[what] = true
		}
		require.Len(t, seen, things)
		require.LessOrEqual(t, f.made.Load(), uint32(things*5))
		runtime.GOMAXPROCS(old)
	}
}

func TestFreeClass(t *testing.T) {
	last := 0
	for units := uint32(minUnits); units < 1<<13; units++ {
		c := freeClass(units)
		require.GreaterOrEqual(t, c, last)
		require.Less(t, c, freeClasses)
		last = c
	}
}

func TestDirectory(t *testing.T) {
	type chunk struct{ n []int }
	for _, bits := range [][2]uint{{0, 0}, {0, 3}, {2, 2}, {2, 5}} {
		var d directory[chunk]
		d.init(bits[0], bits[1])
		seen := map[*int]bool{}
		for n := range uint64(500) {
			c := d.ensure(n, func(size uint64) *chunk { return &chunk{make([]int, size)} })
			require.Same(t, c, d.get(n))
			k := d.chunkOf(n)
			require.LessOrEqual(t, d.first(k), n)
			require.Less(t, n, d.first(k)+d.size(k))
			require.EqualValues(t, d.size(k), len(c.n))
			p := &c.n[n&uint64(len(c.n)-1)]
			require.False(t, seen[p])
			seen[p] = true
		}
		require.Nil(t, d.get(1<<20))
	}
}

func TestFull(t *testing.T) {
	s := newTestSpace(t, Options{Name: "t", PageSize: 512, MaxPages: 3, MaxSlots: 20})
	var ids []RowID
	for {
		id, err := s.NewSlot()
		if err != nil {
			require.ErrorIs(t, err, sqlerr.TableFull)
			require.ErrorContains(t, err, "The table 't' is full")
			break
		}
		ids = append(ids, id)
	}
	require.Len(t, ids, 20)
	var links []Link
	for {
		l, err := s.Append(ids[0], 1, 0, make([]byte, 100), false)
		if err != nil {
			require.ErrorIs(t, err, sqlerr.TableFull)
			break
		}
		links = append(links, l)
	}
	require.Len(t, links, 9)
	_, err := s.WriteOverflow(make([]byte, 100))
	require.ErrorIs(t, err, sqlerr.TableFull)
	for _, l := range links {
		s.Discard(l)
	}
	_, err = s.WriteOverflow(make([]byte, 2000))
	require.ErrorIs(t, err, sqlerr.TableFull)
	require.Empty(t, s.Check())
	_, err = s.Append(ids[0], 1, 0, make([]byte, s.MaxPayload()+1), false)
	require.ErrorIs(t, err, sqlerr.RowTooLarge)
	_, err = s.Append(ids[0], 1, 0, make([]byte, s.MaxPayload()), false)
	require.NoError(t, err)
	_, err = NewSpace(1, NewEpochs(), Options{PageSize: 1000})
	require.Error(t, err)
}

// TestHotRow: a row with a million newer versions is read as fast as any, as nobody sees those between.
func TestHotRow(t *testing.T) {
	s := newTestSpace(t, Options{})
	id := put(t, s, 1, []byte("old"))
	active := []CSN{1}
	n := CSN(testSize(20000))
	for csn := CSN(2); csn <= n; csn++ {
		l, err := s.Append(id, 1, 0, []byte("newer"), true)
		require.NoError(t, err)
		s.Publish(id, l, csn, 1<<(csn%64))
		require.Equal(t, 2, s.PruneChain(id, active, csn, nil).Retained)
	}
	v, ok := s.Visible(id, 1)
	require.True(t, ok)
	require.Equal(t, "old", string(v.Payload()))
	require.NotZero(t, s.ChangedSince(id, 1))
	require.Less(t, s.Stats().Pages, uint32(8))
	require.Empty(t, s.Check())
}

// TestGenerations: a slot whose generations are used up is not used again.
func TestGenerations(t *testing.T) {
	s := newTestSpace(t, smallOptions())
	id, err := s.NewSlot()
	require.NoError(t, err)
	c, i := s.slot(id)
	last := MakeRowID(id.Slot(), generationMask)
	c.gen[i].Store(liveWord(last))
	require.True(t, s.RetireSlot(last))
	for range 3 {
		s.Reclaim()
	}
	for range 100 {
		next, err := s.NewSlot()
		require.NoError(t, err)
		require.NotEqual(t, id.Slot(), next.Slot())
	}
}

// TestVacuum empties sparse pages and gives their memory back.
func TestVacuum(t *testing.T) {
	s := newTestSpace(t, Options{PageSize: 512, PageChunkBits: 3})
	var ids []RowID
	for i := range 2000 {
		ids = append(ids, put(t, s, CSN(i+1), []byte{byte(i), byte(i >> 8)}))
	}
	for i, id := range ids {
		if i%10 != 0 {
			remove(t, s, 3000+CSN(i), id)
		}
	}
	for range 3 {
		s.Reclaim()
	}
	full := s.Stats()
	s.Freeze()
	require.Zero(t, s.Vacuum(0.5, 1<<20).Drained)
	s.Thaw()
	for range 5 {
		s.Vacuum(0.5, 1<<20)
	}
	st := s.Stats()
	require.Less(t, st.PageBytes, full.PageBytes/5)
	require.Less(t, st.Pages, full.Pages/5)
	for i := 0; i < len(ids); i += 10 {
		v, ok := s.Visible(ids[i], MaxCSN)
		require.True(t, ok)
		require.Equal(t, []byte{byte(i), byte(i >> 8)}, v.Payload())
		require.Equal(t, CSN(i+1), v.CSN())
	}
	require.Empty(t, s.Check())
}

// TestStaleLinks: the links of pages that were emptied do not hold up an insert, and vacuum drops them.
func TestStaleLinks(t *testing.T) {
	s := newTestSpace(t, Options{})
	var ids []RowID
	for range 3000 {
		ids = append(ids, put(t, s, 1, make([]byte, 50)))
	}
	for _, id := range ids {
		remove(t, s, 2, id)
	}
	for range 3 {
		s.Reclaim()
	}
	count := func() (n int) {
		for class := minUnits; class < freeClasses; class++ {
			s.free.sweep(class, func(uint64, uint32) bool { n++; return true })
		}
		return n
	}
	before := count()
	require.Greater(t, before, 1000)
	put(t, s, 3, make([]byte, 50))
	require.Greater(t, count(), before-100)
	s.Vacuum(0.5, 100)
	require.Less(t, count(), 50)
	require.Empty(t, s.Check())
}

// TestAllocations: what runs in the commit section and what reads allocate nothing.
func TestAllocations(t *testing.T) {
	s := newTestSpace(t, Options{OverflowRefs: testRefs})
	r := testRand(t)
	id := put(t, s, 1, testPayload(r, 50))
	ref, err := s.WriteOverflow(make([]byte, 5000))
	require.NoError(t, err)
	var links []Link
	for i := range 300 {
		var l Link
		if i%2 == 0 {
			l, err = s.Append(id, 1, FlagOverflow, testPayload(r, 50, ref), true)
		} else {
			l, err = s.Append(id, 1, 0, testPayload(r, 50), true)
		}
		require.NoError(t, err)
		links = append(links, l)
	}
	csn := CSN(1)
	limit := 0.0
	if raceEnabled { // sync.Pool drops things at random
		limit = 2
	}
	require.LessOrEqual(t, testing.AllocsPerRun(200, func() {
		csn++
		s.Publish(id, links[csn-2], csn, 1)
	}), limit)
	buf := make([]ScanRow, 10)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		g := s.epochs.Pin()
		s.Visible(id, csn/2)
		s.ChangedSince(id, csn/2)
		s.ScanVisible(0, s.SlotCount(), csn-5, buf)
		g.Unpin()
	}))
	require.Zero(t, testing.AllocsPerRun(1, func() { s.PruneChain(id, []CSN{5, 9, 70}, csn, nil) }))
}

// TestPrevWordsAreDropped updates every row of a table once, with prompt pruning: few prev words stay behind.
func TestPrevWordsAreDropped(t *testing.T) {
	s := newTestSpace(t, Options{})
	var ids []RowID
	for range 20000 {
		ids = append(ids, put(t, s, 1, make([]byte, 50)))
	}
	for i, id := range ids {
		csn := CSN(i + 2)
		l, err := s.Append(id, 1, 0, make([]byte, 60), true)
		require.NoError(t, err)
		s.Publish(id, l, csn, 1)
		s.PruneChain(id, nil, csn, nil)
	}
	st := s.Stats()
	require.LessOrEqual(t, st.PrevBlocks, int64(st.Pages))
	s.Reclaim()
	s.Reclaim()
	require.Zero(t, s.Stats().PrevBlocks)
}

// TestVacuumLargePages: a small budget gets on with large pages too.
func TestVacuumLargePages(t *testing.T) {
	s := newTestSpace(t, Options{PageSize: 1 << 16})
	var ids []RowID
	for range 20000 {
		ids = append(ids, put(t, s, 1, make([]byte, 8)))
	}
	for i, id := range ids {
		if i%4 != 0 {
			remove(t, s, 2, id)
		}
	}
	before := s.Stats()
	calls := 0
	for s.Vacuum(0.5, 10).Moved > 0 {
		require.Less(t, calls, 100)
		calls++
	}
	st := s.Stats()
	require.Less(t, st.Pages-st.FreePages, (before.Pages-before.FreePages)*2/3)
	require.Empty(t, s.Check())
}
