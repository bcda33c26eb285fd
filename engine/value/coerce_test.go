package value

import (
	"errors"
	"math"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/worktable-go/worktable/engine/collate"
	"github.com/worktable-go/worktable/engine/sqlerr"
)

var (
	tTiny     = &Type{ID: TypeTinyInt}
	tUTiny    = &Type{ID: TypeTinyInt, Unsigned: true}
	tInt      = &Type{ID: TypeInt}
	tBig      = &Type{ID: TypeBigInt}
	tUBig     = &Type{ID: TypeBigInt, Unsigned: true}
	tFloat    = &Type{ID: TypeFloat}
	tDouble   = &Type{ID: TypeDouble}
	tDec      = &Type{ID: TypeDecimal, Precision: 6, Scale: 2}
	tUDec     = &Type{ID: TypeDecimal, Precision: 6, Scale: 2, Unsigned: true}
	tChar     = &Type{ID: TypeChar, Length: 3}
	tVarChar  = &Type{ID: TypeVarChar, Length: 3}
	tTinyText = &Type{ID: TypeTinyText}
	tBinary   = &Type{ID: TypeBinary, Length: 3}
	tVarBin   = &Type{ID: TypeVarBinary, Length: 3}
	tDate     = &Type{ID: TypeDate}
	tDateTime = &Type{ID: TypeDateTime}
	tDT3      = &Type{ID: TypeDateTime, Scale: 3}
	tStamp    = &Type{ID: TypeTimestamp}
	tTime     = &Type{ID: TypeTime}
	tYear     = &Type{ID: TypeYear}
	tEnum     = &Type{ID: TypeEnum, Elements: []string{"a", "b", "3"}, Collation: collate.GeneralCI}
	tSet      = &Type{ID: TypeSet, Elements: []string{"x", "y"}, Collation: collate.GeneralCI}
	tBit      = &Type{ID: TypeBit, Length: 8}
	tJSON     = &Type{ID: TypeJSON}
)

