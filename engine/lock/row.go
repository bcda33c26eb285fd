package lock

import (
	"context"
	"sync/atomic"

	"github.com/worktable-go/worktable/engine/sqlerr"
)

// Result is how a request without error ended.
type Result uint8

const (
	Granted Result = iota // at once
	Held                  // the owner had it before; nothing changed
	Waited                // granted after waiting: re-read what the lock protects
	Skipped               // SkipLocked, and another owner holds it
)

// TryAcquire gives o the mode on res when nobody, o included, holds anything there; otherwise it changes nothing.
func (m *Manager) TryAcquire(o *Owner, res Resource, mode Mode) bool {
	if o.tag == 0 || mode.Empty() || !res.Word.CompareAndSwap(0, thinWord(o.tag, mode)) {
		return false
	}
	o.note(res)
	return true
}

// Acquire gives o the mode on res in addition to what it holds there. An empty mode is Held.
func (m *Manager) Acquire(ctx context.Context, o *Owner, res Resource, mode Mode, w Wait) (Result, error) {
	if res.Word.Load() == 0 && m.TryAcquire(o, res, mode) {
		return Granted, nil
	}
	return m.acquire(ctx, o, res, mode, w)
}

func (m *Manager) acquire(ctx context.Context, o *Owner, res Resource, mode Mode, w Wait) (Result, error) {
	if mode.Empty() {
		return Held, nil
	}
	for o.tag != 0 {
		cur := res.Word.Load()
		if cur == 0 {
			if res.Word.CompareAndSwap(0, thinWord(o.tag, mode)) {
				o.note(res)
				return Granted, nil
			}
			continue
		}
		if wordTag(cur) == o.tag {
			next := raise(cur, mode)
			if next == cur {
				return Held, nil
			}
			if res.Word.CompareAndSwap(cur, next) {
				o.noteUpgrade(res, wordMode(cur))
				return Granted, nil
			}
			continue
		}
		if cur&fat == 0 && (w.NoWait || w.SkipLocked) && wordMode(cur).Conflicts(mode) {
			return refuse(w)
		}
		break
	}
	s := m.stripeOf(res.Word)
	s.latch.Lock()
	return m.acquireRecord(ctx, o, m.inflate(s, res), res, mode, w)
}

// refuse is the answer to a request that must not wait.
func refuse(w Wait) (Result, error) {
	if w.SkipLocked {
		return Skipped, nil
	}
	return Granted, sqlerr.New(sqlerr.LockNowait)
}

// inflate returns the record of the row, and makes one when the word is not fat. The latch is held.
func (m *Manager) inflate(s *stripe, res Resource) *record {
	for {
		cur := res.Word.Load()
		if cur&fat != 0 {
			return s.rows[res.Word]
		}
		if !res.Word.CompareAndSwap(cur, fat) {
			continue
		}
		r := s.newRecord(kindRow)
		r.word, r.row, r.space = res.Word, res.Row, res.Space
		if cur != 0 {
			r.add(m.owners.byWord(cur), wordMode(cur))
		}
		s.rows[res.Word] = r
		m.stats.inflations.Add(1)
		return r
	}
}

// acquireRecord serves a request by the record. The latch is held, and released on return.
func (m *Manager) acquireRecord(ctx context.Context, o *Owner, r *record, res Resource, mode Mode, w Wait) (Result, error) {
	var prior Mode
	h := r.find(o)
	if h != nil {
		prior = h.mode
		if prior.Covers(mode) {
			r.stripe.latch.Unlock()
			return Held, nil
		}
	}
	result := Granted
	if !r.heldAgainst(o, mode) && !r.queuedAgainst(mode, h != nil) {
		r.add(o, mode)
		r.stripe.latch.Unlock()
	} else {
		if w.NoWait || w.SkipLocked {
			r.stripe.latch.Unlock()
			return refuse(w)
		}
		if err := m.block(ctx, o, r, request{mode: mode, upgrade: h != nil}, w.Timeout); err != nil {
			return Granted, err
		}
		result = Waited
	}
	if h != nil {
		o.noteUpgrade(res, prior)
	} else {
		o.note(res)
	}
	return result, nil
}

