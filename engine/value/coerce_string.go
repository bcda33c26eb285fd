package value

import (
	"strings"
	"unicode/utf8"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

func runeCount(s string) int { return utf8.RuneCountInString(s) }

// tooLong is 1406, or the warning 1265 when not strict.
func (c *coercion) tooLong() error {
	if c.opt.NonStrict {
		c.note()
		return nil
	}
	return sqlerr.New(sqlerr.DataTooLong, c.opt.Column, c.row())
}

// text stores into CHAR, VARCHAR and the TEXTs.
func (c *coercion) text(v Value) (Value, error) {
	s := v.Text()
	if v.kind == KindDecimal || v.kind == KindInt && v.flags == 0 {
		// Digits: nothing to check but the length.
	} else if !utf8.ValidString(s) {
		if err := c.invalidText(s); err != nil {
			return Null, err
		}
		s = s[:validPrefix(s)]
	}
	limit := int(min(c.t.MaxChars(), 1<<40))
	var err error
	if len(s) > limit {
		if v.kind == KindFloat && !c.t.IsLOB() {
			// A double gives up digits instead.
			if fit, ok := fitFloat(v.Float64(), limit); ok {
				return String(fit), nil
			}
		}
		if c.t.IsLOB() {
			cut := cutBytes(s, limit)
			return String(s[:cut]), c.tooLong()
		}
		if n := charOffset(s, limit); n < len(s) {
			if strings.TrimRight(s[n:], " ") != "" {
				err = c.tooLong()
			} else if c.t.ID == TypeVarChar {
				c.note()
			}
			s = s[:n]
		}
	}
	if c.t.ID == TypeChar {
		s = strings.TrimRight(s, " ")
	}
	return String(s), err
}

// charOffset returns the byte offset of character n, or len(s).
func charOffset(s string, n int) int {
	if len(s) <= n {
		return len(s)
	}
	i := 0
	for ; n > 0 && i < len(s); n-- {
		if s[i] < utf8.RuneSelf {
			i++
			continue
		}
		_, w := utf8.DecodeRuneInString(s[i:])
		i += w
	}
	return i
}

// cutBytes returns the greatest length of at most n that does not split a character.
func cutBytes(s string, n int) int {
	for n > 0 && n < len(s) && !utf8.RuneStart(s[n]) {
		n--
	}
	return n
}

// validPrefix returns the length of the valid UTF-8 at the head of s.
func validPrefix(s string) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(s)
}

// invalidText is MySQL's 1366 with up to six of the bytes that are no UTF-8.
func (c *coercion) invalidText(s string) error {
	bad := s[validPrefix(s):]
	var shown []byte
	for i := 0; i < len(bad) && i < 6; i++ {
		if bad[i] >= utf8.RuneSelf || bad[i] < ' ' {
			shown = appendHexByte(shown, bad[i])
		} else {
			shown = append(shown, bad[i])
		}
	}
	if len(bad) > 6 {
		shown = append(shown, "..."...)
	}
	return c.fail(sqlerr.New(sqlerr.IncorrectValue, "string", string(shown), c.opt.Column, c.row()))
}

// binary stores into BINARY, VARBINARY and the BLOBs.
func (c *coercion) binary(v Value) (Value, error) {
	s := v.Text()
	limit := int(min(c.t.MaxBytes(), 1<<40))
	if len(s) > limit {
		return Bytes(s[:limit]), c.tooLong()
	}
	if c.t.ID == TypeBinary && len(s) < limit {
		s += strings.Repeat("\x00", limit-len(s))
	}
	return Bytes(s), nil
}
