package heap

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// TestMoveAgainstPublish moves the head of one row as fast as commits replace it: no version is lost, whoever wins.
func TestMoveAgainstPublish(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(2))
	s := newTestSpace(t, smallOptions())
	id := put(t, s, 1, []byte{1})
	var stop atomic.Bool
	var wg sync.WaitGroup
	moved := 0
	wg.Add(1)
	go func() {
		defer wg.Done()
		for !stop.Load() {
			g := s.epochs.Pin()
			l, _ := s.Head(id)
			if s.move(moveItem{id, l}) == moveDone {
				moved++
			}
			g.Unpin()
		}
	}()
	n := CSN(testSize(4000))
	for csn := CSN(2); csn <= n; csn++ {
		g := s.epochs.Pin()
		l, err := s.Append(id, 1, 0, []byte{byte(csn)}, true)
		require.NoError(t, err)
		s.Publish(id, l, csn, 1)
		g.Unpin()
	}
	stop.Store(true)
	wg.Wait()
	want := n
	s.Versions(id, func(_ Link, v Version) bool {
		require.Equal(t, want, v.CSN())
		require.Equal(t, []byte{byte(want)}, v.Payload())
		want--
		return true
	})
	require.Zero(t, want)
	require.Empty(t, s.Check())
	t.Logf("%d moves", moved)
	require.EqualValues(t, n-1, s.PruneChain(id, nil, n, nil).Removed)
	require.Empty(t, s.Check())
}

// TestPrevBlocksRecycled reserves and releases prev words of two Spaces while idle blocks are dropped and ripen: a reserved
// word stays reachable and is its owner's alone.
func TestPrevBlocksRecycled(t *testing.T) {
	for _, procs := range []int{2, 8} {
		old := runtime.GOMAXPROCS(procs)
		s := newTestSpace(t, Options{})
		other, err := NewSpace(2, s.epochs, Options{})
		require.NoError(t, err)
		type place struct {
			s *Space
			l Link
		}
		var places []place
		for _, s := range []*Space{s, other} {
			id, err := s.NewSlot()
			require.NoError(t, err)
			for range 2 {
				for range 2 {
					l, err := s.Append(id, 1, 0, nil, false)
					require.NoError(t, err)
					places = append(places, place{s, l})
				}
				_, err := s.Append(id, 1, 0, make([]byte, 24*prevsPerBlock), false) // the next two are in another block
				require.NoError(t, err)
			}
		}
		var stop atomic.Bool
		var droppers, users sync.WaitGroup
		for range 2 {
			droppers.Add(1)
			go func() {
				defer droppers.Done()
				for !stop.Load() {
					s.epochs.dropIdle()
					s.epochs.advance()
				}
			}()
		}
		for i, p := range places {
			users.Add(1)
			go func() {
				defer users.Done()
				for n := range testSize(5000) {
					g := s.epochs.Pin()
					w := p.s.reservePrev(p.l)
					mark := uint64(n*len(places) + i)
					w.mask.Store(mark)
					w.link.Store(uint64(p.l))
					if got := p.s.prevWord(p.l); got != w {
						t.Error("a reserved word was dropped")
					}
					if prev, mask := p.s.Prev(p.l); prev != p.l || mask != mark {
						t.Error("a reserved word is somebody else's as well")
					}
					p.s.releasePrev(p.l)
					g.Unpin()
				}
			}()
		}
		users.Wait()
		stop.Store(true)
		droppers.Wait()
		s.epochs.dropIdle()
		require.Zero(t, s.Stats().PrevBlocks)
		require.Zero(t, other.Stats().PrevBlocks)
		runtime.GOMAXPROCS(old)
	}
}

// TestPrevBlockWaitsForEpoch: a block that a pinned reader may hold serves no other page before the Unpin.
func TestPrevBlockWaitsForEpoch(t *testing.T) {
	s := newTestSpace(t, Options{})
	id, err := s.NewSlot()
	require.NoError(t, err)
	l, err := s.Append(id, 1, 0, nil, true)
	require.NoError(t, err)
	e := s.epochs
	reader := e.Pin()
	held, _ := s.prevBlock(l)
	require.NotNil(t, held)
	s.releasePrev(l)
	e.dropIdle()
	require.Nil(t, s.prevWord(l))
	taken := func() (blocks []*prevBlock) {
		for i := range e.pools {
			blocks = append(blocks, e.pools[i].take(e))
		}
		return blocks
	}
	for range 5 {
		e.advance()
		require.NotContains(t, taken(), held)
	}
	reader.Unpin()
	e.advance()
	require.Contains(t, taken(), held)
}

// TestUsedUpGenerations: after a load that knows of very high generations, free slots are left alone.
func TestUsedUpGenerations(t *testing.T) {
	d := &disk{images: map[uint32][]byte{}}
	s := newTestSpace(t, smallOptions())
	var ids []RowID
	for range 100 {
		ids = append(ids, put(t, s, 1, nil))
	}
	for _, id := range ids[:90] {
		remove(t, s, 2, id)
	}
	d.checkpoint(s, 2, true, func() {})
	d.c.Generation = generationMask - 1
	l := d.load(t, smallOptions())
	require.NoError(t, l.FinishLoad())
	for range 200 {
		id, err := l.NewSlot()
		require.NoError(t, err)
		require.GreaterOrEqual(t, id.Slot(), d.c.Slots)
	}
	require.EqualValues(t, 1, l.Counters().Generation)

	d.c.Generation = 77
	l = d.load(t, smallOptions())
	require.NoError(t, l.FinishLoad())
	for range 50 {
		id, err := l.NewSlot()
		require.NoError(t, err)
		require.Less(t, id.Slot(), d.c.Slots)
		require.EqualValues(t, 78, id.Generation())
	}
}