// TestCoerce judges by MySQL 8 in its default strict mode: the value that is stored as text, or the error; and notes.
func TestCoerce(t *testing.T) {
	dt := func(s string) Value {
		v, _, ok := ParseDateTime(s, 6, AllowZeroDate, nil)
		require.True(t, ok, s)
		return v
	}
	tm := func(s string) Value { v, _, _ := ParseTime(s, 6); return v }
	for _, c := range []struct {
		in   Value
		to   *Type
		want string // text, or the error's "number message"
		note string
	}{
		{Int(127), tTiny, "127", ""}, {Int(128), tTiny, "1264 Out of range value for column 'c' at row 3", ""},
		{Int(-129), tTiny, "1264 Out of range value for column 'c' at row 3", ""}, {Int(-1), tUTiny, "1264 Out of range value for column 'c' at row 3", ""},
		{Uint(255), tUTiny, "255", ""}, {Uint(math.MaxUint64), tBig, "1264 Out of range value for column 'c' at row 3", ""},
		{Uint(math.MaxUint64), tUBig, "18446744073709551615", ""}, {Int(-5), tUBig, "1264 Out of range value for column 'c' at row 3", ""},
		{Float(2.5), tInt, "2", ""}, {Float(3.5), tInt, "4", ""}, {Float(-2.5), tInt, "-2", ""}, {dec("2.5"), tInt, "3", ""}, {dec("-2.5"), tInt, "-3", ""},
		{dec("-0.4"), tUBig, "1264 Out of range value for column 'c' at row 3", ""}, {dec("-0.4"), tInt, "0", ""}, {Float(-0.4), tUBig, "0", ""}, {String("-0.4"), tUBig, "0", ""},
		{Float(9.3e18), tBig, "1264 Out of range value for column 'c' at row 3", ""}, {Float(1e19), tUBig, "10000000000000000000", ""},
		{Float(1.9e19), tUBig, "1264 Out of range value for column 'c' at row 3", ""}, {Float(-9223372036854775808), tBig, "-9223372036854775808", ""},
		{Float(9223372036854775808), tBig, "1264 Out of range value for column 'c' at row 3", ""},
		{String("2.5"), tInt, "3", ""}, {String("1e3"), tInt, "1000", ""}, {String(" 12 "), tInt, "12", ""},
		{String("abc"), tInt, "1366 Incorrect integer value: 'abc' for column 'c' at row 3", ""},
		{String(""), tInt, "1366 Incorrect integer value: '' for column 'c' at row 3", ""},
		{String("12abc"), tInt, "1265 Data truncated for column 'c' at row 3", ""},
		{String("99999999999"), tInt, "1264 Out of range value for column 'c' at row 3", ""},
		{String("18446744073709551615"), tUBig, "18446744073709551615", ""},
		{String(strings.Repeat("9", 80)), tBig, "1264 Out of range value for column 'c' at row 3", ""},
		{dt("2024-01-02 03:04:05.6"), tBig, "20240102030406", ""}, {Enum(2, "b"), tInt, "2", ""}, {JSON("7"), tInt, "7", ""}, {JSON("true"), tInt, "1", ""},

		{dec("1.236"), tDec, "1.24", "1265"}, {dec("1.235"), tDec, "1.24", "1265"}, {dec("-1.235"), tDec, "-1.24", "1265"}, {dec("1.2"), tDec, "1.20", ""},
		{String("1.236"), tDec, "1.24", "1265"}, {Float(1.236), tDec, "1.24", ""}, {Int(9999), tDec, "9999.00", ""},
		{Int(10000), tDec, "1264 Out of range value for column 'c' at row 3", ""}, {dec("9999.995"), tDec, "1264 Out of range value for column 'c' at row 3", "1265"},
		{dec("-1"), tUDec, "1264 Out of range value for column 'c' at row 3", ""}, {String("abc"), tDec, "1366 Incorrect decimal value: 'abc' for column 'c' at row 3", ""},
		{String("12abc"), tDec, "1366 Incorrect decimal value: '12abc' for column 'c' at row 3", ""}, {Float(1e300), tDec, "1264 Out of range value for column 'c' at row 3", ""},

		{String("1.5e3"), tDouble, "1500", ""}, {String("abc"), tDouble, "1265 Data truncated for column 'c' at row 3", ""}, {dec("0.1"), tDouble, "0.1", ""},
		{Float(1e300), tFloat, "1264 Out of range value for column 'c' at row 3", ""}, {Float(0.1), tFloat, "0.1", ""}, {Int(16777217), tFloat, "16777200", ""},
		{Float(3.4028235e38), tFloat, "3.40282e38", ""}, {String("1e999"), tDouble, "1264 Out of range value for column 'c' at row 3", ""},

		{String("abc"), tVarChar, "abc", ""}, {String("äöü"), tVarChar, "äöü", ""}, {String("abcd"), tVarChar, "1406 Data too long for column 'c' at row 3", ""},
		{String("abc  "), tVarChar, "abc", "1265"}, {String("ab  "), tVarChar, "ab ", "1265"}, {String("abc  "), tChar, "abc", ""}, {String("a  "), tChar, "a", ""},
		{String("abcd"), tChar, "1406 Data too long for column 'c' at row 3", ""}, {Int(-12), tVarChar, "-12", ""}, {Int(1234), tVarChar, "1406 Data too long for column 'c' at row 3", ""},
		{Float(0.5), tVarChar, "0.5", ""}, {Bytes("\xff\xfe"), tVarChar, `1366 Incorrect string value: '\xFF\xFE' for column 'c' at row 3`, ""},
		{Bytes("a\xff1234567"), &Type{ID: TypeText}, `1366 Incorrect string value: '\xFF12345...' for column 'c' at row 3`, ""},
		{String(strings.Repeat("x", 256)), tTinyText, "1406 Data too long for column 'c' at row 3", ""}, {JSON(`"a"`), tVarChar, `"a"`, ""}, {Year(0), &Type{ID: TypeVarChar, Length: 4}, "0000", ""},
		{String("ab"), tBinary, "ab\x00", ""}, {String("abcd"), tBinary, "1406 Data too long for column 'c' at row 3", ""}, {Bytes("\xff"), tVarBin, "\xff", ""}, {Bytes("abcd"), tVarBin, "1406 Data too long for column 'c' at row 3", ""},

		{String("2024-01-02 03:04:05.6"), tDateTime, "2024-01-02 03:04:06", ""}, {String("2024-01-02 03:04:05.6789"), tDT3, "2024-01-02 03:04:05.679", ""},
		{String("abc"), tDateTime, "1292 Incorrect datetime value: 'abc' for column 'c' at row 3", ""}, {String("2024-02-30"), tDate, "1292 Incorrect date value: '2024-02-30' for column 'c' at row 3", ""},
		{String("2024-01-02 10:00:00abc"), tDateTime, "1292 Incorrect datetime value: '2024-01-02 10:00:00abc' for column 'c' at row 3", ""},
		{String("0000-00-00"), tDate, "1292 Incorrect date value: '0000-00-00' for column 'c' at row 3", ""}, {Int(20240102), tDate, "2024-01-02", ""}, {Int(20240102), tDateTime, "2024-01-02 00:00:00", ""},
		{dec("20240102030405.6789"), tDT3, "2024-01-02 03:04:05.679", ""}, {Int(99), tDate, "1292 Incorrect date value: '99' for column 'c' at row 3", ""},
		{dt("2024-01-02 03:04:05"), tDate, "2024-01-02", "1265"}, {Date(PackDate(2024, 1, 2)), tDateTime, "2024-01-02 00:00:00", ""},
		{tm("10:11:12"), tDateTime, "2024-05-06 10:11:12", ""}, {tm("-01:00:00"), tDateTime, "2024-05-05 23:00:00", ""},
		{String("1969-12-31"), tStamp, "1292 Incorrect datetime value: '1969-12-31' for column 'c' at row 3", ""}, {String("2039-01-01"), tStamp, "1292 Incorrect datetime value: '2039-01-01' for column 'c' at row 3", ""},
		{String("2024-01-02 03:04:05"), tStamp, "2024-01-02 01:04:05", ""}, {String("2024-01-02 03:04:05+00:00"), tStamp, "2024-01-02 03:04:05", ""},
		{String("10:11"), tTime, "10:11:00", ""}, {Int(101112), tTime, "10:11:12", ""}, {dec("-101112.5"), tTime, "-10:11:13", ""}, {String("839:00:00"), tTime, "1292 Incorrect time value: '839:00:00' for column 'c' at row 3", ""},
		{String("abc"), tTime, "1292 Incorrect time value: 'abc' for column 'c' at row 3", ""}, {dt("2024-01-02 03:04:05"), tTime, "03:04:05", "1265"}, {Int(6060), tTime, "1292 Incorrect time value: '6060' for column 'c' at row 3", ""},

		{Int(24), tYear, "2024", ""}, {Int(99), tYear, "1999", ""}, {Int(0), tYear, "0000", ""}, {String("0"), tYear, "2000", ""}, {String("0000"), tYear, "0000", ""}, {Int(2155), tYear, "2155", ""},
		{Int(1900), tYear, "1264 Out of range value for column 'c' at row 3", ""}, {String("abc"), tYear, "1366 Incorrect integer value: 'abc' for column 'c' at row 3", ""}, {dt("2024-01-02"), tYear, "2024", ""},

		{String("A"), tEnum, "a", ""}, {String("2"), tEnum, "b", ""}, {String("3"), tEnum, "3", ""}, {Int(2), tEnum, "b", ""}, {String("a "), tEnum, "a", ""},
		{String("z"), tEnum, "1265 Data truncated for column 'c' at row 3", ""}, {Int(0), tEnum, "1265 Data truncated for column 'c' at row 3", ""}, {String(""), tEnum, "1265 Data truncated for column 'c' at row 3", ""}, {Int(4), tEnum, "1265 Data truncated for column 'c' at row 3", ""},
		{String("y,X"), tSet, "x,y", ""}, {Int(3), tSet, "x,y", ""}, {String(""), tSet, "", ""}, {String("2"), tSet, "y", ""}, {String("x,x"), tSet, "x", ""}, {String("x,z"), tSet, "1265 Data truncated for column 'c' at row 3", ""}, {Int(4), tSet, "1265 Data truncated for column 'c' at row 3", ""},
		{Int(255), tBit, "\xff", ""}, {Int(256), tBit, "1406 Data too long for column 'c' at row 3", ""}, {Int(-1), tBit, "1406 Data too long for column 'c' at row 3", ""}, {String("1"), tBit, "1", ""}, {String("ab"), tBit, "1406 Data too long for column 'c' at row 3", ""}, {dec("1.6"), tBit, "\x02", ""},
		{Int(-1), &Type{ID: TypeBit, Length: 64}, "\xff\xff\xff\xff\xff\xff\xff\xff", ""},

		{String(`{"bb":1,"a":[1,2]}`), tJSON, `{"a": [1, 2], "bb": 1}`, ""}, {Int(1), tJSON, `3140 Invalid JSON text: "not a JSON text, may need CAST" at position 0 in value for column 't.c'.`, ""},
		{String(`{`), tJSON, `3140 Invalid JSON text: "Missing a name for object member." at position 1 in value for column 't.c'.`, ""},
		{Bytes(`{}`), tJSON, "3144 Cannot create a JSON value from a string with CHARACTER SET 'binary'.", ""},
		{Null, tInt, "", ""},
	} {
		notes := ""
		opt := &CoerceOptions{Table: "t", Column: "c", Row: 3, TimeZone: time.FixedZone("", 7200), Now: time.Date(2024, 5, 6, 7, 8, 9, 0, time.UTC),
			Warn: func(e *sqlerr.Error) { notes = strings.TrimSpace(notes + " " + numberOf(e)) }}
		v, err := Coerce(c.in, c.to, opt)
		if err != nil {
			var se *sqlerr.Error
			require.ErrorAs(t, err, &se)
			require.Equal(t, c.want, numberOf(se)+" "+se.Message, "%s to %s", c.in.Text(), c.to)
			continue
		}
		require.Equal(t, c.want, v.Text(), "%v %q to %s", c.in.Kind(), c.in.Text(), c.to)
		require.Equal(t, c.note, notes, "%q to %s", c.in.Text(), c.to)
		if !v.IsNull() {
			require.Equal(t, c.to.Kind(), v.Kind())
			again, err := Coerce(v, c.to, &CoerceOptions{Column: "c"})
			require.NoError(t, err)
			require.Equal(t, v, again, "coercion is idempotent: %s", c.to)
		}
	}
}

