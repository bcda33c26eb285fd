// Package index keeps the entries (key, row id) of one index in order, or hashed.
//
// What an entry is. A row id is the heap's 64-bit row id; 0 and all ones are never one. A key has one of two forms, fixed when the
// index is made: eight bytes, as an order-preserving uint64 (Key.Int), or a byte string in memcmp order (Key.Bytes).
// Entries are ordered by key and, within a key, by row id, in unique indexes too: uniqueness is a verdict of the
// caller (PutUnique), because an entry may be stale and only the transaction layer can tell. No entry holds a Go
// pointer, so the garbage collector does not scan entries or keys.
//
// Concurrency. Every method may be called by any number of goroutines. Writers take the index's lock exclusively for
// one operation; Get takes it shared for one lookup and Scan for one batch, so that no reader holds it for the length
// of a result set. Callbacks (the judge of PutUnique, the condition of DeleteIf) run while the lock is held: they may
// read slots, versions and lock words, must not block, and must not call the index.
//
// What a Scan sees. Each batch is one consistent state. Over the whole scan, an entry that was there from the first
// batch to the last is returned exactly once, an entry put or deleted meanwhile at most once, all in order. The scan
// continues after the last (key, row id) returned even when that entry is gone.
//
// Memory. Keys in the entries that Scan fills belong to the Iter and are valid until its next Scan or Reset. Nothing
// given to an index is kept: key bytes are copied in.
//
// Errors. A key longer than MaxKeyLen, and a range scan of a hash, are errors of package sqlerr.
//
// Complexity. O(log n) for tree operations and to start a batch, O(1) per further entry; O(1) expected for a hash.
package index
