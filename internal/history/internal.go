package history

import "slices"

// keyState is what a transaction knows of one key.
type keyState struct {
	own      []int64 // live own appends
	snap     []int64 // others' part as read from the transaction's snapshot
	haveSnap bool
	now      []int64 // others' part as last read current
	haveNow  bool
	held     bool    // locked since that read
	base     []int64 // others' part as read below own appends
	haveBase bool
}

// replay goes through a transaction, checks that it agrees with itself, and splits its reads into what others and what
// it wrote itself.
func (a *analysis) replay(i int) {
	t := a.h.Txns[i]
	keys := map[int]*keyState{}
	state := func(k int) *keyState {
		if keys[k] == nil {
			keys[k] = new(keyState)
		}
		return keys[k]
	}
	for j := range t.Ops {
		op := &t.Ops[j]
		switch op.Kind {
		case Append:
			state(op.Key).own = append(state(op.Key).own, op.Value)
		case Undo:
			a.undo(t, j, keys)
		case Read:
			a.report.Reads++
			s := state(op.Key)
			ext, ok := a.split(i, j, s.own)
			if !ok {
				continue
			}
			a.views = append(a.views, view{txn: i, op: j, ext: ext})
			a.checkBase(i, j, s, ext)
			if t.Level == SnapshotIsolation && op.Access == Plain {
				a.checkSnapshot(i, j, s, ext)
			} else if op.Access != Plain {
				a.checkCurrent(i, j, s, ext)
			}
		}
	}
}

// undo takes back own appends and locks.
func (a *analysis) undo(t *Txn, j int, keys map[int]*keyState) {
	to := max(t.Ops[j].To, 0)
	for k := to; k < j; k++ {
		op := &t.Ops[k]
		s := keys[op.Key]
		if op.Kind == Append {
			s.own = slices.DeleteFunc(s.own, func(v int64) bool { return v == op.Value })
			s.haveBase = s.haveBase && len(s.own) > 0
		}
		if op.Kind == Read && op.Access == Locked {
			s.held = false
		}
	}
}

// split takes the own appends off the end of a list.
func (a *analysis) split(i, j int, own []int64) (ext []int64, ok bool) {
	op := &a.h.Txns[i].Ops[j]
	n := len(op.List) - len(own)
	if n < 0 || !slices.Equal(op.List[n:], own) {
		a.found(Internal, []int{i}, "T%d read key %d as %s, which does not end with its own appends %s", i, op.Key, listText(op.List), listText(own))
		return nil, false
	}
	ext = op.List[:n:n]
	for k := range a.h.Txns[i].Ops {
		w := &a.h.Txns[i].Ops[k]
		if v := w.Value; w.Kind == Append && w.Key == op.Key && slices.Contains(ext, v) {
			a.found(Internal, []int{i}, "T%d read key %d as %s, where %d is an own append that was taken back, is still to come, or is out of place", i, op.Key, listText(op.List), v)
			return nil, false
		}
	}
	return ext, true
}

// checkSnapshot compares two reads of one snapshot.
func (a *analysis) checkSnapshot(i, j int, s *keyState, ext []int64) {
	op := &a.h.Txns[i].Ops[j]
	if s.haveSnap && !slices.Equal(s.snap, ext) {
		a.found(Internal, []int{i}, "T%d read key %d twice from one snapshot: as %s, then as %s", i, op.Key, listText(s.snap), listText(ext))
	}
	s.snap, s.haveSnap = ext, true
}

// checkCurrent compares two reads of the newest version: it only grows, and not at all while it is locked.
func (a *analysis) checkCurrent(i, j int, s *keyState, ext []int64) {
	op := &a.h.Txns[i].Ops[j]
	for _, before := range [][]int64{s.now, s.snap} {
		if len(ext) < len(before) || !slices.Equal(ext[:len(before)], before) {
			a.found(Internal, []int{i}, "T%d read key %d as %s, and then its newest version as %s", i, op.Key, listText(before), listText(ext))
			return
		}
	}
	if s.haveNow && s.held && len(ext) != len(s.now) {
		a.found(Internal, []int{i}, "T%d read key %d as %s and locked it, and then read it as %s", i, op.Key, listText(s.now), listText(ext))
	}
	s.now, s.haveNow = ext, true
	s.held = s.held || op.Access == Locked
}

// checkBase compares two reads of a key that the transaction has appended to: nobody else can append in between.
func (a *analysis) checkBase(i, j int, s *keyState, ext []int64) {
	if len(s.own) == 0 {
		return
	}
	op := &a.h.Txns[i].Ops[j]
	if s.haveBase && !slices.Equal(s.base, ext) {
		a.found(Internal, []int{i}, "T%d read key %d below its own appends as %s, and then as %s", i, op.Key, listText(s.base), listText(ext))
	}
	s.base, s.haveBase = ext, true
}
