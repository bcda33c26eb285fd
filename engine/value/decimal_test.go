package value

import (
	"flag"
	"math"
	"math/big"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var seedFlag = flag.Int64("seed", time.Now().UnixNano(), "seed of the randomised tests")

// dec parses a decimal that must be valid.
func dec(s string) Value {
	v, err := ParseDecimal(s)
	if err != nil {
		panic(s + ": " + err.Error())
	}
	return v
}

func TestParseDecimal(t *testing.T) {
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "1": "1", "+1.50": "1.50", "-.5": "-0.5", "5.": "5", "007": "7", "1e3": "1000", "1.5e1": "15",
		"1.5e-3": "0.0015", "123456789012345678901234567890.12": "123456789012345678901234567890.12",
		"9223372036854775807": "9223372036854775807", "-9223372036854775808": "-9223372036854775808",
		"9223372036854775808": "9223372036854775808", "0.1234567890123456789012345678905": "0.123456789012345678901234567891",
		"1e-40": "0.000000000000000000000000000000", "-0.00": "0.00", "1.e2": "100",
		strings.Repeat("9", 65):         strings.Repeat("9", 65),
		"0." + strings.Repeat("9", 40):  "1.000000000000000000000000000000",
		strings.Repeat("0", 100) + "12": "12",
		"0e999999999999":                "0",
		"0.000e5":                       "0",
	} {
		v, err := ParseDecimal(in)
		require.NoError(t, err, in)
		require.Equal(t, want, v.DecimalString(), in)
		require.Equal(t, want, v.Text())
	}
	for _, in := range []string{"", "abc", "1a", "--1", ".", "1e", "e5", " 1", "1 ", "0x10"} {
		_, err := ParseDecimal(in)
		require.Error(t, err, in)
	}
	for _, in := range []string{strings.Repeat("9", 66), "1e65", "1e99999999999999999999"} {
		_, err := ParseDecimal(in)
		require.ErrorIs(t, err, ErrDecimalRange, in)
	}
}

func TestRescale(t *testing.T) {
	for _, c := range []struct {
		in    string
		scale uint8
		round string
		cut   string
	}{
		{"1.25", 1, "1.3", "1.2"}, {"-1.25", 1, "-1.3", "-1.2"}, {"1.24", 1, "1.2", "1.2"}, {"0.5", 0, "1", "0"}, {"-0.5", 0, "-1", "0"},
		{"0.49", 0, "0", "0"}, {"12", 2, "12.00", "12.00"}, {"99999999999999999999.995", 2, "100000000000000000000.00", "99999999999999999999.99"},
		{"9223372036854775807", 3, "9223372036854775807.000", "9223372036854775807.000"},
	} {
		require.Equal(t, c.round, Rescale(dec(c.in), c.scale).DecimalString())
		require.Equal(t, c.cut, DecimalTruncate(dec(c.in), c.scale).DecimalString())
	}
	require.Equal(t, "-2", DecimalFloor(dec("-1.1")).DecimalString())
	require.Equal(t, "-1", DecimalCeil(dec("-1.1")).DecimalString())
	require.Equal(t, "2", DecimalCeil(dec("1.1")).DecimalString())
	require.Equal(t, "100", DecimalRound(dec("149.9"), -2).DecimalString())
	require.Equal(t, "200", DecimalRound(dec("150"), -2).DecimalString())
	require.Equal(t, "0", DecimalRound(dec("150"), -9).DecimalString())
	require.Equal(t, "0", DecimalRound(dec("150"), -900).DecimalString())
	require.Equal(t, "1.5", DecimalRound(dec("1.5"), 5).DecimalString())
	require.Equal(t, "-100", DecimalCut(dec("-199"), -2).DecimalString())
}

