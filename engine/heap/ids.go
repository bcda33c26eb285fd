package heap

// CSN is a commit sequence number. 0 belongs to no commit.
type CSN uint64

// MaxCSN as a snapshot sees every installed version.
const MaxCSN = CSN(1<<63 - 1)

// RowID names a row for its life: 40 bits of slot number, 24 bits of generation. 0 is never a row.
type RowID uint64

const (
	generationBits = 24
	generationMask = 1<<generationBits - 1
	maxSlotNumber  = 1<<40 - 1
)

// MakeRowID packs a slot number and a generation.
func MakeRowID(slot uint64, generation uint32) RowID {
	return RowID(slot<<generationBits | uint64(generation&generationMask))
}

// Slot returns the slot number.
func (id RowID) Slot() uint64 { return uint64(id) >> generationBits }

// Generation returns the generation of the slot; 1 for its first row.
func (id RowID) Generation() uint32 { return uint32(id) & generationMask }

// Link is the address of a version: page number 32 bits, offset/8 13 bits, length/8 13 bits, flags 6 bits.
// 0 is no link.
type Link uint64

// The flags of a Link.
const (
	LinkTombstone Link = 1 << 0 // the version is a tombstone
	linkFree      Link = 1 << 5 // in a slot head: the slot is free and the other bits are the next free slot
)

func makeLink(page uint32, unit, units uint32, flags Link) Link {
	return Link(page)<<32 | Link(unit)<<19 | Link(units)<<6 | flags
}

// Page returns the page number.
func (l Link) Page() uint32 { return uint32(l >> 32) }

// Offset returns the byte offset in the page.
func (l Link) Offset() int { return int(l>>19&0x1fff) << 3 }

// Len returns the bytes that the version occupies.
func (l Link) Len() int { return int(l>>6&0x1fff) << 3 }

// IsTombstone reports whether the version is a tombstone.
func (l Link) IsTombstone() bool { return l&LinkTombstone != 0 }

func (l Link) unit() uint32  { return uint32(l>>19) & 0x1fff }
func (l Link) units() uint32 { return uint32(l>>6) & 0x1fff }
