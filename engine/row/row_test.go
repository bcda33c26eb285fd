package row

import (
	"errors"
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
)

var seedFlag = flag.Int64("seed", time.Now().UnixNano(), "seed of the randomised tests")

// allTypes is a table with a column of every type.
func allTypes() *schema.Table {
	types := []value.Type{
		{ID: value.TypeTinyInt}, {ID: value.TypeTinyInt, Unsigned: true},
		{ID: value.TypeSmallInt}, {ID: value.TypeSmallInt, Unsigned: true},
		{ID: value.TypeMediumInt}, {ID: value.TypeMediumInt, Unsigned: true},
		{ID: value.TypeInt}, {ID: value.TypeInt, Unsigned: true},
		{ID: value.TypeBigInt}, {ID: value.TypeBigInt, Unsigned: true},
		{ID: value.TypeFloat}, {ID: value.TypeDouble},
		{ID: value.TypeDecimal, Precision: 10, Scale: 2}, {ID: value.TypeDecimal, Precision: 18},
		{ID: value.TypeDecimal, Precision: 19, Scale: 4}, {ID: value.TypeDecimal, Precision: 65, Scale: 30},
		{ID: value.TypeChar, Length: 10}, {ID: value.TypeVarChar, Length: 50}, {ID: value.TypeText},
		{ID: value.TypeBinary, Length: 4}, {ID: value.TypeBinary, Length: 100}, {ID: value.TypeVarBinary, Length: 20}, {ID: value.TypeBlob},
		{ID: value.TypeDate}, {ID: value.TypeTime, Scale: 3}, {ID: value.TypeDateTime, Scale: 6}, {ID: value.TypeTimestamp},
		{ID: value.TypeYear}, {ID: value.TypeEnum, Elements: []string{"a", "b", "c"}},
		{ID: value.TypeSet, Elements: []string{"x", "y", "z"}}, {ID: value.TypeSet, Elements: strings.Split("a,b,c,d,e,f,g", ",")},
		{ID: value.TypeBit, Length: 9}, {ID: value.TypeJSON},
	}
	t := &schema.Table{ID: 7, Name: "t", Version: 1}
	for i, ty := range types {
		t.Columns = append(t.Columns, schema.Column{ID: uint32(i + 1), Name: fmt.Sprintf("c%d", i), Type: ty})
	}
	return t
}

func randomString(rng *rand.Rand, n int) string {
	b := make([]byte, rng.Intn(n+1))
	for i := range b {
		b[i] = byte('a' + rng.Intn(26))
	}
	return string(b)
}

// randomValue returns a value of the type.
func randomValue(rng *rand.Rand, t *value.Type) value.Value {
	bits := map[value.TypeID]int{value.TypeTinyInt: 8, value.TypeSmallInt: 16, value.TypeMediumInt: 24, value.TypeInt: 32, value.TypeBigInt: 64}
	if n, ok := bits[t.ID]; ok {
		u := rng.Uint64() >> (64 - n)
		if t.Unsigned {
			return value.Uint(u)
		}
		return value.Int(int64(u<<(64-n)) >> (64 - n))
	}
	switch t.ID {
	case value.TypeFloat:
		return value.Float32(float32(rng.NormFloat64() * 1e10))
	case value.TypeDouble:
		return value.Float(rng.NormFloat64() * 1e100)
	case value.TypeDecimal:
		c := new(big.Int).Rand(rng, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(1+rng.Intn(int(t.Precision)))), nil))
		if rng.Intn(2) == 0 {
			c.Neg(c)
		}
		return value.DecimalBig(c, t.Scale)
	case value.TypeDate:
		return value.Date(value.PackDate(rng.Intn(10000), rng.Intn(13), rng.Intn(32)))
	case value.TypeDateTime, value.TypeTimestamp:
		return value.DateTime(value.PackDateTime(rng.Intn(10000), rng.Intn(13), rng.Intn(32), rng.Intn(24), rng.Intn(60), rng.Intn(60), rng.Intn(1e6)), t.Scale)
	case value.TypeTime:
		return value.Time(rng.Int63n(2*value.MaxTimeMicros+1)-value.MaxTimeMicros, t.Scale)
	case value.TypeYear:
		return value.Year(1901 + rng.Intn(255))
	case value.TypeEnum:
		v, _ := value.EnumByNumber(t, uint64(rng.Intn(len(t.Elements)+1)))
		return v
	case value.TypeSet:
		v, _ := value.SetByMask(t, rng.Uint64()&(1<<len(t.Elements)-1))
		return v
	case value.TypeBit:
		return value.Bit(rng.Uint64()>>(64-t.Length), uint8(t.Length))
	case value.TypeJSON:
		return value.JSON(fmt.Sprintf(`{"k": %d}`, rng.Intn(1000)))
	case value.TypeBinary:
		b := make([]byte, t.Length)
		rng.Read(b)
		return value.Bytes(string(b))
	case value.TypeVarBinary, value.TypeBlob:
		return value.Bytes(randomString(rng, 20))
	}
	return value.String(randomString(rng, 10))
}

