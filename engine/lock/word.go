package lock

import "sync/atomic"

// The lock word of a row slot is in one of three states.
//
//	free  0                                        nobody holds or wants the row
//	thin  0 | owner index 15 | S 24 | X 24         one owner holds it, nobody waits
//	fat   1 | 0                                    the truth is the record of the word in its stripe
//
// Who may change it:
//
//	free → thin    the acquiring owner, by CAS
//	thin → thin    the owner it names (upgrade, return to a savepoint), by CAS
//	thin → free    the owner it names, by CAS
//	free → fat     whoever has the stripe's latch, by CAS
//	thin → fat     whoever has the stripe's latch, by CAS; the record then lists the named owner with the word's columns
//	fat  → free    whoever has the stripe's latch, when the record has neither holder nor waiter
//
// So whoever has the latch and sees a fat word finds its record, and a thin word names a registered owner: an owner's
// index is given to another only after all its locks are released.
//
// Columns. A thin word has 24 bits for each set; column c uses bit c mod 24. A set bit stands for all columns that
// share it, and unfolding a word gives all of them. Folding thus only adds columns: there may be a conflict where
// there need not be, never the reverse. Tables of up to 24 columns lose nothing.
const (
	fat       = 1 << 63
	tagShift  = 48
	maskBits  = 24
	maskAll   = 1<<maskBits - 1
	maxTagged = 1<<15 - 1 // owners beyond this number have no index and always use records
)

func fold(m uint64) uint64 { return (m | m>>maskBits | m>>(2*maskBits)) & maskAll }

func unfold(f uint64) uint64 { return f | f<<maskBits | f<<(2*maskBits) }

// thinWord is the word by which the owner with the tag holds mode. S bits that X bits include are left out, so that equal
// locks are equal words.
func thinWord(tag uint64, m Mode) uint64 {
	x := fold(m.X)
	return tag | fold(m.S)&^x<<maskBits | x
}

// raise is a thin word with mode added.
func raise(w uint64, m Mode) uint64 {
	x := w&maskAll | fold(m.X)
	s := (w>>maskBits&maskAll | fold(m.S)) &^ x
	return wordTag(w) | s<<maskBits | x
}

// wordMode is the mode that a thin word gives its owner.
func wordMode(w uint64) Mode { return Mode{S: unfold(w >> maskBits & maskAll), X: unfold(w & maskAll)} }

// wordTag is the owner's index in place.
func wordTag(w uint64) uint64 { return w &^ (1<<tagShift - 1) }

// Resource is a row. Word is the lock word of its slot and identifies it: two row ids that share a slot (generations)
// share the lock. A word that nobody holds is 0. Only this package writes it.
type Resource struct {
	Space uint32
	Row   uint64
	Word  *atomic.Uint64
}

// Locked reports whether anybody holds or waits for anything on the row. It is one atomic load.
func Locked(word *atomic.Uint64) bool { return word.Load() != 0 }
