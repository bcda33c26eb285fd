package history

import (
	"slices"
	"sync"
	"sync/atomic"
)

// Recorder collects a history of transactions. Its clock counts events: of two events of which one happened before the
// other, the first has the smaller number.
type Recorder struct {
	clock  atomic.Int64
	values atomic.Int64

	mu       sync.Mutex
	sessions []*Session
}

// NewRecorder returns an empty recorder.
func NewRecorder() *Recorder { return new(Recorder) }

// Now returns the next moment of the clock.
func (r *Recorder) Now() int64 { return r.clock.Add(1) }

// Value returns a value that has not been used before.
func (r *Recorder) Value() int64 { return r.values.Add(1) }

// Session starts the record of one client.
func (r *Recorder) Session() *Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := &Session{r: r, id: len(r.sessions)}
	r.sessions = append(r.sessions, s)
	return s
}

// History returns what was recorded, in the order of the starts. All sessions must be at rest.
func (r *Recorder) History() *History {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := new(History)
	for _, s := range r.sessions {
		h.Txns = append(h.Txns, s.txns...)
	}
	slices.SortFunc(h.Txns, func(a, b *Txn) int { return int(a.Start - b.Start) })
	for i, t := range h.Txns {
		t.ID = i
	}
	return h
}

// Session is the record of one client.
type Session struct {
	r    *Recorder
	id   int
	txns []*Txn
}

// Begin records the start of a transaction; call it before the store's begin. The outcome is unknown until End.
func (s *Session) Begin(l Level) *Tx {
	t := &Txn{Session: s.id, Level: l, Start: s.r.Now()}
	s.txns = append(s.txns, t)
	return &Tx{r: s.r, t: t}
}

// Tx is the record of a running transaction.
type Tx struct {
	r     *Recorder
	t     *Txn
	stmts int
}

// Statement records the start of a statement; call it before the statement is sent.
func (x *Tx) Statement() *Stmt {
	s := &Stmt{x: x, n: x.stmts, start: x.r.Now(), first: len(x.t.Ops)}
	x.stmts++
	return s
}

// Mark is a place to UndoTo: a savepoint.
func (x *Tx) Mark() int { return len(x.t.Ops) }

// UndoTo records that the appends since mark were taken back and the locks released.
func (x *Tx) UndoTo(mark int) {
	x.t.Ops = append(x.t.Ops, Op{Kind: Undo, To: mark, Stmt: x.stmts, Start: x.r.Now()})
}

// End records how the transaction ended; call it after the store's commit or rollback has returned.
func (x *Tx) End(o Outcome) {
	x.t.Outcome, x.t.End = o, x.r.Now()
}

// Stmt is the record of a running statement.
type Stmt struct {
	x     *Tx
	n     int
	start int64
	first int
}

// Append records an append. It may be called before the statement runs, followed by Failed when it fails.
func (s *Stmt) Append(key int, v int64, a Access) {
	s.x.t.Ops = append(s.x.t.Ops, Op{Kind: Append, Access: a, Key: key, Value: v, Stmt: s.n, Start: s.start})
}

// Read records what was read. The list is kept.
func (s *Stmt) Read(key int, list []int64, a Access) {
	s.x.t.Ops = append(s.x.t.Ops, Op{Kind: Read, Access: a, Key: key, List: list, Stmt: s.n, Start: s.start})
}

// Touch records that the statement did something else.
func (s *Stmt) Touch() {
	s.x.t.Ops = append(s.x.t.Ops, Op{Kind: Touch, Stmt: s.n, Start: s.start})
}

// Failed records that the statement failed and left nothing behind.
func (s *Stmt) Failed() {
	if s.first == len(s.x.t.Ops) {
		s.Touch()
	}
	ops := s.x.t.Ops
	for i := s.first; i < len(ops); i++ {
		ops[i].Failed = true
	}
	s.x.UndoTo(s.first)
}