// TestSparseLoad: rows at the far end of a wide slot range cost no memory for the slots between, which are used again.
func TestSparseLoad(t *testing.T) {
	s := newTestSpace(t, Options{})
	require.NoError(t, s.BeginLoad(Counters{Pages: 1, Slots: 1 << 30, Generation: 5}))
	require.NoError(t, s.EndPages())
	far := MakeRowID(1<<30-5, 2)
	require.NoError(t, s.AdoptSlot(far))
	l, err := s.Append(far, 1, 0, []byte("far"), false)
	require.NoError(t, err)
	s.Publish(far, l, 9, 0)
	require.NoError(t, s.FinishLoad())
	require.EqualValues(t, 1<<30-1, s.Stats().FreeSlots)
	id := far
	for n := 0; id.Slot() != 0; n++ { // those in the far row's chunk come first
		require.Less(t, n, 1<<13)
		id, err = s.NewSlot()
		require.NoError(t, err)
		require.EqualValues(t, 6, id.Generation())
	}
	require.EqualValues(t, 1, s.CountVisible(0, s.SlotCount(), 9))
	require.Empty(t, s.Check())
}

func TestOverflowReferences(t *testing.T) {
	s := newTestSpace(t, smallOptions())
	r := testRand(t)
	big := bigValue(5000)
	ref, err := s.WriteOverflow(big)
	require.NoError(t, err)
	got, err := s.ReadOverflow(ref, 5000, []byte("x"))
	require.NoError(t, err)
	require.True(t, slices.Equal(got[1:], big))
	for _, bad := range []uint64{0, 1, ref + 1, ref + 1<<32, 1 << 60} {
		_, err = s.ReadOverflow(bad, 5000, nil)
		require.ErrorIs(t, err, sqlerr.CorruptTable, "%x", bad)
	}
	_, err = s.ReadOverflow(ref, 4999, nil)
	require.ErrorIs(t, err, sqlerr.CorruptTable)

	id, err := s.NewSlot()
	require.NoError(t, err)
	_, err = s.Append(id, 1, FlagOverflow, testPayload(r, 20, ref, 1<<50), false) // all or none is retained
	require.ErrorIs(t, err, sqlerr.CorruptTable)
	l, err := s.Append(id, 1, FlagOverflow, testPayload(r, 20, ref), false)
	require.NoError(t, err)
	s.ReleaseOverflow(ref)
	require.NotZero(t, s.Stats().OverflowPages)
	s.Discard(l)
	require.Zero(t, s.Stats().OverflowPages)
	_, err = s.ReadOverflow(ref, 5000, nil)
	require.ErrorIs(t, err, sqlerr.CorruptTable)
	require.Error(t, s.RetainOverflow(ref))
	again, err := s.WriteOverflow(big) // the same pages, another reference
	require.NoError(t, err)
	require.NotEqual(t, ref, again)
	_, err = s.ReadOverflow(ref, 5000, nil)
	require.ErrorIs(t, err, sqlerr.CorruptTable)

	none := newTestSpace(t, Options{})
	_, err = none.Append(id, 1, FlagOverflow, testPayload(r, 20, ref), false)
	require.ErrorIs(t, err, sqlerr.Internal)
}

// TestBrokenOverflow loads chains whose pages are missing, swapped, cut or loop.
func TestBrokenOverflow(t *testing.T) {
	r := testRand(t)
	s := newTestSpace(t, smallOptions())
	id, err := s.NewSlot()
	require.NoError(t, err)
	ref, err := s.WriteOverflow(bigValue(2000))
	require.NoError(t, err)
	l, err := s.Append(id, 1, FlagOverflow, testPayload(r, 20, ref), false)
	require.NoError(t, err)
	s.ReleaseOverflow(ref)
	s.Publish(id, l, 1, 0)
	d := &disk{images: map[uint32][]byte{}}
	d.checkpoint(s, 1, true, func() {})
	require.NoError(t, d.load(t, smallOptions()).FinishLoad())
	first := uint32(ref >> 32)
	for name, breaking := range map[string]func(pages map[uint32][]byte){
		"missing": func(p map[uint32][]byte) { p[first+2] = make([]byte, 512) },
		"head":    func(p map[uint32][]byte) { p[first] = make([]byte, 512) },
		"swapped": func(p map[uint32][]byte) { p[first+1], p[first+2] = p[first+2], p[first+1] },
		"nonce":   func(p map[uint32][]byte) { p[first][HeaderSize+24]++ },
		"loop":    func(p map[uint32][]byte) { p[first+2][HeaderSize+12] = byte(first + 1) },
		"cut":     func(p map[uint32][]byte) { clear(p[first+2][HeaderSize+12 : HeaderSize+16]) },
		"longer":  func(p map[uint32][]byte) { p[first+4][HeaderSize+12] = byte(first + 1) },
		"used":    func(p map[uint32][]byte) { p[first+1][HeaderSize+4]-- },
		"total":   func(p map[uint32][]byte) { p[first][HeaderSize+28]++ },
	} {
		t.Run(name, func(t *testing.T) {
			pages := map[uint32][]byte{}
			for p, image := range d.images {
				pages[p] = slices.Clone(image)
			}
			breaking(pages)
			s := newTestSpace(t, smallOptions())
			require.NoError(t, s.BeginLoad(d.c))
			var err error
			for p := uint32(1); p <= d.c.Pages && err == nil; p++ {
				err = s.LoadPage(p, pages[p], nil)
			}
			if err == nil {
				err = s.FinishLoad()
			}
			require.ErrorIs(t, err, sqlerr.CorruptTable)
		})
	}
}
