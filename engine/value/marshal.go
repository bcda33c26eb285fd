package value

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// kindNames are the names that the JSON form of a value uses. They are stored in the catalogue.
var kindNames = [...]string{
	KindInt: "int", KindUint: "uint", KindFloat: "float", KindDecimal: "decimal", KindString: "string",
	KindBytes: "bytes", KindDate: "date", KindDateTime: "datetime", KindTime: "time", KindJSON: "json",
	KindEnum: "enum", KindSet: "set", KindBit: "bit",
}

// String returns the kind's name, for messages.
func (k Kind) String() string {
	if int(k) < len(kindNames) && k != KindNull {
		return kindNames[k]
	}
	return "null"
}

// marshalled is the JSON form: every kind round-trips exactly.
type marshalled struct {
	Kind   string `json:"kind"`
	Text   string `json:"text,omitempty"`   // digits, text, or the packed number
	Base64 bool   `json:"base64,omitempty"` // text is base64: it is no UTF-8
	Scale  uint8  `json:"scale,omitempty"`
	Number uint64 `json:"number,omitempty"` // ENUM and SET
	Single bool   `json:"single,omitempty"`
	Year   bool   `json:"year,omitempty"`
}

// MarshalJSON writes the exact form of v as the catalogue keeps it, {"kind":"decimal","text":"-1.50"}; null for
// NULL. It is not the value's JSON in the sense of SQL.
func (v Value) MarshalJSON() ([]byte, error) {
	if v.kind == KindNull {
		return []byte("null"), nil
	}
	m := marshalled{Kind: v.kind.String(), Scale: v.scale, Single: v.IsSingle() && v.kind == KindFloat, Year: v.flags&flagYear != 0 && v.kind == KindInt}
	switch v.kind {
	case KindInt, KindDate, KindDateTime, KindTime:
		m.Text = strconv.FormatInt(int64(v.n), 10)
	case KindUint, KindBit:
		m.Text = strconv.FormatUint(v.n, 10)
	case KindFloat:
		m.Text = strconv.FormatFloat(v.Float64(), 'g', -1, 64)
	case KindDecimal:
		m.Text, m.Scale = v.DecimalString(), 0
	default:
		m.Text, m.Number = v.s, v.n
		if v.kind == KindBytes || !utf8.ValidString(v.s) {
			m.Text, m.Base64 = base64.StdEncoding.EncodeToString([]byte(v.s)), true
		}
	}
	return json.Marshal(m)
}

// UnmarshalJSON is the inverse of MarshalJSON.
func (v *Value) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		*v = Null
		return nil
	}
	var m marshalled
	if err := json.Unmarshal(data, &m); err != nil {
		return err
	}
	out, err := m.value()
	if err != nil {
		return fmt.Errorf("value of kind %q: %w", m.Kind, err)
	}
	*v = out
	return nil
}

func (m *marshalled) value() (v Value, err error) {
	text := m.Text
	if m.Base64 {
		b, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return Null, err
		}
		text = string(b)
	}
	for k, name := range kindNames {
		if name == m.Kind && name != "" {
			v.kind = Kind(k)
		}
	}
	v.scale = m.Scale
	switch v.kind {
	case KindInt, KindDate, KindDateTime, KindTime:
		var n int64
		n, err = strconv.ParseInt(text, 10, 64)
		v.n = uint64(n)
		if m.Year {
			v.flags |= flagYear
		}
	case KindUint, KindBit:
		v.n, err = strconv.ParseUint(text, 10, 64)
	case KindFloat:
		var f float64
		f, err = strconv.ParseFloat(text, 64)
		v.n = math.Float64bits(f)
		if m.Single {
			v.flags |= flagSingle
		}
	case KindDecimal:
		v, err = ParseDecimal(text)
	case KindNull:
		return Null, errors.New("unknown kind")
	default:
		v.s, v.n = text, m.Number
	}
	return v, err
}
