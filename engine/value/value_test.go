package value

import (
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

// TestFloatText has the answers of a server.
func TestFloatText(t *testing.T) {
	for in, want := range map[float64]string{
		1e14: "100000000000000", 1e15: "1e15", 123456789012345678: "1.2345678901234568e17", 1e-4: "0.0001", 1e-5: "0.00001",
		1e-14: "0.00000000000001", 1e-15: "0.000000000000001", 1e-16: "1e-16", 1.5e15: "1.5e15", 123456789012345: "123456789012345",
		1234567890123456: "1.234567890123456e15", 1e100: "1e100", 0.1: "0.1", 1.0 / 3: "0.3333333333333333", 100.0 / 3: "33.333333333333336",
		1.0 / 30000000: "0.000000033333333333333334", 1.5e-7: "0.00000015", 1e300: "1e300", -1e-20: "-1e-20", -1.5e-300: "-1.5e-300",
		1e22 / 3: "3.3333333333333335e21", 0: "0", 1.7976931348623157e308: "1.7976931348623157e308", -2.5: "-2.5",
	} {
		require.Equal(t, want, Float(in).Text())
	}
	for in, want := range map[float32]string{
		16777216: "16777200", 0.1: "0.1", 1e10: "10000000000", 1.23456789: "1.23457", 123456.7: "123457", 1e-5: "0.00001",
		3.4e38: "3.4e38", 123456789012: "123457000000", 1e15: "1e15", 1e-10: "0.0000000001",
	} {
		require.Equal(t, want, Float32(in).Text())
	}
	require.Equal(t, "-0", Float(math.Copysign(0, -1)).Text())
}

func TestText(t *testing.T) {
	for want, v := range map[string]Value{
		"":                           Null,
		"-5":                         Int(-5),
		"18446744073709551615":       Uint(math.MaxUint64),
		"1":                          Bool(true),
		"2024":                       Year(2024),
		"2024-01-02":                 Date(PackDate(2024, 1, 2)),
		"0000-00-00 00:00:00.00":     DateTime(0, 2),
		"2024-01-02 03:04:05.678900": DateTime(PackDateTime(2024, 1, 2, 3, 4, 5, 678900), 6),
		"-838:59:59.000":             Time(-MaxTimeMicros, 3),
		"00:00:01.5":                 Time(1500000, 1),
		"\x01\xff":                   Bit(0x1ff, 9),
		"b":                          Enum(2, "b"),
		"x,y":                        Set(3, "x,y"),
		`{"a": 1}`:                   JSON(`{"a": 1}`),
		"bytes":                      Bytes("bytes"),
	} {
		require.Equal(t, want, v.Text())
		require.Equal(t, "head "+want, string(v.AppendText([]byte("head "))))
	}
}

func TestNumberViews(t *testing.T) {
	for _, c := range []struct {
		v   Value
		f   float64
		i   int64
		cut bool
	}{
		{String("12.5abc"), 12.5, 13, true}, {String(" 1e2 "), 100, 100, false}, {String("abc"), 0, 0, true}, {String(""), 0, 0, true}, {String("-.5"), -0.5, -1, false},
		{Bytes("7"), 7, 7, false}, {Int(-3), -3, -3, false}, {Float(2.5), 2.5, 2, false}, {dec("2.5"), 2.5, 3, false}, {Enum(2, "b"), 2, 2, false}, {Set(5, ""), 5, 5, false},
		{Bit(9, 8), 9, 9, false}, {Date(PackDate(2024, 1, 2)), 20240102, 20240102, false}, {DateTime(PackDateTime(2024, 1, 2, 3, 4, 5, 500000), 1), 20240102030405.5, 20240102030406, false},
		{DateTime(PackDateTime(2024, 1, 2, 3, 4, 59, 500000), 1), 20240102030459.5, 20240102030500, false},
		{Time(-1500000, 1), -1.5, -2, false}, {JSON("3"), 3, 3, false}, {JSON("true"), 1, 1, false}, {JSON(`"4"`), 4, 4, false}, {Null, 0, 0, false},
	} {
		f, cut := c.v.AsFloat()
		require.Equal(t, c.f, f, c.v.Text())
		require.Equal(t, c.cut, cut, c.v.Text())
		i, cut := c.v.AsInt()
		require.Equal(t, c.i, i, c.v.Text())
		require.Equal(t, c.cut, cut, c.v.Text())
		require.Equal(t, c.f != 0, c.v.Truth(), c.v.Text())
	}
	for _, c := range []struct {
		v   Value
		u   uint64
		cut bool
	}{{Int(-1), 0, true}, {Uint(5), 5, false}, {Float(-0.4), 0, false}, {Float(1e30), math.MaxUint64, true}, {String("-5"), 0, true}, {String("18446744073709551615"), math.MaxUint64, false}} {
		u, cut := c.v.AsUint()
		require.Equal(t, c.u, u, c.v.Text())
		require.Equal(t, c.cut, cut, c.v.Text())
	}
	n, _ := Time(3723500000, 1).AsNumber()
	require.Equal(t, "10203.5", n.Text())
	_, cut := Float(math.NaN()).AsInt()
	require.True(t, cut)
}

func TestCompareNumeric(t *testing.T) {
	ordered := []Value{Float(math.Inf(-1)), dec("-9223372036854775809"), Int(math.MinInt64), dec("-1.5"), Int(-1), dec("0.5"), Int(1), dec("1.5"), Uint(2),
		Int(1<<53 + 1), Uint(1<<53 + 2), Int(math.MaxInt64), Uint(1 << 63), dec("9223372036854775808.5"), Uint(math.MaxUint64), dec("18446744073709551616"), Float(1e30)}
	for i, a := range ordered {
		for j, b := range ordered {
			if a.kind == KindFloat || b.kind == KindFloat {
				continue
			}
			require.Equal(t, cmpInt(int64(i), int64(j)), CompareNumeric(a, b), "%s %s", a.Text(), b.Text())
		}
	}
	require.Zero(t, CompareNumeric(Int(1<<53+1), Float(1<<53)), "against a double both are doubles")
	require.Zero(t, CompareNumeric(Float(math.NaN()), Float(math.NaN())))
	require.Negative(t, CompareNumeric(Float(math.NaN()), Int(-5)))
	require.Zero(t, CompareNumeric(Float(0), Float(math.Copysign(0, -1))))
}

// TestCompareIsAnOrder checks antisymmetry and transitivity over values of all kinds.
func TestCompareIsAnOrder(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	draw := func() Value {
		switch rng.Intn(6) {
		case 0:
			return randomDecimal(rng)
		case 1:
			return []Value{Null, Bytes("a"), JSON("1"), Enum(1, "x"), Set(2, "y"), Bit(1, 8)}[rng.Intn(6)]
		}
		return randomConstant(rng)
	}
	for range 50000 {
		a, b, c := draw(), draw(), draw()
		require.Equal(t, sgn(Compare(a, b, collate.GeneralCI)), -sgn(Compare(b, a, collate.GeneralCI)))
		require.Zero(t, Compare(a, a, collate.GeneralCI))
		if a.kind == KindFloat || b.kind == KindFloat || c.kind == KindFloat || a.kind == KindBytes || b.kind == KindBytes || c.kind == KindBytes {
			continue // MySQL's own comparison through doubles, or of text with bytes, is no order
		}
		if Compare(a, b, collate.GeneralCI) <= 0 && Compare(b, c, collate.GeneralCI) <= 0 {
			require.LessOrEqual(t, Compare(a, c, collate.GeneralCI), 0, "%v %v %v", a.Text(), b.Text(), c.Text())
		}
	}
}

func TestTypeNames(t *testing.T) {
	for want, ty := range map[string]Type{
		"int": {ID: TypeInt}, "int unsigned": {ID: TypeInt, Unsigned: true}, "tinyint(1)": {ID: TypeTinyInt, Length: 1}, "tinyint": {ID: TypeTinyInt}, "tinyint unsigned": {ID: TypeTinyInt, Length: 1, Unsigned: true},
		"int(10) unsigned zerofill": {ID: TypeInt, Unsigned: true, Zerofill: true}, "bigint": {ID: TypeBigInt, Length: 20}, "decimal(10,2)": {ID: TypeDecimal, Precision: 10, Scale: 2},
		"decimal(5,0) unsigned": {ID: TypeDecimal, Precision: 5, Unsigned: true}, "float": {ID: TypeFloat}, "double(8,2)": {ID: TypeDouble, Precision: 8, Scale: 2}, "varchar(80)": {ID: TypeVarChar, Length: 80},
		"char(0)": {ID: TypeChar}, "text": {ID: TypeText}, "varbinary(16)": {ID: TypeVarBinary, Length: 16}, "datetime(3)": {ID: TypeDateTime, Scale: 3}, "timestamp": {ID: TypeTimestamp}, "time(6)": {ID: TypeTime, Scale: 6},
		"enum('a','it''s')": {ID: TypeEnum, Elements: []string{"a", "it's"}}, "set('x','y')": {ID: TypeSet, Elements: []string{"x", "y"}}, "bit(8)": {ID: TypeBit, Length: 8}, "json": {ID: TypeJSON}, "year": {ID: TypeYear}, "longblob": {ID: TypeLongBlob},
	} {
		require.Equal(t, want, ty.String())
		require.True(t, strings.HasPrefix(want, ty.Name()))
		require.True(t, ty.Equal(&ty))
	}
	z := Type{ID: TypeInt, Zerofill: true, Unsigned: true, Length: 5}
	require.Equal(t, "=00042", string(z.AppendText([]byte("="), Uint(42))))
	require.Equal(t, "1234567", string(z.AppendText(nil, Uint(1234567))))
	z = Type{ID: TypeDecimal, Zerofill: true, Unsigned: true, Precision: 6, Scale: 2}
	require.Equal(t, "0001.50", string(z.AppendText(nil, dec("1.50"))))
	for id := TypeTinyInt; id <= TypeJSON; id++ {
		ty := Type{ID: id, Length: 4, Precision: 5, Scale: 1, Elements: []string{"a"}}
		v := ZeroOf(&ty)
		require.Equal(t, ty.Kind(), v.Kind(), ty.String())
		require.NotEqual(t, KindNull, ty.Kind())
		require.NotEmpty(t, v.Kind().String())
		if id != TypeEnum {
			got, err := Coerce(v, &ty, &CoerceOptions{Dates: AllowZeroDate})
			require.NoError(t, err)
			require.Equal(t, v, got)
		}
	}
}

func TestTypeValidate(t *testing.T) {
	for _, c := range []struct {
		ty  Type
		err uint16
	}{
		{Type{ID: TypeVarChar, Length: 16383}, 0}, {Type{ID: TypeVarChar, Length: 16384}, 1074}, {Type{ID: TypeChar, Length: 256}, 1074}, {Type{ID: TypeDecimal, Precision: 66}, 1426},
		{Type{ID: TypeDecimal, Precision: 40, Scale: 31}, 1425}, {Type{ID: TypeDecimal, Precision: 3, Scale: 4}, 1427}, {Type{ID: TypeDateTime, Scale: 7}, 1426}, {Type{ID: TypeBit, Length: 65}, 1439}, {Type{ID: TypeBit}, 3013},
		{Type{ID: TypeEnum, Elements: []string{"a", "A"}, Collation: collate.GeneralCI}, 1291}, {Type{ID: TypeEnum, Elements: []string{"a", "A"}}, 0}, {Type{ID: TypeSet, Elements: []string{"a,b"}}, 1367}, {Type{ID: TypeSet, Elements: make([]string, 65)}, 1097},
		{Type{ID: TypeNull}, 1063}, {Type{ID: 200}, 1063}, {Type{ID: TypeDate, Unsigned: true}, 1063}, {Type{ID: TypeVarChar, Collation: 9999}, 1273},
	} {
		err := c.ty.Validate("c")
		var se *sqlerr.Error
		if c.err == 0 {
			require.NoError(t, err, c.ty.String())
			continue
		}
		require.True(t, errors.As(err, &se), c.ty.String())
		require.Equal(t, c.err, se.Number(), se.Message)
	}
}

func TestMarshal(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	vals := []Value{Null, Int(math.MinInt64), Uint(math.MaxUint64), Float(0.1), Float(math.Copysign(0, -1)), Float32(0.1), Year(2024), String("ä\"\x00"), Bytes("\xff\x00"), dec("-123456789012345678901234567890.50"),
		Date(PackDate(2024, 1, 2)), DateTime(PackDateTime(2024, 1, 2, 3, 4, 5, 6), 6), Time(-1, 6), JSON(`{"a": 1}`), Enum(3, "c"), Set(1<<63, "z"), Bit(math.MaxUint64, 64), Bool(true), String("")}
	for range 200 {
		vals = append(vals, randomDecimal(rng))
	}
	for _, v := range vals {
		b, err := json.Marshal(v)
		require.NoError(t, err)
		var got Value
		require.NoError(t, json.Unmarshal(b, &got))
		require.Equal(t, v, got, string(b))
	}
	for _, bad := range []string{`{"kind":"int","text":"x"}`, `{"kind":"?"}`, `{}`, `[]`, `{"kind":"bytes","text":"%","base64":true}`} {
		var v Value
		require.Error(t, json.Unmarshal([]byte(bad), &v), bad)
	}
}

type myInt int16
type myString string

func TestGoValues(t *testing.T) {
	now := time.Date(2024, 1, 2, 3, 4, 5, 678901000, time.FixedZone("", 3600))
	five, none := 5, (*int)(nil)
	for _, c := range []struct {
		in   any
		want Value
	}{
		{nil, Null}, {true, Int(1)}, {int8(-1), Int(-1)}, {uint16(7), Uint(7)}, {uint64(math.MaxUint64), Uint(math.MaxUint64)}, {float32(0.1), Float32(0.1)}, {1.5, Float(1.5)}, {"s", String("s")}, {[]byte("b"), Bytes("b")},
		{[]byte(nil), Null}, {now, DateTime(PackDateTime(2024, 1, 2, 2, 4, 5, 678901), 6)}, {time.Time{}, DateTime(0, 6)}, {90 * time.Second, Time(90e6, 6)}, {big.NewInt(5), Decimal(5, 0)}, {json.RawMessage(`{"b":1}`), JSON(`{"b": 1}`)},
		{&five, Int(5)}, {none, Null}, {myInt(3), Int(3)}, {myString("x"), String("x")}, {Int(9), Int(9)}, {&now, DateTime(PackDateTime(2024, 1, 2, 2, 4, 5, 678901), 6)},
	} {
		v, err := FromGo(c.in)
		require.NoError(t, err)
		require.Equal(t, c.want, v, "%T", c.in)
	}
	for _, bad := range []any{struct{}{}, []int{1}, map[string]int{}, json.RawMessage("{"), 1000 * time.Hour, make(chan int)} {
		_, err := FromGo(bad)
		require.Error(t, err, "%T", bad)
	}
	require.Equal(t, int64(5), Int(5).ToGo(nil))
	require.Equal(t, []byte("x"), Bytes("x").ToGo(nil))
	require.Equal(t, []byte{}, Bytes("").ToGo(nil))
	require.Equal(t, "1.50", dec("1.50").ToGo(nil))
	require.Equal(t, time.Date(2024, 1, 2, 0, 0, 0, 0, time.UTC), Date(PackDate(2024, 1, 2)).ToGo(nil))
	require.Equal(t, time.Time{}, Date(0).ToGo(nil))
	require.Nil(t, Null.ToGo(nil))
	require.Equal(t, float32(0.5), Float32(0.5).ToGo(nil))
}

func TestClone(t *testing.T) {
	b := []byte("abc")
	v := String(string(b)).Clone()
	require.Equal(t, "abc", v.Str())
	require.Equal(t, Int(1), Int(1).Clone())
}

func TestNormalizeJSON(t *testing.T) {
	for in, want := range map[string]string{
		` { "b" : 1 , "a" : [ 1 ,2 ] } `: `{"a": [1, 2], "b": 1}`, `{"bb":1,"a":2,"c":3}`: `{"a": 2, "c": 3, "bb": 1}`, `{"a":1,"a":2}`: `{"a": 2}`, `[]`: `[]`, `{}`: `{}`, `"x"`: `"x"`,
		`12345678901234567890123`: `12345678901234567890123`, `18446744073709551615`: `18446744073709551615`, `-0`: `0`, `1.0`: `1.0`, `1e2`: `100.0`, `1.50`: `1.5`, `1E-7`: `0.0000001`, `1e20`: `1e20`, `0.1`: `0.1`,
		`"\u00e9\/\n\"\\"`: `"é/\n\"\\"`, `"\ud83d\ude00"`: `"😀"`, `"\u0001"`: `"\u0001"`, `"\u001F"`: `"\u001f"`, `[null,true,false]`: `[null, true, false]`, `{"\u0061":1,"a":2}`: `{"a": 2}`,
		`{"a":{"z":1,"y":[{"q":1,"b":2}]}}`: `{"a": {"y": [{"b": 2, "q": 1}], "z": 1}}`, `{"":1}`: `{"": 1}`, `{"é":1,"zz":2,"z":3}`: `{"z": 3, "zz": 2, "é": 1}`,
	} {
		got, err := NormalizeJSON(in)
		require.NoError(t, err, in)
		require.Equal(t, want, got)
		again, err := NormalizeJSON(got)
		require.NoError(t, err)
		require.Equal(t, got, again)
	}
	for in, pos := range map[string]int{
		"": 0, " ": 1, "{": 1, "[": 1, "[1": 2, "[1,]": 3, `{"a"}`: 4, `{"a":1,}`: 7, `{a:1}`: 1, `"abc`: 4, "nul": 0, "01": 1, "1.": 2, "1e": 2, "-": 1, "1 2": 2, `"\x"`: 1, `"\ud83d"`: 1, `"\u12g4"`: 1, "\"\x01\"": 1, "\"\xff\"": 1, "1e999": 0, "[1}": 2, "NaN": 0,
	} {
		_, err := NormalizeJSON(in)
		var je *JSONError
		require.True(t, errors.As(err, &je), "%q", in)
		require.Equal(t, pos, je.Pos, "%q: %s", in, je.Reason)
	}
	deep := strings.Repeat("[", 100) + strings.Repeat("]", 100)
	_, err := NormalizeJSON(deep)
	require.NoError(t, err)
	_, err = NormalizeJSON("[" + deep + "]")
	var je *JSONError
	require.True(t, errors.As(err, &je) && je.TooDeep)
}

func TestUnquoteJSON(t *testing.T) {
	s := "a\"\\\n\x01é😀/"
	got, err := UnquoteJSON(string(AppendJSONString(nil, s)))
	require.NoError(t, err)
	require.Equal(t, s, got)
	for _, bad := range []string{"", `"`, `abc`, `"a"b"`, `"\`, `"\q"`} {
		_, err := UnquoteJSON(bad)
		require.Error(t, err, bad)
	}
}

func FuzzNormalizeJSON(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,"\u0041"]}`, `"x"`, `[[[]]]`, `{"a":1,"a":{}}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		out, err := NormalizeJSON(s)
		var std any
		valid := json.Unmarshal([]byte(s), &std) == nil
		if err != nil {
			return
		}
		require.True(t, valid, "%q was accepted as %q", s, out)
		again, err := NormalizeJSON(out)
		require.NoError(t, err)
		require.Equal(t, out, again)
	})
}

func BenchmarkCompare(b *testing.B) {
	b.Run("int", func(b *testing.B) {
		x, y := Int(1), Int(2)
		for b.Loop() {
			Compare(x, y, 0)
		}
	})
	b.Run("string", func(b *testing.B) {
		x, y := String("hello world"), String("hello there")
		for b.Loop() {
			Compare(x, y, collate.Default)
		}
	})
	b.Run("int and decimal", func(b *testing.B) {
		x, y := Int(1), dec("2.5")
		for b.Loop() {
			CompareNumeric(x, y)
		}
	})
}
