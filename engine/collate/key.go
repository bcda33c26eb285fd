package collate

import "strings"

// Keys are byte strings whose order is the order of the collation and of which none is a prefix of another.
//
// NO PAD, by bytes: the bytes, with 00 FF for each 00, then 00 00.
//
// NO PAD, by weights: each weight as two bytes, or three with the high bit set when it is 0x8000 or more, then 00 00. No
// weight is below 0x0100 there, so none starts with 00.
//
// PAD SPACE: chunks of eight bytes, or of four weights, filled up with spaces. Behind each chunk stands how what
// follows compares with endless spaces: less or greater, and then another chunk follows; or equal, and it ends.
const (
	padChunkBytes   = 8
	padChunkWeights = 4

	padLess    = 1
	padEqual   = 2
	padGreater = 3
)

// AppendKey appends a key whose bytewise order is the collation's order. No key is a prefix of another, so keys
// can be followed by more.
func AppendKey(dst []byte, id ID, s string) []byte {
	c := Get(id)
	switch {
	case !c.Bytewise:
		return c.appendWeightKey(dst, s)
	case c.PadSpace:
		return appendPaddedBytes(dst, s)
	}
	return appendEscaped(dst, s)
}

func appendEscaped(dst []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, 0)
		if i < 0 {
			break
		}
		dst = append(append(dst, s[:i]...), 0, 0xFF)
		s = s[i+1:]
	}
	return append(append(dst, s...), 0, 0)
}

func appendPaddedBytes(dst []byte, s string) []byte {
	s = strings.TrimRight(s, " ")
	for {
		if len(s) <= padChunkBytes {
			dst = append(dst, s...)
			for i := len(s); i < padChunkBytes; i++ {
				dst = append(dst, ' ')
			}
			return append(dst, padEqual)
		}
		dst = append(dst, s[:padChunkBytes]...)
		s = s[padChunkBytes:]
		// The rest is not all spaces, so it is less or greater.
		if compareToSpaces(s) < 0 {
			dst = append(dst, padLess)
		} else {
			dst = append(dst, padGreater)
		}
	}
}

func appendWeight(dst []byte, w weight) []byte {
	if w < 0x8000 {
		return append(dst, byte(w>>8), byte(w))
	}
	return append(dst, byte(w>>16)|0x80, byte(w>>8), byte(w))
}

func (c *Collation) appendWeightKey(dst []byte, s string) []byte {
	x := stream{s: s, t: c.weights}
	if !c.PadSpace {
		for {
			w, ok := x.next()
			if !ok {
				return append(dst, 0, 0)
			}
			dst = appendWeight(dst, w)
		}
	}
	space := c.weights.space
	n := 0       // weights in the open chunk
	marker := -1 // where the marker of the last closed chunk is to go
	spaces := 0  // spaces seen and not yet written: they count only when something follows
	for {
		w, ok := x.next()
		if !ok {
			break
		}
		if w == space {
			spaces++
			continue
		}
		for spaces += 1; spaces > 0; spaces-- {
			if n == padChunkWeights {
				marker = len(dst)
				dst = append(dst, 0)
				n = 0
			}
			if marker >= 0 && dst[marker] == 0 {
				// w is the first weight behind the marker that is not a space.
				dst[marker] = padGreater
				if w < space {
					dst[marker] = padLess
				}
			}
			if spaces > 1 {
				dst = appendWeight(dst, space)
			} else {
				dst = appendWeight(dst, w)
			}
			n++
		}
		spaces = 0
	}
	for ; n < padChunkWeights; n++ {
		dst = appendWeight(dst, space)
	}
	return append(dst, padEqual)
}