// WaitFor waits until an owner, other than o, that holds X on columns of cols has released them; it returns at once
// when there is none. o gets nothing: look again afterwards. It is for unique keys, whose index entry another
// transaction owns; cols are then the key's columns.
//
// When several owners hold X on different columns of cols, the first release ends the wait, though the wait graph
// counts all of them.
func (m *Manager) WaitFor(ctx context.Context, o *Owner, res Resource, cols uint64, w Wait) error {
	mode := Mode{S: cols}
	cur := res.Word.Load()
	if cur == 0 || cur&fat == 0 && (o.tag != 0 && wordTag(cur) == o.tag || !wordMode(cur).Conflicts(mode)) {
		return nil
	}
	s := m.stripeOf(res.Word)
	s.latch.Lock()
	r := m.inflate(s, res)
	if !r.heldAgainst(o, mode) {
		m.deflate(r)
		s.latch.Unlock()
		return nil
	}
	if w.NoWait || w.SkipLocked {
		s.latch.Unlock()
		return sqlerr.New(sqlerr.LockNowait)
	}
	return m.block(ctx, o, r, request{mode: mode, probe: true}, w.Timeout)
}

// deflate frees the word of a row's record, or forgets a name's, when nobody holds it or waits. The latch is held.
func (m *Manager) deflate(r *record) {
	if r.kind == kindDefinition || !r.idle() {
		return
	}
	s := r.stripe
	if r.kind == kindNamed {
		delete(s.names, r.name)
	} else {
		delete(s.rows, r.word)
		r.word.Store(0)
	}
	s.recycle(r)
}

// setRow makes the mode of o on the row of word be to; the zero mode releases it. It never raises a mode.
func (m *Manager) setRow(o *Owner, word *atomic.Uint64, to Mode) {
	for cur := word.Load(); cur&fat == 0; cur = word.Load() {
		next := uint64(0)
		if !to.Empty() {
			next = thinWord(o.tag, to)
		}
		if word.CompareAndSwap(cur, next) {
			return
		}
	}
	s := m.stripeOf(word)
	s.latch.Lock()
	defer s.latch.Unlock()
	r := s.rows[word]
	if to.Empty() {
		r.released(r.remove(o), to)
		m.deflate(r)
		return
	}
	h := r.find(o)
	was := h.mode
	h.mode = to
	r.released(was, to)
}

// ReleaseTo undoes row locks taken after mark: new ones are released, upgraded ones return to their former mode.
// Definition and named locks stay.
func (m *Manager) ReleaseTo(o *Owner, mark Mark) {
	for i := o.held.n - 1; i >= mark.held; i-- {
		e := o.held.at(i)
		to := Mode{}
		if e.prior != 0 {
			to = o.priors[e.prior-1]
			o.priors = o.priors[:e.prior-1]
		}
		m.setRow(o, e.word, to)
	}
	o.held.truncate(mark.held)
}

// ReleaseAll releases o's row and definition locks (not its named locks, which belong to the session) and wakes who
// waits for them.
func (m *Manager) ReleaseAll(o *Owner) {
	for _, chunk := range o.held.chunks {
		for i := range chunk {
			if e := &chunk[i]; e.prior == 0 {
				m.setRow(o, e.word, Mode{})
			}
		}
	}
	o.held.clear()
	if o.priors = o.priors[:0]; cap(o.priors) > keepPriors {
		o.priors = nil
	}
	m.releaseDefinitions(o)
}

// Holds returns the mode that o holds on res (at least: columns of a wide table share bits in the word).
func (m *Manager) Holds(o *Owner, res Resource) Mode {
	cur := res.Word.Load()
	if cur&fat == 0 {
		if cur != 0 && wordTag(cur) == o.tag {
			return wordMode(cur)
		}
		return Mode{}
	}
	s := m.stripeOf(res.Word)
	s.latch.Lock()
	defer s.latch.Unlock()
	// The record may have gone between the look and the latch, but then o was not in it.
	if r := s.rows[res.Word]; r != nil {
		if h := r.find(o); h != nil {
			return h.mode
		}
	}
	return Mode{}
}

// LockedByOther reports whether an owner other than o (which may be nil) holds something on res that conflicts with
// mode. The answer may be outdated when it arrives unless the caller knows why not. It never waits for a lock and may
// be called from an index callback.
func (m *Manager) LockedByOther(o *Owner, res Resource, mode Mode) bool {
	cur := res.Word.Load()
	if cur == 0 {
		return false
	}
	if cur&fat == 0 {
		return (o == nil || wordTag(cur) != o.tag) && wordMode(cur).Conflicts(mode)
	}
	s := m.stripeOf(res.Word)
	s.latch.Lock()
	defer s.latch.Unlock()
	if r := s.rows[res.Word]; r != nil {
		return r.heldAgainst(o, mode)
	}
	// Deflated in between: free, or thin by somebody who came later.
	cur = res.Word.Load()
	return cur != 0 && cur&fat == 0 && (o == nil || wordTag(cur) != o.tag) && wordMode(cur).Conflicts(mode)
}
