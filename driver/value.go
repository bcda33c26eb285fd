package driver

import (
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
	"unicode/utf8"
	"unsafe"

	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap"
)

// CheckNamedValue accepts what toValue takes; the rest goes through driver.Valuer and Go's kinds.
func (c *conn) CheckNamedValue(nv *driver.NamedValue) error {
	switch v := nv.Value.(type) {
	case nil, int64, uint64, float64, float32, bool, string, []byte, time.Time:
		return nil
	case int:
		nv.Value = int64(v) // what normalise does, for the kind that programs use most
		return nil
	}
	v, err := normalise(nv.Value)
	if err != nil {
		return err
	}
	nv.Value = v
	return nil
}

// normalise reduces a Go value to one that toValue takes.
func normalise(x any) (any, error) {
	if valuer, ok := x.(driver.Valuer); ok {
		v, err := callValuer(valuer)
		if err != nil {
			return nil, err
		}
		switch v.(type) {
		case nil, int64, uint64, float64, bool, string, []byte, time.Time:
			return v, nil
		}
		if _, again := v.(driver.Valuer); again {
			return nil, fmt.Errorf("worktable: Value of %T returned another driver.Valuer", x)
		}
		x = v
	}
	switch rv := reflect.ValueOf(x); rv.Kind() {
	case reflect.Invalid:
		return nil, nil
	case reflect.Pointer:
		if rv.IsNil() {
			return nil, nil
		}
		return normalise(rv.Elem().Interface())
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return rv.Int(), nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return rv.Uint(), nil
	case reflect.Float32:
		return float32(rv.Float()), nil
	case reflect.Float64:
		return rv.Float(), nil
	case reflect.Bool:
		return rv.Bool(), nil
	case reflect.String:
		return rv.String(), nil
	case reflect.Slice:
		if rv.IsNil() {
			return nil, nil
		}
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			if rv.Type() == jsonRawMessage {
				return string(rv.Bytes()), nil
			}
			return rv.Bytes(), nil
		}
	case reflect.Array:
		if rv.Type().Elem().Kind() == reflect.Uint8 {
			b := make([]byte, rv.Len())
			reflect.Copy(reflect.ValueOf(b), rv)
			return b, nil
		}
	case reflect.Struct:
		if rv.Type().ConvertibleTo(timeType) {
			return rv.Convert(timeType).Interface(), nil
		}
	}
	return nil, fmt.Errorf("worktable: unsupported argument type %T", x)
}

// callValuer calls Value; a nil pointer whose Value method is the element's stands for NULL, as in database/sql.
func callValuer(v driver.Valuer) (any, error) {
	if rv := reflect.ValueOf(v); rv.Kind() == reflect.Pointer && rv.IsNil() &&
		rv.Type().Elem().Implements(valuerType) {
		return nil, nil
	}
	return v.Value()
}

// arguments converts database/sql's arguments. Named and positional ones are not mixed.
func (c *conn) arguments(args []driver.NamedValue) (sqlmap.Args, error) {
	if len(args) == 0 {
		return sqlmap.Args{}, nil
	}
	a := sqlmap.Args{Values: make([]value.Value, len(args))}
	for i := range args {
		v, err := c.toValue(args[i].Value)
		if err != nil {
			return sqlmap.Args{}, err
		}
		a.Values[i] = v
		if (args[i].Name != "") != (args[0].Name != "") {
			return sqlmap.Args{}, fmt.Errorf("worktable: named and positional arguments are mixed")
		}
		if args[i].Name != "" {
			a.Names = append(a.Names, args[i].Name)
		}
	}
	return a, nil
}

// toValue converts one argument. Strings and bytes are not copied: the statement does not keep them.
func (c *conn) toValue(x any) (value.Value, error) {
	switch x := x.(type) {
	case nil:
		return value.Null, nil
	case int64:
		return value.Int(x), nil
	case uint64:
		if x <= math.MaxInt64 {
			return value.Int(int64(x)), nil
		}
		return value.Uint(x), nil
	case float64:
		if math.IsNaN(x) || math.IsInf(x, 0) {
			return value.Null, fmt.Errorf("worktable: argument %v has no SQL value", x)
		}
		return value.Float(x), nil
	case float32:
		return c.toValue(float64Of(x))
	case bool:
		return value.Bool(x), nil
	case string:
		if !utf8.ValidString(x) {
			return value.Bytes(x), nil
		}
		return value.String(x), nil
	case []byte:
		if x == nil {
			return value.Null, nil
		}
		return value.Bytes(unsafe.String(unsafe.SliceData(x), len(x))), nil
	case time.Time:
		if x.IsZero() {
			return value.DateTime(0, 0), nil
		}
		return value.DateTimeFromTime(x.In(c.cfg.Loc).Round(time.Microsecond), 6), nil
	}
	v, err := normalise(x)
	if err != nil {
		return value.Null, err
	}
	return c.toValue(v)
}

// ownBytes makes the arguments independent of the caller's byte slices, which are the caller's again when Query returns,
// while rows that are still being read are computed from the arguments.
func ownBytes(vals []value.Value) {
	for i, v := range vals {
		if v.Kind() == value.KindBytes {
			vals[i] = value.Bytes(strings.Clone(v.Str()))
		}
	}
}

// fromValue converts one result value to what database/sql scans. Bytes are in r.text, good until the next row.
func (r *rows) fromValue(v value.Value, t *value.Type) driver.Value {
	switch v.Kind() {
	case value.KindNull:
		return nil
	case value.KindInt:
		if t.Zerofill {
			return r.keep(t.AppendText(r.text, v))
		}
		return v.Int64()
	case value.KindUint:
		if t.Zerofill {
			return r.keep(t.AppendText(r.text, v))
		}
		if u := v.Uint64(); u > math.MaxInt64 {
			return u
		}
		return int64(v.Uint64())
	case value.KindFloat:
		if v.IsSingle() {
			return float32(v.Float64())
		}
		return v.Float64()
	case value.KindString, value.KindBytes, value.KindJSON, value.KindEnum, value.KindSet:
		return r.keep(append(r.text, v.Str()...))
	case value.KindDate, value.KindDateTime:
		if r.conn.cfg.ParseTime {
			if v.Raw64() == 0 {
				return time.Time{}
			}
			if tm, ok := v.ToTime(r.conn.cfg.Loc); ok {
				return tm
			}
		}
	}
	return r.keep(v.AppendText(r.text))
}

// put sets dest to a result value. database/sql hands in the row before, and what is equal in it stays: making an interface
// value of an integer or of a slice allocates.
func (r *rows) put(dest *driver.Value, v value.Value, t *value.Type) {
	switch v.Kind() {
	case value.KindInt:
		if old, ok := (*dest).(int64); ok && old == v.Int64() && !t.Zerofill {
			return
		}
	case value.KindString, value.KindBytes, value.KindJSON:
		b := r.keep(append(r.text, v.Str()...))
		// The same bytes of r.text, which this row has written over.
		if old, ok := (*dest).([]byte); ok && len(old) == len(b) && unsafe.SliceData(old) == unsafe.SliceData(b) {
			return
		}
		*dest = b
		return
	}
	*dest = r.fromValue(v, t)
}

// keep takes over r.text with something appended and returns what was appended. Growing may move the buffer; what was
// returned before stays where it is.
func (r *rows) keep(longer []byte) []byte {
	at := len(r.text)
	r.text = longer
	if longer == nil {
		return []byte{}
	}
	return longer[at:len(longer):len(longer)]
}
