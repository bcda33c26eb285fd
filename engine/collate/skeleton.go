package collate

// Collation is one collation.
type Collation struct {
	ID        ID
	Name      string
	Charset   string
	IsDefault bool   // of its character set
	PadSpace  bool   // trailing spaces do not count
	Bytewise  bool   // compares by bytes (after padding)
	Version   uint32 // of the weights; stored by indexes
	SortLen   int    // as SHOW COLLATION prints it
}

// Get returns the collation with the id; an unknown id gives Default's.
func Get(id ID) *Collation { return nil }

// Known reports whether the id is a supported collation.
func Known(id ID) bool { return false }

// ByName finds a collation by its name or alias, in any case.
func ByName(name string) (ID, bool) { return 0, false }

// All returns the collations in order of id. The slice is the caller's.
func All() []*Collation { return nil }

// CharsetDefault returns the default collation of a character set (utf8mb4, utf8, utf8mb3, latin1, ascii, binary).
func CharsetDefault(charset string) (ID, bool) { return 0, false }

// CharsetOf returns the canonical name of the charset that name (or an alias) means.
func CharsetOf(name string) (string, bool) { return "", false }

// Name returns the collation's name.
func (id ID) Name() string { return "" }

// Charset returns the collation's character set.
func (id ID) Charset() string { return "" }

// Version returns the version of the collation's weights.
func (id ID) Version() uint32 { return 0 }

// Compare orders a and b.
func Compare(id ID, a, b string) int { return 0 }

// Equal reports whether a and b compare equal.
func Equal(id ID, a, b string) bool { return false }

// Hash returns a hash that is the same for strings that compare equal.
func Hash(id ID, s string) uint64 { return 0 }

// AppendKey appends a key whose bytewise order is the collation's order. No key is a prefix of another, so keys
// can be followed by more.
func AppendKey(dst []byte, id ID, s string) []byte { return dst }

// SkipKey returns the length of the key at the head of b, or -1.
func SkipKey(id ID, b []byte) int { return -1 }

// EqualRune reports whether two characters match in LIKE.
func EqualRune(id ID, a, b rune) bool { return false }