// TestFloatIntoText has the answers of a server.
func TestFloatIntoText(t *testing.T) {
	for _, c := range []struct {
		f     float64
		width uint32
		want  string
	}{
		{1.0 / 3, 10, "0.33333333"}, {123456789.123, 10, "123456789"}, {12345678901, 10, "1.23457e10"}, {1e100 / 3, 10, "3.33333e99"}, {-1.0 / 3, 10, "-0.3333333"},
		{1.0 / 3, 5, "0.333"}, {123456, 5, "1.2e5"}, {-123456, 5, "-1e5"}, {1.5, 5, "1.5"}, {1.23456e-10, 5, ""}, {1.0 / 3, 22, "0.3333333333333333"},
		{-1.2345678901234567e-300, 22, "-1.23456789012346e-300"}, {-0.13194111606602033, 3, "0"}, {119.58566880072341, 3, "120"}, {0.0617, 3, "0.1"}, {1, 0, ""},
	} {
		v, err := Coerce(Float(c.f), &Type{ID: TypeVarChar, Length: c.width}, nil)
		if c.want == "" {
			require.ErrorIs(t, err, sqlerr.DataTooLong)
			continue
		}
		require.NoError(t, err)
		require.Equal(t, c.want, v.Text())
	}
}

func numberOf(e *sqlerr.Error) string { return Int(int64(e.Number())).Text() }