func TestDivision(t *testing.T) {
	for _, c := range []struct{ a, b, div, wide, intDiv, mod string }{
		{"1", "3", "0.3333", "0.333333333", "0", "1"},
		{"2", "3", "0.6667", "0.666666666", "0", "2"},
		{"-2", "3", "-0.6667", "-0.666666666", "0", "-2"},
		{"5", "0.3", "16.6667", "16.666666666", "16", "0.2"},
		{"1.00", "3", "0.333333", "0.333333333", "0", "1.00"},
		{"10", "-2", "-5.0000", "-5.000000000", "-5", "0"},
		{"12345678901234567890", "7", "1763668414462081127.1429", "1763668414462081127.142857142", "1763668414462081127", "1"},
	} {
		a, b := dec(c.a), dec(c.b)
		q, err := DecimalDiv(a, b, DivPrecisionIncrement)
		require.NoError(t, err)
		require.Equal(t, c.div, q.DecimalString(), "%s/%s", c.a, c.b)
		q, err = DecimalQuotient(a, b, DivPrecisionIncrement)
		require.NoError(t, err)
		require.Equal(t, 0, DecimalCompare(dec(c.wide), DecimalTruncate(q, 9)), "%s/%s = %s", c.a, c.b, q.DecimalString())
		q, err = DecimalIntDiv(a, b)
		require.NoError(t, err)
		require.Equal(t, c.intDiv, q.DecimalString())
		q, err = DecimalMod(a, b)
		require.NoError(t, err)
		require.Equal(t, c.mod, q.DecimalString())
	}
	for _, f := range []func(a, b Value) (Value, error){
		DecimalIntDiv, DecimalMod, func(a, b Value) (Value, error) { return DecimalDiv(a, b, 4) },
		func(a, b Value) (Value, error) { return DecimalQuotient(a, b, 4) },
	} {
		_, err := f(dec("1"), dec("0.00"))
		require.ErrorIs(t, err, ErrDivisionByZero)
	}
	huge := dec(strings.Repeat("9", 65))
	_, err := DecimalAdd(huge, dec("1"))
	require.ErrorIs(t, err, ErrDecimalRange)
	_, err = DecimalMul(huge, dec("10"))
	require.ErrorIs(t, err, ErrDecimalRange)
	// The fraction gives way before the range does.
	v, err := DecimalMul(dec(strings.Repeat("9", 60)), dec("1.123456789"))
	require.NoError(t, err)
	require.Equal(t, 65, DecimalDigits(v))
}

// rat is the exact value of a decimal.
func rat(v Value) *big.Rat { return new(big.Rat).SetFrac(v.bigCoef(), pow10Big(int(v.scale))) }

// randomDecimal favours the borders of the int64 form.
func randomDecimal(rng *rand.Rand) Value {
	var c *big.Int
	switch rng.Intn(4) {
	case 0:
		c = big.NewInt(rng.Int63n(2000) - 1000)
	case 1:
		c = new(big.Int).Add(new(big.Int).SetUint64(1<<63-1), big.NewInt(rng.Int63n(5)-2))
	case 2:
		c = big.NewInt(rng.Int63())
	default:
		c = new(big.Int).Rand(rng, pow10Big(1+rng.Intn(40)))
	}
	if rng.Intn(2) == 0 {
		c.Neg(c)
	}
	return DecimalBig(c, uint8(rng.Intn(12)))
}

// requireCanonical checks that a coefficient that fits an int64 is held as one.
func requireCanonical(t *testing.T, v Value) {
	require.Equal(t, KindDecimal, v.kind)
	if v.IsBigDecimal() {
		require.False(t, v.bigCoef().IsInt64())
		require.NotZero(t, v.s[0])
	}
}