func randomRow(rng *rand.Rand, t *schema.Table) []value.Value {
	vals := make([]value.Value, len(t.Columns))
	for i := range vals {
		if rng.Intn(5) > 0 || t.Columns[i].NotNull {
			vals[i] = randomValue(rng, &t.Columns[i].Type)
		}
	}
	return vals
}

func TestRoundTrip(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	l := NewLayout(allTypes())
	for range 500 {
		vals := randomRow(rng, l.Table())
		data, err := l.Append([]byte("head"), vals)
		require.NoError(t, err)
		require.Equal(t, "head", string(data[:4]))
		data = data[4:]
		require.NoError(t, l.Validate(data))
		r := Row{Layout: l, Data: data}
		got, err := r.Values(nil)
		require.NoError(t, err)
		require.Equal(t, vals, got)
		for i, v := range vals {
			require.Equal(t, v.IsNull(), r.IsNull(i))
		}
	}
}

func TestFixedOffset(t *testing.T) {
	l := NewLayout(allTypes())
	vals := randomRow(rand.New(rand.NewSource(1)), l.Table())
	vals[6], vals[9] = value.Int(-42), value.Uint(1<<63)
	data, err := l.Append(nil, vals)
	require.NoError(t, err)
	off, form := l.FixedOffset(6)
	require.Equal(t, StoredInt32, form)
	require.Equal(t, int32(-42), int32(le.Uint32(data[off:])))
	off, form = l.FixedOffset(9)
	require.Equal(t, StoredUint64, form)
	require.Equal(t, uint64(1)<<63, le.Uint64(data[off:]))
	_, form = l.FixedOffset(17)
	require.Equal(t, NotFixed, form)
	at, mask := l.NullBit(6)
	require.Zero(t, data[at]&mask)
}

func TestAppendChecks(t *testing.T) {
	tab := &schema.Table{Name: "t", Columns: []schema.Column{
		{ID: 1, Name: "i", Type: value.Type{ID: value.TypeTinyInt}, NotNull: true},
		{ID: 2, Name: "s", Type: value.Type{ID: value.TypeVarChar, Length: 3}},
		{ID: 3, Name: "d", Type: value.Type{ID: value.TypeDecimal, Precision: 4, Scale: 2}},
		{ID: 4, Name: "f", Type: value.Type{ID: value.TypeDouble}},
	}}
	l := NewLayout(tab)
	ok := []value.Value{value.Int(1), value.String("äöü"), value.Decimal(9999, 2), value.Float(1)}
	_, err := l.Append(nil, ok)
	require.NoError(t, err)
	for i, bad := range map[int][]value.Value{
		0: {value.Int(128), value.Uint(1), value.Null, value.String("1")},
		1: {value.String("abcd"), value.Int(1), value.Bytes("a")},
		2: {value.Decimal(10000, 2), value.Decimal(1, 1), value.Float(1)},
		3: {value.Float(math.NaN()), value.Float(math.Inf(1))},
	} {
		for _, v := range bad {
			vals := append([]value.Value(nil), ok...)
			vals[i] = v
			dst, err := l.Append([]byte("x"), vals)
			require.Error(t, err, "column %d: %v", i, v)
			require.Equal(t, "x", string(dst))
		}
	}
	_, err = l.Append(nil, ok[:2])
	require.Error(t, err)
}