func TestCoerceNonStrict(t *testing.T) {
	for _, c := range []struct {
		in      Value
		to      *Type
		want    string
		warning string
	}{
		{Int(300), tTiny, "127", "1264"}, {Int(-300), tTiny, "-128", "1264"}, {Int(-1), tUTiny, "0", "1264"}, {String("12abc"), tInt, "12", "1265"}, {String("abc"), tInt, "0", "1366"},
		{Float(1e30), tBig, "9223372036854775807", "1264"}, {Int(12345), tDec, "9999.99", "1264"}, {dec("-1"), tUDec, "0.00", "1264"}, {String("12abc"), tDec, "12.00", "1265"},
		{Float(1e300), tFloat, "3.40282e38", "1264"}, {String("1.5x"), tDouble, "1.5", "1265"}, {String("1e999"), tDouble, "1.7976931348623157e308", "1264"},
		{String("abcd"), tVarChar, "abc", "1265"}, {String("äöüß"), tChar, "äöü", "1265"}, {Bytes("a\xff"), tVarChar, "a", "1366"}, {String(strings.Repeat("é", 200)), tTinyText, strings.Repeat("é", 127), "1265"},
		{String("abc"), tDate, "0000-00-00", "1265"}, {String("2024-02-30"), tDate, "0000-00-00", "1264"}, {String("2024-01-02x"), tDateTime, "2024-01-02 00:00:00", "1265"},
		{String("839:00:00"), tTime, "838:59:59", "1264"}, {Int(99999999), tTime, "838:59:59", "1264"}, {String("x"), tTime, "00:00:00", "1265"}, {String("2040-01-01"), tStamp, "0000-00-00 00:00:00", "1264"},
		{Int(1), tYear, "2001", ""}, {Int(1800), tYear, "0000", "1264"}, {String("z"), tEnum, "", "1265"}, {String("x,z"), tSet, "x", "1265"}, {Int(7), tSet, "x,y", "1265"}, {Int(300), tBit, "\xff", "1265"},
	} {
		warning := ""
		v, err := Coerce(c.in, c.to, &CoerceOptions{Column: "c", NonStrict: true, Warn: func(e *sqlerr.Error) { warning += numberOf(e) }})
		require.NoError(t, err)
		require.Equal(t, c.want, v.Text(), "%q to %s", c.in.Text(), c.to)
		require.Equal(t, c.to.Kind(), v.Kind())
		require.Equal(t, c.warning, warning, "%q to %s", c.in.Text(), c.to)
	}
	_, err := Coerce(String("{"), tJSON, &CoerceOptions{NonStrict: true})
	require.ErrorIs(t, err, sqlerr.InvalidJSON, "JSON is always strict")
}

