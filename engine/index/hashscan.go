package index

// Walk goes from segment to segment in the order of the hash, taking the lock for one at a time (with the sets of its
// keys). Splits keep that order, so an entry that stays is seen once.
func (h *hash) Walk(f func(Entry) bool) error {
	var batch []Entry
	var keys []byte
	for x := uint64(0); ; {
		batch, keys = batch[:0], keys[:0]
		c := h.lock.RLock()
		h.eachSegment(x, func(g *segment, next uint64) bool {
			for _, s := range g.slots {
				if s.row == 0 {
					continue
				}
				e := Entry{Row: s.row}
				e.Key, keys = h.keyOf(s, keys)
				if s.row != spilled {
					batch = append(batch, e)
					continue
				}
				h.sets[s.key].each(func(row uint64) bool {
					batch = append(batch, Entry{e.Key, row})
					return true
				})
			}
			x = next
			return false
		})
		h.lock.RUnlock(c)
		for _, e := range batch {
			if !f(e) {
				return nil
			}
		}
		if x == 0 {
			return nil
		}
	}
}

// keyOf returns the key of s; its bytes are appended to buf.
func (h *hash) keyOf(s slot, buf []byte) (Key, []byte) {
	if h.kind == Hash8 {
		return Key{Int: s.key}, buf
	}
	at := len(buf)
	if s.key != 0 {
		buf = append(buf, h.arena.at(s.key)...)
	}
	return Key{Bytes: buf[at:len(buf):len(buf)]}, buf
}

func (h *hash) BulkLoad(_ int, next func() (Entry, bool, error)) error {
	b := &hash{kind: h.kind, seed: h.seed}
	b.clear()
	for {
		e, ok, err := next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		x, err := b.hashOf(e.Key)
		if err != nil {
			return err
		}
		b.add(x, e.Key, e.Row)
	}
	h.lock.Lock()
	defer h.lock.Unlock()
	h.dir, h.depth, h.segs, h.n, h.arena, h.sets = b.dir, b.depth, b.segs, b.n, b.arena, b.sets
	h.compacting = false
	return nil
}

func (h *hash) Compact() bool {
	h.lock.Lock()
	defer h.lock.Unlock()
	for i := 0; i < 16; i++ {
		if !h.compactStep() {
			return false
		}
	}
	return true
}

// compactStep moves the keys of one segment, if a compaction is due or under way, and reports whether one still is.
func (h *hash) compactStep() bool {
	if !h.compacting {
		if !h.arena.sparse() {
			return false
		}
		h.arena.begin()
		h.compacting, h.compactAt = true, 0
	}
	h.eachSegment(h.compactAt, func(g *segment, next uint64) bool {
		for i := range g.slots {
			if s := &g.slots[i]; s.row != 0 && s.key != 0 {
				was := s.key
				s.key = h.arena.moved(was)
				if s.row == spilled && s.key != was {
					h.sets[s.key] = h.sets[was]
					delete(h.sets, was)
				}
			}
		}
		h.compactAt = next
		return false
	})
	h.compacting = h.compactAt != 0
	return h.compacting
}
