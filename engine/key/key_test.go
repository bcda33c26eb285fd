package key

import (
	"bytes"
	"encoding/binary"
	"flag"
	"fmt"
	"math"
	"math/big"
	"math/rand"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

var seedFlag = flag.Int64("seed", time.Now().UnixNano(), "seed of the randomised tests")

// generator draws values of one type, close to each other and to the limits.
type generator struct {
	typ  value.Type
	draw func(rng *rand.Rand) value.Value
}

func pick[T any](rng *rand.Rand, xs ...T) T { return xs[rng.Intn(len(xs))] }

func text(rng *rand.Rand) string {
	alphabet := []rune("aAbß \t\x00é日")
	r := make([]rune, rng.Intn(12))
	for i := range r {
		r[i] = alphabet[rng.Intn(len(alphabet))]
	}
	return string(r)
}

func blob(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = pick[byte](rng, 0, 1, 0x20, 0xFE, 0xFF)
	}
	return string(b)
}

func packed(rng *rand.Rand) int64 {
	return value.PackDateTime(pick(rng, 0, 1999, 2024, 9999), rng.Intn(13), rng.Intn(32), pick(rng, 0, 23), pick(rng, 0, 59), pick(rng, 0, 59), pick(rng, 0, 1, 999999))
}

func generators() []generator {
	enum := value.Type{ID: value.TypeEnum, Elements: []string{"z", "m", "a"}}
	set := value.Type{ID: value.TypeSet, Elements: []string{"x", "y"}}
	gens := []generator{
		{value.Type{ID: value.TypeTinyInt}, func(r *rand.Rand) value.Value {
			return value.Int(pick[int64](r, -128, 127, 0, -1, 1, int64(r.Intn(100))))
		}},
		{value.Type{ID: value.TypeMediumInt}, func(r *rand.Rand) value.Value { return value.Int(pick[int64](r, -1<<23, 1<<23-1, 0, -1)) }},
		{value.Type{ID: value.TypeInt, Unsigned: true}, func(r *rand.Rand) value.Value { return value.Uint(uint64(r.Uint32())) }},
		{value.Type{ID: value.TypeBigInt}, func(r *rand.Rand) value.Value {
			return value.Int(pick(r, math.MinInt64, math.MaxInt64, 0, -1, r.Int63()))
		}},
		{value.Type{ID: value.TypeBigInt, Unsigned: true}, func(r *rand.Rand) value.Value {
			return value.Uint(pick[uint64](r, 0, math.MaxUint64, 1<<63, r.Uint64()))
		}},
		{value.Type{ID: value.TypeDouble}, func(r *rand.Rand) value.Value {
			return value.Float(pick(r, 0, math.Copysign(0, -1), 1.5, -1.5, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, r.NormFloat64()))
		}},
		{value.Type{ID: value.TypeFloat}, func(r *rand.Rand) value.Value {
			return value.Float32(pick(r, 0, -0.1, 0.1, float32(r.NormFloat64())))
		}},
		{value.Type{ID: value.TypeDecimal, Precision: 10, Scale: 2}, func(r *rand.Rand) value.Value {
			return value.Decimal(pick(r, 0, -1, 9999999999, r.Int63n(2000)-1000), 2)
		}},
		{value.Type{ID: value.TypeDecimal, Precision: 65, Scale: 5}, func(r *rand.Rand) value.Value {
			c := new(big.Int).Rand(r, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(1+r.Intn(65))), nil))
			if r.Intn(2) == 0 {
				c.Neg(c)
			}
			return value.DecimalBig(c, 5)
		}},
		{value.Type{ID: value.TypeDate}, func(r *rand.Rand) value.Value { return value.Date(value.DateOf(packed(r))) }},
		{value.Type{ID: value.TypeDateTime, Scale: 6}, func(r *rand.Rand) value.Value { return value.DateTime(packed(r), 6) }},
		{value.Type{ID: value.TypeTime}, func(r *rand.Rand) value.Value {
			return value.Time(pick[int64](r, -value.MaxTimeMicros, value.MaxTimeMicros, 0, -1, 1), 0)
		}},
		{value.Type{ID: value.TypeYear}, func(r *rand.Rand) value.Value { return value.Year(pick(r, 0, 1901, 2155, 2000)) }},
		{enum, func(r *rand.Rand) value.Value { v, _ := value.EnumByNumber(&enum, uint64(r.Intn(4))); return v }},
		{set, func(r *rand.Rand) value.Value { v, _ := value.SetByMask(&set, uint64(r.Intn(4))); return v }},
		{value.Type{ID: value.TypeBit, Length: 64}, func(r *rand.Rand) value.Value { return value.Bit(pick[uint64](r, 0, 1<<63, math.MaxUint64), 64) }},
		{value.Type{ID: value.TypeVarBinary, Length: 20}, func(r *rand.Rand) value.Value { return value.Bytes(blob(r, r.Intn(6))) }},
		{value.Type{ID: value.TypeBinary, Length: 3}, func(r *rand.Rand) value.Value { return value.Bytes(blob(r, 3)) }},
	}
	for _, c := range collate.All() {
		if c.ID != collate.Binary {
			gens = append(gens, generator{value.Type{ID: value.TypeVarChar, Length: 50, Collation: c.ID}, func(r *rand.Rand) value.Value { return value.String(text(r)) }})
		}
	}
	return gens
}

