package heap

import (
	"encoding/binary"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

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

func (v Version) stamp(csn CSN) { binary.LittleEndian.PutUint64(v.b, uint64(csn)) }

// Version returns the version at l.
func (s *Space) Version(l Link) Version {
	c := s.mem.get(uint64(l.Page()))
	at := (int(l.Page())*s.pageSize)&(len(c.b)-1) + l.Offset()
	return Version{c.b[at : at+l.Len() : at+l.Len()]}
}

// Append writes a version that nobody else sees. chained must be true when the row may have a head at Publish
// (update), false for a new row. flags is 0 or FlagOverflow; with FlagOverflow every reference in the payload is
// retained for this version: each must be held by the caller, or come from a version read under the same Pin. payload
// is copied. 1118 when it is longer than MaxPayload.
func (s *Space) Append(id RowID, schemaVersion uint32, flags uint8, payload []byte, chained bool) (Link, error) {
	if len(payload) > s.MaxPayload() {
		return 0, sqlerr.New(sqlerr.RowTooLarge, s.MaxPayload())
	}
	if flags&FlagOverflow != 0 {
		if err := s.retainRefs(schemaVersion, payload); err != nil {
			return 0, err
		}
	}
	l, err := s.alloc(uint32(VersionHeaderSize+len(payload)+unit-1) / unit)
	if err != nil {
		if flags&FlagOverflow != 0 {
			s.releaseRefs(schemaVersion, payload)
		}
		return 0, err
	}
	if flags&FlagTombstone != 0 {
		l |= LinkTombstone
	}
	b := s.Version(l).b
	binary.LittleEndian.PutUint64(b, 0)
	binary.LittleEndian.PutUint64(b[8:], uint64(id))
	binary.LittleEndian.PutUint32(b[16:], uint32(len(payload))|uint32(flags)<<24)
	binary.LittleEndian.PutUint32(b[20:], schemaVersion)
	copy(b[VersionHeaderSize:], payload)
	if chained {
		s.reservePrev(l)
	}
	return l, nil
}

// AppendTombstone writes a tombstone that nobody else sees.
func (s *Space) AppendTombstone(id RowID, schemaVersion uint32) (Link, error) {
	return s.Append(id, schemaVersion, FlagTombstone, nil, true)
}

// Discard frees a version that was appended and never published, at once. Pinned.
func (s *Space) Discard(l Link) { s.reclaimVersion(l) }
