// Package collate holds the collations: how character strings compare, hash and sort.
//
// Three families of weights exist. The binary collations compare bytes, which for UTF-8 is the order of code
// points. utf8mb4_general_ci gives each character one weight, exactly MySQL's. utf8mb4_unicode_ci and
// utf8mb4_0900_ai_ci give each character the primary weights of the Unicode collation algorithm from
// golang.org/x/text (CLDR root): letters with and without accents or case are equal, ß equals ss, control
// characters do not count.
//
// Deviations from MySQL, all in the last family: the tables are of another Unicode version (MySQL has 4.0 for
// unicode_ci and 9.0 for 0900_ai_ci), so that symbols and rare characters may sort elsewhere; under unicode_ci letters
// with a stroke equal those without (ø = o, đ = d, as under 0900_ai_ci) and supplementary characters differ from each
// other; weights are taken character by character, so that contractions have no effect.
//
// Equality, order, keys and hashes follow from one stream of weights and agree. EqualRune compares the weights of
// two characters, which is how LIKE differs from = in MySQL too ('ß' = 'ss', yet not LIKE it).
//
// Strings that are not UTF-8 compare by their valid characters, with the replacement character for each bad byte.
//
// Concurrency: everything here is safe for concurrent use. Weights are built a block of 256 characters at a time,
// on first use.
package collate

import (
	"sort"
	"strings"
)

// ID is a collation. The numbers are MySQL's and are stored in the catalogue.
type ID uint16

// The supported collations.
const (
	Binary         ID = 63  // binary strings: bytes, NO PAD
	UTF8MB40900Bin ID = 309 // utf8mb4_0900_bin: bytes, NO PAD; the default
	UTF8MB4Bin     ID = 46  // utf8mb4_bin: bytes, PAD SPACE
	GeneralCI      ID = 45  // utf8mb4_general_ci: PAD SPACE, case and accents folded character by character
	UnicodeCI      ID = 224 // utf8mb4_unicode_ci: PAD SPACE
	UTF8MB40900AI  ID = 255 // utf8mb4_0900_ai_ci: NO PAD
)

// Default is the collation of a character column or literal that names none.
const Default = UTF8MB40900Bin

// Collation is one collation.
type Collation struct {
	ID        ID
	Name      string
	Charset   string
	IsDefault bool   // of its character set
	PadSpace  bool   // trailing spaces do not count
	Bytewise  bool   // compares by bytes (after padding)
	Version   uint32 // of the weights and the keys made of them; stored by indexes
	SortLen   int    // as SHOW COLLATION prints it
	weights   *weightTable
}

// Character sets.
const (
	charsetUTF8   = "utf8mb4"
	charsetBinary = "binary"
)

var collations = map[ID]*Collation{
	Binary:         {ID: Binary, Name: "binary", Charset: charsetBinary, IsDefault: true, Bytewise: true, Version: 1, SortLen: 1},
	UTF8MB40900Bin: {ID: UTF8MB40900Bin, Name: "utf8mb4_0900_bin", Charset: charsetUTF8, IsDefault: true, Bytewise: true, Version: 1, SortLen: 1},
	UTF8MB4Bin:     {ID: UTF8MB4Bin, Name: "utf8mb4_bin", Charset: charsetUTF8, PadSpace: true, Bytewise: true, Version: 1, SortLen: 1},
	GeneralCI:      {ID: GeneralCI, Name: "utf8mb4_general_ci", Charset: charsetUTF8, PadSpace: true, Version: 1, SortLen: 1, weights: generalWeights},
	UnicodeCI:      {ID: UnicodeCI, Name: "utf8mb4_unicode_ci", Charset: charsetUTF8, PadSpace: true, Version: ucaVersion, SortLen: 8, weights: ucaWeights},
	UTF8MB40900AI:  {ID: UTF8MB40900AI, Name: "utf8mb4_0900_ai_ci", Charset: charsetUTF8, Version: ucaVersion, SortLen: 0, weights: ucaWeights},
}

