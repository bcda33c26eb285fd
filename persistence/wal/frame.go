package wal

import (
	"encoding/binary"
	"hash/crc32"
)

// LSN is a position in the stream.
type LSN uint64

const (
	frameHeader  = 40
	frameMagic   = 0x31465457 // "WTF1"
	maxFrame     = 64 << 10
	commitHeader = 32
	endFrame     = frameHeader + 8
)

// The frame types.
const (
	typePart   = 1
	typeCommit = 2
	typeEnd    = 3
	typeMark   = 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// frame is a decoded frame header.
type frame struct {
	crc     uint32
	length  uint32
	kind    byte
	seq     uint32
	record  uint64
	durable LSN
	chain   uint32
}

// padded rounds up to the alignment of frames.
func padded(n int) int { return (n + 7) &^ 7 }

// size returns the bytes that the frame takes.
func (f *frame) size() int { return frameHeader + padded(int(f.length)) }

// commitInfo is the head of a commit frame's payload.
type commitInfo struct {
	ops    uint32
	frames uint32
	csn    uint64
	time   int64
	length uint64
}

func (c commitInfo) put(b []byte) {
	le := binary.LittleEndian
	le.PutUint32(b[0:], c.ops)
	le.PutUint32(b[4:], c.frames)
	le.PutUint64(b[8:], c.csn)
	le.PutUint64(b[16:], uint64(c.time))
	le.PutUint64(b[24:], c.length)
}

func readCommitInfo(b []byte) commitInfo {
	le := binary.LittleEndian
	return commitInfo{
		ops:    le.Uint32(b[0:]),
		frames: le.Uint32(b[4:]),
		csn:    le.Uint64(b[8:]),
		time:   int64(le.Uint64(b[16:])),
		length: le.Uint64(b[24:]),
	}
}

// sum computes the CRC of the frame in b (header and padded payload) at pos in a segment with the salt.
func sum(salt uint64, pos LSN, b []byte) uint32 {
	var seed [16]byte
	binary.LittleEndian.PutUint64(seed[0:], salt)
	binary.LittleEndian.PutUint64(seed[8:], uint64(pos))
	return crc32.Update(crc32.Checksum(seed[:], castagnoli), castagnoli, b[4:])
}

// seal fills in the header of the frame in b, whose payload is in place and padded, and returns its CRC.
func (f *frame) seal(b []byte, salt uint64, pos LSN) uint32 {
	le := binary.LittleEndian
	le.PutUint32(b[4:], f.length)
	b[8] = f.kind
	b[9], b[10], b[11] = 0, 0, 0
	le.PutUint32(b[12:], f.seq)
	le.PutUint64(b[16:], f.record)
	le.PutUint64(b[24:], uint64(f.durable))
	le.PutUint32(b[32:], f.chain)
	le.PutUint32(b[36:], frameMagic)
	f.crc = sum(salt, pos, b)
	le.PutUint32(b[0:], f.crc)
	return f.crc
}

// headerOf decodes a frame header without judging it. ok is false when it cannot be one.
func headerOf(b []byte) (f frame, ok bool) {
	le := binary.LittleEndian
	if len(b) < frameHeader || le.Uint32(b[36:]) != frameMagic {
		return f, false
	}
	f = frame{
		crc:     le.Uint32(b[0:]),
		length:  le.Uint32(b[4:]),
		kind:    b[8],
		seq:     le.Uint32(b[12:]),
		record:  le.Uint64(b[16:]),
		durable: LSN(le.Uint64(b[24:])),
		chain:   le.Uint32(b[32:]),
	}
	if f.length > maxFrame-frameHeader || b[9]|b[10]|b[11] != 0 {
		return f, false
	}
	return f, true
}

// valid reports whether b, which holds at least f.size() bytes, is the frame f at pos, by itself.
func (f *frame) valid(b []byte, salt uint64, pos LSN) bool {
	if sum(salt, pos, b[:f.size()]) != f.crc {
		return false
	}
	switch f.kind {
	case typePart:
		return f.record <= uint64(pos)
	case typeCommit:
		return f.length >= commitHeader && f.record <= uint64(pos)
	case typeEnd:
		return f.length == 8
	case typeMark:
		return f.length == 0
	}
	return false
}