// memOverflow keeps spilled values.
type memOverflow struct {
	vals map[uint64]string
	fail error
}

func (m *memOverflow) spill(data []byte) (uint64, error) {
	if m.fail != nil {
		return 0, m.fail
	}
	if m.vals == nil {
		m.vals = make(map[uint64]string)
	}
	ref := uint64(len(m.vals) + 100)
	m.vals[ref] = string(data)
	return ref, nil
}

func (m *memOverflow) ReadOverflow(ref uint64, length uint32, dst []byte) ([]byte, error) {
	s, ok := m.vals[ref]
	if !ok || len(s) != int(length) {
		return nil, errors.New("no such value")
	}
	return append(dst, s...), nil
}

func TestOverflow(t *testing.T) {
	tab := &schema.Table{Name: "t", Columns: []schema.Column{
		{ID: 1, Name: "i", Type: value.Type{ID: value.TypeInt}},
		{ID: 2, Name: "a", Type: value.Type{ID: value.TypeLongText}},
		{ID: 3, Name: "b", Type: value.Type{ID: value.TypeLongBlob}},
		{ID: 4, Name: "c", Type: value.Type{ID: value.TypeVarChar, Length: 200}},
	}}
	l := NewLayout(tab)
	var m memOverflow
	vals := []value.Value{value.Int(1), value.String(strings.Repeat("a", 3000)), value.Bytes(strings.Repeat("b", 100000)), value.String("short")}
	data, err := l.AppendWithOverflow(nil, vals, 4000, m.spill)
	require.NoError(t, err)
	require.LessOrEqual(t, len(data), 4000)
	require.Len(t, m.vals, 1, "only the largest is spilled")
	require.NoError(t, l.Validate(data))
	r := Row{Layout: l, Data: data, Overflow: &m}
	require.True(t, r.HasOverflow())
	got, err := r.Values(nil)
	require.NoError(t, err)
	require.Equal(t, vals, got)
	refs := r.OverflowRefs(nil)
	require.Len(t, refs, 1)
	require.Equal(t, uint32(100000), refs[0].Length)

	// A merge that leaves the large value alone carries its reference over.
	merged, err := l.AppendMerged(nil, &r, schema.ColSetOf(0, 3), []value.Value{value.Int(2), value.Null}, 4000, m.spill)
	require.NoError(t, err)
	require.NoError(t, l.Validate(merged))
	require.Len(t, m.vals, 1)
	r2 := Row{Layout: l, Data: merged, Overflow: &m}
	require.Equal(t, refs, r2.OverflowRefs(nil))
	require.Equal(t, value.Int(2), r2.Col(0))
	require.Equal(t, vals[2], r2.Col(2))
	require.True(t, r2.IsNull(3))

	// Wide offsets.
	data, err = l.Append(nil, vals)
	require.NoError(t, err)
	require.NoError(t, l.Validate(data))
	r = Row{Layout: l, Data: data}
	got, err = r.Values(nil)
	require.NoError(t, err)
	require.Equal(t, vals, got)
	require.Empty(t, r.OverflowRefs(nil))

	// Too small a page, no spill, a failing spill, a missing and a damaged value.
	var sqlErr *sqlerr.Error
	_, err = l.AppendWithOverflow(nil, vals, 30, m.spill)
	require.ErrorAs(t, err, &sqlErr)
	require.Equal(t, uint16(1118), sqlErr.Number())
	_, err = l.AppendWithOverflow(nil, vals, 4000, nil)
	require.Error(t, err)
	boom := errors.New("boom")
	_, err = l.AppendWithOverflow(nil, vals, 4000, (&memOverflow{fail: boom}).spill)
	require.ErrorIs(t, err, boom)
	r = Row{Layout: l, Data: merged}
	require.True(t, r.Col(2).IsNull())
	require.Error(t, r.Err())
	m.vals[refs[0].Ref] = strings.Repeat("c", 100000)
	r = Row{Layout: l, Data: merged, Overflow: &m}
	require.True(t, r.Col(2).IsNull())
	require.ErrorIs(t, r.Err(), sqlerr.CorruptTable)
}

