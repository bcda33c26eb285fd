// Package heap holds the rows of one table in memory: pages, links, row slots, versions, overflow values, epochs.
//
// A Space is the memory of one storage id. It knows neither columns nor transactions: payloads are bytes, and the
// order of commits is the caller's. One Epochs is shared by all Spaces of a database.
//
// # Terms
//
// A row has a RowID: a slot number and a generation. Its slot holds the Link of its newest installed version and a
// lock word. A version is immutable: a 24-byte header (CSN, row id, payload length and flags, schema version) and a
// payload, at the place that its Link names. A version leads to the next older one by a prev word beside the page. A
// delete is a version too: a tombstone.
//
// # Life of a version
//
//	Append, AppendTombstone   writes it; only the caller knows its Link
//	Publish                   stamps the CSN, points it back to the former head, swings the slot: readers see it
//	Discard                   instead of Publish: forgets it at once
//	PruneChain, RetireSlot    unlink it; its bytes stay as they are until an epoch has passed
//	(reclaim)                 its bytes go to the empty-link stack, its overflow references are released
//
// # Life of a slot
//
//	NewSlot                   no version yet: invisible to everyone; the caller locks it by LockWord
//	Publish                   a row
//	Publish of a tombstone    deleted; older snapshots still find older versions
//	RetireSlot                from now on Head fails; after an epoch the slot is reused with the next generation
//
// # Who may do what, when
//
// Every function that takes or returns a Link or a Version must run inside a Pin, and what it returned is good until
// the Unpin: Head, Version, Prev, Visible, Versions, PruneChain, Scan…, ReadOverflow, Append and Discard of a chained
// version or of a payload that carries overflow references over from another version. A Link remembered over an Unpin is worth nothing, not even to compare:
// its place may hold another version by then; compare CSNs. NewSlot, Append, Discard, WriteOverflow, Visible and the
// scans may run in any goroutine at any time.
//
// Publish calls of one database are serialised by the caller (the commit section), in ascending CSN order. Publish
// allocates nothing and waits for nothing. PruneChain, RetireSlot and Vacuum's moves may run beside it and beside each
// other; they exclude each other per row inside. A row that is retired must be locked by its caller, so that nobody
// publishes to it.
//
// Retiring reclaims a little of what is ripe by itself; a background worker that calls Epochs.Reclaim and
// Space.Reclaim now and then brings the rest home, and Vacuum gives memory back.
//
// # Checkpoint and recovery
//
// A checkpoint: Freeze; take the snapshot t and keep it registered; Counters; DirtyPages; PageImage of each; when all
// are safe on disk ClearDirty of each; Thaw. The files then hold for every row the version that t sees, no others.
//
// Recovery: NewSpace; BeginLoad with the counters; LoadPage of every page, in parallel if you like; EndPages; replay of
// later commits (AdoptSlot for a new row, Append, Publish, PruneChain, RetireSlot); FinishLoad.
//
// # What publishes what (memory model)
//
// Page bytes are plain memory. They are written only by the one who allocated the range, before its Link becomes
// reachable through an atomic store (slot head, prev word, published bit), and read only through a Link that was
// loaded atomically. They are written again only when (1) the Link was removed from every such word, (2) an epoch has
// passed since, so that every Pin that might have loaded it is gone, and (3) the range went over the empty-link stack,
// whose compare-and-swap orders the reclaimer before the next owner. All other shared words are atomics in side arrays.
//
// # Why a reader never meets a hole in a chain
//
// A reader at snapshot S holds S registered in the caller's set of active snapshots, or S is at or above the horizon
// that the pruner was given. PruneChain removes a version only if no registered snapshot and no CSN from the horizon up
// falls between it and its successor, so the version that S sees stays linked. A reader that stands on a version
// while it is unlinked goes on through that version's own prev word, which stays intact for an epoch and leads to
// versions that are older still; the one that S sees is among them, for the pruner left it linked behind.
//
// # Errors and costs
//
// A full table is sqlerr.TableFull, a payload longer than MaxPayload sqlerr.RowTooLarge, corrupt images and dangling
// overflow references are sqlerr.CorruptTable. Misuse by the caller (a Link that was never handed out) may panic.
// Reading a row by id is O(versions newer than the snapshot), which PruneChain keeps at most the number of active
// snapshots; everything else is O(1) amortised, except Vacuum, Stats, Check, DirtyPages: O(pages). A row costs 24 bytes
// of header and 20 of slot beside its payload, and about 4 % of it for side words of pages.
package heap