// compareAs is how MySQL compares a column value with a constant.
func compareAs(c, k Value, t *Type) int {
	switch {
	case t.IsTemporal() && t.ID != TypeTime && t.ID != TypeYear:
		d, _ := comparedDate(k)
		return cmpInt(int64(c.n), int64(d.n))
	case t.ID == TypeTime:
		if k.kind == KindString {
			k, _, _ = ParseTime(k.s, 6)
		} else if k.kind == KindInt {
			k, _ = TimeFromNumber(int64(k.n))
		}
		return cmpInt(int64(c.n), int64(k.n))
	case t.IsBinary():
		return strings.Compare(c.s, k.s)
	case t.IsCharacter():
		return collate.Compare(t.Collation, c.s, k.s)
	}
	if k.kind == KindString || k.kind == KindFloat {
		fc, _ := c.AsFloat()
		fk, _ := k.AsFloat()
		return CompareFloat(fc, fk)
	}
	nc, _ := c.AsNumber()
	nk, _ := k.AsNumber()
	return CompareNumeric(nc, nk)
}

// TestCoerceExact checks the promises of Exactness with random columns and constants.
func TestCoerceExact(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	types := []*Type{tTiny, tUTiny, tInt, tBig, tUBig, tFloat, tDouble, {ID: TypeFloat, Unsigned: true}, tDec, tUDec,
		{ID: TypeDecimal, Precision: 30, Scale: 10}, tDate, tDateTime, tDT3, tTime, tBinary, tVarBin, tBit,
		{ID: TypeVarChar, Length: 3, Collation: collate.GeneralCI}}
	seen := map[Exactness]int{}
	for range 60000 {
		ty := types[rng.Intn(len(types))]
		k := randomConstant(rng)
		r, how := CoerceExact(k, ty)
		seen[how]++
		if how == Incomparable {
			continue
		}
		require.Equal(t, ty.Kind(), r.Kind(), "%s as %s", k.Text(), ty)
		if ty.ID != TypeVarChar && ty.ID != TypeVarBinary { // their bounds may be longer than any value
			same, err := Coerce(r, ty, &CoerceOptions{Dates: AllowZeroDate | AllowZeroInDate})
			require.NoError(t, err, "%s as %s gives %s", k.Text(), ty, r.Text())
			require.Equal(t, r, same)
		}
		for range 3 {
			c, err := Coerce(randomConstant(rng), ty, &CoerceOptions{NonStrict: true})
			if err != nil {
				continue
			}
			if rng.Intn(4) == 0 {
				c = r
			}
			ck, cr := compareAs(c, k, ty), Compare(c, r, ty.Collation)
			switch how {
			case Exact:
				require.Equal(t, sgn(ck), sgn(cr), "%s: %s with %s, bound %s", ty, c.Text(), k.Text(), r.Text())
			case RoundedDown:
				require.Equal(t, ck > 0, cr > 0, "%s: %s with %s, bound %s", ty, c.Text(), k.Text(), r.Text())
				require.NotZero(t, ck, "%s: %s with %s, bound %s", ty, c.Text(), k.Text(), r.Text())
			case RoundedUp:
				require.Equal(t, ck < 0, cr < 0, "%s: %s with %s, bound %s", ty, c.Text(), k.Text(), r.Text())
				require.NotZero(t, ck, "%s: %s with %s, bound %s", ty, c.Text(), k.Text(), r.Text())
			case EqualityOnly:
				require.Equal(t, ck == 0, cr == 0)
			}
		}
	}
	for _, how := range []Exactness{Incomparable, Exact, RoundedDown, RoundedUp} {
		require.Greater(t, seen[how], 100)
	}
}