func TestProject(t *testing.T) {
	old := &schema.Table{Name: "t", Version: 1, Columns: []schema.Column{
		{ID: 1, Name: "a", Type: value.Type{ID: value.TypeInt}},
		{ID: 2, Name: "b", Type: value.Type{ID: value.TypeVarChar, Length: 10}},
		{ID: 3, Name: "c", Type: value.Type{ID: value.TypeEnum, Elements: []string{"x"}}},
		{ID: 4, Name: "d", Type: value.Type{ID: value.TypeVarChar, Length: 10}},
	}}
	l1 := NewLayout(old)
	data, err := l1.Append(nil, []value.Value{value.Int(5), value.String("bee"), value.Enum(1, "x"), value.Null})
	require.NoError(t, err)

	// c moves first and grows, a goes, e and f come.
	next := old.Clone()
	next.Version = 2
	enum := old.Columns[2]
	enum.Type.Elements = []string{"x", "y"}
	next.Columns = []schema.Column{enum, old.Columns[1], old.Columns[3],
		{ID: 5, Name: "e", Type: value.Type{ID: value.TypeInt}, HasInitial: true, Initial: value.Int(9), HasDefault: true, Default: value.Int(10)},
		{ID: 6, Name: "f", Type: value.Type{ID: value.TypeVarChar, Length: 3}, NotNull: true}}
	p, err := l1.Project(next)
	require.NoError(t, err)
	require.NoError(t, p.Validate(data))
	r := Row{Layout: p, Data: data}
	got, err := r.Values(nil)
	require.NoError(t, err)
	want := []value.Value{value.Enum(1, "x"), value.String("bee"), value.Null, value.Int(9), value.String("")}
	require.Equal(t, want, got)
	require.False(t, r.IsNull(3))
	_, err = p.Append(nil, got)
	require.Error(t, err, "projected layouts do not write")

	l2 := NewLayout(next)
	merged, err := l2.AppendMerged(nil, &r, schema.ColSetOf(1), []value.Value{value.String("new")}, 0, nil)
	require.NoError(t, err)
	require.NoError(t, l2.Validate(merged))
	want[1] = value.String("new")
	got, err = (&Row{Layout: l2, Data: merged}).Values(nil)
	require.NoError(t, err)
	require.Equal(t, want, got)

	// A second change on top: projecting a projection.
	third := next.Clone()
	third.Version = 3
	third.Columns = third.Columns[1:]
	p3, err := p.Project(third)
	require.NoError(t, err)
	got, err = (&Row{Layout: p3, Data: data}).Values(nil)
	require.NoError(t, err)
	require.Equal(t, []value.Value{value.String("bee"), value.Null, value.Int(9), value.String("")}, got)

	// Changes of the stored form cannot be projected.
	bad := old.Clone()
	bad.Columns[0].Type.ID = value.TypeBigInt
	_, err = l1.Project(bad)
	require.Error(t, err)

	// A change record of the old version, read under the new definition.
	delta, err := l1.AppendDelta(nil, schema.ColSetOf(0, 1, 2), []value.Value{value.Int(1), value.String("q"), value.Enum(1, "x")})
	require.NoError(t, err)
	mask, vals, rest, err := p.DecodeDelta(append(delta, 0xAB), nil)
	require.NoError(t, err)
	require.Equal(t, []byte{0xAB}, rest)
	require.Equal(t, schema.ColSetOf(0, 1), mask)
	require.Equal(t, []value.Value{value.Enum(1, "x"), value.String("q")}, vals)
}