// table makes a table of the generators' types and an index over all of them.
func table(gens []generator, notNull bool, desc func(i int) bool) (*schema.Table, *schema.Index) {
	t := &schema.Table{Name: "t"}
	ix := &schema.Index{Name: "k"}
	for i := range gens {
		t.Columns = append(t.Columns, schema.Column{ID: uint32(i + 1), Name: fmt.Sprint("c", i), Type: gens[i].typ, NotNull: notNull})
		ix.Parts = append(ix.Parts, schema.KeyPart{Column: uint32(i + 1), Desc: desc(i)})
	}
	return t, ix
}

func compareTuples(gens []generator, a, b []value.Value, desc func(i int) bool) int {
	for i := range a {
		c := value.Compare(a[i], b[i], gens[i].typ.Collation)
		if desc(i) {
			c = -c
		}
		if c != 0 {
			return c
		}
	}
	return 0
}

func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

// TestOrder draws tuples of every type, alone and composed: bytes order as values do, and equal values have equal keys.
func TestOrder(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	all := generators()
	for round := range 600 {
		gens := []generator{all[round%len(all)]}
		for range rng.Intn(3) {
			gens = append(gens, all[rng.Intn(len(all))])
		}
		mask := rng.Intn(8)
		desc := func(i int) bool { return mask>>i&1 != 0 }
		notNull := rng.Intn(2) == 0
		tab, ix := table(gens, notNull, desc)
		e, err := New(tab, ix)
		require.NoError(t, err)
		l := row.NewLayout(tab)
		draw := func() []value.Value {
			vals := make([]value.Value, len(gens))
			for i := range vals {
				if notNull || rng.Intn(6) > 0 {
					vals[i] = gens[i].draw(rng)
				}
			}
			return vals
		}
		for range 60 {
			a, b := draw(), draw()
			for i := range a {
				if rng.Intn(2) == 0 {
					b[i] = a[i]
				}
			}
			ka, err := e.Append(nil, a)
			require.NoError(t, err)
			kb, err := e.Append(nil, b)
			require.NoError(t, err)
			want := compareTuples(gens, a, b, desc)
			require.Equal(t, sign(want), bytes.Compare(ka, kb), "%v %v: %x %x", a, b, ka, kb)
			if want != 0 {
				require.False(t, bytes.HasPrefix(ka, kb) || bytes.HasPrefix(kb, ka))
			}
			data, err := l.Append(nil, a)
			require.NoError(t, err)
			r := row.Row{Layout: l, Data: data}
			kr, err := e.AppendRow(nil, &r)
			require.NoError(t, err)
			require.Equal(t, ka, kr)
			require.Equal(t, HasNull(a), e.RowHasNull(&r))
			if e.Fixed8() {
				u, err := e.Uint64(a)
				require.NoError(t, err)
				require.Equal(t, u, binary.BigEndian.Uint64(ka))
				require.Equal(t, u, e.RowUint64(&r))
				continue
			}
			// The key of a prefix is a prefix of the key, and Successor bounds it.
			n := rng.Intn(len(a))
			p, err := e.Append(nil, a[:n])
			require.NoError(t, err)
			require.True(t, bytes.HasPrefix(ka, p))
			if end := Successor(p); end != nil {
				require.Equal(t, bytes.HasPrefix(kb, p), bytes.Compare(kb, p) >= 0 && bytes.Compare(kb, end) < 0)
			}
		}
	}
}

