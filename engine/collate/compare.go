package collate

import (
	"hash/maphash"
	"strings"
	"unicode/utf8"
)

// Compare orders a and b: negative, 0 or positive.
func Compare(id ID, a, b string) int {
	c := Get(id)
	if c.Bytewise {
		if c.PadSpace {
			return comparePadded(a, b)
		}
		return strings.Compare(a, b)
	}
	if a == b {
		return 0
	}
	return c.compareWeights(a, b)
}

// comparePadded compares bytes as if the shorter string went on with spaces.
func comparePadded(a, b string) int {
	n := min(len(a), len(b))
	if c := strings.Compare(a[:n], b[:n]); c != 0 {
		return c
	}
	if c := compareToSpaces(a[n:]); c != 0 {
		return c
	}
	return -compareToSpaces(b[n:])
}

// compareToSpaces compares s with endless spaces.
func compareToSpaces(s string) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] < ' ':
			return -1
		case s[i] > ' ':
			return 1
		}
	}
	return 0
}

func (c *Collation) compareWeights(a, b string) int {
	t := c.weights
	// A common start weighs the same; only whole characters may be skipped, and ASCII is always whole.
	for a != "" && b != "" {
		ca, cb := a[0], b[0]
		if ca >= utf8.RuneSelf || cb >= utf8.RuneSelf {
			break
		}
		if ca != cb {
			wa, wb := t.ascii[ca], t.ascii[cb]
			if wa == 0 || wb == 0 {
				break
			}
			if wa != wb {
				return order(wa, wb)
			}
		}
		a, b = a[1:], b[1:]
	}
	x, y := stream{s: a, t: t}, stream{s: b, t: t}
	for {
		wa, oka := x.next()
		wb, okb := y.next()
		if !oka && !okb {
			return 0
		}
		if !oka || !okb {
			if !c.PadSpace {
				if oka {
					return 1
				}
				return -1
			}
			if !oka {
				wa = t.space
			} else {
				wb = t.space
			}
		}
		if wa != wb {
			return order(wa, wb)
		}
	}
}

func order(a, b weight) int {
	if a < b {
		return -1
	}
	return 1
}

// Equal reports whether a and b compare equal.
func Equal(id ID, a, b string) bool {
	c := Get(id)
	if c.Bytewise && !c.PadSpace {
		return a == b
	}
	return Compare(id, a, b) == 0
}

// seed is of this process: hashes are never stored.
var seed = maphash.MakeSeed()

// Hash returns a hash that is the same for strings that compare equal. It differs from process to process.
func Hash(id ID, s string) uint64 {
	c := Get(id)
	if c.Bytewise {
		if c.PadSpace {
			s = strings.TrimRight(s, " ")
		}
		return maphash.String(seed, s)
	}
	var buf [128]byte
	return maphash.Bytes(seed, c.appendWeightKey(buf[:0], s))
}

// EqualRune reports whether two characters match in LIKE.
func EqualRune(id ID, a, b rune) bool {
	if a == b {
		return true
	}
	c := Get(id)
	if c.Bytewise {
		return false
	}
	wa, wb := c.weights.of(a), c.weights.of(b)
	if len(wa) != len(wb) || len(wa) == 0 {
		return false
	}
	for i := range wa {
		if wa[i] != wb[i] {
			return false
		}
	}
	return true
}

// Index finds sub in s, character by character as EqualRune sees them, and returns the bytes [start, end) that
// match; start is -1 when there is no match.
func Index(id ID, s, sub string) (start, end int) {
	if Get(id).Bytewise {
		if start = strings.Index(s, sub); start < 0 {
			return -1, -1
		}
		return start, start + len(sub)
	}
	for start = 0; start <= len(s); {
		if n, ok := matchPrefix(id, s[start:], sub); ok {
			return start, start + n
		}
		if start == len(s) {
			break
		}
		_, n := utf8.DecodeRuneInString(s[start:])
		start += n
	}
	return -1, -1
}

// matchPrefix reports whether s starts with sub, and over how many bytes.
func matchPrefix(id ID, s, sub string) (int, bool) {
	i := 0
	for _, want := range sub {
		if i == len(s) {
			return 0, false
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if !EqualRune(id, r, want) {
			return 0, false
		}
		i += n
	}
	return i, true
}
