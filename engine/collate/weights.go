package collate

import (
	"strconv"
	"sync/atomic"
	"unicode/utf8"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// A weight is a character's place in the order. Weights are at least 1 and below 1<<23; a character has none (it
// does not count), one, or several (ß weighs like ss).
type weight = uint32

// block holds the weights of 256 characters: those of character i are list[start[i]:start[i+1]].
type block struct {
	start [257]uint16
	list  []weight
}

// weightTable holds the weights of all characters, in blocks that are built on first use. Two goroutines may build the
// same block; the results are equal and either may stay.
type weightTable struct {
	blocks [(utf8.MaxRune + 1) / 256]atomic.Pointer[block]
	build  func(first rune) *block
	ascii  [utf8.RuneSelf]weight // 0: not exactly one weight
	space  weight
}

func newWeightTable(build func(first rune) *block) *weightTable {
	t := &weightTable{build: build}
	b := build(0)
	for r := range t.ascii {
		if w := b.of(uint8(r)); len(w) == 1 {
			t.ascii[r] = w[0]
		}
	}
	t.space = t.ascii[' ']
	t.blocks[0].Store(b)
	return t
}

func (b *block) of(i uint8) []weight { return b.list[b.start[i]:b.start[int(i)+1]] }

// of returns the weights of a character. The slice is shared.
func (t *weightTable) of(r rune) []weight {
	if r < 0 || r > utf8.MaxRune {
		r = utf8.RuneError
	}
	slot := &t.blocks[r>>8]
	b := slot.Load()
	if b == nil {
		b = t.build(r &^ 255)
		slot.Store(b)
	}
	return b.of(uint8(r))
}

// generalWeights are those of utf8mb4_general_ci: one 16-bit weight per character.
var generalWeights = newWeightTable(func(first rune) *block {
	b := &block{list: make([]weight, 256)}
	for i := range 256 {
		b.start[i+1] = uint16(i + 1)
		r := first + rune(i)
		switch {
		case r == 0:
			b.list[i] = 1 // 0 is not a weight; U+0001, which shares this one, is as rare
		case r > 0xFFFF:
			b.list[i] = utf8.RuneError // all supplementary characters are equal
		default:
			b.list[i] = weight(r)
		}
	}
	for _, run := range generalRuns {
		for r, w := rune(run.lo), run.w; r <= rune(run.hi); r += rune(run.step) {
			if r&^255 == first {
				b.list[r-first] = weight(w)
			}
			if !run.flat {
				w += uint16(run.step)
			}
		}
	}
	return b
})

// ucaWeights are the primary weights of the Unicode collation algorithm.
var ucaWeights = newWeightTable(func(first rune) *block {
	c := collate.New(language.Und, collate.Loose)
	var buf collate.Buffer
	b := &block{}
	for i := range 256 {
		r := first + rune(i)
		if utf8.ValidRune(r) {
			buf.Reset()
			b.list = appendPrimaries(b.list, c.KeyFromString(&buf, string(r)))
		}
		b.start[i+1] = uint16(len(b.list))
	}
	return b
})

// appendPrimaries takes a key of golang.org/x/text apart: primary weights are two bytes, or three when the first
// has its high bit set.
func appendPrimaries(list []weight, key []byte) []weight {
	for len(key) >= 2 {
		if key[0]&0x80 == 0 {
			list = append(list, weight(key[0])<<8|weight(key[1]))
			key = key[2:]
			continue
		}
		if len(key) < 3 {
			break
		}
		list = append(list, weight(key[0]&0x7f)<<16|weight(key[1])<<8|weight(key[2]))
		key = key[3:]
	}
	return list
}

// ucaVersion grows with the encoding of keys and with the tables of golang.org/x/text.
var ucaVersion = func() uint32 {
	const encoding = 1
	cldr, err := strconv.ParseUint(collate.CLDRVersion, 10, 16)
	if err != nil {
		// Not a plain number: any stable number that follows the text will do.
		for _, c := range []byte(collate.CLDRVersion) {
			cldr = (cldr*31 + uint64(c)) & 0xFFFF
		}
	}
	return encoding<<16 | uint32(cldr)
}()

// stream yields the weights of a string one by one.
type stream struct {
	s    string
	t    *weightTable
	more []weight // rest of the weights of the last character
}

// next returns the next weight; ok is false at the end.
func (x *stream) next() (w weight, ok bool) {
	for {
		if len(x.more) > 0 {
			w, x.more = x.more[0], x.more[1:]
			return w, true
		}
		if x.s == "" {
			return 0, false
		}
		if c := x.s[0]; c < utf8.RuneSelf {
			x.s = x.s[1:]
			if w = x.t.ascii[c]; w != 0 {
				return w, true
			}
			x.more = x.t.of(rune(c))
			continue
		}
		r, n := utf8.DecodeRuneInString(x.s)
		x.s = x.s[n:]
		x.more = x.t.of(r)
	}
}
