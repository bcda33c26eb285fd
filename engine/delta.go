package engine

import (
	"sync"

	"github.com/worktable-go/worktable/engine/cdc"
	"github.com/worktable-go/worktable/engine/heap"
	"github.com/worktable-go/worktable/engine/index"
	"github.com/worktable-go/worktable/engine/row"
	"github.com/worktable-go/worktable/engine/schema"
	"github.com/worktable-go/worktable/engine/value"
)

// opKind is what a transaction has done to a row, net.
type opKind uint8

const (
	opNone   opKind = iota // inserted and deleted again
	opInsert               // full is the row
	opUpdate               // full is the row as merged with the version base; mask are the columns that count
	opDelete
)

// state is one state of a delta. It is immutable once it is on the stack.
type state struct {
	prev *state
	step uint64
	kind opKind
	mask schema.ColSet
	full []byte
	base heap.CSN // of the version that full was merged with; 0 for an insert
}

// txRow is a transaction's delta of one row: a stack of states.
type txRow struct {
	tab *txTable
	id  heap.RowID
	top *state
	// Of the commit: the unpublished version and what it was built on.
	link  heap.Link
	built heap.CSN
	mask  uint64
}

// at returns the state that a cursor opened at step sees.
func (r *txRow) at(step uint64) *state {
	s := r.top
	for s != nil && s.step > step {
		s = s.prev
	}
	return s
}

// txTable is a transaction's deltas of one table, in the order of the first change of each row.
type txTable struct {
	t    *Table
	rows []*txRow
	byID map[heap.RowID]*txRow // once there are more than smallTable rows and one was searched
	most heap.RowID            // no row's id is above it: statements over whole tables write in ascending order
	auto bool                  // the autoincrement counter was moved
}

// smallTable is the number of rows up to which a linear search beats a map.
const smallTable = 8

func (tt *txTable) find(id heap.RowID) *txRow {
	if tt == nil || id > tt.most {
		return nil
	}
	if tt.byID == nil {
		if len(tt.rows) <= smallTable {
			for _, r := range tt.rows {
				if r.id == id {
					return r
				}
			}
			return nil
		}
		// Built by the first search, so that a bulk insert, which searches nothing, does without.
		tt.byID = make(map[heap.RowID]*txRow, 2*len(tt.rows))
		for _, r := range tt.rows {
			tt.byID[r.id] = r
		}
	}
	return tt.byID[id]
}

func (tt *txTable) add(r *txRow) {
	tt.rows = append(tt.rows, r)
	tt.most = max(tt.most, r.id)
	if tt.byID != nil {
		tt.byID[r.id] = r
	}
}

// What a pooled writeSet keeps of former transactions. Statements over whole tables come in rows; the garbage collector
// empties pools.
const (
	keepTables = 4
	keepRows   = 1 << 17
)

// recycle empties tt and reports whether it is worth keeping.
func (tt *txTable) recycle() bool {
	if cap(tt.rows) > keepRows {
		return false
	}
	clear(tt.rows)
	*tt = txTable{rows: tt.rows[:0]}
	return true
}

// removeLast takes back the latest row added.
func (tt *txTable) removeLast() {
	n := len(tt.rows) - 1
	if tt.byID != nil {
		delete(tt.byID, tt.rows[n].id)
	}
	tt.rows[n] = nil
	tt.rows = tt.rows[:n]
}

// slab hands out elements that live until reset.
type slab[T any] struct {
	chunks [][]T
	cur    int // the chunk in use
	used   int // of it
}

const (
	slabFirst = 16
	slabChunk = 1024
	slabKeep  = keepRows / slabChunk // chunks that survive a reset
)

func (s *slab[T]) next() *T {
	if len(s.chunks) == 0 {
		s.chunks = append(s.chunks, make([]T, slabFirst))
	}
	if s.used == len(s.chunks[s.cur]) {
		if s.cur++; s.cur == len(s.chunks) {
			s.chunks = append(s.chunks, make([]T, min(2*len(s.chunks[s.cur-1]), slabChunk)))
		}
		s.used = 0
	}
	s.used++
	return &s.chunks[s.cur][s.used-1]
}

func (s *slab[T]) reset() {
	if len(s.chunks) == 0 {
		return
	}
	for _, c := range s.chunks[:s.cur] {
		clear(c)
	}
	clear(s.chunks[s.cur][:s.used])
	if len(s.chunks) > slabKeep {
		clear(s.chunks[slabKeep:])
		s.chunks = s.chunks[:slabKeep]
	}
	s.cur, s.used = 0, 0
}

// arena holds payloads until reset.
type arena struct {
	cur  []byte
	size int64
}

const (
	arenaFirst = 4 << 10
	arenaChunk = 256 << 10
)

