package index

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math/rand"
	"sort"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var (
	seedFlag  = flag.Int64("seed", 0, "seed of the random tests; 0 takes the time")
	stepsFlag = flag.Int("steps", 30000, "operations of a random test")
)

func newRand(t testing.TB) *rand.Rand {
	seed := *seedFlag
	if seed == 0 {
		seed = time.Now().UnixNano()
	}
	t.Logf("-seed=%d", seed)
	return rand.New(rand.NewSource(seed))
}

// model is the naive index: a sorted slice.
type model struct {
	kind Kind
	list []Entry
}

func compareKeys(k Kind, a, b Key) int {
	if k.Int() {
		switch {
		case a.Int < b.Int:
			return -1
		case a.Int > b.Int:
			return 1
		}
		return 0
	}
	return bytes.Compare(a.Bytes, b.Bytes)
}

func (m *model) compare(a, b Entry) int {
	if c := compareKeys(m.kind, a.Key, b.Key); c != 0 {
		return c
	}
	switch {
	case a.Row < b.Row:
		return -1
	case a.Row > b.Row:
		return 1
	}
	return 0
}

func (m *model) at(e Entry) (int, bool) {
	i := sort.Search(len(m.list), func(i int) bool { return m.compare(m.list[i], e) >= 0 })
	return i, i < len(m.list) && m.compare(m.list[i], e) == 0
}

func (m *model) put(e Entry) bool {
	i, ok := m.at(e)
	if ok {
		return false
	}
	m.list = append(m.list, Entry{})
	copy(m.list[i+1:], m.list[i:])
	m.list[i] = e
	return true
}

func (m *model) delete(e Entry) bool {
	i, ok := m.at(e)
	if ok {
		m.list = append(m.list[:i], m.list[i+1:]...)
	}
	return ok
}

func (m *model) get(k Key) []uint64 {
	var out []uint64
	i, _ := m.at(Entry{Key: k})
	for ; i < len(m.list) && compareKeys(m.kind, m.list[i].Key, k) == 0; i++ {
		out = append(out, m.list[i].Row)
	}
	return out
}

func (m *model) within(e Entry, lo, hi Bound) bool {
	if lo.Set {
		if c := compareKeys(m.kind, e.Key, lo.Key); c < 0 || c == 0 && !lo.Inclusive {
			return false
		}
	}
	if hi.Set {
		if c := compareKeys(m.kind, e.Key, hi.Key); c > 0 || c == 0 && !hi.Inclusive {
			return false
		}
	}
	return true
}

func (m *model) scan(lo, hi Bound, reverse bool) []Entry {
	var out []Entry
	for i := range m.list {
		e := m.list[i]
		if reverse {
			e = m.list[len(m.list)-1-i]
		}
		if m.within(e, lo, hi) {
			out = append(out, e)
		}
	}
	return out
}

// randomKey draws from a space small enough for collisions, with shared prefixes, zero bytes and all lengths.
func randomKey(r *rand.Rand, k Kind, space int) Key {
	u := uint64(r.Intn(space))
	if k.Int() {
		return IntKey(u * 0x0101010101)
	}
	switch u % 5 {
	case 0:
		return BytesKey(make([]byte, u/5%20))
	case 1:
		return BytesKey(append([]byte("same prefix for all of them "), byte(u/5), byte(u>>8)))
	case 2:
		return BytesKey(binary.BigEndian.AppendUint32(nil, uint32(u)))
	case 3:
		return BytesKey(binary.BigEndian.AppendUint64([]byte{1}, u))
	default:
		return BytesKey(bytes.Repeat([]byte{byte(u), 0}, int(u/5%300)))
	}
}

func randomBound(r *rand.Rand, k Kind, space int) Bound {
	switch r.Intn(4) {
	case 0:
		return Bound{}
	case 1:
		return Excluding(randomKey(r, k, space))
	}
	return Including(randomKey(r, k, space))
}

func scanAll(t testing.TB, ix Index, lo, hi Bound, reverse bool, batch int) []Entry {
	var it Iter
	it.Reset(lo, hi, reverse)
	buf := make([]Entry, batch)
	var out []Entry
	for {
		n, err := ix.Scan(&it, buf)
		require.NoError(t, err)
		if n == 0 {
			return out
		}
		for _, e := range buf[:n] {
			e.Key.Bytes = bytes.Clone(e.Key.Bytes)
			out = append(out, e)
		}
	}
}

func requireEntries(t testing.TB, k Kind, want, got []Entry, msg ...any) {
	require.Equal(t, len(want), len(got), msg...)
	for i := range want {
		if want[i].Row != got[i].Row || compareKeys(k, want[i].Key, got[i].Key) != 0 {
			require.Equal(t, want[i], got[i], msg...)
		}
	}
}

