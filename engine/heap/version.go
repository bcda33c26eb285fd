package heap

import "encoding/binary"

// VersionHeaderSize is the size of a version's header. Its layout, little-endian:
//
//	 0  u64  CSN
//	 8  u64  row id
//	16  u24  payload length
//	19  u8   flags
//	20  u32  schema version
const VersionHeaderSize = 24

// The flags in a version's header.
const (
	FlagTombstone uint8 = 1 << 0 // a delete; the payload is empty
	FlagOverflow  uint8 = 1 << 1 // the payload carries overflow references
)

// Version is a view of one version in its page, header included. It is good until the Unpin of the Pin under which
// it was got. The zero Version is none.
type Version struct{ b []byte }

// CSN returns the commit that made the version.
func (v Version) CSN() CSN { return CSN(binary.LittleEndian.Uint64(v.b)) }

// Row returns the id of the row.
func (v Version) Row() RowID { return RowID(binary.LittleEndian.Uint64(v.b[8:])) }

// SchemaVersion returns the schema version that the payload was written under.
func (v Version) SchemaVersion() uint32 { return binary.LittleEndian.Uint32(v.b[20:]) }

// Flags returns the header's flags.
func (v Version) Flags() uint8 { return v.b[19] }

// IsTombstone reports whether the version is a delete.
func (v Version) IsTombstone() bool { return v.b[19]&FlagTombstone != 0 }

// Payload returns the payload, which aliases the page and must not be written.
func (v Version) Payload() []byte {
	n := VersionHeaderSize + int(binary.LittleEndian.Uint32(v.b[16:])&0xffffff)
	return v.b[VersionHeaderSize:n:n]
}

// IsZero reports whether v is no version.
func (v Version) IsZero() bool { return v.b == nil }