func sgn(n int) int { return cmpInt(int64(n), 0) }

// randomConstant draws what a statement could compare a column with.
func randomConstant(rng *rand.Rand) Value {
	pickString := func(s ...string) Value { return String(s[rng.Intn(len(s))]) }
	switch rng.Intn(9) {
	case 0:
		return Int([]int64{0, 1, -1, 127, 128, -128, -129, 255, 256, 9999, 10000, math.MaxInt32, math.MaxInt64, math.MinInt64, 20240102, 101112}[rng.Intn(16)])
	case 1:
		return Uint([]uint64{0, 255, math.MaxUint64, 1 << 63, 1<<53 + 1}[rng.Intn(5)])
	case 2:
		return Float([]float64{0, 0.1, -0.1, 1.5, 127.5, -128.5, 1e10, 1e19, -1e300, 1 << 53, 1<<53 - 1, 9999.99, 9999.991, 3.5e38, 1e-40}[rng.Intn(15)])
	case 3:
		return dec([]string{"0.1", "127.5", "-128.5", "0.005", "9999.999", "-9999.999", "123456789012345678901234567890", "9223372036854775807.5", "18446744073709551615.5", "-0.001"}[rng.Intn(10)])
	case 4:
		return pickString("1", "1.5", "-1", "abc", "1abc", "", "1e3", "0.1", "9999.99", "99999999999999999999")
	case 5:
		return pickString("2024-01-02", "2024-01-02 03:04:05", "2024-01-02 03:04:05.123456", "10:11:12", "10:11:12.5", "-10:11:12.5", "2024-02-30", "0000-00-00")
	case 6:
		return Bytes([]string{"", "a", "ab", "abc", "abcd", "ab\x00", "\xff\xff\xff\xff"}[rng.Intn(7)])
	case 7:
		return DateTime(PackDateTime(2024, 1, 2, rng.Intn(2), 0, rng.Intn(2), rng.Intn(2)*500001), 6)
	}
	return Time(int64(rng.Intn(3)-1)*1500001, 6)
}

