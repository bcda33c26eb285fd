package heap

import "sync/atomic"

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

// ScanVisible fills dst with the rows that snapshot sees, in slot order, of the slots from from up to end (SlotCount at
// the start of the scan). It returns how many, and the slot number to go on with: the scan is over when next ≥ end. A
// batch may be short or empty before that. What it returned is good until the Unpin of the caller's Pin.
func (s *Space) ScanVisible(from, end uint64, snapshot CSN, dst []ScanRow) (n int, next uint64) {
	page, body := uint32(0), []byte(nil)
	for from < end && n < len(dst) {
		heads, skip := s.heads(from, end)
		for k := range heads {
			l := Link(heads[k].Load())
			if l == 0 {
				continue
			}
			if l.Page() != page {
				page = l.Page()
				body = s.bytes(page)
			}
			at := l.Offset()
			v := Version{body[at : at+l.Len() : at+l.Len()]}
			if v.CSN() > snapshot {
				var ok bool
				if v, ok = s.older(l, snapshot); !ok {
					continue
				}
			} else if l.IsTombstone() {
				continue
			}
			dst[n] = ScanRow{v.Row(), v}
			if n++; n == len(dst) {
				return n, from + uint64(k) + 1
			}
		}
		from += skip
	}
	return n, from
}

// ScanPayloads is ScanVisible for payloads alone. All it returns were written under one schema version: it stops before
// a row of another one, which then is the first of the next call.
func (s *Space) ScanPayloads(from, end uint64, snapshot CSN, dst [][]byte) (n int, next uint64, version uint32) {
	page, body := uint32(0), []byte(nil)
	for from < end && n < len(dst) {
		heads, skip := s.heads(from, end)
		for k := range heads {
			l := Link(heads[k].Load())
			if l == 0 {
				continue
			}
			if l.Page() != page {
				page = l.Page()
				body = s.bytes(page)
			}
			v := Version{body[l.Offset():]}
			if v.CSN() > snapshot {
				var ok bool
				if v, ok = s.older(l, snapshot); !ok {
					continue
				}
			} else if l.IsTombstone() {
				continue
			}
			if made := v.SchemaVersion(); made != version {
				if n > 0 {
					return n, from + uint64(k), version
				}
				version = made
			}
			dst[n] = v.Payload()
			if n++; n == len(dst) {
				return n, from + uint64(k) + 1, version
			}
		}
		from += skip
	}
	return n, from, version
}

// ScanHeads is ScanVisible for the newest installed versions, tombstones included.
func (s *Space) ScanHeads(from, end uint64, dst []ScanHead) (n int, next uint64) {
	for from < end && n < len(dst) {
		heads, skip := s.heads(from, end)
		for k := range heads {
			l := Link(heads[k].Load())
			if l == 0 {
				continue
			}
			dst[n] = ScanHead{s.Version(l).Row(), l}
			if n++; n == len(dst) {
				return n, from + uint64(k) + 1
			}
		}
		from += skip
	}
	return n, from
}

// CountVisible counts what ScanVisible would give.
func (s *Space) CountVisible(from, end uint64, snapshot CSN) (n int64) {
	for from < end {
		heads, skip := s.heads(from, end)
		for k := range heads {
			l := Link(heads[k].Load())
			if l == 0 {
				continue
			}
			if s.Version(l).CSN() > snapshot {
				if _, ok := s.older(l, snapshot); ok {
					n++
				}
			} else if !l.IsTombstone() {
				n++
			}
		}
		from += skip
	}
	return n
}

// heads returns the head words of the slots from from on, up to the end of their chunk or end, and how many slots they
// stand for: those of a chunk that was not made yet have none.
func (s *Space) heads(from, end uint64) (h []atomic.Uint64, n uint64) {
	c := s.slots.get(from)
	if c == nil {
		chunk := s.slots.chunkOf(from)
		return nil, min(s.slots.first(chunk+1), end) - from
	}
	i := from & uint64(len(c.head)-1)
	n = min(uint64(len(c.head))-i, end-from)
	return c.head[i : i+n], n
}
