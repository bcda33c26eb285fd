package heap

import (
	"sort"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// disk is what checkpoints wrote, and when.
type disk struct {
	at     CSN
	c      Counters
	images map[uint32][]byte
}

// checkpoint images the dirty pages as of a snapshot at csn t, which must be registered.
func (d *disk) checkpoint(s *Space, t CSN, all bool, during func()) {
	s.Freeze()
	defer s.Thaw()
	c := s.Counters()
	var pages []uint32
	s.DirtyPages(t, c.Pages, all, func(p uint32) bool {
		during()
		image := make([]byte, s.PageSize())
		s.PageImage(p, t, image)
		d.images[p] = image
		pages = append(pages, p)
		return true
	})
	for _, p := range pages {
		s.ClearDirty(p, t)
	}
	d.at, d.c = t, c
}

func (d *disk) load(t testing.TB, o Options) *Space {
	s := newTestSpace(t, o)
	require.NoError(t, s.BeginLoad(d.c))
	var wg sync.WaitGroup
	for p := uint32(1); p <= d.c.Pages; p++ {
		require.NotNil(t, d.images[p], "page %d was never written", p)
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := s.LoadPage(p, d.images[p], nil); err != nil {
				t.Errorf("page %d: %v", p, err)
			}
		}()
	}
	wg.Wait()
	require.NoError(t, s.EndPages())
	return s
}

// TestCheckpoint takes incremental checkpoints while commits go on, loads each and compares it with the model, and goes
// on with the loaded Space now and then.
func TestCheckpoint(t *testing.T) {
	r := testRand(t)
	m := newModel(t, newTestSpace(t, smallOptions()), r)
	d := &disk{images: map[uint32][]byte{}}
	for range max(3, testSize(4000)/200) {
		for range 200 {
			m.step()
			if m.r.IntN(20) == 0 {
				m.s.Vacuum(0.5, 100)
			}
		}
		m.check()
		at := m.seen
		m.active = append(m.active, at)
		sort.Slice(m.active, func(i, j int) bool { return m.active[i] < m.active[j] })
		held := m.active
		known := map[RowID]bool{}
		for id := range m.rows {
			known[id] = true
		}
		d.checkpoint(m.s, at, r.IntN(10) == 0, func() {
			for r.IntN(2) == 0 { // commits, prunes and reclaims go on, but the snapshot stays
				m.active = append([]CSN(nil), held...)
				m.step()
				m.active = held
			}
		})
		loaded := d.load(t, smallOptions())
		require.NoError(t, loaded.FinishLoad())
		m.checkLoaded(loaded, at)
		if r.IntN(4) == 0 {
			m.resume(loaded, at, known)
		}
	}
	m.check()
	m.drop()
}

// checkLoaded compares the loaded Space with what snapshot at sees.
func (m *model) checkLoaded(s *Space, at CSN) {
	require.Empty(m.t, s.Check())
	was := m.s
	m.s = s
	defer func() { m.s = was }()
	n := 0
	for id := range m.rows {
		want := m.at(id, at)
		got, ok := s.Visible(id, at)
		require.Equal(m.t, want != nil, ok)
		if ok {
			n++
			m.checkVersion(id, want, got)
		}
	}
	require.EqualValues(m.t, n, s.Rows())
	require.EqualValues(m.t, n, s.CountVisible(0, s.SlotCount(), MaxCSN))
}

// resume makes the loaded Space the model's, as after a restart. Row ids that are not known were given out later.
func (m *model) resume(s *Space, at CSN, known map[RowID]bool) {
	m.s, m.active, m.live, m.dead, m.gone = s, nil, nil, nil, nil
	for id := range m.rows {
		if !known[id] {
			delete(m.rows, id)
			continue
		}
		if v := m.at(id, at); v != nil {
			m.rows[id] = []modelVersion{*v}
			m.live = append(m.live, id)
		} else {
			m.rows[id] = nil
			m.gone = append(m.gone, id)
		}
	}
	sort.Slice(m.live, func(i, j int) bool { return m.live[i] < m.live[j] })
}

