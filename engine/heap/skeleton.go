package heap

import "sync/atomic"

// Options configures a Space. Zero fields take their defaults.
type Options struct {
	Name     string // of the table, for error 1114
	PageSize int    // 4096 (default) to 65536, a power of two; tests may use 512 and up
	MaxPages uint32 // highest page number; default 1<<32-2
	MaxSlots uint64 // default 1<<40
	// OverflowRefs appends the overflow references in a payload whose version has FlagOverflow. Needed as soon as
	// one is appended. It must not keep payload and is called concurrently.
	OverflowRefs func(schemaVersion uint32, payload []byte, dst []uint64) []uint64

	SlotChunkBits int // log2 of the largest slot chunk; tests set it small
	PageChunkBits int // log2 of the pages in the largest slab; tests set it small
}

// HeaderSize is the part at the start of a page image that belongs to persistence.
const HeaderSize = 64

// Space is the memory of one table.
type Space struct{}

// NewSpace returns an empty Space. It takes a few KiB.
func NewSpace(storage uint32, e *Epochs, o Options) (*Space, error) { return &Space{}, nil }

// Storage returns the storage id.
func (s *Space) Storage() uint32 { return 0 }

// PageSize returns the page size.
func (s *Space) PageSize() int { return 0 }

// MaxPayload returns the longest payload that fits into a page.
func (s *Space) MaxPayload() int { return 0 }

// --- epochs ---

// Epochs tells when memory that readers might still see may be reused.
type Epochs struct{}

// NewEpochs returns an Epochs.
func NewEpochs() *Epochs { return &Epochs{} }

// Guard is one Pin. Copying is fine; Unpin exactly once.
type Guard struct{}

// Pin keeps all memory reachable from now on as it is until Unpin. Pins nest and cost a few nanoseconds. They must
// be short: a batch of rows, never a wait.
func (e *Epochs) Pin() Guard { return Guard{} }

// Unpin ends the Pin.
func (g Guard) Unpin() {}

// Retire calls f once after every Pin from before is gone. f runs in some goroutine that retires or reclaims and must
// be short.
func (e *Epochs) Retire(f func()) {}

// Reclaim advances the epoch as far as the Pins allow and runs what became ripe. It never waits. For the background
// worker.
func (e *Epochs) Reclaim() {}

// --- slots ---

// NewSlot takes a slot for a new row. It has no version, and its lock word is zero. 1114 when the table is full.
func (s *Space) NewSlot() (RowID, error) { return 0, nil }

// RetireSlot ends a row: Head fails from now on, every version of the chain is unlinked and reclaimed after an epoch,
// and then the slot is reused with the next generation (not before its lock word is zero). Called when no index entry
// leads to the row any more: after a rolled-back insert, or when PruneChain said Dead. False when id was retired before.
func (s *Space) RetireSlot(id RowID) bool { return false }

// Head returns the newest installed version of the row: 0, true when none was installed yet; false when the row is
// gone (the generation does not match).
func (s *Space) Head(id RowID) (Link, bool) { return 0, false }

// LockWord returns the lock word of the row's slot, nil when there is no such slot. It stays valid for the Space's
// life; heap itself only checks that it is zero before the slot is reused. A holder must check Head afterwards: the
// slot may belong to another generation.
func (s *Space) LockWord(id RowID) *atomic.Uint64 { return nil }

// SlotCount returns one more than the highest slot number in use: the end of a scan.
func (s *Space) SlotCount() uint64 { return 0 }

// Rows returns the number of rows whose newest installed version is no tombstone.
func (s *Space) Rows() int64 { return 0 }

// ScanRow is one row of ScanVisible.
type ScanRow struct {
	ID RowID
	V  Version
}

// ScanHead is one row of ScanHeads.
type ScanHead struct {
	ID   RowID
	Link Link
}

