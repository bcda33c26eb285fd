// Package collate holds the collations: how character strings compare, hash and sort.
//
// Concurrency: everything here is immutable after initialisation.
package collate

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