var kinds = map[string]Kind{"tree8": Tree8, "treeBytes": TreeBytes, "hash8": Hash8, "hashBytes": HashBytes}

// step does one random operation on both and compares the answers.
func step(t testing.TB, r *rand.Rand, ix Index, m *model, space int, deletes int) {
	k := randomKey(r, m.kind, space)
	row := uint64(1 + r.Intn(4))
	if space <= 5 {
		row = uint64(1 + r.Intn(60)) // many rows per key
	}
	switch op := r.Intn(20 + deletes); {
	case op < 8:
		added, err := ix.Put(k, row)
		require.NoError(t, err)
		require.Equal(t, m.put(Entry{k, row}), added)
	case op < 12:
		verdicts := map[uint64]Verdict{}
		var want uint64
		wantVerdict := NoConflict
		existing := m.get(k)
		for _, id := range existing {
			verdicts[id] = Verdict(r.Intn(8) / 6)
			if r.Intn(20) == 0 {
				verdicts[id] = Wait
			}
		}
		asked := 0
		id, v, err := ix.PutUnique(k, row, func(id uint64) Verdict {
			require.NotEqual(t, row, id)
			require.Contains(t, verdicts, id)
			asked++
			if verdicts[id] != NoConflict {
				want, wantVerdict = id, verdicts[id]
			}
			return verdicts[id]
		})
		require.NoError(t, err)
		require.Equal(t, want, id)
		require.Equal(t, wantVerdict, v)
		if v == NoConflict {
			added := m.put(Entry{k, row})
			n := len(existing)
			if !added {
				n--
			}
			require.Equal(t, n, asked)
		}
	case op < 14:
		require.Equal(t, m.get(k), ix.Get(k, nil))
	case op < 15:
		_, ok := m.at(Entry{k, row})
		require.Equal(t, ok, ix.Has(k, row))
	case op < 16:
		_, there := m.at(Entry{k, row})
		yes := r.Intn(2) == 0
		asked := false
		gone := ix.DeleteIf(k, row, func() bool { asked = true; return yes })
		require.Equal(t, there, asked)
		require.Equal(t, there && yes, gone)
		if gone {
			m.delete(Entry{k, row})
		}
	default:
		// Deleting what is there is rarer than it should be with random keys: take one from the model.
		e := Entry{k, row}
		if len(m.list) > 0 && r.Intn(2) == 0 {
			e = m.list[r.Intn(len(m.list))]
		}
		require.Equal(t, m.delete(e), ix.Delete(e.Key, e.Row))
	}
}

// limitBlocks makes blocks small, so that a few thousand entries give a directory of many.
func limitBlocks(ix Index) {
	switch x := ix.(type) {
	case *tree[item8]:
		x.dir.limit = 4
	case *tree[itemB]:
		x.dir.limit = 4
	}
}

func TestModel(t *testing.T) {
	for name, kind := range kinds {
		t.Run(name, func(t *testing.T) {
			r := newRand(t)
			for _, space := range []int{5, 300, 20000} {
				ix, m := New(kind), &model{kind: kind}
				limitBlocks(ix)
				for i := 0; i < *stepsFlag/3; i++ {
					deletes := 0
					if i > *stepsFlag/5 {
						deletes = 20
					}
					step(t, r, ix, m, space, deletes)
					if kind.Ordered() && i%97 == 0 {
						lo, hi := randomBound(r, kind, space), randomBound(r, kind, space)
						for _, reverse := range []bool{false, true} {
							got := scanAll(t, ix, lo, hi, reverse, 1+r.Intn(300))
							requireEntries(t, kind, m.scan(lo, hi, reverse), got, fmt.Sprint(lo, hi, reverse))
						}
					}
					if i%2000 == 0 {
						require.Empty(t, ix.Check())
					}
				}
				require.Equal(t, len(m.list), ix.Len())
				require.Empty(t, ix.Check())
				var all []Entry
				require.NoError(t, ix.Walk(func(e Entry) bool {
					e.Key.Bytes = bytes.Clone(e.Key.Bytes)
					all = append(all, e)
					return true
				}))
				sort.Slice(all, func(i, j int) bool { return m.compare(all[i], all[j]) < 0 })
				requireEntries(t, kind, m.list, all)
				for len(m.list) > 0 {
					e := m.list[r.Intn(len(m.list))]
					require.True(t, m.delete(e))
					require.True(t, ix.Delete(e.Key, e.Row))
				}
				require.Empty(t, ix.Check())
				require.Zero(t, ix.Len())
				require.Zero(t, ix.Stats().KeyBytes)
			}
		})
	}
}
