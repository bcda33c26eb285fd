package heap

import (
	"encoding/binary"
	"hash/crc32"
	"math/rand/v2"
	"os"
	"sort"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// testSize scales the randomised tests: WORKTABLE_HEAP_STEPS.
func testSize(def int) int {
	if n, err := strconv.Atoi(os.Getenv("WORKTABLE_HEAP_STEPS")); err == nil && n > 0 {
		return n
	}
	return def
}

func testRand(t testing.TB) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	if n, err := strconv.ParseUint(os.Getenv("WORKTABLE_SEED"), 10, 64); err == nil {
		seed = n
	}
	t.Logf("WORKTABLE_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 1))
}

// smallOptions cross page, chunk and directory boundaries all the time.
func smallOptions() Options {
	return Options{Name: "t", PageSize: 512, SlotChunkBits: 5, PageChunkBits: 3, OverflowRefs: testRefs}
}

func newTestSpace(t testing.TB, o Options) *Space {
	s, err := NewSpace(7, NewEpochs(), o)
	require.NoError(t, err)
	return s
}

// A test payload is a CRC of the rest, a count of overflow references, the references with lengths, and filling.
func testPayload(r *rand.Rand, n int, refs ...uint64) []byte {
	b := make([]byte, 5, 5+n)
	b[4] = byte(len(refs))
	for _, ref := range refs {
		b = binary.LittleEndian.AppendUint64(b, ref)
	}
	for len(b) < 5+n {
		b = append(b, byte(r.Uint32()))
	}
	binary.LittleEndian.PutUint32(b, payloadSum(b))
	return b
}

func payloadSum(b []byte) uint32 { return crc32.ChecksumIEEE(b[4:]) }

func payloadIntact(b []byte) bool {
	return len(b) >= 5 && binary.LittleEndian.Uint32(b) == payloadSum(b)
}

func testRefs(_ uint32, payload []byte, dst []uint64) []uint64 {
	for i := 0; i < int(payload[4]); i++ {
		dst = append(dst, binary.LittleEndian.Uint64(payload[5+8*i:]))
	}
	return dst
}

// modelVersion is a committed state of a row in the model; nil payload is deleted.
type modelVersion struct {
	csn     CSN
	payload []byte
	big     []byte // the overflow value, or nil
	changed uint64
}

// model drives a Space with random committed transactions and remembers what every snapshot must see.
type model struct {
	t      testing.TB
	r      *rand.Rand
	s      *Space
	csn    CSN
	seen   CSN // the visible CSN: new snapshots are taken here
	rows   map[RowID][]modelVersion
	live   []RowID
	dead   []RowID // tombstone at the head, slot not retired
	gone   []RowID
	active []CSN
}

func newModel(t testing.TB, s *Space, r *rand.Rand) *model {
	return &model{t: t, r: r, s: s, rows: map[RowID][]modelVersion{}}
}

func (m *model) size() int {
	if m.r.IntN(4) == 0 {
		return m.r.IntN(m.s.MaxPayload() - 40)
	}
	return m.r.IntN(40)
}

// write appends a random version, sometimes with an overflow value, of which carry is one to take over.
func (m *model) write(id RowID, chained bool, carry []byte, carryRef uint64) (Link, modelVersion) {
	var refs []uint64
	v := modelVersion{changed: m.r.Uint64()}
	if carry != nil && m.r.IntN(2) == 0 {
		refs, v.big = append(refs, carryRef), carry
	} else if m.r.IntN(6) == 0 {
		v.big = make([]byte, m.r.IntN(3000))
		for i := range v.big {
			v.big[i] = byte(m.r.Uint32())
		}
		ref, err := m.s.WriteOverflow(v.big)
		require.NoError(m.t, err)
		defer m.s.ReleaseOverflow(ref)
		refs = append(refs, ref)
	}
	flags := uint8(0)
	if refs != nil {
		flags = FlagOverflow
	}
	v.payload = testPayload(m.r, 8*len(refs)+m.size(), refs...)
	l, err := m.s.Append(id, 3, flags, v.payload, chained)
	require.NoError(m.t, err)
	return l, v
}

func (m *model) insert() {
	id, err := m.s.NewSlot()
	require.NoError(m.t, err)
	_, used := m.rows[id]
	require.False(m.t, used, "row id %x given out twice", id)
	require.Zero(m.t, m.s.LockWord(id).Load())
	l, v := m.write(id, false, nil, 0)
	if m.r.IntN(8) == 0 {
		m.s.Discard(l)
		require.True(m.t, m.s.RetireSlot(id))
		require.False(m.t, m.s.RetireSlot(id))
		m.rows[id] = nil
		m.gone = append(m.gone, id)
		return
	}
	m.csn++
	v.csn = m.csn
	require.Zero(m.t, m.s.Publish(id, l, m.csn, ^uint64(0)))
	m.rows[id] = []modelVersion{v}
	m.live = append(m.live, id)
}

func (m *model) pick() (int, RowID) {
	i := m.r.IntN(len(m.live))
	return i, m.live[i]
}

func (m *model) update() {
	if len(m.live) == 0 {
		return
	}
	g := m.s.epochs.Pin()
	defer g.Unpin()
	_, id := m.pick()
	head, ok := m.s.Head(id)
	require.True(m.t, ok)
	last := m.rows[id][len(m.rows[id])-1]
	var ref uint64
	if last.big != nil {
		ref = testRefs(0, last.payload, nil)[0]
	}
	l, v := m.write(id, true, last.big, ref)
	if m.r.IntN(8) == 0 {
		m.s.Discard(l)
		return
	}
	m.csn++
	v.csn = m.csn
	require.Equal(m.t, head, m.s.Publish(id, l, m.csn, v.changed))
	m.rows[id] = append(m.rows[id], v)
}

func (m *model) delete() {
	if len(m.live) == 0 {
		return
	}
	i, id := m.pick()
	l, err := m.s.AppendTombstone(id, 3)
	require.NoError(m.t, err)
	m.csn++
	m.s.Publish(id, l, m.csn, ^uint64(0))
	m.rows[id] = append(m.rows[id], modelVersion{csn: m.csn, changed: ^uint64(0)})
	m.live[i] = m.live[len(m.live)-1]
	m.live = m.live[:len(m.live)-1]
	m.dead = append(m.dead, id)
}

func (m *model) snapshot() {
	if len(m.active) > 3 || m.r.IntN(2) == 0 && len(m.active) > 0 {
		i := m.r.IntN(len(m.active))
		m.active = append(m.active[:i], m.active[i+1:]...)
		return
	}
	m.active = append(m.active, m.seen)
	sort.Slice(m.active, func(i, j int) bool { return m.active[i] < m.active[j] })
}

func (m *model) prune() {
	g := m.s.epochs.Pin()
	defer g.Unpin()
	for _, id := range append([]RowID(nil), m.live...) {
		if m.r.IntN(3) == 0 {
			p := m.s.PruneChain(id, m.active, m.seen, nil)
			newer := 0
			for _, v := range m.rows[id] {
				if v.csn > m.seen {
					newer++
				}
			}
			require.LessOrEqual(m.t, p.Retained, len(m.active)+1+newer)
			require.False(m.t, p.Dead)
		}
	}
	rest := m.dead[:0]
	for _, id := range m.dead {
		if m.s.PruneChain(id, m.active, m.seen, nil).Dead {
			require.True(m.t, m.s.RetireSlot(id))
			m.rows[id] = nil
			m.gone = append(m.gone, id)
			continue
		}
		rest = append(rest, id)
	}
	m.dead = rest
}

// at returns what snapshot sees of the row.
func (m *model) at(id RowID, snapshot CSN) (seen *modelVersion) {
	for i := range m.rows[id] {
		if v := &m.rows[id][i]; v.csn <= snapshot {
			seen = v
		}
	}
	if seen != nil && seen.payload == nil {
		return nil
	}
	return seen
}

func (m *model) checkVersion(id RowID, want *modelVersion, v Version) {
	require.Equal(m.t, id, v.Row())
	require.Equal(m.t, want.csn, v.CSN())
	require.EqualValues(m.t, 3, v.SchemaVersion())
	require.Equal(m.t, want.payload, v.Payload())
	if want.big != nil {
		ref := testRefs(0, v.Payload(), nil)[0]
		got, err := m.s.ReadOverflow(ref, uint32(len(want.big)), nil)
		require.NoError(m.t, err)
		require.Equal(m.t, len(want.big), len(got))
		require.True(m.t, string(want.big) == string(got))
	}
}

// check compares everything that the snapshots see.
func (m *model) check() {
	g := m.s.epochs.Pin()
	defer g.Unpin()
	for _, snapshot := range append([]CSN{m.csn, m.seen}, m.active...) {
		n := 0
		for id := range m.rows {
			want := m.at(id, snapshot)
			got, ok := m.s.Visible(id, snapshot)
			require.Equal(m.t, want != nil, ok, "row %x at %d", id, snapshot)
			if ok {
				n++
				m.checkVersion(id, want, got)
			}
			m.checkChanged(id, snapshot)
		}
		require.EqualValues(m.t, n, m.s.CountVisible(0, m.s.SlotCount(), snapshot))
		buf := make([]ScanRow, 1+m.r.IntN(50))
		last := int64(-1)
		for from, end := uint64(0), m.s.SlotCount(); from < end; {
			var k int
			k, from = m.s.ScanVisible(from, end, snapshot, buf)
			for _, row := range buf[:k] {
				require.Greater(m.t, int64(row.ID.Slot()), last)
				last = int64(row.ID.Slot())
				m.checkVersion(row.ID, m.at(row.ID, snapshot), row.V)
				n--
			}
		}
		require.Zero(m.t, n)
	}
	for _, id := range m.gone {
		_, ok := m.s.Head(id)
		require.False(m.t, ok)
	}
	require.EqualValues(m.t, len(m.live), m.s.Rows())
	require.Empty(m.t, m.s.Check())
}

func (m *model) checkChanged(id RowID, snapshot CSN) {
	if m.rows[id] == nil {
		return
	}
	want := uint64(0)
	for _, v := range m.rows[id] {
		if v.csn > snapshot {
			want |= v.changed
		}
	}
	got := m.s.ChangedSince(id, snapshot)
	require.Equal(m.t, want, want&got, "changed columns of %x since %d", id, snapshot)
	if want == 0 {
		require.Zero(m.t, got)
	}
}

func (m *model) step() {
	if m.r.IntN(4) > 0 {
		m.seen = m.csn
	}
	switch n := m.r.IntN(100); {
	case n < 30 || n < 60 && len(m.live) < 30:
		m.insert()
	case n < 70:
		m.update()
	case n < 85:
		m.delete()
	case n < 90:
		m.snapshot()
	case n < 96:
		m.prune()
	default:
		m.s.Reclaim()
	}
}

func TestModel(t *testing.T) {
	r := testRand(t)
	for _, o := range []Options{smallOptions(), {Name: "t", OverflowRefs: testRefs}, {Name: "t", PageSize: 1 << 16, OverflowRefs: testRefs}} {
		m := newModel(t, newTestSpace(t, o), r)
		for i := range testSize(4000) {
			m.step()
			if i%200 == 0 {
				m.check()
			}
		}
		m.check()
		m.drop()
	}
}

// drop deletes all rows and expects that nothing is left behind.
func (m *model) drop() {
	m.active = nil
	for len(m.live) > 0 {
		m.delete()
	}
	m.seen = m.csn
	m.prune()
	require.Empty(m.t, m.dead)
	for range 3 {
		m.s.Reclaim()
	}
	st := m.s.Stats()
	require.Zero(m.t, st.Rows)
	require.Zero(m.t, st.Limbo)
	require.Zero(m.t, st.OverflowPages)
	require.Zero(m.t, st.PrevBlocks)
	require.Zero(m.t, st.UsedBytes)
	require.Empty(m.t, m.s.Check())
}
