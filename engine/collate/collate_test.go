package collate

import (
	"bytes"
	"flag"
	"math/rand"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
)

var seedFlag = flag.Int64("seed", time.Now().UnixNano(), "seed of the randomised tests")

// sign normalises a comparison.
func sign(n int) int {
	switch {
	case n < 0:
		return -1
	case n > 0:
		return 1
	}
	return 0
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		id   ID
		a, b string
		want int
	}{
		{UTF8MB40900Bin, "a", "a ", -1},
		{UTF8MB40900Bin, "a", "A", 1},
		{UTF8MB40900Bin, "", "", 0},
		{UTF8MB4Bin, "a", "a ", 0},
		{UTF8MB4Bin, "a", "a  b", -1},
		{UTF8MB4Bin, "a", "a\t", 1},
		{UTF8MB4Bin, "a\t", "a ", -1},
		{UTF8MB4Bin, "abcdefgh", "abcdefgh        ", 0},
		{Binary, "a", "a ", -1},
		{Binary, "a\x00", "a", 1},
		{GeneralCI, "Straße", "strase", 0},
		{GeneralCI, "ÄÖÜ", "aou ", 0},
		{GeneralCI, "e\u0301", "e", 1},
		{GeneralCI, "й", "и", 1},
		{GeneralCI, "ё", "Е", 0},
		{GeneralCI, "😀", "😁", 0},
		{GeneralCI, "Ø", "o", 1},
		{GeneralCI, "a", "a\t", 1},
		{UnicodeCI, "straße", "STRASSE", 0},
		{UnicodeCI, "e\u0301", "E", 0},
		{UnicodeCI, "a", "a  ", 0},
		{UnicodeCI, "a-b", "ab", -1},
		{UnicodeCI, "😀", "😁", -1},
		{UTF8MB40900AI, "a", "a ", -1},
		{UTF8MB40900AI, "æ", "AE", 0},
		{UTF8MB40900AI, "résumé", "RESUME", 0},
		{UTF8MB40900AI, "か", "ガ", 0},
		{UTF8MB40900AI, "a\x01", "a", 0},
		{UTF8MB40900AI, "日", "中", 1},
	} {
		require.Equal(t, c.want, sign(Compare(c.id, c.a, c.b)), "%s: %q %q", c.id.Name(), c.a, c.b)
		require.Equal(t, -c.want, sign(Compare(c.id, c.b, c.a)), "%s: %q %q", c.id.Name(), c.b, c.a)
		require.Equal(t, c.want == 0, Equal(c.id, c.a, c.b))
	}
}

func TestNames(t *testing.T) {
	for _, c := range All() {
		id, ok := ByName(strings.ToUpper(c.Name))
		require.True(t, ok)
		require.Equal(t, c.ID, id)
		require.Equal(t, c, Get(id))
		require.NotZero(t, c.Version)
	}
	id, ok := ByName("utf8_general_ci")
	require.True(t, ok)
	require.Equal(t, GeneralCI, id)
	_, ok = ByName("utf8mb4_klingon_ci")
	require.False(t, ok)
	require.Equal(t, Default, Get(9999).ID)
	cs, ok := CharsetOf("UTF8")
	require.True(t, ok)
	require.Equal(t, "utf8mb4", cs)
	id, ok = CharsetDefault("utf8mb4")
	require.True(t, ok)
	require.Equal(t, Default, id)
}

func TestIndex(t *testing.T) {
	for _, c := range []struct {
		id         ID
		s, sub     string
		start, end int
	}{
		{UTF8MB40900Bin, "hello", "ll", 2, 4},
		{UTF8MB40900Bin, "hello", "LL", -1, -1},
		{GeneralCI, "hellö", "LO", 3, 6},
		{UTF8MB40900AI, "xÉÉy", "ée", 1, 5},
		{UTF8MB40900AI, "x", "", 0, 0},
		{UTF8MB40900AI, "", "x", -1, -1},
	} {
		start, end := Index(c.id, c.s, c.sub)
		require.Equal(t, [2]int{c.start, c.end}, [2]int{start, end}, "%q in %q", c.sub, c.s)
	}
}

