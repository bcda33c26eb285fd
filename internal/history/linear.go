package history

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Call is one call on an object. Start and End are of a clock as a Recorder's; an Unknown call has neither End nor Out, and
// may have happened at any time after its start or not at all.
type Call[I, O any] struct {
	Session    int
	Start, End int64
	In         I
	Out        O
	Unknown    bool
}

// Model is how one object behaves when calls come one after the other. Step returns the next state and whether out is a
// possible answer; when known is false any answer is.
type Model[S comparable, I, O any] struct {
	Init S
	Step func(s S, in I, out O, known bool) (S, bool)
}

// Verdict is the result of Linearizable.
type Verdict uint8

// The verdicts.
const (
	Exhausted Verdict = iota // the budget was spent
	Linear                   // an order exists
	NotLinear                // none does
)

// Linearizable looks for an order of calls that agrees with real time and with m. It takes at most budget steps. When there
// is none, why has the longest order found and the calls that could not follow it.
func Linearizable[S comparable, I, O any](m Model[S, I, O], calls []Call[I, O], budget int) (v Verdict, why string) {
	s := &linearizer[S, I, O]{m: m, calls: calls, done: newBits(len(calls)), memo: map[uint64][]memory[S]{}}
	s.link()
	if v = s.search(budget); v == NotLinear {
		why = s.explain()
	}
	return v, why
}

// bits is a set of calls.
type bits []uint64

func newBits(n int) bits { return make(bits, (n+63)/64) }

func (b bits) flip(i int) { b[i/64] ^= 1 << (i % 64) }

func (b bits) hash() uint64 {
	h := uint64(14695981039346656037)
	for _, w := range b {
		h = (h ^ w) * 1099511628211
		h ^= h >> 29
	}
	return h
}

// happening is the start or the end of a call in the list of those not yet in order.
type happening struct {
	call       int
	end        *happening // of a start; nil when the call is unknown
	isEnd      bool
	prev, next *happening
}

// memory is a set of calls in order and the state that they lead to: no need to come here twice.
type memory[S comparable] struct {
	done  bits
	state S
}

// choice is a call put in order, to be taken back.
type choice[S comparable] struct {
	at    *happening
	state S
}

type linearizer[S comparable, I, O any] struct {
	m     Model[S, I, O]
	calls []Call[I, O]
	head  happening // before the first
	known int       // calls with an end that are not in order
	done  bits
	memo  map[uint64][]memory[S]
	best  []int
}

// link makes the list of happenings in their order in time.
func (s *linearizer[S, I, O]) link() {
	type stamped struct {
		at int64
		h  *happening
	}
	var all []stamped
	for i := range s.calls {
		c := &s.calls[i]
		h := &happening{call: i}
		all = append(all, stamped{c.Start, h})
		if !c.Unknown {
			h.end = &happening{call: i, isEnd: true}
			all = append(all, stamped{c.End, h.end})
			s.known++
		}
	}
	slices.SortStableFunc(all, func(a, b stamped) int { return cmp.Compare(a.at, b.at) })
	at := &s.head
	for _, x := range all {
		at.next, x.h.prev = x.h, at
		at = x.h
	}
}

// lift takes a call out of the list, unlift puts it back; in the reverse order.
func (h *happening) lift() {
	h.prev.next = h.next
	if h.next != nil {
		h.next.prev = h.prev
	}
	if h.end != nil {
		h.end.lift()
	}
}

func (h *happening) unlift() {
	if h.end != nil {
		h.end.unlift()
	}
	h.prev.next = h
	if h.next != nil {
		h.next.prev = h
	}
}

func (s *linearizer[S, I, O]) search(budget int) Verdict {
	state := s.m.Init
	var stack []choice[S]
	at := s.head.next
	for s.known > 0 {
		if budget--; budget < 0 {
			return Exhausted
		}
		if at != nil && !at.isEnd {
			c := &s.calls[at.call]
			next, ok := s.m.Step(state, c.In, c.Out, !c.Unknown)
			if ok {
				s.done.flip(at.call)
				if s.isNew(next) {
					stack = append(stack, choice[S]{at, state})
					state = next
					at.lift()
					if at.end != nil {
						s.known--
					}
					s.note(stack)
					at = s.head.next
					continue
				}
				s.done.flip(at.call)
			}
			at = at.next
			continue
		}
		// A call has ended that no order of the others lets happen before: take the last choice back.
		if len(stack) == 0 {
			return NotLinear
		}
		top := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		state = top.state
		s.done.flip(top.at.call)
		top.at.unlift()
		if top.at.end != nil {
			s.known++
		}
		at = top.at.next
	}
	return Linear
}

// isNew remembers the present set of calls with state, and reports whether it is new.
func (s *linearizer[S, I, O]) isNew(state S) bool {
	h := s.done.hash()
	for _, m := range s.memo[h] {
		if m.state == state && slices.Equal(m.done, s.done) {
			return false
		}
	}
	s.memo[h] = append(s.memo[h], memory[S]{slices.Clone(s.done), state})
	return true
}

// note keeps the longest order.
func (s *linearizer[S, I, O]) note(stack []choice[S]) {
	if len(stack) <= len(s.best) {
		return
	}
	s.best = s.best[:0]
	for _, c := range stack {
		s.best = append(s.best, c.at.call)
	}
}

// maxTold bounds the calls told on either side.
const maxTold = 8

func (s *linearizer[S, I, O]) explain() string {
	var b strings.Builder
	state := s.m.Init
	in := map[int]bool{}
	for n, i := range s.best {
		c := &s.calls[i]
		state, _ = s.m.Step(state, c.In, c.Out, !c.Unknown)
		in[i] = true
		if n >= len(s.best)-maxTold {
			fmt.Fprintf(&b, "\n  %s gives state %+v", c.text(), state)
		}
	}
	fmt.Fprintf(&b, "\nafter %d of %d calls in order, none of these can be next:", len(s.best), len(s.calls))
	var left []*Call[I, O]
	for i := range s.calls {
		if !in[i] {
			left = append(left, &s.calls[i])
		}
	}
	slices.SortFunc(left, func(a, b *Call[I, O]) int { return cmp.Compare(a.Start, b.Start) })
	for n, c := range left {
		if n == maxTold {
			fmt.Fprintf(&b, "\n  … and %d more", len(left)-n)
			break
		}
		b.WriteString("\n  " + c.text())
	}
	return b.String()[1:]
}

func (c *Call[I, O]) text() string {
	if c.Unknown {
		return fmt.Sprintf("session %d, %d to ?: %+v", c.Session, c.Start, c.In)
	}
	return fmt.Sprintf("session %d, %d to %d: %+v = %+v", c.Session, c.Start, c.End, c.In, c.Out)
}