// TestReplay loads a checkpoint and applies the commits after it again.
func TestReplay(t *testing.T) {
	r := testRand(t)
	m := newModel(t, newTestSpace(t, smallOptions()), r)
	for range 600 {
		m.step()
	}
	d := &disk{images: map[uint32][]byte{}}
	m.seen = m.csn
	at := m.csn
	m.active = append(m.active, at)
	d.checkpoint(m.s, at, true, func() {})
	old := map[RowID][]modelVersion{}
	for id, v := range m.rows {
		old[id] = v
	}
	for range 600 {
		m.step()
	}
	type change struct {
		id RowID
		v  modelVersion
	}
	var log []change
	for id, vs := range m.rows {
		if m.rows[id] == nil { // retired meanwhile: what the model forgot comes as an insert and a delete
			if prev := old[id]; prev != nil && prev[len(prev)-1].payload != nil {
				log = append(log, change{id, modelVersion{csn: at + 1}})
			}
		}
		for _, v := range vs {
			if v.csn > at {
				log = append(log, change{id, v})
			}
		}
	}
	sort.Slice(log, func(i, j int) bool { return log[i].v.csn < log[j].v.csn })

	s := d.load(t, smallOptions())
	for _, c := range log {
		head, ok := s.Head(c.id)
		if c.v.payload == nil {
			if ok {
				require.True(t, s.RetireSlot(c.id))
			}
			continue
		}
		if !ok {
			require.NoError(t, s.AdoptSlot(c.id))
			require.Error(t, s.AdoptSlot(c.id))
		}
		payload, flags := c.v.payload, uint8(0)
		if c.v.big != nil {
			ref, err := s.WriteOverflow(c.v.big)
			require.NoError(t, err)
			payload = testPayload(r, 20, ref)
			flags = FlagOverflow
			defer s.ReleaseOverflow(ref)
		}
		l, err := s.Append(c.id, 3, flags, payload, head != 0)
		require.NoError(t, err)
		require.Equal(t, head, s.Publish(c.id, l, c.v.csn, c.v.changed))
		s.PruneChain(c.id, nil, c.v.csn, nil)
	}
	require.NoError(t, s.FinishLoad())
	require.Empty(t, s.Check())
	require.Equal(t, m.s.Rows(), s.Rows())
	for id := range m.rows {
		want := m.at(id, MaxCSN)
		got, ok := s.Visible(id, MaxCSN)
		require.Equal(t, want != nil, ok)
		if ok && want.big == nil {
			require.Equal(t, want.payload, got.Payload())
		}
	}
	for range 500 { // new ids differ from all that the checkpoint or the replay knew
		id, err := s.NewSlot()
		require.NoError(t, err)
		_, used := old[id]
		require.False(t, used || m.rows[id] != nil)
	}
}

