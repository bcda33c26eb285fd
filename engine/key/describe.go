package key

import (
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/value"
)

// maxDescription is where MySQL cuts the text of a key in error 1062.
const maxDescription = 64

// DescribeKey returns the text that MySQL's error 1062 has for the key: "1-abc".
func (e *Encoder) DescribeKey(vals []value.Value) string {
	var b strings.Builder
	for i := range vals {
		if i > 0 {
			b.WriteByte('-')
		}
		if i < len(e.parts) {
			e.parts[i].describe(&b, vals[i])
		}
	}
	s := b.String()
	if len(s) <= maxDescription {
		return s
	}
	n := maxDescription
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

func (p *part) describe(b *strings.Builder, v value.Value) {
	switch v.Kind() {
	case value.KindNull:
		b.WriteString("NULL")
	case value.KindString:
		b.WriteString(cutChars(v.Str(), p.prefix))
	case value.KindBytes, value.KindBit:
		s := v.Text()
		if p.prefix > 0 && len(s) > p.prefix {
			s = s[:p.prefix]
		}
		if p.form == formFixed {
			s = strings.TrimRight(s, "\x00")
		}
		writeEscaped(b, s)
	default:
		b.Write(p.typ.AppendText(nil, v))
	}
}

// writeEscaped writes bytes that are no printable ASCII as \xHH.
func writeEscaped(b *strings.Builder, s string) {
	const hex = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= ' ' && c <= '~' {
			b.WriteByte(c)
			continue
		}
		b.WriteString(`\x`)
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
}
