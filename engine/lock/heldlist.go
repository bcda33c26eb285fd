package lock

import "sync/atomic"

// held is a row lock, or an upgrade of one: then prior-1 is the position in priors of the mode before it.
type held struct {
	word  *atomic.Uint64
	row   uint64
	space uint32
	prior uint32
}

// heldList is the row locks of an owner in the order taken. Its chunks but the first are made at full size: a statement over
// a whole table takes a lock per row, and a list that doubles copies and drops as much again.
type heldList struct {
	chunks [][]held
	n      int
}

const (
	heldChunk  = 1024
	keepPriors = 1024 // modes in the list that an idle owner keeps
)

func (l *heldList) at(i int) *held { return &l.chunks[i/heldChunk][i%heldChunk] }

func (l *heldList) push(h held) {
	c := l.n / heldChunk
	if c == len(l.chunks) {
		var chunk []held
		if c > 0 {
			chunk = make([]held, 0, heldChunk)
		}
		l.chunks = append(l.chunks, chunk)
	}
	l.chunks[c] = append(l.chunks[c], h)
	l.n++
}

// truncate forgets all but the first n. Chunks stay until clear.
func (l *heldList) truncate(n int) {
	for c := len(l.chunks) - 1; c >= 0 && l.n > n; c-- {
		keep := max(0, n-c*heldChunk)
		if keep < len(l.chunks[c]) {
			clear(l.chunks[c][keep:])
			l.chunks[c] = l.chunks[c][:keep]
		}
	}
	l.n = min(l.n, n)
}

// clear forgets all and keeps the memory of the first chunk.
func (l *heldList) clear() {
	l.truncate(0)
	if len(l.chunks) > 1 {
		clear(l.chunks[1:])
		l.chunks = l.chunks[:1]
	}
}