func TestFixed8(t *testing.T) {
	for _, g := range generators() {
		for _, notNull := range []bool{false, true} {
			tab, ix := table([]generator{g}, notNull, func(int) bool { return false })
			e, err := New(tab, ix)
			require.NoError(t, err)
			want := notNull && !g.typ.IsCharacter() && !g.typ.IsBinary() && g.typ.Precision <= 18
			require.Equal(t, want, e.Fixed8(), g.typ.String())
			_, err = e.Uint64([]value.Value{value.Null})
			require.Error(t, err)
		}
	}
}

func TestPrefix(t *testing.T) {
	tab := &schema.Table{Name: "t", Columns: []schema.Column{
		{ID: 1, Name: "s", Type: value.Type{ID: value.TypeText}},
		{ID: 2, Name: "b", Type: value.Type{ID: value.TypeBlob}},
		{ID: 3, Name: "f", Type: value.Type{ID: value.TypeBinary, Length: 4}},
		{ID: 4, Name: "j", Type: value.Type{ID: value.TypeJSON}},
		{ID: 5, Name: "i", Type: value.Type{ID: value.TypeInt}},
	}}
	e, err := New(tab, &schema.Index{Name: "k", Parts: []schema.KeyPart{{Column: 1, Prefix: 2}, {Column: 2, Prefix: 2}, {Column: 3, Prefix: 2}}})
	require.NoError(t, err)
	a, err := e.Append(nil, []value.Value{value.String("äöü"), value.Bytes("abc"), value.Bytes("wxyz")})
	require.NoError(t, err)
	b, err := e.Append(nil, []value.Value{value.String("äö"), value.Bytes("abd"), value.Bytes("wx\x00\x00")})
	require.NoError(t, err)
	require.Equal(t, a, b)
	for _, parts := range [][]schema.KeyPart{{{Column: 1}}, {{Column: 2}}, {{Column: 4}}, {{Column: 5, Prefix: 2}}, {{Column: 9}}, {}} {
		_, err := New(tab, &schema.Index{Name: "k", Parts: parts})
		require.Error(t, err, "%v", parts)
	}
}

func TestWrongValues(t *testing.T) {
	tab := &schema.Table{Name: "t", Columns: []schema.Column{
		{ID: 1, Name: "d", Type: value.Type{ID: value.TypeDecimal, Precision: 5, Scale: 2}}, {ID: 2, Name: "i", Type: value.Type{ID: value.TypeInt}}}}
	e, err := New(tab, &schema.Index{Name: "k", Parts: []schema.KeyPart{{Column: 1}, {Column: 2}}})
	require.NoError(t, err)
	want, err := e.Append(nil, []value.Value{value.Decimal(150, 2)})
	require.NoError(t, err)
	got, err := e.Append(nil, []value.Value{value.Decimal(15, 1)})
	require.NoError(t, err)
	require.Equal(t, want, got, "a decimal of another scale")
	for _, bad := range [][]value.Value{
		{value.Decimal(1501, 3)}, {value.Decimal(100000, 0)}, {value.Int(1)}, {value.Null, value.Uint(1)},
		{value.Null, value.Null, value.Null},
	} {
		_, err := e.Append(nil, bad)
		require.Error(t, err, "%v", bad)
	}
}

func TestDescribeKey(t *testing.T) {
	tab := &schema.Table{Name: "t", Columns: []schema.Column{
		{ID: 1, Name: "i", Type: value.Type{ID: value.TypeInt}},
		{ID: 2, Name: "s", Type: value.Type{ID: value.TypeVarChar, Length: 100}},
		{ID: 3, Name: "b", Type: value.Type{ID: value.TypeBinary, Length: 4}},
		{ID: 4, Name: "d", Type: value.Type{ID: value.TypeDateTime}},
	}}
	e, err := New(tab, &schema.Index{Name: "k", Parts: []schema.KeyPart{{Column: 1}, {Column: 2}, {Column: 3}, {Column: 4}}})
	require.NoError(t, err)
	require.Equal(t, `1-abc-\xFFa-2024-01-02 03:04:05`, e.DescribeKey([]value.Value{value.Int(1), value.String("abc"),
		value.Bytes("\xffa\x00\x00"), value.DateTime(value.PackDateTime(2024, 1, 2, 3, 4, 5, 0), 0)}))
	require.Equal(t, "NULL-abc", e.DescribeKey([]value.Value{value.Null, value.String("abc")}))
	require.Equal(t, "1-"+strings.Repeat("é", 31), e.DescribeKey([]value.Value{value.Int(1), value.String(strings.Repeat("é", 60))}))
}