func TestLoadRejects(t *testing.T) {
	s := newTestSpace(t, smallOptions())
	r := testRand(t)
	for range 3 {
		id, err := s.NewSlot()
		require.NoError(t, err)
		l, err := s.Append(id, 1, 0, testPayload(r, 30), false)
		require.NoError(t, err)
		s.Publish(id, l, 1, 0)
	}
	good := make([]byte, 512)
	require.Equal(t, PageInfo{Kind: PageData, Versions: 3}, s.PageImage(1, 1, good))
	edit := func(f func(b []byte)) []byte {
		b := append([]byte(nil), good...)
		f(b)
		return b
	}
	cases := map[string][]byte{
		"short":              good[:511],
		"kind":               edit(func(b []byte) { b[64] = 9 }),
		"count":              edit(func(b []byte) { b[66] = 2 }),
		"no commit":          edit(func(b []byte) { clear(b[80:88]) }),
		"row 0":              edit(func(b []byte) { clear(b[88:96]) }),
		"row out of range":   edit(func(b []byte) { b[95] = 9 }),
		"generation":         edit(func(b []byte) { b[88] = 9 }),
		"flags":              edit(func(b []byte) { b[80+19] = FlagTombstone }),
		"length":             edit(func(b []byte) { b[80+17] = 9 }),
		"overlap":            edit(func(b []byte) { b[80+16] = 3 }),
		"hole of nothing":    edit(func(b []byte) { clear(b[80:87]); b[87] = 0x80 }),
		"hole too long":      edit(func(b []byte) { clear(b[80:87]); b[81], b[87] = 9, 0x80 }),
		"hole off alignment": edit(func(b []byte) { clear(b[80:87]); b[80], b[87] = 12, 0x80 }),
		"twice":              edit(func(b []byte) { copy(b[80+64:], b[80:144]) }),
		"dirty free page":    edit(func(b []byte) { clear(b[64:]); b[100] = 1 }),
		"overflow no head":   edit(func(b []byte) { clear(b[64:]); b[64] = 2 }),
		"overflow too full":  edit(func(b []byte) { clear(b[64:]); b[64], b[65], b[70], b[84] = 2, 1, 1, 1 }),
	}
	for name, image := range cases {
		t.Run(name, func(t *testing.T) {
			s := newTestSpace(t, smallOptions())
			require.NoError(t, s.BeginLoad(Counters{Pages: 4, Slots: 40, Generation: 3}))
			err := s.LoadPage(1, image, nil)
			require.ErrorIs(t, err, sqlerr.CorruptTable)
		})
	}
	l := newTestSpace(t, smallOptions())
	require.NoError(t, l.BeginLoad(Counters{Pages: 4, Slots: 40, Generation: 3}))
	require.NoError(t, l.LoadPage(1, good, nil))
	require.ErrorIs(t, l.LoadPage(1, good, nil), sqlerr.CorruptTable)
	require.ErrorIs(t, l.LoadPage(2, good, nil), sqlerr.CorruptTable)
	require.ErrorIs(t, l.LoadPage(0, good, nil), sqlerr.CorruptTable)
	require.ErrorIs(t, l.LoadPage(5, good, nil), sqlerr.CorruptTable)
	require.Error(t, newTestSpace(t, smallOptions()).BeginLoad(Counters{Slots: 1 << 50}))
}

// FuzzPage: arbitrary bytes as the pages of a table give an error or a consistent Space.
func FuzzPage(f *testing.F) {
	m := newModel(f, newTestSpace(f, smallOptions()), testRand(f))
	for range 300 {
		m.step()
	}
	var all []byte
	for p := uint32(1); p <= 8; p++ {
		image := make([]byte, 512)
		m.s.PageImage(p, m.csn, image)
		f.Add(image[HeaderSize:])
		all = append(all, image[HeaderSize:]...)
	}
	f.Add(all)
	f.Fuzz(func(t *testing.T, data []byte) {
		s := newTestSpace(t, smallOptions())
		const body = 512 - HeaderSize
		c := Counters{Pages: 16, Slots: 1 << 12, Generation: 1 << 20}
		require.NoError(t, s.BeginLoad(c))
		for p := uint32(1); p <= c.Pages && len(data) > 0; p++ {
			image := make([]byte, 512)
			data = data[copy(image[HeaderSize:], data[:min(body, len(data))]):]
			if err := s.LoadPage(p, image, fuzzVisit); err != nil {
				return
			}
		}
		if s.FinishLoad() != nil {
			return
		}
		require.Empty(t, s.Check())
		n := s.Rows()
		for range 10 {
			id, err := s.NewSlot()
			require.NoError(t, err)
			l, err := s.Append(id, 1, 0, make([]byte, 50), false)
			require.NoError(t, err)
			s.Publish(id, l, max(1, s.LastCSN()), 0)
		}
		require.EqualValues(t, n+10, s.CountVisible(0, s.SlotCount(), MaxCSN))
		s.Vacuum(0.9, 1000)
		require.Empty(t, s.Check())
	})
}

// fuzzVisit is what a layout's validation is in the engine.
func fuzzVisit(_ Link, v Version) error {
	if p := v.Payload(); v.Flags()&FlagOverflow != 0 && (len(p) < 5 || len(p) < 5+8*int(p[4])) {
		return sqlerr.New(sqlerr.CorruptTable, "payload")
	}
	return nil
}