func TestCoerceExactCases(t *testing.T) {
	berlin := time.FixedZone("", 3600)
	for _, c := range []struct {
		k    Value
		ty   *Type
		want string
		how  Exactness
	}{
		{dec("5.5"), tInt, "5", RoundedDown}, {dec("-5.5"), tInt, "-6", RoundedDown}, {Int(300), tTiny, "127", RoundedDown}, {Int(-300), tTiny, "-128", RoundedUp},
		{String("5"), tInt, "5", Exact}, {String("5x"), tInt, "5x", Incomparable}, {Int(5), tVarChar, "5", Incomparable}, {Float(1 << 60), tBig, "1.152921504606847e18", Incomparable},
		{Float(1e30), tInt, "2147483647", RoundedDown}, {Float(0.1), tFloat, "0.1", RoundedUp}, {dec("1.005"), tDec, "1.00", RoundedDown}, {dec("-1.005"), tDec, "-1.01", RoundedDown},
		{String("2024-01-02 10:00:00"), tDate, "2024-01-02", RoundedDown}, {String("2024-01-02"), tDate, "2024-01-02", Exact}, {String("nonsense"), tDate, "nonsense", Incomparable},
		{String("b"), tEnum, "b", EqualityOnly}, {String("B"), tEnum, "b", EqualityOnly}, {String("z"), tEnum, "z", Incomparable}, {Int(2), tEnum, "b", Exact}, {String("x,y"), tSet, "x,y", EqualityOnly}, {String("y,x"), tSet, "y,x", Incomparable},
		{String("ab"), tBinary, "ab\x00", RoundedUp}, {String("abcd"), tBinary, "abc", RoundedDown}, {Int(2024), tYear, "2024", Exact}, {Int(24), tYear, "24", Incomparable}, {Null, tInt, "", Incomparable},
		{JSON("1"), tJSON, "1", Incomparable}, {Bytes("a"), tVarChar, "a", Incomparable}, {Int(256), tBit, "\xff", RoundedDown},
	} {
		v, how := CoerceExact(c.k, c.ty)
		require.Equal(t, c.how, how, "%s as %s", c.k.Text(), c.ty)
		require.Equal(t, c.want, v.Text(), "%s as %s", c.k.Text(), c.ty)
	}
	v, how := CoerceExactIn(String("2024-01-02 10:00:00"), tStamp, berlin)
	require.Equal(t, Exact, how)
	require.Equal(t, "2024-01-02 09:00:00", v.Text())
	if zone, err := time.LoadLocation("Europe/Berlin"); err == nil {
		_, how = CoerceExactIn(String("2024-10-27 02:30:00"), tStamp, zone)
		require.Equal(t, Incomparable, how, "the hour that comes twice")
	}
}

func FuzzCoerce(f *testing.F) {
	f.Add("12.5", int64(3), 1.5)
	f.Add("2024-01-02", int64(-1), 1e300)
	types := []*Type{tTiny, tUBig, tFloat, tDouble, tDec, tChar, tVarChar, tTinyText, tBinary, tDate, tDT3, tStamp, tTime, tYear, tEnum, tSet, tBit, tJSON}
	f.Fuzz(func(t *testing.T, s string, n int64, x float64) {
		for _, v := range []Value{String(s), Bytes(s), Int(n), Uint(uint64(n)), Float(x), Decimal(n, 5), Time(n%MaxTimeMicros, 6)} {
			for _, ty := range types {
				for _, lax := range []bool{false, true} {
					out, err := Coerce(v, ty, &CoerceOptions{Column: "c", NonStrict: lax})
					if err != nil {
						var se *sqlerr.Error
						require.True(t, errors.As(err, &se))
						continue
					}
					require.Equal(t, ty.Kind(), out.Kind())
					again, err := Coerce(out, ty, &CoerceOptions{Dates: AllowZeroDate})
					if ty.ID == TypeEnum && out.n == 0 {
						continue // the error value
					}
					require.NoError(t, err, "%q as %s", s, ty)
					require.Equal(t, out.Text(), again.Text())
				}
				_, _ = CoerceExact(v, ty)
			}
		}
	})
}

func BenchmarkCoerce(b *testing.B) {
	opt := &CoerceOptions{Column: "c", Row: 1}
	for _, c := range []struct {
		name string
		v    Value
		t    *Type
	}{{"int", Int(5), tInt}, {"varchar", String("abc"), tVarChar}, {"text to int", String("12"), tInt}, {"text to datetime", String("2024-01-02 03:04:05"), tDateTime}, {"decimal", dec("1.5"), tDec}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _ = Coerce(c.v, c.t, opt)
			}
		})
	}
}