func TestProjectedMergeIntoOverflow(t *testing.T) {
	tab := &schema.Table{Name: "t", Version: 1, Columns: []schema.Column{
		{ID: 1, Name: "a", Type: value.Type{ID: value.TypeLongText}}, {ID: 2, Name: "b", Type: value.Type{ID: value.TypeInt}},
	}}
	l := NewLayout(tab)
	var m memOverflow
	data, err := l.AppendWithOverflow(nil, []value.Value{value.String(strings.Repeat("z", 9000)), value.Int(1)}, 1000, m.spill)
	require.NoError(t, err)
	next := tab.Clone()
	next.Version, next.Columns = 2, []schema.Column{tab.Columns[1], tab.Columns[0]}
	p, err := l.Project(next)
	require.NoError(t, err)
	l2 := NewLayout(next)
	r := Row{Layout: p, Data: data, Overflow: &m}
	merged, err := l2.AppendMerged(nil, &r, schema.ColSetOf(0), []value.Value{value.Int(3), value.Null}, 1000, m.spill)
	require.NoError(t, err)
	r2 := Row{Layout: l2, Data: merged, Overflow: &m}
	require.Equal(t, 9000, len(r2.Col(1).Str()))
	require.Equal(t, value.Int(3), r2.Col(0))
	require.Len(t, m.vals, 1)
}

func TestMergeEqualsEncode(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	l := NewLayout(allTypes())
	n := l.NumColumns()
	for range 500 {
		base, next := randomRow(rng, l.Table()), randomRow(rng, l.Table())
		data, err := l.Append(nil, base)
		require.NoError(t, err)
		var mask schema.ColSet
		var compact []value.Value
		want := append([]value.Value(nil), base...)
		for i := range n {
			if rng.Intn(3) == 0 {
				mask = mask.With(i)
				compact = append(compact, next[i])
				want[i] = next[i]
			}
		}
		r := Row{Layout: l, Data: data}
		whole, err := l.Append(nil, want)
		require.NoError(t, err)
		merged, err := l.AppendMerged(nil, &r, mask, compact, 0, nil)
		require.NoError(t, err)
		require.Equal(t, whole, merged)
		merged, err = l.AppendMerged(nil, &r, mask, next, 0, nil)
		require.NoError(t, err)
		require.Equal(t, whole, merged)

		delta, err := l.AppendDelta(nil, mask, compact)
		require.NoError(t, err)
		gotMask, got, rest, err := l.DecodeDelta(append(delta, 1, 2, 3), nil)
		require.NoError(t, err)
		require.Equal(t, []byte{1, 2, 3}, rest)
		require.Equal(t, mask, gotMask)
		require.Equal(t, compact, got)
		for cut := range len(delta) {
			_, _, _, err := l.DecodeDelta(delta[:cut], nil)
			require.Error(t, err)
		}
	}
}

// TestDamage flips bits and cuts payloads: Validate refuses them or reading them is safe.
func TestDamage(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	l := NewLayout(allTypes())
	for range 200 {
		data, err := l.Append(nil, randomRow(rng, l.Table()))
		require.NoError(t, err)
		for range 50 {
			d := append([]byte(nil), data...)
			if rng.Intn(4) == 0 {
				d = d[:rng.Intn(len(d))]
			} else {
				for range 1 + rng.Intn(3) {
					d[rng.Intn(len(d))] ^= 1 << rng.Intn(8)
				}
			}
			readAll(l, d)
		}
	}
}

// readAll reads a payload if it is valid.
func readAll(l *Layout, d []byte) {
	if l.Validate(d) != nil {
		return
	}
	r := Row{Layout: l, Data: d}
	vals, err := r.Values(nil)
	r.OverflowRefs(nil)
	if err == nil {
		// What is valid can be written again.
		if _, err := l.Append(nil, vals); err != nil {
			panic(err)
		}
	}
}

func FuzzRow(f *testing.F) {
	l := NewLayout(allTypes())
	rng := rand.New(rand.NewSource(1))
	for range 5 {
		data, err := l.Append(nil, randomRow(rng, l.Table()))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) { readAll(l, data) })
}

