package index

// MaxKeyLen is the longest key in bytes. It is above what any declared index can give, and a guard against runaways.
const MaxKeyLen = 1<<16 - 1

// MaxBatch is the most entries that one Scan returns: it bounds how long a reader holds the lock.
const MaxBatch = 256

// Kind is the structure and key form of an index.
type Kind uint8

const (
	Tree8     Kind = iota // ordered, Key.Int
	TreeBytes             // ordered, Key.Bytes
	HashBytes             // equality only, Key.Bytes
	Hash8                 // equality only, Key.Int
)

// Ordered reports whether the kind can be scanned by range.
func (k Kind) Ordered() bool { return k == Tree8 || k == TreeBytes }

// Int reports whether keys are Key.Int.
func (k Kind) Int() bool { return k == Tree8 || k == Hash8 }

// Key is a key in the form that the index has; the other field is ignored.
type Key struct {
	Int   uint64
	Bytes []byte
}

// IntKey returns an 8-byte key.
func IntKey(u uint64) Key { return Key{Int: u} }

// BytesKey returns a byte-string key. It keeps b.
func BytesKey(b []byte) Key { return Key{Bytes: b} }

// Entry is one (key, row id).
type Entry struct {
	Key Key
	Row uint64
}

// Verdict is what the transaction layer says of an existing entry with the key that is to be put.
type Verdict uint8

const (
	NoConflict Verdict = iota // the entry is stale, or the same row: look at the next one
	Duplicate                 // a committed or own row has the key
	Wait                      // another transaction's outcome decides: wait for its row outside the index, then retry
)

// Bound is an end of a range. The zero Bound is open.
type Bound struct {
	Key       Key
	Set       bool
	Inclusive bool // all row ids of Key are inside (true) or outside (false)
}

// Including returns a bound that contains k.
func Including(k Key) Bound { return Bound{Key: k, Set: true, Inclusive: true} }

// Excluding returns a bound that does not contain k.
func Excluding(k Key) Bound { return Bound{Key: k, Set: true} }

// Stats describes the size of an index.
type Stats struct {
	Entries   int
	Leaves    int
	Bytes     int64 // memory held, including free space
	KeyBytes  int64 // live key bytes in the arena
	DeadBytes int64 // arena bytes that no entry uses
}

// Index is one index. New makes one.
type Index interface {
	Kind() Kind

	// Put adds (k, row) and reports whether it was absent.
	Put(k Key, row uint64) (added bool, err error)

	// PutUnique adds (k, row) unless judge objects, in one hold of the lock. judge is asked about each other row id
	// that has exactly this key, in order, until it answers Duplicate or Wait; then nothing is put and that row id and
	// verdict are returned. On NoConflict the entry is there afterwards (it may have been before).
	PutUnique(k Key, row uint64, judge func(existing uint64) Verdict) (conflict uint64, v Verdict, err error)

	// Delete removes (k, row) and reports whether it was there.
	Delete(k Key, row uint64) bool

	// DeleteIf is Delete under the condition that ok, called with the lock held, says true.
	DeleteIf(k Key, row uint64, ok func() bool) bool

	// Has reports whether (k, row) is there.
	Has(k Key, row uint64) bool

	// Get appends the row ids that have exactly the key k, ascending, to dst.
	Get(k Key, dst []uint64) []uint64

	// Scan fills dst with the next entries of it, at most MaxBatch of them, and returns their number; 0 is the end (dst
	// must have room). See Iter.
	Scan(it *Iter, dst []Entry) (int, error)

	// Walk calls f with each entry in order (a hash: in no order) until it returns false. It works in batches like
	// Scan; the key belongs to the callee until f returns. It is for checks and dumps.
	Walk(f func(Entry) bool) error

	// BulkLoad replaces the content by the entries that next gives in strictly ascending (key, row id) order (a hash:
	// any order). On an error, of next or of order, the content stays. next may reuse the key's memory; n, the expected
	// number, is a hint.
	BulkLoad(n int, next func() (Entry, bool, error)) error

	// Estimate returns about how many entries are between lo and hi, in the time of two lookups and one step per hundred
	// thousand entries. Up to a thousand or two it is exact.
	Estimate(lo, hi Bound) (int, error)

	// Compact does one short step (some hundred microseconds) of returning memory that deleted keys left behind, if
	// there is enough of it, and reports whether there is more to do. Writers do such steps on their way, too.
	Compact() (more bool)

	// Len returns the number of entries.
	Len() int

	// Stats returns sizes.
	Stats() Stats

	// Check returns what is wrong with the inner structure.
	Check() []error
}

// New returns an empty index.
func New(k Kind) Index {
	switch k {
	case Tree8:
		return newTree[item8](k, order8{})
	case TreeBytes:
		return newTree[itemB](k, &orderB{})
	case Hash8, HashBytes:
		return newHash(k)
	}
	panic("index: unknown kind") // a constant of this package, chosen in code
}
