package wal

import "encoding/binary"

// Record is one commit on its way into the log. NewRecord makes one; Data is appended to by the caller.
type Record struct {
	Data []byte
	Ops  uint32

	csn   uint64
	time  int64
	start LSN
	mark  bool
}

// frames returns how many frames the record takes, with part bytes of data in each but the last.
func (r *Record) frames(part int) int { return max(1, (len(r.Data)+part-1)/part) }

// frameSize returns the size of the record's i-th frame.
func (r *Record) frameSize(i, part int) int {
	switch {
	case r.mark:
		return frameHeader
	case i < r.frames(part)-1:
		return frameHeader + part
	}
	return frameHeader + padded(commitHeader+len(r.Data)-i*part)
}

// put builds the record's i-th frame in b, which has the frame's size, and returns its CRC.
func (r *Record) put(b []byte, i, part int, salt uint64, pos, durable LSN, chain uint32) uint32 {
	f := frame{kind: typeMark, seq: uint32(i), record: uint64(r.start), durable: durable, chain: chain}
	n := r.frames(part)
	switch {
	case r.mark:
	case i < n-1:
		f.kind, f.length = typePart, uint32(part)
		copy(b[frameHeader:], r.Data[i*part:(i+1)*part])
	default:
		rest := r.Data[i*part:]
		f.kind, f.length = typeCommit, uint32(commitHeader+len(rest))
		commitInfo{ops: r.Ops, frames: uint32(n), csn: r.csn, time: r.time, length: uint64(len(r.Data))}.put(b[frameHeader:])
		copied := copy(b[frameHeader+commitHeader:], rest)
		clear(b[frameHeader+commitHeader+copied:])
	}
	return f.seal(b, salt, pos)
}

// putEnd builds an end frame in b, which has endFrame bytes, and returns its CRC.
func putEnd(b []byte, salt uint64, pos, next, durable LSN, chain uint32) uint32 {
	f := frame{kind: typeEnd, length: 8, record: uint64(pos), durable: durable, chain: chain}
	binary.LittleEndian.PutUint64(b[frameHeader:], uint64(next))
	return f.seal(b, salt, pos)
}

// placer computes where frames go. All segments of one life of a log have one capacity.
type placer struct {
	start    LSN // of the segment
	pos      LSN
	capacity LSN
}

// part is how many bytes of data a frame holds that is not a record's last: a frame and an end frame must fit into
// the smallest segment.
func (p *placer) part() int {
	return int(min(maxFrame, p.capacity-segmentHeader-endFrame)-frameHeader-commitHeader) &^ 7
}

// place moves to where a frame of the size begins and reports whether that is in the next segment.
func (p *placer) place(size int) (crossed bool) {
	if p.pos+LSN(size)+endFrame <= p.start+p.capacity {
		return false
	}
	p.start += p.capacity
	p.pos = p.start + segmentHeader
	return true
}

// record moves behind all frames of r and reports whether another segment was entered.
func (p *placer) record(r *Record) (crossed bool) {
	part := p.part()
	for i := range r.frames(part) {
		size := r.frameSize(i, part)
		crossed = p.place(size) || crossed
		p.pos += LSN(size)
	}
	return crossed
}