// ScanVisible fills dst with the rows, in slot order from slot number from, that snapshot sees. It returns how many
// and the slot number to go on with; the scan is at its end when next ≥ SlotCount() as it was at the start.
func (s *Space) ScanVisible(from, end uint64, snapshot CSN, dst []ScanRow) (n int, next uint64) {
	return 0, end
}

// ScanHeads is ScanVisible for the newest installed versions, tombstones included.
func (s *Space) ScanHeads(from, end uint64, dst []ScanHead) (n int, next uint64) { return 0, end }

// --- versions ---

// Append writes a version that nobody else sees. chained must be true when the row may have a head at Publish
// (update), false for a new row. flags is 0 or FlagOverflow; with FlagOverflow every reference in the payload is
// retained for this version. payload is copied.
func (s *Space) Append(id RowID, schemaVersion uint32, flags uint8, payload []byte, chained bool) (Link, error) {
	return 0, nil
}

// AppendTombstone writes a tombstone that nobody else sees.
func (s *Space) AppendTombstone(id RowID, schemaVersion uint32) (Link, error) { return 0, nil }

// Discard frees a version that was appended and never published.
func (s *Space) Discard(l Link) {}

// Publish installs l as the head of its row at commit csn: it stamps the version, points it back to the former head
// with the mask of changed columns (64-bit fold), marks both pages dirty and swings the slot. It returns the former
// head. Only in the commit section, in CSN order.
func (s *Space) Publish(id RowID, l Link, csn CSN, changed uint64) (old Link) { return 0 }

// Version returns the version at l.
func (s *Space) Version(l Link) Version { return Version{} }

// Prev returns the next older version and a superset of the columns in which l differs from it. 0 at the end.
func (s *Space) Prev(l Link) (prev Link, changed uint64) { return 0, 0 }

// Visible returns the version of the row that snapshot sees; false when there is none or it is deleted.
func (s *Space) Visible(id RowID, snapshot CSN) (Version, bool) { return Version{}, false }

// VisibleLink is Visible for the Link; it returns tombstones as well. 0 when snapshot sees nothing.
func (s *Space) VisibleLink(id RowID, snapshot CSN) Link { return 0 }

// ChangedSince returns a superset of the columns of the row that commits after snapshot changed, all bits if one
// deleted or inserted it; 0 when none touched it.
func (s *Space) ChangedSince(id RowID, snapshot CSN) uint64 { return 0 }

// Pruned is the outcome of PruneChain.
type Pruned struct {
	Removed  int  // versions unlinked by this call
	Retained int  // versions still linked
	Dead     bool // only a tombstone is left, and every snapshot sees it: drop index entries and RetireSlot
}

// PruneChain unlinks every version of the row that nobody sees: not the newest, not one that a snapshot of active (in
// ascending order) sees, not one that a snapshot at or above horizon may see. horizon is the visible CSN at or before
// the moment when active was read: every snapshot registered later must be at or above it. dropped, when not nil, is
// called for each unlinked version while it can still be read; it must not call into heap.
func (s *Space) PruneChain(id RowID, active []CSN, horizon CSN, dropped func(Version)) Pruned {
	return Pruned{}
}

// --- overflow ---

// WriteOverflow stores a large value and returns a reference, held once by the caller: Append retains it for its
// version, and the caller then drops its hold by ReleaseOverflow, in any outcome.
func (s *Space) WriteOverflow(data []byte) (ref uint64, err error) { return 0, nil }

// ReadOverflow appends the length bytes of the value to dst. It implements row.OverflowReader.
func (s *Space) ReadOverflow(ref uint64, length uint32, dst []byte) ([]byte, error) { return dst, nil }

// ReleaseOverflow drops a hold; the pages are free when the last hold and version are gone.
func (s *Space) ReleaseOverflow(ref uint64) {}

// --- vacuum ---

// Reclaim moves what became ripe to the free lists. It never waits. For the background worker.
func (s *Space) Reclaim() {}