// randomString draws from an alphabet that provokes padding, expansion and ignorable characters.
func randomString(rng *rand.Rand) string {
	alphabet := []rune("aAáäbßsS  \t\x00\x01-zæeЯЁ日か\u0301\u3000😀\u00ff\uffff")
	n := rng.Intn(14)
	r := make([]rune, n)
	for i := range r {
		r[i] = alphabet[rng.Intn(len(alphabet))]
	}
	return string(r)
}

func checkPair(t *testing.T, id ID, a, b string) {
	want := sign(Compare(id, a, b))
	ka, kb := AppendKey(nil, id, a), AppendKey(nil, id, b)
	require.Equal(t, want, sign(bytes.Compare(ka, kb)), "%s %q %q: keys %x %x", id.Name(), a, b, ka, kb)
	require.Equal(t, want, -sign(Compare(id, b, a)), "%s %q %q", id.Name(), a, b)
	if want == 0 {
		require.Equal(t, Hash(id, a), Hash(id, b), "%s %q %q", id.Name(), a, b)
		return
	}
	require.False(t, bytes.HasPrefix(ka, kb) || bytes.HasPrefix(kb, ka), "%s %q %q: a key is a prefix", id.Name(), a, b)
}

func TestKeysFollowCompare(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	for range 30000 {
		a, b := randomString(rng), randomString(rng)
		if rng.Intn(2) == 0 {
			b = a + b
		}
		for _, c := range All() {
			checkPair(t, c.ID, a, b)
		}
	}
}

func FuzzCollate(f *testing.F) {
	f.Add("a", "A ")
	f.Add("ß", "ss")
	f.Add("\xff\xfe", "\u0000")
	f.Fuzz(func(t *testing.T, a, b string) {
		for _, c := range All() {
			checkPair(t, c.ID, a, b)
		}
	})
}

func TestWeightsAreSane(t *testing.T) {
	for _, tab := range []*weightTable{generalWeights, ucaWeights} {
		for r := rune(0); r <= utf8.MaxRune; r += 1 {
			if r > 0x3000 && r%17 != 0 {
				continue
			}
			for _, w := range tab.of(r) {
				require.True(t, w >= 1 && w < 1<<23, "%U weighs %d", r, w)
				require.True(t, tab != ucaWeights || w >= 0x100, "%U weighs %d", r, w)
			}
		}
	}
	if os.Getenv("WORKTABLE_VERBOSE") != "" {
		t.Logf("tables %x", ucaVersion)
	}
}

func BenchmarkCompare(b *testing.B) {
	for _, id := range []ID{UTF8MB40900Bin, GeneralCI, UTF8MB40900AI} {
		b.Run(id.Name(), func(b *testing.B) {
			x, y := "the quick brown fox", "the quick brown foy"
			for b.Loop() {
				Compare(id, x, y)
			}
		})
	}
}

func BenchmarkAppendKey(b *testing.B) {
	for _, c := range All() {
		b.Run(c.Name, func(b *testing.B) {
			var buf [128]byte
			for b.Loop() {
				AppendKey(buf[:0], c.ID, "the quick brown fox")
			}
		})
	}
}

// TestConcurrentBlocks builds the same blocks of weights from several goroutines.
func TestConcurrentBlocks(t *testing.T) {
	for _, procs := range []int{1, 2, 8} {
		func() {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			table := newWeightTable(ucaWeights.build)
			var wg sync.WaitGroup
			for range 4 {
				wg.Go(func() {
					for r := rune(0); r < 0x3000; r += 37 {
						want, got := ucaWeights.of(r), table.of(r)
						if !slices.Equal(want, got) {
							t.Errorf("%U: %v and %v", r, want, got)
						}
					}
				})
			}
			wg.Wait()
		}()
	}
}
