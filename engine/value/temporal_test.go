package value

import (
	"math/rand"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestParseDateTime(t *testing.T) {
	plus2 := time.FixedZone("", 7200)
	for _, c := range []struct {
		in   string
		fsp  uint8
		want string // "" when it is no date
		cut  bool
	}{
		{"2024-01-02 03:04:05", 0, "2024-01-02 03:04:05", false},
		{"2024-01-02", 0, "2024-01-02 00:00:00", false},
		{"2024-1-2 3:4:5", 0, "2024-01-02 03:04:05", false},
		{"24-1-2", 0, "2024-01-02 00:00:00", false},
		{"70-1-2", 0, "1970-01-02 00:00:00", false},
		{"0024-1-2", 0, "0024-01-02 00:00:00", false},
		{"2024/01/02 03.04.05", 0, "2024-01-02 03:04:05", false},
		{"2024-01-02T03:04:05", 0, "2024-01-02 03:04:05", false},
		{"20240102", 0, "2024-01-02 00:00:00", false},
		{"240102", 0, "2024-01-02 00:00:00", false},
		{"20240102030405", 0, "2024-01-02 03:04:05", false},
		{"240102030405", 0, "2024-01-02 03:04:05", false},
		{"20240102T030405", 0, "2024-01-02 03:04:05", false},
		{"20240102030405.5", 1, "2024-01-02 03:04:05.5", false},
		{"2024-01-02 03:04:05.6", 0, "2024-01-02 03:04:06", false},
		{"2024-01-02 03:04:05.123456", 3, "2024-01-02 03:04:05.123", false},
		{"2024-01-02 03:04:05.1235", 3, "2024-01-02 03:04:05.124", false},
		{"2024-01-02 03:04:05.1234567", 6, "2024-01-02 03:04:05.123457", false},
		{"2024-12-31 23:59:59.9999999", 6, "2025-01-01 00:00:00.000000", false},
		{"2024-12-31 23:59:59.5", 0, "2025-01-01 00:00:00", false},
		{"9999-12-31 23:59:59.5", 0, "", false},
		{"2024-01-02 03:04", 0, "2024-01-02 03:04:00", false},
		{"2024-01-02 03", 0, "2024-01-02 03:00:00", false},
		{"  2024-01-02  ", 0, "2024-01-02 00:00:00", false},
		{"2024-01-02 03:04:05 ", 0, "2024-01-02 03:04:05", false},
		{"2024-01-02abc", 0, "2024-01-02 00:00:00", true},
		{"2024-01-02 03:04:05Z", 0, "2024-01-02 03:04:05", true},
		{"2024-01-02 03:04:05+02:00", 0, "2024-01-02 03:04:05", false},
		{"2024-01-02 03:04:05-05:30", 0, "2024-01-02 10:34:05", false},
		{"2024-01-02 03:04:05.25+02:00", 2, "2024-01-02 03:04:05.25", false},
		{"2024-01-02 03:04:05+15:00", 0, "", false},
		{"2024-01-02 03:04:05-00:00", 0, "", false},
		{"2024-02-30", 0, "", false},
		{"2023-02-29", 0, "", false},
		{"2024-02-29", 0, "2024-02-29 00:00:00", false},
		{"2024-13-01", 0, "", false},
		{"2024-00-01", 0, "", false},
		{"2024-01-00", 0, "", false},
		{"0000-00-00", 0, "", false},
		{"2024-01-02 24:00:00", 0, "", false},
		{"2024-01-02 23:60:00", 0, "", false},
		{"2024-01", 0, "", false}, {"abc", 0, "", false}, {"", 0, "", false}, {"-2024-01-02", 0, "", false},
		{"10000-01-01", 0, "", false}, {"2024-01-9999999999999999999", 0, "", false},
		{"2024", 0, "", false}, {"202401", 0, "", false},
	} {
		v, cut, ok := ParseDateTime(c.in, c.fsp, 0, plus2)
		require.Equal(t, c.want != "", ok, "%q %s", c.in, v.Text())
		if ok {
			require.Equal(t, c.want, v.Text(), c.in)
			require.Equal(t, c.cut, cut, c.in)
			again, _, ok := ParseDateTime(v.Text(), c.fsp, 0, nil)
			require.True(t, ok)
			require.Equal(t, v, again)
		}
	}
}

func TestDateFlags(t *testing.T) {
	for _, c := range []struct {
		in    string
		flags DateFlags
		ok    bool
	}{
		{"0000-00-00", AllowZeroDate, true}, {"0000-00-00", AllowZeroInDate, false}, {"0000-00-00", AllowInvalidDate, false},
		{"2024-00-15", AllowZeroInDate, true}, {"2024-01-00", AllowZeroInDate, true}, {"2024-00-15", AllowZeroDate, false},
		{"2024-02-31", AllowInvalidDate, true}, {"2024-02-32", AllowInvalidDate, false}, {"2024-13-01", AllowInvalidDate, false},
		{"0000-01-01", 0, true},
	} {
		_, _, ok := ParseDateTime(c.in, 0, c.flags, nil)
		require.Equal(t, c.ok, ok, "%s %d", c.in, c.flags)
	}
}

func TestParseDate(t *testing.T) {
	v, cut, ok := ParseDate("2024-01-02 00:00:00", 0)
	require.True(t, ok)
	require.False(t, cut)
	require.Equal(t, "2024-01-02", v.Text())
	_, cut, ok = ParseDate("2024-01-02 03:04:05", 0)
	require.True(t, ok && cut)
}

func TestParseTime(t *testing.T) {
	for _, c := range []struct {
		in   string
		fsp  uint8
		want string
		cut  bool
	}{
		{"10:11:12", 0, "10:11:12", false}, {"10:11", 0, "10:11:00", false}, {"101112", 0, "10:11:12", false},
		{"1112", 0, "00:11:12", false}, {"12", 0, "00:00:12", false}, {"1 10:11", 0, "34:11:00", false},
		{"1 10", 0, "34:00:00", false}, {"2 10:11:12.5", 1, "58:11:12.5", false}, {"-1:2:3", 0, "-01:02:03", false},
		{"10:11:12.6", 0, "10:11:13", false}, {"-10:11:12.6", 0, "-10:11:13", false}, {"10:11:12.123456", 4, "10:11:12.1235", false},
		{"2024-01-02 03:04:05", 0, "03:04:05", false}, {"20240102030405", 0, "03:04:05", false},
		{"839:00:00", 0, "838:59:59", true}, {"-900:00:00", 0, "-838:59:59", true}, {"9999999999:00:00", 0, "", false},
		{"10:60:00", 0, "", false}, {"10:00:60", 0, "", false}, {"abc", 0, "", false}, {"", 0, "", false}, {"-", 0, "", false},
		{"10:11:12abc", 0, "10:11:12", true}, {"838:59:59", 0, "838:59:59", false}, {"4000000000 4000000000:00", 0, "838:59:59", true},
		{"1e3", 0, "", false}, {"12.5", 1, "00:00:12.5", false}, {" 10:11:12 ", 0, "10:11:12", false},
	} {
		v, cut, ok := ParseTime(c.in, c.fsp)
		require.Equal(t, c.want != "", ok, "%q %s", c.in, v.Text())
		if ok {
			require.Equal(t, c.want, v.Text(), c.in)
			require.Equal(t, c.cut, cut, c.in)
		}
	}
}

func TestNumbersAsDates(t *testing.T) {
	for n, want := range map[int64]string{
		20240102: "2024-01-02 00:00:00", 240102: "2024-01-02 00:00:00", 700101: "1970-01-01 00:00:00",
		20240102030405: "2024-01-02 03:04:05", 240102030405: "2024-01-02 03:04:05", 700101000000: "1970-01-01 00:00:00",
		101: "2000-01-01 00:00:00", 99: "", 20241301: "", 20240230: "", -1: "", 0: "", 123456789012345: "", 691232: "",
	} {
		v, ok := DateTimeFromNumber(n, 0)
		require.Equal(t, want != "", ok, n)
		if ok {
			require.Equal(t, want, v.Text(), n)
		}
	}
	for n, want := range map[int64]string{
		101112: "10:11:12", -101112: "-10:11:12", 8385959: "838:59:59", 8386000: "", 6000: "", 60: "", 0: "00:00:00",
		20240102030405: "03:04:05",
	} {
		v, ok := TimeFromNumber(n)
		require.Equal(t, want != "", ok, n)
		if ok {
			require.Equal(t, want, v.Text(), n)
		}
	}
}

func TestPacking(t *testing.T) {
	t.Logf("seed %d", *seedFlag)
	rng := rand.New(rand.NewSource(*seedFlag))
	last := int64(-1)
	for _, c := range []Civil{{}, {Year: 0, Month: 0, Day: 1}, {Year: 0, Month: 1}, {Year: 1, Month: 12, Day: 31, Hour: 23},
		{Year: 2024, Month: 1, Day: 2}, {Year: 2024, Month: 1, Day: 2, Micro: 1}, {Year: 9999, Month: 12, Day: 31, Hour: 23, Minute: 59, Second: 59, Micro: 999999}} {
		require.Greater(t, c.Pack(), last)
		last = c.Pack()
		require.Equal(t, c, UnpackDateTime(c.Pack()))
		require.True(t, PackedValid(c.Pack()))
		require.Equal(t, DateOf(c.Pack()), DateFromBits(DateBits(c.Pack())))
	}
	for range 2000 {
		days := rng.Intn(4_000_000) - 719_528
		y, m, d := CivilFromDays(days)
		require.Equal(t, days, DaysFromCivil(y, m, d))
		tm := time.Unix(int64(days)*86400, 0).UTC()
		require.Equal(t, [3]int{tm.Year(), int(tm.Month()), tm.Day()}, [3]int{y, m, d})
	}
	require.False(t, PackedValid(-1))
	require.False(t, PackedValid(PackDateTime(10000, 1, 1, 0, 0, 0, 0)))
	require.False(t, PackedValid(PackDateTime(2024, 1, 1, 24, 0, 0, 0)))
}

func TestCivilArithmetic(t *testing.T) {
	c := Civil{Year: 2024, Month: 1, Day: 31, Hour: 23}
	n, ok := c.AddMonths(1)
	require.True(t, ok)
	require.Equal(t, 29, n.Day)
	n, ok = c.AddMicros(3600e6)
	require.True(t, ok)
	require.Equal(t, Civil{Year: 2024, Month: 2, Day: 1}, n)
	n, ok = c.AddMicros(-24 * 3600e6 * 31)
	require.True(t, ok)
	require.Equal(t, Civil{Year: 2023, Month: 12, Day: 31, Hour: 23}, n)
	_, ok = Civil{Year: 9999, Month: 12, Day: 31}.AddMicros(86400e6)
	require.False(t, ok)
	_, ok = Civil{Year: 9999, Month: 12, Day: 31}.AddMonths(1)
	require.False(t, ok)
	_, ok = Civil{}.AddMicros(1)
	require.False(t, ok)
}

func TestGoTimes(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Skip("no time zone data")
	}
	tm := time.Date(2024, 7, 1, 12, 0, 0, 123456789, berlin)
	require.Equal(t, "2024-07-01 12:00:00.123457", DateTimeFromTime(tm, 6).Text())
	require.Equal(t, "2024-07-01 12:00:00", DateTimeFromTime(tm, 0).Text())
	require.Equal(t, "2024-07-01", DateFromTime(tm).Text())
	back, ok := DateTimeFromTime(tm, 6).ToTime(berlin)
	require.True(t, ok)
	require.Equal(t, tm.Round(time.Microsecond), back)
	_, ok = DateTime(0, 0).ToTime(nil)
	require.False(t, ok)

	// TIMESTAMP across zones, the hour that the clocks skip, and the range.
	local, _, _ := ParseDateTime("2024-07-01 12:00:00", 0, 0, nil)
	utc, ok := TimestampToUTC(local, berlin)
	require.True(t, ok)
	require.Equal(t, "2024-07-01 10:00:00", utc.Text())
	require.Equal(t, local, TimestampFromUTC(utc, berlin))
	skipped, _, _ := ParseDateTime("2024-03-31 02:30:00", 0, 0, nil)
	utc, ok = TimestampToUTC(skipped, berlin)
	require.False(t, ok)
	require.Equal(t, "2024-03-31 01:00:00", utc.Text())
	for _, s := range []string{"1970-01-01 00:00:00", "2038-01-19 03:14:08"} {
		v, _, _ := ParseDateTime(s, 0, 0, nil)
		_, ok = TimestampToUTC(v, nil)
		require.False(t, ok, s)
	}
}