func TestDecimalArithmetic(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	for range 20000 {
		a, b := randomDecimal(rng), randomDecimal(rng)
		ra, rb := rat(a), rat(b)
		sum, err := DecimalAdd(a, b)
		require.NoError(t, err)
		requireCanonical(t, sum)
		require.Zero(t, rat(sum).Cmp(new(big.Rat).Add(ra, rb)))
		diff, err := DecimalSub(a, b)
		require.NoError(t, err)
		require.Zero(t, rat(diff).Cmp(new(big.Rat).Sub(ra, rb)))
		require.Equal(t, ra.Cmp(rb), DecimalCompare(a, b), "%s %s", a.DecimalString(), b.DecimalString())
		require.Equal(t, ra.Sign(), DecimalSign(a))
		if a.IsBigDecimal() || b.IsBigDecimal() {
			if p, err := DecimalMul(a, b); err == nil && DecimalDigits(p) < MaxDecimalDigits {
				require.Zero(t, rat(p).Cmp(new(big.Rat).Mul(ra, rb)))
			}
		}
		require.Equal(t, len(strings.TrimLeft(new(big.Int).Abs(a.bigCoef()).String(), "")), DecimalDigits(a))
		back := dec(a.DecimalString())
		require.Equal(t, a, back)
		if rb.Sign() != 0 {
			q, err := DecimalDiv(a, b, 4)
			require.NoError(t, err)
			requireCanonical(t, q)
			// |a/b - q| is at most half a unit of the last digit.
			d := new(big.Rat).Sub(new(big.Rat).Quo(ra, rb), rat(q))
			unit := new(big.Rat).SetFrac(big.NewInt(1), new(big.Int).Mul(big.NewInt(2), pow10Big(int(q.scale))))
			require.LessOrEqual(t, d.Abs(d).Cmp(unit), 0)
			m, err := DecimalMod(a, b)
			require.NoError(t, err)
			iq, err := DecimalIntDiv(a, b)
			require.NoError(t, err)
			require.Zero(t, new(big.Rat).Add(new(big.Rat).Mul(rat(iq), rb), rat(m)).Cmp(ra))
		}
		mag := new(big.Int).Abs(a.bigCoef()).Bytes()
		require.Equal(t, a, DecimalBytes(DecimalSign(a) < 0, "\x00\x00"+string(mag), a.scale))
	}
}

func TestDecimalNumberViews(t *testing.T) {
	f, _ := dec("0.1").AsFloat()
	require.Equal(t, 0.1, f)
	f, _ = dec("123456789012345678901234.5").AsFloat()
	require.Equal(t, 123456789012345678901234.5, f)
	i, cut := dec("9223372036854775808").AsInt()
	require.True(t, cut)
	require.Equal(t, int64(math.MaxInt64), i)
	u, cut := dec("18446744073709551615.4").AsUint()
	require.False(t, cut)
	require.Equal(t, uint64(math.MaxUint64), u)
	_, cut = dec("18446744073709551615.5").AsUint()
	require.True(t, cut)
	d, cut := Float(0.1).AsDecimal()
	require.False(t, cut)
	require.Equal(t, "0.1", d.DecimalString())
	_, cut = Float(1e300).AsDecimal()
	require.True(t, cut)
	d, _ = Float(1e22).AsDecimal()
	require.Equal(t, "10000000000000000000000", d.DecimalString())
}

func FuzzParseDecimal(f *testing.F) {
	for _, s := range []string{"1.5", "-1e10", "0.00000001", strings.Repeat("9", 70), "1e-99"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		v, err := ParseDecimal(s)
		if err != nil {
			return
		}
		requireCanonical(t, v)
		require.LessOrEqual(t, int(v.scale), MaxDecimalScale)
		require.LessOrEqual(t, DecimalDigits(v), MaxDecimalDigits)
		require.Equal(t, v, dec(v.DecimalString()))
	})
}

func BenchmarkDecimal(b *testing.B) {
	x, y := dec("12345.67"), dec("89.1")
	b.Run("add", func(b *testing.B) {
		for b.Loop() {
			_, _ = DecimalAdd(x, y)
		}
	})
	b.Run("mul", func(b *testing.B) {
		for b.Loop() {
			_, _ = DecimalMul(x, y)
		}
	})
	b.Run("div", func(b *testing.B) {
		for b.Loop() {
			_, _ = DecimalDiv(x, y, 4)
		}
	})
	b.Run("compare", func(b *testing.B) {
		for b.Loop() {
			DecimalCompare(x, y)
		}
	})
	b.Run("text", func(b *testing.B) {
		var buf [64]byte
		for b.Loop() {
			x.AppendText(buf[:0])
		}
	})
}