// names maps names to collations: the collations' own, and those of other character sets, whose text is kept as
// UTF-8 here, to the nearest in behaviour.
var names = map[string]ID{
	"utf8mb3_bin": UTF8MB4Bin, "utf8_bin": UTF8MB4Bin, "latin1_bin": UTF8MB4Bin, "ascii_bin": UTF8MB4Bin,
	"latin1_general_cs": UTF8MB4Bin, "utf8mb4_0900_as_cs": UTF8MB40900Bin,
	"utf8mb3_general_ci": GeneralCI, "utf8_general_ci": GeneralCI, "ascii_general_ci": GeneralCI,
	"latin1_swedish_ci": GeneralCI, "latin1_general_ci": GeneralCI,
	"utf8mb3_unicode_ci": UnicodeCI, "utf8_unicode_ci": UnicodeCI, "utf8mb4_unicode_520_ci": UnicodeCI,
	"utf8mb3_unicode_520_ci": UnicodeCI, "utf8_unicode_520_ci": UnicodeCI,
}

// charsets maps names of character sets to the one that stores them and their default collation.
var charsets = map[string]struct {
	name string
	id   ID
}{
	"utf8mb4": {charsetUTF8, Default},
	"utf8mb3": {charsetUTF8, GeneralCI},
	"utf8":    {charsetUTF8, GeneralCI},
	"latin1":  {charsetUTF8, GeneralCI},
	"ascii":   {charsetUTF8, GeneralCI},
	"binary":  {charsetBinary, Binary},
}

func init() {
	for id, c := range collations {
		names[c.Name] = id
	}
}

// Get returns the collation with the id; an unknown id gives Default's.
func Get(id ID) *Collation {
	// A switch, because a map lookup costs more than most comparisons.
	switch id {
	case UTF8MB40900Bin:
		return defaultCollation
	case GeneralCI:
		return generalCollation
	case UTF8MB40900AI:
		return ucaCollation
	case UTF8MB4Bin:
		return paddedBinCollation
	case UnicodeCI:
		return unicodeCollation
	case Binary:
		return binaryCollation
	}
	return defaultCollation
}

var (
	defaultCollation   = collations[UTF8MB40900Bin]
	generalCollation   = collations[GeneralCI]
	ucaCollation       = collations[UTF8MB40900AI]
	paddedBinCollation = collations[UTF8MB4Bin]
	unicodeCollation   = collations[UnicodeCI]
	binaryCollation    = collations[Binary]
)

// Known reports whether the id is a supported collation.
func Known(id ID) bool {
	_, ok := collations[id]
	return ok
}

// ByName finds a collation by its name or alias, in any case.
func ByName(name string) (ID, bool) {
	id, ok := names[strings.ToLower(name)]
	return id, ok
}

// All returns the collations in order of id. The slice is the caller's.
func All() []*Collation {
	all := make([]*Collation, 0, len(collations))
	for _, c := range collations {
		all = append(all, c)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].ID < all[j].ID })
	return all
}

// CharsetDefault returns the default collation of a character set (utf8mb4, utf8, utf8mb3, latin1, ascii, binary).
func CharsetDefault(charset string) (ID, bool) {
	c, ok := charsets[strings.ToLower(charset)]
	return c.id, ok
}

// CharsetOf returns the character set that stores text of the one called name: utf8mb4 for utf8, utf8mb3, latin1
// and ascii.
func CharsetOf(name string) (string, bool) {
	c, ok := charsets[strings.ToLower(name)]
	return c.name, ok
}

// Fits reports whether a collation belongs to a character set, by their names: a collation's starts with the character
// set's, and utf8 is another word for utf8mb3.
func Fits(collation, charset string) bool {
	prefix, _, _ := strings.Cut(collation, "_")
	return plainCharset(prefix) == plainCharset(charset)
}

// plainCharset resolves the alias utf8.
func plainCharset(name string) string {
	if name = strings.ToLower(name); name == "utf8" {
		return "utf8mb3"
	}
	return name
}

// Name returns the collation's name.
func (id ID) Name() string { return Get(id).Name }

// Charset returns the collation's character set.
func (id ID) Charset() string { return Get(id).Charset }

// Version returns the version of the collation's weights and keys.
func (id ID) Version() uint32 { return Get(id).Version }

// IsBytewise reports whether strings compare by their bytes, apart from padding.
func (id ID) IsBytewise() bool { return Get(id).Bytewise }