func TestSuccessor(t *testing.T) {
	require.Nil(t, Successor(nil))
	require.Nil(t, Successor([]byte{0xFF, 0xFF}))
	require.Equal(t, []byte{2}, Successor([]byte{1, 0xFF}))
	require.Equal(t, []byte{1, 3}, Successor([]byte{1, 2}))
}

func TestVersion(t *testing.T) {
	gens := generators()
	versions := map[uint64]bool{}
	for _, i := range []int{0, len(gens) - 1} {
		tab, ix := table(gens[i:i+1], true, func(int) bool { return false })
		e, err := New(tab, ix)
		require.NoError(t, err)
		versions[e.Version()] = true
	}
	require.Len(t, versions, 2)
}

func FuzzKey(f *testing.F) {
	f.Add(int64(1), "a", int64(2), "b")
	f.Add(int64(-1), "\x00", int64(-1), "")
	f.Fuzz(func(t *testing.T, i int64, s string, j int64, u string) {
		for _, id := range []collate.ID{collate.UTF8MB40900Bin, collate.UTF8MB4Bin, collate.GeneralCI, collate.UTF8MB40900AI} {
			tab := &schema.Table{Name: "t", Columns: []schema.Column{
				{ID: 1, Name: "s", Type: value.Type{ID: value.TypeVarChar, Length: 100, Collation: id}},
				{ID: 2, Name: "i", Type: value.Type{ID: value.TypeBigInt}}}}
			e, err := New(tab, &schema.Index{Name: "k", Parts: []schema.KeyPart{{Column: 1, Desc: i%2 == 0}, {Column: 2}}})
			require.NoError(t, err)
			a, err := e.Append(nil, []value.Value{value.String(s), value.Int(i)})
			require.NoError(t, err)
			b, err := e.Append(nil, []value.Value{value.String(u), value.Int(j)})
			require.NoError(t, err)
			want := sign(collate.Compare(id, s, u))
			if i%2 == 0 {
				want = -want
			}
			if want == 0 {
				want = sign(value.Compare(value.Int(i), value.Int(j), 0))
			}
			require.Equal(t, want, bytes.Compare(a, b))
		}
	})
}

// TestSortedKeys sorts a set both ways.
func TestSortedKeys(t *testing.T) {
	rng := rand.New(rand.NewSource(*seedFlag))
	for _, g := range generators() {
		tab, ix := table([]generator{g}, true, func(int) bool { return false })
		e, err := New(tab, ix)
		require.NoError(t, err)
		keys := make([][]byte, 50)
		vals := make([]value.Value, 50)
		for i := range vals {
			vals[i] = g.draw(rng)
			keys[i], err = e.Append(nil, vals[i:i+1])
			require.NoError(t, err)
		}
		sort.SliceStable(vals, func(i, j int) bool { return value.Compare(vals[i], vals[j], g.typ.Collation) < 0 })
		sort.SliceStable(keys, func(i, j int) bool { return bytes.Compare(keys[i], keys[j]) < 0 })
		for i := range vals {
			k, err := e.Append(nil, vals[i:i+1])
			require.NoError(t, err)
			require.Equal(t, keys[i], k, g.typ.String())
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	one := func(t value.Type, notNull bool) *Encoder {
		tab := &schema.Table{Columns: []schema.Column{{ID: 1, Type: t, NotNull: notNull}}}
		e, err := New(tab, &schema.Index{Parts: []schema.KeyPart{{Column: 1}}})
		if err != nil {
			b.Fatal(err)
		}
		return e
	}
	var buf [256]byte
	b.Run("uint64", func(b *testing.B) {
		e := one(value.Type{ID: value.TypeBigInt}, true)
		vals := []value.Value{value.Int(42)}
		b.ReportAllocs()
		for b.Loop() {
			_, _ = e.Uint64(vals)
		}
	})
	b.Run("int", func(b *testing.B) {
		e := one(value.Type{ID: value.TypeBigInt}, false)
		vals := []value.Value{value.Int(42)}
		b.ReportAllocs()
		for b.Loop() {
			_, _ = e.Append(buf[:0], vals)
		}
	})
	for _, id := range []collate.ID{collate.UTF8MB40900Bin, collate.GeneralCI} {
		b.Run(id.Name(), func(b *testing.B) {
			e := one(value.Type{ID: value.TypeVarChar, Length: 80, Collation: id}, true)
			vals := []value.Value{value.String("someone@example.org")}
			b.ReportAllocs()
			for b.Loop() {
				_, _ = e.Append(buf[:0], vals)
			}
		})
	}
}