func FuzzDelta(f *testing.F) {
	l := NewLayout(allTypes())
	rng := rand.New(rand.NewSource(1))
	next := l.Table().Clone()
	next.Columns = append(next.Columns[5:], next.Columns[:3]...)
	p, err := l.Project(next)
	if err != nil {
		f.Fatal(err)
	}
	data, err := l.AppendDelta(nil, schema.AllCols(l.NumColumns()), randomRow(rng, l.Table()))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		mask, vals, _, err := l.DecodeDelta(data, nil)
		if err == nil {
			again, err := l.AppendDelta(nil, mask, vals)
			require.NoError(t, err)
			mask2, vals2, _, err := l.DecodeDelta(again, nil)
			require.NoError(t, err)
			require.Equal(t, mask, mask2)
			require.Equal(t, vals, vals2)
		}
		_, _, _, _ = p.DecodeDelta(data, nil)
	})
}

func TestNoAllocations(t *testing.T) {
	l := NewLayout(allTypes())
	rng := rand.New(rand.NewSource(3))
	vals := make([]value.Value, l.NumColumns())
	for i := range vals {
		vals[i] = randomValue(rng, &l.Table().Columns[i].Type)
	}
	data, err := l.Append(nil, vals)
	require.NoError(t, err)
	r := &Row{Layout: l, Data: data}
	for i := range vals {
		if l.Table().Columns[i].Type.ID == value.TypeSet && len(l.Table().Columns[i].Type.Elements) > maxSetTable {
			continue
		}
		require.Zero(t, testing.AllocsPerRun(10, func() { sink = r.Col(i) }), "column %d: %s", i, &l.Table().Columns[i].Type)
	}
	buf := make([]byte, 0, 4096)
	require.LessOrEqual(t, testing.AllocsPerRun(10, func() { buf, _ = l.Append(buf[:0], vals) }), 1.0, "more variable columns than stackPieces")
	l, vals = tenColumns()
	require.Zero(t, testing.AllocsPerRun(10, func() { buf, _ = l.Append(buf[:0], vals) }))
}

var sink value.Value

func tenColumns() (*Layout, []value.Value) {
	tab := &schema.Table{Name: "t"}
	types := []value.TypeID{value.TypeBigInt, value.TypeInt, value.TypeVarChar, value.TypeVarChar, value.TypeDateTime,
		value.TypeDouble, value.TypeTinyInt, value.TypeInt, value.TypeVarChar, value.TypeDate}
	for i, id := range types {
		ty := value.Type{ID: id}
		if id == value.TypeVarChar {
			ty.Length = 80
		}
		tab.Columns = append(tab.Columns, schema.Column{ID: uint32(i), Name: fmt.Sprint("c", i), Type: ty})
	}
	vals := []value.Value{value.Int(1), value.Int(2), value.String("hello"), value.String("some more text here"),
		value.DateTime(value.PackDateTime(2024, 1, 2, 3, 4, 5, 0), 0), value.Float(1.5), value.Int(1), value.Int(7),
		value.String("x"), value.Date(value.PackDate(2024, 1, 2))}
	return NewLayout(tab), vals
}

func BenchmarkEncode10(b *testing.B) {
	l, vals := tenColumns()
	buf := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = l.Append(buf[:0], vals)
	}
}

func BenchmarkDecode(b *testing.B) {
	l, vals := tenColumns()
	data, _ := l.Append(nil, vals)
	r := &Row{Layout: l, Data: data}
	for _, c := range []struct {
		name string
		col  int
	}{{"int", 1}, {"bigint", 0}, {"varchar", 3}, {"datetime", 4}, {"date", 9}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			n, col := uint64(0), c.col
			for i := 0; i < b.N; i++ { // b.Loop would keep every result alive in memory
				n += r.Col(col).Raw64()
			}
			sink = value.Uint(n)
		})
	}
	b.Run("all10", func(b *testing.B) {
		b.ReportAllocs()
		var dst [10]value.Value
		for b.Loop() {
			_, _ = r.Values(dst[:0])
		}
	})
}

func BenchmarkMerge(b *testing.B) {
	l, vals := tenColumns()
	data, _ := l.Append(nil, vals)
	r := &Row{Layout: l, Data: data}
	mask := schema.ColSetOf(1, 3)
	next := []value.Value{value.Int(5), value.String("other text")}
	buf := make([]byte, 0, 512)
	b.ReportAllocs()
	for b.Loop() {
		buf, _ = l.AppendMerged(buf[:0], r, mask, next, 0, nil)
	}
}