// VacuumResult tells what a Vacuum call did.
type VacuumResult struct {
	Moved, Released int // versions moved, pages emptied
	Kept            int // versions that could not be moved now
}

// Vacuum moves the versions out of pages filled less than fill (0 to 1) in slot order into fresh pages, at most budget
// versions, and returns emptied pages and slabs. Beside readers and writers; nothing moves while frozen.
func (s *Space) Vacuum(fill float64, budget int) VacuumResult { return VacuumResult{} }

// Freeze forbids moves until Thaw, for a checkpoint. It waits for a running move. Freezes nest.
func (s *Space) Freeze() {}

// Thaw ends one Freeze.
func (s *Space) Thaw() {}

// --- checkpoint ---

// Counters are what a checkpoint stores beside the pages and BeginLoad takes.
type Counters struct {
	Pages      uint32 // highest page number in use
	Slots      uint64 // SlotCount
	Generation uint32 // highest generation in use
}

// Counters returns the present counters.
func (s *Space) Counters() Counters { return Counters{} }

// PageKind is the kind of a page image.
type PageKind uint8

// The kinds.
const (
	PageFree     PageKind = 0
	PageData     PageKind = 1
	PageOverflow PageKind = 2
)

// PageInfo describes a page image.
type PageInfo struct {
	Kind       PageKind
	Versions   int
	Prev, Next uint32 // of an overflow chain
}

// DirtyPages yields the numbers of the pages whose image at t may differ from the last one that was cleared, in
// ascending order; all pages when all is set.
func (s *Space) DirtyPages(t CSN, all bool, yield func(page uint32) bool) {}

// PageImage writes the page as of snapshot t into dst[HeaderSize:PageSize()]: only versions that t sees, no tombstones,
// everything else zero or marked as a hole. The caller keeps t registered as an active snapshot and the Space frozen.
func (s *Space) PageImage(page uint32, t CSN, dst []byte) PageInfo { return PageInfo{} }

// ClearDirty forgets that the page was dirty, unless a commit after t changed it.
func (s *Space) ClearDirty(page uint32, t CSN) {}

// --- load ---

// BeginLoad prepares an empty Space for LoadPage. Row ids and page numbers beyond the counters are corruption.
func (s *Space) BeginLoad(c Counters) error { return nil }

// LoadPage adopts a page image (PageSize bytes; the first HeaderSize are ignored). It validates everything; an error is
// sqlerr.CorruptTable naming page and offset, and then the Space must be given up. visit is called for each version.
// Calls for different pages may run in parallel.
func (s *Space) LoadPage(page uint32, image []byte, visit func(Link, Version) error) error { return nil }

// AdoptSlot makes the slot for a row id that a replayed insert names. Only between BeginLoad and FinishLoad, by one
// goroutine. An error when the slot holds another live row.
func (s *Space) AdoptSlot(id RowID) error { return nil }

// FinishLoad checks overflow references, builds free slots and frees what nothing refers to. After it the Space is
// as if built by commits. Replay (AdoptSlot, Append, Publish, RetireSlot) comes before it.
func (s *Space) FinishLoad() error { return nil }

// Stats are counts at one moment, not consistent with each other.
type Stats struct {
	Pages, FreePages, OverflowPages uint32
	PageBytes                       int64 // bytes of slabs held
	UsedBytes                       int64 // bytes of data pages that are occupied, limbo included
	Slots, FreeSlots                uint64
	Rows                            int64
	Limbo                           int64 // versions and slots that wait for an epoch
	PrevBlocks                      int64 // blocks of prev words held
	FreeLinks                       int64 // nodes on the empty-link stacks
}

// Stats returns the present counts.
func (s *Space) Stats() Stats { return Stats{} }

// Check verifies the invariants of a quiet Space: chains, links, page accounting. It returns every problem found.
func (s *Space) Check() []error { return nil }