func FuzzTemporal(f *testing.F) {
	for _, s := range []string{"2024-01-02 03:04:05.5", "20240102", "1 10:11:12", "-838:59:59.9", "2024-01-02T03:04:05+02:00"} {
		f.Add(s, uint8(3))
	}
	f.Fuzz(func(t *testing.T, s string, fsp uint8) {
		fsp %= 7
		for _, flags := range []DateFlags{0, AllowZeroDate | AllowZeroInDate | AllowInvalidDate} {
			if v, _, ok := ParseDateTime(s, fsp, flags, nil); ok {
				require.True(t, PackedValid(int64(v.n)), "%q gives %s", s, v.Text())
				again, cut, ok := ParseDateTime(v.Text(), fsp, flags, nil)
				require.True(t, ok && !cut, "%q gives %s", s, v.Text())
				require.Equal(t, v, again)
			}
		}
		if v, _, ok := ParseTime(s, fsp); ok {
			require.LessOrEqual(t, int64(v.n), int64(MaxTimeMicros))
			require.GreaterOrEqual(t, int64(v.n), int64(-MaxTimeMicros))
			again, cut, ok := ParseTime(v.Text(), fsp)
			require.True(t, ok && !cut, "%q gives %s", s, v.Text())
			require.Equal(t, v.Text(), again.Text())
		}
	})
}
