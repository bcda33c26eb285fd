package value

import (
	"database/sql/driver"
	"encoding/json"
	"math/big"
	"reflect"
	"time"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// FromGo converts a Go value: nil, bool, integers, floats, string, []byte (a binary string), time.Time (a DATETIME in
// UTC), time.Duration (a TIME), *big.Int, json.RawMessage, Value, driver.Valuer, pointers to these, and named types of
// these kinds. Bytes are copied.
func FromGo(x any) (Value, error) { return FromGoIn(x, time.UTC) }

// FromGoIn is FromGo with times taken in loc.
func FromGoIn(x any, loc *time.Location) (Value, error) {
	switch x := x.(type) {
	case nil:
		return Null, nil
	case int64:
		return Int(x), nil
	case string:
		return String(x), nil
	case []byte:
		if x == nil {
			return Null, nil
		}
		return Bytes(string(x)), nil
	case float64:
		return Float(x), nil
	case bool:
		return Bool(x), nil
	case int:
		return Int(int64(x)), nil
	case uint64:
		return Uint(x), nil
	case time.Time:
		return fromTime(x, loc), nil
	case Value:
		return x, nil
	case time.Duration:
		us := x.Round(time.Microsecond).Microseconds()
		if us > MaxTimeMicros || us < -MaxTimeMicros {
			return Null, sqlerr.New(sqlerr.TruncatedWrong, "time", x.String())
		}
		return Time(us, 6), nil
	case *big.Int:
		if x == nil {
			return Null, nil
		}
		return capDigits(DecimalBig(x, 0))
	case json.RawMessage:
		if x == nil {
			return Null, nil
		}
		text, err := NormalizeJSON(string(x))
		if err != nil {
			return Null, err
		}
		return JSON(text), nil
	case float32:
		return Float32(x), nil
	}
	return fromReflect(x, loc)
}

// fromTime gives the civil time in loc. The zero time.Time is the zero date, as with go-sql-driver.
func fromTime(t time.Time, loc *time.Location) Value {
	if t.IsZero() {
		return DateTime(0, 6)
	}
	if loc == nil {
		loc = time.UTC
	}
	return DateTimeFromTime(t.In(loc), 6)
}

// fromReflect handles pointers, Valuers and named types.
func fromReflect(x any, loc *time.Location) (Value, error) {
	rv := reflect.ValueOf(x)
	if valuer, ok := x.(driver.Valuer); ok {
		if rv.Kind() == reflect.Pointer && rv.IsNil() {
			return Null, nil
		}
		y, err := valuer.Value()
		if err != nil {
			return Null, err
		}
		if _, again := y.(driver.Valuer); again {
			return Null, sqlerr.New(sqlerr.UnsupportedGoType, rv.Type().String())
		}
		return FromGoIn(y, loc)
	}
	switch rv.Kind() {
	case reflect.Pointer:
		if rv.IsNil() {
			return Null, nil
		}
		return FromGoIn(rv.Elem().Interface(), loc)
	case reflect.Bool:
		return Bool(rv.Bool()), nil
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return Int(rv.Int()), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		return Uint(rv.Uint()), nil
	case reflect.Float32:
		return Float32(float32(rv.Float())), nil
	case reflect.Float64:
		return Float(rv.Float()), nil
	case reflect.String:
		return String(rv.String()), nil
	case reflect.Slice:
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			if rv.IsNil() {
				return Null, nil
			}
			return Bytes(string(rv.Bytes())), nil
		}
	case reflect.Struct:
		if rv.Type().ConvertibleTo(timeType) {
			return fromTime(rv.Convert(timeType).Interface().(time.Time), loc), nil
		}
	}
	return Null, sqlerr.New(sqlerr.UnsupportedGoType, rv.Type().String())
}

var timeType = reflect.TypeFor[time.Time]()

// ToGo returns nil, int64, uint64, float64 (float32 for a FLOAT), string (character strings, DECIMAL, JSON, ENUM, SET,
// TIME), []byte (binary strings and BIT), or time.Time in loc (UTC when nil); a date that does not exist is the zero
// time.Time. Nothing in the result aliases v.
func (v Value) ToGo(loc *time.Location) any {
	switch v.kind {
	case KindNull:
		return nil
	case KindInt:
		return int64(v.n)
	case KindUint:
		return v.n
	case KindFloat:
		if v.IsSingle() {
			return float32(v.Float64())
		}
		return v.Float64()
	case KindDate, KindDateTime:
		t, _ := v.ToTime(loc)
		return t
	case KindBytes, KindBit:
		return v.AppendText([]byte{})
	}
	return string(v.AppendText(nil))
}
