package index

import "unsafe"

func (t *tree[T]) Kind() Kind { return t.kind }

func (t *tree[T]) Put(k Key, row uint64) (bool, error) {
	p, err := t.ord.probe(k, row)
	if err != nil {
		return false, err
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	l, pos, found := t.find(p)
	if !found {
		t.insertAt(l, pos, p)
		t.compactStep()
	}
	return !found, nil
}

func (t *tree[T]) PutUnique(k Key, row uint64, judge func(uint64) Verdict) (uint64, Verdict, error) {
	p, err := t.ord.probe(k, 0)
	if err != nil {
		return 0, NoConflict, err
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	l, pos, _ := t.find(p)
	// The place before an item of another key is the place for any row id. Otherwise fences may lie between.
	again := pos == len(l.items)
	present := false
	for m, i := l, pos; ; i++ {
		for m != nil && i >= len(m.items) {
			m, i = m.next, 0
		}
		if m == nil || !t.ord.sameKey(m, i, p) {
			break
		}
		again = true
		id := t.ord.row(m.items[i])
		if id == row {
			present = true
		} else if v := judge(id); v != NoConflict {
			return id, v, nil
		}
	}
	if !present {
		p.row = row
		if again {
			l, pos, _ = t.find(p)
		}
		t.insertAt(l, pos, p)
		t.compactStep()
	}
	return 0, NoConflict, nil
}

func (t *tree[T]) Delete(k Key, row uint64) bool { return t.DeleteIf(k, row, nil) }

func (t *tree[T]) DeleteIf(k Key, row uint64, ok func() bool) bool {
	p, err := t.ord.probe(k, row)
	if err != nil {
		return false
	}
	t.lock.Lock()
	defer t.lock.Unlock()
	l, pos, found := t.find(p)
	if !found || ok != nil && !ok() {
		return false
	}
	t.removeAt(l, pos)
	t.compactStep()
	return true
}

func (t *tree[T]) Has(k Key, row uint64) bool {
	p, err := t.ord.probe(k, row)
	if err != nil {
		return false
	}
	s := t.lock.RLock()
	_, _, found := t.find(p)
	t.lock.RUnlock(s)
	return found
}

func (t *tree[T]) Get(k Key, dst []uint64) []uint64 {
	s := t.lock.RLock()
	dst = t.ord.get(t.dir, k, dst)
	t.lock.RUnlock(s)
	return dst
}

func (t *tree[T]) Len() int {
	s := t.lock.RLock()
	defer t.lock.RUnlock(s)
	return t.n
}

func (t *tree[T]) Stats() Stats {
	s := t.lock.RLock()
	defer t.lock.RUnlock(s)
	var zero T
	st := Stats{Entries: t.n, Leaves: t.nl}
	perLeaf := int64(unsafe.Sizeof(*t.head)) + 32
	st.Bytes = int64(t.nl+len(t.spare)) * (leafCap*int64(unsafe.Sizeof(zero)) + perLeaf)
	if a := t.ord.store(); a != nil {
		held, live := a.bytes()
		st.Bytes += held
		st.KeyBytes, st.DeadBytes = live, held-live
	}
	return st
}