// copy returns a copy of b that lives until reset.
func (a *arena) copy(b []byte) []byte {
	if cap(a.cur)-len(a.cur) < len(b) {
		size := max(min(2*cap(a.cur), arenaChunk), arenaFirst, len(b))
		a.cur = make([]byte, 0, size)
	}
	n := len(a.cur)
	a.cur = append(a.cur, b...)
	a.size += int64(len(b))
	return a.cur[n:len(a.cur):len(a.cur)]
}

func (a *arena) reset() {
	if cap(a.cur) > arenaChunk {
		a.cur = nil
	}
	a.cur, a.size = a.cur[:0], 0
}

// writeSet is everything a writing transaction keeps. It is pooled.
type writeSet struct {
	tabs   []*txTable
	spare  []*txTable // of former transactions
	undo   []*txRow   // one entry per state pushed, in order
	rows   slab[txRow]
	states slab[state]
	bytes  arena

	// Scratch of single calls.
	key, key2, key3 []byte
	payload         []byte
	vals, vals2     []value.Value
	refs            []uint64 // overflow references to be released after Append
	ops             []cdc.Op
	opBytes         arena
	judge           judge
	judgeFn         func(uint64) index.Verdict
	removal         removal
	removalFn       func() bool
	base            row.Row
	full            row.Row
	stale           []*txRow
}

var writeSets = sync.Pool{New: func() any {
	ws := new(writeSet)
	ws.judgeFn = ws.judge.verdict
	ws.removalFn = ws.removal.allowed
	return ws
}}

// keepScratch bounds the scratch buffers that a pooled writeSet keeps.
const keepScratch = 64 << 10

// recycle empties the writeSet.
func (ws *writeSet) recycle() {
	for i, tt := range ws.tabs {
		if tt.recycle() && len(ws.spare) < keepTables {
			ws.spare = append(ws.spare, tt)
		}
		ws.tabs[i] = nil
	}
	ws.tabs = ws.tabs[:0]
	clear(ws.undo)
	if ws.undo = ws.undo[:0]; cap(ws.undo) > keepRows {
		ws.undo = nil
	}
	ws.rows.reset()
	ws.states.reset()
	ws.bytes.reset()
	ws.opBytes.reset()
	clear(ws.ops)
	ws.ops = ws.ops[:0]
	forget(&ws.vals)
	forget(&ws.vals2)
	clear(ws.stale)
	ws.stale = ws.stale[:0]
	ws.base, ws.full = row.Row{}, row.Row{}
	ws.judge, ws.removal = judge{}, removal{}
	for _, b := range []*[]byte{&ws.key, &ws.key2, &ws.key3, &ws.payload} {
		if cap(*b) > keepScratch {
			*b = nil
		}
	}
	if cap(ws.ops) > 1<<12 {
		ws.ops = nil
	}
}

// smallRows is how many rows of a former transaction leave a writeSet small.
const smallRows = 64

// small reports whether the emptied writeSet is worth little memory.
func (ws *writeSet) small() bool {
	for _, tt := range ws.spare {
		if cap(tt.rows) > smallRows {
			return false
		}
	}
	return cap(ws.undo) <= smallRows && len(ws.rows.chunks) <= 1 && len(ws.states.chunks) <= 1 && cap(ws.bytes.cur) <= arenaFirst && cap(ws.opBytes.cur) <= arenaFirst
}

// forget empties a scratch list of values so that it keeps no strings alive.
func forget(vals *[]value.Value) {
	if cap(*vals) > 256 {
		*vals = nil
		return
	}
	clear((*vals)[:cap(*vals)])
	*vals = (*vals)[:0]
}

// table returns the deltas of t, nil when there are none.
func (ws *writeSet) table(t *Table) *txTable {
	if ws == nil {
		return nil
	}
	for _, tt := range ws.tabs {
		if tt.t.store == t.store {
			return tt
		}
	}
	return nil
}

// open is table that makes it.
func (ws *writeSet) open(t *Table) *txTable {
	if tt := ws.table(t); tt != nil {
		return tt
	}
	var tt *txTable
	if n := len(ws.spare); n > 0 {
		tt = ws.spare[n-1]
		ws.spare = ws.spare[:n-1]
		tt.t = t
	} else {
		tt = &txTable{t: t}
	}
	ws.tabs = append(ws.tabs, tt)
	return tt
}

// push puts a new state on a row, which may be new.
func (tx *Tx) push(tt *txTable, r *txRow, id heap.RowID, s state) *txRow {
	ws := tx.ws
	if r == nil {
		r = ws.rows.next()
		r.tab, r.id = tt, id
		tt.add(r)
	}
	tx.step++
	st := ws.states.next()
	*st = s
	st.step, st.prev = tx.step, r.top
	r.top = st
	ws.undo = append(ws.undo, r)
	return r
}
