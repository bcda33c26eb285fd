package exec

import (
	"context"

	"github.com/worktable-go/worktable/engine"
	"github.com/worktable-go/worktable/engine/sqlerr"
	"github.com/worktable-go/worktable/engine/value"
	"github.com/worktable-go/worktable/sqlmap/expr"
)

// execution is the state of one execution of a statement. It belongs to one goroutine.
type execution struct {
	tx     *engine.Tx
	run    *expr.Run
	ctx    context.Context
	memory memory
	shared map[*sharedSpec]*sharedRows
	subs   map[*subquerySpec]*subqueryState
	own    runContext // what the Run carries
}

// runContext carries the execution to the expressions that need it, the subqueries: they know the expr.Run only.
type runContext struct {
	context.Context
	x *execution
}

func newExecution(rt *Runtime) *execution {
	x := &execution{}
	x.begin(rt)
	return x
}

// begin makes x a new execution.
func (x *execution) begin(rt *Runtime) {
	limit := rt.MemoryLimit
	if limit <= 0 {
		limit = DefaultMemoryLimit
	}
	base := rt.Run.Context()
	if rc, ok := base.(*runContext); ok {
		base = rc.Context
	}
	*x = execution{tx: rt.Tx, run: rt.Run, ctx: base, memory: memory{limit: limit}}
	x.own = runContext{Context: base, x: x}
	rt.Run.Ctx = &x.own
}

// executionOf returns the execution that env belongs to, or nil.
func executionOf(env *expr.Env) *execution {
	if rc, ok := env.Run.Ctx.(*runContext); ok {
		return rc.x
	}
	return nil
}

// env returns a new environment whose enclosing row is outer.
func (x *execution) env(outer *expr.Env) *expr.Env { return &expr.Env{Run: x.run, Outer: outer} }

// poll returns error 1317 when the context is over.
func (x *execution) poll() error {
	if x.ctx.Err() != nil {
		return sqlerr.Wrap(context.Cause(x.ctx), sqlerr.QueryInterrupted)
	}
	return nil
}

// memory counts the bytes that blocking operators hold.
type memory struct {
	used, limit int64
}

// take counts n more bytes for what the operator is called.
func (m *memory) take(n int64, what string) error {
	m.used += n
	if m.used > m.limit {
		return sqlerr.New(sqlerr.OutOfMemory, what, m.limit)
	}
	return nil
}

func (m *memory) give(n int64) { m.used -= n }

// valueBytes is the size of a value.Value.
const valueBytes = 32

// rowStore keeps tuples of one width with their strings, in chunks.
type rowStore struct {
	x      *execution
	what   string // for the error of running out of memory
	width  int
	chunks [][]value.Value
	rows   int
	per    int // rows per chunk
	arena  storeArena
	bytes  int64
}

func newRowStore(x *execution, width int, what string) *rowStore {
	return &rowStore{x: x, width: width, what: what, per: max(1, min(256, 8192/max(width, 1)))}
}

// add copies a tuple in and returns its number.
func (s *rowStore) add(row []value.Value) (int, error) {
	dst, err := s.place()
	if err != nil {
		return 0, err
	}
	for i := range dst {
		v, n := s.arena.detach(row[i])
		dst[i] = v
		s.bytes += n
		s.x.memory.used += n
	}
	return s.rows - 1, s.x.memory.take(0, s.what)
}

// place appends a tuple and returns it to be filled in.
func (s *rowStore) place() ([]value.Value, error) {
	i := s.rows % s.per
	if i == 0 {
		// The first chunk is small: most stores hold a few rows.
		n := s.per
		if s.rows == 0 {
			n = min(n, 16)
			s.per = n
		} else if s.rows == s.per && s.per == 16 && s.width > 0 {
			s.widen()
		}
		if s.rows%s.per == 0 {
			size := int64(s.per*s.width) * valueBytes
			if err := s.x.memory.take(size, s.what); err != nil {
				return nil, err
			}
			s.bytes += size
			s.chunks = append(s.chunks, make([]value.Value, s.per*s.width))
		}
	}
	s.rows++
	return s.row(s.rows - 1), nil
}

// widen replaces the small first chunk by one of full size.
func (s *rowStore) widen() {
	full := max(16, min(256, 8192/s.width))
	if full == 16 {
		return
	}
	chunk := make([]value.Value, full*s.width)
	copy(chunk, s.chunks[0])
	grown := int64((full-16)*s.width) * valueBytes
	s.bytes += grown
	s.x.memory.used += grown
	s.chunks[0], s.per = chunk, full
}

// row returns tuple i. It aliases the store.
func (s *rowStore) row(i int) []value.Value {
	at := i % s.per * s.width
	return s.chunks[i/s.per][at : at+s.width : at+s.width]
}

// free forgets everything.
func (s *rowStore) free() {
	s.x.memory.give(s.bytes)
	s.chunks, s.rows, s.bytes, s.arena = nil, 0, 0, storeArena{}
}

// storeArena keeps string bytes until the store is freed: chunks are never written again.
type storeArena struct {
	a arena
}

// detach returns v in the arena's memory and the bytes that took.
func (s *storeArena) detach(v value.Value) (value.Value, int64) {
	switch v.Kind() {
	case value.KindString, value.KindBytes, value.KindJSON:
		return s.a.detach(v), int64(len(v.Str()))
	case value.KindDecimal:
		return v.Clone(), 0
	}
	return v, 0
}
