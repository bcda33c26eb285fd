package heap

type loading struct{}

func (s *Space) highPage() uint32 {
	s.pages.mu.Lock()
	defer s.pages.mu.Unlock()
	return s.pages.high
}

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
func (s *Space) LoadPage(page uint32, image []byte, visit func(Link, Version) error) error {
	return nil
}

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
