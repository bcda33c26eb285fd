package exec

import (
	"cmp"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// TestPrefix: wherever the numbers of two values differ, the values are in their order; where exact numbers are equal the
// values are.
func TestPrefix(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	small := func() int64 { return int64(r.IntN(5)) - 2 }
	texts := []string{"", " ", "a", "A", "a ", "a\x00", "ab", "é", "name of row 1", "name of row 10", "\xff\xff\xff\xff\xff\xff\xff\xff", "zzzzzzzz", "zzzzzzzzz"}
	kinds := map[string]func() value.Value{
		"int": func() value.Value {
			return value.Int([]int64{small(), math.MinInt64, math.MaxInt64, r.Int64()}[r.IntN(4)])
		},
		"uint": func() value.Value {
			return value.Uint([]uint64{uint64(r.IntN(4)), math.MaxUint64, 1 << 63, r.Uint64()}[r.IntN(4)])
		},
		"float": func() value.Value {
			return value.Float([]float64{0, math.Copysign(0, -1), math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, -1, r.NormFloat64()}[r.IntN(7)])
		},
		"date":     func() value.Value { return value.Date(small()) },
		"datetime": func() value.Value { return value.DateTime(small(), 6) },
		"time":     func() value.Value { return value.Time(small(), 6) },
		"enum":     func() value.Value { return value.Enum(uint16(r.IntN(4)), "x") },
		"text":     func() value.Value { return value.String(texts[r.IntN(len(texts))]) },
		"bytes":    func() value.Value { return value.Bytes(texts[r.IntN(len(texts))]) },
		"decimal":  func() value.Value { v, _ := value.Int(small()).AsDecimal(); return v },
		"mixed": func() value.Value {
			return []value.Value{value.Int(small()), value.Uint(math.MaxUint64), value.Float(0.5)}[r.IntN(3)]
		},
	}
	collations := []collate.ID{collate.Default, collate.Binary}
	for _, name := range []string{"utf8mb4_bin", "utf8mb4_general_ci", "utf8mb4_0900_ai_ci"} {
		id, ok := collate.ByName(name)
		require.True(t, ok, name)
		collations = append(collations, id)
	}
	told := map[string]int{} // pairs that the numbers tell apart
	for name, kind := range kinds {
		for _, id := range collations {
			for _, desc := range []bool{false, true} {
				key := sortKey{typ: &expr.Type{Type: value.Type{Collation: id}}, desc: desc}
				vals := make([]value.Value, 40)
				p := prefixer{key: &key}
				for i := range vals {
					if vals[i] = kind(); r.IntN(8) == 0 {
						vals[i] = value.Null
					}
					p.see(vals[i])
				}
				for _, a := range vals {
					for _, b := range vals {
						c := cmp.Compare(p.prefix(a), p.prefix(b))
						if c == 0 && (!p.exact() || p.prefix(a) == p.blur()) {
							continue
						}
						told[name]++
						want := compareRows([]sortKey{key}, []value.Value{a}, []value.Value{b})
						require.Equal(t, want, c, "%s %d: %v and %v", name, id, a, b)
					}
				}
			}
		}
	}
	for name := range kinds {
		if name != "decimal" && name != "mixed" {
			require.NotZero(t, told[name], name)
		}
	}
}
